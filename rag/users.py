"""Who may log in: names with hashed passwords, what they may do, and where they are logged in.

They live beside the conversations, in ``HOME/desk.db``. Of a password only its argon2id hash is
kept, of a session only the SHA-256 of its token: whoever reads the file can log in with neither.
"""

import hashlib
import secrets
import sqlite3
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from rag.database import Database
from rag.errors import InputRefused, UserMissing

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# reader: asks, and keeps conversations of their own; editor: also fills and mends the archive,
# and changes its settings.
Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = get_args(Role)
MAX_NAME = 60
# The least that NIST SP 800-63B (section 5.1.1.2) allows, which rather asks for length than signs.
MIN_PASSWORD = 8
MAX_PASSWORD = 1_000
SESSION = timedelta(days=30)
# A session is prolonged at most this often, so that not every request writes.
_PROLONG = timedelta(hours=1)
_MAX_AGENT = 120

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    name_key TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, role TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    token_hash BLOB PRIMARY KEY, name_key TEXT NOT NULL, created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL, agent TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (name_key);
CREATE TRIGGER IF NOT EXISTS end_sessions AFTER DELETE ON users BEGIN
    DELETE FROM sessions WHERE name_key = old.name_key;
END;
CREATE TRIGGER IF NOT EXISTS end_sessions_on_change AFTER UPDATE OF hash, role ON users BEGIN
    DELETE FROM sessions WHERE name_key = old.name_key;
END
"""
_FIELDS = "u.name, u.role, u.created_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may log in."""

    name: str  # as it was first written; found by any case
    role: Role
    created_at: datetime  # aware UTC


class Users:
    """The users of an archive. Any thread may read and write, and so may another process."""

    def __init__(self, database: Database, hasher: "PasswordHasher | None" = None) -> None:
        self._database = database
        self._given = hasher
        with database.telling():
            database.connection.executescript(f"PRAGMA journal_mode = WAL;{_SCHEMA}")
        with suppress(OSError):  # the folder is this user's alone already
            database.path.chmod(0o600)

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        if self._given is not None:
            return self._given
        from argon2 import PasswordHasher

        return PasswordHasher()  # argon2id as RFC 9106 has it for little memory: 64 MiB

    @cached_property
    def _nobody(self) -> str:
        """The hash of a password that nobody knows."""
        return self._hasher.hash(secrets.token_bytes(32))

    # Users

    def listing(self) -> tuple[User, ...]:
        """All of them, by name."""
        rows = self._database.rows(f"SELECT {_FIELDS} FROM users u ORDER BY u.name_key")  # noqa: S608
        return tuple(_user(row) for row in rows)

    def anybody(self) -> bool:
        """True if somebody may log in."""
        return bool(self._database.rows("SELECT 1 FROM users LIMIT 1"))

    def get(self, name: str) -> User:
        """The user of this name, in whatever case.

        Raises:
            UserMissing: there is none.
        """
        sql = f"SELECT {_FIELDS} FROM users u WHERE u.name_key = ?"  # noqa: S608
        rows = self._database.rows(sql, _key(name))
        if not rows:
            raise _missing(name)
        return _user(rows[0])

    def add(self, name: str, password: str, role: Role = "reader") -> User:
        """A new user.

        Raises:
            InputRefused: the name is taken or not usable, or the password too short.
        """
        name = checked_name(name)
        hashed = self._hasher.hash(_checked_password(password, name))
        row = (_key(name), name, hashed, role, _now().isoformat())
        with self._database.writing() as connection:
            try:
                connection.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?)", row)
            except sqlite3.IntegrityError:
                raise InputRefused(
                    f"there is a user {name!r} already", "choose another name"
                ) from None
        return self.get(name)

    def remove(self, name: str) -> User:
        """Let them in no more, from this moment on.

        Raises:
            UserMissing: there is none of this name.
        """
        gone = self.get(name)
        self._change("DELETE FROM users WHERE name_key = ?", name)
        return gone

    def set_role(self, name: str, role: Role) -> User:
        """Let them do more or less; they have to log in again."""
        self._change("UPDATE users SET role = ? WHERE name_key = ?", name, role)
        return self.get(name)

    def set_password(self, name: str, password: str) -> User:
        """Another password; whoever is logged in with the old one has to log in again.

        Raises:
            UserMissing: there is none of this name.
            InputRefused: the password is too short.
        """
        hashed = self._hasher.hash(_checked_password(password, self.get(name).name))
        self._change("UPDATE users SET hash = ? WHERE name_key = ?", name, hashed)
        return self.get(name)

    def _change(self, sql: str, name: str, *values: object) -> None:
        with self._database.writing() as connection:
            n = connection.execute(sql, (*values, _key(name))).rowcount
        if not n:
            raise _missing(name)

    # Logging in

    def authenticate(self, name: str, password: str) -> User | None:
        """The user, if this is the password; takes as long for a name that nobody has.

        Some 50 ms and 64 MiB, by design: let few run at a time.
        """
        from argon2.exceptions import InvalidHashError, VerificationError

        nobody = self._nobody  # made before it is known whether it is needed
        sql = f"SELECT u.hash, {_FIELDS} FROM users u WHERE u.name_key = ?"  # noqa: S608
        rows = self._database.rows(sql, _key(name))
        hashed = rows[0][0] if rows else nobody
        try:
            self._hasher.verify(hashed, _normal(password[:MAX_PASSWORD]))
        except (VerificationError, InvalidHashError):
            return None
        return _user(rows[0][1:]) if rows else None

    def stamp(self, name: str) -> str:
        """What changes whenever the password or the user of this name does; "" if there is none."""
        rows = self._database.rows("SELECT hash FROM users WHERE name_key = ?", _key(name))
        return hashlib.sha256(rows[0][0].encode()).hexdigest() if rows else ""

    def start_session(self, user: User, agent: str = "") -> str:
        """A token under which this user is known for thirty days after its last use.

        Raises:
            UserMissing: they were removed a moment ago.
        """
        token, now = secrets.token_urlsafe(32), _now()
        short = "".join(c for c in agent if c.isprintable())[:_MAX_AGENT]
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE expires_at < ?", (now.isoformat(),))
            n = connection.execute(
                "INSERT INTO sessions SELECT ?, name_key, ?, ?, ? FROM users WHERE name_key = ?",
                (_digest(token), now.isoformat(), _expiry(now), short, _key(user.name)),
            ).rowcount
        if not n:
            raise _missing(user.name)
        return token

    def of_session(self, token: str) -> User | None:
        """Whose session this is; None if it has ended or never was."""
        sql = (
            f"SELECT s.expires_at, {_FIELDS} FROM sessions s"  # noqa: S608
            " JOIN users u ON u.name_key = s.name_key WHERE s.token_hash = ?"
        )
        rows, now = self._database.rows(sql, _digest(token)), _now()
        if not rows or datetime.fromisoformat(rows[0][0]) <= now:
            return None
        if datetime.fromisoformat(rows[0][0]) < now + SESSION - _PROLONG:
            with self._database.writing() as connection:
                connection.execute(
                    "UPDATE sessions SET expires_at = ? WHERE token_hash = ?",
                    (_expiry(now), _digest(token)),
                )
        return _user(rows[0][1:])

    def end_session(self, token: str) -> None:
        """Log out where this token is used."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE token_hash = ?", (_digest(token),))


def checked_name(name: str) -> str:
    """The name as it is kept.

    Raises:
        InputRefused: it is empty, too long, or holds what cannot be seen or typed in a login.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise InputRefused(
            f"a name has 1 to {MAX_NAME} characters, not {len(name)}", "choose another"
        )
    # HTTP Basic sends "name:password".
    if not name.isprintable() or ":" in name or not _key(name):
        raise InputRefused(f"{name!r} cannot be a name", "use letters, digits, spaces, - _ . @")
    return name


def _checked_password(password: str, name: str) -> bytes:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InputRefused(
            f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters, not {len(password)}",
            "a few unrelated words are easy to remember and hard to guess",
        )
    if _key(password) == _key(name):
        raise InputRefused("the password is the name", "choose another")
    return _normal(password)


def _normal(password: str) -> bytes:
    """The bytes that are hashed: the same from every keyboard (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _key(name: str) -> str:
    """What two names that look alike but for case have in common."""
    folded = unicodedata.normalize("NFKC", name.strip()).casefold()
    return folded.encode("utf-8", "replace").decode()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _now() -> datetime:
    return datetime.now(UTC)


def _expiry(now: datetime) -> str:
    return (now + SESSION).isoformat()


def _missing(name: str) -> UserMissing:
    return UserMissing(f"there is no user {name[:MAX_NAME]!r}", "see them with: byline user list")


def _user(row: Sequence[Any]) -> User:
    name, role, created_at = row
    return User(name=name, role=role, created_at=datetime.fromisoformat(created_at))
