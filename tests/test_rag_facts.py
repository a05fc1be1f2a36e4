"""What can be checked in a text is found, with its place."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facts import clash, dates, names, quantities, quotes, statuses

NEWS = st.lists(
    st.sampled_from(
        "the more than 400,000 chips each in total Beijing approved not $50bn five \u201cno\u201d "
        "May 2026 last year Monday 3.5 million , . U.S. Huang\u2019s a third of preliminary may "
        "1/29/2026 May 5, 200 people two hundred 5-10 percent hundreds of thousands "
        "rejected \n".split(" ")
    ),
    max_size=40,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "value", "unit", "bound", "scope"),
    [
        ("will buy more than 400,000 of the chips in total", 4e5, "chip", "more", "total"),
        ("orders exceeding 200,000 units each", 2e5, "unit", "more", "each"),
        ("3, 800 staff left", 3800, "staff", "exact", None),
        ("at least five senior officials", 5, "offici", "at_least", None),
        ("a dozen eggs", 12, "egg", "exact", None),
        ("a total of 40 votes", 40, "vote", "exact", "total"),
        ("up to 3.5 million people", 3.5e6, "peopl", "up_to", None),
        ("fewer than 20 men", 20, "men", "less", None),
        ("nearly 12 percent", 12, "%", "about", None),
        ("at least one-fifth of its revenue", 20, "%", "at_least", None),
        ("$50bn", 5e10, "USD", "exact", None),
        ("two hundred thousand dollars apiece", 2e5, "USD", "exact", "each"),
        ("400+ jobs", 400, "", "at_least", None),
        ("on May 5, 200 people came", 200, "peopl", "exact", None),
        ("no fewer than twenty-five towns", 25, "town", "at_least", None),
    ],
)
def test_reads_a_figure(text: str, value: float, unit: str, bound: str, scope: str | None) -> None:
    (found,) = quantities(text)

    assert (found.value, found.unit, found.bound, found.scope) == (value, unit, bound, scope)


def test_reads_ranges_and_vague_counts() -> None:
    few, many = quantities("5 to 10 percent of hundreds of thousands of chips")

    assert (few.value, few.high, few.kind) == (5, 10, "percent")
    assert (many.value, many.high, many.unit) == (1e5, 1e6, "chip")


@pytest.mark.parametrize(
    "text", ["in 2026", "Jan. 29, 2026", "1/29/2026", "at 11:03 am", "H200", "F-16", "no one came"]
)
def test_dates_models_and_pronouns_are_no_figures(text: str) -> None:
    assert quantities(text) == ()


def test_keeps_ordinals_apart() -> None:
    assert [(q.value, q.kind) for q in quantities("his second win on the 3rd try")] == [
        (2, "ordinal"),
        (3, "ordinal"),
    ]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("on Jan. 5, 2026", date(2026, 1, 5), date(2026, 1, 5)),
        ("on 5 January 2026", date(2026, 1, 5), date(2026, 1, 5)),
        ("on 1/5/2026", date(2026, 1, 5), date(2026, 1, 5)),
        ("in March 2020", date(2020, 3, 1), date(2020, 3, 31)),
        ("the 1990s", date(1990, 1, 1), date(1999, 12, 31)),
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("this quarter", date(2026, 1, 1), date(2026, 3, 31)),
        ("yesterday", date(2026, 1, 28), date(2026, 1, 28)),
        ("on Monday", date(2026, 1, 26), date(2026, 1, 26)),
        ("next Friday", date(2026, 1, 30), date(2026, 1, 30)),
        ("two weeks ago", date(2026, 1, 12), date(2026, 1, 18)),
        ("in January", None, None),
        ("9 years later", None, None),
    ],
)
def test_resolves_a_date(text: str, first: date | None, last: date | None) -> None:
    (found,) = dates(text, date(2026, 1, 29))

    assert (found.first, found.last) == (first, last)


def test_may_and_march_are_not_always_months() -> None:
    assert dates("They may march. May said so.") == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("January 29", "Jan. 29, 2026", False),
        ("January 29", "January 30", True),
        ("Monday", "Tuesday", True),
        ("2021", "March 2021", False),
        ("last year", "this year", True),
        ("1990s", "1994", False),
    ],
)
def test_dates_clash(one: str, other: str, *, expected: bool) -> None:
    (a,), (b,) = dates(f"in {one}"), dates(f"in {other}")

    assert clash(a, b) is expected is clash(b, a)


def test_names_leave_ordinary_openers_out() -> None:
    found = names(
        "However, Georgetown\u2019s Center for Security met U.S. officials. Earlier it did."
    )

    assert [(n.text, n.sure) for n in found] == [
        ("Georgetown", True),
        ("Center", True),
        ("Security", True),
        ("U.S.", True),
        ("Earlier", False),
    ]
    assert found[3].words == ("us",)


@pytest.mark.parametrize(
    ("text", "stage", "rank", "certainty"),
    [
        ("Beijing has approved the sale", "approved", 3, "stated"),
        ("Beijing is deciding whether to approve imports", "considering", 1, "stated"),
        ("received preliminary approval", "preliminary", 2, "stated"),
        ("under the conditional license", "conditional", 2, "stated"),
        ("China plans to approve some imports", "approved", 3, "expected"),
        ("The court may approve it", "approved", 3, "possible"),
        ("the H200 was not permitted to enter", "not approved", 0, "denied"),
        ("Beijing has rejected the sale", "rejected", 0, "stated"),
        ("reportedly approved", "approved", 3, "reported"),
    ],
)
def test_reads_how_far_a_decision_is(text: str, stage: str, rank: int, certainty: str) -> None:
    found = statuses(text)[-1]

    assert (found.stage, found.rank, found.certainty) == (stage, rank, certainty)


def test_quotes_need_both_marks() -> None:
    found = quotes('\u201cIt\u2019s good,\u201d he said. "Yes" and \u201cnever closed\nhere')

    assert [q.text for q in found] == ["It\u2019s good,", "Yes"]


@given(NEWS)
def test_every_fact_is_the_text_at_its_place(text: str) -> None:
    facts = [f(text) for f in (quantities, dates, names, statuses, quotes)]

    for found in facts:
        assert all(text[f.start : f.end] == f.text for f in found)
        assert [f.start for f in found] == sorted(f.start for f in found)


@pytest.mark.parametrize("junk", ["[", "*", " ", "\u201c", "1,", "A.", "May ", "not ", "approved "])
def test_hostile_text_takes_linear_time(junk: str) -> None:
    text = (junk * 100_000)[:100_000]
    started = time.process_time()

    for read in (quantities, dates, names, statuses, quotes):
        read(text)

    assert time.process_time() - started < 10
