"""Ground tool: the facts of a claim held against its source: figures, dates, names, quotes.

Each check returns what it finds to differ, in plain words. A check is silent where it does not
know: a miss costs less than a false alarm on a fair paraphrase.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from rag.background import load_background
from rag.facts import (
    NOT_NAMES,
    TITLES,
    DateMention,
    Name,
    Quantity,
    clash,
    dates,
    names,
    plain,
    quantities,
)
from rag.pair import Finding, Gravity, Pair
from rag.text import stem
from rag.words import known_as, root

# A sentence of news has a handful of each; the limits only bound what hostile text can cost.
_MAX_CLAIMED = 60
_MAX_FACTS = 400
_MAX_WEDGE = 4  # words of a name between two others
_LOWER = frozenset({"more", "at_least"})
_UPPER = frozenset({"up_to", "less"})
_ANY_UNIT = frozenset({"", "unit", "piec", "item", "number", "total"})
_COUNTED_ON_FINGERS = frozenset("two three four five".split())  # of a list that is not counted


def check_figures(pair: Pair) -> Iterator[Finding]:
    """Figures that the source does not give, or gives with another bound, scope or unit."""
    given = quantities(pair.source)[:_MAX_FACTS]
    claimed = quantities(pair.claim)[:_MAX_CLAIMED]
    spare = [q for q in given if not any(same_value(c, q) for c in claimed)]
    for quantity in claimed:
        equal = [q for q in given if same_value(quantity, q)]
        if equal:
            yield from _dressing(pair, quantity, equal)
        elif not _in_words(quantity, pair):
            yield _absent_figure(pair, quantity, [q for q in spare if _rivals(quantity, q, pair)])


def same_value(one: Quantity, other: Quantity) -> bool:
    """True if two figures say the same, rounding and "about" allowed for."""
    if (one.kind == "ordinal") != (other.kind == "ordinal"):
        return False
    if "%" in (one.unit, other.unit) and one.unit != other.unit:
        return False
    low, high = sorted((one, other), key=lambda q: q.high is not None)
    if high.high is not None and low.high is None:
        return high.value <= low.value <= high.high
    if one.high != other.high:
        return False
    slack = 0.05 if "about" in (one.bound, other.bound) else 0.001
    if abs(one.value - other.value) <= slack * max(abs(one.value), abs(other.value)):
        return True
    return _rounds_to(one, other)


def _rounds_to(claimed: Quantity, given: Quantity) -> bool:
    """True for 572,206 told as "more than 500,000" or 11,072 told as 11,000, in one unit."""
    if claimed.kind != given.kind or claimed.value < 100 or claimed.value % 100:
        return False
    over = given.value / claimed.value
    if claimed.bound in _LOWER:
        return 1 < over < 1.25
    if claimed.bound in _UPPER:
        return 0.8 < over < 1
    return abs(over - 1) <= 0.015 and given.value % 100 != 0


def _dressing(pair: Pair, quantity: Quantity, equal: Sequence[Quantity]) -> Iterator[Finding]:
    """What surrounds a figure that the source gives: bound, scope."""
    if not any(_bounds_agree(quantity, q) for q in equal):
        theirs = equal[0]
        opposed = {quantity.bound, theirs.bound}
        hard = bool(opposed & _LOWER) and bool(opposed & _UPPER)
        reason = f"the source says {_said(theirs)}, not {_said(quantity)}"
        yield _at(pair, "hard" if hard else "firm", "bound", reason, (quantity.start, theirs.start))
    scopes = {q.scope for q in equal}
    if quantity.scope and quantity.scope not in scopes:
        other = next((s for s in scopes if s), None)
        reason = f"the source says {quantity.text} " + (
            f"{_SCOPE[other]}, not " if other else "without "
        )
        where = (quantity.start, equal[0].start)
        yield _at(
            pair, "hard" if other else "firm", "scope", reason + _SCOPE[quantity.scope], where
        )


def _at(pair: Pair, gravity: Gravity, kind: str, reason: str, where: tuple[int, int]) -> Finding:
    """A difference between a character of the claim and one of the source; -1 is none."""
    mine, theirs = where
    at = pair.at(mine) if mine >= 0 else -1
    return pair.finding(
        gravity, kind, reason, at, pair.at(theirs, source=True) if theirs >= 0 else -1
    )


_SCOPE = {"each": "each", "total": "in total"}
_SAID = {
    "more": "more than ",
    "at_least": "at least ",
    "up_to": "up to ",
    "less": "less than ",
    "about": "about ",
}


def _said(quantity: Quantity) -> str:
    return _SAID.get(quantity.bound, "") + quantity.text


def _bounds_agree(one: Quantity, other: Quantity) -> bool:
    if one.bound == other.bound or "about" in (one.bound, other.bound):
        return True
    return {one.bound, other.bound} in ({"more", "at_least"}, {"up_to", "less"})


def _in_words(quantity: Quantity, pair: Pair) -> bool:
    """True if the same digits stand in the source or its article's own data as a word."""
    digits = re.sub(r"\D", "", quantity.text)
    if quantity.kind == "ordinal" or quantity.text.lower() in ("one", "two"):
        return stem(quantity.text) in pair.source_roots or root(quantity.text) in pair.source_roots
    plain = quantity.kind == "count" and digits and quantity.value == float(digits)
    return bool(plain) and digits in pair.source_roots


def _rivals(claimed: Quantity, given: Quantity, pair: Pair) -> bool:
    """True if the source gives this figure where the claim gives another."""
    if claimed.kind != given.kind:
        return False
    units = {root(claimed.unit), root(given.unit)}
    if units & _ANY_UNIT:
        if min(claimed.value, given.value) >= 100:
            return True
    elif len(units) == 1:
        return True
    place = pair.at(given.start, source=True)
    first = pair.at(claimed.start)
    slot = pair.slot(first, max(first + 1, pair.at(claimed.end)))
    return slot is not None and slot[0] <= place < slot[1]


def _absent_figure(pair: Pair, quantity: Quantity, rivals: Sequence[Quantity]) -> Finding:
    if rivals:
        listed = ", ".join(dict.fromkeys(q.text for q in rivals[:3]))
        reason = f"{quantity.text} is not in the source: {listed}"
        return _at(pair, "hard", "number", reason, (quantity.start, rivals[0].start))
    counted = quantity.kind == "ordinal" or quantity.text.lower() in _COUNTED_ON_FINGERS
    reason = f"{quantity.text} is not in the source"
    return _at(pair, "soft" if counted else "firm", "number", reason, (quantity.start, -1))


def check_dates(pair: Pair, today: date | None) -> Iterator[Finding]:
    """Dates that the source does not give; ``today`` is the day its article was published."""
    given = dates(pair.source, today)[:_MAX_FACTS]
    for mention in dates(pair.claim, today)[:_MAX_CLAIMED]:
        if any(_same_date(mention, o, today) for o in given) or _is_day(mention, today):
            continue
        rivals = [o for o in given if _comparable(mention, o) or _replaces(pair, mention, o)]
        if rivals:
            reason = f"{mention.text} is not in the source: {rivals[0].text}"
            yield _at(pair, "hard", "date", reason, (mention.start, rivals[0].start))
        elif mention.text.lower() not in pair.source.lower():
            mild = mention.relative or mention.text in pair.known
            reason = f"{mention.text} is not in the source"
            yield _at(pair, "soft" if mild else "firm", "date", reason, (mention.start, -1))


def _same_date(one: DateMention, other: DateMention, today: date | None) -> bool:
    if not clash(one, other) and _comparable(one, other):
        return True
    return any(_tells_day(a, b, today) for a, b in ((one, other), (other, one)))


def _tells_day(loose: DateMention, exact: DateMention, today: date | None) -> bool:
    """True for "Friday" or "last week" of an article told as the day of the month.

    A weekday is the last one or the next one: "will vote on Friday" looks ahead.
    """
    if today is None or exact.month is None or exact.day is None:
        return False
    years = (exact.year,) if exact.year else (today.year - 1, today.year, today.year + 1)
    days = [date(y, exact.month, exact.day) for y in years if (exact.month, exact.day) != (2, 29)]
    day = exact.first or min(days, key=lambda d: abs((d - today).days), default=None)
    if day is None:
        return False
    if loose.weekday is not None:
        return day.weekday() == loose.weekday and abs((day - today).days) <= 8
    return bool(loose.relative and loose.first and loose.last and loose.first <= day <= loose.last)


def _comparable(one: DateMention, other: DateMention) -> bool:
    if one.first and other.first:
        return True
    if one.relative or other.relative:
        return one.relative[-4:] == other.relative[-4:]  # week, onth, year
    parts = ("year", "month", "day", "weekday")
    return any(None not in (getattr(one, p), getattr(other, p)) for p in parts)


def _replaces(pair: Pair, claimed: DateMention, given: DateMention) -> bool:
    """True if the source gives this date exactly where the claim gives another."""
    first = pair.at(claimed.start)
    slot = pair.slot(first, max(first + 1, pair.at(claimed.end)))
    place = pair.at(given.start, source=True)
    return slot is not None and slot[0] <= place < slot[1]


def _is_day(mention: DateMention, today: date | None) -> bool:
    """True if the date holds the day of publication."""
    if today is None or mention.relative or mention.weekday is not None:
        return False
    parts = ((mention.year, today.year), (mention.month, today.month), (mention.day, today.day))
    return all(mine in (None, theirs) for mine, theirs in parts)


def check_names(pair: Pair) -> Iterator[Finding]:
    """Names that the source does not give, or gives in another's place."""
    acronyms = _acronyms(names(pair.source))
    for name in names(pair.claim)[:_MAX_CLAIMED]:
        if not (name.sure or load_background().is_name(stem(name.words[0]))):
            continue
        if name.text in pair.source:  # "IRS.gov", which no two readings cut alike
            continue
        absent = [w for w in name.words if not _held(w, pair.source_roots, acronyms)]
        if not absent or _spelt_out(name, pair.source_roots):
            continue
        other = _in_its_place(pair, name, frozenset(absent))
        missing = " ".join(w for w in name.text.split(" ") if plain(w) in absent)
        if other:
            reason = f"the source says {other}, not {missing}"
            place = pair.source.find(other.split(" ")[0])
            yield _at(pair, "hard", "name", reason, (name.start, place))
        elif any(not _held(w, pair.known_roots, frozenset()) for w in absent):
            reason = f"{missing} is not in the source"
            yield _at(pair, "firm", "name", reason, (name.start, -1))


def check_wedged_names(pair: Pair) -> Iterator[Finding]:
    """Names of another sentence that stand exactly where the nearest one has another name."""
    one = pair.nearest
    for name in names(pair.claim)[:_MAX_CLAIMED] if one is not pair else ():
        first, last = one.at(name.start), one.at(name.end)
        if not 0 < first < last < len(one.words) or max(one.places[first:last]) >= 0:
            continue
        left, right = one.places[first - 1], one.places[last]
        if left < 0 or not 1 <= right - left - 1 <= _MAX_WEDGE or not one.words[last].weight:
            continue
        inside = one.source_words[left + 1 : right]
        theirs = [t.text for t in inside if t.text[0].isupper() and t.weight]
        if theirs and not any(t.root in one.roots for t in inside if t.weight):
            reason = f"the source says {' '.join(theirs)}, not {name.text}"
            yield one.finding("hard", "name", reason, first, left + 1)


@lru_cache(maxsize=20_000)
def _root_of(word: str) -> str:
    return root(stem(word))


def _held(word: str, roots: frozenset[str], acronyms: frozenset[str]) -> bool:
    wanted = _root_of(word)
    if wanted in roots or word in acronyms or "-" in word:
        return (
            wanted in roots
            or word in acronyms
            or all(_held(part, roots, acronyms) for part in word.split("-") if part)
        )
    return len(wanted) > 4 and (wanted + "n" in roots or wanted.removesuffix("n") in roots)


def _acronyms(given: Sequence[Name]) -> frozenset[str]:
    """The initials of every name of several words: "World Health Organization" is "who"."""
    return frozenset("".join(w[0] for w in n.words) for n in given if len(n.words) > 1)


def _spelt_out(name: Name, roots: frozenset[str]) -> bool:
    short = known_as(name.words) or "".join(w[0] for w in name.words)
    return len(short) > 1 and (short in roots or root(short) in roots)


def _in_its_place(pair: Pair, name: Name, absent: frozenset[str]) -> str | None:
    """The capitalised words that the source has where the claim has those that it lacks."""
    first, last = pair.at(name.start), pair.at(name.end)
    while first < last and plain(pair.words[first].text) not in absent:
        first += 1
    while last > first and plain(pair.words[last - 1].text) not in absent:
        last -= 1
    slot = pair.slot(first, max(first + 1, last)) if first < len(pair.words) else None
    if slot is None:
        return None
    background = load_background()
    words = [
        t.text
        for t in pair.source_words[slot[0] : slot[1]]
        if t.text[0].isupper() and t.weight and t.root not in pair.roots
        and plain(t.text) not in TITLES | NOT_NAMES and background.is_name(stem(t.text))
    ]  # fmt: skip
    return " ".join(words) or None
