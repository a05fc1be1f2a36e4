"""The evaluation of judges as JSON (schema 1, fields may be added) and as a Markdown table."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from eval.meta import Measured, SetResult

SCHEMA = 1
Json = dict[str, Any]


def number(value: float) -> float | None:
    """A figure to four digits; None for NaN, which JSON does not have."""
    return round(value, 4) if math.isfinite(value) else None


def meta_json(results: Sequence[SetResult], skipped: Sequence[tuple[str, str]] = ()) -> Json:
    """One entry per file and level; the first judge speaks in it, others stand in ``others``."""
    return {
        "schema": SCHEMA,
        "sets": [_set_json(result) for result in results],
        "skipped": [{"file": name, "reason": reason} for name, reason in skipped],
    }


def _set_json(result: SetResult) -> Json:
    first, *rest = result.judges
    data = result.data
    return {
        "name": data.name,
        "level": data.level,
        "n": len(data.pairs),
        "n_supported": sum(p.supported for p in data.pairs),
        "n_articles": result.n_articles,
        "n_invalid": len(data.faults),
        **_measured_json(first),
        "baselines": {
            name: {"auroc": number(value), "auroc_ci95": [number(v) for v in ci]}
            for name, (value, ci) in result.baselines.items()
        },
        "others": [_measured_json(m) for m in rest],
        "agreement": {name: number(value) for name, value in result.agreement.items()},
    }


def _measured_json(measured: Measured) -> Json:
    both = ("unsupported", "supported")
    return {
        "judge": measured.judge,
        "judge_is_run_time_verifier": measured.is_run_time,
        "threshold": measured.threshold,
        "auroc": number(measured.auroc),
        "auroc_ci95": [number(v) for v in measured.auroc_ci95],
        "balanced_accuracy": number(measured.balanced_accuracy),
        "balanced_accuracy_ci95": [number(v) for v in measured.balanced_accuracy_ci95],
        "kappa": number(measured.kappa),
        "kappa_ci95": [number(v) for v in measured.kappa_ci95],
        "ece": number(measured.ece),
        "ece_ci95": [number(v) for v in measured.ece_ci95],
        "precision": {k: number(v) for k, v in zip(both, measured.precision, strict=True)},
        "recall": {k: number(v) for k, v in zip(both, measured.recall, strict=True)},
        "n_judge_failed": measured.n_failed,
        "failures": dict(measured.failures),
    }


def meta_markdown(body: Mapping[str, Any]) -> str:
    """The JSON as tables: the judges against the labels, beside the baselines."""
    head = (
        "| set | n | judge | AUROC | balanced accuracy | kappa | ECE | failed "
        "| bigram | ROUGE-L | cosine |"
    )
    lines = [head, "|" + "---|" * 11]
    for entry in body["sets"]:
        floor = [
            _told(entry["baselines"][b]["auroc"]) for b in ("bigram_overlap", "rouge_l", "cosine")
        ]
        for at, judge in enumerate((entry, *entry["others"])):
            name = f"{entry['name']} ({entry['level']})" if at == 0 else ""
            cells = [
                name,
                f"{entry['n']:,}" if at == 0 else "",
                judge["judge"] + (" (run-time)" if judge["judge_is_run_time_verifier"] else ""),
                _with_interval(judge, "auroc"),
                _with_interval(judge, "balanced_accuracy"),
                _with_interval(judge, "kappa"),
                _with_interval(judge, "ece"),
                str(judge["n_judge_failed"]),
                *(floor if at == 0 else ("", "", "")),
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _with_interval(judge: Mapping[str, Any], name: str) -> str:
    if judge[name] is None:
        return "-"
    low, high = judge[f"{name}_ci95"]
    return f"{_told(judge[name])} [{_told(low)}, {_told(high)}]"
