"""The catalog: articles and passages come back exactly, filters as plain Python would."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.catalog import Catalog
from rag.errors import IndexUnavailable
from rag.schema import Article, Credit, Filters, Passage
from rag.text import sentence_spans

META = {"format": "1", "settings_id": "s", "embedder": "toy", "dim": "4"}
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
texts = st.text(st.characters(codec="utf-8"), max_size=60)
moments = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)


def credited(article: Article) -> tuple[Credit, ...]:
    """A credit for each half of its text."""
    half = len(article.text) // 2
    return tuple(
        Credit(
            article_id=article.article_id,
            start=a,
            end=b,
            text=article.text[a:b],
            name="Reuters",
            kind="report",
        )
        for a, b in ((0, half), (half, len(article.text)))
    )


articles = st.builds(
    Article,
    article_id=st.sampled_from("abcdefgh"),
    revision=st.integers(1, 9),
    title=st.none() | texts,
    text=texts,
    outlet=st.none() | st.sampled_from(["CNN", "cnn", "Reuters", "Straße Heute", "STRASSE HEUTE"]),
    authors=st.lists(texts, max_size=2).map(tuple),
    url=st.none() | texts,
    path=st.none() | texts,
    published_at=st.none() | moments,
    updated_at=st.none() | moments,
    date_source=st.none() | texts,
    retrieved_at=st.none() | moments,
    content_hash=texts,
    group_id=st.none() | st.sampled_from("gh"),
    date_confidence=st.none() | st.sampled_from(["high", "medium", "low"]),
    section=st.none() | texts,
    language=st.none() | st.sampled_from(["en", "de"]),
    status=st.sampled_from(["live", "withdrawn"]),
).map(lambda article: replace(article, credits=credited(article)))


def make(name: str = "a", text: str = "One sentence. Another one.", **given: object) -> Article:
    fields = {"article_id": name, "revision": 1, "title": None, "text": text, "outlet": None}
    return Article(**(fields | given))  # type: ignore[arg-type]  # fields by name


def cut(article: Article) -> list[Passage]:
    """A passage for every sentence."""
    return [
        Passage(
            article_id=article.article_id,
            start=a,
            end=b,
            text=article.text[a:b],
            passage_id=f"{article.article_id}:{article.revision}:{a}",
            sentences=((a, b),),
        )
        for a, b in sentence_spans(article.text)
    ]


def put(catalog: Catalog, *articles: Article) -> None:
    rng = np.random.default_rng(0)
    cuts = [(a, cut(a)) for a in articles]
    catalog.flip([(a, c, rng.random((len(c), 4)).astype(np.float16)) for a, c in cuts])


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.create(META)
    yield catalog
    catalog.close()


@quick
@given(article=articles)
@example(article=Article(article_id="a", revision=1, title=None, text="", outlet=None, path="\0"))
def test_an_article_comes_back_exactly(catalog: Catalog, article: Article) -> None:
    put(catalog, article)

    assert catalog.article(article.article_id) == article
    passages = cut(article)
    assert list(catalog.passages([p.passage_id for p in passages]).values()) == passages
    for ref in (article.article_id, article.path, article.url):
        assert ref is None or catalog.find(ref) is not None


@quick
@given(
    batch=st.lists(articles, max_size=8, unique_by=lambda a: a.article_id),
    since=st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    until=st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    outlets=st.lists(st.sampled_from(["Cnn", "reuters", "strasse heute", "nobody"])).map(tuple),
    named=st.lists(st.sampled_from("abcxyz")).map(tuple),
)
def test_filters_pass_what_plain_python_would(
    tmp_path_factory: pytest.TempPathFactory,
    batch: list[Article],
    since: date | None,
    until: date | None,
    outlets: tuple[str, ...],
    named: tuple[str, ...],
) -> None:
    catalog = Catalog(tmp_path_factory.mktemp("c") / "catalog.db")
    catalog.create(META)
    put(catalog, *batch)
    filters = Filters(since=since, until=until, outlets=outlets, articles=named)
    keys = {o.casefold() for o in outlets}
    chosen = [
        a
        for a in batch
        if (not outlets or (a.outlet or "").casefold() in keys)
        and (not named or a.article_id in named)
    ]
    passing = [
        a
        for a in chosen
        if not filters.dated
        or (a.day is not None and (since or date.min) <= a.day <= (until or date.max))
    ]
    n_undated = sum(a.day is None for a in chosen) if filters.dated else 0

    assert catalog.allowed(filters) == (len(passing), n_undated)
    names = set(catalog.named(catalog.ordinals(filters).tolist()).values())
    assert names == {p.passage_id for a in passing for p in cut(a)}
    catalog.close()


def test_listing_keeps_the_order_of_arrival(catalog: Catalog) -> None:
    names = [f"n{i}" for i in range(450)]  # more than two pages
    put(catalog, *(make(name) for name in names))
    put(catalog, make("n3", revision=2))

    assert [a.article_id for a in catalog.listing()] == names
    assert catalog.counts() == (450, 900)


def test_ids_come_back_in_the_order_asked_for(catalog: Catalog) -> None:
    put(catalog, make("a"), make("b"))

    assert list(catalog.articles(["b", "gone", "a", "b"])) == ["b", "a"]
    assert list(catalog.passages(["b:1:14", "x", "a:1:0"])) == ["b:1:14", "a:1:0"]
    many = [f"x{i}" for i in range(70_000)]  # above SQLite's limit of variables
    assert catalog.passages([*many, "a:1:0"]).keys() == {"a:1:0"}


def test_find_knows_ids_urls_and_paths(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    here = catalog.path.parent
    put(catalog, make("a", path=str(here / "a.txt")), make("b", url="https://x.org/b"), make("c"))
    monkeypatch.chdir(here)

    found = [catalog.find(r) for r in ("c", "https://x.org/b", str(here / "a.txt"), "a.txt")]
    assert [a.article_id if a else None for a in found] == ["c", "b", "a", "a"]
    for ref in ("", "nothing", "\udcff", "a\0b", "' OR 1=1 --"):
        assert catalog.find(ref) is None


def test_outlets_and_groups(catalog: Catalog) -> None:
    put(catalog, make("a", outlet="cnn", group_id="g"), make("b", outlet="CNN", group_id="g"))
    put(catalog, make("c", outlet="AP"), make("d"))

    assert catalog.outlets() == ("AP", "CNN")
    assert catalog.group_sizes(["a", "b", "c", "gone"]) == {"a": 2, "b": 2, "c": 1}


def test_a_flip_is_all_or_nothing(catalog: Catalog) -> None:
    put(catalog, make("a"))
    clash = [(make("b"), cut(make("b")), np.ones((1, 4), dtype=np.float16))]  # two passages

    with pytest.raises(ValueError):
        catalog.flip([(make("c"), cut(make("c")), np.ones((2, 4), np.float16)), *clash])

    assert [a.article_id for a in catalog.listing()] == ["a"]


def test_doomed_are_those_not_live(catalog: Catalog) -> None:
    put(catalog, make("a"))
    catalog.doom(["a:1:0", "a:2:0", "b:1:0"])
    assert catalog.doomed() == ["a:2:0", "b:1:0"]

    put(catalog, make("a", "Other text.", revision=2))
    assert catalog.doomed() == ["a:1:0", "a:1:14", "b:1:0"]

    catalog.drop("a")
    assert "a:2:0" in catalog.doomed()
    catalog.forget(catalog.doomed())
    assert catalog.doomed() == []


def test_ordinals_are_never_used_twice(catalog: Catalog) -> None:
    put(catalog, make("a"))
    catalog.drop("a")
    put(catalog, make("b"))

    assert sorted(catalog.ordinals(Filters()).tolist()) == [3, 4]
    assert [(first, len(v)) for first, v in catalog.vector_runs()] == [(3, 2)]
    put(catalog, make("c"), make("d"))
    catalog.drop("c")
    assert [(first, len(v)) for first, v in catalog.vector_runs()] == [(3, 2), (7, 2)]


def test_a_reader_sees_one_moment(catalog: Catalog) -> None:
    put(catalog, make("a"))
    with catalog.reading():
        writer = threading.Thread(target=put, args=(catalog, make("b")))
        writer.start()
        writer.join()
        assert catalog.counts() == (1, 2)
        with catalog.reading():
            assert catalog.counts() == (1, 2)
    assert catalog.counts() == (2, 4)


def test_connections_end_with_their_threads_and_with_the_catalog(catalog: Catalog) -> None:
    for _ in range(20):
        thread = threading.Thread(target=catalog.counts)
        thread.start()
        thread.join()
    for _ in range(50):  # a joined thread may still be clearing up
        if len(catalog._all) <= 2:
            break
        time.sleep(0.05)
    assert len(catalog._all) <= 2

    catalog.close()
    with pytest.raises(IndexUnavailable, match="closed"):
        catalog.counts()


def test_a_locked_or_missing_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.database._BUSY_S", 0.05)
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.create(META)
    other = sqlite3.connect(tmp_path / "catalog.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(IndexUnavailable, match="another program"):
        catalog.doom(["x"])
    other.close()
    catalog.doom(["x"])
    catalog.close()
    with pytest.raises(IndexUnavailable, match="nowhere"):
        Catalog(tmp_path / "nowhere" / "catalog.db").counts()
