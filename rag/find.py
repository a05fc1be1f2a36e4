"""What a question finds: searched, kept to the outlet and the time that it names, and again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from rag.clock import Clock
from rag.conflicts import find_conflicts
from rag.forms import Form, read_form
from rag.period import (
    brought_near,
    days_text,
    is_news_of,
    narrowed,
    newest_day,
    period_text,
    too_new,
    undated_text,
)
from rag.retrieve import Retrieved
from rag.schema import Aim, Article, Conflict, Days, Event, Passage, PassagesEvent, Question, Search
from rag.sources import kept_to_outlet
from rag.spread import spread
from rag.tools import Tools
from rag.typed import Choice, choose


@dataclass(slots=True, kw_only=True)
class Find:
    """One question and what was found for it so far."""

    tools: Tools
    clock: Clock
    question: Question = field(default_factory=lambda: Question(asked=""))
    form: Form = field(default_factory=Form)
    found: Retrieved | None = None
    articles: Mapping[str, Article] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    wide: Question | None = None  # the same of any time, if it is kept to the time it names
    searched: list[str] = field(default_factory=list)  # notices of what was looked at
    searches: list[Search] = field(default_factory=list)

    def retrieve(self, question: Question) -> Iterator[Event]:
        """Find passages and what their articles disagree on."""
        outlets = self.tools.outlets()
        self._ask(question)
        if self.form.kind == "text" and (kept := kept_to_outlet(question, outlets)):
            self.question = kept
            self.searched.append(f"Looked at articles of {kept.filters.outlets[0]} alone.")
        self._search("question")
        self._keep_to_time()
        yield from self._found()

    def _ask(self, question: Question) -> None:
        self.question = question
        self.form = read_form(question.text, self.tools.outlets())

    def _search(self, aim: Aim) -> None:
        """Look for the question, and for each part of it that speaks of one outlet."""
        with self.clock("retrieve"):
            first, articles = self.tools.search(self.question)
            first = replace(first, searches=tuple(replace(s, aim=aim) for s in first.searches))
            given = (self.tools.search, self.question, self.form, (first, articles))
            self.found, self.articles = spread(*given)
            self.searches += self.found.searches

    def _keep_to_time(self) -> None:
        """Keep to the time that the question names, or put the news of it first."""
        archived, today = self.tools.newest(), self.tools.today()
        newest = archived or newest_day(self.articles.values())
        if (kept := narrowed(self.question, newest, today)) is not None:
            self._limit(kept)
        elif archived and (late := too_new(self.question, archived, today)):
            self.searched.append(late)
        elif self.form.kind == "text" and not self.form.parts:
            near = brought_near(self.question, newest, today)
            if near is not None and near.near is not None:
                self._put_first(near, near.near)

    def _limit(self, question: Question) -> None:
        """Leave out the articles of another time than the question names."""
        self.wide = replace(question, filters=self.question.filters)
        self._ask(question)
        self._search("time")
        if self._passages():
            self.searched.append(f"Looked at articles {period_text(question.filters)}.")

    def _put_first(self, question: Question, days: Days) -> None:
        """Ask without the words for a time, near to it, if what comes first then is its news.

        A model is given the words, since it reads them beside the articles' days.
        """
        before = (self.question, self.form, self.found, self.articles)
        if self.tools.model is not None:
            question = replace(question, standalone=self.question.standalone)
        self._ask(question)
        self._search("time")
        if self.tools.model is None:
            picks = self._choice().picks
            first = self.articles[picks[0].evidence[0].article_id] if picks else None
            if first is None or not is_news_of(days, first):
                self.question, self.form, self.found, self.articles = before
                return
        self.searched.append(f"Articles {days_text(days)} came first.")

    def _choice(self) -> Choice:
        """What to quote of what was found, or why nothing is."""
        assert self.found is not None
        with self.clock("select"):
            return choose(
                self.question,
                self.form,
                self.found,
                self.articles,
                self.conflicts,
                self.tools.embedder,
            )

    def _found(self) -> Iterator[Event]:
        assert self.found is not None
        if self.found.n_undated:
            self.searched.append(undated_text(self.found.n_undated))
        with self.clock("conflicts"):
            self.conflicts = find_conflicts(self.question.text, self._passages(), self.articles)
        yield PassagesEvent(
            question=self.question, passages=self.found.passages, articles=self.articles
        )

    def _passages(self) -> tuple[Passage, ...]:
        return tuple(p.passage for p in self.found.passages) if self.found else ()
