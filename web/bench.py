"""Who computes when many ask at once: a few at a time, and first those whose model can begin.

Python computes in one thread at a time. Fifty that compute side by side all end late, and whoever
shows what they found waits for every one of them; two at a time end one after the other. Nobody
waits here for anything but a core: a model is waited for ``away`` from the bench. While it thinks
it costs nothing, so whatever lets it begin comes first, then first sentences, then all else; and
among equals the oldest question, so that one is ready before the next is begun.
"""

import heapq
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from itertools import count

from rag.errors import LLMError
from rag.llm import ChatModel, Message

# One computes Python while others are in the embedder, the index or a file. On two cores two were
# faster than one and than all at once (docs/benchmarks.md, "Fifty people at once").
N_PLACES = min(4, max(2, os.cpu_count() or 1))


class Stage(IntEnum):
    """How far a question is; who is less far goes first."""

    SEARCHES = 0  # its model, if there is one, has not been asked
    WRITES = 1  # no sentence has been shown
    SHOWS = 2


class Bench:
    """A few places to compute at, shared by all questions of an archive."""

    def __init__(self, n_places: int = N_PLACES) -> None:
        self._n_free = n_places
        self._lock = threading.Lock()
        self._line: list[tuple[Stage, int, threading.Event]] = []
        self._numbers = count()

    def ticket(self) -> "Ticket":
        """One question's claim to a place."""
        return Ticket(self, next(self._numbers))

    def take(self, stage: Stage, number: int) -> None:
        """Wait for a place: by how far the question is, then in order of arrival."""
        with self._lock:
            if self._n_free:
                self._n_free -= 1
                return
            called = threading.Event()
            heapq.heappush(self._line, (stage, number, called))
        called.wait()

    def give(self) -> None:
        """Hand the place to the next in line."""
        with self._lock:
            if self._line:
                heapq.heappop(self._line)[2].set()
            else:
                self._n_free += 1


class Ticket:
    """One question's claim to a place; a ``with`` block computes there. It is not entered twice."""

    def __init__(self, bench: Bench, number: int) -> None:
        self._bench = bench
        self._number = number  # of the question, in order of arrival
        self._holder: int | None = None  # the thread that computes
        self.stage = Stage.SEARCHES

    def __enter__(self) -> None:
        self._bench.take(self.stage, self._number)
        self._holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        self._bench.give()

    @property
    def is_held(self) -> bool:
        """True if this thread computes at the place."""
        return self._holder == threading.get_ident()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Leave the place, which this thread holds, to others until the block ends."""
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()


class Patient:
    """A model that is waited for away from the bench."""

    def __init__(self, model: ChatModel, ticket: Ticket) -> None:
        self.name, self.context_tokens = model.name, model.context_tokens
        self._model, self._ticket = model, ticket

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """As ``ChatModel.stream``; whoever holds a place gets the reply when it is whole.

        Else the place would have to be waited for again after each word.
        """
        pieces = self._model.stream(messages)
        if not self._ticket.is_held:
            yield from pieces
            return
        said: list[str] = []
        failed: LLMError | None = None
        with self._ticket.away():
            try:
                said.extend(pieces)
            except LLMError as error:
                failed = error
        yield from said
        if failed is not None:
            raise failed
