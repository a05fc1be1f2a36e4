"""Ground tool: how firmly a source carries a claim, as one trained score from 0 to 1.

Some fifty features in plain arithmetic (what is covered, copied, missing, what the checks found,
how alike the words are in context) are weighed, each one way only: more coverage never lowers the
score and a further finding never raises it, so that what was learnt from summaries cannot turn
round on near copies. ``eval/train_verifier.py`` trained the weights; their card is
``weights/CARD.md``. The score is a band, not a probability.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.align import Carried, Term, carried, coverage, read, weight_of
from rag.likeness import LIKENESSES, TokenReader, likeness, marked
from rag.pair import Finding, Pair
from rag.weighing import Weighing, read_weighings

WEIGHTS = Path(__file__).parent / "weights" / "verifier.json"
MOST = 0.99  # only words that stand in the source as they are reach 1
Part = tuple[Pair, Sequence[Finding]]  # a sentence beside its source, and what is wrong with it
_WORST = 12  # missing words above this number are as bad

# Kinds of findings that say much the same; a kind that is not named counts in the totals alone.
_GROUPS = {
    "figure": ("number",),
    "bound": ("bound", "scope", "limit"),
    "date": ("date",),
    "name": ("name", "speaker", "title"),
    "quote": ("quote",),
    "negation": ("negation",),
    "opposite": ("opposite",),
    "status": ("status", "certainty", "firmness"),
    "quantifier": ("quantifier",),
    "role": ("role",),
    "word": ("word",),
}
_WEIGHT = {"hard": 3, "firm": 2, "soft": 1}
_CARRIED = tuple(f.name for f in fields(Carried))
_GAINS = (
    *_CARRIED, "best", "exact", "sequence", "weakest", "fours", "letters", "ordered",
    "names_near", "names_anywhere", "figures",
)  # fmt: skip
_LOSSES = (
    "missing", "missing_near", "missing_names", "missing_weight", "rarest", "breaks",
    "n_hard", "n_firm", "n_soft", *(f"found_{group}" for group in _GROUPS),
)  # fmt: skip
LEXICAL = (*_GAINS, *_LOSSES)
_BY_WORST = ("weakest", "worst", "tenth", "names_low", "names_high")
_SUMMED = frozenset(_LOSSES) - {"rarest", "breaks"}
ALIGNED = (*LEXICAL, *LIKENESSES)


def direction(name: str) -> int:
    """1 if more of the feature can only raise the score, -1 if it can only lower it."""
    return -1 if name in _LOSSES else 1


def score(parts: Sequence[Part], reader: TokenReader | None = None) -> float:
    """How firmly the source carries a claim, from 0 to ``MOST``, given what the checks found.

    ``parts`` are the claim's sentences. Without a ``reader`` the features that need no encoder
    decide.
    """
    row = lexical(parts)
    if reader is not None:
        pairs = [pair for pair, _ in parts]
        alike = np.array([likeness(pair, reader) for pair in pairs])
        row = np.concatenate([row, joined(alike, LIKENESSES, pairs)])
    return min(MOST, _weighing(reader).score(row))


def enough(reader: TokenReader | None) -> float:
    """The score from which a claim that nothing contradicts counts as carried whole."""
    return _weighing(reader).enough


def _weighing(reader: TokenReader | None) -> Weighing:
    return load_weighings()["lexical" if reader is None else "aligned"]


@lru_cache(maxsize=1)
def load_weighings() -> Mapping[str, Weighing]:
    """The weights that ship with the package, read once: with the encoder and without."""
    return read_weighings(WEIGHTS)


def lexical(parts: Sequence[Part]) -> NDArray[np.float64]:
    """The features that need no encoder, in the order of ``LEXICAL``."""
    rows = np.array([_lexical(pair, found) for pair, found in parts])
    return joined(rows, LEXICAL, [pair for pair, _ in parts])


def joined(
    rows: NDArray[np.float64], names: Sequence[str], pairs: Sequence[Pair]
) -> NDArray[np.float64]:
    """The features of a claim of several sentences: shares by length, the worst, or the sum."""
    if len(rows) == 1:
        only: NDArray[np.float64] = rows[0]
        return only
    n_words = [len(pair.words) for pair in pairs]
    shares = np.array(n_words, dtype=float) / max(1, sum(n_words))
    worst = [name.startswith(_BY_WORST) for name in names]
    summed = [name in _SUMMED for name in names]
    mean = np.where(worst, rows.min(0), shares @ rows)
    most = [name == "rarest" for name in names]
    found: NDArray[np.float64] = np.where(summed, rows.sum(0), np.where(most, rows.max(0), mean))
    return found


def _lexical(pair: Pair, found: Sequence[Finding]) -> list[float]:
    fit = carried(pair.words, pair.source)
    named = {name: getattr(fit, name) for name in _CARRIED}
    named |= _gains(pair)
    named |= _losses(pair, found)
    return [float(named[name]) for name in LEXICAL]


def _gains(pair: Pair) -> dict[str, float]:
    near = pair.near
    content = [t for t in pair.words if t.weight]
    given = read(pair.source)
    written, roots = {t.text.lower() for t in given}, {t.root for t in given}
    held = {t.root for t in read(near.source)}
    names = marked(pair.words)
    figures = [t for t in content if t.text[0].isdigit()]
    return {
        "best": coverage(pair.words, pair.nearest.source_roots),
        "exact": _share(t.text.lower() in written for t in content),
        "sequence": common(roots_of(pair.words), roots_of(near.source_words))
        / max(1, len(pair.words)),
        "weakest": _weakest(content, held),
        "fours": _runs_of(4, pair.words, near.source_words),
        "letters": _letters(content, near.source),
        "ordered": _ordered(near.places),
        "names_near": _share(t.root in held for t in names),
        "names_anywhere": _share(t.root in roots for t in names),
        "figures": _share(t.root in roots for t in figures),
    }


def _losses(pair: Pair, found: Sequence[Finding]) -> dict[str, float]:
    roots = frozenset(t.root for t in read(pair.source))
    held = {t.root for t in read(pair.near.source)}
    missing = [t for t in pair.words if t.weight and t.root not in roots]
    away = [t for t in pair.words if t.weight and t.root not in held]
    counts = {f"n_{g}": min(4, sum(f.gravity == g for f in found)) for g in _WEIGHT}
    groups = {
        f"found_{group}": min(6, sum(_WEIGHT[f.gravity] for f in found if f.kind in kinds))
        for group, kinds in _GROUPS.items()
    }
    return {
        "missing": min(_WORST, len(missing)),
        "missing_near": min(_WORST, len(away)),
        "missing_names": sum(t.root not in roots for t in marked(pair.words)),
        "missing_weight": min(_WORST, weight_of(missing)),
        "rarest": max((t.weight for t in missing), default=0.0),
        "breaks": _breaks(pair.near.places),
        **counts,
        **groups,
    }


def roots_of(terms: Sequence[Term]) -> list[str]:
    """The words as they are compared."""
    return [t.root for t in terms]


def _share(held: Any) -> float:
    told = list(held)
    return sum(told) / len(told) if told else 1.0


def common(claim: Sequence[str], source: Sequence[str]) -> int:
    """Length of the longest common subsequence (ROUGE-L, Lin 2004), by bits (Hyyro 2004)."""
    where: dict[str, int] = {}
    for i, word in enumerate(claim):
        where[word] = where.get(word, 0) | 1 << i
    every = (1 << len(claim)) - 1
    open_places = every
    for word in source:
        held = open_places & where.get(word, 0)
        open_places = ((open_places + held) | (open_places - held)) & every
    return len(claim) - open_places.bit_count()


def _weakest(content: Sequence[Term], held: set[str]) -> float:
    """The least coverage of any five content words in a row."""
    runs = [content[i : i + 5] for i in range(max(1, len(content) - 4))]
    return min(coverage(run, held) for run in runs)


def _runs_of(n: int, claim: Sequence[Term], source: Sequence[Term]) -> float:
    held = {tuple(t.root for t in source[i : i + n]) for i in range(len(source) - n + 1)}
    return _share(
        tuple(t.root for t in claim[i : i + n]) in held for i in range(len(claim) - n + 1)
    )


def _letters(content: Sequence[Term], source: str) -> float:
    """Share of the runs of four letters in the content words that the source has: other forms."""
    lower = source.lower()
    return _share(
        word[i : i + 4] in lower
        for word in (t.text.lower() for t in content)
        for i in range(max(1, len(word) - 3))
    )


def _ordered(places: Sequence[int]) -> float:
    """Share of neighbouring matched words that stand in the same order in the source."""
    matched = [p for p in places if p >= 0]
    return _share(b > a for a, b in pairwise(matched))


def _breaks(places: Sequence[int]) -> float:
    """Copied runs for each word of the claim: few long ones are near a copy."""
    runs = sum(p >= 0 and (i == 0 or places[i - 1] != p - 1) for i, p in enumerate(places))
    return runs / max(1, len(places))
