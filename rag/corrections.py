"""What a human knows better about an article: it wins over every later reading of the article."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rag.database import Database
from rag.errors import InputRefused
from rag.schema import Article

TEXT_FIELDS = ("title", "outlet", "section", "language")
DATE_FIELDS = ("published_at", "updated_at")
FIELDS = (*TEXT_FIELDS, "authors", *DATE_FIELDS)
_MAX_CHARS = 300


class Corrections:
    """The corrections in a catalog. Any thread may read; the holder of the home writes."""

    def __init__(self, catalog: Database) -> None:
        self._catalog = catalog

    def of(self, article_id: str) -> dict[str, Any]:
        """Corrected fields with their values as JSON knows them; empty if none."""
        sql = "SELECT field, value FROM corrections WHERE article_id = ?"
        return {f: json.loads(v) for f, v in self._catalog.rows(sql, article_id)}

    def put(self, article: Article, values: Mapping[str, Any]) -> None:
        """Note values that ``checked`` gave; what the article said is kept for ``drop``."""
        sql = (
            "INSERT INTO corrections VALUES (?, ?, ?, ?, ?) ON CONFLICT (article_id, field)"
            " DO UPDATE SET value = excluded.value, at = excluded.at"
        )
        now = datetime.now(UTC).isoformat()
        rows = [
            (article.article_id, name, json.dumps(value), json.dumps(_plain(article, name)), now)
            for name, value in values.items()
        ]
        with self._catalog.writing() as connection:
            connection.executemany(sql, rows)

    def drop(self, article_id: str) -> dict[str, Any]:
        """Forget the corrections of an article; gives what it said before them."""
        sql = "DELETE FROM corrections WHERE article_id = ? RETURNING field, was"
        with self._catalog.writing() as connection:
            rows = connection.execute(sql, (article_id,)).fetchall()
        return {name: json.loads(was) for name, was in rows}


def checked(given: Mapping[str, object]) -> dict[str, Any]:
    """Corrections as typed, made ready to be kept: an empty text says "unknown".

    A corrected date is sure.

    Raises:
        InputRefused: there is no such field, or a value does not fit it.
    """
    values = {name: _checked(name, value) for name, value in given.items()}
    if not values.keys().isdisjoint(DATE_FIELDS):
        values |= {"date_source": "corrected", "date_confidence": "high"}
    return values


def corrected(article: Article, values: Mapping[str, Any]) -> Article:
    """The article with the corrections in place."""
    if not values:
        return article
    fields: dict[str, Any] = {name: _value(name, value) for name, value in values.items()}
    return replace(article, **fields)


def _checked(name: str, value: object) -> object:
    if name not in FIELDS:
        raise InputRefused(f"{name!r} cannot be corrected", f"these can: {', '.join(FIELDS)}")
    if name == "authors":
        given = value.split(",") if isinstance(value, str) else value
        if not isinstance(given, list | tuple):
            raise InputRefused("authors must be a list of names", "write: Jane Doe, John Roe")
        return [text for text in (_text(name, one) for one in given) if text]
    text = _text(name, value)
    return text if text is None or name in TEXT_FIELDS else _moment(name, text).isoformat()


def _text(name: str, value: object) -> str | None:
    if not isinstance(value, str | None):
        raise InputRefused(f"{name} must be text, not {value!r}")
    text = " ".join((value or "").encode("utf-8", "ignore").decode().replace("\0", " ").split())
    if len(text) > _MAX_CHARS:
        raise InputRefused(f"{name} has {len(text)} characters, more than {_MAX_CHARS}")
    return text or None


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputRefused(
            f"{name}: {text!r} is not a date", "write it as 2026-01-29 or 2026-01-29T11:03-08:00"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _value(name: str, value: Any) -> object:
    if name == "authors":
        return tuple(value)
    return datetime.fromisoformat(value) if name in DATE_FIELDS and value else value


def _plain(article: Article, name: str) -> object:
    value = getattr(article, name)
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
