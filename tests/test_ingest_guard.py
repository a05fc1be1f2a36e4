"""Public addresses only, and connected to as checked."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.fetch import Fetcher
from ingest.guard import AddressRefused, is_public
from rag.errors import InputRefused
from tests.conftest import SHARED
from tests.web_site import Answer, Site, running

PUBLIC = "93.184.215.14"


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, site: Site) -> list[str]:
    """The addresses connected to; every connection really ends at ``site``."""
    addresses: list[str] = []
    connect = httpcore.SyncBackend.connect_tcp

    def recorded(self: httpcore.SyncBackend, host: str, port: int, *rest: Any) -> Any:
        addresses.append(host)
        return connect(self, "127.0.0.1", site.port, *rest)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", recorded)
    return addresses


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 127.8.8.8 0.0.0.0 0.1.2.3 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.1.1"
    " 169.254.169.254 100.64.0.1 100.127.255.255 100.100.100.200 192.0.0.192 192.0.2.1 192.88.99.1"
    " 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 224.0.1.1 239.1.1.1 240.0.0.1 255.255.255.255"
    " ::1 :: ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a9fe:a9fe 64:ff9b::7f00:1"
    " 64:ff9b::10.0.0.1 64:ff9b:1::808:808 2002:7f00:1:: 2002:808:808:: 2001::1 2001:0:808:808::1"
    " 2001:db8::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 ff02::1 ff0e::1 100::1"
    " 3fff::1 5f00::1 4000::1 localhost 0x7f.1 2130706433 127.1 1.2.3".split(),
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    "8.8.8.8 1.1.1.1 93.184.215.14 172.32.0.1 100.128.0.1 192.0.1.1 2606:4700::1111 2a00::1"
    " 64:ff9b::8.8.8.8".split(),
)
def test_public(address: str) -> None:
    assert is_public(address)


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_wrapping_makes_no_address_public(address: Any) -> None:
    assert not is_public(f"::ffff:{address}")
    assert not is_public(f"::{address}")
    assert is_public(f"64:ff9b::{address}") == is_public(str(address))


HOSTILE = (
    "file:///etc/hosts", "ftp://files.example/a", "gopher://127.0.0.1:25/_", "javascript:alert(1)",
    "data:text/html,hi", "//news.example/a", "http:///a", "http://", "https://", "", "news",
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://0.0.0.0/", "http://[::1]/",
    "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[fe80::1]/",
    "http://[fd00::1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://10.0.0.1/", "http://192.168.0.1/", "http://172.20.0.1/", "http://169.254.169.254/x",
    "http://100.64.0.1/", "http://224.0.0.1/", "http://localhost/", "http://LOCALHOST/",
    "http://me@news.example/", "http://me:secret@news.example/", "http://news.example@127.0.0.1/",
    "http://127.0.0.1\\@news.example/", "http://127.0.0.1%00.news.example/",
    "http://news.example:22/", "http://news.example:8080/", "https://news.example:6379/",
    "http://news.example:99999/", "http://news.example:-1/", "http://[bad/", "http://a b/",
    "http://news.example/\r\nHost: x", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/",
    "http://inside.example/", "http://mixed.example/",
)  # fmt: skip
_NAMES = {"inside.example": ("10.1.1.1",), "mixed.example": (PUBLIC, "127.0.0.1")}


def _known(host: str, port: int) -> tuple[str, ...]:
    """Numbers as the system reads them; names from a list, all others public."""
    try:
        found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
        return tuple(str(info[4][0]) for info in found)
    except OSError:
        inside = host.lower() == "localhost" or "." not in host or "metadata" in host
        return ("127.0.0.1",) if inside else _NAMES.get(host, (PUBLIC,))


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_addresses_are_refused_unconnected(url: str, connected: list[str]) -> None:
    with closing(Fetcher(resolve=_known, gap_s=0)) as fetcher, pytest.raises(AddressRefused):
        fetcher.fetch(url)

    assert not connected


def test_known_payloads_reach_nothing_private(connected: list[str], site: Site) -> None:
    path = SHARED / "data" / "ssrf_traversal_payloads.jsonl.gz"
    if not path.exists():
        pytest.skip("the development data is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        urls = [row["text"] for row in map(json.loads, lines) if row["kind"] == "ssrf"]
    assert len(urls) > 100
    n_refused = 0
    with closing(Fetcher(resolve=_known, gap_s=0)) as fetcher:
        for url in urls:
            try:
                fetcher.fetch(url)
            except AddressRefused:
                n_refused += 1
            except InputRefused:
                pass  # a public site that does not answer with a page

    assert all(is_public(address) for address in connected)
    assert n_refused > 0.8 * len(urls)


class Rebinding:
    """A name server that says something else each time."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0],)


def test_rebinding_never_gets_to_the_second_address(connected: list[str], site: Site) -> None:
    site.pages["/a"] = Answer("the ferry runs")
    names = Rebinding(PUBLIC, PUBLIC, "127.0.0.1")  # robots.txt, the page, and anything after
    with closing(Fetcher(resolve=names, gap_s=0)) as fetcher:
        got = fetcher.fetch("http://news.example/a")
        assert got.url == "http://news.example/a"
        with pytest.raises(AddressRefused, match=r"leads to a private address, 127\.0\.0\.1"):
            fetcher.fetch("http://news.example/a")

    assert connected == [PUBLIC, PUBLIC]  # one connection for each lookup, to what was checked
    assert names.asked == ["news.example"] * 3
    assert {asked.headers["Host"] for asked in site.asked} == {"news.example"}


def test_rebinding_between_check_and_connection(connected: list[str]) -> None:
    names = Rebinding("127.0.0.1", PUBLIC)
    with closing(Fetcher(resolve=names, gap_s=0)) as fetcher, pytest.raises(AddressRefused):
        fetcher.fetch("http://news.example/a")

    assert not connected and len(names.asked) == 1


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/", "http://inside.example/", "//[::1]/", "http://2130706433/",
     "file:///etc/hosts", "http://news.example:8080/", "http://me:pw@news.example/",
     "http://[bad", "gopher://x/"],
)  # fmt: skip
def test_redirects_are_checked_like_the_first(
    target: str, connected: list[str], site: Site
) -> None:
    site.pages["/a"] = Answer(status=302, headers={"Location": target})
    with closing(Fetcher(resolve=_known, gap_s=0)) as fetcher, pytest.raises(AddressRefused):
        fetcher.fetch("http://news.example/a")

    assert set(connected) == {PUBLIC} and site.paths() == ["/a"]


def test_robots_cannot_redirect_inside(connected: list[str], site: Site) -> None:
    site.pages["/robots.txt"] = Answer(status=301, headers={"Location": "http://10.0.0.1/"})
    with closing(Fetcher(resolve=_known, gap_s=0)) as fetcher, pytest.raises(AddressRefused):
        fetcher.fetch("http://news.example/a")

    assert set(connected) == {PUBLIC}


def test_tls_names_the_host_while_the_address_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    hello: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = httpcore.SyncBackend.connect_tcp

        def recorded(self: httpcore.SyncBackend, host: str, port: int, *rest: Any) -> Any:
            assert (host, port) == (PUBLIC, 443)
            return connect(self, "127.0.0.1", server.getsockname()[1], *rest)

        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", recorded)

        def greet() -> None:
            client, _ = server.accept()
            with client:
                hello.append(client.recv(4_096))

        threading.Thread(target=greet, daemon=True).start()
        fetcher = Fetcher(resolve=_known, gap_s=0)
        with closing(fetcher), pytest.raises(InputRefused, match="left alone"):
            fetcher.fetch("https://news.example/a")

    assert b"news.example" in hello[0]


def test_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, connected: list[str], site: Site
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.9.9.9:3128")
    site.pages["/a"] = Answer("the ferry runs")
    with closing(Fetcher(resolve=_known, gap_s=0)) as fetcher:
        fetcher.fetch("http://news.example/a")

    assert set(connected) == {PUBLIC}


def test_names_in_other_scripts(connected: list[str], site: Site) -> None:
    site.pages["/f%C3%A4hre"] = Answer("the ferry runs")
    with closing(Fetcher(resolve=_known, gap_s=0)) as fetcher:
        fetcher.fetch("http://fähre.example/fähre")

    assert site.asked[-1].headers["Host"] == "xn--fhre-loa.example"


def test_a_name_server_that_never_answers() -> None:
    def silent(host: str, port: int) -> tuple[str, ...]:
        time.sleep(5)
        return (PUBLIC,)

    started = time.monotonic()
    fetcher = Fetcher(resolve=silent, gap_s=0, max_seconds=0.2)
    with closing(fetcher), pytest.raises(InputRefused, match=r"more than 0\.2 seconds"):
        fetcher.fetch("http://news.example/a")

    assert time.monotonic() - started < 3


def test_a_name_that_nobody_knows(connected: list[str]) -> None:
    def unknown(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror("Name or service not known")

    fetcher = Fetcher(resolve=unknown, gap_s=0)
    with (
        closing(fetcher),
        pytest.raises(InputRefused, match=r"no address is known for news\.example"),
    ):
        fetcher.fetch("http://news.example/a")
