"""What a question finds: the limits that it names itself, put on and taken off, and each search."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag.packing import packed, unpacked
from rag.pipeline import Pipeline
from rag.render_json import to_json
from rag.render_searches import beyond_limits
from rag.render_turn import answer_html
from rag.schema import Answer, Days, Filters
from rag.settings import Settings
from web.desk import Desk

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
MAY = Days(first=date(2026, 5, 1), last=date(2026, 5, 31))


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    home = tmp_path_factory.mktemp("find") / "home"
    with Desk.open(Settings(home=home, llm_model="", llm_base_url=""), create=True) as desk:
        desk.ingest([SAMPLES / "articles"])
        made = desk.answering.pipeline()
        yield replace(made, today=lambda: date(2026, 6, 25), suggest_s=0.0)


def days_of(answer: Answer) -> set[date | None]:
    return {answer.articles[c.evidence.article_id].day for c in answer.citations}


def test_reports_of_a_time_are_looked_for_in_that_time_alone(pipeline: Pipeline) -> None:
    answer = pipeline.answer("What was reported about the Arden reservoir in May?")

    assert answer.question.filters == Filters(since=MAY.first, until=MAY.last)
    assert answer.question.text == "What was reported about the Arden reservoir?"
    assert answer.question.read == ("in May",)
    assert answer.notice is not None
    assert answer.notice.startswith("Looked at articles from 1 May 2026 to 31 May 2026.")
    assert answer.sentences
    assert all(day and MAY.first <= day <= MAY.last for day in days_of(answer))
    assert [s.aim for s in answer.searches] == ["question", "time"]


def test_what_was_not_reported_in_a_time_is_refused_with_what_is_near(pipeline: Pipeline) -> None:
    answer = pipeline.answer("What was reported about the Arden reservoir in January?")

    assert answer.refusal == "period" and answer.nearest
    assert answer.reason is not None and "from 1 January 2026 to 31 January 2026" in answer.reason


def test_what_happened_in_a_time_is_not_answered_with_another(pipeline: Pipeline) -> None:
    happened = pipeline.answer("What happened on Lake Verrin in March 2026?")
    before = pipeline.answer("What happened on Lake Verrin in January 2026?")

    assert happened.sentences and happened.question.near is not None
    assert happened.question.filters == Filters(since=date(2026, 3, 1), until=date(2026, 4, 7))
    assert before.refusal == "period"


def test_a_later_article_answers_if_it_tells_of_the_time(pipeline: Pipeline) -> None:
    """None of November is held, and one of March tells what happened then."""
    answer = pipeline.answer("What happened to the vessel inspection in November?")

    assert "in November" in answer.sentences[0].text
    assert not answer.question.filters.dated
    assert answer.notice is not None and answer.notice.startswith(
        "No article from 1 November 2025 to 7 December 2025 tells of this; a later one does."
    )
    assert [s.aim for s in answer.searches] == ["question", "time", "any time"]


def test_a_time_that_may_be_meant_otherwise_comes_first_only(pipeline: Pipeline) -> None:
    answer = pipeline.answer("How full was the Arden reservoir in May?")

    assert answer.question.near == MAY and not answer.question.filters
    assert answer.question.text == "How full was the Arden reservoir?"
    assert answer.sentences
    assert answer.notice == "Articles from 1 May 2026 to 31 May 2026 came first."
    assert [s.near for s in answer.searches] == [None, MAY]


def test_a_time_without_news_of_it_leaves_the_question_as_it_is(pipeline: Pipeline) -> None:
    asked = "How full was the Arden reservoir in July 2021?"
    answer, plain = pipeline.answer(asked), pipeline.answer(asked, filters=Filters(alone=True))

    assert answer.question.text == asked and answer.question.near is None
    assert answer.question.read == ()
    assert answer.sentences == plain.sentences and answer.reason == plain.reason
    assert [s.aim for s in answer.searches] == ["question", "time"]  # tried, and told


def test_a_reader_can_ask_without_the_limit(pipeline: Pipeline) -> None:
    asked = "What was reported about the Arden reservoir in January?"
    answer = pipeline.answer(asked, filters=Filters(alone=True))

    assert not answer.question.filters.dated and answer.question.text == asked
    assert len(answer.searches) == 1


def test_a_time_after_all_articles_is_told_and_limits_nothing(pipeline: Pipeline) -> None:
    late = replace(pipeline, today=lambda: date(2030, 1, 1))
    answer = late.answer("How full was the Arden reservoir this week?")

    assert answer.notice == (
        "No article is as new as \u201cthis week\u201d; the newest is of 19 June 2026."
    )
    assert answer.sentences and not answer.question.filters.dated


def test_every_search_is_recorded_and_shown(pipeline: Pipeline) -> None:
    answer = pipeline.answer("What was reported about the Arden reservoir in May?")
    shown, body = answer_html(answer), to_json(answer)

    for search, told in zip(answer.searches, body["searches"], strict=True):
        assert 0 < search.n_kept <= search.n_considered
        assert max(search.n_words, search.n_meaning) <= search.n_considered
        assert search.n_considered <= search.n_words + search.n_meaning
        assert told["n_considered"] == search.n_considered and told["text"] == search.text
        assert f"Different passages considered: {search.n_considered}." in shown
    assert body["read"] == ["in May"] and body["searches"][1]["filters"]["since"] == "2026-05-01"
    assert '<q dir="auto">in May</q>' in shown and "byline-alone" in shown


def test_limits_stand_above_the_answer_once(pipeline: Pipeline) -> None:
    answer = pipeline.answer("What was reported about the Arden reservoir in May?")
    shown = answer_html(answer)
    above, _, below = shown.partition("byline-sentence")

    assert "1 May 2026 to 31 May 2026</span>" in above
    assert "“in May”</span>" in above and "byline-alone" in above
    assert answer.notice and 'class="byline-notice" dir="auto">1 undated article' in shown
    assert "Limited to" in below  # and in the steps

    chosen = pipeline.answer(
        "What was reported about the Arden reservoir?",
        filters=Filters(outlets=("Hillside Herald",)),
    )
    above = answer_html(chosen).partition("<footer")[0]
    assert "Hillside Herald" in above and "byline-alone" not in above
    assert beyond_limits("The model was cut off.", answer.question) == "The model was cut off."

    none = pipeline.answer("What was reported about the Arden reservoir in 1953?")
    assert none.abstained and "byline-alone" in answer_html(none).partition("<footer")[0]


def test_answers_kept_before_searches_were_recorded_can_still_be_read(pipeline: Pipeline) -> None:
    answer = pipeline.answer("How full was the Arden reservoir in May?")
    again = unpacked(packed(answer))
    assert (again.question, again.searches) == (answer.question, answer.searches)

    body = json.loads(packed(answer))
    for name in ("near", "read"):
        del body["question"][name]
    del body["question"]["filters"]["alone"], body["searches"]
    old = unpacked(json.dumps(body))

    assert old.searches == () and old.sentences == answer.sentences
    assert "byline-searches" not in answer_html(old)
