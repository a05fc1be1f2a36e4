"""Tells what each article puts into the place that a question leaves open, and who differs.

The question is the topic: an article answers it by one figure, day, name, or yes or no. Two
articles that answer it differently are rivals, however they word the rest; one whose text knows
the other's answer as well is none. Pure functions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.agree import Measure, comparable, compatible, is_converted, measure, same
from rag.causes import Cause, cause
from rag.claims import Claim, Line, Pair, is_aside, is_retracted, slot_claim
from rag.contrast import hoped, is_part, same_width
from rag.datings import Dating, datings
from rag.facts import Quantity, dates, quantities
from rag.folding import fold, kindred, weigh
from rag.namings import ALONE, Naming, naming, same_name
from rag.schema import ConflictKind
from rag.sought import NAMED_KINDS, PERSONS, Sought, Topic
from rag.states import Stand, stand

_MAX_DAYS = 31  # apart: what is told that much later is another thing
_LONG_AGO = 731  # days: a date that far before its article is no other date of this month's news
_MIN_OWN = 0.1  # share of the question's weight that the sentence itself must hold
_MIN_OWN_NAMED = 0.55  # the same where a name is sought: every sentence is full of names
_MIN_OWN_ALONE = 0.68  # the same where it tells what was done in other words
_MIN_WIDE_NAMED = 0.65
_MIN_REACH = 0.35  # the same with what the sentence before and the title hold, at a discount
_BESIDE = 0.6
_RETRACTED = re.compile(r"\b(?:not|instead of|rather than)\s$", re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?P<half>[ap])\.?m\b", re.IGNORECASE
)
# "The rescue service said on Wednesday": a day of telling, not of what happened.
_TOLD_ON = re.compile(
    r"\b(?:said|says|told|announced|reported|stated|wrote|confirmed)(?:\s[\w.'\u2019]+){0,2}?"
    r"(?:\s(?:on|late|early|late on|early on))?\s$",
    re.IGNORECASE,
)
_TELLING = frozenset(
    kindred(fold(w)) for w in "say tell announce report state write confirm publish".split()
)
_MIN_WIDE = 0.55  # the same with title and passage
_MIN_NAMED = 0.5  # share of the names' weight that the article must hold
_MAX_APART = 0.45  # of the question's weight that one article holds and the other does not
_PLAIN = 0.5  # of two names at least one must stand where the answer stands
_LOOSE = frozenset({"money", "percent", "count"})  # much is counted in them
_MAX_APART_FIGURE = 0.15  # the same where no counted noun tells what a figure is of


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day in minutes."""

    minute: int


@dataclass(frozen=True, slots=True)
class Filled:
    """What one article answers: the line, the place in it, and what that comes to."""

    line: Line
    start: int
    end: int
    value: Measure | Dating | Clock | Naming | Cause | Stand
    score: float


def slot_pairs(topic: Topic, lines: Sequence[Line]) -> Iterator[Pair]:
    """Pairs of articles that answer the question differently."""
    sought = topic.sought
    if not sought.kind or sought.many or not topic.weight:
        return
    best, rest = _answers(topic, lines)
    said = _said(list(best.values()))
    claims = {f: slot_claim(f.line, f.start, f.end, said[f]) for f in said}
    for one, other in combinations(best.values(), 2):
        score = 1.0 + min(one.score, other.score)
        if said[one] != said[other] and _differ(one, other, topic, rest):
            yield Pair(_KIND[sought.kind], score, claims[one], claims[other])
        elif _restated(one, other) and same_topic(one.line, other.line, topic):
            yield Pair("scope", score / 2, *(_in_its_unit(f) for f in (one, other)))


def _answers(
    topic: Topic, lines: Sequence[Line]
) -> tuple[dict[str, Filled], dict[str, list[Filled]]]:
    """The best answer of each article, and all that it could be, by article_id."""
    best: dict[str, Filled] = {}
    rest: dict[str, list[Filled]] = {}
    for line in lines:
        held = _held(line, topic)
        if held is None or is_retracted(line):
            continue
        for filled in _fill(line, topic, held):
            key = line.article.article_id
            rest.setdefault(key, []).append(filled)
            if key not in best or filled.score > best[key].score:
                best[key] = filled
    return best, rest


def _restated(one: Filled, other: Filled) -> bool:
    """True for one figure in two units, or by the day and by the week."""
    a, b = one.value, other.value
    if not (isinstance(a, Measure) and isinstance(b, Measure)) or a.dimension != b.dimension:
        return False
    if a.rate and b.rate and a.rate != b.rate:
        return a.figure.kind == b.figure.kind
    return comparable(a, b) and same(a, b) and is_converted(a, b)


def _in_its_unit(one: Filled) -> Claim:
    assert isinstance(one.value, Measure)
    said = f"{one.value.value:g} {one.value.unit} {one.value.rate}"
    return slot_claim(one.line, one.start, one.end, said)


_KIND: dict[str, ConflictKind] = {
    "figure": "value",
    "time": "time",
    "person": "value",
    "place": "value",
    "name": "value",
    "cause": "value",
    "yesno": "status",
}


def _held(line: Line, topic: Topic) -> float | None:
    """The share of the question that the line holds; None if its article does not bear on it."""
    own = topic.held(line.terms)
    if not own or topic.share(own) < _MIN_OWN:
        return None  # most lines
    named = topic.sought.kind in NAMED_KINDS
    if named and topic.share(topic.held(line.terms, whole_names=False)) < _MIN_OWN_NAMED:
        return None
    beside = own | topic.held(line.beside)
    reach = topic.share(own) + _BESIDE * topic.share(beside - own)
    if reach < _MIN_REACH:
        return None
    wide = beside | topic.held(line.told)
    if topic.share(wide) < (_MIN_WIDE_NAMED if named else _MIN_WIDE):
        return None
    missing = weigh(topic.sought.names - wide)
    return None if missing > (1 - _MIN_NAMED) * weigh(topic.sought.names) else reach


def _fill(line: Line, topic: Topic, held: float) -> Iterator[Filled]:
    sought = topic.sought
    score = held - 0.01 * line.rank
    if sought.kind == "figure":
        yield from _figures(line, sought, score)
    elif sought.kind == "time":
        yield from _clocks(line, score) if sought.clock else _times(line, sought, score)
    elif sought.kind == "cause":
        given = cause(line, sought)
        if given:
            yield Filled(line, given.start, given.end, given, score)
    elif sought.kind == "yesno":
        yield from _stands(line, sought, score)
    else:
        found = naming(line, sought)
        own = topic.held(line.terms, whole_names=False)
        if found and (found.plain > ALONE or topic.share(own) >= _MIN_OWN_ALONE):
            yield Filled(line, found.start, found.end, found, score + 0.5 * found.plain)


def _figures(line: Line, sought: Sought, score: float) -> Iterator[Filled]:
    for figure in quantities(line.text):
        if (
            figure.kind == "ordinal"
            or is_aside(line.text, figure)
            or is_part(line, figure.start, figure.end)
        ):
            continue
        read = measure(line.text, figure)
        fits = _fits(read, sought, line)
        if fits > 0:
            yield Filled(line, figure.start, figure.end, read, score + fits)


def _fits(read: Measure, sought: Sought, line: Line) -> float:
    """How well a figure is of the sort asked for, 0 to 1; 0: not at all."""
    money = read.dimension.isupper() and len(read.dimension) == 3
    dimension = "money" if money else read.dimension
    if sought.dimensions and dimension not in sought.dimensions:
        return 0.0
    if dimension != "count" or not sought.counted:
        return 0.5
    unit = kindred(fold(read.figure.unit)) if read.figure.unit else ""
    if unit in sought.counted or (unit in PERSONS and sought.counted & PERSONS):
        return 1.0
    if not unit:
        return 0.5
    other = not sought.counted & PERSONS and sought.verb and sought.verb in map(kindred, line.terms)
    return 0.25 if other else 0.0


def _times(line: Line, sought: Sought, score: float) -> Iterator[Filled]:
    of_telling = bool(sought.topic & _TELLING)
    for dating in datings(line.text, line.article.day):
        said = [
            m
            for m in dates(line.text)
            if dating.start <= m.start < dating.end
            and (of_telling or not _TOLD_ON.search(line.text, max(0, m.start - 60), m.start))
        ]
        if said:
            yield Filled(line, said[0].start, said[0].end, dating, score)


def _clocks(line: Line, score: float) -> Iterator[Filled]:
    for match in _CLOCK.finditer(line.text):
        hour = int(match["hour"]) % 12 + 12 * (match["half"].lower() == "p")
        minute = 60 * hour + int(match["minute"] or 0)
        yield Filled(line, match.start(), match.end(), Clock(minute), score)


def _stands(line: Line, sought: Sought, score: float) -> Iterator[Filled]:
    for matter, wants_yes in sought.matters:
        found = stand(line.text, matter, ahead=sought.ahead)
        if found:
            side = (
                found.side
                if wants_yes or found.side == "open"
                else ("no" if found.side == "yes" else "yes")
            )
            yield Filled(line, found.start, found.end, Stand(side, found.start, found.end), score)
            return


def _said(filled: Sequence[Filled]) -> dict[Filled, str]:
    """What each comes to, one text for all that agree."""
    leaders: list[Filled] = []
    said: dict[Filled, str] = {}
    for one in filled:
        leader = next((o for o in leaders if _agree(one, o)), None)
        if leader is None:
            leaders.append(one)
            leader = one
        value = leader.value
        said[one] = (  # of a figure as the other ways of comparing write it, so that they merge
            f"{value.figure.value:g} {value.figure.scope}"
            if isinstance(value, Measure)
            else f"answer {leaders.index(leader)}"
        )
    return said


def _agree(one: Filled, other: Filled) -> bool:
    a, b = one.value, other.value
    if isinstance(a, Measure) and isinstance(b, Measure):
        return not comparable(a, b) or same(a, b)
    if isinstance(a, Dating) and isinstance(b, Dating):
        return _same_day(a, b)
    if isinstance(a, Naming) and isinstance(b, Naming):
        return same_name(a, b)
    if isinstance(a, Cause) and isinstance(b, Cause):
        return bool(a.words & b.words)
    if isinstance(a, Clock) and isinstance(b, Clock):
        return a == b
    return isinstance(a, Stand) and isinstance(b, Stand) and a.side == b.side


def _same_day(a: Dating, b: Dating) -> bool:
    if a.precision == "year" or b.precision == "year":
        return a.day.year == b.day.year
    if a.precision == "month" or b.precision == "month":
        return (a.day.year, a.day.month) == (b.day.year, b.day.month)
    return a.day == b.day


def _differ(one: Filled, other: Filled, topic: Topic, rest: dict[str, list[Filled]]) -> bool:
    if max(_plainness(one), _plainness(other)) < _PLAIN:
        return False
    if _agree(one, other) or _days_apart(one.line, other.line) > _MAX_DAYS:
        return False
    if _knows(one, other, rest) or _knows(other, one, rest):
        return False
    if not same_topic(one.line, other.line, topic) or _is_history(one, other):
        return False
    if isinstance(one.value, Measure) and isinstance(other.value, Measure):
        return _figures_differ(one, other, one.value.figure, other.value.figure)
    return True


def _is_history(one: Filled, other: Filled) -> bool:
    """True if one tells the news of its day and the other what was long past: two events."""
    ages = []
    for filled in (one, other):
        told = filled.line.article.day
        if not isinstance(filled.value, Dating) or told is None:
            return False
        ages.append((told - filled.value.day).days)
    return min(map(abs, ages)) <= _MAX_DAYS and max(ages) > _LONG_AGO


def _plainness(one: Filled) -> float:
    return one.value.plain if isinstance(one.value, Naming) else 1.0


def _figures_differ(one: Filled, other: Filled, a: Quantity, b: Quantity) -> bool:
    if "each" in (a.scope, b.scope) and a.scope != b.scope:
        return False
    if compatible(a, b) and not _days_apart(one.line, other.line):
        return False
    return same_width(one.line, other.line) and _hoped(one) == _hoped(other)


def _hoped(one: Filled) -> bool:
    return hoped(one.line, one.start, one.end)


def _knows(one: Filled, other: Filled, rest: dict[str, list[Filled]]) -> bool:
    """True if an article has the other's answer as well."""
    if isinstance(other.value, Naming):
        return other.value.words <= one.line.told
    if isinstance(other.value, Cause):
        return not other.value.words.isdisjoint(map(kindred, one.line.told))
    if isinstance(other.value, Measure) and other.value.figure.value in _values(one.line):
        return True
    return any(_agree(mine, other) for mine in rest[one.line.article.article_id])


def _values(line: Line) -> set[float]:
    read = ((q, line.text[max(0, q.start - 16) : q.start]) for q in quantities(line.text))
    return {q.value for q, before in read if not _RETRACTED.search(before)}


def same_topic(one: Line, other: Line, topic: Topic) -> bool:
    """True unless one article lacks much of the question that the other one holds."""
    sought = topic.sought
    held = [topic.held(line.told) for line in (one, other)]
    if sought.verb and not (_has(sought.verb, one) and _has(sought.verb, other)):
        return False
    exact = sought.kind == "figure" and not sought.counted
    exact = exact and bool(sought.dimensions) and sought.dimensions <= _LOOSE
    most = _MAX_APART_FIGURE if exact else _MAX_APART
    return weigh(held[0] ^ held[1]) <= most * topic.weight


def _has(verb: str, line: Line) -> bool:
    """True if the line or what leads to it has the verb, or a word made of it: score, scorer."""
    begin = verb[: max(4, len(verb) - 2)]
    return any(kindred(t) == verb or t.startswith(begin) for t in line.beside)


def _days_apart(one: Line, other: Line) -> int:
    """Days between the two articles; 0 where one of them is undated."""
    a, b = one.article.day, other.article.day
    return abs((a - b).days) if a and b else 0
