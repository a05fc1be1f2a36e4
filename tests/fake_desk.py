"""A desk with canned answers over real nouns: for tests of the page and the API alone."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
    Answer,
    AnswerEvent,
    Article,
    Citation,
    ClaimVerdict,
    Conflict,
    Event,
    Evidence,
    Filters,
    Passage,
    PassagesEvent,
    Position,
    Question,
    ScoredPassage,
    Sentence,
    SentenceEvent,
    StatusEvent,
    Turn,
    Verdict,
)
from rag.settings import Settings
from web.holdings import Taken

HARBOUR = (
    "The city council voted on Tuesday to close the old harbour bridge to cars from 1 March.\n\n"
    "Engineers had found cracks in four of the twelve piers, according to a report seen by the "
    "Courier. Repairs will cost 38 million euros and take about two years, the report said.\n\n"
    "Trams and bicycles may keep crossing. “We had no choice,” said the mayor, Ines Halvorsen. "
    "Shop owners on the north bank fear that they will lose a third of their customers [1].\n\n"
    "A second vote, on the money, is due in April. The opposition has asked for a ferry in the "
    "meantime; the council has not decided on it. Traffic will be led over the ring road, where "
    "queues of an hour are expected in the first weeks."
)
LEDGER = (
    "Repairing the harbour bridge will cost 52 million euros, the builders’ federation said on "
    "Thursday, well above the figure that the council gave.\n\n"
    "The federation’s estimate includes a temporary ferry. Work could begin in May."
)
RADIO = "The bridge closes to cars in spring. Details were not given."


def _article(article_id: str, text: str, **known: Any) -> Article:
    return Article(article_id=article_id, revision=1, text=text, content_hash=article_id, **known)


ARTICLES = {
    a.article_id: a
    for a in (
        _article(
            "a1",
            HARBOUR,
            title="Council closes harbour bridge to cars",
            outlet="The Harbour Courier",
            authors=("Mara Lindqvist",),
            url="https://courier.example/bridge",
            published_at=datetime(2026, 1, 27, 9, 30, tzinfo=UTC),
            date_source="meta",
        ),
        _article(
            "a2",
            LEDGER,
            title="Builders put bridge repair at 52 million",
            outlet="Northern Ledger",
            path="samples/articles/ledger.txt",
            updated_at=datetime(2026, 1, 29, 19, 3, tzinfo=UTC),
            date_source="updated line",
        ),
        _article("a3", RADIO, title=None, outlet=None, path="/tmp/radio-note.txt"),
    )
}


def evidence(article_id: str, words: str) -> Evidence:
    """The first place of these words in an article."""
    start = ARTICLES[article_id].text.index(words)
    return Evidence(article_id=article_id, start=start, end=start + len(words), text=words)


def passage(article_id: str, rank: int, end: int | None = None) -> ScoredPassage:
    """The beginning of an article as a found passage."""
    text = ARTICLES[article_id].text[:end]
    found = Passage(
        article_id=article_id,
        start=0,
        end=len(text),
        text=text,
        passage_id=f"{article_id}:1:0",
        sentences=((0, len(text)),),
    )
    return ScoredPassage(passage=found, score=1 / rank, rank=rank, ranker="fake")


COST = evidence(
    "a1", "Repairs will cost 38 million euros and take about two years, the report said."
)
RIVAL = evidence("a2", "Repairing the harbour bridge will cost 52 million euros")
SPRING = evidence("a3", "The bridge closes to cars in spring.")
PASSAGES = (passage("a1", 1), passage("a2", 2), passage("a3", 3, 36))


def canned(asked: str = "What will the bridge repair cost?") -> Answer:
    """An answer with every verdict but contested, two citations and a conflict."""
    sentences = (
        Sentence(
            text=COST.text,
            citations=(Citation(marker=1, evidence=COST),),
            verdict=Verdict(label="supported", score=1.0, judge="verbatim"),
        ),
        Sentence(
            text="The bridge closes in spring and will cost more than 900 million euros.",
            citations=(Citation(marker=2, evidence=SPRING), Citation(marker=1, evidence=COST)),
            verdict=Verdict(
                label="refuted",
                score=0.1,
                reasons=("900 million euros is not in the source: 38 million euros",),
                judge="rules 1",
            ),
        ),
        Sentence(
            text="A ferry has been promised.",
            citations=(),
            verdict=Verdict(label="unsupported", score=0.0, reasons=("no source says this",)),
        ),
    )
    positions = (
        Position(
            statement=COST.text,
            evidence=COST,
            outlet="The Harbour Courier",
            published_at=ARTICLES["a1"].published_at,
        ),
        Position(
            statement=RIVAL.text,
            evidence=RIVAL,
            outlet="Northern Ledger",
            published_at=None,
            updated_at=ARTICLES["a2"].updated_at,
        ),
    )
    return Answer(
        question=Question(asked=asked),
        sentences=sentences,
        conflicts=(Conflict(topic="cost of the repair", kind="value", positions=positions),),
        passages=PASSAGES,
        articles=ARTICLES,
        group_sizes={"a1": 3},
        settings_id="fake",
        timings_ms={"retrieve": 1.23456},
    )


def abstention(asked: str) -> Answer:
    """No answer, with conflicts and passages that must not be shown as its sources."""
    return replace(canned(asked), sentences=(), reason="No passage says who painted the bridge.")


FERRY = evidence(
    "a1",
    "The opposition has asked for a ferry in the meantime; the council has not decided on it.",
)
SUGGESTED = ("When is a second vote due?", "How much will the harbour bridge cost?")


def follow_up(asked: str) -> Answer:
    """An answer to a question that leaned on another, citing what that cited, and more."""
    answer = canned(asked)
    sentences = (
        Sentence(
            text=FERRY.text,
            citations=(Citation(marker=1, evidence=FERRY),),
            verdict=Verdict(label="supported", score=1.0, judge="verbatim"),
        ),
        replace(answer.sentences[0], citations=(Citation(marker=2, evidence=COST),)),
    )
    question = Question(asked=asked, standalone="Is there a ferry while the bridge is closed?")
    return replace(answer, question=question, sentences=sentences, suggestions=SUGGESTED)


def typed(asked: str) -> Answer:
    """A yes-or-no answer on which the sources differ, with all that its check found."""
    answer = canned(asked)
    claims = (
        ClaimVerdict(text="The bridge closes in spring", label="supported", said_by="Radio North"),
        ClaimVerdict(
            text="will cost more than 900 million euros",
            label="refuted",
            reason="900 million euros is not in the source: 38 million euros",
            against="Repairs will cost 38 million euros",
            said_by="the mayor",
            firmness="alleged",
        ),
    )
    first, second, _ = answer.sentences
    verdict = replace(second.verdict, claims=claims)
    conflict = answer.conflicts[0]
    one, other = conflict.positions
    told = Sentence(
        text="The council speaks of 38 million euros, the builders of 52 million.",
        citations=(),
        verdict=Verdict(label="supported", score=0.9),
    )
    return replace(
        answer,
        sentences=(replace(first, point="yes"), replace(second, verdict=verdict, point="no")),
        conflicts=(
            replace(
                conflict,
                positions=(one, replace(other, credits=("Reuters", "the builders"))),
                note="52 million is 1.4 times 38 million",
                told=told,
            ),
        ),
        kind="yesno",
        short="Sources differ",
        repairs={"rewritten": 1, "reattributed": 2, "removed": 0},
        mode="llm",
        model="test-model",
        suggestions=SUGGESTED,
    )


def near(asked: str) -> Answer:
    """No answer, though something near was found."""
    return replace(
        abstention(asked),
        refusal="near",
        nearest=(FERRY, SPRING),
        suggestions=SUGGESTED[:1],
    )


# By the first of these words in a question.
CANNED: dict[str, Callable[[str], Answer]] = {
    "who": abstention,
    "ferry": follow_up,
    "really": typed,
    "colour": near,
}


def with_articles(answer: Answer, **changed: object) -> Answer:
    """The answer with the same thing changed in each of its articles."""
    articles = {k: replace(a, **changed) for k, a in answer.articles.items()}  # type: ignore[arg-type]
    return replace(answer, articles=articles)


def hostile(words: str) -> Answer:
    """The canned answer with these words wherever someone else's words can stand."""
    answer = with_articles(
        typed(words), title=words, outlet=words, authors=(words,), url=words, path=words
    )
    first, second = answer.sentences
    claim = ClaimVerdict(text=words, label="refuted", reason=words, against=words, said_by=words)
    verdict = replace(second.verdict, reasons=(words,), judge=words, claims=(claim, claim))
    other = replace(second, text=words, verdict=verdict, point=words)
    conflict = answer.conflicts[0]
    positions = tuple(
        replace(p, statement=words, outlet=words, credits=(words,)) for p in conflict.positions
    )
    return replace(
        answer,
        question=Question(asked=words, standalone=f"{words} again"),
        sentences=(replace(first, point=words), other),
        conflicts=(replace(conflict, topic=words, note=words, positions=positions, told=other),),
        reason=words,
        nearest=(COST,),
        refusal="near",
        short=words,
        suggestions=(words,),
        notice=words,
        model=words,
    )


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
