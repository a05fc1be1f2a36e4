"""One question on its way: what is known so far, and what each step adds."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from rag.attribute import attribute
from rag.entail import Judge
from rag.errors import BylineError, LLMError, LLMIncomplete
from rag.find import Find
from rag.generate import DraftSentence, generate, rewrite, tell
from rag.i18n import msgid
from rag.likeness import TokenReader
from rag.llm import ChatModel
from rag.period import only_outside, period_text, tells_of
from rag.prompts import prompt_version
from rag.repair import Repair, Reserve, counted, is_carried, noted
from rag.schema import (
    Answer,
    AnswerKind,
    Article,
    Citation,
    Conflict,
    Event,
    Evidence,
    Numbering,
    Passage,
    Question,
    Refusal,
    Sentence,
    SentenceEvent,
    StatusEvent,
    TimelineEvent,
    Turn,
)
from rag.sides import around, contested, is_before, overlap
from rag.telling import told_conflicts
from rag.timeline import timeline
from rag.typed import Choice
from rag.verify import JUDGE_FAILED, verify
from rag.yesno import Pick

SILENT = msgid("The model found nothing in these articles that answers this.")
NOTHING_FOUND = msgid("The articles found do not answer this.")
NOTHING_PASSES = msgid("No article passes the filters.")
NOTHING_HELD = msgid("The archive holds no articles yet.")
MAX_NEAREST = 3  # sentences that come near without answering
JUDGE_GONE = msgid("The judge failed; the built-in checks went on alone.")


@dataclass(slots=True, kw_only=True)
class Run(Find):
    """One question on its way; what is known so far."""

    sentences: list[Sentence] = field(default_factory=list)
    numbering: Numbering = field(default_factory=Numbering)
    notices: list[str] = field(default_factory=list)
    reason: str | None = None
    refusal: Refusal | None = None
    nearest: tuple[Evidence, ...] = ()
    kind: AnswerKind = "text"
    short: str | None = None
    by_model: bool = False
    judge: Judge | None = None  # until it fails
    quoting: bool = False
    began_s: float = field(default_factory=time.monotonic)
    reserve: Reserve = field(default_factory=Reserve)
    repairs: Mapping[str, int] = field(default_factory=dict)

    def widen(self) -> Iterator[Event]:
        """Look whether articles of another time tell what those of the time asked about do not.

        What happened in a time is answered by later articles that tell of it; to what was
        reported in it they are no answer.
        """
        assert self.wide is not None
        asked, self.question = self.question.filters, self.wide
        self._search("any time")
        choice = self._choice() if self._passages() else Choice(reason=NOTHING_HELD)
        self.searched.clear()
        said = [pick.evidence[0] for pick in choice.picks][:MAX_NEAREST]
        if choice.reason is not None:
            self._refuse(choice, choice.reason, choice.refusal)
        elif self.tools.model is None and self._tells_in_time(said[0]):
            self.searched.append(
                f"No article {period_text(asked)} tells of this; a later one does."
            )
            self.reason = self.refusal = None
            self.nearest = ()
            yield from self._found()
            yield from self._quote()
        else:
            days = [self.articles[e.article_id].day for e in said]
            self._refuse(Choice(nearest=tuple(said)), only_outside(asked, days), "period")

    def _tells_in_time(self, said: Evidence) -> bool:
        near = self.question.near
        return near is not None and tells_of(near, self.articles[said.article_id], said.text)

    def write(self, history: Sequence[Turn]) -> Iterator[Event]:
        """Write with the model, or choose sentences when there is none or it failed."""
        if not self._passages():
            self.reason = NOTHING_PASSES if self.question.filters else NOTHING_HELD
            self.refusal = None if self.question.filters else "nothing"
        elif self.tools.model is None:
            yield from self._quote()
        else:
            yield from self._generate(self.tools.model, history)
            if not self.sentences and self.reason is None:
                yield from self._quote()

    def _generate(self, model: ChatModel, history: Sequence[Turn]) -> Iterator[Event]:
        """The model's sentences, each attributed, verified and mended before it is shown.

        Leading sentences that no source carries are held back: if none is ever carried, the
        reply is dropped whole and the sources are quoted instead.
        """
        assert self.found is not None
        yield StatusEvent(stage="write", message=f"Asking {model.name}")
        held: list[Sentence] = []
        self.quoting = False
        repair = self._repair(model)
        self.repairs = repair.counts
        given = (self.question, self.found.passages, self.articles, model, history)
        try:
            for draft in generate(*given, language=self.tools.language):
                sentence = self._mended(draft, repair)
                held += (sentence,) if sentence else ()
                if held and (self.sentences or held[-1].verdict.label != "unsupported"):
                    yield from self._show(held)
                    held = []
        except LLMIncomplete as error:
            self.notices.append(f"The model's reply is incomplete: {error.message}.")
        except LLMError as error:
            self.notices.append(f"{error.message}; quoting the articles instead.")
            return
        self.by_model = bool(self.sentences)
        if self.by_model:
            self.notices.extend(noted(repair.counts))
        elif held or repair.counts["removed"]:
            repair.drop()
            self.notices.append("No article carries the model's reply; quoting them instead.")
        elif not self.notices:
            self.reason = SILENT
            choice = self._choice()
            shown = tuple(pick.evidence[0] for pick in choice.picks)[:MAX_NEAREST]
            self.nearest = choice.nearest or shown

    def _repair(self, model: ChatModel) -> Repair:
        def rewrite_in_time(text: str, passages: Sequence[Passage]) -> str | None:
            if self._is_late():
                return None
            draft = rewrite(text, passages, self._context(), model, self.tools.language)
            shown = {s.text for s in self.sentences}
            return draft.text if draft and draft.text not in shown else None

        return Repair(
            check=lambda text, passages: self._verified(text, attribute(text, passages)),
            known=self._known,
            search=self._search_again,
            rewrite=rewrite_in_time,
            strict=self.tools.strict,
        )

    def _mended(self, draft: DraftSentence, repair: Repair) -> Sentence | None:
        if draft.is_idle:
            repair.counts["idle"] += 1
            return None
        evidence = attribute(draft.text, self._passages(), draft.passage_ids)
        sentence = self._check(draft.text, evidence)
        with self.clock("repair"):
            return repair.mend(sentence)

    def _search_again(self, text: str) -> None:
        """Look for a sentence itself; a failure here leaves the answer as it is."""
        question = Question(asked=text, filters=self.question.filters)
        with suppress(BylineError):
            found, articles = self.tools.search(question)
            shown = {p.passage_id for p in self._passages()}
            new = [hit for hit in found.passages if hit.passage.passage_id not in shown]
            self.searches += (replace(one, aim="sentence") for one in found.searches)
            self.reserve.add(new, articles, found.group_sizes, self.articles)

    def _quote(self) -> Iterator[Event]:
        """The sentences that answer, word for word, and the other sides of what they say."""
        yield StatusEvent(stage="write", message=msgid("Choosing the sentences that answer"))
        choice = self._choice()
        if choice.reason is not None:
            self._refuse(choice, choice.reason, choice.refusal)
            return
        self.quoting = True
        checked = [self._picked(pick) for pick in choice.picks]
        kept = [s for s in checked if is_carried(s) or not self.tools.strict]
        if len(kept) < len(checked):
            self.repairs = counted(self.repairs, removed=len(checked) - len(kept))
            self.notices.extend(noted(self.repairs))
        self.kind, self.short = choice.kind, choice.short
        yield from self._show(kept)

    def _refuse(self, choice: Choice, reason: str, refusal: Refusal | None) -> None:
        limited = "under these limits" if self.question.filters else "in the archive"
        self.reason = reason.replace("in the archive", limited)
        self.refusal, self.nearest = refusal, choice.nearest

    def _picked(self, pick: Pick) -> Sentence:
        sentence = self._check(pick.evidence[0].text, pick.evidence)
        return replace(sentence, point=pick.point)

    def _check(self, text: str, evidence: Sequence[Evidence]) -> Sentence:
        """Verify one sentence against its evidence; markers are given when it is shown."""
        with self.clock("verify"):
            return self._verified(text, evidence)

    def _verified(self, text: str, evidence: Sequence[Evidence]) -> Sentence:
        embedder = self.tools.embedder
        verdict = verify(
            text,
            evidence,
            context=self._context(),
            rivals=self._rivals(evidence),
            judge=self._judge(),
            reader=embedder if isinstance(embedder, TokenReader) else None,
        )
        if self.judge is not None and any(r.startswith(JUDGE_FAILED) for r in verdict.reasons):
            self.judge = None  # one that fails once is not waited for again
            self.notices.append(JUDGE_GONE)
        verdict = contested(verdict, evidence, self.conflicts)
        return Sentence(
            text=text,
            citations=tuple(Citation(marker=0, evidence=e) for e in evidence),
            verdict=verdict,
        )

    def _judge(self) -> Judge | None:
        if self.judge is None or self._is_late() or (self.quoting and not self.judge.reads_quotes):
            return None
        return self.judge

    def _rivals(self, evidence: Sequence[Evidence]) -> tuple[Passage, ...]:
        """What could contest the sentence: neither what differs only in scope nor what is older."""
        apart = {
            position.evidence.article_id
            for conflict in self.conflicts
            if conflict.kind == "scope"
            and any(overlap(p.evidence, e) for p in conflict.positions for e in evidence)
            for position in conflict.positions
        }
        context = self._context()
        days = [context[e.article_id].day for e in evidence]
        newest = max((day for day in days if day), default=None)
        return tuple(
            p
            for p in self._known()
            if p.article_id not in apart and not is_before(context[p.article_id].day, newest)
        )

    def _show(self, checked: Sequence[Sentence]) -> Iterator[Event]:
        for sentence in checked:
            self._join(sentence)
            cited = tuple(self.numbering.cite(c.evidence) for c in sentence.citations)
            self.sentences.append(replace(sentence, citations=cited))
            yield SentenceEvent(sentence=self.sentences[-1], articles=self.articles)

    def _join(self, sentence: Sentence) -> None:
        """Let what a further search found, and a sentence cites, stand among what was found."""
        for citation in sentence.citations:
            hit = self.reserve.holding(citation.evidence)
            if hit is None or self.found is None or hit.passage in self._passages():
                continue
            key = hit.passage.article_id
            sizes = {key: self.reserve.group_sizes[key], **self.found.group_sizes}
            joined = (*self.found.passages, replace(hit, rank=len(self.found.passages) + 1))
            self.found = replace(self.found, passages=joined, group_sizes=sizes)
            self.articles = {key: self.reserve.articles[key], **self.articles}

    def _known(self) -> tuple[Passage, ...]:
        """What was found, and what further searches found beside it."""
        shown = self._passages()
        return (
            *shown,
            *(p.passage for p in self.reserve.passages.values() if p.passage not in shown),
        )

    def _context(self) -> Mapping[str, Article]:
        return {**self.reserve.articles, **self.articles}

    def _is_late(self) -> bool:
        return time.monotonic() - self.began_s > self.tools.max_s

    def finish(self) -> Answer:
        """The whole answer; an abstention keeps what was found but neither cites nor argues."""
        events = self._timeline() if self.sentences else ()
        conflicts = self._told(self._cited_conflicts()) if self.sentences else ()
        return Answer(
            question=self.question,
            sentences=tuple(self.sentences),
            conflicts=conflicts,
            timeline=events,
            passages=self.found.passages if self.found else (),
            articles=self.articles,
            group_sizes=self.found.group_sizes if self.found else {},
            mode="llm" if self.by_model else "extractive",
            model=self.tools.model.name if self.by_model and self.tools.model else "",
            prompt_version=prompt_version(self.tools.language) if self.by_model else "",
            settings_id=self.tools.settings_id,
            timings_ms=self.clock.read(),
            searches=tuple(self.searches),
            repairs=dict(self.repairs),
            reason=None if self.sentences else self.reason or NOTHING_FOUND,
            refusal=None if self.sentences else self.refusal,
            nearest=() if self.sentences else self.nearest,
            kind=self.kind if self.sentences else "text",
            short=self.short if self.sentences else None,
            notice=" ".join([*self.searched, *self.notices]) or None,
        )

    def _timeline(self) -> tuple[TimelineEvent, ...]:
        with self.clock("timeline"):
            return timeline(self.question.text, self._passages(), self.articles)

    def _told(self, conflicts: tuple[Conflict, ...]) -> tuple[Conflict, ...]:
        """The conflicts in the model's words too, if it wrote the answer and time is left."""
        model = self.tools.model
        if not conflicts or model is None or not self.by_model or self._is_late():
            return conflicts
        with self.clock("tell"):
            return tuple(
                told_conflicts(
                    conflicts,
                    [c for s in self.sentences for c in s.citations],
                    lambda conflict: tell(self.question.text, conflict, model, self.tools.language),
                    lambda text, evidence: verify(
                        text, evidence, context=self._context(), judge=self._judge()
                    ),
                )
            )

    def _cited_conflicts(self) -> tuple[Conflict, ...]:
        """The conflicts, their words cited as the answer cites them where it does."""
        cited = [c.evidence for s in self.sentences for c in s.citations]
        return tuple(
            replace(
                conflict,
                positions=tuple(
                    replace(p, evidence=around(p.evidence, cited)) for p in conflict.positions
                ),
            )
            for conflict in self.conflicts
        )
