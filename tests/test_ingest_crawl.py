"""From web addresses to articles, over real HTTP."""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.crawl import Crawler
from ingest.decode import decode
from ingest.fetch import Fetcher
from ingest.load import Found, Loaded, Skipped, Unmodified
from ingest.page import PageReader
from ingest.pipeline import build_article
from ingest.rows import read_row, take_header
from rag.database import Database
from rag.errors import InputRefused
from rag.visits import Visits
from tests.web_site import Answer, Headers, Site, running

FERRY = (
    "<p>The harbour ferry will run every day from April, the port authority said on Tuesday.</p>"
    "<p>It last ran daily nine years ago, before the old landing stage was closed.</p>"
    "<p>A return ticket will cost four crowns, and children under six will travel free.</p>"
)


def _html(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body><article>{body}</article></body></html>"


@pytest.fixture(scope="module")
def pages() -> Iterator[PageReader]:
    with closing(PageReader()) as pages:
        yield pages


class Read:
    """Reads pages, texts and JSON as the loader does, and remembers what it was handed."""

    def __init__(self, pages: PageReader) -> None:
        self.pages = pages
        self.names: list[str] = []

    def __call__(
        self, name: str, data: bytes, *, url: str | None, path: str | None
    ) -> Iterator[Found]:
        self.names.append(name)
        try:
            yield from self._found(name, decode(data), path)
        except (InputRefused, ValueError) as error:
            yield Skipped(source=name, reason=str(error))

    def _found(self, name: str, text: str, path: str | None) -> Iterator[Found]:
        if name.endswith(".html"):
            yield Loaded(source=name, path=path, page=self.pages.read(text), kind="page")
        elif name.endswith(".json"):
            rows = json.loads(text)
            for number, row in enumerate(rows, 1):
                page, _ = read_row(row, self.pages)
                key = f"#{number}" if len(rows) > 1 else None
                yield Loaded(source=f"{name}:{number}", path=path, page=page, kind="row", key=key)
        else:
            yield Loaded(source=name, path=path, page=take_header(text), kind="text")


@pytest.fixture
def read(pages: PageReader) -> Read:
    return Read(pages)


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def crawler() -> Iterator[Crawler]:
    with closing(_fetcher()) as fetcher:
        yield Crawler(fetcher=fetcher)


def _fetcher(**limits: Any) -> Fetcher:
    return Fetcher(allow_private=True, gap_s=0, sleep=lambda _: None, **limits)


def _one(found: Iterator[Found]) -> Loaded:
    (only,) = found
    assert isinstance(only, Loaded), only
    return only


def _reasons(found: Iterator[Found]) -> list[str]:
    return [f"{one.source} {one.reason}" for one in found if isinstance(one, Skipped)]


# Pages


def test_a_page(site: Site, crawler: Crawler, read: Read) -> None:
    head = (
        "<title>Ferry to run daily</title><link rel=canonical href='/2026/ferry'>"
        "<meta property='article:published_time' content='2026-03-03T09:30:00Z'>"
    )
    site.pages["/ferry?utm_source=x"] = Answer(_html(FERRY, head), headers={"ETag": '"v1"'})

    found = _one(crawler.crawl(site.url("/ferry?utm_source=x"), read))

    assert found.source == site.url("/ferry?utm_source=x")
    assert (found.path, found.key, found.kind) == (None, None, "page")
    assert found.page.url == site.url("/2026/ferry")
    assert found.page.title == "Ferry to run daily" and "four crowns" in found.page.text
    assert found.visit is not None
    assert (found.visit.url, found.visit.etag) == (found.source, '"v1"')
    assert found.visit.article_url == found.page.url == build_article(found).url
    assert str(build_article(found).published_at) == "2026-03-03 09:30:00+00:00"


def test_redirects_and_amp_lead_to_one_address(site: Site, crawler: Crawler, read: Read) -> None:
    site.pages["/go"] = Answer(status=302, headers={"Location": "/2026/ferry/amp?utm_id=1"})
    site.pages["/2026/ferry/amp?utm_id=1"] = Answer(_html(FERRY))
    site.pages["/2026/ferry"] = Answer(_html(FERRY))

    urls = {_one(crawler.crawl(site.url(p), read)).page.url for p in ("/go", "/2026/ferry")}

    assert urls == {site.url("/2026/ferry")}


@pytest.mark.parametrize("claimed", ["https://other.example/story", "/", "javascript:alert(1)"])
def test_a_page_speaks_only_for_itself(
    site: Site, crawler: Crawler, read: Read, claimed: str
) -> None:
    site.pages["/a"] = Answer(_html(FERRY, f"<link rel=canonical href='{claimed}'>"))

    assert _one(crawler.crawl(site.url("/a"), read)).page.url == site.url("/a")


@pytest.mark.parametrize(
    ("encoding", "told", "meta"),
    [("cp1251", "windows-1251", None), ("cp1251", None, "windows-1251"), ("utf-8", None, None)],
)
def test_charsets(
    site: Site, crawler: Crawler, read: Read, encoding: str, told: str | None, meta: str | None
) -> None:
    text = "<p>" + "Паром снова ходит каждый день, сообщила администрация порта. " * 5 + "</p>"
    head = f"<meta charset={meta}>" if meta else ""
    kind = f"text/html; charset={told}" if told else "text/html"
    site.pages["/a"] = Answer(_html(text, head).encode(encoding), kind=kind)

    assert "Паром снова ходит" in _one(crawler.crawl(site.url("/a"), read)).page.text


@pytest.mark.parametrize(
    ("path", "kind", "body", "name"),
    [
        ("/a/", "text/html", _html(FERRY), "page.html"),
        ("/a.php?x=1", "text/html", _html(FERRY), "a.php.html"),
        ("/a.html", "", _html(FERRY), "a.html"),
        ("/a", "application/octet-stream", _html(FERRY), "a.html"),
        ("/note", "text/plain", "The ferry runs.", "note.txt"),
        ("/note.md", "text/plain", "The ferry runs.", "note.md"),
        ("/report%2Fx.pdf", "application/pdf", "The ferry runs.", "x.pdf"),
        ("/..%2F..%2Fetc%2Fpasswd", "text/plain", "The ferry runs.", "passwd.txt"),
        ("/get?id=3", "application/pdf", "The ferry runs.", "get.pdf"),
    ],
)
def test_what_comes_is_named_like_a_file(
    site: Site, crawler: Crawler, read: Read, path: str, kind: str, body: str, name: str
) -> None:
    site.pages[path] = Answer(body, kind=kind)

    assert _one(crawler.crawl(site.url(path), read)).visit
    assert read.names == [name]


def test_several_articles_at_one_address(site: Site, crawler: Crawler, read: Read) -> None:
    rows = [
        {"text": "The ferry runs.", "url": "https://news.example/ferry?utm_source=x"},
        {"text": "The tram runs."},
    ]
    site.pages["/all.json"] = Answer(json.dumps(rows), kind="application/json")

    first, second = crawler.crawl(site.url("/all.json"), read)

    assert isinstance(first, Loaded) and isinstance(second, Loaded)
    assert first.page.url == "https://news.example/ferry"
    assert second.page.url is None and second.key == site.url("/all.json#2")
    assert first.visit is None and second.visit is None
    assert build_article(first).article_id != build_article(second).article_id


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer("no", status=404), "answers 404 Not Found"),
        (Answer(_html(FERRY), status=403), "answers 403 Forbidden"),
        (Answer(""), "it is empty"),
        (Answer(b"\x89PNG", kind=""), "PNG image"),
        (Answer("<!doctype html><html></html>"), "holds no"),
    ],
)
def test_what_cannot_be_read_says_why(
    site: Site, crawler: Crawler, read: Read, answer: Answer, reason: str
) -> None:
    site.pages["/a"] = answer

    (line,) = _reasons(crawler.crawl(site.url("/a"), read))

    assert line.startswith(site.url("/a")) and reason in line


def test_a_front_page_names_its_feed(site: Site, crawler: Crawler, read: Read) -> None:
    link = "<link rel=alternate type=application/rss+xml href=/feed>"
    site.pages["/"] = Answer(f"<!doctype html><html><head>{link}</head><body></body></html>")
    site.pages["/feed"] = Answer(_rss(_item(site, "/a")))
    site.pages["/a"] = Answer(_html(FERRY))

    (line,) = _reasons(crawler.crawl(site.url(), read))
    assert line.endswith(f"it names a feed: feed:{site.url('/feed')}")
    assert _one(crawler.crawl(f"feed:{site.url()}", read)).page.url == site.url("/a")


@pytest.mark.parametrize("source", ["feed:news", "feed:file:///etc/hosts", "mailto:a@b.example"])
def test_what_is_no_web_address(crawler: Crawler, read: Read, source: str) -> None:
    (line,) = _reasons(crawler.crawl(source, read))

    assert "not a web address" in line


# Visits


def _versioned(body: str, tag: str) -> Any:
    def answer(headers: Headers) -> Answer:
        if headers.get("if-none-match") == tag:
            return Answer(status=304)
        return Answer(body, headers={"ETag": tag})

    return answer


def test_unchanged_pages_are_known_again(site: Site, read: Read, tmp_path: Path) -> None:
    site.pages["/a?utm_source=rss"] = _versioned(_html(FERRY), '"v1"')
    site.pages["/feed"] = Answer(_rss(_item(site, "/a?utm_source=rss")))
    held: set[str] = set()
    with closing(Database(tmp_path / "catalog.db")) as database, closing(_fetcher()) as fetcher:
        visits = Visits(database)
        visits.create()
        crawler = Crawler(fetcher=fetcher, visit_of=visits.of, held=held.__contains__)
        for source in (site.url("/a?utm_source=rss"), f"feed:{site.url('/feed')}"):
            found = _one(crawler.crawl(source, read))
            assert found.visit is not None and found.page.url == site.url("/a")
            visits.note([found.visit])
            _one(crawler.crawl(source, read))  # not stored: read in full again

            held.add(site.url("/a"))
            (again,) = crawler.crawl(source, read)
            assert isinstance(again, Unmodified) and again.url == site.url("/a")
            held.clear()  # withdrawn since
            _one(crawler.crawl(source, read))

        held.add(site.url("/a"))
        site.pages["/a?utm_source=rss"] = _versioned(_html(FERRY + "<p>More of it.</p>"), '"v2"')
        assert "More of it" in _one(crawler.crawl(source, read)).page.text


# Feeds


def _item(site: Site, path: str, more: str = "") -> str:
    return f"<item><title>From the feed</title><link>{site.url(path)}</link>{more}</item>"


def _rss(*items: str) -> str:
    space = "http://purl.org/rss/1.0/modules/content/"
    return (
        f'<rss version="2.0" xmlns:content="{space}" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Gazette</title>{''.join(items)}</channel></rss>"
    )


def _content(body: str) -> str:
    return f"<content:encoded><![CDATA[{body}]]></content:encoded>"


_ABOUT = (
    "<pubDate>Tue, 03 Mar 2026 09:30:00 GMT</pubDate><dc:creator>Ada Quill</dc:creator>"
    "<category>Transport</category>"
)


@pytest.mark.parametrize("source", ["feed:{}", "{}"])
def test_the_feed_fills_what_the_page_leaves_open(
    site: Site, crawler: Crawler, read: Read, source: str
) -> None:
    site.pages["/feed"] = Answer(_rss(_item(site, "/a", _ABOUT)), kind="application/rss+xml")
    site.pages["/a"] = Answer(_html(FERRY))

    found = _one(crawler.crawl(source.format(site.url("/feed")), read))

    assert found.source == found.page.url == site.url("/a")
    assert found.page.title == "From the feed" and found.page.authors == ("Ada Quill",)
    assert found.page.section == "Transport" and "four crowns" in found.page.text
    assert str(build_article(found).published_at) == "2026-03-03 09:30:00+00:00"


def test_but_the_page_has_the_last_word(site: Site, crawler: Crawler, read: Read) -> None:
    head = (
        "<meta property='og:title' content='From the page'><meta name=author content='Bo Wick'>"
        "<meta property='article:published_time' content='2026-03-02T00:00:00Z'>"
    )
    site.pages["/feed"] = Answer(_rss(_item(site, "/a", _ABOUT)))
    site.pages["/a"] = Answer(_html(FERRY, head))

    page = _one(crawler.crawl(f"feed:{site.url('/feed')}", read)).page

    assert (page.title, page.authors) == ("From the page", ("Bo Wick",))
    assert page.published == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    "answer", [Answer(status=403), Answer(status=402), Answer(status=500), Answer(_html(""))]
)
def test_a_feed_that_carries_the_article(
    site: Site, crawler: Crawler, read: Read, answer: Answer
) -> None:
    told = FERRY + "<p>It first ran on <time datetime=1951-04-12>that spring day</time>.</p>"
    site.pages["/feed"] = Answer(_rss(_item(site, "/a?utm_source=rss", _ABOUT + _content(told))))
    site.pages["/a?utm_source=rss"] = answer

    found = _one(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert found.page.url == site.url("/a") and found.visit is None
    assert found.page.title == "From the feed" and "four crowns" in found.page.text
    assert found.page.authors == ("Ada Quill",)
    article = build_article(found)
    assert str(article.published_at) == "2026-03-03 09:30:00+00:00"
    assert (article.date_source, article.date_confidence) == ("feed", "high")


def test_robots_may_leave_only_the_feed(site: Site, crawler: Crawler, read: Read) -> None:
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /a")
    site.pages["/feed"] = Answer(_rss(_item(site, "/a", _content(FERRY)), _item(site, "/ab")))

    whole, refused = crawler.crawl(f"feed:{site.url('/feed')}", read)

    assert isinstance(whole, Loaded) and whole.page.url == site.url("/a")
    assert isinstance(refused, Skipped) and "robots.txt forbids it" in refused.reason
    assert site.paths() == ["/feed"]


def test_a_teaser_gives_way_to_the_whole(site: Site, crawler: Crawler, read: Read) -> None:
    teaser = "<p>The harbour ferry will run every day from April, the port authority said.</p>"
    site.pages["/feed"] = Answer(_rss(_item(site, "/a", _content(FERRY * 3))))
    site.pages["/a"] = Answer(_html(teaser, "<title>From the page</title>"))

    found = _one(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert "four crowns" in found.page.text and found.page.title == "From the page"
    assert found.visit is None


@pytest.mark.parametrize("body", ["<p>The ferry will run [&hellip;]</p>", ""])
def test_a_beginning_is_no_article(site: Site, crawler: Crawler, read: Read, body: str) -> None:
    site.pages["/feed"] = Answer(_rss(_item(site, "/a", _content(body))))
    site.pages["/a"] = Answer(status=403)

    (line,) = _reasons(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert line.endswith("answers 403 Forbidden")


def test_a_feed_cannot_put_words_under_another_address(
    site: Site, crawler: Crawler, read: Read
) -> None:
    site.pages["/a"] = Answer(status=403)
    with running() as other:
        other.pages["/feed"] = Answer(_rss(_item(site, "/a", _content(FERRY))))
        (line,) = _reasons(crawler.crawl(f"feed:{other.url('/feed')}", read))

    assert line.endswith("answers 403 Forbidden")


def test_what_is_gone_is_not_brought_back(site: Site, crawler: Crawler, read: Read) -> None:
    site.pages["/feed"] = Answer(_rss(_item(site, "/a", _content(FERRY))))

    (line,) = _reasons(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert line.endswith("answers 404 Not Found")


def test_one_bad_entry_does_not_stop_the_rest(site: Site, crawler: Crawler, read: Read) -> None:
    bad = ("/gone", "/broken", "/feed", "/picture")
    links = "".join(
        f"<item><link>{link}</link></item>"
        for link in ("javascript:alert(1)", "http://[bad", "file:///etc/hosts", "http://x:99999/")
    )
    items = [_item(site, path) for path in (*bad, "/a", "/a?utm_source=rss", "/b")]
    site.pages["/feed"] = Answer(_rss(links, "<item><title>No address</title></item>", *items))
    site.pages["/broken"] = Answer("x", headers={"Content-Encoding": "br"})
    site.pages["/picture"] = Answer(b"x", kind="image/png")
    site.pages["/a"] = Answer(_html(FERRY))
    site.pages["/b"] = Answer("Title: Tram\nDate: 3 March 2026\n\nIt runs.", kind="text/plain")

    found = list(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert [one.page.url for one in found if isinstance(one, Loaded)] == [
        site.url("/a"),
        site.url("/b"),
    ]
    assert len(_reasons(iter(found))) == len(found) - 2 == 9
    assert site.paths().count("/a") == 1


def test_an_entry_without_an_address_is_known_by_its_key(
    site: Site, crawler: Crawler, read: Read
) -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": []}
    items = [{"id": str(i), "content_html": FERRY, "title": f"Note {i}"} for i in (1, 2)]
    site.pages["/f"] = Answer(json.dumps({**feed, "items": items}), kind="application/feed+json")

    first, second = crawler.crawl(site.url("/f"), read)

    assert isinstance(first, Loaded) and isinstance(second, Loaded)
    assert (first.page.url, first.key, first.source) == (None, site.url("/f#1"), site.url("/f"))
    assert first.page.title == "Note 1"
    assert build_article(first).article_id != build_article(second).article_id


def test_only_the_newest_entries(site: Site, read: Read) -> None:
    dated = [
        _item(site, f"/{day}", f"<pubDate>{day:02} Mar 2026 09:00:00 GMT</pubDate>")
        for day in (3, 9, 1, 5)
    ]
    site.pages["/feed"] = Answer(_rss(*dated))
    for day in (3, 9, 1, 5):
        site.pages[f"/{day}"] = Answer(_html(FERRY))
    with closing(_fetcher()) as fetcher:
        crawler = Crawler(fetcher=fetcher, max_entries=2)
        *found, left = crawler.crawl(f"feed:{site.url('/feed')}", read)

    assert [one.page.url for one in found if isinstance(one, Loaded)] == [
        site.url("/9"),
        site.url("/5"),
    ]
    assert isinstance(left, Skipped) and left.reason.startswith("only the newest 2 of its 4")


# Site maps


def _index(site: Site) -> None:
    news = "http://www.google.com/schemas/sitemap-news/0.9"
    names = ("/old.xml.gz", "/news.xml", "/gone.xml", "/index.xml")
    maps = "".join(f"<sitemap><loc>{site.url(name)}</loc></sitemap>" for name in names)
    old = f"<urlset><url><loc>{site.url('/old')}</loc></url></urlset>"
    fresh = (
        f"<urlset xmlns:n='{news}'><url><loc>{site.url('/ferry')}</loc><n:news><n:publication>"
        "<n:name>Gazette</n:name></n:publication><n:title>Ferry</n:title>"
        "<n:publication_date>2026-03-03T09:30:00Z</n:publication_date></n:news></url></urlset>"
    )
    site.pages["/index.xml"] = Answer(f"<sitemapindex>{maps}</sitemapindex>", kind="text/xml")
    site.pages["/old.xml.gz"] = Answer(gzip.compress(old.encode()), kind="application/gzip")
    site.pages["/news.xml"] = Answer(fresh, kind="application/xml")
    site.pages["/old"] = site.pages["/ferry"] = Answer(_html(FERRY))


@pytest.mark.parametrize("source", ["sitemap:{}", "{}"])
def test_site_maps(site: Site, crawler: Crawler, read: Read, source: str) -> None:
    _index(site)

    gone, first, second = crawler.crawl(source.format(site.url("/index.xml")), read)

    assert isinstance(gone, Skipped) and gone.source == site.url("/gone.xml")
    assert isinstance(first, Loaded) and isinstance(second, Loaded)
    assert (first.page.url, first.page.title) == (site.url("/ferry"), "Ferry")
    assert (first.page.outlet, first.page.published) == ("Gazette", "2026-03-03T09:30:00Z")
    assert second.page.url == site.url("/old") and second.page.published is None


def test_site_maps_without_end(site: Site, crawler: Crawler, read: Read) -> None:
    for i in range(60):
        maps = "".join(
            f"<sitemap><loc>{site.url(f'/{k}.xml')}</loc></sitemap>" for k in (2 * i + 1, 2 * i + 2)
        )
        site.pages[f"/{i}.xml"] = Answer(f"<sitemapindex>{maps}</sitemapindex>")

    (line,) = _reasons(crawler.crawl(f"sitemap:{site.url('/0.xml')}", read))

    assert line.endswith("more site maps were left out") and len(site.paths()) == 51


def test_a_packed_bomb(site: Site, read: Read) -> None:
    site.pages["/map.xml.gz"] = Answer(gzip.compress(bytes(3_000_000)), kind="application/gzip")
    with closing(_fetcher(max_bytes=1_000_000)) as fetcher:
        (line,) = _reasons(
            Crawler(fetcher=fetcher).crawl(f"sitemap:{site.url('/map.xml.gz')}", read)
        )

    assert line.endswith("unpacks to more than 1 MB")


# Faults


class Failing:
    """A site whose n-th answer is a fault."""

    def __init__(self, site: Site, n: int, fault: Answer) -> None:
        self.left, self.fault, self.answer = n, fault, site.answer

    def __call__(self, path: str, headers: Headers) -> Answer:
        self.left -= 1
        return self.fault if self.left == -1 else self.answer(path, headers)


_FAULTS = (
    Answer(status=500),
    Answer("half", headers={"Content-Length": "1000"}),
    Answer("x", headers={"Content-Encoding": "gzip"}),
    Answer(b"\x00\x01\x02\xff", kind="text/html"),
    Answer(status=302, headers={"Location": "http://[bad"}),
    Answer("{", kind="application/json"),
)


@pytest.mark.parametrize("fault", _FAULTS)
def test_whichever_answer_fails_the_rest_is_read(
    site: Site, read: Read, fault: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _index(site)
    n_whole = None
    for n in range(99):
        with monkeypatch.context() as patch, closing(_fetcher(max_seconds=5)) as fetcher:
            failing = Failing(site, n, fault)
            patch.setattr(site, "answer", failing)
            found = list(Crawler(fetcher=fetcher).crawl(f"sitemap:{site.url('/index.xml')}", read))
        assert found and all(one.source.startswith(("http://", "sitemap:")) for one in found)
        if failing.left >= 0:  # no such answer: nothing failed
            n_whole = n
            break
    assert n_whole == 7
    assert sum(isinstance(one, Loaded) for one in found) == 2


@pytest.mark.parametrize("fault", [OSError("no name"), UnicodeError("label too long")])
def test_whichever_look_up_fails_the_rest_is_read(site: Site, read: Read, fault: Exception) -> None:
    site.pages["/feed"] = Answer(_rss(_item(site, "/a"), _item(site, "/b", _content(FERRY))))
    site.pages["/a"] = site.pages["/b"] = Answer(_html(FERRY))
    outcomes = []
    for n in range(5):
        asked: list[str] = []

        def resolve(host: str, _: int, n: int = n, asked: list[str] = asked) -> tuple[str, ...]:
            asked.append(host)
            if len(asked) == n + 1:
                raise fault
            return (host,)

        with closing(_fetcher(resolve=resolve)) as fetcher:
            found = list(Crawler(fetcher=fetcher).crawl(f"feed:{site.url('/feed')}", read))
        outcomes.append([type(one) for one in found])

    # robots.txt, the feed, /a, /b (which the feed carries), nothing
    whole = [Loaded, Loaded]
    assert outcomes == [[Skipped], [Skipped], [Skipped, Loaded], whole, whole]
