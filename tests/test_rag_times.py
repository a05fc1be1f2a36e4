"""The times that a question names: which days they cover, and what they do to its articles."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.period import brought_near, is_news_of, narrowed, period_of, tells_of, too_new
from rag.schema import Article, Days, Filters, Question
from rag.times import times

NEWEST = date(2026, 3, 4)  # a Wednesday
TODAY = date(2026, 3, 6)
WORDS = st.sampled_from(
    """what was reported happened in on since before after until between from to and the of last
    this past first second half quarter Q3 week month year days two 3 31 29 0 99 January May may
    March February 2024 2020 1999 9999 Monday yesterday today ago early end - , ? ' . 3/4/2024 3-7
    2024-02-30 the\u00a0start beginning of 1990s decade few couple attack World Cup""".split(" ")
)


def days_of(question: str) -> list[tuple[date | None, date | None]]:
    return [(t.since, t.until) for t in times(question, newest=NEWEST, today=TODAY)]


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What was said in January?", date(2026, 1, 1), date(2026, 1, 31)),
        ("What was said in May?", date(2025, 5, 1), date(2025, 5, 31)),
        ("In early March 2024, what was said?", date(2024, 3, 1), date(2024, 3, 31)),
        ("What was said on 29 February?", date(2024, 2, 29), date(2024, 2, 29)),
        ("What was said on the 3rd of March?", date(2026, 3, 3), date(2026, 3, 3)),
        ("What was said in the first half of 2023?", date(2023, 1, 1), date(2023, 6, 30)),
        ("What was said in the last quarter of 2023?", date(2023, 10, 1), date(2023, 12, 31)),
        ("What was said in Q2 2024?", date(2024, 4, 1), date(2024, 6, 30)),
        ("What was said between March and May?", date(2025, 3, 1), date(2025, 5, 31)),
        ("What was said between November and February?", date(2025, 11, 1), date(2026, 2, 28)),
        ("What was said from 3 to 7 March 2024?", date(2024, 3, 3), date(2024, 3, 7)),
        ("What was said since May?", date(2025, 5, 1), None),
        ("What was said from February onwards?", date(2026, 2, 1), None),
        ("What was said after 3 March 2026?", date(2026, 3, 4), None),
        ("What was said before 3 February?", None, date(2026, 2, 2)),
        ("What was said until the end of 2024?", None, date(2024, 12, 31)),
        ("What was said yesterday?", date(2026, 3, 5), date(2026, 3, 5)),
        ("What was said last week?", date(2026, 2, 23), date(2026, 3, 1)),
        ("What was said this year?", date(2026, 1, 1), date(2026, 12, 31)),
        ("What was said over the past two weeks?", date(2026, 2, 20), TODAY),
        ("What was said in the last 36 hours?", date(2026, 3, 4), TODAY),
        ("What was said since the start of the year?", date(2026, 1, 1), None),
        ("What was said on Monday?", date(2026, 3, 2), date(2026, 3, 2)),
    ],
)
def test_a_time_covers_its_days(question: str, since: date | None, until: date | None) -> None:
    assert days_of(question) == [(since, until)]


@pytest.mark.parametrize(
    "question",
    [
        "Who led the January attack?",
        "Who was the runner-up of the 2014 World Cup?",
        "What did the January 6 committee find?",
        "What will be decided next week?",
        "What may happen to the march?",
        "What was said on 3/4/2024?",  # in March to some, in April to others
        "How many of the 2000 tickets were sold?",
    ],
)
def test_what_is_no_time_of_the_question_is_left_alone(question: str) -> None:
    assert days_of(question) == []


def test_without_the_day_of_asking_nothing_is_counted_from_it() -> None:
    assert times("What was said last week?", newest=NEWEST, today=None) == ()
    assert times("What was said in May?", newest=None, today=None) == ()


def test_a_name_is_no_day() -> None:
    assert times("What does USA Today say?", newest=NEWEST, today=TODAY) == ()
    assert times("What is said today?", newest=NEWEST, today=TODAY)
    assert times("Today, what is said?", newest=NEWEST, today=TODAY)


@given(
    st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=14).map(" ".join)),
    st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.none() | st.dates(date(1990, 1, 1), date(2100, 12, 31)),
)
def test_every_time_stands_in_the_text(text: str, newest: date | None, today: date | None) -> None:
    end = 0
    for time in times(text, newest=newest, today=today):
        assert end <= time.start < time.end <= len(text)
        assert time.text == text[time.start : time.end]
        assert time.first <= time.last
        assert time.since is not None or time.until is not None
        assert not time.is_within or (time.since, time.until) == (time.first, time.last)
        end = time.end


@given(st.lists(WORDS, max_size=14).map(" ".join), st.none() | st.just(TODAY))
def test_a_limit_is_read_from_words_of_the_question(text: str, today: date | None) -> None:
    question = Question(asked=text)

    for read in (narrowed(question, NEWEST, today), brought_near(question, NEWEST, today)):
        if read is not None:
            assert len(read.read) == 1 and read.read[0] in text and read.asked == text
            assert read.filters.dated or read.near is not None


# --- what it does to the articles ----------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "What was reported about the tram in January?",
        "In January, what was reported about the tram?",
        "What did the papers write about the tram in January?",
        "What did the Courier report in January?",
        "Which newspapers covered the tram vote in January?",
        "Show me articles about the tram from January",
        "News of January",
        "What does the coverage of January say about the tram?",
    ],
)
def test_reports_of_a_time_are_of_that_time(question: str) -> None:
    period = period_of(question, NEWEST, TODAY)

    assert period is not None and period.told is None
    assert (period.since, period.until) == (date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    "question",
    [
        "What happened at the harbour in January?",
        "What did the council announce in January?",
        "In January, what happened at the harbour?",
    ],
)
def test_what_happened_in_a_time_is_told_until_some_days_later(question: str) -> None:
    period = period_of(question, NEWEST, TODAY)

    assert period is not None
    assert (period.since, period.until) == (date(2026, 1, 1), date(2026, 2, 7))
    assert period.told == Days(first=date(2026, 1, 1), last=date(2026, 1, 31))


@pytest.mark.parametrize(
    "question",
    [
        "Who won the election in November 2020?",
        "How much did the bridge cost in January?",
        "How many people were reported missing in January?",
        "Was the tram approved in January?",
        "What was written about the deal that was signed in January?",
        "What was said of the January attack?",
        "What was reported about the 2018 World Cup in May?",
        "What happened between the vote in January and the one in February?",
    ],
)
def test_a_time_that_may_be_meant_otherwise_leaves_no_article_out(question: str) -> None:
    assert period_of(question, NEWEST, TODAY) is None


def test_a_time_after_the_newest_article_leaves_none_out() -> None:
    asked = Question(asked="What was reported on the tram this week?")
    old = date(2022, 8, 26)

    assert narrowed(asked, old, TODAY) is None
    assert too_new(asked, old, TODAY) == (
        "No article is as new as \u201cthis week\u201d; the newest is of 26 August 2022."
    )
    assert too_new(asked, NEWEST, TODAY) is None and narrowed(asked, NEWEST, TODAY) is not None


def test_a_short_time_comes_first_and_its_words_are_not_looked_for() -> None:
    near = brought_near(Question(asked="In January, who won the cup?"), NEWEST, TODAY)

    assert near is not None and not near.filters
    assert near.text == "Who won the cup?"
    assert near.near == Days(first=date(2026, 1, 1), last=date(2026, 1, 31))
    assert near.read == ("In January",)


@pytest.mark.parametrize("asked", ["Who won the cup in 2021?", "Who won the cup since January?"])
def test_a_long_time_does_not_come_first(asked: str) -> None:
    assert brought_near(Question(asked=asked), NEWEST, TODAY) is None


@pytest.mark.parametrize("filters", [Filters(alone=True), Filters(until=TODAY)])
def test_limits_of_the_reader_are_the_only_ones(filters: Filters) -> None:
    for asked in ("What was reported in January?", "Who won in January?", "Who won this week?"):
        question = Question(asked=asked, filters=filters)
        assert narrowed(question, NEWEST, TODAY) is None
        assert brought_near(question, NEWEST, TODAY) is None
        assert too_new(question, date(2020, 1, 1), TODAY) is None


def test_an_article_of_soon_after_may_tell_the_news_and_a_later_one_if_it_says_so() -> None:
    days = Days(first=date(2026, 1, 1), last=date(2026, 1, 31))

    def of(day: date) -> Article:
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return Article(
            article_id="a", revision=1, title=None, text="", outlet=None, published_at=moment
        )

    assert is_news_of(days, of(date(2026, 2, 10))) and not is_news_of(days, of(date(2026, 3, 1)))
    assert not is_news_of(days, of(date(2025, 12, 20)))
    assert tells_of(days, of(date(2026, 6, 1)), "It sank on 3 January.")
    assert tells_of(days, of(date(2027, 6, 1)), "It sank in January 2026.")
    assert not tells_of(days, of(date(2027, 6, 1)), "It sank in January.")
    assert not tells_of(days, of(date(2026, 3, 1)), "It sank on Monday; it was built in 2026.")
    assert not tells_of(days, of(days.first - timedelta(days=1)), "It will sink on 3 January 2026.")
