"""Ground tool: which words of a claim stand in a source, and how well the one carries the other.

Words are compared by stem and everyday meaning. ``tile`` lays the longest common runs of words
over the claim first (greedy string tiling, Wise 1993), so that every word is matched with the
place that says the most of what the claim says.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.background import load_background
from rag.text import STOP_WORDS, Token, sentence_spans, stem, tokens
from rag.words import root

MAX_CHARACTERS = 2_000  # of a claim that are looked at; a sentence of news has 60 to 600
_MAX_PLACES = 50  # places of one word in a source that are looked at: keeps hostile text linear
_FIGURE = re.compile(r",(?=\d{3}(?!\d))|(?<=\d)(?:bn|tn|m|mn|k|st|nd|rd|th|s)$")
_MAX_WINDOW = 4  # sentences of evidence: more does not help
_MAX_WORDS = 110


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text as it is compared, with its place; ``weight`` is 0 for function words."""

    root: str
    weight: float  # inverse document frequency in the news, from 0 to 1; figures and names more
    start: int
    end: int
    text: str


@lru_cache(maxsize=20_000)
def _term(word: str) -> tuple[str, float]:
    lower = word.lower().replace("\u2019", "'")
    if word[0].isdigit():
        return _FIGURE.sub("", lower), 0.8
    if word == "WHO":  # the organisation, not the pronoun
        return "who-", 0.8
    stemmed = stem(lower)
    if lower in STOP_WORDS or word == "us":  # the pronoun, not the country
        return ("us-" if word == "us" else stemmed), 0.0
    return root(stemmed), max(0.05, load_background().idf(stemmed))


@lru_cache(maxsize=5_000)
def read(text: str) -> tuple[Term, ...]:
    """The words of a text in order, as they are compared; "3, 800" and "U.S." are one each."""
    found: list[Term] = []
    for token in tokens(text):
        start, word = token.start, token.text
        if found and (scaled := _scaled(text, found[-1], token)):
            found[-1] = scaled
            continue
        if found and _continues(text, found[-1], token):
            before = found.pop()
            start, word = before.start, before.text.replace(".", "") + word
        form, weight = _term(word)
        found.append(Term(form, weight, start, token.end, text[start : token.end]))
    return tuple(found)


_SCALES = {
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "bn": 1e9, "tn": 1e12, "m": 1e6, "mn": 1e6, "k": 1e3,
}  # fmt: skip
_PERCENT = frozenset({"percent", "pct"})
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


def _scaled(text: str, before: Term, token: Token) -> Term | None:
    """Make "1.4 million", "1.4m" and "1,400,000" one word each, and "5 percent" as "5%" is."""
    gap = text[before.end : token.start]
    word = token.text.lower()
    if (
        not _PLAIN.fullmatch(before.root)
        or gap not in ("", " ", "-")
        or not before.text[0].isdigit()
    ):
        return None
    if word in _PERCENT:
        return Term(
            before.root, before.weight, before.start, token.end, text[before.start : token.end]
        )
    if word not in _SCALES or (gap and len(word) < 3):
        return None
    root_ = f"{float(before.root) * _SCALES[word]:.0f}"
    return Term(root_, before.weight, before.start, token.end, text[before.start : token.end])


def _continues(text: str, before: Term, token: Token) -> bool:
    gap = text[before.end : token.start]
    if not gap:
        return before.text[-1:].isalnum() and before.text[0] != "$"  # "H200", "50bn"
    if gap == ".":
        letter = len(token.text) == 1 and token.text.isupper()
        return letter and before.text.isupper() and len(before.text.replace(".", "")) < 4
    spaced = gap == ", " and len(token.text) == 3 and token.text.isdigit()
    return spaced and re.fullmatch(r"\d{1,3}(?:,\d{3})*", before.text) is not None


def weight_of(terms: Iterable[Term]) -> float:
    """The weight of some words together."""
    return sum(t.weight for t in terms)


def coverage(claim: Sequence[Term], roots: frozenset[str] | set[str]) -> float:
    """Share of the claim's weight whose words are among ``roots``; 1 for a claim without weight."""
    total = weight_of(claim)
    return weight_of(t for t in claim if t.root in roots) / total if total else 1.0


def tile(claim: Sequence[Term], source: Sequence[Term]) -> tuple[int, ...]:
    """For each word of the claim the index of its word in the source, or -1.

    Longest common runs first; a word of the source is used once.
    """
    runs = _runs(claim, source)
    places = [-1] * len(claim)
    used: set[int] = set()
    for _, _, at, where, length in sorted(runs):
        for step in range(length):
            if places[at + step] < 0 and where + step not in used:
                places[at + step] = where + step
                used.add(where + step)
    return tuple(places)


def _runs(claim: Sequence[Term], source: Sequence[Term]) -> list[tuple[float, int, int, int, int]]:
    """Maximal common runs as (-weight, ..., start in claim, start in source, length)."""
    where: dict[str, list[int]] = {}
    for j, term in enumerate(source):
        where.setdefault(term.root, []).append(j)
    runs: list[tuple[float, int, int, int, int]] = []
    open_runs: dict[int, tuple[int, float]] = {}  # end in source -> length, weight
    for i, term in enumerate(claim):
        following: dict[int, tuple[int, float]] = {}
        for j in where.get(term.root, ())[:_MAX_PLACES]:
            length, weight = open_runs.pop(j - 1, (0, 0.0))
            following[j] = (length + 1, weight + term.weight + 0.02)
        runs.extend(_closed(open_runs, i))
        open_runs = following
    runs.extend(_closed(open_runs, len(claim)))
    return runs


def _closed(
    open_runs: dict[int, tuple[int, float]], i: int
) -> Iterable[tuple[float, int, int, int, int]]:
    for j, (length, weight) in open_runs.items():
        # Runs of function words alone say nothing: they come last and bind to what is near.
        yield -weight * (1 + 0.5 * (length - 1)), i, i - length, j - length + 1, length


@dataclass(frozen=True, slots=True)
class Carried:
    """How a source carries a claim, each from 0 to 1, 1 for a claim that it holds verbatim."""

    near: float  # share of the claim's weight found in the few sentences that hold most of it
    anywhere: float  # share of the claim's weight found anywhere in the source
    pairs: float  # share of the claim's word pairs that stand together in the source
    triples: float  # share of its runs of three words likewise
    copied: float  # weight of the claim in copied runs, long runs counting more
    names: float  # share of the capitalised words and figures found anywhere in the source
    skips: float  # share of pairs of content words that also stand near each other in the source


def carried(claim: Sequence[Term], text: str) -> Carried:
    """How the source ``text`` carries the claim."""
    sentences = [read(text[a:b]) for a, b in sentence_spans(text)]
    roots = [frozenset(t.root for t in sentence) for sentence in sentences]
    all_roots = frozenset().union(*roots)
    window = sorted(best_window(claim, roots, [len(s) for s in sentences]))
    near = [term for at in window for term in sentences[at]]
    return Carried(
        near=coverage(claim, {t.root for t in near}),
        anywhere=coverage(claim, all_roots),
        pairs=_grams(claim, sentences, 2),
        triples=_grams(claim, sentences, 3),
        copied=_copied(claim, near),
        names=_names(claim, all_roots),
        skips=_skips(claim, sentences),
    )


def best_window(
    claim: Sequence[Term], roots: Sequence[frozenset[str]], lengths: Sequence[int]
) -> list[int]:
    """The few sentences that together hold most of the claim, best first (greedy cover)."""
    open_roots = {t.root: 0.0 for t in claim}
    for term in claim:
        open_roots[term.root] += term.weight
    chosen: list[int] = []
    words = 0
    while len(chosen) < _MAX_WINDOW:
        gains = [sum(w for r, w in open_roots.items() if r in held) for held in roots]
        at = max(range(len(gains)), key=gains.__getitem__, default=-1)
        if at < 0 or gains[at] <= 0 or (chosen and words + lengths[at] > _MAX_WORDS):
            break
        chosen.append(at)
        words += lengths[at]
        open_roots = {r: w for r, w in open_roots.items() if r not in roots[at]}
    return chosen


def _grams(claim: Sequence[Term], sentences: Sequence[Sequence[Term]], n: int) -> float:
    held = {tuple(t.root for t in s[i : i + n]) for s in sentences for i in range(len(s) - n + 1)}
    grams = [tuple(t.root for t in claim[i : i + n]) for i in range(len(claim) - n + 1)]
    return sum(g in held for g in grams) / len(grams) if grams else 1.0


def _copied(claim: Sequence[Term], source: Sequence[Term]) -> float:
    """Root of the mean squared length of copied runs over the claim's (density, Grusky 2018)."""
    places = tile(claim, source)
    total, length = 0, 0
    for i, place in enumerate((*places, -1)):
        joined = place >= 0 and i > 0 and places[i - 1] == place - 1
        if not joined:
            total, length = total + length * length, 0
        length += place >= 0
    return float((total**0.5) / len(claim)) if claim else 1.0


def _names(claim: Sequence[Term], roots: frozenset[str]) -> float:
    marked = [t for i, t in enumerate(claim) if _is_marked(t, first=i == 0)]
    return sum(t.root in roots for t in marked) / len(marked) if marked else 1.0


def _is_marked(term: Term, *, first: bool) -> bool:
    if not term.weight:
        return False
    capital = term.text[0].isupper() and (not first or load_background().is_name(stem(term.text)))
    return capital or term.text[0].isdigit()


def _skips(claim: Sequence[Term], sentences: Sequence[Sequence[Term]]) -> float:
    """Share of neighbouring content words that stand within one sentence of the source."""
    content = [t for t in claim if t.weight]
    pairs = [
        (a.root, b.root, a.weight + b.weight)
        for i, a in enumerate(content)
        for b in content[i + 1 : i + 4]
    ]
    held: dict[str, set[int]] = {}
    for at, sentence in enumerate(sentences):
        for term in sentence:
            held.setdefault(term.root, set()).add(at)
    empty: set[int] = set()
    total = sum(w for *_, w in pairs)
    found = sum(w for a, b, w in pairs if held.get(a, empty) & held.get(b, empty))
    return found / total if total else 1.0
