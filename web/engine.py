"""Answering from an open archive: the model and the judge of the moment.

What answers can be changed while questions are being answered: those under way end with what they
began with, the next one is asked with the new.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rag.browse import newest_day
from rag.embed import Embedder
from rag.entail import Judge, asking, check_verifier, load_judge
from rag.errors import SettingsError
from rag.index import Index
from rag.llm import ChatModel, OpenAIChat
from rag.pipeline import Pipeline
from rag.preferences import Preferences
from rag.retrieve import Retrieved, retrieve
from rag.schema import Article, Event, Filters, Mode, Question, SentenceEvent, StatusEvent, Turn
from rag.settings import EMBEDDED_VERIFIER, Settings
from web.bench import Bench, Patient, Stage, Ticket

log = logging.getLogger("byline.web")


class Answering:
    """Answers questions from an index, as the settings of the moment say."""

    def __init__(self, settings: Settings, *, index: Index, embedder: Embedder) -> None:
        self.settings = settings
        self._index = index
        self._embedder = embedder
        self._lock = threading.RLock()
        self._bench = Bench()
        self._counting = threading.Lock()
        self._n_asking = 0
        self._model = _model_of(settings)
        self._pipeline: Pipeline | None = None
        self._wrap: Callable[[ChatModel], ChatModel] | None = None

    def mode(self) -> tuple[Mode, str]:
        """How answers are written, and by which model ("" when quoting)."""
        settings = self.settings
        return ("llm", settings.llm_name) if settings.uses_llm else ("extractive", "")

    @property
    def is_busy(self) -> bool:
        """True while a question is being answered."""
        return self._n_asking > 0

    def ask(
        self,
        asked: str,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        stop: threading.Event | None = None,
        standalone: str = "",
        wrap: Callable[[ChatModel], ChatModel] | None = None,
    ) -> Iterator[Event]:
        """Answer, step by step; the last event is the whole answer.

        ``standalone``, if it is given, is searched with as it is. Setting ``stop`` in any thread
        cuts a waiting model's connection at once. ``wrap`` listens to the model for this answer.
        """
        with self._lock:
            pipeline, model = self.pipeline(), self._model
        ticket = self._bench.ticket()
        pipeline = replace(pipeline, place=ticket)
        bound: ChatModel | None = pipeline.model
        if model is not None and (stop is not None or wrap is not None):
            bound = model.until(stop) if stop is not None else model
            bound = wrap(bound) if wrap is not None else bound
        if bound is not None:
            bound = Patient(bound, ticket)
            pipeline = replace(pipeline, model=bound, judge=asking(pipeline.judge, bound))
        events = pipeline.stream(asked, history, filters, standalone)
        return self._counted(events, ticket, has_model=bound is not None)

    def use(self, settings: Settings) -> None:
        """Answer with these settings from the next question on; what fails leaves the old.

        Raises:
            SettingsError: the model's address or the verifier cannot work.
            ModelMissing: the verifier cannot be loaded.
        """
        model = _model_of(settings)
        judge = load_judge(settings.verifier, model)  # takes seconds: nobody waits for it
        with self._lock:
            self.settings, self._model = settings, model
            self._pipeline = self._make(judge)
            if self._wrap is not None:
                self._watched(self._wrap)

    def watch_model(self, wrap: Callable[[ChatModel], ChatModel]) -> None:
        """Ask the language model, if there is one, through a wrapping that listens."""
        with self._lock:
            self.pipeline()
            self._wrap = wrap
            self._watched(wrap)

    def _watched(self, wrap: Callable[[ChatModel], ChatModel]) -> None:
        if self._pipeline is not None and self._pipeline.model is not None:
            model = wrap(self._pipeline.model)
            judge = asking(self._pipeline.judge, model)
            self._pipeline = replace(self._pipeline, model=model, judge=judge)

    def warm_up(self) -> None:
        """Load what the first question would wait for."""
        if self._model is not None:
            self._model.load()
        with self._lock:
            self.pipeline()

    def pipeline(self) -> Pipeline:
        """What answers now; made for the first question: a named judge takes seconds to load."""
        if self._pipeline is None:
            self._pipeline = self._make(load_judge(self.settings.verifier, self._model))
        return self._pipeline

    def _make(self, judge: Judge | None) -> Pipeline:
        return Pipeline(
            search=self._search,
            outlets=self._index.catalog.outlets,
            newest=lambda: newest_day(self._index.catalog),
            today=lambda: datetime.now(UTC).date(),
            embedder=self._embedder,
            model=self._model,
            judge=judge,
            language=self.settings.answer_language,
            strict=self.settings.strict,
            max_s=self.settings.llm_total_s,
            settings_id=self.settings.settings_id,
        )

    def _search(self, question: Question) -> tuple[Retrieved, Mapping[str, Article]]:
        with self._index.snapshot():
            found = retrieve(question, self._index, self._embedder)
            ids = {p.passage.article_id for p in found.passages}
            return found, self._index.catalog.articles(ids)

    def _counted(
        self, events: Iterator[Event], ticket: Ticket, *, has_model: bool
    ) -> Iterator[Event]:
        """The events; while they come, the queue lets them go first."""
        self._count(1)
        try:
            for event in events:
                if isinstance(event, SentenceEvent):
                    ticket.stage = Stage.SHOWS
                elif has_model and isinstance(event, StatusEvent) and event.stage == "write":
                    ticket.stage = Stage.WRITES
                yield event
        finally:
            self._count(-1)

    def _count(self, n: int) -> None:
        with self._counting:
            self._n_asking += n


def with_choice(given: Settings, chosen: Preferences | None) -> Settings:
    """The settings to answer with; a choice that cannot work any more is left out and logged.

    A verifier that was moved away since must not keep the server down: its page is where another
    can be chosen. One in the environment is refused, as ever.
    """
    if chosen is None:
        return given
    settings = chosen.over(given)
    try:
        check_verifier(settings.verifier, has_model=settings.uses_llm)
    except SettingsError as error:
        log.warning("the verifier chosen in the page is left out: %s", error)
        return settings.model_copy(update={"verifier": EMBEDDED_VERIFIER})
    return settings


def _model_of(settings: Settings) -> OpenAIChat | None:
    return OpenAIChat(settings) if settings.uses_llm else None
