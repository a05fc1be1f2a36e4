"""Watches folders: what is put there, or changed, is queued."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.kinds import kind_of
from rag.errors import BylineError, InputRefused

log = logging.getLogger(__name__)


class Watch:
    """A thread that queues the files of some folders when they come or change.

    What lies there already is queued first: unchanged articles cost little. A file that vanishes
    leaves its article in the archive: an archive outlives its inbox.
    """

    def __init__(self, folders: Sequence[Path], submit: Callable[[Sequence[str]], object]) -> None:
        """Begin to watch.

        Raises:
            InputRefused: one of them is not a folder.
        """
        for folder in folders:
            if not folder.is_dir():
                raise InputRefused(f"{folder} is not a folder", "make it, or watch another")
        self._folders = [folder.resolve() for folder in folders]
        self._submit = submit
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        submit([str(folder) for folder in self._folders])
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        from watchfiles import Change, watch

        # Files that are still being written keep changing, and are queued again when they do.
        for changes in watch(*self._folders, stop_event=self._stopped, raise_interrupt=False):
            paths = {Path(name) for change, name in changes if change is not Change.deleted}
            wanted = sorted(str(path) for path in paths if self._is_article(path))
            try:
                if wanted:
                    self._submit(wanted)
            except BylineError as error:
                log.warning("watched folder: %s", error)

    def _is_article(self, path: Path) -> bool:
        inside = next(f for f in self._folders if path.is_relative_to(f))
        hidden = any(part.startswith(".") for part in path.relative_to(inside).parts)
        return not hidden and path.is_file() and bool(kind_of(path.name))
