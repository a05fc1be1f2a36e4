"""Filling the archive while someone watches: progress as it comes, then the report."""

import asyncio
import re
import shutil
import threading
import unicodedata
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ingest.pipeline import Progress
    from web.desk import Desk

MAX_NAME_CHARS = 120


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

    def progress(step: "Progress") -> None:
        hand(Filled("progress", step))

    def work() -> None:
        try:
            hand(Filled("report", desk.ingest(sources, progress=progress)))
        except BaseException as error:  # noqa: BLE001  # handed to the one who waits
            hand(error)

    threading.Thread(target=work, name="fill", daemon=True).start()
    while True:
        item = await queue.get()
        if isinstance(item, BaseException):
            raise item
        yield item
        if item.kind == "report":
            return


def keep_upload(home: Path, temporary: Path) -> Path:
    """Move an uploaded file to the archive's uploads, under its own name made safe.

    The name is how the user knows the article, and what a corrected version replaces it by.
    """
    folder = home / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / safe_name(temporary.name)
    kept.unlink(missing_ok=True)  # never write through a link that lies there
    shutil.copyfile(temporary, kept)
    temporary.unlink(missing_ok=True)
    return kept


def safe_name(name: str) -> str:
    """A file name without folders, control characters, leading dots or shell surprises."""
    flat = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = re.sub(r"[^\w .,()'&+-]", "_", flat).strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    if not dot:
        return clean[:MAX_NAME_CHARS] or "article.txt"
    return f"{stem[:MAX_NAME_CHARS] or 'article'}.{suffix[:10]}"
