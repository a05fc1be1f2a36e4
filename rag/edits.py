"""Ground tool: what was changed in a near copy: a word put for another, put in, or left out.

Where the words on both sides of a place stand together in the source, the place itself can be read
off, whatever else the source says elsewhere.
"""

from collections.abc import Iterator
from itertools import pairwise

from rag.align import Term
from rag.facts import names
from rag.pair import Finding, Gravity, Pair
from rag.wording import NOT, QUANTITY, form
from rag.words import opposites

_MODALS = frozenset("may might could can will would should must shall".split())
_DOUBTS = frozenset("may might could possibly reportedly allegedly alleged perhaps".split())


def check_swaps(pair: Pair) -> Iterator[Finding]:
    """A word put exactly where the source has another: a synonym at best."""
    for at in range(1, len(pair.words) - 1):
        left, right = pair.places[at - 1], pair.places[at + 1]
        if left < 0 or right != left + 2 or left + 1 in pair.back:
            continue
        mine, theirs = pair.words[at], pair.source_words[left + 1]
        gravity = _gravity(mine, theirs)
        if gravity is not None:
            reason = f"the source says \u201c{theirs.text}\u201d, not \u201c{mine.text}\u201d"
            yield Finding(gravity=gravity, kind="word", reason=reason)


def _gravity(mine: Term, theirs: Term) -> Gravity | None:
    if mine.root == theirs.root:
        return None
    first = mine.text[0] + theirs.text[0]
    if first.isdigit() or (first.isalpha() and first.isupper()):
        return "hard"
    if theirs.root in opposites(mine.root):
        return "hard"
    one, other = form(mine.text), form(theirs.text)
    if one in QUANTITY and other in QUANTITY:
        ends = {QUANTITY[one], QUANTITY[other]}
        return "hard" if max(ends) - min(ends) > 1 or 0 in ends else "firm"
    if one in _MODALS and other in _MODALS:
        return "firm" if {one, other} & _DOUBTS else None
    return "soft" if min(mine.weight, theirs.weight) > 0.1 else None


def check_insertions(pair: Pair) -> Iterator[Finding]:
    """A "not" or a doubt that was put in or left out between words that stand together."""
    for at in range(1, len(pair.words) - 1):
        word = form(pair.words[at].text)
        left, right = pair.places[at - 1], pair.places[at + 1]
        if left >= 0 and right == left + 1 and word in NOT | _DOUBTS:
            reason = f"\u201c{pair.words[at].text}\u201d does not stand in the source"
            yield Finding(gravity=_weighs(word), kind="negation", reason=reason)
    for place in range(1, len(pair.source_words) - 1):
        word = form(pair.source_words[place].text)
        left, right = pair.back.get(place - 1, -1), pair.back.get(place + 1, -1)
        if left >= 0 and right == left + 1 and word in NOT | _DOUBTS:
            head = pair.source_words[place + 1].text
            reason = f"the source says \u201c{pair.source_words[place].text} {head}\u201d"
            yield Finding(gravity=_weighs(word), kind="negation", reason=reason)


def _weighs(word: str) -> Gravity:
    return "hard" if word in NOT else "firm"


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
        says = any(pair.words[i].weight and pair.words[i].text.islower() for i in inside)
        if says and 5 * len(inside) >= 4 * len(between):
            reason = f"the source has {second} and {first} the other way round"
            yield Finding(gravity="hard", kind="role", reason=reason)
