"""What a web server replies: its body unpacked within limits, and what its headers mean."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from rag.errors import InputRefused

_RETRY_AFTER = 2.0  # seconds, where a server says "later" without saying when
_PIECE = 1 << 20  # bytes unpacked at a time


@dataclass(slots=True)
class Reply:
    """A reply to one request; its body is read only where the status is 200."""

    status: int
    headers: httpx.Headers
    data: bytes = b""


def unpacked(chunks: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The body in pieces of at most a megabyte: a kilobyte of gzip can hold a megabyte.

    Raises:
        InputRefused: it is packed in another way, too large or cut short.
        zlib.error: it is damaged.
    """
    encoding = encoding.strip().lower()
    packed = encoding in ("gzip", "x-gzip", "deflate")
    if not packed and encoding not in ("", "identity"):
        raise InputRefused(f"it comes packed as {encoding[:30]}, which was not asked for")
    n_read = 0
    unpacker = zlib.decompressobj(47)  # gzip or zlib, as its head says
    for chunk in chunks:
        n_read += len(chunk)
        if n_read > limit + _PIECE:
            raise InputRefused(f"it {too_large(limit)}")
        if not packed:
            yield chunk
            continue
        rest = chunk
        while rest:
            yield unpacker.decompress(rest, _PIECE)
            rest = unpacker.unconsumed_tail
            if unpacker.eof:
                more = unpacker.unused_data.startswith(b"\x1f\x8b")  # else it is padding
                rest = unpacker.unused_data if more else b""
                unpacker = zlib.decompressobj(47) if more else unpacker
    if packed and n_read and not unpacker.eof:
        raise InputRefused("its packed data end too early")


def redirects(reply: Reply) -> bool:
    """True if the reply sends us elsewhere."""
    return reply.status in (301, 302, 303, 307, 308) and "location" in reply.headers


def media(headers: httpx.Headers) -> tuple[str, str | None]:
    """The kind of the body, "text/html" or "" if not told, and its charset."""
    if "content-type" not in headers:
        return "", None
    message = Message()
    message["content-type"] = " ".join(headers["content-type"].split())
    return message.get_content_type(), message.get_content_charset()


def retry_after(value: str | None) -> float:
    """Seconds that a busy server asks to wait."""
    value = (value or "").strip()
    if not value:
        return _RETRY_AFTER
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return _RETRY_AFTER
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def status_line(code: int) -> str:
    """A status in numbers and words: "404 Not Found"."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def too_large(limit: int) -> str:
    """What to say of a body beyond ``limit`` bytes."""
    return f"sends more than {limit / 1_000_000:g} MB"
