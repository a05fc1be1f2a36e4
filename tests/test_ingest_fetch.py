"""Fetching is bounded, polite and says plainly what went wrong. Every server here is real."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.fetch import Fetched, Fetcher, Gone, NotModified
from ingest.reply import retry_after
from rag.errors import InputRefused
from rag.visits import Visit
from tests.web_site import Answer, Headers, Site, running


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@dataclass
class Time:
    """A clock that moves only when somebody waits."""

    now: float = 100.0
    waited: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds:
            self.waited.append(round(seconds, 3))


@pytest.fixture
def hours() -> Time:
    return Time()


@pytest.fixture
def fetcher(hours: Time) -> Iterator[Fetcher]:
    with closing(Fetcher(allow_private=True, clock=hours.clock, sleep=hours.sleep)) as fetcher:
        yield fetcher


def _got(fetcher: Fetcher, url: str) -> Fetched:
    got = fetcher.fetch(url)
    assert isinstance(got, Fetched)
    return got


def test_a_page_as_it_came(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a?id=3"] = Answer(
        "Gezeiten".encode("cp1252"),
        kind="Text/HTML; Charset=ISO-8859-1",
        headers={"ETag": '"v1"', "Last-Modified": "Tue, 05 Mar 2024 10:00:00 GMT"},
    )

    got = _got(fetcher, site.url("/a?id=3#top"))

    assert got == Fetched(
        url=site.url("/a?id=3"),
        data=b"Gezeiten",
        media_type="text/html",
        charset="iso-8859-1",
        etag='"v1"',
        last_modified="Tue, 05 Mar 2024 10:00:00 GMT",
    )
    sent = site.asked[-1].headers
    assert sent["Host"] == f"127.0.0.1:{site.port}"
    assert sent["User-Agent"].startswith("Byline/") and "robots.txt" in sent["User-Agent"]
    assert "Cookie" not in sent and "Authorization" not in sent


@pytest.mark.parametrize("status", [400, 401, 402, 403, 418, 451, 500, 502, 299, 204, 300, 304])
def test_other_answers_are_named(site: Site, fetcher: Fetcher, status: int) -> None:
    site.pages["/a"] = Answer(status=status)

    with pytest.raises(InputRefused, match=rf"127\.0\.0\.1:\d+/a answers {status}") as refused:
        fetcher.fetch(site.url("/a"))

    assert not isinstance(refused.value, Gone)


@pytest.mark.parametrize(("status", "phrase"), [(404, "Not Found"), (410, "Gone")])
def test_what_is_gone(site: Site, fetcher: Fetcher, status: int, phrase: str) -> None:
    site.pages["/a"] = Answer(status=status)

    with pytest.raises(Gone, match=f"answers {status} {phrase}"):
        fetcher.fetch(site.url("/a"))


# Redirects


def _hops(site: Site, n: int) -> str:
    for i in range(n):
        site.pages[f"/hop{i}"] = Answer(status=302, headers={"Location": f"hop{i + 1}"})
    site.pages[f"/hop{n}"] = Answer("the end")
    return site.url("/hop0")


def test_three_redirects_are_followed(site: Site, fetcher: Fetcher) -> None:
    assert _got(fetcher, _hops(site, 3)).url == site.url("/hop3")


def test_four_are_not(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(InputRefused, match="redirected more than 3 times"):
        fetcher.fetch(_hops(site, 4))

    assert site.paths() == ["/hop0", "/hop1", "/hop2", "/hop3"]


def test_a_loop_ends(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = Answer(status=301, headers={"Location": "/a"})

    with pytest.raises(InputRefused, match="redirected more than 3 times"):
        fetcher.fetch(site.url("/a"))


# Conditional requests


def _conditional(headers: Headers) -> Answer:
    if headers.get("if-none-match") == '"v1"':
        return Answer(status=304)
    return Answer("new", headers={"ETag": '"v1"'})


def test_unchanged_pages_are_not_sent_again(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = _conditional
    site.pages["/old"] = Answer(status=301, headers={"Location": "/a"})
    url = site.url("/a")
    visit = Visit(
        url=url,
        article_url=url,
        etag='"v1"',
        last_modified="Tue, 05 Mar 2024 10:00:00 GMT",
        fetched_at=datetime.now(UTC),
    )
    visits = {url: visit}

    assert fetcher.fetch(site.url("/old"), visits.get) == NotModified(url=url, visit=visit)
    assert "If-None-Match" not in site.asked[-2].headers  # it belongs to the other address
    assert site.asked[-1].headers["If-Modified-Since"] == "Tue, 05 Mar 2024 10:00:00 GMT"
    assert _got(fetcher, url).data == b"new"


# robots.txt


def test_robots_are_obeyed_and_asked_once(site: Site, fetcher: Fetcher) -> None:
    site.pages["/robots.txt"] = Answer(
        "User-agent: *\nDisallow: /\n\nUser-agent: byline\nDisallow: /private\n", kind="text/plain"
    )
    site.pages["/a"] = Answer("one")
    site.pages["/b"] = Answer(status=302, headers={"Location": "/private/b"})

    assert _got(fetcher, site.url("/a")).data == b"one"
    for path in ("/private/a", "/b"):
        with pytest.raises(InputRefused, match=r"robots\.txt forbids it"):
            fetcher.fetch(site.url(path))
    assert site.paths(robots=True) == ["/robots.txt", "/a", "/b"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_robots_no_rules(site: Site, fetcher: Fetcher, status: int) -> None:
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /", status=status)
    site.pages["/a"] = Answer("one")

    assert _got(fetcher, site.url("/a")).data == b"one"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_site_whose_rules_cannot_be_told_is_left_alone(
    site: Site, fetcher: Fetcher, status: int
) -> None:
    site.pages["/robots.txt"] = Answer(status=status)
    site.pages["/a"] = Answer("one")

    for _ in range(2):
        with pytest.raises(InputRefused, match=rf"left alone: its robots\.txt answers {status}"):
            fetcher.fetch(site.url("/a"))
    assert not site.paths()


def test_rules_beyond_500_kib_do_not_count(site: Site, fetcher: Fetcher) -> None:
    padding = b"# " + b"x" * 600 * 1024 + b"\n"
    rules = b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\n" + padding + b"Disallow: /b\n"
    site.pages["/robots.txt"] = Answer(rules, kind="text/plain")
    site.pages["/b"] = Answer("one")

    assert _got(fetcher, site.url("/b")).data == b"one"
    with pytest.raises(InputRefused, match="forbids"):
        fetcher.fetch(site.url("/a"))


def test_rules_may_move(site: Site, fetcher: Fetcher) -> None:
    site.pages["/robots.txt"] = Answer(status=301, headers={"Location": "/rules.txt"})
    site.pages["/rules.txt"] = Answer("User-agent: *\nDisallow: /a")

    with pytest.raises(InputRefused, match="forbids"):
        fetcher.fetch(site.url("/a"))


# Waiting in turn


def test_a_second_between_two_requests(site: Site, fetcher: Fetcher, hours: Time) -> None:
    site.pages["/a"] = Answer("one")

    for _ in range(3):
        fetcher.fetch(site.url("/a"))

    assert hours.waited == [1.0, 1.0, 1.0]  # robots.txt came first


@pytest.mark.parametrize(("asked", "kept"), [("5", 5.0), ("0.2", 1.0), ("86400", 30.0)])
def test_crawl_delay(site: Site, fetcher: Fetcher, hours: Time, asked: str, kept: float) -> None:
    site.pages["/robots.txt"] = Answer(f"User-agent: *\nCrawl-delay: {asked}\n")
    site.pages["/a"] = Answer("one")

    for _ in range(3):
        fetcher.fetch(site.url("/a"))

    assert hours.waited == [1.0, kept, kept]


def _busy(times: int, status: int = 503, **headers: str) -> Callable[[Headers], Answer]:
    left = [times]

    def answer(_: Headers) -> Answer:
        left[0] -= 1
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer("at last") if left[0] < 0 else Answer(status=status, headers=named)

    return answer


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_when_it_says(
    site: Site, fetcher: Fetcher, hours: Time, status: int
) -> None:
    site.pages["/a"] = _busy(2, status, Retry_After="7")

    assert _got(fetcher, site.url("/a")).data == b"at last"
    assert hours.waited == [1.0, 7.0, 7.0]


def test_but_only_twice(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = _busy(3, Retry_After="1")

    with pytest.raises(InputRefused, match="answers 503 Service Unavailable and asks to wait 1 s"):
        fetcher.fetch(site.url("/a"))
    assert site.paths() == ["/a"] * 3


def test_and_not_when_it_takes_long(site: Site, fetcher: Fetcher, hours: Time) -> None:
    site.pages["/a"] = _busy(1, 429, Retry_After="3600")

    with pytest.raises(InputRefused, match="429 Too Many Requests and asks to wait 3600 seconds"):
        fetcher.fetch(site.url("/a"))
    assert site.paths() == ["/a"] and hours.waited == [1.0]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5), (None, 2), ("", 2), ("soon", 2), ("-1", 2), ("9" * 40, 999_999_999), ("0", 0)],
)
def test_when_to_ask_again(value: str | None, seconds: float) -> None:
    assert retry_after(value) == seconds


def test_when_to_ask_again_by_the_clock() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=10))

    assert 8 < retry_after(later) <= 10
    assert retry_after("Tue, 05 Mar 2019 10:00:00 GMT") == 0
