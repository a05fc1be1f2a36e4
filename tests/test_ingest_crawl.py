"""From web addresses to articles, over real HTTP."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.crawl import Crawler
from ingest.load import Loaded, Unmodified
from ingest.pipeline import build_article
from rag.database import Database
from rag.visits import Visits
from tests.crawling import FERRY, Read, feed_item, fetcher_of, only_one, reasons, rss, wrapped
from tests.web_site import Answer, Headers, Site

# Pages


def test_a_page(site: Site, crawler: Crawler, read: Read) -> None:
    head = (
        "<title>Ferry to run daily</title><link rel=canonical href='/2026/ferry'>"
        "<meta property='article:published_time' content='2026-03-03T09:30:00Z'>"
    )
    site.pages["/ferry?utm_source=x"] = Answer(wrapped(FERRY, head), headers={"ETag": '"v1"'})

    found = only_one(crawler.crawl(site.url("/ferry?utm_source=x"), read))

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
    site.pages["/2026/ferry/amp?utm_id=1"] = Answer(wrapped(FERRY))
    site.pages["/2026/ferry"] = Answer(wrapped(FERRY))

    urls = {only_one(crawler.crawl(site.url(p), read)).page.url for p in ("/go", "/2026/ferry")}

    assert urls == {site.url("/2026/ferry")}


@pytest.mark.parametrize("claimed", ["https://other.example/story", "/", "javascript:alert(1)"])
def test_a_page_speaks_only_for_itself(
    site: Site, crawler: Crawler, read: Read, claimed: str
) -> None:
    site.pages["/a"] = Answer(wrapped(FERRY, f"<link rel=canonical href='{claimed}'>"))

    assert only_one(crawler.crawl(site.url("/a"), read)).page.url == site.url("/a")


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
    site.pages["/a"] = Answer(wrapped(text, head).encode(encoding), kind=kind)

    assert "Паром снова ходит" in only_one(crawler.crawl(site.url("/a"), read)).page.text


@pytest.mark.parametrize(
    ("path", "kind", "body", "name"),
    [
        ("/a/", "text/html", wrapped(FERRY), "page.html"),
        ("/a.php?x=1", "text/html", wrapped(FERRY), "a.php.html"),
        ("/a.html", "", wrapped(FERRY), "a.html"),
        ("/a", "application/octet-stream", wrapped(FERRY), "a.html"),
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

    assert only_one(crawler.crawl(site.url(path), read)).visit
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
        (Answer(wrapped(FERRY), status=403), "answers 403 Forbidden"),
        (Answer(""), "it is empty"),
        (Answer(b"\x89PNG", kind=""), "PNG image"),
        (Answer("<!doctype html><html></html>"), "holds no"),
    ],
)
def test_what_cannot_be_read_says_why(
    site: Site, crawler: Crawler, read: Read, answer: Answer, reason: str
) -> None:
    site.pages["/a"] = answer

    (line,) = reasons(crawler.crawl(site.url("/a"), read))

    assert line.startswith(site.url("/a")) and reason in line


def test_a_front_page_names_its_feed(site: Site, crawler: Crawler, read: Read) -> None:
    link = "<link rel=alternate type=application/rss+xml href=/feed>"
    site.pages["/"] = Answer(f"<!doctype html><html><head>{link}</head><body></body></html>")
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a")))
    site.pages["/a"] = Answer(wrapped(FERRY))

    (line,) = reasons(crawler.crawl(site.url(), read))
    assert line.endswith(f"it names a feed: feed:{site.url('/feed')}")
    assert only_one(crawler.crawl(f"feed:{site.url()}", read)).page.url == site.url("/a")


@pytest.mark.parametrize("source", ["feed:news", "feed:file:///etc/hosts", "mailto:a@b.example"])
def test_what_is_no_web_address(crawler: Crawler, read: Read, source: str) -> None:
    (line,) = reasons(crawler.crawl(source, read))

    assert "not a web address" in line


# Visits


def _versioned(body: str, tag: str) -> Any:
    def answer(headers: Headers) -> Answer:
        if headers.get("if-none-match") == tag:
            return Answer(status=304)
        return Answer(body, headers={"ETag": tag})

    return answer


def test_unchanged_pages_are_known_again(site: Site, read: Read, tmp_path: Path) -> None:
    site.pages["/a?utm_source=rss"] = _versioned(wrapped(FERRY), '"v1"')
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a?utm_source=rss")))
    held: set[str] = set()
    with closing(Database(tmp_path / "catalog.db")) as database, closing(fetcher_of()) as fetcher:
        visits = Visits(database)
        visits.create()
        crawler = Crawler(fetcher=fetcher, visit_of=visits.of, held=held.__contains__)
        for source in (site.url("/a?utm_source=rss"), f"feed:{site.url('/feed')}"):
            found = only_one(crawler.crawl(source, read))
            assert found.visit is not None and found.page.url == site.url("/a")
            visits.note([found.visit])
            only_one(crawler.crawl(source, read))  # not stored: read in full again

            held.add(site.url("/a"))
            (again,) = crawler.crawl(source, read)
            assert isinstance(again, Unmodified) and again.url == site.url("/a")
            held.clear()  # withdrawn since
            only_one(crawler.crawl(source, read))

        held.add(site.url("/a"))
        site.pages["/a?utm_source=rss"] = _versioned(wrapped(FERRY + "<p>More of it.</p>"), '"v2"')
        assert "More of it" in only_one(crawler.crawl(source, read)).page.text
