"""Filling the archive while someone watches: progress as it comes, then the report."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ingest.pipeline import Progress
    from web.desk import Desk


@dataclass(frozen=True, slots=True)
class Filled:
    """One thing to tell: a step of the work, or the report at its end."""

    kind: Literal["progress", "report"]
    value: Any


async def fill(desk: "Desk", sources: Sequence[str | Path]) -> AsyncIterator[Filled]:
    """Ingest in a thread. Who stops watching does not stop the work: it is safe to finish."""
    queue: asyncio.Queue[Filled | BaseException] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def hand(item: Filled | BaseException) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, item)

    threading.Thread(target=_work, args=(desk, sources, hand), name="fill", daemon=True).start()
    while True:
        item = await queue.get()
        if isinstance(item, BaseException):
            raise item
        yield item
        if item.kind == "report":
            return


def _work(
    desk: "Desk",
    sources: Sequence[str | Path],
    hand: Callable[[Filled | BaseException], None],
) -> None:
    def progress(step: "Progress") -> None:
        hand(Filled("progress", step))

    try:
        hand(Filled("report", desk.ingest(sources, progress=progress)))
    except BaseException as error:  # noqa: BLE001  # handed to the one who waits
        hand(error)
