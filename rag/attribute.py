"""Step: which exact words of the found passages carry a sentence.

The choice goes by the words themselves, not by what the model cited: its hints only break ties.
Words that speak of the same thing and say otherwise are evidence too, so that the verdict can
name them. Deterministic; no model.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.align import MAX_CHARACTERS, Term, coverage, read, weight_of
from rag.schema import Evidence, Passage

_LEAST = 0.3  # share of the sentence's weight that one source sentence must hold
_LEAST_WORDS = 2  # content words likewise: one shared name is no evidence
_LEAST_WEIGHT = 0.15  # of the sentence: "he said so" says nothing that could be carried
_GAIN = 0.12  # share that a further run must add
_MAX_RUNS = 3
_ADJACENCY = 0.15  # weight of shared word pairs beside shared words: prefers the same statement
_TIE = 0.02  # what a hint is worth
_BOUNDARY = re.compile(r"[,;:]\s+|\s?[\u2013\u2014]\s?|\s(?=(?:but|while|although|because)\b)")
_MARKS = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    start: int  # in the passage's text
    end: int
    roots: frozenset[str]
    score: float

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


def attribute(
    text: str, passages: Sequence[Passage], hints: Sequence[str] = ()
) -> tuple[Evidence, ...]:
    """The shortest run of exact words that carries a sentence, best first, at most three.

    A sentence that stands in a passage word for word maps to exactly itself. Empty when no
    passage shares enough with it. ``hints`` are the passages that the model cited.
    """
    copied = _copied(text, passages, hints)
    if copied is not None:
        return (copied,)
    claim = read(text[:MAX_CHARACTERS])
    candidates = list(_candidates(claim, passages, frozenset(hints)))
    return tuple(_evidence(c, claim) for c in _chosen(claim, candidates))


def _copied(text: str, passages: Sequence[Passage], hints: Sequence[str]) -> Evidence | None:
    """The sentence itself where a passage holds it word for word, the marks apart."""
    wanted = text.strip().translate(_MARKS)
    if not wanted:
        return None
    for passage in sorted(passages, key=lambda p: p.passage_id not in hints):
        held = passage.text.translate(_MARKS)
        at = held.find(wanted)
        while at >= 0 and not _whole_words(held, at, at + len(wanted)):
            at = held.find(wanted, at + len(wanted))
        if at >= 0:
            return _span(passage, at, at + len(wanted))
    return None


def _whole_words(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )


def _span(passage: Passage, start: int, end: int) -> Evidence:
    return Evidence(
        article_id=passage.article_id,
        start=passage.start + start,
        end=passage.start + end,
        text=passage.text[start:end],
    )


def _candidates(
    claim: Sequence[Term], passages: Sequence[Passage], hints: frozenset[str]
) -> Iterator[_Candidate]:
    pairs = {(a.root, b.root) for a, b in pairwise(claim)}
    for passage in passages:
        for a, b in passage.sentences:
            start, end = a - passage.start, b - passage.start
            terms = read(passage.text[start:end])
            roots = frozenset(t.root for t in terms)
            shared = {(x.root, y.root) for x, y in pairwise(terms)} & pairs
            score = coverage(claim, roots) if _speaks_of(claim, roots) else 0.0
            score += _ADJACENCY * len(shared) / max(1, len(pairs))
            score += _TIE * (passage.passage_id in hints)
            # Of two sentences that carry as much, the shorter one is the more exact.
            yield _Candidate(passage, start, end, roots, score - 0.0002 * len(terms))


def _speaks_of(claim: Sequence[Term], roots: frozenset[str]) -> bool:
    content = {t.root for t in claim if t.weight}
    return len(content & roots) >= min(_LEAST_WORDS, len(content))


def _chosen(claim: Sequence[Term], candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The best sentence, and up to two more that add what it does not hold."""
    total = weight_of(claim)
    words = weight_of(t for t in claim if not t.text[0].isdigit())
    first = max(candidates, key=lambda c: c.score, default=None)
    if first is None or words < _LEAST_WEIGHT or coverage(claim, first.roots) < _LEAST:
        return []
    chosen = [first]
    held = set(first.roots)
    while len(chosen) < _MAX_RUNS:
        left = [t for t in claim if t.root not in held]
        best = max(candidates, key=lambda c: _gain(c, left, chosen), default=first)
        if _gain(best, left, chosen) < _GAIN * total:
            break
        chosen.append(best)
        held |= best.roots
    return chosen


def _gain(candidate: _Candidate, left: Sequence[Term], chosen: Sequence[_Candidate]) -> float:
    """What a sentence adds; less in another article, where the words may be of another matter."""
    if any(c.passage.article_id == candidate.passage.article_id for c in chosen):
        worth = 1.0
    else:
        worth = 0.6
    found = [t for t in left if t.root in candidate.roots]
    if len({t.root for t in found}) < _LEAST_WORDS and not any(_is_key(t) for t in found):
        return 0.0
    return worth * weight_of(found) + 0.1 * candidate.score


def _is_key(term: Term) -> bool:
    return term.text[0].isdigit() or term.text[0].isupper()


def _evidence(candidate: _Candidate, claim: Sequence[Term]) -> Evidence:
    """The shortest run of clauses of the sentence that holds all that it shares with the claim."""
    text = candidate.text
    shared = {t.root for t in claim if t.weight} & candidate.roots
    terms = [t for t in read(text) if t.root in shared]
    if not terms:
        return _span(candidate.passage, candidate.start, candidate.end)
    start, end = _clauses(text, terms[0].start, terms[-1].end)
    if not _balanced(text[start:end]):
        start, end = 0, len(text)
    return _span(candidate.passage, candidate.start + start, candidate.start + end)


def _clauses(text: str, first: int, last: int) -> tuple[int, int]:
    """The clause boundaries around ``[first, last)``."""
    starts = [0, *(m.end() for m in _BOUNDARY.finditer(text))]
    ends = [*(m.start() for m in _BOUNDARY.finditer(text)), len(text)]
    return max(s for s in starts if s <= first), min(e for e in ends if e >= last)


def _balanced(text: str) -> bool:
    return (
        text.count("\u201c") == text.count("\u201d")
        and text.count('"') % 2 == 0
        and text.count("(") == text.count(")")
    )
