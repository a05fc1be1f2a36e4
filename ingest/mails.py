"""Reads mails and saved web pages, both of which are MIME messages."""

import email
import email.header
import email.utils
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from email.message import Message
from typing import IO

from ingest.decode import decode
from ingest.page import Page, Part
from ingest.prose import letter, page_of
from rag.errors import InputRefused

_LEFT_OUT = ("image/", "text/calendar", "application/pgp-signature", "application/pkcs7-signature",
             "application/x-pkcs7-signature", "application/ms-tnef", "text/x-amp-html",
             "message/delivery-status")  # fmt: skip
_MAX_PARTS = 200
_FROM = re.compile(rb"From \S.{0,200}\b(?:19|20)\d\d\s*$")
_ESCAPED = re.compile(rb"(?m)^>(>*From )")
_SOFT_BREAK = re.compile(r"(?<!^--) \r?\n(?!>)", re.MULTILINE)  # RFC 3676
_SUBJECT = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|tr|sv|vs)\s*:)+\s*", re.IGNORECASE)


def read_mail(data: bytes) -> Iterator[Part]:
    """The mail as an article, then the files attached to it."""
    message = email.message_from_bytes(data)
    if not message.keys():
        raise InputRefused("it is not a mail: it has no header")
    files = list(_attachments(message))
    text = _body(message)
    if text.strip():
        yield Part(
            page=_page(message, text), key=_header(message, "Message-ID").strip("<> ") or None
        )
    elif not files:
        raise InputRefused("the mail holds no text")
    yield from files


def read_mhtml(data: bytes) -> Iterator[Part]:
    """The page that a browser saved with everything it needs in one file."""
    message = email.message_from_bytes(data)
    parts = [
        p for p in message.walk() if p.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    start = _header_param(message, "start")
    root = next((p for p in parts if start and p.get("Content-ID", "").strip() == start), None)
    root = root if root is not None else next(iter(parts), None)
    if root is None:
        raise InputRefused("it holds no page")
    page = page_of(_payload(root), root.get_content_charset())
    address = _header(message, "Snapshot-Content-Location") or _header(root, "Content-Location")
    # Its Date is when somebody saved it.
    title = page.title or _header(message, "Subject") or None
    url = page.url or (address if address.startswith(("http://", "https://")) else None)
    yield Part(page=replace(page, title=title, url=url))


def split_mbox(stream: IO[bytes], limit: int) -> Iterator[tuple[int, bytes | None]]:
    """Each message of a mailbox with its number from 1; None for one beyond ``limit`` bytes."""
    lines: list[bytes] = []
    number = size = 0
    blank = True
    while line := stream.readline(limit):
        if blank and _FROM.match(line):
            if number:
                yield number, _message(lines) if size <= limit else None
            number, size, lines = number + 1, 0, []
        elif number:
            size += len(line)
            if size <= limit:
                lines.append(line)
        blank = not line.strip()
    if not number:
        raise InputRefused('it is not a mailbox: no line begins with "From "')
    yield number, _message(lines) if size <= limit else None


def _message(lines: list[bytes]) -> bytes:
    return _ESCAPED.sub(rb"\1", b"".join(lines))


def _page(message: Message, text: str) -> Page:
    name, address = email.utils.parseaddr(_header(message, "From"))
    sender = name.strip() or address
    listed = "List-Unsubscribe" in message or "List-Id" in message
    subject = _SUBJECT.sub("", _header(message, "Subject"))
    return Page(
        text=text,
        title=subject or None,
        outlet=sender if listed and sender else None,  # a newsletter comes from its outlet
        authors=(sender,) if sender and not listed else (),
        published=_date(message),
        language=_header(message, "Content-Language") or None,
    )


def _date(message: Message) -> str | None:
    try:
        moment = email.utils.parsedate_to_datetime(_header(message, "Date"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _header(message: Message, name: str) -> str:
    """A header as text; what is wrongly encoded comes as well as it can."""
    value = message.get(name)
    if value is None:
        return ""
    try:
        decoded = str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        decoded = str(value)
    return " ".join(decoded.encode("utf-8", "replace").decode().split())


def _header_param(message: Message, name: str) -> str | None:
    value = message.get_param(name)
    return value if isinstance(value, str) else None


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _is_attached(part: Message) -> bool:
    if part.get_content_disposition() == "attachment":
        return True
    return part.get_filename() is not None and part.get_content_maintype() != "multipart"


def _inner(message: Message) -> Iterator[Message]:
    """The parts of a mail, but not those of the mails within it."""
    stack = [message]
    n_parts = 0
    while stack and n_parts < _MAX_PARTS:
        part = stack.pop()
        n_parts += 1
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            payload = part.get_payload()
            stack.extend(p for p in reversed(payload) if isinstance(p, Message))  # type: ignore[arg-type]
        else:
            yield part


def _body(message: Message) -> str:
    """The text of a mail; where it comes as plain text and as a page, the longer of the two."""
    plain: list[str] = []
    rich: list[str] = []
    for part in _inner(message):
        kind = part.get_content_type()
        if _is_attached(part) or kind not in ("text/plain", "text/html"):
            continue
        try:
            text = decode(_payload(part), part.get_content_charset())
            if kind == "text/html":
                rich.append(letter(text))
            else:
                flowed = part.get_param("format") == "flowed"
                plain.append(_SOFT_BREAK.sub(" ", text) if flowed else text)
        except InputRefused:
            continue
    # The plain half of a newsletter is often one line that says to use another program.
    shown, written = "\n\n".join(rich), "\n\n".join(plain)
    return shown if len(shown) > 0.5 * len(written) else written


def _attachments(message: Message) -> Iterator[Part]:
    for part in _inner(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                name = _filename(part).removesuffix(".eml") + ".eml"
                yield Part(name=name, data=inner[0].as_bytes())
        elif _is_attached(part) and not kind.startswith(_LEFT_OUT):
            yield Part(name=_filename(part), data=_payload(part))


def _filename(part: Message) -> str:
    name = part.get_filename() or "attachment"
    try:
        return str(email.header.make_header(email.header.decode_header(name)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return name
