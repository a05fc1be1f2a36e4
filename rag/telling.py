"""How articles differ, in the model's words: each side attributed, verified, and numbered."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from rag.attribute import attribute
from rag.errors import BylineError
from rag.generate import DraftSentence
from rag.schema import (
    RANKS,
    Citation,
    Conflict,
    Evidence,
    Numbering,
    Passage,
    Position,
    Sentence,
    Verdict,
)

_MAX_S = 20.0  # for all conflicts of an answer; what is not begun by then stays untold
_MIN_RANK = RANKS["supported"]

Teller = Callable[[Conflict], Sequence[DraftSentence]]
Check = Callable[[str, Sequence[Evidence]], Verdict]


def told_conflicts(
    conflicts: Iterable[Conflict], cited: Iterable[Citation], tell: Teller, check: Check
) -> Iterator[Conflict]:
    """The conflicts with ``told`` where the model's words on at least two sides are supported.

    ``cited`` are the citations of the answer's sentences; those of conflicts continue their
    markers. A side whose words its position does not carry is left out. An error of the model
    leaves this conflict and the rest as they are.
    """
    conflicts = tuple(conflicts)
    numbered = Numbering(cited)
    for conflict in conflicts:
        for position in conflict.positions:
            numbered.cite(position.evidence)
    end_s = time.monotonic() + _MAX_S
    for conflict in conflicts:
        told = None
        if time.monotonic() < end_s:
            try:
                told = _told(conflict, tell(conflict), check, numbered)
            except BylineError:
                end_s = 0.0  # a model that fails once is not waited for again
        yield replace(conflict, told=told)


def _told(
    conflict: Conflict, drafts: Sequence[DraftSentence], check: Check, numbered: Numbering
) -> Sentence | None:
    kept: list[tuple[str, Evidence, Verdict]] = []
    for draft in drafts:
        evidence = _evidence(draft, conflict.positions)
        verdict = check(draft.text, (evidence,)) if evidence else None
        if evidence and verdict and RANKS[verdict.label] >= _MIN_RANK:
            kept.append((draft.text, evidence, verdict))
    if len({evidence for _, evidence, _ in kept}) < 2:
        return None  # one side alone does not tell how they differ
    return Sentence(
        text=" ".join(text for text, _, _ in kept),
        citations=tuple(numbered.cite(e) for e in dict.fromkeys(e for _, e, _ in kept)),
        verdict=min((v for _, _, v in kept), key=lambda v: v.score),
    )


def _evidence(draft: DraftSentence, positions: Sequence[Position]) -> Evidence | None:
    """The position that the sentence cites, else the one whose words carry it."""
    if len(draft.passage_ids) == 1:
        return positions[int(draft.passage_ids[0])].evidence
    carried = attribute(draft.text, [_passage(p.evidence) for p in positions])
    found = (p.evidence for p in positions if carried and _holds(p.evidence, carried[0]))
    return next(found, None)


def _passage(evidence: Evidence) -> Passage:
    return Passage(
        article_id=evidence.article_id,
        start=evidence.start,
        end=evidence.end,
        text=evidence.text,
        passage_id=f"{evidence.article_id}:{evidence.start}",
        sentences=((evidence.start, evidence.end),),
    )


def _holds(one: Evidence, other: Evidence) -> bool:
    same = one.article_id == other.article_id
    return same and one.start <= other.start and other.end <= one.end
