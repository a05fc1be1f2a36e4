"""Finds articles in files and folders: one value per article, or the reason why there is none."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from ingest.decode import decode, is_wide, said_charset
from ingest.document import Document, holder, inner, kind_in, unpacked
from ingest.files import find_files, open_regular, printable, unknown
from ingest.found import Found, Kind, Loaded, Skipped, Unmodified
from ingest.kinds import HEAD, KINDS, holds_many, is_packed, kind_of, packing_of
from ingest.mails import split_mbox
from ingest.packed import (
    BROKEN,
    MAX_DEPTH,
    Bomb,
    Budget,
    Member,
    Names,
    Stream,
    document_kind,
    tar_members,
    zip_members,
)
from ingest.page import Page, PageReader, Part
from ingest.rowfiles import MAX_BAD_ROWS, Row, json_rows, line_rows, table_rows
from ingest.rows import read_row, take_header
from ingest.webarchive import page_records
from rag.errors import InputRefused

__all__ = ["KINDS", "Found", "Kind", "Loaded", "Loader", "Read", "Skipped", "Unmodified", "Web"]

MAX_CHARS = 1_000_000  # of one article; the longest live blogs stay below a quarter of it
_MAX_BAD_MEMBERS = 200  # of an archive, named one by one; the rest are counted
_ADDRESS = re.compile(r"(?:https?://|feed:|sitemap:)", re.IGNORECASE)
_URL_PATH = re.compile(r"^(?:\w+://[^/?#]*)?([^?#]*)(?s:.*)$")  # a host may end like a file
_TEXT_KINDS: dict[str, Kind] = {".txt": "text", ".md": "markdown"}
_PAGE_KINDS = (".mhtml", ".record")  # what they hold was a page of a site


class Read(Protocol):
    """How a crawler hands over what it has fetched: ``Loader.read``."""

    def __call__(
        self, name: str, data: bytes, *, url: str | None = None, path: str | None = None
    ) -> Iterator[Found]:
        """The articles in one document."""


class Web(Protocol):
    """Who fetches what an address stands for: a page, a feed, a site map."""

    def crawl(self, source: str, read: Read) -> Iterator[Found]:
        """Each article found there, or the reason why there is none; never raises."""

    def close(self) -> None:
        """Close the connections."""


@dataclass(slots=True)
class Loader:
    """Reads sources one article at a time; close it when done."""

    max_mb: int = 20
    reader: PageReader = field(default_factory=PageReader)
    web: Web | None = None

    def load(self, sources: Sequence[str | Path]) -> Iterator[Found]:
        """Each article of the files, folders and addresses, in the order given.

        Folders come sorted by name. Never raises for what it reads and never blocks on a file:
        what cannot be read comes as ``Skipped``.
        """
        for source in sources:
            if isinstance(source, str) and _ADDRESS.match(source):
                yield from self._crawl(source)
                continue
            for found in find_files(source):
                if isinstance(found, Skipped):
                    yield found
                else:
                    yield from self._file(found)

    def read(
        self, name: str, data: bytes, *, url: str | None = None, path: str | None = None
    ) -> Iterator[Found]:
        """The articles in one document, known by its name's ending and its first bytes.

        ``url`` is where it was fetched: the page's address unless it names another. Never raises
        for what it reads.
        """
        document = Document(
            name=printable(name),
            stream=Stream(io.BytesIO(data)),
            budget=Budget(len(data)),
            path=None if url else path,
            url=url,
            ending=_URL_PATH.sub(r"\1", name) if url else name,
        )
        yield from self._guarded(document)

    def count(self, sources: Sequence[str | Path]) -> int | None:
        """How many articles or skipped files ``load`` will give; None if only reading can tell."""
        n = 0
        for source in sources:
            if isinstance(source, str) and _ADDRESS.match(source):
                return None
            for found in find_files(source):
                if isinstance(found, Path) and holds_many(found.name):
                    return None
                n += 1
        return n

    def close(self) -> None:
        """Stop what was started to read pages."""
        self.reader.close()
        if self.web is not None:
            self.web.close()

    def _crawl(self, source: str) -> Iterator[Found]:
        if self.web is None:
            yield Skipped(source=source, reason="web addresses are not read here")
        else:
            yield from self.web.crawl(source, self.read)

    def _file(self, path: Path) -> Iterator[Found]:
        name = printable(path)
        try:
            stream = open_regular(path)
        except InputRefused as error:
            yield Skipped(source=name, reason=error.message)
            return
        except OSError as error:
            yield Skipped(source=name, reason=f"cannot be read: {error.strerror or error}")
            return
        with stream:
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            yield from self._guarded(
                Document(name=name, stream=stream, budget=Budget(size), path=name, ending=path.name)
            )

    def _guarded(self, document: Document) -> Iterator[Found]:
        """What is in a document; every failure becomes the reason why there is nothing more."""
        try:
            for found in self._articles(document):
                yield _limited(found)
        except Exception as error:
            if isinstance(error, Bomb) and document.depth:
                raise  # it weighs on the archive around it, of which no more is read
            yield Skipped(source=document.name, reason=_reason(error))

    def _articles(self, document: Document) -> Iterator[Found]:
        head = document.stream.peek(HEAD)[:HEAD]
        packing = packing_of(head)
        if packing:
            yield from self._articles(unpacked(document, packing))
            return
        if is_packed(document.ending):
            raise InputRefused("the archive is damaged: it does not begin like one")
        kind = kind_in(document, head)
        if kind == ".zip":
            document = self._seekable(document)
            kind = document_kind(document.stream) or kind
        yield from self._of_kind(document, kind)

    def _of_kind(self, document: Document, kind: str) -> Iterator[Found]:
        match kind:
            case ".txt" | ".md":
                page = take_header(decode(self._whole(document)))
                yield _loaded(document, page, _TEXT_KINDS[kind])
            case ".html":
                data = self._whole(document)
                yield _loaded(document, self.reader.read(decode(data, said_charset(data))), "page")
            case ".json" | ".jsonl" | ".csv":
                yield from _capped(document, self._rows(document, kind), MAX_BAD_ROWS)
            case ".mbox":
                yield from _capped(document, self._mailbox(document), MAX_BAD_ROWS)
            case ".warc":
                yield from _capped(document, self._web_archive(document), MAX_BAD_ROWS)
            case ".zip":
                members = zip_members(document.stream, document.budget)
                yield from _capped(document, self._members(document, members), _MAX_BAD_MEMBERS)
            case ".tar":
                members = tar_members(document.stream)
                yield from _capped(document, self._members(document, members), _MAX_BAD_MEMBERS)
            case _:
                parts = self.reader.read_parts(kind, self._whole(document))
                yield from self._parts(document, kind, parts)

    def _whole(self, document: Document) -> bytes:
        return document.stream.whole(self.max_mb)

    def _seekable(self, document: Document) -> Document:
        """The document in memory if it is part of another: a zip archive is read from its end."""
        if not document.depth and not document.layers:
            return document
        return replace(document, stream=Stream(io.BytesIO(self._whole(document))))

    def _rows(self, document: Document, kind: str) -> Iterator[Found]:
        stream = document.stream
        rows: Iterator[Row]
        if kind == ".json":
            rows = json_rows(decode(self._whole(document)), self.max_mb)
        else:
            if is_wide(stream.peek(4)):
                text = decode(self._whole(document))
                stream = Stream(io.BytesIO(text.encode("utf-8", "replace")))
            rows = (line_rows if kind == ".jsonl" else table_rows)(stream, self.max_mb)
        for row in rows:
            yield self._row(document, row)

    def _row(self, document: Document, row: Row) -> Found:
        number = row.number
        source = document.name if number is None else f"{document.name}:{number}"
        if row.reason is not None:
            return Skipped(source=source, reason=row.reason)
        try:
            page, key = read_row(row.value, self.reader)
        except InputRefused as error:
            return Skipped(source=source, reason=error.message)
        if number is not None:
            key = key or f"#{number}"
            document = replace(document, source=source, url=None)
        return _loaded(document, page, "row", key, row.note)

    def _mailbox(self, document: Document) -> Iterator[Found]:
        for number, data in split_mbox(document.stream, self.max_mb << 20):
            mail = replace(document, source=f"{document.name}:{number}", url=None)
            yield from self._record(mail, ".eml", data, f"#{number}")

    def _web_archive(self, document: Document) -> Iterator[Found]:
        empty = True
        for record in page_records(document.stream, self.max_mb << 20):
            empty = False
            source = f"{document.name}: {printable(record.url)}"
            page = replace(document, source=source, url=None)
            yield from self._record(page, ".record", record.data, record.url)
        if empty:
            raise InputRefused("it holds no pages, only other records")

    def _record(
        self, document: Document, kind: str, data: bytes | None, key: str
    ) -> Iterator[Found]:
        """One mail of a mailbox, or one page of a web archive."""
        try:
            if data is None:
                raise InputRefused(f"it is larger than {self.max_mb} MB")
            parts = self.reader.read_parts(kind, data)
        except InputRefused as error:
            yield Skipped(source=document.shown, reason=error.message)
            return
        keyed = (replace(p, key=p.key or key) if p.page is not None else p for p in parts)
        yield from self._parts(document, kind, tuple(keyed))

    def _parts(self, document: Document, kind: str, parts: tuple[Part, ...]) -> Iterator[Found]:
        if sum(part.page is not None for part in parts) > 1:
            document = replace(document, url=None)  # it is the address of none of them
        names = Names()
        around = holder(document, next((part.key for part in parts if part.key), "files"))
        for part in parts:
            if part.page is not None:
                shown: Kind = "page" if kind in _PAGE_KINDS else "document"
                yield _loaded(document, part.page, shown, part.key, part.note)
            elif part.name is not None:
                stream = Stream(io.BytesIO(part.data))
                yield from self._members(
                    around, [Member(name=names.take(part.name), stream=stream)]
                )
            else:
                reason = part.reason or "it holds no text"
                yield Skipped(source=f"{document.shown}#{part.key}", reason=reason)

    def _members(self, document: Document, members: Iterable[Member]) -> Iterator[Found]:
        """The articles in the files of an archive, or attached to a mail."""
        if document.depth >= MAX_DEPTH:
            raise InputRefused(f"what it holds is more than {MAX_DEPTH} archives deep")
        empty = True
        for member in members:
            empty = False
            name = f"{document.name}/{member.name}".rstrip("/")
            if member.stream is None:
                yield Skipped(source=name, reason=member.reason or "it cannot be read")
            elif not kind_of(member.name):
                yield replace(unknown(member.name), source=name)
            else:
                yield from self._guarded(inner(document, member, name))
        if empty:
            raise InputRefused("the archive holds no files")


def _reason(error: Exception) -> str:
    match error:
        case InputRefused():
            return error.message
        case error if isinstance(error, BROKEN):
            return f"the archive is damaged: {error}"
        case OSError():
            return f"cannot be read: {error.strerror or error}"
        case _:
            return f"it is damaged ({type(error).__name__}: {str(error)[:120]})"


def _loaded(
    document: Document, page: Page, kind: Kind, key: str | None = None, note: str | None = None
) -> Loaded:
    if page.url is None and document.url is not None:
        page = replace(page, url=document.url)
    if document.path is None and page.url is None:  # nothing else tells it from other downloads
        key = f"{document.name} {key}" if key else document.name
    return Loaded(
        source=document.shown, path=document.path, page=page, kind=kind, key=key, note=note
    )


def _capped(document: Document, found: Iterator[Found], n_named: int) -> Iterator[Found]:
    """All that is found, but what cannot be used only up to a number, then as a count."""
    n_bad = 0
    for one in found:
        n_bad += isinstance(one, Skipped)
        if not isinstance(one, Skipped) or n_bad <= n_named:
            yield one
    if n_bad > n_named:
        reason = f"{n_bad - n_named} more lines or files could not be used"
        yield Skipped(source=document.name, reason=reason)


def _limited(found: Found) -> Found:
    if isinstance(found, Loaded):
        if len(found.page.text) > MAX_CHARS:
            reason = f"its text has {len(found.page.text):,} characters, more than {MAX_CHARS:,}"
            return Skipped(source=found.source, reason=reason)
        if not found.page.text.strip():
            return Skipped(source=found.source, reason="it holds no text")
    return found
