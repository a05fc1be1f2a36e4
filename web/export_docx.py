"""A conversation as a Word document with real footnotes.

python-docx has no footnotes, so their part is written here (ECMA-376, part 1, 17.11). Word counts
them itself where that gives the markers of the conversation; else each carries its own mark. A
note that is cited again is a field that refers to where it was cited first.
"""

import io
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part as PackagePart
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.shared import Pt, RGBColor
from lxml import etree

from rag.render_story import Block, BlockKind, Note, Run, Story, cited_in_order
from rag.schema import Label

_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_SERIF, _SANS = "Georgia", "Arial"
_INK, _SOFT, _LINK = RGBColor(0x1A, 0x1A, 0x18), RGBColor(0x5D, 0x5B, 0x55), "1F4E79"
_COLOURS: dict[Label, RGBColor] = {
    "supported": RGBColor(0x24, 0x66, 0x3B),
    "partial": RGBColor(0x8A, 0x5A, 0x00),
    "contested": RGBColor(0x8A, 0x5A, 0x00),
    "refuted": RGBColor(0xA3, 0x24, 0x1F),
    "unsupported": _SOFT,
}
_INDENTED: tuple[BlockKind, ...] = ("position", "event", "near")
_SMALL: tuple[BlockKind, ...] = ("remark", "searched")
_MAX_PROPERTY = 255  # characters of a property, as the format has it


def to_docx(story: Story, made_at: datetime | None) -> bytes:
    """The document; ``made_at`` is the moment it is dated with."""
    document = Document()
    _set_styles(document)
    _set_properties(document, story, made_at)
    notes = _Footnotes(document, story)
    document.add_heading(story.title, 0)
    for part in story.parts:
        document.add_heading(part.question, 1)
        _paragraph(document, "Small").add_run(part.asked)
        for block in part.blocks:
            _add_block(document, block, notes)
    notes.finish()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_styles(document: Any) -> None:
    styles = document.styles
    for name, size in (("Normal", 11), ("Title", 24), ("Heading 1", 16), ("Heading 3", 10)):
        font = styles[name].font
        font.name, font.size, font.color.rgb = _SERIF, Pt(size), _INK
        # The theme's own font would otherwise win in headings.
        fonts = styles[name].element.rPr.rFonts
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        fonts.set(qn("w:hAnsi"), _SERIF)
    styles["Title"].font.bold = True
    styles["Normal"].paragraph_format.space_after = Pt(3)
    for name, size, after in (("Small", 9, 6), ("footnote text", 9, 2)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.font.size, style.font.color.rgb = Pt(size), _SOFT
        style.paragraph_format.space_after = Pt(after)
    styles["Small"].font.name = _SANS
    styles["Heading 3"].paragraph_format.space_after = Pt(4)
    for border in styles["Title"].element.iter(qn("w:bottom")):
        border.attrib.clear()
        for name, value in (("val", "double"), ("sz", "6"), ("space", "4"), ("color", "1A1A18")):
            border.set(qn(f"w:{name}"), value)
    reference = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER)
    reference.font.superscript = True


def _set_properties(document: Any, story: Story, made_at: datetime | None) -> None:
    properties = document.core_properties
    properties.title, properties.author = story.title[:_MAX_PROPERTY], "Byline"
    properties.comments = properties.last_modified_by = ""
    if made_at is not None:
        properties.created = properties.modified = made_at.replace(tzinfo=None)


def _add_block(document: Any, block: Block, notes: "_Footnotes") -> None:
    style = "Heading3" if block.kind == "heading" else "Small" if block.kind in _SMALL else None
    paragraph = _paragraph(document, style)
    paragraphs = [paragraph]
    _add_runs(paragraph, block, block.runs, notes)
    if block.under:
        paragraph.paragraph_format.keep_with_next = True
        below = _paragraph(document, "Small")
        _add_runs(below, block, block.under, notes)
        paragraphs.append(below)
    for p in paragraphs if block.kind in _INDENTED else ():
        p.paragraph_format.left_indent = Pt(14)


def _paragraph(document: Any, style_id: str | None) -> Any:
    """A paragraph of a style by its id: by name the library would search all styles each time."""
    paragraph = document.add_paragraph()
    paragraph._p.style = style_id
    return paragraph


def _add_runs(paragraph: Any, block: Block, runs: tuple[Run, ...], notes: "_Footnotes") -> None:
    for n, run in enumerate(runs):
        if run.style == "note":
            if n and runs[n - 1].style == "note":
                notes.separate(paragraph)
            notes.refer(paragraph, run.note)
            continue
        added = paragraph.add_run(run.text)
        added.bold = run.style in ("strong", "verdict") or None
        if run.style == "verdict" and block.label:
            added.font.color.rgb = _COLOURS[block.label]


class _Footnotes:
    """The part of the package that holds the notes, and the references to them."""

    def __init__(self, document: Any, story: Story) -> None:
        self._notes = {n.number: n for n in story.notes}
        self._is_counted = cited_in_order(story)
        self._part = PackagePart(
            PackURI("/word/footnotes.xml"), _CONTENT_TYPE, b"", document.part.package
        )
        document.part.relate_to(self._part, RELATIONSHIP_TYPE.FOOTNOTES)
        self._mark_style = document.styles["footnote reference"].style_id
        self._text_style = document.styles["footnote text"].style_id
        self._root = parse_xml(
            f"<w:footnotes {nsdecls('w')}>"
            '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p>'
            '</w:footnote><w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r>'
            "<w:continuationSeparator/></w:r></w:p></w:footnote></w:footnotes>"
        )
        self._cited: set[int] = set()

    def refer(self, paragraph: Any, number: int) -> None:
        """Put the mark of a note at the end of a paragraph; the first time with the note."""
        run = self._raised(paragraph)
        if number in self._cited:
            run.text = str(number)
            again = OxmlElement("w:fldSimple")
            again.set(qn("w:instr"), f" NOTEREF note_{number} \\h ")
            run._r.addprevious(again)
            again.append(run._r)
            return
        self._cited.add(number)
        mark = OxmlElement("w:footnoteReference")
        mark.set(qn("w:id"), str(number))
        run._r.append(mark)
        if not self._is_counted:
            mark.set(qn("w:customMarkFollows"), "1")
            run.add_text(str(number))
        _bookmark(run._r, number)
        self._add_note(self._notes[number])

    def separate(self, paragraph: Any) -> None:
        """Two marks side by side: 2, 1 is not 21."""
        self._raised(paragraph).text = ", "

    def _raised(self, paragraph: Any) -> Any:
        run = paragraph.add_run()
        run._r.style = self._mark_style
        return run

    def _add_note(self, note: Note) -> None:
        held = OxmlElement("w:footnote")
        held.set(qn("w:id"), str(note.number))
        mark = "<w:footnoteRef/>" if self._is_counted else f"<w:t>{note.number}</w:t>"
        paragraph = parse_xml(
            f"<w:p {nsdecls('w')}><w:pPr><w:pStyle "
            f'w:val="{self._text_style}"/></w:pPr>'
            f'<w:r><w:rPr><w:rStyle w:val="{self._mark_style}"/></w:rPr>{mark}</w:r></w:p>'
        )
        paragraph.append(_text_run(f" “{note.quote}” {note.origin}."))
        if note.url:
            paragraph.append(_text_run(" "))
            paragraph.append(self._link(note.url))
        held.append(paragraph)
        self._root.append(held)

    def _link(self, url: str) -> Any:
        link = OxmlElement("w:hyperlink")
        link.set(
            qn("r:id"),
            self._part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True),
        )
        link.append(_text_run(url, colour=_LINK))
        return link

    def finish(self) -> None:
        """Write the part, when all notes stand."""
        self._part._blob = etree.tostring(
            self._root, xml_declaration=True, encoding="UTF-8", standalone=True
        )


def _bookmark(run: Any, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), f"note_{number}")
    run.addprevious(start)
    run.addnext(end)


def _text_run(text: str, colour: str = "") -> Any:
    run, shown = OxmlElement("w:r"), OxmlElement("w:t")
    if colour:
        run.append(
            parse_xml(
                f'<w:rPr {nsdecls("w")}><w:color w:val="{colour}"/><w:u w:val="single"/></w:rPr>'
            )
        )
    shown.text = text
    shown.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.append(shown)
    return run
