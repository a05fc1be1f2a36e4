"""Asks a chat model at any OpenAI-compatible endpoint, and says plainly how the reply ended.

llama-index and the openai client beneath it take a stream that was cut for a whole answer, an
HTML page for an empty one, wait up to 600 s for a word and up to 120 s to retry. So the reply is
read in a thread of its own, with our limits and retries around it, and its connection is cut
from outside as soon as a limit is hit or nobody wants the answer any more.
"""

import copy
import email.utils
import queue
import random
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, Protocol
from urllib.parse import unquote, urlsplit

from rag.errors import (
    ContextTooLong,
    LLMError,
    LLMIncomplete,
    LLMRejected,
    LLMUnreachable,
    SettingsError,
)
from rag.line import Line, certificates, is_closed
from rag.settings import Settings

OPENAI = "https://api.openai.com/v1"
_MAX_RETRIES = 2
_RETRY_WITHIN_S = 19.0  # for all tries together, whatever Retry-After asks for: under 20 s in all
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_POLL_S = 0.1  # how soon a withdrawn question is noticed
_MAX_REPLY_CHARS = 20_000  # a hundred times the answer that the prompt asks for
_COMPLETE = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})
_TOO_LONG = re.compile(
    r"context.?(?:length|window|size)|maximum context|exceed_context|too many (?:input )?tokens"
    r"|prompt is too long|input is too long|maximum number of tokens|reduce the length",
    re.IGNORECASE,
)
_WAIT_HINT = "try again in a moment"
_ADDRESS_HINT = "check OPENAI_BASE_URL and that the model server runs"
_CUT_SHORT = {
    "": ("the answer broke off: its end never came", _WAIT_HINT),
    "length": ("the answer was cut at the model's length limit", "ask for less at a time"),
    "content_filter": ("the model's content filter cut the answer", "ask in other words"),
    "runaway": ("the answer went on and on and was cut", "ask for less at a time"),
}
_REJECTED = {
    401: "check OPENAI_API_KEY",
    403: "check what OPENAI_API_KEY allows",
    404: "check BYLINE_LLM_MODEL, and that OPENAI_BASE_URL ends as the server wants it (/v1)",
    429: "check the account's quota",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to the model."""

    role: Literal["system", "user"]
    content: str


class ChatModel(Protocol):
    """Messages in, the reply in pieces out."""

    name: str
    context_tokens: int  # prompt and reply together

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The pieces of the reply as they come; raises an ``LLMError`` unless it ended whole.

        ``LLMIncomplete`` is raised only after some text came; with every other error none did.
        """


class OpenAIChat:
    """A chat model behind an OpenAI-compatible endpoint, through llama-index's ``OpenAILike``."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.llm_name
        self.context_tokens = settings.llm_context_tokens
        self._settings = settings
        self._url, self._login = split_login(settings.llm_base_url or OPENAI)
        key = settings.llm_api_key.get_secret_value()
        self._secrets = [s for s in (key, *self._login) if len(s) > 3]  # "me" is in every "mean"
        self._stop = threading.Event()

    def load(self) -> None:
        """Import the client (about two CPU-seconds), so that the first question need not."""
        import llama_index.llms.openai_like  # noqa: F401 - to have it loaded
        import openai.resources.chat  # noqa: F401 - likewise

        certificates()

    def until(self, stop: threading.Event) -> "OpenAIChat":
        """The same model, whose replies end as incomplete once ``stop`` is set by any thread."""
        bound = copy.copy(self)
        bound._stop = stop
        return bound

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply in pieces, as ``ChatModel.stream``; closing it closes the connection.

        Raises:
            LLMUnreachable: no connection, no word in time, or too busy after two more tries.
            LLMRejected: the endpoint refused key, model or content.
            ContextTooLong: the prompt does not fit the model.
            LLMIncomplete: it stopped before its end; ``partial`` holds what came.
        """
        begun = time.monotonic()
        if "openai" not in sys.modules and is_closed(self._url):
            raise LLMUnreachable(f"nothing answers at {self._url}", _ADDRESS_HINT)
        self.load()
        for n_tries in range(1, _MAX_RETRIES + 2):
            try:
                yield from self._try(messages, begun, retried=n_tries > 1)
                return
            except _Busy as error:
                busy = error
            self._pause(busy, n_tries, begun)

    def _try(self, messages: Sequence[Message], begun: float, *, retried: bool) -> Iterator[str]:
        line = Line(self._login)
        box: _Box = queue.SimpleQueue()
        reader = threading.Thread(
            target=self._read, args=(messages, line, box), name="byline-llm", daemon=True
        )
        reader.start()
        said: list[str] = []
        first_s = self._settings.llm_first_token_s
        if retried:
            first_s = min(first_s, max(1.0, begun + _RETRY_WITHIN_S - time.monotonic()))
        try:
            while not isinstance(item := self._next(box, begun, first_s, said), _End):
                said.append(item)
                yield item
        finally:
            line.cut()
        self._conclude(item, "".join(said), line)

    def _next(self, box: "_Box", begun: float, first_s: float, said: list[str]) -> "str | _End":
        """The next piece of text or the end; signs of life without text only restart the clock."""
        since = time.monotonic()
        allowed = self._settings.llm_between_tokens_s if said else first_s
        while True:
            now = time.monotonic()
            if self._stop.is_set():
                raise LLMIncomplete("the question was withdrawn", partial="".join(said))
            if now - begun > self._settings.llm_total_s:
                self._late(f"was not done after {self._settings.llm_total_s:g} s", said)
            if now - since > allowed:
                self._late(f"said nothing for {round(allowed, 1):g} s", said)
            with suppress(queue.Empty):
                item = box.get(timeout=min(_POLL_S, allowed))
                if item != "":
                    return item
                since, allowed = time.monotonic(), self._settings.llm_between_tokens_s

    def _late(self, what: str, said: list[str]) -> NoReturn:
        if any(said):
            raise LLMIncomplete(f"{self.name} {what}", _WAIT_HINT, partial="".join(said))
        raise LLMUnreachable(f"{self.name} at {self._url} {what}", _WAIT_HINT)

    def _pause(self, busy: "_Busy", n_tries: int, begun: float) -> None:
        """Wait before the next try, or give up when there is none or it would come too late."""
        # With jitter, so that many who were turned away do not all come back at once.
        wait_s = max(busy.retry_after_s, 0.25 * 2**n_tries) + random.uniform(0, 0.5)  # noqa: S311 - no secret
        left_s = begun + _RETRY_WITHIN_S - time.monotonic()
        if n_tries > _MAX_RETRIES or wait_s > left_s - 1.0:
            tries = "once" if n_tries == 1 else f"{n_tries} times"
            asks = f", asks to wait {busy.retry_after_s:g} s" if busy.retry_after_s else ""
            raise LLMUnreachable(
                f"{self.name} at {self._url} is not able to answer now "
                f"(status {busy.status}, asked {tries}{asks}){busy.detail}",
                _WAIT_HINT,
            )
        if self._stop.wait(wait_s):
            raise LLMIncomplete("the question was withdrawn")

    # ---- in the reader's thread

    def _read(self, messages: Sequence[Message], line: Line, box: "_Box") -> None:
        reason: str | None = None
        n_chars = 0
        try:
            with line.client(self._patience_s()) as client:
                for chunk in self._client(client).stream_chat(_for_llama_index(messages)):
                    choices = getattr(chunk.raw, "choices", None) or [None]
                    reason = getattr(choices[0], "finish_reason", None) or reason
                    piece = chunk.delta or ""
                    n_chars += len(piece)
                    if piece or chunk.additional_kwargs.get("thinking_delta"):
                        box.put(piece)
                    if n_chars > _MAX_REPLY_CHARS:
                        reason = "runaway"
                        break
        except Exception as error:  # noqa: BLE001 - the reader's edge: whatever the libraries raise is judged by the caller
            box.put(_End(reason, error))
        else:
            box.put(_End(reason))

    def _patience_s(self) -> float:
        """A backstop for the socket; the limits that count are kept by ``_next``."""
        return self._settings.llm_first_token_s + self._settings.llm_between_tokens_s

    def _client(self, http: Any) -> Any:
        from llama_index.llms.openai_like import OpenAILike

        return OpenAILike(
            model=self.name,
            api_base=self._url,
            api_key=self._settings.llm_api_key.get_secret_value() or "none",
            context_window=self.context_tokens,
            is_chat_model=True,
            is_function_calling_model=False,
            temperature=0.0,
            max_retries=0,  # ours
            timeout=self._patience_s(),
            http_client=http,
        )

    # ---- how it ended

    def _conclude(self, end: "_End", said: str, line: Line) -> None:
        """Return if the reply ended whole; else raise what it was."""
        if end.error is not None:
            self._fail(end.error, said)
        reason = str(end.reason or "").lower()
        if not said.strip():
            raise self._nothing(reason, line)
        if reason not in _COMPLETE:
            what, hint = _CUT_SHORT.get(
                reason, (f"the answer ended with the reason {reason[:40]!r}", _WAIT_HINT)
            )
            raise LLMIncomplete(what, hint, partial=said)

    def _nothing(self, reason: str, line: Line) -> LLMError:
        if reason == "content_filter":
            return LLMRejected(
                f"the content filter of {self.name} withheld the answer", "ask in other words"
            )
        if reason == "length":
            return LLMRejected(
                f"{self.name} used up its length limit before the first word",
                "name a model with a longer output in BYLINE_LLM_MODEL",
            )
        if "html" in line.content_type or "json" in line.content_type:
            page = "a web page" if "html" in line.content_type else "a document"
            return LLMUnreachable(
                f"{self._url} answered with {page}, not with a stream of words", _ADDRESS_HINT
            )
        return LLMUnreachable(f"{self.name} at {self._url} sent an empty answer", _WAIT_HINT)

    def _fail(self, error: Exception, said: str) -> NoReturn:
        import openai

        detail = self._detail(error)
        if isinstance(error, openai.APIStatusError):
            self._refused(error, detail)
        if isinstance(error, openai.APIConnectionError):
            raise self._unreached(error)
        if not said.strip() and _TOO_LONG.search(detail):
            raise ContextTooLong(f"the prompt is too long for {self.name}{detail}")
        if isinstance(error, openai.APIError):
            what = f"reported an error in its answer{detail}"
        elif type(error).__module__.partition(".")[0] in ("httpx", "httpcore"):
            what = "broke off the connection in its answer"
        elif isinstance(error, OverflowError):
            what = "sent more than an answer can be"
        else:
            what = f"sent a malformed answer ({type(error).__name__})"
        if said.strip():
            raise LLMIncomplete(f"{self.name} {what}", _WAIT_HINT, partial=said)
        raise LLMUnreachable(f"{self.name} at {self._url} {what}", _ADDRESS_HINT)

    def _refused(self, error: Any, detail: str) -> NoReturn:
        status = int(error.status_code)
        code = f"{error.code} {error.type}"
        if status == 413 or (status < 500 and _TOO_LONG.search(f"{code} {detail}")):
            raise ContextTooLong(
                f"the prompt is too long for {self.name}{detail}",
                "ask a shorter question, or lower BYLINE_LLM_CONTEXT_TOKENS",
            )
        if status in _BUSY and "insufficient_quota" not in code:
            raise _Busy(status, _retry_after(error.response.headers), detail)
        hint = _REJECTED.get(status, "check BYLINE_LLM_MODEL and OPENAI_BASE_URL")
        if 300 <= status < 400 or status >= 500:
            raise LLMUnreachable(f"{self._url} answered with status {status}{detail}", hint)
        raise LLMRejected(f"{self._url} refused the request (status {status}){detail}", hint)

    def _unreached(self, error: Exception) -> LLMUnreachable:
        cause = error.__cause__
        kind = type(cause).__name__ if cause is not None else ""
        if kind in ("ConnectError", "ConnectTimeout", "UnsupportedProtocol", "ProxyError"):
            what = f"cannot be reached ({kind})"
        else:
            what = f"gave no answer ({kind or 'connection lost'})"
        return LLMUnreachable(f"the model server at {self._url} {what}", _ADDRESS_HINT)

    def _detail(self, error: Exception) -> str:
        """What the endpoint says of itself, one line without secrets: it may echo the key."""
        told = getattr(error, "body", None)
        text = told.get("message") if isinstance(told, Mapping) else None
        text = text if isinstance(text, str) else ""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = re.sub(r"\b(?:sk|pk|key|Bearer)[-_ ][\w*.-]{6,}", "***", text[:2_000])
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return f": {text[:300]}" if text else ""


@dataclass(frozen=True, slots=True)
class _End:
    """What the reader puts last: the finish reason that it saw, and what it died of."""

    reason: str | None
    error: Exception | None = None


_Box = queue.SimpleQueue[str | _End]


class _Busy(Exception):
    """The endpoint asks to come back later."""

    def __init__(self, status: int, retry_after_s: float, detail: str) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after_s = retry_after_s
        self.detail = detail


def split_login(url: str) -> tuple[str, tuple[str, str]]:
    """The address without the user name and password in it, and these: they are never shown."""
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        address = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        raise SettingsError(
            "OPENAI_BASE_URL is not an address", "it looks like https://host/v1"
        ) from None
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError("OPENAI_BASE_URL is not an address", "it looks like https://host/v1")
    login = (unquote(parts.username or ""), unquote(parts.password or ""))
    return f"{parts.scheme}://{address}{parts.path.rstrip('/')}", login


def _retry_after(headers: Mapping[str, str]) -> float:
    """How many seconds ``Retry-After`` asks for; 0 when it is missing or makes no sense."""
    asked = headers.get("retry-after", "")
    try:
        seconds = float(asked)
    except ValueError:
        date = email.utils.parsedate_tz(asked)
        seconds = email.utils.mktime_tz(date) - time.time() if date else 0.0
    return max(0.0, seconds) if seconds < float("inf") else 0.0


def _for_llama_index(messages: Sequence[Message]) -> list[Any]:
    from llama_index.core.llms import ChatMessage

    return [ChatMessage(role=m.role, content=m.content) for m in messages]
