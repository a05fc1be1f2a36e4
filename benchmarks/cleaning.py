"""Cleaning of pages against gold texts, ours and trafilatura alone: a Markdown table.

Usage: python benchmarks/cleaning.py [FOLDER] [--worst N]

FOLDER holds pairs of NAME.html and NAME.txt, the words that a reader would call the article;
those of the tests by default. Counted are word tokens as a multiset, so order does not matter:
precision is the share of the kept words that are the article's, recall the share of the article's
words that were kept. Means over pages, with 95 % bootstrap intervals.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trafilatura

if not __package__:  # run as a file
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from ingest.clean import clean
from ingest.page import parse

PAGES = Path(__file__).resolve().parents[1] / "tests" / "data" / "pages"
_WORD = re.compile(r"\w+(?:['’.,]\w+)*")
_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Kept:
    """How many of the words that were kept are right, and of the right ones kept, from 0 to 1."""

    name: str
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def words(text: str) -> Counter[str]:
    """The word tokens of a text, in small letters, with their numbers."""
    return Counter(_WORD.findall(text.lower()))


def compare(name: str, kept: str, gold: str) -> Kept:
    """One page's result; nothing kept has precision 0."""
    ours, right = words(kept), words(gold)
    n_both = (ours & right).total()
    return Kept(name, n_both / max(ours.total(), 1), n_both / max(right.total(), 1))


def ours(html: str) -> str:
    """The text as ingestion stores it."""
    return clean(parse(html).text).text


def alone(html: str) -> str:
    """The text that trafilatura gives by itself, with its defaults but comments left out."""
    return trafilatura.extract(html, include_comments=False) or ""


def measure(folder: Path, read: Callable[[str], str]) -> tuple[Kept, ...]:
    """Every page of the folder, by name."""
    return tuple(
        compare(page.stem, read(page.read_text()), page.with_suffix(".txt").read_text())
        for page in sorted(folder.glob("*.html"))
    )


def interval(values: Sequence[float]) -> str:
    """The mean with its 95 % bootstrap interval."""
    rng = np.random.default_rng(0)
    drawn = rng.choice(np.array(values), size=(_RESAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{np.mean(values):.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=PAGES)
    parser.add_argument("--worst", type=int, default=5)
    given = parser.parse_args()
    results = {"ours": measure(given.folder, ours), "trafilatura": measure(given.folder, alone)}
    print(f"{len(results['ours'])} pages\n\n| | precision | recall | F1 |\n|---|---|---|---|")
    for name, found in results.items():
        columns = zip(*((k.precision, k.recall, k.f1) for k in found), strict=True)
        print(f"| {name} | " + " | ".join(interval(column) for column in columns) + " |")
    print("\n| worst of ours | precision | recall | trafilatura |\n|---|---|---|---|")
    pairs = zip(results["ours"], results["trafilatura"], strict=True)
    for mine, theirs in sorted(pairs, key=lambda pair: pair[0].f1)[: given.worst]:
        row = f"{mine.precision:.2f} | {mine.recall:.2f}"
        print(f"| {mine.name} | {row} | {theirs.precision:.2f}, {theirs.recall:.2f} |")


if __name__ == "__main__":
    main()
