"""One way in for every question: what may be asked, how many at a time, and leaving half-way.

The page and the JSON API check their input here, so that a call that skips the page meets the
same limits.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from datetime import date
from typing import Annotated, Literal, Protocol

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
)

from rag.errors import BylineError
from rag.pipeline import MAX_QUESTION_CHARS
from rag.schema import Answer, AnswerEvent, Event, Filters, Place, Turn

MAX_TURNS = 40
MAX_TURN_CHARS = 8_000
MAX_CITED = 400  # of one answer; the page sends with the oldest what came before it, too
MAX_MARKER = 9_999
MAX_FILTER_VALUES = 100
# Enough for fifty people who wait for a slow language model; each costs a thread that sleeps.
MAX_RUNNING = 64


class Busy(BylineError):
    """As many questions are being answered as this server takes at a time."""


class Stopping(BylineError):
    """The server is about to end."""


class Asks(Protocol):
    """What is needed of an open archive to ask it."""

    def ask(
        self,
        asked: str,
        history: tuple[Turn, ...],
        filters: Filters,
        stop: threading.Event,
        standalone: str = "",
    ) -> Iterator[Event]:
        """Answer, event by event; the last one holds the whole answer. ``stop`` cuts it short.

        ``standalone``, if it is given, is searched with as it is.
        """
        ...


def _speakable(value: object) -> object:
    """Text that every later step can encode: NUL and lone surrogates become a replacement mark."""
    if not isinstance(value, str):
        return value
    return (
        value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
    )


def _day(value: object) -> object:
    """A day as YYYY-MM-DD, alone or at the start of a time; an empty text is no day."""
    if value == "":
        return None
    if isinstance(value, str):
        return date.fromisoformat(value.strip()[:10])
    if value is None or type(value) is date:
        return value
    raise ValueError("not a day; write it as 2026-01-29")


def _nothing(value: object) -> object:
    return [] if value is None else value


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("there is no question in it")
    return value


Text = Annotated[StrictStr, BeforeValidator(_speakable)]
Day = Annotated[date | None, BeforeValidator(_day)]
Short = Annotated[Text, Field(max_length=500)]
Offset = Annotated[int, Field(ge=0, le=1 << 40, strict=True)]
Names = Annotated[list[Short], BeforeValidator(_nothing), Field(max_length=MAX_FILTER_VALUES)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cited(_Strict):
    """Words that an earlier answer cited, and the number that the page showed them under."""

    article_id: Short
    start: Offset
    end: Offset
    marker: Annotated[int | None, Field(ge=1, le=MAX_MARKER)] = None

    def place(self) -> Place:
        """Where they stand."""
        return Place(article_id=self.article_id, start=self.start, end=self.end)


class Said(_Strict):
    """One earlier message; of an answer, also what it cited."""

    role: Literal["user", "assistant"]
    content: Annotated[Text, Field(max_length=MAX_TURN_CHARS)]
    cited: Annotated[list[Cited], BeforeValidator(_nothing), Field(max_length=MAX_CITED)] = []


class Limits(_Strict):
    """Which articles may answer."""

    since: Day = None
    until: Day = None
    outlets: Names = []
    articles: Names = []
    languages: Names = []
    alone: StrictBool = False  # no further limit is read from the question

    def chosen(self) -> Filters:
        """The filters as nouns."""
        return Filters(
            since=self.since,
            until=self.until,
            outlets=tuple(self.outlets),
            articles=tuple(self.articles),
            languages=tuple(self.languages),
            alone=self.alone,
        )


class Ask(_Strict):
    """A question with what was said before and which articles may answer."""

    question: Annotated[Text, Field(max_length=MAX_QUESTION_CHARS), AfterValidator(_said)]
    standalone: Annotated[Text | None, Field(max_length=MAX_QUESTION_CHARS)] = None
    history: Annotated[list[Said], BeforeValidator(_nothing), Field(max_length=MAX_TURNS)] = []
    filters: Limits | None = None

    def turns(self) -> tuple[Turn, ...]:
        """The history as nouns."""
        return tuple(
            Turn(role=s.role, content=s.content, cited=tuple(c.place() for c in s.cited))
            for s in self.history
        )

    def taken(self) -> dict[Place, int]:
        """The numbers that the conversation has given out so far."""
        cited = [c for said in self.history for c in said.cited]
        return {c.place(): c.marker for c in cited if c.marker is not None}

    def chosen(self) -> Filters:
        """The filters as nouns."""
        return (self.filters or Limits()).chosen()


# What a thread hands on: an event, or the end: None, or what went wrong.
Item = Event | BaseException | None


class Asker:
    """Answers questions in threads of their own, at most ``max_running`` at a time."""

    def __init__(self, desk: Asks, max_running: int = MAX_RUNNING) -> None:
        self._desk = desk
        self._slots = threading.BoundedSemaphore(max_running)
        self._max_running = max_running
        self._waiting: set[_Hand] = set()
        self._stopped = False

    def stop(self) -> None:
        """Tell everyone who waits for an answer that none will come; may be called anywhere."""
        self._stopped = True
        for hand in tuple(self._waiting):
            hand(Stopping("the server is stopping", "ask again when it is back"))

    async def stream(self, ask: Ask) -> AsyncIterator[Event]:
        """The events of an answer, one by one; as ``bunches``."""
        async with aclosing(self.bunches(ask)) as bunches:  # type: ignore[type-var]  # a generator
            async for events in bunches:
                for event in events:
                    yield event

    async def bunches(self, ask: Ask) -> AsyncIterator[tuple[Event, ...]]:
        """The events of an answer; those that came while nobody looked come together.

        So a page that is slow to show them, because many are asked at once, has less to show.
        Closing this early ends a model's reply at once.

        Raises:
            Busy: too many questions are being answered.
            Stopping: the server is about to end.
            BylineError: whatever the archive raises.
        """
        self._admit()
        left = threading.Event()
        queue: asyncio.Queue[Item] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def hand(item: Item) -> None:
            if not left.is_set() and not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, item)

        def work() -> None:
            try:
                self._run(ask, left, hand)
            finally:
                self._slots.release()

        self._waiting.add(hand)
        threading.Thread(target=work, name="ask", daemon=True).start()
        try:
            end: BaseException | Literal["more"] | None = "more"
            while end == "more":
                events, end = _taken([await queue.get(), *_waiting(queue)])
                if events:
                    yield events
            if isinstance(end, BaseException):
                raise end
        finally:
            self._waiting.discard(hand)
            left.set()

    def _admit(self) -> None:
        """Take one of the places, or say why there is none."""
        if self._stopped:
            raise Stopping("the server is stopping", "ask again when it is back")
        if not self._slots.acquire(blocking=False):
            raise Busy(
                f"the server is busy: {self._max_running} questions are being answered",
                "ask again in a moment",
            )

    def _run(self, ask: Ask, left: threading.Event, hand: "_Hand") -> None:
        try:
            events = self._desk.ask(
                ask.question, ask.turns(), ask.chosen(), left, (ask.standalone or "").strip()
            )
            try:
                for event in events:
                    if left.is_set():
                        return
                    hand(event)
            finally:
                # A generator is closed here and now; a plain iterator has nothing to close.
                getattr(events, "close", lambda: None)()
            hand(None)
        except BaseException as error:  # noqa: BLE001  # handed to the one who waits
            hand(error)

    async def answer(self, ask: Ask) -> Answer:
        """The whole answer at once."""
        async with aclosing(self.stream(ask)) as events:  # type: ignore[type-var]  # it is a generator
            async for event in events:
                if isinstance(event, AnswerEvent):
                    return event.answer
        raise RuntimeError("the answer ended without its last event")


def _waiting(queue: asyncio.Queue[Item]) -> Iterator[Item]:
    """What is there already."""
    while not queue.empty():
        yield queue.get_nowait()


def _taken(
    items: Sequence[Item],
) -> tuple[tuple[Event, ...], BaseException | Literal["more"] | None]:
    """The events before the end, and the end, or that there is more to come."""
    events: list[Event] = []
    for item in items:
        if item is None or isinstance(item, BaseException):
            return tuple(events), item
        events.append(item)
    return tuple(events), "more"


class _Hand(Protocol):
    def __call__(self, item: Item) -> None: ...
