"""Remembers which pages were read, so that a server can say that one has not changed since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from rag.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS visits (
    url TEXT PRIMARY KEY,            -- that answered, after all redirects
    article_url TEXT NOT NULL, etag TEXT, last_modified TEXT, fetched_at TEXT NOT NULL
) WITHOUT ROWID
"""
_UPSERT = (
    "INSERT INTO visits (url, article_url, etag, last_modified, fetched_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (url) DO UPDATE SET article_url = excluded.article_url, etag = excluded.etag,"
    " last_modified = excluded.last_modified, fetched_at = excluded.fetched_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One reading of a page that gave an article; ``fetched_at`` never dates the article."""

    url: str  # that answered, after all redirects
    article_url: str  # canonical, as the article holds it
    etag: str | None = None  # both as the server wrote them
    last_modified: str | None = None
    fetched_at: datetime


class Visits:
    """The pages read so far, in the catalog's file; any thread may ask.

    Note a visit only once its article is stored: a crash between the two costs one more reading,
    never an article.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self) -> None:
        """Make the table, unless it is there."""
        with self._database.writing() as connection:
            connection.execute(_SCHEMA)

    def of(self, url: str) -> Visit | None:
        """The last visit to an address."""
        sql = "SELECT url, article_url, etag, last_modified, fetched_at FROM visits WHERE url = ?"
        for found, article_url, etag, last_modified, fetched_at in self._database.rows(sql, url):
            return Visit(
                url=found,
                article_url=article_url,
                etag=etag,
                last_modified=last_modified,
                fetched_at=datetime.fromisoformat(fetched_at).astimezone(UTC),
            )
        return None

    def note(self, visits: Iterable[Visit]) -> None:
        """Remember visits, all or none, in place of earlier ones to the same addresses."""
        rows = [
            (v.url, v.article_url, v.etag, v.last_modified, v.fetched_at.isoformat())
            for v in visits
        ]
        if rows:
            with self._database.writing() as connection:
                connection.executemany(_UPSERT, rows)
