"""A conversation as a PDF: numbered notes at the end, linked with their references both ways."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from fpdf import FPDF

from rag.i18n import language, tr
from rag.render_story import Block, BlockKind, Note, Part, Run, Story
from rag.schema import Label
from web.export_fonts import SERIF, Typeface

Colour = tuple[int, int, int]
_FAMILY = "PT Serif"
_MARGIN_MM = 24.0
_HANGING_MM = 8.0
_LEADING = 0.5  # height of a line in mm for each point of its type
_INK: Colour = (0x1A, 0x1A, 0x18)
_SOFT: Colour = (0x5D, 0x5B, 0x55)
_LINK: Colour = (0x1F, 0x4E, 0x79)
_WARN: Colour = (0x8A, 0x5A, 0x00)
_COLOURS: dict[Label, Colour] = {
    "supported": (0x24, 0x66, 0x3B),
    "partial": _WARN,
    "contested": _WARN,
    "refuted": (0xA3, 0x24, 0x1F),
    "unsupported": _SOFT,
}
_INDENTS_MM: dict[BlockKind, float] = {"position": 6.0, "event": 6.0, "near": 6.0}
_SIZES_PT: dict[BlockKind, float] = {"remark": 9.0, "searched": 9.0, "heading": 9.5, "short": 14.0}
_BODY_PT, _SMALL_PT = 11.0, 9.0


def to_pdf(story: Story, made_at: datetime | None) -> bytes:
    """The document on A4; ``made_at`` is the moment it is dated with."""
    page = _Page(story, Typeface(_all_text(story)))
    if made_at is not None:
        page.pdf.set_creation_date(made_at)
    page.title()
    for part in story.parts:
        page.part(part)
    page.notes(story.notes)
    return bytes(page.pdf.output())


def _all_text(story: Story) -> str:
    runs = (r.text for p in story.parts for b in p.blocks for r in (*b.runs, *b.under))
    notes = (f"{n.quote}{n.origin}{n.url or ''}" for n in story.notes)
    ours = f"“”·., 0123456789 {tr('Notes')}"
    return "".join([story.title, ours, *(p.question + p.asked for p in story.parts), *runs, *notes])


class _Page:
    """Prints the blocks, one below the other."""

    def __init__(self, story: Story, face: Typeface) -> None:
        self._story, self._face = story, face
        self.pdf = FPDF(format="A4")
        self.pdf.footer = self._footer
        self.pdf.set_margin(_MARGIN_MM)
        self.pdf.set_auto_page_break(True, _MARGIN_MM)
        self._set_fonts()
        self.pdf.set_title(face.printable(story.title))
        self.pdf.set_creator("Byline")
        self.pdf.set_lang(language())
        self.pdf.add_page()
        self._links = {n.number: self.pdf.add_link() for n in story.notes}
        self._back: dict[int, int] = {}

    def _footer(self) -> None:
        """The number of the page, which the library asks for at the end of each."""
        self.pdf.set_y(-15)
        self.pdf.set_font(_FAMILY, "", 8)
        self.pdf.set_text_color(*_SOFT)
        self.pdf.cell(0, 5, str(self.pdf.page_no()), align="C")

    def _set_fonts(self) -> None:
        for style, path in SERIF.items():
            self.pdf.add_font(_FAMILY, style, path)
        for path in self._face.fallbacks:
            self.pdf.add_font(path.stem, "", path)
        self.pdf.set_fallback_fonts([p.stem for p in self._face.fallbacks], exact_match=False)
        # Only where a script needs it: it is slow, and ligatures make a text harder to search.
        if self._face.is_shaped:
            self.pdf.set_text_shaping(True, features={"liga": False})

    def title(self) -> None:
        self._line(self._story.title, 22, "B")
        y = self.pdf.get_y() + 1.5
        for offset_mm in (0.0, 0.9):
            self.pdf.line(_MARGIN_MM, y + offset_mm, self.pdf.w - _MARGIN_MM, y + offset_mm)
        self.pdf.ln(7)

    def part(self, part: Part) -> None:
        """A question with all that was answered; never a question alone at the foot."""
        if self.pdf.will_page_break(40):
            self.pdf.add_page()
        self._line(part.question, 15, "B")
        self._line(part.asked, _SMALL_PT, colour=_SOFT)
        self.pdf.ln(2.5)
        for block in part.blocks:
            self._block(block)
        self.pdf.ln(6)

    def notes(self, notes: tuple[Note, ...]) -> None:
        if not notes:
            return
        if self.pdf.will_page_break(30):
            self.pdf.add_page()
        self._line(tr("Notes"), 13, "B")
        self.pdf.ln(1.5)
        for note in notes:
            self._note(note)

    def _line(self, text: str, size: float, style: str = "", colour: Colour = _INK) -> None:
        self._write(text, size, style, colour)
        self.pdf.ln(size * _LEADING)

    def _write(
        self, text: str, size: float, style: str = "", colour: Colour = _INK, link: int | str = ""
    ) -> None:
        self.pdf.set_font(_FAMILY, style, size)
        self.pdf.set_text_color(*colour)
        shown = self._face.printable(text)
        # A word that does not fit into the rest of a line would be cut there.
        end_mm = self.pdf.get_x() + self.pdf.get_string_width(shown.split(" ", 1)[0]) + 2
        if end_mm > self.pdf.w - self.pdf.r_margin and self.pdf.get_x() > self.pdf.l_margin:
            self.pdf.ln(size * _LEADING)
        self.pdf.write(size * _LEADING, shown, link=link)

    def _block(self, block: Block) -> None:
        size = _SIZES_PT.get(block.kind, _BODY_PT)
        # The first line of a block and what stands below it stay on one page.
        if self.pdf.will_page_break(3 * size * _LEADING):
            self.pdf.add_page()
        if block.kind == "heading":
            self.pdf.ln(2)
        colour = _SOFT if size == _SMALL_PT else _INK
        with self._indented(_INDENTS_MM.get(block.kind, 0.0)):
            self._runs(block, block.runs, size, colour)
            if block.under:
                self._runs(block, block.under, _SMALL_PT, _SOFT)
        self.pdf.ln(2.2)

    @contextmanager
    def _indented(self, by_mm: float) -> Iterator[None]:
        self.pdf.set_left_margin(_MARGIN_MM + by_mm)
        self.pdf.set_x(_MARGIN_MM + by_mm)
        yield
        self.pdf.set_left_margin(_MARGIN_MM)
        self.pdf.set_x(_MARGIN_MM)

    def _runs(self, block: Block, runs: tuple[Run, ...], size: float, colour: Colour) -> None:
        for n, run in enumerate(runs):
            if run.style == "note":
                self._refer(run.note, size, ", " if n and runs[n - 1].style == "note" else "")
            elif run.style == "verdict" and block.label:
                self._write(run.text, size, "B", _COLOURS[block.label])
            else:
                self._write(run.text, size, "B" if run.style == "strong" else "", colour)
        self.pdf.ln(size * _LEADING)

    def _refer(self, number: int, size: float, before: str) -> None:
        """The raised number of a note; the note leads back to the first of them."""
        if number not in self._back:
            self._back[number] = self.pdf.add_link(y=self.pdf.get_y(), page=self.pdf.page_no())
        # Into the margin rather than alone onto the next line.
        self.pdf.set_right_margin(_MARGIN_MM - _HANGING_MM)
        self.pdf.char_vpos = "SUP"
        if before:
            self._write(before, size, "B", _LINK)
        self._write(f"{number}", size, "B", _LINK, self._links[number])
        self.pdf.char_vpos = "LINE"
        self.pdf.set_right_margin(_MARGIN_MM)

    def _note(self, note: Note) -> None:
        if self.pdf.will_page_break(3 * _SMALL_PT * _LEADING):
            self.pdf.add_page()
        self.pdf.set_link(self._links[note.number], y=self.pdf.get_y(), page=self.pdf.page_no())
        back = self._back.get(note.number, "")
        self._write(f"{note.number}", _SMALL_PT, "B", _LINK, back)
        with self._indented(8.0):
            self._write(f"“{note.quote}” ", _SMALL_PT)
            self._write(f"{note.origin}. ", _SMALL_PT, colour=_SOFT)
            if note.url:
                self._write(note.url, _SMALL_PT, colour=_LINK, link=note.url)
            self.pdf.ln(_SMALL_PT * _LEADING)
        self.pdf.ln(1.4)
