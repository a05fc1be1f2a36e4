"""Scores every answer that was stored, in the background: the chat never waits for it.

The database is the queue: an answer without scores is to be scored, so nothing is lost when the
server ends, and nothing is held in memory. The judge is the embedded one, which costs little; it
lets answers under way go first.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rag.errors import IndexUnavailable, InputRefused

if TYPE_CHECKING:
    from eval.judges import Judge, Judged
    from eval.pairs import Labelled
    from rag.chats import Exchange
    from web.desk import Desk

log = logging.getLogger("byline.web")
_AT_ONCE = 20  # answers read at a time
_YIELD_S = 0.02
_MAX_YIELD_S = 20.0  # for one answer: under constant asking the scores still come
_STOP_S = 10.0


class Scorer:
    """One thread that scores what has no scores; it ends with ``stop``, or with the archive."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._idle = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.n_scored = 0  # since the start

    def start(self) -> None:
        """Score what was left unscored, and from now on whatever is stored."""
        self._wanted.set()
        self._idle.clear()
        with self._starting:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._work, name="scorer", daemon=True)
                self._thread.start()

    def submit(self, exchange_id: int) -> None:
        """Say that an answer was stored. Never waits and never raises."""
        log.debug("answer %s is to be scored", exchange_id)
        try:
            self.start()
        except RuntimeError:  # no thread can be started any more: it is scored the next time
            log.info("answer %s is scored later", exchange_id)

    def wait(self, timeout_s: float) -> bool:
        """True once nothing is left to be scored, for those who can wait."""
        return self._idle.wait(timeout_s)

    def stop(self) -> None:
        """End after the pair under way; what is left is scored the next time."""
        self._ended.set()
        self._wanted.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_STOP_S)

    def _work(self) -> None:
        judge: Judge | None = None
        while not self._ended.is_set():
            self._wanted.wait()
            self._wanted.clear()
            try:
                judge = judge or polite(embedded_judge(self._desk), self._desk, self._ended)
                self.n_scored += score_unscored(self._desk, judge, self._ended)
            except IndexUnavailable as error:
                log.info("scoring of chats rests: %s", error)
            except Exception:  # the edge of a thread: logged, and tried again with the next answer
                log.exception("scoring of chats failed")
            if not self._wanted.is_set():
                self._idle.set()


def embedded_judge(desk: "Desk") -> "Judge":
    """The judge that chats are scored by."""
    from eval.judges import embedded

    return embedded(desk.embedder)


def score_unscored(
    desk: "Desk", judge: "Judge", ended: threading.Event, max_s: float = float("inf")
) -> int:
    """Score what has no scores, until that is all, or time is up; how many they were."""
    until = time.monotonic() + max_s
    n_scored = 0
    while some := desk.chats.unscored(_AT_ONCE):
        for exchange in some:
            _make_room(desk, ended)  # what is looked up for a score costs as much as the judge
            if ended.is_set() or time.monotonic() > until:
                return n_scored
            _score(desk, judge, exchange)
            n_scored += 1
    return n_scored


def _score(desk: "Desk", judge: "Judge", exchange: "Exchange") -> None:
    from eval.chats import invalid_scores, score_answer
    from rag.render_json import to_json

    try:
        scores = score_answer(to_json(exchange.answer), judge)
    except _EndedError:
        return
    except Exception:  # one that cannot be scored is counted, and must not hold up the others
        log.exception("answer %s cannot be scored", exchange.exchange_id)
        scores = invalid_scores(judge)
    desk.chats.score(exchange.exchange_id, scores)


class _EndedError(Exception):
    """The server ends: what was begun is left."""


def polite(judge: "Judge", desk: "Desk", ended: threading.Event) -> "Judge":
    """The same judge, who before each pair lets answers under way go first, for a while."""
    score = judge.score

    def scorer(pairs: "Sequence[Labelled]") -> "Judged":
        _make_room(desk, ended)
        if ended.is_set():
            raise _EndedError
        return score(pairs)

    return replace(judge, score=scorer)


def _make_room(desk: "Desk", ended: threading.Event) -> None:
    """Wait until no answer is under way, but not for ever."""
    until = time.monotonic() + _MAX_YIELD_S
    while desk.is_asking and time.monotonic() < until and not ended.is_set():
        time.sleep(_YIELD_S)


def chats_json(
    desk: "Desk", since: str | None, *, with_labels: bool, max_s: float
) -> dict[str, object]:
    """The report on the chats, after what is unscored was scored for at most ``max_s``.

    Raises:
        InputRefused: ``since`` is no day.
    """
    from eval.chat_report import chat_report
    from eval.chats import labels

    try:
        begin = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
    except ValueError:
        raise InputRefused(f"{since!r} is no day", "write it as 2026-01-31") from None
    never = threading.Event()
    score_unscored(desk, polite(embedded_judge(desk), desk, never), never, max_s)
    exchanges = desk.chats.every(begin)
    body = chat_report(exchanges)
    return {**body, "labels": labels(exchanges)} if with_labels else body
