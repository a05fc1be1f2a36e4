"""How well the rules make follow-up questions stand on their own, measured by what they find.

    python -m benchmarks.followups [--held] [--print]

Asks the pairs of ``tests/data/followups`` over its articles and those of ``samples``. Of each
follow-up: whether its rewriting finds the same article first as the same question written out by
hand, and whether any of the first three is that one; beside it the follow-up as it was asked, and
the follow-up behind the whole question before it. Questions that stand alone must stay as they
are. Intervals are 95 % bootstrap percentiles over pairs. The pairs
were looked at when the rules were made; with ``--held`` it asks twenty
more, on which three bugs were found and mended.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.answers import interval
from ingest.pipeline import ingest
from rag.condense import condense
from rag.embed import Embedder, load_embedder
from rag.index import Index
from rag.retrieve import retrieve
from rag.schema import Filters, Question, Turn
from rag.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data" / "followups"
SOURCES = (DATA / "articles.jsonl", ROOT / "samples" / "articles")
Row = Mapping[str, Any]


def rows(name: str = "questions") -> list[Row]:
    """Each with ``history`` (pairs), ``asked`` and ``standalone`` (None: must not change)."""
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").open(encoding="utf-8")]


def turns(row: Row) -> tuple[Turn, ...]:
    """The history of a pair as nouns."""
    return tuple(
        turn
        for asked, answered in row["history"]
        for turn in (Turn(role="user", content=asked), Turn(role="assistant", content=answered))
    )


def by_rules(row: Row) -> str:
    """The follow-up as the rules word it."""
    return condense(row["asked"], turns(row), Filters()).text


WAYS: Mapping[str, Callable[[Row], str]] = {
    "as it was asked": lambda row: row["asked"],
    "behind the question before it": lambda row: f"{row['history'][-1][0]} {row['asked']}",
    "rewritten by the rules": by_rules,
}


def articles_of(text: str, index: Index, embedder: Embedder) -> list[str]:
    """The articles of the passages found, best first."""
    found = retrieve(Question(asked=text), index, embedder)
    return list(dict.fromkeys(p.passage.article_id for p in found.passages))


def main() -> None:
    """Ingest, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--held", action="store_true", help="the pairs that no rule was made on")
    parser.add_argument("--print", action="store_true", help="each rewriting")
    args = parser.parse_args()
    settings = Settings()
    embedder = load_embedder(settings.embedder, settings.cache)
    with tempfile.TemporaryDirectory() as home:
        index = Index.open(
            Path(home),
            settings_id=settings.settings_id,
            embedder=embedder.name,
            dim=embedder.dim,
            create=True,
        )
        try:
            ingest(list(SOURCES), index, embedder)
            pairs = rows("held" if args.held else "questions")
            report(pairs, index, embedder, show=args.print)
        finally:
            index.close()


def report(pairs: Sequence[Row], index: Index, embedder: Embedder, *, show: bool) -> None:
    """Print the tables."""
    asked = [row for row in pairs if row["standalone"]]
    wanted = [articles_of(row["standalone"], index, embedder)[0] for row in asked]
    print(f"{index.catalog.counts()[0]} articles, {len(asked)} follow-ups\n")
    print("| question | same article first | among the first three |\n|---|---|---|")
    for name, way in WAYS.items():
        found = [articles_of(way(row), index, embedder) for row in asked]
        first = [float(f[0] == w) for f, w in zip(found, wanted, strict=True)]
        three = [float(w in f[:3]) for f, w in zip(found, wanted, strict=True)]
        print(f"| {name} | {interval(first)} | {interval(three)} |")
    alone = [row for row in pairs if row["standalone"] is None]
    kept = [float(by_rules(row) == row["asked"]) for row in alone]
    missed = [float(by_rules(row) == row["asked"]) for row in asked]
    print(f"\nstand alone and stay as they are: {interval(kept)}")
    print(f"lean and are not rewritten: {interval(missed)}")
    if show:
        _show(asked, found, wanted)


def _show(asked: Sequence[Row], found: Sequence[Sequence[str]], wanted: Sequence[str]) -> None:
    for row, got, want in zip(asked, found, wanted, strict=True):
        mark = " " if got[0] == want else "x"
        print(f"{mark} {row['history'][-1][0]} | {row['asked']} -> {by_rules(row)}")


if __name__ == "__main__":
    main()
