"""Ground tool: whom or what a sentence names as the answer to who, where or which.

Who wins is named before "won" or after "won by", beside "winner", or as "Winner Name"; where it
happens behind "in" or "at". Of several names the nearest in such a place is taken. Pure functions.
"""

import re
from dataclasses import dataclass

from rag.claims import Line, names_of
from rag.contrast import hoped, is_adjective
from rag.facts import Name
from rag.folding import WORD, fold, folded_terms, kindred
from rag.sought import Sought

_AGENCIES = folded_terms("reuters ap afp bloomberg cnn bbc upi facebook twitter")
_SPEAKS_BEFORE = re.compile(r"\b(?:said|says|told|according to|told)\s(?:\w+\s)?$", re.IGNORECASE)
_SPEAKS_AFTER = re.compile(r"\s?,?\s(?:said|says|told|wrote|tweeted)\b", re.IGNORECASE)
_BY = re.compile(r"\bby\s(?:the\s|an?\s)?(?:[a-z-]+\s){0,4}$")
_PLACE = re.compile(
    r"\b(?:in|at|to|near|from|outside|into|on|across|around)\s(?:the\s)?(?:[a-z]+\sof\s)?$"
)
_OTHER = re.compile(
    r"\b(?:in|at|of|from|to|against|beat|beats|beating|defeat\w*|over|with|than|for|on|between|"
    r"and|near|"
    r"after|before|behind|into|including|like)\s(?:the\s|an?\s)?(?:(?!the\s)[a-z-]+\s)?$"
)
_POSSESSES = re.compile(r"['\u2019]s?\b")
_IS = re.compile(
    r",|(?:\s[\w-]+){0,3}\s(?:is|was|are|were|be|been|became|become|becomes|as|named|appointed)\b"
)
_STOP = re.compile(r"[.!?;:]\s|\b(?:who|which|that|said|says)\b")
_BESIDE = 1  # words between "director" and the name behind it
_AGENT, _SUBJECT, _APPOSED = 1.0, 0.9, 0.8  # won by X; X won; the winner X
_MIN_HEADLINE = 3
_CAPITALS = 0.7  # share of the longer words of a headline that are capitalised
_MIN_WORDS = 8
ALONE = 0.1  # the only name of a sentence that tells it in other words
_MAX_WORDS = 12  # between the name and what it did


@dataclass(frozen=True, slots=True)
class Naming:
    """A name that answers, its folded words, and how plainly it stands in its place (0..1)."""

    words: frozenset[str]
    start: int
    end: int
    plain: float
    text: str


def naming(line: Line, sought: Sought) -> Naming | None:
    """The name that the line gives as the answer; None where it gives none, or two as plainly."""
    if not sought.main or _is_headline(line.text):
        return None
    spots = _spots(line, sought)
    found = [n for name in names_of(line.text) if (n := _read(line, name, sought, spots))]
    if not found:
        return None
    best = max(found, key=lambda n: (n.plain, -n.start))
    alone = best.plain > ALONE or all(n.words & best.words for n in found)
    return best if alone else None


def _is_headline(text: str) -> bool:
    """True where most words are capitalised, so that none of them tells a name."""
    words = re.findall(r"[^\W\d_]{4,}", text)
    capitals = sum(w[0].isupper() for w in words)
    return len(words) > _MIN_HEADLINE and capitals > _CAPITALS * len(words)


def _spots(line: Line, sought: Sought) -> list[tuple[int, int]]:
    """Where the word stands that says what was done, or what somebody is."""
    spots = (m.span() for m in WORD.finditer(line.text) if kindred(fold(m.group())) == sought.main)
    return list(spots) if sought.main else []


def _read(line: Line, name: Name, sought: Sought, spots: list[tuple[int, int]]) -> Naming | None:
    words = frozenset(fold(w) for w in name.words if not w.isdigit())
    newsroom = folded_terms(line.article.outlet or "") | _AGENCIES
    kin = frozenset(map(kindred, words))
    if not words or kin & sought.names or kin <= sought.topic or words <= newsroom:
        return None
    if is_adjective(line.text, name) or _POSSESSES.match(line.text, name.end):
        return None
    if not sought.ahead and hoped(line, name.start, name.end):
        return None
    before, after = (
        line.text[max(0, name.start - 60) : name.start],
        line.text[name.end : name.end + 20],
    )
    if _SPEAKS_BEFORE.search(before) or _SPEAKS_AFTER.match(after) or not name.sure:
        return None
    plain = max((_plain(line.text, name, spot, sought) for spot in spots), default=0.0)
    placed = _PLACE.search(before) if sought.kind == "place" else not _OTHER.search(before)
    long = len(line.text.split()) >= _MIN_WORDS
    if plain or (not spots and placed and long):
        return Naming(words, name.start, name.end, plain or ALONE, name.text)
    return None


def _plain(text: str, name: Name, spot: tuple[int, int], sought: Sought) -> float:
    """How plainly a name stands where the answer to what is told at ``spot`` stands; 0: not."""
    leads = name.end <= spot[0]
    before = text[max(0, name.start - 60) : name.start]
    between = text[name.end : spot[0]] if leads else text[spot[1] : name.start]
    n_between = len(between.split())
    if _STOP.search(between) or n_between > _MAX_WORDS:
        return 0.0
    if sought.kind == "place":
        return 1.0 - n_between / (2 * _MAX_WORDS) if _PLACE.search(before) and not leads else 0.0
    if not leads and _BY.search(before):
        return _AGENT
    if _OTHER.search(before):
        return 0.0
    if leads and (not sought.is_noun or _IS.match(between)):
        return _SUBJECT
    return _APPOSED if not leads and n_between <= _BESIDE else 0.0


def same_name(one: Naming, other: Naming) -> bool:
    """True for one name in two forms: a word in common, or the first letters of the other's."""
    if one.words & other.words:
        return True
    short = ["".join(n.text.split()).replace(".", "").upper() for n in (one, other)]
    long = ["".join(w[0] for w in n.text.split() if w[0].isupper()).upper() for n in (one, other)]
    return short[0] == long[1] or short[1] == long[0]
