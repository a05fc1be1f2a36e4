"""The queue: what was asked to be ingested, how far it is, and what became of every item.

It lives in the catalog's file, so a job that was asked for outlives the process. A job that was
running when its process died is queued again; the articles that it had finished are found
unchanged then and are not embedded again.
"""

# ruff: noqa: S608 (only our own names are put into SQL; values go by placeholder)

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from rag.database import Database

State = Literal["queued", "running", "done", "skipped", "failed", "cancelled"]
Outcome = Literal["added", "updated", "unchanged", "skipped"]
_MAX_ATTEMPTS = 3  # a source that ends the process each time is not tried for ever
_MAX_FINISHED = 2_000  # jobs kept, with their items, after they have ended

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, state TEXT NOT NULL,
    reason TEXT, attempts INTEGER NOT NULL DEFAULT 0, submitted_at TEXT NOT NULL, started_at TEXT,
    finished_at TEXT, n_total INTEGER, n_done INTEGER NOT NULL DEFAULT 0,
    n_passages INTEGER NOT NULL DEFAULT 0, counts TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS jobs_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, job_id);
CREATE TABLE IF NOT EXISTS items (
    item_id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL, source TEXT NOT NULL,
    outcome TEXT NOT NULL, article_id TEXT, title TEXT, reason TEXT
);
CREATE INDEX IF NOT EXISTS items_by_job ON items (job_id, outcome);
CREATE TRIGGER IF NOT EXISTS drop_items AFTER DELETE ON jobs BEGIN
    DELETE FROM items WHERE job_id = old.job_id;
END
"""
_FIELDS = (
    "job_id, source, state, reason, attempts, submitted_at, started_at, finished_at, n_total,"
    " n_done, n_passages, counts"
)
_ENDED = "('done', 'skipped', 'failed', 'cancelled')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What became of one article or file."""

    source: str
    outcome: Outcome
    article_id: str | None = None
    title: str | None = None
    reason: str | None = None  # why it was skipped, or what else there is to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One source to ingest: a file, a folder, an address, a feed or a sitemap."""

    job_id: int  # in the order in which they were submitted
    source: str
    state: State
    reason: str | None = None  # why it was skipped or failed, or what else there is to say
    attempts: int = 0
    submitted_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    n_total: int | None = None  # items, where that is known before the last was read
    n_done: int = 0  # items that are finished, whatever became of them
    n_passages: int = 0  # stored
    counts: Mapping[str, int] = field(default_factory=dict)  # of items by outcome

    @property
    def ended(self) -> bool:
        """True if nothing more will happen to it by itself."""
        return self.state not in ("queued", "running")


class Jobs:
    """The queue in a catalog. Any thread may use it; one worker takes jobs at a time."""

    def __init__(self, catalog: Database) -> None:
        self._catalog = catalog

    def create(self) -> None:
        """Make the tables unless they are there, and queue again what a crash left running."""
        stuck = f"ended the process {_MAX_ATTEMPTS} times while it was read"
        with self._catalog.writing() as connection:
            for statement in re.split(r";\n(?=CREATE)", _SCHEMA):
                connection.execute(statement)
            connection.execute(
                "UPDATE jobs SET state = 'failed', reason = ?, finished_at = ?"
                " WHERE state = 'running' AND attempts >= ?",
                (stuck, _now(), _MAX_ATTEMPTS),
            )
            connection.execute("UPDATE jobs SET state = 'queued' WHERE state = 'running'")

    # Asking for work

    def submit(self, sources: Iterable[str]) -> tuple[int, ...]:
        """Queue each source; one that waits already is not queued twice. Gives the job ids."""
        waiting = "SELECT job_id FROM jobs WHERE source = ? AND state = 'queued'"
        insert = "INSERT INTO jobs (source, state, submitted_at) VALUES (?, 'queued', ?)"
        ids: list[int] = []
        with self._catalog.writing() as connection:
            for source in sources:
                held = connection.execute(waiting, (source,)).fetchone()
                new = None if held else connection.execute(insert, (source, _now())).lastrowid
                ids.append(held[0] if held else int(new or 0))
            self._prune(connection)
        return tuple(dict.fromkeys(ids))

    def _prune(self, connection: Any) -> None:
        sql = (
            f"DELETE FROM jobs WHERE state IN {_ENDED} AND job_id <= (SELECT job_id FROM jobs"
            f" WHERE state IN {_ENDED} ORDER BY job_id DESC LIMIT 1 OFFSET {_MAX_FINISHED})"
        )
        connection.execute(sql)

    def cancel(self, job_id: int) -> bool:
        """Stop a job that waits or runs; what it has stored stays. False if it has ended."""
        sql = (
            "UPDATE jobs SET state = 'cancelled', reason = 'cancelled', finished_at = ?"
            " WHERE job_id = ? AND state IN ('queued', 'running')"
        )
        return self._change(sql, _now(), job_id)

    def retry(self, job_id: int) -> bool:
        """Queue a job again that has ended; False if it has not, or is not there."""
        sql = (
            "UPDATE jobs SET state = 'queued', reason = NULL, attempts = 0, finished_at = NULL,"
            f" started_at = NULL WHERE job_id = ? AND state IN {_ENDED}"
        )
        return self._change(sql, job_id)

    def clear(self) -> int:
        """Forget the jobs that have ended, and their items; how many they were."""
        with self._catalog.writing() as connection:
            return connection.execute(f"DELETE FROM jobs WHERE state IN {_ENDED}").rowcount

    def pause(self, reason: str) -> None:
        """Take no more jobs until ``resume``, in this process or another."""
        with self._catalog.writing() as connection:
            sql = "INSERT OR REPLACE INTO jobs_meta VALUES ('paused', ?)"
            connection.execute(sql, (reason,))

    def resume(self) -> None:
        """Take jobs again."""
        with self._catalog.writing() as connection:
            connection.execute("DELETE FROM jobs_meta WHERE key = 'paused'")

    def paused(self) -> str | None:
        """Why no jobs are taken; None if they are."""
        rows = self._catalog.rows("SELECT value FROM jobs_meta WHERE key = 'paused'")
        return rows[0][0] if rows else None

    # Looking

    def job(self, job_id: int) -> Job | None:
        """One job; None if there is none, or it was cleared."""
        return next(iter(self.jobs((job_id,))), None)

    def jobs(self, ids: Sequence[int]) -> tuple[Job, ...]:
        """Those of the jobs that are there, in the order in which they were submitted."""
        sql = (
            f"SELECT {_FIELDS} FROM jobs WHERE job_id IN (SELECT value FROM json_each(?))"
            " ORDER BY job_id"
        )
        return tuple(_job(row) for row in self._catalog.rows(sql, json.dumps(list(ids))))

    def listing(self, limit: int = 200) -> tuple[Job, ...]:
        """Running jobs, then waiting ones in their order, then ended ones, the last first."""
        order = (
            "CASE state WHEN 'running' THEN 0 WHEN 'queued' THEN 1 ELSE 2 END,"
            " CASE WHEN state IN ('running', 'queued') THEN job_id ELSE -job_id END"
        )
        sql = f"SELECT {_FIELDS} FROM jobs ORDER BY {order} LIMIT ?"
        return tuple(_job(row) for row in self._catalog.rows(sql, limit))

    def count(self) -> dict[str, int]:
        """How many jobs are in each state."""
        return dict(self._catalog.rows("SELECT state, COUNT(*) FROM jobs GROUP BY state"))

    def items(self, job_id: int, limit: int = 1_000_000) -> tuple[Item, ...]:
        """What became of the items of a job so far, in order."""
        sql = (
            "SELECT source, outcome, article_id, title, reason FROM items WHERE job_id = ?"
            " ORDER BY item_id LIMIT ?"
        )
        return tuple(
            Item(source=a, outcome=b, article_id=c, title=d, reason=e)
            for a, b, c, d, e in self._catalog.rows(sql, job_id, limit)
        )

    # Working

    def take(self) -> Job | None:
        """The next job, now running; None if none waits."""
        sql = (
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, n_done = 0,"
            " n_total = NULL, n_passages = 0, counts = '{}', reason = NULL, started_at = ?,"
            " finished_at = NULL WHERE job_id = (SELECT MIN(job_id) FROM jobs"
            f" WHERE state = 'queued') RETURNING {_FIELDS}"
        )
        with self._catalog.writing() as connection:
            row = connection.execute(sql, (_now(),)).fetchone()
            if row is not None:
                connection.execute("DELETE FROM items WHERE job_id = ?", (row[0],))
        return _job(row) if row is not None else None

    def expect(self, job_id: int, n_total: int | None) -> None:
        """Note how many items a job will have."""
        self._change("UPDATE jobs SET n_total = ? WHERE job_id = ?", n_total, job_id)

    def note(self, done: Mapping[int, Sequence[tuple[Item, int]]]) -> None:
        """Note finished items by job, each with the number of passages that were stored for it."""
        with self._catalog.writing() as connection:
            for job_id, items in done.items():
                connection.executemany(
                    "INSERT INTO items (job_id, source, outcome, article_id, title, reason)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        (job_id, i.source, i.outcome, i.article_id, i.title, i.reason)
                        for i, _ in items
                    ),
                )
                held = "SELECT counts FROM jobs WHERE job_id = ?"
                row = connection.execute(held, (job_id,)).fetchone()
                counts = Counter(json.loads(row[0]) if row else {})
                counts.update(item.outcome for item, _ in items)
                connection.execute(
                    "UPDATE jobs SET n_done = n_done + ?, n_passages = n_passages + ?, counts = ?"
                    " WHERE job_id = ?",
                    (len(items), sum(n for _, n in items), json.dumps(counts), job_id),
                )

    def finish(self, job_id: int) -> None:
        """Note that every item of a running job is done with."""
        sql = (
            "UPDATE jobs SET n_total = n_done, finished_at = ?,"
            " state = CASE WHEN n_done = COALESCE(counts ->> 'skipped', 0)"
            " THEN 'skipped' ELSE 'done' END,"
            " reason = CASE COALESCE(counts ->> 'skipped', 0) WHEN 0 THEN NULL WHEN 1 THEN"
            " (SELECT reason FROM items WHERE items.job_id = jobs.job_id AND outcome = 'skipped')"
            " ELSE (counts ->> 'skipped') || ' of ' || n_done || ' could not be used' END"
            " WHERE job_id = ? AND state = 'running'"
        )
        self._change(sql, _now(), job_id)

    def fail(self, job_id: int, reason: str) -> None:
        """Note that a running job could not be done."""
        sql = (
            "UPDATE jobs SET state = 'failed', reason = ?, finished_at = ?"
            " WHERE job_id = ? AND state = 'running'"
        )
        self._change(sql, reason, _now(), job_id)

    def put_back(self, job_id: int) -> None:
        """Queue a running job again: it was interrupted, and that was not its fault."""
        sql = (
            "UPDATE jobs SET state = 'queued', attempts = attempts - 1"
            " WHERE job_id = ? AND state = 'running'"
        )
        self._change(sql, job_id)

    def _change(self, sql: str, *values: object) -> bool:
        with self._catalog.writing() as connection:
            return connection.execute(sql, values).rowcount > 0


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _job(row: Sequence[Any]) -> Job:
    names = [name.strip() for name in _FIELDS.split(",")]
    fields = dict(zip(names, row, strict=True))
    for name in ("submitted_at", "started_at", "finished_at"):
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    fields["counts"] = json.loads(fields["counts"])
    return Job(**fields)
