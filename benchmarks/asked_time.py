"""What it earns to understand the time that a question names.

    python -m benchmarks.asked_time DATA [--home DIR]

DATA as for ``benchmarks.answers``. Every RealTimeQA question is asked three more times, through the
whole pipeline without a language model: in its week ("this week"), in its month, and in its month
and year, the words put where the question says "this week", else at its end. The day of asking is
that of the data. The baseline leaves the words as they are and limits nothing. Prints how often the
gold answer stands in the sentences, how often a question is refused wrongly, and how often one is
that cannot be answered, or from whose archive every article with the answer was taken out.
"""

import argparse
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.answers import Bench, interval, opened, read
from eval.gold import holds, holds_words, normal
from rag.browse import newest_day
from rag.pipeline import Pipeline
from rag.retrieve import Retrieved, retrieve
from rag.schema import Answer, Article, Filters, Question

_WEEK = re.compile(r"\bthis week\b", re.IGNORECASE)
_WORDS: Mapping[str, Callable[[date], str]] = {
    "this week": lambda _: "this week",
    "in its month": lambda day: f"in {day:%B}",
    "in its month and year": lambda day: f"in {day:%B %Y}",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question gave; None where it says nothing of the question."""

    gold: bool | None
    refused_wrongly: bool | None
    refused_rightly: bool | None
    refused_hard: bool | None


def main() -> None:
    """Ingest, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path)
    args = parser.parse_args()
    corpus = args.data / "rtqa_2022_dev_corpus.jsonl.gz"
    rows = read(args.data / "rtqa_2022_dev_queries.jsonl.gz")
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(args.home or Path(folder), [corpus], corpus) as bench,
    ):
        words = {i: normal(f"{a.title or ''} . {a.text}") for i, a in bench.articles.items()}
        print("| time asked about | its words | gold answer in the sentences | refused wrongly |"
              " unanswerable refused | answering articles left out: refused |")  # fmt: skip
        print("|---|---|---|---|---|---|")
        for name, worded in _WORDS.items():
            for is_read in (False, True):
                outcomes = [_measure(bench, row, words, worded, is_read=is_read) for row in rows]
                way = "understood" if is_read else "as they are"
                print(f"| {name} | {way} | {_cells(outcomes)} |", flush=True)


def put(question: str, words: str) -> str:
    """The question with words for a time."""
    if _WEEK.search(question):
        return _WEEK.sub(words, question, count=1)
    bare = question.rstrip()
    body, end = (bare[:-1].rstrip(), bare[-1]) if bare[-1:] in ("?", ":", ".") else (bare, "?")
    return f"{body} {words}{end}"


def _measure(
    bench: Bench,
    row: dict[str, Any],
    words: dict[str, tuple[str, ...]],
    worded: Callable[[date], str],
    *,
    is_read: bool,
) -> Outcome:
    day = date.fromisoformat(row["asked_at"])
    pipeline, asked = _pipeline(bench, day), put(row["question"], worded(day))
    limits = Filters(alone=not is_read)
    answer = pipeline.answer(asked, filters=limits)
    if not row["answerable"]:
        return Outcome(None, None, answer.abstained, None)
    evidence = {bench.by_url[e["doc_id"]] for e in row["evidence"]}
    rest = tuple(
        i for i, w in words.items() if i not in evidence and not holds_words(w, row["answer"])
    )
    hard = pipeline.answer(asked, filters=Filters(articles=rest, alone=not is_read))
    return Outcome(_holds(answer, row["answer"]), answer.abstained, None, hard.abstained)


def _holds(answer: Answer, gold: Any) -> bool:
    return any(holds(sentence.text, gold) for sentence in answer.sentences)


def _pipeline(bench: Bench, today: date) -> Pipeline:
    def search(question: Question) -> tuple[Retrieved, Mapping[str, Article]]:
        found = retrieve(question, bench.index, bench.embedder)
        return found, bench.index.catalog.articles({p.passage.article_id for p in found.passages})

    return Pipeline(
        search=search,
        embedder=bench.embedder,
        outlets=bench.index.catalog.outlets,
        newest=lambda: newest_day(bench.index.catalog),
        today=lambda: today,
        suggest_s=0.0,
    )


def _cells(outcomes: Sequence[Outcome]) -> str:
    columns = (
        [o.gold for o in outcomes],
        [o.refused_wrongly for o in outcomes],
        [o.refused_rightly for o in outcomes],
        [o.refused_hard for o in outcomes],
    )
    return " | ".join(interval([float(v) for v in column if v is not None]) for column in columns)


if __name__ == "__main__":
    main()
