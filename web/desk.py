"""One open archive: what the command line and the page both speak to."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.decode import tidy
from rag.browse import Browse
from rag.chats import Chats
from rag.corrections import checked, corrected
from rag.database import Database
from rag.embed import Embedder, load_embedder
from rag.entail import asking, check_verifier, load_judge
from rag.errors import ArticleMissing, IndexMissing, IndexUnavailable, InputRefused
from rag.history import Gone, decisions
from rag.home import Home
from rag.index import Index
from rag.jobs import Item, Job
from rag.llm import ChatModel, OpenAIChat
from rag.pipeline import Pipeline
from rag.retrieve import Retrieved, retrieve
from rag.schema import Article, Event, Filters, Mode, Question, Turn
from rag.settings import Settings
from rag.text import is_storable

if TYPE_CHECKING:
    from ingest.load import Loader
    from ingest.pipeline import Progress, Report
    from ingest.watch import Watch
    from ingest.work import Worker

_MAX_REASON = 300
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
        self._watch: Watch | None = None
        self.browse = Browse(index.catalog)
        self._n_asking = 0
        self._counting = threading.Lock()
        self._queue: Worker | None = None
        self._model = OpenAIChat(settings) if settings.uses_llm else None

    @cached_property
    def _pipeline(self) -> Pipeline:
        """Made for the first question: a named judge takes seconds to load."""
        return Pipeline(
            search=self._search,
            outlets=self.outlets,
            embedder=self._embedder,
            model=self._model,
            judge=load_judge(self.settings.verifier, self._model),
            strict=self.settings.strict,
            max_s=self.settings.llm_total_s,
            settings_id=self.settings.settings_id,
        )

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
            return cls(settings, index=index, embedder=embedder, held=held.pop_all())

    @cached_property
    def database(self) -> Database:
        """What people made here and no ingestion can make again: ``HOME/desk.db``."""
        database = Database(self.home / "desk.db")
        self._held.callback(database.close)
        return database

    @cached_property
    def chats(self) -> Chats:
        """The conversations of this archive."""
        return Chats(self.database)

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
        standalone: str = "",
    ) -> Iterator[Event]:
        """Answer, step by step; the last event is the whole answer.

        ``standalone``, if it is given, is searched with as it is. Setting ``stop`` in any thread
        cuts a waiting model's connection at once.
        """
        pipeline = self._pipeline
        if stop is not None and self._model is not None:
            model = self._model.until(stop)
            pipeline = replace(pipeline, model=model, judge=asking(pipeline.judge, model))
        return self._counted(pipeline.stream(asked, history, filters, standalone))

    def _counted(self, events: Iterator[Event]) -> Iterator[Event]:
        """The events; while they come, the queue lets them go first."""
        self._count(1)
        try:
            yield from events
        finally:
            self._count(-1)

    def _count(self, n: int) -> None:
        with self._counting:
            self._n_asking += n

    def watch_model(self, wrap: Callable[[ChatModel], ChatModel]) -> None:
        """Ask the language model, if there is one, through a wrapping that listens."""
        if self._pipeline.model is not None:
            model = wrap(self._pipeline.model)
            judge = asking(self._pipeline.judge, model)
            self._pipeline = replace(self._pipeline, model=model, judge=judge)

    def warm_up(self) -> None:
        """Load what the first question would wait for."""
        if self._model is not None:
            self._model.load()
        _ = self._pipeline

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

    def remove(self, ref: str) -> Article:
        """Take one article out of catalog, vectors and words at once; returns what it was.

        Raises:
            ArticleMissing: there is none.
        """
        return self.remove_all(ref)[-1]

    def remove_all(self, ref: str) -> tuple[Article, ...]:
        """The same; a path stands for all that came out of that file, archive or folder."""
        return self._take_out(ref, None)

    def _take_out(self, ref: str, withdrawn: str | None) -> tuple[Article, ...]:
        from ingest.dedupe import group

        with self.queue.resting():
            catalog = self._index.catalog
            found = tuple(catalog.articles(catalog.at_path(ref)).values()) or (self.article(ref),)
            for article in found:
                self._index.remove(article.article_id, withdrawn=withdrawn)
            group(catalog)
        return found

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

    def withdraw(self, ref: str, reason: str) -> Article:
        """Take an article out for good: it is not taken in again, and the reason is told.

        Raises:
            ArticleMissing: there is none.
        """
        return self.withdraw_all(ref, reason)[-1]

    def withdraw_all(self, ref: str, reason: str) -> tuple[Article, ...]:
        """The same; a path stands for all that came out of that file, archive or folder."""
        return self._take_out(ref, tidy(reason)[:_MAX_REASON])

    def withdrawn(self) -> tuple[Gone, ...]:
        """The articles that were withdrawn, latest first."""
        return self._index.history.withdrawn()

    def restore(self, ref: str) -> Gone:
        """Let a withdrawn article be taken in again by the next ingestion.

        Raises:
            ArticleMissing: nothing of this id, path or URL was withdrawn.
        """
        return self.restore_all(ref)[-1]

    def restore_all(self, ref: str) -> tuple[Gone, ...]:
        """The same; a path stands for all that came out of that file, archive or folder."""
        history = self._index.history
        found = tuple(g for g in history.found(ref) if history.restore(g.article_id))
        if not found:
            raise ArticleMissing(f"nothing withdrawn is {ref!r}", "see byline sources --withdrawn")
        return found

    def correct(self, ref: str, given: Mapping[str, object]) -> Article:
        """Set what an article says about itself, for good; the article as it is now.

        Raises:
            ArticleMissing: there is none.
            InputRefused: there is no such field, or a value does not fit.
        """
        values = checked(given)
        with self.queue.resting():
            article = self.article(ref)
            self._index.corrections.put(article, values)
            return self._revise(article, values)

    def uncorrect(self, ref: str) -> Article:
        """Take all corrections of an article back."""
        with self.queue.resting():
            article = self.article(ref)
            was = self._index.corrections.drop(article.article_id)
            return self._revise(article, was)

    def corrections(self, article_id: str) -> Mapping[str, object]:
        """The corrected fields of an article, with their values."""
        return self._index.corrections.of(article_id)

    def _revise(self, article: Article, values: Mapping[str, object]) -> Article:
        from ingest.batch import put_article

        revised = replace(corrected(article, values), revision=article.revision + 1)
        if values:
            put_article(revised, self._index, self._embedder)
        return revised if values else article

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

        with self._counting:
            if self._queue is None:
                self._queue = Worker(
                    self._index,
                    self._embedder,
                    self._loader,
                    is_busy=lambda: self._n_asking > 0,
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
