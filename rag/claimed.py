"""Ground tool: what a sentence claims, one by one: who says it, and how firmly.

Rules over the surface, no model: coordinated clauses and verb phrases, subordinate and relative
clauses, participles and asides between commas, and "X said that Y". Every claim is a range of the
sentence, so that what a check finds can be laid to the claim in which it stands. Every pattern is
linear in the text; nothing is cut inside quotation marks or brackets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.schema import Firmness
from rag.speakers import speaker
from rag.text import STOP_WORDS

_MAX_CHARACTERS = 2_000
_MAX_CLAIMS = 12
_CLAUSE_WORDS = 5  # words of a piece that is taken for a clause though no verb of it is known
_ASIDE_WORDS = 3
_MAX_ASIDE = 160  # characters within which an aside is closed: keeps hostile text linear

_IRREGULAR = (
    "said|told|was|were|is|are|has|have|had|will|would|may|might|can|could|must|should|does|did|"
    "rose|fell|grew|won|lost|began|began|became|came|went|took|gave|made|found|held|left|led|met|"
    "paid|sent|spent|stood|struck|hit|wrote|chose|broke|built|bought|brought|caught|cut|drew|drove|"
    "felt|fought|flew|got|heard|kept|knew|laid|let|put|ran|saw|sold|set|shot|shut|sank|spoke|stole|"
    "swore|threw|wore|says|tells|plans|makes|takes|expects|wants|hopes|faces|includes|remains|"
    "gets|gives|goes|comes|sees|shows|holds|leads|runs|needs|calls|means|owns|serves|works|lives"
)
_FINITE = rf"(?:\w+ly )?(?:not |never |also |then |later )?(?:{_IRREGULAR}|[a-z]{{2,}}ed)\b"
_HAS_VERB = re.compile(rf"\b(?:{_IRREGULAR}|[a-z]{{2,}}ed|(?:to|n['\u2019]t) [a-z]+)\b")
_NAME = (
    r"(?:[Tt]he |[Aa]n? |[Ii]ts |[Hh]is |[Hh]er |[Tt]heir )?"
    r"[\w\u2019'.&-]+(?: [\w\u2019'.&-]+){0,7}?"
)
_CUT = re.compile(
    rf"""
    ;\s+ | \s[\u2013\u2014-]{{1,2}}\s | \u2014
    | ,\s+(?=(?:and|but|while|whereas|although|though|yet|so|because|since|after|before|as|when|if|
        unless|until|who|which|whose|where|having|including|leaving|making|adding|killing|causing|
        forcing|sending|bringing|raising|saying|citing|calling|becoming|following|using|[a-z]{{3,}}ing|
        an?|the|its|his|her)\b)
    | \s(?=(?:and|but|then)\s(?:[\w\u2019'.-]+\s){{0,4}}?{_FINITE})
    | \s(?=(?:because|although|though|while|whereas|after|before|unless|until|when|if)\s)
    | \s(?=(?:who|which)\s{_FINITE})
    """,
    re.VERBOSE,
)
_CLOSES = re.compile(rf",\s+(?={_FINITE})|,\s+(?=(?:and|but)\s)")
_ASIDE = re.compile(r"(?:who|which|whose|where|an?|the|its|his|her|having|[a-z]{3,}ing)\b")
_LEADING = re.compile(r"^(?:(?:and|but|then|so|yet)\s+)")
_GUARDED = re.compile(
    r"\u201c[^\u201c\u201d\n]*\u201d|\"[^\"\n]*\"|\([^()\n]*\)|(?<!\w)\u2018[^\u2018\n]{0,300}?\u2019(?!\w)"
)

# --- who says it ---------------------------------------------------------------------------------

_CLAIMS = r"(?:claims|reports|allegations|accusations|suggestions)"
_VERBS: tuple[tuple[Firmness, str], ...] = (
    (
        "denied",
        r"den(?:y|ies|ied)|disput(?:es?|ed)|refut(?:es?|ed)"
        rf"|(?:dismiss|reject)(?:es|ed|s)?(?=\s(?:the\s)?{_CLAIMS}\b)",
    ),
    ("alleged", r"claim(?:s|ed)|alleg(?:es?|ed)|accus(?:es?|ed)"),
    ("reported", r"report(?:s|ed)"),
    (
        "expected",
        r"expect(?:s|ed)?|predict(?:s|ed)|forecasts?|estimat(?:es|ed)|anticipat(?:es|ed)",
    ),
    (
        "possible",
        r"suggest(?:s|ed)|believ(?:es?|ed)|thinks?|thought|suspect(?:s|ed)|hint(?:s|ed)"
        r"|speculat(?:es?|ed)|fear(?:s|ed)",
    ),
    (
        "stated",
        r"said|says|told|tells|add(?:s|ed)|not(?:es|ed)|explain(?:s|ed)|wrote|writes|warn(?:s|ed)"
        r"|argu(?:es|ed)|stat(?:es|ed)|insist(?:s|ed)|announc(?:es|ed)|confirm(?:s|ed)"
        r"|acknowledg(?:es|ed)|admit(?:s|ted)|testif(?:ies|ied)|tweeted|declar(?:es|ed)"
        r"|rul(?:es|ed)|concluded|maintain(?:s|ed)|stress(?:es|ed)|reveal(?:s|ed)|disclos(?:es|ed)",
    ),
)
_SPEECH = "|".join(f"(?P<{firmness}>{words})" for firmness, words in _VERBS)
_PLAIN_SPEECH = re.sub(r"\?P<\w+>", "?:", _SPEECH)
_WHEN = (
    r"(?:\s(?:on|in|at|to|during|late|early|this|last)\s[\w\u2019'.,-]+(?:\s[\w\u2019'.-]+){0,3}?"
    r"|\s(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\syesterday|\stoday|\searlier)?"
)
_FRONT = re.compile(
    rf"^(?P<who>{_NAME})(?:,[^,]{{3,80}},)?\s(?:(?:has|have|had|also|later|\w+ly)\s){{0,2}}(?:{_SPEECH})\b"
    rf"(?:(?:(?<=told)|(?<=tells)|(?<=warned)|(?<=informed))\s(?:the\s)?[\w.]+(?:\s[A-Z][\w.]*)*)?{_WHEN}"
    r"(?:\sthat\s|:\s|,\s|\s(?=[\u201c\"])|\s(?=\w))"
)
_LED = re.compile(r"^(?P<how>[Aa]ccording to)\s(?P<who>[^,]{2,80}),\s")
_TAIL = re.compile(
    rf",[\u201d\"]?\s(?P<who>{_NAME})(?:,[^,]{{3,80}},)?\s(?:\w+ly\s)?(?:{_SPEECH})(?:\s[^,;]{{0,60}})?\.?[\u201d\"]?$"
)
_TURNED = re.compile(rf",[\u201d\"]?\s(?:{_SPEECH})\s(?P<who>[^,]{{2,80}})(?:,[^;]{{3,120}})?\.?$")
_LAST = re.compile(r",?\s(?P<how>according to)\s(?P<who>[^,]{2,80})\.?$")
_NO_SPEAKERS = STOP_WORDS | frozenset(
    "amid despite among since within also would may could".split()
)
_WITHIN_NAMES = frozenset("of the and for in at a an his her its their from who".split())
_SPEAKERS = frozenset("the a an his her its their my our he she they we i some many most".split())
_OFFICIAL = re.compile(
    r"\b(?:police|ministr\w+|minister|officials?|spokes\w+|court|judge|prosecutors?|government|"
    r"department|agency|agencies|commission\w*|president|mayor|governor|authorit\w+|statement|"
    r"regulators?|council\w*|white house|kremlin|pentagon|fbi|cdc|fda|sheriff|army|military|"
    r"embassy|secretary|parliament|senate|congress|office|chief|coroner|documents?|records?|filings?)\b",
    re.IGNORECASE,
)
_HEARSAY = re.compile(
    r"\b(?:sources?|reports?|media|news\w*|insiders?|people familiar|anonymous|rumou?rs?|times|"
    r"post|journal|reuters|agence|associated press|bloomberg)\b",
    re.IGNORECASE,
)
# In the order in which they count: the first that stands in a claim gives how firm it is.
_CUES: tuple[tuple[Firmness, re.Pattern[str]], ...] = (
    (
        "denied",
        re.compile(
            r"\bden(?:y|ies|ied|ying)\b|\brejects?(?:ed)? (?:the )?(?:claim|report|alleg|accus)"
        ),
    ),
    (
        "alleged",
        re.compile(
            r"\balleged(?:ly)?\b|\baccus(?:ed|es|ing)\b|\bpurported(?:ly)?\b|\bsuspected\b"
            r"|\bsupposed(?:ly)?\b|\bclaim(?:s|ed|ing) (?:that|to|he|she|it|they)\b"
        ),
    ),
    (
        "reported",
        re.compile(
            r"\breportedly\b|\brumou?red\b|\bapparently\b|\bsources (?:say|said)\b"
            r"|\b(?:is|are|was|were) (?:said|reported|believed|thought) to\b"
        ),
    ),
    (
        "possible",
        re.compile(
            r"\b(?:may|might|could|possibly|perhaps|potentially|maybe|considering|whether|unclear)\b"
        ),
    ),
    (
        "expected",
        re.compile(
            r"\b(?:expect(?:s|ed) to|(?:is|are) set to|(?:is|are|was|were) due to|likely|unlikely"
            r"|plan(?:s|ned)? to|hopes? to|intends? to|aims? to|scheduled|will|would|going to"
            r"|proposed)\b|['\u2019]ll\b"
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim of a sentence: ``text`` is the words of ``[start, end)``."""

    start: int
    end: int
    text: str
    said_by: str | None = None  # the speaker as written: "the ministry", "Park Jin"
    firmness: Firmness = "stated"
    cue: tuple[int, int] | None = None  # the words of the sentence that make it so firm


@dataclass(frozen=True, slots=True)
class _Speech:
    """Who says what stands in ``[start, end)``, and how firmly."""

    who: str
    firmness: Firmness
    start: int
    end: int
    cue: tuple[int, int]


@lru_cache(maxsize=5_000)
def claims_of(sentence: str) -> tuple[Claim, ...]:
    """The claims of a sentence in order; at least one unless it is empty.

    A sentence of more than 2,000 characters, or with more than twelve claims, keeps its rest in
    the last one.
    """
    text = sentence[:_MAX_CHARACTERS]
    speech = _speech(text)
    start, end = (speech.start, speech.end) if speech else (0, len(text))
    found: list[Claim] = []
    for first, last in _pieces(text, start, end):
        firmness, cue = _firmness(text, first, last, speech)
        found.append(
            Claim(
                start=first,
                end=last,
                text=text[first:last],
                said_by=speech.who if speech else None,
                firmness=firmness,
                cue=cue,
            )
        )
    return tuple(found)


def cue_of(text: str) -> Firmness | None:
    """How firm the words themselves make a claim, the first of denied, alleged, ... expected."""
    return next((firmness for firmness, cue in _CUES if cue.search(text)), None)


def _firmness(
    text: str, start: int, end: int, speech: _Speech | None
) -> tuple[Firmness, tuple[int, int] | None]:
    """How firm a claim is: the words inside it count before the verb of saying."""
    if speech is None or speech.firmness not in ("denied", "alleged"):
        piece = text[start:end]
        for firmness, cue in _CUES:
            if match := cue.search(piece):
                return firmness, (start + match.start(), start + match.end())
    return (speech.firmness, speech.cue) if speech else ("stated", None)


# --- attribution ---------------------------------------------------------------------------------


def _speech(text: str) -> _Speech | None:
    """Who says the sentence; None when it speaks for itself."""
    for pattern in (_LED, _FRONT, _TURNED, _TAIL, _LAST):
        match = pattern.search(text)
        if match is None or _in_quotes(text, match.start("who")):
            continue
        verb, before = _verb(match), pattern in (_FRONT, _TAIL)
        after = text[verb[1] :] if before else None
        who = speaker(match["who"], text[slice(*verb)], after)
        if not who or not _may_speak(who):
            continue
        if pattern in (_LED, _FRONT):
            start, end = match.end(), len(text)
        else:
            start, end = (
                0,
                match.start() + 1 + (text[match.start() + 1 : match.start() + 2] in '\u201d"'),
            )
        if not text[start:end].strip(" ."):
            continue
        return _Speech(who, _told(match, who), start, end, verb)
    return None


def _may_speak(who: str) -> bool:
    """False for "it", "which" and prepositions: "over claims that" has no speaker."""
    first, *rest = who.lower().replace("\u2019", "'").split()
    if first not in _SPEAKERS and first in _NO_SPEAKERS:
        return False
    return not any(word in _NO_SPEAKERS and word not in _WITHIN_NAMES for word in rest)


def _verb(match: re.Match[str]) -> tuple[int, int]:
    """Where the word stands that says who says it."""
    named = (*(f for f, _ in _VERBS), "how")
    group = next(g for g in named if match.groupdict().get(g))
    return match.span(group)


def _told(match: re.Match[str], who: str) -> Firmness:
    groups = match.groupdict()
    verb = next((f for f, _ in _VERBS if groups.get(f)), None)
    if verb is not None and verb not in ("stated", "reported"):
        return verb
    if _HEARSAY.search(who):
        return "reported"
    if _OFFICIAL.search(who):
        return "official"
    return "reported" if verb == "reported" else "stated"


def _in_quotes(text: str, at: int) -> bool:
    return any(m.start() < at < m.end() - 1 for m in _GUARDED.finditer(text))


# --- splitting -----------------------------------------------------------------------------------


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Ranges of the claims within ``[start, end)``, trimmed, in order."""
    cuts = _cuts(text, start, end)
    bounds = [start, *cuts, end]
    kept: list[tuple[int, int]] = []
    for first, last in pairwise(bounds):
        a, b = _trimmed(text, first, last)
        if b - a < 3:
            continue
        whole = _is_claim(text[a:b])
        if kept and (not whole or not _is_claim(text[slice(*kept[-1])])):
            kept[-1] = (kept[-1][0], b)
        else:
            kept.append((a, b))
    if len(kept) > _MAX_CLAIMS:
        kept = [*kept[: _MAX_CLAIMS - 1], (kept[_MAX_CLAIMS - 1][0], kept[-1][1])]
    yield from kept


def _cuts(text: str, start: int, end: int) -> list[int]:
    guarded = [m.span() for m in _GUARDED.finditer(text, start, end)]
    found: set[int] = set()
    for match in _CUT.finditer(text, start, end):
        at = match.end()
        if any(a < at < b for a, b in guarded):
            continue
        found.add(at)
        if _ASIDE.match(text, at) and (
            close := _CLOSES.search(text, at, min(end, at + _MAX_ASIDE))
        ):
            found.add(close.end())
    return sorted(c for c in found if start < c < end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " ,;:\u2013\u2014-":
        start += 1
    lead = _LEADING.match(text[start:end])
    start += lead.end() if lead else 0
    while end > start and text[end - 1] in " ,;:.\u2013\u2014-":
        end -= 1
    return start, end


def _is_claim(piece: str) -> bool:
    """True if a piece says something by itself: it has a verb, or is an aside of some words."""
    words = piece.split()
    if len(words) < 2:
        return False
    if _HAS_VERB.search(piece) or len(words) >= _CLAUSE_WORDS:
        return True
    return len(words) >= _ASIDE_WORDS and bool(_ASIDE.match(piece))
