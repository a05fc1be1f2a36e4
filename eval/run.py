"""The story of a run: cases, answers, scores, and a folder that holds all of it.

In the folder: ``settings.json``, ``cases.jsonl``, ``answers.jsonl``, ``verdicts.jsonl`` (every
judgement), ``prompts.jsonl``, ``scores.jsonl``, ``report.json``; ``timings.jsonl`` alone differs
between two runs of the same. ``asked.jsonl`` is what came so far, and goes when the run is done.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from eval.archives import Archive, Known, found, known_in, relevant, state_of, unknown_facts
from eval.asking import Progress, ask_all, calls_of, times, without_times
from eval.bootstrap import SEED
from eval.datasets import Case
from eval.judges import Judge
from eval.pairs import Labelled
from eval.recording import cost, drafted
from eval.reply import Reply, from_contract
from eval.retrieval import retrieval
from eval.score import Score, score_draft, score_reply
from eval.summary import run_json
from rag.errors import InputRefused
from rag.prompts import PROMPT_VERSION
from rag.verify import JUDGE as VERIFIER

Json = dict[str, Any]
CACHE = "asked.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is run, and where it is kept."""

    name: str
    cases: Sequence[Case]
    folder: Path
    judge: Judge
    setting: Mapping[str, Any]  # what else shapes the answers, for settings.json
    faults: Sequence[str] = ()  # rows of the data that are no cases
    corpus: Path | None = None
    private: Sequence[str] = ()  # folders of the throw-away archive, kept out of the files
    price: tuple[float, float] | None = None  # of a million tokens of prompts, and of replies
    workers: int = 1


def run(plan: Plan, archive: Archive, progress: Progress | None = None) -> Json:
    """Ask, score, write; the report.

    Raises:
        InputRefused: the folder holds another run.
    """
    known = known_in(archive, plan.corpus)
    settings = _settings(plan, archive)
    _begin(plan.folder, settings)
    entries = ask_all(
        plan.cases, archive, known, plan.folder / CACHE, workers=plan.workers, progress=progress
    )
    supports = Recorded(plan.judge)
    scores: list[Score] = []
    verdicts: list[Json] = []
    for n, case in enumerate(plan.cases, 1):
        supports.begin()
        reply, why = _reply(entries[case.case_id])
        scores.extend(score_reply(case, reply, supports, why))
        if reply is not None:
            scores.extend(score_draft(case, drafted(entries[case.case_id]), reply, supports))
        verdicts.extend({"case_id": case.case_id, **told} for told in supports.told)
        if progress is not None:
            progress(n, len(plan.cases), f"scoring {case.case_id}")
    scores = [*_retrieval(plan.cases, entries, known), *scores]
    report = {
        **run_json(len(plan.cases), scores),
        "name": plan.name,
        "judge": plan.judge.name,
        "judge_is_run_time_verifier": plan.judge.is_run_time,
        "n_invalid_rows": len(plan.faults),
        "n_facts_not_in_archive": len(list(unknown_facts(plan.cases, known))),
        "cost": cost(calls_of(entries), plan.price),
        "settings": settings,
    }
    _write(plan, entries, scores, verdicts, report)
    return report


def _settings(plan: Plan, archive: Archive) -> Json:
    return {
        **plan.setting,
        "data": plan.name,
        "n_cases": len(plan.cases),
        "cases": _digest(asdict(case) for case in plan.cases),
        "archive": state_of(archive),
        "judge": plan.judge.name,
        "judge_threshold": plan.judge.threshold,
        "bootstrap_seed": SEED,
        "verifier": VERIFIER,
        "prompt_version": PROMPT_VERSION,
    }


def _digest(rows: Iterable[Any]) -> str:
    told = json.dumps(list(rows), sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _begin(folder: Path, settings: Json) -> None:
    """Make the folder, or go on in it when it holds the beginning of this very run."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "settings.json"
    if target.is_file() and (folder / CACHE).is_file():
        before = json.loads(target.read_text("utf-8"))
        if before != settings:
            other = [k for k in settings if before.get(k) != settings[k]]
            raise InputRefused(
                f"{folder} holds the beginning of another run ({', '.join(other)} differ)",
                "name another folder with --out, or delete this one",
            )
    else:
        (folder / CACHE).unlink(missing_ok=True)
    target.write_text(_text(settings), "utf-8")


def _reply(entry: Mapping[str, Any]) -> tuple[Reply | None, str]:
    if "answer" not in entry:
        return None, str(entry["error"])
    try:
        return from_contract(entry["answer"]), ""
    except InputRefused as error:
        return None, error.message


class Recorded:
    """A judge's yes or no, asked once for each pair, and every word it said since ``begin``."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._known: dict[tuple[str, str], tuple[float, str]] = {}
        self.told: list[Json] = []

    def begin(self) -> None:
        """Forget what was said about the last case."""
        self._known.clear()
        self.told = []

    def __call__(self, claim: str, source: str) -> bool | None:
        """True if the source supports the claim; None if the judge failed."""
        if (claim, source) not in self._known:
            self._known[claim, source] = self._ask(claim, source)
        score, _ = self._known[claim, source]
        return None if np.isnan(score) else score >= self._judge.threshold

    def _ask(self, claim: str, source: str) -> tuple[float, str]:
        heard = self._judge.score([labelled(claim, source)])
        score, why = float(heard.scores[0]), next(iter(heard.failures), "")
        told = {"claim": claim, "source": source, "support": None if why else round(score, 4)}
        self.told.append({**told, "failure": why} if why else told)
        return score, why


def labelled(claim: str, source: str) -> Labelled:
    """A pair that nobody has judged, for a judge."""
    return Labelled(
        pair_id="", source=source, claim=claim, supported=False, level="", split="", article=""
    )


def _retrieval(cases: Sequence[Case], entries: Mapping[str, Json], known: Known) -> list[Score]:
    gold = {c.case_id: relevant(c, known) for c in cases if c.answerable and c.evidence}
    there = {
        c.case_id: found(c, entries[c.case_id].get("answer", {}), known)
        for c in cases
        if c.case_id in gold
    }
    return [
        Score(
            case_id=case_id,
            metric=metric,
            value=value,
            state="scored" if "answer" in entries[case_id] else "invalid",
        )
        for metric, values in retrieval(gold, there).items()
        for case_id, value in values.items()
    ]


def _write(
    plan: Plan,
    entries: Mapping[str, Json],
    scores: Sequence[Score],
    verdicts: Sequence[Json],
    report: Json,
) -> None:
    folder = plan.folder
    _lines(folder / "cases.jsonl", (asdict(case) for case in plan.cases))
    _lines(
        folder / "answers.jsonl",
        ({"case_id": k, **without_times(v, plan.private)} for k, v in entries.items()),
    )
    _lines(folder / "verdicts.jsonl", verdicts)
    _lines(folder / "scores.jsonl", (_score_json(score) for score in scores))
    _lines(folder / "prompts.jsonl", calls_of(entries))
    _lines(folder / "timings.jsonl", times(entries))
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    (folder / CACHE).unlink()


def _score_json(score: Score) -> Json:
    body = asdict(score)
    return body | {"value": None if np.isnan(score.value) else round(score.value, 6)}


def read_scores(folder: Path) -> tuple[Score, ...]:
    """The scores of a finished run.

    Raises:
        InputRefused: the folder holds none.
    """
    path = folder / "scores.jsonl"
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise InputRefused(f"{folder} holds no finished run: {error}", "run it first") from error
    return tuple(
        replace(Score(**row), value=float("nan") if row["value"] is None else row["value"])
        for row in rows
    )


def _lines(path: Path, rows: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, sort_keys=True) + "\n" for row in rows)


def _text(body: Json) -> str:
    return json.dumps(body, indent=1, sort_keys=True) + "\n"
