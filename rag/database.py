"""One SQLite file used from many threads: a connection for each, transactions, clear errors."""

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import IndexUnavailable

_BUSY_S = 10.0
_MMAP_BYTES = 256 << 20  # reads through the page cache instead of a system call per page


class _Handle:
    """A thread's connection, closed when the thread ends.

    Without it the connection would wait for the garbage collector: it refers to itself.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


class Database:
    """An SQLite file; every thread gets a connection of its own on first use.

    Every method raises IndexUnavailable when the file is damaged, gone, locked or cannot grow.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._all: weakref.WeakSet[_Handle] = weakref.WeakSet()
        self._closed = False

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        if self._closed:
            raise IndexUnavailable(f"{self.path} was closed", "open the index again")
        handle: _Handle | None = getattr(self._local, "handle", None)
        if handle is None:
            with self.telling():
                connection = sqlite3.connect(
                    self.path,
                    timeout=_BUSY_S,
                    isolation_level=None,
                    check_same_thread=False,  # closed by the thread that closes the database
                )
                connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
            handle = self._local.handle = _Handle(connection)
            self._all.add(handle)
        return handle.connection

    def rows(self, sql: str, *values: object) -> list[Any]:
        """All rows of a query at once, so that no cursor stays open."""
        with self.telling():
            return self.connection.execute(sql, values).fetchall()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """All reads of this thread inside the block see the file as it is now. Nests."""
        connection = self.connection
        if connection.in_transaction:
            yield
            return
        with self.telling():
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()  # pins it
        try:
            yield
        finally:
            if connection.in_transaction:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        connection = self.connection
        with self.telling():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Say in the user's words what SQLite could not do."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError) as error:
            if self._closed:
                raise IndexUnavailable(f"{self.path} was closed", "open the index again") from error
            raise  # ours to mend, not the user's
        except sqlite3.DatabaseError as error:
            raise IndexUnavailable(
                f"{self.path} cannot be used: {error}", _advice(error)
            ) from error

    def close(self) -> None:
        """Close the connections of all threads; the file cannot be used after."""
        self._closed = True
        for handle in list(self._all):
            handle.connection.close()


def _advice(error: sqlite3.Error) -> str:
    told = str(error).lower()
    if "full" in told:
        return "free some disk space and run the command again; nothing that was there is lost"
    if "locked" in told:
        return "another program holds it; close that and try again"
    if "malformed" in told or "not a database" in told:
        return "restore it from a backup, or make it anew with: byline ingest --rebuild PATH..."
    return "check that the folder exists, can be written to and has space left"
