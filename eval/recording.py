"""Keeps every prompt and reply of a language model, counts what they cost, and holds a budget."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.archives import Archive
from rag.errors import BylineError
from rag.llm import ChatModel, Message
from rag.schema import Filters

Json = dict[str, Any]
CALLS = "llm_calls"  # where they stand in an answer's body until the run is written
_MARKERS = re.compile(
    r"\s*\[[0-9a-fA-F]{6}(?:[,;\s]+[0-9a-fA-F]{6})*\]"
)  # as rag.prompts draws them
_CHARS_PER_TOKEN = 4  # of English, by the rule of thumb; endpoints do not tell while they stream
_PER = 1_000_000


@dataclass(slots=True)
class Recorder:
    """What the models of a run were asked, by the thread that asked."""

    max_calls: int | None = None
    n_calls: int = 0
    _own: threading.local = field(default_factory=threading.local)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> list[Json]:
        """A new list for the calls of this thread; it fills while the thread asks."""
        calls: list[Json] = []
        self._own.calls = calls
        return calls

    def add(self, call: Json) -> None:
        """Keep a call of this thread; it is filled while the model speaks.

        Calls stand in the order in which they began: a sentence may be mended while the answer
        still comes.
        """
        with self._lock:
            self.n_calls += 1
        if not hasattr(self._own, "calls"):
            self._own.calls = []
        self._own.calls.append(call)

    def check(self) -> None:
        """Refuse to go on when the budget is spent.

        Raises:
            BylineError: it is.
        """
        if self.max_calls is not None and self.n_calls >= self.max_calls:
            raise BylineError(
                f"the budget of {self.max_calls} calls is spent", "raise it with --max-calls"
            )

    def wrap(self, model: ChatModel) -> ChatModel:
        """The same model, whose calls are kept."""
        return _Recorded(model, self)


class _Recorded:
    """A model that is listened to."""

    def __init__(self, model: ChatModel, recorder: Recorder) -> None:
        self.name = model.name
        self.context_tokens = model.context_tokens
        self._model = model
        self._recorder = recorder

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """As ``ChatModel.stream``; what came is kept, also when it ends in an error."""
        told = [{"role": m.role, "content": m.content} for m in messages]
        call: Json = {"messages": told, "reply": "", "failure": ""}
        self._recorder.add(call)
        try:
            for piece in self._model.stream(messages):
                call["reply"] += piece
                yield piece
        except BylineError as error:
            call["failure"] = error.message
            raise


class Recording:
    """An archive whose answers bring the model's calls with them."""

    def __init__(self, archive: Archive, recorder: Recorder) -> None:
        self._archive = archive
        self._recorder = recorder

    def ask(self, asked: str, filters: Filters, on_status: Callable[[str], None]) -> Json:
        """As ``Archive.ask``.

        Raises:
            BylineError: the budget is spent.
        """
        self._recorder.check()
        calls = self._recorder.begin()
        return {**self._archive.ask(asked, filters, on_status), CALLS: calls}

    def sources(self) -> list[Json]:
        """As ``Archive.sources``."""
        return self._archive.sources()


def drafted(entry: Mapping[str, Any]) -> str:
    """The reply that the model wrote first, without its markers; "" if there was none.

    One that broke off counts: what came of it was shown.
    """
    calls = entry.get("answer", {}).get(CALLS, ())
    replies = (call["reply"] for call in calls if call["reply"].strip())
    return _MARKERS.sub("", next(replies, "")).strip()


def cost(calls: Iterable[Mapping[str, Any]], price: tuple[float, float] | None = None) -> Json:
    """Calls, tokens (estimated from characters) and, with a price, money.

    ``price`` is of a million tokens of prompts, and of replies.
    """
    told = list(calls)
    prompts = sum(len(m["content"]) for call in told for m in call["messages"])
    tokens = (prompts // _CHARS_PER_TOKEN, sum(len(c["reply"]) for c in told) // _CHARS_PER_TOKEN)
    money = None
    if price is not None:
        money = round(sum(t * p for t, p in zip(tokens, price, strict=True)) / _PER, 6)
    return {
        "n_calls": len(told),
        "n_failed": sum(bool(call["failure"]) for call in told),
        "prompt_tokens": tokens[0],
        "reply_tokens": tokens[1],
        "tokens_are_estimated": True,
        "money": money,
    }
