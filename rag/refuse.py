"""Decides whether the best sentences found answer at all, and says what is missing if not."""

import math
from collections.abc import Sequence

import numpy as np

from rag.align import carried, read
from rag.asked import FRAME, Asked
from rag.schema import Refusal
from rag.signals import FEATURES, Candidate, Rows
from rag.text import stem

# A logistic over clipped signals. Every weight but that of "long", which says nothing of the
# archive, has the sign that makes it monotone: more support never lowers the confidence.
# The first three started from a fit with non-negative weights (2,000 questions: dev news, with
# and without the answer, and in archives of 2 to 16 articles; encyclopedia snippets; long questions
# over several articles); they, the threshold and the rest were then set by hand on the same
# questions and on sixty about two articles. "python -m benchmarks.answers DATA" shows the outcome.
_WEIGHTS = {
    "support": 6.3,  # best sum of cover (sentence, neighbours, title) and cosine, 0 to 2
    "long": 4.3,  # long questions are never covered by one sentence ...
    "long_cover": 5.5,  # ... but by all that was found
    "together": 7.2,  # one sentence has its words as the question joins them: who did what
    "full": 0.9,  # one sentence has every weighty word of the question
    "few": 0.6,  # the best passages come from few articles: little is near by mere chance
    "no_name": -3.0,  # a name of a short question occurs nowhere
    "no_figure": -6.0,  # "how many": no number beside what is counted
    "no_type": -1.5,  # nothing of the kind asked for in the best sentences
    "no_attribute": -3.0,  # asks where someone was born; nothing near speaks of birth
}
_MIDDLE = 7.85
_ENOUGH = 0.5
_SHORT = (2.0, 4.0)  # total idf of the question's words: wholly short, not short any more
_LONG = (4.0, 10.0)  # not long yet, wholly long
_FEW = (4.0, 8.0)  # articles among the passages found: few, not few any more
_RARE_NAME = 0.3  # idf; "US" and the like may be worded otherwise
_NEAR = 0.9  # of 2, as "support": of questions on other topics 3 in 4 have less
_STEM = 5  # letters that a name shares with its adjective
_TOP = 3  # sentences that are shown
_JOINS = (2.0, 3.0)  # total idf: too few words to be joined, enough
_TOO_LONG = (4.0, 5.5)  # one sentence may join them all, none may
_JOINED_WELL = 0.48  # neither for nor against
_JOINED = 6  # sentences of which one may hold what the question joins
_NEAREST = 5  # sentences in which a figure or an attribute may stand

# Attributes that people ask for and that no likeness of topic replaces.
_ATTRIBUTES = [
    (frozenset(asked.split()), frozenset(map(stem, told.split())))
    for asked, told in (
        ("born birthplace birthday", "born birth birthplace birthday native hometown"),
        ("founded founder founders", "founded founder co-founder founding established started"),
        ("wife husband spouse married", "wife husband spouse married marriage wed wedding"),
        ("old age", "old aged age born year-old birthday"),
        (
            "cost costs price prices",
            "cost costs price prices priced fee",
        ),
        ("employees staff", "employees staff workers employs workforce employed jobs"),
    )
]
_MISSING = {
    "number": "but none gives the figure",
    "money": "but none gives the sum",
    "person": "but none says who",
    "country": "but none names the country",
    "state": "but none names the state",
    "place": "but none says where",
    "time": "but none says when",
    "reason": "but none says why",
    "name": "but none names it",
    "yesno": "but none settles this",
    "other": "but none answers this",
}


def judge(
    asked: Asked, ranked: Sequence[Candidate], rows: Rows, everything: Sequence[Candidate]
) -> tuple[float, str | None]:
    """How sure it is that the archive answers, 0 to 1, and the reason when it is not sure enough.

    ``ranked`` are the best candidates, best first, ``rows`` their features, ``everything`` all
    candidates that were found.
    """
    if not asked.weights:
        return 0.0, "The question has no words to search the archive with."
    if not ranked:
        return 0.0, f"Nothing found in the archive speaks of {_listed(asked, _weighty(asked))}."
    found = signals(asked, ranked, rows, everything)
    logit = sum(_WEIGHTS[name] * value for name, value in found.items()) - _MIDDLE
    confidence = 1 / (1 + math.exp(-logit))
    return confidence, None if confidence >= _ENOUGH else _reason(asked, _seen(everything))


def nearness(rows: Rows) -> Refusal:
    """Whether what was found comes near the question without answering it, or nothing does."""
    column = dict(zip(FEATURES, rows.T, strict=True))
    return "near" if float(np.max(column["around"] + column["cosine"])) >= _NEAR else "nothing"


def signals(
    asked: Asked, ranked: Sequence[Candidate], rows: Rows, everything: Sequence[Candidate]
) -> dict[str, float]:
    """The values behind the decision, by the names of the weights."""
    seen = _seen(everything)
    n_articles = len({c.evidence.article_id for c in everything})
    column = dict(zip(FEATURES, rows.T, strict=True))
    total = sum(asked.weights.values())
    short = 1 - _ramp(total, _SHORT)
    long = _ramp(total, _LONG)
    together = max(_together(asked.text, c) for c in ranked[:_JOINED])
    middling = _ramp(total, _JOINS) * (1 - _ramp(total, _TOO_LONG))
    typed = asked.kind not in {"yesno", "other"}
    counted = asked.kind in {"number", "money"}
    return {
        "support": float(np.max(column["around"] + column["cosine"])),
        "long": long,
        "long_cover": long * sum(w for t, w in asked.weights.items() if t in seen) / total,
        "together": middling * (together - _JOINED_WELL),
        "full": float(column["recall"].max() >= 0.95),
        "few": 1 - _ramp(n_articles, _FEW),
        "no_name": short * (max(_lost(asked, asked.names, seen), default=0.0) > _RARE_NAME),
        "no_figure": counted * (1 - long) * (1 - float(column["typed"][:_NEAREST].max())),
        "no_type": typed * (1 - long) * (1 - float(column["typed"][:_TOP].max())),
        "no_attribute": short * _lacks_attribute(asked, ranked[:_NEAREST]),
    }


def _together(question: str, candidate: Candidate) -> float:
    """How far one sentence has the question's words, names, pairs and runs, from 0 to 1."""
    fit = carried(read(question), candidate.evidence.text)
    runs = fit.pairs + fit.triples + fit.copied + fit.skips
    return (2 * fit.near + 2 * fit.names + runs) / 8


def _seen(candidates: Sequence[Candidate]) -> frozenset[str]:
    return frozenset[str]().union(*(c.around for c in candidates))


def _ramp(value: float, ends: tuple[float, float]) -> float:
    return min(1.0, max(0.0, (value - ends[0]) / (ends[1] - ends[0])))


def _lost(asked: Asked, terms: Sequence[str], seen: frozenset[str]) -> list[float]:
    """The weights of the terms of which no form was found: "Japan" is one of "Japanese"."""
    absent = [t for t in terms if t not in seen]
    return [
        asked.weights.get(t, 0.0)
        for t in absent
        if len(t) <= _STEM or not any(s.startswith(t[:_STEM]) for s in seen)
    ]


def _lacks_attribute(asked: Asked, nearest: Sequence[Candidate]) -> bool:
    near = _seen(nearest)
    return any(
        not wanted.isdisjoint(asked.core) and told.isdisjoint(near) for wanted, told in _ATTRIBUTES
    )


def _weighty(asked: Asked) -> list[str]:
    """The three weightiest terms, in the order of the question."""
    best = sorted(asked.weights, key=lambda t: -asked.weights[t])[:3]
    return [t for t in asked.weights if t in best]


def _reason(asked: Asked, seen: frozenset[str]) -> str:
    weighty = _weighty(asked)
    looked_for = {*asked.names, *weighty}
    absent = [t for t in asked.weights if t in looked_for and t not in seen and t not in FRAME]
    if absent:
        return f"Nothing found in the archive speaks of {_listed(asked, absent)}."
    known = [t for t in weighty if t not in FRAME] or weighty
    return f"Articles mention {_listed(asked, known, 'and')}, {_MISSING[asked.kind]}."


def _listed(asked: Asked, terms: Sequence[str], joint: str = "or") -> str:
    """The words as asked, those that stand together kept together: "Elon Musk or H200"."""
    words: list[str] = []
    for word in (asked.wording[t] for t in terms):
        joined = (f"{words[-1]}{glue}{word}" for glue in (" ", "", "-")) if words else ()
        together = next((j for j in joined if j in asked.text), None)
        words[-1:] = [together] if together else [*words[-1:], word]
    words = words[:3]
    return f" {joint} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
