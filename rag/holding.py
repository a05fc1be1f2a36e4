"""Holds a statement against the sentences that were found: which carry it, which deny it.

A sentence takes a side only where the verifier says so: it carries the whole statement, or it
speaks of the same matter and contradicts it by a figure, a date, a status, a "not" or an
opposite. Another name is no contradiction: that Tencent bought does not mean that Alibaba did not.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.align import Term, coverage, read
from rag.background import load_background
from rag.deed import deed_of
from rag.facts import Quantity, dates, names, quantities
from rag.pair import Pair
from rag.realised import outdone, tells
from rag.schema import Article, Evidence, Passage
from rag.text import stem
from rag.verify import differences, verify
from rag.words import root

Side = Literal["yes", "no"]
MAX_HELD = 6  # sentences per statement that are verified, at about 4 ms each
_NEAR = 0.35  # share of the statement's weight in a sentence from which it is looked at
_SAME_MATTER = 0.6  # the same, names and figures apart, from which it speaks of the same matter
_DENIES = frozenset({"status", "negation", "opposite", "number", "date", "bound", "quantifier"})
_TOLD = 1.0  # by which a sentence that tells the very deed goes before those that share its words
_MAX_TOLD = 3
_MIN_WORDS = 4
# A question, and what a correction says was wrong.
_NO_STATEMENT = re.compile(
    r"\?['\"\u201d\u2019\s]*$|^(?:correction|clarification)\b", re.IGNORECASE
)
_POINTS_BACK = re.compile(r"(?:it|he|she|they)\b", re.IGNORECASE)
_BOUNDS = frozenset(root(stem(w)) for w in "least most than nearly almost fewer".split())
# Verbs that only lead to a figure: "fell below 30 percent" is told by "is 29 percent full".
_LEVELS = frozenset(
    root(stem(w)) for w in "fall rise reach exceed top stand have hold number total".split()
)
_PHRASE = re.compile(r"\s(?=(?:from|in|of|on|at|for|by|with|during|after|against|about)\s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence that was found, with its words and those of its article's title."""

    evidence: Evidence
    roots: frozenset[str]
    setting: frozenset[str]  # with the sentence before it and the title


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A sentence beside the statement: its side, and the share of the statement it speaks of."""

    evidence: Evidence
    side: Side | None
    share: float
    almost: bool = False  # carries it but for "at least" or "about" before a figure


def read_lines(
    passages: Sequence[Passage], articles: Mapping[str, Article], outlet: str | None = None
) -> list[Line]:
    """Every whole sentence of the passages once, of one outlet if one is given."""
    lines: dict[tuple[str, int], Line] = {}
    for passage in passages:
        article = articles.get(passage.article_id)
        if outlet is not None and (article is None or article.outlet != outlet):
            continue
        title = _roots((article.title if article else "") or "")
        before: frozenset[str] = frozenset()
        for (start, end), text in zip(passage.sentences, passage.sentence_texts(), strict=True):
            roots = _roots(text)
            if len(roots) >= _MIN_WORDS and not _NO_STATEMENT.search(text):
                evidence = Evidence(article_id=passage.article_id, start=start, end=end, text=text)
                line = Line(evidence=evidence, roots=roots, setting=roots | title | before)
                lines.setdefault((passage.article_id, start), line)
            before = roots
    return list(lines.values())


def _roots(text: str) -> frozenset[str]:
    return frozenset(t.root for t in read(text))


def hold(
    statement: str, lines: Sequence[Line], articles: Mapping[str, Article]
) -> tuple[Held, ...]:
    """The sentences that speak most of the statement, best first, each with its side."""
    claim, matter, named = read(statement), _matter(statement), name_roots(statement)
    near: list[tuple[float, Line]] = []
    for line in lines:
        share = max(coverage(claim, line.roots), coverage(matter, line.roots) * bool(matter))
        if share >= _NEAR and named <= line.setting:
            told = _TOLD * _is_told(statement, line.evidence.text)
            near.append((share + 0.5 * coverage(claim, line.setting) + told, line))
    best = sorted(near, key=lambda pair: -pair[0])[:MAX_HELD]
    return tuple(_held(statement, line, articles) for _, line in best)


def _is_told(statement: str, text: str) -> bool:
    return deed_of(statement) is not None and (
        tells(statement, text) or tells(statement, text, denied=True) or outdone(statement, text)
    )


def told(claim: str, lines: Sequence[Line], articles: Mapping[str, Article]) -> tuple[Held, ...]:
    """The sentences of one outlet nearest to what a question has it say, best first.

    A claim in words of the question's own is neither carried nor denied by much: only another
    figure denies it, since "not" and opposites are too easily told in other words.
    """
    words = read(claim)
    near = sorted(lines, key=lambda ln: -coverage(words, ln.roots) - coverage(words, ln.setting))
    return tuple(_told(claim, line, articles) for line in near[:_MAX_TOLD])


def _told(claim: str, line: Line, articles: Mapping[str, Article]) -> Held:
    share = coverage(read(claim), line.roots)
    if not name_roots(claim) <= line.setting:
        return Held(evidence=line.evidence, side=None, share=share)
    held = _held(claim, line, articles)
    unsure = held.side == "no" and not quantities(claim)
    return replace(held, side=None if unsure else held.side, share=share)


def name_roots(statement: str) -> frozenset[str]:
    """The words of the statement's names: a sentence that lacks one speaks of something else."""
    is_name = load_background().is_name
    sure = [n for n in names(statement) if n.sure or is_name(stem(n.words[0]))]
    return frozenset(t.root for name in sure for t in read(name.text) if t.weight)


def _held(statement: str, line: Line, articles: Mapping[str, Article]) -> Held:
    short = _without_setting(statement, line)
    share = _share(_matter(short), line.roots)
    side, almost = _side(short, line, share, articles)
    return Held(evidence=line.evidence, side=side, share=share, almost=almost)


def _share(matter: Sequence[Term], roots: frozenset[str]) -> float:
    """The share of the words by weight or by number, the smaller: "win" is light, but says it."""
    held = sum(t.root in roots for t in matter)
    return min(coverage(matter, roots), held / len(matter)) if matter else 1.0


def _without_setting(statement: str, line: Line) -> str:
    """The statement less what title or sentence before say: "exempt (from the water ban)".

    A phrase goes whole; of the subject a word before one that the sentence has ("harbour
    bridge"), and the whole of it where the sentence points back to it ("It was not visited").
    """
    first, *rest = _PHRASE.split(statement.rstrip("."))
    words = first.split()
    points_back = _POINTS_BACK.match(line.evidence.text)
    told = [
        word
        for at, word in enumerate(words)
        if not _is_set(word, line) or not (points_back or _roots(_next(words, at)) & line.roots)
    ]
    return " ".join([*told, *(phrase for phrase in rest if not _is_set(phrase, line))]) + "."


def _next(words: Sequence[str], at: int) -> str:
    return words[at + 1] if at + 1 < len(words) else ""


def _is_set(words: str, line: Line) -> bool:
    """True if the words are all said by title or sentence before, and none by the sentence."""
    roots = {t.root for t in read(words) if t.weight}
    return (
        bool(roots) and not quantities(words) and not roots & line.roots and roots <= line.setting
    )


def _matter(statement: str) -> list[Term]:
    """What the statement is about: its words but for names, figures, days and what bounds them."""
    named = name_roots(statement)
    counted = quantities(statement)
    spans = [(q.start, q.end) for q in counted]
    spans += [(d.start, d.end) for d in dates(statement)]
    hollow = _BOUNDS | _LEVELS if counted else _BOUNDS
    return [
        t
        for t in read(statement)
        if t.weight
        and t.root not in named | hollow
        and not (any(a <= t.start < b for a, b in spans) and not _is_unit(t, statement))
    ]


def _is_unit(term: Term, statement: str) -> bool:
    """True for the counted noun within a figure: "people" of "nine people"."""
    return any(q.unit and stem(term.text.lower()) == q.unit for q in quantities(statement))


def _side(
    statement: str, line: Line, share: float, articles: Mapping[str, Article]
) -> tuple[Side | None, bool]:
    """The side that the sentence takes; and whether only a bound keeps it from carrying."""
    if share < _SAME_MATTER:
        return None, False
    text = line.evidence.text
    verdict = verify(statement, (line.evidence,), context=articles)
    if verdict.label == "supported":
        side: Side | None = "yes" if _counts_the_same(statement, text) else None
        return side, False
    article = articles.get(line.evidence.article_id)
    found = differences(Pair(statement, text), article.day if article else None)
    hard = {f.kind for f in found if f.gravity == "hard"}
    if _is_within(statement, text):
        return ("yes" if hard <= {"number", "bound"} else None), False
    if verdict.label == "refuted":
        return ("no" if hard and hard <= _DENIES else None), False
    if verdict.label == "unsupported":  # too little else is said: only a figure denies
        return ("no" if hard == {"number"} and _counts_another(statement, text) else None), False
    firm = {f.kind for f in found if f.gravity == "firm"}
    almost = verdict.label == "partial" and not hard and firm == {"bound"}
    return None, almost and _counts_the_same(statement, text)


def _is_within(statement: str, text: str) -> bool:
    """True if a figure of the sentence keeps to a bound of the statement: 29 is below 30."""
    given = quantities(text)
    return any(
        q.unit == claimed.unit and _keeps(claimed, q.value)
        for claimed in quantities(statement)
        for q in given
        if claimed.bound
    )


def _keeps(claimed: Quantity, value: float) -> bool:
    match claimed.bound:
        case "less":
            return value < claimed.value
        case "up_to":
            return value <= claimed.value
        case "more":
            return value > claimed.value
        case "at_least":
            return value >= claimed.value
        case _:
            return False


def _counts_another(statement: str, text: str) -> bool:
    """True if the sentence has exactly one figure in the unit of the statement's, another one."""
    given = quantities(text)
    for claimed in quantities(statement):
        same = [q for q in given if q.unit == claimed.unit]
        if claimed.unit and len(same) == 1 and same[0].value != claimed.value:
            return True
    return False


def _counts_the_same(statement: str, text: str) -> bool:
    """True unless a figure of the statement counts something else in the sentence.

    "At least nine people died and 14 were missing" does not say that 14 people died.
    """
    given = quantities(text)
    for claimed in quantities(statement):
        same = [q for q in given if q.unit == claimed.unit]
        if same and all(q.value != claimed.value and q.high is None for q in same):
            return False
    return True
