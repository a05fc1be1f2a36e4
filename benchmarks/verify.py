"""Measure the verifier: AUROC on human labels, with bigram overlap in the same run as the floor.

    python -m benchmarks.verify DATA

Prints a Markdown table. DATA holds ``{source_text, claim, label, origin}`` rows (jsonl.gz, by their
names below). Single edits of news sentences are in ``benchmarks/edits.py``. Deterministic.
"""

import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.edits import bigram_overlap
from rag.verify import support

HUMAN = (
    "cliff_goyal21_dev",
    "xsumfaith_150docs",
    "xent_entities_dev",
    "wice_claim_oracle_dev",
    "expertqa_claims_dev",
    "summedits_other",
)
N_SUMMEDITS = 1_000  # of 3,847: every row costs a long document


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The JSON objects of a compressed file, one a line."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def auroc(scores: Sequence[float], labels: Sequence[int]) -> float:
    """Chance that a supported claim scores above another one, ties counting half."""
    good = np.array([s for s, y in zip(scores, labels, strict=True) if y])
    bad = np.array([s for s, y in zip(scores, labels, strict=True) if not y])
    above = (good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean()
    return float(above)


def human_table(folder: Path) -> None:
    """AUROC per origin against human labels."""
    sets: dict[str, list[dict[str, str]]] = {}
    for name in HUMAN:
        for row in rows(folder / f"{name}.jsonl.gz"):
            origin = "summedits" if row["origin"].startswith("summedits") else row["origin"]
            sets.setdefault(origin, []).append(row)
    print("| set | n | support | bigram overlap | ms |\n|---|---|---|---|---|")
    means = []
    for origin, found in sets.items():
        sample = found[:: max(1, len(found) // N_SUMMEDITS)]
        labels = [int(r["label"]) for r in sample]
        if len(set(labels)) < 2:
            continue
        started = time.process_time()
        ours = auroc([support(r["claim"], r["source_text"]) for r in sample], labels)
        ms = 1000 * (time.process_time() - started) / len(sample)
        floor = auroc([bigram_overlap(r["claim"], r["source_text"]) for r in sample], labels)
        means.append((ours, floor))
        print(f"| {origin} | {len(sample)} | {ours:.3f} | {floor:.3f} | {ms:.1f} |")
    ours, floor = np.mean(means, axis=0)
    print(f"| mean | | {ours:.3f} | {floor:.3f} | |")


if __name__ == "__main__":
    human_table(Path(sys.argv[1]))
