"""Reads an HTML page: the article's text and what the page says about itself."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.sandbox import MAX_SECONDS, Sandbox
from rag.errors import InputRefused

_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?![.\d]*[1-9])"
    r"|text-indent\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_NEVER_HIDDEN = ("html", "body", "main", "article")  # shown by a script that has loaded
_DROPPED = ("script", "style", "template", "noscript", "iframe", "object", "svg", "form")
_ARTICLE_TYPES = (
    "Article",
    "NewsArticle",
    "ReportageNewsArticle",
    "BlogPosting",
    "LiveBlogPosting",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page holds; dates are as written there."""

    text: str
    title: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None
    published: str | None = None
    updated: str | None = None
    section: str | None = None
    language: str | None = None


class PageReader:
    """Reads pages and documents in a process of its own, within 30 s and 1.3 GB each.

    Close it when done.
    """

    def __init__(self, max_seconds: float = MAX_SECONDS) -> None:
        self._sandbox = Sandbox(max_seconds)

    def read(self, html: str) -> Page:
        """The page written in ``html``.

        Raises:
            InputRefused: it holds no article text, or takes too much time or memory.
        """
        (part,) = self.read_parts(".html", html.encode("utf-8", "replace"))
        if part.page is None:
            raise InputRefused(part.reason or "the page holds no article text")
        return part.page

    def read_parts(self, kind: str, data: bytes) -> tuple["Part", ...]:
        """The articles and files in a document of a kind that ``ingest.readers`` knows.

        Raises:
            InputRefused: it cannot be read, or takes too much time or memory.
        """
        return tuple(map(_part, self._sandbox.ask(kind, data)))

    def close(self) -> None:
        """Stop the process, if there is one."""
        self._sandbox.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing in a document: an article, a file, or the reason why it could not be read."""

    page: Page | None = None
    key: str | None = None  # tells it from the others in the document
    note: str | None = None  # something to tell people though it was read
    reason: str | None = None
    name: str | None = None  # of a file in it
    data: bytes = b""  # of that file


def _part(sent: dict[str, Any]) -> Part:
    page: dict[str, Any] | None = sent["page"]
    data = base64.b64decode(sent["data"])
    if page is None:
        return Part(**{**sent, "data": data})
    authors = tuple(page["authors"])
    return Part(**{**sent, "page": Page(**{**page, "authors": authors}), "data": data})


def parse(html: str) -> Page:
    """The page written in ``html``, read in this process; hidden text is left out.

    Raises:
        InputRefused: it holds no article text.
    """
    import lxml.html
    import trafilatura
    from lxml import etree
    from trafilatura.settings import use_config

    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        raise InputRefused("the page holds no text") from None
    about = _about(tree)
    _drop_hidden(tree)
    settings = use_config()
    # Below 250 characters trafilatura falls back to a reading that breaks lines at <b>.
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", "50")
    settings.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    text = trafilatura.extract(tree, include_comments=False, include_tables=True, config=settings)
    if not text or not text.strip():
        raise InputRefused("the page holds no article text")
    return Page(text=text, **about)


def _drop_hidden(tree: Any) -> None:
    """Take out what a reader of the page would not see."""
    hidden = {name for style in tree.iter("style") for name in _hidden_names(style.text or "")}
    doomed = [
        element
        for element in tree.iter("*")
        if element.tag in _DROPPED
        or "hidden" in element.attrib
        or _HIDDEN_STYLE.search(element.get("style", ""))
        or (element.tag not in _NEVER_HIDDEN and not hidden.isdisjoint(_names(element)))
    ]
    for element in doomed:
        if element.getparent() is not None:
            element.drop_tree()


def _hidden_names(css: str) -> Iterator[str]:
    """The ".class" and "#id" that a style sheet hides outright, not only on some screens."""
    depth, selector = 0, ""
    for text, brace in re.findall(r"([^{}]*)([{}])", css):
        if brace == "{":
            depth, selector = depth + 1, text if depth == 0 else selector
            continue
        if depth == 1 and _HIDDEN_STYLE.search(text):
            yield from re.findall(r"(?:^|,)\s*\w{0,20}([.#][\w-]+)\s*(?=,|$)", selector)
        depth = max(depth - 1, 0)


def _names(element: Any) -> list[str]:
    ids = [f"#{element.get('id')}"] if element.get("id") else []
    return ids + [f".{name}" for name in element.get("class", "").split()]


def _about(tree: Any) -> dict[str, Any]:
    """Title, outlet, authors, address and dates, from JSON-LD first, then meta tags."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        if name and meta.get("content", "").strip():
            metas.setdefault(name.lower(), meta.get("content").strip())
    linked = _linked_data(tree)
    canonical = tree.xpath("string(//link[@rel='canonical']/@href)").strip()
    heading = tree.xpath("string((//article//h1 | //main//h1 | //h1)[1])").strip()
    times = tree.xpath("//time[@itemprop='datePublished' or @pubdate]/@datetime")
    times = times or tree.xpath("//article//time[1]/@datetime")
    return {
        "title": _first(linked.get("headline"), metas, "og:title", "twitter:title")
        or heading
        or tree.xpath("string(//title)").strip()
        or None,
        "outlet": _first(_named(linked.get("publisher")), metas, "og:site_name"),
        "authors": _authors(linked.get("author"), metas) or _byline(tree),
        "url": canonical or metas.get("og:url"),
        "published": _first(
            linked.get("datePublished"), metas, "article:published_time", "datepublished",
            "og:published_time", "parsely-pub-date", "sailthru.date", "dc.date.issued",
            "dcterms.created", "pubdate", "publishdate", "publish-date", "date", "dc.date",
        ) or (times[0] if times else None),
        "updated": _first(
            linked.get("dateModified"), metas, "article:modified_time", "datemodified",
            "og:updated_time", "dcterms.modified", "last-modified",
        ),
        "language": tree.get("lang") or metas.get("og:locale"),
    }  # fmt: skip


def _first(linked: object, metas: dict[str, str], *names: str) -> str | None:
    if isinstance(linked, str) and linked.strip():
        return linked.strip()
    return next((metas[name] for name in names if name in metas), None)


def _linked_data(tree: Any) -> dict[str, Any]:
    """The page's own schema.org article, or nothing."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            found = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for item in _graph(found):
            kinds = item.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(kind in _ARTICLE_TYPES for kind in kinds):
                return item
    return {}


def _graph(found: object) -> list[dict[str, Any]]:
    items: list[Any] = found if isinstance(found, list) else [found]
    graphs = [item.get("@graph") for item in items if isinstance(item, dict)]
    items = items + [node for graph in graphs if isinstance(graph, list) for node in graph]
    return [item for item in items if isinstance(item, dict)]


def _named(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("name")
    return value.strip() if isinstance(value, str) and value.strip() else None


def _authors(linked: object, metas: dict[str, str]) -> tuple[str, ...]:
    people = linked if isinstance(linked, list) else [linked]
    named = tuple(name for name in map(_named, people) if name)
    if named:
        return named
    meta = metas.get("author") or metas.get("article:author") or metas.get("parsely-author")
    return () if not meta or meta.startswith(("http://", "https://")) else (meta,)


def _byline(tree: Any) -> tuple[str, ...]:
    lines = tree.xpath(
        "//*[@rel='author' or @itemprop='author' or contains(@class, 'byline')"
        " or contains(@class, 'author')]"
    )
    texts = (" ".join(line.text_content().split()) for line in lines[:5])
    return next(((text,) for text in texts if 3 < len(text) <= 100), ())
