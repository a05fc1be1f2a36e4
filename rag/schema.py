"""The nouns: what an article, a passage, a citation, a verdict and an answer are.

Every value is frozen, so a step can only hand on a new one. Offsets count characters (Python
code points) in ``Article.text``, which is cleaned and canonical; ranges are half-open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

# Nouns like the rest, in a file of their own for their length.
from rag.limits import Aim as Aim  # noqa: PLC0414
from rag.limits import Days as Days  # noqa: PLC0414
from rag.limits import Filters as Filters  # noqa: PLC0414
from rag.limits import Search as Search  # noqa: PLC0414

Label = Literal["supported", "partial", "contested", "refuted", "unsupported"]
# How far the cited words carry a sentence; contested ones do, but another article disagrees.
RANKS: Mapping[Label, int] = {
    "refuted": 0,
    "unsupported": 1,
    "partial": 2,
    "contested": 3,
    "supported": 3,
}
ConflictKind = Literal["value", "status", "time", "scope"]
Mode = Literal["extractive", "llm"]
AnswerKind = Literal["text", "yesno", "list"]
# Why nothing is answered: the archive has nothing on this; it has something near that does not
# say; it has it only outside the time asked about.
Refusal = Literal["nothing", "near", "period"]
# How firmly a claim is made by whoever makes it; official: in an official's or a record's words.
Firmness = Literal["stated", "official", "reported", "alleged", "expected", "possible", "denied"]
Status = Literal["live", "withdrawn"]
Precision = Literal["day", "month", "year"]
# said: a date in the sentence; reckoned: its "on Tuesday" counted from the day of its article;
# published: the news of that day itself.
Told = Literal["said", "reckoned", "published"]
# How sure a date is: a field or meta tag, a labelled line, a bare date or the path of the URL.
Confidence = Literal["high", "medium", "low"]
# report: another outlet's story; interview: said to it; agency: its copy; sources: people or
# documents that stay unnamed.
CreditKind = Literal["report", "interview", "agency", "sources"]


def _aware(moment: datetime | None, name: str) -> None:
    if moment is not None and moment.utcoffset() is None:
        raise ValueError(f"{name} {moment} has no time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open range [start, end) of an article's text, with the text it covers."""

    article_id: str
    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if self.start < 0 or len(self.text) != self.end - self.start:
            raise ValueError(
                f"span [{self.start}, {self.end}) does not fit {len(self.text)} characters"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit(Span):
    """Words by which an article says whom it leans on: one link of the reporting chain."""

    name: str  # "Reuters", "13 sources"
    kind: CreditKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article as indexed: cleaned text and what is known about where it comes from."""

    article_id: str  # stable across revisions: from URL or path
    revision: int  # from 1
    title: str | None
    text: str  # cleaned; every offset counts in it
    outlet: str | None
    authors: tuple[str, ...] = ()
    url: str | None = None
    path: str | None = None
    published_at: datetime | None = None  # aware UTC; None is unknown, never guessed
    updated_at: datetime | None = None
    date_source: str | None = None  # e.g. "field", "meta", "byline", "updated line", "corrected"
    date_confidence: Confidence | None = None  # of the date that is shown
    section: str | None = None  # "Business", as the outlet files it
    language: str | None = None  # ISO 639-1: "en"
    retrieved_at: datetime | None = None
    content_hash: str = ""  # sha256 hex of title and text
    group_id: str | None = None  # near-duplicates share one
    credits: tuple[Credit, ...] = ()  # whom it leans on, in the order of the text
    status: Status = "live"

    def __post_init__(self) -> None:
        _aware(self.published_at, "published_at")
        _aware(self.updated_at, "updated_at")

    @property
    def dated(self) -> datetime | None:
        """The moment it is shown and filtered by: published, else updated, else None."""
        return self.published_at or self.updated_at

    @property
    def day(self) -> date | None:
        """``dated`` as a UTC calendar day."""
        return self.dated.astimezone(UTC).date() if self.dated else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage(Span):
    """A run of whole sentences of one article: the unit that is embedded and retrieved."""

    passage_id: str  # "{article_id}:{revision}:{start}"
    sentences: tuple[tuple[int, int], ...]  # [start, end) of each, in the article's text

    def sentence_texts(self) -> tuple[str, ...]:
        """The text of each sentence, in order."""
        return tuple(self.text[a - self.start : b - self.start] for a, b in self.sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPassage:
    """A passage with the score and rank that a ranker gave it; rank counts from 1."""

    passage: Passage
    score: float
    rank: int
    ranker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where words stand in an article: a span without its text, as a client sends it back."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of the chat so far."""

    role: Literal["user", "assistant"]
    content: str
    cited: tuple[Place, ...] = ()  # by an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked, and the same as a question that stands on its own."""

    asked: str
    standalone: str = ""  # empty: same as asked
    filters: Filters = field(default_factory=Filters)
    earlier: tuple[Place, ...] = ()  # cited before in this conversation: candidates again
    near: Days | None = None  # news of these comes first; nothing else is left out
    read: tuple[str, ...] = ()  # its words for a time or outlet that its articles are limited to

    @property
    def text(self) -> str:
        """The question to search with."""
        return self.standalone or self.asked

    @property
    def news_of(self) -> Days | None:
        """The days whose news comes first: those asked about, else the last that may answer."""
        until = self.filters.until
        return self.near or (Days(first=until, last=until) if until else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Span):
    """The quoted words that carry a sentence: shorter than a passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A numbered pointer from a sentence to its evidence; markers are 1..n by first use."""

    marker: int
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVerdict:
    """One claim of a sentence that makes several, or of one that fails, checked by itself."""

    text: str  # words of the sentence
    label: Label
    reason: str = ""  # why it is not supported
    against: str = ""  # the words of the source that contradict it
    said_by: str | None = None  # whose claim it is: "the mayor", "Reuters"
    firmness: Firmness = "stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the cited words carry the sentence, how firmly, and why."""

    label: Label
    score: float  # support from 0 to 1; a band, not a probability
    reasons: tuple[str, ...] = ()
    judge: str = ""  # name and version
    claims: tuple[ClaimVerdict, ...] = ()  # in the order of the sentence

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"verdict score {self.score} is outside 0..1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of an answer with its citations and its verdict."""

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    point: str | None = None  # what it stands for: "yes", "no", or the item of a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What one article says in a disagreement, in its own words."""

    statement: str
    evidence: Evidence
    outlet: str | None
    published_at: datetime | None
    updated_at: datetime | None = None
    credits: tuple[str, ...] = ()  # whom the article leans on here: "Reuters"
    differs: str = ""  # of the statement, the words that the others contradict: "$5"; "" unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two or more positions that do not say the same about one topic."""

    topic: str
    kind: ConflictKind
    positions: tuple[Position, ...]
    note: str = ""  # e.g. the arithmetic, or which one is newer
    told: Sentence | None = None  # the same in the model's words, verified against the positions

    def __post_init__(self) -> None:
        if len(self.positions) < 2:
            raise ValueError(f"a conflict needs two positions, got {len(self.positions)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """What happened on one day, or is to happen, in the words of the articles that tell it."""

    day: date  # of a month or year the first day that the words cover
    precision: Precision
    told: Told  # how the first of the evidence gives the day
    planned: bool = False  # told ahead of its day
    evidence: tuple[Evidence, ...]  # whole sentences or clauses, the best first, one per text

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"nothing tells the event of {self.day}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A checked answer: sentences with evidence and verdicts, or an abstention with a reason."""

    question: Question
    sentences: tuple[Sentence, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    timeline: tuple[TimelineEvent, ...] = ()  # oldest first
    passages: tuple[ScoredPassage, ...] = ()  # retrieved, best first
    articles: Mapping[str, Article] = field(default_factory=dict)  # all that the above name
    group_sizes: Mapping[str, int] = field(default_factory=dict)  # article_id -> reprints + 1
    taken: Mapping[Place, int] = field(default_factory=dict)  # markers of the conversation so far
    mode: Mode = "extractive"
    model: str = ""
    prompt_version: str = ""
    settings_id: str = ""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    searches: tuple[Search, ...] = ()  # in the order they were made
    repairs: Mapping[str, int] = field(default_factory=dict)  # outcome -> n of model's sentences
    reason: str | None = None  # why it abstained, in one sentence
    refusal: Refusal | None = None  # kind of the reason; None: the model, a filter, no question
    nearest: tuple[Evidence, ...] = ()  # sentences that come near without answering
    kind: AnswerKind = "text"
    short: str | None = None  # of a typed answer: "Yes", "No", "Sources differ", "3 outlets"
    suggestions: tuple[str, ...] = ()  # next questions that the archive can answer
    notice: str | None = None  # what the reader should know: fallback, cut short, undated left out
    stopped: bool = False  # before it was whole; it holds what had been shown

    @property
    def abstained(self) -> bool:
        """True if nothing was found that answers."""
        return not self.sentences

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Each citation once, in the order of its marker; those of conflicts continue it."""
        seen = {c.marker: c for s in self.sentences for c in s.citations}
        numbered = Numbering(seen.values(), self.taken)
        for conflict in self.conflicts:
            for position in conflict.positions:
                citation = numbered.cite(position.evidence)
                seen[citation.marker] = citation
        return tuple(seen[marker] for marker in sorted(seen))

    def marker_of(self, evidence: Evidence) -> int:
        """The marker under which this evidence is cited in the answer."""
        return next(c.marker for c in self.citations if c.evidence == evidence)


class Numbering:
    """Gives each piece of evidence one marker, in the order of first use.

    From 1, or from the highest taken: what was cited before keeps its marker.
    """

    def __init__(
        self, cited: Iterable[Citation] = (), taken: Mapping[Place, int] | None = None
    ) -> None:
        self._markers = dict(taken or {}) | {_place(c.evidence): c.marker for c in cited}
        self._last = max(self._markers.values(), default=0)

    def cite(self, evidence: Evidence) -> Citation:
        """The citation for this evidence; a new marker when it was not cited before."""
        place = _place(evidence)
        if place not in self._markers:
            self._last += 1
            self._markers[place] = self._last
        return Citation(marker=self._markers[place], evidence=evidence)


def _place(span: Span) -> Place:
    return Place(article_id=span.article_id, start=span.start, end=span.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """A step has begun: shown to the user while they wait."""

    stage: str  # condense, retrieve, write, check
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagesEvent:
    """What retrieval found, with the question as it was searched."""

    question: Question
    passages: tuple[ScoredPassage, ...]
    articles: Mapping[str, Article]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceEvent:
    """One checked sentence."""

    sentence: Sentence
    articles: Mapping[str, Article]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEvent:
    """The whole answer, always the last event."""

    answer: Answer


Event = StatusEvent | PassagesEvent | SentenceEvent | AnswerEvent
