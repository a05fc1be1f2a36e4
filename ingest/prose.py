"""Reads text that is marked up like a web page but is none: mails, chapters of books.

There the whole text counts, while ``ingest.page`` looks for the article among the rest of a site.
"""

import html.entities
import re
from collections.abc import Iterator
from typing import Any

from ingest.decode import decode
from ingest.page import Page, Part, parse
from rag.errors import InputRefused

_BLOCKS = frozenset(
    "p div li h1 h2 h3 h4 h5 h6 blockquote pre tr table ul ol section article header footer main"
    " figure figcaption dl dt dd hr center address aside nav body br block hl1 hl2".split()
)
_UNSEEN = frozenset("script style template noscript head iframe object svg form title".split())
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity|max-height)\s*:\s*0(?![.\d]*[1-9])"
    r"|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_OWN = (b"amp", b"lt", b"gt", b"quot", b"apos")  # known to XML itself
_WORTH = 0.5  # of a mail's text; less than this and the article finder took a part for the whole


def read_html(data: bytes) -> Iterator[Part]:
    """The article of a web page."""
    yield Part(page=parse(data.decode("utf-8", "replace")))


def tree_of(page: str) -> Any:
    """A page's text as a tree.

    Raises:
        InputRefused: it holds nothing.
    """
    import lxml.html
    from lxml import etree

    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return lxml.html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        raise InputRefused("it holds no text") from None


def xml_tree(data: bytes) -> Any:
    """An XML text as a tree, names without their namespaces.

    Raises:
        InputRefused: it is no XML, or declares entities of its own.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(_ENTITY.sub(_as_number, data), parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputRefused(f"it is not valid XML: {str(error)[:120]}") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise InputRefused("it declares entities of its own, which are refused")
    for element in root.iter("{*}*"):
        element.tag = etree.QName(element).localname
    return root


def _as_number(entity: re.Match[bytes]) -> bytes:
    """An entity of HTML, which NITF takes from its DTD, as a number that XML knows by itself."""
    text = html.entities.html5.get(entity[1].decode() + ";", "")
    if entity[1] in _OWN or len(text) != 1:
        return entity[0]
    return b"&#%d;" % ord(text)


def prose(tree: Any) -> str:
    """All text that a reader would see, one paragraph to a line."""
    parts: list[str] = []
    _walk(tree, parts)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\f"))
    return "\n".join(line for line in lines if line)


def _walk(root: Any, parts: list[str]) -> None:
    """Collect the text, a form feed between blocks; pages nest too deep for recursion."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, done = stack.pop()
        block = element.tag in _BLOCKS
        if done:
            parts.append("\f" if block else " " if element.tag in ("td", "th") else "")
            parts.append((element.tail or "") if element is not root else "")
            continue
        stack.append((element, True))
        if _is_seen(element):
            parts.append("\f" if block else "")
            parts.append(element.text or "")
            stack.extend((child, False) for child in reversed(element))


def _is_seen(element: Any) -> bool:
    return (
        isinstance(element.tag, str)
        and element.tag not in _UNSEEN
        and "hidden" not in element.attrib
        and not _HIDDEN.search(element.get("style", ""))
    )


def letter(mail: str) -> str:
    """The text of a mail: its article, or all of it if the mail is no page with one."""
    everything = prose(tree_of(mail))
    try:
        found = parse(mail).text
    except InputRefused:
        return everything
    return found if len(found) >= _WORTH * len(everything) else everything


def page_of(data: bytes, charset: str | None = None) -> Page:
    """The article of a web page in any encoding."""
    return parse(decode(data, charset))
