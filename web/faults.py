"""What a failure looks like from outside: one sentence, a hint, a request id, a status code.

The detail goes to the log under the same request id; a traceback never leaves the server.
"""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from rag.errors import (
    ArticleMissing,
    BylineError,
    ConversationMissing,
    HomeBusy,
    IndexMismatch,
    InputRefused,
    LLMError,
)
from web.asking import Busy

log = logging.getLogger("byline.web")

# The first row that fits decides; anything else of ours is 503: the archive cannot answer now.
_STATUS: tuple[tuple[type[BylineError], int], ...] = (
    (Busy, 503),
    (ArticleMissing, 404),
    (ConversationMissing, 404),
    (InputRefused, 422),
    (HomeBusy, 409),
    (IndexMismatch, 409),
    (LLMError, 502),
)


class Refused(BylineError):
    """A request that is refused before it is looked at, with the status that says so."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A failure as the user is told about it."""

    status: int
    message: str
    hint: str
    request_id: str

    def body(self) -> dict[str, dict[str, str]]:
        """The error as the API's contract has it."""
        told = {"message": self.message, "hint": self.hint, "request_id": self.request_id}
        return {"error": told}


def fault_of(error: BaseException) -> Fault:
    """Describe a failure and log it, both under one new request id."""
    request_id = secrets.token_hex(6)
    if isinstance(error, ValidationError):
        error = refused(error.errors())
    if isinstance(error, BylineError):
        log.info("%s %s: %s", request_id, type(error).__name__, error)
        status = error.status if isinstance(error, Refused) else _status_of(error)
        return Fault(status=status, message=error.message, hint=error.hint, request_id=request_id)
    log.error("%s %s", request_id, type(error).__name__, exc_info=error)
    return Fault(
        status=500,
        message="Something went wrong on the server",
        hint="the log has the details under this request id",
        request_id=request_id,
    )


def _status_of(error: BylineError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 503)


def refused(problems: Sequence[Mapping[str, object]]) -> Refused:
    """What a validator found, as one polite sentence about the first problem."""
    first = problems[0]
    where = first.get("loc")
    name = ".".join(str(p) for p in where) if isinstance(where, tuple) else ""
    message = str(first.get("msg", "not usable")).removeprefix("Value error, ")
    return Refused(
        422, f"{name or 'the body'} cannot be used: {message}", "correct it and try again"
    )
