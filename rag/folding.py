"""Ground tool: words as they are compared across newsrooms, and how much each one says.

"Beijing" and "Chinese" are one word here, as are "died" and "killed": two articles tell one
thing in different words. Pure functions.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from rag.background import load_background
from rag.text import STOP_WORDS, stem

# Words that newsrooms swap freely; each line is one word to us.
_SWAPPED = """
    china chinese beijing
    russia russian russians moscow kremlin
    ukraine ukrainian kyiv kiev
    us usa american americans washington
    uk britain british
    iran iranian tehran
    israel israeli
    japan japanese tokyo
    france french
    germany german
    india indian
    eu european brussels
    die dies died dead death deaths dying kill kills killed killing fatal fatality toll perished
    injured injure injury injuries injuring wounded wound hurt
    missing unaccounted
    cost costs price priced
    person people persons
    buy buys bought purchase purchases purchased acquire acquires acquired
    release released launch launched publish published debut debuted
    arrest arrested detain detained
"""
_FOLDED = {
    stem(word): stem(line.split()[0])
    for line in _SWAPPED.strip().splitlines()
    for word in line.split()
}
WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*")  # "H200" stays whole


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """The stem of a word, or of the word that stands for all its like: "Beijing" is "china"."""
    term = stem(word)
    if term[:1].isalpha() and term[-2:-1].isdigit():
        term = term.removesuffix("s")  # "H200s"
    return _FOLDED.get(term, term)


def folded_terms(text: str) -> frozenset[str]:
    """The folded stems of the content words of a text."""
    return frozenset(filter(None, map(_term, WORD.findall(text))))


@lru_cache(maxsize=100_000)
def _term(word: str) -> str:
    """The folded stem of a content word, "" for figures and stop words."""
    if word.isdigit() or word.lower().replace("\u2019", "'") in STOP_WORDS:
        return ""
    return fold(word)


def weigh(terms: Iterable[str]) -> float:
    """How much these terms say: the sum of their inverse document frequencies."""
    return sum(map(_idf, terms))


@lru_cache(maxsize=50_000)
def _idf(term: str) -> float:
    return load_background().idf(term)
