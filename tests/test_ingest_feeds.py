"""Feeds as they are found: RSS, Atom, JSON Feed, broken, empty and hostile."""

import json
import time
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.date import parse_date
from ingest.feeds import feed_link, is_whole, kind_of_list, read_feed
from ingest.listing import root_name
from ingest.sitemaps import Sitemap, read_sitemap
from rag.errors import InputRefused

HOME = "https://news.example/feed"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
  <title>The Harbour Gazette</title><language>en-gb</language>
  <item><title>Older</title><link>/2026/older</link>
    <pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item>
  <item><title>Ferry &amp;amp; tram &lt;b&gt;agree&lt;/b&gt;</title>
    <link>https://news.example/2026/ferry?utm_source=rss</link>
    <guid isPermaLink="false">ferry-1</guid><dc:creator>Ada Quill</dc:creator>
    <category>Transport</category><pubDate>Tue, 03 Mar 2026 09:30:00 -0500</pubDate>
    <description>The ferry and the tram...</description>
    <content:encoded><![CDATA[<p>The ferry and the tram share <b>one</b> ticket.</p>]]>
    </content:encoded></item>
  <item><title>Undated</title><link>https://news.example/undated</link></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Harbour Radio</title>
  <entry><title type="html">Tram &amp;mdash; again</title><id>tag:radio,2026:1</id>
    <link rel="self" href="https://radio.example/api/1"/><link href="https://radio.example/tram"/>
    <published>2026-03-03T09:30:00Z</published><updated>2026-03-04T10:00:00+01:00</updated>
    <author><name>Bo Wick</name></author><author><name>Cy Dunn</name></author>
    <content type="html">&lt;p&gt;The tram is late.&lt;/p&gt;</content></entry>
  <entry><title>Only updated</title><link href="https://radio.example/b"/>
    <updated>2026-03-05T10:00:00Z</updated></entry>
</feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Harbour Notes",
    "language": "en",
    "items": [
        {
            "id": 7,
            "url": "https://notes.example/7",
            "title": "Quay closed",
            "content_text": "The quay is closed.\n\nIt opens <soon>.",
            "date_published": "2026-03-03T09:30:00-05:00",
            "date_modified": "2026-03-04T00:00:00Z",
            "authors": [{"name": "Di Marsh"}, {"url": "https://x.example"}],
            "tags": ["Harbour"],
        },
        {"id": "8", "content_html": "<p>No address.</p>", "author": {"name": "Ed"}},
        "not an item",
    ],
}


def test_rss() -> None:
    first, second, third = read_feed(RSS.encode(), None, HOME)

    assert first.url == "https://news.example/2026/ferry?utm_source=rss"
    assert (first.title, first.key) == ("Ferry & tram agree", "ferry-1")
    assert (first.authors, first.section) == (("Ada Quill",), "Transport")
    assert first.published is not None
    assert str(parse_date(first.published)) == "2026-03-03 14:30:00+00:00"
    assert first.updated is None and first.language == "en-gb"
    assert first.content is not None and "<b>one</b> ticket" in first.content
    assert second.url == "https://news.example/2026/older" and second.content is None
    assert third.title == "Undated" and third.published is None


def test_atom() -> None:
    second, first = read_feed(ATOM.encode(), None, "https://radio.example/feed")

    assert (first.url, first.title) == ("https://radio.example/tram", "Tram — again")
    assert first.authors == ("Bo Wick", "Cy Dunn")
    assert first.published is not None and first.updated is not None
    assert str(parse_date(first.updated)) == "2026-03-04 09:00:00+00:00"
    assert second.published is None and second.updated == "2026-03-05T10:00:00Z"


def test_json_feed() -> None:
    first, second = read_feed(json.dumps(JSON_FEED).encode(), None, "https://notes.example/f.json")

    assert (first.url, first.title, first.key) == ("https://notes.example/7", "Quay closed", "7")
    assert (first.authors, first.section, first.language) == (("Di Marsh",), "Harbour", "en")
    assert first.content == "<p>The quay is closed.</p><p>It opens &lt;soon&gt;.</p>"
    assert str(first.moment) == "2026-03-03 14:30:00+00:00"
    assert second.url is None and second.content == "<p>No address.</p>"
    assert second.authors == ("Ed",)


def test_charsets() -> None:
    feed = RSS.replace("UTF-8", "iso-8859-1").replace("Older", "Fähre").encode("cp1252")

    assert read_feed(feed, None, HOME)[1].title == "Fähre"
    assert read_feed(RSS.encode("utf-16"), None, HOME)[1].title == "Older"


@pytest.mark.parametrize("cut", [700, 900, 1_000, len(RSS) - 30])
def test_a_feed_that_breaks_off_gives_what_it_has(cut: int) -> None:
    assert any(e.title == "Older" for e in read_feed(RSS[:cut].encode(), None, HOME))


def test_characters_that_xml_forbids() -> None:
    assert len(read_feed(RSS.replace("Older", "Ol\x0bder & \x00older").encode(), None, HOME)) == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("<rss version='2.0'><channel></channel></rss>", "no entries"),
        ("<!doctype html><html><body>Hello</body></html>", "a web page"),
        ("<html><body>Hello</body></html>", "not a feed"),
        ("plain words", "no XML"),
        ("", "empty"),
        ("{}", "not a JSON Feed"),
        ("[1, 2]", "not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": 3}', "not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": []}', "no entries"),
        ("[" * 100_000, "nor valid JSON"),
        ("{oops", "nor valid JSON"),
    ],
)
def test_what_is_no_feed(data: str, reason: str) -> None:
    with pytest.raises(InputRefused, match=reason):
        read_feed(data.encode(), None, HOME)


_LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
HOSTILE_TYPES = (
    '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    '<!DOCTYPE rss [<!ENTITY l0 "ha">' + _LAUGHS + "]>",
    '<!DOCTYPE rss SYSTEM "http://127.0.0.1/evil.dtd">',
    '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1/p.dtd"> %p;]>',
    '<!doctype rss [<!entity x "y">]>',
    '<!-- <rss> --><?xml-stylesheet href="a"?>\n<!DOCTYPE rss [<!ENTITY x "y">]>',
)


@pytest.mark.parametrize("document_type", HOSTILE_TYPES)
def test_document_types_are_refused(document_type: str) -> None:
    declared, _, rest = RSS.partition("\n")
    for encoding in ("utf-8", "utf-16"):
        for feed in (f"{declared}\n{document_type}{rest}", f"{document_type}{rest}"):
            hostile = feed.replace("Older", "&x;&l9;").encode(encoding)
            with pytest.raises(InputRefused, match="document type"):
                read_feed(hostile, None, HOME)
            with pytest.raises(InputRefused, match="document type"):
                read_sitemap(hostile, None, 10_000_000)


def test_a_document_type_hidden_in_another_charset() -> None:
    hidden = '+ADwAIQ-DOCTYPE rss [+ADwAIQ-ENTITY x SYSTEM "file:///etc/hostname"+AD4AXQA+-'
    feed = f'<?xml version="1.0" encoding="utf-7"?>{hidden}<rss version="2.0"><channel><item>'

    (entry,) = read_feed(f"{feed}<title>A &x;</title></item></channel></rss>".encode(), None, HOME)

    assert entry.title == "A &x;"


def test_an_article_may_quote_a_document_type() -> None:
    feed = RSS.replace("<p>The ferry", "<!DOCTYPE html> begins a page. <p>The ferry")

    assert len(read_feed(feed.encode(), None, HOME)) == 3
    assert root_name("<?xml version='1.0'?><!-- <!DOCTYPE x> --> <a/>") == "a"


def test_entities_of_html_are_characters() -> None:
    feed = RSS.replace("Older", "Caf&eacute;&nbsp;&amp; f&#252;r &lt;3 &unknown; &LT;")

    assert read_feed(feed.encode(), None, HOME)[1].title == "Café & für <3 &unknown; <"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (RSS, "feed"),
        (ATOM, "feed"),
        (json.dumps(JSON_FEED), "feed"),
        ('<rdf:RDF xmlns="http://purl.org/rss/1.0/">', "feed"),
        ("\ufeff\n<!-- hello --><rss>", "feed"),
        ("<urlset><url>", "sitemap"),
        ("<x:sitemapindex>", "sitemap"),
        ("<!doctype html><html>", None),
        ("<html><body><rss>", None),
        ('{"version": "1.1"}', None),
        ("{", None),
        ("words", None),
        ("", None),
        ("%PDF-1.7", None),
    ],
)
def test_lists_are_told_from_pages(data: str, kind: str | None) -> None:
    assert kind_of_list(data.encode(), None) == kind


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        ("<p>The ferry runs daily.</p>", True),
        ("<p>The ferry runs &#8230;</p>", False),
        ("<p>The ferry runs [&hellip;]</p>", False),
        ("The ferry runs...", False),
        ('The ferry runs. <a href="/a">Continue reading the full story</a>', False),
        ('The ferry runs. <a href="/a">Read more &rarr;</a>', False),
        ("<p> </p>", False),
        (None, False),
    ],
)
def test_whole_articles_are_told_from_beginnings(content: str | None, whole: bool) -> None:
    assert is_whole(content) is whole


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/f?a=1&amp;b=2">', "/f?a=1&b=2"),
        ("<LINK TYPE=application/atom+xml REL='alternate home' HREF=/f>", "/f"),
        ('<link rel="alternate" hreflang="de" href="/de">', None),
        ('<link rel="alternate" type="application/rss+xml">', None),
        ('<link rel="alternate" type="application/rss+xml" href="//[bad">', None),
    ],
)
def test_the_feed_that_a_page_names(page: str, link: str | None) -> None:
    found = feed_link(f"<html><head>{page}</head>", "https://news.example/a/b")

    assert found == (f"https://news.example{link}" if link else None)


# Site maps

_NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
 <url><loc> https://news.example/old </loc><lastmod>2020-01-01</lastmod></url>
 <url><loc>https://news.example/ferry</loc>
  <image:image><image:loc>https://news.example/a.png</image:loc><image:title>A boat</image:title>
  </image:image>
  <news:news><news:publication><news:name>The Harbour Gazette</news:name>
   <news:language>en</news:language></news:publication>
   <news:publication_date>2026-03-03T09:30:00Z</news:publication_date>
   <news:title>Ferry &amp; tram agree</news:title></news:news></url>
 <url><lastmod>2026-01-01</lastmod></url>
</urlset>"""


def test_news_site_map() -> None:
    first, second = read_sitemap(_NEWS.encode(), None, 10_000_000).pages

    assert (first.url, first.title) == ("https://news.example/ferry", "Ferry & tram agree")
    assert (first.outlet, first.language) == ("The Harbour Gazette", "en")
    assert first.published == "2026-03-03T09:30:00Z"
    assert second.url == "https://news.example/old" and second.published is None


def test_site_map_index() -> None:
    index = (
        "<sitemapindex><sitemap><loc>https://a.example/1</loc><lastmod>2020-01-01</lastmod>"
        "</sitemap><sitemap><loc>https://a.example/2</loc><lastmod>2026-01-01</lastmod></sitemap>"
    )

    found = read_sitemap(f"{index}</sitemapindex>".encode(), None, 10_000_000)

    assert found == Sitemap(maps=("https://a.example/2", "https://a.example/1"))
    assert read_sitemap(index.encode(), None, 10_000_000) == found  # broken off


def test_plain_text_site_map() -> None:
    found = read_sitemap(b"https://a.example/1\n\nhttps://a.example/2\n", None, 10_000_000)

    assert [page.url for page in found.pages] == ["https://a.example/1", "https://a.example/2"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("<urlset></urlset>", "lists no pages"),
        (RSS, "not a site map but <rss>"),
        ("some words", "not a site map"),
        ("<", "no XML"),
        ("<!doctype html><html></html>", "a web page"),
        ("", "empty"),
    ],
)
def test_what_is_no_site_map(data: str, reason: str) -> None:
    with pytest.raises(InputRefused, match=reason):
        read_sitemap(data.encode(), None, 10_000_000)


_SCRAPS = (
    "<", ">", "&", '"', "<![CDATA[", "]]>", "<!--", "<?", "&#0;", "&#xD800;", "&#x110000;",
    "&nbsp;", "\x00", "9" * 30, "null", "[]", "{}", "1e999", "http://[", "//", "<link/>",
    'xmlns:a=""',
    'xml:base="http://[bad"', "9999-99-99T99:99:99Z", "<item>", "</item>", "true", "é", "",
)  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from([RSS, ATOM, _NEWS, json.dumps(JSON_FEED)]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(_SCRAPS)), max_size=5),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_damage_is_survived_or_refused(
    whole: str, damage: list[tuple[float, int, str]], encoding: str
) -> None:
    for place, length, scrap in damage:
        at = int(place * len(whole))
        whole = whole[:at] + scrap + whole[at + length :]
    data = whole.encode(encoding, "replace")

    kind_of_list(data, None)
    feed_link(whole, HOME)
    with suppress(InputRefused):
        for entry in read_feed(data, None, HOME):
            assert entry.url is None or isinstance(entry.url, str)
            is_whole(entry.content)
    with suppress(InputRefused, zlib.error):
        read_sitemap(data, None, 1_000_000)


@pytest.mark.parametrize(
    "piece",
    ["<item>", "<a ", "<!-- ", "<?x ", "&amp;", "<![CDATA[", "<p>x</p>", "<", "]]>", "<link "],
)
def test_hostile_lists_take_linear_time(piece: str) -> None:
    started = time.process_time()
    for start in ("", "<rss><channel><item><description>", "<urlset>"):
        hostile = (start + piece * (100_000 // len(piece))).encode()
        kind_of_list(hostile, None)
        feed_link(hostile.decode(), HOME)
        for read in (
            lambda data: read_feed(data, None, HOME),
            lambda data: read_sitemap(data, None, 10_000_000),
        ):
            try:
                read(hostile)
            except InputRefused:
                continue
    assert time.process_time() - started < 8
