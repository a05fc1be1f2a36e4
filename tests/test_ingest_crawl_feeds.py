"""Feeds: what they add to pages, what they carry themselves, what they may not say."""

import json
from contextlib import closing

import pytest

from ingest.crawl import Crawler
from ingest.load import Loaded, Skipped
from ingest.pipeline import build_article
from tests.crawling import (
    FERRY,
    Read,
    carried,
    feed_item,
    fetcher_of,
    only_one,
    reasons,
    rss,
    wrapped,
)
from tests.web_site import Answer, Site, running

_ABOUT = (
    "<pubDate>Tue, 03 Mar 2026 09:30:00 GMT</pubDate><dc:creator>Ada Quill</dc:creator>"
    "<category>Transport</category>"
)


@pytest.mark.parametrize("source", ["feed:{}", "{}"])
def test_the_feed_fills_what_the_page_leaves_open(
    site: Site, crawler: Crawler, read: Read, source: str
) -> None:
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a", _ABOUT)), kind="application/rss+xml")
    site.pages["/a"] = Answer(wrapped(FERRY))

    found = only_one(crawler.crawl(source.format(site.url("/feed")), read))

    assert found.source == found.page.url == site.url("/a")
    assert found.page.title == "From the feed" and found.page.authors == ("Ada Quill",)
    assert found.page.section == "Transport" and "four crowns" in found.page.text
    assert str(build_article(found).published_at) == "2026-03-03 09:30:00+00:00"


def test_but_the_page_has_the_last_word(site: Site, crawler: Crawler, read: Read) -> None:
    head = (
        "<meta property='og:title' content='From the page'><meta name=author content='Bo Wick'>"
        "<meta property='article:published_time' content='2026-03-02T00:00:00Z'>"
    )
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a", _ABOUT)))
    site.pages["/a"] = Answer(wrapped(FERRY, head))

    page = only_one(crawler.crawl(f"feed:{site.url('/feed')}", read)).page

    assert (page.title, page.authors) == ("From the page", ("Bo Wick",))
    assert page.published == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    "answer", [Answer(status=403), Answer(status=402), Answer(status=500), Answer(wrapped(""))]
)
def test_a_feed_that_carries_the_article(
    site: Site, crawler: Crawler, read: Read, answer: Answer
) -> None:
    told = FERRY + "<p>It first ran on <time datetime=1951-04-12>that spring day</time>.</p>"
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a?utm_source=rss", _ABOUT + carried(told))))
    site.pages["/a?utm_source=rss"] = answer

    found = only_one(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert found.page.url == site.url("/a") and found.visit is None
    assert found.page.title == "From the feed" and "four crowns" in found.page.text
    assert found.page.authors == ("Ada Quill",)
    article = build_article(found)
    assert str(article.published_at) == "2026-03-03 09:30:00+00:00"
    assert (article.date_source, article.date_confidence) == ("feed", "high")


def test_robots_may_leave_only_the_feed(site: Site, crawler: Crawler, read: Read) -> None:
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /a")
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a", carried(FERRY)), feed_item(site, "/ab")))

    whole, refused = crawler.crawl(f"feed:{site.url('/feed')}", read)

    assert isinstance(whole, Loaded) and whole.page.url == site.url("/a")
    assert isinstance(refused, Skipped) and "robots.txt forbids it" in refused.reason
    assert site.paths() == ["/feed"]


def test_a_teaser_gives_way_to_the_whole(site: Site, crawler: Crawler, read: Read) -> None:
    teaser = "<p>The harbour ferry will run every day from April, the port authority said.</p>"
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a", carried(FERRY * 3))))
    site.pages["/a"] = Answer(wrapped(teaser, "<title>From the page</title>"))

    found = only_one(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert "four crowns" in found.page.text and found.page.title == "From the page"
    assert found.visit is None


@pytest.mark.parametrize("body", ["<p>The ferry will run [&hellip;]</p>", ""])
def test_a_beginning_is_no_article(site: Site, crawler: Crawler, read: Read, body: str) -> None:
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a", carried(body))))
    site.pages["/a"] = Answer(status=403)

    (line,) = reasons(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert line.endswith("answers 403 Forbidden")


def test_a_feed_cannot_put_words_under_another_address(
    site: Site, crawler: Crawler, read: Read
) -> None:
    site.pages["/a"] = Answer(status=403)
    with running() as other:
        other.pages["/feed"] = Answer(rss(feed_item(site, "/a", carried(FERRY))))
        (line,) = reasons(crawler.crawl(f"feed:{other.url('/feed')}", read))

    assert line.endswith("answers 403 Forbidden")


def test_what_is_gone_is_not_brought_back(site: Site, crawler: Crawler, read: Read) -> None:
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a", carried(FERRY))))

    (line,) = reasons(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert line.endswith("answers 404 Not Found")


def test_one_bad_entry_does_not_stop_the_rest(site: Site, crawler: Crawler, read: Read) -> None:
    bad = ("/gone", "/broken", "/feed", "/picture")
    links = "".join(
        f"<item><link>{link}</link></item>"
        for link in ("javascript:alert(1)", "http://[bad", "file:///etc/hosts", "http://x:99999/")
    )
    items = [feed_item(site, path) for path in (*bad, "/a", "/a?utm_source=rss", "/b")]
    site.pages["/feed"] = Answer(rss(links, "<item><title>No address</title></item>", *items))
    site.pages["/broken"] = Answer("x", headers={"Content-Encoding": "br"})
    site.pages["/picture"] = Answer(b"x", kind="image/png")
    site.pages["/a"] = Answer(wrapped(FERRY))
    site.pages["/b"] = Answer("Title: Tram\nDate: 3 March 2026\n\nIt runs.", kind="text/plain")

    found = list(crawler.crawl(f"feed:{site.url('/feed')}", read))

    assert [one.page.url for one in found if isinstance(one, Loaded)] == [
        site.url("/a"),
        site.url("/b"),
    ]
    assert len(reasons(iter(found))) == len(found) - 2 == 9
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
        feed_item(site, f"/{day}", f"<pubDate>{day:02} Mar 2026 09:00:00 GMT</pubDate>")
        for day in (3, 9, 1, 5)
    ]
    site.pages["/feed"] = Answer(rss(*dated))
    for day in (3, 9, 1, 5):
        site.pages[f"/{day}"] = Answer(wrapped(FERRY))
    with closing(fetcher_of()) as fetcher:
        crawler = Crawler(fetcher=fetcher, max_entries=2)
        *found, left = crawler.crawl(f"feed:{site.url('/feed')}", read)

    assert [one.page.url for one in found if isinstance(one, Loaded)] == [
        site.url("/9"),
        site.url("/5"),
    ]
    assert isinstance(left, Skipped) and left.reason.startswith("only the newest 2 of its 4")
