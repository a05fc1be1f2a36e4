"""Makes a follow-up question stand on its own, so that it can be searched for.

By the rules of ``rag.carry``; a model, where there is one, words it better, if it does so soon.
"""

import queue
import re
import threading
import time
from collections.abc import Iterator, Sequence

from rag.carry import carried, leans, names_of
from rag.courtesy import courtesy
from rag.errors import LLMError, LLMUnreachable
from rag.llm import ChatModel, Message
from rag.prompts import write_rewrite_prompt
from rag.schema import Filters, Place, Question, Turn
from rag.text import stem, terms, tokens

_MAX_REWRITTEN_CHARS = 400
_WAIT_S = 15.0  # for the rewriting; the answer itself may take as long again
_REST_S = 120.0  # in which a model that failed is not asked to rewrite


class Patience:
    """How long a model may take to word a question; one that failed is left alone for a while.

    Shared by all questions of an archive: an endpoint that hangs must not be waited for twice.
    """

    def __init__(self, wait_s: float = _WAIT_S, rest_s: float = _REST_S) -> None:
        self.wait_s = wait_s
        self._rest_s = rest_s
        self._failed_s: float | None = None

    def failed(self) -> None:
        """The model was not reached, or was too slow."""
        self._failed_s = time.monotonic()

    def worked(self) -> None:
        """The model answered."""
        self._failed_s = None

    @property
    def is_out(self) -> bool:
        """True while the model is left alone."""
        return self._failed_s is not None and time.monotonic() - self._failed_s < self._rest_s


class Watched:
    """A model whose failures the patience hears of, whatever it is asked for."""

    def __init__(self, model: ChatModel, patience: Patience) -> None:
        self.name, self.context_tokens = model.name, model.context_tokens
        self._model, self._patience = model, patience

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """As ``ChatModel.stream``."""
        try:
            yield from self._model.stream(messages)
        except LLMUnreachable:
            self._patience.failed()
            raise


def condense(
    asked: str,
    history: Sequence[Turn],
    filters: Filters,
    model: ChatModel | None = None,
    patience: Patience | None = None,
) -> Question:
    """The question with what it leans on in the last turns; unchanged if it stands alone.

    What earlier answers cited comes along with a question that leans on them. A model that fails,
    takes too long or answers something else is passed over in silence: the rules do.
    """
    asked = asked.strip()
    pairs = _pairs(history)
    if not pairs or not leans(asked):
        return Question(asked=asked, filters=filters)
    standalone = _rewritten(asked, history, model, patience or Patience()) if model else None
    if standalone is None:
        standalone = carried(asked, pairs)
    return Question(asked=asked, standalone=standalone, filters=filters, earlier=cited_in(history))


def _pairs(history: Sequence[Turn]) -> list[tuple[str, str]]:
    """Each question with its answer, "" where there is none; "hello" and "thanks" are none."""
    pairs: list[tuple[str, str]] = []
    for turn in history:
        if turn.role == "user" and turn.content.strip():
            pairs.append((turn.content.strip(), ""))
        elif turn.role == "assistant" and pairs:
            pairs[-1] = (pairs[-1][0], turn.content)
    return [pair for pair in pairs if courtesy(pair[0]) is None]


def cited_in(history: Sequence[Turn]) -> tuple[Place, ...]:
    """The places that earlier answers cited, each once, the latest first."""
    return tuple(dict.fromkeys(place for turn in reversed(history) for place in turn.cited))


def _rewritten(
    asked: str, history: Sequence[Turn], model: ChatModel, patience: Patience
) -> str | None:
    """The model's wording; None if it fails or says what nobody had said."""
    if patience.is_out:
        return None
    line = _line_in_time(model.stream(write_rewrite_prompt(asked, history)), patience)
    if line is None:
        return None
    line = line.strip().strip("\"'`*> ").removeprefix("Question:").strip()
    said = set(terms(" ".join([asked, *(t.content for t in history)])))
    new = [t for t in terms(line) if t not in said]
    is_sane = 8 <= len(line) <= _MAX_REWRITTEN_CHARS and not re.search(r"[\[\]<>{}]|://", line)
    shares = bool(set(terms(asked)) & set(terms(line))) or not terms(asked)
    # A word or two of its own ("company", "total") are fair; names and numbers are not.
    known = said | {stem(t.text) for t in tokens(line)[:1]}
    invented = any(t[0].isdigit() for t in new) or any(
        not _stems(n) & known for n in names_of(line)
    )
    return line if is_sane and shares and len(new) <= 2 and not invented else None


def _stems(text: str) -> set[str]:
    return {stem(t.text) for t in tokens(text)}


def _line_in_time(pieces: Iterator[str], patience: Patience) -> str | None:
    """The first line of a reply; None if it fails or does not come in time.

    Read in a thread of its own: a reply that comes too late is left to its own limits.
    """
    box: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()

    def read() -> None:
        try:
            box.put(_first_line(pieces))
        except Exception as error:  # noqa: BLE001  # the thread's edge: judged by the caller
            box.put(error)

    threading.Thread(target=read, name="rewrite", daemon=True).start()
    try:
        said = box.get(timeout=patience.wait_s)
    except queue.Empty:
        said = LLMUnreachable("the rewriting took too long")
    if isinstance(said, LLMUnreachable):
        patience.failed()
    elif isinstance(said, Exception) and not isinstance(said, LLMError):
        raise said
    else:
        patience.worked()
    return said if isinstance(said, str) else None


def _first_line(pieces: Iterator[str]) -> str:
    text = ""
    for piece in pieces:
        text += piece
        if "\n" in text.strip() or len(text) > _MAX_REWRITTEN_CHARS:
            break
    return text.strip().partition("\n")[0]
