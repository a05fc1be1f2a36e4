"""The story on an axis of time, and who says what: drawn, told in words, and safe."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from rag.render_axis import timeline_svg_html
from rag.render_map import source_map_html
from rag.schema import Answer, Citation, TimelineEvent
from rag.spacing import lanes, legible, spaced
from tests.browsing import launched
from tests.canned import (
    ARTICLES,
    COST,
    FERRY,
    RIVAL,
    abstention,
    canned,
    hostile,
    typed,
    with_articles,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

WEB = Path(__file__).resolve().parents[1] / "web"
DAYS = st.lists(st.dates(date(1990, 1, 1), date(2040, 1, 1)), min_size=1, max_size=12)


def told(day: date, **known: Any) -> TimelineEvent:
    event = TimelineEvent(day=day, precision="day", told="said", evidence=(FERRY,))
    return replace(event, **known)


def story() -> Answer:
    events = (
        told(date(2026, 1, 27), evidence=(COST,)),
        told(date(2026, 3, 1), planned=True),
        told(date(2026, 4, 1), precision="month", planned=True, evidence=(RIVAL,)),
    )
    return replace(canned(), timeline=events)


def agreed() -> Answer:
    """Two outlets, no dispute."""
    first = canned().sentences[0]
    other = replace(first, text=RIVAL.text, citations=(Citation(marker=2, evidence=RIVAL),))
    return replace(canned(), sentences=(first, other), conflicts=())


def tree(markup: str) -> Any:
    return html.fragment_fromstring(markup)


# --- the axis ------------------------------------------------------------------------------------


@given(DAYS)
def test_days_stand_in_their_order_between_0_and_1(days: list[date]) -> None:
    places = spaced(days).places

    ordered = [places[d] for d in sorted(set(days))]
    assert ordered == sorted(set(ordered)) and set(places) == set(days)
    assert ordered[0] == 0 and (ordered[-1] == 1 or len(ordered) == 1)


@given(DAYS)
def test_only_what_is_cut_short_is_out_of_proportion(days: list[date]) -> None:
    spacing = spaced(days)

    whole = [
        (spacing.places[b] - spacing.places[a]) / (b - a).days
        for a, b in pairwise(sorted(set(days)))
        if (spacing.places[a], spacing.places[b]) not in spacing.breaks
    ]
    assert all(s == pytest.approx(whole[0]) for s in whole)


def test_a_far_plan_does_not_squeeze_a_week() -> None:
    week = [date(2026, 4, 13) + timedelta(days=n) for n in range(5)]
    spacing = spaced([*week, date(2029, 1, 1)])

    assert spacing.breaks == ((spacing.places[week[-1]], 1.0),)
    assert spacing.places[week[1]] - spacing.places[week[0]] > 0.08


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 0.5)), max_size=15))
def test_marks_of_a_lane_and_labels_never_meet(pairs: list[tuple[float, float]]) -> None:
    stretches = [(a, a + width) for a, width in pairs]

    def clear(ns: Sequence[int]) -> bool:
        ordered = sorted(stretches[n] for n in ns)
        return all(a[1] <= b[0] for a, b in pairwise(ordered))

    found = lanes(stretches)
    assert all(clear([n for n, at in enumerate(found) if at == lane]) for lane in set(found))
    assert clear(legible(stretches)) if stretches else lanes([]) == []


def test_the_axis_tells_in_words_what_it_draws() -> None:
    view = tree(timeline_svg_html(story()))

    (drawing,) = view.xpath(".//svg[@role='img']")
    items = view.xpath("./ol/li")
    marks = drawing.xpath(".//g[@data-kind]")
    assert drawing.get("aria-label") == "Timeline from 27 January 2026 to April 2026"
    assert drawing.xpath("./title") and "April 2026 (planned)" in drawing.xpath("./desc")[0].text
    assert sorted(m.get("data-kind") for m in marks) == sorted(i.get("data-kind") for i in items)
    assert [i.get("data-kind") for i in items] == [
        "event", "article", "article", "planned", "planned",
    ]  # fmt: skip
    letters = [i.xpath("./span")[0].text for i in items]
    assert letters == ["A", "B", "C", "D", "E"]
    assert {t.text for t in drawing.xpath(".//g//text")} == set(letters)


def test_only_a_day_that_is_not_known_has_a_bar() -> None:
    bars = tree(timeline_svg_html(story())).xpath(".//g[line]")

    assert [b.xpath("./title")[0].text[:10] for b in bars] == ["April 2026"]


def test_the_axis_opens_the_articles() -> None:
    view = tree(timeline_svg_html(story()))

    chips = view.xpath(".//button[@class='byline-cite']")
    assert {c.get("data-marker") for c in chips} == {"1", "3"}
    opener = view.xpath(".//li[@data-kind='planned']//button[1]")[0]
    assert opener.get("data-article") == "a1" and str(FERRY.start) in opener.get("data-marks")
    assert all(b.get("data-article") in ARTICLES for b in view.xpath(".//button"))


def test_an_article_without_a_day_is_counted() -> None:
    assert "1 cited article is not on the axis: date unknown." in timeline_svg_html(story())


def test_one_day_makes_no_axis() -> None:
    one_day = with_articles(canned(), published_at=datetime(2026, 1, 27, 5, tzinfo=UTC))

    assert timeline_svg_html(one_day) == ""
    undated = with_articles(canned(), published_at=None, updated_at=None)
    assert timeline_svg_html(undated) == "" == timeline_svg_html(abstention("Who?"))


# --- who says what -------------------------------------------------------------------------------


def test_a_disagreement_has_a_column_for_each_position_and_a_row_for_each_outlet() -> None:
    (table,) = tree(source_map_html(canned())).xpath(".//table")

    heads = [h.text_content() for h in table.xpath(".//th[@scope='col']")]
    rows = [r.text_content() for r in table.xpath(".//th[@scope='row']")]
    assert heads == [COST.text, RIVAL.text]
    assert rows == ["The Harbour Courier1 original, 2 reprints", "Northern Ledger"]
    said = [
        [c.xpath("string(.//button/@data-marker)") for c in r.xpath("./td")]
        for r in table.xpath(".//tbody/tr")
    ]
    assert said == [["1", ""], ["", "3"]]


def test_who_is_cited_second_hand_stands_below_a_ring() -> None:
    (table,) = tree(source_map_html(typed("Is it so?"))).xpath(".//table")

    assert len(table.xpath(".//circle[@class='ring']")) == 1
    below = table.xpath(".//tr[@class='byline-second']")
    assert [r.xpath(".//bdi")[0].text for r in below] == ["Reuters", "the builders"]
    assert all(r.xpath("./td")[1].get("class") == "byline-leans" for r in below)


def test_without_a_disagreement_sentences_are_set_against_outlets() -> None:
    (table,) = tree(source_map_html(agreed())).xpath(".//table")

    assert len(table.xpath("./thead//th[@scope='col']")) == 3
    rows = table.xpath("./tbody/tr")
    assert [r.xpath("string(.//span/@data-label)") for r in rows] == ["supported"] * 2
    assert [[c.xpath("string(.//button/@data-marker)") for c in r.xpath("./td")] for r in rows] == [
        ["1", ""],
        ["", "2"],
    ]


def test_one_outlet_makes_no_map() -> None:
    assert source_map_html(with_articles(canned(), outlet="The Harbour Courier")) == ""
    assert source_map_html(abstention("Who?")) == ""


def test_outlets_that_are_unknown_are_not_taken_for_one() -> None:
    (table,) = tree(source_map_html(with_articles(canned(), outlet=None))).xpath(".//table")

    assert len(table.xpath(".//th[@scope='row']")) == 2


# --- foreign text, and a browser -----------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=40))
def test_foreign_text_stays_text(words: str) -> None:
    answer = replace(hostile(words), timeline=story().timeline)
    for markup in (timeline_svg_html(answer), source_map_html(answer)):
        markup.encode()
        names = {e.tag for e in tree(markup).iter()} if markup else set()
        assert not names & {"script", "img", "a", "iframe", "style", "form", "input"}


def test_markup_in_foreign_text_is_escaped() -> None:
    words = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>"
    answer = with_articles(replace(hostile(words), timeline=story().timeline), outlet=words)
    other = {"a2": replace(answer.articles["a2"], outlet=f"other {words}")}
    answer = replace(answer, articles={**answer.articles, **other})
    for markup in (timeline_svg_html(answer), source_map_html(answer)):
        assert markup and not re.search(r"<(img|script)", markup)


def test_both_fit_from_280_pixels_on() -> None:
    css = "".join((WEB / name).read_text("utf-8") for name in ("style.css", "views.css"))
    views = timeline_svg_html(story()) + source_map_html(typed("x")) + source_map_html(agreed())
    with launched() as browser:
        page = browser.new_page()
        page.set_content(f"<style>{css}</style><body style='margin:0'>{views}")
        for width in (280, 390, 900):
            page.set_viewport_size({"width": width, "height": 700})
            _assert_it_fits(page, width)


def _assert_it_fits(page: "Page", width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for table in page.locator(".byline-map-scroll").all():
        assert table.evaluate("n => n.scrollWidth - n.clientWidth") <= 0
    days = page.locator("svg .day:visible").all()
    boxes = sorted((b["x"], b["x"] + b["width"]) for d in days if (b := d.bounding_box()))
    assert len(boxes) >= 2 and boxes[0][0] >= 0 and boxes[-1][1] <= width
    assert all(a[1] <= b[0] for a, b in pairwise(boxes))
