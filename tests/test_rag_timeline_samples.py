"""Timelines over the samples: what answers, renderings and questions of a time make of them."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag.day_words import moment_text
from rag.render import to_text
from rag.render_json import to_json
from rag.render_markdown import to_markdown
from rag.render_timeline import timeline_html
from rag.schema import (
    Answer,
    AnswerEvent,
    Filters,
)
from rag.settings import Settings
from tests.canned import abstention
from tests.passages import WEDNESDAY
from web.desk import Desk

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


# --- over the samples ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("timeline") / "home"
    with Desk.open(Settings(home=home, llm_model="", llm_base_url=""), create=True) as desk:
        desk.ingest([SAMPLES / "articles"])
        yield desk


def ask(desk: Desk, question: str, filters: Filters = Filters()) -> Answer:
    *_, last = desk.ask(question, filters=filters)
    assert isinstance(last, AnswerEvent)
    return last.answer


def told(answer: Answer, day: str) -> str:
    """What the timeline has on a day."""
    return " | ".join(
        e.evidence[0].text
        for e in answer.timeline
        if moment_text(e.day, e.precision, planned=e.planned) == day
    )


FERRY = "How many people died in the Lake Verrin ferry accident?"


def test_the_ferry_story_in_its_days(samples: Desk) -> None:
    answer = ask(samples, FERRY)

    assert "passed an inspection" in told(answer, "November 2025")
    assert "nine people died" in told(answer, "2 March 2026")
    assert "Schools" in told(answer, "3 March 2026 (planned)")
    assert "Twelve people died" in told(answer, "4 March 2026")
    assert "until Friday" in told(answer, "6 March 2026 (planned)")
    assert [e.day for e in answer.timeline] == sorted(e.day for e in answer.timeline)
    assert answer.timings_ms["timeline"] > 0


def test_two_openings_of_one_plant(samples: Desk) -> None:
    answer = ask(samples, "When will the Orrin battery plant in Westmere open?")

    assert "Gazette" in told(answer, "September 2026 (planned)")
    assert "notice to investors" in told(answer, "November 2026 (planned)")


def test_a_reservoir_sinks(samples: Desk) -> None:
    answer = ask(samples, "How full is the Arden reservoir in the Teal Valley?")

    assert "34 percent" in told(answer, "10 May 2026")
    assert "29 percent" in told(answer, "24 May 2026")


def test_the_json_quotes_the_article(samples: Desk) -> None:
    body = to_json(ask(samples, FERRY))

    assert json.loads(json.dumps(body)) == body
    (twelve,) = [e for e in body["timeline"] if e["date"] == "2026-03-04"]
    assert (twelve["precision"], twelve["told"], twelve["planned"]) == ("day", "reckoned", False)
    for event in body["timeline"]:
        for source in event["sources"]:
            text = samples.article(source["article_id"]).text
            assert text[source["start"] : source["end"]] == source["quote"]
            assert source["published_at"].endswith("Z") and source["outlet"]


def test_text_and_markdown_have_the_timeline(samples: Desk) -> None:
    body = to_json(ask(samples, FERRY))

    assert "\nTimeline\n  - November 2025: \u201cThe operator" in to_text(body)
    assert "**Timeline**\n\n- **November 2025**: \u201cThe operator" in to_markdown(body)


def test_one_day_is_no_timeline_to_show(samples: Desk) -> None:
    answer = ask(samples, FERRY)
    single = replace(answer, timeline=answer.timeline[:1])

    assert "Timeline" not in to_text(to_json(single))
    assert "Timeline" not in to_markdown(to_json(single))
    assert timeline_html(single) == ""


def test_an_abstention_has_no_timeline(samples: Desk) -> None:
    answer = ask(samples, "Who won the chess tournament in Reykjavik?")

    assert answer.abstained and answer.timeline == ()
    assert timeline_html(abstention("Who?")) == ""
    assert to_json(abstention("Who?"))["timeline"] == []


def test_the_html_opens_each_article_at_the_words(samples: Desk) -> None:
    answer = ask(samples, FERRY)
    html = timeline_html(answer)

    buttons = re.findall(r"<button[^>]*>", html)
    assert len(buttons) == sum(len(e.evidence) for e in answer.timeline)
    for button, evidence in zip(
        buttons, [v for e in answer.timeline for v in e.evidence], strict=True
    ):
        assert f'data-article="{evidence.article_id}" data-revision="1"' in button
        marker = re.search(r'data-marker="(\d+)"', button)
        assert marker and f"{marker[1]}-{evidence.start}-{evidence.end}" in button
    assert '<time datetime="2025-11"' in html and '<time datetime="2026-03-02"' in html


def test_a_question_keeps_to_the_time_it_names(samples: Desk) -> None:
    answer = ask(samples, "What happened on Lake Verrin after 3 March 2026?")

    assert answer.question.filters == Filters(since=date(2026, 3, 4))
    assert answer.notice is not None
    assert answer.notice.startswith("Looked at articles since 4 March 2026.")
    assert {answer.articles[c.evidence.article_id].day for c in answer.citations} == {WEDNESDAY}


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (
            "What has happened on Lake Verrin since 1 January 2030?",
            "No article since 1 January 2030 tells of this; "
            "what the archive has on it is from 2 March 2026 to 4 March 2026.",
        ),
        (
            "What happened to the Nvidia H200 chips since 1 June 2026?",
            "No article since 1 June 2026 tells of this; "
            "what the archive has on it is from 29 January 2026 to 30 January 2026.",
        ),
    ],
)
def test_news_of_another_time_is_shown_as_near_and_no_answer(
    samples: Desk, question: str, reason: str
) -> None:
    answer = ask(samples, question)

    assert (answer.abstained, answer.refusal, answer.reason) == (True, "period", reason)
    assert 0 < len(answer.nearest) <= 3
    assert all(
        answer.articles[e.article_id].text[e.start : e.end] == e.text for e in answer.nearest
    )
    assert not answer.citations and not answer.conflicts and answer.notice is None
    assert not answer.question.filters.dated


def test_the_latest_comes_first(samples: Desk) -> None:
    answer = ask(samples, "What is the latest on the ferry accident on Lake Verrin?")

    first = answer.sentences[0].citations[0].evidence
    assert answer.articles[first.article_id].day == WEDNESDAY
    assert not answer.question.filters.dated
