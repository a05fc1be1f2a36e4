"""The index of an archive: catalog, vector files, Chroma and words, written as one.

A batch goes in so that a crash at any point leaves each article wholly old or wholly new:
    doom the new passage ids -> Chroma -> words -> vector files -> one transaction of the catalog
    makes them live and dooms the old ones -> the old ones are swept from the copies.
Only what is live in the catalog is ever returned, and whatever a crash leaves doomed is swept by
the next process that writes. The copies can be lost: they are made again from the catalog,
without embedding anything.

Vectors are searched in one of two ways: through Chroma's graph, where it is loaded and nothing
is filtered; otherwise in the vector files, which take any selection of passages, cost nothing to
open, and never wait for a batch going in. ``benchmarks/filters.py`` has the figures.
"""

import shutil
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import numpy as np

from rag.catalog import CATALOG_FORMAT, Catalog, Stored
from rag.corrections import Corrections
from rag.embed import Vectors
from rag.errors import IndexMismatch, IndexMissing, IndexUnavailable, InputRefused
from rag.history import History
from rag.jobs import Jobs
from rag.lexical import Lexicon
from rag.readings import Readings
from rag.schema import Article, Filters, Passage
from rag.store import Store
from rag.text import is_storable
from rag.vectors import VectorFiles
from rag.visits import Visits

# Passages from which the graph pays: fewer are searched exactly at the same cost.
_GRAPH_FROM = 10_000
_SPARE = 16  # asked for on top of k, for passages that a batch under way has doomed
_PATIENCE_S = 5.0  # for searches that may still need the old passages
_REBUILD_BATCH = 1_000

Item = tuple[Article, Sequence[Passage], Vectors]


class Index:
    """One archive on disk, open. Any thread may search; writers take turns.

    The process holds the lock of the home while an index is open (``rag.home``).
    """

    def __init__(self, home: Path, dim: int) -> None:
        self.home = home
        self.dim = dim
        self.catalog = Catalog(home / "catalog.db")
        self.history = History(self.catalog)
        self.corrections = Corrections(self.catalog)
        self.jobs = Jobs(self.catalog)
        self.visits = Visits(self.catalog)
        self.readings = Readings(self.catalog)
        self._store = Store(home / "chroma", dim)
        self._lexicon = Lexicon(home / "lexical")
        self._vectors = VectorFiles(home / "vectors", dim)
        self._write_lock = threading.Lock()
        self._sound = False  # until it was looked through, and again after a failed write
        self._readers = _Readers()

    @classmethod
    def open(
        cls, home: Path, *, settings_id: str, embedder: str, dim: int, create: bool = False
    ) -> "Index":
        """Open the index in this folder; with ``create`` for writing, made if there is none.

        Opened for writing it is swept of what a crash left, and copies that are lost or damaged
        are made again from the catalog. Opened for reading, nothing is loaded before it is needed.

        Raises:
            IndexMissing: there is none, and ``create`` is false.
            IndexMismatch: it was made with another embedder, other settings or another version.
            IndexUnavailable: it is there but damaged, locked or cannot be written to.
        """
        if not create and not (home / "catalog.db").is_file():
            raise IndexMissing(f"no index at {home}", "make one with: byline ingest PATH")
        index = cls(home, dim)
        try:
            index._begin(
                {
                    "format": str(CATALOG_FORMAT),
                    "settings_id": settings_id,
                    "embedder": embedder,
                    "dim": str(dim),
                },
                create=create,
            )
        except BaseException:
            index.close()
            raise
        return index

    @staticmethod
    def check(home: Path, *, settings_id: str, embedder: str) -> None:
        """Compare the settings with those of the index, if there is one, before a model is loaded.

        Raises:
            IndexMismatch: it was made with another embedder or other settings.
            IndexUnavailable: it is there but damaged or locked.
        """
        if not (home / "catalog.db").is_file():
            return
        catalog = Catalog(home / "catalog.db")
        try:
            found = catalog.meta()
        finally:
            catalog.close()
        if found and found.get("settings_id") != settings_id:
            asked = {"embedder": embedder, "settings_id": settings_id, "format": CATALOG_FORMAT}
            raise _mismatch(home, found, asked)

    @staticmethod
    def erase(home: Path) -> None:
        """Delete the index in this folder, if there is one; nothing else in it is touched."""
        try:
            for name in ("catalog.db", "catalog.db-wal", "catalog.db-shm"):
                (home / name).unlink(missing_ok=True)
            for folder in (home / "chroma", home / "lexical", home / "vectors"):
                if folder.exists():
                    shutil.rmtree(folder)
        except OSError as error:
            raise IndexUnavailable(
                f"the index at {home} cannot be deleted: {error}", "delete the folder by hand"
            ) from error

    # Writing

    def add(self, items: Sequence[Item]) -> None:
        """Put articles in, each in place of its old revision, all or none of them.

        Vectors are float32 [n_passages, dim], rows of unit length. Adding the same again changes
        nothing.

        Raises:
            IndexUnavailable: it could not be written; the old articles are still there.
            InputRefused: a text holds characters that are no text.
            ValueError: passages, vectors and article do not fit together.
        """
        if not items:
            return
        for item in items:
            self._check(*item)
        ids = [p.passage_id for _, passages, _ in items for p in passages]
        vectors = np.concatenate([v for _, _, v in items]).astype(np.float32)
        halves = [v.astype(np.float16) for _, _, v in items]
        with self._writing():
            self.catalog.doom(ids)
            self._store.upsert(ids, vectors)
            self._lexicon.write([(article, passages) for article, passages, _ in items])
            self._vectors.write(self.catalog.next_ordinal(), np.concatenate(halves))
            self.catalog.flip(
                [(a, passages, half) for (a, passages, _), half in zip(items, halves, strict=True)]
            )
            self._sweep()

    def remove(self, article_id: str, *, withdrawn: str | None = None) -> bool:
        """Take an article out of everything; False if there is none.

        With the reason why it was ``withdrawn`` it is not taken in again.
        """
        with self._writing():
            removed = self.catalog.drop(article_id, withdrawn)
            self._sweep()
        return removed

    # Searching

    def dense(self, vector: Vectors, k: int, filters: Filters) -> list[tuple[str, float]]:
        """The k passages nearest to a vector of unit length, with their cosine, best first.

        Fewer only when fewer pass the filters.
        """
        query = np.asarray(vector, dtype=np.float32).reshape(self.dim)
        ordinals = np.empty(0, dtype=np.int64)
        with self.snapshot():
            if not filters and self._store.ready and self.catalog.last_ordinal() > _GRAPH_FROM:
                live = self.catalog.live(self._store.nearest(query, k + _SPARE))
                ordinals = np.array(list(live.values()), dtype=np.int64)
            if len(ordinals) < k:
                ordinals = self.catalog.ordinals(filters)
            nearest, scores = self._vectors.nearest(ordinals, query, k)
            names = self.catalog.named(nearest.tolist())
            return [
                (names[at], score)
                for at, score in zip(nearest.tolist(), scores.tolist(), strict=True)
            ]

    def lexical(self, query: str, k: int, filters: Filters) -> list[tuple[str, float]]:
        """The k passages that share the rarest words with a text, with their BM25, best first.

        Fewer when fewer share any word with it.
        """
        with self.snapshot():
            fetch = k + _SPARE
            while True:
                hits = self._lexicon.search(query, fetch, filters)
                live = self.catalog.live([i for i, _ in hits])
                found = [hit for hit in hits if hit[0] in live]
                if len(found) >= k or len(hits) < fetch:
                    return found[:k]
                fetch *= 4

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Those of the passages that are live, by id, in the order asked for."""
        return self.catalog.passages(ids)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """float32 [n, dim] in the order asked for; a row of zeros for one that is not live."""
        found = self.catalog.vectors(ids)
        out = np.zeros((len(ids), self.dim), dtype=np.float32)
        for row, passage_id in enumerate(ids):
            if passage_id in found:
                out[row] = found[passage_id]
        return out

    def n_undated(self, filters: Filters) -> int:
        """How many undated articles the date filter leaves out; 0 without one."""
        return self.catalog.allowed(filters)[1] if filters.dated else 0

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside the block belongs to one moment.

        Around ``dense``, ``lexical``, ``passages`` and ``catalog.articles`` it keeps an update in
        between from mixing old passages with new articles. Keep it short, and never yield out of
        it: a writer waits for it before it sweeps the old passages.
        """
        with self._readers.reading(), self.catalog.reading():
            yield

    def close(self) -> None:
        """Let go of every file; the index cannot be used after."""
        with self._write_lock:
            self._lexicon.close()
            self._store.close()
            self._vectors.close()
            self.catalog.close()

    # Inside

    def _check(self, article: Article, passages: Sequence[Passage], vectors: Vectors) -> None:
        name = article.article_id
        if vectors.shape != (len(passages), self.dim):
            raise ValueError(f"{name}: {len(passages)} passages, vectors {vectors.shape}")
        for p in passages:
            if p.passage_id != f"{name}:{article.revision}:{p.start}" or p.article_id != name:
                raise ValueError(f"{name}: passage {p.passage_id} is not one of its own")
            if article.text[p.start : p.end] != p.text:
                raise ValueError(f"{name}: passage {p.passage_id} is not in its text")
        if not is_storable("".join(filter(None, (name, article.text, *_labels(article))))):
            raise InputRefused(
                f"{name} holds half characters (lone surrogates)", "save it as UTF-8 and try again"
            )
        old = self.catalog.article(name)
        if old and old.revision == article.revision and old.text != article.text:
            raise ValueError(f"{name}: revision {article.revision} is there with another text")

    def _begin(self, meta: dict[str, str], *, create: bool) -> None:
        if create:
            try:
                self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise IndexUnavailable(
                    f"{self.home} cannot be made: {error.strerror}", "name another with --home"
                ) from error
            self.catalog.create(meta)
        self._agree(meta)
        if create:
            self.jobs.create()
            self.visits.create()
            self.readings.create()
            with self._writing():
                return  # looked through on the way in
        for copy in (self._store, self._lexicon):
            if not copy.present:
                raise IndexUnavailable(
                    f"{copy.folder} is missing from the index",
                    "run byline ingest on any article: it is made again from the catalog",
                )
        self._fill_vectors()

    def _agree(self, meta: dict[str, str]) -> None:
        found = self.catalog.meta()
        if not found:
            raise IndexMissing(f"no index at {self.home}", "make one with: byline ingest PATH")
        if found != meta:
            raise _mismatch(self.home, found, meta)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._write_lock:
            if not self._sound:
                self._repair()
            self._sound = False
            yield
            self._sound = True

    def _repair(self) -> None:
        """Sweep what a crash left, then make again whichever copy is lost or damaged."""
        self._fill_vectors()
        n_passages = self.catalog.counts()[1]
        for copy in (self._store, self._lexicon):
            try:
                copy.create()
            except IndexUnavailable:
                copy.reset()
        with suppress(IndexUnavailable):  # seen below, as a copy that is not sound
            self._sweep()
        sample = self.catalog.sample()
        if not self._store.sound(n_passages, sample):
            self._store.reset()
            for batch in self._batches():
                ids = [stored.passage.passage_id for stored in batch]
                self._store.upsert(ids, np.array([s.vector for s in batch], dtype=np.float32))
        if not self._lexicon.sound(n_passages):
            self._lexicon.reset()
            for batch in self._batches():
                self._lexicon.write([(s.article, (s.passage,)) for s in batch])
        self.catalog.forget(self.catalog.doomed())

    def _batches(self) -> Iterator[list[Stored]]:
        everything = self.catalog.stored()
        while batch := list(islice(everything, _REBUILD_BATCH)):
            yield batch

    def _sweep(self) -> None:
        """Take doomed passages out of the copies, once no search can still need them."""
        doomed = self.catalog.doomed()
        if doomed and self._readers.gone(_PATIENCE_S):
            self._store.delete(doomed)
            self._lexicon.write((), doomed)
            self.catalog.forget(doomed)

    def _fill_vectors(self) -> None:
        last = self.catalog.last_ordinal()
        if last and not self._vectors.cover(last):
            self._vectors.rebuild(self.catalog.vector_runs())


def _mismatch(home: Path, found: Mapping[str, object], meta: Mapping[str, object]) -> IndexMismatch:
    made, asked = (
        f"{m.get('embedder')} (settings {m.get('settings_id')}, format {m.get('format')})"
        for m in (found, meta)
    )
    return IndexMismatch(
        f"the index at {home} was made with {made}; now it is {asked}",
        "make it anew with: byline ingest --rebuild PATH...,"
        " or go back to the settings it was made with",
    )


def _labels(article: Article) -> tuple[str | None, ...]:
    return (article.title, article.outlet, article.url, article.path, *article.authors)


class _Readers:
    """Who is reading, so that nobody's passages are swept away under them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._epoch = 0
        self._inside: Counter[int] = Counter()

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._changed:
            epoch = self._epoch
            self._inside[epoch] += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside[epoch] -= 1
                self._inside += Counter()  # drops what is zero
                self._changed.notify_all()

    def gone(self, timeout_s: float) -> bool:
        """Wait for all who are reading now; False if some still are after ``timeout_s``."""
        with self._changed:
            self._epoch += 1
            now = self._epoch
            return self._changed.wait_for(
                lambda: all(epoch >= now for epoch in self._inside), timeout_s
            )
