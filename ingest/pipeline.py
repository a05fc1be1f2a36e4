"""From files to an index: load, clean, date, split, embed, store, one batch at a time."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from ingest.about import authors_of, canonical_url, outlet_of, section_of, title_of
from ingest.clean import clean
from ingest.credits import credits_of
from ingest.date import Given, find_dates
from ingest.decode import tidy
from ingest.language import language_of
from ingest.load import Found, Loaded, Loader, Skipped, Unmodified
from ingest.split import embedded_texts, split
from rag.embed import Embedder, Vectors
from rag.schema import Article, Passage

Outcome = Literal["added", "updated", "unchanged", "skipped"]

_BATCH_ARTICLES = 64
_BATCH_PASSAGES = 512  # enough to sort by length; at most a few MB of text and vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an ingestion has come."""

    done: int  # articles seen so far, whatever became of them
    total: int | None  # None: not known before the last row is read
    passages: int  # stored so far
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What became of one article or file."""

    source: str
    outcome: Outcome
    article_id: str | None = None
    title: str | None = None
    reason: str | None = None  # why it was skipped, or what else there is to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of everything that an ingestion met, in order."""

    items: tuple[Item, ...]
    n_passages: int  # stored, without those of unchanged articles
    seconds: float

    def count(self, outcome: Outcome) -> int:
        """How many articles or files came out so."""
        return sum(item.outcome == outcome for item in self.items)


class Catalog(Protocol):
    """What ingestion asks of the catalog."""

    def article(self, article_id: str) -> Article | None:
        """The article as stored, None if there is none."""


class Index(Protocol):
    """What ingestion asks of the index."""

    @property
    def catalog(self) -> Catalog:
        """What is stored already."""

    def add(self, items: Sequence[tuple[Article, Sequence[Passage], Vectors]]) -> None:
        """Store articles with their passages and vectors, each wholly or not at all."""


def ingest(
    sources: Sequence[str | Path],
    index: Index,
    embedder: Embedder,
    *,
    progress: Callable[[Progress], None] | None = None,
    max_mb: int = 20,
) -> Report:
    """Read the sources and store every article that is new or has changed.

    What cannot be read is skipped with a reason and never stops the run. Stopped between two
    batches, the index holds all batches before; the next run goes on from there. Articles whose
    files are gone stay. ``max_mb`` bounds a file, and a line of a JSONL file.
    """
    started = time.monotonic()
    loader = Loader(max_mb=max_mb)
    total = loader.count(sources) if progress else None
    # One batch is written while the next is read and embedded: writing has a single thread.
    with closing(loader), ThreadPoolExecutor(1, thread_name_prefix="store") as writer:
        run = _Run(index, embedder, progress, total, writer)
        for found in loader.load(sources):
            run.take(found)
        run.store()
        run.settle()
    seconds = time.monotonic() - started
    return Report(items=tuple(run.items), n_passages=run.n_passages, seconds=seconds)


@dataclass(slots=True)
class _Run:
    """The articles waiting to be stored, and what became of those before them."""

    index: Index
    embedder: Embedder
    progress: Callable[[Progress], None] | None
    total: int | None
    writer: Executor
    items: list[Item] = field(default_factory=list)
    n_passages: int = 0
    waiting: dict[str, tuple[Article, tuple[Passage, ...]]] = field(default_factory=dict)
    n_waiting: int = 0  # passages
    writing: "Future[None] | None" = None
    written: frozenset[str] = frozenset()  # the articles that are being written now

    def take(self, found: Found) -> None:
        """Put one article into the batch, or note why not."""
        if isinstance(found, Skipped):
            self._note(Item(source=found.source, outcome="skipped", reason=found.reason))
            return
        if isinstance(found, Unmodified):
            self._note(Item(source=found.source, outcome="unchanged"))
            return
        article = build_article(found)
        if not any(c.isalnum() for c in article.text):
            reason = "nothing is left of it but clutter"
            self._note(Item(source=found.source, outcome="skipped", reason=reason))
            return
        if article.article_id in self.waiting:
            self.store()
        if article.article_id in self.written:
            self.settle()
        self._weigh(found.source, article, self.index.catalog.article(article.article_id))
        if len(self.waiting) >= _BATCH_ARTICLES or self.n_waiting >= _BATCH_PASSAGES:
            self.store()

    def _weigh(self, source: str, article: Article, held: Article | None) -> None:
        """Take the article into the batch, unless the index holds it, or a newer version."""
        if held is not None and (_same(article, held) or _older(article, held)):
            reason = None if _same(article, held) else "a newer version is held"
            self._note(_item(source, "unchanged", held, reason))
            return
        if held is not None:
            article = replace(article, revision=held.revision + 1)
        passages = split(article, self.embedder)
        self.waiting[article.article_id] = (article, passages)
        self.n_waiting += len(passages)
        self._note(_item(source, "updated" if held else "added", article, None))

    def store(self) -> None:
        """Embed the waiting passages together, sorted by length there, and have them written."""
        if not self.waiting:
            return
        batch = list(self.waiting.values())
        texts = [text for article, passages in batch for text in embedded_texts(article, passages)]
        vectors = self.embedder.encode(texts)
        self.settle()
        self.written = frozenset(self.waiting)
        self.writing = self.writer.submit(self.index.add, list(_with_vectors(batch, vectors)))
        self.n_passages += len(texts)
        self.waiting, self.n_waiting = {}, 0
        self._tell(self.items[-1].source)

    def settle(self) -> None:
        """Wait until the batch before is written; raises what went wrong with it."""
        if self.writing is not None:
            self.writing.result()
        self.writing, self.written = None, frozenset()

    def _note(self, item: Item) -> None:
        self.items.append(item)
        self._tell(item.source)

    def _tell(self, source: str) -> None:
        if self.progress:
            done = len(self.items) - len(self.waiting)
            self.progress(
                Progress(done=done, total=self.total, passages=self.n_passages, source=source)
            )


def build_article(found: Loaded) -> Article:
    """The article as it will be stored, revision 1, from what was loaded."""
    page = found.page
    markdown = found.kind == "markdown"
    cleaned = clean(page.text, markdown=markdown)
    url = canonical_url(page.url)
    title = title_of(page.title, page.text, markdown=markdown)
    outlet = outlet_of(page.outlet, url, page.text)
    language = language_of(page.language, cleaned.text)
    retrieved = datetime.now(UTC)
    dates = find_dates(
        page.text,
        given=Given(
            published=page.published,
            updated=page.updated,
            by=page.dated_by or ("meta" if found.kind == "page" else "field"),
        ),
        url=url,
        language=page.language or (None if language == "en" else language),
        head=page.head,
        now=retrieved,
    )
    name = article_id(url, found.path or "", found.key)
    return Article(
        article_id=name,
        revision=1,
        title=title,
        text=cleaned.text,
        outlet=outlet,
        authors=authors_of(page.authors, page.head or page.text),
        url=url or tidy(page.url or "")[:2_000] or None,
        path=found.path,
        published_at=dates.published_at,
        updated_at=dates.updated_at,
        date_source=dates.source,
        date_confidence=dates.confidence,
        section=section_of(page.section, url),
        language=language,
        retrieved_at=retrieved,
        content_hash=hashlib.sha256(f"{title or ''}\n{cleaned.text}".encode()).hexdigest(),
        credits=credits_of(name, cleaned.text, outlet),
    )


def article_id(url: str | None, path: str, key: str | None) -> str:
    """Sixteen hex digits that stay the same when the article's text changes.

    From the canonical URL whatever its scheme, else from the path and the key within the file.
    """
    if url:
        parts = urlsplit(url)
        name = f"//{parts.netloc}{parts.path.rstrip('/')}?{parts.query}"
    else:
        name = f"{path}\n{key}" if key else path
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


def _item(source: str, outcome: Outcome, article: Article, reason: str | None) -> Item:
    return Item(
        source=source,
        outcome=outcome,
        article_id=article.article_id,
        title=article.title,
        reason=reason,
    )


def _with_vectors(
    batch: Sequence[tuple[Article, tuple[Passage, ...]]], vectors: Vectors
) -> Iterator[tuple[Article, tuple[Passage, ...], Vectors]]:
    at = 0
    for article, passages in batch:
        yield article, passages, vectors[at : at + len(passages)]
        at += len(passages)


def _same(article: Article, held: Article) -> bool:
    """True if nothing that is shown, searched or filtered by has changed."""
    return held.status == "live" and _face(article) == _face(held)


def _face(article: Article) -> tuple[object, ...]:
    return (
        article.content_hash,
        article.outlet,
        article.authors,
        article.url,
        article.published_at,
        article.updated_at,
    )


def _older(article: Article, held: Article) -> bool:
    """True for another text under the same address that says it is older than the one held."""
    if article.content_hash == held.content_hash or held.status != "live":
        return False
    mine = max(filter(None, (article.published_at, article.updated_at)), default=None)
    theirs = max(filter(None, (held.published_at, held.updated_at)), default=None)
    return mine is not None and theirs is not None and mine < theirs
