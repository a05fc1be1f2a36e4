"""Remembers what each article was last read as, so that what has not changed is not read again."""

from collections.abc import Iterable
from dataclasses import dataclass

from rag.database import Database

_TABLE = """
CREATE TABLE IF NOT EXISTS readings (
    article_id TEXT PRIMARY KEY, digest TEXT NOT NULL
) WITHOUT ROWID
"""
# What is remembered does not hold for an article that is gone, has other words, or is corrected.
_FORGET = """
CREATE TRIGGER IF NOT EXISTS forget_reading_{n} AFTER {event} BEGIN
    DELETE FROM readings WHERE article_id = {row}.article_id;
END
"""
_EVENTS = (
    ("DELETE ON articles", "old"),
    ("UPDATE ON articles WHEN old.content_hash <> new.content_hash", "old"),
    ("DELETE ON corrections", "old"),
    ("INSERT ON corrections", "new"),
    ("UPDATE ON corrections", "new"),
)
_KNOWN = (
    "SELECT articles.title FROM readings JOIN articles USING (article_id)"
    " WHERE article_id = ? AND digest = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The raw article, before it was cleaned and dated, by the hash of all that was read."""

    article_id: str
    digest: str


class Readings:
    """The last readings, in the catalog's file. Note one only once its article is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self) -> None:
        """Make the table and its triggers, unless they are there."""
        with self._database.writing() as connection:
            connection.execute(_TABLE)
            for n, (event, row) in enumerate(_EVENTS):
                connection.execute(_FORGET.format(n=n, event=event, row=row))

    def title(self, reading: Reading) -> tuple[str | None] | None:
        """The title of the live article that came of this very reading, if there is one."""
        rows = self._database.rows(_KNOWN, reading.article_id, reading.digest)
        return (rows[0][0],) if rows else None

    def note(self, readings: Iterable[Reading]) -> None:
        """Remember readings in place of earlier ones."""
        rows = [(r.article_id, r.digest) for r in readings]
        if rows:
            with self._database.writing() as connection:
                sql = "INSERT OR REPLACE INTO readings VALUES (?, ?)"
                connection.executemany(sql, rows)
