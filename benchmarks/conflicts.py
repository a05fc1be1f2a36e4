"""How many disagreements between articles are found, and how many are seen where none is.

    python -m benchmarks.conflicts DATA [--home DIR] [--misses] [--held]

Four sets: pairs written for the project (``tests/data/conflicts.jsonl``; ``--held`` takes the
pairs that nothing was tuned on instead), ``rgb_en_fact`` (RGB, Chen et al. 2024: snippets with
the true answer and the same with a false one), ``ramdocs`` (RAMDocs, Wang et al. 2025) and
``rtqa_2022_dev`` (RealTimeQA, Kasai et al. 2023; nothing says which of its articles disagree, so
only the reports are counted, and printed with ``--misses``). With ``--home`` the index of the
last is kept there and used again.

A pair is found if any conflict is reported that is no difference of scope. The baseline, in the
same run: two sentences of different articles that share a third of their words and hold
different numbers. Intervals are Wilson's, 95 %.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answers import opened
from ingest.split import split
from rag.conflicts import find_conflicts
from rag.facts import quantities
from rag.retrieve import retrieve
from rag.schema import Article, Conflict, Passage, Question
from rag.text import sentence_spans, terms

_OVERLAP = 1 / 3  # of the words of two sentences, for the baseline
_Z = 1.96
TESTS = Path(__file__).resolve().parents[1] / "tests" / "data"
Finder = Callable[[str, Sequence[Passage], Mapping[str, Article]], Sequence[Conflict]]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with articles that disagree on it, or do not."""

    key: str
    what: str  # the row of the table
    question: str
    articles: tuple[Article, ...]
    disagree: bool

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Of all articles in their order."""
        return tuple(p for a in self.articles for p in split(a))


@dataclass(slots=True)
class Tally:
    """What became of the cases of one row."""

    n: int = 0
    found: int = 0
    by_numbers: int = 0
    ms: list[float] = field(default_factory=list)


def article(key: str, text: str, row: Mapping[str, str] | None = None) -> Article:
    """An article of a text, with outlet, title and day where the row has them."""
    row = row or {}
    day = row.get("published_at")
    return Article(
        article_id=key,
        revision=1,
        title=row.get("title"),
        text=text,
        outlet=row.get("outlet", key),
        published_at=datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None,
    )


def own_pairs(path: Path) -> Iterator[Case]:
    """The project's own pairs; kinds of look-alikes are rows of their own only in ``--misses``."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        articles = tuple(
            article(f"{row['id']}-{i}", a["text"], a) for i, a in enumerate(row["articles"])
        )
        disagree = row["label"] == "conflict"
        what = f"own pairs, {'disagree: ' + row['why'] if disagree else 'look alike'}"
        yield Case(f"{row['id']} {row['why']}", what, row["question"], articles, disagree)


def rgb(path: Path) -> Iterator[Case]:
    """Snippets with a true and with a false answer: of one wording, reworded, and each alone."""
    for row in rows(path):
        true, false = row["positive"], row["positive_wrong"]
        mixed = [(true, false)[i % 2][i] for i in range(min(len(true), len(false)))]
        for what, texts, disagree in (
            ("rgb, the same snippets true and false", [*true, *false], True),
            ("rgb, every other snippet false", mixed, True),
            ("rgb, all true", true, False),
            ("rgb, all false", false, False),
        ):
            if texts is not mixed or len(mixed) > 1:
                articles = tuple(article(f"s{i}", t) for i, t in enumerate(texts))
                yield Case(row["qid"], what, row["question"], articles, disagree)


def ramdocs(path: Path) -> Iterator[Case]:
    """Documents with more than one answer to an ambiguous question, or with one."""
    for row in rows(path):
        documents = row["documents"]
        articles = tuple(article(f"d{i}", d["text"]) for i, d in enumerate(documents) if d["text"])
        disagree = len({d["answer"] for d in documents} - {"unknown"}) > 1
        what = f"ramdocs, {'several answers' if disagree else 'one answer'}"
        yield Case(row["qid"], what, row["question"], articles, disagree)


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def by_numbers(passages: Sequence[Passage]) -> bool:
    """The baseline: alike sentences of two articles with different numbers."""
    read = []
    for passage in passages:
        for start, end in sentence_spans(passage.text):
            text = passage.text[start:end]
            values = {q.value for q in quantities(text)}
            if values:
                read.append((passage.article_id, frozenset(terms(text)), values))
    return any(
        one[0] != other[0]
        and len(one[1] & other[1]) > _OVERLAP * len(one[1] | other[1])
        and one[2].isdisjoint(other[2])
        for one, other in combinations(read, 2)
    )


def wilson(k: int, n: int) -> str:
    """A share with its 95 % interval (Wilson 1927)."""
    if not n:
        return "-"
    p, z2 = k / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * float(np.sqrt(p * (1 - p) / n + z2 / (4 * n * n)))
    return f"{p:.3f} [{max(0.0, middle - half):.3f}, {min(1.0, middle + half):.3f}]"


def run(cases: Sequence[Case], misses: list[str]) -> dict[str, Tally]:
    """Every case through the real step; what went wrong is noted in ``misses``."""
    tallies: dict[str, Tally] = {}
    for case in cases:
        tally = tallies.setdefault(case.what, Tally())
        passages, articles = case.passages, {a.article_id: a for a in case.articles}
        began = time.perf_counter()
        found = find_conflicts(case.question, passages, articles)
        tally.ms.append(1e3 * (time.perf_counter() - began))
        seen = any(c.kind != "scope" for c in found)
        tally.n += 1
        tally.found += seen
        tally.by_numbers += by_numbers(passages)
        if seen != case.disagree:
            misses.append(_miss(case, found))
    return tallies


def _miss(case: Case, found: Sequence[Conflict]) -> str:
    lines = [f"{'MISSED' if case.disagree else 'FALSE'} {case.key}: {case.question}"]
    lines += map(shown, found) if found else [f"    - {a.text[:300]}" for a in case.articles]
    return "\n".join(lines)


def shown(conflict: Conflict) -> str:
    """A conflict in plain lines."""
    lines = [f"    {conflict.kind}: {conflict.topic} | {conflict.note}"]
    lines += [f"      - {p.outlet} ({p.published_at}): {p.statement}" for p in conflict.positions]
    return "\n".join(lines)


def table(tallies: Mapping[str, Tally]) -> None:
    """A row for every kind of case; then precision and recall over the own pairs."""
    print("| cases | n | reported | share, 95 % | differing numbers | ms p50 | ms p95 |")
    print("|---|---|---|---|---|---|---|")
    for what, t in tallies.items():
        p50, p95 = np.percentile(t.ms, [50, 95])
        share, base = wilson(t.found, t.n), f"{t.by_numbers / t.n:.3f}"
        print(f"| {what} | {t.n} | {t.found} | {share} | {base} | {p50:.1f} | {p95:.1f} |")
    print()
    for name in ("own pairs", "rgb, every other", "rgb, the same"):
        summary(name, tallies)


def summary(name: str, tallies: Mapping[str, Tally]) -> None:
    """Precision and recall of cases, ours and the baseline's."""
    alone = ("look alike",) if name == "own pairs" else ("all true", "all false")
    yes = [t for what, t in tallies.items() if what.startswith(name) and alone[0] not in what]
    no = [t for what, t in tallies.items() if what.endswith(alone)]
    if not yes:
        return
    for who, get in (("ours", _found), ("differing numbers", _by_numbers)):
        right, wrong = sum(map(get, yes)), sum(map(get, no))
        recall = wilson(right, sum(t.n for t in yes))
        precision = wilson(right, right + wrong)
        print(f"{name}, {who}: precision {precision}, recall {recall}")


def _found(tally: Tally) -> int:
    return tally.found


def _by_numbers(tally: Tally) -> int:
    return tally.by_numbers


def archive(data: Path, home: Path) -> None:
    """Reports on real questions over a real archive, each printed to be judged by hand."""
    corpus = data / "rtqa_2022_dev_corpus.jsonl.gz"
    queries = rows(data / "rtqa_2022_dev_queries.jsonl.gz")
    ms, reported, kinds = [], 0, Counter[str]()
    printed: list[str] = []
    with opened(home, [corpus], corpus) as bench:
        for row in queries:
            found = retrieve(Question(asked=row["question"]), bench.index, bench.embedder)
            passages = [p.passage for p in found.passages]
            articles = bench.index.catalog.articles({p.article_id for p in passages})
            began = time.perf_counter()
            conflicts = find_conflicts(row["question"], passages, articles)
            ms.append(1e3 * (time.perf_counter() - began))
            reported += any(c.kind != "scope" for c in conflicts)
            kinds.update(c.kind for c in conflicts)
            if conflicts:
                printed.append("\n".join([f"\n{row['question']}", *map(shown, conflicts)]))
    p50, p95 = np.percentile(ms, [50, 95])
    share = wilson(reported, len(queries))
    print(f"\nrtqa_2022_dev: {reported} of {len(queries)} questions report, {share}; {dict(kinds)}")
    print(f"find_conflicts: p50 {p50:.1f} ms, p95 {p95:.1f} ms of wall time")
    print("\n".join(printed))


def main() -> None:
    """Run all sets and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path, help="keep the index of the news archive here")
    parser.add_argument("--misses", action="store_true", help="print what went wrong")
    parser.add_argument("--held", action="store_true", help="only the pairs nothing was tuned on")
    parser.add_argument("--own", action="store_true", help="only the project's own pairs")
    args = parser.parse_args()
    misses: list[str] = []
    cases = list(own_pairs(TESTS / f"conflicts{'_held' if args.held else ''}.jsonl"))
    if not (args.held or args.own):
        cases += rgb(args.data / "rgb_en_fact.jsonl.gz")
        cases += ramdocs(args.data / "ramdocs.jsonl.gz")
    table(run(cases, misses))
    if args.misses and not args.held:
        print("\n".join(("", *misses)))
    if not (args.held or args.own):
        with tempfile.TemporaryDirectory() as folder:
            archive(args.data, args.home or Path(folder))


if __name__ == "__main__":
    main()
