"""One open archive: what the command line and the page both speak to."""

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rag.browse import Browse
from rag.chats import Chats
from rag.database import Database
from rag.embed import Embedder, load_embedder
from rag.entail import check_verifier
from rag.errors import (
    ArticleMissing,
    IndexMissing,
    IndexUnavailable,
    InputRefused,
    ModelMissing,
)
from rag.history import Gone, decisions
from rag.home import Home
from rag.index import Index
from rag.jobs import Item, Job
from rag.llm import ChatModel
from rag.preferences import Chosen, Preferences, chosen_in
from rag.schema import Article, Event, Filters, Mode, Turn
from rag.settings import EMBEDDED_VERIFIER, Settings
from rag.text import is_storable
from web.engine import Answering, with_choice
from web.holdings import Holdings

if TYPE_CHECKING:
    from ingest.load import Loader
    from ingest.pipeline import Progress, Report
    from ingest.watch import Watch
    from ingest.work import Worker

log = logging.getLogger("byline.web")
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
        given: Settings | None = None,
    ) -> None:
        """``given``: the environment's settings, where ``settings`` are not the same."""
        self.given = given or settings
        self.token = secrets.token_urlsafe(32)
        self._held = held
        self._index = index
        self._embedder = embedder
        self._watch: Watch | None = None
        self.browse = Browse(index.catalog)
        self.answering = Answering(settings, index=index, embedder=embedder)
        self._queueing = threading.Lock()
        self._queue: Worker | None = None
        self.holdings = Holdings(index, embedder, self.article, self._resting)

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False, rebuild: bool = False) -> "Desk":
        """Open the archive in ``settings.home``; ``create`` makes an empty one if there is none.

        Raises:
            HomeBusy: another process holds it.
            IndexMissing, IndexMismatch, IndexUnavailable: as ``Index.open``.
            ModelMissing: the embedder cannot be loaded.
            SettingsError: the verifier cannot work as it is set.
        """
        path = settings.home
        given, settings = settings, with_choice(settings, chosen_in(path))
        check_verifier(settings.verifier, has_model=settings.uses_llm)
        if not create and not path.is_dir():
            raise IndexMissing(f"no index at {path}", "make one with: byline ingest PATH")
        if not rebuild:
            Index.check(path, settings_id=settings.settings_id, embedder=settings.embedder)
        embedder = load_embedder(settings.embedder, settings.cache)
        with ExitStack() as held:
            held.enter_context(Home(path).acquire(wait_s=_WAIT_S))
            kept = decisions(path) if rebuild else None
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
            if kept is not None:
                index.history.decide(kept)
            held_on = held.pop_all()
            return cls(settings, index=index, embedder=embedder, held=held_on, given=given)

    @cached_property
    def database(self) -> Database:
        """What people made here and no ingestion can make again: ``HOME/desk.db``."""
        path = self.home / "desk.db"
        # It holds a key and what people said in private; its journals take the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        database = Database(path)
        self._held.callback(database.close)
        return database

    @cached_property
    def chats(self) -> Chats:
        """The conversations of this archive."""
        return Chats(self.database)

    @cached_property
    def chosen(self) -> Chosen:
        """What editors chose about how answers are written."""
        return Chosen(self.database)

    def apply(self, preferences: Preferences | None) -> None:
        """Answer as chosen from the next question on, and after a restart; None: as given.

        Answers under way end with what they began with.

        Raises:
            SettingsError, ModelMissing: it cannot work; all stays as it was.
            IndexUnavailable: it cannot be kept; all stays as it was.
        """
        before = self.answering.settings
        settings = self.given if preferences is None else preferences.over(self.given)
        self.answering.use(settings)
        try:
            if preferences is None:
                self.chosen.forget()
            else:
                self.chosen.put(preferences)
        except BaseException:
            self.answering.use(before)
            raise

    @property
    def settings(self) -> Settings:
        """The settings of the moment: the environment's, and over them what was chosen."""
        return self.answering.settings

    @property
    def home(self) -> Path:
        """The folder of this archive."""
        return self.given.home

    @property
    def embedder(self) -> Embedder:
        """What turns texts into vectors."""
        return self._embedder

    @property
    def is_asking(self) -> bool:
        """True while some answer is under way."""
        return self.answering.is_busy

    def mode(self) -> tuple[Mode, str]:
        """How answers are written, and by which model ("" when quoting)."""
        return self.answering.mode()

    def ask(
        self,
        asked: str,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        stop: threading.Event | None = None,
        standalone: str = "",
        wrap: "Callable[[ChatModel], ChatModel] | None" = None,
    ) -> Iterator[Event]:
        """Answer, step by step; the last event is the whole answer. As ``Answering.ask``."""
        return self.answering.ask(asked, history, filters, stop, standalone, wrap)

    def watch_model(self, wrap: Callable[[ChatModel], ChatModel]) -> None:
        """Ask the language model, if there is one, through a wrapping that listens."""
        self.answering.watch_model(wrap)

    def warm_up(self) -> None:
        """Load what the first question would wait for.

        A verifier that was chosen in the page and cannot be loaded is left out, so that another
        can be chosen there; one in the environment is refused.
        """
        try:
            self.answering.warm_up()
        except ModelMissing as error:
            settings = self.settings
            if settings.verifier == self.given.verifier:
                raise
            log.warning("the verifier chosen in the page is left out: %s", error)
            self.answering.use(settings.model_copy(update={"verifier": EMBEDDED_VERIFIER}))

    def listing(self) -> Iterator[Article]:
        """Every live article."""
        return self._index.catalog.listing()

    def article(self, ref: str) -> Article:
        """The article with this id, path or URL.

        Raises:
            ArticleMissing: there is none.
        """
        found = self._index.catalog.find(ref) or self._by_address(ref)
        if found is not None:
            return found
        gone = self.gone(ref)
        if gone is None:
            raise ArticleMissing(f"no article here is {ref!r}", "see them with: byline sources")
        told = f": {gone.reason}" if gone.reason else ""
        raise ArticleMissing(
            f"{gone.title or ref} was {gone.status} on {gone.at:%Y-%m-%d}{told}",
            "see what is there with: byline sources",
        )

    def gone(self, ref: str) -> Gone | None:
        """What became of an article that was taken out; None if there was none."""
        return self._index.history.find(ref)

    def _by_address(self, ref: str) -> Article | None:
        """The article under a URL written otherwise than it is kept: http, tracking, a slash."""
        from ingest.address import canonical_url
        from ingest.pipeline import article_id

        url = canonical_url(ref) if is_storable(ref) else None
        return self._index.catalog.article(article_id(url, "", None)) if url else None

    def outlets(self) -> tuple[str, ...]:
        """The outlets of the archive, by name."""
        return self._index.catalog.outlets()

    def languages(self) -> tuple[str, ...]:
        """The languages of the archive, the most frequent first."""
        return self._index.catalog.languages()

    def counts(self) -> tuple[int, int]:
        """How many articles and passages can be asked."""
        return self._index.catalog.counts()

    def ingest(
        self,
        sources: Sequence[str | Path],
        progress: "Callable[[Progress], None] | None" = None,
    ) -> "Report":
        """Add files, folders and web addresses, and wait until they are in, or not.

        Raises:
            BylineError: the queue is paused, or the archive cannot be written.
        """
        from ingest.pipeline import Progress, Report

        began = time.monotonic()
        ids = self._submit(sources)

        def moved(job: Job | None, source: str) -> None:
            if progress is not None and job is not None:
                progress(
                    Progress(
                        done=job.n_done,
                        total=job.n_total,
                        passages=job.n_passages,
                        source=source or job.source,
                    )
                )

        jobs = self.queue.wait(ids, moved)
        failed = next((job for job in jobs if job.state == "failed"), None)
        if failed is not None:
            raise IndexUnavailable(failed.reason or f"{failed.source} could not be ingested")
        return Report(
            items=tuple(item for i in ids for item in self._index.jobs.items(i)),
            n_passages=sum(job.n_passages for job in jobs),
            seconds=time.monotonic() - began,
            peak_memory_mb=self.queue.status().peak_memory_mb,
        )

    def _submit(self, sources: Sequence[str | Path]) -> tuple[int, ...]:
        """Queue the sources; without any, what waits already."""
        if sources:
            return self.queue.submit([str(source) for source in sources])
        ids = tuple(job.job_id for job in self._index.jobs.listing(100_000) if not job.ended)
        if not ids:
            raise InputRefused("nothing is queued", "name files, folders or web addresses")
        return ids

    def _resting(self) -> AbstractContextManager[None]:
        """Nothing is ingested inside; the queue is made when it is first needed."""
        return self.queue.resting()

    def _loader(self) -> "Loader":
        """One that also reads the web, and asks only for pages that may have changed."""
        from ingest.crawl import Crawler
        from ingest.fetch import Fetcher
        from ingest.load import Loader
        from ingest.pipeline import article_id

        catalog = self._index.catalog
        crawler = Crawler(
            fetcher=Fetcher(allow_private=self.settings.allow_private, sleep=self.queue.sleep),
            visit_of=self._index.visits.of,
            held=lambda url: catalog.article(article_id(url, "", None)) is not None,
        )
        return Loader(max_mb=self.settings.max_upload_mb, web=crawler)

    def withdrawn(self) -> tuple[Gone, ...]:
        """The articles that were withdrawn, latest first."""
        return self._index.history.withdrawn()

    def corrections(self, article_id: str) -> Mapping[str, object]:
        """The corrected fields of an article, with their values."""
        return self._index.corrections.of(article_id)

    def revisions(self, ref: str) -> tuple[Article, ...]:
        """Every revision of an article, oldest first; the last is the one that answers.

        Raises:
            ArticleMissing: there is none.
        """
        article = self.article(ref)
        return (*self._index.history.revisions(article.article_id), article)

    def scale_out(self, address: str) -> None:
        """Have articles made by the workers of a Ray cluster; "local" starts one here."""
        from ingest.scale import Farm

        farm = Farm(
            address=address, settings=self.settings, known=self._index.catalog.content_hashes
        )
        self.queue.farm = farm
        self._held.callback(farm.close)

    @property
    def queue(self) -> "Worker":
        """The one who works off the queue; made when first needed, since answering needs none."""
        from ingest.work import Worker

        with self._queueing:
            if self._queue is None:
                self._queue = Worker(
                    self._index,
                    self._embedder,
                    self._loader,
                    is_busy=lambda: self.is_asking,
                    max_memory_mb=self.settings.max_memory_mb,
                )
            return self._queue

    def jobs(self, limit: int = 200) -> tuple[Job, ...]:
        """The jobs of the queue: those that run, that wait, that have ended."""
        return self._index.jobs.listing(limit)

    def jobs_of(self, ids: Sequence[int]) -> tuple[Job, ...]:
        """Those of the jobs that are there."""
        return self._index.jobs.jobs(ids)

    def job_items(self, job_id: int) -> tuple[Item, ...]:
        """What became of every item of a job so far."""
        return self._index.jobs.items(job_id)

    def clear_jobs(self) -> int:
        """Forget the jobs that have ended; how many they were."""
        return self._index.jobs.clear()

    def start(self, watched: Sequence[Path] = ()) -> None:
        """Work off the queue in a thread, and what comes into these folders, until ``close``."""
        self.queue.start()
        if watched:
            from ingest.watch import Watch

            self._watch = Watch(watched, self.queue.submit)

    def close(self) -> None:
        """End the work, close the index and let the home go."""
        if self._watch is not None:
            self._watch.stop()
        if self._queue is not None:
            self._queue.stop()
        self._held.close()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
