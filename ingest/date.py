"""Finds when an article was published and updated: only what it says itself, never file times.

A date in the running text is not the article's date. Looked at are fields and meta tags, lines
that say "Published", "Updated" or hold nothing but a byline and a date, the dateline of an
agency's story, and the path of the URL.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from ingest.moment import MOMENT, MONTHS, Order, date_of, moment_of, parse_date, sane, usual_order
from rag.schema import Confidence

__all__ = ["Dates", "Given", "Stamp", "find_dates", "is_stamp_line", "parse_date", "stamps_of"]

Place = Literal["head", "end", "middle"]

# No article is from the time after it was read: such a date is an event's or a slip, and would
# make it the newest word on everything. A clock set before this day is no clock to judge by.
_RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)

_LABEL = re.compile(
    r"(?:(?P<updated>(?:last\s)?(?:updated|modified|update)|aktualisiert|stand(?=:)|mis\sà\sjour"
    r"|actualizado|aggiornato|atualizado|bijgewerkt)"
    r"|(?P<bare>date\b(?! published)|filed)"
    r"|(?:first\s|originally\s)?(?:published|posted|publication date|date published)"
    r"|veröffentlicht|erschienen|publiée?|publicado|pubblicato|gepubliceerd)"
    r"(?:\s(?:on|at|am|le|el|il|em|op))?\s?:?\s?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s|•·,;/()–—-]*")
_BYLINE = re.compile(
    r"(?:by|von|par|por)\s[^\d|•·]{3,90}?\s?(?:[|•·–—]|,?\s?(?=published|updated|posted))"
    r"|staff\s(?:report|writer|reporter)s?,\s",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"[^\W\d_][^\d|•·.!?]{1,60}\s?[|•·]\s")  # "World | Jan. 5, 2026"
_AFTER = re.compile(
    r"(?i:\s*(?:uhr\s*)?(?:$|[:.)]|[|•·–—]\s*(?:$|\d{1,2}\smin)))|\s?(?i:by)\s[A-Z][^.!?\d]{2,80}$"
    r"|\s?(?i:updated|atualizado|actualizado|aktualisiert)\s[^.!?]{1,30}$"
)
_URL_DAY = re.compile(r"/((?:19|20)\d\d)/(?:(\d{1,2})|([a-z]{3}))/(\d{1,2})(?:/|$)")
_URL_YEAR = re.compile(r"/((?:19|20)\d\d)/")
_MONTH = f"(?i:{'|'.join(sorted(MONTHS, key=len, reverse=True))})"
_DATELINE = re.compile(
    r"(?P<city>[A-Z][A-Z.'’ -]{2,40}(?:,\s[A-Z][\w. ]{1,20}?)?,\s)?(?:[A-Z][\w. ]{2,30}?,\s)?"
    rf"(?:(?P<month1>{_MONTH})\b\.?\s(?P<day1>\d{{1,2}})"
    rf"|(?P<day2>\d{{1,2}})\s(?P<month2>{_MONTH})\b)"
    r"(?:,?\s(?P<year>\d{4}))?\s?(?P<agency>\([A-Z][\w/ .-]{1,40}\)\s?)?[–—-]{1,2}\s"
)

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_MONTH_YEAR = re.compile(r"(?:[^\W\d_]{3,9}\.?,?\s)?\d{4}")
_NEAR = timedelta(days=60)  # between a dateline without a year and an update that has one
_HEAD, _TAIL = 12, 15  # lines at either end that may carry a stamp
_MAX_STAMP = 220  # characters
_BARE = 30  # a longer line is more than a date
_PROSE = 160  # a line as long as this is text, not part of the head


@dataclass(frozen=True, slots=True)
class Dates:
    """When an article says it was published and updated, aware UTC, and where it says so."""

    published_at: datetime | None = None
    updated_at: datetime | None = None
    source: str | None = None  # of published_at, else of updated_at
    confidence: Confidence | None = None  # likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The dates that an article's fields or markup give, as written there."""

    published: str | None = None
    updated: str | None = None
    by: str = "field"  # or "json-ld", "meta", "feed"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date that a line gives for the article."""

    moment: datetime
    updated: bool
    labelled: bool  # vouched for by a word or a byline
    said: bool = False  # by a word: "Published", "Updated"


def find_dates(
    text: str,
    *,
    given: Given | None = None,
    url: str | None = None,
    language: str | None = None,
    head: str = "",
    now: datetime | None = None,
) -> Dates:
    """The dates of an article from its fields, else its lines, its dateline, or its URL.

    ``head`` are lines of the page around the headline. What lies more than a day after ``now``
    is not believed.
    """
    order = usual_order(language, url)
    latest = max(now or datetime.now(UTC), _RELEASED) + _AHEAD
    fields = given or Given()
    said = Dates(
        parse_date(fields.published, order) if fields.published else None,
        parse_date(fields.updated, order) if fields.updated else None,
        fields.by,
        "high",
    )
    ranked = [
        _believed(dates, latest)
        for dates in (said, _from_lines(head, order), _from_lines(text, order))
    ]
    last = next((d for d in ranked if d.updated_at), None)
    known = last.updated_at if last else None
    if not any(d.published_at for d in ranked):
        ranked.append(_believed(_from_dateline(text, url, known), latest))
        ranked.append(_believed(Dates(_from_url(url), None, "url", "low"), latest))
    first = next((d for d in ranked if d.published_at), None)
    shown = first or last
    return Dates(
        first.published_at if first else None,
        known,
        shown.source if shown else None,
        shown.confidence if shown else None,
    )


def _believed(dates: Dates, latest: datetime) -> Dates:
    """Without what lies in the future."""
    first, last = dates.published_at, dates.updated_at
    return replace(
        dates,
        published_at=first if first is None or first <= latest else None,
        updated_at=last if last is None or last <= latest else None,
    )


def stamps_of(line: str, order: Order | None = None) -> tuple[tuple[Stamp, ...], int]:
    """The stamps that a line begins with, and where they end; none if it is running text.

    "Jan. 5, 2026 Updated Jan. 6, 2026" holds two. A byline may stand before them; after them the
    line ends, or goes on behind a colon or full stop.
    """
    nothing: tuple[tuple[Stamp, ...], int] = ((), 0)
    if len(line) > _MAX_STAMP or not re.search(r"\d{4}", line):
        return nothing
    byline = _BYLINE.match(line)
    beside = byline or _BESIDE.match(line)
    at = beside.end() if beside else 0
    found: list[Stamp] = []
    while True:
        begin = _skip(line, at)
        label = _LABEL.match(line, begin)
        match = MOMENT.match(line, _skip(line, label.end()) if label else begin)
        moment = moment_of(match, order) if match else None
        if match is None or moment is None:
            break
        said = label is not None and not label["bare"]
        found.append(Stamp(moment, bool(label and label["updated"]), said or bool(byline), said))
        at = match.end()
    if not found or not _AFTER.match(line, at):
        return nothing
    # A label vouches for the whole line.
    labelled, said = any(stamp.labelled for stamp in found), any(stamp.said for stamp in found)
    return tuple(replace(stamp, labelled=labelled, said=said) for stamp in found), at


def _skip(line: str, at: int) -> int:
    match = _BETWEEN.match(line, at)
    return match.end() if match else at


def is_stamp_line(line: str) -> bool:
    """True if a line holds labelled dates of the article and nothing else."""
    found, end = stamps_of(line, "mdy")
    return any(s.labelled for s in found) and not re.search(r"[^\W\d]{3}", line[end:])


def _from_lines(text: str, order: Order | None) -> Dates:
    published: Stamp | None = None
    updated: Stamp | None = None
    bare: list[Stamp] = []
    days: set[datetime] = set()
    for line, place in _placed(text):
        for stamp in stamps_of(line, order)[0]:
            if not stamp.labelled:
                days.add(stamp.moment.replace(hour=0, minute=0, second=0, microsecond=0))
                bare += [stamp] if place == "head" else []
            elif place != "middle" and stamp.updated:
                updated = updated or stamp
            elif place != "middle":
                published = published or stamp
    if published is None and bare and len(days) == 1:  # several are the headings of a timeline
        published = bare[0]
    shown = published or updated
    return Dates(
        published.moment if published else None,
        updated.moment if updated else None,
        "byline" if published else "updated line",
        "high" if shown and shown.said else "medium",
    )


def _placed(text: str) -> Iterator[tuple[str, Place]]:
    """The lines that may hold a stamp: above the first paragraph, at either end, or a short one."""
    lines = _some_lines(text)
    prose = _first_prose(lines)
    for i, line in enumerate(lines):
        if i < min(prose, _HEAD):
            yield line, "head"
        elif i < _HEAD or i >= len(lines) - _TAIL:
            yield line, "end"
        elif len(line) <= _BARE:
            yield line, "middle"


def _first_prose(lines: Sequence[str]) -> int:
    return next((i for i, line in enumerate(lines) if _is_prose(line)), len(lines))


def _is_prose(line: str) -> bool:
    return len(line) >= _PROSE or (len(line) >= _PROSE // 2 and line[-1] in '.?!"”')


def _some_lines(text: str) -> Sequence[str]:
    lines = [line for line in text.splitlines() if not line.isspace() and line]
    return [line.strip(" \t*_>#") for line in lines]


def _from_dateline(text: str, url: str | None, updated: datetime | None) -> Dates:
    """The day of "LONDON, Jan 29 (Reuters) -", if its year is known from the article itself."""
    lines = _some_lines(text[:20_000])[:_HEAD]
    match = next((m for m in map(_DATELINE.match, lines) if m and (m["city"] or m["agency"])), None)
    if match is None:
        return Dates()
    month = MONTHS[(match["month1"] or match["month2"]).lower()]
    day = match["day1"] or match["day2"]
    year = match["year"] or _year_of(lines, text, url)
    if year:
        return Dates(sane(date_of(year, month, day)), None, "dateline", "medium")
    if updated is None:
        return Dates()
    tried = (date_of(updated.year - back, month, day) for back in (0, 1))
    near = (d for d in tried if d and d - _AHEAD <= updated <= d + _NEAR)
    return Dates(next(near, None), None, "dateline", "medium")


def _year_of(lines: Sequence[str], text: str, url: str | None) -> str | None:
    """The one year that the head, a copyright line or the URL gives; never a headline's."""
    foot = _some_lines(text[-2_000:])[-_TAIL:]
    rights = [line for line in (*lines, *foot) if re.match(r"(?i)©|\(c\)|copyright", line)]
    plain = [line for line in lines[: _first_prose(lines)] if _MONTH_YEAR.fullmatch(line)]
    years = {year for line in (*rights, *plain) for year in _YEAR.findall(line)}
    years |= set(_URL_YEAR.findall(urlsplit(url).path)) if url else set()
    return years.pop() if len(years) == 1 else None


def _from_url(url: str | None) -> datetime | None:
    match = _URL_DAY.search(urlsplit(url).path.lower()) if url else None
    if match is None:
        return None
    month = match[2] or MONTHS.get(match[3] or "")
    return sane(date_of(match[1], month, match[4])) if month else None
