"""Finds the articles that are copies of one text: cut short, re-headlined, lightly edited.

Sketches (MinHash over runs of three words) find who may be related; the texts themselves decide.
What tells a copy from a story that shares paragraphs with another is not how many words are
shared but where: an edited copy is like the other all over, a follow-up only in its background.
"""

import re
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.database import Database
from rag.groups import Groups, Piece, Sketch
from rag.text import terms

# Named in the archive; with another name every article is sketched and compared again.
SCHEME = "minhash96 words3 v2"
_N_ROWS = 96
_RUN = 3  # words
_BATCH = 64  # articles to a transaction
_CHUNK = 4_096  # runs sketched at a time, to bound the memory of a text of a million characters

# Measured on pairs of benchmarks/copies.py: of copies with every tenth word changed the least
# covered was .92 covered (.87 with every seventh); of the pairs on one event 1 in 100 reached .8.
_GAP = 8  # runs between two shared ones that count as the same stretch: two edited words
_COVERED = 0.8  # of the shorter text, in stretches shared with the longer
_SHARED = 0.5  # of its runs; a list of programmes has shared stretches with other names in them
_LENGTH = 0.25  # of the longer; less is an item in a newsletter
# Of the names; a programme or a form filled every day has others. Every tenth word changed leaves
# .65 of them in 995 of 1,000 copies.
_NAMES = 0.55
_FIGURES = 0.5
_BRIEF = 60  # words; in so few each is the news: a form filled for another town is no copy
_TITLED = 0.5  # of a title's words; two titles below it stand over the page around two articles

_SUFFIX = re.compile(r"\s[-|\u2013\u2014]\s[^-|\u2013\u2014]*$")  # "... | The Daily"
_WORD = re.compile(r"[^\W_]+")
# Capitals in a row, within a sentence or a list: one name.
_NAME = re.compile(r"(?<=[a-z,;\d] )[^\W\d_a-z][^\W_]+(?: [^\W\d_a-z][^\W_]+)*")
_FIGURE = re.compile(r"\d[\d.,:]*")


def group(catalog: Database) -> int:
    """Put every article that came or changed into its group; returns how many there were.

    Call it after each stored batch and each removal: without news it is one query. Stopped
    anywhere it goes on the next time.
    """
    groups = Groups(catalog)
    groups.create(SCHEME)
    n_placed = 0
    while groups.waiting():
        pieces = groups.pending(_BATCH)
        groups.place([(piece, sketch(piece.text)) for piece in pieces], copies)
        n_placed += len(pieces)
    return n_placed


def sketch(text: str) -> Sketch:
    """The MinHash (Broder 1997) of a text's runs of three words: uint32 [96]."""
    from datasketch import MinHash

    minhash = MinHash(num_perm=_N_ROWS, hashfunc=int)
    runs = np.unique(_runs(text) >> np.uint64(32))
    for at in range(0, len(runs), _CHUNK):
        minhash.update_batch(runs[at : at + _CHUNK])
    return np.asarray(minhash.hashvalues, dtype=np.uint32)


def copies(one: Piece, other: Piece) -> bool:
    """True if the shorter text is the longer one: cut, edited by a word in ten, or framed."""
    if _only_a_frame(one, other):
        return False
    texts = (_wording(one.text), _wording(other.text))
    short, long = sorted(texts, key=lambda w: (len(w.runs), w.text))
    if not len(short.runs) or len(short.runs) < _LENGTH * len(long.runs):
        return False
    if short is long:
        return True
    return _same_particulars(short, long) and _alike_all_over(short, long)


@dataclass(frozen=True)
class _Wording:
    """A text as it is compared."""

    text: str

    @cached_property
    def runs(self) -> NDArray[np.uint64]:
        """A hash of every three words, in order."""
        return _runs(self.text)

    @cached_property
    def names(self) -> frozenset[str]:
        if self.text.isupper():
            return frozenset()  # nothing tells them from other words
        return frozenset(name.casefold() for name in _NAME.findall(self.text))

    @cached_property
    def figures(self) -> frozenset[str]:
        return frozenset(f.strip(".,:") for f in _FIGURE.findall(self.text))

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(terms(self.text))


@lru_cache(maxsize=256)
def _wording(text: str) -> _Wording:
    return _Wording(text)


def _runs(text: str) -> NDArray[np.uint64]:
    words = _WORD.findall(text.lower())
    hashes = np.array([zlib.crc32(word.encode()) for word in words], dtype=np.uint64)
    width = min(_RUN, len(words))
    runs = np.zeros(len(words) - width + 1 if words else 0, dtype=np.uint64)
    for at in range(width):
        runs = (runs ^ hashes[at : at + len(runs)]) * np.uint64(0x9E3779B97F4A7C15)
        runs ^= runs >> np.uint64(29)
    return runs


def _alike_all_over(short: _Wording, long: _Wording) -> bool:
    shared = np.flatnonzero(np.isin(short.runs, long.runs))
    if len(shared) < _SHARED * len(short.runs):
        return False
    steps = np.diff(shared)
    return bool(1 + steps[steps <= _GAP].sum() >= _COVERED * len(short.runs))


def _same_particulars(short: _Wording, long: _Wording) -> bool:
    if len(short.runs) < _BRIEF:
        return short.figures <= long.figures and short.terms <= long.terms
    return _agree(short.names, long.names, _NAMES) and _agree(short.figures, long.figures, _FIGURES)


def _agree(some: frozenset[str], others: frozenset[str], share: float) -> bool:
    """True if enough of the smaller set is in the other; of fewer than four nothing follows."""
    n_least = min(len(some), len(others))
    return n_least < 4 or len(some & others) >= share * n_least


def _only_a_frame(one: Piece, other: Piece) -> bool:
    """True for what stands in the place of two articles: a subscription notice, under two titles.

    One title that the text does not mention is a headline made anew; two of them are about
    something else.
    """
    return one.title != other.title and not _mentions_title(one) and not _mentions_title(other)


def _mentions_title(piece: Piece) -> bool:
    wanted = {w for w in terms(_SUFFIX.sub("", piece.title or "")) if not w.isdigit()}
    return len(wanted & _wording(piece.text).terms) >= _TITLED * len(wanted)
