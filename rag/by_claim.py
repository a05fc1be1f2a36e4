"""Ground tool: a verdict on each claim of a sentence, from what was found to differ in the whole.

The sentence is compared once; every difference is laid to the claim in which it stands. A claim
without one is judged by how many of its words the source has. So a claim keeps its context, and
the sentence is never better than its worst claim.
"""

from collections.abc import Sequence
from dataclasses import replace

from rag.align import coverage, read
from rag.claimed import Claim, claims_of
from rag.facts import names
from rag.pair import Finding, Pair
from rag.schema import RANKS, ClaimVerdict, Label, Verdict

_ENOUGH = 0.5  # share of a claim's weight in the source or its article under which it is partial
_NONE = 0.15  # and under which the source does not speak of it at all
_LEAST_WORDS = 3  # content words of a claim that can be called unsupported by itself


def with_claims(verdict: Verdict, pair: Pair, found: Sequence[Finding]) -> Verdict:
    """The verdict with one on each claim, where there are several or it failed.

    A claim of which the source has nothing makes the whole unsupported, one of which it has
    little makes it partial; nothing here makes a verdict better.
    """
    parts = claims_of(pair.claim)
    if len(parts) < 2 and verdict.label == "supported":
        return verdict
    laid: dict[int, list[Finding]] = {}
    for finding in found:
        laid.setdefault(_claim_at(parts, finding.at), []).append(finding)
    known = pair.source_roots | pair.known_roots
    claims = [_judged(part, laid.get(i, ()), known) for i, part in enumerate(parts)]
    return _agreeing(verdict, claims)


def plain_claims(text: str, label: Label, reason: str = "") -> tuple[ClaimVerdict, ...]:
    """The claims of a sentence that was not compared: all are as the whole is."""
    parts = claims_of(text)
    if len(parts) < 2 and label == "supported":
        return ()
    return tuple(_claim(part, label, reason) for part in parts)


def contested_at(
    text: str, claims: Sequence[ClaimVerdict], told: Finding
) -> tuple[ClaimVerdict, ...]:
    """The claims of a supported sentence, that one contested which another article denies."""
    parts = claims_of(text)
    where = _claim_at(parts, told.at)
    given = claims or [_claim(part, "supported") for part in parts]
    return tuple(
        replace(claim, label="contested", reason=told.reason, against=told.against)
        if at == where
        else claim
        for at, claim in enumerate(given)
    )


def one_subject(pair: Pair, finding: Finding) -> bool:
    """False if the two tell of different ones: the price of one firm denies none of another.

    What a claim tells of is the first name in it, or else in its sentence.
    """
    parts = claims_of(pair.claim)
    part = parts[_claim_at(parts, finding.at)].text if parts else ""
    mine = _first_name(part) or _first_name(pair.claim)
    theirs = _first_name(finding.against) or _first_name(pair.source)
    if not mine or not theirs:
        return True
    return bool(mine & pair.source_roots) and bool(theirs & pair.roots)


def _first_name(text: str) -> frozenset[str]:
    found = names(text)
    return frozenset(t.root for t in read(found[0].text) if t.weight) if found else frozenset()


def _claim_at(parts: Sequence[Claim], at: int) -> int:
    """The claim in which a character stands, else the nearest; the first when nothing is known."""
    if at < 0:
        return 0
    distances = [max(part.start - at, at - part.end + 1, 0) for part in parts]
    return distances.index(min(distances)) if distances else 0


def _judged(part: Claim, found: Sequence[Finding], known: frozenset[str]) -> ClaimVerdict:
    worst = min(found, key=lambda f: ("hard", "firm", "soft").index(f.gravity), default=None)
    if worst is not None:
        against = worst.against or next((f.against for f in found if f.against), "")
        label: Label = "refuted" if worst.gravity == "hard" else "partial"
        return _claim(part, label, worst.reason, against)
    words = [t for t in read(part.text) if t.weight]
    share = coverage(words, known)
    missing = sorted((t for t in words if t.root not in known), key=lambda t: -t.weight)
    listed = ", ".join(f"\u201c{w}\u201d" for w in dict.fromkeys(t.text for t in missing[:4]))
    if len(words) >= _LEAST_WORDS and share < _NONE:
        return _claim(part, "unsupported", "the source says nothing of this")
    if words and share < _ENOUGH:
        return _claim(part, "partial", f"not in the source: {listed}")
    return _claim(part, "supported")


def _claim(part: Claim, label: Label, reason: str = "", against: str = "") -> ClaimVerdict:
    return ClaimVerdict(
        text=part.text,
        label=label,
        reason=reason,
        against=against,
        said_by=part.said_by,
        firmness=part.firmness,
    )


def _agreeing(verdict: Verdict, claims: Sequence[ClaimVerdict]) -> Verdict:
    """Sentence and claims brought together: the sentence is as bad as its worst claim."""
    if not claims:
        return verdict
    worst = min(claims, key=lambda c: RANKS[c.label])
    if RANKS[worst.label] < RANKS[verdict.label]:
        reasons = (
            (*verdict.reasons, worst.reason)
            if worst.reason not in verdict.reasons
            else verdict.reasons
        )
        score = min(verdict.score, 0.3) if worst.label == "unsupported" else verdict.score
        return replace(
            verdict, label=worst.label, score=score, reasons=reasons[-4:], claims=tuple(claims)
        )
    if verdict.label != "supported" and len(claims) == 1 and claims[0].label == "supported":
        reason = verdict.reasons[0] if verdict.reasons else ""
        claims = [replace(claims[0], label=verdict.label, reason=reason)]
    return replace(verdict, claims=tuple(claims))
