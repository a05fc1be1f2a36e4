"""From files to an index: load, clean, date, split, embed, store, one batch at a time."""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ingest.about import authors_of, outlet_of, section_of, title_of
from ingest.address import canonical_url
from ingest.batch import Batch, Incoming, Settled
from ingest.clean import clean
from ingest.credits import credits_of
from ingest.date import Given, find_dates
from ingest.decode import tidy
from ingest.language import language_of
from ingest.load import Found, Loaded, Loader, Unmodified
from rag.embed import Embedder
from rag.index import Index
from rag.jobs import Item, Outcome
from rag.readings import Reading
from rag.schema import Article

# Raised when ``build_article`` reads more, or otherwise, out of the same page.
_READING = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an ingestion has come."""

    done: int  # articles seen so far, whatever became of them
    total: int | None  # None: not known before the last row is read
    passages: int  # stored so far
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of everything that an ingestion met, in order."""

    items: tuple[Item, ...]
    n_passages: int  # stored, without those of unchanged articles
    seconds: float
    peak_memory_mb: int = 0  # of the process so far; 0: not measured

    def count(self, outcome: Outcome) -> int:
        """How many articles or files came out so."""
        return sum(item.outcome == outcome for item in self.items)


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
    settled: list[tuple[Item, int]] = []

    def tell(some: Sequence[Settled]) -> None:
        settled.extend((s.item, s.n_passages) for s in some)
        if progress:
            passages = sum(n for _, n in settled)
            source = some[-1].item.source
            progress(Progress(done=len(settled), total=total, passages=passages, source=source))

    loader = Loader(max_mb=max_mb)
    total = loader.count(sources) if progress else None
    with closing(loader), Batch(index, embedder, tell) as batch:
        for found in loader.load(sources):
            put(batch, 0, found)
        batch.finish()
    return Report(
        items=tuple(item for item, _ in settled),
        n_passages=sum(n for _, n in settled),
        seconds=time.monotonic() - started,
    )


def put(batch: Batch, job_id: int, found: Found | Incoming) -> None:
    """Put what was loaded into the batch: an article to store, or why there is none."""
    if isinstance(found, Incoming):
        batch.take(job_id, found)
    elif isinstance(found, Loaded):
        reading = read_as(found)
        if not batch.knows(job_id, found.source, reading, found.visit):
            batch.take(job_id, replace(incoming(found), reading=reading))
    elif isinstance(found, Unmodified):
        batch.note(job_id, Item(source=found.source, outcome="unchanged"))
    else:
        batch.note(job_id, Item(source=found.source, outcome="skipped", reason=found.reason))


def read_as(found: Loaded) -> Reading:
    """What tells whether an article is read as it was before."""
    name = article_id(canonical_url(found.page.url), found.path or "", found.key)
    seen = repr((_READING, found.page, found.kind, found.path))
    digest = hashlib.sha256(seen.encode("utf-8", "replace")).hexdigest()
    return Reading(article_id=name, digest=digest)


def incoming(found: Loaded) -> Incoming:
    """The article in what was loaded, on its way."""
    article = build_article(found)
    return Incoming(source=found.source, article=article, note=found.note, visit=found.visit)


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
