"""Articles on their way into the index: weighed against what is held, embedded together, stored.

One batch is written while the next is read and embedded. What became of an article is told only
after the index holds it, so that nothing is reported done which a crash could still undo.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from ingest.dedupe import group
from ingest.split import embedded_texts, split
from rag.corrections import corrected
from rag.embed import Embedder, Vectors
from rag.index import Index
from rag.jobs import Item, Outcome
from rag.readings import Reading
from rag.schema import Article, Passage
from rag.visits import Visit

_MAX_ARTICLES = 64
_MAX_PASSAGES = 512  # enough to sort by length; at most a few MB of text and vectors
_FIRST_PASSAGES = 64  # soon stored and told; each next batch is twice as large
_MAX_SECONDS = 5.0  # that an article from a slow feed waits for others
# Embedded between two breaths: a tenth of a second on two cores when questions are asked.
_SLICE, _LONG_SLICE = 8, 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An article on its way into the index."""

    source: str
    article: Article
    passages: tuple[Passage, ...] | None = None  # with their vectors, where made elsewhere
    vectors: Vectors | None = None
    note: str | None = None  # something to tell people though it was read
    reading: Reading | None = None  # to be noted once the index holds it, as
    visit: Visit | None = None


Waiting = tuple[Article, tuple[Passage, ...], Vectors | None]


@dataclass(frozen=True, slots=True)
class Settled:
    """An item of a job that is done with, and how many passages were stored for it."""

    job_id: int
    item: Item
    n_passages: int = 0
    reading: Reading | None = None
    visit: Visit | None = None


class Batch:
    """Collects articles and stores them together; a context that waits for its last write."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        tell: Callable[[Sequence[Settled]], None],
        breathe: Callable[[], bool] = lambda: False,
    ) -> None:
        """``tell`` hears what is stored.

        ``breathe`` is called often: it may wait, or raise to end the work, and says whether
        others want the machine too.
        """
        self._index = index
        self._embedder = embedder
        self._tell = tell
        self._breathe = breathe
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._noted: list[Settled] = []
        self._waiting: dict[str, Waiting] = {}
        self._n_passages = 0
        self._limit = _FIRST_PASSAGES
        self._writing: Future[None] | None = None
        self._written: frozenset[str] = frozenset()  # the articles that are being written now
        self._began = time.monotonic()
        self._told_next: list[Settled] = []  # once they are written

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.shutdown()

    def note(self, job_id: int, item: Item) -> None:
        """Note an item with which nothing more is to be done."""
        self._noted.append(Settled(job_id, item))
        self._store_if_due()

    def knows(self, job_id: int, source: str, reading: Reading, visit: Visit | None) -> bool:
        """True if the index holds what was read; then it is noted as unchanged."""
        if reading.article_id in self._waiting or reading.article_id in self._written:
            return False
        title = self._index.readings.title(reading)
        if title is not None:
            item = Item(
                source=source, outcome="unchanged", article_id=reading.article_id, title=title[0]
            )
            self._noted.append(Settled(job_id, item, visit=visit))
            self._store_if_due()
        return title is not None

    def take(self, job_id: int, given: Incoming) -> None:
        """Put an article in, unless the index holds it, a newer version, or must not hold it."""
        article = given.article
        self._breathe()
        if not any(c.isalnum() for c in article.text):
            reason = "nothing is left of it but clutter"
            self.note(job_id, Item(source=given.source, outcome="skipped", reason=reason))
            return
        if article.article_id in self._waiting:
            self.store()
        if article.article_id in self._written:
            self.settle()
        self._weigh(job_id, given)
        self._store_if_due()

    def _store_if_due(self) -> None:
        full = len(self._noted) >= _MAX_ARTICLES or self._n_passages >= self._limit
        if full or time.monotonic() - self._began > _MAX_SECONDS:
            self.store()

    def _weigh(self, job_id: int, given: Incoming) -> None:
        gone = self._index.history.gone(given.article.article_id)
        if gone is not None and gone.status == "withdrawn":
            reason = f"it was withdrawn on {gone.at:%Y-%m-%d}: {gone.reason or 'no reason given'}"
            self.note(job_id, Item(source=given.source, outcome="skipped", reason=reason))
            return
        values = self._index.corrections.of(given.article.article_id)
        article = corrected(given.article, values)
        held = self._index.catalog.article(article.article_id)
        if held is not None and (_same(article, held) or _older(article, held)):
            same = _same(article, held)
            why = given.note if same else "a newer version is held"
            item = _item(given.source, "unchanged", held, why)
            reading = given.reading if same else None
            self._noted.append(Settled(job_id, item, reading=reading, visit=given.visit))
            return
        if held is not None:
            article = replace(article, revision=held.revision + 1)
        passages = _renamed(article, given.passages or split(article, self._embedder))
        self._waiting[article.article_id] = (article, passages, given.vectors)
        self._n_passages += len(passages)
        item = _item(given.source, "updated" if held else "added", article, given.note)
        self._noted.append(Settled(job_id, item, len(passages), given.reading, given.visit))

    def store(self) -> None:
        """Embed the waiting passages together, sorted by length there, and have them written."""
        batch, noted = list(self._waiting.values()), self._noted
        embedded = list(self._embedded(batch))
        self.settle()
        self._waiting, self._noted, self._n_passages = {}, [], 0
        self._began = time.monotonic()
        self._limit = min(2 * self._limit, _MAX_PASSAGES)
        if not embedded:
            self._report(noted)
            return
        self._told_next = noted
        self._written = frozenset(article.article_id for article, _, _ in embedded)
        self._writing = self._writer.submit(self._write, embedded)

    def _write(self, embedded: Sequence[tuple[Article, tuple[Passage, ...], Vectors]]) -> None:
        self._index.add(embedded)
        group(self._index.catalog)

    def settle(self) -> None:
        """Wait until the batch before is written, and tell; raises what went wrong with it."""
        if self._writing is not None:
            self._writing.result()
        self._writing, self._written = None, frozenset()
        told, self._told_next = self._told_next, []
        self._report(told)

    def finish(self) -> None:
        """Store and tell all that is left."""
        self.store()
        self.settle()
        group(self._index.catalog)  # also what a crash left between storing and grouping

    def _report(self, settled: Sequence[Settled]) -> None:
        self._index.readings.note(s.reading for s in settled if s.reading is not None)
        self._index.visits.note(s.visit for s in settled if s.visit is not None)
        if settled:
            self._tell(settled)

    def _embedded(
        self, batch: Sequence[Waiting]
    ) -> Iterator[tuple[Article, tuple[Passage, ...], Vectors]]:
        texts = [
            text
            for article, passages, made in batch
            if made is None
            for text in embedded_texts(article, passages)
        ]
        vectors, at = self._encode(texts), 0
        for article, passages, made in batch:
            if made is not None:
                yield article, passages, made
                continue
            yield article, passages, vectors[at : at + len(passages)]
            at += len(passages)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        out = np.empty((len(texts), self._embedder.dim), dtype=np.float32)
        # Texts of like length together, as the embedder itself would have them.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        at = 0
        while at < len(order):
            rows = order[at : at + (_SLICE if self._breathe() else _LONG_SLICE)]
            out[rows] = self._embedder.encode([texts[i] for i in rows])
            at += len(rows)
        return out


def put_article(article: Article, index: Index, embedder: Embedder) -> None:
    """Store one article as it is, in place of the revision that is held."""
    passages = split(article, embedder)
    vectors = embedder.encode(list(embedded_texts(article, passages)))
    index.add([(article, passages, vectors)])
    group(index.catalog)


def _renamed(article: Article, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Passages under the revision that the article has here."""
    name = f"{article.article_id}:{article.revision}"
    return tuple(replace(p, passage_id=f"{name}:{p.start}") for p in passages)


def _item(source: str, outcome: Outcome, article: Article, reason: str | None) -> Item:
    return Item(
        source=source,
        outcome=outcome,
        article_id=article.article_id,
        title=article.title,
        reason=reason,
    )


def _same(article: Article, held: Article) -> bool:
    """True if nothing that is shown, searched or filtered by has changed."""
    return _face(article) == _face(held)


def _face(article: Article) -> tuple[object, ...]:
    return (
        article.content_hash,
        article.outlet,
        article.authors,
        article.url,
        article.section,
        article.language,
        article.published_at,
        article.updated_at,
    )


def _older(article: Article, held: Article) -> bool:
    """True for another text under the same address that says it is older than the one held."""
    if article.content_hash == held.content_hash:
        return False
    mine = max(filter(None, (article.published_at, article.updated_at)), default=None)
    theirs = max(filter(None, (held.published_at, held.updated_at)), default=None)
    return mine is not None and theirs is not None and mine < theirs
