"""Finds the passages that may answer: by meaning and by words, fused, copies left out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rag.asked import clean_question
from rag.embed import Embedder, Vectors
from rag.index import Index
from rag.schema import Article, Filters, Passage, Question, ScoredPassage
from rag.text import STOP_WORDS, tokens

_N_CANDIDATES = 100  # from each ranker
_MAX_CANDIDATES = 3_200  # when copies of one text crowd out the rest
_DENSE_WEIGHT = 0.5  # .4 to .5 is flat on 201 news questions; rank fusion was .02 to .05 worse
# Both only with a day to count from: the row "until the day of asking" of benchmarks/answers.py.
_RECENCY_WEIGHT = 0.2
_RECENCY_DAYS = 30.0
_SHINGLE = 4  # words
_COPY_SHARE = 0.6  # of a passage's shingles; a follow-up story shares less than half
_MIN_WORDS = 4  # "Share this." says nothing of its own
_TURNS = frozenset(
    """not no never cannot can't don't doesn't didn't won't isn't wasn't aren't weren't without may
    might could would nearly almost about more less than least most over under up denies denied
    false falsely allegedly reportedly
    preliminary conditional conditionally partly partially""".split()
)
_HOLLOW = STOP_WORDS - _TURNS


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found, best first, and the question's vector, which selection uses again."""

    passages: tuple[ScoredPassage, ...]
    query_vector: Vectors  # float32 [dim], unit length
    n_undated: int  # articles without a date that a date filter left out


def retrieve(question: Question, index: Index, embedder: Embedder, *, k: int = 12) -> Retrieved:
    """The ``k`` best passages for the question under its filters, at most one of each text."""
    text = clean_question(question.text)
    vector = embedder.encode([text])[0]
    n = _N_CANDIDATES
    while True:
        dense = dict(index.dense(vector, n, question.filters))
        lexical = dict(index.lexical(text, n, question.filters)) if text else {}
        full = max(len(dense), len(lexical)) == n
        ranked = _rank(dense, lexical, vector, index, question.filters)
        kept = _without_copies(ranked, index, k)
        if len(kept) == k or not full or n >= _MAX_CANDIDATES:
            break
        n *= 4
    scored = tuple(
        ScoredPassage(passage=passage, score=score, rank=rank, ranker="fused")
        for rank, (passage, score) in enumerate(kept, start=1)
    )
    return Retrieved(scored, vector, index.n_undated(question.filters))


def fuse(
    dense: Mapping[str, float],
    lexical: Mapping[str, float],
    bonus: Mapping[str, float] | None = None,
) -> list[tuple[str, float]]:
    """Ids with their fused score, best first: half the cosine, half the share of the best BM25.

    A missing value counts as 0. Equal scores are ordered by id, so the order of the input never
    shows. Scores are fused, not ranks: reciprocal rank fusion loses .02 to .05 MRR@10.
    """
    best = max(lexical.values(), default=0.0)
    extra = bonus or {}
    scores = {
        i: _DENSE_WEIGHT * dense.get(i, 0.0)
        + (1 - _DENSE_WEIGHT) * (lexical.get(i, 0.0) / best if best > 0 else 0.0)
        + extra.get(i, 0.0)
        for i in dense.keys() | lexical.keys()
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def recency(published: date | None, until: date) -> float:
    """A bonus for what was news on that day: 0.2 on the day, falling by e in 30 days."""
    if published is None:
        return 0.0
    age = max(0, (until - published).days)
    return _RECENCY_WEIGHT * math.exp(-age / _RECENCY_DAYS)


def _rank(
    dense: dict[str, float],
    lexical: Mapping[str, float],
    vector: Vectors,
    index: Index,
    filters: Filters,
) -> list[tuple[str, float]]:
    missing = sorted(lexical.keys() - dense.keys())
    if missing:
        cosines = index.vectors(missing) @ vector
        dense.update(zip(missing, map(float, cosines), strict=True))
    if filters.until is None:
        return fuse(dense, lexical)
    passages = index.passages(list(dense))
    articles = index.catalog.articles({p.article_id for p in passages.values()})
    return fuse(dense, lexical, _bonus(passages, articles, filters.until))


def _bonus(
    passages: Mapping[str, Passage], articles: Mapping[str, Article], until: date
) -> dict[str, float]:
    return {i: recency(articles[p.article_id].day, until) for i, p in passages.items()}


def _without_copies(
    ranked: Sequence[tuple[str, float]], index: Index, k: int
) -> list[tuple[Passage, float]]:
    """The first ``k`` that say something that no better one says in the same words."""
    kept: list[tuple[Passage, float]] = []
    texts: list[_Wording] = []
    for at in range(0, len(ranked), 4 * k):
        batch = ranked[at : at + 4 * k]
        passages = index.passages([i for i, _ in batch])
        for passage_id, score in batch:
            passage = passages.get(passage_id)
            if passage is None:  # removed since the search
                continue
            wording = _Wording.of(passage)
            if any(wording.copies(other) for other in texts):
                continue
            kept.append((passage, score))
            texts.append(wording)
            if len(kept) == k:
                return kept
    return kept


@dataclass(frozen=True, slots=True)
class _Wording:
    """What makes two passages the same text, whatever stands around the copied words."""

    shingles: frozenset[tuple[str, ...]]
    sentences: tuple[frozenset[str], ...]  # words but for the hollow ones

    @classmethod
    def of(cls, passage: Passage) -> "_Wording":
        words = [t.text.lower() for t in tokens(passage.text)]
        width = min(_SHINGLE, len(words))
        shingles = frozenset(tuple(words[i : i + width]) for i in range(len(words) - width + 1))
        sentences = (
            frozenset(t.text.lower() for t in tokens(text)) - _HOLLOW
            for text in passage.sentence_texts()
        )
        return cls(shingles, tuple(s for s in sentences if len(s) >= _MIN_WORDS))

    def copies(self, other: "_Wording") -> bool:
        """True if most of this wording is in the other and no sentence says anything else.

        A reprint with another figure, a "not" or "rejected" for "approved", or a sentence more is
        kept: that is what a reader has to be shown.
        """
        if len(self.shingles & other.shingles) < _COPY_SHARE * len(self.shingles):
            return False
        return all(any(_same(s, o) for o in other.sentences) for s in self.sentences)


def _same(sentence: frozenset[str], other: frozenset[str]) -> bool:
    """True if one sentence is the other with words left out, but for a word that turns it."""
    shorter, longer = sorted((sentence, other), key=len)
    return shorter <= longer and _TURNS.isdisjoint(longer - shorter)
