"""Finds when an article was published and updated: only what it says itself, never file times.

A date in the running text is not the article's date. Looked at are fields and meta tags, lines
that say "Published", "Updated" or hold nothing but a byline and a date, and the path of the URL.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Order = Literal["mdy", "dmy"]
Place = Literal["head", "end", "middle"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug"
        "|september sept sep|october oct|november nov|december dec".split("|"),
        1,
    )
    for name in names.split()
}
# Hours east of UTC. IST is left out: it is India, Ireland and Israel.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
_REGIONS = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
_AMERICAN = frozenset("EST EDT CST CDT MST MDT PST PDT AKST AKDT HST ET CT MT PT".split())
# With all of its two hundred languages, dateparser takes two seconds over what is no date.
_LANGUAGES = "en de fr es it pt nl pl sv da nb fi cs tr ru uk ja zh ko ar".split()
_DAY_FIRST_HOSTS = tuple(
    ".uk .au .nz .ie .in .za .fr .de .es .it .nl .be .ch .at .br .pl .pt .eu .pk .ng .ke".split()
)

_MONTH = "(?P<mon{n}>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DATE = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s{1,3})?(?:"
    + _MONTH.format(n=1)
    + r"\s{0,3}(?P<day1>\d{1,2})(?:st|nd|rd|th)?\s?,?\s{1,3}(?P<year1>\d{4})\b"
    + r"|(?P<day2>\d{1,2})(?:st|nd|rd|th)?\s(?:of\s)?"
    + _MONTH.format(n=2)
    + r",?\s(?P<year2>\d{4})\b"
    + r"|(?P<year3>\d{4})(?P<sep3>[-/.])(?P<month3>\d{1,2})(?P=sep3)(?P<day3>\d{1,2})(?!\d)"
    + r"|(?P<a>\d{1,2})(?P<sep4>[-/.])(?P<b>\d{1,2})(?P=sep4)(?P<year4>\d{4})\b"
    + ")"
)
_ZONE = r"\(?(?P<zone{n}>[A-Z]{{1,4}}T|UTC|GMT|Z|(?:UTC|GMT)?[+-]\d{{2}}:?\d{{2}})\b\)?"
_TIME = (
    r"(?P<hour{n}>\d{{1,2}})(?:[:.](?P<min{n}>\d{{2}})(?::(?P<sec{n}>\d{{2}})(?:\.\d{{1,9}})?)?)?"
    r"\s?(?P<half{n}>[ap]\.?m\b\.?)?(?:\s?(?-i:" + _ZONE + r"))?"
)
_MOMENT = re.compile(
    r"(?:"
    + _TIME.format(n=1)
    + r"\s?,?\s(?:on\s)?)?"
    + _DATE
    + r"(?:(?:\s?[,T|·•–-]\s?|\s)(?:at\s)?(?=\d{1,2}(?:[:.]\d\d|\s?[ap]\.?m\b))"
    + _TIME.format(n=2)
    + r")?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:(?P<updated>(?:last\s)?(?:updated|modified|update))|(?P<bare>date\b(?! published)|filed)"
    r"|(?:first\s|originally\s)?(?:published|posted|publication date|date published))"
    r"(?:\s(?:on|at))?\s?:?\s?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s|•·,;/()–—-]*")
_BYLINE = re.compile(r"by\s[^\d|•·]{3,90}?\s?(?:[|•·–—]|,?\s?(?=published|updated|posted))", re.I)
_AFTER = re.compile(r"\s*(?:$|[:.)]|[|•·–—]\s*(?:$|\d{1,2}\smin))")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)/(?:(\d{1,2})|([a-z]{3}))/(\d{1,2})(?:/|$)")
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


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date that a line gives for the article."""

    moment: datetime
    updated: bool
    labelled: bool


def find_dates(
    text: str,
    *,
    published: str | None = None,
    updated: str | None = None,
    given_by: str = "field",
    url: str | None = None,
    language: str | None = None,
) -> Dates:
    """The dates of an article from its fields, else its lines, else its URL."""
    order = _usual_order(language, url)
    line = _from_lines(text, order)
    ranked = (
        Dates(
            parse_date(published, order) if published else None,
            parse_date(updated, order) if updated else None,
            given_by,
        ),
        line,
        Dates(_from_url(url), None, "url"),
    )
    first = next((d for d in ranked if d.published_at), None)
    last = next((d for d in ranked if d.updated_at), None)
    shown = first or last
    return Dates(
        first.published_at if first else None,
        last.updated_at if last else None,
        shown.source if shown else None,
    )


def parse_date(value: str, order: Order | None = None) -> datetime | None:
    """The moment that a date field names, aware UTC; None if it cannot be told for sure.

    A day without a time is its midnight in UTC. A time without a zone counts as UTC in ISO form,
    as archives mean it, and is dropped in prose. "03/04/2026" needs an order, from an American
    zone behind it or from ``order``.
    """
    value = " ".join(value.split())[:200]
    if re.fullmatch(r"\d{9,10}(?:\.\d+)?|\d{12,13}", value):
        seconds = float(value)
        return _sane(datetime.fromtimestamp(seconds / (1000 if seconds > 1e11 else 1), UTC))
    try:
        exact = datetime.fromisoformat(value)
    except ValueError:
        match = _MOMENT.search(value)
        return _moment(match, order) if match else _foreign(value)
    return _sane(exact.replace(tzinfo=UTC) if exact.tzinfo is None else exact)


def stamps_of(line: str, order: Order | None = None) -> tuple[tuple[Stamp, ...], int]:
    """The stamps that a line begins with, and where they end; none if it is running text.

    "Jan. 5, 2026 Updated Jan. 6, 2026" holds two. A byline may stand before them; after them the
    line ends, or goes on behind a colon or full stop.
    """
    nothing: tuple[tuple[Stamp, ...], int] = ((), 0)
    if len(line) > _MAX_STAMP or not re.search(r"\d{4}", line):
        return nothing
    byline = _BYLINE.match(line)
    at = byline.end() if byline else 0
    found: list[Stamp] = []
    while True:
        begin = _skip(line, at)
        label = _LABEL.match(line, begin)
        match = _MOMENT.match(line, label.end() if label else begin)
        moment = _moment(match, order) if match else None
        if match is None or moment is None:
            break
        labelled = byline is not None or (label is not None and not label["bare"])
        found.append(Stamp(moment, bool(label and label["updated"]), labelled))
        at = match.end()
    if not found or not _AFTER.match(line, at):
        return nothing
    labelled = any(stamp.labelled for stamp in found)  # a label vouches for the whole line
    return tuple(replace(stamp, labelled=labelled) for stamp in found), at


def _skip(line: str, at: int) -> int:
    match = _BETWEEN.match(line, at)
    return match.end() if match else at


def is_stamp_line(line: str) -> bool:
    """True if a line holds labelled dates of the article and nothing else."""
    found, end = stamps_of(line, "mdy")
    return any(s.labelled for s in found) and not re.search(r"[^\W\d]{3}", line[end:])


def _from_lines(text: str, order: Order | None) -> Dates:
    published: datetime | None = None
    updated: datetime | None = None
    bare: list[datetime] = []
    n_bare = 0
    for line, place in _placed(text):
        for stamp in stamps_of(line, order)[0]:
            if not stamp.labelled:
                n_bare += 1
                bare += [stamp.moment] if place == "head" else []
            elif place != "middle" and stamp.updated:
                updated = updated or stamp.moment
            elif place != "middle":
                published = published or stamp.moment
    if published is None and len(bare) == n_bare == 1:  # several are the headings of a timeline
        published = bare[0]
    return Dates(published, updated, "byline" if published else "updated line")


def _placed(text: str) -> Iterator[tuple[str, Place]]:
    """The lines that may hold a stamp: above the first paragraph, at either end, or a short one."""
    lines = _some_lines(text)
    prose = next((i for i, line in enumerate(lines) if _is_prose(line)), len(lines))
    for i, line in enumerate(lines):
        if i < min(prose, _HEAD):
            yield line, "head"
        elif i < _HEAD or i >= len(lines) - _TAIL:
            yield line, "end"
        elif len(line) <= _BARE:
            yield line, "middle"


def _is_prose(line: str) -> bool:
    return len(line) >= _PROSE or (len(line) >= _PROSE // 2 and line[-1] in '.?!"”')


def _some_lines(text: str) -> Sequence[str]:
    lines = [line for line in text.splitlines() if not line.isspace() and line]
    return [line.strip(" \t*_>#") for line in lines]


def _moment(match: re.Match[str], order: Order | None) -> datetime | None:
    part = match.groupdict()
    n = "1" if part["hour1"] else "2"
    zone = (part[f"zone{n}"] or "").upper()
    day = _day(part, "mdy" if zone in _AMERICAN else order)
    if day is None:
        return None
    hour = int(part[f"hour{n}"]) if part[f"hour{n}"] else None
    half = (part[f"half{n}"] or "")[:1].lower()
    if half and hour is not None:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour is None or not zone or hour > 23:
        return _sane(day)
    minutes, seconds = int(part[f"min{n}"] or 0), int(part[f"sec{n}"] or 0)
    if minutes > 59 or seconds > 59:
        return _sane(day)
    local = day.replace(hour=hour, minute=minutes, second=seconds, tzinfo=None)
    offset = _offset(zone, local)
    return _sane(day if offset is None else local.replace(tzinfo=offset))


def _day(part: dict[str, str | None], order: Order | None) -> datetime | None:
    """Midnight UTC of the day that a match names, None if there is no such day or no order."""
    for n in ("1", "2"):
        if part[f"year{n}"]:
            month = _MONTHS[str(part[f"mon{n}"]).lower()]
            return _date(part[f"year{n}"], month, part[f"day{n}"])
    if part["year3"]:
        return _date(part["year3"], part["month3"], part["day3"])
    a, b = int(part["a"] or 0), int(part["b"] or 0)
    if part["sep4"] == ".":
        order = "dmy"
    if a > 12 or order == "dmy":
        return _date(part["year4"], b, a)
    if b > 12 or a == b or order == "mdy":
        return _date(part["year4"], a, b)
    return None


def _date(year: object, month: object, day: object) -> datetime | None:
    try:
        return datetime(int(str(year)), int(str(month)), int(str(day)), tzinfo=UTC)
    except ValueError:
        return None


def _offset(zone: str, local: datetime) -> timezone | None:
    if zone in _REGIONS:
        try:
            shift = ZoneInfo(_REGIONS[zone]).utcoffset(local)
        except ZoneInfoNotFoundError:  # no time zone database on this machine
            return None
        return timezone(shift) if shift is not None else None
    if zone in _ZONES:
        return timezone(timedelta(hours=_ZONES[zone]))
    signed = re.search(r"([+-])(\d{2}):?(\d{2})$", zone)
    if signed is None or int(signed[2]) > 14:
        return None
    shift = timedelta(hours=int(signed[2]), minutes=int(signed[3]))
    return timezone(-shift if signed[1] == "-" else shift)


def _sane(moment: datetime | None) -> datetime | None:
    """In UTC; None outside the years in which there are newspapers."""
    if moment is None or not 1600 < moment.year < 2200:
        return None
    return moment.astimezone(UTC)


@lru_cache(maxsize=1024)
def _foreign(value: str) -> datetime | None:
    """A day in another language ("5. März 2026"), if all three parts are there."""
    if not all(re.search(part, value) for part in (r"\d{4}", r"(?<!\d)\d\d?(?!\d)", r"[^\W\d_]")):
        return None
    import dateparser

    wanted = {"STRICT_PARSING": True, "REQUIRE_PARTS": ["day", "month", "year"]}
    found = dateparser.parse(
        value, languages=_LANGUAGES, settings={**wanted, "PARSERS": ["absolute-time"]}
    )
    return _sane(_date(found.year, found.month, found.day)) if found else None


def _from_url(url: str | None) -> datetime | None:
    match = _URL_DAY.search(urlsplit(url).path.lower()) if url else None
    if match is None:
        return None
    month = match[2] or _MONTHS.get(match[3] or "")
    return _sane(_date(match[1], month, match[4])) if month else None


def _usual_order(language: str | None, url: str | None) -> Order | None:
    """How the place that an article comes from writes 03/04/2026, if that is known."""
    language = (language or "").replace("_", "-").lower()
    if language in ("en-us", "en-ph"):
        return "mdy"
    if language and language != "en":
        return "dmy"
    host = (urlsplit(url).hostname or "") if url else ""
    if host.endswith(_DAY_FIRST_HOSTS):
        return "dmy"
    return "mdy" if host.endswith((".gov", ".us", ".mil")) else None
