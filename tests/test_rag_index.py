"""The index: what goes in comes out, whatever is lost in between."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from rag.embed import Vectors
from rag.errors import IndexMismatch, IndexMissing, IndexUnavailable, InputRefused
from rag.index import Index, Item
from rag.schema import Article, Filters, Passage

DIM = 16
MADE_WITH = {"settings_id": "abc123", "embedder": "toy", "dim": DIM}
WORDS = "harbour council tariff minister glacier verdict orchestra turbine vaccine election".split()


def opened(home: Path, *, create: bool = True) -> Index:
    return Index.open(home, settings_id="abc123", embedder="toy", dim=DIM, create=create)


def item(name: str, revision: int = 1, n: int = 3, **given: object) -> Item:
    """An article of ``n`` one-sentence passages, with vectors that depend on all of it."""
    seed = abs(hash((name, revision))) % 2**32
    rng = np.random.default_rng(seed)
    sentences = [
        f"{name} r{revision} s{i} {rng.choice(WORDS)} {rng.choice(WORDS)}." for i in range(n)
    ]
    text = " ".join(sentences)
    fields: dict[str, object] = {
        "article_id": name, "revision": revision, "title": f"About {name}", "text": text,
        "outlet": "The Post", "published_at": datetime(2026, 1, 1, tzinfo=UTC),
        "content_hash": f"{seed}",
    }  # fmt: skip
    article = Article(**(fields | given))  # type: ignore[arg-type]
    passages, start = [], 0
    for sentence in sentences:
        end = start + len(sentence)
        passages.append(
            Passage(
                article_id=name, start=start, end=end, text=sentence,
                passage_id=f"{name}:{revision}:{start}", sentences=((start, end),),
            )
        )  # fmt: skip
        start = end + 1
    return article, passages, unit(rng.standard_normal((n, DIM)))


def unit(rows: np.ndarray) -> Vectors:
    rows = rows.astype(np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def agree(index: Index) -> dict[str, int]:
    """Check that catalog, Chroma, words and vector file hold the same; the live revisions."""
    live = {p for a in index.catalog.listing() for p in _ids(index, a)}
    assert index._store.ids() == live
    assert index._lexicon.ids() == live
    assert index.catalog.doomed() == []
    assert index.catalog.counts()[1] == len(live)
    rows = list(index.catalog.vector_rows())
    for ordinal, blob in rows:
        query = np.frombuffer(blob, np.float16).astype(np.float32)
        score = index._vectors.scores(np.array([ordinal]), query)[0]
        assert score == pytest.approx(float(query @ query), abs=1e-5)
    return {a.article_id: a.revision for a in index.catalog.listing()}


def _ids(index: Index, article: Article) -> list[str]:
    rows = index.catalog.rows(
        "SELECT passage_id FROM passages JOIN articles ON articles.ordinal = article"
        " WHERE article_id = ?",
        article.article_id,
    )
    assert all(i.startswith(f"{article.article_id}:{article.revision}:") for (i,) in rows)
    return [i for (i,) in rows]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = opened(tmp_path / "home")
    yield index
    index.close()


def test_finds_what_was_added(index: Index) -> None:
    items = [item("a"), item("b"), item("c", n=5)]
    index.add(items)

    article, passages, vectors = items[2]
    assert index.dense(vectors[4], 1, Filters()) == [
        (passages[4].passage_id, pytest.approx(1, abs=2e-3))
    ]
    assert index.lexical("c r1 s4", 1, Filters())[0][0] == passages[4].passage_id
    assert index.passages([p.passage_id for p in passages]) == {p.passage_id: p for p in passages}
    assert index.catalog.article("c") == article
    assert np.allclose(index.vectors([p.passage_id for p in passages]), vectors, atol=1e-3)
    assert agree(index) == {"a": 1, "b": 1, "c": 1}
