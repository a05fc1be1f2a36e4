"""A desk with canned answers over real nouns: for tests of the page and the API alone."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ingest.work import QueueStatus
from rag.browse import Browse
from rag.catalog import Catalog
from rag.chats import Chats
from rag.corrections import Corrections, checked, corrected
from rag.database import Database
from rag.errors import ArticleMissing, InputRefused, LLMUnreachable
from rag.history import Gone, History
from rag.jobs import Item, Job, Jobs, Outcome
from rag.preferences import Chosen, Preferences
from rag.schema import (
    AnswerEvent,
    Article,
    Event,
    Filters,
    PassagesEvent,
    SentenceEvent,
    StatusEvent,
    Turn,
)
from rag.settings import Settings
from tests.canned import ARTICLES, CANNED, _article, canned
from web.holdings import Taken


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    source: str


@dataclass(frozen=True)
class Report:
    items: tuple[Item, ...]
    n_passages: int
    seconds: float
    peak_memory_mb: int = 0


class FakeQueue:
    """The real queue, worked off on the spot; file names say what becomes of them."""

    def __init__(self, desk: "FakeDesk") -> None:
        self._desk = desk
        self._jobs = desk.kept

    def submit(self, sources: Sequence[str]) -> tuple[int, ...]:
        ids = self._jobs.submit(sources)
        self.drain()
        return ids

    def drain(self) -> None:
        while self._jobs.paused() is None and (job := self._jobs.take()):
            self._jobs.note({job.job_id: [(self._desk.take(job.source), 1)]})
            self._jobs.finish(job.job_id)

    def pause(self, reason: str = "paused by hand") -> None:
        self._jobs.pause(reason)

    def resume(self) -> None:
        self._jobs.resume()
        self.drain()

    def cancel(self, job_id: int) -> bool:
        return self._jobs.cancel(job_id)

    def retry(self, job_id: int) -> bool:
        done = self._jobs.retry(job_id)
        self.drain()
        return done

    def status(self) -> QueueStatus:
        return QueueStatus(
            counts=self._jobs.count(), paused=self._jobs.paused(), items_per_s=2.0, seconds_left=3.0
        )


class FakeDesk:
    """Canned answers over a real catalog without passages.

    Answers the same to everything, but for the words "who", "fail", "crash" and "slow".
    """

    def __init__(self, home: Path, articles: dict[str, Article] | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.token = "token-of-the-fake"
        self.given = self.settings = Settings(home=home)
        self._catalog = Catalog(home / "catalog.db")
        self._catalog.create({})
        self.history = History(self._catalog)
        self.corrected = Corrections(self._catalog)
        self.kept = Jobs(self._catalog)
        self.kept.create()
        self.browse = Browse(self._catalog)
        self.queue = FakeQueue(self)
        self.database = Database(home / "desk.db")
        self.chats = Chats(self.database)
        self.chosen = Chosen(self.database)
        self.embedder = None
        self.is_asking = False
        self.put(*(ARTICLES if articles is None else articles).values())
        self.asked: list[tuple[str, tuple[Turn, ...], Filters]] = []
        self.worded: list[str] = []
        self.holdings = self
        self.taken: dict[str, tuple[Article, ...]] = {}
        self.n_closed = 0
        self.n_finished = 0
        self.pause_s = 0.0

    def put(self, *articles: Article) -> None:
        nothing = np.zeros((0, 1), np.float16)
        self._catalog.flip([(article, (), nothing) for article in articles])

    @property
    def store(self) -> dict[str, Article]:
        return {a.article_id: a for a in self._catalog.listing()}

    def ask(
        self,
        asked: str,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        stop: threading.Event | None = None,
        standalone: str = "",
    ) -> Iterator[Event]:
        self.asked.append((asked, tuple(history), filters))
        self.worded.append(standalone)
        try:
            yield from self._events(asked, standalone)
            self.n_finished += 1
        finally:
            self.n_closed += 1

    def _events(self, asked: str, standalone: str) -> Iterator[Event]:
        canned_for = next((f for word, f in CANNED.items() if word in asked.lower()), canned)
        answer = replace(canned_for(asked), articles={**ARTICLES, **self.store})
        worded = standalone or answer.question.standalone
        answer = replace(answer, question=replace(answer.question, standalone=worded))
        yield StatusEvent(stage="retrieve", message=f"Searching {len(self.store)} articles…")
        self._wait(asked)
        yield PassagesEvent(
            question=answer.question, passages=answer.passages, articles=answer.articles
        )
        self._wait(asked)
        if "fail" in asked:
            raise LLMUnreachable("the language model at 127.0.0.1:1 did not answer", "start it")
        if "crash" in asked:
            raise RuntimeError("a secret detail")
        for n, sentence in enumerate(answer.sentences, 1):
            yield StatusEvent(stage="check", message=f"Checking sentence {n}")
            self._wait(asked)
            yield SentenceEvent(sentence=sentence, articles=answer.articles)
        self._wait(asked)
        yield AnswerEvent(answer=answer)

    def _wait(self, asked: str) -> None:
        time.sleep(self.pause_s or (0.4 if "slow" in asked else 0))

    def listing(self) -> Iterator[Article]:
        return self._catalog.listing()

    def article(self, ref: str) -> Article:
        found = self._catalog.article(ref)
        if found is None:
            raise ArticleMissing(f"no article here is {ref!r}", "see them with: byline sources")
        return found

    def gone(self, article_id: str) -> Gone | None:
        return self.history.gone(article_id)

    def ingest(
        self,
        sources: Sequence[str | Path],
        progress: Callable[[Progress], None] | None = None,
    ) -> Report:
        items = []
        for n, source in enumerate(sources, 1):
            if progress:
                progress(Progress(n, len(sources), str(source)))
            items.append(self.take(str(source)))
        return Report(tuple(items), len(items), 0.1)

    def take(self, source: str) -> Item:
        path = Path(source)
        text = path.read_text("utf-8", "replace").strip() if path.is_file() else ""
        if not text:
            return Item(source=source, outcome="skipped", reason="it holds no text")
        old = self._catalog.article(path.name)
        if old and old.text == text:
            return Item(source=source, outcome="unchanged", article_id=path.name)
        article = _article(path.name, text, title=path.stem, outlet=None, path=source)
        article = corrected(article, self.corrected.of(path.name))
        self.put(replace(article, revision=old.revision + 1 if old else 1, content_hash=text))
        outcome: Outcome = "updated" if old else "added"
        return Item(source=source, outcome=outcome, article_id=path.name, title=article.title)

    def remove(self, ref: str) -> Article:
        article = self.article(ref)
        self._catalog.drop(ref)
        return article

    def withdraw(self, ref: str, reason: str) -> Article:
        article = self.article(ref)
        self._catalog.drop(ref, withdrawn=reason)
        return article

    def apply(self, preferences: Preferences | None) -> None:
        self.settings = preferences.over(self.given) if preferences else self.given
        if preferences is None:
            self.chosen.forget()
        else:
            self.chosen.put(preferences)

    def take_out(self, article_ids: Sequence[str], reason: str | None = None) -> Taken:
        articles = tuple(self.article(article_id) for article_id in article_ids)
        for article in articles:
            self._catalog.drop(article.article_id, withdrawn=reason)
        token = f"undo-{len(self.taken)}"
        self.taken[token] = articles
        return Taken(articles=articles, token=token)

    def undo(self, token: str) -> tuple[Article, ...]:
        if token not in self.taken:
            raise InputRefused("This cannot be undone any more", "add the file again")
        self.put(*self.taken[token])
        return self.taken.pop(token)

    def withdrawn(self) -> tuple[Gone, ...]:
        return self.history.withdrawn()

    def restore(self, ref: str) -> Gone:
        gone = next((g for g in self.withdrawn() if g.article_id == ref), None)
        if gone is None:
            raise ArticleMissing(f"nothing withdrawn is {ref!r}")
        self.history.restore(ref)
        return gone

    def correct(self, ref: str, given: Mapping[str, object]) -> Article:
        values = checked(given)
        article = self.article(ref)
        self.corrected.put(article, values)
        return self._revise(article, values)

    def uncorrect(self, ref: str) -> Article:
        return self._revise(self.article(ref), self.corrected.drop(ref))

    def _revise(self, article: Article, values: Mapping[str, object]) -> Article:
        revised = replace(corrected(article, values), revision=article.revision + 1)
        self.put(revised)
        return revised

    def corrections(self, article_id: str) -> Mapping[str, object]:
        return self.corrected.of(article_id)

    def revisions(self, ref: str) -> tuple[Article, ...]:
        return (*self.history.revisions(ref), self.article(ref))

    def jobs(self, limit: int = 200) -> tuple[Job, ...]:
        return self.kept.listing(limit)

    def jobs_of(self, ids: Sequence[int]) -> tuple[Job, ...]:
        return self.kept.jobs(ids)

    def job_items(self, job_id: int) -> tuple[Item, ...]:
        return self.kept.items(job_id)

    def clear_jobs(self) -> int:
        return self.kept.clear()

    def remove_all(self, ref: str) -> tuple[Article, ...]:
        return (self.remove(ref),)

    def outlets(self) -> tuple[str, ...]:
        return self._catalog.outlets()

    def counts(self) -> tuple[int, int]:
        n = self._catalog.counts()[0]
        return n, 2 * n

    def mode(self) -> tuple[str, str]:
        return "extractive", ""

    def languages(self) -> tuple[str, ...]:
        return self._catalog.languages()

    def close(self) -> None:
        self.database.close()
