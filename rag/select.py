"""Answers without a language model: picks the sentences that may answer, word for word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.asked import read_question
from rag.embed import Embedder, Vectors
from rag.refuse import judge, nearness
from rag.schema import Article, Evidence, Question, Refusal, ScoredPassage
from rag.signals import FEATURES, Candidate, Rows, features, gather

_MAX_SENTENCES = 3
# The cost of naming only what is named above: 0.1 to 0.3 gains up to .02 on three sets of four.
_SHOWN = 0.3
_SAME = 0.75  # of the stems of the shorter sentence: says the same in other order
# Set by hand on 141 answerable questions of 2022 news, with an eye on three other sets. Flat: in a
# first version, doubling any one moved the share of answers within three sentences by .03 at most.
WEIGHTS = {
    "recall": 0.0,  # for the refusal alone
    "tells": 0.35,
    "around": 0.5,
    "cosine": 0.5,
    "typed": 0.35,
    "votes": 0.2,
    "position": 0.15,
    "passage": 0.3,
    "new": 0.2,
    "question": -0.5,
    "fragment": -1.0,
    "dangling": -0.03,
    "date": 0.4,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen sentences, how sure it is that they answer (0..1), and why not, if not."""

    sentences: tuple[Evidence, ...]  # verbatim whole sentences, best first, at most 3
    confidence: float
    reason: str | None  # set: abstain; the sentences are then only the nearest found
    refusal: Refusal | None = None  # with a reason: whether anything comes near


def select(
    question: Question,
    found: Sequence[ScoredPassage],
    articles: Mapping[str, Article],
    *,
    embedder: Embedder,
    query_vector: Vectors,
) -> Selection:
    """Up to three sentences of the found passages that may answer the question, best first."""
    asked = read_question(question.text)
    everything = gather(asked, found, articles, question.news_of)
    if not everything or not asked.weights:
        return Selection((), *judge(asked, [], np.empty((0, len(FEATURES))), []), "nothing")
    candidates, rows = features(asked, everything, embedder, query_vector)
    totals = rows @ np.array([WEIGHTS[name] for name in FEATURES])
    order = np.argsort(-totals, kind="stable")
    ranked = [candidates[i] for i in order]
    confidence, reason = judge(asked, ranked, rows[order], everything)
    refusal = nearness(rows) if reason is not None else None
    return Selection(_distinct(ranked, totals[order]), confidence, reason, refusal)


def _distinct(ranked: Sequence[Candidate], totals: Rows) -> tuple[Evidence, ...]:
    """The best three of which none repeats a better one, in words or in what it names."""
    kept: list[Candidate] = []
    left = dict(enumerate(ranked))
    while left and len(kept) < _MAX_SENTENCES:
        shown = frozenset[str]().union(*(c.items for c in kept))
        best = max(left, key=lambda i: (totals[i] - _SHOWN * _share(left[i].items, shown), -i))
        candidate = left.pop(best)
        if not any(_repeats(candidate.stems, other.stems) for other in kept):
            kept.append(candidate)
    return tuple(c.evidence for c in kept)


def _share(items: frozenset[str], shown: frozenset[str]) -> float:
    """How much of what a sentence names was shown; 1 for a sentence that names nothing new."""
    if not shown:
        return 0.0
    return len(items & shown) / len(items) if items else 1.0


def _repeats(stems: frozenset[str], other: frozenset[str]) -> bool:
    return len(stems & other) >= _SAME * min(len(stems), len(other))
