"""Finds articles in files and folders: one value per article, or the reason why there is none."""

import gzip
import io
import json
import os
import re
import stat
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, cast

from ingest.decode import decode, is_wide
from ingest.page import Page, PageReader
from ingest.rows import read_row, take_header
from rag.errors import InputRefused
from rag.visits import Visit

KINDS = (".txt", ".md", ".html", ".htm", ".json", ".jsonl", ".json.gz", ".jsonl.gz")
MAX_CHARS = 1_000_000  # of one article; the longest live blogs stay below a quarter of it
_MAX_RATIO = 100  # text packs 3:1 to 10:1; more than 100:1 is a bomb
_RATIO_FROM = 10_000_000  # bytes unpacked below which the ratio does not matter
_MAX_BAD_LINES = 20  # named one by one for each file; the rest are counted
_MIB = 1 << 20
Kind = Literal["text", "markdown", "page", "row"]
_TEXT_KINDS: dict[str, Kind] = {".txt": "text", ".md": "markdown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One article as found, not yet cleaned."""

    source: str  # where it stands, for people: "a.txt", "a.jsonl:12"
    path: str | None  # of the file, absolute; None: it came over the web
    page: Page
    kind: Kind
    key: str | None = None  # tells it from the others in the same file; None: it is the file
    visit: Visit | None = None  # to be noted once the article is stored; None: not off the web


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that could not be read, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmodified:
    """A page of which the server says that it is as it was when it was last read."""

    source: str
    url: str  # canonical, as the article holds it


Found = Loaded | Skipped | Unmodified


@dataclass(slots=True)
class Loader:
    """Reads sources one article at a time; close it when done."""

    max_mb: int = 20
    reader: PageReader = field(default_factory=PageReader)

    def load(self, sources: Sequence[str | Path]) -> Iterator[Found]:
        """Each article of the files and folders, in the order given, folders sorted by name.

        Never raises for what it reads and never blocks: what cannot be read comes as ``Skipped``.
        """
        for source in sources:
            for found in find_files(source):
                if isinstance(found, Skipped):
                    yield found
                else:
                    yield from self._file(found)

    def count(self, sources: Sequence[str | Path]) -> int | None:
        """How many articles or skipped files ``load`` will give; None if only reading can tell."""
        n = 0
        for found in (f for source in sources for f in find_files(source)):
            if isinstance(found, Path) and kind_of(found).startswith(".json"):
                return None
            n += 1
        return n

    def close(self) -> None:
        """Stop what was started to read pages."""
        self.reader.close()

    def _file(self, path: Path) -> Iterator[Found]:
        name = printable(path)
        try:
            with open_regular(path) as stream:
                for found in self._articles(path, stream):
                    yield _limited(found)
        except InputRefused as error:
            yield Skipped(source=name, reason=error.message)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            yield Skipped(source=name, reason=f"the archive is damaged: {error}")
        except OSError as error:
            yield Skipped(source=name, reason=f"cannot be read: {error.strerror or error}")

    def _articles(self, path: Path, stream: IO[bytes]) -> Iterator[Found]:
        kind = kind_of(path)
        if kind.endswith(".gz"):
            packed = os.fstat(stream.fileno()).st_size
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
        else:
            packed = None
        if kind.startswith(".jsonl"):
            yield from self._lines(path, stream, packed)
            return
        text = decode(self._whole(stream))
        if kind.startswith(".json"):
            yield from self._json(path, text)
            return
        name = printable(path)
        if kind in (".html", ".htm"):
            yield Loaded(source=name, path=name, page=self.reader.read(text), kind="page")
            return
        page = take_header(text)
        yield Loaded(source=name, path=name, page=page, kind=_TEXT_KINDS[kind])

    def _whole(self, stream: IO[bytes]) -> bytes:
        data = stream.read(self.max_mb * _MIB + 1)
        if len(data) > self.max_mb * _MIB:
            raise InputRefused(f"it is larger than {self.max_mb} MB")
        return data

    def _json(self, path: Path, text: str) -> Iterator[Found]:
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            if error.msg == "Extra data":  # one object to a line, under the wrong name
                yield from self._lines(path, io.BytesIO(text.encode("utf-8", "replace")), None)
                return
            raise InputRefused(f"it is not valid JSON: {error}") from None
        except (RecursionError, ValueError):
            raise InputRefused("it is not usable JSON: too deep, or a number too long") from None
        if isinstance(found, dict) and isinstance(found.get("articles"), list):
            found = found["articles"]
        rows = found if isinstance(found, list) else [found]
        if not rows:
            raise InputRefused("it holds no articles")
        single = not isinstance(found, list)
        for number, row in enumerate(rows, 1):
            yield self._row(path, row, None if single else number)

    def _lines(self, path: Path, stream: IO[bytes], packed: int | None) -> Iterator[Found]:
        n_rows = n_bad = 0
        if is_wide(stream):
            text = decode(self._whole(stream))
            stream, packed = io.BytesIO(text.encode("utf-8", "replace")), None
        for number, line in _capped_lines(stream, self.max_mb * _MIB, packed):
            if line is not None and not line.strip():
                continue
            n_rows += 1
            found = self._line(path, number, line)
            n_bad += isinstance(found, Skipped)
            if isinstance(found, Loaded) or n_bad <= _MAX_BAD_LINES:
                yield found
        if n_bad > _MAX_BAD_LINES:
            reason = f"{n_bad - _MAX_BAD_LINES} more lines could not be used"
            yield Skipped(source=printable(path), reason=reason)
        if not n_rows:
            yield Skipped(source=printable(path), reason="it is empty")

    def _line(self, path: Path, number: int, line: bytes | None) -> Found:
        source = f"{printable(path)}:{number}"
        if line is None:
            return Skipped(source=source, reason=f"the line is longer than {self.max_mb} MB")
        try:
            return self._row(path, _parsed(line), number)
        except InputRefused as error:
            return Skipped(source=source, reason=error.message)
        except json.JSONDecodeError as error:
            return Skipped(source=source, reason=f"the line is not valid JSON: {error.msg}")
        except (RecursionError, ValueError):
            return Skipped(source=source, reason="the line is not usable JSON")

    def _row(self, path: Path, row: object, number: int | None) -> Found:
        source = printable(path) if number is None else f"{printable(path)}:{number}"
        try:
            page, key = read_row(row, self.reader)
        except InputRefused as error:
            return Skipped(source=source, reason=error.message)
        if number is not None:
            key = key or f"#{number}"
        return Loaded(source=source, path=printable(path), page=page, kind="row", key=key)


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except UnicodeDecodeError:
        return json.loads(decode(line))


def _limited(found: Found) -> Found:
    if isinstance(found, Loaded):
        if len(found.page.text) > MAX_CHARS:
            reason = f"its text has {len(found.page.text):,} characters, more than {MAX_CHARS:,}"
            return Skipped(source=found.source, reason=reason)
        if not found.page.text.strip():
            return Skipped(source=found.source, reason="it holds no text")
    return found


def find_files(source: str | Path) -> Iterator[Path | Skipped]:
    """The files that ``source`` names: itself, or all in the folder, sorted, hidden ones left out.

    A folder reached through a link is not entered, so that no loop can hold the walk.
    """
    if isinstance(source, str) and re.match(r"(?i)https?://", source):
        yield Skipped(
            source=source, reason="web addresses are not read yet: save the page and name the file"
        )
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
        yield path if kind_of(path) else _unknown(path)


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
                yield path if kind_of(path) else _unknown(path)
    for error in problems:
        name = printable(error.filename or folder)
        yield Skipped(source=name, reason=f"cannot be read: {error.strerror}")
    if not n_found and not problems:
        yield Skipped(source=printable(folder), reason="the folder holds no files")


def kind_of(path: Path) -> str:
    """The ending that says how to read a file, "" if it is none of ``KINDS``."""
    name = path.name.lower()
    return next((kind for kind in reversed(KINDS) if name.endswith(kind)), "")


def _unknown(path: Path) -> Skipped:
    ending = path.suffix or "no ending"
    return Skipped(
        source=printable(path), reason=f"{ending} is not read; these are: {' '.join(KINDS)}"
    )


def open_regular(path: Path) -> IO[bytes]:
    """A regular file opened for reading; a pipe or device is refused instead of waited for.

    Raises:
        InputRefused: it is not a regular file.
        OSError: it cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise InputRefused("it is a pipe, socket or device, not a file")
    return os.fdopen(handle, "rb")


def _capped_lines(
    stream: IO[bytes], limit: int, packed: int | None
) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers from 1; None for one beyond ``limit``, read past but not kept."""
    n_read = 0
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        n_read += len(line)
        _refuse_bomb(n_read, packed)
        whole = len(line) <= limit
        while not whole and line and not line.endswith(b"\n"):
            line = stream.readline(limit)
            n_read += len(line)
            _refuse_bomb(n_read, packed)
        yield number, line if whole else None


def _refuse_bomb(n_read: int, packed: int | None) -> None:
    if packed is not None and n_read > _RATIO_FROM and n_read > _MAX_RATIO * packed:
        raise InputRefused(f"it unpacks to more than {_MAX_RATIO} times its size")


def printable(path: object) -> str:
    """A path as text that can be shown and stored, whatever bytes its name is made of."""
    return os.fsencode(str(path)).decode("utf-8", "replace")
