"""Splits an article into passages: runs of whole sentences, small enough for the embedder."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from rag.schema import Article, Passage
from rag.text import sentence_spans

MAX_TOKENS = 180  # of a passage; with title and date it stays within the embedder's 256
_TAIL_TOKENS = 40  # a last passage shorter than this joins the one before, if it fits in
_JOINED_TOKENS = 205
_TOKENS_PER_WORD = 1.35  # of English news, for embedders that do not count
_MAX_SENTENCE = 1_500  # characters; a longer "sentence" is a table or a list, cut at white space
_MAX_CONTEXT = 150  # characters of the title that the embedder sees
_WORDS = re.compile(r"\w+|[^\w\s]")

Range = tuple[int, int]


@runtime_checkable
class TokenCounter(Protocol):
    """An embedder that knows how many of its tokens a text takes."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, with two for its ends."""


def split(article: Article, counter: object = None) -> tuple[Passage, ...]:
    """The passages of an article in order; every sentence stands in exactly one of them.

    ``counter`` counts tokens if it can; otherwise they are estimated from words.
    """
    sentences = tuple(_sentences(article.text))
    sizes = _sizes([article.text[a:b] for a, b in sentences], counter)
    return tuple(_passage(article, run) for run in _runs(sentences, sizes))


def context(article: Article) -> str:
    """The line put above each passage for the embedder: title and day."""
    title = (article.title or "")[:_MAX_CONTEXT]
    day = f"{article.day:%d %B %Y}".lstrip("0") if article.day else ""
    return ". ".join(part for part in (title, day) if part)


def embedded_texts(article: Article, passages: Sequence[Passage]) -> list[str]:
    """What the embedder sees for each passage."""
    head = context(article)
    return [f"{head}\n{p.text}" if head else p.text for p in passages]


def _sentences(text: str) -> Iterator[Range]:
    for start, end in sentence_spans(text):
        at = start
        while end - at > _MAX_SENTENCE:
            space = text.rfind(" ", at + _MAX_SENTENCE // 2, at + _MAX_SENTENCE)
            stop = space if space > 0 else at + _MAX_SENTENCE
            yield at, stop
            at = stop + (space > 0)
        yield at, end


def _sizes(sentences: list[str], counter: object) -> list[int]:
    if isinstance(counter, TokenCounter):
        return [n - 2 for n in counter.count_tokens(sentences)]
    return [round(len(_WORDS.findall(s)) * _TOKENS_PER_WORD) for s in sentences]


def _runs(sentences: Sequence[Range], sizes: Sequence[int]) -> list[tuple[Range, ...]]:
    runs: list[list[Range]] = []
    totals: list[int] = []
    for span, size in zip(sentences, sizes, strict=True):
        if not runs or totals[-1] + size > MAX_TOKENS:
            runs.append([])
            totals.append(0)
        runs[-1].append(span)
        totals[-1] += size
    if len(runs) > 1 and totals[-1] < _TAIL_TOKENS and sum(totals[-2:]) <= _JOINED_TOKENS:
        tail = runs.pop()
        runs[-1] += tail
    return [tuple(run) for run in runs]


def _passage(article: Article, run: tuple[Range, ...]) -> Passage:
    start, end = run[0][0], run[-1][1]
    return Passage(
        article_id=article.article_id,
        start=start,
        end=end,
        text=article.text[start:end],
        passage_id=f"{article.article_id}:{article.revision}:{start}",
        sentences=run,
    )
