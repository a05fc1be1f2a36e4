"""Runs an evaluation over the archive, or over a throw-away one of the questions' documents."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from eval.archives import Archive, Either, write_documents
from eval.asking import Progress
from eval.datasets import CaseFile
from eval.drafting import Drafted, drafted
from eval.judges import Judge
from eval.make import draft, n_answerable
from eval.recording import Recorder, Recording
from eval.reply import from_contract
from eval.report_html import write_reports
from eval.rows import set_name
from eval.run import Plan, read_scores, run
from rag.llm import OpenAIChat
from rag.schema import Filters
from rag.settings import Settings
from web.archive import Opened, open_archive
from web.telling import note

if TYPE_CHECKING:
    from web.archive import Archive as OpenArchive

Json = dict[str, Any]
_MAX_CORPUS_MB = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A run as it was asked for."""

    data: Path
    cases: CaseFile
    judge: Judge
    settings: Settings
    corpus: Path | None = None
    out: Path | None = None
    workers: int = 1
    max_calls: int | None = None  # of the language model that answers
    price: tuple[float, float] | None = None  # of a million tokens of prompts, and of replies
    archive: "OpenArchive | None" = None  # asked instead of the one in the settings' home

    @property
    def folder(self) -> Path:
        """Where the run is kept."""
        return self.out or self.settings.home / "evals" / set_name(self.data)


def evaluate(wanted: Wanted, progress: Progress | None = None) -> Json:
    """The report of a run; all of it is in its folder. Without ``progress`` a bar shows it."""
    from web.progress import bar

    cases = wanted.cases
    with ExitStack() as opened:
        recorder = Recorder(max_calls=wanted.max_calls)
        archive, private = _opened(wanted, recorder, opened, progress)
        plan = Plan(
            name=set_name(wanted.data),
            cases=cases.cases,
            faults=cases.faults,
            folder=wanted.folder,
            judge=wanted.judge,
            setting=_setting(wanted.settings),
            corpus=wanted.corpus,
            private=private,
            workers=wanted.workers,
            price=wanted.price,
        )
        shown = nullcontext(progress) if progress is not None else bar("Evaluating")
        with shown as advance:
            report = run(plan, Recording(archive, recorder), advance)
    write_reports(wanted.folder, report, read_scores(wanted.folder))
    return report


def _setting(settings: Settings) -> Json:
    """What shapes the answers, without any secret."""
    return {
        "mode": "llm" if settings.uses_llm else "extractive",
        "model": settings.llm_name if settings.uses_llm else "",
        "embedder": settings.embedder,
        "strict": settings.strict,
        "run_time_verifier": settings.verifier,
        "settings_id": settings.settings_id,
    }


def _opened(
    wanted: Wanted, recorder: Recorder, opened: ExitStack, progress: Progress | None
) -> tuple[Archive, list[str]]:
    """The archive to ask, and the folders of it that will be thrown away."""
    cases = wanted.cases.cases
    archives: list[OpenArchive] = []
    private: list[str] = []
    if any(case.documents for case in cases):
        folder = opened.enter_context(TemporaryDirectory(prefix="byline-eval-"))
        write_documents(cases, Path(folder) / "documents.jsonl")
        private.append(folder)
        own = throw_away(wanted.settings, Path(folder) / "documents.jsonl", progress)
        archives.append(opened.enter_context(own))
    if wanted.corpus is not None or not all(case.documents for case in cases):
        archives.append(wanted.archive or opened.enter_context(_home(wanted)))
    for archive in archives:
        if isinstance(archive, Opened):
            archive.watch_model(recorder.wrap)
    both = len(archives) == 2
    return (Either(own=archives[0], home=archives[1]) if both else archives[0]), private


@contextmanager
def _home(wanted: Wanted) -> Iterator["OpenArchive"]:
    """The user's archive, with the corpus in it if there is one."""
    settings = wanted.settings
    if wanted.corpus is not None:  # who names a corpus means all of it
        settings = settings.model_copy(update={"max_upload_mb": _MAX_CORPUS_MB})
    with open_archive(settings, create=wanted.corpus is not None) as archive:
        if archive.served_at:
            note(f"asking the server at {archive.served_at}, with its settings")
        if wanted.corpus is not None:
            _fill(archive, wanted.corpus)
        yield archive


@contextmanager
def throw_away(
    settings: Settings, corpus: Path, progress: Progress | None = None
) -> Iterator["OpenArchive"]:
    """An archive of the articles in a file, gone when it is closed.

    Filling it ends with whatever ``progress`` raises; without one a bar shows it.
    """
    with TemporaryDirectory(prefix="byline-eval-") as folder:
        own = settings.model_copy(
            update={"home": Path(folder) / "home", "max_upload_mb": _MAX_CORPUS_MB}
        )
        with open_archive(own, create=True) as archive:
            _fill(archive, corpus, progress)
            yield archive


def _fill(archive: "OpenArchive", corpus: Path, progress: Progress | None = None) -> None:
    from web.progress import bar

    with nullcontext(progress) if progress is not None else bar("Ingesting") as advance:
        report = archive.ingest([str(corpus)], advance)
    skipped = [item for item in report["items"] if item["outcome"] == "skipped"]
    for item in skipped[:10]:
        note(f"skipped {item['source']}: {item['reason']}")
    if len(skipped) > 10:
        note(f"and {len(skipped) - 10} more")


def make_drafts(
    settings: Settings, n: int, seed: int = 0, max_calls: int | None = None
) -> tuple[list[Json], Drafted | None]:
    """Questions drafted from the archive, and how a language model did, if one is set."""
    from web.desk import Desk

    # Answers are looked for without the model: it must not vouch for itself.
    quoting = {"llm_model": "", "llm_base_url": "", "llm_api_key": SecretStr(""), "verifier": ""}
    with Desk.open(settings.model_copy(update=quoting)) as desk:
        articles = list(desk.listing())
        if not settings.uses_llm:
            return draft(articles, n, seed), None

        def quotes(question: str, article_id: str) -> str:
            body = Opened(desk).ask(question, Filters(articles=(article_id,)), note_nothing)
            return " ".join(s.text for s in from_contract(body).sentences)

        own = drafted(
            articles,
            OpenAIChat(settings),
            quotes,
            n_answerable(articles, n),
            seed=seed,
            max_calls=max_calls,
        )
        return draft(articles, n, seed, own.rows), own


def note_nothing(_: str) -> None:
    """Nobody watches the steps of a draft's check."""
