"""The tables that conversations are kept in, and what older files lack of them."""

from rag.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    conversation_id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0, scope TEXT NOT NULL DEFAULT '{}', created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, share TEXT UNIQUE, deleted_at TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversations_by_owner ON conversations (owner, pinned, updated_at);
CREATE TABLE IF NOT EXISTS exchanges (
    exchange_id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id TEXT NOT NULL,
    asked TEXT NOT NULL, asked_at TEXT NOT NULL, answer TEXT NOT NULL,
    stopped INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS exchanges_by_conversation ON exchanges (conversation_id, exchange_id);
CREATE TABLE IF NOT EXISTS feedback (
    exchange_id INTEGER NOT NULL, owner TEXT NOT NULL, rating TEXT NOT NULL, reason TEXT NOT NULL,
    marker INTEGER, note TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (exchange_id, owner)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chat_scores (
    exchange_id INTEGER NOT NULL, metric TEXT NOT NULL, value REAL, state TEXT NOT NULL,
    judge TEXT NOT NULL, PRIMARY KEY (exchange_id, metric)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS drop_exchanges AFTER DELETE ON conversations BEGIN
    DELETE FROM exchanges WHERE conversation_id = old.conversation_id;
END;
CREATE TRIGGER IF NOT EXISTS drop_exchange AFTER DELETE ON exchanges BEGIN
    DELETE FROM feedback WHERE exchange_id = old.exchange_id;
    DELETE FROM chat_scores WHERE exchange_id = old.exchange_id;
END
"""


def lay_out(database: Database) -> None:
    """Make the tables, or add to those of an older file what has come since.

    Older programs can go on with such a file: what they do not know of has a default.
    """
    with database.telling():
        database.connection.executescript(f"PRAGMA journal_mode = WAL;{_SCHEMA}")
    if not _knows_stopped(database):
        with database.writing() as connection:
            if not _knows_stopped(database):  # another process may have been faster
                sql = "ALTER TABLE exchanges ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0"
                connection.execute(sql)


def _knows_stopped(database: Database) -> bool:
    return any(column[1] == "stopped" for column in database.rows("PRAGMA table_info(exchanges)"))
