"""The evaluation of the evaluation: how well judges agree with people.

For each labelled file and level: how well a judge ranks (ROC-AUC), how well it decides at its
threshold (balanced accuracy, Cohen's kappa, precision and recall of both classes), and how far
its numbers are from shares (expected calibration error), beside three baselines on the same rows.
A failed judgement counts as the wrong one everywhere, so that nobody gains by failing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.baselines import Nearness, bigram_overlap, rouge_l
from eval.bootstrap import (
    N_BINS,
    Statistic,
    auroc,
    balanced_accuracy,
    bin_of,
    calibration_error,
    interval,
    kappa,
    value,
)
from eval.judges import Judge, Judged, judged, one_by_one
from eval.pairs import Labelled, LabelledSet, is_labelled, load_labelled
from eval.rows import is_rows
from rag.errors import InputRefused

Progress = Callable[[int, int | None, str], None]  # done, total, what is under way
Interval = tuple[float, float]

_UNKNOWN = (float("nan"), (float("nan"), float("nan")))
BASELINES = ("bigram_overlap", "rouge_l", "cosine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How one judge did on one set; NaN where a figure needs both labels and there is one."""

    judge: str
    is_run_time: bool
    threshold: float
    auroc: float
    auroc_ci95: Interval
    balanced_accuracy: float
    balanced_accuracy_ci95: Interval
    kappa: float
    kappa_ci95: Interval
    ece: float
    ece_ci95: Interval
    precision: Interval  # of unsupported, of supported
    recall: Interval  # likewise
    n_failed: int
    failures: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """One file and level: the judges, best known first, and the baselines."""

    data: LabelledSet
    judges: tuple[Measured, ...]
    baselines: Mapping[str, tuple[float, Interval]]  # name -> AUROC and its interval
    agreement: Mapping[str, float]  # between the judges: "kappa A ~ B", "krippendorff_alpha"
    said: tuple[NDArray[np.float64], ...]  # the scores of each judge, for choosing thresholds

    @property
    def n_articles(self) -> int:
        """How many articles the pairs come from."""
        return len({p.article for p in self.data.pairs})


def find_sets(folder: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The labelled files of a folder, by name, and the others with the reason to skip them.

    Raises:
        InputRefused: it is no folder, or holds no labelled file.
    """
    if not folder.is_dir():
        raise InputRefused(
            f"{folder} is no folder", "name one that holds .jsonl or .jsonl.gz files"
        )
    found: list[Path] = []
    skipped: list[tuple[Path, str]] = []
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        if not is_rows(path):
            skipped.append((path, "not a .jsonl or .jsonl.gz file"))
            continue
        try:
            labelled = is_labelled(path)
        except InputRefused as error:
            skipped.append((path, error.message))
            continue
        if labelled:
            found.append(path)
        else:
            skipped.append((path, "no rows with source_text, claim and label"))
    if not found:
        raise InputRefused(
            f"no labelled file in {folder}", "its rows need source_text, claim and label"
        )
    return found, skipped


def measure(
    paths: Sequence[Path],
    judges: Sequence[Judge],
    nearness: Nearness,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
) -> list[SetResult]:
    """Every level of every file, in order; ``limit`` keeps so many pairs of each."""
    sets = [one for path in paths for one in load_labelled(path, limit)]
    return [measure_set(one, judges, nearness, progress) for one in sets]


def measure_set(
    data: LabelledSet,
    judges: Sequence[Judge],
    nearness: Nearness,
    progress: Progress | None = None,
) -> SetResult:
    """Judges and baselines on one set."""

    def told(judge: Judge) -> Judged:
        name = f"{data.name}: {judge.name}"
        return judged(judge, data.pairs, progress and (lambda n, of: progress(n, of, name)))

    heard = [told(judge) for judge in judges]
    floor = {
        "bigram_overlap": one_by_one(bigram_overlap)(data.pairs).scores,
        "rouge_l": one_by_one(rouge_l)(data.pairs).scores,
        "cosine": np.array(nearness(data.pairs)),
    }
    return SetResult(
        data=data,
        judges=tuple(_measured(j, h, data.pairs) for j, h in zip(judges, heard, strict=True)),
        baselines={name: _auroc(scores, data.pairs) for name, scores in floor.items()},
        agreement=agreement(judges, [h.scores for h in heard]),
        said=tuple(h.scores for h in heard),
    )


def _measured(judge: Judge, heard: Judged, pairs: Sequence[Labelled]) -> Measured:
    supported = labels(pairs)
    predicted = np.where(np.isnan(heard.scores), ~supported, judge.says(heard.scores))
    area, area_ci = _auroc(heard.scores, pairs)
    balance, balance_ci = _sure(balanced_accuracy(predicted, supported), pairs)
    both = len(np.unique(supported)) == 2
    beyond, beyond_ci = _sure(kappa(predicted, supported), pairs) if both else _UNKNOWN
    off, off_ci = _sure(calibration_error(heard.scores, supported), pairs)
    precision, recall = _decided(predicted, supported)
    return Measured(
        judge=judge.name,
        is_run_time=judge.is_run_time,
        threshold=judge.threshold,
        auroc=area,
        auroc_ci95=area_ci,
        balanced_accuracy=balance,
        balanced_accuracy_ci95=balance_ci,
        kappa=beyond,
        kappa_ci95=beyond_ci,
        ece=off,
        ece_ci95=off_ci,
        precision=precision,
        recall=recall,
        n_failed=heard.n_failed,
        failures=heard.failures,
    )


def _sure(statistic: Statistic, pairs: Sequence[Labelled]) -> tuple[float, Interval]:
    """A figure with its interval over articles."""
    return value(statistic, len(pairs)), interval(statistic, articles(pairs))


def labels(pairs: Sequence[Labelled]) -> NDArray[np.bool_]:
    """True where people found the claim supported."""
    return np.array([p.supported for p in pairs], dtype=np.bool_)


def articles(pairs: Sequence[Labelled]) -> list[str]:
    """The article of each pair."""
    return [p.article for p in pairs]


def _auroc(scores: NDArray[np.float64], pairs: Sequence[Labelled]) -> tuple[float, Interval]:
    """AUROC with its interval; failed judgements stand at the wrong end."""
    supported = labels(pairs)
    worst = np.where(supported, -np.inf, np.inf)
    return _sure(auroc(_ranks(np.where(np.isnan(scores), worst, scores)), supported), pairs)


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.unique(scores, return_inverse=True)[1].astype(np.float64)


def _decided(
    predicted: NDArray[np.bool_], supported: NDArray[np.bool_]
) -> tuple[Interval, Interval]:
    """Precision and recall of (unsupported, supported)."""
    from sklearn.metrics import precision_recall_fscore_support

    precision, recall, _, _ = precision_recall_fscore_support(
        supported, predicted, labels=[False, True], zero_division=np.nan
    )
    return (
        (float(precision[0]), float(precision[1])),
        (float(recall[0]), float(recall[1])),
    )


def bins(
    scores: NDArray[np.float64], supported: NDArray[np.bool_]
) -> list[tuple[float, float, int]]:
    """Of each bin that holds any: the mean score, the share supported, how many."""
    place = bin_of(scores)
    held = [place == i for i in range(N_BINS) if (place == i).any()]
    return [
        (float(scores[rows].mean()), float(supported[rows].mean()), int(rows.sum()))
        for rows in held
    ]


def agreement(judges: Sequence[Judge], scores: Sequence[NDArray[np.float64]]) -> dict[str, float]:
    """How far judges agree: Cohen's kappa of each two, Krippendorff's alpha (2011) of all.

    Failed judgements are missing values. Empty with one judge; NaN where nothing varies.
    """
    if len(judges) < 2 or not len(scores[0]):
        return {}
    import krippendorff
    from sklearn.metrics import cohen_kappa_score

    words = [
        np.where(np.isnan(s), np.nan, j.says(s).astype(np.float64))
        for j, s in zip(judges, scores, strict=True)
    ]
    out: dict[str, float] = {}
    for i, first in enumerate(judges):
        for k in range(i + 1, len(judges)):
            there = ~np.isnan(words[i]) & ~np.isnan(words[k])
            pair = (words[i][there].astype(int), words[k][there].astype(int))
            varied = there.any() and len(np.unique(np.concatenate(pair))) > 1
            out[f"kappa {first.name} ~ {judges[k].name}"] = (
                float(cohen_kappa_score(*pair)) if varied else float("nan")
            )
    there = np.unique(np.concatenate(words))
    varied = np.isfinite(there).sum() > 1
    out["krippendorff_alpha"] = (
        float(krippendorff.alpha(np.vstack(words), level_of_measurement="nominal"))
        if varied
        else float("nan")
    )
    return out


def tuned(results: Sequence[SetResult]) -> dict[str, float]:
    """For each judge the threshold with the best mean balanced accuracy over development sets.

    Only pairs of a development split count, each set as much as any other, and NLI pairs, which
    are no news, not at all. Empty when no set has pairs of both labels there.
    """
    grid = np.arange(1, 100) / 100
    gained: dict[str, list[NDArray[np.float64]]] = {}
    for result in results:
        chosen = np.array([p.is_development for p in result.data.pairs], dtype=np.bool_)
        supported = labels(result.data.pairs)[chosen]
        if result.data.level == "pair" or len(np.unique(supported)) < 2:
            continue
        for measured, said in zip(result.judges, result.said, strict=True):
            scores = np.nan_to_num(said[chosen], nan=-1.0)
            ups = (scores[supported][:, None] >= grid).mean(0)
            downs = (scores[~supported][:, None] < grid).mean(0)
            gained.setdefault(measured.judge, []).append((ups + downs) / 2)
    return {
        name: round(float(grid[int(np.mean(rows, axis=0).argmax())]), 2)
        for name, rows in gained.items()
    }
