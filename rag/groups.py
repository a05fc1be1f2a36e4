"""Which articles are copies of one text: kept in the catalog's file, whatever order they come in.

Two articles are *related* if their sketches share a band and their texts pass the comparison that
``ingest.dedupe`` brings along: a property of the two texts alone. A group is a connected piece of
that relation, so it depends on the set of articles and on nothing else, and ``group_id`` is the
smallest ``article_id`` of the group. Bands are counted per group and not per article, so a
thousand copies of one text are found by one row and compared with one of them.

Triggers note in ``waiting`` every article that came, changed or went, in the transaction that
did it: an article without a sketch of its present text is waiting, whatever crashed.
"""

# ruff: noqa: S608 (only our own names and conditions are put into SQL; values go by placeholder)

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.database import Database

Sketch = NDArray[np.uint32]  # [2 * bands]: the MinHash of a text

# Two rows to a band: a pair of Jaccard .26 (two fifths of a text with every tenth word changed)
# shares one of 48 bands 97 times in 100.
_ROWS = 2
# Of all rows; related texts have .2 and more, strangers .01: spares reading most texts.
_ALIKE = 1 / 12
# What is found does not depend on the order of arrival while a group has so many members and a
# text is like so few that it is no copy of. Beyond that (a form filled every day for years) the
# rest is not looked at: comparing with all of them would cost the square of their number.
_PAGE = 64
_TRIES = 32

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sketches (
    article INTEGER PRIMARY KEY,             -- articles.ordinal
    component INTEGER NOT NULL, sketch BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS sketches_by_component ON sketches (component, article);
CREATE TABLE IF NOT EXISTS bands (
    key INTEGER, component INTEGER, n INTEGER NOT NULL, PRIMARY KEY (key, component)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (article INTEGER, other INTEGER, PRIMARY KEY (article, other))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (article INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS grouping (scheme TEXT NOT NULL);
DROP TRIGGER IF EXISTS article_came;
CREATE TRIGGER article_came AFTER INSERT ON articles BEGIN
    INSERT INTO waiting VALUES (new.ordinal);
END;
DROP TRIGGER IF EXISTS article_changed;
CREATE TRIGGER article_changed AFTER UPDATE OF content_hash ON articles
WHEN old.content_hash <> new.content_hash BEGIN
    INSERT INTO waiting SELECT new.ordinal WHERE new.ordinal NOT IN (SELECT article FROM waiting);
END;
DROP TRIGGER IF EXISTS article_stayed;
CREATE TRIGGER article_stayed AFTER UPDATE OF content_hash ON articles
WHEN old.content_hash = new.content_hash BEGIN
    UPDATE articles SET group_id = old.group_id WHERE ordinal = new.ordinal;
END;
DROP TRIGGER IF EXISTS article_went;
CREATE TRIGGER article_went AFTER DELETE ON articles BEGIN
    INSERT INTO waiting SELECT old.ordinal WHERE old.ordinal NOT IN (SELECT article FROM waiting);
END;
DELETE FROM sketches;
DELETE FROM bands;
DELETE FROM links;
DELETE FROM waiting;
DELETE FROM grouping;
UPDATE articles SET group_id = NULL WHERE group_id IS NOT NULL;
INSERT INTO waiting SELECT ordinal FROM articles;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article as far as copies are concerned."""

    ordinal: int  # its row in the catalog
    content_hash: str
    title: str | None
    text: str


Related = Callable[[Piece, Piece], bool]
"""Whether two texts are copies of one; must be symmetric."""


class Groups:
    """The groups of reprints of an archive. Any thread may read; one at a time may write."""

    def __init__(self, catalog: Database) -> None:
        self._catalog = catalog

    def create(self, scheme: str) -> None:
        """Make the tables unless they are there; made otherwise, everything is waiting again.

        ``scheme`` names how texts are sketched and compared.
        """
        if self._scheme() == scheme:
            return
        with self._catalog.writing() as connection:
            for statement in _statements(_SCHEMA):
                connection.execute(statement)
            connection.execute("INSERT INTO grouping VALUES (?)", (scheme,))

    def _scheme(self) -> str | None:
        if not self._catalog.rows("SELECT 1 FROM sqlite_master WHERE name = 'grouping'"):
            return None
        return next((str(row[0]) for row in self._catalog.rows("SELECT * FROM grouping")), None)

    def waiting(self) -> bool:
        """True while an article that came, changed or went is not reckoned with yet."""
        return bool(self._catalog.rows("SELECT 1 FROM waiting LIMIT 1"))

    def pending(self, limit: int) -> tuple[Piece, ...]:
        """Up to ``limit`` articles that came or changed and have no place yet."""
        sql = f"{_PIECE} WHERE ordinal IN (SELECT article FROM waiting) ORDER BY 1 LIMIT ?"
        return tuple(_piece(row) for row in self._catalog.rows(sql, limit))

    def place(self, sketched: Sequence[tuple[Piece, Sketch]], related: Related) -> None:
        """Put articles into their groups and take out those that went, all or nothing."""
        with self._catalog.writing() as connection:
            _Placing(connection, related).run(sketched)

    def members(self, group_id: str) -> tuple[str, ...]:
        """The articles of a group, earliest first, undated last; of equals by id."""
        sql = f"{_STANDING} WHERE group_id = ?"
        return tuple(
            s.article_id for s in sorted(map(_standing, self._catalog.rows(sql, group_id)))
        )

    def original(self, group_id: str) -> str | None:
        """The earliest article of a group, of several the smallest id; None if there is none."""
        return next(iter(self.members(group_id)), None)

    def standing(self, ids: Iterable[str]) -> dict[str, "Standing"]:
        """The group of each of the articles and its place in it."""
        sql = f"{_STANDING} WHERE article_id IN (SELECT value FROM json_each(?))"
        found = map(_standing, self._catalog.rows(sql, json.dumps(list(ids))))
        return {standing.article_id: standing for standing in found}


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """An article within its group; the original of the group comes first in order."""

    undated: bool
    dated: datetime  # published, else updated
    article_id: str
    group: str  # its own id when it stands alone


_NEVER = datetime.max.replace(tzinfo=UTC)
_STANDING = "SELECT published_at, updated_at, article_id, group_id FROM articles"


def _standing(row: Sequence[Any]) -> Standing:
    published, updated, article_id, group_id = row
    dated = published or updated
    moment = datetime.fromisoformat(dated) if dated else _NEVER
    return Standing(dated is None, moment, article_id, group_id or article_id)


_CANDIDATES = """
SELECT s.component, s.article, s.sketch
FROM (SELECT DISTINCT component FROM bands WHERE key IN (SELECT value FROM json_each(?))) c
JOIN sketches s ON s.article IN
    (SELECT article FROM sketches WHERE component = c.component ORDER BY article LIMIT ?)
ORDER BY s.article
"""
_PIECE = "SELECT ordinal, content_hash, title, text FROM articles"


def _piece(row: Sequence[object]) -> Piece:
    ordinal, content_hash, title, text = row
    assert isinstance(ordinal, int)
    return Piece(
        ordinal=ordinal,
        content_hash=str(content_hash),
        title=None if title is None else str(title),
        text=str(text),
    )


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, triggers whole; executescript would commit in between."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def band_keys(sketch: Sketch) -> list[int]:
    """A number for each band of a sketch, equal where two sketches agree on the band."""
    rows = sketch.reshape(-1, _ROWS).astype(np.uint64)
    mixed = np.arange(len(rows), dtype=np.uint64)
    for column in rows.T:
        mixed = (mixed ^ column) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(31)
    return [int(key) for key in mixed.view(np.int64)]


def likeness(sketch: Sketch, others: NDArray[np.uint32]) -> NDArray[np.float64]:
    """The estimated Jaccard of the texts behind sketches [n, 2 * bands] with this one.

    0 for those that share no band with it or are too unlike to be compared.
    """
    equal = others == sketch
    estimate = equal.mean(axis=1)
    share = equal.reshape(len(others), -1, _ROWS).all(axis=2).any(axis=1)
    return np.where(share & (estimate >= _ALIKE), estimate, 0.0)


def _by_likeness(sketch: Sketch, others: Sequence[Sketch]) -> list[int]:
    if not others:
        return []
    alike = likeness(sketch, np.array(others))
    return [at for at in np.argsort(-alike, kind="stable").tolist() if alike[at] > 0]


@dataclass(slots=True)
class _Placing:
    """One transaction: who leaves, who comes, and which groups that touches."""

    connection: sqlite3.Connection
    related: Related
    touched: set[int] = field(default_factory=set)

    def run(self, sketched: Sequence[tuple[Piece, Sketch]]) -> None:
        for ordinal, sketch in self._all_who_left():
            if piece := self._piece(ordinal):
                self._place(piece, sketch)
        for piece, sketch in sketched:
            if self._piece(piece.ordinal) == piece:  # else changed since it was read: still waiting
                self._place(piece, sketch)
                self._do("DELETE FROM waiting WHERE article = ?", piece.ordinal)
        self._do("DELETE FROM waiting WHERE article NOT IN (SELECT ordinal FROM articles)")
        for component in self.touched:
            self._label(component)

    def _do(self, sql: str, *values: object) -> list[Any]:
        return self.connection.execute(sql, values).fetchall()

    def _piece(self, ordinal: int) -> Piece | None:
        rows = self._do(f"{_PIECE} WHERE ordinal = ?", ordinal)
        return _piece(rows[0]) if rows else None

    # Leaving

    def _all_who_left(self) -> list[tuple[int, Sketch]]:
        """Take everyone out who changed or went; returns who lost their connection by it."""
        scattered: dict[int, Sketch] = {}
        sql = "SELECT article FROM waiting WHERE article IN (SELECT article FROM sketches)"
        leaving = {row[0] for row in self._do(sql)}
        for ordinal in leaving:
            if ordinal in scattered:
                continue
            component, neighbours = self._leave(ordinal)
            self._do("UPDATE articles SET group_id = NULL WHERE ordinal = ?", ordinal)
            # The links are a tree: one at its tip holds nothing together, and what another held
            # together mostly is related without it.
            torn = len(neighbours) > 1 and (
                leaving & set(neighbours) or not self._rejoin(neighbours)
            )
            if torn:
                for other, sketch in self._members(component):
                    self._leave(other)
                    scattered[other] = sketch
        return [item for item in scattered.items() if item[0] not in leaving]

    def _rejoin(self, neighbours: Sequence[int]) -> bool:
        """Link the first to all the others; False, and nothing done, if one is not related."""
        first, *others = neighbours
        if not all(self._are_related(first, other) for other in others):
            return False
        for other in others:
            self._link(first, other)
        return True

    def _are_related(self, ordinal: int, other: int) -> bool:
        sql = "SELECT sketch FROM sketches WHERE article IN (?, ?)"
        one, two = (_sketch(row[0]) for row in self._do(sql, ordinal, other))
        if not likeness(one, two[None])[0]:
            return False
        piece, its = self._piece(ordinal), self._piece(other)
        return piece is not None and its is not None and self.related(piece, its)

    def _link(self, ordinal: int, other: int) -> None:
        links = ((ordinal, other), (other, ordinal))
        self.connection.executemany("INSERT INTO links VALUES (?, ?)", links)

    def _leave(self, ordinal: int) -> tuple[int, list[int]]:
        """Take one article out; returns its component and whom it was linked with."""
        sql = "DELETE FROM sketches WHERE article = ? RETURNING component, sketch"
        component, sketch = self._do(sql, ordinal)[0]
        self._uncount(component, band_keys(_sketch(sketch)))
        links = self._do("DELETE FROM links WHERE article = ? RETURNING other", ordinal)
        self._do(
            "DELETE FROM links WHERE other = ? AND article IN (SELECT value FROM json_each(?))",
            ordinal,
            json.dumps([row[0] for row in links]),
        )
        self.touched.add(component)
        return component, [row[0] for row in links]

    # Coming

    def _place(self, piece: Piece, sketch: Sketch) -> None:
        keys = band_keys(sketch)
        found = self._find(piece, sketch, keys)
        if not found:
            component = self._do("SELECT COALESCE(MAX(component), 0) + 1 FROM sketches")[0][0]
        else:
            component = max(found, key=self._size)
            for other in found.keys() - {component}:
                self._merge(other, component)
        self._do(
            "INSERT INTO sketches VALUES (?, ?, ?)", piece.ordinal, component, sketch.tobytes()
        )
        self._count(component, keys)
        for other in found.values():
            self._link(piece.ordinal, other)
        self.touched.add(component)

    def _find(self, piece: Piece, sketch: Sketch, keys: list[int]) -> dict[int, int]:
        """The components with a related article, and that article."""
        rows = self._do(_CANDIDATES, json.dumps(keys), _PAGE)
        found: dict[int, int] = {}
        n_refused = 0
        for at in _by_likeness(sketch, [_sketch(row[2]) for row in rows]):
            component, ordinal, _ = rows[at]
            if component in found:
                continue
            other = self._piece(ordinal)
            if other is not None and self.related(piece, other):
                found[component] = ordinal
                continue
            n_refused += 1
            if n_refused == _TRIES:
                break
        return found

    def _members(self, component: int) -> list[tuple[int, Sketch]]:
        rows = self._do("SELECT article, sketch FROM sketches WHERE component = ?", component)
        return [(row[0], _sketch(row[1])) for row in rows]

    def _merge(self, component: int, into: int) -> None:
        for _, sketch in self._members(component):
            keys = band_keys(sketch)
            self._uncount(component, keys)
            self._count(into, keys)
        self._do("UPDATE sketches SET component = ? WHERE component = ?", into, component)

    def _size(self, component: int) -> int:
        return int(self._do("SELECT COUNT(*) FROM sketches WHERE component = ?", component)[0][0])

    # Bands and names

    def _count(self, component: int, keys: list[int]) -> None:
        sql = "INSERT INTO bands VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1"
        self.connection.executemany(sql, ((key, component) for key in keys))

    def _uncount(self, component: int, keys: list[int]) -> None:
        for sql in (
            "UPDATE bands SET n = n - 1 WHERE key = ? AND component = ?",
            "DELETE FROM bands WHERE key = ? AND component = ? AND n = 0",
        ):
            self.connection.executemany(sql, ((key, component) for key in keys))

    def _label(self, component: int) -> None:
        """Name the group after its smallest article id; alone it is no group."""
        within = "ordinal IN (SELECT article FROM sketches WHERE component = ?)"
        sql = f"SELECT COUNT(*), MIN(article_id) FROM articles WHERE {within}"
        n_members, smallest = self._do(sql, component)[0]
        name = smallest if n_members > 1 else None
        sql = f"UPDATE articles SET group_id = ? WHERE {within} AND group_id IS NOT ?"
        self._do(sql, name, component, name)


def _sketch(blob: object) -> Sketch:
    assert isinstance(blob, bytes)
    return np.frombuffer(blob, dtype=np.uint32)
