"""Ground tool: the facts of a claim held against its source: figures, dates, names, quotes.

Each check returns what it finds to differ, in plain words. A check is silent where it does not
know: a miss costs less than a false alarm on a fair paraphrase.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from rag.align import coverage
from rag.background import load_background
from rag.facts import (
    NOT_NAMES,
    TITLES,
    DateMention,
    Name,
    Quantity,
    Status,
    clash,
    dates,
    names,
    plain,
    quantities,
    quotes,
    statuses,
)
from rag.pair import Finding, Gravity, Pair
from rag.text import stem
from rag.words import known_as, root

# A sentence of news has a handful of each; the limits only bound what hostile text can cost.
_MAX_CLAIMED = 60
_MAX_FACTS = 400
_LOWER = frozenset({"more", "at_least"})
_UPPER = frozenset({"up_to", "less"})
_ANY_UNIT = frozenset({"", "unit", "piec", "item", "number", "total"})
_COUNTED_ON_FINGERS = frozenset("two three four five".split())  # of a list that is not counted


def check_figures(pair: Pair) -> Iterator[Finding]:
    """Figures that the source does not give, or gives with another bound, scope or unit."""
    given = quantities(pair.source)[:_MAX_FACTS]
    claimed = quantities(pair.claim)[:_MAX_CLAIMED]
    spare = [q for q in given if not any(_same_value(c, q) for c in claimed)]
    for quantity in claimed:
        equal = [q for q in given if _same_value(quantity, q)]
        if equal:
            yield from _dressing(quantity, equal)
        elif not _in_words(quantity, pair):
            yield _absent_figure(quantity, [q for q in spare if _rivals(quantity, q, pair)])


def _same_value(one: Quantity, other: Quantity) -> bool:
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


def _dressing(quantity: Quantity, equal: Sequence[Quantity]) -> Iterator[Finding]:
    """What surrounds a figure that the source gives: bound, scope."""
    if not any(_bounds_agree(quantity, q) for q in equal):
        theirs = equal[0]
        opposed = {quantity.bound, theirs.bound}
        hard = bool(opposed & _LOWER) and bool(opposed & _UPPER)
        yield Finding(
            gravity="hard" if hard else "firm",
            kind="bound",
            reason=f"the source says {_said(theirs)}, not {_said(quantity)}",
        )
    scopes = {q.scope for q in equal}
    if quantity.scope and quantity.scope not in scopes:
        other = next((s for s in scopes if s), None)
        yield Finding(
            gravity="hard" if other else "firm",
            kind="scope",
            reason=f"the source says {quantity.text} "
            + (f"{_SCOPE[other]}, not " if other else "without ")
            + _SCOPE[quantity.scope],
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


def _absent_figure(quantity: Quantity, rivals: Sequence[Quantity]) -> Finding:
    if rivals:
        listed = ", ".join(dict.fromkeys(q.text for q in rivals[:3]))
        reason = f"{quantity.text} is not in the source: {listed}"
        return Finding(gravity="hard", kind="number", reason=reason)
    counted = quantity.kind == "ordinal" or quantity.text.lower() in _COUNTED_ON_FINGERS
    reason = f"{quantity.text} is not in the source"
    return Finding(gravity="soft" if counted else "firm", kind="number", reason=reason)


def check_dates(pair: Pair, today: date | None) -> Iterator[Finding]:
    """Dates that the source does not give; ``today`` is the day its article was published."""
    given = dates(pair.source, today)[:_MAX_FACTS]
    for mention in dates(pair.claim, today)[:_MAX_CLAIMED]:
        if any(_same_date(mention, other) for other in given) or _is_day(mention, today):
            continue
        rivals = [o for o in given if _comparable(mention, o) or _replaces(pair, mention, o)]
        if rivals:
            yield Finding(
                gravity="hard",
                kind="date",
                reason=f"{mention.text} is not in the source: {rivals[0].text}",
            )
        elif mention.text.lower() not in pair.source.lower():
            mild = mention.relative or mention.text in pair.known
            yield Finding(
                gravity="soft" if mild else "firm",
                kind="date",
                reason=f"{mention.text} is not in the source",
            )


def _same_date(one: DateMention, other: DateMention) -> bool:
    return not clash(one, other) and _comparable(one, other)


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
        absent = [w for w in name.words if not _held(w, pair.source_roots, acronyms)]
        if not absent or _spelt_out(name, pair.source_roots):
            continue
        other = _in_its_place(pair, name, frozenset(absent))
        missing = " ".join(w for w in name.text.split(" ") if plain(w) in absent)
        if other:
            reason = f"the source says {other}, not {missing}"
            yield Finding(gravity="hard", kind="name", reason=reason)
        elif any(not _held(w, pair.known_roots, frozenset()) for w in absent):
            reason = f"{missing} is not in the source"
            yield Finding(gravity="firm", kind="name", reason=reason)


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
    theirs = _speakers(pair.source)
    spoken = {_root_of(w) for name in theirs for w in name.words}
    for name in _speakers(pair.claim)[:_MAX_CLAIMED]:
        if theirs and not any(_root_of(w) in spoken for w in name.words) and name.sure:
            # Sources that speak of other things have other speakers: only a close one refutes.
            close = coverage(pair.words, pair.source_roots) >= 0.6
            yield Finding(
                gravity="hard" if close else "firm",
                kind="speaker",
                reason=f"the source gives these words to {theirs[-1].text}, not {name.text}",
            )


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
        yield Finding(
            gravity="soft" if elsewhere else invented,
            kind="quote",
            reason=f"these words are not in the source: \u201c{words}\u201d",
        )


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
    if claimed.rank == given.rank:
        hard = claimed.rank == 3 and claimed.certainty == "stated"
        yield Finding(gravity="hard" if hard else "firm", kind="certainty", reason=named)
    elif ranks in ((3, 2), (2, 3)):
        left = pair.claim[max(0, claimed.start - 40) : claimed.start].lower()
        final = re.search(r"\b(?:final|full|fully|unconditional\w*|outright)\b", left)
        yield Finding(gravity="hard" if final else "firm", kind="status", reason=named)
    elif claimed.family == "completion" and 0 not in ranks:
        yield Finding(gravity="firm", kind="status", reason=named)
    else:
        yield Finding(gravity="hard", kind="status", reason=named)


def _words(status: Status) -> str:
    sure = {"possible": "may be ", "expected": "expected to be "}.get(status.certainty, "")
    return sure + (status.text if status.stage == "planned" else status.stage)
