"""What form of reply a question wants: a text, a yes or no, a list; and the parts it has.

Pure functions. A part is what the question says, or asks, of one outlet: "Does the Courier report
nine deaths while the Mercury reports 14?" has two.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rag.facts import dates
from rag.schema import AnswerKind
from rag.sources import NOUNS, VERBS, Mention, cited_outlets, without_outlets
from rag.statement import statement_of
from rag.text import STOP_WORDS, tokens

Relation = Literal["plain", "claims", "agree", "before", "after"]
Listed = Literal["outlet", "person", "country", "state", "place", "name", "who and when"]
_MARKS = " ,;:'\"\u2018\u2019\u201c\u201d"
_MIN_WORDS = 2  # content words of a claim
_TELLS = re.compile(rf"\b(?:{VERBS})\b(?:\s(?:that|how|on)\b)?", re.IGNORECASE)
# Between the part of one outlet and that of the next.
_JOINT = re.compile(
    r"[,;]?\s*\b(?:while|whereas|but|and|as|or|in\scontrast\sto|in\scomparison\s(?:to|with)|"
    r"compared\s(?:to|with)|than|with|before|after|like|which|does|did|do|is|was|that|has|from|"
    r"in|by|of|to|the|an?|another|both|same|article|report|articles|reports|separate|one|"
    r"on|way|a\ssimilar|similar|manner|described|mentioned|reported|other)\b[\s'\"\u2018\u201c,]*$",
    re.IGNORECASE,
)
_NEXT_CLAUSE = re.compile(
    r",\s(?:(?:and|or)\s)?(?:was|were|is|are|did|does|do|has|have|had|while|whereas|respectively)\b"
)
_PUBLISHED = re.compile(
    r",?\s\(?(?:published\s)?(?:on|at)\s(?:\w+\s\d{1,2},\s\d{4}|['\d-]{8,}\S*)\)?"
)
_NOUN = re.compile(
    rf"^(?:['\"\u2019\u201d]*s?['\"\u2019]?\s)?(?:first\s|second\s|latest\s)?{NOUNS}\b", re.I
)
_ALIKE = re.compile(
    r"\b(agree\w*|consisten\w+|align\w*|same|similar\w*|identical\w*|disagree\w*|inconsisten\w+|"
    r"contradict\w*|differ\w*|chang\w+|discrepanc\w+|conflict\w*)\b",
    re.IGNORECASE,
)
_AGREE_THAT = re.compile(r"\bagree\sthat\b", re.IGNORECASE)
_UNLIKE = re.compile(r"^(?:dis|incons|contra|diff|chang|confl)", re.IGNORECASE)
_NO = re.compile(r"\b(?:no|not|without|any)\s+(?:\w+\s)?$", re.IGNORECASE)
_ORDER = re.compile(r"\b(before|after|earlier\sthan|later\sthan|prior\sto)\b", re.IGNORECASE)
_ASKS_FIRST = re.compile(r"^\W*(?:did|does|do|has|have|had|was|were|is|are)\b", re.IGNORECASE)
_OUTLETS = re.compile(
    r"^\W*(?:which|what)\s(?:\w+\s){0,2}?(?:outlets?|newspapers?|papers?|sources?|publications?|"
    r"media|articles|sites?|websites?|organi[sz]ations)\b(?:\s(?:have|has|had|do|did))?\s"
    rf"(?:also\s)?{VERBS}\b(?:\s(?:that|on|about|of))*",
    re.IGNORECASE,
)
_WHO_AND_WHEN = re.compile(
    r"^\W*(?:who\b.{3,160}?,?\s(?:and|or)\s(?:on\s)?wh(?:en|at\sday|at\sdate|ich\sday)\b"
    r"|when\sand\s(?:by\s)?whom?\b)",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"^\W*(?:which|what|(?:list|name)(?:\sall|\sthe)*)\s(?:(?:other|of\sthe|the|\w+)\s){0,3}?"
    r"(companies|firms|banks|buyers|countries|nations|states|cities|towns|people|persons|"
    r"politicians|players|teams|groups|parties|leaders|candidates|airlines|carmakers|regions|"
    r"places|agencies|universities|actors|singers|ministers)\b",
    re.IGNORECASE,
)
_WHO_ARE = re.compile(
    r"^\W*who\s(?:are|were)\s(?:all\s)?(?:the|these|those)\s(?:\w+\s){0,2}?(\w+s)\b", re.I
)
_NOUNS: dict[str, Listed] = {
    **dict.fromkeys("countries nations".split(), "country"),
    "states": "state",
    **dict.fromkeys("cities towns regions places".split(), "place"),
    **dict.fromkeys(
        "people persons politicians players leaders candidates actors singers ministers".split(),
        "person",
    ),
}  # fmt: skip
# "Compare what Reuters and the Post say about gas", "What did the Courier report of it?"
_REPORTS = re.compile(
    r"(?:\w+\s){0,4}?(?:[Ww]hat|[Hh]ow)\s(?:(?:did|do|does|has|have)\s)?(?:the\s)?[A-Z][^?]*?"
    r"\b(?:sa(?:y|id)|report|writ|wrote|cover|describ|publish)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What the question says of one outlet; ``days`` when it names the day of the article."""

    outlet: str
    claim: str
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form of reply that a question wants."""

    kind: AnswerKind = "text"
    statement: str = ""  # of a yes/no question
    relation: Relation = "plain"
    alike: bool = True  # asks whether articles agree; False: whether they differ
    parts: tuple[Part, ...] = ()
    listed: Listed | None = None
    noun: str = ""  # what the items of a list are called: "outlets", "companies"
    # Of a list, or of what outlets say: the question without the words that frame it. Elsewhere
    # an outlet's name helps: "the company that the Courier and the Post report on".
    topic: str = ""
    about: bool = False  # "which outlets report ON": the topic is a subject, not a statement


def read_form(question: str, outlets: Sequence[str] = ()) -> Form:
    """The form of a question, given the outlets of the archive."""
    text = " ".join(question.split())
    mentions = cited_outlets(text, outlets)
    parts = _parts(text, mentions)
    statement = statement_of(text)
    if statement is not None:
        relation, alike = _relation(text, mentions)
        return Form(kind="yesno", statement=statement, relation=relation, alike=alike, parts=parts)
    form = _list_form(text, parts)
    if form.kind == "list" or not mentions or not _REPORTS.match(text):
        return form
    return replace(form, topic=without_outlets(text, mentions))


def _list_form(text: str, parts: tuple[Part, ...]) -> Form:
    outlets = _OUTLETS.match(text)
    if outlets:
        about = outlets.group().rstrip().lower().endswith((" on", " about", " of"))
        topic = text[outlets.end() :].strip(" ?.")
        return Form(kind="list", listed="outlet", noun="outlets", topic=topic, about=about)
    if _WHO_AND_WHEN.match(text):
        return Form(kind="list", listed="who and when", noun="items", topic=text, parts=parts)
    plural = _PLURAL.match(text) or _WHO_ARE.match(text)
    if plural:
        noun = plural[1].lower()
        listed: Listed = _NOUNS.get(noun, "person" if text.lower().startswith("who") else "name")
        return Form(kind="list", listed=listed, noun=noun, topic=text, parts=parts)
    return Form(parts=parts)


def _parts(text: str, mentions: Sequence[Mention]) -> tuple[Part, ...]:
    """One part for each mention; one without words of its own has those of its neighbour."""
    claims: list[str] = []
    days: list[date | None] = []
    for at, mention in enumerate(mentions):
        end = mentions[at + 1].start if at + 1 < len(mentions) else len(text)
        words = text[mention.end : end]
        days.append(_day(words))
        claims.append(_claim(words))
    filled = [
        claim or next((c for c in claims[at:] if c), "") or next((c for c in claims if c), "")
        for at, claim in enumerate(claims)
    ]
    return tuple(
        Part(outlet=m.outlet, claim=claim or text, day=day)
        for m, claim, day in zip(mentions, filled, days, strict=True)
    )


def _claim(words: str) -> str:
    """The words that follow an outlet's name, without what leads on to the next outlet."""
    words = _PUBLISHED.sub("", _NEXT_CLAUSE.split(words.rstrip("?!. "))[0])
    while found := _JOINT.search(words):
        words = words[: found.start()]
    words = _NOUN.sub("", words)
    told = _TELLS.search(words)
    claim = (
        (words[told.end() :] if told else words)
        .removeprefix(" that")
        .strip(" ,;:'\"\u2018\u2019\u201c\u201d")
    )
    content = [t for t in tokens(claim) if t.text.lower() not in STOP_WORDS]
    return claim if len(content) >= _MIN_WORDS else ""


def _day(words: str) -> date | None:
    """The one whole date in the words, None if there is none or several."""
    days = {m.first for m in dates(words) if m.first is not None and m.first == m.last}
    return days.pop() if len(days) == 1 else None


def _relation(text: str, mentions: Sequence[Mention]) -> tuple[Relation, bool]:
    """How the parts stand to each other, and whether the question asks if they are alike."""
    if not mentions:
        return "plain", True
    if len(mentions) > 1:
        order = _order(text, mentions)
        if order is not None:
            return order, True
    alike = _ALIKE.search(text)
    if alike and not _AGREE_THAT.search(text):
        unlike = bool(_UNLIKE.match(alike[1]))
        negated = bool(_NO.search(text[: alike.start()])) and "any" not in text[: alike.start()]
        return "agree", unlike == negated
    return "claims", True


def _order(text: str, mentions: Sequence[Mention]) -> Relation | None:
    """Before or after, if that word leads up to the second outlet."""
    between = text[mentions[-2].end : mentions[-1].start]
    found = list(_ORDER.finditer(between))
    beside = between[found[-1].end() :] if found else ""
    if not found or len(beside) > 30 or re.search(r"\d", beside) or not _ASKS_FIRST.match(text):
        return None
    word = found[-1][1].lower()
    return "before" if word.startswith(("before", "earlier", "prior")) else "after"
