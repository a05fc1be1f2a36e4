"""Ground tool: who says it, how firmly, in which words, and how far the matter is.

Each check returns where a claim puts words into another mouth, makes a report or an allegation a
fact, invents a quotation, or tells a decision as further than its source does.
"""

import re
from collections.abc import Iterator

from rag.align import coverage, read
from rag.claimed import Claim, claims_of
from rag.facts import Name, Status, names, quotes, statuses
from rag.pair import Finding, Gravity, Pair
from rag.schema import Firmness
from rag.text import STOP_WORDS, sentence_spans, stem
from rag.words import root

# A sentence of news has a handful of each; the limits only bound what hostile text can cost.
_MAX_CLAIMED = 60
_MAX_FACTS = 400
_CLOSE = 0.75  # share of the claim in one sentence of the source from which its speaker refutes

_SPEECH = (
    r"(?:said|says|told|tells|argued|argues|stated|states|added|adds|claimed|claims|warned|"
    r"warns|wrote|writes|announced|explained|insisted|noted|testified|tweeted)"
)
_SPEAKS = re.compile(
    rf"^(?:[ ][\w\u2019'-]+){{0,4}}(?:,[^,.\n]{{0,80}},)?[ ](?:\w+ly[ ])?{_SPEECH}\b"
)
_SPOKEN = re.compile(
    rf"(?:[,\"\u201d]\s*{_SPEECH}|\b[Aa]ccording[ ]to)(?:[ ][\w\u2019'-]+){{0,4}}[ ]$"
)


def _speakers(text: str) -> list[Name]:
    return [
        name
        for name in names(text)
        if _SPEAKS.search(text[name.end : name.end + 140])
        or _SPOKEN.search(text[max(0, name.start - 60) : name.start])
    ]


def check_speaker(pair: Pair) -> Iterator[Finding]:
    """Words that the claim puts into another mouth than the source does."""
    near, pair = pair, pair.nearest
    theirs = _speakers(pair.source)
    spoken = {root(stem(w)) for name in theirs for w in name.words}
    for name in _speakers(pair.claim)[:_MAX_CLAIMED]:
        at = pair.at(name.start)
        if at < len(near.words) and near.places[at] >= 0 and near.anchored(at):
            continue  # it stands so in another sentence
        if theirs and not any(root(stem(w)) in spoken for w in name.words) and name.sure:
            # Sources that speak of other things have other speakers: only a close one refutes.
            close = coverage(pair.words, pair.source_roots) >= _CLOSE
            reason = f"the source gives these words to {theirs[-1].text}, not {name.text}"
            place = pair.at(theirs[-1].start, source=True)
            gravity: Gravity = "hard" if close else "firm"
            yield pair.finding(gravity, "speaker", reason, at, place)


def check_quotes(pair: Pair) -> Iterator[Finding]:
    """Words in quotation marks that do not stand in the source."""
    source, known = _flat(pair.source), _flat(pair.known)
    for quote in quotes(pair.claim)[:_MAX_CLAIMED]:
        parts = [_flat(p) for p in re.split(r"\.\.\.|\u2026|\[[^\]\n]{0,40}\]", quote.text)]
        if all(p in source for p in parts):
            continue
        elsewhere = all(p in known for p in parts)
        words = quote.text if len(quote.text) <= 80 else quote.text[:77] + "..."
        long = len(quote.text.split()) > 2
        invented: Gravity = "hard" if long and not _is_title(quote.text) else "firm"
        reason = f"these words are not in the source: \u201c{words}\u201d"
        yield pair.finding("soft" if elsewhere else invented, "quote", reason, pair.at(quote.start))


def _is_title(text: str) -> bool:
    """True if most words begin with a capital: a work or a name, not something said."""
    words = re.findall(r"[^\W\d_]+", text)
    return 2 * len([w for w in words if w[0].isupper()]) > len(words)


def _flat(text: str) -> str:
    """Letters and figures in lower case with single spaces: marks and case do not count."""
    return " ".join(re.findall(r"\w+", text.lower().replace("\u2019", "").replace("'", "")))


def check_status(pair: Pair) -> Iterator[Finding]:
    """Decisions and deeds that the source says are further or less far."""
    given = statuses(pair.source)[:_MAX_FACTS]
    for claimed in statuses(pair.claim)[:_MAX_CLAIMED]:
        like = [s for s in given if _alike(claimed, s)]
        if not like or any(s.rank == claimed.rank and _as_sure(claimed, s) for s in like):
            continue
        nearest = max(like, key=lambda s: (_closeness(claimed, s), -s.start))
        yield from _status_finding(pair, claimed, nearest)


def _alike(one: Status, other: Status) -> bool:
    return one.family == other.family and _closeness(one, other) >= 3


def _closeness(one: Status, other: Status) -> int:
    shared = {root(w) for w in one.about} & {root(w) for w in other.about}
    return len(shared) + (2 if root(one.event) == root(other.event) else 0)


_SURE = {"stated": 2, "reported": 2, "expected": 1, "possible": 0, "denied": 2}


def _as_sure(claimed: Status, given: Status) -> bool:
    return _SURE[claimed.certainty] <= _SURE[given.certainty]


def _status_finding(pair: Pair, claimed: Status, given: Status) -> Iterator[Finding]:
    ranks = (claimed.rank, given.rank)
    said, ours = _words(given), _words(claimed)
    named = f"the source says {said}, not {ours}"
    if "not" in (said + " " + ours).split():  # "not approved, not approved" says nothing
        named = f"the source says “{said}”, this sentence “{ours}”"
    where = pair.at(claimed.start), pair.at(given.start, source=True)
    if claimed.rank == given.rank:
        hard = claimed.rank == 3 and claimed.certainty == "stated"
        yield pair.finding("hard" if hard else "firm", "certainty", named, *where)
    elif ranks in ((3, 2), (2, 3)):
        left = pair.claim[max(0, claimed.start - 40) : claimed.start].lower()
        final = re.search(r"\b(?:final|full|fully|unconditional\w*|outright)\b", left)
        yield pair.finding("hard" if final else "firm", "status", named, *where)
    elif claimed.family == "completion" and 0 not in ranks:
        yield pair.finding("firm", "status", named, *where)
    else:
        yield pair.finding("hard", "status", named, *where)


def _words(status: Status) -> str:
    sure = {"possible": "may be ", "expected": "expected to be "}.get(status.certainty, "")
    return sure + (status.text if status.stage == "planned" else status.stage)


# --- how firmly ----------------------------------------------------------------------------------

# What is said of a thing by those who do not vouch for it, the least firm first.
_STRENGTH: dict[Firmness, int] = {
    "possible": 0,
    "alleged": 0,
    "reported": 1,
    "expected": 1,
    "stated": 2,
    "official": 2,
}
_SAME_CLAIM = 0.7  # share of a claim's weight that a claim of the source must hold
_NEGATED = re.compile(r"\b(?:not|never|no|nor|without|neither)\b|n['\u2019]t\b", re.IGNORECASE)
_TOLD_AS = {
    "possible": "as possible",
    "alleged": "as an allegation",
    "reported": "as what others report",
    "expected": "as expected",
    "stated": "as a fact",
    "official": "as a fact",
    "denied": "as denied",
}


def check_firmness(pair: Pair) -> Iterator[Finding]:
    """Claims that are made more firmly, or less, than by the source: an allegation as a fact.

    Only a word that the other side does not have beside it makes a difference, so that a sentence
    that is cut in other places does not.
    """
    given = [
        (claim, start, frozenset(t.root for t in read(claim.text)))
        for start, end in sentence_spans(pair.source)[:20]
        for claim in claims_of(pair.source[start:end])
    ]
    for claim in claims_of(pair.claim):
        words = read(claim.text)
        shares = [coverage(words, roots) for *_, roots in given]
        best = max(shares, default=0.0)
        if best < _SAME_CLAIM or sum(t.weight > 0 for t in words) < 2:
            continue
        like = [given[i] for i, share in enumerate(shares) if share >= 0.85 * best]
        told, at, _ = given[shares.index(best)]
        if not any(_is_as_firm(pair, claim, theirs, start) for theirs, start, _ in like):
            yield _firmness_finding(claim, told, _sentence(pair, at))
        elif not any(_same_mouth(pair, claim, theirs) for theirs, *_ in like):
            yield _mouth_finding(claim, told, _sentence(pair, at))


def _sentence(pair: Pair, start: int) -> str:
    return next(pair.source[a:b] for a, b in sentence_spans(pair.source) if a == start)


def _is_as_firm(pair: Pair, claim: Claim, theirs: Claim, start: int) -> bool:
    one, other = claim.firmness, theirs.firmness
    mine = claim.cue and pair.at(claim.cue[0])
    said = theirs.cue and pair.at(start + theirs.cue[0], source=True)
    if (mine is not None and mine < len(pair.words) and pair.places[mine] >= 0) or (
        said is not None and said in pair.back
    ):
        return True
    if {one, other} <= {"stated", "official", "expected"}:
        return True  # tenses are for the words themselves
    if "denied" in (one, other):
        negated = bool(_NEGATED.search(claim.text)) != bool(_NEGATED.search(theirs.text))
        return one == other or negated
    return _STRENGTH[one] == _STRENGTH[other]


def _same_mouth(pair: Pair, claim: Claim, theirs: Claim) -> bool:
    """False where both name a speaker, and no word of the one is in the sources of the other."""
    if claim.said_by is None or theirs.said_by is None:
        return True
    one, other = (
        {t.root for t in read(who) if t.weight} for who in (claim.said_by, theirs.said_by)
    )
    return not one or not other or bool(one & pair.source_roots) or bool(other & pair.roots)


def _mouth_finding(claim: Claim, theirs: Claim, sentence: str) -> Finding:
    alike = _is_named(claim.said_by) == _is_named(theirs.said_by)
    return Finding(
        gravity="hard" if alike else "firm",  # a person may speak for the police
        kind="speaker",
        reason=f"the source gives these words to {theirs.said_by}, not {claim.said_by}",
        at=claim.start,
        against=sentence,
    )


def _is_named(who: str | None) -> bool:
    """True for a name: a capital beyond the first word, or a first word that is no article."""
    words = (who or "").split()
    named = [w for w in words if w[0].isupper() and w.lower() not in STOP_WORDS]
    return bool(named)


def _firmness_finding(claim: Claim, theirs: Claim, sentence: str) -> Finding:
    one, other = claim.firmness, theirs.firmness
    gravity: Gravity = "firm"
    if "denied" in (one, other):
        gravity = "hard"
    elif abs(_STRENGTH[one] - _STRENGTH[other]) == 1:
        gravity = "soft"
    who = f" by {theirs.said_by}" if theirs.said_by else ""
    return Finding(
        gravity=gravity,
        kind="firmness",
        reason=f"the source has this {_TOLD_AS[other]}{who}, this sentence {_TOLD_AS[one]}",
        at=claim.start,
        against=sentence if theirs.said_by else theirs.text,
    )
