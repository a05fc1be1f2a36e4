"""Days that sentences speak of: weekdays, what is relative, what is planned."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.datings import Dating, datings, tells_news
from tests.passages import WEDNESDAY


def only(text: str, today: date | None = WEDNESDAY) -> Dating:
    (dating,) = datings(text, today)
    return dating


def day_of(text: str, today: date | None = WEDNESDAY) -> str:
    """The day as told, with "+" where it is planned; "" where none is."""
    found = datings(text, today)
    if not found:
        return ""
    (dating,) = found
    shown = dating.day.isoformat()[: {"day": 10, "month": 7, "year": 4}[dating.precision]]
    return shown + ("+" if dating.planned else "")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The bridge was closed on Monday.", "2026-03-02"),
        ("The bridge was closed on Wednesday.", "2026-03-04"),
        ("The bridge closed Tuesday after the flood.", "2026-03-03"),
        ("On Friday, the board sacked its director.", "2026-02-27"),
        ("The council will vote on Wednesday.", "2026-03-04+"),
        ("The council will vote on Monday.", "2026-03-09+"),
        ("A service will be held on Thursday.", "2026-03-05+"),
        ("The council is expected to vote next Monday.", "2026-03-09+"),
        ("The council was dissolved last Wednesday.", "2026-02-25"),
        ("The council was dissolved last Friday.", "2026-02-27"),
        # Tomorrow's weekday; this week's Monday to some; in two days to some, in nine to others.
        ("The bridge was closed on Thursday.", ""),
        ("The council was dissolved last Monday.", ""),
        ("The council will vote next Friday.", ""),
        ("The council meeting on Friday.", ""),
        ("The market opened on Mondays.", ""),
        ("Nobody has crossed it since Monday.", ""),
        ("The Monday vote was close.", ""),
        ("The council voted at Monday's meeting.", "2026-03-02"),
        ("Black Friday was quiet.", ""),
        ("He told CBS Sunday Morning about it.", ""),
        ("Asked on Monday why he won't go, he smiled.", "2026-03-02"),
    ],
)
def test_a_weekday_needs_a_tense(text: str, day: str) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Two men were arrested yesterday.", "2026-03-03"),
        ("The bridge was closed today.", "2026-03-04"),
        ("From today hoses stay off.", "2026-03-04"),
        ("The ban will begin tomorrow.", "2026-03-05+"),
        ("The storm hit the coast three days ago.", "2026-03-01"),
        ("The storm hit the coast ten days ago.", ""),
        ("The shop opened last month.", "2026-02"),
        ("The shop opened last year.", "2025"),
        ("The shop opened last week.", ""),  # 23 February to 1 March: two months
        ("The shop opened two years ago.", ""),  # in March: 2023 or 2024
        ("The ferry passed an inspection in November.", "2025-11"),
        ("The plant will open in November.", "2026-11+"),
        ("Hiring starts in July.", "2026-07+"),
        ("The plant would open in November.", ""),
        ("The plant could open in November.", ""),
        ("The plant was to open in February.", ""),
        ("The storm broke the dam on 28 December.", "2025-12-28"),
        ("The council approved it on February 27.", "2026-02-27"),
        ("The trial will begin on June 15.", "2026-06-15+"),
        ("The police asked who stormed the hall on January 6.", ""),
        ("Readers of USA TODAY asked what it cost.", ""),
        ("He drew thousands of dollars today.", ""),
        ("The dam held from 2 March to 5 March.", ""),
        ("Snow fell on March 2-5 in the hills.", ""),
        ("Prices rose by a tenth against the same time last year.", ""),
        ("Snow fell a day earlier in the hills.", ""),
        ("The dam broke two years after it was mended in May 2024.", ""),
    ],
)
def test_what_is_relative_is_counted_from_the_day_of_the_article(text: str, day: str) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize("text", ["It rained on Monday.", "He came yesterday.", "It shut in May."])
def test_nothing_is_counted_without_a_day_to_count_from(text: str) -> None:
    assert datings(text, None) == ()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The yard closed in 2011.", "2011"),
        ("The dam broke on 3 February 2026.", "2026-02-03"),
        ("The plant will open in September 2026.", "2026-09+"),
        ("The court sat on 3/4/2026 in secret.", ""),
        ("The court sat on 2026-03-02 in secret.", "2026-03-02"),
    ],
)
def test_a_whole_date_needs_no_article(text: str, day: str) -> None:
    assert day_of(text, None) == day
    assert not day or only(text, None).told == "said"


def test_a_date_that_lies_ahead_is_planned_whatever_the_verb() -> None:
    assert (
        day_of("The law takes force on 1 July 2026 and was passed without debate.") == "2026-07-01+"
    )
    assert day_of("The law was given force from the morning of 1 July 2026.") == "2026-07-01+"
    assert day_of("Lawmakers set the date of the vote in July 2026.") == "2026-07+"


def test_year_boundaries() -> None:
    new_year = date(2026, 1, 1)  # a Thursday

    assert day_of("The roof fell in on Tuesday.", new_year) == "2025-12-30"
    assert day_of("The roof fell in yesterday.", new_year) == "2025-12-31"
    assert day_of("The roof fell in last month.", new_year) == "2025-12"
    assert day_of("The roof will be mended in February.", new_year) == "2026-02+"
    assert day_of("The ball will be held on Saturday.", date(2026, 2, 27)) == "2026-02-28+"
    assert day_of("The ball will be held on Sunday.", date(2026, 2, 27)) == "2026-03-01+"


def test_what_was_said_on_a_day_counts_only_if_nothing_else_does() -> None:
    text = "The plant will open in September 2026, the director said on Tuesday."

    assert day_of(text) == "2026-09+"
    assert day_of("Twelve people have died, the police said on Tuesday.") == "2026-03-03"
    assert day_of("The bridge fell two days earlier, the police said on Tuesday.") == ""
    assert day_of("PORT ANSLEY, March 3 (Wire) \u2014 A ferry sank.") == "2026-03-03"


def test_words_of_others_date_nothing() -> None:
    assert day_of("\u201cWe lost him yesterday,\u201d said the baker.") == ""


def test_clauses_of_different_days_are_told_apart() -> None:
    text = "Work is to begin in September, and the first trams should run in the spring of 2029."

    first, second = datings(text, date(2026, 4, 14))

    assert (first.day, first.precision) == (date(2026, 9, 1), "month")
    assert text[first.start : first.end] == "Work is to begin in September"
    assert (second.day, second.precision) == (date(2029, 1, 1), "year")
    assert text[second.start : second.end] == "the first trams should run in the spring of 2029."


@given(
    today=st.dates(date(2000, 1, 9), date(2090, 1, 1)),
    name=st.sampled_from("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
)
def test_every_weekday_is_that_weekday(today: date, name: str) -> None:
    past = datings(f"The dam broke on {name}.", today)
    planned = only(f"The board will vote on {name}.", today)

    assert f"{planned.day:%A}" == name and 0 <= (planned.day - today).days <= 6
    for dating in past:
        assert f"{dating.day:%A}" == name and 0 <= (today - dating.day).days <= 5
    assert bool(past) or f"{today + timedelta(days=1):%A}" == name


WORDS = (
    "on Monday|yesterday|tomorrow|last week|this week|next month|in May|in 2031|by June 3|the|"
    "ferry|council|will|was|voted|said|sank|told|would|is to|, and|;|on 3 March 2026|on March 9|"
    "today|this weekend|two days ago|\u201cno\u201d|until Friday|in 2025|on February 29|.|"
    "29 February"
).split("|")


@given(
    words=st.lists(st.sampled_from(WORDS), max_size=25),
    today=st.none() | st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
def test_what_has_happened_is_not_after_its_article(words: list[str], today: date | None) -> None:
    text = " ".join(words)
    for dating in datings(text, today):
        assert 0 <= dating.start < dating.end <= len(text)
        assert today is not None or dating.told == "said"
        if today is not None and not dating.planned:
            assert dating.day <= today + timedelta(days=1)


def test_what_tells_the_news_of_its_day() -> None:
    assert tells_news("The council has approved the tram.")
    assert tells_news("The reservoir is now 29 percent full.")
    assert not tells_news("The council has not yet approved the tram.")
    assert not tells_news("The chip is the second most powerful, and it has become a yardstick.")
    assert not tells_news("\u201cI have called him forty times,\u201d said the baker.")
    assert not tells_news("The mine closed decades ago.")


def test_a_long_sentence_is_read_in_linear_time() -> None:
    text = "The dam, which broke on Monday, will be mended in May; " * 200

    began = time.process_time()
    datings(text, WEDNESDAY)

    assert time.process_time() - began < 2
