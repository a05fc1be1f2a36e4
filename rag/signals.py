"""What can be seen of a sentence that may answer a question: one row of features for each.

By rules, the background table and one cosine; no model is trained here. Only the lexically best
sentences are embedded, since that is what costs.
"""

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.asked import Asked
from rag.background import load_background
from rag.embed import Embedder, Vectors
from rag.schema import Article, Days, Evidence, Passage, ScoredPassage
from rag.text import STOP_WORDS, stem, word_texts

Rows = NDArray[np.float64]

FEATURES = (
    "recall",  # share of the question's weight that the sentence holds
    "tells",  # the same, with names that stand beside a sentence that has the other words
    "around",  # the same with its neighbours and the title
    "cosine",  # with the question
    "typed",  # 0..1: holds what is asked for, a new number, name, place, reason
    "votes",  # its best new name or number stands in good sentences of many articles
    "position",  # 1 at the top of the article, falling
    "passage",  # the fused score of its passage
    "new",  # words that the question does not have; full at eight
    "question",  # 1: it asks rather than tells
    "fragment",  # 1: a heading or caption, not a whole sentence
    "dangling",  # 1: begins with a pronoun that points elsewhere
    "date",  # news of the time asked about, falling by e in 30 days; 0 without such a time
)
# 8 to 60 choose alike on 652 questions of four sets, and each costs about 4 ms.
_N_EMBEDDED = 8
_MIN_WORDS = 5
_NEAR = 4  # words between a number and what it counts: "400,000 of the chips"
_RECENCY_DAYS = 30.0
_LEAD_CHARS = 400
_PLACES = Path(__file__).parent / "data" / "places.txt"
_ENDS = re.compile(r"[.!?\u2026]['\"\u201d\u2019)\]]{0,3}$")
_DANGLING = re.compile(r"^(?:it|he|she|they|this|that|these|those)\b", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|due to|since|after|amid|over|caused?|as a result|owing to|so that|in order to|"
    r"citing|blam\w+|reason\w*)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:(?:19|20)\d\d|january|february|march|april|june|july|august|september|october|november"
    r"|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|yesterday|tomorrow|next \w+|"
    r"last (?:week|month|year)|this \w+|(?:jan|feb|aug|sept|oct|nov|dec)\.|spring|summer|autumn)\b",
    re.IGNORECASE,
)
_CURRENCY = re.compile(
    r"[$\u00a3\u20ac\u00a5\u20b9]|\b(?:dollars?|euros?|pounds?|yen|yuan|renminbi|cents?|rupees?|"
    r"rupiah|roubles?|rubles?|francs?|kron[aeo]r?|crowns?|pesos?|reais|liras?|shekels?|riyals?|"
    r"dirhams?|dinars?|baht|ringgit|zloty|forints?|hryvnias?|naira|shillings?)\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = frozenset(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty
    thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million
    millions billion billions half dozen dozens third quarter twice double""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One sentence of a found passage."""

    evidence: Evidence
    score: float  # of its passage
    age_days: int | None  # from the time asked about
    words: tuple[str, ...]
    stems: frozenset[str]
    around: frozenset[str]  # stems of it, its neighbours in the passage and the title
    items: frozenset[str]  # stems of its names and numbers that the question does not have


def gather(
    asked: Asked,
    found: Sequence[ScoredPassage],
    articles: Mapping[str, Article],
    days: Days | None = None,
) -> list[Candidate]:
    """Every sentence of the passages, in the order found; ``days`` are those asked about."""
    out: list[Candidate] = []
    for scored in found:
        passage = scored.passage
        article = articles.get(passage.article_id)
        title = frozenset(map(stem, word_texts((article and article.title) or "")))
        outlet = frozenset(map(stem, word_texts((article and article.outlet) or "")))
        title |= outlet.intersection(asked.names)  # "the Courier article"
        day = article.day if article else None
        age = days.away(day) if days and day else None
        words = [tuple(word_texts(text)) for text in passage.sentence_texts()]
        stems = [frozenset(map(stem, w)) for w in words]
        out.extend(
            Candidate(
                evidence=_evidence(passage, start, end),
                score=scored.score,
                age_days=age,
                words=words[i],
                stems=stems[i],
                around=title.union(*stems[max(0, i - 1) : i + 2]),
                items=_items(asked, words[i]),
            )
            for i, (start, end) in enumerate(passage.sentences)
        )
    return out


def _evidence(passage: Passage, start: int, end: int) -> Evidence:
    text = passage.text[start - passage.start : end - passage.start]
    return Evidence(article_id=passage.article_id, start=start, end=end, text=text)


def _items(asked: Asked, words: Sequence[str]) -> frozenset[str]:
    background = load_background()
    out: set[str] = set()
    for i, word in enumerate(words):
        term = stem(word)
        if term in asked.words or word.lower() in STOP_WORDS:
            continue
        if _is_number(word) or (word[0].isupper() and (i > 0 or background.is_name(term))):
            out.add(term)
    return frozenset(out)


def _is_number(word: str) -> bool:
    return word[0].isdigit() or word.lower() in _NUMBER_WORDS


def features(
    asked: Asked, candidates: Sequence[Candidate], embedder: Embedder, query_vector: Vectors
) -> tuple[list[Candidate], Rows]:
    """The lexically best candidates, best first, and their features: float64 [n, FEATURES]."""
    total = sum(asked.weights.values()) or 1.0
    recall = np.array([_recall(asked, c.stems, total) for c in candidates])
    around = np.array([_recall(asked, c.around, total) for c in candidates])
    tells = np.array([_tells(asked, c, r, total) for c, r in zip(candidates, recall, strict=True)])
    typed = np.array([_typed(asked, c) for c in candidates])
    form = np.array([_form(asked, c) for c in candidates])
    score = np.array([c.score for c in candidates])
    first = recall + around + 0.4 * typed + 0.6 * score + form @ np.array([0.2, -1, -2, 0, 0.8])
    best = np.argsort(-first, kind="stable")[:_N_EMBEDDED]
    kept = [candidates[i] for i in best]
    vectors = embedder.encode([c.evidence.text for c in kept])
    cosine = (vectors @ query_vector).astype(np.float64)
    votes = _votes(kept, 0.5 * (recall + around)[best] + 0.5 * cosine)
    position = np.array([1 / (1 + c.evidence.start / _LEAD_CHARS) for c in kept])
    columns = [
        recall[best],
        tells[best],
        around[best],
        cosine,
        typed[best],
        votes,
        position,
        score[best],
    ]
    return kept, np.column_stack([*columns, form[best]])


def _recall(asked: Asked, stems: frozenset[str], total: float) -> float:
    return sum(w for term, w in asked.weights.items() if term in stems) / total


def _tells(asked: Asked, candidate: Candidate, recall: float, total: float) -> float:
    """The recall of a sentence whose names may stand beside it, as far as it has the other words.

    News names its subject once and goes on without: "Eleven passengers are still missing."
    """
    others = {t: w for t, w in asked.weights.items() if t not in asked.names}
    told = sum(w for t, w in others.items() if t in candidate.stems)
    beside = candidate.around.intersection(asked.names) - candidate.stems
    named = sum(asked.weights.get(t, 0.0) for t in beside)
    return recall + named / total * told / (sum(others.values()) or 1.0)


def _form(asked: Asked, candidate: Candidate) -> tuple[float, ...]:
    text = candidate.evidence.text
    content = [w for w in candidate.words if w.lower() not in STOP_WORDS]
    new = sum(stem(w) not in asked.words for w in content)
    whole = len(candidate.words) >= _MIN_WORDS and bool(_ENDS.search(text[-8:]))
    age = candidate.age_days
    return (
        min(1.0, new / 8),
        float(text.rstrip("\"'\u201d\u2019").endswith("?")),
        float(not whole),
        float(bool(_DANGLING.match(text))),
        math.exp(-age / _RECENCY_DAYS) if age is not None else 0.0,
    )


def _typed(asked: Asked, candidate: Candidate) -> float:
    text = candidate.evidence.text
    match asked.kind:
        case "reason":
            return float(bool(_REASON.search(text)))
        case "time":
            return float(bool(_TIME.search(text)))
        case "number" | "money":
            return _numbered(asked, candidate)
        case "country" | "state":
            return _placed(asked, text)
        case "person" | "place" | "name":
            return float(any(not _is_number(i) for i in candidate.items))
        case _:
            return 0.0


def _numbered(asked: Asked, candidate: Candidate) -> float:
    """1 for a new number beside what is counted (or of money), less for any new number."""
    words = candidate.words
    numbers = [i for i, w in enumerate(words) if _is_number(w) and stem(w) in candidate.items]
    if not numbers:
        return 0.0
    if asked.kind == "money":
        return 1.0 if _CURRENCY.search(candidate.evidence.text) else 0.3
    near = {stem(w) for i in numbers for w in words[max(0, i - _NEAR) : i + 1 + _NEAR]}
    return 1.0 if not asked.focus or near & set(asked.focus) else 0.6


def _placed(asked: Asked, text: str) -> float:
    known = asked.text.lower()
    return float(any(place.lower() not in known for place in places(asked.kind).findall(text)))


@lru_cache(maxsize=2)
def places(kind: str) -> re.Pattern[str]:
    """Matches the countries of the world or the states of the US, the longest name first."""
    lines = dict(
        line.split(": ", 1) for line in _PLACES.read_text(encoding="utf-8").splitlines() if line
    )
    names = sorted(lines[kind].split(", "), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")(?!\w)")


def _votes(candidates: Sequence[Candidate], base: Rows) -> Rows:
    """For each sentence the support of its best new item, as a share of the most supported.

    An item's support is summed over articles, each by its best sentence that holds it, so that
    one article cannot vote twice; common names such as "US" count for little.
    """
    support: dict[str, dict[str, float]] = defaultdict(dict)
    for candidate, value in zip(candidates, base, strict=True):
        article = candidate.evidence.article_id
        for item in candidate.items:
            support[item][article] = max(support[item].get(article, 0.0), float(value))
    background = load_background()
    totals = {item: background.idf(item) * sum(by.values()) for item, by in support.items()}
    most = max(totals.values(), default=1.0) or 1.0
    return np.array([max((totals[i] for i in c.items), default=0.0) / most for c in candidates])
