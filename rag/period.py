"""Reads from a question the time that its articles must be of, and whether it wants the newest.

What happened since a day can only be told by articles since that day, so that is a filter. What
happened before a day is told by later articles too, so that is none. Pure functions.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.day_words import english_day
from rag.facts import DateMention, dates
from rag.schema import Article, Evidence, Filters, Question

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
_BOUND = re.compile(
    r"\b(?:since|before|after|until|till|by|than|from|to|between|through)\s(?:the\s)?(?:\w+\s)?$",
    re.IGNORECASE,
)
_LEADS = re.compile(r"\s(?:in|on|of|during|for|at)\s(?:the\s)?$", re.IGNORECASE)
_LATE = timedelta(days=60)  # so long after it articles still tell of what happened in a time
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


def only_outside(asked: Filters, days: Iterable[date | None]) -> str:
    """Why nothing is answered of the time asked about: the days of the articles that tell of it."""
    shown = period_text(asked)
    known = sorted(day for day in days if day)
    if not known:
        return f"Only articles without a date tell of this; none is known to be {shown}."
    return f"No article {shown} tells of this; what the archive has on it is {_span(known)}."


def _span(days: Sequence[date]) -> str:
    return period_text(Filters(since=days[0], until=days[-1]))


def outside(
    question: str, chosen: Sequence[Evidence], articles: Mapping[str, Article]
) -> str | None:
    """Why sentences do not answer a question about a year: they are of another; else None.

    Only where the question gives one time with its year, no sentence or title repeats that time,
    and each article is known to be of another: of before it, or of well after it.
    """
    asked = _asked_time(question)
    if asked is None or not chosen:
        return None
    first, last, when = asked
    found = [articles[e.article_id] for e in chosen]
    days = [article.day for article in found if article.day]
    if len(days) < len(found) or any(first <= day <= last + _LATE for day in days):
        return None
    said = (f"{a.title or ''}. {e.text}" for a, e in zip(found, chosen, strict=True))
    if any(_tells_of(text, first, last) for text in said):
        return None
    return f"Nothing found tells of {when}; what comes near is {_span(sorted(days))}."


def without_time(question: str) -> str | None:
    """The question less the one time with a year that it is about; None if it has none."""
    asked = _asked_time(question)
    if asked is None:
        return None
    before, _, after = question.partition(asked[2])
    return f"{_LEADS.sub('', before)} {after}".replace(" ?", "?").strip()


def _asked_time(question: str) -> tuple[date, date, str] | None:
    """The one time with a year that a question is about; None for "since 2019" and the like."""
    mentions = [m for m in dates(question) if not m.relative and m.weekday is None]
    if len(mentions) != 1 or _is_long(question):
        return None
    only = mentions[0]
    if only.first is None or only.last is None or _BOUND.search(question[: only.start]):
        return None
    return only.first, only.last, question[only.start : only.end]


def _tells_of(text: str, first: date, last: date) -> bool:
    return any(m.first <= last and m.last >= first for m in dates(text) if m.first and m.last)


def _is_long(question: str) -> bool:
    return len(question.split()) > _MAX_WORDS


def _newest_day(articles: Iterable[Article]) -> date | None:
    return max((a.day for a in articles if a.day), default=None)


def period_text(filters: Filters) -> str:
    """The days of filters in words: "since 3 March 2026", "of 3 March 2026"."""
    since, until = filters.since, filters.until
    if since and until and since < until:
        return f"from {english_day(since)} to {english_day(until)}"
    if since and until:
        return f"of {english_day(since)}"
    return (
        f"since {english_day(since)}" if since else f"until {english_day(until)}" if until else ""
    )


def undated_text(n: int) -> str:
    """That so many articles have no date that a filter could look at."""
    articles = "1 undated article was" if n == 1 else f"{n} undated articles were"
    return f"{articles} left out by the date filter."
