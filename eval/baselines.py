"""What any judge must beat: overlap of words, and nearness of vectors.

Each gives the support of a claim by a source as a number from 0 to 1, and NaN never.
"""

from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np

from eval.pairs import Labelled
from rag.embed import Embedder, Vectors
from rag.text import sentence_spans, stem, tokens

_MAX_SENTENCES = 400  # of a source whose vectors are compared
_MAX_VECTORS = 50_000  # kept for texts that come again: 80 MB
_BATCH = 64  # pairs embedded at once


def bigram_overlap(claim: str, source: str) -> float:
    """Share of the claim's pairs of neighbouring words that its source has; 0 without any.

    As in ROUGE-2's precision (Lin 2004), each pair counted once; words in small letters.
    """
    pairs = set(pairwise(_words(claim)))
    return len(pairs & set(pairwise(_words(source)))) / max(1, len(pairs))


def rouge_l(claim: str, source: str) -> float:
    """Share of the claim's words that stand in the source in the same order; 0 without any.

    The precision of ROUGE-L (Lin 2004) over stems; its F would fall with the source's length.
    """
    own = [stem(w) for w in _words(claim)]
    if not own:
        return 0.0
    return _common([stem(w) for w in _words(source)], own) / len(own)


def _words(text: str) -> list[str]:
    return [t.text.lower() for t in tokens(text)]


def _common(long: Sequence[str], short: Sequence[str]) -> int:
    """Length of the longest common subsequence, bit-parallel (Hyyro 2004)."""
    places: dict[str, int] = {}
    for i, word in enumerate(short):
        places[word] = places.get(word, 0) | (1 << i)
    every = (1 << len(short)) - 1
    row = every
    for word in long:
        found = row & places.get(word, 0)
        row = ((row + found) | (row - found)) & every
    return len(short) - row.bit_count()


class Nearness:
    """The cosine of a claim's vector and that of its source's nearest sentence, by MiniLM.

    From 0 to 1, negative cosines being 0. A text that comes again is not embedded again.
    """

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._vectors: dict[str, Vectors] = {}  # float32 [dim] of each text

    def __call__(self, pairs: Sequence[Labelled]) -> list[float]:
        """The nearness of every pair, in order."""
        if len(self._vectors) > _MAX_VECTORS:
            self._vectors.clear()
        out: list[float] = []
        for at in range(0, len(pairs), _BATCH):
            out.extend(self._near(pairs[at : at + _BATCH]))
        return out

    def _near(self, pairs: Sequence[Labelled]) -> list[float]:
        sentences = {p.source: _sentences(p.source) for p in pairs}
        self._embed([*(p.claim for p in pairs), *chain.from_iterable(sentences.values())])
        return [self._nearest(p.claim, sentences[p.source]) for p in pairs]

    def _embed(self, texts: Sequence[str]) -> None:
        new = [t for t in dict.fromkeys(texts) if t not in self._vectors]
        if new:
            self._vectors.update(zip(new, self.embedder.encode(new), strict=True))

    def _nearest(self, claim: str, sentences: Sequence[str]) -> float:
        if not sentences:
            return 0.0
        rows = np.stack([self._vectors[s] for s in sentences])
        return float(np.clip((rows @ self._vectors[claim]).max(), 0.0, 1.0))


def _sentences(source: str) -> list[str]:
    return [source[a:b] for a, b in sentence_spans(source)[:_MAX_SENTENCES]]
