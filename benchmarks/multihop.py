"""How yes/no, comparison and other questions about several articles are answered, or refused.

    python -m benchmarks.multihop DATA [--home DIR]

DATA holds ``multihoprag500_queries.jsonl.gz`` and ``multihoprag500_facts.jsonl.gz`` (MultiHop-RAG,
Tang and Yang 2024, a sample of 500; of each article only the facts that the questions rest on).
Ingests the facts as articles, asks every question through the whole pipeline without a language
model, and prints a Markdown table: all questions, those of the half that was looked at, and those
of the half that was not (by a hash of their ids).

A yes/no question counts as right only with the short answer "Yes" or "No" of the data; "Not
settled", "Sources differ" and a refusal are wrong, and shown apart as not settled. Beside it
stands what saying "Yes" always would reach. Of other questions the answer must stand in the
sentences (``eval.gold``), beside the first three sentences of the best passage by BM25.
"""

import argparse
import hashlib
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answers import N_ARTICLES, Bench, interval, opened, read
from eval.gold import holds
from rag.pipeline import Pipeline
from rag.retrieve import Retrieved, retrieve
from rag.schema import Answer, Article, Question

_GOLD = {"yes": "Yes", "true": "Yes", "no": "No", "false": "No"}
_COMPARED = ("comparison_query", "temporal_query")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question gave."""

    kind: str  # type of the question, as the data have it
    seen: bool  # of the half that was looked at
    gold: str  # "Yes", "No", or the answer in words
    short: str | None
    typed: str  # kind of the answer
    refused: bool
    held: bool  # the gold answer stands in the sentences
    held_bm25: bool
    recall: float  # of the evidence's articles among the first ten found; NaN without evidence
    recall_plain: float  # the same by one search for the whole question
    recall_bm25: float
    ms: float  # of processor time


def main() -> None:
    """Ingest, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--seen", action="store_true", help="only the half that may be looked at")
    args = parser.parse_args()
    corpus = args.data / "multihoprag500_facts.jsonl.gz"
    rows = read(args.data / "multihoprag500_queries.jsonl.gz")
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(args.home or Path(folder), [corpus], corpus) as bench,
    ):
        pipeline = _pipeline(bench)
        outcomes = [
            measure(pipeline, bench, row) for row in rows if not args.seen or is_seen(row["qid"])
        ]
    report(outcomes)


def _pipeline(bench: Bench) -> Pipeline:
    def search(question: Question) -> tuple[Retrieved, Mapping[str, Article]]:
        found = retrieve(question, bench.index, bench.embedder)
        ids = {p.passage.article_id for p in found.passages}
        return found, bench.index.catalog.articles(ids)

    return Pipeline(search=search, outlets=bench.index.catalog.outlets, embedder=bench.embedder)


def is_seen(qid: str) -> bool:
    """True for the half of the questions that was looked at while the rules were made."""
    return int(hashlib.sha256(qid.encode()).hexdigest(), 16) % 2 == 0


def measure(pipeline: Pipeline, bench: Bench, row: dict[str, Any]) -> Outcome:
    """Ask one question."""
    began = time.process_time()
    answer = pipeline.answer(row["question"])
    spent = time.process_time() - began
    gold = row["answer"]
    return Outcome(
        kind=row["type"],
        seen=is_seen(row["qid"]),
        gold=_GOLD.get(gold.lower().rstrip("."), gold),
        short=answer.short,
        typed=answer.kind,
        refused=answer.abstained,
        held=any(holds(s.text, gold) for s in answer.sentences),
        held_bm25=_held_bm25(bench, row),
        **_recalls(answer, bench, row),
        ms=1e3 * spent,
    )


def _held_bm25(bench: Bench, row: dict[str, Any]) -> bool:
    best = bench.bm25(row["question"])[:1]
    if not best:
        return False
    article = bench.articles[best[0]]
    text = bench.index.catalog.articles({article.article_id})[article.article_id].text
    return any(holds(line, row["answer"]) for line in text.splitlines()[:3])


def _recalls(answer: Answer, bench: Bench, row: dict[str, Any]) -> dict[str, float]:
    wanted = {bench.by_url[e["doc_id"]] for e in row["evidence"]} - {""}
    plain = retrieve(Question(asked=row["question"]), bench.index, bench.embedder, k=24)
    found = {
        "recall": [p.passage.article_id for p in answer.passages],
        "recall_plain": [p.passage.article_id for p in plain.passages],
        "recall_bm25": bench.bm25(row["question"]),
    }
    return {name: _recall(ids, wanted) for name, ids in found.items()}


def _recall(ids: Sequence[str], wanted: set[str]) -> float:
    first = list(dict.fromkeys(ids))[:N_ARTICLES]
    return len(wanted.intersection(first)) / len(wanted) if wanted else float("nan")


def report(outcomes: Sequence[Outcome]) -> None:
    """Print the table, with three columns of figures."""
    print("| | all | half looked at | other half |\n|---|---|---|---|")
    halves = (outcomes, [o for o in outcomes if o.seen], [o for o in outcomes if not o.seen])
    for name, of in _figures():
        cells = [interval([v for v in map(of, half) if v is not None]) for half in halves]
        print(f"| {name} | {' | '.join(cells)} |")
    print("\n| kind of answer | CPU ms p50 | p95 | n |\n|---|---|---|---|")
    for kind in ("yesno", "list", "text"):
        spent = [o.ms for o in outcomes if o.typed == kind]
        if spent:
            p50, p95 = np.percentile(spent, [50, 95])
            print(f"| {kind} | {p50:.0f} | {p95:.0f} | {len(spent)} |")


Figure = Callable[[Outcome], float | None]


def _figures() -> list[tuple[str, Figure]]:
    """Each row of the table: its name, and what one question adds, None if it adds nothing."""
    rows: list[tuple[str, Figure]] = [
        ("null questions refused", lambda o: _if(o.kind == "null_query", o.refused)),
        ("other questions answered", lambda o: _if(o.kind != "null_query", not o.refused)),
    ]
    for kind in _COMPARED:
        name = kind.removesuffix("_query")
        rows += [
            (f"{name}: yes/no right", _of(kind, lambda o: o.short == o.gold)),
            (f"{name}: always yes", _of(kind, lambda o: o.gold == "Yes")),
            (f"{name}: settled", _of(kind, _is_settled)),
            (
                f"{name}: right of those settled",
                _of(kind, lambda o: o.short == o.gold, only=_is_settled),
            ),
            (
                f"{name}: always yes on those settled",
                _of(kind, lambda o: o.gold == "Yes", only=_is_settled),
            ),
        ]
    inference = "inference_query"
    rows += [
        ("inference: gold answer in the sentences", lambda o: _if(o.kind == inference, o.held)),
        ("inference: in BM25's first sentences", lambda o: _if(o.kind == inference, o.held_bm25)),
        ("evidence recall@10", lambda o: _if(o.recall == o.recall, o.recall)),
        ("the same, one search", lambda o: _if(o.recall == o.recall, o.recall_plain)),
        ("the same, BM25 alone", lambda o: _if(o.recall == o.recall, o.recall_bm25)),
    ]  # fmt: skip
    return rows


def _is_settled(outcome: Outcome) -> bool:
    return outcome.short in ("Yes", "No")


def _if(applies: bool, value: float) -> float | None:
    return float(value) if applies else None


def _of(
    kind: str, right: Callable[[Outcome], bool], only: Callable[[Outcome], bool] | None = None
) -> Figure:
    """Share of the yes/no questions of a kind, of those that ``only`` lets through."""

    def value(outcome: Outcome) -> float | None:
        asked = outcome.kind == kind and outcome.gold in ("Yes", "No")
        return _if(asked and (only is None or only(outcome)), right(outcome))

    return value


if __name__ == "__main__":
    main()
