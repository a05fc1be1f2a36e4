"""The timeline: what is one event, which are left out, and that each quotes its article."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.render_timeline import timeline_html
from rag.schema import (
    Answer,
    Article,
    Question,
    TimelineEvent,
)
from rag.timeline import timeline
from tests.canned import canned
from tests.passages import WEDNESDAY, article, passage
from tests.test_rag_datings import WORDS


def events(question: str, *articles: Article) -> tuple[TimelineEvent, ...]:
    by_id = {a.article_id: a for a in articles}
    found = timeline(question, [passage(a) for a in articles], by_id)
    for event in found:
        for evidence in event.evidence:
            assert by_id[evidence.article_id].text[evidence.start : evidence.end] == evidence.text
    assert [e.day for e in found] == sorted(e.day for e in found)
    return found


ASKED = "What happened at the Quarrel dam?"


def test_one_event_of_two_outlets_has_two_sources() -> None:
    found = events(
        ASKED,
        article("post", "The Quarrel dam broke on Monday and flooded six farms.", "2026-03-03"),
        article(
            "echo", "Six farms were flooded when the Quarrel dam broke on Monday.", "2026-03-04"
        ),
    )

    (event,) = found
    assert event.day == date(2026, 3, 2)
    assert {e.article_id for e in event.evidence} == {"post", "echo"}


def test_a_reprint_counts_once() -> None:
    text = "The Quarrel dam broke on Monday and flooded six farms."

    (event,) = events(
        ASKED,
        article("post", text, "2026-03-03", group_id="g"),
        article("echo", text, "2026-03-04", group_id="g"),
    )

    assert [e.article_id for e in event.evidence] == ["post"]


def test_other_figures_of_one_day_are_kept_apart() -> None:
    found = events(
        ASKED,
        article("post", "The Quarrel dam broke on Monday and flooded six farms.", "2026-03-03"),
        article("echo", "The Quarrel dam broke on Monday and flooded nine farms.", "2026-03-03"),
    )

    assert [len(e.evidence) for e in found] == [1, 1]


def test_an_event_of_another_day_is_another() -> None:
    found = events(
        ASKED,
        article("post", "The Quarrel dam broke on Monday and flooded six farms.", "2026-03-03"),
        article("echo", "The Quarrel dam broke on Sunday and flooded six farms.", "2026-03-03"),
    )

    assert [e.day.day for e in found] == [1, 2]


def test_the_news_of_the_next_day_is_the_event_of_the_day_told() -> None:
    (event,) = events(
        ASKED,
        article(
            "echo", "The Quarrel dam has broken and flooded six farms in the valley.", "2026-03-03"
        ),
        article("post", "The Quarrel dam broke on Monday and flooded six farms.", "2026-03-04"),
    )

    assert (event.day, event.told) == (date(2026, 3, 2), "reckoned")
    assert [e.article_id for e in event.evidence] == ["post", "echo"]


def test_a_plan_that_came_true_is_no_event_of_its_own() -> None:
    (event,) = events(
        "When did the Quarrel council vote?",
        article("post", "The Quarrel council will vote on the dam on Tuesday.", "2026-03-01"),
        article("echo", "The Quarrel council voted on the dam on Tuesday.", "2026-03-04"),
    )

    assert not event.planned and event.day == date(2026, 3, 3)


def test_other_stories_stay_out() -> None:
    assert not events(
        ASKED, article("post", "The Marlow bakery burned down on Monday.", "2026-03-03")
    )


def test_an_undated_article_gives_only_whole_dates() -> None:
    text = "The Quarrel dam broke on Monday. The Quarrel dam was built in May 1931."

    (event,) = events(ASKED, article("post", text, None))

    assert (event.day, event.precision, event.told) == (date(1931, 5, 1), "month", "said")


def test_an_article_that_was_updated_later_is_counted_from_both_days() -> None:
    text = "The Quarrel dam broke on Monday. The Quarrel dam was blown up on Thursday in 1931."
    one = article("post", text + " The Quarrel dam was emptied on 2 May 2025.", "2026-03-03")
    later = replace(one, updated_at=datetime(2026, 3, 9, tzinfo=UTC))
    soon = replace(one, updated_at=datetime(2026, 3, 4, tzinfo=UTC))

    assert [e.day for e in events(ASKED, later)] == [date(2025, 5, 2)]
    assert [e.day for e in events(ASKED, soon)] == [date(2025, 5, 2), date(2026, 3, 2)]


def test_a_pronoun_brings_its_sentence_along() -> None:
    text = "The Quarrel dam held back a lake. It was blown up on Monday."

    (event,) = events(ASKED, article("post", text, "2026-03-04"))

    assert event.evidence[0].text == text


def test_a_correction_is_no_event() -> None:
    text = (
        "Correction: An earlier version of this article said on Monday that the Quarrel dam broke."
    )

    assert not events(ASKED, article("post", text, "2026-03-04"))


def test_at_most_twelve_events() -> None:
    text = " ".join(
        f"The Quarrel dam lost gate number {n} on {n} January 2026." for n in range(1, 21)
    )

    assert len(events(ASKED, article("post", text, "2026-03-04"))) == 12


def test_nothing_found_is_no_timeline() -> None:
    assert timeline(ASKED, [], {}) == ()


def test_an_event_that_nobody_tells_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing tells"):
        TimelineEvent(day=WEDNESDAY, precision="day", told="said", evidence=())


@given(
    sentences=st.lists(
        st.lists(
            st.sampled_from([*WORDS, "Quarrel dam", "It", "broke", "\n"]), min_size=3, max_size=14
        ),
        max_size=8,
    ),
    day=st.none() | st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
def test_every_event_quotes_its_article(sentences: list[list[str]], day: date | None) -> None:
    text = " ".join(" ".join(["The", *words]) + "." for words in sentences)
    one = article("post", text, day.isoformat() if day else None)

    for event in events(ASKED, one):
        assert event.planned or day is None or event.day <= day + timedelta(days=1)


def test_the_html_escapes_what_is_foreign() -> None:
    text = "The <b>Quarrel</b> dam broke on 3 February 2026. The Quarrel dam was built in 1931."
    one = article("post", text, "2026-03-04", outlet='"><script>')
    found = events(ASKED, one)
    html = timeline_html(
        Answer(
            question=Question(asked=ASKED),
            sentences=canned().sentences,
            timeline=found,
            articles={"post": one, **canned().articles},
        )
    )

    assert len(found) == 2
    assert "<script" not in html and "<b>" not in html and "&lt;b&gt;" in html
