"""Lets a fetch reach public addresses only: looked up once, checked, and connected to as checked.

A name may lead to a private address, and may lead elsewhere when it is looked up a second time.
So the address is checked where the connection is made, and no other lookup happens after it. The
name itself still goes into the TLS handshake and the Host header.
"""

import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import httpcore

from rag.errors import InputRefused

Resolve = Callable[[str, int], Iterable[str]]

_MAX_ADDRESSES = 4  # tried in turn; a name with more hardly has one that works after four fail
_MAX_TRY_S = 6.0  # for one address, so that a dead one leaves time for the next
_WORLD = ipaddress.ip_network("2000::/3")  # all that is routed in IPv6
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # how IPv4 sites look where there is only IPv6
# Which of these ``is_global`` knows depends on the Python version.
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        "192.0.0.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.175.48.0/24"
        " 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split(),
    )
)


class AddressRefused(InputRefused):
    """An address that must not be fetched, whatever answers there."""


def is_public(address: str) -> bool:
    """True if an IP address stands for a machine on the open internet.

    Not so: loopback, private, link-local, shared (100.64/10), multicast, reserved and test
    networks, and IPv6 that wraps IPv4 (mapped, 6to4, Teredo), but for NAT64 of a public one.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in _WORLD:
            return False
    odd = ip.is_private or ip.is_multicast or ip.is_reserved or not ip.is_global
    return not odd and not any(ip in net for net in _SPECIAL if net.version == ip.version)


def look_up(host: str, port: int) -> tuple[str, ...]:
    """All addresses of a host, in the system's order.

    Raises:
        OSError: it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(info[4][0]) for info in found))


@dataclass(slots=True)
class Guard(httpcore.NetworkBackend):
    """Opens connections to checked addresses, and ends what is not done by ``deadline``."""

    allow_private: bool = False
    resolve: Resolve = look_up
    deadline: float = 0.0  # of ``time.monotonic``; for the request under way

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline holds
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses, all of which must be public.

        Raises:
            AddressRefused: one of them is not, or the port is not a web server's.
            httpcore.ConnectError: none of them can be reached.
        """
        if not self.allow_private and port not in (80, 443):
            raise AddressRefused(f"port {port} is not fetched from, only 80 and 443")
        addresses = self._addresses(host, port)
        error: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:_MAX_ADDRESSES]:
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, min(self.left(), _MAX_TRY_S), local_address, socket_options
                )
                return _Timed(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error

    def left(self) -> float:
        """Seconds until the deadline.

        Raises:
            httpcore.ReadTimeout: it has passed.
        """
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the time is up")
        return seconds

    def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        addresses = self._looked_up(host, port)
        if not self.allow_private:
            for address in addresses:
                if not is_public(address):
                    raise AddressRefused(f"{host} leads to a private address, {address}")
        return addresses

    def _looked_up(self, host: str, port: int) -> tuple[str, ...]:
        """Look the host up in a thread: the system's lookup knows no time limit."""
        answer: queue.Queue[tuple[str, ...] | OSError | UnicodeError] = queue.Queue()

        def ask() -> None:
            try:
                answer.put(tuple(self.resolve(host, port)))
            except (OSError, UnicodeError) as error:
                answer.put(error)

        threading.Thread(target=ask, daemon=True, name="look-up").start()
        try:
            found = answer.get(timeout=self.left())
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"looking up {host} took too long") from None
        if isinstance(found, Exception):
            raise httpcore.ConnectError(f"no address is known for {host}") from found
        return found


class _Timed(httpcore.NetworkStream):
    """A connection on which every step has only the time that is left in all."""

    def __init__(self, stream: httpcore.NetworkStream, guard: Guard) -> None:
        self._stream = stream
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._guard.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._guard.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._guard.left())
        return _Timed(stream, self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
