"""Whom a sentence introduces, or lets speak: full names of people, and of bodies that speak.

By patterns of how news does either; a name without both parts is left out.
"""

import re
from collections.abc import Iterator

from rag.background import load_background
from rag.facts import TITLES, dates, names
from rag.text import STOP_WORDS, stem
from rag.whom import is_person

_ROLE = re.compile(
    r"(?P<name>[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+){1,2}), "
    r"(?:the|a|an|who|its|whose|\w+['\u2019]s) (?:[\w'\u2019-]+ ){0,7}?[\w'\u2019-]+,"
)
_SPOKE = (
    re.compile(
        r"(?:said|says|told [\w ]{3,30}?|according to) "
        r"(?P<name>[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+){1,2})\b"
    ),
    re.compile(
        r"(?P<name>[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+){1,2})"
        r"(?:, [^,.]{4,60},|,)? (?:said|says|told|warned|argued)\b"
    ),
)
# "said Korin Vale police": the name is theirs.
_OF_A_BODY = re.compile(
    r"^\s(?:[a-z]+\s)?(?:police|officials?|authorit\w+|officers?|prosecutors?|lawmakers?|residents?|"
    r"investigators?|fans|executives?|employees|researchers?|scientists|analysts?|officers?|"
    r"data|figures|records|documents|reports?|website|spokes\w+)\b"
)
_A_ROLE = re.compile(
    r"\b(?:\w{3,}(?:er|or|ist|ian|man|woman)|president|chief|head|coach|judge|general|analyst|"
    r"student|agent|captain|dean|boss|expert|economist|chair|secretary|spokesperson|resident|"
    r"father|mother|son|daughter|brother|sister|wife|husband|chef|pilot|official|candidate)\b"
)
_BODIES = frozenset(
    """university college school sports street journal news times post agency center centre
    institute group department ministry company council committee office bank court police service
    association union party house club airlines press commission foundation
    conference summit court state states county city""".split()
)
_OFFICES = frozenset(
    "chair leader spokesman spokeswoman director officer sergeant deputy lt".split()
)
_DETERMINERS = frozenset("the a an some several many most".split())


def people_of(sentence: str) -> Iterator[tuple[str, bool]]:
    """Full names of those whom a sentence introduces or lets speak; True for who speaks."""
    text = " ".join(sentence.split())
    for pattern in _SPOKE:
        for match in pattern.finditer(text):
            name = _full_name(match["name"])
            if name is not None and not _OF_A_BODY.match(text[match.end("name") :]):
                yield name, True
    for match in _ROLE.finditer(text):
        name = _full_name(match["name"])
        role = match.group()[len(match["name"]) :]
        if name is not None and (role.startswith(", who ") or _A_ROLE.search(role)):
            yield name, False


def _full_name(text: str) -> str | None:
    """First name and last name, without the office before them; None for what is no person."""
    words = text.split()
    while len(words) > 2 and (
        words[0].lower() in TITLES | _OFFICES or _A_ROLE.fullmatch(words[0].lower())
    ):
        words.pop(0)
    shown = " ".join(words)
    return shown if _is_full_name(shown) else None


def _is_full_name(text: str) -> bool:
    words = text.split()
    plain = [w.lower() for w in words]
    return (
        2 <= len(words) <= 3
        and not set(plain) & (TITLES | _OFFICES | _BODIES)
        and not set(plain) & (STOP_WORDS | _DETERMINERS)
        and not dates(text)
        and not any(w.endswith(("'s", "\u2019s")) for w in plain)
        and bool(names(f"Then {text}"))
        and is_person(text)
        and load_background().is_name(stem(words[0]))
    )
