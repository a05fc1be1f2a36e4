"""Reads a written moment: "Jan. 5, 2026, 3:04 p.m. ET", "29.01.2026", "2026-01-29T19:03:00Z"."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Order = Literal["mdy", "dmy"]

MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari"
        "|february feb februar février févr febrero febbraio fevereiro fev februari"
        "|march mar märz mars marzo março maart mrt"
        "|april apr avril avr abril abr aprile"
        "|may mai mayo maggio mag maio mei maj"
        "|june jun juni juin junio giugno giu junho"
        "|july jul juli juillet juil julio luglio lug julho"
        "|august aug août agosto ago augustus augusti"
        "|september sept sep septembre septiembre setiembre settembre set setembro"
        "|october oct oktober okt octobre octubre ottobre ott outubro out"
        "|november nov novembre noviembre novembro"
        "|december dec dezember dez décembre déc diciembre dic dicembre dezembro".split("|"),
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

_MONTH = "(?P<mon{n}>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_WEEKDAYS = (
    "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|(?:mon|diens|donners|frei|sams"
    "|sonn)tag|mittwoch|sonnabend|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes"
    "|miércoles|jueves|viernes|sábado|domingo|(?:lune|marte|mercole|giove|vener)dì|sabato|domenica"
    "|(?:segunda|terça|quarta|quinta|sexta)-feira|maandag|dinsdag|woensdag|donderdag|vrijdag"
    "|zaterdag|zondag"
)
_DATE = (
    rf"(?:(?:{_WEEKDAYS})\.?,?\s{{1,3}})?(?:"
    + _MONTH.format(n=1)
    + r"\s{0,3}(?P<day1>\d{1,2})(?:st|nd|rd|th)?\s?,?\s{1,3}(?P<year1>\d{4})\b"
    + r"|(?P<day2>\d{1,2})(?:st|nd|rd|th|er|[.º°])?\s(?:of\s|de\s)?"
    + _MONTH.format(n=2)
    + r",?\s(?:de\s|del\s)?(?P<year2>\d{4})\b"
    + r"|(?P<year5>\d{4})\s?[年년]\s?(?P<month5>\d{1,2})\s?[月월]\s?(?P<day5>\d{1,2})\s?[日일]"
    + r"|(?P<year3>\d{4})(?P<sep3>[-/.])(?P<month3>\d{1,2})(?P=sep3)(?P<day3>\d{1,2})(?!\d)"
    + r"|(?P<a>\d{1,2})(?P<sep4>[-/.])(?P<b>\d{1,2})(?P=sep4)(?P<year4>\d{4})\b"
    + ")"
)
_ZONE = r"\(?(?P<zone{n}>[A-Z]{{1,4}}T|UTC|GMT|Z|(?:UTC|GMT)?[+-]\d{{2}}:?\d{{2}})\b\)?"
_TIME = (
    r"(?P<hour{n}>\d{{1,2}})(?:[:.h](?P<min{n}>\d{{2}})(?::(?P<sec{n}>\d{{2}})(?:\.\d{{1,9}})?)?)?"
    r"\s?(?P<half{n}>[ap]\.?m\b\.?)?(?:\s?(?-i:" + _ZONE + r"))?"
)
MOMENT = re.compile(
    r"(?:"
    + _TIME.format(n=1)
    + r"\s?,?\s(?:on\s)?)?"
    + _DATE
    + r"(?:(?:\s?[,T|·•–-]\s?|\s)(?:(?:at|um|à|alle|às|om|kl\.?|a\slas)\s)?"
    + r"(?=\d{1,2}(?:[:.h]\d\d|\s?[ap]\.?m\b))"
    + _TIME.format(n=2)
    + r")?",
    re.IGNORECASE,
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
        return sane(datetime.fromtimestamp(seconds / (1000 if seconds > 1e11 else 1), UTC))
    try:
        exact = datetime.fromisoformat(value)
    except ValueError:
        match = MOMENT.search(value)
        return moment_of(match, order) if match else _foreign(value)
    return sane(exact.replace(tzinfo=UTC) if exact.tzinfo is None else exact)


def moment_of(match: re.Match[str], order: Order | None) -> datetime | None:
    """The moment that a match of ``MOMENT`` names, aware UTC; None if it names none for sure."""
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
        return sane(day)
    minutes, seconds = int(part[f"min{n}"] or 0), int(part[f"sec{n}"] or 0)
    if minutes > 59 or seconds > 59:
        return sane(day)
    local = day.replace(hour=hour, minute=minutes, second=seconds, tzinfo=None)
    offset = _offset(zone, local)
    return sane(day if offset is None else local.replace(tzinfo=offset))


def _day(part: dict[str, str | None], order: Order | None) -> datetime | None:
    """Midnight UTC of the day that a match names, None if there is no such day or no order."""
    for n in ("1", "2"):
        if part[f"year{n}"]:
            month = MONTHS[str(part[f"mon{n}"]).lower()]
            return date_of(part[f"year{n}"], month, part[f"day{n}"])
    for n in ("3", "5"):
        if part[f"year{n}"]:
            return date_of(part[f"year{n}"], part[f"month{n}"], part[f"day{n}"])
    a, b = int(part["a"] or 0), int(part["b"] or 0)
    if part["sep4"] == ".":
        order = "dmy"
    if a > 12 or order == "dmy":
        return date_of(part["year4"], b, a)
    if b > 12 or a == b or order == "mdy":
        return date_of(part["year4"], a, b)
    return None


def date_of(year: object, month: object, day: object) -> datetime | None:
    """Midnight UTC of a day, None if there is no such day."""
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


def sane(moment: datetime | None) -> datetime | None:
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
    return sane(date_of(found.year, found.month, found.day)) if found else None


def usual_order(language: str | None, url: str | None) -> Order | None:
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
