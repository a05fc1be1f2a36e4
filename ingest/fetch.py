"""Fetches from the open web: carefully, politely, and never more than was asked for.

Public addresses only, at most three redirects, each checked like the first; 10 MB and 20 seconds
in all; robots.txt obeyed (RFC 9309), a second between two requests to one host, and "try again
later" taken at its word.
"""

import re
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpcore
import httpx

from ingest.guard import AddressRefused, Guard, Resolve, look_up
from ingest.reply import (
    Reply,
    media,
    redirects,
    retry_after,
    status_line,
    too_large,
    unpacked,
)
from rag.errors import InputRefused
from rag.visits import Visit

MAX_BYTES = 10_000_000  # of one reply, packed and unpacked
MAX_SECONDS = 20.0  # for one page with its redirects and second tries; waiting in turn is extra
MAX_REDIRECTS = 3
_AGENT = "Byline"  # the name to which robots.txt speaks
_MAX_ROBOTS = 500 * 1024  # bytes that RFC 9309 asks to be read; the rest does not count
_MAX_CRAWL_DELAY = 30.0  # seconds; more would be a ban, which robots.txt can say outright
_MAX_RETRIES = 2
_MAX_RETRY_AFTER = 20.0  # seconds
_MAX_URL = 2_000
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)
_NO_TEXT = ("image", "audio", "video", "font")
_HTTP_ERRORS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    zlib.error,
    OSError,
)


class Gone(InputRefused):
    """The server says that there is no such page, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came from the web."""

    url: str  # that answered, after all redirects
    data: bytes
    media_type: str = ""  # "text/html"; "" if the server does not say
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The page is as it was at an earlier visit."""

    url: str
    visit: Visit


@dataclass(slots=True)
class _Budget:
    seconds: float


@dataclass(slots=True, kw_only=True)
class Fetcher:
    """Fetches one page at a time, for one thread; close it when done.

    ``allow_private`` lifts the limits to public addresses and to ports 80 and 443, for an
    intranet or a test; all others stay. Proxies and passwords in the environment are not used.
    """

    allow_private: bool = False
    max_bytes: int = MAX_BYTES
    max_seconds: float = MAX_SECONDS
    gap_s: float = 1.0  # between the end of one request to a host and the next
    resolve: Resolve = look_up
    clock: Callable[[], float] = time.monotonic  # for waiting in turn
    sleep: Callable[[float], None] = time.sleep
    _guard: Guard = field(init=False)
    _pool: httpcore.ConnectionPool | None = field(default=None, init=False)
    _rules: dict[str, Any] = field(default_factory=dict, init=False)  # by origin; str: a reason
    _free_at: dict[str, float] = field(default_factory=dict, init=False)  # by host

    def __post_init__(self) -> None:
        self._guard = Guard(allow_private=self.allow_private, resolve=self.resolve)

    def fetch(
        self, url: str, visited: Callable[[str], Visit | None] | None = None
    ) -> Fetched | NotModified:
        """What stands at a web address.

        ``visited`` tells the earlier visit to an address, for the server to compare with.

        Raises:
            AddressRefused: it is not a public web address, or leads to one that is not.
            Gone: the server has no such page.
            InputRefused: it cannot be fetched, may not be, or is too large or too slow.
        """
        target = self._checked(url)
        budget = _Budget(self.max_seconds)
        for _ in range(MAX_REDIRECTS + 1):
            gap = self._permitted(target)
            visit = visited(str(target)) if visited else None
            reply = self._patiently(target, _conditions(visit), gap, budget)
            if reply.status == 304 and visit is not None:
                return NotModified(url=str(target), visit=visit)
            if not redirects(reply):
                return _fetched(target, reply)
            target = self._next(target, reply)
        raise InputRefused(f"{_short(url)} is redirected more than {MAX_REDIRECTS} times")

    def close(self) -> None:
        """Close what is open."""
        if self._pool is not None:
            self._pool.close()

    def _checked(self, url: str | httpx.URL) -> httpx.URL:
        text = str(url).strip()
        try:
            target = httpx.URL(text).copy_with(fragment=None)
        except (httpx.InvalidURL, ValueError):
            raise AddressRefused(f"{_short(text)} is not a web address") from None
        if target.scheme not in ("http", "https"):
            raise AddressRefused(f"{_short(text)} is not an http or https address")
        host = target.raw_host.decode("ascii", "replace")
        if _UNSAFE.search(text) or not _HOST.fullmatch(host) or len(str(target)) > _MAX_URL:
            raise AddressRefused(f"{_short(text)} is not a usable web address")
        if target.userinfo:
            raise AddressRefused(f"the address at {host} holds a name or password")
        if not self.allow_private and target.port not in (None, 80, 443):
            raise AddressRefused(
                f"{_short(text)} names port {target.port}; only 80 and 443 are fetched from"
            )
        return target

    def _next(self, target: httpx.URL, reply: Reply) -> httpx.URL:
        try:
            return self._checked(target.join(reply.headers["location"]))
        except (httpx.InvalidURL, ValueError):
            raise AddressRefused(f"{_short(target)} is redirected to no web address") from None
        except AddressRefused as error:
            raise AddressRefused(f"{_short(target)} is redirected: {error.message}") from None

    # Politeness

    def _permitted(self, target: httpx.URL) -> float:
        """Seconds to keep between requests to this host, if its robots.txt lets us in at all."""
        origin = f"{target.scheme}://{target.netloc.decode('ascii')}"
        if origin not in self._rules:
            self._rules[origin] = self._read_rules(origin)
        rules = self._rules[origin]
        if isinstance(rules, str):
            raise InputRefused(f"{_short(target)} is left alone: {rules}")
        if not rules.can_fetch(str(target), _AGENT):
            raise InputRefused(f"{_short(target)} may not be fetched: robots.txt forbids it")
        return max(self.gap_s, min(rules.crawl_delay(_AGENT) or 0.0, _MAX_CRAWL_DELAY))

    def _read_rules(self, origin: str) -> Any:
        """The rules of a host, all allowing if it has none, or the reason to stay away."""
        from protego import Protego

        try:
            reply = self._robots(origin)
        except AddressRefused:
            raise
        except InputRefused as error:
            return f"its robots.txt cannot be read: {error.message}"
        if reply.status >= 500 or reply.status == 429:
            return f"its robots.txt answers {status_line(reply.status)}"
        text = reply.data.decode("utf-8-sig", "replace") if reply.status == 200 else ""
        return Protego.parse(text)

    def _robots(self, origin: str) -> Reply:
        target = self._checked(f"{origin}/robots.txt")
        budget = _Budget(self.max_seconds)
        for _ in range(MAX_REDIRECTS + 1):
            reply = self._patiently(target, {}, self.gap_s, budget, cut_at=_MAX_ROBOTS)
            if not redirects(reply):
                return reply
            target = self._next(target, reply)
        raise InputRefused(f"it is redirected more than {MAX_REDIRECTS} times")

    def _patiently(
        self,
        target: httpx.URL,
        headers: dict[str, str],
        gap: float,
        budget: _Budget,
        cut_at: int | None = None,
    ) -> Reply:
        """The reply, asked for in turn, and again if the server is busy and says for how long."""
        for attempt in range(_MAX_RETRIES + 1):
            self.sleep(max(0.0, self._free_at.get(target.host, 0.0) - self.clock()))
            try:
                reply = self._ask(target, headers, budget, cut_at)
            finally:
                self._free_at[target.host] = self.clock() + gap
            if reply.status not in (429, 503):
                break
            pause = retry_after(reply.headers.get("retry-after"))
            if pause > _MAX_RETRY_AFTER or attempt == _MAX_RETRIES:
                break
            self.sleep(pause)
        return reply

    # One request

    def _ask(
        self, target: httpx.URL, headers: dict[str, str], budget: _Budget, cut_at: int | None
    ) -> Reply:
        started = time.monotonic()
        self._guard.deadline = started + budget.seconds
        try:
            return self._send(target, headers, cut_at)
        except httpcore.TimeoutException:
            raise InputRefused(
                f"{_short(target)} took more than {self.max_seconds:g} seconds"
            ) from None
        except httpcore.ConnectError as error:
            raise InputRefused(f"{_short(target)} cannot be reached: {error}") from None
        except _HTTP_ERRORS as error:
            raise InputRefused(f"{_short(target)} broke off: {error}") from None
        finally:
            budget.seconds -= time.monotonic() - started

    def _send(self, target: httpx.URL, headers: dict[str, str], cut_at: int | None) -> Reply:
        url = httpcore.URL(
            scheme=target.raw_scheme,
            host=target.raw_host,
            port=target.port,
            target=target.raw_path,
        )
        sent = {"Host": target.netloc.decode("ascii"), **_headers(), **headers}
        with self._opened().stream("GET", url, headers=list(sent.items())) as response:
            reply = Reply(response.status, httpx.Headers(response.headers))
            if reply.status == 200:
                reply.data = self._body(target, reply.headers, response.iter_stream(), cut_at)
            return reply

    def _opened(self) -> httpcore.ConnectionPool:
        if self._pool is None:
            self._pool = httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context(),
                max_keepalive_connections=0,  # each request is looked up and checked anew
                network_backend=self._guard,
            )
        return self._pool

    def _body(
        self,
        target: httpx.URL,
        headers: httpx.Headers,
        chunks: Iterable[bytes],
        cut_at: int | None,
    ) -> bytes:
        kind = media(headers)[0].partition("/")[0]
        if kind in _NO_TEXT:
            raise InputRefused(f"{_short(target)} is {kind}, not text")
        limit = cut_at or self.max_bytes
        told = headers.get("content-length", "")
        if not cut_at and told.isdecimal() and int(told[:20]) > limit:
            raise InputRefused(f"{_short(target)} {too_large(limit)}")
        data = bytearray()
        for piece in unpacked(chunks, headers.get("content-encoding", ""), limit):
            data += piece
            if len(data) > limit and not cut_at:
                raise InputRefused(f"{_short(target)} {too_large(limit)}")
            if len(data) > limit:
                break
            self._guard.left()
        return bytes(data[:limit])


def _fetched(target: httpx.URL, reply: Reply) -> Fetched:
    if reply.status in (404, 410):
        raise Gone(f"{_short(target)} answers {status_line(reply.status)}")
    if reply.status != 200:
        later = reply.headers.get("retry-after", "") if reply.status in (429, 503) else ""
        until = f" and asks to wait {later[:40]}" if later else ""
        until += " seconds" if later.isdecimal() else ""
        raise InputRefused(f"{_short(target)} answers {status_line(reply.status)}{until}")
    media_type, charset = media(reply.headers)
    return Fetched(
        url=str(target),
        data=reply.data,
        media_type=media_type,
        charset=charset,
        etag=reply.headers.get("etag"),
        last_modified=reply.headers.get("last-modified"),
    )


def _headers() -> dict[str, str]:
    return {
        "User-Agent": f"{_AGENT}/{_version()} (+news archive; respects robots.txt)",
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }


def _version() -> str:
    try:
        return version("byline-news")
    except PackageNotFoundError:
        return "0"


def _conditions(visit: Visit | None) -> dict[str, str]:
    asked = {
        "If-None-Match": visit.etag if visit else None,
        "If-Modified-Since": visit.last_modified if visit else None,
    }
    return {name: value for name, value in asked.items() if value}


def _short(url: str | httpx.URL) -> str:
    text = _UNSAFE.sub("?", str(url))
    return text if len(text) <= 200 else f"{text[:199]}…"
