"""What a filter costs, and what the approximate searches miss, over made-up news.

    python -m benchmarks.filters [--passages 100000] [--home DIR] [--k 50]

Topics are directions, passages are near the direction of their topic, and a topic's articles
appear within three months, as stories do: so a date filter often leaves out all that is nearest.
With --home the index is kept there and used again.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.index import Index, Item
from rag.schema import Article, Filters, Passage

Found = list[tuple[str, float]]
DIM = 384
PER_ARTICLE = 8
N_TOPICS = 2_000
N_DAYS = 1_000
FIRST_DAY = date(2023, 1, 1)
N_QUERIES = 60
SEED = 7


@dataclass(frozen=True)
class News:
    """The made-up archive: one row per article or passage."""

    topics: NDArray[np.float32]  # [N_TOPICS, DIM]
    topic: NDArray[np.int64]  # of each article
    day: NDArray[np.int64]  # of each article, from FIRST_DAY
    outlet: NDArray[np.int64]  # of each article, 0..99
    vectors: NDArray[np.float32]  # [passages, DIM]


def make_news(n_passages: int) -> News:
    """Articles on topics, with dates around the topic's own."""
    rng = np.random.default_rng(SEED)
    n_articles = n_passages // PER_ARTICLE
    topics = unit(rng.standard_normal((N_TOPICS, DIM), dtype=np.float32))
    topic = rng.integers(0, N_TOPICS, n_articles)
    centre = rng.integers(0, N_DAYS, N_TOPICS)
    day = np.clip(centre[topic] + rng.integers(-45, 46, n_articles), 0, N_DAYS - 1)
    noise = rng.standard_normal((n_articles * PER_ARTICLE, DIM), dtype=np.float32)
    vectors = unit(np.repeat(topics[topic], PER_ARTICLE, axis=0) + noise * (0.8 / DIM**0.5))
    return News(topics, topic, day, rng.integers(0, 100, n_articles), vectors)


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def items(news: News) -> Iterator[Item]:
    """The articles as they go into the index; words follow Zipf's law, a few are the topic's."""
    rng = np.random.default_rng(SEED)
    weights = 1 / np.arange(1, 30_001)
    cumulative = np.cumsum(weights / weights.sum())
    for at, (topic, day) in enumerate(zip(news.topic, news.day, strict=True)):
        name = f"a{at:06d}"
        drawn = np.searchsorted(cumulative, rng.random((PER_ARTICLE, 90)))
        texts = [
            " ".join(f"w{word}" for word in row) + f" topic{topic} place{topic % 97}."
            for row in drawn
        ]
        spans, start = [], 0
        for text in texts:
            spans.append((start, start + len(text)))
            start += len(text) + 1
        moment = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=int(day))
        article = Article(
            article_id=name,
            revision=1,
            title=f"topic{topic} story",
            text="\n".join(texts),
            outlet=f"Outlet {news.outlet[at]}",
            published_at=moment,
            content_hash=name,
        )
        passages = [
            Passage(
                article_id=name,
                start=a,
                end=b,
                text=text,
                passage_id=f"{name}:1:{a}",
                sentences=((a, b),),
            )
            for (a, b), text in zip(spans, texts, strict=True)
        ]
        yield article, passages, news.vectors[at * PER_ARTICLE : (at + 1) * PER_ARTICLE]


def fill(home: Path, news: News) -> Index:
    """The index of the made-up archive, made unless it is there."""
    index = Index.open(home, settings_id="bench", embedder="made up", dim=DIM, create=True)
    if index.catalog.counts()[1] == len(news.vectors):
        return index
    batch: list[Item] = []
    started, n_done = time.perf_counter(), 0
    for item in items(news):
        batch.append(item)
        if len(batch) == 125:
            index.add(batch)
            n_done += len(batch)
            batch.clear()
            print(f"\r{n_done:,} articles, {time.perf_counter() - started:.0f} s", end="")
    if batch:
        index.add(batch)
    print()
    return index


def filters_tried(news: News) -> dict[str, Filters]:
    """Filters by the share of the articles that they keep."""
    middle = FIRST_DAY + timedelta(days=N_DAYS // 2)
    some = np.random.default_rng(1).choice(len(news.topic), len(news.topic) // 100, replace=False)
    return {
        "none": Filters(),
        "50 %: dates until": Filters(until=middle),
        "50 %: outlets": Filters(outlets=tuple(f"outlet {n}" for n in range(50))),
        "20 %: a date range": Filters(since=middle, until=middle + timedelta(days=199)),
        "10 %: outlets": Filters(outlets=tuple(f"OUTLET {n}" for n in range(10))),
        "10 %: a date range": Filters(since=middle, until=middle + timedelta(days=99)),
        "5 %: dates and outlets": Filters(
            until=middle, outlets=tuple(f"Outlet {n}" for n in range(10))
        ),
        "1 %: an outlet": Filters(outlets=("Outlet 7",)),
        "1 %: a date range": Filters(since=middle, until=middle + timedelta(days=9)),
        "1 %: articles": Filters(articles=tuple(f"a{n:06d}" for n in some)),
    }


def passing(news: News, filters: Filters) -> NDArray[np.bool_]:
    """Which passages pass, worked out apart from the index."""
    kept = np.ones(len(news.topic), dtype=bool)
    if filters.since:
        kept &= news.day >= (filters.since - FIRST_DAY).days
    if filters.until:
        kept &= news.day <= (filters.until - FIRST_DAY).days
    if filters.outlets:
        kept &= np.isin(news.outlet, [int(o.split()[1]) for o in filters.outlets])
    if filters.articles:
        kept &= np.isin(np.arange(len(kept)), [int(a[1:]) for a in filters.articles])
    return np.repeat(kept, PER_ARTICLE)


@dataclass
class Row:
    """What one filter cost, in CPU milliseconds per search, and what it found."""

    dense_ms: float = 0.0
    words_ms: float = 0.0
    recall10: float = 0.0
    recall_k: float = 0.0


def cpu_ms(call: Callable[[], Found]) -> tuple[Found, float]:
    """What the call gives, and the CPU time of the process that it took."""
    started = time.process_time()
    result = call()
    return result, (time.process_time() - started) * 1_000


def measure(index: Index, news: News, k: int) -> dict[str, Row]:
    """Every filter with every query in turn, so that the load of the machine hits all alike."""
    rng = np.random.default_rng(SEED + 1)
    asked = rng.integers(0, N_TOPICS, N_QUERIES)
    noise = rng.standard_normal((N_QUERIES, DIM), dtype=np.float32) * (0.8 / DIM**0.5)
    queries = unit(news.topics[asked] + noise)
    tried = filters_tried(news)
    rows = {name: Row() for name in tried}
    masks = {name: passing(news, filters) for name, filters in tried.items()}
    for topic, query in zip(asked, queries, strict=True):
        words = f"topic{topic} story place{topic % 97} w12 w150 w900 w3000"
        exact = news.vectors @ query
        for name, filters in tried.items():
            row = rows[name]
            found, ms = cpu_ms(partial(index.dense, query, k, filters))
            row.dense_ms += ms / N_QUERIES
            hits, ms = cpu_ms(partial(index.lexical, words, k, filters))
            row.words_ms += ms / N_QUERIES
            check([*found, *hits], masks[name])
            assert len(found) == min(k, masks[name].sum())
            best = np.argsort(-np.where(masks[name], exact, -2))[:k]
            at = [position(passage_id) for passage_id, _ in found]
            row.recall10 += float(np.isin(best[:10], at[:10]).mean()) / N_QUERIES
            row.recall_k += float(np.isin(best, at).mean()) / N_QUERIES
    return rows


def position(passage_id: str) -> int:
    """The row of a passage in the made-up vectors."""
    name, _, start = passage_id.split(":")
    return int(name[1:]) * PER_ARTICLE + STARTS[name].index(int(start))


STARTS: dict[str, list[int]] = {}


def check(found: list[tuple[str, float]], mask: NDArray[np.bool_]) -> None:
    """Nothing that the filter leaves out may be found."""
    assert all(mask[position(passage_id)] for passage_id, _ in found)


def print_table(rows: dict[str, Row]) -> None:
    """A line for each filter; ratios are against the search without one."""
    plain = rows["none"]
    print(
        "| filter keeps | dense ms | words ms | both ms | dense | words | both | recall@10 | @k |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, row in rows.items():
        both, plain_both = row.dense_ms + row.words_ms, plain.dense_ms + plain.words_ms
        print(
            f"| {name} | {row.dense_ms:.2f} | {row.words_ms:.2f} | {both:.2f}"
            f" | {row.dense_ms / plain.dense_ms:.2f}x | {row.words_ms / plain.words_ms:.2f}x"
            f" | {both / plain_both:.2f}x | {row.recall10:.3f} | {row.recall_k:.3f} |"
        )


def main() -> None:
    """Fill, warm, measure, print."""
    parser = argparse.ArgumentParser(description="What a filter costs.")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--k", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        news = make_news(given.passages)
        index = fill(given.home or Path(scratch), news)
        for article in index.catalog.listing():
            lengths = [len(line) + 1 for line in article.text.split("\n")]
            STARTS[article.article_id] = [0, *np.cumsum(lengths[:-1]).tolist()]
        rng = np.random.default_rng(0)
        for _ in range(5):
            index.dense(unit(rng.standard_normal((1, DIM), dtype=np.float32)), given.k, Filters())
        print_table(measure(index, news, given.k))
        index.close()


if __name__ == "__main__":
    main()
