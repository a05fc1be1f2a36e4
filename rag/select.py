"""Answers without a language model: picks the sentences that may answer, word for word."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.asked import Asked, read_question
from rag.background import load_background
from rag.embed import Embedder, Vectors
from rag.refuse import judge
from rag.schema import Article, Evidence, Passage, Question, ScoredPassage
from rag.text import STOP_WORDS, stem, tokens

Rows = NDArray[np.float64]

_MAX_SENTENCES = 3
_N_EMBEDDED = 20  # the lexically best; embedding all of them costs 130-850 ms and gains nothing
_MIN_WORDS = 5
_ENDS = re.compile(r"[.!?\u2026]['\"\u201d\u2019)\]]*$")
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
_NUMBER_WORDS = frozenset(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty
    thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million
    millions billion billions half dozen dozens third quarter twice double""".split()
)

# Hand-set on 141 answerable questions of 2022 news; see FINDINGS in docs/benchmarks.md.
WEIGHTS = {
    "recall": 0.5,  # share of the question's weight that the sentence holds
    "recall_around": 0.5,  # the same with its neighbours and the title
    "cosine": 0.5,
    "typed": 0.2,  # holds what the question asks for: a new number, name, place
    "votes": 0.2,  # its best new name or number stands in good sentences of many articles
    "position": 0.1,
    "passage": 0.3,
    "new": 0.2,
    "question": -0.5,
    "fragment": -1.0,
    "dangling": -0.03,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen sentences, how sure that they answer (0..1), and why not, if not."""

    sentences: tuple[Evidence, ...]  # verbatim whole sentences, best first, at most 3
    confidence: float
    reason: str | None  # set: abstain; the sentences are then only the nearest found


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence of a found passage with what selection looks at."""

    evidence: Evidence
    score: float  # of its passage
    at: int  # its place in the article's order of characters
    stems: frozenset[str]
    around: frozenset[str]  # with its neighbours in the passage and the title
    items: frozenset[str]  # its names and numbers that the question does not have
    words: tuple[str, ...]


def select(
    question: Question,
    found: Sequence[ScoredPassage],
    articles: Mapping[str, Article],
    *,
    embedder: Embedder,
    query_vector: Vectors,
) -> Selection:
    """Up to three sentences of the found passages that may answer the question, best first."""
    asked = read_question(question.text)
    candidates = gather(asked, found, articles)
    if not candidates or not asked.weights:
        return Selection((), *judge(asked, 0.0, frozenset()))
    candidates, rows = features(asked, candidates, embedder, query_vector)
    totals = rows @ np.array(list(WEIGHTS.values()))
    order = sorted(range(len(candidates)), key=lambda i: (-totals[i], candidates[i].at))
    chosen = _distinct([candidates[i] for i in order])
    seen = frozenset().union(*(c.around for c in candidates))
    confidence, reason = judge(asked, float((rows[:, 1] + rows[:, 2]).max()), seen)
    return Selection(tuple(c.evidence for c in chosen), confidence, reason)


def gather(
    asked: Asked, found: Sequence[ScoredPassage], articles: Mapping[str, Article]
) -> list[Candidate]:
    """Every sentence of the passages, in the order found."""
    out: list[Candidate] = []
    for scored in found:
        passage = scored.passage
        article = articles.get(passage.article_id)
        title = frozenset(stem(t.text) for t in tokens(article.title or "")) if article else ()
        texts = passage.sentence_texts()
        words = [tuple(t.text for t in tokens(text)) for text in texts]
        stems = [frozenset(map(stem, w)) for w in words]
        for i, (start, end) in enumerate(passage.sentences):
            near = frozenset().union(title, *stems[max(0, i - 1) : i + 2])
            evidence = _evidence(passage, start, end)
            items = _items(asked, words[i])
            out.append(Candidate(evidence, scored.score, start, stems[i], near, items, words[i]))
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
        if (
            word[0].isdigit()
            or word.lower() in _NUMBER_WORDS
            or (word[0].isupper() and (i > 0 or background.is_name(term)))
        ):
            out.add(term)
    return frozenset(out)


def features(
    asked: Asked, candidates: list[Candidate], embedder: Embedder, query_vector: Vectors
) -> tuple[list[Candidate], Rows]:
    """The lexically best candidates and their features, one column per name in WEIGHTS."""
    total = sum(asked.weights.values()) or 1.0
    recall = np.array([_recall(asked, c.stems, total) for c in candidates])
    around = np.array([_recall(asked, c.around, total) for c in candidates])
    typed = np.array([_typed(asked, c) for c in candidates])
    form = np.array([_form(asked, c) for c in candidates])
    score = np.array([c.score for c in candidates])
    first = recall + around + 0.4 * typed + 0.6 * score + form @ np.array([0.2, -1, -2, 0])
    best = np.argsort(-first, kind="stable")[:_N_EMBEDDED]
    kept = [candidates[i] for i in best]
    vectors = embedder.encode([c.evidence.text for c in kept])
    cosine = (vectors @ query_vector).astype(np.float64)
    base = 0.5 * (recall + around)[best] + 0.5 * cosine
    votes = _votes(kept, base)
    position = np.array([1 / (1 + c.at / 400) for c in kept])
    columns = [recall[best], around[best], cosine, typed[best], votes, position, score[best]]
    return kept, np.column_stack([*columns, form[best]])


def _recall(asked: Asked, stems: frozenset[str], total: float) -> float:
    return sum(w for term, w in asked.weights.items() if term in stems) / total


def _form(asked: Asked, candidate: Candidate) -> tuple[float, float, float, float]:
    text = candidate.evidence.text
    content = [w for w in candidate.words if w.lower() not in STOP_WORDS]
    new = sum(stem(w) not in asked.words for w in content)
    whole = len(candidate.words) >= _MIN_WORDS and bool(_ENDS.search(text))
    return (
        min(1.0, new / 8),
        float(text.rstrip("\"'\u201d\u2019").endswith("?")),
        float(not whole),
        float(bool(_DANGLING.match(text))),
    )


def _typed(asked: Asked, candidate: Candidate) -> float:
    text = candidate.evidence.text
    match asked.kind:
        case "reason":
            return float(bool(_REASON.search(text)))
        case "time":
            return float(bool(_TIME.search(text)))
        case "number":
            return _numbered(asked, candidate)
        case "person" | "place" | "name":
            return float(
                any(not i[0].isdigit() and i not in _NUMBER_WORDS for i in candidate.items)
            )
        case _:
            return 0.0


def _numbered(asked: Asked, candidate: Candidate) -> float:
    numbers = [
        i
        for i, w in enumerate(candidate.words)
        if (w[0].isdigit() or w.lower() in _NUMBER_WORDS) and stem(w) in candidate.items
    ]
    if not numbers:
        return 0.0
    near = {stem(w) for i in numbers for w in candidate.words[i + 1 : i + 4]}
    return 1.0 if near & set(asked.focus) else 0.6


def _votes(candidates: Sequence[Candidate], base: Rows) -> Rows:
    """For each sentence the support of its best new item, as a share of the most supported."""
    support: dict[str, dict[str, float]] = defaultdict(dict)
    for candidate, value in zip(candidates, base, strict=True):
        for item in candidate.items:
            by_article = support[item]
            article = candidate.evidence.article_id
            by_article[article] = max(by_article.get(article, 0.0), float(value))
    totals = {item: sum(by_article.values()) for item, by_article in support.items()}
    most = max(totals.values(), default=1.0) or 1.0
    return np.array([max((totals[i] for i in c.items), default=0.0) / most for c in candidates])


def _distinct(ranked: Sequence[Candidate]) -> list[Candidate]:
    out: list[Candidate] = []
    seen: set[tuple[str, ...]] = set()
    for candidate in ranked:
        words = tuple(w.lower() for w in candidate.words)
        if words not in seen:
            out.append(candidate)
            seen.add(words)
        if len(out) == _MAX_SENTENCES:
            break
    return out
