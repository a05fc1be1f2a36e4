"""How articles and passages stand in the rows of the catalog."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.schema import Article, Credit, Passage

FIELDS = (
    "article_id revision title outlet authors url path published_at updated_at date_source"
    " date_confidence section language retrieved_at content_hash group_id credits status text"
).split()


def article_row(article: Article, first: int, n_passages: int) -> tuple[object, ...]:
    """Folded outlet, ordinal of the day, first passage, number of passages, then ``FIELDS``."""
    key = article.outlet.casefold() if article.outlet is not None else None
    day = article.day.toordinal() if article.day is not None else None
    return (key, day, first, n_passages, *(_plain(getattr(article, name)) for name in FIELDS))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, default=_credit_row) if isinstance(value, tuple) else value


def _credit_row(credit: Credit) -> list[object]:
    return [credit.name, credit.kind, credit.start, credit.end]


def article_of(row: Sequence[Any]) -> Article:
    """The article whose ``FIELDS`` these are."""
    fields = dict(zip(FIELDS, row, strict=True))
    fields["authors"] = tuple(json.loads(fields["authors"]))
    fields["credits"] = tuple(_credits(json.loads(fields["credits"]), fields))
    for name in ("published_at", "updated_at", "retrieved_at"):
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    return Article(**fields)


def _credits(rows: Sequence[Any], article: Mapping[str, Any]) -> Iterator[Credit]:
    for name, kind, start, end in rows:
        text = article["text"][start:end]
        yield Credit(
            article_id=article["article_id"], start=start, end=end, text=text, name=name, kind=kind
        )


def passage_row(
    ordinal: int, owner: int, passage: Passage, vector: NDArray[np.float16]
) -> tuple[object, ...]:
    """A row of ``passages``."""
    sentences = np.asarray(passage.sentences, dtype=np.int32).tobytes()
    return (
        ordinal,
        passage.passage_id,
        owner,
        passage.start,
        passage.end,
        sentences,
        vector.tobytes(),
    )


def passage_of(row: Sequence[Any], text: str) -> Passage:
    """The passage in (id, article id, start, end, sentences) of an article with this text."""
    passage_id, article_id, start, end, sentences = row
    pairs = np.frombuffer(sentences, dtype=np.int32).reshape(-1, 2).tolist()
    return Passage(
        article_id=article_id,
        start=start,
        end=end,
        text=text[start:end],
        passage_id=passage_id,
        sentences=tuple((a, b) for a, b in pairs),
    )
