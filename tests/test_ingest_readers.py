"""Documents of word processors, PDF files, books and web archives are read as people read them."""

import io
import zipfile
from collections.abc import Iterator

import docx
import odfdo
import pytest
from fpdf import FPDF
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.load import Found, Loaded, Loader, Skipped
from ingest.page import PageReader

BODY = "The last ferry to Osthamn will sail in May, the harbour board said on Tuesday."
LONG = (
    "The decision follows a sharp fall in passengers over three winters, and the board expects"
    " that a bus line over the new bridge will carry most of those who are left by next summer."
)


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    loader = Loader(max_mb=1)
    yield loader
    loader.close()


def one(loader: Loader, name: str, data: bytes) -> Loaded:
    (found,) = loader.read(name, data, path=f"/x/{name}")
    assert isinstance(found, Loaded), found
    return found


def reason(loader: Loader, name: str, data: bytes) -> str:
    (found,) = loader.read(name, data)
    assert isinstance(found, Skipped)
    return found.reason


class Paper(FPDF):  # type: ignore[misc]
    """A paper with a running head and page numbers."""

    def header(self) -> None:
        self.set_font("helvetica", size=8)
        self.cell(0, 8, "Harbour Courier - 5 January 2026", align="C")
        self.ln(12)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("helvetica", size=8)
        self.cell(0, 10, f"Page {self.page_no()} of 3", align="C")

    def write_lines(self, text: str, size: float = 11, style: str = "") -> None:
        self.set_font("times", style=style, size=size)
        self.multi_cell(0, size / 2, text, new_x="LMARGIN", new_y="NEXT")
        self.ln(3)


def paper() -> Paper:
    paper = Paper()
    paper.set_title("Microsoft Word - ferry.docx")
    paper.set_author("Mara Lindqvist")
    paper.add_page()
    paper.write_lines("Ferry line to Osthamn will close in May after all, board says", 20, "B")
    for i in range(20):
        paper.write_lines(f"Paragraph {i}. {BODY} {LONG.replace('three', f'{i + 3}')} " * 2)
        if i == 5:
            paper.write_lines("What happens next", style="B")
    return paper


def test_a_pdf_is_read_in_paragraphs(loader: Loader) -> None:
    found = one(loader, "a.pdf", bytes(paper().output()))

    lines = found.page.text.split("\n")
    assert (
        found.page.title
        == lines[0]
        == "Ferry line to Osthamn will close in May after all, board says"
    )
    assert [i for i, line in enumerate(lines) if line.startswith("Paragraph")] == [
        *range(1, 7), *range(8, 22),
    ]  # fmt: skip
    assert lines[7] == "What happens next"
    assert all(line.endswith("next summer.") for line in lines[8:])
    assert "Page" not in found.page.text
    assert "Harbour Courier" not in found.page.text
    assert found.page.authors == ("Mara Lindqvist",)
    assert found.page.published is None  # when the file was made is no date of the article


def test_columns_and_cut_words_are_put_together(loader: Loader) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("times", size=11)
    first = ("The harbour board said on Tues-", "day that the last ferry to Ost-",
             "hamn will sail in May. It was a", "well-known end, unions said, and",
             "they would fight the decision in")  # fmt: skip
    second = ("court. The board expects a new", "bus line to carry passengers who",
              "are left by next summer. Nobody", "was asked about that, they say.")  # fmt: skip
    for left, lines in ((10, first), (110, second)):
        for i, line in enumerate(lines):
            pdf.text(left, 20 + 5 * i, line)
    text = one(loader, "a.pdf", bytes(pdf.output())).page.text

    assert "said on Tuesday that the last ferry to Osthamn will sail in May." in text
    assert "It was a well-known end, unions said" in text
    assert "fight the decision in court." in text


def test_scans_and_locked_files_say_so(loader: Loader) -> None:
    scan, mixed, locked, empty = FPDF(), FPDF(), FPDF(), FPDF()
    gray = b"P5 40 40 255\n" + bytes(range(160)) * 10
    for pdf in (scan, mixed, mixed):
        pdf.add_page()
        pdf.image(io.BytesIO(_png(gray)), 0, 0, 200, 280)
    mixed.add_page()
    mixed.set_font("times", size=11)
    mixed.multi_cell(0, 5, f"{BODY} {LONG}")
    locked.set_encryption(owner_password="a", user_password="b")
    locked.add_page()
    empty.add_page()

    assert (
        reason(loader, "a.pdf", bytes(scan.output())) == "its pages are scans without a text layer"
    )
    assert one(loader, "a.pdf", bytes(mixed.output())).note == "2 of 3 pages are scans without text"
    assert "encrypted" in reason(loader, "a.pdf", bytes(locked.output()))
    assert "no text" in reason(loader, "a.pdf", bytes(empty.output()))
    assert "damaged" in reason(loader, "a.pdf", bytes(paper().output())[:300])


def _png(pgm: bytes) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.open(io.BytesIO(pgm)).save(data, "PNG")
    return data.getvalue()


def word() -> bytes:
    document = docx.Document()
    document.core_properties.author = "Mara Lindqvist"
    document.core_properties.language = "en-GB"
    document.add_heading("Ferry line to close", 0)
    document.add_paragraph(BODY)
    table = document.add_table(2, 2)
    for at, text in (((0, 0), "Year"), ((0, 1), "Riders"), ((1, 0), "2025")):
        table.cell(*at).text = text
    paragraph = document.add_paragraph("It will not be ")
    paragraph.add_run("secretly ").font.hidden = True
    paragraph.add_run("missed.")
    document.sections[0].header.paragraphs[0].text = "Harbour Courier"
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a.zip"])
def test_a_word_document_is_read_whatever_it_is_called(loader: Loader, name: str) -> None:
    found = one(loader, name, word())

    assert found.page.text.split("\n") == [
        "Ferry line to close", BODY, "Year | Riders", "2025", "It will not be missed.",
    ]  # fmt: skip
    assert (found.page.title, found.page.authors) == ("Ferry line to close", ("Mara Lindqvist",))
    assert (found.page.published, found.page.language) == (None, "en-GB")


def test_tracked_changes_are_taken_as_accepted(loader: Loader) -> None:
    data = io.BytesIO()
    change = '<w:{0} w:id="1" w:author="x"><w:r><w:{1}>{2}</w:{1}></w:r></w:{0}>'
    new = change.format("ins", "t", "June") + change.format("del", "delText", "May")
    with zipfile.ZipFile(io.BytesIO(word())) as old, zipfile.ZipFile(data, "w") as made:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "word/document.xml":
                paragraph = f"<w:p><w:r><w:t xml:space='preserve'>In </w:t></w:r>{new}</w:p>"
                content = content.replace(b"<w:body>", b"<w:body>" + paragraph.encode())
            made.writestr(info, content)

    assert one(loader, "a.docx", data.getvalue()).page.text.startswith("In June\n")


def test_a_truncated_document_is_skipped(loader: Loader) -> None:
    assert "damaged" in reason(loader, "a.docx", word()[:5_000])


def test_a_spreadsheet_is_no_article(loader: Loader) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/workbook.xml", "")

    assert "spreadsheet" in reason(loader, "a.zip", data.getvalue())


def test_an_open_document_is_read(loader: Loader) -> None:
    document = odfdo.Document("text")
    document.body.clear()
    document.body.append(odfdo.Header(1, "Ferry line to close"))
    paragraph = odfdo.Paragraph(f"{BODY} Unions ")
    paragraph.append(odfdo.Span("protest."))
    paragraph.insert_note(after=BODY[:8], note_id="n", citation="1", body="a note")
    document.body.append(paragraph)
    table = odfdo.Table("t", width=2, height=1)
    table.set_value("A1", "2025")
    table.set_value("B1", "400")
    document.body.append(table)
    document.meta.title = "Ferry to close"
    document.meta.creator = "Mara Lindqvist"
    data = io.BytesIO()
    document.save(data)

    page = one(loader, "a.odt", data.getvalue()).page

    assert page.text.split("\n") == ["Ferry line to close", f"{BODY} Unions protest.", "2025 | 400"]
    assert (page.title, page.authors) == ("Ferry to close", ("Mara Lindqvist",))


def test_rich_text_is_read_with_its_letters(loader: Loader) -> None:
    data = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\info{\title Ferry to close}"
        rb"{\author Mara Lindqvist}{\creatim\yr2020}}{\header Courier}"
        rb"\f0 Caf\'e9 \u8220?Anker\u8221? and \u-10179?\u-8704? close.\par Two\line lines.\par}"
    )

    page = one(loader, "a.rtf", data).page

    assert page.text.split("\n") == ["Café “Anker” and \U0001f600 close.", "Two", "lines."]
    assert (page.title, page.authors) == ("Ferry to close", ("Mara Lindqvist",))
    assert "no text" in reason(loader, "a.rtf", rb"{\rtf1 }")


def epub(date: str = "<dc:date>2026-01-05</dc:date>") -> bytes:
    chapter = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        "<title/></head><body><h1>{0}</h1><p>Café&nbsp;{0}. {1}</p></body></html>"
    )
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Courier Weekend</dc:title>'
        "<dc:publisher>Harbour Courier</dc:publisher><dc:language>en</dc:language>"
        f"{date}</metadata>"
        "<manifest>"
        '<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        '<item id="c" href="cover.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="a" href="t%20a.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="n"/><itemref idref="c"/><itemref idref="b"/><itemref idref="a"/>'
        "</spine></package>"
    )
    container = '<container><rootfiles><rootfile full-path="O/p.opf"/></rootfiles></container>'
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", container)
        book.writestr("O/p.opf", opf)
        book.writestr("O/cover.xhtml", "<html><body><p>Courier</p></body></html>")
        book.writestr("O/t a.xhtml", chapter.format("Second", f"{BODY} {LONG}"))
        book.writestr("O/b.xhtml", chapter.format("First", f"{BODY} {LONG}"))
    return data.getvalue()


def test_each_chapter_of_a_book_is_an_article(loader: Loader) -> None:
    found = [f for f in loader.read("a.epub", epub(), path="/x/a.epub") if isinstance(f, Loaded)]

    assert [(f.page.title, f.key) for f in found] == [
        ("First", "O/b.xhtml"),
        ("Second", "O/t a.xhtml"),
    ]
    page = found[0].page
    assert (page.outlet, page.section, page.published) == (
        "Harbour Courier", "Courier Weekend", "2026-01-05",
    )  # fmt: skip
    assert page.text == f"First\nCafé First. {BODY} {LONG}"


def test_a_date_of_conversion_is_no_date_of_an_edition(loader: Loader) -> None:
    date = '<dc:date xmlns:opf="http://www.idpf.org/2007/opf" opf:event="creation">2026</dc:date>'
    found: list[Found] = list(loader.read("a.epub", epub(date)))

    assert [f.page.published for f in found if isinstance(f, Loaded)] == [None, None]


def web_archive(gzipped: bool) -> bytes:
    data = io.BytesIO()
    writer = WARCWriter(data, gzip=gzipped)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))

    def add(url: str, content: bytes, status: str = "200 OK", **fields: str) -> None:
        headers = [(name.replace("_", "-"), value) for name, value in fields.items()]
        http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(content), http_headers=http
        )
        writer.write_record(record)

    def page(text: str) -> bytes:
        return f"<html><body><article><p>{text}</p></article></body></html>".encode()

    add("https://c.example/a", page(BODY), Content_Type="text/html")
    add("https://c.example/gone", page("Gone."), "404 Not Found", Content_Type="text/html")
    add("https://c.example/i.png", b"\x89PNG", Content_Type="image/png")
    part = page(LONG)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(part), part)
    add("https://c.example/b", chunked, Content_Type="text/html; charset=utf-8",
        Transfer_Encoding="chunked")  # fmt: skip
    add("https://c.example/big", b" " * 1_200_000, Content_Type="text/html")
    return data.getvalue()


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_web_archive_gives_its_pages(loader: Loader, gzipped: bool) -> None:
    name = "a.warc.gz" if gzipped else "a.warc"
    found = list(loader.read(name, web_archive(gzipped), path=f"/x/{name}"))

    pages = [f for f in found if isinstance(f, Loaded)]
    assert [(f.page.url, f.page.text) for f in pages] == [
        ("https://c.example/a", BODY),
        ("https://c.example/b", LONG),
    ]
    assert all(f.page.published is None and f.kind == "page" for f in pages)
    (skipped,) = [f for f in found if isinstance(f, Skipped)]
    assert "larger than 1 MB" in skipped.reason


def test_a_cut_web_archive_gives_what_came_before(loader: Loader) -> None:
    data = web_archive(False)
    at = data.index(b"https://c.example/b")

    found = list(loader.read("a.warc", data[: at + 5]))

    assert [f.page.text for f in found if isinstance(f, Loaded)] == [BODY]


def test_a_download_is_known_by_its_address(loader: Loader) -> None:
    html = f"<html><body><article><p>{BODY}</p></article></body></html>".encode()

    ferry, get = "https://c.example/ferry?id=1.zip", "https://c.example/get"
    (page,) = loader.read(ferry, html, url=ferry)
    (pdf,) = loader.read(get, bytes(paper().output()), url=get)

    assert isinstance(page, Loaded)
    assert (page.page.url, page.path, page.kind) == (ferry, None, "page")
    assert isinstance(pdf, Loaded)
    assert (pdf.page.url, pdf.path, pdf.kind) == (get, None, "document")


@pytest.mark.parametrize("name", ["https://c.zip", "https://c.zip/?a.pdf", "https://c.zip/a.md"])
def test_a_page_is_a_page_under_any_address(loader: Loader, name: str) -> None:
    html = f"<!doctype html><html><body><article><p>{BODY}</p></article></body></html>"

    (found,) = loader.read(name, html.encode(), url=name)

    assert isinstance(found, Loaded)
    assert (found.page.text, found.kind) == (BODY, "page")


def test_a_document_that_takes_too_long_is_left() -> None:
    slow = b"{\\rtf1 " + rb"{\field{\*\fldinst{HYPERLINK " * 50_000
    loader = Loader(max_mb=5, reader=PageReader(max_seconds=2))

    assert "took more than 2 seconds" in reason(loader, "a.rtf", slow)
    assert one(loader, "a.rtf", rb"{\rtf1 The ferry sails.}").page.text == "The ferry sails."
    loader.close()


def test_addresses_go_to_who_can_fetch_them() -> None:
    class Fake:
        def crawl(self, source: str, read: object) -> Iterator[Found]:
            yield Skipped(source=source, reason=f"{callable(read)}")

        def close(self) -> None:
            closed.append(True)

    closed: list[bool] = []
    sources = ["https://c.example", "feed:https://c.example/rss", "sitemap:https://c.example"]
    loader = Loader(web=Fake())

    assert list(loader.load(sources)) == [Skipped(source=s, reason="True") for s in sources]
    assert loader.count(sources) is None
    loader.close()
    assert closed
