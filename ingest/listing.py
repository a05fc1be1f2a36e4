"""Reads the XML of feeds and site maps, broken as it often is, without what XML can be abused for.

A document type is refused: in a list it is of no use but to define entities that grow (billion
laughs) or that read files (XXE). What is left is mended before anything else reads it, because
the reading that feedparser keeps for broken feeds takes time squared.
"""

import html.entities
import re
import sys
from typing import Any

from rag.errors import InputRefused

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in any XML
_ROOT = re.compile(r"<(?:[\w-]{1,40}:)?([A-Za-z][\w-]{0,40})")
_ENTITY = re.compile(
    r"&(?:#(?:[xX]([0-9A-Fa-f]{1,30})|([0-9]{1,30}));?|([A-Za-z][A-Za-z0-9]{1,30});)"
)
_OWN = ("amp", "lt", "gt", "quot", "apos")  # known to XML itself
_CLOSINGS = {"<?": "?>", "<!--": "-->"}


def root_name(text: str) -> str:
    """The name of the first element, in small letters and without its prefix; "" for none."""
    found = _ROOT.match(text, _prolog(text)[0])
    return found[1].lower() if found else ""


def xml_root(text: str) -> Any:
    """The root of a list's XML as an lxml element, mended where it is broken.

    Raises:
        InputRefused: it has a document type, as web pages have and as attacks need, or is no XML.
    """
    from lxml import etree

    start, has_type = _prolog(text)
    if has_type:
        page = re.match(r"<!doctype\s+html", text[start : start + 40], re.IGNORECASE)
        what = "is a web page" if page else "defines a document type: that is refused"
        raise InputRefused(f"it {what}")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    plain = _ENTITY.sub(_character, _ILLEGAL.sub("", text[start:]))
    try:
        root = etree.fromstring(plain.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        root = None
    if root is None:
        raise InputRefused("it holds no XML that can be read")
    return root


def _character(entity: re.Match[str]) -> str:
    """A character for an entity of HTML, which feeds use as if XML knew it.

    Nothing for a number that stands for no character: libxml2 hands out halves of pairs.
    """
    sixteen, ten, name = entity.groups()
    if name is None:
        code = int(sixteen, 16) if sixteen else int(ten)
        legal = code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF
        return entity[0] if legal and not _ILLEGAL.match(chr(code)) else ""
    found = "" if name in _OWN else html.entities.html5.get(f"{name};", "")
    return found if found and not set(found) & set("<>&\"'") else entity[0]


def _prolog(text: str) -> tuple[int, bool]:
    """Where the first element or document type begins, and whether it is a document type."""
    at = 0
    while (at := text.find("<", at)) >= 0:
        closing = next((c for start, c in _CLOSINGS.items() if text.startswith(start, at)), None)
        if closing is None:
            return at, text.startswith("<!", at)
        at = text.find(closing, at + 2)
        if at < 0:
            break
    return len(text), False
