"""The evaluation of judges as one HTML page: figures, calibration curves, worst disagreements."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from eval.meta import SetResult, bins, labels
from eval.meta_report import meta_json
from eval.pairs import Labelled
from eval.plots import bars, curve
from eval.report_html import page

_N_WORST = 5
_MAX_SOURCE = 1_200  # characters of a source that are shown


def meta_html(results: Sequence[SetResult]) -> str:
    """The page; it asks for no other file."""
    parts = ["<h1>Judges against people</h1>", _table(results)]
    for result in results:
        parts.append(f"<h2>{escape(result.data.name)} ({escape(result.data.level)})</h2>")
        parts.append(f'<div class="plots">{"".join(_plots(result))}</div>')
        parts.extend(_disagreements(result))
    return page("Judges against people", parts)


def _table(results: Sequence[SetResult]) -> str:
    heads = ("set", "n", "judge", "AUROC", "balanced accuracy", "kappa", "ECE", "failed")
    rows = []
    for entry in meta_json(results)["sets"]:
        for judge in (entry, *entry["others"]):
            low, high = judge["auroc_ci95"]
            cells = (
                entry["name"],
                entry["n"],
                judge["judge"],
                "-" if judge["auroc"] is None else f"{judge['auroc']:.3f} [{low:.3f}, {high:.3f}]",
                *(_told(judge[k]) for k in ("balanced_accuracy", "kappa", "ece")),
                judge["n_judge_failed"],
            )
            rows.append("".join(f"<td>{escape(str(cell))}</td>" for cell in cells))
    head = "".join(f"<th>{h}</th>" for h in heads)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _plots(result: SetResult) -> Iterable[str]:
    supported = labels(result.data.pairs)
    for measured, scores in zip(result.judges, result.said, strict=True):
        there = ~np.isnan(scores)
        if not there.any():
            continue
        points = bins(scores[there], supported[there])
        counts, _ = np.histogram(scores[there], bins=10, range=(0.0, 1.0))
        name = escape(measured.judge)
        yield _figure(curve(points), f"{name}: share supported by score")
        yield _figure(bars(counts.tolist()), f"{name}: scores")


def _figure(plot: str, caption: str) -> str:
    return f"<figure>{plot}<figcaption>{caption}</figcaption></figure>"


def _disagreements(result: SetResult) -> Iterable[str]:
    """Where the first judge is surest and people say otherwise."""
    scores = np.nan_to_num(result.said[0], nan=0.5)
    wrong = [
        (abs(score - pair.supported), score, pair)
        for score, pair in zip(scores.tolist(), result.data.pairs, strict=True)
        if abs(score - pair.supported) > 0.5
    ]
    for _, score, pair in sorted(wrong, key=lambda w: (-w[0], w[2].pair_id))[:_N_WORST]:
        yield _pair(pair, score)


def _pair(pair: Labelled, score: float) -> str:
    said = "supported" if pair.supported else "not supported"
    source = pair.source if len(pair.source) <= _MAX_SOURCE else pair.source[:_MAX_SOURCE] + "…"
    return (
        f'<section class="case"><p>{escape(pair.claim)} <span class="label">people: {said}</span> '
        f'<span class="bad">judge {score:.2f}</span> <small>{escape(pair.pair_id)}</small></p>'
        f"<blockquote>{escape(source)}</blockquote></section>"
    )
