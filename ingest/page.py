"""Reads an HTML page: the article's text and what the page says about itself.

The reading runs in a process of its own, since a page can be made so that a parser takes minutes
or gigabytes over it: 50,000 attributes on one tag cost trafilatura 14 seconds. The process is
started at the first page, stopped when one takes too long, and started again for the next.
"""

import contextlib
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from rag.errors import InputRefused

_MAX_SECONDS = 30.0  # a page of 1 MB takes 2 s
_MAX_MEMORY = 1_300_000_000  # bytes of address space; a page of 5 MB takes 600 MB
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
    """Reads pages in a process of its own, within 30 s and 1.3 GB each; close it when done."""

    def __init__(self, max_seconds: float = _MAX_SECONDS) -> None:
        self._max_seconds = max_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, html: str) -> Page:
        """The page written in ``html``.

        Raises:
            InputRefused: it holds no article text, or takes too much time or memory.
        """
        try:
            process = self._running()
            _send(process, {"html": html})
            reply = _receive(process, time.monotonic() + self._max_seconds)
        except (OSError, EOFError):
            self.close()
            raise InputRefused("the page could not be read within its limits") from None
        except TimeoutError:
            self.close()
            raise InputRefused(
                f"the page took more than {self._max_seconds:.0f} seconds to read"
            ) from None
        if "refused" in reply:
            raise InputRefused(reply["refused"])
        return Page(**{**reply, "authors": tuple(reply["authors"])})

    def close(self) -> None:
        """Stop the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            root = str(Path(__file__).resolve().parents[1])
            paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ingest.page"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                start_new_session=True,  # Ctrl-C is for the one who asked
            )
        return self._process


def _send(process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    assert process.stdin
    _write(process.stdin, message)


def _receive(process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
    assert process.stdout
    size = int.from_bytes(_take(process.stdout, 8, deadline), "big")
    reply: dict[str, Any] = json.loads(_take(process.stdout, size, deadline))
    return reply


def _take(pipe: IO[bytes], size: int, deadline: float) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise TimeoutError
        part = os.read(pipe.fileno(), size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _write(pipe: IO[bytes], message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


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


def _serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer requests until the asker hangs up."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    while size := int.from_bytes(source.read(8), "big"):
        html = json.loads(source.read(size))["html"]
        try:
            reply = asdict(parse(html))
        except InputRefused as error:
            reply = {"refused": error.message}
        except (MemoryError, RecursionError):
            reply = {"refused": "the page is built too deep or too large to read"}
        _write(sink, reply)


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
