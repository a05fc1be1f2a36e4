"""An answer and its limits as JSON and back, so that a conversation survives a restart.

All that is shown of an answer goes along; texts of whole articles stay in the catalog.
"""

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from rag.errors import IndexUnavailable
from rag.schema import Answer, Filters, Place

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_TAKEN = "taken"


def packed(answer: Answer) -> str:
    """The answer as JSON, without the texts of its articles."""
    import json

    articles = {key: replace(article, text="") for key, article in answer.articles.items()}
    # Keyed by places, which JSON cannot have as keys: a list of pairs instead.
    bare = replace(answer, articles=articles, taken={})
    body = _answers().dump_python(bare, mode="json")
    body[_TAKEN] = [[p.article_id, p.start, p.end, n] for p, n in answer.taken.items()]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> Answer:
    """The answer that ``packed`` wrote; its articles have an empty text.

    Raises:
        IndexUnavailable: it is none.
    """
    import json

    try:
        body = json.loads(text)
        taken = {Place(article_id=a, start=s, end=e): n for a, s, e, n in body.pop(_TAKEN, ())}
        answer = _answers().validate_python(body)
    except (ValueError, TypeError, AttributeError) as error:
        raise IndexUnavailable(
            f"a stored answer cannot be read: {type(error).__name__}", "delete its conversation"
        ) from error
    return replace(answer, taken=taken)


def packed_scope(scope: Filters) -> str:
    """Filters as JSON."""
    return _scopes().dump_json(scope).decode()


def unpacked_scope(text: str) -> Filters:
    """The filters that ``packed_scope`` wrote."""
    return _scopes().validate_json(text)


@cache
def _scopes() -> "TypeAdapter[Filters]":
    from pydantic import TypeAdapter

    return TypeAdapter(Filters)


@cache
def _answers() -> "TypeAdapter[Answer]":
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)
