"""Dates are found where an article gives them, and nowhere else."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.date import Given, find_dates, parse_date, stamps_of

SHARED = Path(__file__).resolve().parents[2] / "shared"
PARAGRAPH = (
    "The harbour board said on Tuesday that the last ferry to Osthamn would sail in May, after "
    "the number of riders had fallen by a third within two years, to 900 a day.\n\n"
)


def utc(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-29T19:03:00Z", utc(2026, 1, 29, 19, 3)),
        ("2026-01-29T19:03:00+02:00", utc(2026, 1, 29, 17, 3)),
        ("2026-01-29 10:11:12", utc(2026, 1, 29, 10, 11, 12)),
        ("2026-01-29", utc(2026, 1, 29)),
        ("2026/1/9", utc(2026, 1, 9)),
        ("Jan. 5, 2026", utc(2026, 1, 5)),
        ("5th January 2026", utc(2026, 1, 5)),
        ("Sept. 17, 2024", utc(2024, 9, 17)),
        ("January 5th, 2026 at 3:04 p.m. ET", utc(2026, 1, 5, 20, 4)),
        ("July 5, 2026 at 3:04 p.m. ET", utc(2026, 7, 5, 19, 4)),
        ("12:05 AM EST, Thu January 1, 2026", utc(2026, 1, 1, 5, 5)),
        ("Thu, 29 Jan 2026 19:03:00 +0100", utc(2026, 1, 29, 18, 3)),
        ("1/29/2026, 11:03 am PST", utc(2026, 1, 29, 19, 3)),
        ("29.01.2026", utc(2026, 1, 29)),
        ("5. März 2026", utc(2026, 3, 5)),
        ("5 марта 2026 г.", utc(2026, 3, 5)),
        ("1769713380", utc(2026, 1, 29, 19, 3)),
        ("1769713380000", utc(2026, 1, 29, 19, 3)),
        ("June 24, 2022 10:30 IST", utc(2022, 6, 24)),  # India, Ireland or Israel: the day only
        ("June 24, 2022 10:30", utc(2022, 6, 24)),
        ("03/04/2026 10:00 EST", utc(2026, 3, 4, 15)),
        ("03/04/2026", None),
        ("31/02/2026", None),
        ("3 hours ago", None),
        ("yesterday", None),
        ("May 2026", None),
        ("2026", None),
        ("", None),
        ("0000-00-00", None),
    ],
)
def test_a_field_is_read_as_it_is_meant(written: str, meant: datetime | None) -> None:
    assert parse_date(written) == meant


@pytest.mark.parametrize(
    ("language", "url", "meant"),
    [
        ("en-US", None, utc(2026, 3, 4)),
        ("en_GB", None, utc(2026, 4, 3)),
        ("de", None, utc(2026, 4, 3)),
        ("en", None, None),
        (None, "https://news.example.co.uk/a", utc(2026, 4, 3)),
        (None, "https://www.example.gov/a", utc(2026, 3, 4)),
        (None, "https://example.com/a", None),
    ],
)
def test_an_ambiguous_day_needs_a_place(
    language: str | None, url: str | None, meant: datetime | None
) -> None:
    found = find_dates("", given=Given(published="03/04/2026"), language=language, url=url)

    assert found.published_at == meant


@given(st.integers(0, 50_000_000))
def test_every_moment_survives_being_written(minutes: int) -> None:
    whole = utc(1950, 1, 1) + timedelta(minutes=minutes)
    prose = f"{whole:%B} {whole.day}, {whole.year}, {whole:%I:%M %p} UTC"

    assert parse_date(whole.isoformat()) == whole
    assert parse_date(prose) == whole


@given(st.text(max_size=200))
def test_no_field_breaks_it(written: str) -> None:
    found = parse_date(written)

    assert found is None or found.utcoffset() is not None


@pytest.mark.parametrize(
    ("line", "published", "updated"),
    [
        ("Published Jan. 5, 2026", utc(2026, 1, 5), None),
        ("By Jane Doe | Jan 5, 2026", utc(2026, 1, 5), None),
        ("By Jane Doe, AP Published 4:04 p.m. ET June 24, 2022", utc(2022, 6, 24, 20, 4), None),
        ("Last updated 5 January 2026", None, utc(2026, 1, 5)),
        ("Updated 3:56 PM EDT, Thu June 23, 2022", None, utc(2022, 6, 23, 19, 56)),
        ("Jan. 12, 2026 Updated Jan. 13, 2026, 10:40 a.m. ET",
         utc(2026, 1, 12), utc(2026, 1, 13, 15, 40)),
        ("Published: Jan 5, 2026 | 3 min read", utc(2026, 1, 5), None),
        ("January 5, 2026", utc(2026, 1, 5), None),
        ("January 5, 2026 was a cold day.", None, None),
        ("Published Jan. 5, 2026 by Tide Press, the book is good.", None, None),
        ("The plan was updated on Jan. 5, 2026.", None, None),
        ("Updated 03/04/2026", None, None),
    ],
)  # fmt: skip
def test_a_line_at_the_head_gives_its_dates(
    line: str, published: datetime | None, updated: datetime | None
) -> None:
    found = find_dates(f"Ferry to close\n\n{line}\n\n{PARAGRAPH}")

    assert (found.published_at, found.updated_at) == (published, updated)


def test_the_updated_line_at_the_foot_leaves_the_publication_unknown() -> None:
    line = "Updated: 1/29/2026, 11:03 am PST: This story has been updated with a comment."

    found = find_dates(PARAGRAPH * 30 + line)

    assert found.published_at is None
    assert found.updated_at == utc(2026, 1, 29, 19, 3)
    assert found.source == "updated line"


def test_dates_in_the_middle_or_in_a_timeline_are_not_the_article_s() -> None:
    timeline = "".join(f"March {day}, 2025\n\n{PARAGRAPH}" for day in range(1, 5))

    assert find_dates(timeline).published_at is None
    assert find_dates(PARAGRAPH * 20 + "Published May 1, 2020\n\n" + PARAGRAPH * 20).source is None
    assert find_dates(f"{PARAGRAPH}\n\nDate: May 1, 2020\n\n{PARAGRAPH}").source is None


def test_fields_win_over_lines_and_lines_over_the_address() -> None:
    text, url = f"Published Jan. 6, 2026\n\n{PARAGRAPH}", "https://x.example/2026/01/07/ferry"

    assert find_dates(text, given=Given(published="2026-01-05"), url=url).source == "field"
    assert find_dates(text, given=Given(published="soon"), url=url).published_at == utc(2026, 1, 6)
    assert find_dates(PARAGRAPH, url=url).published_at == utc(2026, 1, 7)
    assert find_dates(PARAGRAPH, url=url).source == "url"
    assert find_dates(PARAGRAPH, url="https://x.example/2026/ferry/01").source is None


@pytest.mark.parametrize(
    ("head", "url", "published"),
    [
        ("LONDON, Jan 29 (Reuters) - ", None, None),
        ("© 2026 Wire Desk\nLONDON, Jan 29 (Reuters) - ", None, utc(2026, 1, 29)),
        ("January 2026\nLONDON, 29 January (AFP) — ", None, utc(2026, 1, 29)),
        ("The best films of 2024\nLONDON, Jan 3 (Reuters) - ", None, None),
        ("LONDON, Jan. 29, 2026 (Reuters) - ", None, utc(2026, 1, 29)),
        ("LONDON, Jan 29 (Reuters) - ", "https://x.example/2026/ferry", utc(2026, 1, 29)),
        ("Updated Jan. 2, 2026\nLONDON, Dec 31 (Reuters) - ", None, utc(2025, 12, 31)),
        ("Updated Jan. 2, 2026\nLONDON, June 3 (Reuters) - ", None, None),
        ("Jan 29 - ", "https://x.example/2026/ferry", None),
        ("LONDON, Feb 31, 2026 (Reuters) - ", None, None),
    ],
)
def test_a_dateline_needs_a_year_that_the_article_gives(
    head: str, url: str | None, published: datetime | None
) -> None:
    found = find_dates(f"{head}{PARAGRAPH}{PARAGRAPH}", url=url)

    assert found.published_at == published
    if published:
        assert (found.source, found.confidence) == ("dateline", "medium")


@pytest.mark.parametrize(
    ("line", "published", "updated"),
    [
        ("Veröffentlicht am 29. Januar 2026, 11:03 Uhr", utc(2026, 1, 29), None),
        ("Stand: 29.01.2026", None, utc(2026, 1, 29)),
        ("Donnerstag, 29. Januar 2026", utc(2026, 1, 29), None),
        ("Publié le 1er février 2026 à 11h03", utc(2026, 2, 1), None),
        ("Publicado el 29 de enero de 2026", utc(2026, 1, 29), None),
        ("Aggiornato il 29 gennaio 2026 alle 11:03", None, utc(2026, 1, 29)),
        ("2026年1月29日", utc(2026, 1, 29), None),
        ("29/01/2026 11h03 Atualizado há 2 horas", utc(2026, 1, 29), None),
        ("World | 29 January 2026 | 4 min read", utc(2026, 1, 29), None),
        ("Posted on January 29, 2026 by Jane Doe", utc(2026, 1, 29), None),
        ("Staff report, Jan. 29, 2026", utc(2026, 1, 29), None),
    ],
)
def test_lines_in_other_languages(
    line: str, published: datetime | None, updated: datetime | None
) -> None:
    found = find_dates(f"Fähre\n\n{line}\n\n{PARAGRAPH}")

    assert (found.published_at, found.updated_at) == (published, updated)


@pytest.mark.parametrize(
    ("text", "given", "url", "confidence"),
    [
        ("", Given(published="2026-01-05", by="json-ld"), None, "high"),
        ("Published Jan. 5, 2026", None, None, "high"),
        ("Updated Jan. 5, 2026", None, None, "high"),
        ("By Jane Doe | Jan. 5, 2026", None, None, "medium"),
        ("Jan. 5, 2026", None, None, "medium"),
        ("", None, "https://x.example/2026/01/05/ferry", "low"),
        ("", None, None, None),
    ],
)
def test_how_sure_a_date_is(
    text: str, given: Given | None, url: str | None, confidence: str | None
) -> None:
    found = find_dates(f"{text}\n\n{PARAGRAPH}", given=given, url=url)

    assert found.confidence == confidence


def test_a_date_in_the_future_is_not_believed() -> None:
    now = utc(2027, 3, 1)

    for ahead, kept in ((0, True), (1, True), (3, False)):
        given = Given(published=(now + timedelta(days=ahead)).isoformat())
        assert (find_dates(PARAGRAPH, given=given, now=now).source is not None) == kept
    line = "Published Jan. 5, 2027\n\n"
    assert find_dates(line + PARAGRAPH, given=Given(published="2031-01-05"), now=now) == find_dates(
        line + PARAGRAPH, now=now
    )


def test_a_clock_that_stands_in_the_past_takes_no_date_away() -> None:
    given = Given(published="2026-01-05")

    assert find_dates("", given=given, now=utc(1970, 1, 1)).published_at == utc(2026, 1, 5)


def test_the_lines_around_a_page_s_headline_are_read() -> None:
    found = find_dates(PARAGRAPH, head="World\nBy Jane Doe\n2026-01-29T19:03:00Z")

    assert found.published_at == utc(2026, 1, 29, 19, 3)
    assert (found.source, found.confidence) == ("byline", "medium")


@pytest.mark.parametrize(
    "piece", ["Jan ", "1", "1/", "By ", "12:", " ", "Updated ", "Jan. 5, 2026 "]
)
def test_hostile_lines_take_linear_time(piece: str) -> None:
    raw = "\n".join([(piece * 220)[:220]] * 400)
    started = time.process_time()

    find_dates(raw)
    stamps_of(raw)
    parse_date(raw)

    assert time.process_time() - started < 1


@pytest.mark.skipif(not SHARED.exists(), reason="the development data is not on this machine")
def test_the_seeds_have_one_date_between_them() -> None:
    first, second = (find_dates(p.read_text()) for p in sorted((SHARED / "seeds").iterdir()))

    assert (first.published_at, first.updated_at) == (None, utc(2026, 1, 29, 19, 3))
    assert (second.published_at, second.updated_at, second.source) == (None, None, None)
