"""What became of articles: their earlier revisions, and those that were taken out."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rag.database import Database
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
        if not is_storable(ref):
            return None
        path = os.path.abspath(ref)  # noqa: PTH100  # as ingestion names it: no ".."
        sql = (
            "SELECT * FROM gone WHERE article_id = ? OR url = ? OR path IN (?, ?) ORDER BY at DESC"
        )
        rows = self._catalog.rows(sql, ref, ref, ref, path)
        return _gone(rows[0]) if rows else None

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
