"""Site maps, and faults wherever they come: the rest is read."""

import gzip
from contextlib import closing

import pytest

from ingest.crawl import Crawler
from ingest.load import Loaded, Skipped
from tests.crawling import FERRY, Read, carried, feed_item, fetcher_of, reasons, rss, wrapped
from tests.web_site import Answer, Headers, Site

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
    site.pages["/old"] = site.pages["/ferry"] = Answer(wrapped(FERRY))


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

    (line,) = reasons(crawler.crawl(f"sitemap:{site.url('/0.xml')}", read))

    assert line.endswith("more site maps were left out") and len(site.paths()) == 51


def test_a_packed_bomb(site: Site, read: Read) -> None:
    site.pages["/map.xml.gz"] = Answer(gzip.compress(bytes(3_000_000)), kind="application/gzip")
    with closing(fetcher_of(max_bytes=1_000_000)) as fetcher:
        (line,) = reasons(
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
        with monkeypatch.context() as patch, closing(fetcher_of(max_seconds=5)) as fetcher:
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
    site.pages["/feed"] = Answer(rss(feed_item(site, "/a"), feed_item(site, "/b", carried(FERRY))))
    site.pages["/a"] = site.pages["/b"] = Answer(wrapped(FERRY))
    outcomes = []
    for n in range(5):
        asked: list[str] = []

        def resolve(host: str, _: int, n: int = n, asked: list[str] = asked) -> tuple[str, ...]:
            asked.append(host)
            if len(asked) == n + 1:
                raise fault
            return (host,)

        with closing(fetcher_of(resolve=resolve)) as fetcher:
            found = list(Crawler(fetcher=fetcher).crawl(f"feed:{site.url('/feed')}", read))
        outcomes.append([type(one) for one in found])

    # robots.txt, the feed, /a, /b (which the feed carries), nothing
    whole = [Loaded, Loaded]
    assert outcomes == [[Skipped], [Skipped], [Skipped, Loaded], whole, whole]
