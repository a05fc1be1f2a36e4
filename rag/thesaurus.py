"""Ground tool: synonyms and opposites of everyday English, from WordNet.

A table of stems beside this file, made by ``benchmarks/thesaurus.py`` from WordNet 3.0 (Princeton
University; its licence is ``data/wordnet-license.txt``): 3 MB in memory, read once. WordNet lists
what a word may mean, so a hit says that two words can say the same, not that they do here.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "wordnet.tsv.gz"
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Synonyms and opposites per stem, as ``rag.text.stem`` gives it."""

    same: Mapping[str, frozenset[str]]
    opposed: Mapping[str, frozenset[str]]

    def synonyms(self, term: str) -> frozenset[str]:
        """Stems that can say the same; empty when none is known."""
        return self.same.get(term, _NONE)

    def opposites(self, term: str) -> frozenset[str]:
        """Stems that say the opposite; empty when none is known."""
        return self.opposed.get(term, _NONE)


@lru_cache(maxsize=1)
def load_thesaurus() -> Thesaurus:
    """The table that ships with the package, read once."""
    same: dict[str, frozenset[str]] = {}
    opposed: dict[str, frozenset[str]] = {}
    with gzip.open(TABLE, "rt", encoding="utf-8") as lines:
        for line in lines:
            term, synonyms, opposites = line.rstrip("\n").split("\t")
            if synonyms:
                same[term] = frozenset(synonyms.split(" "))
            if opposites:
                opposed[term] = frozenset(opposites.split(" "))
    return Thesaurus(same=same, opposed=opposed)
