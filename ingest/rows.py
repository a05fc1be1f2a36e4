"""Finds an article's parts in a JSON object, under the names that archives and feeds use."""

import html
import re
from collections.abc import Mapping

from ingest.decode import part_words
from ingest.page import Page, PageReader
from rag.errors import InputRefused

_TEXT = ("text", "body", "articlebody", "content", "fulltext", "maintext", "articletext",
         "bodytext", "contenttext", "contenthtml", "contents", "story")  # fmt: skip
_TITLE = ("title", "headline", "head", "heading", "titel", "titre", "titulo", "titolo")
_OUTLET = (
    "outlet",
    "source",
    "publisher",
    "site",
    "sitename",
    "publication",
    "newspaper",
    "paper",
    "medium",
    "quelle",
)
_AUTHORS = ("authors", "author", "byline", "by", "creator")
_URL = ("url", "link", "canonicalurl", "weburl", "sourceurl", "articleurl", "href", "permalink")
_PUBLISHED = ("publishedat", "published", "date", "pubdate", "datepublished", "publishdate",
              "publicationdate", "publisheddate", "publishedtime", "publishedon", "createdat",
              "datetime", "firstpublished", "issued", "time", "timestamp",
              "datum", "fecha")  # fmt: skip
_UPDATED = ("updatedat", "updated", "modified", "modifiedat", "datemodified", "lastmodified",
            "lastupdated", "updateddate", "modifieddate")  # fmt: skip
_KEY = ("docid", "id", "articleid", "guid", "uuid", "uid")
_LANGUAGE = ("language", "lang", "locale")
_SECTION = ("section", "category", "articlesection", "rubric", "ressort")
ROLES = {  # of a table's columns, the more telling first
    "text": _TEXT, "title": _TITLE, "outlet": _OUTLET, "authors": _AUTHORS, "url": _URL,
    "published": _PUBLISHED, "updated": _UPDATED, "id": _KEY, "language": _LANGUAGE,
    "section": _SECTION,
}  # fmt: skip
_MARKUP = re.compile(r"</(?:p|div|span|a|b|i|em|strong|h[1-6]|li|ul|article)>|<br\s*/?>", re.I)
_ENTITY = re.compile(
    r"&(?:amp|quot|apos|nbsp|lt|gt|[lr][sd]quo|[mn]dash|hellip|#x?[0-9a-f]+);", re.I
)
_HEADER = re.compile(
    r"(?:title|headline|outlet|source|publisher|publication|site|authors?|by|byline|date"
    r"|published(?: at| on)?|publication date|(?:last )?updated(?: at)?|modified|url|link"
    r"|language)[ \t]*:[ \t]*\S",
    re.IGNORECASE,
)
_MAX_HEADER = 40  # lines
_MAX_ID = 500


def read_row(row: object, reader: PageReader) -> tuple[Page, str | None]:
    """The article in a JSON value, and the id that it goes by there.

    Raises:
        InputRefused: it is not an object, or holds no text.
    """
    if not isinstance(row, dict):
        raise InputRefused(f"it is not a JSON object but {_kind(row)}")
    fields = _fields(row)
    text = _text(fields)
    if text is None:
        raise InputRefused("it has no text (looked for text, body, content, articleBody)")
    if _MARKUP.search(text):
        text = reader.read(f"<html><body><article>{text}</article></body></html>").text
    key = _string(fields, _KEY)
    return _page(fields, _plain(text)), key[:_MAX_ID] if key else None


def take_header(text: str) -> Page:
    """The article in a text file, with the "Title: ..." lines or front matter at its head read.

    Such lines count as a header when they come first, or right after a title, and there are at
    least two of them; front matter stands between lines of three dashes.
    """
    lines = text.split("\n", _MAX_HEADER)
    rest = lines[_MAX_HEADER:]
    lines = [line.strip("\r \ufeff") for line in lines[:_MAX_HEADER]]
    start = next((i for i, line in enumerate(lines) if line), len(lines))
    if lines[start : start + 1] == ["---"]:
        end = next((i for i in range(start + 1, len(lines)) if lines[i] in ("---", "...")), None)
        if end is not None:
            return _page(_pairs(lines[start + 1 : end]), "\n".join(lines[end + 1 :] + rest))
    for first in (start, start + 1):
        end = first
        while end < len(lines) and (not lines[end] or _HEADER.match(lines[end])):
            end += 1
        pairs = _pairs(lines[first:end])
        if len(pairs) >= 2:
            return _page(pairs, "\n".join(lines[:first] + lines[end:] + rest))
    return Page(text=text)


def _pairs(lines: list[str]) -> dict[str, object]:
    found = (line.partition(":") for line in lines if ":" in line)
    pairs = {name: value.strip().strip("\"'[]").strip() for name, _, value in found}
    return _fields({name: value for name, value in pairs.items() if value})


def _fields(row: Mapping[str, object]) -> dict[str, object]:
    return {reduced(key): value for key, value in row.items()}


def reduced(name: object) -> str:
    """A field's name in small letters and digits only: "publishedat" for "Published_At"."""
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def _page(fields: Mapping[str, object], text: str) -> Page:
    return Page(
        text=text,
        title=_plain(_string(fields, _TITLE) or "") or None,
        outlet=_string(fields, _OUTLET),
        authors=_names(fields),
        url=_string(fields, _URL),
        published=_string(fields, _PUBLISHED),
        updated=_string(fields, _UPDATED),
        section=_string(fields, _SECTION),
        language=_string(fields, _LANGUAGE),
    )


def _kind(value: object) -> str:
    names = {list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def _text(fields: Mapping[str, object]) -> str | None:
    for name in _TEXT:
        value = fields.get(name)
        if isinstance(value, list):
            parts = [part for part in map(_single, value) if part]
            value = "\n".join(parts)
        found = _single(value)
        if found:
            return found
    return None


def _single(value: object) -> str | None:
    """A field's text: itself, or what stands under the name that nests it."""
    if isinstance(value, dict):
        nested = (value.get(k) for k in ("name", "rendered", "title", "text", "value", "@value"))
        value = next((v for v in nested if isinstance(v, str) and v.strip()), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return part_words(str(value)).strip() or None


def _string(fields: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        found = _single(value)
        if found:
            return found
    return None


def _names(fields: Mapping[str, object]) -> tuple[str, ...]:
    for name in _AUTHORS:
        value = fields.get(name)
        values = value if isinstance(value, list) else [value]
        found = tuple(v for v in map(_single, values) if v)
        if found:
            return found
    return ()


def _plain(text: str) -> str:
    return html.unescape(text) if _ENTITY.search(text) else text
