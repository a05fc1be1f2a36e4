"""Ground tool: where a near copy departs from its source, as pairs of what stands on each side.

The words that claim and source share in one order are laid over each other (longest increasing
subsequence of matched places). What stands between two of them on one side is what the other has
in its stead, whatever else the source says elsewhere.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.align import weight_of
from rag.pair import Pair

_NEAR_COPY = 0.6  # share of the claim's weight in the common order from which it counts as a copy
_LEAST_WEIGHT = 0.25  # of a claim of which most words are in the common order
_MAX_GAP = 6  # words: a longer one is another clause
_STRAY = 2  # words of one sentence in a run that are no part of it


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands in the claim, and what in the source, between two words that both have."""

    mine: range
    theirs: range


def gaps(pair: Pair) -> tuple[Gap, ...]:
    """The places where a near copy departs from its source; none when it is no near copy."""
    chain = _without_strays(pair, _chain(pair.places))
    if not chain or not _is_copy(pair, chain):
        return ()
    found = []
    first, last = (
        sentence_of(pair, pair.places[chain[0]]),
        sentence_of(pair, pair.places[chain[-1]]),
    )
    ends = [
        (-1, first[0] - 1),
        *((i, pair.places[i]) for i in chain),
        (len(pair.words), last[1]),
    ]
    for at, ((i, p), (j, q)) in enumerate(pairwise(ends)):
        mine, theirs = range(i + 1, j), range(p + 1, q)
        inside = 0 < at < len(ends) - 2
        short = (mine or theirs) and max(len(mine), len(theirs)) <= _MAX_GAP
        if short and (not inside or pair.together(p, q)):
            found.append(Gap(mine, theirs))
    return tuple(found)


def _is_copy(pair: Pair, chain: Sequence[int]) -> bool:
    """True if most of the claim, by weight or by words, stands in the source in its order.

    By words too, since in a short sentence the one name that was changed may weigh the most.
    """
    share = weight_of(pair.words[i] for i in chain) / (weight_of(pair.words) or 1.0)
    by_words = len(chain) / len(pair.words)
    return share >= _NEAR_COPY or (by_words >= _NEAR_COPY and share >= _LEAST_WEIGHT)


def _chain(places: Sequence[int]) -> list[int]:
    """The longest run of words, in order on both sides: the claim's indices."""
    tails: list[int] = []  # the smallest place in which a run of each length ends
    ends: list[int] = []
    before: dict[int, int] = {}
    for i, place in enumerate(places):
        if place < 0:
            continue
        at = bisect_left(tails, place)
        before[i] = ends[at - 1] if at else -1
        if at == len(tails):
            tails.append(place)
            ends.append(i)
        else:
            tails[at], ends[at] = place, i
    chain: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]


def _without_strays(pair: Pair, chain: Sequence[int]) -> list[int]:
    """The run without the one or two words that it takes from another sentence on its way."""
    sentences = [pair.sentence_at(pair.places[i]) for i in chain]
    return [i for i, s in zip(chain, sentences, strict=True) if sentences.count(s) > _STRAY]


def sentence_of(pair: Pair, place: int) -> tuple[int, int]:
    """The range of the source's words in whose sentence a word stands."""
    start, end = pair.sentence_at(place)
    return pair.at(start, source=True), pair.at(end, source=True)
