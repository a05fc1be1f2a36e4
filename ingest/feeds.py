"""Reads feeds: RSS, Atom and JSON Feed, as lists of entries, newest first."""

import html
import io
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from ingest.charset import read_text
from ingest.date import parse_date
from ingest.decode import tidy
from ingest.listing import root_name, xml_root
from rag.errors import InputRefused

_EVER = datetime.min.replace(tzinfo=UTC)
_FEED_ROOTS = ("rss", "feed", "rdf")
_SITEMAP_ROOTS = ("urlset", "sitemapindex")
_JSON_FEED = re.compile(
    r'\{[^{}\[\]]{0,2000}"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org'
)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,400}>")
_LINK = re.compile(r"<link\b([^>]{1,1000})>", re.IGNORECASE)
_FIELD = re.compile(r"""([\w-]{1,20})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_CUT = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|(?:read|continue reading|keep reading|see) (?:more|on|the full"
    r" (?:story|article)))\W{0,20}$",
    re.IGNORECASE,
)
_MAX_TEXT = 300  # characters of a title or a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a feed or a site map says of one article; dates are as written there."""

    url: str | None = None
    key: str | None = None  # by which the feed knows it
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    updated: str | None = None
    section: str | None = None
    language: str | None = None
    outlet: str | None = None
    content: str | None = None  # the whole article as HTML, if the feed carries it
    moment: datetime | None = None  # to sort by


def kind_of_list(data: bytes, charset: str | None) -> str | None:
    """Whether something is a "feed" or a "sitemap" rather than a page; None if neither."""
    head = data[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return "feed" if _JSON_FEED.match(head.decode("utf-8", "replace")) else None
    try:
        text = read_text(data[:65_536], charset)
    except InputRefused:
        return None
    root = root_name(text)
    if root in _FEED_ROOTS:
        return "feed"
    return "sitemap" if root in _SITEMAP_ROOTS else None


def newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries by date, those without one last and in their order."""
    return tuple(sorted(entries, key=lambda entry: entry.moment or _EVER, reverse=True))


def read_feed(data: bytes, charset: str | None, url: str) -> tuple[Entry, ...]:
    """The entries of the feed that stands at ``url``, newest first.

    Raises:
        InputRefused: it is not a feed, holds no entries, or has a document type.
    """
    text = read_text(data, charset)
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        entries = _json_entries(text, url)
    else:
        entries = _xml_entries(xml_root(text), url)
    if not entries:
        raise InputRefused("the feed holds no entries")
    return newest_first(entries)


def feed_link(page: str, url: str) -> str | None:
    """The feed that a web page names as its own."""
    for link in _LINK.findall(page[:500_000]):
        fields = {name.lower(): a or b or c for name, a, b, c in _FIELD.findall(link)}
        is_feed = fields.get("type", "").lower() in _FEED_TYPES and fields.get("href")
        if is_feed and "alternate" in fields.get("rel", "").lower():
            try:
                return urljoin(url, html.unescape(fields["href"]).strip())
            except ValueError:
                continue
    return None


def is_whole(content: str | None) -> bool:
    """True if an entry carries its article, and not only how it begins."""
    text = html.unescape(_TAG.sub(" ", content or "")).strip()
    return bool(text) and not _CUT.search(text[-80:])


def _xml_entries(root: Any, url: str) -> list[Entry]:
    import feedparser
    from lxml import etree

    try:
        parsed = feedparser.parse(
            io.BytesIO(etree.tostring(root, encoding="utf-8")),
            response_headers={
                "content-type": "application/xml; charset=utf-8",
                "content-location": url,
            },
            sanitize_html=False,  # it is read as text, in a process of its own
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser trips over odd feeds in many ways
        raise InputRefused(f"the feed cannot be read: {error}") from error
    if not parsed.get("version") and not parsed.entries:
        raise InputRefused("it is not a feed")
    language = _line(parsed.feed.get("language"))
    return [replace(_xml_entry(entry, url), language=language) for entry in parsed.entries]


def _xml_entry(entry: Any, url: str) -> Entry:
    # Not ``get``: feedparser answers "published" for "updated" where that is missing.
    published, updated = (dict.get(entry, name) for name in ("published", "updated"))
    stamps = tuple(dict.get(entry, f"{name}_parsed") for name in ("published", "updated"))
    people = (author.get("name") for author in entry.get("authors", ()))
    tags = (tag.get("term") or tag.get("label") for tag in entry.get("tags", ()))
    bodies = (body.get("value") for body in entry.get("content", ()))
    return Entry(
        url=_joined(url, entry.get("feedburner_origlink") or entry.get("link")),
        key=_line(entry.get("id")),
        title=_line(entry.get("title")),
        authors=tuple(filter(None, map(_line, people))),
        published=_date(published, stamps[0]),
        updated=_date(updated, stamps[1]),
        section=next(filter(None, map(_line, tags)), None),
        content=next(filter(None, bodies), None),
        moment=_moment(stamps[0]) or _moment(stamps[1]),
    )


def _json_entries(text: str, url: str) -> list[Entry]:
    try:
        feed = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise InputRefused("it is not a feed, nor valid JSON") from None
    version = str(feed.get("version")) if isinstance(feed, dict) else ""
    if "jsonfeed.org" not in version or not isinstance(feed.get("items"), list):
        raise InputRefused("it is JSON, but not a JSON Feed")
    rows = [row for row in feed["items"] if isinstance(row, dict)]
    return [_json_entry(row, feed, url) for row in rows]


def _json_entry(row: Mapping[str, Any], feed: Mapping[str, Any], url: str) -> Entry:
    people = row.get("authors") or [row.get("author")]
    people = people if isinstance(people, list) else []
    tags = row.get("tags")
    published, updated = _line(row.get("date_published")), _line(row.get("date_modified"))
    plain = row.get("content_text")
    content = row.get("content_html") or (_paragraphs(plain) if isinstance(plain, str) else None)
    key = row.get("id")
    return Entry(
        url=_joined(url, row.get("url") or row.get("external_url")),
        key=_line(str(key)) if isinstance(key, str | int) else None,
        title=_line(row.get("title")),
        authors=tuple(_line(p["name"]) or "" for p in people if _named(p)),
        published=published,
        updated=updated,
        section=_line(tags[0]) if isinstance(tags, list) and tags else None,
        language=_line(row.get("language")) or _line(feed.get("language")),
        content=content if isinstance(content, str) else None,
        moment=parse_date(published or updated or ""),
    )


def _named(person: object) -> bool:
    return isinstance(person, dict) and _line(person.get("name")) is not None


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part)}</p>" for part in re.split(r"\n\s*\n", text))


def _joined(base: str, link: object) -> str | None:
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link.strip()


def _line(value: object) -> str | None:
    """A name or title on one line, without markup."""
    if not isinstance(value, str):
        return None
    text = value[: 20 * _MAX_TEXT]
    text = html.unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text
    return tidy(text)[:_MAX_TEXT] or None


def _date(written: object, stamp: time.struct_time | None) -> str | None:
    """The date as written, or as feedparser read it where only feeds write it so."""
    text = _line(written)
    if text is None or parse_date(text) is not None:
        return text
    moment = _moment(stamp)
    return moment.isoformat() if moment else text


def _moment(stamp: time.struct_time | None) -> datetime | None:
    try:
        return datetime(*stamp[:6], tzinfo=UTC) if stamp else None
    except ValueError:
        return None
