"""Ground tool: whether two sentences speak of two things by the words that tell such things apart.

State or nation, a day or a week, the upper or the lower lake, what is hoped or what was: figures
of such two do not disagree. Pure functions.
"""

import re
from collections.abc import Sequence

from rag.claims import Claim, Line, clause_of
from rag.facts import Name, names
from rag.folding import fold, folded_terms

# Words that make two figures different things.
_WIDTHS = tuple(
    folded_terms(line)
    for line in (
        "national nationwide country nation",
        "state statewide states",
        "county",
        "city",
        "global globally worldwide world",
        "region regional",
        "daily",
        "weekly week",
        "monthly",
        "annual annually yearly",
        "quarterly quarter",
    )
)
_PERIODS = re.compile(
    r"\bin (?P<year>(?:19|20)\d\d)\b|\b(?:past|last|first|second|third|fourth|final|next|over|"
    r"within|in)\s(?:the\s)?(?:(?:past|last|next)\s)?"
    r"(?:\w+\s)?(?P<unit>hour|day|week|month|quarter|year|decade|half)s?\b",
    re.IGNORECASE,
)
# What is hoped or forecast, not told as a fact.
_HOPES = re.compile(
    r"\b(?:expect\w*|forecast\w*|project(?:s|ed|ions?)|predict\w*|could|may|might|would|goals?|"
    r"target\w*|"
    r"hop(?:e|es|ed|ing)|wants?|wanted|seek\w*|sought|demand\w*|propos\w+|offer\w*|aim\w*|"
    r"tip(?:s|ped)?)\b",
    re.IGNORECASE,
)
_HOPED_AFTER = re.compile(
    r"[^.;,\d]{0,40}\b(?:is|are|was|were) (?:expected|forecast|predicted|hoped)\b", re.IGNORECASE
)
_APART = tuple(
    tuple(folded_terms(side) for side in pair.split(":"))
    for pair in (
        "upper:lower",
        "men male man boy:women female woman girl",
        "first:second:third:fourth:fifth",
        "northern north:southern south",
        "eastern east:western west",
        "morning:evening:afternoon",
        "adult:child children minor young youth",
        "junior:senior",
        "former previous predecessor:current incumbent",
        "home:away",
        "import imports:export exports",
        "minimum:maximum:average",
        "low lowest:high highest",
        "older:younger",
        "domestic:foreign international",
        "public:private",
    )
)
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|\d+(?:st|nd|rd|th))\b", re.IGNORECASE
)
_NARROW = re.compile(
    r"\b(?:some|several|many|most|few|\d+|two|three|four|five|six|seven|eight|nine|ten|other|"
    r"certain)\s"
    r"(?:[\w-]+\s){0,2}(?:states|counties|cities|regions|provinces|districts)\b|\bstatewide\b",
    re.IGNORECASE,
)
_POLL = re.compile(r"\b(?:poll|survey|surveyed|pollsters?|respondents)\b", re.IGNORECASE)
_PART_BEFORE = re.compile(
    r"\b(?:including|excluding|among them|of (?:them|these|those|whom|which),?)\s(?:\S+\s)?$",
    re.IGNORECASE,
)
_PART_AFTER = re.compile(
    r"\s?(?:\w+\s)?of (?:them|whom|which|the (?:injured|dead|victims|wounded))\b|"
    r"[^.;,\d]{0,40}\balone\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"\b(?:said|says|told|according to)\s(?:\w+\s)?$", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"\b(?:in|at|of|from|to|by|with|for|on|near|against|over|between|across|outside|like|"
    r"than)\s(?:the\s|an?\s)?$",
    re.IGNORECASE,
)
_ACTS = re.compile(r"['\u2019]s\b|\s(?:has|have|had|is|are|was|were|will|would|did|does)\b")
_PEOPLE = re.compile(r"[A-Z][a-z]+(?:an|ese|ish|ch|ic|i)")
_QUOTED = re.compile(r"[\"\u201c\u2018'](?:The |A |An )?$")  # a title
_SPEAKS = re.compile(r"\s?,?\s(?:said|says|told)\b", re.IGNORECASE)


def same_width(one: Line, other: Line) -> bool:
    """False if one sentence speaks of a state and the other of the nation, or day and week."""
    used = [{i for i, words in enumerate(_WIDTHS) if words & s.terms} for s in (one, other)]
    return not all(used) or bool(used[0] & used[1])


def hoped(line: Line, start: int, end: int) -> bool:
    """True if the words at ``[start, end)`` are a wish or a forecast in their clause."""
    begin, _ = clause_of(line.text, start, end)
    before = line.text[begin:start]
    return bool(_HOPES.search(before) or _HOPED_AFTER.match(line.text, end))


def told_apart(one: Line, other: Line) -> bool:
    """True if opposite words set the two apart: upper and lower, first and second."""
    for sides in _APART:
        held = [[bool(side & line.terms) for side in sides] for line in (one, other)]
        if any(held[0]) and any(held[1]) and not any(a and b for a, b in zip(*held, strict=True)):
            return True
    ordinals = [{m.lower() for m in _ORDINAL.findall(line.text)} for line in (one, other)]
    return bool(ordinals[0] and ordinals[1]) and not ordinals[0] & ordinals[1]


def of_one_span(one: Line, other: Line) -> bool:
    """False if the two speak of stretches of time of different length: a quarter, a year."""
    spans = [
        {(m["unit"] or "year").lower() for m in _PERIODS.finditer(line.text)}
        for line in (one, other)
    ]
    return not (spans[0] and spans[1]) or bool(spans[0] & spans[1])


def narrowed(one: Line, other: Line) -> bool:
    """True if only one of the two keeps to some states, counties or cities."""
    return bool(_NARROW.search(one.text)) != bool(_NARROW.search(other.text))


def of_two_polls(one: Line, other: Line) -> bool:
    """True for the results of two surveys: they were taken on other days, of other people."""
    asked = all(
        _POLL.search(line.text) or _POLL.search(line.article.title or "") for line in (one, other)
    )
    return asked and one.article.day != other.article.day


def is_part(line: Line, start: int, end: int) -> bool:
    """True if the figure at ``[start, end)`` is said to be a part of another one."""
    before, behind = line.text[max(0, start - 40) : start], line.text[end : end + 70]
    return bool(_PART_BEFORE.search(before) or _PART_AFTER.match(behind))


def named_apart(one: Claim, other: Claim, asked: frozenset[str]) -> bool:
    """True if two clauses are about two names: each has its own, or one has the question's.

    ``asked`` are the folded names of the question. A name that the other article holds as well
    tells nothing apart, nor does the answer itself.
    """
    here, there = _clause_names(one), _clause_names(other)
    mine = [n for n in here if _is_foreign(n[1], other, asked)]
    theirs = [n for n in there if _is_foreign(n[1], one, asked)]
    if mine and theirs:
        return True
    for own, foreign, rival in ((here, mine, there), (there, theirs, here)):
        if own and len(own) == len(foreign) and any(words <= asked for _, words in rival):
            return True  # "the hospital in Falun"
    return is_of_another(one, other, asked) or is_of_another(other, one, asked)


def is_of_another(one: Claim, other: Claim, asked: frozenset[str]) -> bool:
    """True if a clause opens with a name of its own where the other clause has the question's."""
    here, there = _clause_names(one), _clause_names(other)
    if not any(words <= asked for _, words in there):
        return False
    subject, rival = _subject(one, here), _subject(other, there)
    if subject & rival and not (subject <= rival or rival <= subject):
        return True  # Ostrava Steel, Novara Steel
    if not subject or subject & asked:
        return False
    return _is_foreign(subject, other, asked) or (bool(rival) and rival <= asked)


def _clause_names(claim: Claim) -> list[tuple[int, frozenset[str]]]:
    """Where the clause's names stand, and their folded words; neither the answer nor who speaks."""
    text, fact = claim.line.text, claim.fact
    start, end = clause_of(text, fact.start, fact.end)
    found = []
    for name in names(text[start:end]):
        at, stop = start + name.start, start + name.end
        known = name.sure or bool(_ACTS.match(text, stop))
        if (
            not known
            or is_adjective(text[start:end], name)
            or _QUOTED.search(text[max(0, at - 5) : at])
            or not (stop <= fact.start or fact.end <= at)
        ):
            continue
        if not _SPEAKER.search(text[max(0, at - 20) : at]) and not _SPEAKS.match(
            text[stop : stop + 12]
        ):
            found.append((at, frozenset(map(fold, name.words))))
    return found


def _is_foreign(words: frozenset[str], other: Claim, asked: frozenset[str]) -> bool:
    return not words & (asked | other.line.setting | other.line.terms)


def _subject(claim: Claim, named: Sequence[tuple[int, frozenset[str]]]) -> frozenset[str]:
    """The name that the clause opens with, if no preposition stands before it."""
    for at, words in named:
        if not _PREPOSITION.search(claim.line.text[max(0, at - 20) : at]):
            return words
    return frozenset()


def n_parties(claim: Claim) -> int | None:
    """How many share in "each" or "in total": names in a list, or "each of the four towns"."""
    text = claim.line.text
    counted = re.search(
        r"\b(?:the|of|all|these|its)\s(?:\w+\s)?(two|three|four|five|six|seven|eight|nine|ten)\s[a-z]+",
        text,
        re.IGNORECASE,
    )
    listed = re.findall(
        r"[A-Z][\w&.-]*(?:\s[A-Z][\w&.-]*)*(?:,\s[A-Z][\w&.-]*(?:\s[A-Z][\w&.-]*)*)*,?\sand\s[A-Z]",
        text,
    )
    best = max((run.count(",") - run.count(", and") + 2 for run in listed), default=0)
    if best >= 2:
        return best
    numbers = "two three four five six seven eight nine ten".split()
    return numbers.index(counted.group(1).lower()) + 2 if counted else None


def is_adjective(text: str, name: Name) -> bool:
    """True for the name of a people before what is theirs: "an American fund"."""
    lone = _PEOPLE.fullmatch(name.text)
    return bool(lone and re.match(r"\s[a-z]", text[name.end : name.end + 2]))
