"""One HTTP connection to a model server, which any thread can cut at any moment."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

_CONNECT_S = 4.0  # with this, a host that does not answer is given up within 5 s
# A token is an event of some 250 bytes. The client's decoder keeps an event until its end and
# copies it with every read, so a line without end would cost the square of its length.
_MAX_EVENT_BYTES = 1 << 20
# A proxy from the environment is never right for a server on this machine.
_NO_PROXY = ("all://localhost", "all://127.0.0.1", "all://[::1]")


@cache
def certificates() -> ssl.SSLContext:
    """Whom to trust, read once: it takes 20 ms, three times as long as all else of a request."""
    return httpx.create_ssl_context()


def is_closed(url: str) -> bool:
    """True if the address is on this machine and its port is closed: known in a millisecond.

    Asked before the client is imported, so that a model server which does not run costs nothing.
    """
    parts = urlsplit(url)
    if parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        return False
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname, port), timeout=_CONNECT_S).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


class Line:
    """The connection of one request: opened by the thread that reads, cut by whoever waits."""

    def __init__(self, login: tuple[str, str] = ("", "")) -> None:
        self.content_type = ""
        self._login = login if any(login) else None
        self._stream: Any = None  # httpcore's network stream, once there is one
        self._is_cut = False

    def client(self, timeout_s: float) -> httpx.Client:
        """A client for this request alone, so that cutting it hurts no other."""
        return httpx.Client(
            verify=certificates(),
            timeout=httpx.Timeout(timeout_s, connect=_CONNECT_S),
            auth=self._login,
            mounts=dict.fromkeys(_NO_PROXY),
            event_hooks={"request": [self._watch], "response": [self._meter]},
        )

    def cut(self) -> None:
        """Close the connection, even while another thread reads from it or still opens it."""
        self._is_cut = True
        sock = self._stream.get_extra_info("socket") if self._stream is not None else None
        if sock is not None:
            with suppress(OSError):  # closed already
                # Only a shutdown wakes a thread that is blocked in recv; the one of a TLS socket
                # would first drop the state that the other thread is using.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _watch(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._stream = info["return_value"]
            if self._is_cut:
                self.cut()

    def _meter(self, response: httpx.Response) -> None:
        self.content_type = response.headers.get("content-type", "").lower()
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Metered(response.stream)


class _Metered(httpx.SyncByteStream):
    """A body that ends in an OverflowError when one event of it has no end."""

    def __init__(self, body: httpx.SyncByteStream) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        n_bytes = 0
        for data in self._body:
            is_end = b"\n\n" in data or b"\r\n\r\n" in data
            n_bytes = 0 if is_end else n_bytes + len(data)
            if n_bytes > _MAX_EVENT_BYTES:
                raise OverflowError("an event of the stream has no end")
            yield data

    def close(self) -> None:
        """Close the connection below."""
        self._body.close()
