"""Reads from a question the time that its articles must be of, and whether it wants the newest.

What happened since a day can only be told by articles since that day, so that is a filter. What
happened before a day is told by later articles too, so that is none. Pure functions.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.day_words import english_day
from rag.facts import dates
from rag.schema import Article, Days, Evidence, Filters, Question
from rag.times import Time, times

# A question about news as such: what happened in a time is news of that time.
_NEWS = re.compile(
    r"\b(?:what|anything|any|which|how|tell|show|list|summari[sz]e)\b[^?]{0,120}\b(?:chang\w+|happen\w*|"
    r"new|news|developments?|updates?|updated|learn\w*|known|reported|published|articles|stories)\b",
    re.IGNORECASE,
)
# ... and one that asks for nothing narrower: "what happened at the harbour", "any news of it".
_OPEN_NEWS = re.compile(
    r"^\W*(?:(?:and|so|in|on|during)\b[^?,]{0,40},\s)?(?:"
    r"what(?:\s(?:else|all|has|have|had|was|is|were|are|'s|\u2019s))*\s(?:been\s)?(?:chang\w+|happen\w*|"
    r"new|the\snews|going\son|went\son|occurred|took\splace|announced|decided|revealed)\b"
    r"|what\s(?:did|has|have)\s[^?]{2,60}\s(?:announced?|reveal(?:ed)?|decided?)\b"
    r"|(?:(?:is|was|were|are)\sthere\s)?any(?:thing)?\s(?:news?|developments?|updates?|changes?|happen\w*)\b"
    r"|(?:tell|show|give|list|summari[sz]e)\b[^?]{0,40}\b(?:news|happen\w*|developments?|events|chang\w+))",
    re.IGNORECASE,
)
_REPORTS = (
    r"(?:articles?|stories|story|reports?|reporting|coverage|headlines?|news|papers?|newspapers?|"
    r"press|media|outlets?|journalists?)"
)
# The time of reports: "what was reported on the tram in January", "what did the papers write".
_REPORTED = re.compile(
    r"^\W*(?:(?:and|so|in|on|during|since|before|after|last|this|yesterday)\b[^?,]{0,40},\s)?"
    r"(?:what|which|anything|how\smuch|has\sanything|was\sanything|tell|show|list|give|find)\b[^?]{0,40}?"
    r"\b(?:(?:been|was|were|is|get|got|anything)\s(?:\w+\s)?(?:reported|said|written|published|printed|covered)"
    rf"|(?:did|do|does|has|have)\s(?:\w+\s){{0,2}}?{_REPORTS}\s(?:\w+\s)?(?:reports?|say|tell|write|wrote|cover|"
    r"reported|said|told|written|covered|published?|carry|carried|run)"
    rf"|{_REPORTS}\s(?:reported|said|wrote|published|covered|carried|ran))\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\b(?:that|which|who|whom|whose|where|when|after|before|because|while)\b", re.I
)
# The same right before the time: "articles of January", "reports on the tram published in May".
_OF_REPORTS = re.compile(
    rf"\b(?:reported|published|written|printed|dated|{_REPORTS}"
    rf"(?:\s(?:about|on|of)\s[^?,]{{2,60}})?(?:\s(?:from|published|printed|written|dated))?)\s$",
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
# News of a day stands in the papers of the next, of a week or month until some days later.
_TAIL_DAY, _TAIL = timedelta(days=1), timedelta(days=7)
_EVE, _SOON = timedelta(days=1), timedelta(days=14)  # around days whose news comes first
_LONG = timedelta(days=100)  # a quarter of a year
_MAX_WORDS = 20  # a longer question names days and "the latest" of this and that in passing


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days that a question restricts its articles to, both inclusive, and the words for it."""

    since: date | None = None
    until: date | None = None
    text: str = ""  # "since 3 March", as it stands in the question
    told: Days | None = None  # the days themselves, if later articles may tell of them too


def period_of(question: str, newest: date | None, today: date | None = None) -> Period | None:
    """The days that a question clearly restricts its articles to, None if it does not.

    ``newest`` is the day of the newest article: a date without a year is the last such day up to
    it, and a time counted from ``today`` that begins after it restricts nothing.
    """
    time = None if _is_long(question) else time_of(question, newest, today)
    if time is None:
        return None
    is_of_reports = _is_of_reports(question, time)
    if time.since is None:  # what happened before a day is told by later articles too
        return _restricted(time) if is_of_reports else None
    if is_of_reports or (time.until is None and _NEWS.search(question)):
        return _restricted(time)
    if time.until is None or not _OPEN_NEWS.search(question):
        return None
    tail = _TAIL_DAY if time.first == time.last else _TAIL
    told = Days(first=time.first, last=time.last)
    return Period(since=time.since, until=_later(time.until, tail), text=time.text, told=told)


def _is_of_reports(question: str, time: Time) -> bool:
    """Whether the time is that of the reports; not in "written of a deal that was made in May"."""
    cue = _REPORTED.search(question)
    is_led = cue is not None and not _CLAUSE.search(question[cue.end() : time.start])
    return is_led or _OF_REPORTS.search(question[: time.start]) is not None


def _restricted(time: Time) -> Period:
    return Period(since=time.since, until=time.until, text=time.text)


def _later(day: date, by: timedelta) -> date:
    return day + by if day < date.max - by else date.max


def time_of(question: str, newest: date | None, today: date | None) -> Time | None:
    """The one time that a question names; None if it names none, several, or one still ahead."""
    found = times(question, newest=_earlier(newest, today), today=today)
    if len(found) != 1:
        return None
    time = found[0]
    if any(not (time.start <= m.start < time.end) for m in dates(question) if not m.relative):
        return None  # "of the 2018 final in May"
    is_too_new = time.relative and (newest is None or time.first > newest)
    return None if is_too_new else time


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one and other else one or other


def narrowed(question: Question, newest: date | None, today: date | None = None) -> Question | None:
    """The question kept to the days that it names; None if it names none or days were given.

    Where later articles may tell of them too, ``near`` holds the days themselves.
    """
    if question.filters.dated or question.filters.alone:
        return None
    period = period_of(question.text, newest, today)
    if period is None:
        return None
    filters = replace(question.filters, since=period.since, until=period.until)
    # The days are kept to by the filter: as words they would be looked for in the articles.
    return replace(_without(question, period.text), filters=filters, near=period.told)


def brought_near(question: Question, newest: date | None, today: date | None) -> Question | None:
    """The question with the news of the time that it names first, and less the words for it.

    None if it names none, or a longer one: what happened in a year is told in all of the next.
    "In July 2022" stands in few of that July's articles, so as words it hides them: of 141
    questions with such words .31 were refused, .11 of those asked near it
    (benchmarks/asked_time.py).
    """
    if question.filters.dated or question.filters.alone:
        return None
    time = time_of(question.text, newest, today)
    if time is None or not time.is_within or time.last - time.first > _LONG:
        return None
    near = Days(first=time.first, last=time.last)
    return replace(_without(question, time.text), near=near)


def _without(question: Question, words: str) -> Question:
    """The question less its words for a time."""
    plain = " ".join(question.text.replace(words, " ").split())
    plain = re.sub(r"\s+([?.!,;:])", r"\1", plain).lstrip(" ,;:")
    worded = plain[:1].upper() + plain[1:]
    return replace(question, standalone=worded, read=(*question.read, words))


def is_news_of(days: Days, article: Article) -> bool:
    """Whether an article may tell the news of some days: it is of them, or of soon after."""
    day = article.day
    return day is not None and days.first - _EVE <= day and (day - days.last) <= _SOON


def tells_of(days: Days, article: Article, said: str) -> bool:
    """Whether words of a later article, or its title, place what they tell in some days."""
    day = article.day
    if day is None or day < days.first:
        return False
    found = times(f"{article.title or ''}. {said}", newest=day, today=day)
    return any(days.first <= t.first and t.last <= days.last and t.is_within for t in found)


def too_new(question: Question, newest: date, today: date | None) -> str | None:
    """That the newest article is older than the time asked about, counted from today: else None."""
    if question.filters.dated or question.filters.alone or today is None:
        return None
    found = times(question.text, newest=newest, today=today)
    late = [t for t in found if t.relative and t.first > newest]
    if not late:
        return None
    words = f"\u201c{late[0].text}\u201d"
    return f"No article is as new as {words}; the newest is of {english_day(newest)}."


def counted_from_newest(question: Question, articles: Iterable[Article]) -> Question:
    """For the latest on something as of the newest of the articles; any other question as it is."""
    asked, until = question.asked, question.filters.until
    if until is not None or _is_long(asked) or not _NEWEST.search(asked):
        return question
    return replace(question, filters=replace(question.filters, until=newest_day(articles)))


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


def newest_day(articles: Iterable[Article]) -> date | None:
    """The day of the newest of the articles; None if none has a date."""
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


def days_text(days: Days) -> str:
    """Days in words: "from 1 March 2026 to 31 March 2026", "of 3 March 2026"."""
    return period_text(Filters(since=days.first, until=days.last))


def undated_text(n: int) -> str:
    """That so many articles have no date that a filter could look at."""
    articles = "1 undated article was" if n == 1 else f"{n} undated articles were"
    return f"{articles} left out by the date filter."
