"""Chroma and the vector files: the nearest are found, also among near-identical copies."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag import vectors as vectors_module
from rag.errors import IndexUnavailable
from rag.store import Store
from rag.vectors import VectorFiles

DIM = 32


def directions(n: int, seed: int = 0, dim: int = DIM) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "chroma", DIM)
    store.create()
    yield store
    store.close()


def test_finds_the_nearest(store: Store) -> None:
    rows = directions(300)
    store.upsert([f"p{i}" for i in range(300)], rows)

    best = np.argsort(-(rows @ rows[5]))[:10]
    assert store.nearest(rows[5], 10) == [f"p{i}" for i in best]
    assert len(store.nearest(rows[5], 1_000)) == 300


def test_upsert_replaces_and_delete_passes_over_what_is_gone(store: Store) -> None:
    rows = directions(4)
    store.upsert(["a", "b"], rows[:2])
    store.upsert(["a", "b"], rows[2:])
    store.delete(["b", "never there"])

    assert store.ids() == {"a"}
    assert store.count() == 1
    assert store.nearest(rows[2], 5) == ["a"]


def test_near_identical_copies_find_themselves(tmp_path: Path) -> None:
    store = Store(tmp_path / "copies", 128)
    store.create()
    copies = directions(1, 1, 128) + directions(2_000, 2, 128) * 0.05
    copies /= np.linalg.norm(copies, axis=1, keepdims=True)
    store.upsert([f"p{i}" for i in range(2_000)], copies)
    recalls = []
    for row in range(0, 2_000, 10):
        exact = np.argsort(-(copies.astype(np.float64) @ copies[row].astype(np.float64)))[:10]
        found = store.nearest(copies[row], 10)
        assert f"p{row}" in found
        recalls.append(len({f"p{i}" for i in exact} & set(found)) / 10)

    assert np.mean(recalls) >= 0.997
    store.close()


def test_survives_being_opened_again(store: Store, tmp_path: Path) -> None:
    rows = directions(3)
    store.upsert(["a", "b", "c"], rows)
    store.close()

    again = Store(tmp_path / "chroma", DIM)
    assert again.present
    assert not again.ready
    assert again.nearest(rows[1], 1) == ["b"]
    assert again.ready
    again.close()


def test_what_is_missing_or_damaged_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="byline ingest"):
        Store(tmp_path / "none", DIM).nearest(directions(1)[0], 1)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "chroma.sqlite3").write_bytes(b"no database " * 500)
    bad = Store(tmp_path / "bad", DIM)
    with pytest.raises(IndexUnavailable, match=r"bad cannot be used"):
        bad.count()
    assert not bad.sound(0, {})
    bad.reset()
    assert bad.sound(0, {})
    bad.close()


def test_takes_no_settings_from_the_users_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("ANONYMIZED_TELEMETRY=True\nOPENAI_API_KEY=x\nIS_PERSISTENT=0\n")
    monkeypatch.chdir(tmp_path)
    store = Store(tmp_path / "chroma", DIM)
    store.create()

    settings = store._client.get_settings()

    assert not settings.anonymized_telemetry
    assert store.present
    store.close()


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 600), dim=st.sampled_from([4, 70, 384]), k=st.integers(1, 20))
def test_vector_files_search_exactly(
    tmp_path_factory: pytest.TempPathFactory, n: int, dim: int, k: int
) -> None:
    files = VectorFiles(tmp_path_factory.mktemp("v") / "vectors", dim)
    rows = directions(n, n, dim).astype(np.float16)
    files.write(1, rows[: n // 2])
    files.write(1 + n // 2, rows[n // 2 :])
    some = np.flatnonzero(np.random.default_rng(n).random(n) < 0.7) + 1
    query = directions(1, n + 1, dim)[0]

    found, scores = files.nearest(some, query, k)

    exact = rows.astype(np.float32) @ query
    assert len(found) == min(k, len(some))
    assert np.allclose(scores, exact[found - 1], atol=1e-5)
    assert np.allclose(scores, np.sort(exact[some - 1])[::-1][:k], atol=1e-5)
    assert (np.diff(scores) <= 0).all()


def test_smallest_values_are_not_lost(tmp_path: Path) -> None:
    """float16 below 6e-5 has no leading one, which the shifting of bits must survive."""
    files = VectorFiles(tmp_path / "vectors", 4)
    row = np.array([[6e-8, -3e-5, 0.0, -0.0]], dtype=np.float16)
    files.write(1, row)

    scores = files.scores(np.array([1]), np.array([1, 1, 1, 1], dtype=np.float32))

    assert scores[0] == pytest.approx(float(row.astype(np.float32).sum()), rel=1e-3)


def test_the_sieve_keeps_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = VectorFiles(tmp_path / "vectors", 384)
    topics = directions(200, 1, 384)
    rows = topics[np.arange(20_000) % 200] + directions(20_000, 2, 384) * 0.8
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    files.write(1, rows.astype(np.float16))
    everything = np.arange(1, 20_001)
    recalls = []
    for query in rows[:30]:
        sifted, _ = files.nearest(everything, query, 10)
        with monkeypatch.context() as patch:
            patch.setattr(vectors_module, "_EXACT_VALUES", 1 << 40)
            exact, _ = files.nearest(everything, query, 10)
        assert len(sifted) == 10
        recalls.append(np.isin(exact, sifted).mean())

    assert np.mean(recalls) >= 0.98


def test_vector_files_are_rebuilt_and_a_short_one_is_said(tmp_path: Path) -> None:
    files = VectorFiles(tmp_path / "vectors", 4)
    rows = directions(5, dim=4).astype(np.float16)
    assert not files.cover(1)
    with pytest.raises(IndexUnavailable, match="0 rows where 4 should be"):
        files.scores(np.array([3]), np.ones(4, dtype=np.float32))

    files.rebuild([(1, rows[:2]), (4, rows[2:])])

    assert files.cover(6)
    assert not files.cover(7)
    query = rows[3].astype(np.float32)
    assert files.nearest(np.array([1, 2, 4, 5, 6]), query, 1)[0].tolist() == [5]
    files.close()
