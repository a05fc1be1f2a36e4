"""Ground tool: whom "he", "it" or "the company" at the head of a quoted sentence stands for.

Rules, no model: the nearest preceding sentence of the article that names someone who fits in kind
(person or body), number and, where a title tells it, gender; its first such name, since what a
sentence is about mostly stands first (Grosz, Joshi and Weinstein 1995, on centering). Where two
fit equally, or none does, nothing is resolved.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from rag.background import load_background
from rag.facts import NOT_NAMES, TITLES, Name, names
from rag.schema import RANKS, Verdict
from rag.text import sentence_spans, stem

Kind = Literal["person", "body"]
_PLACES = Path(__file__).parent / "data" / "places.txt"
_BEFORE = 4  # sentences before the quoted one in which the name is looked for
_MAX_BEFORE = 2_000  # characters
_HEAD = 60  # characters of a sentence in which its subject stands
_BODY_NOUNS = (
    "company|firm|group|bank|carrier|airline|automaker|carmaker|chipmaker|retailer|manufacturer|"
    "startup|start-up|giant|agency|department|ministry|commission|regulator|court|university|"
    "college|school|hospital|union|party|team|club|league|council|committee|organi[sz]ation|"
    "institute|newspaper|network|operator|maker|developer|utility|charity|federation"
)
_PERSON_NOUNS = (
    "minister|president|chancellor|mayor|governor|senator|congressman|congresswoman|lawmaker|"
    "actor|actress|singer|rapper|musician|player|coach|striker|quarterback|author|writer|director|"
    "man|woman|suspect|judge|lawyer|attorney|professor|researcher|analyst|billionaire|executive|"
    "chairman|chairwoman|official|officer|sheriff|pope|king|queen|prince|princess|\\d\\d-year-old"
)
_ANAPHOR = re.compile(
    rf"\b(?:(?P<she>[Ss]he|[Hh]er)|(?P<he>[Hh]e|[Hh]is)|(?P<it>[Ii]t|[Ii]ts)"
    rf"|(?P<body>[Tt]he (?:{_BODY_NOUNS}))|(?P<person>[Tt]he (?:{_PERSON_NOUNS})))"
    r"\b(?! of\b| that\b)"
)
_EMPTY_IT = re.compile(
    r"[Ii]t(?:['\u2019]s| is| was| will be| would be| has been| seems?| appears?| remains?)\b"
)
_BODY = re.compile(
    r"\b(?:Inc|Corp|Co|Ltd|LLC|PLC|Group|Bank|University|College|Department|Ministry|Agency|Court|"
    r"Commission|Council|Committee|Association|Union|Party|Company|Institute|Airlines?|Motors|"
    r"Technologies|Holdings|Foundation|Service|Administration|Bureau|School|Hospital|League|Club|"
    r"FC|United|Systems|Energy|Industries|Partners|Capital|Media|Studios|Lines|Cells)\b|^[A-Z]{2,5}$"
)
_SPEAKS = re.compile(
    r"^(?:,[^,]{2,60},)?\s(?:said|says|told|tweeted|wrote|testified|who)\b|^, \d\d\b"
)
_AT_WORK = re.compile(
    r"^(?:['\u2019]s)?\s(?:shares?|stock|executives?|employees|spokes\w+|reported|announced)\b"
)
_PLACED = re.compile(
    r"\b(?:[Ii]n|[Ff]rom|[Nn]ear|[Tt]o|[Ii]nto|[Aa]round)\s(?:[A-Z]\w+(?:,| and)\s)*$"
)
_SHE = re.compile(
    r"\b(?:Mrs|Ms|Miss|Queen|Princess|Lady|Dame|actress|congresswoman|chairwoman)\b\.?\s*$"
)
_HE = re.compile(r"\b(?:Mr|King|Prince|Lord|Sir|Pope|congressman|chairman)\b\.?\s*$")
_TITLED = re.compile(
    r"\b(?:President|Minister|Senator|Sen\.|Rep\.|Gov\.|Governor|Mayor|Judge|Justice|Secretary|Mr|"
    r"Mrs|Ms|Dr|Professor|Sheriff|Chancellor|Pope|King|Queen|Prince|Princess|CEO|Officer|Coach|"
    r"actor|actress|singer|analyst|director|lawyer|striker)\.?\s*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Referent:
    """``[start, end)`` of a text stands for ``name``; other names that would fit beside it."""

    start: int
    end: int
    text: str  # the words that stand for the name
    name: str
    others: tuple[str, ...] = ()


def referents(text: str, start: int, end: int) -> tuple[Referent, ...]:
    """Whom the heads of the sentences within ``[start, end)`` of an article stand for.

    Offsets count in the article; the 2,000 characters before are looked at.
    """
    first = max(0, start - _MAX_BEFORE)
    spans = [(a + first, b + first) for a, b in sentence_spans(text[first:end])]
    found = []
    for at, (a, b) in enumerate(spans):
        head = _head(text, a, b) if b > start else None
        before = [text[slice(*s)] for s in spans[max(0, at - _BEFORE) : at]]
        resolved = _resolved(head, before) if head else None
        if resolved is not None:
            found.append(resolved)
    return tuple(found)


def resolve(text: str, found: Sequence[Referent], offset: int) -> str:
    """A stretch of an article that begins at ``offset``, the names put in."""
    for one in sorted(found, key=lambda r: -r.start):
        a, b = one.start - offset, one.end - offset
        if a >= 0 and b <= len(text):
            owns = one.text.lower() in ("his", "her", "its")
            text = text[:a] + one.name + ("\u2019s" if owns else "") + text[b:]
    return text


@dataclass(frozen=True, slots=True)
class Named:
    """The quoted sentences with names put in, and which ones."""

    told: tuple[str, ...]
    found: tuple[Referent, ...]

    def mistaken(self, verdict: Verdict) -> Referent | None:
        """Whom the sentence names wrongly, going by the gravest reason; None when it is another."""
        told = set(re.findall(r"\w+", verdict.reasons[0])) if verdict.reasons else set()
        return next((one for one in self.found if told & set(one.name.split())), None)


def in_its_words(verdict: Verdict, by: Named, source: str) -> Verdict:
    """The verdict, what contradicts it in the exact words of the source again."""
    claims = tuple(
        replace(claim, against=_exact(claim.against, by, source)) for claim in verdict.claims
    )
    return replace(verdict, claims=claims)


def _exact(told: str, by: Named, source: str) -> str:
    for one in by.found:
        if told and told not in source:
            told = told.replace(one.name, one.text, 1)
    return told if told in source else ""


def lowered(verdict: Verdict, doubt: str) -> Verdict:
    """The verdict, partial at best."""
    if RANKS[verdict.label] <= RANKS["partial"]:
        return verdict
    claims = tuple(
        replace(claim, label="partial", reason=doubt) if claim.label == "supported" else claim
        for claim in verdict.claims
    )
    return replace(verdict, label="partial", claims=claims)


@dataclass(frozen=True, slots=True)
class _Head:
    start: int
    end: int
    text: str
    kind: Kind
    she: bool | None  # None: not told


def _head(text: str, start: int, end: int) -> _Head | None:
    """The first word for someone in the head of a sentence that names nobody before it."""
    match = _ANAPHOR.search(text, start, min(end, start + _HEAD))
    if match is None or _EMPTY_IT.match(text, match.start()):
        return None
    if any(n.sure or _is_known(n) for n in names(text[start : match.start()])):
        return None
    kind: Kind = "body" if match["it"] or match["body"] else "person"
    she = True if match["she"] else False if match["he"] else None
    return _Head(match.start(), match.end(), match.group(), kind, she)


def _is_known(name: Name) -> bool:
    return load_background().is_name(stem(name.words[0]))


def _resolved(head: _Head, before: Sequence[str]) -> Referent | None:
    """The first fitting name of the nearest sentence that has one."""
    full = {n.words[-1]: n for sentence in before for n in names(sentence) if len(n.words) > 1}
    for sentence in reversed(before):
        fitting = list(dict.fromkeys(_fitting(head, sentence, full)))
        if fitting:
            first, *others = fitting
            return Referent(
                start=head.start, end=head.end, text=head.text, name=first, others=tuple(others)
            )
    return None


def _fitting(head: _Head, sentence: str, full: dict[str, Name]) -> Iterator[str]:
    for name in names(sentence):
        if not (name.sure or _is_known(name)) or set(name.words) & (NOT_NAMES | _places()):
            continue
        whole = full.get(name.words[-1], name)
        left, right = sentence[: name.start], sentence[name.end : name.end + 70]
        if _kind_of(whole, left, right) != head.kind or _is_other(head, left):
            continue
        yield name.text


def _kind_of(name: Name, left: str, right: str) -> Kind | None:
    """A person or a body, None where the words around do not tell."""
    titled = bool(set(name.text.lower().replace(".", "").split()) & (TITLES - {"the", "a", "an"}))
    if _BODY.search(name.text) or left.endswith(("the ", "The ")):
        return "body"
    if titled or _TITLED.search(left) or _SPEAKS.match(right):
        return "person"
    if _AT_WORK.match(right) or left.endswith((" at ", " by ")):
        return "body"
    if _PLACED.search(left):
        return None
    return "person" if len(name.words) in (2, 3) else "body"


def _is_other(head: _Head, left: str) -> bool:
    return (head.she is True and bool(_HE.search(left))) or (
        head.she is False and bool(_SHE.search(left))
    )


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    """Words of the names of countries and states, which neither he nor the company is."""
    lines = _PLACES.read_text(encoding="utf-8").splitlines()
    listed = (name for line in lines if line for name in line.split(": ", 1)[1].split(", "))
    return frozenset(name.lower() for name in listed)
