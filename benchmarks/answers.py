"""How well news questions are answered without a language model, or refused.

    python -m benchmarks.answers DATA [--home DIR] [--also CORPUS]

DATA holds ``rtqa_2022_dev_corpus.jsonl.gz`` and ``rtqa_2022_dev_queries.jsonl.gz`` (RealTimeQA,
Kasai et al. 2023). Ingests the corpus, asks every question through the real retrieval and
selection, and prints Markdown tables. With ``--home`` the index is kept there and used again;
``--also`` ingests a further corpus, to see what holds at scale.

Refusals are decided without the time of asking, which would give the answer away here. The
harder set asks the answerable questions again with every article left out that holds the answer
or is marked as evidence. Intervals are 95 % bootstrap percentiles over questions.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.gold import holds, holds_words, normal
from ingest.pipeline import ingest
from rag.embed import Embedder, load_embedder
from rag.index import Index
from rag.retrieve import retrieve
from rag.schema import Article, Filters, Question
from rag.select import Selection, select
from rag.settings import Settings

N_ARTICLES = 10  # an article counts as found down to this rank
N_BOOTSTRAP = 2_000
Values = NDArray[np.float64]


@dataclass(slots=True)
class Outcome:
    """What one question gave; ranks count articles from 1, 0 is not found."""

    rank: int = 0
    rank_bm25: int = 0
    gold_first: bool = False
    gold: bool = False
    refused: bool = False
    gold_dated: bool = False  # asked with the time of asking as a filter
    rank_dated: int = 0
    refused_hard: bool = False  # asked with every article left out that holds the answer
    ms: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Bench:
    """The open archive and the stopwatch."""

    index: Index
    embedder: Embedder
    articles: dict[str, Article]
    by_url: dict[str, str]  # URL in the data -> article_id

    def ask(self, question: Question) -> tuple[Selection, dict[str, float]]:
        """Retrieve and select; milliseconds of wall time and of processor time."""
        wall, cpu = time.perf_counter(), time.process_time()
        found = retrieve(question, self.index, self.embedder)
        middle = time.perf_counter()
        ids = {p.passage.article_id for p in found.passages}
        articles = self.index.catalog.articles(ids)
        selection = select(
            question,
            found.passages,
            articles,
            embedder=self.embedder,
            query_vector=found.query_vector,
        )
        end, cpu_end = time.perf_counter(), time.process_time()
        spent = {"retrieve": middle - wall, "select": end - middle, "both, CPU": cpu_end - cpu}
        return selection, {k: 1e3 * v for k, v in spent.items()}

    def bm25(self, text: str) -> list[str]:
        """The articles of the best passages by words alone."""
        ids = [i for i, _ in self.index.lexical(text, 100, Filters())]
        passages = self.index.passages(ids)
        return list(dict.fromkeys(passages[i].article_id for i in ids if i in passages))


def main() -> None:
    """Ingest, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--also", type=Path, help="a further corpus to ingest")
    args = parser.parse_args()
    corpus = args.data / "rtqa_2022_dev_corpus.jsonl.gz"
    rows = read(args.data / "rtqa_2022_dev_queries.jsonl.gz")
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(
            args.home or Path(folder), [corpus, *([args.also] if args.also else [])], corpus
        ) as bench,
    ):
        words = {i: normal(f"{a.title or ''} . {a.text}") for i, a in bench.articles.items()}
        outcomes = [measure(bench, row, words) for row in rows]
        print(f"{bench.index.catalog.counts()[0]:,} articles, {len(rows)} questions\n")
    report(rows, outcomes)


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@contextmanager
def opened(home: Path, corpora: Sequence[Path], asked_about: Path) -> Iterator[Bench]:
    """The index in ``home`` with the corpora ingested."""
    settings = Settings()
    embedder = load_embedder(settings.embedder, settings.cache)
    index = Index.open(
        home,
        settings_id=settings.settings_id,
        embedder=embedder.name,
        dim=embedder.dim,
        create=True,
    )
    try:
        done = ingest(list(corpora), index, embedder, max_mb=200)
        print(f"ingested in {done.seconds:.0f} s, {done.count('skipped')} skipped")
        articles = {a.article_id: a for a in index.catalog.listing()}
        urls = {a.url: i for i, a in articles.items() if a.url}
        titles = {a.title: i for i, a in articles.items() if a.title}
        ids = {
            row["doc_id"]: urls.get(row["url"]) or titles.get(row["title"], "")
            for row in read(asked_about)
        }
        print(f"{sum(not i for i in ids.values())} articles of the data not found again")
        yield Bench(index, embedder, articles, ids)
    finally:
        index.close()


def measure(bench: Bench, row: dict[str, Any], words: dict[str, tuple[str, ...]]) -> Outcome:
    """Ask one question in all ways."""
    text, answer = row["question"], row["answer"]
    selection, spent = bench.ask(Question(asked=text))
    out = Outcome(refused=selection.reason is not None, ms=spent)
    if not row["answerable"]:
        return out
    evidence = {bench.by_url[e["doc_id"]] for e in row["evidence"]}
    out.rank = rank(wide(bench, Question(asked=text)), evidence)
    out.rank_bm25 = rank(bench.bm25(text), evidence)
    held = [holds(s.text, answer) for s in selection.sentences]
    out.gold_first, out.gold = any(held[:1]), any(held)
    dated = Question(asked=text, filters=Filters(until=date.fromisoformat(row["asked_at"])))
    selection_dated, _ = bench.ask(dated)
    out.rank_dated = rank(wide(bench, dated), evidence)
    out.gold_dated = any(holds(s.text, answer) for s in selection_dated.sentences)
    rest = tuple(i for i, w in words.items() if i not in evidence and not holds_words(w, answer))
    harder, _ = bench.ask(Question(asked=text, filters=Filters(articles=rest)))
    out.refused_hard = harder.reason is not None
    return out


def wide(bench: Bench, question: Question) -> list[str]:
    """Articles by their best passage, from enough passages for ten articles."""
    found = retrieve(question, bench.index, bench.embedder, k=60)
    return list(dict.fromkeys(p.passage.article_id for p in found.passages))


def rank(articles: Sequence[str], wanted: set[str]) -> int:
    """The rank of the first wanted article, 0 beyond the tenth."""
    return next((r for r, a in enumerate(articles[:N_ARTICLES], 1) if a in wanted), 0)


def interval(values: Sequence[float] | Values) -> str:
    """Mean with its 95 % bootstrap interval and n."""
    array = np.asarray(values, dtype=np.float64)
    if not len(array):
        return "-"
    rng = np.random.default_rng(0)
    means = array[rng.integers(0, len(array), (N_BOOTSTRAP, len(array)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{array.mean():.3f} [{low:.3f}, {high:.3f}] n={len(array)}"


def report(rows: Sequence[dict[str, Any]], outcomes: Sequence[Outcome]) -> None:
    """Print the tables."""
    asked = [o for row, o in zip(rows, outcomes, strict=True) if row["answerable"]]
    other = [o for row, o in zip(rows, outcomes, strict=True) if not row["answerable"]]
    ranks = {
        "BM25 alone": [o.rank_bm25 for o in asked],
        "fused": [o.rank for o in asked],
        "fused, until the day of asking": [o.rank_dated for o in asked],
    }
    print("| articles | Hits@1 | Hits@4 | Hits@10 | MRR@10 | ratio to BM25 |")
    print("|---|---|---|---|---|---|")
    base = np.mean([1 / r if r else 0.0 for r in ranks["BM25 alone"]])
    for name, found in ranks.items():
        hits = [interval([float(0 < r <= k) for r in found]) for k in (1, 4, 10)]
        reciprocal = [1 / r if r else 0.0 for r in found]
        ratio = np.mean(reciprocal) / base if base else float("nan")
        print(f"| {name} | {' | '.join(hits)} | {interval(reciprocal)} | {ratio:.3f} |")
    kept = [o for o in asked if not o.refused]
    print("\n| answers | share |\n|---|---|")
    for name, values in (
        ("gold answer in three sentences, not refused", [o.gold for o in kept]),
        ("the same over all answerable", [o.gold for o in asked]),
        ("gold answer in the first sentence, not refused", [o.gold_first for o in kept]),
        ("three sentences, until the day of asking, not refused", [o.gold_dated for o in kept]),
        ("unanswerable refused", [o.refused for o in other]),
        ("the same with the answering articles left out", [o.refused_hard for o in asked]),
        ("answerable refused (wrongly)", [o.refused for o in asked]),
    ):
        print(f"| {name} | {interval([float(v) for v in values])} |")
    print("\n| stage | p50 ms | p95 ms |\n|---|---|---|")
    for stage in outcomes[0].ms:
        p50, p95 = np.percentile([o.ms[stage] for o in outcomes], [50, 95])
        print(f"| {stage} | {p50:.1f} | {p95:.1f} |")


if __name__ == "__main__":
    main()
