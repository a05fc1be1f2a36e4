"""The time that a question names: of what days its articles must be."""

from datetime import date

import pytest

from rag.period import counted_from_newest, narrowed, period_of, period_text
from rag.schema import (
    Filters,
    Question,
)
from tests.passages import WEDNESDAY, article

# --- the time that a question names ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What changed since 3 March?", date(2026, 3, 3), None),
        ("What has happened at the dam after 3 March 2026?", date(2026, 3, 4), None),
        ("What has happened at the dam since March 2026?", date(2026, 3, 1), None),
        ("What was reported on the dam before 3 March 2026?", None, date(2026, 3, 2)),
        ("What do articles of 3 March 2026 say?", date(2026, 3, 3), date(2026, 3, 3)),
        ("What was reported in January 2026?", date(2026, 1, 1), date(2026, 1, 31)),
    ],
)
def test_a_question_may_name_its_time(
    question: str, since: date | None, until: date | None
) -> None:
    period = period_of(question, WEDNESDAY)

    assert period is not None and (period.since, period.until) == (since, until)
    assert period.text in question


@pytest.mark.parametrize(
    "question",
    [
        "How many farms were flooded since 3 March 2026?",
        "What happened at the dam before 3 March 2026?",  # later articles tell it too
        "What happened on 3 March 2026?",
        "What happened since Monday?",
        "What changed between 1 March 2026 and 3 March 2026?",
        "Who was the mayor in 2026?",
        "What happened to May after the vote?",
    ],
)
def test_other_questions_are_not_narrowed(question: str) -> None:
    assert period_of(question, WEDNESDAY) is None


def test_days_that_the_user_gave_stay() -> None:
    question = Question(
        asked="What changed since 3 March 2026?", filters=Filters(until=date(2026, 5, 1))
    )

    assert narrowed(question, ()) is None


def test_a_narrowed_question_keeps_the_rest() -> None:
    filters = Filters(outlets=("Post",))
    question = narrowed(Question(asked="What changed since 3 March 2026?", filters=filters), ())

    assert question is not None
    assert question.filters == Filters(since=date(2026, 3, 3), outlets=("Post",))
    assert (question.asked, question.text) == ("What changed since 3 March 2026?", "What changed?")


def test_the_latest_is_counted_from_the_newest() -> None:
    dated = article("post", "The dam broke.", "2026-03-04")
    latest = Question(asked="What is the latest on the dam?")
    plain = Question(asked="Who built the dam?")

    assert counted_from_newest(latest, (dated,)).filters.until == WEDNESDAY
    assert counted_from_newest(plain, (dated,)) is plain


def test_periods_in_words() -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 31)

    assert period_text(Filters(since=first)) == "since 1 January 2026"
    assert period_text(Filters(until=last)) == "until 31 January 2026"
    assert period_text(Filters(since=first, until=first)) == "of 1 January 2026"
    assert period_text(Filters(since=first, until=last)) == (
        "from 1 January 2026 to 31 January 2026"
    )
