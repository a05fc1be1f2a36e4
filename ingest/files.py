"""Finds the files that sources name, without following links or waiting for pipes."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from ingest.found import Skipped
from ingest.kinds import kind_of
from ingest.packed import Stream
from rag.errors import InputRefused

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,15}://|javascript:", re.IGNORECASE)


def find_files(source: str | Path) -> Iterator[Path | Skipped]:
    """The files that ``source`` names: itself, or all in the folder, sorted, hidden ones left out.

    A folder reached through a link is not entered, so that no loop can hold the walk.
    """
    if isinstance(source, str) and _SCHEME.match(source):
        yield Skipped(source=printable(source), reason="only http and https addresses are read")
        return
    path = Path(os.path.abspath(os.path.expanduser(os.fspath(source))))  # noqa: PTH100, PTH111 - keeps links
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield Skipped(source=printable(source), reason=f"cannot be read: {reason}")
        return
    if stat.S_ISDIR(mode):
        yield from _walk(path)
    else:
        yield path if kind_of(path.name) else unknown(path)


def _walk(folder: Path) -> Iterator[Path | Skipped]:
    problems: list[OSError] = []
    n_found = 0
    for root, folders, files in os.walk(folder, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in [n for n in folders if Path(root, n).is_symlink()]:
            yield Skipped(
                source=printable(Path(root, name)),
                reason="a link to a folder is not followed; name the folder itself",
            )
        for name in sorted(name for name in files if not name.startswith(".")):
            n_found += 1
            path = Path(root, name)
            if path.is_symlink():
                reason = "a link in a folder is not followed; name the file itself"
                yield Skipped(source=printable(path), reason=reason)
            else:
                yield path if kind_of(path.name) else unknown(path)
    for error in problems:
        name = printable(error.filename or folder)
        yield Skipped(source=name, reason=f"cannot be read: {error.strerror}")
    if not n_found and not problems:
        yield Skipped(source=printable(folder), reason="the folder holds no files")


def unknown(name: str | Path) -> Skipped:
    """The reason why a file of this name is not read."""
    ending = Path(name).suffix
    what = f"files ending in {ending}" if ending else "files without an ending"
    return Skipped(source=printable(name), reason=f"{what} are not read")


def open_regular(path: Path) -> Stream:
    """A regular file opened for reading; a pipe or device is refused instead of waited for.

    Raises:
        InputRefused: it is not a regular file.
        OSError: it cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise InputRefused("it is a pipe, socket or device, not a file")
    return Stream(os.fdopen(handle, "rb", buffering=0))


def printable(path: object) -> str:
    """A path as text that can be shown and stored, whatever bytes its name is made of."""
    try:
        raw = os.fsencode(str(path))
    except UnicodeEncodeError:
        raw = str(path).encode("utf-8", "replace")
    return raw.decode("utf-8", "replace")
