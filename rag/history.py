"""What became of articles: their earlier revisions, and those that were taken out."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from rag.database import Database
from rag.errors import IndexUnavailable
from rag.records import article_of
from rag.schema import Article
from rag.text import is_storable


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """An article that was taken out; of a removed one nothing is kept but its id."""

    article_id: str
    status: Literal["removed", "withdrawn"]
    at: datetime
    reason: str | None = None
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What people decided about articles, as rows: it outlives the index."""

    gone: Sequence[tuple[object, ...]] = ()
    corrections: Sequence[tuple[object, ...]] = ()


def decisions(home: Path) -> Decisions:
    """The withdrawals and corrections in the catalog of a home; none if it cannot be read."""
    if not (home / "catalog.db").is_file():
        return Decisions()
    catalog = Database(home / "catalog.db")
    try:
        return Decisions(
            gone=catalog.rows("SELECT * FROM gone WHERE status = 'withdrawn'"),
            corrections=catalog.rows("SELECT * FROM corrections"),
        )
    except IndexUnavailable:  # older, or damaged: that may be why it is made anew
        return Decisions()
    finally:
        catalog.close()


class History:
    """Reads what the catalog keeps of the past. Any thread may use it."""

    def __init__(self, catalog: Database) -> None:
        self._catalog = catalog

    def revisions(self, article_id: str) -> tuple[Article, ...]:
        """The revisions that were replaced, oldest first; empty if it never changed."""
        sql = "SELECT record FROM revisions WHERE article_id = ? ORDER BY revision"
        return tuple(article_of(json.loads(row[0])) for row in self._catalog.rows(sql, article_id))

    def revision(self, article_id: str, revision: int) -> Article | None:
        """A revision that was replaced; None if there is none of this number."""
        sql = "SELECT record FROM revisions WHERE article_id = ? AND revision = ?"
        rows = self._catalog.rows(sql, article_id, revision)
        return article_of(json.loads(rows[0][0])) if rows else None

    def gone(self, article_id: str) -> Gone | None:
        """What became of an article that is not there; None if it never was."""
        rows = self._catalog.rows("SELECT * FROM gone WHERE article_id = ?", article_id)
        return _gone(rows[0]) if rows else None

    def find(self, ref: str) -> Gone | None:
        """What became of the article under this id, URL or path, if its name was kept."""
        return next(iter(self.found(ref)), None)

    def found(self, ref: str) -> tuple[Gone, ...]:
        """The same of all that came out of a file, archive or folder, latest first."""
        if not is_storable(ref):
            return ()
        path = os.path.abspath(ref)  # noqa: PTH100  # as ingestion names it: no ".."
        inside = f"{path}/"
        where = "article_id = ? OR url = ? OR path IN (?, ?) OR substr(path, 1, length(?)) = ?"
        sql = f"SELECT * FROM gone WHERE {where} ORDER BY at DESC"  # noqa: S608  # our own words
        rows = self._catalog.rows(sql, ref, ref, ref, path, inside, inside)
        return tuple(_gone(row) for row in rows)

    def decide(self, kept: "Decisions") -> None:
        """Put withdrawals and corrections of an earlier catalog, or moment, into this one."""
        with self._catalog.writing() as connection:
            connection.executemany("INSERT INTO gone VALUES (?, ?, ?, ?, ?, ?, ?, ?)", kept.gone)
            sql = "INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?, ?)"
            connection.executemany(sql, kept.corrections)

    def withdrawn(self) -> tuple[Gone, ...]:
        """All that were withdrawn, latest first."""
        sql = "SELECT * FROM gone WHERE status = 'withdrawn' ORDER BY at DESC, article_id"
        return tuple(_gone(row) for row in self._catalog.rows(sql))

    def restore(self, article_id: str) -> bool:
        """Let a withdrawn article be taken in again; False if it was not withdrawn."""
        sql = "DELETE FROM gone WHERE article_id = ? AND status = 'withdrawn'"
        with self._catalog.writing() as connection:
            return connection.execute(sql, (article_id,)).rowcount > 0


def _gone(row: tuple[str, ...]) -> Gone:
    article_id, status, at, reason, title, outlet, url, path = row
    return Gone(
        article_id=article_id,
        status="withdrawn" if status == "withdrawn" else "removed",
        at=datetime.fromisoformat(at),
        reason=reason,
        title=title,
        outlet=outlet,
        url=url,
        path=path,
    )
