"""Looks through an archive page by page: its articles and its queue, a screenful at a time."""

# ruff: noqa: S608 (only our own names and conditions are put into SQL; values go by placeholder)

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from rag.database import Database
from rag.jobs import Item
from rag.records import FIELDS, article_of
from rag.schema import Article

Sort = Literal["added", "title", "outlet", "date"]
Only = Literal["all", "undated", "changed", "reprints", "corrected"]
Heap = Literal["running", "problems", "waiting", "finished"]
SORTS: tuple[Sort, ...] = get_args(Sort)
ONLY: tuple[Only, ...] = get_args(Only)
HEAPS: tuple[Heap, ...] = get_args(Heap)

# The last key makes the order total, so that no article stands on two pages.
_ORDER: Mapping[Sort, str] = {
    "added": "ordinal {}",
    "title": "folded(COALESCE(title, path, url, '')) {}, ordinal {}",
    "outlet": "outlet_key IS NULL, outlet_key {}, ordinal {}",
    "date": "day IS NULL, day {}, ordinal {}",
}
_CHANGED = (
    "revision > 1 AND EXISTS (SELECT 1 FROM revisions r WHERE r.article_id = articles.article_id"
    f" AND json_extract(r.record, '$[{FIELDS.index('content_hash')}]') <> articles.content_hash)"
)
_ONLY: Mapping[Only, str] = {
    "all": "1",
    "undated": "day IS NULL",
    "changed": _CHANGED,
    "reprints": "group_id IN (SELECT group_id FROM articles WHERE group_id IS NOT NULL"
    " GROUP BY group_id HAVING COUNT(*) > 1)",
    "corrected": "article_id IN (SELECT article_id FROM corrections)",
}
_MATCHES = (
    "instr(folded(COALESCE(title, '') || ' ' || COALESCE(outlet, '') || ' '"
    " || COALESCE(path, url, '')), ?) > 0"
)
_BAD = "(state IN ('skipped', 'failed') OR state = 'done' AND reason IS NOT NULL)"
_HEAPS: Mapping[Heap, str] = {
    "running": "state = 'running' ORDER BY job_id",
    "waiting": "state = 'queued' ORDER BY job_id",
    "problems": f"{_BAD} ORDER BY job_id DESC",
    "finished": f"state IN ('done', 'cancelled') AND NOT {_BAD} ORDER BY job_id DESC",
}
_TEXTLESS = ", ".join({"text": "''", "credits": "'[]'"}.get(name, name) for name in FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which articles to show, in which order, and which screenful of them."""

    search: str = ""  # every word must stand in title, outlet, path or URL
    sort: Sort = "added"
    backwards: bool = True  # the latest, or the end of the alphabet, first
    only: Only = "all"
    group_of: str = ""  # only the articles with the same text as this one
    offset: int = 0
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of the library."""

    article: Article  # without its text and credits, which a list does not need
    group_size: int  # articles that are copies of one text; 1: it stands alone
    is_changed: bool  # its title or text is not what first came in
    corrected: tuple[str, ...]  # fields that a human has set


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A screenful of articles, and how many there are in all."""

    rows: tuple[Listed, ...]
    n_total: int


def newest_day(catalog: Database) -> date | None:
    """The day of the newest article; None if none has a date."""
    day = catalog.rows("SELECT max(day) FROM articles")[0][0]
    return date.fromordinal(day) if day is not None else None


class Browse:
    """Reads a catalog for people who look through it. Any thread may use it."""

    def __init__(self, catalog: Database) -> None:
        self._catalog = catalog

    def articles(self, view: View) -> Listing:
        """The articles of a view. Only numbers are read of those that are not shown."""
        way = "DESC" if view.backwards else "ASC"
        where, values = _where(view)
        sql = f"SELECT ordinal FROM articles WHERE {where} ORDER BY {_ORDER[view.sort]}"
        with self._catalog.reading():
            self._catalog.connection.create_function("folded", 1, str.casefold, deterministic=True)
            found = [row[0] for row in self._catalog.rows(sql.replace("{}", way), *values)]
            rows = self._rows(found[view.offset : view.offset + view.limit])
        return Listing(rows=rows, n_total=len(found))

    def _rows(self, ordinals: list[int]) -> tuple[Listed, ...]:
        sizes = (
            "(SELECT COUNT(*) FROM articles b WHERE b.group_id = articles.group_id),"
            f" {_CHANGED}, (SELECT json_group_array(field) FROM corrections c"
            " WHERE c.article_id = articles.article_id)"
        )
        sql = (
            f"SELECT ordinal, {sizes}, {_TEXTLESS} FROM articles"
            " WHERE ordinal IN (SELECT value FROM json_each(?))"
        )
        found = {row[0]: _listed(row[1:]) for row in self._catalog.rows(sql, json.dumps(ordinals))}
        return tuple(found[ordinal] for ordinal in ordinals)

    def jobs(self, heap: Heap, limit: int) -> tuple[int, ...]:
        """The first jobs of a heap: those next in turn, or those that ended last."""
        sql = f"SELECT job_id FROM jobs WHERE {_HEAPS[heap]} LIMIT ?"
        return tuple(row[0] for row in self._catalog.rows(sql, limit))

    def heaps(self) -> dict[Heap, int]:
        """How many jobs each heap holds."""
        sums = ", ".join(f"SUM({_HEAPS[h].split(' ORDER')[0]})" for h in HEAPS)
        row = self._catalog.rows(f"SELECT {sums} FROM jobs")[0]
        return {heap: n or 0 for heap, n in zip(HEAPS, row, strict=True)}

    def ended_lately(self) -> int:
        """How many jobs have ended since the oldest that has not was asked for."""
        sql = (
            "SELECT COUNT(*) FROM jobs WHERE finished_at >= (SELECT MIN(submitted_at) FROM jobs"
            " WHERE state IN ('queued', 'running'))"
        )
        return int(self._catalog.rows(sql)[0][0])

    def items(self, job_id: int, limit: int) -> tuple[Item, ...]:
        """What became of the items of a job, those that could not be used first."""
        sql = (
            "SELECT source, outcome, article_id, title, reason FROM items WHERE job_id = ?"
            " ORDER BY outcome <> 'skipped', item_id LIMIT ?"
        )
        return tuple(
            Item(source=a, outcome=b, article_id=c, title=d, reason=e)
            for a, b, c, d, e in self._catalog.rows(sql, job_id, limit)
        )


def _where(view: View) -> tuple[str, list[str]]:
    parts, values = [_ONLY[view.only]], list[str]()
    if view.group_of:
        parts.append("group_id = (SELECT g.group_id FROM articles g WHERE g.article_id = ?)")
        values.append(view.group_of)
    for word in view.search.casefold().split():
        parts.append(_MATCHES)
        values.append(word)
    return " AND ".join(f"({part})" for part in parts), values


def _listed(row: tuple[object, ...]) -> Listed:
    size, changed, fields, *record = row
    return Listed(
        article=article_of(record),
        group_size=max(1, int(str(size or 0))),
        is_changed=bool(changed),
        corrected=tuple(json.loads(str(fields))),
    )
