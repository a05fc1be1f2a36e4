"""Unpacks files and archives in memory, never to disk, and stops at a bomb."""

import bz2
import gzip
import io
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

from rag.errors import InputRefused

MAX_MEMBERS = 5_000  # of one archive; a newsroom's month has fewer articles
MAX_DEPTH = 2  # archives in archives
BROKEN = (
    EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipfile.LargeZipFile,
    tarfile.TarError, gzip.BadGzipFile,
)  # fmt: skip
_MAX_RATIO = 100  # text packs 3:1 to 10:1; more than 100:1 is a bomb
_RATIO_FROM = 10_000_000  # bytes unpacked below which the ratio does not matter
_MAX_TABLE = 16_000_000  # bytes of an archive's table of members, or of one member's header
_XZ_MEMORY = 200_000_000  # bytes for unpacking; the strongest preset takes 65 MB
_BUFFER = 65_536
_ENCRYPTED = 0x1
_READ_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks others without bounds


class Bomb(InputRefused):
    """A file unpacks to far more than it weighs; nothing more of it is read."""


@dataclass(slots=True)
class Budget:
    """How many bytes a file may unpack to, with everything that is packed in it."""

    packed: int
    spent: int = 0

    def spend(self, n_bytes: int) -> None:
        """Count unpacked bytes.

        Raises:
            Bomb: they are too many for the file's size.
        """
        self.spent += n_bytes
        if self.spent > max(_RATIO_FROM, _MAX_RATIO * self.packed):
            raise Bomb(f"it unpacks to more than {_MAX_RATIO} times its size")


class Stream(io.BufferedReader):
    """A file being read, of which no single read can fill the memory."""

    def __init__(self, raw: Any) -> None:
        super().__init__(raw, _BUFFER)

    def read(self, size: int | None = -1) -> bytes:
        """At most ``size`` bytes; archive readers ask for whole tables at once."""
        wanted = _MAX_TABLE + 1 if size is None or size < 0 else size
        data = super().read(min(wanted, _MAX_TABLE + 1))
        if len(data) > _MAX_TABLE:
            raise InputRefused("the archive is damaged, or its table of contents is too large")
        return data

    def whole(self, max_mb: int) -> bytes:
        """All that is left, up to a limit.

        Raises:
            InputRefused: there is more.
        """
        limit = max_mb << 20
        data = super().read(limit + 1)
        if len(data) > limit:
            raise InputRefused(f"it is larger than {max_mb} MB")
        return data


class _Unpacking(io.RawIOBase):
    """Counts what comes out of a packed stream; goes forward only."""

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._stream, self._budget, self._at = stream, budget, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        self._budget.spend(len(data))
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Forward from the start; going back would mean to unpack all again."""
        if whence != 0 or offset < self._at:
            raise InputRefused("the archive is damaged")
        while self._at < offset and self.readinto(bytearray(min(_BUFFER, offset - self._at))):
            pass
        return self._at


class _Xz(io.RawIOBase):
    """Unpacks xz within a bound of memory, which lzma.LZMAFile does not know."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._unpacker = self._begin()

    @staticmethod
    def _begin() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, b"" at the end."""
        while True:
            if self._unpacker.eof:
                rest = self._unpacker.unused_data or self._stream.read(_BUFFER)
                if not rest.strip(b"\x00"):
                    return b""
                self._unpacker = self._begin()
            else:
                rest = self._stream.read(_BUFFER) if self._unpacker.needs_input else b""
                if not rest and self._unpacker.needs_input:
                    raise EOFError("it ends too early")
            data = self._unpacker.decompress(rest, max(size, 1))
            if data:
                return data


def unpack(stream: Stream, packing: str, budget: Budget) -> Stream:
    """What a file packed with gzip, bzip2 or xz holds."""
    openers: dict[str, Any] = {
        "gzip": lambda: gzip.GzipFile(fileobj=stream),
        "bzip2": lambda: bz2.BZ2File(stream),
        "xz": lambda: _Xz(stream),
    }
    return Stream(_Unpacking(cast("IO[bytes]", openers[packing]()), budget))


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in an archive: its bytes, or the reason why they are not read."""

    name: str  # as a path below the archive, whatever the archive calls it
    stream: Stream | None = None
    size: int = 0  # bytes, unpacked, as the archive says
    reason: str | None = None


def zip_members(stream: Stream, budget: Budget) -> Iterator[Member]:
    """The files in a zip archive, in its order; folders and hidden files are left out."""
    with zipfile.ZipFile(stream) as archive:
        names = Names()
        for n, info in enumerate(archive.infolist()):
            if n >= MAX_MEMBERS:
                yield _rest(len(archive.infolist()) - n)
                return
            if info.is_dir() or is_hidden(info.filename):
                continue
            name = names.take(info.filename)
            reason = _zip_reason(info)
            if reason:
                yield Member(name=name, reason=reason)
                continue
            with archive.open(info) as member:
                inner = Stream(_Unpacking(member, budget))
                yield Member(name=name, stream=inner, size=info.file_size)


def _zip_reason(info: zipfile.ZipInfo) -> str | None:
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link in an archive is not followed"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted: unpack it with its password"
    if info.compress_type not in _READ_METHODS:
        return "it is packed in an unusual way: unpack it first"
    return None


def document_kind(stream: Stream) -> str | None:
    """Which document a zip archive is, as a file's ending; None: it is just an archive.

    Raises:
        InputRefused: it is an office document of a kind that is not read.
        Bomb: the document says that it unpacks to far more than it weighs.
    """
    with zipfile.ZipFile(stream) as archive:
        infos = archive.infolist()
        kind = _document_kind(archive, {info.filename for info in infos})
        if kind:
            size = stream.seek(0, io.SEEK_END)
            Budget(size).spend(sum(info.file_size for info in infos))
    stream.seek(0)
    return kind


def _document_kind(archive: zipfile.ZipFile, names: set[str]) -> str | None:
    mark = archive.getinfo("mimetype") if "mimetype" in names else None
    if mark and mark.file_size < 200 and not _zip_reason(mark):
        kind = archive.read(mark).strip()
        if kind.startswith(b"application/vnd.oasis.opendocument."):
            if not kind.endswith((b".text", b".text-template")):
                raise InputRefused("it is a spreadsheet, presentation or drawing, not a text")
            return ".odt"
        if kind == b"application/epub+zip":
            return ".epub"
    if "[Content_Types].xml" not in names:
        return ".epub" if "META-INF/container.xml" in names else None
    if "word/document.xml" in names or "word/document2.xml" in names:
        return ".docx"
    raise InputRefused("it is a spreadsheet or presentation: save its text as .docx or .csv")


def tar_members(stream: Stream) -> Iterator[Member]:
    """The files in a tar archive, in its order; folders and hidden files are left out."""
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        names, n, end = Names(), 0, -1
        while info := archive.next():
            archive.members.clear()  # type: ignore[attr-defined]  # else it keeps them all
            if n >= MAX_MEMBERS:
                yield _rest(None)
                return
            if info.size < 0 or info.offset <= end:
                raise InputRefused("the archive is damaged")
            n, end = n + 1, info.offset
            if info.isdir() or is_hidden(info.name):
                continue
            yield _tar_member(archive, info, names.take(info.name))


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo, name: str) -> Member:
    if info.issym() or info.islnk():
        return Member(name=name, reason="a link in an archive is not followed")
    member = archive.extractfile(info) if info.isreg() else None
    if member is None or info.issparse():
        return Member(name=name, reason="it is a pipe, device or sparse file, not a plain one")
    return Member(name=name, stream=Stream(member), size=info.size)


def _rest(n_left: int | None) -> Member:
    left = f"{n_left:,} more files were not read" if n_left else "the other files were not read"
    return Member(
        name="",
        reason=f"{left}, only the first {MAX_MEMBERS:,}: unpack it and name the folder",
    )


def is_hidden(name: str) -> bool:
    """True for what file managers leave in archives and do not show."""
    parts = re.split(r"[/\\]", name)
    return "__MACOSX" in parts or any(p.startswith(".") and p.strip(".") for p in parts)


class Names:
    """Gives each member a path of its own that stays below the archive."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def take(self, name: str) -> str:
        """The name without roots, steps up and what cannot be printed."""
        printed = name.encode("utf-8", "replace").decode("utf-8", "replace")
        printed = "".join(c if c.isprintable() else "\ufffd" for c in printed)[:500]
        parts = [p for p in re.split(r"[/\\]", printed) if p.strip(". ")]
        base = "/".join(parts) or "unnamed"
        n = self._taken[base] = self._taken.get(base, 0) + 1
        stem, dot, ending = base.rpartition(".")
        return base if n == 1 else f"{stem or ending} ({n}){dot}{ending if stem else ''}"
