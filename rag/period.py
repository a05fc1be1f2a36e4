"""Reads from a question the time that its articles must be of, and whether it wants the newest.

What happened since a day can only be told by articles since that day, so that is a filter. What
happened before a day is told by later articles too, so that is none. Pure functions.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.day_words import day_text
from rag.facts import DateMention, dates
from rag.schema import Article, Filters, Question

_NEWS = re.compile(
    r"\b(?:what|anything|any|which|how|tell|show|list|summari[sz]e)\b[^?]{0,120}\b(?:chang\w+|happen\w*|"
    r"new|news|developments?|updates?|updated|learn\w*|known|reported|published|articles|stories)\b",
    re.IGNORECASE,
)
_ARTICLES = re.compile(r"\b(?:reported|published|written|articles|stories|reports|news)\b", re.I)
_SINCE = re.compile(r"\b(since)\s(?:the\s)?$", re.IGNORECASE)
_AFTER = re.compile(r"\b(after|later than)\s(?:the\s)?$", re.IGNORECASE)
_BEFORE = re.compile(r"\b(before|prior to)\s(?:the\s)?$", re.IGNORECASE)
_IN = re.compile(
    r"\b(?:reported|published|written|articles|stories|reports|news)\s(in|of|from|during|on)\s$",
    re.IGNORECASE,
)
_NEWEST = re.compile(
    r"^\W*(?:[\w'\u2019]+\W+){0,6}(?:latest|newest|most recent)\b"
    r"|\b(?:now|so far|at the moment|currently)\W*$",
    re.IGNORECASE,
)
_MAX_WORDS = 20  # a longer question names days and "the latest" of this and that in passing


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days that a question restricts its articles to, both inclusive, and the words for it."""

    since: date | None = None
    until: date | None = None
    text: str = ""  # "since 3 March", as it stands in the question


def period_of(question: str, newest: date | None) -> Period | None:
    """The days that a question clearly restricts its articles to, None if it does not.

    ``newest`` is the day of the newest article in sight: a date without a year is the last such
    day up to it.
    """
    mentions = [m for m in dates(question) if not m.relative and m.weekday is None]
    if len(mentions) != 1 or _is_long(question) or not _NEWS.search(question):
        return None
    days = _covered(mentions[0], newest)
    if days is None:
        return None
    first, last = days
    before = question[: mentions[0].start]
    day = timedelta(days=1)
    for pattern, since, until, is_free in (
        (_SINCE, first, None, True),
        (_AFTER, last + day, None, True),
        (_BEFORE, None, first - day, bool(_ARTICLES.search(question))),
        (_IN, first, last, True),
    ):
        found = pattern.search(before)
        if found and is_free:
            text = question[found.start(1) : mentions[0].end]
            return Period(since=since, until=until, text=text)
    return None


def _covered(mention: DateMention, newest: date | None) -> tuple[date, date] | None:
    if mention.first and mention.last:
        return mention.first, mention.last
    if newest is None or mention.month is None or mention.day is None:
        return None
    for year in (newest.year, newest.year - 1):
        try:
            day = date(year, mention.month, mention.day)
        except ValueError:
            continue  # 29 February
        if day <= newest:
            return day, day
    return None


def narrowed(question: Question, articles: Iterable[Article]) -> Question | None:
    """The question kept to the days that it names; None if it names none or days were given."""
    if question.filters.dated:
        return None
    period = period_of(question.asked, _newest_day(articles))
    if period is None:
        return None
    filters = replace(question.filters, since=period.since, until=period.until)
    # The days are kept to by the filter: as words they would be looked for in the articles.
    plain = " ".join(question.text.replace(period.text, " ").split()).replace(" ?", "?")
    return replace(question, standalone=plain, filters=filters)


def counted_from_newest(question: Question, articles: Iterable[Article]) -> Question:
    """For the latest on something as of the newest of the articles; any other question as it is."""
    asked, until = question.asked, question.filters.until
    if until is not None or _is_long(asked) or not _NEWEST.search(asked):
        return question
    return replace(question, filters=replace(question.filters, until=_newest_day(articles)))


def _is_long(question: str) -> bool:
    return len(question.split()) > _MAX_WORDS


def _newest_day(articles: Iterable[Article]) -> date | None:
    return max((a.day for a in articles if a.day), default=None)


def period_text(filters: Filters) -> str:
    """The days of filters in words: "since 3 March 2026", "of 3 March 2026"."""
    since, until = filters.since, filters.until
    if since and until and since < until:
        return f"from {day_text(since)} to {day_text(until)}"
    if since and until:
        return f"of {day_text(since)}"
    return f"since {day_text(since)}" if since else f"until {day_text(until)}" if until else ""
