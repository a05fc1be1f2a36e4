"""What a question asks for: its weighty words, the kind of answer, the names it holds."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.background import Background, load_background
from rag.text import STOP_WORDS, sentence_spans, stem, tokens

Kind = Literal["number", "person", "place", "time", "reason", "name", "yesno", "other"]

MAX_CHARS = 1_000  # of a question; the embedder reads about as much
_WH = re.compile(
    r"\b(who|whom|whose|what|which|where|when|why|how)\b(?:\s+(\w+))?(?:\s+(\w+))?", re.IGNORECASE
)
_YESNO = re.compile(
    r"^(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would|should)\b", re.IGNORECASE
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
    """country countries nation nations city cities state states town county island region area
    continent airport park location place capital province district borough""".split()
)
_TIMES = frozenset("year month day date week season decade century time".split())
# Words that frame a news question rather than name its subject.
_FRAME = frozenset(
    stem(w)
    for w in """week recently recent reportedly year yesterday today month monday tuesday wednesday
    thursday friday saturday sunday name called titled according following new news say says said
    article articles report reported approximately many much tell know""".split()
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
    for word in tokens(text):
        lower = word.text.lower().replace("\u2019", "'")
        term = stem(word.text)
        if lower in STOP_WORDS or not term:
            continue
        weights[term] = background.idf(term) * (0.33 if term in _FRAME else 1.0)
        wording.setdefault(term, word.text)
    words = frozenset(stem(t.text) for t in tokens(text))
    return Asked(text, kind, focus, weights, words, _names(text, background), wording)


def _core(text: str) -> str:
    """The sentence that asks: the last with a question word, else the last."""
    sentences = [text[a:b] for a, b in sentence_spans(text)] or [text]
    asking = [s for s in sentences if _WH.search(s) or s.endswith("?")]
    return (asking or sentences)[-1]


def _kind(core: str) -> tuple[Kind, tuple[str, ...]]:
    if _YESNO.match(core):
        return "yesno", ()
    best: tuple[Kind, tuple[str, ...]] = ("other", ())
    for match in _WH.finditer(core):
        found = _kind_at(core, match)
        if found[0] != "other":
            return found
        best = found if found[1] else best
    return best


def _kind_at(core: str, match: re.Match[str]) -> tuple[Kind, tuple[str, ...]]:
    word = match.group(1).lower()
    first, second = ((g or "").lower() for g in match.group(2, 3))
    plain: dict[str, Kind] = {
        "who": "person",
        "whom": "person",
        "whose": "person",
        "where": "place",
        "when": "time",
        "why": "reason",
    }
    if word in plain:
        return plain[word], ()
    focus = _nouns_after(core, match.end(1))
    if word == "how":
        return (
            ("number", focus[1:] if first in _QUANTITY else ())
            if (first in _QUANTITY)
            else ("other", ())
        )
    return _kind_of_noun(word, first, second, focus, core[match.end(1) :])


def _kind_of_noun(
    word: str, first: str, second: str, focus: tuple[str, ...], rest: str
) -> tuple[Kind, tuple[str, ...]]:
    head = [w.lower() for w in re.findall(r"\w+", rest)[:6]]
    if word == "what" and first in {"is", "was", "are", "were"}:
        head = head[1:4]
        focus = ()
    sought: tuple[tuple[frozenset[str], Kind], ...] = (
        (_MEASURES, "number"),
        (_PERSONS, "person"),
        (_PLACES, "place"),
        (_TIMES, "time"),
    )
    for vocabulary, kind in sought:
        if any(w in vocabulary for w in head[:3]):
            return kind, focus
    if "reason" in head[:4] or second == "caused":
        return "reason", ()
    return ("name" if word == "which" else "other"), focus


def _nouns_after(core: str, start: int) -> tuple[str, ...]:
    out: list[str] = []
    for word in tokens(core[start : start + 80])[:3]:
        lower = word.text.lower()
        if lower in STOP_WORDS and out:
            break
        if lower not in STOP_WORDS:
            out.append(stem(lower))
    return tuple(out)


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
