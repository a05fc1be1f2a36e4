"""Ground tool: how alike the words of a claim and of its source are in their contexts.

Each word piece of the claim is held against all pieces of the source by the cosine of their states
in a sentence encoder that was not trained for it (after BERTScore, Zhang et al. 2020). What counts
is the worst pieces, not the mean: one wrong name hides in a mean. Two layers, since the lower one
tells words apart and the upper one what they mean here.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rag.align import Term, best_window, read
from rag.background import load_background
from rag.embed import TokenStates
from rag.pair import Pair
from rag.text import sentence_spans, stem

# Order of ``likeness``; each from 0 to 1, and more is more alike.
_POOLED = ("mean", "weighted", "tenth", "quarter", "worst", "names", "back")
LIKENESSES = (*(f"{name}_low" for name in _POOLED), *(f"{name}_high" for name in _POOLED), "whole")
_WINDOW_WORDS = 110  # of evidence that the encoder reads: more does not help
_EMPTY = 1.0  # nothing to be unlike


@runtime_checkable
class TokenReader(Protocol):
    """Reads texts into the states of their word pieces."""

    def read_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        """One for each text, in the order given."""


def likeness(pair: Pair, reader: TokenReader) -> NDArray[np.float64]:
    """The claim's pieces held against those of its window: float64 [len(LIKENESSES)]."""
    claim, source = reader.read_tokens([pair.claim, window(pair)])
    return compared(claim, pair.words, source)


def window(pair: Pair) -> str:
    """The sentences that hold most of the claim, filled up with their neighbours."""
    spans = sentence_spans(pair.source)
    sentences = [read(pair.source[a:b]) for a, b in spans]
    lengths = [len(s) for s in sentences]
    roots = [frozenset(t.root for t in sentence) for sentence in sentences]
    chosen = set(best_window(pair.words, roots, lengths))
    for at in [n for c in sorted(chosen) for n in (c - 1, c + 1)]:
        within = 0 <= at < len(spans) and at not in chosen
        if within and sum(lengths[i] for i in chosen) + lengths[at] <= _WINDOW_WORDS:
            chosen.add(at)
    return "\n".join(pair.source[slice(*spans[at])] for at in sorted(chosen))


def compared(claim: TokenStates, words: Sequence[Term], source: TokenStates) -> NDArray[np.float64]:
    """As ``likeness``; the weights and capitals of ``words`` say which pieces matter."""
    out = np.full(len(LIKENESSES), _EMPTY)
    if not len(claim.starts) or not len(source.starts):
        out[:] = 0.0 if len(claim.starts) else _EMPTY
        return out
    weights, named = _marks(claim, words)
    at = 0
    for layer in range(claim.states.shape[1]):
        near = claim.states[:, layer] @ source.states[:, layer].T
        out[at : at + len(_POOLED)] = _pooled(near, weights, named)
        at += len(_POOLED)
    out[at] = _cosine(claim.states[:, -1].mean(0), source.states[:, -1].mean(0))
    clipped: NDArray[np.float64] = np.clip(out, 0.0, 1.0)
    return clipped


def marked(words: Sequence[Term]) -> list[Term]:
    """The figures and what looks like a name; in a text without capitals, words known as names."""
    cased = any(t.text[0].isupper() for t in words)
    background = load_background()
    found = []
    for i, term in enumerate(words):
        if not term.weight:
            continue
        capital = term.text[0].isupper() or not cased
        known = (i > 0 and cased) or background.is_name(stem(term.text))
        if term.text[0].isdigit() or (capital and known):
            found.append(term)
    return found


def _marks(
    claim: TokenStates, words: Sequence[Term]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """For each piece the weight of its word, and whether that is a name or a figure."""
    starts = np.array([t.start for t in words] or [0])
    ends = np.array([t.end for t in words] or [0])
    weights = np.array([t.weight for t in words] or [0.0])
    names = {t.start for t in marked(words)}
    is_name = np.array([t.start in names for t in words] or [False])
    at = np.clip(np.searchsorted(starts, claim.starts, side="right") - 1, 0, None)
    inside = (claim.starts >= starts[at]) & (claim.starts < ends[at])
    return np.where(inside, weights[at], 0.0), inside & is_name[at]


def _pooled(
    near: NDArray[np.float32], weights: NDArray[np.float64], named: NDArray[np.bool_]
) -> tuple[float, ...]:
    best = near.max(1)
    content = best[weights > 0] if (weights > 0).any() else best
    total = weights.sum()
    return (
        float(best.mean()),
        float(best @ weights / total) if total else float(best.mean()),
        float(np.quantile(content, 0.1)),
        float(np.quantile(content, 0.25)),
        float(content.min()),
        float(best[named].min()) if named.any() else _EMPTY,
        _back(near, best),
    )


def _back(near: NDArray[np.float32], best: NDArray[np.float32]) -> float:
    """How much the places that the claim's pieces point to point back at them."""
    return float((near.max(0)[near.argmax(1)] <= best + 1e-6).mean())


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other / max(1e-9, float(np.linalg.norm(one) * np.linalg.norm(other))))
