"""The index: what goes in comes out, whatever is lost in between."""

import shutil
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rag import index as index_module
from rag import store as store_module
from rag.errors import IndexMismatch, IndexMissing, IndexUnavailable, InputRefused
from rag.index import Index, Item
from rag.schema import Article, Filters, Passage

DIM = 16
WORDS = "harbour council tariff minister glacier verdict orchestra turbine vaccine election".split()
NONE = Filters()


def opened(home: Path, *, create: bool = True) -> Index:
    return Index.open(home, settings_id="abc123", embedder="toy", dim=DIM, create=create)


def item(name: str, revision: int = 1, n: int = 3, **given: object) -> Item:
    """An article of ``n`` one-sentence passages, with vectors that depend on name and revision."""
    rng = np.random.default_rng(zlib.crc32(f"{name} {revision}".encode()))
    lines = [f"{name} r{revision} s{i} {' '.join(rng.choice(WORDS, 2))}." for i in range(n)]
    fields: dict[str, Any] = {
        "article_id": name,
        "revision": revision,
        "title": f"Dispatch {name}",
        "text": "\n".join(lines),
        "outlet": "The Post",
        "published_at": datetime(2026, 1, 1, tzinfo=UTC),
        "content_hash": f"{name} {revision}",
    }
    passages, start = [], 0
    for line in lines:
        end = start + len(line)
        passage_id = f"{name}:{revision}:{start}"
        passages.append(
            Passage(
                article_id=name,
                start=start,
                end=end,
                text=line,
                passage_id=passage_id,
                sentences=((start, end),),
            )
        )
        start = end + 1
    return Article(**(fields | given)), passages, unit(rng.standard_normal((n, DIM)))


def unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def agree(index: Index) -> dict[str, int]:
    """Check that catalog, Chroma, words and vectors hold the same; gives the live revisions."""
    live = {stored.passage.passage_id for stored in index.catalog.stored()}
    assert index._store.ids() == live
    assert index._lexicon.ids() == live
    assert index.catalog.doomed() == []
    assert index.catalog.counts()[1] == len(live)
    for first, vectors in index.catalog.vector_runs():
        rows = np.arange(first, first + len(vectors))
        for row, query in zip(rows, vectors.astype(np.float32), strict=True):
            assert index._vectors.scores(rows, query)[row - first] == pytest.approx(1, abs=1e-2)
    revisions = {a.article_id: a.revision for a in index.catalog.listing()}
    assert {i.rsplit(":", 1)[0] for i in live} == {f"{a}:{r}" for a, r in revisions.items()}
    return revisions


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = opened(tmp_path / "home")
    yield index
    index.close()


def test_finds_what_was_added(index: Index) -> None:
    items = [item("a"), item("b"), item("c", n=5)]
    index.add(items)

    article, passages, vectors = items[2]
    [(found, score)] = index.dense(vectors[4], 1, NONE)
    assert found == passages[4].passage_id
    assert score == pytest.approx(1, abs=2e-3)
    assert index.lexical("c r1 s4", 1, NONE)[0][0] == passages[4].passage_id
    assert index.passages([p.passage_id for p in passages]) == {p.passage_id: p for p in passages}
    assert index.catalog.article("c") == article
    assert np.allclose(index.vectors([p.passage_id for p in passages]), vectors, atol=1e-3)
    assert agree(index) == {"a": 1, "b": 1, "c": 1}


def test_adding_the_same_again_changes_nothing(index: Index) -> None:
    index.add([item("a"), item("b")])
    before = index.dense(item("a")[2][0], 10, NONE)

    index.add([item("a"), item("b")])

    assert index.dense(item("a")[2][0], 10, NONE) == before
    assert agree(index) == {"a": 1, "b": 1}


def test_an_update_replaces_every_passage(index: Index) -> None:
    index.add([item("a", n=5), item("b")])

    index.add([item("a", revision=2, n=2)])

    assert agree(index) == {"a": 2, "b": 1}
    assert all(":1:" not in i for i, _ in index.lexical("a r1 s0", 10, NONE) if i.startswith("a"))
    assert [a.article_id for a in index.catalog.listing()] == ["a", "b"]  # keeps its place


def test_an_article_twice_in_one_batch_ends_as_the_last(index: Index) -> None:
    index.add([item("a", 1, n=4), item("a", 2, n=2)])

    assert agree(index) == {"a": 2}


def test_removal_is_complete(index: Index) -> None:
    index.add([item("a"), item("b")])

    assert index.remove("a")
    assert not index.remove("a")

    assert agree(index) == {"b": 1}
    assert index.passages([item("a")[1][0].passage_id]) == {}
    assert not index.vectors([item("a")[1][0].passage_id]).any()


def test_an_article_without_passages_is_kept(index: Index) -> None:
    index.add([item("a", n=3), (item("b")[0], [], np.zeros((0, DIM), dtype=np.float32))])

    assert index.catalog.article("b") is not None
    assert agree_without(index, "b") == {"a": 1}


def agree_without(index: Index, name: str) -> dict[str, int]:
    assert index.catalog.counts() == (2, 3)
    return {a.article_id: a.revision for a in index.catalog.listing() if a.article_id != name}


def test_filters_give_exactly_what_passes(index: Index) -> None:
    index.add(
        [
            item("old", published_at=datetime(2025, 12, 31, 23, 59, tzinfo=UTC), outlet="CNN"),
            item("new", published_at=datetime(2026, 1, 1, tzinfo=UTC), outlet="Reuters"),
            item("updated", published_at=None, updated_at=datetime(2026, 1, 2, tzinfo=UTC)),
            item("undated", published_at=None),
        ]
    )
    query = item("undated")[2][0]

    def kept(filters: Filters) -> set[str]:
        dense = {i.split(":")[0] for i, _ in index.dense(query, 50, filters)}
        words = {i.split(":")[0] for i, _ in index.lexical("dispatch r1", 50, filters)}
        assert dense == words
        return dense

    day = date(2026, 1, 1)
    assert kept(NONE) == {"old", "new", "updated", "undated"}
    assert kept(Filters(since=day)) == {"new", "updated"}
    assert kept(Filters(until=day)) == {"old", "new"}
    assert kept(Filters(since=day, until=day)) == {"new"}
    assert kept(Filters(outlets=("cnn", "REUTERS"))) == {"old", "new"}
    assert kept(Filters(articles=("undated", "gone"))) == {"undated"}
    assert kept(Filters(since=day, outlets=("cnn",))) == set()
    assert index.n_undated(Filters(since=day)) == 1
    assert index.n_undated(Filters(since=day, outlets=("CNN",))) == 0
    assert index.n_undated(NONE) == 0


def test_a_large_archive_is_searched_through_the_graph(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [item(f"a{i}", n=10) for i in range(30)]
    index.add(items)
    query = items[7][2][3]
    by_files = index.dense(query, 10, NONE)

    monkeypatch.setattr(index_module, "_GRAPH_FROM", 0)
    monkeypatch.setattr(index.catalog, "ordinals", None)  # would fail if it were asked

    assert index.dense(query, 10, NONE) == by_files


def test_what_does_not_fit_is_refused_before_anything_is_written(index: Index) -> None:
    article, passages, vectors = item("a")
    index.add([(article, passages, vectors)])
    changed = item("a", 1, title="x", text=article.text.upper())[0]
    surrogate = item("b", text=item("b")[0].text + " \udcff")[0]

    with pytest.raises(ValueError, match="3 passages"):
        index.add([(article, passages, vectors[:2])])
    with pytest.raises(ValueError, match="not one of its own"):
        index.add([(item("b")[0], passages, vectors)])
    with pytest.raises(ValueError, match="not in its text"):
        index.add([(changed, passages, vectors)])
    with pytest.raises(ValueError, match="another text"):
        index.add([(changed, [], vectors[:0])])
    with pytest.raises(InputRefused, match="surrogates"):
        index.add([(surrogate, *item("b")[1:])])

    assert agree(index) == {"a": 1}


@pytest.mark.parametrize(
    "part", ["_store.upsert", "_lexicon.write", "_vectors.write", "catalog.flip"]
)
def test_a_batch_that_fails_leaves_the_old_articles(
    index: Index, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    index.add([item("a")])

    def full(*_: object) -> None:
        raise IndexUnavailable("the disk is full", "free some space")

    with monkeypatch.context() as patch:
        owner, name = part.split(".")
        patch.setattr(getattr(index, owner), name, full)
        with pytest.raises(IndexUnavailable):
            index.add([item("a", 2), item("b")])
    assert {i.rsplit(":", 1)[0] for i in index.catalog.doomed()} == {"a:2", "b:1"}
    assert [i.split(":")[:2] for i, _ in index.lexical("dispatch", 10, NONE)] == [["a", "1"]] * 3
    assert {i.split(":")[1] for i, _ in index.dense(item("a", 2)[2][0], 10, NONE)} == {"1"}

    index.add([item("c")])  # what the failed batch left goes with the next

    assert agree(index) == {"a": 1, "c": 1}


def test_an_open_index_recovers_from_a_lost_chroma(index: Index) -> None:
    index.add([item("a")])
    shutil.rmtree(index.home / "chroma")

    with pytest.raises(IndexUnavailable, match="chroma"):
        index.add([item("a", 2)])
    assert {i.split(":")[1] for i, _ in index.lexical("dispatch", 9, NONE)} == {"1"}
    index.add([item("a", 3)])

    assert agree(index) == {"a": 3}


@pytest.mark.parametrize("lost", ["chroma", "lexical", "vectors"])
@pytest.mark.parametrize("how", ["missing", "emptied", "damaged"])
def test_lost_copies_are_made_again_from_the_catalog(tmp_path: Path, lost: str, how: str) -> None:
    index = opened(tmp_path)
    index.add([item("a"), item("b", n=7)])
    index.close()
    before = _searched(tmp_path)
    shutil.rmtree(tmp_path / lost)
    if how == "emptied":
        (tmp_path / lost).mkdir()
    if how == "damaged":
        (tmp_path / lost).mkdir()
        for name in ("chroma.sqlite3", "meta.json", "values.f16"):
            (tmp_path / lost / name).write_bytes(b"not what it was " * 3)

    if lost != "vectors" and how != "damaged":
        with pytest.raises(IndexUnavailable, match="byline ingest"):
            opened(tmp_path, create=False)
    opened(tmp_path).close()

    assert _searched(tmp_path) == before


def _searched(home: Path) -> tuple[object, object]:
    index = opened(home)
    agree(index)
    index.close()
    index = opened(home, create=False)
    found = index.dense(item("b")[2][0], 5, NONE), index.lexical("dispatch b", 5, NONE)
    index.close()
    return found


def test_an_empty_graph_with_a_full_count_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store_module._HNSW, "sync_threshold", 5)
    index = opened(tmp_path)
    index.add([item("a", n=20)])
    index.close()
    for folder in (p for p in (tmp_path / "chroma").iterdir() if p.is_dir()):
        shutil.rmtree(folder)

    index = opened(tmp_path)

    assert len(index._store.nearest(item("a")[2][0], 20)) == 20
    index.close()


def test_opening_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="byline ingest PATH"):
        opened(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()
    opened(tmp_path / "home").close()
    with pytest.raises(IndexMismatch, match=r"toy.*abc123.*other.*def456.*--rebuild"):
        Index.open(tmp_path / "home", settings_id="def456", embedder="other", dim=8)
    (tmp_path / "home" / "catalog.db").write_bytes(b"no database" * 500)
    with pytest.raises(IndexUnavailable, match=r"catalog\.db.*--rebuild"):
        opened(tmp_path / "home", create=False)
    Index.erase(tmp_path / "home")
    Index.erase(tmp_path / "home")
    with pytest.raises(IndexMissing):
        opened(tmp_path / "home", create=False)
    index = opened(tmp_path / "home")
    assert agree(index) == {}
    index.close()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnavailable, match="--home"):
        opened(tmp_path / "file" / "home")


def test_an_empty_index_finds_nothing(index: Index) -> None:
    assert index.dense(unit(np.ones((1, DIM))), 5, NONE) == []
    assert index.lexical("anything", 5, NONE) == []
    assert index.passages([]) == {}
    assert index.vectors([]).shape == (0, DIM)


def test_questions_while_articles_change_see_each_whole(index: Index) -> None:
    names = sorted([f"a{i}" for i in range(5)] * 4)
    index.add([item(f"a{i}", 1, n=4) for i in range(5)])
    wrong: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            wrong.extend(torn(index, names))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for revision in range(2, 12):
        index.add([item(f"a{i}", revision, n=4) for i in range(5)])
    done.set()
    for thread in threads:
        thread.join()

    assert not wrong, wrong[0]
    assert agree(index) == {f"a{i}": 11 for i in range(5)}


def test_old_passages_stay_while_someone_reads_them(index: Index) -> None:
    index.add([item("a")])
    old = {p.passage_id for p in item("a")[1]}
    writer = threading.Thread(target=index.add, args=([item("a", 2)],))

    with index.snapshot():
        writer.start()
        while not flipped(index, "a", 2):
            time.sleep(0.01)
        writer.join(0.3)
        assert writer.is_alive()  # waits to sweep
        assert {i for i, _ in index.lexical("dispatch", 9, NONE)} == old
        assert {i for i, _ in index.dense(item("a")[2][0], 9, NONE)} == old
        assert index.passages(sorted(old)).keys() == old
    writer.join()

    assert agree(index) == {"a": 2}


def flipped(index: Index, name: str, revision: int) -> bool:
    """Whether a thread that reads now sees this revision."""
    seen: list[Article | None] = []
    reader = threading.Thread(target=lambda: seen.append(index.catalog.article(name)))
    reader.start()
    reader.join()
    return seen[0] is not None and seen[0].revision == revision


def torn(index: Index, names: list[str]) -> Iterator[str]:
    """What a question saw that is neither the old nor the new state."""
    with index.snapshot():
        found = [i for i, _ in index.dense(unit(np.ones((1, DIM))), 20, NONE)]
        words = [i for i, _ in index.lexical("dispatch", 20, NONE)]
        passages = index.passages(found)
        articles = index.catalog.articles({p.article_id for p in passages.values()})
    if any(sorted(i.split(":")[0] for i in ids) != names for ids in (found, words)):
        yield f"not whole: {found} {words}"
    if list(passages) != found:
        yield "a found passage is gone"
    for p in passages.values():
        if articles[p.article_id].text[p.start : p.end] != p.text:
            yield "passage and article do not belong together"
