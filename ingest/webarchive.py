"""Reads the pages in web archives (WARC files), as crawlers and archivists keep them."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

from ingest.page import Part
from ingest.prose import page_of
from rag.errors import InputRefused

_MAX_HEADER = 100_000  # bytes of one record's header
_PEEK = 4_096  # bytes of a record in which its status and type stand
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? 200\b")
_TYPE = re.compile(rb"(?im)^content-type:\s*(?:text/html|application/xhtml\+xml)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One page in a web archive."""

    url: str
    data: bytes | None  # the whole record with its headers; None: it is too large


def page_records(stream: IO[bytes], limit: int) -> Iterator[Record]:
    """The answers in a web archive that hold a page.

    Records are cut apart here, since warcio reads a line of any length into memory; what is in
    them is left to it, in the process that may fail.
    """
    while head := _record_head(stream):
        fields = dict(_fields(head))
        size = _size(fields.get("content-length", ""))
        url = fields.get("warc-target-uri", "").strip("<>")
        left = size
        if fields.get("warc-type") == "response" and url.startswith(("http://", "https://")):
            start = stream.read(min(_PEEK, size))
            left -= len(start)
            if _STATUS.match(start) and _TYPE.search(start):
                whole = size <= limit
                data = head + start + stream.read(left) if whole else None
                left = 0 if whole else left
                yield Record(url=url, data=data)
        _skip(stream, left)


def _record_head(stream: IO[bytes]) -> bytes:
    line = b"\r\n"
    while line and not line.strip():
        line = stream.readline(_MAX_HEADER)
    if line and not line.startswith(b"WARC/"):
        raise InputRefused("the web archive is damaged, or of another kind than WARC")
    head = bytearray(line)
    while line.strip():
        line = stream.readline(_MAX_HEADER)
        head += line
        if len(head) > _MAX_HEADER:
            raise InputRefused("the web archive is damaged: a record's header has no end")
    return bytes(head)


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("utf-8", "replace").splitlines()[1:]:
        name, _, value = line.partition(":")
        yield name.strip().lower(), value.strip()


def _size(said: str) -> int:
    if not re.fullmatch(r"\d{1,15}", said):
        raise InputRefused("the web archive is damaged: a record does not say its length")
    return int(said)


def _skip(stream: IO[bytes], n_bytes: int) -> None:
    while n_bytes > 0 and (part := stream.read(min(n_bytes, 65_536))):
        n_bytes -= len(part)


def read_record(data: bytes) -> Iterator[Part]:
    """The page in one record; when it was crawled says nothing about when it was written."""
    from warcio.archiveiterator import ArchiveIterator

    for record in ArchiveIterator(io.BytesIO(data)):
        headers = record.http_headers
        kind = headers.get_header("Content-Type", "") if headers else ""
        charset = re.search(r"charset=[\"']?([\w:.-]+)", kind)
        page = page_of(record.content_stream().read(), charset[1] if charset else None)
        url = record.rec_headers.get_header("WARC-Target-URI")
        yield Part(page=replace(page, url=page.url or url), key=url)
        return
