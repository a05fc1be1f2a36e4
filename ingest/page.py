"""Reads an HTML page: the article's text and what the page says about itself."""

import base64
from dataclasses import dataclass
from typing import Any

from ingest.sandbox import MAX_SECONDS, Sandbox
from rag.errors import InputRefused


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
    dated_by: str | None = None  # what gives the dates: "json-ld", "meta"; None: its fields
    head: str = ""  # lines around the headline that are not in the text: byline, date


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
    from ingest.markup import about_of, head_of, standfirst_of
    from ingest.prune import drop_clutter, drop_hidden, mark_article, mended

    about = about_of(tree)
    drop_hidden(tree)
    about["head"], standfirst = head_of(tree), standfirst_of(tree)
    drop_clutter(tree)
    mark_article(tree)
    settings = use_config()
    # Below 250 characters trafilatura falls back to a reading that breaks lines at <b>.
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", "50")
    settings.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    text = trafilatura.extract(tree, include_comments=False, include_tables=True, config=settings)
    if not text or not text.strip():
        raise InputRefused("the page holds no article text")
    return Page(text=mended(text, about["title"] or "", standfirst), **about)
