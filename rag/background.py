"""How common a word is in the news at large, so that two articles are enough to weigh words.

With document frequencies of the archive alone, every word of a two-article archive is as rare as
any other, and half of the questions that it can answer look unanswerable. The table beside this
file holds counts from 12,000 news articles of 2021 to 2024 (no text): per stem, in how many
articles it occurs, and how often it is written with a capital inside a sentence, which tells a
name at the start of a sentence from a word that merely begins it. ``benchmarks/background.py``
made it.
"""

import gzip
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "background.tsv.gz"


@dataclass(frozen=True, slots=True)
class Background:
    """Document frequencies and the share of capitals per stem, as ``rag.text.stem`` gives it."""

    n_articles: int
    counts: Mapping[str, int]
    capitals: Mapping[str, int]  # tenths, 0 to 9, of the occurrences inside a sentence

    def idf(self, term: str) -> float:
        """Inverse document frequency, scaled to 0 (in every article) .. 1 (in none)."""
        df = self.counts.get(term, 0)
        return math.log((self.n_articles + 1) / (df + 1)) / math.log(self.n_articles + 1)

    def is_name(self, term: str) -> bool:
        """True if the word is written with a capital more often than not, or is not known."""
        return self.capitals.get(term, 9) >= 5


@lru_cache(maxsize=1)
def load_background() -> Background:
    """The table that ships with the package, read once."""
    with gzip.open(TABLE, "rt", encoding="utf-8") as lines:
        n_articles = int(next(lines))
        counts: dict[str, int] = {}
        capitals: dict[str, int] = {}
        for line in lines:
            term, df, tenths = line.rstrip("\n").split("\t")
            counts[term] = int(df)
            capitals[term] = int(tenths)
    return Background(n_articles=n_articles, counts=counts, capitals=capitals)
