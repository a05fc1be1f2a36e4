"""From scores to figures: means with intervals, and how many rows stand behind each."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from eval.bootstrap import mean_interval, share_interval
from eval.score import Score

SCHEMA = 1
Json = dict[str, Any]


def run_json(n_cases: int, scores: Sequence[Score]) -> Json:
    """``{"schema", "n", "metrics": {name: {"value", "ci95", "n", "n_failed", ...}}}``.

    The value is the mean over the cases with a value; ``n`` says how many, ``n_failed`` in how
    many of them a judgement failed or there was no answer, ``n_abstained`` how many had nothing
    to judge and are not in the mean. Intervals are bootstrap percentiles over cases; Wilson's where
    all cases have 0 or all have 1.
    """
    by_metric: dict[str, list[Score]] = {}
    for score in scores:
        by_metric.setdefault(score.metric, []).append(score)
    return {
        "schema": SCHEMA,
        "n": n_cases,
        "metrics": {name: metric_json(found) for name, found in by_metric.items()},
    }


def metric_json(scores: Sequence[Score]) -> Json:
    """One metric over its cases."""
    kept = [s for s in scores if math.isfinite(s.value)]
    states = Counter(s.state for s in scores)
    low, high = _interval(kept)
    return {
        "value": _number(sum(s.value for s in kept) / len(kept)) if kept else None,
        "ci95": [_number(low), _number(high)],
        "n": len(kept),
        "n_failed": states["judge_failed"] + states["invalid"],
        "n_scored": states["scored"],
        "n_judge_failed": states["judge_failed"],
        "n_invalid": states["invalid"],
        "n_abstained": states["abstained"],
    }


def _interval(scores: Sequence[Score]) -> tuple[float, float]:
    values = [s.value for s in scores]
    if set(values) in ({0.0}, {1.0}):
        return share_interval(values[0], len(values))
    return mean_interval(values, [s.case_id for s in scores])


def by_case(scores: Sequence[Score], metric: str) -> Mapping[str, float]:
    """The values of one metric by case, those without one left out."""
    return {s.case_id: s.value for s in scores if s.metric == metric and math.isfinite(s.value)}


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
