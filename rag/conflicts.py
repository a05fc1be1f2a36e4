"""Finds where the retrieved articles disagree, and shows both sides in their own words.

Careful before complete: two claims are rivals only where the words around the slot are alike,
the names and years in their sentences can be the same, and the question is about them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from rag.claims import Claim, Line, Pair, read_claims, read_lines
from rag.contrast import is_of_another, named_apart, narrowed, of_one_span, of_two_polls, told_apart
from rag.facts import Quantity, Status, names, quantities
from rag.folding import fold, folded_terms, weigh
from rag.positions import conflict_of
from rag.rivals import (
    DECISIONS,
    GENERIC_UNITS,
    MIN_SAME_TERMS,
    alike_lines,
    compare,
    compare_wordings,
)
from rag.schema import Article, Conflict, ConflictKind, Passage
from rag.slots import same_topic, slot_pairs
from rag.sought import NAMED_KINDS, Topic, read_sought

_MAX_CONFLICTS = 4
_MAX_LINES = 400  # sentences; a dozen passages hold about a hundred
_MIN_COVERED = 0.6  # share of the question's weight that sentence, title and passage must hold
_MIN_BESIDE = 0.5  # the same for the sentence, the one before it and the title
_MAX_UNNAMED = 0.6  # share of the names' weight that may be missing there
_MIN_TOUCHED_COPY = 0.2  # the same where one is a copy of the other but for that word
_COPY = 0.75  # share of all terms of two sentences that are in both
_MIN_TOUCHED = 0.4  # the same where two sentences agree in almost every word
_MIN_ON_TOPIC = 0.35  # share of the question's weight, names apart, that the claim must hold
# Words of a question that say what kind of answer is wanted, not what it is about.
_ASKING = folded_terms(
    "many much number amount total figure percent percentage kind say says said tell happen "
    "happened latest news date year day month time currently exactly people person name may "
    "might will would could must shall still now know known article articles source sources "
    "disagree contradict summary summarize summarise"
)
_WANTS_NUMBER = re.compile(
    r"\bhow (?:many|much|big|large|high|old|long|far|full|tall)\b|\bwhat (?:percent|share|number)|"
    r"\bwhat\b[^?]{0,80}\b(?:number|percentage|population|toll|score|price|cost|age|magnitude|rate|amount|size|salary|"
    r"budget|height|length|weight|distance|speed|temperature|fee|level|figure)\b",
    re.IGNORECASE,
)
_WANTS_TIME = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:date|day|year|month|time)\b|\bdate\b", re.IGNORECASE
)
_OF_OTHER_KIND = re.compile(r"\b(?:which|where|when)\b", re.IGNORECASE)
_WH = re.compile(r"\b(?:who|whom|whose|what|which|where|when|why|how)\b", re.IGNORECASE)
_WHAT_IS = re.compile(r"\bwhat(?:[\u2019']s|\s(?:is|was|are|were|will))\b", re.IGNORECASE)
_YES_OR_NO = re.compile(
    r"^\W*(?:did|do|does|has|have|had|is|are|was|were|will|would|can|could|should|may)\b",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"\bwhat (?:happened|is happening|do we know|is known|do the articles|are the)|\blatest\b|"
    r"\btell me\b|\bdisagree|\bsumm",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the question is about."""

    terms: frozenset[str]
    names: frozenset[str]
    wants: frozenset[ConflictKind]

    def bears_on(self, line: Line) -> bool:
        """True if sentence and passage hold what the question names and most of the rest."""
        # How it was decided is what articles may disagree on: any word for it will do.
        decided = DECISIONS if line.terms & DECISIONS else frozenset()
        held, whole = self.terms & (line.terms | line.setting | decided), weigh(self.terms)
        if weigh(self.names - held) > _MAX_UNNAMED * weigh(self.names):
            return False
        beside = weigh(self.terms & (line.beside | decided))
        return weigh(held) >= _MIN_COVERED * whole and beside >= _MIN_BESIDE * whole

    def touched(self, line: Line) -> float:
        """The share of the question that sentence and passage hold, 0 to 1."""
        whole = weigh(self.terms)
        return weigh(self.terms & (line.terms | line.setting)) / whole if whole else 1.0

    def concerns(self, claim: Claim) -> bool:
        """True if the claim is about what is asked, not only about who or where it is asked."""
        if not self.terms:
            return True
        topic = self.terms - self.names
        about = set(claim.near)
        if not topic:
            topic, about = self.terms, about | claim.names
        if isinstance(claim.fact, Status):
            about |= claim.words
            if topic & DECISIONS:
                about |= DECISIONS
        elif isinstance(claim.fact, Quantity):
            part = claim.fact.scope and claim.fact.unit in GENERIC_UNITS
            about |= claim.line.setting if part else {claim.fact.unit}
        own, whole = topic & (about | claim.line.terms), weigh(topic)
        near_by = topic & (about | claim.line.beside)
        enough = weigh(own) >= 0.2 * whole and weigh(near_by) >= _MIN_ON_TOPIC * whole
        return bool(topic & about) and enough


def find_conflicts(
    question: str, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> tuple[Conflict, ...]:
    """The disagreements among the passages that bear on the question, clearest first.

    At most four, each with two to four positions from different articles. Reprints that say the
    same count once; one whose figure was altered is a position of its own.
    Figures of different scope ("each" against "in total") come as kind ``scope``: they are shown
    with their arithmetic and are no disagreement by themselves.
    """
    asked = _read_question(question)
    lines = read_lines(passages, articles)[:_MAX_LINES]
    topic = Topic(read_sought(question))
    both = (*_pairs(lines, asked), *slot_pairs(topic, lines))
    kept = (p for p in both if not _are_apart(p, asked, topic))
    pairs = sorted((*kept, *_wordings(lines, asked)), key=lambda p: (-p.score, p.one.line.rank))
    found: list[Conflict] = []
    used: list[Claim] = []
    told: list[set[float]] = []  # the figures of each conflict
    for pair in pairs:
        if any(_overlap(c, u) for c in (pair.one, pair.other) for u in used):
            continue
        figures = _figures((pair.one, pair.other))
        if len(figures) == 2 and any(figures <= known for known in told):
            continue  # the same two figures again, in other sentences
        conflict, members = conflict_of(pair, pairs)
        used += members
        told.append(_figures(members))
        found.append(conflict)
    return tuple(found[:_MAX_CONFLICTS])


def _figures(claims: Iterable[Claim]) -> set[float]:
    return {q.value for claim in claims for q in quantities(claim.fact.text)[:1]}


def _overlap(one: Claim, other: Claim) -> bool:
    """True if two claims stand in the same place, though perhaps read as different things."""
    same = one.line is other.line
    return same and one.fact.start < other.fact.end and other.fact.start < one.fact.end


def _read_question(question: str) -> _Asked:
    terms = folded_terms(question)
    topic = terms - _ASKING  # nothing left: any disagreement will do
    named = {fold(w) for n in names(question) for w in n.words if n.sure or n.start > 0}
    return _Asked(
        terms=topic,
        names=frozenset(named & topic),
        wants=_wanted(question, topic),
    )


def _wanted(question: str, topic: frozenset[str]) -> frozenset[ConflictKind]:
    """The kinds of conflict that answer the question: all for "did", "is" and mere keywords."""
    wanted: set[ConflictKind] = set()
    if _WANTS_NUMBER.search(question):
        wanted |= {"value", "scope"}
    if _WANTS_TIME.search(question):
        wanted |= {"time"}
    if topic & DECISIONS and not _OF_OTHER_KIND.search(question):
        wanted |= {"status"}
    if _WHAT_IS.search(question):
        wanted |= {"value", "time"}
    if _YES_OR_NO.search(question) or _GENERIC.search(question) or not _WH.search(question):
        wanted |= {"value", "scope", "time", "status"}
    return frozenset(wanted)


def _pairs(lines: Sequence[Line], asked: _Asked) -> Iterator[Pair]:
    near = [line for line in lines if asked.bears_on(line)]
    claims = [c for line in near for c in read_claims(line, asked.wants) if asked.concerns(c)]
    for one, other in combinations(claims, 2):
        if type(one.fact) is type(other.fact) and one.line.article is not other.line.article:
            pair = compare(one, other, asked.terms)
            if pair is not None and pair.kind in asked.wants:
                yield pair


def _are_apart(pair: Pair, asked: _Asked, topic: Topic) -> bool:
    """True if the two sentences tell of two things, by the words that tell such things apart."""
    one, other = pair.one.line, pair.other.line
    if told_apart(one, other) or not of_one_span(one, other):
        return True
    if pair.kind == "value" and (narrowed(one, other) or of_two_polls(one, other)):
        return True
    if pair.kind == "scope":
        return False
    if pair.one.said and topic.sought.kind in NAMED_KINDS:
        sides = ((pair.one, pair.other), (pair.other, pair.one))
        return any(is_of_another(a, b, asked.names) for a, b in sides)
    return not same_topic(one, other, topic) or named_apart(pair.one, pair.other, asked.names)


def _wordings(found: Sequence[Line], asked: _Asked) -> Iterator[Pair]:
    share = {line: asked.touched(line) for line in found}
    lines = [line for line in found if share[line] >= _MIN_TOUCHED_COPY]
    made: dict[tuple[Line, int, int], Claim] = {}  # one slot is one claim, whatever its rival

    def known(claim: Claim) -> Claim:
        return made.setdefault((claim.line, claim.fact.start, claim.fact.end), claim)

    near = [line for line in lines if share[line] >= _MIN_TOUCHED]
    copies = (
        p
        for p in alike_lines(lines, _COPY)
        if share[p[0]] < _MIN_TOUCHED or share[p[1]] < _MIN_TOUCHED
    )
    for one, other in (*alike_lines(near, MIN_SAME_TERMS), *copies):
        pair = compare_wordings(one, other, asked.wants)
        if pair is not None:
            yield replace(pair, one=known(pair.one), other=known(pair.other))
