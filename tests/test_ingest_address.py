"""One article, one address; two articles, two."""

import gzip
import json
import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.address import canonical_url, same_site, settled_url
from ingest.pipeline import article_id
from tests.conftest import SHARED

_PARTS = st.sampled_from(
    "amp .amp .html / // ? & = # id=3 p=12 ref=7 ref=rss utm_source=x amp=1 output=amp %2F %20 + a"
    " é b-c : @ cdn.ampproject.org c s v news.example . .. www. amp. google.com source=rss".split()
)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://News.Example/a?utm_source=x&id=3#top", "https://news.example/a?id=3"),
        ("http://news.example:80", "http://news.example/"),
        ("http://news.example:8080/a", "http://news.example:8080/a"),
        ("http://news.example./a", "http://news.example/a"),
        ("https://me:secret@news.example/a", "https://news.example/a"),
        ("https://news.example//a//b/", "https://news.example//a//b/"),
        ("https://news.example/a?x=%E9+b&y", "https://news.example/a?x=%E9+b&y"),
        ("https://news.example/a?4711", "https://news.example/a?4711"),
        ("https://news.example/a?&&b=", "https://news.example/a?b="),
        ("http://[2A00::1]:8080/a", "http://[2a00::1]:8080/a"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//news.example/a", None),
        ("https://[bad/a", None),
        ("https://news.example:99999/a", None),
        ("https://news.example/" + "a" * 2_000, None),
        ("news", None),
        (None, None),
    ],
)
def test_addresses(url: str | None, canonical: str | None) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/2026/story/amp",
        "https://news.example/2026/story/amp?utm_medium=rss#x",
        "https://news.example/2026/story.amp",
        "https://news.example/2026/story?amp=1",
        "https://news.example/2026/story?amp",
        "https://news.example/2026/story?outputType=amp&amp_js_v=0.1",
        "https://amp.news.example/2026/story",
        "https://cdn.ampproject.org/c/s/news.example/2026/story",
        "https://news-example.cdn.ampproject.org/v/s/amp.news.example/2026/story/amp?amp_gsa=1",
        "https://www.google.com/amp/s/news.example/2026/story.amp",
        "https://www.google.co.uk/amp/s/news.example/2026/story/amp?usqp=mq33",
    ],
)
def test_amp_is_the_same_article(url: str) -> None:
    assert canonical_url(url) == "https://news.example/2026/story"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://news.example/story.amp.html", "https://news.example/story.html"),
        ("https://news.example/story/amp/", "https://news.example/story/"),
        ("https://cdn.ampproject.org/c/news.example/story", "http://news.example/story"),
        ("https://news.example/amp", "https://news.example/amp"),
        ("https://news.example/amp/story", "https://news.example/amp/story"),
        ("https://news.example/guitars/amplifier", "https://news.example/guitars/amplifier"),
        ("https://news.example/the-stamp", "https://news.example/the-stamp"),
        ("https://www.google.com/amplify", "https://www.google.com/amplify"),
        ("https://cdn.ampproject.org/c/s/localhost", "https://cdn.ampproject.org/c/s/localhost"),
        ("https://m.news.example/story", "https://m.news.example/story"),
    ],
)
def test_amp_is_told_from_what_looks_like_it(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


# Each line holds the parameters of different articles under one path.
_NEIGHBOURS = (
    ("id=3", "id=4"),
    ("p=12", "p=13"),
    ("story=harbour", "story=ferry"),
    ("story=harbour&utm_source=x", "story=ferry&utm_source=x"),
    ("eid=4711", "eid=4712"),
    ("uid=1", "uid=2"),
    ("cid=10", "cid=11"),
    ("sid=10", "sid=11"),
    ("session=12", "session=13"),
    ("aid=0001&oid=025", "aid=0002&oid=025"),
    ("ref=20260412", "ref=20260413"),
    ("share=17", "share=18"),
    ("reference=a", "reference=b"),
    ("source=gazette&n=4", "source=courier&n=4"),
    ("from=harbour", "from=ferry"),
    ("page=1", "page=2"),
    ("view=article&item=1", "view=article&item=2"),
    ("lang=en", "lang=fr"),
    ("title=Gas", "title=Glass"),
    ("pk=1", "pk=2"),
    ("at=1", "at=2"),
    ("keyword=a", "keyword=b"),
    ("4711", "4712"),
    ("x=a%26b", "x=a&b"),
)


@pytest.mark.parametrize(("one", "other"), _NEIGHBOURS)
def test_two_articles_stay_two(one: str, other: str) -> None:
    first, second = (canonical_url(f"https://news.example/read?{q}") for q in (one, other))

    assert article_id(first, "", None) != article_id(second, "", None)


@pytest.mark.parametrize(
    "noise",
    "utm_source=a utm_campaign=2 fbclid=Iw gclid=1 gbraid=x srsltid=A mc_cid=7 igshid=1 ref=rss"
    " ref=hp_lead share=email mod=hp_lead_pos1 at_medium=RSS ns_mchannel=social smid=tw-share"
    " source=rss from=newsletter-daily via=twitter CMP=Share_iOSApp cmpid=rss ocid=x ftag=A"
    " _hsmi=1 __twitter_impression=true xtor=RSS-3 guccounter=1 ref_src=twsrc".split(),
)
def test_what_counts_readers_is_dropped(noise: str) -> None:
    for query in (noise, f"id=3&{noise}", f"{noise}&id=3"):
        rest = "?id=3" if "id=3" in query.split("&") else ""
        assert canonical_url(f"https://news.example/a?{query}") == f"https://news.example/a{rest}"


@settings(deadline=None)
@given(st.lists(_PARTS, max_size=12))
def test_an_address_settles_at_once(parts: list[str]) -> None:
    for start in ("https://news.example/", "http://", "https://cdn.ampproject.org/c/s/"):
        once = canonical_url(start + "".join(parts))
        assert canonical_url(once) == once
        assert once is None or urlsplit(once).hostname


@pytest.mark.parametrize(
    ("fetched", "claimed", "kept"),
    [
        ("https://m.news.example/a?x=1", "https://www.news.example/a/b", "www.news.example/a/b"),
        ("https://www.bbc.co.uk/a/amp", "/a", "www.bbc.co.uk/a"),
        ("https://amp.news.example/a", "https://www.news.example/a", "www.news.example/a"),
        (
            "https://news.example/?p=12",
            "https://news.example/2026/ferry",
            "news.example/2026/ferry",
        ),
        ("https://news.example/a?utm_id=1", None, "news.example/a"),
        ("https://news.example/a", "", "news.example/a"),
        ("https://news.example/a", "https://[bad", "news.example/a"),
        ("https://news.example/a", "javascript:alert(1)", "news.example/a"),
        ("https://evil.example/a", "https://news.example/a", "evil.example/a"),
        ("https://one.github.io/a", "https://two.github.io/a", "one.github.io/a"),
        ("https://one.wordpress.com/a", "https://two.wordpress.com/a", "one.wordpress.com/a"),
        ("https://a.co.uk/x", "https://b.co.uk/x", "a.co.uk/x"),
        ("http://127.0.0.1/a", "http://127.0.0.2/a", "127.0.0.1/a"),
        ("http://10.0.0.1/a", "http://11.0.0.1/a", "10.0.0.1/a"),
        ("https://news.example:8080/a", "https://news.example/b", "news.example:8080/a"),
        ("https://news.example/a", "https://news.example/", "news.example/a"),
        ("https://news.example/?p=3", "https://news.example/", "news.example/?p=3"),
        ("https://news.example/read?id=3", "https://news.example/read", "news.example/read?id=3"),
    ],
)
def test_whose_word_an_address_is(fetched: str, claimed: str | None, kept: str) -> None:
    settled = settled_url(fetched, claimed)

    assert settled is not None and settled.partition("://")[2] == kept


def test_one_owner() -> None:
    assert same_site("https://www.news.co.uk/", "http://m.news.co.uk/a")
    assert not same_site("https://news.co.uk/", "https://other.co.uk/")


@pytest.mark.parametrize("piece", ["/amp", ".amp", "?amp=1&", "amp.", "%", "&", "utm_", "/c/s/a."])
def test_hostile_addresses_take_linear_time(piece: str) -> None:
    started = time.process_time()

    canonical_url("https://news.example/a" + piece * (200_000 // len(piece)))
    canonical_url(("https://cdn.ampproject.org/c/s/" + piece * 300)[:1_900])

    assert time.process_time() - started < 3


def test_no_two_articles_of_an_archive_fold_into_one() -> None:
    path = SHARED / "data" / "rtqa_archive_corpus.jsonl.gz"
    if not path.exists():
        pytest.skip("the development data is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(6_000), strict=False)]
    urls = {row["url"].partition("#")[0] for row in rows if row.get("url")}
    kept: dict[str | None, set[str]] = {}
    for url in urls:
        kept.setdefault(canonical_url(url), set()).add(url)

    folded = [sorted(same) for same in kept.values() if len(same) > 1]
    assert all(len({u.partition("?")[0] for u in same}) == 1 for same in folded), folded
