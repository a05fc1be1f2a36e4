"""A look at a model's endpoint: which models it has, and whether one of them answers.

The address is an editor's choice, exactly as it is the environment's for whoever starts the
server, and most models that people run themselves are at 127.0.0.1 or in the local network: so,
unlike the addresses of articles, it may name any host. Only editors may ask for a look, redirects
are not followed, and of what comes back nothing is told but names of models and one short reply.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

import httpx

from rag.errors import LLMError, LLMIncomplete, LLMRejected, LLMUnreachable
from rag.i18n import msgid, tr
from rag.line import Line
from rag.llm import OPENAI, Message, OpenAIChat, split_login
from rag.prompts import one_line
from rag.render import capitalized
from rag.settings import Settings

_LIST_S = 5.0
_MAX_BYTES = 4 << 20  # of a list; one entry of the longest known has some 2 kB
_MAX_MODELS = 1_000
_MAX_NAME = 200
_MAX_REPLY = 200
_TINY = (
    Message(role="system", content="You are tested. Reply with one short sentence."),
    Message(role="user", content="Reply with: I am ready."),
)
# What errors call the settings, and what the page calls them.
_WORDS = {
    "OPENAI_API_KEY": "the key",
    "OPENAI_BASE_URL": "the endpoint",
    "BYLINE_LLM_MODEL": "the model",
}
_STATUS = {
    401: msgid("{endpoint} refused the key (status 401)"),
    403: msgid("{endpoint} does not allow this with the key (status 403)"),
    404: msgid(
        "{endpoint} has no list of models there (status 404); does the endpoint end as it should, "
        "in /v1?"
    ),
    429: msgid("{endpoint} asks to come back later (status 429)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model said when it was tried."""

    text: str
    seconds: float  # from the question to the end of the reply
    model: str


def host_of(settings: Settings) -> str:
    """The endpoint's host and port, as people are told where things go; never a login."""
    plain = split_login(settings.llm_base_url or OPENAI)[0]
    return plain.partition("//")[2].partition("/")[0]


def models_of(settings: Settings) -> tuple[str, ...]:
    """The names of the endpoint's models, in alphabetical order.

    Raises:
        LLMUnreachable: no list came within five seconds.
        LLMRejected: the endpoint refused to give one.
    """
    plain, login = split_login(settings.llm_base_url or OPENAI)
    key = settings.llm_api_key.get_secret_value()
    headers = {"authorization": f"Bearer {key}"} if key and not any(login) else {}
    until = time.monotonic() + _LIST_S
    try:
        with (
            Line(login).client(_LIST_S) as client,
            client.stream("GET", f"{plain}/models", headers=headers) as response,
        ):
            _check(response, plain)
            told = _read(response, plain, until)
    except httpx.TimeoutException:
        raise _late(plain) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        kind = type(error).__name__
        what = tr("{endpoint} cannot be reached ({kind})", endpoint=plain, kind=kind)
        raise LLMUnreachable(what, tr("does it run?")) from None
    return _names(told, plain)


def _check(response: httpx.Response, plain: str) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in _STATUS:
        raise LLMRejected(tr(_STATUS[status], endpoint=plain))
    raise LLMRejected(tr("{endpoint} answered with status {status}", endpoint=plain, status=status))


def _read(response: httpx.Response, plain: str, until: float) -> Any:
    """The body as JSON; an endpoint that drips or floods is left."""
    data = bytearray()
    for piece in response.iter_bytes():
        data += piece
        if len(data) > _MAX_BYTES:
            raise LLMUnreachable(
                tr("{endpoint} sent more than a list of models can be", endpoint=plain)
            )
        if time.monotonic() > until:
            raise _late(plain)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        is_page = data.lstrip()[:1] == b"<"
        what = (
            tr("{endpoint} sent a web page, not a list of models", endpoint=plain)
            if is_page
            else tr("{endpoint} sent something else, not a list of models", endpoint=plain)
        )
        raise LLMUnreachable(what, tr("does the endpoint end in /v1?")) from None


def _late(plain: str) -> LLMUnreachable:
    what = tr("{endpoint} gave no list within {seconds} s", endpoint=plain, seconds=f"{_LIST_S:g}")
    return LLMUnreachable(what, tr("type the model's name"))


def _names(told: Any, plain: str) -> tuple[str, ...]:
    """``data[].id`` as OpenAI has it, or ``models[].name`` as some others have."""
    rows = (told.get("data") or told.get("models")) if isinstance(told, dict) else told
    rows = rows if isinstance(rows, list) else []
    found = [row.get("id") or row.get("name") for row in rows if isinstance(row, dict)]
    named = {name for name in found if isinstance(name, str) and 0 < len(name) <= _MAX_NAME}
    if not named:
        what = tr("{endpoint} names no models", endpoint=plain)
        raise LLMUnreachable(what, tr("type the model's name"))
    return tuple(sorted(named, key=str.casefold))[:_MAX_MODELS]


def tried(settings: Settings) -> Reply:
    """One tiny question to the model, and how long its reply took.

    Raises:
        LLMError: it did not answer; the message says why.
        SettingsError: the address is none.
    """
    limits = {"llm_first_token_s": 15.0, "llm_between_tokens_s": 10.0, "llm_total_s": 20.0}
    model = OpenAIChat(settings.model_copy(update=limits))
    model.load()  # seconds when it is the first; not the endpoint's
    begun = time.monotonic()
    try:
        said = "".join(model.stream(_TINY))
    except LLMIncomplete as error:
        if not error.partial.strip():
            raise
        said = error.partial  # it answers, if at length
    seconds = time.monotonic() - begun
    return Reply(text=one_line(said, _MAX_REPLY), seconds=seconds, model=model.name)


def told(error: LLMError) -> str:
    """What went wrong at the endpoint, in the page's words and on one line."""
    parts = [part.rstrip(".") for part in (error.message, error.hint) if part]
    text = ". ".join(capitalized(part) for part in parts)
    for name, word in _WORDS.items():
        text = text.replace(name, word)
    return one_line(text, 500) + ("" if text.endswith("?") else ".")
