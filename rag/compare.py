"""Ground tool: what was changed between two texts, word by word.

Sentences that stand once in each text are matched first (patience diff, Cohen), then the sentences
between them, then the words of those that were put for each other: so an edit reads as an edit,
and the work stays near linear. Joining the pieces gives both texts back, character by character.
Pure functions.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import Literal

from rag.text import sentence_spans

Kind = Literal["same", "out", "in"]

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
# difflib takes the cube of its input at worst, so what is longer is taken as wholly replaced.
_MAX_ITEMS = 300  # sentences with the spaces between them, or words
_MAX_CELLS = 4_000_000  # pairs of items in all: half a second
_MAX_ENDS = 100_000  # of sentences in both texts; a book has 20,000
_ALIKE = 0.4  # of the words; less is another sentence, and reads better whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A stretch of text that stayed, was taken out of the old text, or put into the new one."""

    kind: Kind
    text: str


def compare(old: str, new: str) -> tuple[Change, ...]:
    """The way from the old text to the new, in order; what went out comes before what came in.

    The pieces that are not "in" are the old text, those that are not "out" the new. Of very long
    texts the middle is coarse: one piece out, one in.
    """
    if _n_ends(old) + _n_ends(new) > _MAX_ENDS:
        return tuple(_joined(_replaced(old, new)))
    return tuple(_joined(_by_sentence(old, new)))


def _n_ends(text: str) -> int:
    return sum(map(text.count, "\n.!?"))


class _Purse:
    """The work that a comparison may still do."""

    def __init__(self) -> None:
        self._cells = _MAX_CELLS

    def pays(self, mine: Sequence[str], theirs: Sequence[str]) -> bool:
        """True if these may be compared item by item."""
        cells = len(mine) * len(theirs)
        if max(len(mine), len(theirs)) > _MAX_ITEMS or cells > self._cells:
            return False
        self._cells -= cells
        return True


def _by_sentence(old: str, new: str) -> Iterator[Change]:
    mine, theirs = _sentences(old), _sentences(new)
    purse = _Purse()
    i = j = 0
    for a, b in [*_anchors(mine, theirs), (len(mine), len(theirs))]:
        yield from _between(mine[i:a], theirs[j:b], purse)
        yield Change(kind="same", text="".join(mine[a : a + 1]))
        i, j = a + 1, b + 1


def _anchors(mine: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the sentences that stand once in each text, as many as keep their order."""
    here, there = _singles(mine), _singles(theirs)
    pairs = [(at, there[text]) for text, at in here.items() if text in there]
    ends: list[int] = []  # the smallest last place there of a rising chain of each length
    chain: list[int] = []  # the pair that ends it
    before: list[int] = []  # for each pair the one before it in its chain
    for n, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(chain[length - 1] if length else -1)
        ends[length : length + 1], chain[length : length + 1] = [place], [n]
    found = []
    n = chain[-1] if chain else -1
    while n >= 0:
        found.append(pairs[n])
        n = before[n]
    return found[::-1]


def _singles(sentences: Sequence[str]) -> dict[str, int]:
    """Where each sentence stands that stands once, in order."""
    counts = Counter(sentences)
    return {text: at for at, text in enumerate(sentences) if counts[text] == 1}


def _between(mine: Sequence[str], theirs: Sequence[str], purse: "_Purse") -> Iterator[Change]:
    """The sentences between two anchors."""
    n_head = _n_common(mine, theirs)
    n_tail = _n_common(mine[n_head:][::-1], theirs[n_head:][::-1])
    middle = mine[n_head : len(mine) - n_tail], theirs[n_head : len(theirs) - n_tail]
    yield Change(kind="same", text="".join(mine[:n_head]))
    if not purse.pays(*middle):
        yield from _replaced("".join(middle[0]), "".join(middle[1]))
    else:
        yield from _middle(*middle, purse)
    yield Change(kind="same", text="".join(mine[len(mine) - n_tail :]))


def _middle(mine: Sequence[str], theirs: Sequence[str], purse: "_Purse") -> Iterator[Change]:
    for tag, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        before, after = "".join(mine[a:b]), "".join(theirs[c:d])
        if tag == "equal":
            yield Change(kind="same", text=before)
        elif b - a == d - c:
            for one, other in zip(mine[a:b], theirs[c:d], strict=True):
                yield from _by_word(one, other, purse)
        else:
            yield from _by_word(before, after, purse)


def _by_word(old: str, new: str, purse: "_Purse") -> Iterator[Change]:
    mine, theirs = _TOKEN.findall(old), _TOKEN.findall(new)
    if not purse.pays(mine, theirs):
        yield from _replaced(old, new)
        return
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    same = sum(len(w) for i, _, n in matcher.get_matching_blocks() for w in mine[i : i + n])
    if same < _ALIKE * min(len(old), len(new)):
        yield from _replaced(old, new)
        return
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield Change(kind="same", text="".join(mine[a:b]))
        else:
            yield from _replaced("".join(mine[a:b]), "".join(theirs[c:d]))


def _replaced(old: str, new: str) -> Iterator[Change]:
    yield Change(kind="out", text=old)
    yield Change(kind="in", text=new)


def _sentences(text: str) -> list[str]:
    """The text cut into sentences and the white space between them."""
    cuts = [0, *(at for span in sentence_spans(text) for at in span), len(text)]
    return [text[a:b] for a, b in pairwise(cuts) if a < b]


def _n_common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many sentences both begin with."""
    n = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        n += 1
    return n


def _joined(changes: Iterator[Change]) -> Iterator[Change]:
    """Neighbours of one kind as one; between two that stayed, all that went before all that came.

    A lone space between two changes joins them: "ten men" for "six women" is one change.
    """
    pending = {"out": "", "in": ""}
    for kind, run in groupby((c for c in changes if c.text), key=lambda c: c.kind):
        text = "".join(c.text for c in run)
        if kind != "same":
            pending[kind] += text
        elif text.isspace() and "\n" not in text and any(pending.values()):
            pending = {side: said + text for side, said in pending.items()}
        else:
            yield from _flushed(pending)
            pending = {"out": "", "in": ""}
            yield Change(kind="same", text=text)
    yield from _flushed(pending)


def _flushed(pending: dict[str, str]) -> Iterator[Change]:
    if pending["out"] == pending["in"]:
        if pending["out"]:
            yield Change(kind="same", text=pending["out"])
        return
    if pending["out"]:
        yield Change(kind="out", text=pending["out"])
    if pending["in"]:
        yield Change(kind="in", text=pending["in"])
