"""Ground tool: how far the decisions and deeds of a text are: weighed, conditional, approved.

Pure functions without models; every pattern is linear in the text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rag.text import STOP_WORDS, stem
from rag.words import root

Family = Literal["decision", "completion"]
Certainty = Literal["denied", "possible", "expected", "reported", "stated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How far an event is: "preliminary approval", "may approve", "rejected".

    ``rank`` orders the stages of one family: decision 0 rejected, 1 considering, 2 preliminary
    or conditional, 3 approved; completion 0 cancelled, 1 planned, 2 begun, 3 completed.
    ``about`` holds the stems of the content words around the event, to compare like with like.
    """

    family: Family
    stage: str
    rank: int
    certainty: Certainty
    event: str  # stem of the word that names it
    about: frozenset[str]
    start: int
    end: int
    text: str


_STAGES: tuple[tuple[Family, str, int, str], ...] = (
    (
        "decision",
        "rejected",
        0,
        r"reject(?:s|ed|ing|ions?)?|den(?:y|ies|ied|ying|ials?)|refus(?:e[sd]?|ing|als?)|"
        r"block(?:s|ed|ing)?|ban(?:s|ned|ning)?|veto(?:es|ed|ing)?|turn(?:s|ed)?\sdown|"
        r"rul(?:es|ed)\sout|prohibit(?:s|ed|ing)?|forb(?:id|ids|ade|idden)|barr(?:ed|ing)|"
        r"disapprov(?:es?|ed|al)|oppos(?:es?|ed|ing)|revok(?:es?|ed|ing)|declin(?:es|ed)",
    ),
    (
        "decision",
        "considering",
        1,
        r"weigh(?:s|ed|ing)?|consider(?:s|ed|ing)?|mull(?:s|ed|ing)?|review(?:s|ed|ing)?|"
        r"deciding|debat(?:es?|ed|ing)|undecided|discuss(?:es|ed|ing)?|evaluat(?:es?|ing)|"
        r"ponder(?:s|ed|ing)?",
    ),
    (
        "decision",
        "approved",
        3,
        r"approv(?:es?|ed|ing|als?)|agree(?:s|d|ing|ments?)?|grant(?:s|ed|ing)?|"
        r"clear(?:s|ed|ing|ances?)(?=\s(?:to\b|for\b|the\b|by\b|a\b|\w+\s(?:to|for)\b|in\b|of\b))|"
        r"clearances?|authori[sz](?:es?|ed|ing|ations?)|green-?\s?light(?:s|ed|ing)?|"
        r"permit(?:s|ted|ting)|permission|allow(?:s|ed|ing)?|licen[sc]es?|consent(?:s|ed|ing)?|"
        r"sign(?:s|ed)?\soff|ratif(?:y|ies|ied)|endors(?:es?|ed|ing|ements?)|accept(?:s|ed|ing)?|"
        r"back(?:s|ed|ing)|pass(?:es|ed)(?=\sthe\b|\sa\b)",
    ),
    (
        "completion",
        "cancelled",
        0,
        r"cancel(?:s|l?ed|l?ing|lations?)?|scrap(?:s|ped|ping)?|call(?:s|ed|ing)?\soff|"
        r"postpon(?:es?|ed|ing)|abandon(?:s|ed|ing)?|suspend(?:s|ed|ing)?|halt(?:s|ed|ing)?",
    ),
    (
        "completion",
        "planned",
        1,
        r"plan(?:s|ned|ning)?\sto|intend(?:s|ed)?\sto|aim(?:s|ed)?\sto|hop(?:es|ed|ing)\sto|"
        r"propos(?:es?|ed|ing|als?)|(?:is|are|was|were)\s(?:set|due|scheduled)\sto|"
        r"prepar(?:es|ed|ing)\sto",
    ),
    (
        "completion",
        "begun",
        2,
        r"beg(?:ins?|an|un|inning)|start(?:s|ed|ing)?|launch(?:es|ed|ing)?|under\s?way",
    ),
    (
        "completion",
        "completed",
        3,
        r"complet(?:es|ed|ing|ion)|finish(?:es|ed|ing)?|conclud(?:es?|ed|ing)|"
        r"finali[sz](?:es?|ed|ing)|wrapp?(?:ed|s)?\sup",
    ),
)
_STATUS = re.compile(
    r"\b(?:" + "|".join(f"(?P<{stage}>{words})" for _, stage, _, words in _STAGES) + r")\b",
    re.IGNORECASE,
)
_STAGE = {stage: (family, rank) for family, stage, rank, _ in _STAGES}
_LEFT = re.compile(r"[.;:!?\n]\s|\b(?:but|while|although|though)\b", re.IGNORECASE)
_WHETHER = re.compile(
    r"\b(?:whether|if|decid(?:e|ing)|consider(?:s|ed|ing)?|weigh(?:s|ed|ing)?|mull(?:s|ed|ing)?|"
    r"review(?:s|ed|ing)?|debat(?:es?|ed|ing)|seek(?:s|ing)?|sought|await(?:s|ed|ing)?|"
    r"waiting\sfor|pending|request(?:s|ed|ing)?)\b(?:\s[\w'\u2019-]+){0,5}\s?$",
    re.IGNORECASE,
)
_PARTIAL = re.compile(
    r"\b(preliminar\w+|initial|tentative\w*|provisional\w*|conditional\w*|interim|partial\w*)\b"
    r"[\w\s,-]{0,12}$",
    re.I,
)
_PARTIAL_AFTER = re.compile(
    r"^(?:\W{1,2}(?:a|an|the|their|its))?\W{1,2}(in\sprinciple|preliminary|conditional|tentative|"
    r"provisional|initial|interim|conditionally|provisionally|tentatively|on\scondition)\b",
    re.I,
)
_PARTIAL_SAID = re.compile(
    r"^[^.;!?\n]{0,60}\b(?:is|are|was|were|remains?)\s(?:only\s)?"
    r"(preliminary|conditional|tentative|provisional|initial|interim|partial)\b",
    re.I,
)
_EARLY = frozenset({"prel", "init", "tent", "prov", "inte"})
_NOT_BEFORE = re.compile(
    r"(?:\b(?:not|never|no|without|cannot|neither|nor)|n['\u2019]t|refus\w+\sto|declin\w+\sto|"
    r"fail\w*\sto|den(?:ied|ies|ying)|reject(?:ed|s|ing)|refus(?:ed|es|ing)|withh\w+|revok\w+|"
    r"block(?:ed|s|ing))\s(?:[\w-]+\s){0,2}$",
    re.IGNORECASE,
)
_POSSIBLE = re.compile(r"\b(?:may|might|could|can|possibly|potential\w*)\s(?:[\w-]+\s){0,2}$", re.I)
_EXPECTED = re.compile(
    r"(?:\b(?:will|would|shall|expect(?:s|ed)?\sto|likely\sto|plan(?:s|ned)?\sto|due\sto|set\sto|"
    r"about\sto|intend(?:s|ed)?\sto|hop(?:es|ed)\sto|going\sto)|['\u2019]ll)\s"
    r"(?:[\w-]+\s){0,2}$",
    re.IGNORECASE,
)
_EXPECTED_AFTER = re.compile(r"^\s(?:is|are|was|were)\s(?:expected|likely|planned|due)\b", re.I)
_REPORTED = re.compile(
    r"\b(?:report(?:s|ed|edly)|alleg(?:es|ed|edly)|according\sto|apparently|claim(?:s|ed)|"
    r"rumou?r\w*|sources?\ssaid|suppos\w+)\b",
    re.IGNORECASE,
)

_CAPITAL = re.compile(r"\b[A-Z][A-Za-z]+(?![\w-])")
_BY = re.compile(r"^[^.;\n]{0,40}\bby\s(?:the\s)?([A-Z][A-Za-z]+)")
_SEAT = {
    "beijing": "china",
    "washington": "us",
    "moscow": "russia",
    "kremlin": "russia",
    "london": "uk",
    "kyiv": "ukrain",
    "tehran": "iran",
    "tokyo": "japan",
    "berlin": "germani",
    "paris": "franc",
    "brussels": "europ",
    "delhi": "india",
}
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def statuses(text: str) -> tuple[Status, ...]:
    """The decisions and deeds of a text in order, each with how far it is."""
    return tuple(_status(text, match) for match in _STATUS.finditer(text))


def _status(text: str, match: re.Match[str]) -> Status:
    base = match.lastgroup or ""
    family, rank = _STAGE[base]
    left = text[max(0, match.start() - 90) : match.start()]
    cuts = [m.end() for m in _LEFT.finditer(left)]
    left = left[cuts[-1] :] if cuts else left
    right = text[match.end() : match.end() + 80]
    stage = base
    if base == "approved":
        stage, rank = _approval(left, right)
    elif base == "rejected" and _NOT_BEFORE.search(left):
        stage, rank = "not rejected", 1
    return Status(
        family=family,
        stage=stage,
        rank=rank,
        certainty=_certainty(left, right),
        event=stem(re.split(r"\s", match.group())[0]),
        about=_about(text, match),
        start=match.start(),
        end=match.end(),
        text=match.group(),
    )


def _approval(left: str, right: str) -> tuple[str, int]:
    if _NOT_BEFORE.search(left):
        return "not approved", 0
    if _WHETHER.search(left):
        return "considering", 1
    partial = _PARTIAL.search(left) or _PARTIAL_AFTER.search(right)
    partial = partial or _PARTIAL_SAID.search(right)
    if partial:
        return ("preliminary" if partial[1][:4].lower() in _EARLY else "conditional"), 2
    return "approved", 3


def _certainty(left: str, right: str) -> Certainty:
    if _NOT_BEFORE.search(left):
        return "denied"
    if _POSSIBLE.search(left):
        return "possible"
    if _EXPECTED.search(left) or _EXPECTED_AFTER.search(right):
        return "expected"
    return "reported" if _REPORTED.search(left) else "stated"


def actors(found: Iterable[Status], text: str) -> frozenset[str]:
    """Who decides, as far as the order of words tells: the last name before each status.

    As stems, a capital standing for its country; "by X" behind a status counts likewise.
    """
    named: set[str] = set()
    for status in found:
        before = _CAPITAL.findall(text[max(0, status.start - 120) : status.start])
        behind = _BY.search(text[status.end : status.end + 60])
        word = behind[1] if behind else before[-1] if before else ""
        if word:
            named.add(_SEAT.get(word.lower(), root(stem(word))))
    return frozenset(named)


def _about(text: str, match: re.Match[str]) -> frozenset[str]:
    start, end = max(0, match.start() - 90), min(len(text), match.end() + 90)
    around = (text[start : match.start()], text[match.end() : end])
    words = (w.group() for part in around for w in _WORD.finditer(part))
    return frozenset(stem(w) for w in words if w.lower() not in STOP_WORDS)
