"""Drafts questions from a user's own archive, for people to look through and correct.

Extractive: a sentence that opens with a name becomes "Who ...?", one that opens with a figure
"How many ...?"; of others a name, figure or date is left out and asked for. The answer is always
words of the sentence, and the sentence is the evidence. Unanswerable questions are the same ones
put into a year before the archive begins. Deterministic for a seed. Questions that a language model
wrote (``eval.drafting``) stand in the place of the first of them.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.facts import dates, names, quantities
from rag.schema import Article
from rag.text import STOP_WORDS, sentence_spans, tokens

Json = dict[str, Any]
TEMPLATES = "templates"
UNANSWERABLE_SHARE = 0.25
_WORDS = (7, 32)  # of a sentence that is asked about
_MIN_CONTENT = 4  # words of a question that could find its article
_YEARS_BEFORE = 3
_POINTING = re.compile(
    r"\b(?:he|she|it|they|we|i|you|his|her|its|their|our|this|that|these|those|here|there|today|"
    r"yesterday|tomorrow|now|last|next)\b",
    re.IGNORECASE,
)
_VERB_FIRST = re.compile(r"[a-z]+")
_MODAL = re.compile(
    r"(?P<s>[A-Z][^,]{2,60}?) (?P<m>will|must|can|may|should|could|would) "
    r"(?P<v>[a-z]+(?: [a-z]+){0,3}) (?:about |around |at least |more than )?"
)
_SAYS = re.compile(r"\b(?:said|says|according|announced|reported)\b")
_MAX_COUNTED = 4  # words after a figure that say what it counts
_END = re.compile(r"[\s.!?\u2026]+$")
_NO_VERB = frozenset(
    "and or but of in on at for to from by with as than who whose which where when while".split()
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A question about a sentence, and the words that answer it."""

    question: str
    answer: str
    kind: str


def n_answerable(articles: Iterable[Article], n: int) -> int:
    """How many of ``n`` drafts have an answer: all if no article is dated, else three quarters."""
    return n - round(n * UNANSWERABLE_SHARE) if any(a.dated for a in articles) else n


def draft(
    articles: Iterable[Article], n: int, seed: int = 0, written: Sequence[Json] = ()
) -> list[Json]:
    """At most ``n`` rows in the format of ``eval.datasets``, spread over the articles.

    A quarter of them are unanswerable, as far as the archive has dated articles. Rows say
    ``"draft": true`` until somebody has looked at them, and by what they were drafted;
    ``written`` are those of a model, and come first.
    """
    ordered = sorted(articles, key=lambda a: a.article_id)
    draw = random.Random(seed)  # noqa: S311  # a choice of questions, not a secret
    draw.shuffle(ordered)
    first = min((a.dated.year for a in ordered if a.dated), default=None)
    rows = _spread([_rows(article, draw) for article in ordered], n)
    kept = [*written, *rows][: n_answerable(ordered, n)]
    if first is not None and rows:
        plain = sorted(rows, key=_is_gap)
        n_unanswerable = n - n_answerable(ordered, n)
        kept += [_before(row, first - _YEARS_BEFORE) for row in plain[:n_unanswerable]]
    return [{"qid": f"draft-{i:04}", **row} for i, row in enumerate(kept, 1)]


def _spread(by_article: Sequence[Sequence[Json]], n: int) -> list[Json]:
    """One of each article, then a second of each, up to ``n`` and the unanswerable ones."""
    out: list[Json] = []
    seen: set[str] = set()
    for turn in range(max((len(rows) for rows in by_article), default=0)):
        for rows in by_article:
            if turn < len(rows) and rows[turn]["question"] not in seen:
                seen.add(rows[turn]["question"])
                out.append(rows[turn])
        if len(out) >= 2 * n:
            break
    return out


def _rows(article: Article, draw: random.Random) -> list[Json]:
    found = []
    for start, end in sentence_spans(article.text):
        sentence = article.text[start:end]
        one = best(sentence)
        if one is not None:
            evidence = {"doc_id": article.article_id, "fact": sentence}
            found.append(
                {
                    "question": one.question,
                    "answer": [[one.answer]],
                    "type": one.kind,
                    "answerable": True,
                    "evidence": [evidence],
                    "draft": True,
                    "drafted_by": TEMPLATES,
                }
            )
    draw.shuffle(found)
    return sorted(found, key=_is_gap)


def _is_gap(row: Json) -> bool:
    """True of the less natural questions."""
    return bool(row["type"].startswith("gap"))


def _before(row: Json, year: int) -> Json:
    """The same, asked of a year before the archive begins."""
    question = f"{row['question'].rstrip('?')} in {year}?"
    if _is_gap(row):
        question = f"In {year}: {row['question']}"
    return {
        "question": question,
        "answer": [],
        "type": "other period",
        "answerable": False,
        "evidence": [],
        "draft": True,
        "drafted_by": TEMPLATES,
    }


def best(sentence: str) -> Draft | None:
    """The most natural question about a sentence; None if it does not stand on its own."""
    n_words = len(sentence.split())
    if not _WORDS[0] <= n_words <= _WORDS[1] or not sentence.rstrip().endswith("."):
        return None
    if points(sentence) or any(mark in sentence for mark in '\u201c\u201d"?:;'):
        return None
    return next((d for d in _drafts(sentence) if is_fair(d.question, d.answer)), None)


def points(text: str) -> bool:
    """True if a text leans on what was said before it, or on the day."""
    return bool(_POINTING.search(text))


def _drafts(sentence: str) -> Iterator[Draft]:
    yield from _who(sentence)
    yield from _how_many(sentence)
    yield from _gaps(sentence)


def _who(sentence: str) -> Iterator[Draft]:
    """A name that opens the sentence and does something."""
    for name in names(sentence):
        rest = _clause(sentence[name.end :])
        verb = _VERB_FIRST.match(rest.strip())
        opens = name.start == 0 and len(name.words) > 1 and rest.startswith(" ")
        if opens and verb and verb.group() not in _NO_VERB:
            yield Draft(f"Who {rest.strip()}?", name.text, "who")
        return


def _clause(rest: str) -> str:
    """What follows, up to the comma behind which somebody "said" it."""
    whole = _END.sub("", rest)
    head, comma, tail = whole.partition(",")
    return head if comma and _SAYS.search(tail) else whole


def _how_many(sentence: str) -> Iterator[Draft]:
    """A figure that opens the sentence and counts something, or that something will come to."""
    for figure in quantities(sentence):
        ahead = _MODAL.fullmatch(sentence[: figure.start])
        counted = _END.sub("", sentence[figure.end :]).partition(",")[0].strip()
        if ahead and (figure.kind == "money" or 0 < len(counted.split()) <= _MAX_COUNTED):
            subject = re.sub(r"^(?:The|A|An|Each|All)\b", lambda m: m.group().lower(), ahead["s"])
            what = "How much" if figure.kind == "money" else f"How many {counted}"
            rest = f" {counted}" if figure.kind == "money" and counted else ""
            yield Draft(
                f"{what} {ahead['m']} {subject} {ahead['v']}{rest}?", figure.text, "how many"
            )
        rest = _clause(sentence[figure.end :]).strip()
        if figure.start == 0 and figure.kind == "count" and _VERB_FIRST.match(rest):
            yield Draft(f"How many {rest}?", figure.text, "how many")
        return


def _gaps(sentence: str) -> Iterator[Draft]:
    """A date, figure or name that is left out."""
    for kind, word, spans in (
        ("gap date", "Which date", [(d.start, d.end) for d in dates(sentence) if d.day]),
        ("gap figure", "Which figure", [(q.start, q.end) for q in quantities(sentence)]),
        ("gap name", "Which name", [(m.start, m.end) for m in names(sentence) if m.sure]),
    ):
        for start, end in spans:
            told = f"{sentence[:start]}\u2026{_END.sub('', sentence[end:])}"
            yield Draft(f"{word} is missing in \u201c{told}\u201d?", sentence[start:end], kind)


def is_fair(question: str, answer: str) -> bool:
    """True if the question can be looked up and does not hold its answer."""
    words = [t.text.lower() for t in tokens(question)]
    content = [w for w in words if w not in STOP_WORDS]
    told = {t.text.lower() for t in tokens(answer)} - STOP_WORDS
    return len(content) >= _MIN_CONTENT and bool(told) and not told <= set(words)
