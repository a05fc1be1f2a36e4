"""How many single changes of a news sentence are noticed, and how many fair rewordings pass.

    python -m benchmarks.edits DATA [--per-class 200] [--half both|study|held] [--misses 10]

DATA holds ``rtqa_archive_corpus.jsonl.gz``. Ten classes of edits are made by code
(``benchmarks/alter.py``) on sentences of its articles and verified against the five sentences
around them. A sentence counts as noticed when its score falls below a threshold that passes 99 %
(then 95 %) of the untouched and 90 % of the lightly reworded sentences. Beside it, what a reader
sees: the share that is shown as supported. Bigram overlap and ROUGE-L (recall of the claim's
stems, Lin 2004) are measured on the same sentences with thresholds of their own. Names, words and
articles fall into two halves by a checksum; the rules were studied on one. Intervals are 95 %
Wilson intervals. Deterministic.
"""

import argparse
import gzip
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.alter import EDITS, KINDS, Scene, altered
from benchmarks.kinds import organisations, persons, places
from benchmarks.lists import held_out
from benchmarks.reword import FAIR, LIGHT, Rewording, fused
from rag.schema import Article, Evidence, Verdict
from rag.text import sentence_spans, terms
from rag.verify import verify

CORPUS = "rtqa_archive_corpus.jsonl.gz"
N_ARTICLES = 6_000
_AROUND = 2  # sentences of the source on each side
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence as it is put before the verifier."""

    kind: str
    text: str
    scene: Scene


@dataclass(slots=True)
class Scored:
    """The cases of one kind and what became of them."""

    cases: list[Case] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    floors: dict[str, list[float]] = field(default_factory=dict)

    def scores(self, by: str = "") -> np.ndarray[Any, np.dtype[np.float64]]:
        """Scores of the verifier, or of a baseline by its name."""
        return np.array(self.floors[by] if by else [v.score for v in self.verdicts])


def rows(path: Path, half: str) -> Iterator[Row]:
    """Articles of one half, or of both."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for at, line in enumerate(lines):
            if at >= N_ARTICLES:
                return
            row = json.loads(line)
            if half == "both" or held_out(row["doc_id"]) == (half == "held"):
                yield row


def scenes(found: Sequence[Row]) -> list[Scene]:
    """Every seventh whole sentence of the articles with what stands around it."""
    named = {r["doc_id"]: _names(r["text"]) for r in found}
    pool = {k: sorted({n for by in named.values() for n in by[k]}) for k in KINDS}
    out = []
    for row in found:
        spans = sentence_spans(row["text"])
        for i in range(_AROUND, len(spans) - _AROUND, 3):
            text = row["text"][slice(*spans[i])]
            source = row["text"][spans[i - _AROUND][0] : spans[i + _AROUND][1]]
            if 60 <= len(text) <= 320 and text[-1] in '."\u201d' and text[0].isupper():
                out.append(
                    Scene(
                        text=text,
                        source=source,
                        article_id=row["doc_id"],
                        day=row["published_at"],
                        article=row["text"],
                        near=named[row["doc_id"]],
                        pool=pool,
                    )
                )
    random.Random(7).shuffle(out)
    return out


def _names(text: str) -> Mapping[str, tuple[str, ...]]:
    return {
        "person": persons(text),
        "organisation": organisations(text),
        "place": places(text),
    }


def cases(pool: Sequence[Scene], n: int) -> Iterator[Case]:
    """At most ``n`` of every kind, drawn evenly from the articles."""
    yield from (Case("untouched", s.text, s) for s in pool[:n])
    for name, rewording in {**LIGHT, **FAIR}.items():
        yield from _reworded(name, rewording, pool, n)
    yield from _fused(pool, n)
    for kind in EDITS:
        made = (Case(kind, t, s) for s in pool if (t := altered(s, kind)))
        yield from _first(made, n)


def _first(made: Iterator[Case], n: int) -> Iterator[Case]:
    yield from (case for _, case in zip(range(n), made, strict=False))


def _reworded(name: str, rewording: Rewording, pool: Sequence[Scene], n: int) -> Iterator[Case]:
    size = n if name in FAIR else max(1, n // len(LIGHT))
    options = ((s, [t for t in rewording(s) if t != s.text]) for s in pool)
    yield from _first((Case(name, s.rng().choice(o), s) for s, o in options if o), size)


def _fused(pool: Sequence[Scene], n: int) -> Iterator[Case]:
    within = (
        Case("fused, one source", t, s)
        for s in pool
        if (t := fused(s.text, _following(s))) is not None
    )
    yield from _first(within, n)
    across = (
        Case("fused, two sources", t, _both(a, b))
        for a, b in pairwise(pool)
        if (t := fused(a.text, b.text)) is not None
    )
    yield from _first(across, n)


def _following(scene: Scene) -> str:
    spans = sentence_spans(scene.source)
    texts = [scene.source[a:b] for a, b in spans]
    at = texts.index(scene.text) if scene.text in texts else -1
    return texts[at + 1] if 0 <= at < len(texts) - 1 else ""


def _both(one: Scene, other: Scene) -> Scene:
    source = f"{one.source}\n{other.source}"
    return Scene(
        text=one.text, source=source, article_id=one.article_id, day=one.day,
        article=source, near=one.near, pool=one.pool,
    )  # fmt: skip


def judged(case: Case, *, whole: bool = False) -> Verdict:
    """The verdict on a case: against what stands around it, or against its whole article."""
    scene = case.scene
    source = scene.article if whole else scene.source
    article = Article(
        article_id="a",
        revision=1,
        title=None,
        text=scene.article,
        outlet=None,
        published_at=datetime.fromisoformat(scene.day).replace(tzinfo=UTC),
    )
    start = scene.article.index(source)
    evidence = Evidence(article_id="a", start=start, end=start + len(source), text=source)
    return verify(case.text, (evidence,), context={"a": article})


def bigram_overlap(claim: str, source: str) -> float:
    """Share of the claim's bigrams of stems that its source has."""
    own, theirs = (list(terms(t)) for t in (claim, source))
    pairs = set(pairwise(own))
    return len(pairs & set(pairwise(theirs))) / max(1, len(pairs))


def rouge_l(claim: str, source: str) -> float:
    """Longest common subsequence of stems over the claim's length."""
    own, theirs = (list(terms(t)) for t in (claim, source))
    row = [0] * (len(theirs) + 1)
    for word in own:
        before = 0
        for j, other in enumerate(theirs, start=1):
            kept = row[j]
            row[j] = before + 1 if word == other else max(row[j], row[j - 1])
            before = kept
    return row[-1] / max(1, len(own))


FLOORS: Mapping[str, Callable[[str, str], float]] = {
    "bigram overlap": bigram_overlap,
    "ROUGE-L": rouge_l,
}


def measure(found: Sequence[Case], *, whole: bool) -> dict[str, Scored]:
    """Verdicts and baselines per kind."""
    out: dict[str, Scored] = {}
    for case in found:
        scored = out.setdefault(case.kind, Scored(floors={name: [] for name in FLOORS}))
        scored.cases.append(case)
        scored.verdicts.append(judged(case, whole=whole))
        for name, floor in FLOORS.items():
            scored.floors[name].append(floor(case.text, case.scene.source))
    return out


def threshold(found: Mapping[str, Scored], share: float, by: str = "") -> float:
    """The highest score that passes ``share`` of the untouched and .90 of the light rewordings."""
    untouched = found["untouched"].scores(by)
    light = np.concatenate([found[k].scores(by) for k in LIGHT if k in found])
    return min(_passing(untouched, share), _passing(light, 0.90))


def _passing(scores: np.ndarray[Any, np.dtype[np.float64]], share: float) -> float:
    ordered = np.sort(scores)
    return float(ordered[int(np.floor((1 - share) * len(ordered) + 1e-9))])


def wilson(hits: int, n: int) -> str:
    """A share with its 95 % Wilson interval."""
    if n == 0:
        return "-"
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return f"{p:.3f} [{max(0, middle - half):.3f}, {min(1, middle + half):.3f}]"


def report(found: Mapping[str, Scored]) -> None:
    """Print the two tables."""
    strict, loose = threshold(found, 0.99), threshold(found, 0.95)
    floors = {name: threshold(found, 0.95, name) for name in FLOORS}
    print(f"Thresholds: {strict:.3f} (99 % of untouched), {loose:.3f} (95 %).\n")
    print(f"| edit | n | noticed at 99 % | at 95 % | shown as supported | {' | '.join(FLOORS)} |")
    print("|---|---|---|---|---|---|---|")
    means = []
    for kind in EDITS:
        one = found[kind]
        n, scores = len(one.cases), one.scores()
        below = [int((scores < t).sum()) for t in (strict, loose)]
        shown = sum(v.label == "supported" for v in one.verdicts)
        under = [float((one.scores(name) < t).mean()) for name, t in floors.items()]
        means.append([below[0] / n, below[1] / n, shown / n, *under])
        shares = " | ".join(wilson(hits, n) for hits in (*below, shown))
        print(f"| {kind} | {n} | {shares} | {' | '.join(f'{u:.3f}' for u in under)} |")
    print(f"| mean | | {' | '.join(f'{m:.3f}' for m in np.mean(means, axis=0))} |")
    _report_passing(found, strict, floors)


def _report_passing(found: Mapping[str, Scored], limit: float, floors: Mapping[str, float]) -> None:
    print(
        "\n| true to its source | n | passes | shown as supported | refuted | "
        f"{' | '.join(FLOORS)} |"
    )
    print("|---|---|---|---|---|---|---|")
    kinds = ("untouched", *LIGHT, *FAIR, "fused, one source", "fused, two sources")
    for kind in (k for k in kinds if k in found):
        one = found[kind]
        n = len(one.cases)
        labels = [v.label for v in one.verdicts]
        passes = int((one.scores() >= limit).sum())
        over = [f"{(one.scores(name) >= t).mean():.3f}" for name, t in floors.items()]
        shares = (
            wilson(passes, n),
            wilson(labels.count("supported"), n),
            wilson(labels.count("refuted"), n),
        )
        print(f"| {kind} | {n} | {' | '.join(shares)} | {' | '.join(over)} |")


def show_misses(found: Mapping[str, Scored], n: int) -> None:
    """Print edits that pass, and rewordings that do not."""
    limit = threshold(found, 0.99)
    for kind, one in found.items():
        wrong = [
            (c, v)
            for c, v in zip(one.cases, one.verdicts, strict=True)
            if (v.score >= limit) == (kind in EDITS)
        ]
        print(f"\n## {kind}: {len(wrong)} of {len(one.cases)}")
        for case, verdict in wrong[:n]:
            print(f"  {verdict.score:.2f} {verdict.label} {list(verdict.reasons)}")
            print(f"    was {case.scene.text}\n    is  {case.text}")


def main() -> None:
    """Make the cases, verify them, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--per-class", type=int, default=200)
    parser.add_argument("--half", choices=("both", "study", "held"), default="both")
    parser.add_argument("--misses", type=int, default=0)
    parser.add_argument("--whole", action="store_true", help="against the whole article")
    args = parser.parse_args()
    pool = scenes(list(rows(args.data / CORPUS, args.half)))
    made = list(cases(pool, args.per_class))
    started = time.process_time()
    found = measure(made, whole=args.whole)
    ms = 1e3 * (time.process_time() - started) / len(made)
    print(f"{len(made):,} sentences of {len(pool):,}, {ms:.1f} ms each with both baselines\n")
    report(found)
    if args.misses:
        show_misses(found, args.misses)


if __name__ == "__main__":
    main()
