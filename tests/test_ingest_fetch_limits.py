"""No server can make a fetch large, slow or broken. Every server here is real."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from ingest.fetch import Fetched, Fetcher
from rag.errors import InputRefused
from tests.web_site import Answer, Site, running


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


def _quick(**limits: Any) -> Fetcher:
    return Fetcher(allow_private=True, gap_s=0, sleep=lambda _: None, **limits)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with closing(_quick()) as fetcher:
        yield fetcher


def test_a_large_body_is_refused_by_its_own_word(site: Site) -> None:
    site.pages["/a"] = Answer(headers={"Content-Length": "10000000000"})

    with closing(_quick()) as fetcher, pytest.raises(InputRefused, match="sends more than 10 MB"):
        fetcher.fetch(site.url("/a"))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_not_unpacked(site: Site, encoding: str) -> None:
    zeros = bytes(100_000_000)
    bomb = gzip.compress(zeros, 9) if encoding == "gzip" else zlib.compress(zeros, 9)
    site.pages["/a"] = Answer(bomb, headers={"Content-Encoding": encoding})

    started = time.process_time()
    with closing(_quick()) as fetcher, pytest.raises(InputRefused, match="more than 10 MB"):
        fetcher.fetch(site.url("/a"))
    assert time.process_time() - started < 2


def test_packed_pages_are_unpacked(site: Site, fetcher: Fetcher) -> None:
    whole = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 40
    site.pages["/a"] = Answer(whole, headers={"Content-Encoding": "gzip"})

    got = fetcher.fetch(site.url("/a"))
    assert isinstance(got, Fetched) and got.data == b"one two"


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (gzip.compress(bytes(1_000), mtime=0)[:-9], "gzip", "end too early"),
        (b"\x1f\x8b\x08 no gzip", "gzip", "broke off"),
        (b"x", "br", "packed as br"),
        (b"x", "gzip, gzip", "packed as gzip, gzip"),
    ],
)
def test_damaged_bodies(
    site: Site, fetcher: Fetcher, body: bytes, encoding: str, reason: str
) -> None:
    site.pages["/a"] = Answer(body, headers={"Content-Encoding": encoding})

    with pytest.raises(InputRefused, match=reason):
        fetcher.fetch(site.url("/a"))


@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "audio/mpeg", "font/woff2"])
def test_what_is_no_text_is_not_read(site: Site, fetcher: Fetcher, kind: str) -> None:
    site.pages["/a"] = Answer(b"x", kind=kind)

    with pytest.raises(InputRefused, match=f"is {kind.partition('/')[0]}, not text"):
        fetcher.fetch(site.url("/a"))


def _raw(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that says "no such page" to robots.txt, then what ``serve`` writes."""
    stop = threading.Event()

    def run(server: socket.socket) -> None:
        while not stop.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                try:
                    if b"/robots.txt" in client.recv(65_536):
                        client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    else:
                        serve(client)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=run, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/a"
        stop.set()


def _drip_body(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(100):
        client.sendall(b"x")
        time.sleep(0.05)


def _drip_head(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    for i in range(100):
        client.sendall(b"X-%d: y\r\n" % i)
        time.sleep(0.05)


def _silence(_: socket.socket) -> None:
    time.sleep(1)


@pytest.mark.parametrize("serve", [_drip_body, _drip_head, _silence])
def test_a_slow_server_is_left(serve: Callable[[socket.socket], None]) -> None:
    for url in _raw(serve):
        started = time.monotonic()
        fetcher, refused = (
            _quick(max_seconds=0.4),
            pytest.raises(InputRefused, match=r"took more than 0\.4 seconds"),
        )
        with closing(fetcher), refused:
            fetcher.fetch(url)
        assert time.monotonic() - started < 2


def _endless(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(10_000):  # 10 GB, if anyone took it
        client.sendall(bytes(1_000_000))


def _endless_chunks(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(10_000):
        client.sendall(b"F4240\r\n" + bytes(1_000_000) + b"\r\n")


@pytest.mark.parametrize("serve", [_endless, _endless_chunks])
def test_a_body_without_end_is_cut_off(serve: Callable[[socket.socket], None]) -> None:
    for url in _raw(serve):
        fetcher, refused = _quick(), pytest.raises(InputRefused, match="sends more than 10 MB")
        with closing(fetcher), refused:
            fetcher.fetch(url)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 300_000 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00\xff\xfe",
    ],
)
def test_broken_replies(reply: bytes) -> None:
    for url in _raw(lambda client: client.sendall(reply)):
        with closing(_quick()) as fetcher, pytest.raises(InputRefused, match="broke off"):
            fetcher.fetch(url)


@pytest.mark.parametrize(
    "location", [b"http://[bad", b"\xff\xfe", b"http://x/" + b"y" * 9_000, b"http://a\tb/", b""]
)
def test_odd_redirects(location: bytes) -> None:
    reply = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    for url in _raw(lambda client: client.sendall(reply)):
        with closing(_quick(max_seconds=3)) as fetcher, pytest.raises(InputRefused):
            fetcher.fetch(url)


def test_a_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with closing(_quick()) as fetcher, pytest.raises(InputRefused, match="cannot be reached"):
        fetcher.fetch(f"http://127.0.0.1:{port}/a")
