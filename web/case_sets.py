"""Sets of questions that an archive is evaluated with: found, taken in, drafted, looked through.

They are files in ``HOME/evals/sets``, in any format of ``eval.datasets``; those in JSON lines can
be looked through on the page. A drafted row says ``"draft": true`` until somebody kept it.
"""

import json
import os
import random
import re
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ArticleMissing, InputRefused

if TYPE_CHECKING:
    from rag.schema import Article

Json = dict[str, Any]
SUFFIXES = (".jsonl", ".json", ".csv", ".tsv")
MAX_CASES = 2_000  # of a set that is looked through: all of it is written at every change
_N_SAMPLED = 400  # articles that questions are drafted from
_NAME = re.compile(r"[\w][\w.-]{0,79}")
_UNSAFE = re.compile(r"[^\w.-]+")


class CaseSets:
    """The sets of one archive. Any thread may read and write."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "evals" / "sets"
        self._writing = threading.Lock()

    def listing(self) -> tuple[Path, ...]:
        """The files, by name."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(p for p in self.folder.iterdir() if _is_set(p)))

    def path(self, name: str) -> Path:
        """The file of this name.

        Raises:
            ArticleMissing: there is none.
        """
        found = next((p for p in self.listing() if p.name == name), None)
        if found is None:
            raise ArticleMissing(f"no set of questions is called {name[:80]!r}", "choose another")
        return found

    def add(self, name: str, text: str) -> Path:
        """Take a file in, if it holds questions; under another name if that one is taken.

        Raises:
            InputRefused: it holds none, or is of another kind.
        """
        from eval.datasets import load_cases

        suffix = Path(name).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputRefused(
                f"{Path(name).name[:80]!r} is no set of questions", f"use {', '.join(SUFFIXES)}"
            )
        with self._writing:
            target = self._free(Path(name).stem, suffix)
            trial = target.with_name(f".taking-in{suffix}")
            trial.write_text(text, "utf-8")
            try:
                load_cases(trial)
                trial.replace(target)
            except InputRefused as error:
                told = error.message.replace(str(trial), name).replace(trial.name, name)
                raise InputRefused(told, error.hint) from None
            finally:
                trial.unlink(missing_ok=True)
        return target

    def draft(self, articles: Iterable["Article"], n: int, seed: int = 0) -> Path:
        """Draft a set from some of the articles, to be looked through.

        Raises:
            InputRefused: no sentence makes a question.
        """
        from eval.make import draft

        rows = draft(_some(list(articles), n, seed), n, seed)
        if not rows:
            raise InputRefused(
                "no sentence of the archive makes a question", "add more articles first"
            )
        with self._writing:
            target = self._free(f"draft-{datetime.now(UTC):%Y-%m-%d}", ".jsonl")
            _write(target, rows)
        return target

    def rows(self, name: str) -> list[Json]:
        """The cases of a set in JSON lines, as they stand in the file.

        Raises:
            InputRefused: it is in another format, damaged, or too large to look through.
        """
        from eval.rows import read_rows

        path = self.path(name)
        if path.suffix != ".jsonl":
            raise InputRefused(f"{name} is not in JSON lines", "it can be run, not edited here")
        rows: list[Json] = []
        for row in read_rows(path):
            if isinstance(row, InputRefused):
                raise row
            rows.append(dict(row.values))
            if len(rows) > MAX_CASES:
                raise InputRefused(f"{name} has more than {MAX_CASES:,} rows", "edit it by hand")
        return rows

    def change(self, name: str, at: int, was: str, changes: Mapping[str, Any] | None) -> None:
        """Keep a row as it is, with other values, or (None) drop it; it is no draft any more.

        ``at`` counts from 0, ``was`` is its question as it was seen.

        Raises:
            InputRefused: the row is another one by now.
        """
        with self._writing:
            rows = self.rows(name)
            if not 0 <= at < len(rows) or rows[at].get("question") != was:
                raise InputRefused("this question was changed meanwhile", "look at it again")
            if changes is None:
                del rows[at]
            else:
                rows[at] = {k: v for k, v in rows[at].items() if k != "draft"} | dict(changes)
            _write(self.path(name), rows)

    def remove(self, name: str) -> None:
        """Delete a set."""
        self.path(name).unlink()

    def _free(self, stem: str, suffix: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        plain = _UNSAFE.sub("-", stem).strip("-.")[:60] or "questions"
        names = (f"{plain}{f'-{i}' if i > 1 else ''}{suffix}" for i in range(1, 10_000))
        return next(p for n in names if not (p := self.folder / n).exists())


def _is_set(path: Path) -> bool:
    return path.is_file() and path.suffix in SUFFIXES and bool(_NAME.fullmatch(path.name))


def _some(articles: list["Article"], n: int, seed: int) -> list["Article"]:
    """Some of the articles, and the oldest: from it the years are counted that have none."""
    size = max(_N_SAMPLED, 2 * n)
    if len(articles) <= size:
        return articles
    draw = random.Random(seed)  # noqa: S311  # a choice of articles, not a secret
    some = draw.sample(articles, size)
    dated = [a for a in articles if a.day is not None]
    oldest = min(dated, key=lambda a: a.day or date.max, default=None)
    return some if oldest is None or oldest in some else [*some, oldest]


def _write(path: Path, rows: Iterable[Json]) -> None:
    """All of it or nothing."""
    new = path.with_name(f".{path.name}.new")
    new.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    os.replace(new, path)
