"""Ground tool: who did it to whom: two that changed places, in active and passive.

A verb that both sides share is laid out with what stands left and right of it; "was ... by" turns
the two round. So "B was sued by A" agrees with "A sued B", and "A was sued by B" does not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.align import Term, coverage
from rag.facts import names
from rag.pair import Finding, Pair

_STOPS = frozenset(".;:!?\n")
_BY = re.compile(r"\bby\b", re.IGNORECASE)
_BE = frozenset("was were is are been being be got gets".split())
_BREAKS = frozenset('.;:!?\n\u2014\u201c\u201d"()')
_REACH = 5  # words on each side of a verb in which its subject and object are looked for
# Verbs with one who does and one to whom it is done, whose past has no "ed".
_STRONG = frozenset(
    """
    sued beat met shot hit led bought sold paid taught fought told won lost held built gave sent
    struck chose caught saw found left overtook overthrew broke drove knew kept made brought cut
    sues beats meets shoots hits leads buys sells pays fights tells holds sends strikes chooses
    """.split()
)
_CLOSE = 0.6  # share of the claim's weight in the source under which its order tells nothing
_RELATES = frozenset("to from with than over against into for in on by of at".split())
_SPEAKS = frozenset("said says told tells added according announced wrote stated".split())


@dataclass(frozen=True, slots=True)
class _Act:
    """A verb with who does it and to whom, as the roots of the content words on each side."""

    at: int  # the word's place
    verb: str
    doers: frozenset[str]
    done_to: frozenset[str]


def check_acts(pair: Pair) -> Iterator[Finding]:
    """Subject and object of a shared verb that changed places, whatever the voice."""
    if coverage(pair.words, pair.source_roots) < _CLOSE:
        return
    theirs: dict[str, list[_Act]] = {}
    for act in _acts(pair.source, pair.source_words):
        theirs.setdefault(act.verb, []).append(act)
    for act in _acts(pair.claim, pair.words):
        like = theirs.get(act.verb, [])
        if not like or any(_agree(act, other) for other in like):
            continue
        turned = next((o for o in like if _reversed(act, o)), None)
        if turned is not None:
            verb = pair.words[act.at].text
            reason = f"the source has the two sides of \u201c{verb}\u201d the other way round"
            yield pair.finding("hard", "role", reason, act.at, turned.at)


def _agree(one: _Act, other: _Act) -> bool:
    return bool(one.doers & other.doers) or bool(one.done_to & other.done_to)


def _reversed(one: _Act, other: _Act) -> bool:
    return bool(one.doers & other.done_to) and bool(one.done_to & other.doers)


def _acts(text: str, words: tuple[Term, ...]) -> Iterator[_Act]:
    for at, term in enumerate(words):
        if not term.weight or not _may_be_verb(term.text):
            continue
        left = _side(text, words, at, step=-1)
        right = _side(text, words, at, step=1)
        passive = any(words[i].text.lower() in _BE for i in range(max(0, at - 3), at))
        by = next((i for i in range(at + 1, min(at + 4, len(words))) if words[i].text == "by"), -1)
        if passive and by >= 0:
            doers = _roots(words, _side(text, words, by, step=1))
            yield _Act(at, term.root, doers, _roots(words, left))
        elif not passive:
            yield _Act(at, term.root, _roots(words, left), _roots(words, right))


def _may_be_verb(word: str) -> bool:
    return word.islower() and (word.endswith("ed") or word in _STRONG)


def _side(text: str, words: tuple[Term, ...], at: int, *, step: int) -> list[int]:
    """The places of the words on one side, up to a break, the nearest first."""
    found: list[int] = []
    place = at + step
    while 0 <= place < len(words) and len(found) < _REACH:
        a, b = sorted((place, place - step))
        gap = text[words[a].end : words[b].start]
        if not _BREAKS.isdisjoint(gap) or ("," in gap and found):
            break
        found.append(place)
        place += step
    return found


def _roots(words: tuple[Term, ...], places: list[int]) -> frozenset[str]:
    """Its nearest noun phrase: content words up to the first small word behind one."""
    kept: set[str] = set()
    for place in places:
        if words[place].weight:
            kept.add(words[place].root)
        elif kept and words[place].text.lower() not in ("the", "a", "an", "of", "his", "her"):
            break
    return frozenset(kept)


def check_roles(pair: Pair) -> Iterator[Finding]:
    """Two names that changed places around the same word: "A sued B" against "B sued A"."""
    if coverage(pair.words, pair.source_roots) < _CLOSE:
        return
    claimed = [(pair.at(n.start), n.words[-1], n.text) for n in names(pair.claim)[:60]]
    given = [(pair.at(n.start, source=True), n.words[-1]) for n in names(pair.source)[:400]]
    given = [g for g in given if g[0] < len(pair.source_words)]
    for (i, one, first), (j, other, second) in pairwise(claimed):
        verbs = _tells_between(pair.words[i + 1 : j])
        if one == other or not verbs or not i < j <= min(i + 12, len(pair.words) - 1):
            continue
        between = pair.claim[pair.words[i].end : pair.words[j].start]
        if not _STOPS.isdisjoint(between):
            continue
        if _stands(pair, given, (one, other), verbs):
            continue
        for start, stop in _stands_between(pair, given, (other, one), verbs):
            theirs = pair.source[pair.source_words[start].end : pair.source_words[stop].start]
            by = bool(_BY.search(between)) == bool(_BY.search(theirs))
            if by and _STOPS.isdisjoint(theirs):
                reason = f"the source has {second} and {first} the other way round"
                yield pair.finding("hard", "role", reason, i, start)
                break


def _tells_between(words: Sequence[Term]) -> set[str]:
    """Content words that tell one name from the next; none behind "X said": that is told apart."""
    if words and words[0].text in _SPEAKS:
        return set()
    return {t.root for t in words if t.weight and not t.text[0].isupper()}


def _stands(
    pair: Pair, given: list[tuple[int, str]], order: tuple[str, str], verbs: set[str]
) -> bool:
    return next(_stands_between(pair, given, order, verbs), None) is not None


def _stands_between(
    pair: Pair, given: list[tuple[int, str]], order: tuple[str, str], verbs: set[str]
) -> Iterator[tuple[int, int]]:
    """Where the source has the two names in this order with one of the words between them."""
    for at, (start, first) in enumerate(given):
        if first != order[0]:
            continue
        for stop, last in given[at + 1 : at + 4]:
            held = {t.root for t in pair.source_words[start + 1 : stop]}
            if last == order[1] and stop - start <= 14 and held & verbs:
                yield start, stop


def check_turns(pair: Pair) -> Iterator[Finding]:
    """Two names that changed places around words that the source has between them."""
    found = [n for n in names(pair.claim)[:60] if n.sure or n.start == 0]
    places = [(pair.at(n.start), pair.at(n.end), n.text) for n in found]
    for (_, end, first), (start, _, second) in pairwise(places):
        one, other = pair.places[end - 1], pair.places[start] if start < len(pair.words) else -1
        between = range(end, start)
        if other < 0 or one < other or len(between) > 20:
            continue
        inside = [i for i in between if other < pair.places[i] < one]
        says = any(_relates(pair.words[i]) for i in inside)
        if says and 5 * len(inside) >= 4 * len(between) and not _is_fair(pair, between, one):
            reason = f"the source has {second} and {first} the other way round"
            yield pair.finding("hard", "role", reason, end - 1, other)


def _relates(word: Term) -> bool:
    """True for a word that tells one side from the other; "and" does not."""
    return word.text in _RELATES or bool(word.weight and word.text.islower())


def _is_fair(pair: Pair, between: range, one: int) -> bool:
    """True for another voice, or for "X said" that moved from the end to the front."""
    words = {pair.words[i].text.lower() for i in between}
    if words & _SPEAKS:
        return True
    behind = {t.text.lower() for t in pair.source_words[max(0, one - 3) : one]}
    return ("by" in words) != ("by" in behind)
