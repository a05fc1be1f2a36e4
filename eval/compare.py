"""Is one run better than another? Paired, per question, and only as far as the data can tell.

Differences are of the same questions, so they are resampled together (paired bootstrap; Efron and
Tibshirani 1993; for such scores Berg-Kirkpatrick et al. 2012). Where every value is 0 or 1,
McNemar's exact test is told too. A gate fails only when the interval of a drop excludes 0.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.bootstrap import mean_interval
from eval.score import LESS_IS_BETTER, NEUTRAL, Score
from eval.summary import by_case
from rag.errors import InputRefused

SCHEMA = 1
Json = dict[str, Any]
Values = Mapping[str, Mapping[str, float]]  # metric -> case_id -> value


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one metric moved between two runs, over the questions that have it in both."""

    metric: str
    n: int
    before: float
    after: float
    difference: float  # after less before
    ci95: tuple[float, float]
    mcnemar_p: float | None  # None where values are not only 0 and 1
    n_only_before: int
    n_only_after: int

    @property
    def is_worse(self) -> bool:
        """True if it got worse and the interval of the change excludes 0."""
        return self._moved(-1)

    @property
    def is_better(self) -> bool:
        """True if it got better and the interval of the change excludes 0."""
        return self._moved(1)

    def _moved(self, to: int) -> bool:
        """True if the whole interval lies on the better (1) or the worse (-1) side of 0."""
        low, high = self.ci95
        up = to if self.metric not in LESS_IS_BETTER else -to
        return self.metric not in NEUTRAL and (low > 0 if up > 0 else high < 0)

    @property
    def told(self) -> str:
        """For people: what moved from where to where."""
        low, high = self.ci95
        word = "worse" if self.is_worse else "better" if self.is_better else "as good"
        return (
            f"{self.metric} is {word}: {self.before:.3f} before, {self.after:.3f} now, "
            f"change {self.difference:+.3f} [{low:+.3f}, {high:+.3f}] over {self.n} questions"
        )


def gone(before: Values, after: Values) -> Iterator[str]:
    """For people: the metrics of which some questions have no value any more."""
    for name, was in before.items():
        n_gone = len(set(was) - set(after.get(name, {})))
        if n_gone:
            yield f"{name}: {n_gone} of {len(was)} questions have no value now"


def values_of(scores: Sequence[Score]) -> dict[str, dict[str, float]]:
    """The values of a run by metric and case."""
    return {name: dict(by_case(scores, name)) for name in dict.fromkeys(s.metric for s in scores)}


def changes(before: Values, after: Values) -> list[Change]:
    """Every metric that both have, in the order of the first."""
    both = (name for name in before if name in after)
    return [change for name in both if (change := _change(name, before[name], after[name]))]


def _change(metric: str, before: Mapping[str, float], after: Mapping[str, float]) -> Change | None:
    cases = [case for case in before if case in after]
    if not cases:
        return None
    moved = [after[c] - before[c] for c in cases]
    return Change(
        metric=metric,
        n=len(cases),
        before=sum(before[c] for c in cases) / len(cases),
        after=sum(after[c] for c in cases) / len(cases),
        difference=sum(moved) / len(cases),
        ci95=mean_interval(moved, cases),
        mcnemar_p=_mcnemar([before[c] for c in cases], [after[c] for c in cases]),
        n_only_before=len(before) - len(cases),
        n_only_after=len(after) - len(cases),
    )


def _mcnemar(before: Sequence[float], after: Sequence[float]) -> float | None:
    """The exact p-value of McNemar's test (1947); 1 where nothing changed."""
    if not set(before) | set(after) <= {0.0, 1.0}:
        return None
    from scipy.stats import binomtest

    ups = sum(a > b for b, a in zip(before, after, strict=True))
    downs = sum(a < b for b, a in zip(before, after, strict=True))
    return float(binomtest(ups, ups + downs).pvalue) if ups + downs else 1.0


def moved_cases(before: Values, after: Values) -> list[Json]:
    """Every question with a value that changed, the worst change first."""
    out = [
        {"case_id": case, "metric": metric, "before": was, "after": after[metric][case]}
        for metric, values in before.items()
        for case, was in values.items()
        if case in after.get(metric, {}) and after[metric][case] != was
    ]
    return sorted(out, key=lambda row: (_gain(row), str(row["metric"]), str(row["case_id"])))


def _gain(row: Json) -> float:
    change = float(row["after"] - row["before"])
    return -change if row["metric"] in LESS_IS_BETTER else change


def compare_json(before: Values, after: Values) -> Json:
    """Changes of every metric, and of every question."""
    return {
        "schema": SCHEMA,
        "metrics": {c.metric: _change_json(c) for c in changes(before, after)},
        "cases": moved_cases(before, after),
    }


def _change_json(change: Change) -> Json:
    body = {k: _number(v) for k, v in asdict(change).items() if k != "metric"}
    return body | {"worse": change.is_worse, "better": change.is_better}


def _number(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_number(v) for v in value]
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value


def compare_markdown(body: Mapping[str, Any], n_shown: int = 20) -> str:
    """The comparison as tables: metrics, then the questions that moved most."""
    lines = [
        "| metric | n | before | after | change | 95 % interval | McNemar p | |",
        "|" + "---|" * 8,
    ]
    for name, metric in body["metrics"].items():
        low, high = metric["ci95"]
        p = metric["mcnemar_p"]
        word = "worse" if metric["worse"] else "better" if metric["better"] else ""
        lines.append(
            f"| {name} | {metric['n']} | {metric['before']:.3f} | {metric['after']:.3f} "
            f"| {metric['difference']:+.3f} | {low:+.3f} to {high:+.3f} "
            f"| {'-' if p is None else f'{p:.3f}'} | {word} |"
        )
    shown = body["cases"][:n_shown]
    if shown:
        lines += ["", "| question | metric | before | after |", "|---|---|---|---|"]
        lines += [
            f"| {c['case_id']} | {c['metric']} | {c['before']:.3f} | {c['after']:.3f} |"
            for c in shown
        ]
    if len(body["cases"]) > n_shown:
        lines.append(f"\n{len(body['cases']) - n_shown:,} more values moved; --json tells all.")
    return "\n".join(lines)


def baseline_json(scores: Sequence[Score]) -> Json:
    """What a gate compares with: every value of a run."""
    return {
        "schema": SCHEMA,
        "metrics": {
            name: {case: round(v, 6) for case, v in sorted(values.items())}
            for name, values in sorted(values_of(scores).items())
        },
    }


def read_baseline(path: Path) -> dict[str, dict[str, float]]:
    """The values in a baseline file.

    Raises:
        InputRefused: it is none.
    """
    try:
        body = json.loads(path.read_text("utf-8"))
        if body["schema"] != SCHEMA:
            raise InputRefused(f"{path} has schema {body['schema']}, not {SCHEMA}", "write it anew")
        return {
            metric: {case: float(v) for case, v in values.items()}
            for metric, values in body["metrics"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputRefused(
            f"{path} is no baseline: {error}", "write one with: byline eval gate RUN --write FILE"
        ) from error
