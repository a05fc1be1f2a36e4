"""The home: the folder of one archive, held by one process at a time.

Two processes with one Chroma folder open see stale results or hang, so whoever opens an index
holds ``HOME/lock``. The lock belongs to the operating system and goes with its process, however
that ends. Beside it ``HOME/server.json`` says who holds it, and where it serves.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.errors import HomeBusy, IndexUnavailable

# Asking whether the lock is held takes it for a moment; a process that comes just then waits.
_GRACE_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """The process that serves a home, and how to speak to it."""

    pid: int
    url: str
    token: str


class Home:
    """The folder of one archive, which need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._info = path / "server.json"

    @contextmanager
    def acquire(self, wait_s: float = 0.0) -> Iterator["Home"]:
        """Hold the home inside the block; the folder is made, for this user alone, if missing.

        Raises:
            HomeBusy: another process holds it, and still did after ``wait_s``.
            IndexUnavailable: the folder cannot be made or written to.
        """
        lock = self._lock()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire(timeout=max(wait_s, _GRACE_S))
        except Timeout:
            raise self._busy() from None
        except OSError as error:
            raise IndexUnavailable(
                f"the folder {self.path} cannot be used: {error.strerror or error}",
                "make it writable, or name another with --home",
            ) from error
        try:
            self._write({"pid": os.getpid()})
            yield self
        finally:
            self._info.unlink(missing_ok=True)
            lock.release()

    def publish(self, url: str, token: str) -> None:
        """Tell other processes of this user where the holder serves."""
        self._write({"pid": os.getpid(), "url": url, "token": token})

    def server(self) -> ServerInfo | None:
        """The process that serves this home now; None if nobody does."""
        held = self._holder()
        if held is None or "url" not in held or "token" not in held:
            return None
        return ServerInfo(pid=int(held["pid"]), url=str(held["url"]), token=str(held["token"]))

    def _holder(self) -> dict[str, Any] | None:
        """What the present holder wrote; a file that outlived its process is not believed."""
        try:
            told = json.loads(self._info.read_text("utf-8"))
            alive = _alive(int(told["pid"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return told if alive and self.is_held() else None

    def is_held(self) -> bool:
        """True if some process has the archive open."""
        lock = self._lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False
        lock.release()
        return False

    def _busy(self) -> HomeBusy:
        held = self._holder() or {}
        who = f"process {held['pid']}" if "pid" in held else "another process"
        if "url" in held:
            return HomeBusy(
                f"{self.path} is served by {who} at {held['url']}",
                f"ask there, or stop it with: kill {held['pid']}",
            )
        return HomeBusy(
            f"{self.path} is in use by {who}", "wait until it is done, or name another --home"
        )

    def _lock(self) -> FileLock:
        # Taken in one thread and given back in another when a server shuts down.
        return FileLock(self.path / "lock", thread_local=False, mode=0o600)

    def _write(self, told: dict[str, object]) -> None:
        fresh = self._info.with_suffix(".new")
        try:
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(told, file)
            os.replace(fresh, self._info)
        except OSError as error:
            raise IndexUnavailable(
                f"{self._info} cannot be written: {error.strerror or error}",
                "make the folder writable and free some disk space",
            ) from error


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
