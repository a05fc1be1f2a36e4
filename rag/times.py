"""Ground tool: the times that a question names, each with the days that it covers.

"In January", "between March and May 2023", "in the first half of 2023", "last week", "before 3
June". A month or day without a year is the last such one up to the newest article; what is counted
from today needs the day of asking. What lies ahead ("next week") covers no article and is left
out. Pure functions without models; every pattern is linear in the text.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.facts import DateMention, dates

_NUMBERS = {
    w: n for n, w in enumerate("one two three four five six seven eight nine ten".split(), 1)
}
_FEW = {"few": 3, "couple of": 2, "several": 5}
_UNIT_DAYS = {"hour": 1, "day": 1, "week": 7, "month": 31, "year": 366}
_MAX_COUNT = 100  # of days, weeks, months or years back
_PART = re.compile(
    r"\b(?:the\s)?(?:(?P<nth>first|second|third|fourth|last|1st|2nd|3rd|4th)\s(?P<part>half|quarter)"
    r"(?:\sof)?|(?P<short>[qh][1-4]))(?:\sof)?\s(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_LATELY = re.compile(
    r"\b(?:the\s)?(?:last|past)\s(?P<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"few|couple\sof|several)\s(?P<unit>hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
# What may stand between a preposition and its date.
_THE = (
    r"(?:the\s)?(?:(?:early|late|mid|the\s?)[\s-]|(?:(?:start|beginning|middle|end|month|year|week|"
    r"course)\sof\s)(?:the\s)?|(?:last|this)\s)?"
)
_LEAD = re.compile(
    rf"\b(?:(?P<since>since|starting\s(?:in|on|from))|(?P<after>after|"
    r"later\sthan)|(?P<before>before|prior\sto|earlier\sthan)|(?P<until>until|till|up\sto|by)|"
    rf"(?P<within>in|on|during|of|from|for|within|over|throughout|dated|at))\s{_THE}$",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"^\s?(?P<joint>and|to|till|until|through|[-\u2013])\s?(?:the\s)?$", re.IGNORECASE
)
_RANGE_LEAD = re.compile(rf"\b(?:between|from|during|in|of|on)\s{_THE}$|^\W*$", re.IGNORECASE)
_DAY_BEFORE = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s?(?:and|to|[-\u2013])\s?$", re.IGNORECASE
)
_AHEAD = frozenset("next coming tomorrow".split())
_SO_FAR = re.compile(
    r"\b(?:the\s)?(?:start|beginning)\sof\s(?:the|this)\s(?P<unit>week|month|year)\b", re.IGNORECASE
)
_ONWARDS = re.compile(r"\s(?:onwards?|on)\b(?!\s(?:the|a|an|this|that)\b)", re.IGNORECASE)
# "The January attack", "the 2020 election", "in the 2018 World Cup": the date belongs to a name.
_OF_A_NAME = re.compile(r"\b(?:the|a|an|this|that|[\w]+['\u2019]s)\s$", re.IGNORECASE)
_NAMES = re.compile(r"\s[A-Z][a-z]")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A time that a text names: ``text`` is the words of ``[start, end)``, preposition and all.

    It covers the days from ``since`` to ``until``, both inclusive; one of them may be open.
    ``first`` and ``last`` are the days of the dates themselves: for "before 3 June" both 3 June.
    """

    since: date | None
    until: date | None
    first: date
    last: date
    relative: bool  # counted from the day of asking: "last week"
    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if self.first > self.last or (self.since and self.until and self.since > self.until):
            raise ValueError(f"{self.text!r} ends before it begins")

    @property
    def is_within(self) -> bool:
        """True for a time with both ends: "in January", not "since January"."""
        return self.since is not None and self.until is not None


@dataclass(frozen=True, slots=True)
class _Days:
    """A date of the text, resolved as far as it goes."""

    start: int
    end: int
    first: date
    last: date
    relative: bool
    mention: DateMention | None = None  # of the calendar


def times(text: str, *, newest: date | None, today: date | None) -> tuple[Time, ...]:
    """The times that a text names, in order.

    ``newest`` is the day of the newest article, ``today`` that of asking; what needs one that is
    not known is left out.
    """
    found: list[Time] = []
    for days in _joined(text, list(_dates(text, newest or today, today))):
        time = _bounded(text, days)
        if time is not None and not (found and time.start < found[-1].end):
            found.append(time)
    return tuple(found)


def _dates(text: str, last_day: date | None, today: date | None) -> Iterator[_Days]:
    """The dates of a text, none inside another, in order."""
    spans = [*_parts(text), *_lately(text, today)]
    taken = [(d.start, d.end) for d in spans]
    for mention in dates(text, today):
        if any(start < mention.end and mention.start < end for start, end in taken):
            continue
        # "USA Today" is an outlet, a "Today" that opens a sentence a day.
        is_name = text[mention.start : mention.end] == "Today" and text[: mention.start].strip()
        days = None if is_name else _resolved(mention, last_day)
        if days is not None:
            spans.append(days)
    yield from sorted(spans, key=lambda d: d.start)


def _parts(text: str) -> Iterator[_Days]:
    """Halves and quarters of a year."""
    for match in _PART.finditer(text):
        year, short = int(match["year"]), (match["short"] or "").lower()
        size = 6 if (match["part"] or "").lower() == "half" or short.startswith("h") else 3
        nth = int(short[1]) if short else _NTH.get(match["nth"].lower(), 12 // size)
        if nth * size <= 12:
            first = date(year, (nth - 1) * size + 1, 1)
            yield _Days(match.start(), match.end(), first, _month_end(year, nth * size), False)


def _lately(text: str, today: date | None) -> Iterator[_Days]:
    """What is counted from the day of asking: "the past three weeks", "the start of the year"."""
    if today is None:
        return
    for match in _LATELY.finditer(text):
        word = " ".join(match["n"].lower().split())
        n = int(word) if word.isdigit() else _NUMBERS.get(word) or _FEW[word]
        if 0 < n <= _MAX_COUNT:
            unit = match["unit"].lower()
            back = timedelta(days=_UNIT_DAYS[unit] * (-(-n // 24) if unit == "hour" else n))
            yield _Days(match.start(), match.end(), today - back, today, True)
    for match in _SO_FAR.finditer(text):
        first = _begun(match["unit"].lower(), today)
        yield _Days(match.start(), match.end(), first, today, True)


def _begun(unit: str, today: date) -> date:
    """The first day of the week, month or year of a day."""
    if unit == "week":
        return today - timedelta(days=today.weekday())
    return today.replace(day=1, month=today.month if unit == "month" else 1)


def _resolved(mention: DateMention, last_day: date | None) -> _Days | None:
    if mention.relative.split(" ")[0] in _AHEAD or mention.relative.endswith("now"):
        return None
    slashed = _SLASHED.match(mention.text)
    if slashed and max(map(int, slashed.groups())) <= 12 and slashed[1] != slashed[2]:
        return None  # 3/4/2026 is in March to some and in April to others
    is_counted = bool(mention.relative) or mention.weekday is not None
    covered = (mention.first, mention.last)
    if mention.first is None and not is_counted:
        covered = _latest(mention, last_day)
    first, last = covered
    if first is None or last is None:
        return None
    calendar = None if is_counted else mention
    return _Days(mention.start, mention.end, first, last, is_counted, calendar)


def _latest(mention: DateMention, last_day: date | None) -> tuple[date | None, date | None]:
    """The last such month or day up to a day."""
    month = mention.month
    if last_day is None or month is None:
        return None, None
    for year in range(last_day.year, max(last_day.year - 5, 0), -1):  # 29 February
        if mention.day and mention.day > monthrange(year, month)[1]:
            continue
        first = date(year, month, mention.day or 1)
        if first <= last_day:
            return first, first if mention.day else _month_end(year, month)
    return None, None


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _joined(text: str, found: Sequence[_Days]) -> list[_Days]:
    """The dates, those that are the two ends of one time made one: "between March and May"."""
    out: list[_Days] = []
    for days in found:
        between = text[out[-1].end : days.start] if out else ""
        if out and _RANGE.match(between) and _is_range(text, out[-1], between):
            one = _spanning(out[-1], days)
            if one is not None:
                out[-1] = one
                continue
        out.append(_from_day(text, days))
    return out


def _is_range(text: str, first: _Days, between: str) -> bool:
    lead = _RANGE_LEAD.search(text[: first.start])
    return bool(lead) and (
        "and" not in between.lower() or lead.group().lower().startswith("between")  # type: ignore[union-attr]  # known
    )


def _spanning(one: _Days, other: _Days) -> _Days | None:
    """From one date to the other; a month without a year is the last before the end."""
    first = one.first
    if one.mention and one.mention.year is None:
        first = _latest(one.mention, other.last)[0] or first
    if first > other.last:
        return None
    return _Days(one.start, other.end, first, other.last, one.relative or other.relative)


def _from_day(text: str, days: _Days) -> _Days:
    """The days of "3-7 March 2024", of which a date has only the last."""
    before = _DAY_BEFORE.search(text[: days.start])
    if before is None or days.mention is None or not days.mention.day or days.first != days.last:
        return days
    number = int(before["day"])
    if not 0 < number < days.first.day:
        return days
    return _Days(before.start(), days.end, days.first.replace(day=number), days.last, False)


def _bounded(text: str, days: _Days) -> Time | None:
    """The date with what stands before it: a bound, or just "in"."""
    lead = _LEAD.search(text[: days.start]) or _RANGE_LEAD.search(text[: days.start])
    named = lead.groupdict() if lead else {}
    word = next((name for name, said in named.items() if said), "within")
    if not days.relative and (lead is None or _is_in_a_name(text, days)):
        return None
    if word == "within" and _ONWARDS.match(text[days.end :]) and lead:
        word = "since" if lead.group().lower().startswith("from") else word
    since, until = _bounds(word, days)
    start = lead.start() if lead and lead.group().strip() else days.start
    return Time(
        since=since,
        until=until,
        first=days.first,
        last=days.last,
        relative=days.relative,
        start=start,
        end=days.end,
        text=text[start : days.end],
    )


def _is_in_a_name(text: str, days: _Days) -> bool:
    """Whether a date tells which thing of a kind is meant, and not when something was."""
    said = text[days.start : days.end]
    if days.mention is None or days.mention.decade:
        return False
    is_led = _OF_A_NAME.search(text[: days.start]) is not None
    is_ordinal = re.match(r"\d{1,2}(?:st|nd|rd|th)\b", said) is not None  # "on the 3rd of March"
    return (is_led and not is_ordinal) or bool(_NAMES.match(text[days.end :]))


def _bounds(word: str, days: _Days) -> tuple[date | None, date | None]:
    day = timedelta(days=1)
    match word:
        case "since":
            return days.first, None
        case "after":
            return (days.last + day if days.last < date.max else days.last), None
        case "before":
            return None, (days.first - day if days.first > date.min else days.first)
        case "until":
            return None, days.last
        case _:
            return days.first, days.last
