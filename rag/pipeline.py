"""The story: from a question to a checked answer, one step after the other."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rag.attribute import attribute
from rag.condense import condense
from rag.conflicts import find_conflicts
from rag.embed import Embedder
from rag.errors import InputRefused, LLMError, LLMIncomplete
from rag.generate import generate
from rag.llm import ChatModel
from rag.period import counted_from_newest, narrowed, period_text
from rag.prompts import PROMPT_VERSION
from rag.retrieve import Retrieved
from rag.schema import (
    Answer,
    AnswerEvent,
    Article,
    Citation,
    Conflict,
    Event,
    Evidence,
    Filters,
    Numbering,
    Passage,
    PassagesEvent,
    Question,
    Sentence,
    SentenceEvent,
    StatusEvent,
    TimelineEvent,
    Turn,
    Verdict,
)
from rag.select import select
from rag.timeline import timeline
from rag.verify import verify

MAX_QUESTION_CHARS = 4_000
# Beside the three best sentences: the other sides of what they say.
_MAX_OTHER_SIDES = 3
SILENT = "The model found nothing in these articles that answers this."
NOTHING_FOUND = "The articles found do not answer this."
NOTHING_PASSES = "No article passes the filters."
NOTHING_HELD = "The archive holds no articles yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Answers questions from the indexed articles, sentence by sentence, or abstains."""

    search: Callable[[Question], tuple[Retrieved, Mapping[str, Article]]]
    """Passages and their articles, of one and the same moment of the archive."""
    embedder: Embedder
    model: ChatModel | None = None  # None: extractive
    settings_id: str = ""

    def answer(
        self, asked: str, history: Sequence[Turn] = (), filters: Filters = Filters()
    ) -> Answer:
        """The checked answer.

        Raises:
            InputRefused: the question is empty or too long.
        """
        for event in self.stream(asked, history, filters):
            if isinstance(event, AnswerEvent):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(
        self, asked: str, history: Sequence[Turn] = (), filters: Filters = Filters()
    ) -> Iterator[Event]:
        """The same, step by step; the last event is the whole answer."""
        run = _Run(pipeline=self, clock=Clock())
        yield StatusEvent(stage="condense", message="Reading the question")
        with run.clock("condense"):
            question = condense(checked_question(asked), history, filters, self.model)
        yield StatusEvent(stage="retrieve", message="Searching the articles")
        yield from run.retrieve(question)
        yield from run.write(history)
        if run.wide is not None and not run.sentences:
            yield from run.widen()
            yield from run.write(history)
        yield AnswerEvent(answer=run.finish())


def checked_question(asked: str) -> str:
    """The question as it is searched: NULs and lone surrogates dropped, ends trimmed.

    Raises:
        InputRefused: nothing is left, or it is longer than 4,000 characters.
    """
    if len(asked) > MAX_QUESTION_CHARS:
        raise InputRefused(
            f"the question has {len(asked):,} characters, more than {MAX_QUESTION_CHARS:,}",
            "ask in fewer words",
        )
    plain = asked.replace("\0", " ").encode("utf-8", "ignore").decode("utf-8").strip()
    if not plain:
        raise InputRefused("the question is empty", "type a question")
    return plain


class Clock:
    """Milliseconds of wall time per stage; a stage entered twice adds up."""

    def __init__(self) -> None:
        self.timings_ms: dict[str, float] = {}
        self._began = time.perf_counter()
        self._stage = ""
        self._entered = 0.0

    def __call__(self, stage: str) -> "Clock":
        """Name the stage that the coming ``with`` block belongs to."""
        self._stage = stage
        return self

    def __enter__(self) -> None:
        self._entered = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = (time.perf_counter() - self._entered) * 1e3
        self.timings_ms[self._stage] = self.timings_ms.get(self._stage, 0.0) + spent

    def read(self) -> dict[str, float]:
        """All stages and the total, rounded to the microsecond."""
        total = (time.perf_counter() - self._began) * 1e3
        return {k: round(v, 3) for k, v in {**self.timings_ms, "total": total}.items()}


@dataclass(slots=True, kw_only=True)
class _Run:
    """One question on its way; what is known so far."""

    pipeline: Pipeline
    clock: Clock
    found: Retrieved | None = None
    question: Question = field(default_factory=lambda: Question(asked=""))
    articles: Mapping[str, Article] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    wide: Question | None = None  # the same of any time, if it is kept to the time it names
    sentences: list[Sentence] = field(default_factory=list)
    numbering: Numbering = field(default_factory=Numbering)
    notices: list[str] = field(default_factory=list)
    reason: str | None = None
    by_model: bool = False

    def retrieve(self, question: Question) -> Iterator[Event]:
        """Find passages and what their articles disagree on."""
        self.question = question
        with self.clock("retrieve"):
            self.found, self.articles = self.pipeline.search(question)
            self._narrow()
        yield from self._found(self.found)

    def _narrow(self) -> None:
        """Keep to the time that the question names, if any article of it is found."""
        question = narrowed(self.question, self.articles.values())
        if question is None:
            return
        found, articles = self.pipeline.search(question)
        shown = period_text(question.filters)
        if not found.passages:
            self.question = replace(question, filters=self.question.filters)
            self.found, self.articles = self.pipeline.search(self.question)
            self.notices.append(f"No article {shown} was found; looked at all.")
            return
        self.wide = replace(question, filters=self.question.filters)
        self.question, self.found, self.articles = question, found, articles
        self.notices.append(f"Looked at articles {shown}.")

    def widen(self) -> Iterator[Event]:
        """Look at the articles of any time after all."""
        assert self.wide is not None
        shown = period_text(self.question.filters)
        self.question, self.wide, self.reason = self.wide, None, None
        with self.clock("retrieve"):
            self.found, self.articles = self.pipeline.search(self.question)
        self.notices = [f"Articles {shown} do not answer this; looked at all."]
        yield from self._found(self.found)

    def _found(self, found: Retrieved) -> Iterator[Event]:
        if found.n_undated:
            self.notices.append(_undated(found.n_undated))
        with self.clock("conflicts"):
            self.conflicts = find_conflicts(self.question.text, self._passages(), self.articles)
        yield PassagesEvent(question=self.question, passages=found.passages, articles=self.articles)

    def write(self, history: Sequence[Turn]) -> Iterator[Event]:
        """Write with the model, or choose sentences when there is none or it failed."""
        if not self._passages():
            self.reason = NOTHING_PASSES if self.question.filters else NOTHING_HELD
        elif self.pipeline.model is None:
            yield from self._quote()
        else:
            yield from self._generate(self.pipeline.model, history)
            if not self.sentences and self.reason is None:
                yield from self._quote()

    def _generate(self, model: ChatModel, history: Sequence[Turn]) -> Iterator[Event]:
        """The model's sentences, each attributed and verified before it is shown.

        Leading sentences that no source carries are held back: if none is ever carried, the
        reply is dropped whole and the sources are quoted instead.
        """
        assert self.found is not None
        yield StatusEvent(stage="write", message=f"Asking {model.name}")
        held: list[Sentence] = []
        try:
            for draft in generate(
                self.question, self.found.passages, self.articles, model, history
            ):
                evidence = attribute(draft.text, self._passages(), draft.passage_ids)
                held.append(self._check(draft.text, evidence))
                if self.sentences or held[-1].verdict.label != "unsupported":
                    yield from self._show(held)
                    held = []
        except LLMIncomplete as error:
            self.notices.append(f"The model's reply is incomplete: {error.message}.")
        except LLMError as error:
            self.notices.append(f"{error.message}; quoting the articles instead.")
            return
        self.by_model = bool(self.sentences)
        if held and not self.sentences:
            self.notices.append("No article carries the model's reply; quoting them instead.")
        elif not self.sentences and not self.notices:
            self.reason = SILENT

    def _quote(self) -> Iterator[Event]:
        """The sentences that answer, word for word, and the other sides of what they say."""
        assert self.found is not None
        yield StatusEvent(stage="write", message="Choosing the sentences that answer")
        with self.clock("select"):
            chosen = select(
                counted_from_newest(self.question, self.articles.values()),
                self.found.passages,
                self.articles,
                embedder=self.pipeline.embedder,
                query_vector=self.found.query_vector,
            )
        if chosen.reason is not None:
            self.reason = chosen.reason
            return
        spans = with_other_sides(chosen.sentences, self.conflicts, self._passages())
        for evidence in spans:
            yield from self._show([self._check(evidence.text, (evidence,))])

    def _check(self, text: str, evidence: Sequence[Evidence]) -> Sentence:
        """Verify one sentence against its evidence; markers are given when it is shown."""
        with self.clock("verify"):
            rivals = self._rivals(evidence)
            verdict = verify(text, evidence, context=self.articles, rivals=rivals)
            verdict = _contested(verdict, evidence, self.conflicts)
        return Sentence(
            text=text,
            citations=tuple(Citation(marker=0, evidence=e) for e in evidence),
            verdict=verdict,
        )

    def _rivals(self, evidence: Sequence[Evidence]) -> tuple[Passage, ...]:
        """What could contest the sentence: neither what differs only in scope nor what is older."""
        apart = {
            position.evidence.article_id
            for conflict in self.conflicts
            if conflict.kind == "scope"
            and any(_overlap(p.evidence, e) for p in conflict.positions for e in evidence)
            for position in conflict.positions
        }
        days = [self.articles[e.article_id].day for e in evidence]
        newest = max((day for day in days if day), default=None)
        return tuple(
            p
            for p in self._passages()
            if p.article_id not in apart and not _is_before(self.articles[p.article_id].day, newest)
        )

    def _show(self, checked: Sequence[Sentence]) -> Iterator[Event]:
        for sentence in checked:
            cited = tuple(self.numbering.cite(c.evidence) for c in sentence.citations)
            self.sentences.append(replace(sentence, citations=cited))
            yield SentenceEvent(sentence=self.sentences[-1], articles=self.articles)

    def _passages(self) -> tuple[Passage, ...]:
        return tuple(p.passage for p in self.found.passages) if self.found else ()

    def finish(self) -> Answer:
        """The whole answer; an abstention keeps what was found but neither cites nor argues."""
        events = self._timeline()
        return Answer(
            question=self.question,
            sentences=tuple(self.sentences),
            conflicts=self._cited_conflicts() if self.sentences else (),
            timeline=events,
            passages=self.found.passages if self.found else (),
            articles=self.articles,
            group_sizes=self.found.group_sizes if self.found else {},
            mode="llm" if self.by_model else "extractive",
            model=self.pipeline.model.name if self.by_model and self.pipeline.model else "",
            prompt_version=PROMPT_VERSION if self.by_model else "",
            settings_id=self.pipeline.settings_id,
            timings_ms=self.clock.read(),
            reason=None if self.sentences else self.reason or NOTHING_FOUND,
            notice=" ".join(self.notices) or None,
        )

    def _timeline(self) -> tuple[TimelineEvent, ...]:
        """The dated events of the story; an abstention has none."""
        if not self.sentences:
            return ()
        with self.clock("timeline"):
            return timeline(self.question.text, self._passages(), self.articles)

    def _cited_conflicts(self) -> tuple[Conflict, ...]:
        """The conflicts, their words cited as the answer cites them where it does."""
        cited = [c.evidence for s in self.sentences for c in s.citations]
        return tuple(
            replace(
                conflict,
                positions=tuple(
                    replace(p, evidence=_around(p.evidence, cited)) for p in conflict.positions
                ),
            )
            for conflict in self.conflicts
        )


def _around(evidence: Evidence, cited: Sequence[Evidence]) -> Evidence:
    """The cited evidence that holds this one, so that one place has one marker; else itself."""
    for other in cited:
        if other.article_id == evidence.article_id and (
            other.start <= evidence.start and evidence.end <= other.end
        ):
            return other
    return evidence


def with_other_sides(
    chosen: Sequence[Evidence], conflicts: Sequence[Conflict], passages: Sequence[Passage]
) -> tuple[Evidence, ...]:
    """The chosen sentences, and for each that takes a side the sentences of the other sides."""
    spans = list(chosen)
    for conflict in conflicts:
        sides = [_whole_sentence(p.evidence, passages) for p in conflict.positions]
        if any(_overlap(side, span) for side in sides for span in chosen):
            spans += [s for s in sides if not any(_overlap(s, span) for span in spans)]
    return tuple(spans[: len(chosen) + _MAX_OTHER_SIDES])


def _whole_sentence(evidence: Evidence, passages: Sequence[Passage]) -> Evidence:
    for passage in passages:
        if passage.article_id != evidence.article_id:
            continue
        for (start, end), text in zip(passage.sentences, passage.sentence_texts(), strict=True):
            if start <= evidence.start and evidence.end <= end:
                return Evidence(article_id=passage.article_id, start=start, end=end, text=text)
    return evidence


def _is_before(day: date | None, other: date | None) -> bool:
    return day is not None and other is not None and day < other


def _overlap(a: Evidence, b: Evidence) -> bool:
    return a.article_id == b.article_id and a.start < b.end and b.start < a.end


def _contested(
    verdict: Verdict, evidence: Sequence[Evidence], conflicts: Sequence[Conflict]
) -> Verdict:
    """A supported sentence whose evidence is one side of a disagreement is contested.

    Figures that differ only in scope do not contradict each other, and an update does not
    contest what is newer, so neither counts.
    """
    if verdict.label not in ("supported", "contested"):
        return verdict
    for conflict in conflicts:
        if conflict.kind == "scope" or conflict.note.startswith("update"):
            continue
        ours = [p for p in conflict.positions if any(_overlap(p.evidence, e) for e in evidence)]
        others = [p for p in conflict.positions if p not in ours]
        if ours and others:
            rival = others[0]
            reason = f"{rival.outlet or 'another article'} says otherwise: “{rival.statement}”"
            kept = () if verdict.label == "contested" else verdict.reasons
            return replace(verdict, label="contested", reasons=(*kept, reason))
    return verdict


def _undated(n: int) -> str:
    articles = "1 undated article was" if n == 1 else f"{n} undated articles were"
    return f"{articles} left out by the date filter."
