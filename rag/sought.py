"""Reads what a question leaves open: a figure of what, a day, a name, or yes or no.

Pure functions, by rules alone; what they cannot tell has no kind, and nothing is compared for it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rag.facts import names
from rag.folding import folded_terms, kindred, weigh
from rag.states import matters_of, words_of

Kind = Literal["figure", "time", "person", "place", "name", "cause", "yesno", ""]

NAMED_KINDS = frozenset({"person", "place", "name"})
_FIGURE = re.compile(
    r"\bhow (?:many|much|big|large|high|old|long|far|full|tall|wide|deep|hot|cold|fast|heavy|"
    r"strong)\b"
    r"|\bwhat (?:percent\w*|share|proportion|number)\b|\bby how (?:much|many)\b"
    r"|\bwhat(?:['\u2019]s|\s(?:is|was|are|were|will))\b[^?]{0,60}?\b(?:number|percentage|share|"
    r"population|toll|"
    r"score|price|cost|age|magnitude|rate|amount|size|salary|budget|height|length|weight|"
    r"distance|speed|"
    r"temperature|fee|level|figure|turnout|profit|loss|revenue|value|fine|debt|capacity|"
    r"majority|total|"
    r"worth|area|depth|width)\b|\bhow much\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\bwhen\b|\b(?:what|which|in what|on what|on which|in which) (?:date|day|year|month|time|"
    r"week)\b"
    r"|\b(?:release|premiere|opening|start|closing) date\b|\bdate of\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\b(?:who|whom)\b", re.IGNORECASE)
_WHERE = re.compile(
    r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:city|town|country|state|place|island|province|"
    r"region|venue|"
    r"county|nation|village|capital)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:what|which) (?:\w+ )?(?:actor|actress|director|player|singer|minister|candidate|"
    r"author|writer|"
    r"politician|person|man|woman|judge|scientist|coach|athlete|driver|star)\b",
    re.IGNORECASE,
)
_WHICH = re.compile(r"\b(?:what|which)(?:['\u2019]s)?\b", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:name|called|named|titled)\b", re.IGNORECASE)
_CAUSE = re.compile(
    r"\bwhat (?:caused|triggered|sparked|started|killed|destroyed|set off|led to)\b"
    r"|\bwhat (?:is|was) the cause of\b",
    re.IGNORECASE,
)
_CAUSED = folded_terms("cause caused triggered sparked")
_WHY = re.compile(
    r"\b(?:why|what (?:caused|happened)|how did|what did|what does|what do|what was (?:agreed|"
    r"said))\b",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"^\W*(?:did|do|does|has|have|had|is|are|was|were|will|would|can|could)\b", re.IGNORECASE
)
_AHEAD = re.compile(r"\b(?:will|shall|going to|to be|plans? to)\b", re.IGNORECASE)
_PLURAL = re.compile(
    r"\b(?:which|what) [a-z]+s (?:are|were|have|did|do|will|joined|signed|won)\b|\bwho (?:are|"
    r"were|all|signed|joined|attended)\b",
    re.IGNORECASE,
)
# Words that say what kind of answer is wanted, not what it is about.
ASKING = folded_terms(
    "many much number amount figure percent percentage share kind say says said tell happen "
    "happened latest news date year day month time currently exactly name may high old long far "
    "full tall wide deep hot big large strong heavy magnitude city town country place "
    "might will would could must shall still now know known article articles source sources "
    "disagree contradict summary summarize summarise total among speed temperature age weight"
)
PERSONS = frozenset(
    kindred(t)
    for t in folded_terms(
        "person people passenger patient worker guest fan victim "
        "resident voter migrant refugee soldier officer employee visitor spectator protester "
        "tourist "
        "member customer commuter civilian hostage climber inhabitant survivor"
    )
)
_LIGHT = folded_terms("have get do make take be give go come")
_AFTER_NOUN = re.compile(
    r"\bhow many (?P<noun>(?:[\w'\u2019-]+\s){1,4}?)(?:(?:has|have|had|is|are|was|were|will|did|"
    r"does|do|can|"
    r"could|would|be|been|being)\b|(?P<verb>\w+))",
    re.IGNORECASE,
)
_HOW_LONG = {
    "old": ("duration", "count"),
    "long": ("length", "duration"),
    "far": ("length",),
    "tall": ("length",),
    "wide": ("length",),
    "deep": ("length",),
    "hot": ("temperature",),
    "cold": ("temperature",),
    "fast": ("speed",),
    "heavy": ("weight",),
    "big": ("length", "area", "count"),
    "large": ("length", "area", "count"),
    "high": ("length", "percent", "count"),
}
_MONEY = re.compile(
    r"\b(?:how much (?:did|does|do|will|is|was|were|money|has|have)|cost|price|fine\w?|salary|"
    r"budget|fee|revenue|"
    r"profit|debt|worth|ransom|paid|pay)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\b(?:percent\w*|share|rate|turnout|proportion)\b", re.IGNORECASE)
_WEIGH = re.compile(r"\bweigh", re.IGNORECASE)
_SPEED = re.compile(r"\bspeed\b", re.IGNORECASE)


_STEM = 5  # letters by which Slovenia is known in Slovenian
_MASS = re.compile(r"\bhow much (?:rain|snow|land|water|milk|oil|of)\b", re.IGNORECASE)
_MANY_OF = (
    (re.compile(r"many (?:days|hours|weeks|months|years|minutes)\b", re.IGNORECASE), "duration"),
    (re.compile(r"many (?:tonnes|tons|kilos|kilograms)\b", re.IGNORECASE), "weight"),
    (re.compile(r"many (?:lit(?:er|re)s|gallons|barrels)\b", re.IGNORECASE), "volume"),
    (re.compile(r"many (?:kilomet(?:er|re)s|met(?:er|re)s|miles|feet)\b", re.IGNORECASE), "length"),
    (re.compile(r"many (?:square|hectares|acres)\b", re.IGNORECASE), "area"),
)
_ASKED_IN: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (_PERCENT, frozenset({"percent"})),
    (_WEIGH, frozenset({"weight", "pounds"})),
    (_SPEED, frozenset({"speed"})),
    (_MONEY, frozenset({"money"})),
)


@dataclass(frozen=True, slots=True)
class Sought:
    """A question taken apart; terms are folded stems, kin their looser roots."""

    kind: Kind
    topic: frozenset[str]  # kin of what it is about
    names: frozenset[str]  # of these, its names
    is_noun: bool  # that word is what somebody is: "who is the head of"
    runs: tuple[frozenset[str], ...]  # names of more than one word
    counted: frozenset[str]  # kin of the noun that "how many" counts
    verb: str  # kin of what they did, "" where nothing can be told
    main: str  # kin of the first word behind who, where or which company; "" if it is none
    dimensions: frozenset[str]  # of figures that may answer; "money" is any currency; empty: any
    ahead: bool  # about what will be
    matters: tuple[tuple[int, bool], ...]  # of a yes-or-no question
    clock: bool  # asks for a time of day
    many: bool  # asks for several: two answers are no disagreement


class Topic:
    """What a question is about, as a measure of texts: which of its terms they hold.

    Remembers every term that it has looked at: the sentences of an archive share most of theirs.
    """

    def __init__(self, sought: Sought) -> None:
        self.sought = sought
        self.weight = weigh(sought.topic)
        self._runs = [run & sought.topic for run in sought.runs]
        self._begin = {n: n[: max(_STEM, len(n) - 3)] for n in sought.names if len(n) > _STEM}
        self._topic = sought.topic
        self._stems = {begin[:_STEM] for begin in self._begin.values()}
        self._known: dict[str, str] = {}

    def held(self, terms: Iterable[str], *, whole_names: bool = True) -> frozenset[str]:
        """The terms of the topic that are held, a name also in another form: Slovenia.

        ``whole_names``: Sefu is Amira Sefu.
        """
        known = self._known
        found = {known[t] if t in known else self._look(t) for t in terms}
        found.discard("")
        if whole_names and found:
            found = found.union(*(run for run in self._runs if not run.isdisjoint(found)))
        return frozenset(found)

    def share(self, terms: Iterable[str]) -> float:
        """How much of the question these terms of its topic are, 0 to 1."""
        return weigh(terms) / self.weight

    def _look(self, term: str) -> str:
        kin = kindred(term)
        if kin not in self._topic:
            kin = ""
            if term[:_STEM] in self._stems:
                kin = next((n for n, begin in self._begin.items() if term.startswith(begin)), "")
        self._known[term] = kin
        return kin


def read_sought(question: str) -> Sought:
    """What the question leaves open; kind "" where rules cannot tell."""
    terms = folded_terms(question)
    kind = _kind(question)
    named = {
        kindred(w) for n in names(question) if n.sure or n.start > 0 for w in map(_fold, n.words)
    }
    matters = matters_of(question) if kind == "yesno" else ()
    stated = {t for m, _ in matters for w in words_of(question, m) for t in folded_terms(w)}
    # An article that says the opposite has none of the words that the question has for it.
    counted, verb = _counted(question)
    topic = frozenset(kindred(t) for t in terms - ASKING - stated - _CAUSED) - (counted & PERSONS)
    runs = [frozenset(kindred(t) for w in n.words if (t := _fold(w))) for n in names(question)]
    return Sought(
        kind=kind,
        topic=topic,
        names=frozenset(named & topic),
        is_noun=bool(_WHO_IS.search(question)),
        runs=tuple(run for run in runs if len(run) == 2),
        counted=counted,
        verb=verb,
        main=_main(question) if kind in NAMED_KINDS else "",
        dimensions=_dimensions(question) if kind == "figure" else frozenset(),
        ahead=bool(_AHEAD.search(question)),
        matters=matters,
        clock=bool(re.search(r"\bwhat time\b|\bat what hour\b", question, re.IGNORECASE)),
        many=bool(_PLURAL.search(question)),
    )


def _fold(word: str) -> str:
    return next(iter(folded_terms(word)), "")


def _kind(question: str) -> Kind:
    if _YES_OR_NO.search(question):
        return "yesno"
    for pattern, kind in _KINDS:
        if pattern.search(question):
            return kind
    return ""


_KINDS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (_FIGURE, "figure"),
    (_TIME, "time"),
    (_CAUSE, "cause"),
    (_WHY, ""),
    (_WHO, "person"),
    (_PERSON, "person"),
    (_WHERE, "place"),
    (_NAMED, "name"),
    (_WHICH, "name"),
)


def _counted(question: str) -> tuple[frozenset[str], str]:
    """The noun that is counted and the verb behind it: "passengers", "injured"."""
    match = _AFTER_NOUN.search(question)
    if match is None:
        return frozenset(), ""
    noun = frozenset(map(kindred, folded_terms(match["noun"])))
    rest = question[match.end("noun") :]
    verbs = [t for w in re.findall(r"[^\W\d_]+", rest) if w.islower() and (t := _fold(w))]
    verb = next((v for v in verbs if v not in _LIGHT), "")
    return noun, kindred(verb) if verb else ""


_WHO_IS = re.compile(
    r"\b(?:who|what|which)(?:['\u2019]s|\s(?:is|was|are|were|will be|became))\s(?:the|"
    r"an?)\s(?P<noun>[^?,]+)",
    re.IGNORECASE,
)
_NOUN_ENDS = re.compile(
    r"\s(?:of|for|at|in|to|from|by|on|that|who|which|with|behind|when|as)\s|[?:]|$"
)
_INVERTED = re.compile(
    r"\b(?:is|was|are|were|has|have|had|did|does|do|will)\s(?:the|an?|his|her|its|[A-Z])"
)
_HOLDS = re.compile(r"^\s(?:[\w-]+\s){1,3}(?:has|have|had)\sthe\s\w+est\b")
_AUXILIARY = frozenset(
    "is was are were has had have did does do will would can could be been".split()
)
_PAST = re.compile(
    r"[a-z]{2,}ed|won|held|led|made|took|beat|gave|said|went|came|built|bought|sold|wrote|sang|"
    r"began|broke|hit|"
    r"shot|fled|died|lost|found|kept|left|met|paid|ran|set|spoke|sued|wins|owns|leads|runs|"
    r"makes|holds"
)


def _main(question: str) -> str:
    """The verb of who, where and which; of "who is the head of" the noun; "" if none is sure."""
    is_a = _WHO_IS.search(question)
    if is_a:
        noun = is_a["noun"][: _NOUN_ENDS.search(is_a["noun"]).start()]  # type: ignore[union-attr]  # $ always matches
        terms = [t for w in re.findall(r"[^\W\d_]+", noun) if (t := _fold(w))]
        return kindred(terms[-1]) if terms and not set(terms) <= ASKING else ""
    found = re.search(
        r"\b(?P<wh>who|whom|where|what|which)\b(?P<rest>.+)", question, re.IGNORECASE | re.DOTALL
    )
    words = re.findall(r"[^\W\d_]+", found["rest"]) if found else []
    after = found is not None and found["wh"].lower() in ("who", "whom", "where")
    if found and _HOLDS.search(found["rest"]):
        return ""  # "which state has the highest price"
    if found and _INVERTED.search(found["rest"]):
        words = words[::-1]  # "was the suspect arrested"
        after = True
    for word in words:
        if word.lower() in _AUXILIARY:
            after = True
        elif (after and word.islower()) or _PAST.fullmatch(word):
            term = _fold(word)
            if term and term not in _LIGHT:
                return kindred(term)
    return ""


def _dimensions(question: str) -> frozenset[str]:
    asked = re.search(r"\bhow (\w+)\b", question, re.IGNORECASE)
    word = asked.group(1).lower() if asked else ""
    if word == "many":
        of = {name for pattern, name in _MANY_OF if pattern.search(question)}
        return frozenset({"count", "percent", *of})
    if word in _HOW_LONG:
        return frozenset(_HOW_LONG[word])
    if _MASS.search(question):
        return frozenset()
    found = next((d for pattern, d in _ASKED_IN if pattern.search(question)), frozenset[str]())
    return found | {"percent"} if word == "much" and found else found
