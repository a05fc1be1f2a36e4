"""Reads PDF files by their text layer and puts lines back together into paragraphs."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from ingest.office import named_authors, named_title
from ingest.page import Page, Part
from rag.errors import InputRefused

_MAX_CHARS = 1_100_000  # more than an article may have; the rest need not be read
_MIN_LETTERS = 25  # on a page with a picture; a scan may carry a stamp or a number
_EDGE = 0.12  # of a page's height, where running heads and page numbers stand
_EDGE_LINES = 2  # at either end of a page
_NUMBER = re.compile(
    r"(?i)[\W_]*(?:page|seite|p\.)?\s*#{1,4}(?:\s*(?:/|of|von|\|)\s*#{1,4})?[\W_]*"
)
_ENDS = re.compile(r"[.!?:;…][\"'”’»)\]]*$")
_HYPHENS = "\x02\xad\ufffe"  # as PDFium marks a word that the line cut
_ODD = re.compile("[\x00\x03-\x08\ue000-\uf8ff\ufffd]")
_MAX_ODD = 0.3  # of a page's characters; more means that its fonts do not say their letters
_SHORT = 0.15  # of a column's width; a line that leaves so much free ends its paragraph
_EDGE_SHARE = 0.9  # of a column's lines end no further right; headlines run across columns
_LEAD_SHARE = 0.2  # of the distances; where paragraphs are short, most are between paragraphs
_COLUMN = 40  # points; columns stand further apart, indented lines do not
_GAP = 1.35  # of the usual distance between lines
_PASSWORD = 4  # FPDF_ERR_PASSWORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a page with its place there, in points from the lower left."""

    text: str
    left: float
    right: float
    base: float
    size: float  # height of its letters
    page: int
    at_edge: bool = False


def read_pdf(data: bytes) -> Iterator[Part]:
    """The text of a PDF; when the file was made says nothing about when it was published."""
    import pypdfium2
    from pypdfium2 import PdfiumError

    try:
        document = pypdfium2.PdfDocument(data)
    except PdfiumError as error:
        locked = error.err_code == _PASSWORD
        reason = "it is encrypted: save it without its password" if locked else "the PDF is damaged"
        raise InputRefused(reason) from None
    lines, scans = _lines(document)
    if not lines:
        raise InputRefused(
            "its pages are scans without a text layer" if scans else "the PDF holds no text"
        )
    about = document.get_metadata_dict()
    kept = _without_running(lines, len(document))
    scanned = f"{scans} of {len(document)} pages are scans without text" if scans else None
    page = Page(
        text="\n".join(_paragraphs(kept)),
        title=named_title(about.get("Title")) or _headline(kept),
        authors=named_authors(about.get("Author")),
    )
    yield Part(page=page, note=scanned)


def _lines(document: Any) -> tuple[list[Line], int]:
    """The lines of all pages, and how many pages are pictures only."""
    import pypdfium2.raw as pdfium

    lines: list[Line] = []
    n_scans = n_chars = 0
    for number in range(len(document)):
        page = document[number]
        found = _with_edges(list(_page_lines(page, number)), page.get_height())
        n_letters = sum(len(line.text) for line in found)
        n_odd = sum(len(_ODD.findall(line.text)) for line in found)
        pictures = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)
        if n_odd > _MAX_ODD * n_letters or (
            n_letters < _MIN_LETTERS and next(iter(pictures), None) is not None
        ):
            n_scans += 1
        else:
            lines += found
            n_chars += n_letters
        page.close()
        if n_chars > _MAX_CHARS:
            break
    return lines, n_scans


def _page_lines(page: Any, number: int) -> Iterator[Line]:
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    chars = [pdfium.FPDFText_GetUnicode(text.raw, i) for i in range(text.count_chars())]
    for start, end in _runs(chars):
        shown = [i for i in range(start, end) if chars[i] > 32]
        words = "".join(map(chr, chars[start:end])).encode("utf-16", "surrogatepass")
        if not shown:
            continue
        left, low, _, high = text.get_charbox(shown[0], loose=True)
        right = text.get_charbox(shown[-1], loose=True)[2]
        yield Line(
            text=" ".join(words.decode("utf-16", "replace").split()),
            left=left, right=right, base=low, size=high - low, page=number,
        )  # fmt: skip
    text.close()


def _runs(chars: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The lines of a page; PDFium leaves out the break behind a word that the line cut."""
    start = 0
    for i, char in enumerate(chars):
        if char in (10, 13):
            yield start, i
        elif chr(char) in _HYPHENS:
            yield start, i + 1
        if char in (10, 13) or chr(char) in _HYPHENS:
            start = i + 1
    yield start, len(chars)


def _with_edges(lines: list[Line], height: float) -> list[Line]:
    """The lines, those marked that stand outermost, at the top or the foot of the page."""
    order = sorted(range(len(lines)), key=lambda i: lines[i].base)
    outer = {*order[:_EDGE_LINES], *order[-_EDGE_LINES:]}
    return [
        replace(line, at_edge=i in outer and not _EDGE * height < line.base < (1 - _EDGE) * height)
        for i, line in enumerate(lines)
    ]


def _without_running(lines: Sequence[Line], n_pages: int) -> list[Line]:
    """The lines without running heads, running feet and page numbers."""
    pages: dict[str, set[int]] = {}
    for line in lines:
        if line.at_edge:
            pages.setdefault(_mask(line.text), set()).add(line.page)
    # A head may stand on every other page only.
    often = max(2, 0.3 * n_pages)
    return [
        line
        for line in lines
        if not line.at_edge
        or (len(pages[_mask(line.text)]) < often and not _NUMBER.fullmatch(_mask(line.text)))
    ]


def _mask(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _headline(lines: Sequence[Line]) -> str | None:
    """The first lines in letters that are clearly the largest of the first page."""
    first = [line for line in lines if line.page == lines[0].page]
    usual = _usual_size(lines)
    largest = max(line.size for line in first)
    if largest < 1.2 * usual:
        return None
    for is_large, run in groupby(first, lambda line: line.size > 0.95 * largest):
        text = " ".join(line.text for line in run)
        if is_large:
            return text if 10 <= len(text) <= 250 else None
    return None


def _usual_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0]


def _paragraphs(lines: Sequence[Line]) -> Iterator[str]:
    """Paragraphs on one line each, words that a line cut put together again."""
    text = ""
    before: Line | None = None
    columns = _columns(lines)
    for line in lines:
        if before is None or _begins(before, line, columns):
            if text:
                yield text.strip(_HYPHENS)
            text = line.text
        else:
            text = _joined(text, line.text)
        before = line
    if text:
        yield text.strip(_HYPHENS)


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= 0.1 * max(one.size, other.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """Where the lines of a column usually begin and end, and how far apart they are."""

    left: float
    right: float
    lead: float

    def is_short(self, line: Line) -> bool:
        """True if a line ends well before the column does."""
        return line.right < self.right - _SHORT * (self.right - self.left)

    def is_indented(self, line: Line) -> bool:
        """True if a line begins a little further in than most."""
        return 0.6 * line.size < line.left - self.left < 4 * line.size


def _columns(lines: Sequence[Line]) -> dict[tuple[int, float], _Column]:
    """The column of each line, by its page and where it begins."""
    leads = [a.base - b.base for a, b in pairwise(lines) if _same_size(a, b) and a.base > b.base]
    lead = _quantile(leads, _LEAD_SHARE) if leads else 0.0
    found: dict[tuple[int, float], _Column] = {}
    for column in _grouped(lines):
        left = _quantile([line.left for line in column], 1 - _EDGE_SHARE)
        right = _quantile([line.right for line in column], _EDGE_SHARE)
        shape = _Column(left=left, right=right, lead=lead)
        found |= {(line.page, line.left): shape for line in column}
    return found


def _grouped(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of a page that begin near each other."""
    column: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.page, line.left)):
        before = column[-1] if column else line
        if line.page != before.page or line.left - before.left > _COLUMN:
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def _quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of the values does not exceed."""
    return sorted(values)[int(share * (len(values) - 1))]


def _begins(before: Line, line: Line, columns: dict[tuple[int, float], _Column]) -> bool:
    """True if a line begins a paragraph."""
    if not _same_size(before, line):
        return True
    if before.text[-1] in _HYPHENS:
        return False
    old, new = columns[before.page, before.left], columns[line.page, line.left]
    ended = _ENDS.search(before.text) is not None
    if new.is_indented(line) and (ended or not line.text[0].islower()):
        return True
    jumped = line.page != before.page or line.base > before.base + 0.5 * line.size
    if not jumped and before.base - line.base > _GAP * max(new.lead, line.size):
        return True
    return old.is_short(before) and (ended or not line.text[0].islower())


def _joined(text: str, more: str) -> str:
    if text[-1] in _HYPHENS:
        return text.rstrip(_HYPHENS) + more
    cut = text.endswith("-") and text[-2:-1].isalpha() and more[:1].islower()
    return text[:-1] + more if cut else f"{text} {more}"
