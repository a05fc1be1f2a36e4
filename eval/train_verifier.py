"""Train the score of the embedded verifier, and report it on sets that it was not trained on.

    python -m eval.train_verifier DATA OUT

Reads the labelled sets of DATA by name, makes true and false variants of news sentences, fits
the weights of the features with and without the encoder, and writes OUT/verifier.json and
OUT/CARD.md. Each set is scored by weights that saw neither it nor any article that it shares with
another set. The same data, code and seed make the same bytes.
"""

import argparse
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.bootstrap import (
    Statistic,
    auroc,
    balanced_accuracy,
    best_threshold,
    calibration_error,
    interval,
    value,
)
from eval.card import write_card
from eval.edits import variants
from eval.extract import baselines, extract
from eval.fitting import fit
from eval.labelled import HUMAN, Labelled, group_by_article, read_human, read_rows
from rag.support import ALIGNED, LEXICAL
from rag.weighing import Weighing, write_weighings

_ARTICLES = "rtqa_archive_corpus.jsonl.gz"
_N_VARIANTS = 8_000
# What a set weighs beside one set of human labels; by leaving sets out (see the card).
_WEIGHTS = {"wice-tokens": 0.5, "edits": 1.5}
_SUPPORTED = 0.42  # of each set's weight that its supported claims have together
_PASSES = 0.95  # share of true rewordings that the shipped threshold lets through


@dataclass(frozen=True)
class Table:
    """Rows with what is known of each, side by side."""

    rows: Sequence[Labelled]
    values: NDArray[np.float64]  # [n, len(ALIGNED)]
    labels: NDArray[np.int64]
    origins: NDArray[np.str_]
    groups: NDArray[np.int64]  # rows of one article share a number

    @property
    def supported(self) -> NDArray[np.bool_]:
        """The labels as truths."""
        return np.asarray(self.labels == 1, dtype=np.bool_)

    def weights(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What each chosen row weighs: sets by their number, not by their size."""
        out = np.zeros(len(self.labels))
        for origin in set(self.origins[chosen].tolist()):
            for label, share in ((1, _SUPPORTED), (0, 1 - _SUPPORTED)):
                held = chosen & (self.origins == origin) & (self.labels == label)
                if held.any():
                    out[held] = _WEIGHTS.get(origin, 1.0) * share / held.sum()
        found: NDArray[np.float64] = out[chosen] / out[chosen].mean()
        return found


def gather(data: Path, cache: Path | None, jobs: int, seed: int) -> Table:
    """All rows to train on, with their features."""
    articles = [row["text"] for row in read_rows(data / _ARTICLES)]
    random.Random(seed).shuffle(articles)
    made = variants(articles, _N_VARIANTS, seed)
    rows = [*read_human(data), *made]
    return Table(
        rows=rows,
        values=extract(rows, cache, jobs),
        labels=np.array([row.label for row in rows]),
        origins=np.array([row.origin for row in rows]),
        groups=np.array(group_by_article(rows)),
    )


def train(table: Table, names: Sequence[str], chosen: NDArray[np.bool_]) -> Weighing:
    """The named features weighed by the chosen rows."""
    columns = [ALIGNED.index(name) for name in names]
    values = table.values[chosen][:, columns]
    return fit(names, values, table.labels[chosen], table.weights(chosen))


def left_out(table: Table, names: Sequence[str]) -> NDArray[np.float64]:
    """The score of each row by weights that saw neither its set nor its article; NaN for the rest.

    The variants stand in two halves by article.
    """
    columns = [ALIGNED.index(name) for name in names]
    found = np.full(len(table.labels), np.nan)
    for test in _folds(table):
        shared = np.isin(table.groups, table.groups[test])
        weighing = train(table, names, ~test & ~shared)
        logits = weighing.logits(table.values[test][:, columns])
        found[test] = 1 / (1 + np.exp(-logits))
    return found


def _folds(table: Table) -> list[NDArray[np.bool_]]:
    sets = [table.origins == origin for origin in HUMAN]
    made = table.origins == "edits"
    half = np.isin(table.groups, np.unique(table.groups[made])[::2])
    return [*sets, made & half, made & ~half]


def report(table: Table, scored: Mapping[str, NDArray[np.float64]]) -> str:
    """The tables that the card shows, in Markdown."""
    human = np.isin(table.origins, list(HUMAN))
    lines = ["| set | n | " + " | ".join(scored) + " |", "|---|---|" + "---|" * len(scored)]
    means: dict[str, list[float]] = {name: [] for name in scored}
    for origin in HUMAN:
        held = table.origins == origin
        cells = []
        for name, values in scored.items():
            area = auroc(values[held], table.supported[held])
            means[name].append(value(area, int(held.sum())))
            cells.append(_with_interval(table, area, held))
        lines.append(f"| {origin} | {held.sum()} | " + " | ".join(cells) + " |")
    mean = " | ".join(f"{np.mean(means[name]):.3f}" for name in scored)
    lines.append(f"| mean | {human.sum()} | {mean} |")
    return "\n".join([*lines, "", *_second_table(table, scored)])


def _second_table(table: Table, scored: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Balanced accuracy at the threshold that is best on the other sets, and calibration."""
    ours = next(iter(scored))
    lines = [
        "| set | " + " | ".join(f"balanced accuracy, {name}" for name in scored)
        + " | calibration error |",
        "|---|" + "---|" * (len(scored) + 1),
    ]  # fmt: skip
    human = np.isin(table.origins, list(HUMAN))
    for origin in HUMAN:
        held, others = table.origins == origin, human & (table.origins != origin)
        cells = []
        for values in scored.values():
            passed = values >= best_threshold(values[others], table.supported[others])
            right = balanced_accuracy(passed[held], table.supported[held])
            cells.append(_with_interval(table, right, held))
        error = _off(table, scored[ours], held)
        lines.append(f"| {origin} | " + " | ".join(cells) + f" | {error} |")
    pooled = _off(table, scored[ours], human)
    lines.append("| all rows" + " | " * len(scored) + f" | {pooled} |")
    return lines


def _off(table: Table, values: NDArray[np.float64], held: NDArray[np.bool_]) -> str:
    """How far the scores of some rows are from shares."""
    return _with_interval(table, calibration_error(values[held], table.supported[held]), held)


def _with_interval(table: Table, statistic: Statistic, held: NDArray[np.bool_]) -> str:
    """A figure of the rows that are held, with its interval over their articles."""
    low, high = interval(statistic, [str(group) for group in table.groups[held]])
    return f"{value(statistic, int(held.sum())):.3f} [{low:.3f}, {high:.3f}]"


def enough(table: Table, scored: NDArray[np.float64]) -> float:
    """The score that most true rewordings reach when their articles are left out."""
    true = (table.origins == "edits") & (table.labels == 1)
    return round(float(np.quantile(scored[true], 1 - _PASSES)), 3)


def detected(table: Table, scored: NDArray[np.float64], threshold: float) -> str:
    """Share of the false variants of each kind that fall below a threshold, in Markdown."""
    lines = ["| edit | n | below the threshold |", "|---|---|---|"]
    kinds = np.array([row.kind for row in table.rows])
    false = (table.origins == "edits") & (table.labels == 0)
    for kind in sorted(set(kinds[false].tolist())):
        held = false & (kinds == kind)
        lines.append(f"| {kind} | {held.sum()} | {(scored[held] < threshold).mean():.2f} |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse the command line, train, write, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m eval.train_verifier")
    parser.add_argument("data", type=Path, help="folder with the labelled sets")
    parser.add_argument("out", type=Path, help="folder for verifier.json and CARD.md")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, help="folder that keeps features between runs")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    told = parser.parse_args(argv)
    print(run(told.data, told.out, seed=told.seed, cache=told.cache, jobs=told.jobs))


def run(data: Path, out: Path, *, seed: int, cache: Path | None, jobs: int) -> str:
    """Train on the folder, write weights and card, and return the card."""
    started = time.monotonic()
    table = gather(data, cache, jobs, seed)
    print(f"features: {time.monotonic() - started:.0f} s", file=sys.stderr)
    every = np.ones(len(table.labels), dtype=bool)
    ways = {"aligned": ALIGNED, "lexical": LEXICAL}
    scored = {way: left_out(table, names) for way, names in ways.items()}
    weighings = {
        way: train(table, names, every).passing(enough(table, scored[way]))
        for way, names in ways.items()
    }
    out.mkdir(parents=True, exist_ok=True)
    write_weighings(weighings, out / "verifier.json")
    shown = {"support": scored["aligned"], "without encoder": scored["lexical"]}
    shown |= baselines(table.rows, np.isin(table.origins, list(HUMAN)), cache)
    tables = [
        report(table, shown),
        *(detected(table, scored[way], weighings[way].enough) for way in ways),
    ]
    card = write_card(table.rows, tables, weighings, seed=seed, out=out)
    print(f"in all: {time.monotonic() - started:.0f} s", file=sys.stderr)
    return card


if __name__ == "__main__":
    main()
