"""The story: from a question to a checked answer, one step after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.clock import Clock
from rag.condense import condense
from rag.errors import InputRefused
from rag.run import Run, Tools
from rag.schema import (
    Answer,
    AnswerEvent,
    Event,
    Filters,
    StatusEvent,
    Turn,
)

MAX_QUESTION_CHARS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(Tools):
    """Answers questions from the indexed articles, sentence by sentence, or abstains."""

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
        run = Run(tools=self, clock=Clock(), judge=self.judge)
        yield StatusEvent(stage="condense", message="Reading the question")
        with run.clock("condense"):
            question = condense(checked_question(asked), history, filters, self.model)
        yield StatusEvent(stage="retrieve", message="Searching the articles")
        yield from run.retrieve(question)
        yield from run.write(history)
        if run.wide is not None and not run.sentences:
            run.widen()
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
