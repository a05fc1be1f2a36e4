"""Reads EPUB books and e-paper editions, each chapter as an article of its own.

What newsrooms have as EPUB are editions of papers and magazines, where a chapter is an article,
and long reports, where a citation of "chapter 4" is worth more than one of "the book".
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest.decode import decode, said_charset
from ingest.page import Page, Part
from ingest.prose import prose, tree_of, xml_tree
from rag.errors import InputRefused

_CONTAINER = "META-INF/container.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_CONVERTER = "calibre"  # puts in its own name where it knows none
_MIN_WORDS = 30  # covers, half-titles and pages with a dedication have fewer
_MAX_CHAPTERS = 2_000


def read_epub(data: bytes) -> Iterator[Part]:
    """The chapters of a book in reading order."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        if "META-INF/rights.xml" in book.namelist():
            raise InputRefused("the book is locked by its seller (DRM)")
        place, package = _package(book)
        about = _about(package)
        n_short = n_read = 0
        for path in _spine(package, place)[:_MAX_CHAPTERS]:
            page = _chapter(book, path, about)
            if page is None:
                n_short += 1
                continue
            n_read += 1
            yield Part(page=page, key=path)
    if not n_read:
        raise InputRefused("the book holds no chapter with text")


def _xml(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    tree = etree.fromstring(data, parser=parser)
    if tree is None:
        raise InputRefused("the book is damaged: its table of contents cannot be read")
    return tree


def _package(book: zipfile.ZipFile) -> tuple[str, Any]:
    """The folder that addresses in the book start from, and its table of parts."""
    try:
        paths = _xml(book.read(_CONTAINER)).xpath("//*[local-name()='rootfile']/@full-path")
        return posixpath.dirname(paths[0]), _xml(book.read(paths[0]))
    except (KeyError, IndexError):
        raise InputRefused("the book is damaged: it does not say what it holds") from None


def _about(package: Any) -> dict[str, Any]:
    def told(name: str) -> list[str]:
        found = (" ".join((e.text or "").split()) for e in package.iter(_DC + name))
        return [text for text in found if text]

    return {
        "outlet": next((name for name in told("publisher") if name != _CONVERTER), None),
        "authors": tuple(name for name in told("creator")[:5] if name != _CONVERTER),
        "language": next(iter(told("language")), None),
        "published": _published(package),
        "section": next(iter(told("title")), None),  # of the book or edition
    }


def _published(package: Any) -> str | None:
    """The date of the edition; EPUB 2 also has dates of conversions, marked as such."""
    dates = [(e.get(_OPF + "event"), (e.text or "").strip()) for e in package.iter(_DC + "date")]
    modern = str(package.get("version", "")).startswith("3")
    fits = [date for event, date in dates if event == "publication" or (modern and event is None)]
    return next((date for date in fits if date and not date.startswith("01")), None)


def _spine(package: Any, place: str) -> list[str]:
    items = {
        item.get("id"): posixpath.normpath(
            posixpath.join(place, unquote(urlsplit(item.get("href", "")).path))
        )
        for item in package.iter("{*}item")
        if "nav" not in item.get("properties", "").split()
        and item.get("media-type") in ("application/xhtml+xml", "text/html", None)
    }
    order = (ref.get("idref") for ref in package.iter("{*}itemref") if ref.get("linear") != "no")
    return list(dict.fromkeys(items[idref] for idref in order if idref in items))


def _chapter_tree(data: bytes) -> Any:
    try:
        return xml_tree(data)  # for HTML an empty <title/> would swallow the chapter
    except InputRefused:
        return tree_of(decode(data, said_charset(data)))


def _chapter(book: zipfile.ZipFile, path: str, about: dict[str, Any]) -> Page | None:
    try:
        tree = _chapter_tree(book.read(path))
    except (KeyError, InputRefused, RuntimeError):
        return None
    text = prose(tree)
    if len(text.split()) < _MIN_WORDS:
        return None
    headings = tree.xpath("(//h1 | //h2 | //h3)[1]")
    title = " ".join("".join(headings[0].itertext()).split()) if headings else ""
    title = title or " ".join(tree.xpath("string(//head/title)").split())
    return Page(text=text, title=title or None, **about)
