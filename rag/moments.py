"""Ground tool: the dates of a text, whole, partial or relative, resolved where that is possible.

Pure functions without models; every pattern is linear in the text.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {
    m: i
    for i, m in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(),
        start=1,
    )
}
_DAYS = {d: i for i, d in enumerate("mon tue wed thu fri sat sun".split())}
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_NUMBERS = {
    w: i for i, w in enumerate("one two three four five six seven eight nine ten".split(), start=1)
} | {"a": 1, "an": 1}
_DATE = re.compile(
    rf"""
    \b(?P<iso>(?P<iy>(?:19|20)\d\d)-(?P<im>\d\d)-(?P<id>\d\d))(?!\d)
    | \b(?P<us>(?P<um>\d{{1,2}})/(?P<ud>\d{{1,2}})/(?P<uy>(?:19|20)?\d\d))(?!\d)
    | \b(?P<md>(?P<m1>{_MONTH})\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[,.]\d)
        (?:,?\s(?P<y1>(?:19|20)\d\d)\b)?)
    | \b(?P<dm>(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?\s(?P<m2>{_MONTH})
        (?:,?\s(?P<y2>(?:19|20)\d\d)\b)?)
    | \b(?P<my>(?P<m3>{_MONTH})(?:,|\sof)?\s(?P<y3>(?:19|20)\d\d)\b)
    | \b(?P<mo>(?P<m4>{_MONTH}))
    | \b(?P<dec>(?P<y4>(?:1[5-9]|20)\d0)s)\b
    | (?<![\w.,$€£/:-])(?P<yr>(?P<y5>(?:1[5-9]|20)\d\d))(?![\d%:]|[,.]\d|\s?[ap]\.?m\b)
    | \b(?P<wd>(?:(?P<wway>last|next|this|past|coming)\s)?(?P<w1>{_WEEKDAY}))s?\b
    """,
    re.VERBOSE,
)
_RELATIVE = re.compile(
    r"""
    \b(?P<near>today|yesterday|tomorrow|tonight)\b
    | \b(?P<way>last|this|next|past|previous|coming|current)
      \s(?P<unit>week|weekend|month|quarter|year)\b
    | \b(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten)\s
      (?P<ago>day|week|month|year)s?\s(?P<dir>ago|earlier|later|from\snow)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MONTH_AS_WORD = re.compile(
    r"\b(?:in|last|next|this|since|until|till|by|of|early|late|mid|during|from|for|to|before|after|"
    r"between|and|end|start)[\s-]$",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\s(?:[a-z]+s|people|men|women)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date as far as the text says it; ``text`` is the words of ``[start, end)``.

    ``first`` and ``last`` are the days it covers, both inclusive, or None where it cannot be
    resolved (a month without a year, a relative date when the given day is unknown).
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None  # 0 is Monday
    decade: bool = False
    relative: str = ""  # the phrase in lower case, for "last year"; "" when absolute
    first: date | None = None
    last: date | None = None
    start: int
    end: int
    text: str


def dates(text: str, today: date | None = None) -> tuple[DateMention, ...]:
    """The dates of a text in order; ``today`` is the day it was written, if known."""
    found = [m for match in _DATE.finditer(text) if (m := _absolute(text, match, today))]
    found += [_relative(match, today) for match in _RELATIVE.finditer(text)]
    return tuple(sorted(found, key=lambda m: m.start))


def clash(one: DateMention, other: DateMention) -> bool:
    """True if two dates cannot be the same: a part that both name differs, or no day is shared."""
    if one.first and one.last and other.first and other.last:
        return one.last < other.first or other.last < one.first
    if one.relative and other.relative:
        return one.relative != other.relative and {one.relative, other.relative} <= _OPPOSED
    if one.decade or other.decade:
        years = (one.year, other.year)
        return None not in years and one.year // 10 != other.year // 10  # type: ignore[operator]  # not seen through "in"
    pairs = (
        (one.year, other.year),
        (one.month, other.month),
        (one.day, other.day),
        (one.weekday, other.weekday),
    )
    return any(a is not None and b is not None and a != b for a, b in pairs)


_OPPOSED = frozenset(
    f"{way} {unit}"
    for way in ("last", "this", "next")
    for unit in ("week", "month", "quarter", "year")
) | {"today", "yesterday", "tomorrow"}


def _absolute(text: str, match: re.Match[str], today: date | None) -> DateMention | None:
    group = match.groupdict()
    if group["w1"]:
        return _weekday(match, today)
    if group["mo"] and not _is_month(text, match):
        return None
    if group["yr"] and _is_count(text, match):
        return None
    year = _first_int(group, "iy", "uy", "y1", "y2", "y3", "y4", "y5")
    if group["uy"] and year is not None and year < 100:
        year += 2000
    month = _first_int(group, "im", "um")
    named = group["m1"] or group["m2"] or group["m3"] or group["m4"]
    if named:
        month = _MONTHS[named[:3].lower()]
    day = _first_int(group, "id", "ud", "d1", "d2")
    if month is not None and day is not None and month > 12 >= day:
        month, day = day, month  # 29/1/2026
    if not _possible(year, month, day):
        return None
    decade = bool(group["dec"])
    first, last = _covered(year, month, day, decade=decade)
    return DateMention(
        year=year,
        month=month,
        day=day,
        decade=decade,
        first=first,
        last=last,
        start=match.start(),
        end=match.end(),
        text=match.group(),
    )


def _first_int(group: dict[str, str | None], *names: str) -> int | None:
    return next((int(value) for name in names if (value := group[name])), None)


def _possible(year: int | None, month: int | None, day: int | None) -> bool:
    if month is not None and not 1 <= month <= 12:
        return False
    return day is None or 1 <= day <= monthrange(year or 2024, month or 1)[1]


def _covered(
    year: int | None, month: int | None, day: int | None, *, decade: bool
) -> tuple[date | None, date | None]:
    if year is None:
        return None, None
    if decade:
        return date(year, 1, 1), date(year + 9, 12, 31)
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def _is_month(text: str, match: re.Match[str]) -> bool:
    """False for "May" and "March" where they may be words or names."""
    if match.group().rstrip(".") not in ("May", "March", "Mar", "Jun", "Dec"):
        return True
    return bool(_MONTH_AS_WORD.search(text[max(0, match.start() - 9) : match.start()]))


def _is_count(text: str, match: re.Match[str]) -> bool:
    """True for "2000 units": four digits that count something."""
    before = text[max(0, match.start() - 8) : match.start()]
    if match["y5"] < "1900":  # an old year is only one where the text says so
        return not re.search(r"\b(?:in|since|by|until|from|of|circa)\s$", before, re.I)
    noun = _COUNTED.match(text[match.end() : match.end() + 24])
    if noun is None or noun.group().strip() in _VERBS:
        return False
    return not re.search(r"\b(?:in|since|by|until|the|of|early|late|mid)[\s-]$", before, re.I)


_VERBS = frozenset("was is has its this as says does".split())


def _weekday(match: re.Match[str], today: date | None) -> DateMention:
    number = _DAYS[match["w1"][:3].lower()]
    way = (match["wway"] or "").lower()
    day = None
    if today is not None:
        back = (today.weekday() - number) % 7
        ahead = (number - today.weekday()) % 7 or 7
        day = today + timedelta(days=ahead if way in ("next", "coming") else -back)
    return DateMention(
        weekday=number,
        relative=way and f"{way} {match['w1'].lower()}",
        first=day,
        last=day,
        start=match.start(),
        end=match.end(),
        text=match.group(),
    )


def _relative(match: re.Match[str], today: date | None) -> DateMention:
    first, last = _days(match, today) if today else (None, None)
    way, unit = (match["way"] or "").lower(), (match["unit"] or "").lower()
    way = {"past": "last", "previous": "last", "coming": "next", "current": "this"}.get(way, way)
    return DateMention(
        relative=f"{way} {unit}" if unit else match.group().lower(),
        first=first,
        last=last,
        start=match.start(),
        end=match.end(),
        text=match.group(),
    )


def _days(match: re.Match[str], today: date) -> tuple[date | None, date | None]:
    if match["near"]:
        step = {"yesterday": -1, "tomorrow": 1}.get(match["near"].lower(), 0)
        day = today + timedelta(days=step)
        return day, day
    if match["unit"]:
        way = match["way"].lower()
        step = -1 if way in ("last", "past", "previous") else 1 if way in ("next", "coming") else 0
        return _period(today, match["unit"].lower(), step)
    if match["dir"].lower() in ("earlier", "later"):
        return None, None  # counted from another moment than today
    count = match["n"].lower()
    number = int(count) if count.isdigit() else _NUMBERS[count]
    return _period(
        today, match["ago"].lower(), number if "from" in match["dir"].lower() else -number
    )


def _period(today: date, unit: str, step: int) -> tuple[date, date]:
    """The day, week, month, quarter or year that lies ``step`` of them away from ``today``."""
    if unit == "day":
        day = today + timedelta(days=step)
        return day, day
    if unit in ("week", "weekend"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6)
    if unit == "year":
        return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    size = 3 if unit == "quarter" else 1
    index = (today.year * 12 + today.month - 1) // size * size + step * size
    until = index + size - 1
    first = date(index // 12, index % 12 + 1, 1)
    return first, date(until // 12, until % 12 + 1, monthrange(until // 12, until % 12 + 1)[1])
