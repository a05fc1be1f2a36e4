"""Whose articles a question speaks of: "the Courier article", "according to the Gazette".

Pure functions over the question and the names of the archive's outlets. An outlet counts as cited
only beside a word that speaks of reporting, so that a question about a broadcaster is not taken
for one about what it reports.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.schema import Question

NOUNS = (
    r"(?:articles?|reports?|reporting|pieces?|story|stories|coverage|review|guide|posts?|column|"
    r"analysis)"
)
# Verbs by which an outlet tells something; their base form follows "did" and "does".
VERBS = (
    r"(?:suggest|claim|report|state|say|said|mention|indicate|impl(?:y|ie)|attribute|describe|"
    r"discuss|highlight|emphasi[sz]e|note|focus(?:es|ed)?\son|argue|accuse|credit|cover|portray|"
    r"write|wrote|tell|told|announce|confirm|den(?:y|ie)|present|detail|show|agree|disagree|"
    r"contradict|differ)(?:e?s|e?d|ing)?"
)
_AFTER = re.compile(
    rf"['\"\u2019\u201d]*(?:s['\u2019]?)?\s+(?:[\w&\u2019'-]+\s+){{0,3}}?(?:{NOUNS}|{VERBS})\b",
    re.I,
)
_BEFORE = re.compile(
    rf"\b(?:{NOUNS}\s(?:[\w-]+\s)?(?:by|from|in|of|on)|(?:according|compared)\sto|"
    r"(?:dis)?agrees?\swith|contradicts?|differs?\sfrom|(?:in)?consistent\swith|"
    r"[a-z]+(?:ed|wn|ld|ten)(?:\s[a-z]+)?\s(?:by|in)|(?:says|said|reports|reported))"
    r"\s(?:both\s|an?\s|another\s)?['\"\u2018\u201c]?(?:the\s)?['\"\u2018\u201c]?$",
    re.IGNORECASE,
)
_ACCORDING = re.compile(r"\baccording\sto\s(?:the\s)?['\"\u2018\u201c]?$", re.IGNORECASE)
# "What did the Courier report about ...": its own words are asked for.
_ASKED_WHAT = re.compile(
    r"\b(?:what|how)(?:\s\w+){0,2}?\s(?:did|does|do|has|have|is|was)\s(?:the\s)?"
    r"['\"\u2018\u201c]?$",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"^['\"\u2019\u201d]?\s(?:\w+ly\s|also\s|been\s|ever\s)?"
    r"(?:report|sa(?:y|id)|writ|wrote|publish|cover|describ)(?:ed|e|s|ten|ing)?\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"^['\"\u2019\u201d]?\s(?:\w+\s){1,3}?(?:about|on|of)\s(.{3,})$")
_HOST = re.compile(r"(?:www\.)?((?:[\w-]+\.)+[a-z]{2,})", re.IGNORECASE)
_SECOND_LEVEL = frozenset("co com org net ac gov edu".split())  # "co.uk", "com.au"
_ENDING = r"(?:\.(?:com|org|net|info|news|tv|io|co|eu|[a-z]{2})(?:\.[a-z]{2})?)?"
_LISTED = re.compile(
    r"^['\"\u2019\u201d]?,?\s?(?:and|or|&)?\s?(?:by\s)?(?:the\s)?['\"\u2018\u201c]?$", re.I
)
_CAPITALS = r"[A-Z][\w&.\u2019'-]*(?:\s(?:of\s|the\s)?[A-Z][\w&.-]*){0,4}"
# Another outlet, which the archive has not, listed with one that it has: "Reuters and the Post".
_ALSO_BEFORE = re.compile(
    rf"(\b[a-z]+\s)(?:the\s)?{_CAPITALS}(?:,\s(?:the\s)?{_CAPITALS})*,?\s(?:and|or)\s(?:the\s)?$"
)
_ALSO_AFTER = re.compile(rf"^,?\s(?:and|or)\s(?:the\s)?{_CAPITALS}(?=\s{VERBS}\b)")
_OWNS = re.compile(r"^['\u2019]s?(?=\s)")
_STRANGER = (
    re.compile(
        rf"\b(?:an?|the|another|separate)\s['\"\u2018]?({_CAPITALS})['\"\u2019]?\s{NOUNS}\b"
    ),
    re.compile(rf"\b{NOUNS}\s(?:by|from|in|on)\s(?:an?\s|the\s)?['\"\u2018]?({_CAPITALS})"),
    re.compile(rf"\banother\s(?:by|from|in)\s(?:the\s)?['\"\u2018]?({_CAPITALS})"),
)
# What a paper is called for short, where only one of the archive has the name: "the Courier".
_PAPERS = frozenset(
    """courier gazette herald mercury times post observer tribune journal ledger review sift
    chronicle guardian telegraph globe standard independent inquirer examiner sentinel argus
    echo star dispatch press bulletin register advertiser leader citizen monitor""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An outlet of the archive where a question names it: characters [start, end)."""

    outlet: str
    start: int
    end: int


def cited_outlets(question: str, outlets: Sequence[str]) -> tuple[Mention, ...]:
    """The outlets whose reporting the question speaks of, in order; one may come twice."""
    pattern, outlet_of = _pattern(tuple(outlets))
    if pattern is None:
        return ()
    places = [m for m in pattern.finditer(question) if _is_written(m, outlet_of)]
    cited = [_is_cited(question, m) for m in places]
    links = [
        bool(_LISTED.match(question[one.end() : other.start()]))
        for one, other in itertools.pairwise(places)
    ]
    for at, linked in enumerate(links):  # "by the Post, the Courier and the Ledger"
        cited[at + 1] |= linked and cited[at]
    for at in reversed(range(len(links))):  # "the Post and the Courier report"
        cited[at] |= links[at] and cited[at + 1]
    return tuple(
        Mention(outlet=outlet_of[_key(m["name"])], start=m.start(), end=m.end())
        for m, is_cited in zip(places, cited, strict=True)
        if is_cited
    )


def _is_written(match: re.Match[str], outlet_of: Mapping[str, str]) -> bool:
    """True unless it is ordinary words in small letters: "fortune", or "the week" of its site."""
    name = match["name"]
    if "." in match.group() or not name[0].islower():
        return True
    is_of_host = _HOST.fullmatch(outlet_of[_key(name)]) is not None
    return name.startswith("the ") and (not is_of_host or name[4:5].isupper())


def _is_cited(question: str, match: re.Match[str]) -> bool:
    before, after = question[: match.start()], question[match.end() :]
    return bool(_BEFORE.search(before) or _AFTER.match(after)) or _is_asked(before, after)


def _is_asked(before: str, after: str) -> bool:
    """True between "what did" and "report"."""
    return _ASKED_WHAT.search(before) is not None and _TELLS.match(after) is not None


@lru_cache(maxsize=8)
def _pattern(outlets: tuple[str, ...]) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    """Matches the names that the outlets go by, the longest first; "CNN" for "cnn.com"."""
    shown: dict[str, str] = {}
    outlet_of: dict[str, str] = {}

    def known(name: str, outlet: str, spelt: str) -> None:
        shown.setdefault(_key(name), spelt)
        outlet_of.setdefault(_key(name), outlet)

    for outlet in outlets:
        for name in _aliases(outlet):
            known(name, outlet, r"\s?".join(map(re.escape, name.split())))
    last = [o.rpartition(" ")[2].casefold() for o in outlets]
    for outlet, word in zip(outlets, last, strict=True):
        if word in _PAPERS and last.count(word) == 1:
            known(word, outlet, word)
    for outlet in sorted(outlets, key=lambda o: o.count(".")):  # "usatoday.com" before its parts
        label = _label(outlet)
        known(label, outlet, r"\s?".join(map(re.escape, label)))
    names = [shown[key] for key in sorted(shown, key=len, reverse=True) if key]
    if not names:
        return None, {}
    whole = rf"(?<![\w.-])(?:www\.)?(?P<name>{'|'.join(names)}){_ENDING}(?![\w-])"
    return re.compile(whole, re.IGNORECASE), outlet_of


def _key(name: str) -> str:
    """A name as it is looked up, however it is spaced: "usatoday"."""
    return "".join(name.split()).casefold()


def _label(outlet: str) -> str:
    """What the site of an outlet is called: "theweek" of "www.theweek.co.uk"; "" if it is none."""
    host = _HOST.fullmatch(outlet)
    parts = host[1].split(".")[:-1] if host else []
    if len(parts) > 1 and parts[-1].lower() in _SECOND_LEVEL:
        parts.pop()
    return parts[-1] if parts and len(parts[-1]) > 2 else ""


def _aliases(outlet: str) -> set[str]:
    """A name, it without its slogan ("Roar | Sports Blog", "BBC News - Arts"), without "The"."""
    names = {outlet, *(outlet.split(mark, maxsplit=1)[0] for mark in (" | ", " - ", ": "))}
    names |= {name[4:] for name in names if name.startswith("The ")}
    return {name for name in names if len(name) > 2}


def kept_to_outlet(question: Question, outlets: Sequence[str]) -> Question | None:
    """The question kept to the one outlet that its answer is to be according to.

    None if it names none or several, or outlets were given. "According to" and "what did it
    report" alone: that an outlet's article is spoken of does not forbid others to tell.
    """
    text = question.text
    found = cited_outlets(text, outlets)
    named = [m for m in found if _is_told_by(text, m)]
    given = question.filters
    if not named or len({m.outlet for m in found}) > 1 or given.outlets or given.alone:
        return None
    filters = replace(given, outlets=(named[0].outlet,))
    return replace(question, filters=filters, read=(named[0].outlet,))


def _is_told_by(text: str, mention: Mention) -> bool:
    before, after = text[: mention.start], text[mention.end :]
    return _ACCORDING.search(before) is not None or _is_asked(before, after)


def without_outlets(question: str, mentions: Sequence[Mention]) -> str:
    """The question without the outlets whose reporting it speaks of, and others listed with them.

    They tell; no article need speak of them.
    """
    for mention in reversed(mentions):
        before, after = question[: mention.start], question[mention.end :]
        if _is_asked(before, after) and (subject := _SUBJECT.match(after)):
            question = f"What is said about {subject[1]}"
            continue
        before = _ALSO_BEFORE.sub(r"\1", before)
        after = _ALSO_AFTER.sub("", _OWNS.sub("", after))
        whole = _ACCORDING.search(before)
        before, after = (before[: whole.start()], after.lstrip(" ,")) if whole else (before, after)
        question = f"{before}{after}"
    plain = " ".join(question.split())
    return plain if len(plain.split()) > 2 else ""


def strangers(question: str, known: str) -> tuple[str, ...]:
    """Names that the question cites articles of, and that ``known`` text does not hold at all."""
    lower = known.casefold()
    found: dict[str, None] = {}
    for pattern in _STRANGER:
        for match in pattern.finditer(question):
            name = match[1].rstrip(".'\u2019").removesuffix("'s").removesuffix("\u2019s")
            if name.removeprefix("The ").casefold() not in lower:
                found[name] = None
    return tuple(found)
