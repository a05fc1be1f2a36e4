"""Questions to begin with, made of what the newest articles say."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rag.browse import View
from rag.facts import names
from rag.furniture import is_furniture
from rag.inquire import questions_to
from rag.text import sentence_spans, terms

if TYPE_CHECKING:
    from web.desk import Desk

N_EXAMPLES = 4
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
DEMO_HOME = ".byline-demo"
_N_NEWEST = 60  # articles looked through: about one in four yields a question; 100 ms, once
_MAX_CHARS = 2_500  # what an article is about stands above
# What such words point at stands in another sentence.
_POINTING = re.compile(r"\b(?:similar|another|other|such|same|latter|former|them|there)\b", re.I)
_MANY = 6  # words are told apart without a name
_ALIKE = 0.4  # of the words of the shorter question: the same story
_made: "WeakKeyDictionary[Desk, tuple[tuple[int, int], tuple[str, ...]]]" = WeakKeyDictionary()


def examples_for(desk: "Desk") -> tuple[str, ...]:
    """Questions about the samples for the demo archive, about the newest articles for any other.

    Made anew when the archive has grown or shrunk; none where the rules make none of the articles.
    """
    questions = SAMPLES / "questions.json"
    if desk.home.name == DEMO_HOME and questions.is_file():
        rows = json.loads(questions.read_text("utf-8"))
        asked = (row if isinstance(row, str) else row["question"] for row in rows)
        return tuple(islice(asked, N_EXAMPLES))
    counts, known = desk.counts(), _made.get(desk)
    if known is None or known[0] != counts:
        known = _made[desk] = (counts, tuple(islice(_apart(_asked(desk)), N_EXAMPLES)))
    return known[1]


def _asked(desk: "Desk") -> Iterator[str]:
    """A question for each of the newest articles that yields a good one."""
    for listed in desk.browse.articles(View(sort="date", limit=_N_NEWEST)).rows:
        text = desk.article(listed.article.article_id).text[:_MAX_CHARS]
        told = (text[start:end] for start, end in sentence_spans(text))
        made = (q for words in told if not is_furniture(words) for q in questions_to(words))
        yield from islice((q for q in made if _is_clear(q)), 1)


def _is_clear(question: str) -> bool:
    """True if it says whom or what it is about, and points at nothing outside."""
    named = any(name.start > 0 for name in names(question))
    return (named or len(terms(question)) >= _MANY) and not _POINTING.search(question)


def _apart(questions: Iterator[str]) -> Iterator[str]:
    """Those that are not of a story which one before them was of."""
    kept: list[set[str]] = []
    for question in questions:
        mine = set(terms(question))
        if all(len(mine & other) < _ALIKE * min(len(mine), len(other)) for other in kept):
            kept.append(mine)
            yield question
