"""Ground tool: what can be checked in a text, with offsets: names and quotes.

Pure functions without models; every pattern is linear in the text. Figures are in ``quantities``,
dates in ``moments``, decisions in ``statuses``; all are offered here, so a step has one import.
"""

import re
from dataclasses import dataclass

from rag.moments import DateMention, clash, dates
from rag.quantities import Quantity, quantities
from rag.statuses import Status, actors, statuses
from rag.text import STOP_WORDS, sentence_spans

__all__ = [
    "NOT_NAMES",
    "TITLES",
    "DateMention",
    "Name",
    "Quantity",
    "Quote",
    "Status",
    "actors",
    "clash",
    "dates",
    "names",
    "plain",
    "quantities",
    "quotes",
    "statuses",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A run of capitalised words without possessive; ``text`` is the words of ``[start, end)``."""

    words: tuple[str, ...]  # in lower case, "U.S." as "us", without titles such as "Mr"
    sure: bool  # False for a lone word that opens its sentence: it may be an ordinary word
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words in quotation marks; ``[start, end)`` and ``text`` leave the marks out."""

    start: int
    end: int
    text: str


_CAPITALS = r"(?:[A-Z]\.){2,}|[A-Z\u00c0-\u00de][\w&\u2019'.-]*[\w]|[A-Z](?![\w.])"
_NAME = re.compile(
    rf"(?<![\w&])(?:{_CAPITALS})"
    rf"(?:(?:[ ](?:of|de|del|der|van|von|bin|al|da|la|le|&)(?:[ ]the)?)?[ ](?:{_CAPITALS})"
    rf"|[ ]\d{{1,3}}\b(?![,.%]\d))*"
)
_POSSESSIVE = re.compile(r"['\u2019](?:s|S)?$")
TITLES = frozenset(
    """
    mr mrs ms dr prof sir dame lord lady president senator sen rep gov governor ceo chief
    minister prime secretary king queen prince princess pope gen general judge justice mayor
    former st the a an
    """.split()
)
NOT_NAMES = frozenset(
    """
    i i'm i've i'll i'd january february march april may june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday jan feb mar apr
    jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun
    one two three four five six seven eight nine ten eleven twelve first second third
    new yes hundreds thousands millions dozens according today yesterday however meanwhile although
    """.split()
)
_AUXILIARY = STOP_WORDS | frozenset(
    "would could may might must shall yet ever even also whether".split()
)

_QUOTES = re.compile(
    r"\u201c([^\u201c\u201d\n]{1,2000})\u201d|\"([^\"\n]{1,2000})\"|\u00ab([^\u00ab\u00bb\n]{1,2000})\u00bb"
    r"|(?<!\w)\u2018([^\u2018\n]{1,300}?)\u2019(?!\w)|(?<![\w\u2019])'([^'\n]{1,300})'(?!\w)"
)


def names(text: str) -> tuple[Name, ...]:
    """The names of a text in order: capitalised runs, without ordinary words that open one."""
    openings = {start for start, _ in sentence_spans(text)}
    found: list[Name] = []
    for match in _NAME.finditer(text):
        for start, end in _name_parts(match):
            opens = bool(openings & {start, start - 1}) or text[max(0, start - 2) : start].endswith(
                ('"', "\u201c", ": ")
            )
            name = _name(text, start, end, opens=opens)
            if name is not None:
                found.append(name)
    return tuple(found)


def _name_parts(match: re.Match[str]) -> list[tuple[int, int]]:
    """A run cut after each possessive: "Georgetown's Center" names two things."""
    parts: list[tuple[int, int]] = []
    start = match.start()
    for cut in re.finditer(r"['\u2019]s?(?=\s|$)", match.group()):
        parts.append((start, match.start() + cut.start()))
        start = match.start() + cut.end() + 1
    if start < match.end():
        parts.append((start, match.end()))
    return [(a, b) for a, b in parts if a < b]


def _name(text: str, start: int, end: int, *, opens: bool) -> Name | None:
    run = text[start:end].split(" ")
    dropped = 0
    while run and (plain(run[0]) in NOT_NAMES or (opens and _is_opener(run[0], len(run)))):
        dropped += len(run.pop(0)) + 1
        opens = False
    while run and plain(run[-1]) in NOT_NAMES | {"of", "the"}:
        end -= len(run.pop()) + 1
    words = tuple(w for w in map(plain, run) if w and w not in TITLES and w not in STOP_WORDS)
    if not any(w[0].isalpha() for w in words):
        return None
    start += dropped
    sure = not (opens and len(run) == 1) or any(c.isupper() or c.isdigit() for c in run[0][1:])
    return Name(words=words, sure=sure, start=start, end=end, text=text[start:end])


def _is_opener(word: str, n_words: int) -> bool:
    """True for the word that opens a sentence and is no part of the name behind it."""
    lower = word.lower()
    return lower in STOP_WORDS or lower in _AUXILIARY or (n_words > 1 and lower.endswith("ly"))


def plain(word: str) -> str:
    """A word of a name as it is compared: lower case, no dots, no possessive."""
    return _POSSESSIVE.sub("", word).replace(".", "").replace("\u2019", "'").lower().strip("-'&")


def quotes(text: str) -> tuple[Quote, ...]:
    """The words in quotation marks, in order; a mark that is never closed holds nothing."""
    found: list[Quote] = []
    for match in _QUOTES.finditer(text):
        start, end = match.span(match.lastindex or 0)
        found.append(Quote(start=start, end=end, text=text[start:end]))
    return tuple(found)
