"""Puts what the retrieved articles tell of a story in the order of its days, in their own words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Literal

from rag.asked import FRAME
from rag.claims import Line, read_lines
from rag.datings import Dating, datings, tells_news
from rag.facts import dates, names
from rag.folding import WORD, fold, folded_terms, weigh
from rag.schema import Article, Evidence, Passage, Precision, TimelineEvent
from rag.text import sentence_spans, stem
from rag.words import root

Way = Literal["before", "after"]

_MAX_EVENTS = 12
_MAX_LINES = 400  # sentences; a dozen passages hold about a hundred
_MAX_CHARS = 400  # of an event's words; more is no entry of a list
_MIN_WORDS = 5
_LEAD_CHARS = 1_200
_MIN_COVERED = 0.5  # share of the question's weight that sentence, title and passage must hold
_MIN_BESIDE = 0.3  # the same for the sentence, the one before it and the title
_MAX_UNNAMED = 0.6  # share of the names' weight that may be missing there
_MAX_OF_DAY = 4  # so that one busy day leaves room for the others
_ALIKE = 0.45  # of the weight of the words of the shorter
_ALIKE_BEYOND = 0.25  # the same for what is neither a name nor in the question
_MIN_SHARED = 3  # words: one rare word in common is a topic, not an event
_LATE = timedelta(days=2)  # an article without a day of its own may tell what was news before
_UNSEEN = timedelta(days=3)  # between the writing of an article and the update that it is dated by
_MIN_NAMED = 0.6  # share of a phrase's weight that the words of its event must hold
_AROUND = re.compile(
    r"\b(?P<way>before|ahead of|prior to|until|after|since|following)\s"
    r"(?P<event>(?:the|a|an|his|her|its|their|[A-Z]\S*)\s[^?.,;]{3,80})",
)
_EARLIER = frozenset({"before", "ahead of", "prior to", "until"})
_DAY: Precision = "day"
_MONTH: Precision = "month"
_ENDS = re.compile(r"[.!?\u2026]['\"\u201d\u2019)\]]{0,3}$")
_DANGLING = re.compile(r"(?:it|he|she|they|this|these|those|its|his|her|their)\b", re.IGNORECASE)
_MIN_SHARE_OF_YEAR = 0.2  # of the question's weight: a year is mostly background
# Words that say what kind of answer is wanted or when, not what it is about.
_ASKING = FRAME | folded_terms(
    "many much number amount total kind happen happened happening latest newest date day time "
    "timeline chronology currently exactly now since ago change changed "
    "summary summarize summarise disagree january february march april june july august september "
    "october november december"
)
_SPEECH = folded_terms("said say says told tell according report reported announced")
_DAYS = folded_terms(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june "
    "july august september october november december today yesterday tomorrow"
)
_HOW_TOLD = {"said": 0, "reckoned": 1, "published": 2}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the question is about."""

    terms: frozenset[str]
    names: frozenset[str]

    def bears_on(self, line: Line) -> bool:
        """True if sentence and passage hold what the question names and enough of the rest."""
        held, whole = self.terms & (line.terms | line.setting), weigh(self.terms)
        if weigh(self.names - held) > _MAX_UNNAMED * weigh(self.names):
            return False
        beside = weigh(self.terms & line.beside)
        return weigh(held) >= _MIN_COVERED * whole and beside >= _MIN_BESIDE * whole


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """One dated sentence or clause."""

    line: Line
    dating: Dating
    evidence: Evidence
    words: frozenset[str]  # its terms but for the day and who said it
    terms: frozenset[str]  # those that are neither names nor in the question
    figures: frozenset[str]
    share: float  # of the question's weight

    @property
    def text_id(self) -> str:
        """Reprints of one text share it."""
        return self.line.article.group_id or self.line.article.article_id


def timeline(
    question: str, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> tuple[TimelineEvent, ...]:
    """The dated events among the passages that bear on the question, oldest first, at most 12.

    Each has one piece of evidence for every text that tells it, the best first; reprints count
    once. Where more are found, those that more texts tell and that hold more of the question stay.
    """
    lines = read_lines(passages, articles)[:_MAX_LINES]
    events = [_event(e) for e in _events(_read_question(question), lines)]
    bound = event_asked(question)
    if bound is not None:
        way, phrase = bound
        turn = day_of(phrase, passages, articles)
        events = [e for e in events if turn is None or _lies(e, way, turn)]
    return tuple(sorted(_chosen(events), key=lambda e: (e.day, e.planned)))


def event_asked(question: str) -> tuple[Way, str] | None:
    """The event that a question counts from, "after the visit"; None for a date, or for none."""
    found = _AROUND.search(question)
    if found is None or dates(found["event"]) or not folded_terms(found["event"]) - _ASKING:
        return None
    return "before" if found["way"].lower() in _EARLIER else "after", found["event"].strip()


def day_of(
    phrase: str, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> TimelineEvent | None:
    """The event that a phrase names, with its day; None if no article dates it, or two differ.

    Of the dated events that hold most of the phrase the one that most texts tell is taken; where
    two days are told by as many, it is not known which is meant.
    """
    asked = _read_question(phrase)
    found = [
        e
        for e in _events(asked, read_lines(passages, articles)[:_MAX_LINES])
        if e[0].dating.precision == "day" and max(t.share for t in e) >= _MIN_NAMED
    ]
    ranked = sorted(found, key=_weightiest)
    if not ranked:
        return None
    first = ranked[0]
    rivals = [e for e in ranked[1:] if _weightiest(e)[:2] == _weightiest(first)[:2]]
    same_day = all(e[0].dating.day == first[0].dating.day for e in rivals)
    return _event(first) if same_day else None


def _lies(event: TimelineEvent, way: Way, turn: TimelineEvent) -> bool:
    """True for what lies on the side asked for, and for the day that it is counted from."""
    return event.day <= turn.day if way == "before" else event.day >= turn.day


def _events(asked: _Asked, lines: Sequence[Line]) -> list[list[_Told]]:
    """The tellings of each event that bears on what is asked, the weightiest first."""
    return sorted(_merged(sorted(_all_told(asked, lines), key=_clearest)), key=_weightiest)


def _chosen(events: Iterable[TimelineEvent]) -> list[TimelineEvent]:
    """The first twelve, but no more than four of a day."""
    of_day: Counter[tuple[date, str]] = Counter()
    chosen = []
    for event in events:
        of_day[event.day, event.precision] += 1
        if of_day[event.day, event.precision] <= _MAX_OF_DAY:
            chosen.append(event)
    return chosen[:_MAX_EVENTS]


def _read_question(question: str) -> _Asked:
    topic = folded_terms(question) - _ASKING
    named = {fold(w) for n in names(question) for w in n.words if n.sure or n.start > 0}
    return _Asked(terms=topic, names=frozenset(named & topic))


# --- from a line to what it dates ----------------------------------------------------------------


def _all_told(asked: _Asked, lines: Sequence[Line]) -> Iterator[_Told]:
    for at, line in enumerate(lines):
        if asked.bears_on(line):
            yield from _told(line, asked, lines[at - 1] if at else None)


def _told(line: Line, asked: _Asked, before: Line | None) -> Iterator[_Told]:
    if not _ENDS.search(line.text[-5:]) or len(line.text.split()) < _MIN_WORDS:
        return  # a heading, a caption
    published, updated = _days(line.article)
    found = () if line.corrects else datings(line.text, published)
    if updated != published:
        found = tuple(d for d in found if d in datings(line.text, updated))
        published = None
    if not found and _is_lead(line) and tells_news(line.text):
        found = _news(line, published)
    for dating in found:
        place = _readable(line, dating, before)
        if place is not None:
            one = _one(line, dating, asked, place)
            if dating.precision != "year" or one.share >= _MIN_SHARE_OF_YEAR:
                yield one


def _news(line: Line, published: date | None) -> tuple[Dating, ...]:
    """The day of news: that of publication, or the month where only an update is dated."""
    day, precision = published, _DAY
    article = line.article
    if day is None and article.published_at is None and article.day:
        early = article.day - _UNSEEN
        day = article.day.replace(day=1) if early.month == article.day.month else None
        precision = _MONTH
    if day is None:
        return ()
    end = len(line.text)
    return (
        Dating(day=day, precision=precision, told="published", planned=False, start=0, end=end),
    )


def _days(article: Article) -> tuple[date | None, date | None]:
    """The first and the last day on which the text may have been written, if it is known.

    An article that only says when it was updated may be some days older.
    """
    if article.published_at is None:
        return (article.day - _UNSEEN, article.day) if article.day else (None, None)
    first = article.published_at.astimezone(UTC).date()
    last = article.updated_at.astimezone(UTC).date() if article.updated_at else first
    return first, max(first, last)


def _readable(line: Line, dating: Dating, before: Line | None) -> tuple[int, int] | None:
    """Where the words stand in the article; with the sentence before if they lean on it."""
    start, end = line.start + dating.start, line.start + dating.end
    if _DANGLING.match(line.text, dating.start):
        start = line.start
        if dating.start == 0 or _DANGLING.match(line.text):
            if before is None or not _leads_to(before, line):
                return None
            start = before.start
    return (start, end) if end - start <= _MAX_CHARS else None


def _leads_to(before: Line, line: Line) -> bool:
    """True if two sentences stand side by side and the first tells of no other day."""
    between = line.article.text[before.end : line.start]
    beside = before.article is line.article and before.end <= line.start
    return beside and between.isspace() and "\n" not in between and not dates(before.text)


def _is_lead(line: Line) -> bool:
    """True for the first whole sentence below the title."""
    article = line.article
    begin = len(article.title) if article.title and article.text.startswith(article.title) else 0
    head = article.text[begin : begin + _LEAD_CHARS]
    for start, end in sentence_spans(head):
        if _ENDS.search(head[start:end][-5:]) and end - start > 40:
            return begin + start == line.start
    return False


def _one(line: Line, dating: Dating, asked: _Asked, place: tuple[int, int]) -> _Told:
    start, end = place
    text = line.article.text[start:end]
    terms = folded_terms(text)
    words = terms - _SPEECH - _DAYS
    named = {fold(w) for n in names(text) if n.sure for w in n.words}
    return _Told(
        line=line,
        dating=dating,
        evidence=Evidence(article_id=line.article.article_id, start=start, end=end, text=text),
        words=words,
        terms=words - asked.terms - named,
        figures=frozenset(f for w in WORD.findall(text) if (f := root(stem(w))).isdigit()),
        share=weigh(asked.terms & terms) / (weigh(asked.terms) or 1.0),
    )


# --- the same event in several articles ----------------------------------------------------------


def _clearest(told: _Told) -> tuple[int, float, int]:
    """Best first: a date in the words, more of the question, a better passage."""
    return (_HOW_TOLD[told.dating.told], -told.share, told.line.rank)


def _merged(told: Sequence[_Told]) -> list[list[_Told]]:
    """The tellings of each event; a plan that was carried out that day is no event of its own."""
    events: list[list[_Told]] = []
    for one in sorted(told, key=lambda t: t.dating.planned):
        same = next((e for e in events if _same(one, e[0])), None)
        if same is None:
            events.append([one])
        elif one.dating.planned == same[0].dating.planned and all(
            one.text_id != other.text_id for other in same
        ):
            same.append(one)
    return events


def _same(one: _Told, other: _Told) -> bool:
    """True if two tellings are of one day, or of the days before an article without one, and alike.

    Other figures are another event: a toll that rises within a day is told twice.
    """
    mine, theirs = one.dating, other.dating
    near = mine.day == theirs.day and mine.precision == theirs.precision
    if mine.told == "published" and mine.precision == "month" and not theirs.planned:
        near = (mine.day.year, mine.day.month) == (theirs.day.year, theirs.day.month)
    elif mine.told == "published" and theirs.precision == "day" and not theirs.planned:
        near = timedelta(0) <= mine.day - theirs.day <= _LATE
    if not near:
        return False
    if not (one.figures <= other.figures or other.figures <= one.figures):
        return False
    if len(one.words & other.words) < _MIN_SHARED:
        return False
    return (
        _share(one.words, other.words) >= _ALIKE and _share(one.terms, other.terms) >= _ALIKE_BEYOND
    )


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of the shorter is in the other; 1 where it says nothing."""
    less = min(weigh(one), weigh(other))
    return weigh(one & other) / less if less else 1.0


def _weightiest(event: Sequence[_Told]) -> tuple[int, float, int]:
    return (-len(event), -max(t.share for t in event), min(t.line.rank for t in event))


def _event(tellings: Sequence[_Told]) -> TimelineEvent:
    dating = tellings[0].dating
    return TimelineEvent(
        day=dating.day,
        precision=dating.precision,
        told=dating.told,
        planned=dating.planned,
        evidence=tuple(t.evidence for t in tellings),
    )
