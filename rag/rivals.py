"""Tells whether two claims are rivals: the same thing asked, another answer given.

Careful before complete: the words around the slot must be alike, the names and years in the two
sentences must be able to be the same, and neither sentence may hold the other's value as well.
Pure functions.

The thresholds were set on development news so that sets of true snippets and pairs of unrelated
articles raise no alarm; one altered snippet in five goes unseen for it.
"""

import math
import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from difflib import SequenceMatcher

from rag.agree import agree, comparable, compatible, measure, same
from rag.claims import Claim, Line, Pair, slot_claim
from rag.contrast import hoped, n_parties, same_width
from rag.facts import DateMention, Quantity, Status, clash, dates, quantities
from rag.figures import is_label
from rag.folding import fold, folded_terms, weigh
from rag.schema import ConflictKind

_MIN_SHARED = 0.45  # weighted Dice of the words beside two slots
_MIN_SHARED_TIME = 0.6  # the same beside two dates: much happens more than once
_MIN_SHARED_BARE = 0.8  # the same where a figure counts nothing that is named
_MIN_ALIKE = 0.8  # idf of the words that two sentences about a whole and its parts share
_MAX_DAYS = 31  # a figure that much later is another figure, no update of this one
GENERIC_UNITS = frozenset({"", "unit"})
_PERSONS = frozenset({"", "person", "victim"})
MIN_SAME_TERMS = 0.4  # of the terms of two sentences before they are aligned
_MIN_SAME_WORDS = 6
_MIN_SAME = 0.75  # of all words, when aligned
_NOT = re.compile(r"\s(?:not|never)(?:\syet)?(?=\s)|(?<=[a-z])n['\u2019]t(?=\s)")
_MAX_SLOT_WORDS = 5
_NAME_WORDS = re.compile(r"(?<!\S)[A-Z][\w'\u2019.-]*(?!\S)")
_WORDS = re.compile(r"\w[\w'\u2019.-]*\w|\w")


def compare(one: Claim, other: Claim, topic: frozenset[str]) -> Pair | None:
    """The pair if the claims are rivals on the topic (terms of the question; empty: any)."""
    if isinstance(one.fact, Quantity) and isinstance(other.fact, Quantity):
        return _compare_figures(one, other, one.fact, other.fact)
    if isinstance(one.fact, Status) and isinstance(other.fact, Status):
        return _compare_statuses(one, other, topic)
    if isinstance(one.fact, DateMention) and isinstance(other.fact, DateMention):
        return _compare_times(one, other, one.fact, other.fact)
    return None


# Same topic?


def _shared(one: Claim, other: Claim, unit: frozenset[str]) -> float:
    """How alike the words beside two slots are, 0 to 1, the counted noun left out."""
    here, there = one.near - unit, other.near - unit
    if not here & there:
        return 0.0
    held = weigh(here & other.line.terms) + weigh(there & one.line.terms)
    return held / (weigh(here) + weigh(there) or 1.0)


def _same_setting(one: Claim, other: Claim) -> bool:
    """True unless names or years tell the two sentences apart."""
    return _same_names(one, other) and _years_fit(one, other) and _years_fit(other, one)


def _same_names(one: Claim, other: Claim) -> bool:
    named = (one.clause_names, other.clause_names)
    if not (named[0] and named[1]):
        named = (one.names, other.names)
    shared = named[0] & named[1]
    if shared and 2 * len(shared) >= min(map(len, named)):
        return True
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
    return bool(day and day.year in one.years)


# Figures


def _compare_figures(one: Claim, other: Claim, a: Quantity, b: Quantity) -> Pair | None:
    if a.kind != b.kind or not _units_fit(a, b) or not _same_setting(one, other):
        return None
    unit = frozenset({fold(a.unit), fold(b.unit)} - {""})
    if {a.scope, b.scope} == {"each", "total"}:
        return _compare_scopes(one, other, unit)
    if (
        a.scope != b.scope
        or not _is_one_measure(one, other, a, b)
        or _says_too(one, b)
        or _says_too(other, a)
    ):
        return None
    apart = _days_apart(one.line, other.line)
    if apart > _MAX_DAYS or (compatible(a, b) and not apart):
        return None
    if not (same_width(one.line, other.line) and _hoped(one) == _hoped(other)):
        return None
    score = _shared(one, other, unit)
    enough = _MIN_SHARED_BARE if "" in (a.unit, b.unit) else _MIN_SHARED
    return Pair("value", score, one, other) if score >= enough else None


def _hoped(claim: Claim) -> bool:
    return hoped(claim.line, claim.fact.start, claim.fact.end)


def _is_one_measure(one: Claim, other: Claim, a: Quantity, b: Quantity) -> bool:
    """True if two figures are of one dimension and rate, and differ in it."""
    here, there = measure(one.line.text, a), measure(other.line.text, b)
    return comparable(here, there) and not same(here, there)


def _compare_scopes(one: Claim, other: Claim, unit: frozenset[str]) -> Pair | None:
    """A total against a figure for each; the number of those who share is no such figure."""
    for claim in (one, other):
        if isinstance(claim.fact, Quantity) and n_parties(claim) == claim.fact.value:
            return None
    alike = weigh((one.line.terms & other.line.terms) - unit)
    return Pair("scope", 1.0 + alike, one, other) if alike >= _MIN_ALIKE else None


def _says_too(claim: Claim, rival: Quantity) -> bool:
    """True if the claim's own sentence holds the other figure as well: it knows of both."""
    return any(
        isinstance(fact, Quantity)
        and (fact.unit == rival.unit or "" in (fact.unit, rival.unit))
        and agree(fact, rival)
        for fact in claim.beside
    )


def _units_fit(a: Quantity, b: Quantity) -> bool:
    one, other = fold(a.unit), fold(b.unit)
    if one == other:
        return True
    if {a.scope, b.scope} == {"each", "total"} and GENERIC_UNITS & {one, other}:
        return a.kind == "count"
    return "" in (one, other) or (one in _PERSONS and other in _PERSONS)


def _days_apart(one: Line, other: Line) -> int:
    """Days between the two articles; 0 where one of them is undated."""
    a, b = one.article.day, other.article.day
    return abs((a - b).days) if a and b else 0


# Statuses

_CLOSE = 30  # characters from the start of a name to the decision: "Beijing has approved"
_MIN_TOPICAL = 0.3  # share of the question's weight that both clauses must hold
_MIN_COMMON = 0.4  # share of the shorter clause's weight that the other must hold
DECISIONS = folded_terms(
    "approve approved approval allow allowed permit permitted permission clear cleared reject "
    "rejected ban banned block blocked decide decided decision agree agreed authorize authorized "
    "grant granted pass passed back backed vote voted license veto refuse deny accept"
)


def side_of(claim: Claim) -> str | None:
    """approved, pending or rejected; None where the words are too loose to take sides."""
    status = claim.fact
    if not isinstance(status, Status) or status.family != "decision":
        return None
    if _NOT_YET.search(claim.line.text[max(0, status.start - 30) : status.start]):
        return "pending"
    if status.stage in ("considering", "preliminary"):
        return "pending" if status.certainty != "denied" else None
    if (
        status.event == "oppos"
        or status.stage == "conditional"
        or _GERUND_OR_NOUN.search(status.text)
    ):
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


def _compare_statuses(one: Claim, other: Claim, topic: frozenset[str]) -> Pair | None:
    sides = side_of(one), side_of(other)
    if None in sides or sides[0] == sides[1]:
        return None
    if one.actors and other.actors and not one.actors & other.actors:
        return None
    if not _same_setting(one, other):
        return None
    common = one.words & other.words
    topical = weigh(common & topic) if topic else weigh(common)
    if not common - one.actors - other.actors or topical < _MIN_TOPICAL * weigh(topic - DECISIONS):
        return None
    if weigh(common) < _MIN_COMMON * min(weigh(one.words), weigh(other.words)):
        return None
    plain = sum(clearness(claim) for claim in (one, other))
    return Pair("status", 1.0 + plain + topical / (weigh(topic) or 1.0), one, other)


def clearness(claim: Claim) -> float:
    """How plainly a decision is told: by a verb, and close behind the name of who decides."""
    verb = not _GERUND_OR_NOUN.search(claim.slot) or claim.slot.lower() == "deciding"
    stated = isinstance(claim.fact, Status) and claim.fact.certainty in ("stated", "reported")
    whole = claim.line.text.endswith((".", "\u201d", '"'))
    return verb + stated + whole + (claim.gap <= _CLOSE)


# Times


def _compare_times(one: Claim, other: Claim, a: DateMention, b: DateMention) -> Pair | None:
    if not clash(a, b) or not _same_names(one, other):
        return None
    if _figures_part(one, other):
        return None  # a quarter point in March, half a point in May: two events
    if _days_apart(one.line, other.line) > _MAX_DAYS or _dated_too(one, b) or _dated_too(other, a):
        return None
    score = _shared(one, other, frozenset())
    return Pair("time", score, one, other) if score >= _MIN_SHARED_TIME else None


def _figures_part(one: Claim, other: Claim) -> bool:
    """True if the two sentences hold figures of one unit of which none is in both."""
    held = [[q for q in quantities(c.line.text) if q.kind != "ordinal"] for c in (one, other)]
    pairs = [(a, b) for a in held[0] for b in held[1] if (a.kind, a.unit) == (b.kind, b.unit)]
    return bool(pairs) and not any(agree(a, b) for a, b in pairs)


def _dated_too(claim: Claim, rival: DateMention) -> bool:
    return any(
        isinstance(f, DateMention) and not clash(f, rival)
        for f in claim.beside
        if f is not claim.fact
    )


# The same wording


def alike_lines(lines: Sequence[Line], least: float) -> Iterator[tuple[Line, Line]]:
    """The pairs of lines of different articles that share ``least`` of all their terms.

    Two such sets share one of the rarest terms of each (prefix filtering, Chaudhuri et al. 2006,
    "A primitive operator for similarity joins"), so only those are looked up.
    """
    counts = Counter(term for line in lines for term in line.terms)
    holding: dict[str, list[Line]] = {}
    for line in lines:
        rare = sorted(line.terms, key=lambda t: (counts[t], t))
        n_rare = len(rare) - math.ceil(least * len(rare) - 1e-9) + 1
        near = {one: None for term in rare[:n_rare] for one in holding.get(term, ())}
        for one in near:
            n_same = len(one.terms & line.terms)
            alike = n_same >= least * (len(one.terms) + len(line.terms) - n_same)
            if alike and one.article is not line.article:
                yield one, line
        for term in rare[:n_rare]:
            holding.setdefault(term, []).append(line)


def compare_wordings(one: Line, other: Line, wanted: Container[ConflictKind]) -> Pair | None:
    """Two sentences alike word for word but for one slot: a name, a figure or a date.

    All but names must be wanted.
    """
    alike = len(one.terms & other.terms) / (len(one.terms | other.terms) or 1)
    slots = _slots(one.text, other.text)
    if slots is None:
        return _compare_denials(one, other, alike) if "status" in wanted else None
    if is_label(one.text, *slots[0]) or is_label(other.text, *slots[1]):
        return None  # the numbers of two recalls, of two telephones
    kind = _rival_slots(one.text[slice(*slots[0])], other.text[slice(*slots[1])])
    apart = _days_apart(one, other)
    if kind is None or (kind == "number" and apart > _MAX_DAYS):
        return None
    claims = slot_claim(one, *slots[0]), slot_claim(other, *slots[1])
    if kind != "name" and ("time" if kind == "time" else "value") not in wanted:
        return None
    return Pair("time" if kind == "time" else "value", alike, *claims)


def _compare_denials(one: Line, other: Line, alike: float) -> Pair | None:
    """One sentence that says what the other denies, in the same words but for the tail."""
    for yes, no in ((one, other), (other, one)):
        denied = _NOT.search(no.text)
        if denied is None or _NOT.search(yes.text):
            continue
        plain = f"{no.text[: denied.start()]} {no.text[denied.end() :]}"
        said = [w.group().lower() for w in _WORDS.finditer(yes.text)]
        unsaid = [w.group().lower() for w in _WORDS.finditer(plain)]
        n_same = min(len(said), len(unsaid))
        if n_same >= _MIN_SAME_WORDS and said[:n_same] == unsaid[:n_same]:
            whole = [slot_claim(line, 0, len(line.text)) for line in (yes, no)]
            return Pair("status", alike, *whole)
    return None


def _slots(one: str, other: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Where the two texts differ, when that is one place and the rest is the same."""
    left, right = list(_WORDS.finditer(one)), list(_WORDS.finditer(other))
    steps = SequenceMatcher(
        None,
        [w.group().lower() for w in left],
        [w.group().lower() for w in right],
        autojunk=False,
    ).get_opcodes()
    same = sum(end - start for what, start, end, _, _ in steps if what == "equal")
    changed = [step for step in steps if step[0] != "equal"]
    if same < _MIN_SAME_WORDS or 2 * same < _MIN_SAME * (len(left) + len(right)) or not changed:
        return None
    (_, a, _, c, _), (_, _, b, _, d) = changed[0], changed[-1]
    if not (0 < b - a <= _MAX_SLOT_WORDS and 0 < d - c <= _MAX_SLOT_WORDS):
        return None
    return (left[a].start(), left[b - 1].end()), (right[c].start(), right[d - 1].end())


def _rival_slots(one: str, other: str) -> str | None:
    """number, time or name if the two slots hold that and cannot mean the same."""
    moments = dates(one), dates(other)
    if moments[0] and moments[1]:
        return "time" if clash(moments[0][0], moments[1][0]) else None
    figures = quantities(one), quantities(other)
    if figures[0] and figures[1]:
        a, b = figures[0][0], figures[1][0]
        return None if a.unit != b.unit or agree(a, b) or compatible(a, b) else "number"
    if moments[0] or moments[1] or figures[0] or figures[1]:
        return None
    one, other = one.replace(",", ""), other.replace(",", "")  # "Tampa, Florida"
    named = _NAME_WORDS.findall(one), _NAME_WORDS.findall(other)
    if len(named[0]) != len(one.split()) or len(named[1]) != len(other.split()):
        return None
    return "name" if _strangers(*named) else None


def _strangers(one: Sequence[str], other: Sequence[str]) -> bool:
    """False for one name in two forms: a word in common, or the letters that begin the other's."""
    if {fold(w) for w in one} & {fold(w) for w in other}:
        return False
    short = ["".join(w).replace(".", "").upper() for w in (one, other)]
    long = ["".join(w[0] for w in words).upper() for words in (one, other)]
    return short[0] != long[1] and short[1] != long[0]
