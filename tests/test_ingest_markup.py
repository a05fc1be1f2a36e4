"""What a page's markup says of its article, and the words that are kept of the page."""

import time
from pathlib import Path

import pytest

from benchmarks.cleaning import alone, measure, ours
from ingest.load import Loaded
from ingest.page import parse
from ingest.pipeline import build_article
from rag.schema import Article

PAGES = Path(__file__).parent / "data" / "pages"
BODY = (
    "<p>The last ferry to Osthamn will sail in May, the harbour board said on Tuesday, after the "
    "number of riders had fallen by a third.</p><p>Unions said that they would fight the plan, "
    "which ends a line that has run for 112 years. A bus will take its place.</p>"
)


def page(head: str = "", article: str = "", lang: str = "en") -> Article:
    html = (
        f'<html lang="{lang}"><head><title>Ferry to close</title>{head}</head><body><article>'
        f"<h1>Ferry to close</h1>{article}{BODY}</article></body></html>"
    )
    return build_article(Loaded(source="a", path="/a.html", page=parse(html), kind="page"))


def linked(**fields: str) -> str:
    inner = ", ".join(f'"{name}": {value}' for name, value in fields.items())
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {inner}}}</script>'


@pytest.mark.parametrize(
    ("head", "article", "source", "confidence"),
    [
        (linked(datePublished='"2026-01-29T10:00:00Z"'), "", "json-ld", "high"),
        ('<meta property="article:published_time" content="2026-01-29">', "", "meta", "high"),
        ("", '<span itemprop="datePublished" content="2026-01-29"></span>', "meta", "high"),
        ("", "<p>Published Jan. 29, 2026</p>", "byline", "high"),
        ("", '<p>By Jane Doe</p><time datetime="2026-01-29T10:00Z">today</time>', "byline",
         "medium"),
        ("", "<div>By Jane Doe <span class='date'>29 January 2026</span></div>", "byline",
         "medium"),
        ("", "<div>World | Jan 29, 2026 | 4 min read</div>", "byline", "medium"),
    ],
)  # fmt: skip
def test_where_a_page_gives_its_date(head: str, article: str, source: str, confidence: str) -> None:
    found = page(head, article)

    assert found.day is not None
    assert found.day.isoformat() == "2026-01-29"
    assert (found.date_source, found.date_confidence) == (source, confidence)


@pytest.mark.parametrize(
    "article",
    [
        "",
        "<p>She was born on 3 March 1962.</p>",
        "<aside><time datetime='2020-01-01'>1 January 2020</time></aside>",
        "<ul class='related'><li>Bridge opens <time datetime='2020-01-01'>then</time></li></ul>",
        "<p>3 hours ago</p>",
        "<div class='date'>Jan 2, 2020</div><div class='date'>Feb 3, 2021</div>",
    ],
)
def test_a_page_without_a_date_of_its_own_has_none(article: str) -> None:
    assert page("", article).dated is None


DATED = {  # pages with a date of their own that a reader sees or the markup gives
    "01": "2026-01-29", "02": "2026-03-03", "03": "2026-02-11", "04": "2026-04-02",
    "05": "2026-02-02", "09": "2026-01-29", "10": "2026-02-20", "11": "2026-01-29",
    "12": "2026-01-29", "13": "2026-01-29", "15": "2026-03-14", "21": "2026-02-09",
    "23": "2026-02-04", "25": "2026-05-06", "26": "2026-01-29", "29": "2026-03-12",
    "30": "2026-04-08", "33": "2026-06-09", "34": "2026-04-21", "37": "2026-04-14",
    "39": "2026-02-27", "40": "2026-05-05",
}  # fmt: skip


def test_dates_of_the_written_pages() -> None:
    found = {
        path.name[:2]: build_article(
            Loaded(source="a", path="/a", page=parse(path.read_text()), kind="page")
        ).day
        for path in sorted(PAGES.glob("*.html"))
    }
    dated = {name: day.isoformat() for name, day in found.items() if day}

    assert dated.items() <= DATED.items()  # none is wrong
    assert len(dated) >= 0.8 * len(DATED)


def test_section_language_outlet_and_authors_come_from_linked_data() -> None:
    found = page(
        linked(articleSection='["Ports", "Money"]', inLanguage='"en-GB"',
               publisher='{"name": "Courier"}', author='[{"name": "Jane Doe"}]')
    )  # fmt: skip

    assert (found.section, found.language, found.outlet) == ("Ports", "en", "Courier")
    assert found.authors == ("Jane Doe",)


def test_linked_data_with_comments_and_raw_breaks_is_read() -> None:
    script = '<script type="application/ld+json">\n<!-- {"@type": "Article",'
    script += ' "description": "two\nlines", "articleSection": "Ports"} -->\n</script>'

    assert page(script).section == "Ports"


def test_the_words_overrule_a_page_that_declares_another_language() -> None:
    german = "Die letzte Fähre nach Osthamn soll Ende Mai fahren, teilte der Hafen mit. " * 14

    assert page("", f"<p>{german}</p>").language == "de"
    assert page("", BODY * 2, lang="de").language == "en"


@pytest.mark.parametrize(
    ("marked", "kept"),
    [
        ("two days<sup>3</sup>", "two days"),
        ("1,100.<sup><a href='#f1'>1</a></sup>", "1,100."),
        ("night<a class='fn'>4</a>", "night"),
        ("60 m<sup>2</sup>", "60 m2"),
        ("CO<sub>2</sub>", "CO2"),
        ("10<sup>6</sup>", "106"),
    ],
)
def test_note_marks_go_and_powers_stay(marked: str, kept: str) -> None:
    text = page("", f"<p>The tide at the quay rose and fell for {marked} and then it stood.</p>")

    assert f"for {kept} and then" in text.text


def test_a_page_whose_names_mean_something_else_keeps_its_text() -> None:
    html = f"<html><body><h1>Ferry</h1><div class='share'>{BODY}</div></body></html>"
    many = BODY.replace("<p>", "<p class='next'>") * 3

    assert "112 years" in parse(html).text
    assert "112 years" in parse(f"<html><body><h1>Ferry</h1>{many}</body></html>").text


def test_cleaned_pages_hold_the_article_and_little_else() -> None:
    mine, theirs = measure(PAGES, ours), measure(PAGES, alone)
    n = len(mine)

    assert n >= 25
    assert sum(kept.f1 for kept in mine) / n >= 0.96
    assert sum(kept.f1 for kept in mine) > sum(kept.f1 for kept in theirs)
    assert min(kept.recall for kept in mine) >= 0.85


@pytest.mark.parametrize(
    "piece",
    [
        "<span class='ref'>1</span> word ", "<div class='share'>", "<time datetime='2020'>x</time>",
        "<a>a.example</a>", "<sup>1</sup>", "<table><tr><td>", "<div class='share'><p>",
    ],
)  # fmt: skip
def test_hostile_pages_take_linear_time(piece: str) -> None:
    html = f"<html><body><h1>Ferry</h1>{BODY}<p>{piece * 10_000}</p></body></html>"
    started = time.process_time()

    parse(html)

    assert time.process_time() - started < 10
