"""Finds where the retrieved articles disagree, and shows both sides in their own words.

Careful before complete: two claims are rivals only where the words around the slot are alike,
the names and years in their sentences can be the same, and the question is about them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.claims import Claim, Line, fold, folded_terms, n_parties, read_claims, read_lines, weigh
from rag.facts import DateMention, Quantity, Status, clash, names
from rag.schema import Article, Conflict, ConflictKind, Evidence, Passage, Position

_MAX_CONFLICTS = 4
_MAX_POSITIONS = 4
_MIN_COVERED = 0.6  # share of the question's weight that sentence, title and passage must hold
_MIN_BESIDE = 0.5  # the same for the sentence, the one before it and the title
_MIN_SHARED = 0.45  # weighted Dice of the words beside two slots
_MAX_DAYS = 31  # a figure that much later is another figure, no update of this one
_ROUNDING = 0.05
_MIN_ON_TOPIC = 0.35  # share of the question's weight, names apart, that the claim must hold
_DECISIONS = folded_terms(
    "approve approved approval allow allowed permit permitted permission clear cleared reject "
    "rejected ban banned block blocked decide decided decision agree agreed authorize authorized "
    "grant granted pass passed back backed vote voted license veto refuse deny"
)
# Words of a question that say what kind of answer is wanted, not what it is about.
_ASKING = folded_terms(
    "many much number amount total figure percent percentage kind say says said tell happen "
    "happened latest news date year day month time currently exactly people person name"
)
_WANTS_NUMBER = re.compile(
    r"\bhow (?:many|much|big|large|high|old|long|far|full|tall)\b|\bwhat (?:percent|share|number)|"
    r"\b(?:number|percentage|population|toll|score|price|cost|age|magnitude|rate|amount|size|salary|"
    r"budget|height|length|weight|distance|speed|temperature|fee|level|figure)\b",
    re.IGNORECASE,
)
_WANTS_TIME = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:date|day|year|month|time)\b|\bdate\b", re.IGNORECASE
)
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
_GENERIC_UNITS = frozenset({"", "unit"})
_PERSONS = frozenset({"", "person", "victim"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the question is about."""

    terms: frozenset[str]
    names: frozenset[str]
    wants: frozenset[ConflictKind]

    def bears_on(self, line: Line) -> bool:
        """True if the sentence and its passage hold what the question names and most of the rest."""
        if not self.terms:
            return True
        held = self.terms & (line.terms | line.setting)
        if weigh(self.names - held) > 0.6 * weigh(self.names):
            return False
        beside = weigh(self.terms & line.beside)
        whole = weigh(self.terms)
        return weigh(held) >= _MIN_COVERED * whole and beside >= _MIN_BESIDE * whole

    def concerns(self, claim: Claim) -> bool:
        """True if the claim is about what is asked, not only about who or where it is asked."""
        topic = (self.terms - self.names) or self.terms
        about = set(claim.near)
        if isinstance(claim.fact, Status):
            about |= {fold(a) for a in claim.fact.about}
            if topic & _DECISIONS:
                about |= _DECISIONS
        elif isinstance(claim.fact, Quantity):
            about |= claim.line.terms if claim.fact.unit in _GENERIC_UNITS else {claim.fact.unit}
        held = topic & (about | claim.line.terms)
        return bool(topic & about) and weigh(held) >= _MIN_ON_TOPIC * weigh(topic)


@dataclass(frozen=True, slots=True)
class _Pair:
    kind: ConflictKind
    score: float
    one: Claim
    other: Claim


def find_conflicts(
    question: str, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> tuple[Conflict, ...]:
    """The disagreements among the passages that bear on the question, clearest first.

    At most four, each with two to four positions from different articles. Reprints count once.
    Figures of different scope ("each" against "in total") come as kind ``scope``: they are shown
    with their arithmetic and are no disagreement by themselves.
    """
    asked = _read_question(question)
    lines = [line for line in read_lines(passages, articles) if asked.bears_on(line)]
    claims = [c for line in lines for c in read_claims(line) if asked.concerns(c)]
    pairs = sorted(_pairs(claims, asked), key=lambda p: (-p.score, p.one.line.rank))
    found: list[Conflict] = []
    used: set[Claim] = set()
    for pair in pairs:
        if pair.one in used or pair.other in used:
            continue
        conflict, members = _conflict(pair, pairs)
        if used & members:
            continue
        used |= members
        found.append(conflict)
    return tuple(found[:_MAX_CONFLICTS])


def _read_question(question: str) -> _Asked:
    terms = folded_terms(question)
    topic = frozenset(terms - _ASKING) or terms
    named = {fold(w) for n in names(question) for w in n.words if n.sure or n.start > 0}
    return _Asked(
        terms=frozenset() if _GENERIC.search(question) and not named else topic,
        names=frozenset(named & terms),
        wants=_wanted(question, topic),
    )


def _wanted(question: str, topic: frozenset[str]) -> frozenset[ConflictKind]:
    """The kinds of conflict that answer the question: all for "did", "is" and mere keywords."""
    wanted: set[ConflictKind] = set()
    if _WANTS_NUMBER.search(question):
        wanted |= {"value", "scope"}
    if _WANTS_TIME.search(question):
        wanted |= {"time"}
    if topic & _DECISIONS:
        wanted |= {"status"}
    if _WHAT_IS.search(question):
        wanted |= {"value", "time"}
    if _YES_OR_NO.search(question) or _GENERIC.search(question) or not _WH.search(question):
        wanted |= {"value", "scope", "time", "status"}
    return frozenset(wanted)


def _pairs(claims: Sequence[Claim], asked: _Asked) -> Iterator[_Pair]:
    compare: tuple[Callable[[Claim, Claim, _Asked], _Pair | None], ...] = (
        _compare_figures,
        _compare_statuses,
        _compare_times,
    )
    for i, one in enumerate(claims):
        for other in claims[i + 1 :]:
            if type(one.fact) is not type(other.fact) or _origin(one) == _origin(other):
                continue
            for judge in compare:
                pair = judge(one, other, asked)
                if pair is not None and pair.kind in asked.wants:
                    yield pair


def _origin(claim: Claim) -> str:
    article = claim.line.article
    return article.group_id or article.article_id


# Same topic?


def _shared(one: Claim, other: Claim, unit: frozenset[str]) -> float:
    """How alike the words beside two slots are, 0 to 1; 0 when only the counted noun is shared."""
    common = one.near & other.near
    if not common - unit:
        return 0.0
    both = weigh(one.near | unit) + weigh(other.near | unit)
    return 2 * weigh(common | unit) / both if both else 0.0


def _same_setting(one: Claim, other: Claim) -> bool:
    """True unless names or years tell the two sentences apart."""
    return _same_names(one, other) and _years_fit(one, other) and _years_fit(other, one)


def _same_names(one: Claim, other: Claim) -> bool:
    named = (one.clause_names, other.clause_names)
    if not (named[0] and named[1]):
        named = (one.names, other.names)
    only_here = named[0] - other.line.beside
    only_there = named[1] - one.line.beside
    if only_here and only_there:
        return False
    disjoint = bool(named[0] and named[1]) and not named[0] & named[1]
    return not (disjoint and (only_here or only_there))


def _years_fit(one: Claim, other: Claim) -> bool:
    """True if a year that only one of them names is the year in which its article appeared."""
    if not one.years or one.years & other.years:
        return True
    if other.years:
        return False
    day = one.line.article.day
    return day is not None and day.year in one.years


# Figures


def _compare_figures(one: Claim, other: Claim, asked: _Asked) -> _Pair | None:
    a, b = one.fact, other.fact
    if not isinstance(a, Quantity) or not isinstance(b, Quantity) or a.kind != b.kind:
        return None
    if not _units_fit(a, b) or not _same_setting(one, other):
        return None
    unit = frozenset({fold(a.unit), fold(b.unit)})
    if a.scope == b.scope and (_says_too(one, b) or _says_too(other, a)):
        return None
    score = _shared(one, other, unit)
    if {a.scope, b.scope} == {"each", "total"}:
        touches = (one.line.terms & other.line.terms & asked.terms) - unit
        return _Pair("scope", 1.0 + score, one, other) if score or touches else None
    if score < _MIN_SHARED or a.scope != b.scope or _agree(a, b):
        return None
    apart = _days_apart(one, other)
    if apart > _MAX_DAYS or (_compatible(a, b) and not apart):
        return None
    return _Pair("value", score, one, other)


def _says_too(claim: Claim, rival: Quantity) -> bool:
    """True if the claim's own sentence holds the other figure as well: it knows of both."""
    return any(
        isinstance(fact, Quantity) and fact.unit == rival.unit and _agree(fact, rival)
        for fact in claim.beside
    )


def _units_fit(a: Quantity, b: Quantity) -> bool:
    one, other = fold(a.unit), fold(b.unit)
    if one == other:
        return True
    if {a.scope, b.scope} == {"each", "total"} and (
        one in _GENERIC_UNITS or other in _GENERIC_UNITS
    ):
        return a.kind == "count"
    return "" in (one, other) or (one in _PERSONS and other in _PERSONS)


def _agree(a: Quantity, b: Quantity) -> bool:
    """True if the figures are the same, one a rounding of the other, or within a given range."""
    if a.high or b.high:
        low, high = max(a.value, b.value), min(a.high or a.value, b.high or b.value)
        return low <= high
    small, large = sorted((a.value, b.value))
    if small == large:
        return True
    loose = "about" in (a.bound, b.bound)
    if large and (large - small) / large <= (2 * _ROUNDING if loose else 0.0):
        return True
    return _rounds_to(a, b) or _rounds_to(b, a)


def _rounds_to(fine: Quantity, coarse: Quantity) -> bool:
    """True if ``coarse`` is ``fine`` with fewer digits: 3,506 and 3,500; never below 1,000."""
    if coarse.value < 1000:
        return False
    step = 10 ** (len(str(int(coarse.value))) - len(str(int(coarse.value)).rstrip("0") or "0"))
    return step > 1 and abs(fine.value - coarse.value) <= step / 2


def _compatible(a: Quantity, b: Quantity) -> bool:
    """True if both can be true at once: "more than 100" and 150."""
    for one, other in ((a, b), (b, a)):
        if one.bound in ("more", "at_least") and (
            other.value >= one.value or other.bound in ("more", "at_least")
        ):
            return True
        if one.bound in ("less", "up_to") and (
            other.value <= one.value or other.bound in ("less", "up_to")
        ):
            return True
    return False


def _days_apart(one: Claim, other: Claim) -> int:
    """Days between the two articles; 0 where one of them is undated."""
    a, b = one.line.article.day, other.line.article.day
    return abs((a - b).days) if a and b else 0


# Statuses


def _side(claim: Claim) -> str | None:
    """approved, pending or rejected; None where the words are too loose to take sides."""
    status = claim.fact
    if not isinstance(status, Status) or status.family != "decision":
        return None
    if _NOT_YET.search(claim.line.text[max(0, status.start - 30) : status.start]):
        return "pending"
    if status.stage in ("considering", "preliminary"):
        return "pending" if status.certainty != "denied" else None
    if status.stage == "conditional" or _GERUND_OR_NOUN.search(status.text):
        return None
    if status.rank == 3:
        return "approved" if status.certainty in ("stated", "reported") else "pending"
    return (
        "rejected"
        if status.rank == 0 and status.certainty in ("stated", "reported", "denied")
        else None
    )


_NOT_YET = re.compile(
    r"\b(?:not|n['\u2019]t)\s+yet\s|\byet to\s|\bstill (?:to|not)\s", re.IGNORECASE
)
_GERUND_OR_NOUN = re.compile(
    r"(?:ing|als?|ions?|ments?|clearances?|licen[sc]es?|consents|backs|bans?|blocks?|permits|passes)$",
    re.IGNORECASE,
)


def _compare_statuses(one: Claim, other: Claim, asked: _Asked) -> _Pair | None:
    sides = _side(one), _side(other)
    if None in sides or sides[0] == sides[1]:
        return None
    if one.actors and other.actors and not one.actors & other.actors:
        return None
    if not _same_setting(one, other):
        return None
    about = [frozenset(map(fold, c.fact.about)) for c in (one, other) if isinstance(c.fact, Status)]
    common = about[0] & about[1]
    topical = common & asked.terms if asked.terms else common
    if weigh(topical) < 0.5 or weigh(common) < 1.0:
        return None
    actors = (one.actors & other.actors) | asked.names
    acted = bool(one.actors & actors) + bool(other.actors & actors)
    return _Pair("status", 1.0 + acted + weigh(topical) / (weigh(asked.terms) or 1.0), one, other)


# Times


def _compare_times(one: Claim, other: Claim, asked: _Asked) -> _Pair | None:
    a, b = one.fact, other.fact
    if not isinstance(a, DateMention) or not isinstance(b, DateMention):
        return None
    if not clash(a, b) or not _same_names(one, other):
        return None
    if _days_apart(one, other) > _MAX_DAYS or _dated_too(one, b) or _dated_too(other, a):
        return None
    score = _shared(one, other, frozenset())
    return _Pair("time", score, one, other) if score >= _MIN_SHARED else None


def _dated_too(claim: Claim, rival: DateMention) -> bool:
    return any(
        isinstance(f, DateMention) and not clash(f, rival)
        for f in claim.beside
        if f is not claim.fact
    )


# A pair becomes a conflict


def _conflict(pair: _Pair, pairs: Sequence[_Pair]) -> tuple[Conflict, set[Claim]]:
    """The pair with every claim that is a rival of one of its sides, the same words merged."""
    members = [pair.one, pair.other]
    for more in pairs:
        if more.kind == pair.kind and {more.one, more.other} & {pair.one, pair.other}:
            members.extend(c for c in (more.one, more.other) if c not in members)
    sides: dict[str, list[Claim]] = {}
    for claim in members:
        sides.setdefault(_key(claim), []).append(claim)
    chosen = [_spokesman(same) for same in sides.values()]
    shown = sorted(chosen[:_MAX_POSITIONS], key=_by_date)
    conflict = Conflict(
        topic=_topic(pair),
        kind=pair.kind,
        positions=tuple(_position(claim) for claim in shown),
        note="; ".join(_notes(pair.kind, shown, sides)),
    )
    return conflict, set(members)


def _key(claim: Claim) -> str:
    fact = claim.fact
    if isinstance(fact, Quantity):
        return f"{fact.value:g} {fact.scope}"
    if isinstance(fact, Status):
        return _side(claim) or ""
    return f"{fact.year} {fact.month} {fact.day}"


def _spokesman(same: Sequence[Claim]) -> Claim:
    """Who speaks for those that say the same: the earliest dated, then the best ranked."""
    return min(
        same,
        key=lambda c: (
            *_by_date(c)[:2],
            not c.line.text.endswith((".", "\u201d", '"')),
            c.line.rank,
        ),
    )


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


def _topic(pair: _Pair) -> str:
    """The words of the better ranked line that both share, in its order."""
    one = min(pair.one, pair.other, key=lambda c: c.line.rank)
    other = pair.other if one is pair.one else pair.one
    words = [
        w
        for w in re.findall(r"[^\W\d_][\w'\u2019-]*", one.line.text)
        if folded_terms(w) and folded_terms(w) <= other.line.terms
    ]
    return " ".join(dict.fromkeys(words[:6])) or one.slot


def _notes(
    kind: ConflictKind, shown: Sequence[Claim], sides: Mapping[str, Sequence[Claim]]
) -> Iterator[str]:
    if kind == "scope":
        yield _arithmetic(sides)
    else:
        yield from _update(shown)
    for same in sides.values():
        first, rest = _spokesman(same), {c.line.article.article_id: c for c in same}
        rest.pop(first.line.article.article_id, None)
        if rest:
            outlets = sorted({c.line.article.outlet or "another article" for c in rest.values()})
            yield f"{first.slot}: also {', '.join(outlets)}"


def _update(shown: Sequence[Claim]) -> Iterator[str]:
    """The newest word, if every side is dated and one is clearly later, or a correction."""
    fixes = [c for c in shown if c.line.corrects]
    days = [c.line.article.day for c in shown]
    newest = shown[-1]
    later = None not in days and all(d < days[-1] for d in days[:-1])  # type: ignore[operator]
    chosen = fixes[-1] if fixes else newest if later else None
    if chosen is None:
        return
    what = "correction" if fixes else "update"
    outlet = chosen.line.article.outlet or "the later article"
    when = f" ({chosen.line.article.day})" if chosen.line.article.day else ""
    yield f"{what}: newer is {outlet}{when}, {chosen.slot}"


def _arithmetic(sides: Mapping[str, Sequence[Claim]]) -> str:
    claims = [c for same in sides.values() for c in same]
    each = [c for c in claims if isinstance(c.fact, Quantity) and c.fact.scope == "each"]
    total = [c for c in claims if isinstance(c.fact, Quantity) and c.fact.scope == "total"]
    counts = sorted({n for c in (*each, *total) if (n := n_parties(c))}, reverse=True)
    whole, part = total[0].fact, each[0].fact
    assert isinstance(whole, Quantity) and isinstance(part, Quantity)
    sums = [
        f"{n} x {part.value:,.0f} = {n * part.value:,.0f} "
        + ("fits" if n * part.value == whole.value else "does not fit")
        + f" {whole.value:,.0f}"
        for n in counts
    ]
    return "; ".join(["one figure is a total, the other is for each", *sums])
