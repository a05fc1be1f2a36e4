"""Ground tool: a claim laid beside its source word by word, and what is found to differ."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rag.align import Term, best_window, read, tile
from rag.claimed import claims_of
from rag.text import sentence_spans

Gravity = Literal["hard", "firm", "soft"]
_MAX_SOURCE = 600  # words of evidence that are compared word by word


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference in plain words; hard contradicts, firm overstates, soft goes beyond."""

    gravity: Gravity
    kind: str
    reason: str
    at: int = -1  # the character of the claim where it stands; -1 is unknown
    against: str = ""  # exact words of the source that say otherwise, "" when none do


@dataclass(frozen=True)
class Pair:
    """A claim and its source; ``known`` is what else its article says of itself."""

    claim: str
    source: str
    known: str = ""

    def finding(
        self, gravity: Gravity, kind: str, reason: str, at: int = -1, place: int = -1
    ) -> Finding:
        """A difference at word ``at`` of the claim against word ``place`` of the source.

        -1 is none; a place past the last word likewise.
        """
        return Finding(
            gravity=gravity,
            kind=kind,
            reason=reason,
            at=self.words[at].start if 0 <= at < len(self.words) else -1,
            against=self.clause(place) if 0 <= place < len(self.source_words) else "",
        )

    def clause(self, place: int) -> str:
        """The claim of the source in which one of its words stands, in its exact words."""
        start, end = self.sentence_at(place)
        sentence = self.source[start:end]
        at = self.source_words[place].start - start
        within = (c for c in claims_of(sentence) if c.start <= at < c.end)
        return next((c.text for c in within), sentence)

    def sentence_at(self, place: int) -> tuple[int, int]:
        """The range of characters of the source's sentence in which one of its words stands."""
        word = self.source_words[place]
        return self._spans[max(0, bisect_right(self._openings, word.start) - 1)]

    @cached_property
    def near(self) -> "Pair":
        """The claim beside the few sentences of the source that hold most of it."""
        return self._narrowed(None)

    @cached_property
    def nearest(self) -> "Pair":
        """The claim beside the one sentence of the source that holds most of it."""
        return self._narrowed(1)

    def _narrowed(self, n: int | None) -> "Pair":
        spans = sentence_spans(self.source)
        sentences = [read(self.source[a:b]) for a, b in spans]
        roots = [frozenset(t.root for t in sentence) for sentence in sentences]
        chosen = sorted(best_window(self.words, roots, [len(s) for s in sentences])[:n])
        if len(chosen) == len(spans):
            return self
        parts = [self.source[slice(*spans[at])] for at in chosen]
        return Pair(self.claim, "\n".join(parts), self.known)

    @cached_property
    def words(self) -> tuple[Term, ...]:
        """The words of the claim."""
        return read(self.claim)

    @cached_property
    def source_words(self) -> tuple[Term, ...]:
        """The words of the source."""
        return read(self.source)[:_MAX_SOURCE]

    @cached_property
    def places(self) -> tuple[int, ...]:
        """For each word of the claim its place among the source's words, or -1."""
        return tile(self.words, self.source_words)

    @cached_property
    def back(self) -> dict[int, int]:
        """For each matched word of the source its place in the claim."""
        return {place: at for at, place in enumerate(self.places) if place >= 0}

    @cached_property
    def roots(self) -> frozenset[str]:
        """The words of the claim as they are compared."""
        return frozenset(t.root for t in self.words)

    @cached_property
    def source_roots(self) -> frozenset[str]:
        """The words of the source as they are compared."""
        return frozenset(t.root for t in self.source_words)

    @cached_property
    def known_roots(self) -> frozenset[str]:
        """The words of the article beyond the source."""
        return frozenset(t.root for t in read(self.known))

    @cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        return sentence_spans(self.source)

    @cached_property
    def _openings(self) -> tuple[int, ...]:
        return tuple(start for start, _ in self._spans)

    def together(self, a: int, b: int) -> bool:
        """True if two words of the source stand in one sentence."""
        starts = (self.source_words[a].start, self.source_words[b].start)
        one, other = (bisect_right(self._openings, start) for start in starts)
        return one == other

    def at(self, start: int, *, source: bool = False) -> int:
        """The place of the word that starts at or after a character."""
        words = self.source_words if source else self.words
        low, high = 0, len(words)
        while low < high:
            mid = (low + high) // 2
            low, high = (mid + 1, high) if words[mid].start < start else (low, mid)
        return low

    def slot(self, first: int, last: int) -> tuple[int, int] | None:
        """Where the source has other words for ``words[first:last]``: a range of its words.

        The words on both sides of them, or on one side, are matched; None when neither is.
        """
        left = self.places[first - 1] if first > 0 else -1
        right = self.places[last] if last < len(self.places) else -1
        if left >= 0 and right >= 0:
            return (left + 1, right) if 1 <= right - left - 1 <= 6 else None
        if right > 0 and self.together(right - 1, right):
            return max(0, right - (last - first)), right
        if 0 <= left < len(self.source_words) - 1 and self.together(left, left + 1):
            return left + 1, left + 1 + (last - first)
        return None

    def anchored(self, at: int) -> bool:
        """True if most content words around a matched word are matched beside its place."""
        around = range(max(0, at - 4), min(len(self.words), at + 5))
        near = [i for i in around if i != at and self.words[i].weight]
        beside = sum(
            self.places[i] >= 0 and abs(self.places[i] - self.places[at]) <= 8 for i in near
        )
        return 2 * beside >= len(near) and (beside > 0 or not near)

    def heads(self, at: int, *, source: bool = False) -> Iterator[tuple[int, int]]:
        """Matched content words that follow a word closely, as (place in claim, in source)."""
        words = self.source_words if source else self.words
        text = self.source if source else self.claim
        for step in range(at + 1, min(at + 5, len(words))):
            gap = text[words[step - 1].end : words[step].start]
            if any(c in '.,;:!?\n\u2014\u201c\u201d"' for c in gap):
                return  # "which did not comment, rose"
            if not words[step].weight:
                continue
            mine, theirs = (self.back.get(step, -1), step) if source else (step, self.places[step])
            if mine >= 0 and theirs >= 0 and self.anchored(mine):
                yield mine, theirs
