"""Ground tool: from a date as it is written, and a tense, to the day, month or year that it means.

A weekday needs a tense ("on Friday" lies behind us or ahead), a month without a year does too, and
both need the day on which they were written. Where usage differs, nothing is given. Pure functions.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rag.moments import DateMention
from rag.schema import Precision, Told

Tense = Literal["past", "future", "speech", "would", "open"]

_MAX_GAP_DAYS = 270  # "in May" said in June is last month; beyond nine months it is anyone's guess
_MAX_DAYS_AHEAD = 180  # of a day without a year
# Days that stand for what happened on them in one year; they are written without it ever since.
_NAMED_DAYS = frozenset({(1, 6), (9, 11), (10, 7)})
_MAX_DAYS_AGO = 7  # "ten days ago" is a round number
_MAX_AGO = {"day": _MAX_DAYS_AGO, "week": 3, "month": 6, "year": 5}
_LIMIT = re.compile(
    r"\b(?:until|till|by|from|to|for)(?:\s(?:early|late|mid|the\send\sof))?[\s-]$", re.I
)
_RANGE_BEFORE = re.compile(r"\d\s?(?:[-\u2013]|to\s|and\s|or\s)\s?$")
_RANGE_AFTER = re.compile(
    r"\s?[-\u2013]\s?\d|\s(?:to|and|or)\s(?:\d{1,2}|(?:19|20)\d\d)\b(?!\s[a-z])"
)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/")
_COUNT = {w: n for n, w in enumerate("one two three four five six seven eight nine ten".split(), 1)}
_SHIFTED = {"yesterday": False, "tomorrow": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The first day of what is meant; ``planned`` if it lay ahead when it was written."""

    day: date
    precision: Precision
    told: Told
    planned: bool = False


def reckon(
    text: str, mention: DateMention, tense: Tense | None, today: date | None
) -> Moment | None:
    """What a date of a text means under the verb that governs it; None where that is not sure.

    ``today`` is the day the text was written, None if unknown: then only whole dates mean anything.
    """
    moment = _moment(text, mention, tense, today)
    if moment and today and not moment.planned and moment.day > today + timedelta(days=1):
        return None  # "went on this weekend", on a Wednesday
    return moment


def _moment(
    text: str, mention: DateMention, tense: Tense | None, today: date | None
) -> Moment | None:
    before, after = text[max(0, mention.start - 30) : mention.start], text[mention.end :][:16]
    if _RANGE_BEFORE.search(before) or _RANGE_AFTER.match(after):
        return None
    if mention.relative == "today" and before.lower().endswith("from "):
        return _reckoned(today, "day", planned=False) if today else None
    if _LIMIT.search(before) and tense != "future":
        return None
    if mention.relative and mention.weekday is None:
        return _relative(mention, tense, today)
    if tense is None or (tense == "open" and mention.year is None):
        return None
    if mention.weekday is not None:
        return _weekday(mention, tense, today)
    if mention.year is None:
        return _yearless(mention, tense, today)
    return _calendar(mention, tense, today)


def _weekday(mention: DateMention, tense: Tense, today: date | None) -> Moment | None:
    number = mention.weekday
    if today is None or number is None:
        return None
    steps = _steps(mention.relative.split(" ")[0], number, today.weekday(), tense)
    if steps is None:
        return None
    return _reckoned(today + timedelta(days=steps[0]), "day", planned=steps[1])


def _steps(way: str, number: int, now: int, tense: Tense) -> tuple[int, bool] | None:
    """How many days away a weekday lies and whether it is ahead; None where usage differs."""
    ahead, back = (number - now) % 7, (now - number) % 7
    if way in ("next", "coming"):
        # "next Friday" said on a Wednesday is in two days to some and in nine to others.
        return None if (way == "next" and number > now) or tense == "past" else (ahead or 7, True)
    if tense == "future":
        return (ahead, True) if way not in ("last", "past") else None
    if tense != "past" or (way == "this" and number > now):
        return None
    if way == "last":  # said on a Friday, "last Monday" is this week's to some
        return (-(back or 7), False) if number >= now else None
    if way == "past":
        return (-(back or 7), False)
    # Tomorrow's weekday: six days ago, or today where the clock is ahead of ours.
    return (-back, False) if back < 6 else None


def _relative(mention: DateMention, tense: Tense | None, today: date | None) -> Moment | None:
    phrase, first, last = mention.relative, mention.first, mention.last
    if today is None or first is None or last is None:
        return None
    ahead = tense in ("future", "would")
    if phrase in ("today", "tonight"):
        return _reckoned(first, "day", planned=ahead) if tense not in (None, "open") else None
    if phrase in _SHIFTED:
        planned = _SHIFTED[phrase]
        turned = tense == ("past" if planned else "future")
        return None if turned else _reckoned(first, "day", planned=planned)
    way, unit = phrase.split(" ")[0], phrase.split(" ")[-1]
    if unit in ("ago", "now"):
        unit = phrase.split(" ")[1].removesuffix("s")
        if not _is_exact(mention, unit, today) or (tense == "future") != phrase.endswith("now"):
            return None
        return _period(first, last, unit, planned=phrase.endswith("now"))
    if (way == "last" and ahead) or (way == "next" and tense == "past"):
        return None
    if way == "this" and tense not in ("past", "future"):
        return None
    return _period(first, last, unit, planned=way == "next" or (way == "this" and ahead))


def _is_exact(mention: DateMention, unit: str, today: date) -> bool:
    """False where "two years ago" may be one calendar year or the next, or is a round number."""
    word = mention.relative.split(" ")[0]
    n = int(word) if word.isdigit() else _COUNT.get(word, 1)
    return n <= _MAX_AGO[unit] and (unit != "year" or 4 <= today.month <= 9)


def _period(first: date, last: date, unit: str, *, planned: bool) -> Moment | None:
    if unit == "day":
        return _reckoned(first, "day", planned=planned)
    if unit in ("week", "weekend"):  # shown as its month, sorted by its first day
        same = (first.year, first.month) == (last.year, last.month)
        return _reckoned(first, "month", planned=planned) if same else None
    if unit == "month":
        return _reckoned(first, "month", planned=planned)
    return _reckoned(first, "year", planned=planned) if unit == "year" else None


def _reckoned(day: date, precision: Precision, *, planned: bool) -> Moment:
    return Moment(day=day, precision=precision, told="reckoned", planned=planned)


def _yearless(mention: DateMention, tense: Tense, today: date | None) -> Moment | None:
    """A month, with or without a day: the nearest one that the tense allows."""
    if today is None or tense not in ("past", "future"):
        return None
    if (mention.month, mention.day) in _NAMED_DAYS:
        return None
    precision: Precision = "day" if mention.day else "month"
    ahead = tense == "future"
    floor = today if mention.day else today.replace(day=1)
    fits = []
    for year in (today.year - 1, today.year, today.year + 1):
        day = _date(year, mention.month or 1, mention.day or 1)
        if day is not None and (floor <= day if ahead else day <= floor):
            fits.append(day)
    near = (min(fits) if ahead else max(fits)) if fits else None
    most = _MAX_DAYS_AHEAD if ahead and mention.day else _MAX_GAP_DAYS
    if near is None or abs((near - floor).days) > most:
        return None
    return _reckoned(near, precision, planned=ahead)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None  # 29 February


def _calendar(mention: DateMention, tense: Tense, today: date | None) -> Moment | None:
    """A date with its year; one that the article cannot have seen yet is planned."""
    slashed = _SLASHED.match(mention.text)
    if slashed and max(map(int, slashed.groups())) <= 12 and slashed[1] != slashed[2]:
        return None  # 3/4/2026 is in March to some and in April to others
    first, last = mention.first, mention.last
    if first is None or last is None:
        return None
    ahead = today is not None and first > today
    over = today is not None and last < today
    if (tense == "future" and over) or (tense == "would" and not ahead):
        return None
    if tense == "open" and (today is None or not over):
        return None
    planned = ahead or tense == "future"
    precision: Precision = "day" if mention.day else "month" if mention.month else "year"
    return Moment(day=first, precision=precision, told="said", planned=planned)
