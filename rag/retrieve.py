"""Finds the passages that may answer: by meaning and by words, fused, copies left out."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from rag.again import passages_at
from rag.asked import clean_question
from rag.embed import Embedder, Vectors
from rag.groups import Groups, Standing
from rag.index import Index
from rag.schema import Article, Days, Passage, Question, ScoredPassage, Search
from rag.text import STOP_WORDS, word_texts

_N_CANDIDATES = 100  # from each ranker
_MAX_CANDIDATES = 3_200  # when copies of one text crowd out the rest
_DENSE_WEIGHT = 0.5  # .4 to .5 is flat on 201 news questions; rank fusion was .02 to .05 worse
# Both only with a day to count from: the row "until the day of asking" of benchmarks/answers.py.
_RECENCY_WEIGHT = 0.2
_RECENCY_DAYS = 30.0
_SHINGLE = 4  # words
_COPY_SHARE = 0.6  # of a passage's shingles; a follow-up story shares less than half
_MIN_WORDS = 4  # "Share this." says nothing of its own
_N_FIRST = 5  # places in which a group of copies has one voice
_MAX_AGAIN = 6  # passages cited by earlier answers, behind those found
_MAX_VARIANTS = 3  # passages by which further copies of a text may say something else
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
    group_sizes: Mapping[str, int] = field(default_factory=dict)  # of the articles of the passages
    searches: tuple[Search, ...] = ()  # how


def retrieve(question: Question, index: Index, embedder: Embedder, *, k: int = 12) -> Retrieved:
    """The ``k`` best passages for the question under its filters, at most one of each text.

    Of a group of copies one article is shown, the original if its words are the same. Where
    another copy says something else it is shown too, but not among the first five. Behind them
    stand those that earlier answers of the conversation cited, if the question leans on these.
    """
    text = clean_question(question.text)
    vector = embedder.encode([text])[0]
    with index.snapshot():
        kept, search = _search(text, question, vector, index, k)
        again = _again(question, vector, index, kept)
        sizes = index.catalog.group_sizes(
            {one.passage.article_id for one in kept} | {p.article_id for p, _ in again}
        )
        n_undated = index.n_undated(question.filters)
    scored = tuple(
        ScoredPassage(passage=one.passage, score=one.score, rank=rank, ranker="fused")
        for rank, one in enumerate(kept, start=1)
    )
    behind = tuple(
        ScoredPassage(passage=passage, score=score, rank=rank, ranker="earlier")
        for rank, (passage, score) in enumerate(again, start=len(scored) + 1)
    )
    return Retrieved(scored + behind, vector, n_undated, sizes, (search,))


def _again(
    question: Question, vector: Vectors, index: Index, kept: Sequence["_Kept"]
) -> list[tuple[Passage, float]]:
    """Those cited earlier that were not found anew, and their scores: of the meaning alone."""
    found = {one.passage.passage_id for one in kept}
    places = passages_at(index.catalog, question.earlier, question.filters)
    new = [p for p in places if p.passage_id not in found][:_MAX_AGAIN]
    cosines = index.vectors([p.passage_id for p in new]) @ vector
    return [(p, _DENSE_WEIGHT * float(c)) for p, c in zip(new, cosines, strict=True)]


def _search(
    text: str, question: Question, vector: Vectors, index: Index, k: int
) -> tuple[list["_Kept"], Search]:
    filters, n = question.filters, _N_CANDIDATES
    while True:
        dense = dict(index.dense(vector, n, filters))
        lexical = dict(index.lexical(text, n, filters)) if text else {}
        n_meaning, n_words = len(dense), len(lexical)
        full = max(n_meaning, n_words) == n
        ranked = _rank(dense, lexical, vector, index, question.news_of)
        kept = _without_copies(ranked, index, k)
        if _is_enough(kept, k) or not full or n >= _MAX_CANDIDATES:
            break
        n *= 4
    kept = _in_order(kept)[:k]
    return kept, Search(
        aim="question",
        text=question.text,
        filters=filters,
        near=question.near,
        n_words=n_words,
        n_meaning=n_meaning,
        n_considered=len(ranked),
        n_kept=len(kept),
    )


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


def recency(published: date | None, days: Days) -> float:
    """A bonus for what was news on those days: 0.2 on one of them, falling by e in 30 days."""
    if published is None:
        return 0.0
    return _RECENCY_WEIGHT * math.exp(-days.away(published) / _RECENCY_DAYS)


def _rank(
    dense: dict[str, float],
    lexical: Mapping[str, float],
    vector: Vectors,
    index: Index,
    days: Days | None,
) -> list[tuple[str, float]]:
    missing = sorted(lexical.keys() - dense.keys())
    if missing:
        cosines = index.vectors(missing) @ vector
        dense.update(zip(missing, map(float, cosines), strict=True))
    if days is None:
        return fuse(dense, lexical)
    passages = index.passages(list(dense))
    articles = index.catalog.articles({p.article_id for p in passages.values()})
    return fuse(dense, lexical, _bonus(passages, articles, days))


def _bonus(
    passages: Mapping[str, Passage], articles: Mapping[str, Article], days: Days
) -> dict[str, float]:
    return {i: recency(articles[p.article_id].day, days) for i, p in passages.items()}


def _without_copies(ranked: Sequence[tuple[str, float]], index: Index, k: int) -> list["_Kept"]:
    """Those that say something that no better one says in the same words, until ``k`` are."""
    kept: list[_Kept] = []
    groups = Groups(index.catalog)
    for at in range(0, len(ranked), 4 * k):
        batch = ranked[at : at + 4 * k]
        passages = index.passages([i for i, _ in batch])
        standing = groups.standing({p.article_id for p in passages.values()})
        for passage_id, score in batch:
            passage = passages.get(passage_id)
            if passage is None:  # removed since the search
                continue
            new = _Kept(passage, score, standing[passage.article_id])
            # The original may stand behind its copies; nothing else is wanted beyond enough.
            if not _is_enough(kept, k) or any(new.is_copy_in_group_of(old) for old in kept):
                _take(new, kept)
        if _is_enough(kept, k):
            break
    return kept


@dataclass(frozen=True)
class _Kept:
    """A passage that may be shown."""

    passage: Passage
    score: float
    standing: Standing  # of its article in the group

    @cached_property
    def wording(self) -> "_Wording":
        """Read when it is first compared."""
        return _Wording(self.passage)

    def is_copy_in_group_of(self, other: "_Kept") -> bool:
        """True for passages of two articles that are copies of one text."""
        return (
            self.standing.group == other.standing.group
            and self.passage.article_id != other.passage.article_id
        )


def _take(new: _Kept, kept: list[_Kept]) -> None:
    """Keep it, put it in the place of a later copy, or drop it."""
    for at, old in enumerate(kept):
        if new.wording.copies(old.wording):
            earlier = new.is_copy_in_group_of(old) and new.standing < old.standing
            if earlier and old.wording.copies(new.wording):
                kept[at] = replace(new, score=old.score)
            return
    ours = [old for old in kept if old.standing.group == new.standing.group]
    if not ours or ours[0].passage.article_id == new.passage.article_id:
        kept.append(new)
        return
    n_variants = sum(old.is_copy_in_group_of(ours[0]) for old in ours)
    if n_variants < _MAX_VARIANTS and not new.wording.is_in(old.wording for old in ours):
        kept.append(new)


def _is_enough(kept: Sequence[_Kept], k: int) -> bool:
    return len(kept) >= k and len(_faces(kept)) >= min(k, _N_FIRST)


def _faces(kept: Sequence[_Kept]) -> list[_Kept]:
    """Those of the first article of each group."""
    face: dict[str, str] = {}
    for one in kept:
        face.setdefault(one.standing.group, one.passage.article_id)
    return [one for one in kept if face[one.standing.group] == one.passage.article_id]


def _in_order(kept: Sequence[_Kept]) -> list[_Kept]:
    """Best first, but for further copies of a text, which begin after the first five."""
    first = _faces(kept)[:_N_FIRST]
    return first + [one for one in kept if one not in first]


@dataclass(frozen=True)
class _Wording:
    """What makes two passages the same text, whatever stands around the copied words."""

    passage: Passage

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """The runs of words; one that is empty where there are none."""
        said = [word.lower() for word in word_texts(self.passage.text)]
        width = min(_SHINGLE, len(said))
        runs = zip(*(said[i:] for i in range(width)), strict=False)
        return frozenset(runs) if said else frozenset([()])

    @cached_property
    def sentences(self) -> tuple[frozenset[str], ...]:
        """The words of each sentence but for the hollow ones; seldom asked for."""
        sentences = (
            frozenset(word.lower() for word in word_texts(text)) - _HOLLOW
            for text in self.passage.sentence_texts()
        )
        return tuple(s for s in sentences if len(s) >= _MIN_WORDS)

    def copies(self, other: "_Wording") -> bool:
        """True if most of this wording is in the other and no sentence says anything else.

        A reprint with another figure, a "not" or "rejected" for "approved", or a sentence more is
        kept: that is what a reader has to be shown.
        """
        if len(self.shingles & other.shingles) < _COPY_SHARE * len(self.shingles):
            return False
        return self.is_in((other,))

    def is_in(self, others: Iterable["_Wording"]) -> bool:
        """True if each sentence is one of the others', but for words left out."""
        theirs = [sentence for other in others for sentence in other.sentences]
        return all(any(_same(mine, other) for other in theirs) for mine in self.sentences)


def _same(sentence: frozenset[str], other: frozenset[str]) -> bool:
    """True if one sentence is the other with words left out, but for a word that turns it."""
    shorter, longer = sorted((sentence, other), key=len)
    return shorter <= longer and _TURNS.isdisjoint(longer - shorter)
