"""A question may count from an event: the articles say on which day it was."""

from datetime import UTC, date, datetime

import pytest

from rag.schema import Article
from rag.timeline import day_of, event_asked, timeline
from tests.passages import passage


def article(
    key: str, text: str, published: date | None = None, updated: date | None = None
) -> Article:
    def moment(day: date | None) -> datetime | None:
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if day else None

    return Article(
        article_id=key,
        revision=1,
        title=None,
        text=text,
        outlet=key,
        published_at=moment(published),
        updated_at=moment(updated),
    )


def days(question: str, *articles: Article) -> list[str]:
    events = timeline(question, [passage(a) for a in articles], {a.article_id: a for a in articles})
    return [e.day.isoformat()[: 10 if e.precision == "day" else 7] for e in events]


STORY = (
    article("a", "The Orme mine was closed on 3 February 2026 by its owner.", date(2026, 2, 4)),
    article("b", "The minister visited the Orme mine on 10 March 2026.", date(2026, 3, 11)),
    article("c", "The Orme mine reopened on 2 April 2026 with fewer men.", date(2026, 4, 3)),
)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What happened at the Orme mine before the minister visited?", "before"),
        ("What happened at the Orme mine after the visit of the minister?", "after"),
        ("What has changed since the minister visited?", "after"),
    ],
)
def test_the_event_that_a_question_counts_from(question: str, asked: str) -> None:
    found = event_asked(question)

    assert found is not None and found[0] == asked and "visit" in found[1]


@pytest.mark.parametrize(
    "question",
    [
        "What happened at the Orme mine?",
        "What happened at the Orme mine before 10 March 2026?",
        "What has changed since Monday?",
        "Who came after him?",
    ],
)
def test_a_date_is_no_event(question: str) -> None:
    assert event_asked(question) is None


def test_only_the_side_that_is_asked_for() -> None:
    before = "What happened at the Orme mine before the minister visited it?"
    after = "What happened at the Orme mine after the minister visited it?"

    assert days("What happened at the Orme mine?", *STORY) == [
        "2026-02-03",
        "2026-03-10",
        "2026-04-02",
    ]
    assert days(before, *STORY) == ["2026-02-03", "2026-03-10"]
    assert days(after, *STORY) == ["2026-03-10", "2026-04-02"]


def test_an_event_that_no_article_dates_leaves_all_in() -> None:
    assert len(days("What happened at the Orme mine after the fire at the mill?", *STORY)) == 3


def test_the_day_of_a_phrase() -> None:
    held = {a.article_id: a for a in STORY}

    found = day_of("the minister visited the Orme mine", [passage(a) for a in STORY], held)

    assert found is not None and found.day == date(2026, 3, 10)
    assert day_of("the fire at the mill", [passage(a) for a in STORY], held) is None


def test_two_days_told_alike_are_no_day() -> None:
    twice = (
        article("a", "The minister visited the Orme mine on 10 March 2026.", date(2026, 3, 11)),
        article("b", "The minister visited the Orme mine on 24 March 2026.", date(2026, 3, 25)),
    )
    held = {a.article_id: a for a in twice}

    assert day_of("the minister visited the Orme mine", [passage(a) for a in twice], held) is None


def test_an_article_dated_by_its_update_alone() -> None:
    said = article("a", "The Orme mine was flooded on Monday.", updated=date(2026, 3, 5))
    unsure = article("b", "The Orme mine was flooded on Wednesday.", updated=date(2026, 3, 5))
    news = article(
        "c", "The Orme mine flooded, and two hundred men were sent home.", updated=date(2026, 3, 19)
    )
    edge = article(
        "d", "The Orme mine flooded, and two hundred men were sent home.", updated=date(2026, 3, 2)
    )
    question = "What happened at the Orme mine?"

    assert days(question, said) == ["2026-03-02"]
    assert days(question, unsure) == []  # this week's, or last week's if it is older
    assert days(question, news) == ["2026-03"]
    assert days(question, edge) == []  # perhaps February's
