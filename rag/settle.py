"""Leaves a side of a yes/no question only to sentences that tell the very deed it asks about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from rag.align import coverage, read
from rag.deed import deed_of
from rag.facts import quantities
from rag.holding import Held, Line, name_roots
from rag.realised import asks_of_now, has_verb, outdone, tells
from rag.schema import Article, Conflict, Evidence, Position
from rag.sides import is_before, overlap

_MOST = 0.6  # of the contest must be in a sentence that tells who was beaten in it
_ALSO = re.compile(r"\balso\b", re.IGNORECASE)
_STILL = re.compile(r"\b(?:still|remain\w*|continu\w+)\b", re.IGNORECASE)
_NOW = timedelta(days=100)  # that the newest article found may be newer than what tells of now


def realised(
    statement: str,
    held: Sequence[Held],
    lines: Sequence[Line],
    articles: Mapping[str, Article],
) -> list[Held]:
    """The sentences, with a side left only to those that tell the very deed of the very subject.

    A denial gives way to a sentence not older that speaks of the deed as coming: "did not join" to
    "announced that they will". What is asked of now is told by the newest articles alone.
    """
    kept = [h if h.side and _keeps_side(statement, h) else _lost(statement, h) for h in held]
    days = [articles[h.evidence.article_id].day for h in held]
    coming = [articles[e.article_id].day for e in _coming(statement, lines)]
    newest = max((a.day for a in articles.values() if a.day), default=None)
    now = newest - _NOW if newest and asks_of_now(statement) else None
    return [
        replace(h, side=None)
        if (_may_pass(statement, h) and day and any(later and day <= later for later in coming))
        or is_before(day, now)
        else h
        for h, day in zip(kept, days, strict=True)
    ]


def _counts(statement: str, text: str) -> bool:
    """True if both count the same sort of thing: people, percent, money."""
    units = {(q.kind, q.unit) for q in quantities(text)}
    return any(
        (q.kind, q.unit) in units for q in quantities(statement) if q.unit and q.kind != "ordinal"
    )


def _lost(statement: str, held: Held) -> Held:
    """The sentence on the side of "no" if it tells that who is said to win was beaten in it."""
    text = held.evidence.text
    contest = [t for t in read(statement)[1:] if t.root not in name_roots(statement)]
    told = coverage([t for t in contest if t.root != "win"], {t.root for t in read(text)})
    return replace(held, side="no" if told >= _MOST and outdone(statement, text) else None)


def _may_pass(statement: str, held: Held) -> bool:
    """True for a denial that later news may turn; who was beaten stays beaten."""
    return held.side == "no" and not outdone(statement, held.evidence.text)


def _coming(statement: str, lines: Sequence[Line]) -> list[Evidence]:
    """The sentences that speak of the deed of the very names without telling it or denying it."""
    deed, named = deed_of(statement), name_roots(statement)
    if deed is None:
        return []
    return [
        line.evidence
        for line in lines
        if {deed.verb, *named} <= line.roots
        and not tells(statement, line.evidence.text, denied=True)
    ]


def _keeps_side(statement: str, held: Held) -> bool:
    text = held.evidence.text
    if held.side == "yes" and _STILL.search(statement) and not _STILL.search(text):
        return False  # what was so need not be so yet
    if held.side == "no" and quantities(statement) and _ALSO.search(text):
        return False  # "was also sentenced to pay" denies no other sentence
    if _counts(statement, text) and not has_verb(statement, text):
        return True
    return tells(statement, text, denied=held.side == "no")


def of_matter(
    statement: str, ours: Sequence[Evidence], conflicts: Sequence[Conflict]
) -> list[Conflict]:
    """The disagreements of which another side tells of the deed: whose victory else is none."""
    return [
        conflict
        for conflict in conflicts
        if not ours
        or any(
            _speaks(statement, position)
            for position in conflict.positions
            if not any(overlap(position.evidence, e) for e in ours)
        )
    ]


def _speaks(statement: str, position: Position) -> bool:
    """True if a side of a disagreement tells the deed, or denies it."""
    text = position.statement
    if _counts(statement, text) and not has_verb(statement, text):
        return True
    return tells(statement, text) or tells(statement, text, denied=True)
