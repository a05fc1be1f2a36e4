"""Whom "he" or "she" may stand for: the people that a question or an answer names.

By the shape of the name, the words around it, and how the news at large writes its words. A
place, a station or a company is nobody, whatever its shape. Pure functions.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from rag.background import load_background
from rag.facts import NOT_NAMES, TITLES, names, plain
from rag.text import STOP_WORDS, stem, terms

_PLACES = Path(__file__).parent / "data" / "places.txt"
_MAX_CHARS = 2_000  # of an answer
_NEAR = 40  # characters on each side of a name
_MAX_WORDS = 3  # of the name of a person
# Words of which one makes a name that of a place or of a body of people.
_NOBODY = frozenset(
    """station airport hospital university college school institute academy street avenue road
    square park bridge tower river lake sea ocean bay island islands beach mountain mountains
    valley hills ridge county city town village district province prefecture region state states
    country coast desert forest hotel stadium arena center centre museum theater theatre church
    cathedral mosque temple palace castle house capitol court prison jail plant factory mill
    port harbor harbour line bank group company corporation corp inc ltd llc plc co holdings
    partners capital motors airlines airways energy systems technologies industries pharma media
    studios network news times post journal gazette herald press agency department ministry
    office bureau commission committee council parliament senate congress assembly union
    association organization organisation associates chronicle federation league club team party
    foundation fund service services administration authority board army navy force forces
    police guard united north south east west northern southern eastern western central national
    international american british act bill law treaty deal agreement amendment war battle cup
    series championship championships games olympics open tournament award awards prize festival
    day week month year hurricane storm tropical typhoon cyclone earthquake virus app ferry ship
    train""".split()
)
_PLACED = re.compile(
    r"\b(?:in|at|near|into|around|outside|across|toward|towards)\s(?:the\s)?$", re.I
)
_BEHIND_AUXILIARY = re.compile(
    r"^(?:(?:and|but|so)\s)?(?:\w+\s){0,4}?"
    r"(?:did|does|do|is|was|has|had|will|would|can|could|should)\s$|\?\s\($",
    re.IGNORECASE,
)
# What is said of somebody leaves who says it the one that is spoken of next.
_ABOUT = re.compile(r"\b(?:about|of|on|against|to|with)\s(?:[A-Z][\w.'-]*\s){0,2}$")
_APART = re.compile(r"[,.;:]|\band\b")
_ASKS_WHO = re.compile(r"^\W*(?:who|whom|whose|which|what\W+(?:\w+\W+){0,2}name)\b", re.IGNORECASE)


def is_person(name: str) -> bool:
    """True for two or three capitalised words that name neither a place nor a body."""
    words = name.split()
    if not 2 <= len(words) <= _MAX_WORDS or not all(_is_capital(w) for w in words):
        return False
    bare = [plain(w) for w in words]
    if set(bare) & (_NOBODY | NOT_NAMES | STOP_WORDS) or " ".join(bare) in places():
        return False
    return any(load_background().is_name(stem(w)) for w in bare)


def _is_capital(word: str) -> bool:
    letters = re.sub(r"['\u2019.-]", "", word)
    if re.match(r"[A-Z]-|.*['\u2019]$", word):  # "D-Orrin" tells a party
        return False
    return letters.isalpha() and word[0].isupper() and (len(letters) == 1 or not word.isupper())


@lru_cache(maxsize=1)
def places() -> frozenset[str]:
    """Names of countries and states in small letters."""
    lines = _PLACES.read_text(encoding="utf-8").splitlines()
    listed = (name for line in lines if line for name in line.split(": ", 1)[1].split(", "))
    return frozenset(name.lower() for name in listed)


def people_in(text: str) -> list[str]:
    """The full names of people in a text, without their titles, in order, each once."""
    return list(dict.fromkeys(_people(text[:_MAX_CHARS])))


def _people(text: str) -> Iterator[str]:
    for name in names(text):
        words = re.split(r"\sof\s", name.text)[0].split()  # "Ada Finch of Orrin"
        last = max((i for i, w in enumerate(words[:-1]) if plain(w) in TITLES), default=-1)
        words = words[last + 1 :]  # "Orrin CEO Ada Finch"
        shown = " ".join(words)
        if not is_person(shown) or _PLACED.search(text[: name.start]):
            continue
        # "Hide Caption": what opens a line is no name for its capitals alone.
        if load_background().is_name(stem(words[0])):
            yield shown


def whom(question: str, answer: str) -> str | None:
    """The person whom "he" or "she" behind this question stands for; None if none is sure.

    Whom the question names, in full as the answer has it; else, whom the answer names first.
    """
    named = _full_names(question)
    told = people_in(answer)
    surnames = [s for s in _lone_names(question) if not any(s in n.split() for n in named)]
    named += [n for s in surnames for n in told if n.split()[-1] == s][:1]
    named = list(dict.fromkeys(named))
    if named:
        others = [n for n in named if not _ABOUT.search(question.partition(n.split()[-1])[0])]
        return others[0] if len(others) == 1 else named[0] if len(named) == 1 else None
    subjects = [s for s in surnames if _BEHIND_AUXILIARY.search(question[: question.index(s)])]
    if len(subjects) == 1 and not _ASKS_WHO.match(question):
        return subjects[0]
    return _nearest(told, question, answer) if told else None


def _nearest(told: Sequence[str], question: str, answer: str) -> str:
    """Who is named beside the weightiest words of the question; of several, the first."""
    asked = set(terms(question))

    def beside(name: str) -> float:
        before, _, after = answer.partition(name)
        around = f"{_APART.split(before[-_NEAR:])[-1]} {_APART.split(after[:_NEAR])[0]}"
        return sum(load_background().idf(t) for t in asked & set(terms(around)))

    return max(told, key=beside)


def _full_names(question: str) -> list[str]:
    """Names of people in a question: capitals do not come by chance there."""
    found: dict[str, None] = {}
    for name in names(question):
        bare = [w for w in name.text.split() if plain(w) not in TITLES]
        shown = " ".join(bare) if len(bare) > 1 else name.text  # "Queen Ada"
        if is_person(shown) and not _PLACED.search(question[: name.start]):
            found[shown] = None
    return list(found)


def _lone_names(question: str) -> list[str]:
    """Single words that may be the surname of a person, in order."""
    found: dict[str, None] = {}
    for name in names(question):
        words = [w for w in name.text.split() if plain(w) not in TITLES]
        if len(words) != 1 or not _is_capital(words[0]) or len(words[0]) < 3:
            continue
        lower = plain(words[0])
        if lower in _NOBODY | places() or _PLACED.search(question[: name.start]):
            continue
        found[words[0]] = None
    return list(found)


def is_someone(name: str, answer: str) -> bool:
    """True if the answer shows that a lone name is a person's: by the full name."""
    return any(name == known.split()[-1] for known in people_in(answer))
