"""Is every sentence carried by what it cites, and by what was found?

Citation recall and precision are ALCE's (Gao et al. 2023, section 4.3) without its loopholes: a
sentence that cites nothing, or what does not exist, has recall 0; precision is over every
citation, phantom, malformed and repeated ones too; a year in brackets is no citation. All go from
0 to 1, and are NaN for an answer without sentences, which has an axis of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from eval.reply import Reply, Said, Source

_MAX_CHOICES = 6  # citations of one sentence whose every combination is tried
Supports = Callable[[str, str], bool | None]  # (claim, source); None: the judge failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A share: how many of how many, and how many judgements failed (they count as no)."""

    hits: float
    of: int
    n_failed: int = 0

    @property
    def value(self) -> float:
        """From 0 to 1; NaN of nothing."""
        return self.hits / self.of if self.of else float("nan")


class Asked:
    """A judge whose failures are counted while it is asked; a failed judgement is a no."""

    def __init__(self, supports: Supports) -> None:
        self._supports = supports
        self.n_failed = 0

    def __call__(self, claim: str, sources: Sequence[Source]) -> bool:
        """True if some of the sources together carry the claim; never without any.

        Some, since a second source that says otherwise does not take the first one's support
        away: it makes the sentence contested, which is told elsewhere.
        """
        return any(self._together(claim, group) for group in groups(sources))

    def _together(self, claim: str, sources: Sequence[Source]) -> bool:
        said = self._supports(claim, joined(sources))
        self.n_failed += said is None
        return bool(said)


def groups(sources: Sequence[Source]) -> Iterator[tuple[Source, ...]]:
    """Each source, all together, then every other choice of them; of more than six only pairs."""
    unique = tuple(dict.fromkeys(sources))
    n = len(unique)
    yield from ((one,) for one in unique)
    if n > 1:
        yield unique
    for size in range(2, n if n <= _MAX_CHOICES else 3):
        yield from combinations(unique, size)


def joined(sources: Sequence[Source]) -> str:
    """The words of all sources, each once; the order of the sources changes nothing."""
    return "\n".join(sorted({s.text for s in sources}))


def faithfulness(reply: Reply, supports: Supports) -> Ratio:
    """Share of the sentences that something found supports, cited or not.

    As RAGAS has it (Es et al. 2024, section 3), with sentences for statements. A sentence is held
    against each passage that was found, and against all that it cites together.
    """
    asked = Asked(supports)

    def carried(said: Said) -> bool:
        cited = reply.sources(said.markers)
        if asked(said.text, cited):
            return True
        return any(asked(said.text, (passage,)) for passage in reply.retrieved)

    hits = sum(carried(s) for s in reply.sentences)
    return Ratio(hits=hits, of=len(reply.sentences), n_failed=asked.n_failed)


def citation_recall(reply: Reply, supports: Supports) -> Ratio:
    """Share of the sentences that their own citations support."""
    asked = Asked(supports)
    hits = sum(asked(s.text, reply.sources(s.markers)) for s in reply.sentences)
    return Ratio(hits=hits, of=len(reply.sentences), n_failed=asked.n_failed)


def citation_precision(reply: Reply, supports: Supports) -> Ratio:
    """Share of the citations that help: each of a supported sentence that is not needless.

    A citation is needless if it does not carry the sentence alone and the others carry it without
    it. An answer that cites nothing has precision 0, not 1.
    """
    asked = Asked(supports)
    hits, n_citations = 0, 0
    for said in reply.sentences:
        n_citations += len(said.markers) + said.n_malformed
        hits += _needed(said, reply, asked)
    return Ratio(hits=hits, of=max(n_citations, bool(reply.sentences)), n_failed=asked.n_failed)


def _needed(said: Said, reply: Reply, asked: Asked) -> int:
    there = tuple(dict.fromkeys(m for m in said.markers if m in reply.cited))
    if not asked(said.text, reply.sources(there)):
        return 0
    if len(there) == 1:
        return 1
    return sum(
        asked(said.text, reply.sources((m,)))
        or not asked(said.text, reply.sources([other for other in there if other != m]))
        for m in there
    )


def quote_exactness(reply: Reply) -> Ratio:
    """Share of the citations used whose words stand at their place in what was found.

    Where no place is told, anywhere in what was found of that article. NaN without citations.
    """
    used = dict.fromkeys(m for s in reply.sentences for m in s.markers)
    return Ratio(hits=sum(_stands(reply.cited.get(m), reply.retrieved) for m in used), of=len(used))


def _stands(quote: Source | None, found: Sequence[Source]) -> bool:
    if quote is None or not quote.text:
        return False
    passages = [p for p in found if p.article_id == quote.article_id]
    if quote.start < 0:
        return any(quote.text in p.text for p in passages)
    at = [(p, quote.start - p.start) for p in passages]
    return any(k >= 0 and p.text[k : k + len(quote.text)] == quote.text for p, k in at)
