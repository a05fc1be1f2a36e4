"""Runs evaluations for the page: one at a time, in a thread, over the archive that is open.

Finished runs lie in ``HOME/evals``, each in a folder of its own, like those of ``byline eval run``.
"""

import json
import logging
import re
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rag.errors import ArticleMissing, BylineError, InputRefused
from rag.i18n import msgid
from web.case_sets import CaseSets

if TYPE_CHECKING:
    from web.desk import Desk

log = logging.getLogger("byline.web")
Json = dict[str, Any]
State = Literal["idle", "running", "done", "stopped", "failed"]
_NAME = re.compile(r"[\w][\w.-]{0,120}")
_STOP_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far the run under way is, or how the last one ended."""

    state: State = "idle"
    name: str = ""
    done: int = 0
    total: int | None = None
    doing: str = ""
    told: str = ""  # why it failed
    run_id: str = ""  # its folder, once it is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run."""

    run_id: str
    at: datetime
    report: Mapping[str, Any]


class _StoppedError(Exception):
    """Somebody stopped the run."""


class Trials:
    """The evaluations of one archive."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._folder = desk.home / "evals"
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.standing = Standing()
        self.sets = CaseSets(desk.home)

    def start(self, name: str, limit: int) -> None:
        """Run a set of questions, at most ``limit`` of them.

        Raises:
            InputRefused: a run is under way, or the set holds no question.
            ArticleMissing: there is no such set.
        """
        path = self.sets.path(name)
        with self._lock:
            if self.standing.state == "running":
                raise InputRefused(f"{self.standing.name} is being run", "wait for it, or stop it")
            self._stop = threading.Event()
            self.standing = Standing(state="running", name=path.name, doing="loading")
            self._thread = threading.Thread(
                target=self._work, args=(path, limit, self._stop), name="trial", daemon=True
            )
            self._thread.start()

    def stop(self, wait_s: float = _STOP_S) -> None:
        """Stop the run under way, if there is one; what it asked so far is thrown away.

        It is waited for so long: a step that takes longer ends by itself.
        """
        self._stop.set()
        if self._thread is not None:
            self._thread.join(wait_s)

    def runs(self) -> tuple[Run, ...]:
        """The finished runs, the latest first."""
        folders = self._folder.iterdir() if self._folder.is_dir() else ()
        found = (_run(path) for path in folders if _NAME.fullmatch(path.name))
        return tuple(sorted((r for r in found if r), key=lambda r: (r.at, r.run_id), reverse=True))

    def folder(self, run_id: str) -> Path:
        """Where a finished run lies.

        Raises:
            ArticleMissing: there is no such run.
        """
        found = self._folder / run_id
        if not _NAME.fullmatch(run_id) or not (found / "report.json").is_file():
            raise ArticleMissing(f"there is no run {run_id[:80]!r}", "choose another")
        return found

    def run(self, run_id: str) -> Run | None:
        """A finished run; None if its report says nothing that can be shown in a line.

        Raises:
            ArticleMissing: there is no such run.
        """
        return _run(self.folder(run_id))

    def remove(self, run_id: str) -> None:
        """Delete a run with all that it holds."""
        shutil.rmtree(self.folder(run_id))

    def _work(self, path: Path, limit: int, stop: threading.Event) -> None:
        folder = self._free(f"{path.stem[:60]}-{datetime.now(UTC):%Y%m%d-%H%M%S}")

        def progress(done: int, total: int | None, doing: str) -> None:
            if stop.is_set():
                raise _StoppedError
            self.standing = replace(self.standing, done=done, total=total, doing=doing)

        try:
            self._run(path, limit, folder, progress, stop)
        except _StoppedError:
            self._end("stopped", folder)
        except BylineError as error:
            self._end("failed", folder, str(error))
        except Exception:  # the edge of a thread: logged, and told on the page
            log.exception("the evaluation of %s failed", path.name)
            why = msgid("something went wrong; the log has the details")
            self._end("failed", folder, why)
        else:
            self.standing = replace(self.standing, state="done", run_id=folder.name, doing="")

    def _free(self, name: str) -> Path:
        """A folder that is not there yet, under this name or the next."""
        names = (f"{name}{f'-{i}' if i > 1 else ''}" for i in range(1, 1_000))
        return next(path for n in names if not (path := self._folder / n).exists())

    def _end(self, state: State, folder: Path, told: str = "") -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.standing = replace(self.standing, state=state, told=told, doing="")

    def _run(
        self, path: Path, limit: int, folder: Path, progress: Any, stop: threading.Event
    ) -> None:
        from eval.datasets import load_cases
        from web.archive import Aside
        from web.evaluating import Wanted, evaluate
        from web.scoring import embedded_judge

        wanted = Wanted(
            data=path,
            cases=load_cases(path, limit),
            judge=embedded_judge(self._desk),
            settings=self._desk.settings,
            out=folder,
            archive=Aside(self._desk, stop),
        )
        evaluate(wanted, progress)


def _moment(run_id: str) -> datetime | None:
    """When a run was begun, as its folder's name says: a copied file would be too young."""
    found = re.search(r"-(\d{8}-\d{6})(-\d+)?$", run_id)
    try:
        return datetime.strptime(f"{found[1]} +0000", "%Y%m%d-%H%M%S %z") if found else None
    except ValueError:
        return None


def _run(folder: Path) -> Run | None:
    """The run in a folder; None if there is none that was finished."""
    path = folder / "report.json"
    try:
        report = json.loads(path.read_text("utf-8"))
        at = _moment(folder.name) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Run(run_id=folder.name, at=at, report=report) if "metrics" in report else None
    except (OSError, ValueError, TypeError):
        return None
