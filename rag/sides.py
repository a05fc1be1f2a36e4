"""The other sides of what a sentence says: where articles disagree about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.schema import Conflict, Evidence, Passage, Verdict

RESTATED = "one figure in two units"  # how the note of such a conflict begins
# Beside the three best sentences: the other sides of what they say.
_MAX_OTHER_SIDES = 3


def around(evidence: Evidence, cited: Sequence[Evidence]) -> Evidence:
    """The cited evidence that holds this one, so that one place has one marker; else itself."""
    for other in cited:
        if other.article_id == evidence.article_id and (
            other.start <= evidence.start and evidence.end <= other.end
        ):
            return other
    return evidence


def with_other_sides(
    chosen: Sequence[Evidence], conflicts: Sequence[Conflict], passages: Sequence[Passage]
) -> tuple[Evidence, ...]:
    """The chosen sentences, and for each that takes a side the sentences of the other sides."""
    spans = list(chosen)
    for conflict in conflicts:
        if conflict.kind == "scope" and conflict.note.startswith(RESTATED):
            continue  # one side says it all
        sides = [_whole_sentence(p.evidence, passages) for p in conflict.positions]
        if any(overlap(side, span) for side in sides for span in chosen):
            spans += [s for s in sides if not any(overlap(s, span) for span in spans)]
    return _newest_first(spans[: len(chosen) + _MAX_OTHER_SIDES], conflicts)


def _newest_first(spans: Sequence[Evidence], conflicts: Sequence[Conflict]) -> tuple[Evidence, ...]:
    """The newest side of an update put before the older ones of it; the rest as it stands."""
    ordered = list(spans)
    for conflict in conflicts:
        if not conflict.note.startswith("update"):
            continue
        held = [i for i, s in enumerate(ordered) if _position_of(s, conflict) is not None]
        ranked = sorted((ordered[i] for i in held), key=lambda s: -(_position_of(s, conflict) or 0))
        for i, span in zip(held, ranked, strict=True):
            ordered[i] = span
    return tuple(ordered)


def _position_of(span: Evidence, conflict: Conflict) -> int | None:
    """Which of the positions, oldest first, the span holds words of."""
    found = (i for i, p in enumerate(conflict.positions) if overlap(p.evidence, span))
    return next(found, None)


def _whole_sentence(evidence: Evidence, passages: Sequence[Passage]) -> Evidence:
    for passage in passages:
        if passage.article_id != evidence.article_id:
            continue
        for (start, end), text in zip(passage.sentences, passage.sentence_texts(), strict=True):
            if start <= evidence.start and evidence.end <= end:
                return Evidence(article_id=passage.article_id, start=start, end=end, text=text)
    return evidence


def is_before(day: date | None, other: date | None) -> bool:
    """True if both days are known and the first is the earlier one."""
    return day is not None and other is not None and day < other


def overlap(a: Evidence, b: Evidence) -> bool:
    """True if both have words of one article in common."""
    return a.article_id == b.article_id and a.start < b.end and b.start < a.end


def contested(
    verdict: Verdict, evidence: Sequence[Evidence], conflicts: Sequence[Conflict]
) -> Verdict:
    """A supported sentence whose evidence is one side of a disagreement is contested.

    Figures that differ only in scope do not contradict each other, and an update does not
    contest what is newer, so neither counts.
    """
    if verdict.label not in ("supported", "contested"):
        return verdict
    for conflict in conflicts:
        if conflict.kind == "scope" or conflict.note.startswith("update"):
            continue
        ours = [p for p in conflict.positions if any(overlap(p.evidence, e) for e in evidence)]
        others = [p for p in conflict.positions if p not in ours]
        if ours and others:
            rival = others[0]
            reason = f"{rival.outlet or 'another article'} says otherwise: “{rival.statement}”"
            kept = () if verdict.label == "contested" else verdict.reasons
            return replace(verdict, label="contested", reasons=(*kept, reason))
    return verdict
