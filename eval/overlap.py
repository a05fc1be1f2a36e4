"""What any verifier must beat: the words and the direction that a claim shares with its source."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.align import read
from rag.embed import Embedder
from rag.support import common, roots_of
from rag.text import terms


def bigram_overlap(claim: str, source: str) -> float:
    """Share of the claim's bigrams of stems that its source has."""
    own, theirs = (list(terms(t)) for t in (claim, source))
    pairs = set(pairwise(own))
    return len(pairs & set(pairwise(theirs))) / max(1, len(pairs))


def rouge_l(claim: str, source: str) -> float:
    """Share of the claim's words in its longest common subsequence with the source (Lin 2004).

    Precision, not F: sources are many times as long as claims, and of very different lengths.
    """
    words = roots_of(read(claim))
    return common(words, roots_of(read(source))) / max(1, len(words))


def cosines(
    claims: Sequence[str], sources: Sequence[str], embedder: Embedder
) -> NDArray[np.float64]:
    """Cosine of each claim and its source, both cut at the encoder's limit."""
    texts = list(dict.fromkeys([*claims, *sources]))
    vectors = dict(zip(texts, embedder.encode(texts), strict=True))
    return np.array([float(vectors[c] @ vectors[s]) for c, s in zip(claims, sources, strict=True)])
