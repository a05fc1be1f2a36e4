"""Reads the documents of word processors: .docx, .odt and .rtf."""

import io
import re
from collections.abc import Iterator
from typing import Any

from ingest.page import Page, Part
from rag.errors import InputRefused

_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,4}")
_NO_NAME = re.compile(
    r"(?i)\b(?:user|admin\w*|office|microsoft|python|python-docx|unknown|owner)\b"
)
_NO_TITLE = re.compile(
    r"(?i)(?:microsoft word - .*|untitled.*|document\d*|.*\.(?:docx?|odt|rtf|pdf|indd|qxp|tmp)"
    r"|(?:layout|slide|page) ?\d+|template)"
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_UNSEEN = (f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}instrText")
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_TITLE_WITHIN = 20  # paragraphs; to look up the style of each takes long
_RTF_INFO = r"\{\\%s ([^{}]{1,300})\}"


def named_authors(*given: str | None) -> tuple[str, ...]:
    """The given names that look like people's: programs often put in the account's name."""
    names = (" ".join((name or "").split()) for name in given)
    return tuple(n for n in names if _NAME.fullmatch(n) and not _NO_NAME.search(n))[:1]


def named_title(given: str | None) -> str | None:
    """The given title, unless it is what a program puts there by itself."""
    title = " ".join((given or "").split())
    return None if not title or _NO_TITLE.fullmatch(title) else title


def read_docx(data: bytes) -> Iterator[Part]:
    """A Word document: paragraphs and tables as they stand there, changes accepted."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = docx.Document(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError):
        raise InputRefused("the document is damaged, or no Word document") from None
    about = document.core_properties
    lines: list[str] = []
    title = None
    for number, block in enumerate(document.iter_inner_content()):
        if hasattr(block, "rows"):
            lines += _docx_rows(block)
            continue
        text = _docx_text(block._p)
        if number < _TITLE_WITHIN and title is None and _is_title(block):
            title = " ".join(text.split()) or None
        lines.append(text)
    yield _part(lines, title or named_title(about.title), about.author, about.language)


def _is_title(paragraph: Any) -> bool:
    return paragraph.style is not None and paragraph.style.name == "Title"


def _docx_text(paragraph: Any) -> str:
    parts: list[str] = []
    stack = [paragraph]
    while stack:
        element = stack.pop()
        if element.tag == f"{_W}t":
            parts.append(element.text or "")
        elif element.tag in _SIGNS:
            parts.append(_SIGNS[element.tag])
        elif element.tag not in _UNSEEN and not _is_vanished(element):
            stack.extend(reversed(element))
    return "".join(parts)


def _is_vanished(element: Any) -> bool:
    if element.tag != f"{_W}r":
        return False
    sign = element.find(f"{_W}rPr/{_W}vanish")
    return sign is not None and sign.get(f"{_W}val") not in ("0", "false")


def _docx_rows(table: Any) -> Iterator[str]:
    """Each row as a line; a cell that spans several is told once."""
    for row in table._tbl.tr_lst:
        cells = (" ".join(_docx_text(p) for p in cell.iter(f"{_W}p")) for cell in row.tc_lst)
        yield " | ".join(filter(None, (" ".join(cell.split()) for cell in cells)))


def read_odt(data: bytes) -> Iterator[Part]:
    """An OpenDocument text: headings, paragraphs and tables as they stand there."""
    import odfdo

    document = odfdo.Document(io.BytesIO(data))
    root = document.body._xml_element
    lines = []
    for element in root.iter("{*}h", "{*}p", "{*}table-row"):
        above = {_local(a) for a in element.iterancestors()}
        if above & {"tracked-changes", "annotation", "note", "table-row"}:
            continue
        if _local(element) == "table-row":
            cells = (_odt_text(cell) for cell in element if _local(cell) == "table-cell")
            lines.append(" | ".join(filter(None, (" ".join(c.split()) for c in cells))))
        else:
            lines.append(_odt_text(element))
    try:
        meta = document.meta
        about = (meta.title, meta.initial_creator or meta.creator, meta.language)
    except (KeyError, ValueError):  # the part that says it is missing
        about = (None, None, None)
    yield _part(lines, named_title(about[0]), *about[1:])


def _odt_text(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        name = _local(child)
        if name in ("s", "tab"):
            parts.append(" ")
        elif name == "line-break":
            parts.append("\n")
        elif name not in ("note", "annotation", "tracked-changes", ""):
            parts.append(_odt_text(child) + (" " if name == "p" else ""))
        parts.append(child.tail or "")
    return "".join(parts)


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def read_rtf(data: bytes) -> Iterator[Part]:
    """A Rich Text document, without its headers, footers, notes and pictures."""
    from striprtf.striprtf import rtf_to_text

    source = data.decode("latin-1")

    def told(name: str) -> str | None:
        found = re.search(_RTF_INFO % name, source[:20_000])
        return rtf_to_text("{\\rtf1 " + found[1] + "}", errors="replace") if found else None

    text = rtf_to_text(source, errors="replace")
    lines = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").split("\n")
    rows = (" | ".join(filter(None, map(str.strip, line.split("|")))) for line in lines)
    yield _part(list(rows), named_title(told("title")), told("author"), None)


def _part(lines: list[str], title: str | None, author: str | None, language: str | None) -> Part:
    text = "\n".join(line.strip() for line in lines if line.strip())
    if not text:
        raise InputRefused("the document holds no text")
    return Part(
        page=Page(text=text, title=title, authors=named_authors(author), language=language or None)
    )
