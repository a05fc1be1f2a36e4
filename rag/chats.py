"""Conversations, what people say of the answers, and how faithful these are.

They live in a file of their own, ``HOME/desk.db``: an index that is made anew does not lose them,
and an ingestion under way does not hold a chat up. Every question with its answer is an
*exchange*. Each conversation belongs to its owner, by name; "" owns them all where nobody logs in.
"""

# ruff: noqa: S608 (only our own names are put into SQL; values go by placeholder)

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from rag.chat_tables import lay_out
from rag.database import Database
from rag.errors import ConversationMissing
from rag.packing import packed, packed_scope, unpacked, unpacked_scope
from rag.schema import Answer, Filters

Rating = Literal["up", "down"]
Reason = Literal["", "wrong source", "missing", "outdated", "other"]
REASONS: tuple[Reason, ...] = ("wrong source", "missing", "outdated", "other")
_MAX_TITLE = 120

_FIELDS = "conversation_id, owner, title, pinned, scope, created_at, updated_at, share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation without what was said in it."""

    conversation_id: str
    owner: str
    title: str
    pinned: bool
    scope: Filters  # kept with it: what its next question may be answered from
    created_at: datetime  # aware UTC
    updated_at: datetime
    share: str | None  # the token under which anybody may read it


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What somebody thinks of an answer."""

    rating: Rating
    reason: Reason = ""
    marker: int | None = None  # of the citation that is wrong
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatScore:
    """One metric of one answer, as ``eval.score`` gives it; NaN is kept as None."""

    metric: str
    value: float | None
    state: str
    judge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question with its answer, and what is thought of it."""

    exchange_id: int
    conversation_id: str
    asked_at: datetime  # aware UTC
    answer: Answer  # its articles come without their texts
    owner: str = ""  # of the conversation
    feedback: Feedback | None = None  # of the owner of the conversation
    scores: Mapping[str, ChatScore] = field(default_factory=dict)  # by metric


class Chats:
    """The conversations of an archive. Any thread may read and write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        lay_out(database)

    # Conversations

    def listing(
        self, owner: str, search: str = "", *, limit: int = 100, offset: int = 0
    ) -> tuple[Conversation, ...]:
        """Pinned ones first, then the latest; ``search`` looks into titles and questions."""
        where, values = "owner = ? AND deleted_at IS NULL", [owner]
        for word in search.casefold().split()[:10]:
            like = "%" + re.sub(r"([%_!])", r"!\1", word) + "%"
            where += (
                " AND (title LIKE ? ESCAPE '!' OR conversation_id IN (SELECT conversation_id"
                " FROM exchanges WHERE asked LIKE ? ESCAPE '!'))"
            )
            values += [like, like]
        sql = (
            f"SELECT {_FIELDS} FROM conversations WHERE {where}"
            " ORDER BY pinned DESC, updated_at DESC LIMIT ? OFFSET ?"
        )
        rows = self._database.rows(sql, *values, limit, offset)
        return tuple(_conversation(row) for row in rows)

    def start(
        self, owner: str, title: str, scope: Filters = Filters(), conversation_id: str = ""
    ) -> Conversation:
        """A new conversation, named after its first question; under this id if it is given."""
        conversation_id, now = conversation_id or new_id(), _now()
        with self._database.writing() as connection:
            connection.execute(
                f"INSERT INTO conversations ({_FIELDS}) VALUES (?, ?, ?, 0, ?, ?, ?, NULL)",
                (conversation_id, owner, _titled(title), packed_scope(scope), now, now),
            )
        return self.get(conversation_id, owner)

    def get(self, conversation_id: str, owner: str) -> Conversation:
        """One conversation of this owner.

        Raises:
            ConversationMissing: there is none, or it is another's: nobody can tell which.
        """
        sql = (
            f"SELECT {_FIELDS} FROM conversations"
            " WHERE conversation_id = ? AND owner = ? AND deleted_at IS NULL"
        )
        rows = self._database.rows(sql, conversation_id, owner)
        if not rows:
            raise ConversationMissing("this conversation is not here", "start a new one")
        return _conversation(rows[0])

    def is_free(self, conversation_id: str) -> bool:
        """True if this can be the id of a new conversation: one of ours that nobody took."""
        sql = "SELECT 1 FROM conversations WHERE conversation_id = ?"
        looks_ours = re.fullmatch(r"[\w-]{16}", conversation_id, re.ASCII) is not None
        return looks_ours and not self._database.rows(sql, conversation_id)

    def rename(self, conversation_id: str, owner: str, title: str) -> Conversation:
        """Give it another title; an empty one changes nothing."""
        if title.strip():
            self._set(conversation_id, owner, "title", _titled(title))
        return self.get(conversation_id, owner)

    def pin(self, conversation_id: str, owner: str, pinned: bool) -> Conversation:
        """Keep it above the others, or no more."""
        self._set(conversation_id, owner, "pinned", int(pinned))
        return self.get(conversation_id, owner)

    def limit(self, conversation_id: str, owner: str, scope: Filters) -> Conversation:
        """Keep with it which articles may answer."""
        self._set(conversation_id, owner, "scope", packed_scope(scope))
        return self.get(conversation_id, owner)

    def delete(self, conversation_id: str, owner: str) -> Conversation:
        """Take it out of sight, and its link out of use; ``undelete`` brings it back."""
        gone = self.get(conversation_id, owner)
        self._set(conversation_id, owner, "share", None)
        self._set(conversation_id, owner, "deleted_at", _now())
        return gone

    def undelete(self, conversation_id: str, owner: str) -> Conversation:
        """Bring back what was deleted."""
        sql = "UPDATE conversations SET deleted_at = NULL WHERE conversation_id = ? AND owner = ?"
        with self._database.writing() as connection:
            connection.execute(sql, (conversation_id, owner))
        return self.get(conversation_id, owner)

    def empty_bin(self, before: datetime) -> int:
        """Forget for good what was deleted before this moment; how many they were."""
        sql = "DELETE FROM conversations WHERE deleted_at < ?"
        with self._database.writing() as connection:
            return connection.execute(sql, (before.astimezone(UTC).isoformat(),)).rowcount

    def forget(self, owner: str) -> int:
        """Delete all conversations of an owner for good; how many they were."""
        with self._database.writing() as connection:
            sql = "DELETE FROM conversations WHERE owner = ?"
            return connection.execute(sql, (owner,)).rowcount

    def share(self, conversation_id: str, owner: str) -> str:
        """The token under which anybody may read it; the same while it is shared."""
        found = self.get(conversation_id, owner)
        token = found.share or secrets.token_urlsafe(24)
        self._set(conversation_id, owner, "share", token)
        return token

    def unshare(self, conversation_id: str, owner: str) -> None:
        """Take the link back: it opens nothing from now on."""
        self._set(conversation_id, owner, "share", None)

    def shared(self, token: str) -> Conversation:
        """The conversation behind a link.

        Raises:
            ConversationMissing: the link was taken back, or never was one.
        """
        sql = f"SELECT {_FIELDS} FROM conversations WHERE share = ? AND deleted_at IS NULL"
        rows = self._database.rows(sql, token)
        if not rows:
            raise ConversationMissing("this link opens nothing", "ask its sender for a new one")
        return _conversation(rows[0])

    def _set(self, conversation_id: str, owner: str, column: str, value: object) -> None:
        sql = (
            f"UPDATE conversations SET {column} = ?"
            " WHERE conversation_id = ? AND owner = ? AND deleted_at IS NULL"
        )
        with self._database.writing() as connection:
            n = connection.execute(sql, (value, conversation_id, owner)).rowcount
        if not n:
            raise ConversationMissing("this conversation is not here", "start a new one")

    # Exchanges

    def exchanges(self, conversation: Conversation) -> tuple[Exchange, ...]:
        """What was asked and answered, oldest first."""
        return self._exchanges("e.conversation_id = ?", conversation.conversation_id)

    def exchange(self, exchange_id: int, owner: str) -> Exchange:
        """One question with its answer.

        Raises:
            ConversationMissing: there is none, or it is another's.
        """
        found = self._exchanges("e.exchange_id = ? AND c.owner = ?", exchange_id, owner)
        if not found:
            raise ConversationMissing("this answer is not here", "reload the page")
        return found[0]

    def every(
        self, since: datetime | None = None, owner: str | None = None
    ) -> tuple[Exchange, ...]:
        """All of one owner, or of every one, oldest first, for measuring.

        Not what was deleted, nor what was stopped, which is no whole answer.
        """
        from_ = since.astimezone(UTC).isoformat() if since else ""
        where = "NOT e.stopped AND e.asked_at >= ? AND c.owner = coalesce(?, c.owner)"
        return self._exchanges(where, from_, owner)

    def unscored(self, limit: int = 1_000) -> tuple[Exchange, ...]:
        """The whole answers that nobody has measured yet, oldest first."""
        where = "NOT e.stopped AND NOT EXISTS ("
        where += "SELECT 1 FROM chat_scores s WHERE s.exchange_id = e.exchange_id)"
        return self._exchanges(where, limit=limit)

    def _exchanges(self, where: str, *values: object, limit: int = -1) -> tuple[Exchange, ...]:
        sql = (
            "SELECT e.exchange_id, e.conversation_id, e.asked_at, e.answer, c.owner,"
            " f.rating, f.reason, f.marker, f.note, f.at FROM exchanges e"
            " JOIN conversations c ON c.conversation_id = e.conversation_id"
            " LEFT JOIN feedback f ON f.exchange_id = e.exchange_id AND f.owner = c.owner"
            f" WHERE c.deleted_at IS NULL AND {where} ORDER BY e.exchange_id LIMIT ?"
        )
        with self._database.reading():
            rows = self._database.rows(sql, *values, limit)
            scores = self._scores([row[0] for row in rows])
        return tuple(_exchange(row, scores.get(row[0], {})) for row in rows)

    def _scores(self, ids: Sequence[int]) -> dict[int, dict[str, ChatScore]]:
        found: dict[int, dict[str, ChatScore]] = {}
        for at in range(0, len(ids), 500):  # SQLite takes so many placeholders, and more
            some = ids[at : at + 500]
            marks = ",".join("?" * len(some))
            sql = (
                "SELECT exchange_id, metric, value, state, judge FROM chat_scores"
                f" WHERE exchange_id IN ({marks}) ORDER BY exchange_id, metric"
            )
            for exchange_id, metric, value, state, judge in self._database.rows(sql, *some):
                score = ChatScore(metric=metric, value=value, state=state, judge=judge)
                found.setdefault(exchange_id, {})[metric] = score
        return found

    def reserve(self) -> int:
        """The id of an exchange that is under way: the page knows it before there is an answer."""
        with self._database.writing() as connection:
            sql = "INSERT INTO exchanges (conversation_id, asked, asked_at, answer)"
            taken = connection.execute(f"{sql} VALUES ('', '', '', '')").lastrowid
            connection.execute("DELETE FROM exchanges WHERE exchange_id = ?", (taken,))
        return int(taken or 0)

    def add(
        self,
        conversation_id: str,
        owner: str,
        answer: Answer,
        *,
        instead_of: int | None = None,
        exchange_id: int | None = None,
    ) -> Exchange:
        """Keep an answer, in place of one that was asked again if so.

        ``exchange_id`` is a reserved one, or that of the one that gives way; a new one otherwise.

        Raises:
            ConversationMissing: there is no such conversation.
        """
        self.get(conversation_id, owner)
        now = _now()
        with self._database.writing() as connection:
            if instead_of is not None:
                connection.execute(
                    "DELETE FROM exchanges WHERE exchange_id = ? AND conversation_id = ?",
                    (instead_of, conversation_id),
                )
            asked = answer.question.asked
            exchange_id = connection.execute(
                "INSERT INTO exchanges"
                " (exchange_id, conversation_id, asked, asked_at, answer, stopped)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (exchange_id, conversation_id, asked, now, packed(answer), answer.stopped),
            ).lastrowid
            connection.execute(
                "UPDATE conversations SET updated_at = ? WHERE conversation_id = ?",
                (now, conversation_id),
            )
        return self.exchange(int(exchange_id or 0), owner)

    def rate(self, exchange_id: int, owner: str, given: Feedback | None) -> None:
        """Keep what somebody thinks of an answer; None takes it back."""
        self.exchange(exchange_id, owner)
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM feedback WHERE exchange_id = ? AND owner = ?", (exchange_id, owner)
            )
            if given is not None:
                values = (given.rating, given.reason, given.marker, given.note[:2_000], _now())
                connection.execute(
                    "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (exchange_id, owner, *values),
                )

    def score(self, exchange_id: int, scores: Iterable[ChatScore]) -> None:
        """Keep how good an answer was found, in place of what was found before.

        Of an answer that is gone meanwhile nothing is kept.
        """
        rows = [(exchange_id, s.metric, s.value, s.state, s.judge) for s in scores]
        with self._database.writing() as connection:
            connection.execute("DELETE FROM chat_scores WHERE exchange_id = ?", (exchange_id,))
            there = "SELECT 1 FROM exchanges WHERE exchange_id = ?"
            if connection.execute(there, (exchange_id,)).fetchone() is None:
                return
            connection.executemany("INSERT INTO chat_scores VALUES (?, ?, ?, ?, ?)", rows)


def new_id() -> str:
    """An id for a conversation, which nobody can guess."""
    return secrets.token_urlsafe(12)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _titled(title: str) -> str:
    flat = " ".join(title.split())
    return flat if len(flat) <= _MAX_TITLE else f"{flat[: _MAX_TITLE - 1].rstrip()}…"


def _conversation(row: Sequence[Any]) -> Conversation:
    conversation_id, owner, title, pinned, scope, created_at, updated_at, share = row
    return Conversation(
        conversation_id=conversation_id,
        owner=owner,
        title=title,
        pinned=bool(pinned),
        scope=unpacked_scope(scope),
        created_at=datetime.fromisoformat(created_at),
        updated_at=datetime.fromisoformat(updated_at),
        share=share,
    )


def _exchange(row: Sequence[Any], scores: Mapping[str, ChatScore]) -> Exchange:
    exchange_id, conversation_id, asked_at, answer, owner, rating, reason, marker, note, at = row
    given = None
    if rating is not None:
        moment = datetime.fromisoformat(at)
        given = Feedback(rating=rating, reason=reason, marker=marker, note=note, at=moment)
    return Exchange(
        exchange_id=exchange_id,
        conversation_id=conversation_id,
        asked_at=datetime.fromisoformat(asked_at),
        answer=unpacked(answer),
        owner=owner,
        feedback=given,
        scores=scores,
    )
