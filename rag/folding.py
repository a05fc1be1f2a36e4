"""Ground tool: words as they are compared across newsrooms, and how much each one says.

"Beijing" and "Chinese" are one word here, as are "died" and "killed": two articles tell one
thing in different words. Pure functions.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from rag.background import load_background
from rag.text import STOP_WORDS, stem
from rag.words import root

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
# Looser: words that may answer one question, as far as a reporter picks either of them.
_KINDRED = """
    cost price pay paid bill worth fee fetch
    win won winner victory champion crown triumph title
    destroy destroyed burn burnt burned raze level gut wreck
    leak spill escape
    attend attendance visit visitor crowd
    job post position employee staff worker workforce layoff
    home house dwelling
    fine penalty
    fire blaze wildfire inferno
    storm hurricane cyclone typhoon
    quake earthquake tremor
    crash accident collision wreckage
    plane jet aircraft airliner
    ship vessel boat ferry
    vote ballot poll election referendum
    protest march rally demonstration
    succeed successor replace replacement
    build built builder construct construction
    arrive arrival land landing reach
    leave depart departure flee fled escape
    premiere debut release launch
    direct director filmmaker
    award prize medal trophy honour honor
    own owner shareholder stake
    teach taught lesson
    host hosted venue held hold
    inhabitant population resident live people person
    tourist guest visitor
    soldier troop contingent
    majority margin
    collapse fall fell
    found founded establish established create
    discover discovery found
    sign signed signing
    start began begin begun onset outbreak broke
    end ended finish over
    name appoint pick choose chosen select
    operate operator run
    lead leader head chief ceo boss president
    jobless unemployment unemployed joblessness
    raise rise rose increase hike climb
    cut reduce lower slash shed axe
    magnitude richter
    snow rain rainfall snowfall
    metro subway underground
    tall height high
    long length
    wide width
    heavy weigh weight
    hot temperature degree heat
    trial court hearing
    deal agreement accord pact treaty contract
    firm company corporation consortium
"""
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


def _joined() -> dict[str, str]:
    kin: dict[str, str] = {}
    for line in _KINDRED.strip().splitlines():
        roots = [root(fold(word)) for word in line.split()]
        first = next((kin[r] for r in roots if r in kin), roots[0])
        kin |= {r: first for r in roots if r not in kin}
    return kin


_KIN = _joined()


@lru_cache(maxsize=100_000)
def kindred(term: str) -> str:
    """The term that stands for a folded term and all that may be written for it, loosely."""
    plain = root(term)
    return _KIN.get(plain, plain)
