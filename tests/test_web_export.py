"""A conversation as a file: everything told is in it, in every format, and nothing gets out."""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pypdfium2
import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from rag.render_json import to_json
from rag.render_story import Exchange, cited_in_order, line, story
from rag.schema import Answer
from tests.browsing import launched
from tests.canned import canned, follow_up, hostile, near, typed, with_articles
from web.export import FORMATS, MEDIA_TYPES, Format, export, filename_of

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Request

SHARED = Path(__file__).resolve().parents[2] / "shared"
ASKED_AT = datetime(2026, 2, 3, 14, 5, tzinfo=UTC)
TITLE = "The harbour bridge – what it costs"
TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=40)
DOCUMENTS: tuple[Format, ...] = ("md", "html", "docx", "pdf")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def exchanges(*answers: Answer) -> tuple[Exchange, ...]:
    return tuple(Exchange(asked_at=ASKED_AT, body=to_json(a)) for a in answers)


TALK = exchanges(
    canned(), typed("Is it really so?"), near("What colour?"), follow_up("And a ferry?")
)


def text_of(kind: Format, content: bytes) -> str:
    """What a reader reads in the file, on one line."""
    if kind == "pdf":
        document = pypdfium2.PdfDocument(content)
        shown = "\n".join(page.get_textpage().get_text_bounded() for page in document)
        # The reader's own marks for a break; no text of ours can hold them.
        return " ".join(re.sub("[\x02\ufffe]", "", shown).split())
    if kind == "docx":
        return " ".join(
            f"{docx_part(content, 'document')} {docx_part(content, 'footnotes')}".split()
        )
    if kind == "html":
        page = html.fromstring(content.decode())
        for hidden in page.iter("style", "title"):
            hidden.text = ""
        return " ".join(page.text_content().split())
    if kind == "md":
        return " ".join(html.fromstring(rendered(content.decode())).text_content().split())
    return " ".join(content.decode().split())


def rendered(markdown: str) -> str:
    return str(MarkdownIt("commonmark").use(footnote_plugin).render(markdown))


def docx_part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        root = etree.fromstring(packed.read(f"word/{name}.xml"))
    return " ".join("".join(t.text or "" for t in p.iter(f"{W}t")) for p in root.iter(f"{W}p"))


def squeezed(text: str) -> str:
    """Without white space and the numbers of notes, which stand between words."""
    return re.sub(r"\s", "", text)


# --- what every document tells -------------------------------------------------------------------


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_tells_all_that_was_answered(kind: Format) -> None:
    told = text_of(kind, export(kind, TITLE, TALK).content)
    shown = squeezed(told)

    for body in (e.body for e in TALK):
        assert squeezed(body["question"]) in shown
        for sentence in body["sentences"]:
            assert squeezed(sentence["text"]) in shown
        for c in body["citations"]:
            assert squeezed(c["quote"]) in shown
            assert squeezed(c["outlet"] or "outlet unknown") in shown
        for position in (p for c in body["conflicts"] for p in c["positions"]):
            assert squeezed(position["statement"]) in shown
    for words in (
        TITLE, "Asked 3 February 2026, 14:05 UTC", "Supported", "Contradicted", "Not supported",
        "900 million euros is not in the source", "Sources disagree on cost of the repair",
        "different figures", "citing Reuters and the builders",
        "52 million is 1.4 times 38 million",
        "No answer: No passage says who painted the bridge.",
        "Nearest passages, which do not answer this", "Sources differ",
        "Searched for: Is there a ferry while the bridge is closed?", "27 January 2026",
        "updated 29 January 2026", "As of 29 January 2026", "1 original, 2 reprints",
        "https://courier.example/bridge",
    ):  # fmt: skip
        assert squeezed(words) in shown, words


def test_a_verdict_stands_beside_its_sentence() -> None:
    text = export("md", TITLE, TALK).content.decode()

    assert re.search(r"900 million euros\.\[\^2\]\[\^1\] \(\*Contradicted\*", text)
    assert "A ferry has been promised. (*Not supported*" in text


def test_a_notice_is_told() -> None:
    told = replace(canned(), notice="2 articles without a date were left out")
    for kind in DOCUMENTS:
        shown = squeezed(text_of(kind, export(kind, TITLE, exchanges(told)).content))
        assert squeezed("Note: 2 articles without a date were left out") in shown


def test_each_place_has_one_note_and_keeps_its_marker() -> None:
    made = story(TITLE, TALK)

    quotes = {c["quote"]: c["marker"] for e in TALK[:3] for c in e.body["citations"]}
    assert len({n.quote for n in made.notes}) == len(made.notes) == 4
    assert {n.quote: n.number for n in made.notes if n.number < 4} == quotes


def test_two_places_never_share_a_number() -> None:
    """Answers that were numbered each for itself."""
    made = story(TITLE, exchanges(canned(), follow_up("And a ferry?")))

    ferry = next(n for n in made.notes if n.quote.startswith("The opposition"))
    assert ferry.number == 4
    sentence = made.parts[1].blocks[1]
    assert [r.note for r in sentence.runs if r.style == "note"] == [4]


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Exchange(asked_at=ASKED_AT.replace(tzinfo=None), body=to_json(canned()))


@pytest.mark.parametrize("kind", FORMATS)
def test_no_conversation_is_a_file_too(kind: Format) -> None:
    assert export(kind, "", ()).content is not None


def test_the_name_is_safe_and_the_type_told() -> None:
    made = export("docx", "¿Did “China” approve / the sale\u202e of H200 chips?\x00" * 3, TALK)

    assert re.fullmatch(r"did-china-approve[a-z0-9-]{1,50}\.docx", made.filename)
    assert made.media_type == MEDIA_TYPES["docx"]
    assert [filename_of(t) for t in ("中文", "../..", "CON")] == [
        "conversation", "conversation", "conversation-con",
    ]  # fmt: skip


# --- each format ---------------------------------------------------------------------------------


def test_markdown_footnotes_are_understood_by_a_parser() -> None:
    page = html.fromstring(rendered(export("md", TITLE, TALK).content.decode()))

    assert len(page.xpath("//section[@class='footnotes']//li")) == 4
    assert {a.get("href") for a in page.xpath("//section//a[not(@class)]")} == {
        "https://courier.example/bridge"
    }
    assert not page.xpath("//img|//script")


def test_a_web_page_links_notes_both_ways() -> None:
    page = html.fromstring(export("html", TITLE, TALK).content.decode())

    ids = {e.get("id") for e in page.xpath("//*[@id]")}
    local = [a.get("href") for a in page.xpath("//a") if a.get("href").startswith("#")]
    assert local and {h[1:] for h in local} == ids
    assert len(page.xpath("//ol/li")) == 4
    outward = page.xpath("//a[starts-with(@href, 'http')]")
    assert outward and all(a.get("rel") == "noopener noreferrer nofollow" for a in outward)


def test_word_has_real_footnotes() -> None:
    content = export("docx", TITLE, TALK).content
    document = Document(io.BytesIO(content))

    refs = document.element.findall(f".//{W}footnoteReference")
    assert [r.get(f"{W}id") for r in refs] == ["1", "2", "3", "4"]
    again = document.element.findall(f".//{W}fldSimple")
    assert again and {"NOTEREF note_1 \\h"} <= {a.get(f"{W}instr").strip() for a in again}
    assert document.core_properties.title == TITLE and document.core_properties.author == "Byline"
    assert document.core_properties.created == ASKED_AT
    notes = docx_part(content, "footnotes")
    assert all(line(c["quote"]) in notes for e in TALK[:1] for c in e.body["citations"])
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        links = packed.read("word/_rels/footnotes.xml.rels").decode()
    assert 'Target="https://courier.example/bridge"' in links


def test_markers_with_gaps_are_kept_in_word() -> None:
    body = to_json(canned())
    for cited in (*body["citations"], *body["conflicts"][0]["positions"]):
        cited["marker"] += 6
    for sentence in body["sentences"]:
        sentence["citations"] = [n + 6 for n in sentence["citations"]]
    talk = (Exchange(asked_at=ASKED_AT, body=body),)

    assert not cited_in_order(story(TITLE, talk))
    content = export("docx", TITLE, talk).content
    refs = Document(io.BytesIO(content)).element.findall(f".//{W}footnoteReference")
    assert [r.get(f"{W}customMarkFollows") for r in refs] == ["1"] * 3
    assert [r.getnext().text for r in refs] == ["7", "8", "9"]


def test_the_links_of_a_pdf_lead_to_the_notes_and_to_the_web() -> None:
    content = export("pdf", TITLE, TALK).content

    found = re.findall(rb"/URI \((https?://[^)]*)\)", content)
    assert found and set(found) == {b"https://courier.example/bridge"}
    assert content.count(b"/Dest") > 8
    document = pypdfium2.PdfDocument(content)
    assert document.get_metadata_value("Title") == TITLE


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Ελληνικά και Việt Nam Łódź Привет", True),
        ("fire 🔥 and grin 😀", True),
        ("हिन्दी ไทย ქართული", True),
        ("中文 news", False),
    ],
)
def test_a_pdf_has_the_characters_or_a_mark_in_their_place(words: str, shown: bool) -> None:
    told = text_of("pdf", export("pdf", words, ()).content)

    assert (words.split(maxsplit=1)[0] in told) == shown
    assert ("\ufffd" in told) != shown


def test_a_pdf_writes_from_right_to_left() -> None:
    told = text_of("pdf", export("pdf", "שלום world", ()).content)

    assert "שלום" in told or "םולש" in told  # a reader may give it in either order
    assert "world" in told


# --- foreign text --------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words=TEXT)
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_no_text_breaks_a_format(kind: Format, words: str) -> None:
    content = export(kind, words, exchanges(hostile(words))).content

    if kind == "docx":
        Document(io.BytesIO(content))
    elif kind == "pdf":
        assert len(pypdfium2.PdfDocument(content)) >= 1
    else:
        content.decode()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example"])
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_only_web_addresses_are_links(kind: Format, url: str) -> None:
    content = export(kind, TITLE, exchanges(with_articles(canned(), url=url))).content

    if kind in ("html", "md"):
        shown = content.decode() if kind == "html" else rendered(content.decode())
        hrefs = [a.get("href") for a in html.fromstring(shown).iter("a")]
        assert all(h.startswith("#") for h in hrefs)
    elif kind == "docx":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            assert not any(url.encode() in packed.read(n) for n in packed.namelist() if "rels" in n)
    else:
        assert b"/URI" not in content


def payloads() -> Iterator[str]:
    path = SHARED / "data" / "xss_payloads.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no payloads at {path}")
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for n, row in enumerate(rows):
            if n % 150 == 0:
                yield json.loads(row)["text"]


def test_payloads_do_nothing_in_a_browser() -> None:
    """Neither script nor request; without the style sheet's policy the escaping must hold too."""
    talk = exchanges(*(hostile(words) for words in payloads()))
    page_source = export("html", "<script>alert(1)</script>", talk).content.decode()
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page_source)
    assert bare != page_source
    with launched() as browser:
        page = browser.new_page()
        strays: list[str] = []

        def refuse(dialog: "Dialog") -> None:
            strays.append(dialog.message)
            dialog.dismiss()

        page.on("request", lambda r: strays.append(r.url))
        page.on("pageerror", lambda e: strays.append(str(e)))
        page.on("dialog", refuse)
        page.set_content(bare)
        assert page.locator("article").count() == len(talk)
        assert page.locator("script, img, iframe, object, embed, form, video, base").count() == 0
        page.mouse.move(200, 200)
        assert strays == []


def _noting(urls: list[str]) -> "Callable[[Request], None]":
    return lambda request: urls.append(request.url)


def test_a_web_page_asks_for_nothing_in_light_and_dark(tmp_path: Path) -> None:
    source = tmp_path / "page.html"
    source.write_bytes(export("html", TITLE, TALK).content)
    with launched() as browser:
        grounds = []
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            asked: list[str] = []
            page = browser.new_context(
                color_scheme=scheme, viewport={"width": 390, "height": 800}
            ).new_page()
            page.on("request", _noting(asked))
            page.goto(source.as_uri())
            assert asked == [source.as_uri()]
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert grounds[0] != grounds[1]
