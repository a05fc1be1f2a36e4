"""Ground tool: reads a statement as a deed: who, which verb, to whom, and in which time.

By lists and the order of words, without a parser. Pure functions, linear in the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.align import Term, read
from rag.background import load_background
from rag.text import STOP_WORDS, stem
from rag.words import root

BE = frozenset("is are was were be been being get gets got gotten getting".split())
AUX = BE | frozenset("has have had having will would can could should does did do".split())
# The verbs that questions of the news are asked with; others are known by "-ed" and "-ing".
_VERBS = frozenset(
    root(stem(word))
    for word in """
    abandon abdicate abolish accept accuse achieve acquire acquit adopt agree allow announce annex
    apologize appear appoint approve arrest arrive ask assassinate attack attend avoid ban beat
    become begin block boycott break bring build buy call cancel capture cause change charge choose
    claim climb close collapse come concede confirm continue convict crash create criticize cross
    cut declare decline defeat defend delay demand deny deploy destroy die disappear discover drop
    drown earn elect emerge enact end endorse enter escape evacuate exceed execute expel face fail
    fall fight file find finish fire flee force gain give go grow halt hire hold impeach impose
    increase indict injure invade join keep kidnap kill land launch lay lead leave legalize lift
    lose lower make marry meet merge move murder nominate open order oust overturn overthrow own
    pardon pass pause pay plead pledge postpone prevent prohibit propose protest prove publish
    quit raise reach receive recall recover reduce refuse reject release remain remove repeal
    replace report resign restore resume retire retract return reveal rise run sack sanction say
    seize sell send sentence serve set shoot shut sign sink spend split stab start stay steal stop
    strike sue suffer surrender suspend swear take tell test threaten top turn uphold use veto
    violate visit vote warn win withdraw write
    """.split()
)
_MODALS = frozenset("will would can could should".split())
WITHIN = frozenset("of in for with against from by than about on over to at under".split())


@dataclass(frozen=True, slots=True)
class Deed:
    """What a statement tells: who, by their words; the verb; whether they did or suffered it."""

    subject: frozenset[str]
    verb: str
    passive: bool
    going_on: bool  # "is falling"
    proper: bool  # the subject is a name
    to_come: bool  # "will close": then a plan answers
    whom: frozenset[str]  # the names right behind the verb: "join NATO"


@lru_cache(maxsize=200)
def deed_of(statement: str) -> Deed | None:
    """The deed of a statement as ``statement_of`` makes it; None where no verb is made out."""
    words = read(statement)
    at = _verb_at(words)
    if at is None:
        return None
    who = [t for t in words[:at] if t.weight and t.text.lower() not in AUX]
    named = [t for t in who if is_name(t, words)]
    helpers = {t.text.lower() for t in words[:at]}
    # "Roe get overturned", "Abe was killed": "be" before anything but "-ing".
    going_on = bool(helpers & BE) and words[at].text.endswith("ing")
    passive = bool(helpers & BE) and not going_on
    subject = frozenset(t.root for t in who)
    if not subject:
        return None
    to_come = any(t.text.lower() in _MODALS for t in words)
    return Deed(
        subject, words[at].root, passive, going_on, bool(named), to_come, named_behind(words, at)
    )


def named_behind(words: Sequence[Term], at: int) -> frozenset[str]:
    """The words of the first name behind a verb, up to the next preposition."""
    found: set[str] = set()
    for term in words[at + 1 : at + 7]:
        if term.text.lower() in WITHIN or (found and term.text[:1].islower()):
            break
        if term.text[:1].isupper() and term.weight:
            found.add(term.root)
    return frozenset(found)


def _verb_at(words: Sequence[Term]) -> int | None:
    """Where the verb stands: behind the first run of names, before the object."""
    first = next((i for i, t in enumerate(words) if t.weight), None)
    if first is None:
        return None
    inner = [i for i in range(first + 1, len(words)) if _is_open(words[i].text)]
    owned = [i for i in inner if words[i - 1].text.endswith(("'s", "\u2019s"))]
    listed = [i for i in inner if words[i].root in _VERBS and i not in owned]
    inflected = [i for i in inner if words[i].text.endswith(("ed", "ing"))]
    sure = [i for i in (*listed, *inflected) if may_be_verb(words, i)]
    # Of "did" alone a statement keeps no helper: its first open word is the verb.
    helped = any(t.text.lower() in AUX for t in words)
    bare = [] if helped else [i for i in inner if i not in owned]
    return next(iter(sure or listed or inflected or bare), None)


def _is_open(word: str) -> bool:
    return word.islower() and word not in STOP_WORDS and word not in AUX


def is_name(term: Term, words: Sequence[Term]) -> bool:
    """True for a capitalised word, at the head of a sentence only if it is known as a name."""
    if not term.text[:1].isupper():
        return False
    return term is not words[0] or load_background().is_name(stem(term.text))


def may_be_verb(words: Sequence[Term], at: int) -> bool:
    """False for "the orchard show has opened": what a helper follows is a noun."""
    after = words[at + 1].text.lower() if at + 1 < len(words) else ""
    return after not in AUX or words[at].text.endswith("ed")
