"""The catalog: one SQLite file that holds the truth about the archive.

Full text, revisions, passages and vectors live here; Chroma, the lexical index and the vector
file are copies that can be made again from it. A passage counts as live only while it stands in
this file, so one transaction here turns an article from its old revision to its new one.

``doomed`` lists the passages that may stand in a copy without being live: those of a batch being
written, and those just replaced. Whatever is left there after a crash is swept.
"""

# ruff: noqa: S608 (only our own names and conditions are put into SQL; values go by placeholder)

import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.database import Database
from rag.records import FIELDS, article_of, article_row, passage_of, passage_row
from rag.schema import Article, Filters, Passage
from rag.text import is_storable

CATALOG_FORMAT = 2
_PAGE = 200  # articles per step of a listing: no transaction stays open between steps

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL UNIQUE,
    outlet_key TEXT, day INTEGER,          -- folded outlet; proleptic ordinal of the UTC day
    first_passage INTEGER NOT NULL, n_passages INTEGER NOT NULL,
    revision INTEGER NOT NULL, title TEXT, outlet TEXT, authors TEXT NOT NULL, url TEXT, path TEXT,
    published_at TEXT, updated_at TEXT, date_source TEXT, date_confidence TEXT, section TEXT,
    language TEXT, retrieved_at TEXT,
    content_hash TEXT NOT NULL, group_id TEXT, credits TEXT NOT NULL, status TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX articles_by_day ON articles (day, outlet_key, first_passage, n_passages);
CREATE INDEX articles_by_outlet ON articles (outlet_key, day, outlet, first_passage, n_passages);
CREATE INDEX articles_by_url ON articles (url) WHERE url IS NOT NULL;
CREATE INDEX articles_by_path ON articles (path) WHERE path IS NOT NULL;
CREATE INDEX articles_by_group ON articles (group_id) WHERE group_id IS NOT NULL;
CREATE TABLE passages (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,   -- also the row in the vector files; never reused
    passage_id TEXT NOT NULL UNIQUE,
    article INTEGER NOT NULL,                    -- articles.ordinal
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    sentences BLOB NOT NULL,                     -- int32 [n, 2], offsets in the article's text
    vector BLOB NOT NULL                         -- float16 [dim]
);
CREATE INDEX passages_by_article ON passages (article);
CREATE TABLE doomed (passage_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE revisions (                         -- those that were replaced
    article_id TEXT NOT NULL, revision INTEGER NOT NULL, replaced_at TEXT, record TEXT NOT NULL,
    PRIMARY KEY (article_id, revision)
) WITHOUT ROWID;
CREATE TABLE gone (                              -- articles that were taken out
    article_id TEXT PRIMARY KEY, status TEXT NOT NULL, at TEXT NOT NULL, reason TEXT,
    title TEXT, outlet TEXT, url TEXT, path TEXT
) WITHOUT ROWID;
CREATE TABLE corrections (                       -- what a human knows better
    article_id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, was TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (article_id, field)
) WITHOUT ROWID;
CREATE TRIGGER keep_revision BEFORE UPDATE ON articles WHEN old.revision <> new.revision BEGIN
    DELETE FROM revisions WHERE article_id = old.article_id AND revision = old.revision;
    INSERT INTO revisions VALUES
        (old.article_id, old.revision, new.retrieved_at, json_array({old}));
END;
CREATE TRIGGER bury AFTER DELETE ON articles BEGIN
    DELETE FROM revisions WHERE article_id = old.article_id;
    DELETE FROM corrections WHERE article_id = old.article_id;
    INSERT OR REPLACE INTO gone (article_id, status, at)
        VALUES (old.article_id, 'removed', strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now'));
END;
CREATE TRIGGER unearth AFTER INSERT ON articles BEGIN
    DELETE FROM gone WHERE article_id = new.article_id;
END;
""".replace("{old}", ", ".join(f"old.{name}" for name in FIELDS))

_COLUMNS = ("outlet_key", "day", "first_passage", "n_passages", *FIELDS)
_SELECT = f"SELECT {', '.join(FIELDS)} FROM articles"
_UPSERT = (
    f"INSERT INTO articles ({', '.join(_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (article_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
    + " RETURNING ordinal"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage with its article and vector, as the copies are made from them."""

    article: Article
    passage: Passage
    vector: NDArray[np.float16]


class Catalog(Database):
    """Articles and passages on disk. Any thread may read; ``Index`` alone writes."""

    # Making and describing it

    def create(self, meta: dict[str, str]) -> None:
        """Make the tables, unless they are there, and note what the index is made with."""
        with self.telling():
            self.connection.execute("PRAGMA journal_mode = WAL")
            with self.writing() as connection:
                if self._has_tables():
                    return
                for statement in re.split(r";\n(?=CREATE|$)", _SCHEMA):
                    connection.execute(statement)
                connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())

    def meta(self) -> dict[str, str]:
        """What the index was made with; empty while it has no tables yet."""
        return dict(self.rows("SELECT key, value FROM meta")) if self._has_tables() else {}

    def _has_tables(self) -> bool:
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = 'meta'"))

    # Articles

    def article(self, article_id: str) -> Article | None:
        """The live revision of an article."""
        return self.articles((article_id,)).get(article_id)

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """Those of the articles that are live, by id, in the order asked for."""
        wanted = list(dict.fromkeys(ids))
        sql = f"{_SELECT} WHERE article_id IN (SELECT value FROM json_each(?))"
        found = {row[0]: article_of(row) for row in self.rows(sql, json.dumps(wanted))}
        return {i: found[i] for i in wanted if i in found}

    def listing(self) -> Iterator[Article]:
        """All live articles, in the order in which they first came in."""
        last = 0
        sql = f"SELECT ordinal, {', '.join(FIELDS)} FROM articles WHERE ordinal > ? ORDER BY 1"
        while rows := self.rows(f"{sql} LIMIT {_PAGE}", last):
            yield from (article_of(row[1:]) for row in rows)
            last = rows[-1][0]

    def find(self, ref: str) -> Article | None:
        """The article with this id, URL or path; of several with one URL, the latest."""
        if not is_storable(ref):
            return None
        for where, value in (
            ("article_id = ?", ref),
            ("url = ?", ref),
            ("path = ?", ref),
            ("path = ?", os.path.abspath(ref)),  # noqa: PTH100  # as ingestion names it: no ".."
        ):
            if rows := self.rows(f"{_SELECT} WHERE {where} ORDER BY ordinal DESC LIMIT 1", value):
                return article_of(rows[0])
        return None

    def at_path(self, path: str) -> tuple[str, ...]:
        """The ids of all articles that came out of this file, archive or folder."""
        if not is_storable(path):
            return ()
        place = os.path.abspath(path)  # noqa: PTH100  # as ingestion names it: no ".."
        inside = "substr(path, 1, length(?)) = ?"
        sql = f"SELECT article_id FROM articles WHERE path IN (?, ?) OR {inside} ORDER BY ordinal"
        rows = self.rows(sql, path, place, f"{place}/", f"{place}/")
        return tuple(row[0] for row in rows)

    def group_sizes(self, ids: Iterable[str]) -> dict[str, int]:
        """How many live articles share the group of each: 1 when it stands alone."""
        sql = (
            "SELECT a.article_id, (SELECT COUNT(*) FROM articles b WHERE b.group_id = a.group_id)"
            " FROM articles a WHERE a.article_id IN (SELECT value FROM json_each(?))"
        )
        return {i: max(1, n) for i, n in self.rows(sql, json.dumps(list(ids)))}

    def content_hashes(self) -> dict[str, str]:
        """The hash of title and text of every live article, by id."""
        return dict(self.rows("SELECT article_id, content_hash FROM articles"))

    def languages(self) -> tuple[str, ...]:
        """The languages of live articles, the most frequent first."""
        sql = (
            "SELECT language FROM articles WHERE language IS NOT NULL"
            " GROUP BY language ORDER BY COUNT(*) DESC, language"
        )
        return tuple(row[0] for row in self.rows(sql))

    def outlets(self) -> tuple[str, ...]:
        """Every outlet once, without regard to case, in alphabetical order."""
        sql = "SELECT MIN(outlet) FROM articles WHERE outlet_key IS NOT NULL GROUP BY outlet_key"
        return tuple(row[0] for row in self.rows(f"{sql} ORDER BY outlet_key"))

    def counts(self) -> tuple[int, int]:
        """How many articles and how many passages are live."""
        sql = "SELECT COUNT(*), COALESCE(SUM(n_passages), 0) FROM articles"
        n_articles, n_passages = self.rows(sql)[0]
        return int(n_articles), int(n_passages)

    # Filters

    def allowed(self, filters: Filters) -> tuple[int, int]:
        """How many articles pass, and how many undated ones only the date filter leaves out."""
        where, values = _where(filters)
        n_allowed = self.rows(f"SELECT COUNT(*) FROM articles WHERE {where}", *values)[0][0]
        if not filters.dated:
            return n_allowed, 0
        where, values = _where(replace(filters, since=None, until=None))
        sql = f"SELECT COUNT(*) FROM articles WHERE day IS NULL AND {where}"
        return n_allowed, self.rows(sql, *values)[0][0]

    def ordinals(self, filters: Filters) -> NDArray[np.int64]:
        """The rows in the vector files of all live passages that pass, in no order."""
        where, values = _where(filters)
        # Joined by SQLite and split by numpy: a third of the time that rows would take.
        columns = "group_concat(first_passage), group_concat(n_passages)"
        sql = f"SELECT {columns} FROM articles WHERE {where}"
        first, count = (_integers(joined) for joined in self.rows(sql, *values)[0])
        before = np.cumsum(count) - count
        return np.repeat(first - before, count) + np.arange(int(count.sum()))

    def live(self, passage_ids: Sequence[str]) -> dict[str, int]:
        """Those of the passages that are live, with their rows in the vector files."""
        sql = (
            "SELECT passage_id, ordinal FROM passages"
            " WHERE passage_id IN (SELECT value FROM json_each(?))"
        )
        return dict(self.rows(sql, json.dumps(list(passage_ids))))

    def named(self, ordinals: Sequence[int]) -> dict[int, str]:
        """The passage ids of these rows."""
        sql = (
            "SELECT ordinal, passage_id FROM passages"
            " WHERE ordinal IN (SELECT value FROM json_each(?))"
        )
        return dict(self.rows(sql, json.dumps(list(ordinals))))

    # Passages

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Those of the passages that are live, by id, in the order asked for."""
        sql = (
            'SELECT p.passage_id, a.article_id, p.start, p."end", p.sentences, a.ordinal'
            " FROM passages p JOIN articles a ON a.ordinal = p.article"
            " WHERE p.passage_id IN (SELECT value FROM json_each(?))"
        )
        texts_sql = (
            "SELECT ordinal, text FROM articles WHERE ordinal IN (SELECT value FROM json_each(?))"
        )
        with self.reading():  # text and offsets of one revision
            rows = self.rows(sql, json.dumps(list(ids)))
            texts = dict(self.rows(texts_sql, json.dumps(list({row[5] for row in rows}))))
        found = {row[0]: passage_of(row[:5], texts[row[5]]) for row in rows}
        return {i: found[i] for i in ids if i in found}

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float16]]:
        """The stored vectors of those of the passages that are live."""
        sql = (
            "SELECT passage_id, vector FROM passages"
            " WHERE passage_id IN (SELECT value FROM json_each(?))"
        )
        rows = self.rows(sql, json.dumps(list(ids)))
        return {i: np.frombuffer(blob, dtype=np.float16) for i, blob in rows}

    def stored(self) -> Iterator[Stored]:
        """Everything that the copies are made from, article by article."""
        sql = (
            'SELECT passage_id, article_id, start, "end", sentences, vector FROM passages'
            " JOIN articles ON articles.ordinal = article WHERE article_id = ? ORDER BY 3"
        )
        for article in self.listing():
            for row in self.rows(sql, article.article_id):
                passage = passage_of(row[:5], article.text)
                yield Stored(article, passage, np.frombuffer(row[5], np.float16))

    def vector_runs(self) -> Iterator[tuple[int, NDArray[np.float16]]]:
        """All vectors in runs of adjoining rows: the first ordinal and float16 [n, dim]."""
        sql = "SELECT ordinal, vector FROM passages WHERE ordinal > ? ORDER BY ordinal LIMIT 1000"
        last = 0
        while rows := self.rows(sql, last):
            ordinals = np.array([row[0] for row in rows])
            vectors = np.array([np.frombuffer(row[1], dtype=np.float16) for row in rows])
            gaps = np.flatnonzero(np.diff(ordinals) > 1) + 1
            firsts = ordinals[np.concatenate([[0], gaps])]
            yield from zip(firsts.tolist(), np.split(vectors, gaps), strict=True)
            last = rows[-1][0]

    def sample(self, n: int = 8) -> dict[str, NDArray[np.float16]]:
        """The vectors of up to ``n`` passages spread over the archive, by id."""
        rows = np.linspace(1, self.last_ordinal(), n, dtype=np.int64).tolist()
        return self.vectors(list(self.named(rows).values()))

    def last_ordinal(self) -> int:
        """The highest row in use, 0 when there is none: at least the number of passages."""
        return int(self.rows("SELECT COALESCE(MAX(ordinal), 0) FROM passages")[0][0])

    def next_ordinal(self) -> int:
        """The first row that was never used."""
        rows = self.rows("SELECT seq FROM sqlite_sequence WHERE name = 'passages'")
        return int(rows[0][0]) + 1 if rows else 1

    # Writing, in the order in which ``Index.add`` does it

    def doom(self, passage_ids: Sequence[str]) -> None:
        """Note that these are about to be written to the copies and are not live yet."""
        sql = (
            "INSERT OR IGNORE INTO doomed SELECT value FROM json_each(?)"
            " WHERE value NOT IN (SELECT passage_id FROM passages)"
        )
        with self.writing() as connection:
            connection.execute(sql, (json.dumps(list(passage_ids)),))

    def flip(self, items: Sequence[tuple[Article, Sequence[Passage], NDArray[np.float16]]]) -> None:
        """Make these articles live in place of their old revisions, all or none of them."""
        with self.writing() as connection:
            ordinal = self.next_ordinal()
            for article, passages, vectors in items:
                self._retire(connection, article.article_id)
                row = article_row(article, ordinal, len(passages))
                owner = connection.execute(_UPSERT, row).fetchone()[0]
                connection.executemany(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        passage_row(at, owner, passage, vector)
                        for at, (passage, vector) in enumerate(
                            zip(passages, vectors, strict=True), ordinal
                        )
                    ),
                )
                connection.executemany(
                    "DELETE FROM doomed WHERE passage_id = ?", ((p.passage_id,) for p in passages)
                )
                ordinal += len(passages)

    def drop(self, article_id: str, withdrawn: str | None = None) -> bool:
        """Forget an article and all its revisions; False if there is none.

        With the reason why it was ``withdrawn`` its name is kept, and it is not taken in again;
        its corrections are kept too, for when it is restored.
        """
        sql = (
            "UPDATE gone SET (status, reason, title, outlet, url, path)"
            " = ('withdrawn', ?, ?, ?, ?, ?) WHERE article_id = ?"
        )
        with self.writing() as connection:
            self._retire(connection, article_id)
            corrections = "SELECT * FROM corrections WHERE article_id = ?"
            kept = connection.execute(corrections, (article_id,)).fetchall()
            names = "DELETE FROM articles WHERE article_id = ? RETURNING title, outlet, url, path"
            found = connection.execute(names, (article_id,)).fetchall()
            if found and withdrawn is not None:
                connection.execute(sql, (withdrawn, *found[0], article_id))
                connection.executemany("INSERT INTO corrections VALUES (?, ?, ?, ?, ?)", kept)
        return bool(found)

    def _retire(self, connection: sqlite3.Connection, article_id: str) -> None:
        owned = "article = (SELECT ordinal FROM articles WHERE article_id = ?)"
        doom = f"INSERT OR IGNORE INTO doomed SELECT passage_id FROM passages WHERE {owned}"
        connection.execute(doom, (article_id,))
        connection.execute(f"DELETE FROM passages WHERE {owned}", (article_id,))

    def doomed(self) -> list[str]:
        """Passages that may stand in a copy without being live."""
        return [row[0] for row in self.rows("SELECT passage_id FROM doomed")]

    def forget(self, passage_ids: Sequence[str]) -> None:
        """Note that these are gone from the copies."""
        with self.writing() as connection:
            sql = "DELETE FROM doomed WHERE passage_id = ?"
            connection.executemany(sql, ((i,) for i in passage_ids))


def _where(filters: Filters) -> tuple[str, list[object]]:
    """The filters as a condition on ``articles``, with the values for its placeholders."""
    parts, values = ["1"], list[object]()
    if filters.since is not None:
        parts.append("articles.day >= ?")
        values.append(filters.since.toordinal())
    if filters.until is not None:
        parts.append("articles.day <= ?")
        values.append(filters.until.toordinal())
    if filters.outlets:
        parts.append("articles.outlet_key IN (SELECT value FROM json_each(?))")
        values.append(json.dumps([outlet.casefold() for outlet in filters.outlets]))
    if filters.articles:
        parts.append("articles.article_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.articles))
    if filters.languages:
        parts.append("articles.language IN (SELECT value FROM json_each(?))")
        values.append(json.dumps([language.casefold() for language in filters.languages]))
    return " AND ".join(parts), values


def _integers(joined: str | None) -> NDArray[np.int64]:
    return np.fromstring(joined or "", dtype=np.int64, sep=",")
