"""Runs parsers in a process of its own, within bounds of time and memory.

Nearly every format can be made so that its parser takes minutes or gigabytes: 50,000 attributes on
one tag cost trafilatura 14 seconds. The process is started at the first document, stopped when one
takes too long, and started again for the next.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from rag.errors import InputRefused

MAX_SECONDS = 30.0  # a page of 1 MB takes 2 s
_MAX_MEMORY = 1_300_000_000  # bytes of address space; a page of 5 MB takes 600 MB
_MAX_REPLY = 200_000_000  # bytes; the attachments of the largest mail, written as text, take 60 MB
_THING = {".html": "page"}


class Sandbox:
    """Has documents read by ``ingest.readers`` in a process of its own; close it when done."""

    def __init__(self, max_seconds: float = MAX_SECONDS) -> None:
        self._max_seconds = max_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, kind: str, data: bytes) -> list[dict[str, Any]]:
        """The parts of a document, written as JSON.

        Raises:
            InputRefused: it says so, or takes too much time or memory.
        """
        thing = _THING.get(kind, "document")
        try:
            reply = self._exchange(kind, data)
        except TimeoutError:  # an OSError too
            self.close()
            raise InputRefused(
                f"the {thing} took more than {self._max_seconds:.0f} seconds to read"
            ) from None
        except (OSError, EOFError):
            self.close()
            raise InputRefused(f"the {thing} could not be read within its limits") from None
        if "refused" in reply:
            raise InputRefused(reply["refused"])
        parts: list[dict[str, Any]] = reply["parts"]
        return parts

    def close(self) -> None:
        """Stop the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _exchange(self, kind: str, data: bytes) -> dict[str, Any]:
        process = self._running()
        assert process.stdin
        assert process.stdout
        deadline = time.monotonic() + self._max_seconds
        _write(process.stdin, kind.encode())
        _write(process.stdin, data)
        size = int.from_bytes(_take(process.stdout, 8, deadline), "big")
        if size > _MAX_REPLY:
            raise EOFError
        reply: dict[str, Any] = json.loads(_take(process.stdout, size, deadline))
        return reply

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            root = str(Path(__file__).resolve().parents[1])
            paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ingest.readers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                start_new_session=True,  # Ctrl-C is for the one who asked
            )
        return self._process


def serve(read: Callable[[str, bytes], Iterable[dict[str, Any]]]) -> None:
    """Answer requests on standard input until the asker hangs up."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand between the replies
    while size := int.from_bytes(source.read(8), "big"):
        kind = source.read(size).decode()
        data = source.read(int.from_bytes(source.read(8), "big"))
        _write(sink, json.dumps(_reply(read, kind, data)).encode())


def _reply(
    read: Callable[[str, bytes], Iterable[dict[str, Any]]], kind: str, data: bytes
) -> dict[str, Any]:
    thing = _THING.get(kind, "document")
    try:
        return {"parts": list(read(kind, data))}
    except InputRefused as error:
        return {"refused": error.message}
    except (MemoryError, RecursionError):
        return {"refused": f"the {thing} is built too deep or too large to read"}
    except Exception as error:  # noqa: BLE001 - parsers fail on broken files in their own ways
        what = f"{type(error).__name__}: {error}".strip(": ")[:120]
        return {"refused": f"the {thing} is damaged or built in a way that is not read ({what})"}


def _take(pipe: IO[bytes], size: int, deadline: float) -> bytes:
    parts = bytearray()
    ready = select.poll()  # select.select fails where a server has a thousand files open
    ready.register(pipe, select.POLLIN)
    while len(parts) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not ready.poll(left * 1_000):
            raise TimeoutError
        part = os.read(pipe.fileno(), size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _write(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()
