"""Finds where the retrieved articles disagree, and shows both sides in their own words.

Careful before complete: two claims are rivals only where the words around the slot are alike,
the names and years in their sentences can be the same, and the question is about them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from rag.claims import Claim, Line, Pair, n_parties, read_claims, read_lines
from rag.contrast import is_of_another, named_apart, narrowed, of_one_span, told_apart
from rag.facts import Name, Quantity, Status, names
from rag.folding import fold, folded_terms, weigh
from rag.rivals import DECISIONS, GENERIC_UNITS, clearness, compare, compare_wordings, side_of
from rag.schema import Article, Conflict, ConflictKind, Evidence, Passage, Position
from rag.slots import same_topic, slot_pairs
from rag.sought import NAMED_KINDS, Sought, read_sought

_MAX_CONFLICTS = 4
_MAX_LINES = 400  # sentences; a dozen passages hold about a hundred
_MAX_POSITIONS = 4
_MIN_COVERED = 0.6  # share of the question's weight that sentence, title and passage must hold
_MIN_BESIDE = 0.5  # the same for the sentence, the one before it and the title
_MAX_UNNAMED = 0.6  # share of the names' weight that may be missing there
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
_OF_OTHER_KIND = re.compile(r"\b(?:which|where|when|how many|how much|what percentage)\b", re.IGNORECASE)
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

    def touches(self, line: Line) -> bool:
        """True if sentence and passage hold a fair part of the question."""
        held = weigh(self.terms & (line.terms | line.setting))
        return held >= _MIN_TOUCHED * weigh(self.terms)

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
            about |= claim.line.beside if part else {claim.fact.unit}
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
    sought = read_sought(question)
    both = (*_pairs(lines, asked), *slot_pairs(sought, lines))
    known = (p for p in both if not _are_apart(p, asked, sought))
    pairs = sorted((*known, *_wordings(lines, asked)), key=lambda p: (-p.score, p.one.line.rank))
    found: list[Conflict] = []
    used: list[Claim] = []
    for pair in pairs:
        if not any(_overlap(c, u) for c in (pair.one, pair.other) for u in used):
            conflict, members = _conflict(pair, pairs)
            used += members
            found.append(conflict)
    return tuple(found[:_MAX_CONFLICTS])


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


def _are_apart(pair: Pair, asked: _Asked, sought: Sought) -> bool:
    """True if the two sentences tell of two things, by the words that tell such things apart."""
    one, other = pair.one.line, pair.other.line
    if told_apart(one, other) or not of_one_span(one, other):
        return True
    if pair.kind == "value" and narrowed(one, other):
        return True
    if pair.kind == "scope":
        return False
    if pair.one.said and sought.kind in NAMED_KINDS:
        sides = ((pair.one, pair.other), (pair.other, pair.one))
        return any(is_of_another(a, b, asked.names) for a, b in sides)
    return not same_topic(one, other, sought) or named_apart(pair.one, pair.other, asked.names)


def _wordings(found: Sequence[Line], asked: _Asked) -> Iterator[Pair]:
    lines = [line for line in found if asked.touches(line)]
    made: dict[tuple[Line, int, int], Claim] = {}  # one slot is one claim, whatever its rival

    def known(claim: Claim) -> Claim:
        return made.setdefault((claim.line, claim.fact.start, claim.fact.end), claim)

    for one, other in combinations(lines, 2):
        apart = one.article is not other.article
        pair = compare_wordings(one, other, asked.wants) if apart else None
        if pair is not None:
            yield replace(pair, one=known(pair.one), other=known(pair.other))


# A pair becomes a conflict


def _conflict(pair: Pair, pairs: Sequence[Pair]) -> tuple[Conflict, list[Claim]]:
    """The pair with every claim that is a rival of one of its sides, the same words merged."""
    rivals: dict[Claim, set[Claim]] = {}
    for p in pairs:
        if p.kind == pair.kind:
            rivals.setdefault(p.one, set()).add(p.other)
            rivals.setdefault(p.other, set()).add(p.one)
    keys = {_key(c): c for c in (pair.one, pair.other)}
    members = [pair.one, pair.other]
    for claim, against in rivals.items():
        wanted = {c for key, c in keys.items() if key != _key(claim)}
        if claim not in members and wanted <= against:
            members.append(claim)
    sides: dict[str, list[Claim]] = {}
    for claim in members:
        sides.setdefault(_key(claim), []).append(claim)
    leading = (pair.one, pair.other)
    chosen = [_spokesman(same, leading) for same in sides.values()]
    shown = sorted(chosen[:_MAX_POSITIONS], key=_by_date)
    conflict = Conflict(
        topic=_topic(pair),
        kind=pair.kind,
        positions=tuple(_position(claim) for claim in shown),
        note="; ".join(_notes(pair.kind, shown, sides)),
    )
    return conflict, members


def _key(claim: Claim) -> str:
    fact = claim.fact
    if claim.said:
        return claim.said
    if isinstance(fact, Quantity):
        return f"{fact.value:g} {fact.scope}"
    if isinstance(fact, Status):
        return side_of(claim) or ""
    if isinstance(fact, Name):
        return " ".join(fact.words)
    return f"{fact.year} {fact.month} {fact.day}"


def _spokesman(same: Sequence[Claim], leading: Sequence[Claim]) -> Claim:
    """Who speaks for those that say the same: the earliest dated, there the plainest, the best."""
    return min(same, key=lambda c: (*_by_date(c)[:2], -clearness(c), c not in leading, c.line.rank))


def _by_date(claim: Claim) -> tuple[bool, float, int]:
    dated = claim.line.article.dated
    return (dated is None, dated.timestamp() if dated else 0.0, claim.line.rank)


def _position(claim: Claim) -> Position:
    line, (start, end) = claim.line, claim.quote
    text = line.text[start:end]
    return Position(
        statement=" ".join(text.split()),
        evidence=Evidence(
            article_id=line.article.article_id,
            start=line.start + start,
            end=line.start + end,
            text=text,
        ),
        outlet=line.article.outlet,
        published_at=line.article.published_at,
        updated_at=line.article.updated_at,
    )


_TOPIC_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_SCALES = frozenset("hundred thousand million billion trillion".split())
_MAX_TOPIC_GAPS = 4  # five words say what it is about


def _topic(pair: Pair) -> str:
    """The words of the better ranked line that both share, in its order."""
    one = min(pair.one, pair.other, key=lambda c: c.line.rank)
    other = pair.other if one is pair.one else pair.one
    said: list[str] = []
    end = -2
    for match in _TOPIC_WORD.finditer(one.line.text):
        shared = folded_terms(match.group())
        if not shared or not shared <= other.line.terms or match.group().lower() in _SCALES:
            continue
        word = re.sub(r"['\u2019]s$", "", match.group())
        if word in " ".join(said).split(" ") or " ".join(said).count(" ") >= _MAX_TOPIC_GAPS:
            continue
        if match.start() == end + 1:
            said[-1] += f" {word}"  # "H200 chips": side by side in the text
        else:
            said.append(word)
        end = match.end()
    return ", ".join(said) or one.slot


def _notes(
    kind: ConflictKind, shown: Sequence[Claim], sides: Mapping[str, Sequence[Claim]]
) -> Iterator[str]:
    if kind == "scope":
        yield _arithmetic(sides)
    else:
        yield from _update(sides)
    for claim in shown:
        rest = {c.line.article.article_id: c.line.article for c in sides[_key(claim)]}
        rest.pop(claim.line.article.article_id, None)
        if rest:
            outlets = sorted({a.outlet or "another article" for a in rest.values()})
            yield f"{claim.slot}: also {', '.join(outlets)}"


def _update(sides: Mapping[str, Sequence[Claim]]) -> Iterator[str]:
    """A correction, or the newest word if every article is dated and one side clearly later."""
    claims = [c for same in sides.values() for c in same]
    fixes = [c for c in claims if c.line.corrects]
    last = [max(same, key=_day) for same in sides.values()]
    newest = max(last, key=_day)
    later = all(c.line.article.day for c in claims) and all(
        _day(c) < _day(newest) for c in last if c is not newest
    )
    chosen = fixes[-1] if fixes else newest if later else None
    if chosen is None:
        return
    what = "update: corrected by" if fixes else "update: newer is"
    outlet = chosen.line.article.outlet or "the later article"
    when = f" ({chosen.line.article.day})" if chosen.line.article.day else ""
    yield f"{what} {outlet}{when}, {chosen.slot}"


def _day(claim: Claim) -> int:
    day = claim.line.article.day
    return day.toordinal() if day else 0


def _arithmetic(sides: Mapping[str, Sequence[Claim]]) -> str:
    claims = [c for same in sides.values() for c in same]
    each = [c for c in claims if isinstance(c.fact, Quantity) and c.fact.scope == "each"]
    total = [c for c in claims if isinstance(c.fact, Quantity) and c.fact.scope == "total"]
    counts = sorted({n for c in (*each, *total) if (n := n_parties(c))}, reverse=True)
    whole, part = total[0].fact, each[0].fact
    assert isinstance(whole, Quantity)
    assert isinstance(part, Quantity)
    sums = [
        f"{n} x {part.value:,.0f} = {n * part.value:,.0f} "
        + ("fits" if n * part.value == whole.value else "does not fit")
        + f" {whole.value:,.0f}"
        for n in counts
    ]
    return "; ".join(["one figure is a total, the other is for each", *sums])
