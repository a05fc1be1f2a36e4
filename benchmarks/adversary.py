"""What a reader is shown of a model that lies: sentences told as supported, markers put right.

    python -m benchmarks.adversary DATA [--questions 60] [--articles 400] [--home DIR]

DATA holds ``rtqa_2022_dev_corpus.jsonl.gz`` and ``rtqa_2022_dev_queries.jsonl.gz``. A double of a
chat model (``benchmarks/liar.py``) answers each question with sentences of the passages that it is
shown, most of them after one edit of ``benchmarks/alter.py``, with right, wrong, absent and phantom
markers, through the real pipeline: retrieval, attribution, verification, repair. Intervals are
95 % Wilson intervals. Milliseconds are of one core where OMP_NUM_THREADS is 1.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.alter import EDITS
from benchmarks.answers import Bench, opened, read
from benchmarks.edits import wilson
from benchmarks.liar import MARKS, TRUE, Liar, Said
from rag.pipeline import Pipeline
from rag.retrieve import Retrieved, retrieve
from rag.schema import Answer, AnswerEvent, Article, Question, Sentence, SentenceEvent

CORPUS = "rtqa_2022_dev_corpus.jsonl.gz"
QUERIES = "rtqa_2022_dev_queries.jsonl.gz"
_PACED = 8  # questions that are asked again with a reply at the pace of a model
_PIECE_S = 0.04  # for 16 characters: 100 tokens a second


@dataclass(slots=True)
class Tally:
    """What became of all that was said."""

    shown: dict[str, list[Sentence]] = field(default_factory=lambda: defaultdict(list))
    n_said: Counter[str] = field(default_factory=Counter)
    n_marked: Counter[str] = field(default_factory=Counter)
    n_cited: Counter[str] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)
    repair_ms: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    lies: list[tuple[Said, Sentence]] = field(default_factory=list)


def main() -> None:
    """Ingest, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--misses", type=int, default=0)
    args = parser.parse_args()
    asked = [r for r in read(args.data / QUERIES) if r["answerable"]][: args.questions]
    with tempfile.TemporaryDirectory() as folder:
        corpus = sample(args.data / CORPUS, asked, args.articles, Path(folder))
        with opened(args.home or Path(folder) / "home", [corpus], corpus) as bench:
            tally = Tally()
            for at, row in enumerate(asked):
                run(bench, row["question"], Liar(seed=at), tally)
            paced = [pace(bench, row["question"], at) for at, row in enumerate(asked[:_PACED])]
    report(tally, paced)
    for said, sentence in tally.lies[: args.misses]:
        print(f"\n{said.kind}: {sentence.text}\n  was {said.origin}")
        print(f"  by {[c.evidence.text for c in sentence.citations]}")


def sample(path: Path, asked: Sequence[dict[str, Any]], n: int, folder: Path) -> Path:
    """A corpus with the evidence of the questions, and others up to ``n``."""
    wanted = {e["doc_id"] for row in asked for e in row["evidence"]}
    rows = sorted(read(path), key=lambda row: row["doc_id"] not in wanted)
    out = folder / "corpus.jsonl.gz"
    with gzip.open(out, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows[: max(n, len(wanted))])
    return out


def asking(bench: Bench, model: Liar) -> Pipeline:
    """The pipeline over the archive with this model."""

    def search(question: Question) -> tuple[Retrieved, dict[str, Article]]:
        found = retrieve(question, bench.index, bench.embedder)
        ids = {p.passage.article_id for p in found.passages}
        return found, dict(bench.index.catalog.articles(ids))

    return Pipeline(search=search, embedder=bench.embedder, model=model)


def run(bench: Bench, question: str, model: Liar, tally: Tally) -> None:
    """Ask one question and count what is shown."""
    events = list(timed(asking(bench, model), question))
    answer = next(e.answer for _, e in events if isinstance(e, AnswerEvent))
    first = next((s for s, e in events if isinstance(e, SentenceEvent)), None)
    tally.first_s += [first] if first is not None else []
    if answer.mode == "llm" and answer.sentences:
        n = len(answer.sentences)
        tally.ms.append(answer.timings_ms.get("verify", 0.0) / n)
        tally.repair_ms.append(answer.timings_ms.get("repair", 0.0) / n)
    count(model.said, answer, tally)


def timed(pipeline: Pipeline, question: str) -> Iterator[tuple[float, Any]]:
    """The events of an answer with the seconds since it was asked."""
    began = time.perf_counter()
    for event in pipeline.stream(question):
        yield time.perf_counter() - began, event


def count(said: Sequence[Said], answer: Answer, tally: Tally) -> None:
    """Lay the sentences that are shown to what was said."""
    shown = {" ".join(s.text.split()): s for s in answer.sentences}
    for one in said:
        tally.n_said[one.kind] += 1
        sentence = shown.get(" ".join(one.text.split()))
        if sentence is None:
            continue
        tally.shown[one.kind].append(sentence)
        carried = sentence.verdict.label in ("supported", "contested")
        if one.kind != TRUE:
            tally.lies += [(one, sentence)] if carried else []
        elif carried:
            tally.n_marked[one.mark] += 1
            tally.n_cited[one.mark] += any(
                _same(one.origin, c.evidence.text) for c in sentence.citations
            )


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).rstrip(".") in " ".join(other.split())


def pace(bench: Bench, question: str, seed: int) -> tuple[float, float]:
    """Seconds to the first verified sentence and to the last, at the pace of a model."""
    events = timed(asking(bench, Liar(seed=seed, piece_s=_PIECE_S)), question)
    moments = [s for s, e in events if isinstance(e, SentenceEvent)]
    return (moments[0], moments[-1]) if moments else (float("nan"), float("nan"))


def report(tally: Tally, paced: Sequence[tuple[float, float]]) -> None:
    """Print the tables."""
    print("\n| said | n | shown | shown as supported or contested |\n|---|---|---|---|")
    for kind in (*EDITS, TRUE):
        shown = tally.shown[kind]
        carried = sum(s.verdict.label in ("supported", "contested") for s in shown)
        print(f"| {kind} | {tally.n_said[kind]} | {len(shown)} | {wilson(carried, len(shown))} |")
    false = [s for kind in EDITS for s in tally.shown[kind]]
    carried = sum(s.verdict.label in ("supported", "contested") for s in false)
    print(f"| all edits | | {len(false)} | {wilson(carried, len(false))} |")
    print("\n| marker of a true sentence | n | cites the words it came from |\n|---|---|---|")
    for mark in MARKS:
        n = tally.n_marked[mark]
        print(f"| {mark} | {n} | {wilson(tally.n_cited[mark], n)} |")
    print("\n| time | p50 | p95 |\n|---|---|---|")
    for name, values in (
        ("verify, ms per sentence shown", tally.ms),
        ("repair, ms per sentence shown", tally.repair_ms),
        ("first verified sentence, s, reply at once", tally.first_s),
        ("first verified sentence, s, 100 tokens/s", [a for a, _ in paced]),
        ("last sentence, s, 100 tokens/s", [b for _, b in paced]),
    ):
        p50, p95 = np.nanpercentile(values, [50, 95]) if values else (np.nan, np.nan)
        print(f"| {name} | {p50:.2f} | {p95:.2f} |")


if __name__ == "__main__":
    main()
