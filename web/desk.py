"""One open archive: what the command line and the page both speak to."""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.embed import Embedder, load_embedder
from rag.errors import ArticleMissing, IndexMissing
from rag.home import Home
from rag.index import Index
from rag.llm import OpenAIChat
from rag.pipeline import Pipeline
from rag.retrieve import Retrieved, retrieve
from rag.schema import Article, Event, Filters, Mode, Question, Turn
from rag.settings import Settings
from rag.text import is_storable

if TYPE_CHECKING:
    from ingest.pipeline import Progress, Report

# A short command may hold the home for a moment; a server holds it for good and is asked instead.
_WAIT_S = 10.0


class Desk:
    """An archive that is open in this process, and nobody else's until ``close``."""

    def __init__(
        self,
        settings: Settings,
        *,
        index: Index,
        embedder: Embedder,
        held: ExitStack,
    ) -> None:
        self.settings = settings
        self.token = secrets.token_urlsafe(32)
        self._held = held
        self._index = index
        self._embedder = embedder
        self._filling = threading.Lock()
        self._model = OpenAIChat(settings) if settings.uses_llm else None
        self._pipeline = Pipeline(
            search=self._search,
            embedder=embedder,
            model=self._model,
            settings_id=settings.settings_id,
        )

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False, rebuild: bool = False) -> "Desk":
        """Open the archive in ``settings.home``; ``create`` makes an empty one if there is none.

        Raises:
            HomeBusy: another process holds it.
            IndexMissing, IndexMismatch, IndexUnavailable: as ``Index.open``.
            ModelMissing: the embedder cannot be loaded.
        """
        path = settings.home
        if not create and not path.is_dir():
            raise IndexMissing(f"no index at {path}", "make one with: byline ingest PATH")
        if not rebuild:
            Index.check(path, settings_id=settings.settings_id, embedder=settings.embedder)
        embedder = load_embedder(settings.embedder, settings.cache)
        with ExitStack() as held:
            held.enter_context(Home(path).acquire(wait_s=_WAIT_S))
            if rebuild:
                Index.erase(path)
            index = Index.open(
                path,
                settings_id=settings.settings_id,
                embedder=embedder.name,
                dim=embedder.dim,
                create=create,
            )
            held.callback(index.close)
            return cls(settings, index=index, embedder=embedder, held=held.pop_all())

    @property
    def home(self) -> Path:
        """The folder of this archive."""
        return self.settings.home

    def mode(self) -> tuple[Mode, str]:
        """How answers are written, and by which model ("" when quoting)."""
        return ("llm", self.settings.llm_name) if self.settings.uses_llm else ("extractive", "")

    def ask(
        self,
        asked: str,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        stop: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Answer, step by step; the last event is the whole answer.

        Setting ``stop`` in any thread cuts a waiting model's connection at once.
        """
        pipeline = self._pipeline
        if stop is not None and self._model is not None:
            pipeline = replace(pipeline, model=self._model.until(stop))
        return pipeline.stream(asked, history, filters)

    def warm_up(self) -> None:
        """Load what the first question would wait for."""
        if self._model is not None:
            self._model.load()

    def _search(self, question: Question) -> tuple[Retrieved, Mapping[str, Article]]:
        with self._index.snapshot():
            found = retrieve(question, self._index, self._embedder)
            ids = {p.passage.article_id for p in found.passages}
            return found, self._index.catalog.articles(ids)

    def listing(self) -> Iterator[Article]:
        """Every live article."""
        return self._index.catalog.listing()

    def article(self, ref: str) -> Article:
        """The article with this id, path or URL.

        Raises:
            ArticleMissing: there is none.
        """
        found = self._index.catalog.find(ref) or self._by_address(ref)
        if found is None:
            raise ArticleMissing(f"no article here is {ref!r}", "see them with: byline sources")
        return found

    def _by_address(self, ref: str) -> Article | None:
        """The article under a URL written otherwise than it is kept: http, tracking, a slash."""
        from ingest.address import canonical_url
        from ingest.pipeline import article_id

        url = canonical_url(ref) if is_storable(ref) else None
        return self._index.catalog.article(article_id(url, "", None)) if url else None

    def outlets(self) -> tuple[str, ...]:
        """The outlets of the archive, by name."""
        return self._index.catalog.outlets()

    def counts(self) -> tuple[int, int]:
        """How many articles and passages can be asked."""
        return self._index.catalog.counts()

    def ingest(
        self,
        sources: Sequence[str | Path],
        progress: "Callable[[Progress], None] | None" = None,
    ) -> "Report":
        """Add files and folders; a second call waits for the first."""
        from ingest.pipeline import ingest

        with self._filling:
            return ingest(
                sources,
                self._index,
                self._embedder,
                progress=progress,
                max_mb=self.settings.max_upload_mb,
            )

    def remove(self, ref: str) -> Article:
        """Take one article out of catalog, vectors and words at once; returns what it was.

        Raises:
            ArticleMissing: there is none.
        """
        with self._filling:
            article = self.article(ref)
            self._index.remove(article.article_id)
        return article

    def close(self) -> None:
        """Close the index and let the home go."""
        self._held.close()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
