"""What a question asks for: its weighty words, the kind of answer, the names it holds."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.background import Background, load_background
from rag.text import STOP_WORDS, sentence_spans, stem, tokens

Kind = Literal[
    "number",
    "money",
    "person",
    "country",
    "state",
    "place",
    "time",
    "reason",
    "name",
    "yesno",
    "other",
]

_CONTEXT = 0.6  # weight of words outside the sentence that asks
MAX_CHARS = 1_000  # of a question; the embedder reads about as much
_WH = re.compile(r"\b(?:who|whom|whose|what|which|where|when|why|how)\b", re.IGNORECASE)
_MONEY = re.compile(
    r"[$\u00a3\u20ac]|\b(?:price|cost|paid|pay|worth|dollar|money|salary|fine|fined|fee|debt|"
    r"fund\w{0,5}|spend|spent|revenue|billion|million)s?\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?:called|titled|named|name|title)\b", re.IGNORECASE)
_COPULAS = frozenset("is was are were did does do has have will would s".split())
_PHRASE_ENDS = frozenset(
    """of in on at for to from by with about that who which is was are were did does do has have had
    will would could can should""".split()
)
_AGE = tuple(map(stem, ("year", "age", "aged", "old")))
_YESNO = re.compile(
    r"^(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would|should)\b", re.IGNORECASE
)
# What a question may begin with that is no part of what it asks for.
_ORDER = re.compile(
    r"(?:(?:please|can you|could you|would you|i want you to)\s+)*"
    r"(?:compare|contrast|tell|list|give|summari[sz]e|explain|show|describe|name|outline|find|"
    r"discuss|identify)\b(?=\s+\S)(?:\s+(?:me|us)\b)?",
    re.IGNORECASE,
)
_ORDER_INSIDE = re.compile(
    r"(?<=[,;:] )(?:compare|tell|list|summari[sz]e|explain|describe|outline|discuss|identify)"
    r"(?=\s(?:how|what|why|which|who|where|when|whether|the|all|both|me|us)\b)",
    re.IGNORECASE,
)
_HELLO = re.compile(
    r"(?:(?:hi|hello|hey|thanks|thank you|ok|okay)(?: there)?[,.!]+\s+)+", re.IGNORECASE
)
_GOING_BY = re.compile(
    r"(?:given|based on|going by|judging by|from|using|considering|according to)\s(?:what\s)?"
    r"(?:(?:the|these|this|your|our|all)\s)+(?:news\s)?"
    r"(?:archives?|articles?|news|reports?|reporting|coverage|sources?|documents?)\b[^,?]{0,40},\s",
    re.IGNORECASE,
)
_QUANTITY = frozenset(
    "many much old long far big large high tall fast soon often deep heavy wide few".split()
)
_MEASURES = frozenset(
    """percentage percent number age amount price cost magnitude share proportion figure value
    population rate score total size sum salary fee fine""".split()
)
_PERSONS = frozenset(
    """person man woman actor actress singer star celebrity politician player athlete author
    writer director senator lawmaker governor president minister official judge justice
    musician artist rapper comedian coach executive billionaire leader chef model journalist
    individual figure duo couple candidate king queen prince princess legend pitcher
    quarterback""".split()
)
_PLACES = frozenset(
    """city cities town county island region area
    continent airport park location place capital province district borough""".split()
)
_COUNTRIES = frozenset("country countries nation nations".split())
_STATES = frozenset("state states".split())
_TIMES = frozenset("year month day date week season decade century time".split())
_SOUGHT: tuple[tuple[frozenset[str], Kind], ...] = (
    (_MEASURES, "number"),
    (_PERSONS, "person"),
    (_COUNTRIES, "country"),
    (_STATES, "state"),
    (_PLACES, "place"),
    (_TIMES, "time"),
)
_PLAIN: dict[str, Kind] = {
    "who": "person",
    "whom": "person",
    "whose": "person",
    "where": "place",
    "when": "time",
    "why": "reason",
}
# Words that frame a news question rather than name its subject.
FRAME = frozenset(
    stem(w)
    for w in """week recently recent reportedly year yesterday today month monday tuesday wednesday
    thursday friday saturday sunday name called titled according following new news say says said
    article articles report reported approximately many much tell know archive archives given
    """.split()
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart."""

    text: str
    kind: Kind
    focus: tuple[str, ...]  # stems of the counted or sought noun: "how many CHIPS"
    weights: dict[str, float]  # question stem -> weight, background idf, framing words at a third
    words: frozenset[str]  # every stem of the question, stop words too
    names: tuple[str, ...]  # stems of its proper names, in order
    core: frozenset[str]  # words of the sentence that asks, in small letters
    wording: dict[str, str]  # stem -> the word as it was written


def clean_question(text: str) -> str:
    """The question as it can be searched: no control characters or broken code points, cut."""
    whole = text[: 4 * MAX_CHARS].encode("utf-8", "replace").decode("utf-8")
    plain = "".join(c if c.isprintable() else " " for c in whole)
    return " ".join(plain.split())[:MAX_CHARS].strip()


@lru_cache(maxsize=64)
def read_question(question: str) -> Asked:
    """Take a question apart, by rules and the background table alone."""
    text = clean_question(question)
    background = load_background()
    core = _core(text)
    kind, focus = _kind(core)
    weights: dict[str, float] = {}
    wording: dict[str, str] = {}
    at_core, begin = text.rfind(core), _begin(text)
    orders = {m.start() for m in _ORDER_INSIDE.finditer(text)}
    for word in tokens(text):
        if word.start < begin or word.start in orders:
            continue
        lower = word.text.lower().replace("\u2019", "'")
        term = stem(word.text)
        if lower in STOP_WORDS or not term:
            continue
        weight = background.idf(term) * (0.33 if term in FRAME else 1.0)
        weight *= 1.0 if at_core <= word.start < at_core + len(core) else _CONTEXT
        weights[term] = max(weight, weights.get(term, 0.0))
        wording.setdefault(term, word.text)
    words = frozenset(stem(t.text) for t in tokens(text))
    return Asked(
        text,
        kind,
        focus,
        weights,
        words,
        _names(text[begin:], background),
        frozenset(t.text.lower() for t in tokens(core)),
        wording,
    )


def _begin(text: str) -> int:
    """Where what is asked begins: behind "Compare", "Tell me" and "Given what the archive says,".

    0 where nothing would be left.
    """
    hello = _HELLO.match(text)
    begin = hello.end() if hello else 0
    begin = led.end() if (led := _GOING_BY.match(text, begin)) else begin
    order = _ORDER.match(text, begin)
    end = order.end() if order else begin
    return end if len(text[end:].split()) > 1 else 0


def _core(text: str) -> str:
    """The sentence that asks: the last with a question word, else the last."""
    sentences = [text[a:b] for a, b in sentence_spans(text)] or [text]
    asking = [s for s in sentences if _WH.search(s) or s.endswith("?")]
    return (asking or sentences)[-1]


def _kind(core: str) -> tuple[Kind, tuple[str, ...]]:
    if _YESNO.match(core):
        return "yesno", ()
    kind: Kind = "other"
    focus: tuple[str, ...] = ()
    for match in _WH.finditer(core):
        word = match.group().lower()
        kind, focus = _PLAIN.get(word, "other"), ()
        if kind == "other":
            kind, focus = _kind_of_noun(word, core[match.end() :])
        if kind != "other":
            break
    if kind == "number" and _MONEY.search(core):
        kind = "money"
    if kind == "other" and _NAMED.search(core):
        kind = "name"
    return kind, focus


def _kind_of_noun(word: str, rest: str) -> tuple[Kind, tuple[str, ...]]:
    """What "how", "what" or "which" asks for, by the noun phrase that follows it."""
    head = [w.lower() for w in re.findall(r"[^\W_]+", rest[:100])[:9]]
    if word == "how":
        counted = bool(head) and head[0] in _QUANTITY
        if counted and head[0] == "old":
            return "number", _AGE
        return ("number", _phrase(head[1:])) if counted else ("other", ())
    if head[:1] and head[0] in _COPULAS:
        head = head[1:]
    phrase = head[: next((i for i, w in enumerate(head) if w in _PHRASE_ENDS), len(head))]
    if "reason" in phrase or "caused" in head[:2]:
        return "reason", ()
    for vocabulary, kind in _SOUGHT:
        if any(w in vocabulary for w in phrase[:5]):
            return kind, _phrase(head)
    return ("name" if word == "which" else "other"), _phrase(head)


def _phrase(head: list[str]) -> tuple[str, ...]:
    """Stems of the next three words at most, up to a stop word."""
    out: list[str] = []
    for word in head[:4]:
        if word in STOP_WORDS and out:
            break
        if word not in STOP_WORDS:
            out.append(stem(word))
    return tuple(out[:3])


def _names(text: str, background: Background) -> tuple[str, ...]:
    out: dict[str, None] = {}
    for start, end in sentence_spans(text):
        for i, word in enumerate(tokens(text[start:end])):
            term = stem(word.text)
            if word.text.lower() in STOP_WORDS or not word.text[0].isupper():
                continue
            if i > 0 or background.is_name(term):
                out[term] = None
    return tuple(out)
