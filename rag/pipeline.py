"""The story: from a question to a checked answer, one step after the other."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace

from rag.clock import Clock
from rag.condense import Patience, Watched, cited_in, condense
from rag.courtesy import courtesy
from rag.embed import remembering
from rag.errors import BylineError, InputRefused
from rag.i18n import msgid
from rag.run import Run
from rag.schema import (
    Answer,
    AnswerEvent,
    Event,
    Evidence,
    Filters,
    Question,
    StatusEvent,
    Turn,
)
from rag.select import select
from rag.suggest import suggest
from rag.tools import Tools

MAX_QUESTION_CHARS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(Tools):
    """Answers questions from the indexed articles, sentence by sentence, or abstains."""

    patience: Patience = field(default_factory=Patience)  # with a model that rewords questions
    suggest_s: float = 0.08  # for looking what can be asked next; 0: it is not
    place: AbstractContextManager[object] | None = None  # where each stage computes, one by one

    def answer(
        self,
        asked: str,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        standalone: str = "",
    ) -> Answer:
        """The checked answer; ``standalone`` is searched with instead, if it is given.

        Raises:
            InputRefused: the question is empty or too long.
        """
        for event in self.stream(asked, history, filters, standalone):
            if isinstance(event, AnswerEvent):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(
        self,
        asked: str,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        standalone: str = "",
    ) -> Iterator[Event]:
        """The same, step by step; the last event is the whole answer."""
        run = Run(tools=self._tools(), clock=Clock(self.place), judge=self.judge)
        if (reply := courtesy(asked)) is not None and not standalone.strip():
            run.question, run.reason = Question(asked=checked_question(asked)), reply
            yield AnswerEvent(answer=run.finish())
            return
        yield StatusEvent(stage="condense", message=msgid("Reading the question"))
        with run.clock("condense", waits=True):
            question = self._read(asked, history, filters, standalone)
        yield StatusEvent(stage="retrieve", message=msgid("Searching the articles"))
        yield from run.retrieve(question)
        yield from run.write(history)
        if run.wide is not None and not run.sentences:
            yield from run.widen()
        answer = run.finish()
        with run.clock("suggest"):
            proposed = self._proposed(answer, history, run.tools)
        yield AnswerEvent(answer=replace(answer, suggestions=proposed, timings_ms=run.clock.read()))

    def _tools(self) -> Tools:
        """These tools for one question: no text is embedded twice, and failures are noted."""
        model = Watched(self.model, self.patience) if self.model else None
        return replace(self, embedder=remembering(self.embedder), model=model)

    def _proposed(self, answer: Answer, history: Sequence[Turn], tools: Tools) -> tuple[str, ...]:
        """What to ask next; nothing that goes wrong here is worth losing the answer for."""
        if not self.suggest_s:
            return ()

        def check(text: str) -> Sequence[Evidence]:
            question = Question(asked=text, filters=answer.question.filters)
            found, articles = tools.search(question)
            chosen = select(
                question,
                found.passages,
                articles,
                embedder=tools.embedder,
                query_vector=found.query_vector,
            )
            return () if chosen.reason is not None else chosen.sentences

        asked = [turn.content for turn in history if turn.role == "user"]
        with suppress(BylineError):
            return suggest(answer, check, asked, self.suggest_s)
        return ()

    def _read(
        self, asked: str, history: Sequence[Turn], filters: Filters, standalone: str
    ) -> Question:
        """The question as it is searched: as the reader worded it, or as we do."""
        asked = checked_question(asked)
        if not standalone.strip():
            return condense(asked, history, filters, self.model, self.patience)
        worded = checked_question(standalone)
        return Question(asked=asked, standalone=worded, filters=filters, earlier=cited_in(history))


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
