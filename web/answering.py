"""One turn on the page: from what the browser sent to what it shows, step by step, and kept."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import gradio as gr
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt
from starlette.concurrency import run_in_threadpool

from rag.chats import Exchange, new_id
from rag.draft import Draft, numbered, renumbered
from rag.errors import BylineError, ConversationMissing
from rag.i18n import tr, trn
from rag.pipeline import MAX_QUESTION_CHARS
from rag.render_html import found_html
from rag.render_turn import answer_html, draft_html, failure_html
from rag.schema import (
    Answer,
    AnswerEvent,
    Event,
    Filters,
    Numbering,
    PassagesEvent,
    SentenceEvent,
    StatusEvent,
)
from web.asking import Ask, Asker, Limits, Short, Text
from web.chatting import history_of, proof_html
from web.faults import fault_of
from web.visitors import Visitor

if TYPE_CHECKING:
    from web.desk import Desk

log = logging.getLogger("byline.web")
Update = tuple[Any, ...]
OnKept = Callable[[int], object]


class Sent(BaseModel):
    """What the page sends along with a question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conversation: Short = ""  # "" begins a new one
    scope: Annotated[Limits, BeforeValidator(lambda value: value or {})] = Limits()
    wording: Annotated[Text, Field(max_length=MAX_QUESTION_CHARS)] = ""
    again: Annotated[StrictInt | None, Field(ge=0, lt=1 << 62)] = None  # the exchange to replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation that a question is asked in."""

    desk: "Desk"
    visitor: Visitor
    conversation_id: str
    is_new: bool
    scope: Filters
    again: int | None
    exchange_id: int | None  # reserved for it; None where it takes the place of another

    @classmethod
    def of(cls, desk: "Desk", visitor: Visitor, sent: Sent) -> "Talk":
        """The one that the page has open, or a new one under a free id.

        One whose only answer was stopped has an id in the page, but nothing was kept of it.

        Raises:
            ConversationMissing: it is not the visitor's.
        """
        is_new = desk.chats.is_free(sent.conversation)
        if not is_new:
            desk.chats.get(sent.conversation, visitor.name)
        return cls(
            desk=desk,
            visitor=visitor,
            conversation_id=sent.conversation,
            is_new=is_new,
            scope=sent.scope.chosen(),
            again=sent.again,
            exchange_id=_reserved(desk) if sent.again is None else None,
        )

    def before(self) -> tuple[Exchange, ...]:
        """What was said so far, but for what is asked again."""
        if self.is_new:
            return ()
        chats = self.desk.chats
        said = chats.exchanges(chats.get(self.conversation_id, self.visitor.name))
        return tuple(e for e in said if e.exchange_id != self.again)

    def keep(self, answer: Answer) -> Exchange:
        """Store the answer; a new conversation is named after its question."""
        return self._keep(answer, self.exchange_id)

    def leave(self, draft: Draft) -> None:
        """Store what was shown of an answer that was stopped, or whose reader has left.

        A whole answer that was asked again does not give way to it. One that was stopped, too,
        does: under its own number, which the page knows.
        """
        number = self.exchange_id
        with suppress(ConversationMissing):
            if self.again is not None:
                old = self.desk.chats.exchange(self.again, self.visitor.name)
                if not old.answer.stopped:
                    return
                is_here = old.conversation_id == self.conversation_id
                number = old.exchange_id if is_here else None
        try:
            self._keep(draft.stopped(), number)
        except BylineError as error:
            log.info("a stopped answer is not kept: %s", error)

    def _keep(self, answer: Answer, exchange_id: int | None) -> Exchange:
        chats, owner, number = self.desk.chats, self.visitor.name, self.conversation_id
        if self.is_new:
            chats.start(owner, answer.question.asked, self.scope, number)
        else:
            chats.limit(number, owner, self.scope)
        return chats.add(number, owner, answer, instead_of=self.again, exchange_id=exchange_id)


def _reserved(desk: "Desk") -> int | None:
    """The number of a new exchange; None where none can be kept, as is told with the answer."""
    with suppress(BylineError):
        return desk.chats.reserve()
    return None


async def answer_question(
    desk: "Desk", asker: Asker, on_kept: OnKept, question: object, sent: object, visitor: Visitor
) -> AsyncIterator[Update]:
    """One turn: question box, current turn, sources, conflicts and story, as they change."""
    if not str(question or "").strip():
        yield tuple(gr.skip() for _ in range(5))
        return
    draft = Draft(asked=str(question)[:MAX_QUESTION_CHARS])
    box: Any = question  # given back if it is refused
    unfinished: Talk | None = None
    try:
        told = _told(sent)
        draft.conversation = told.conversation
        # Before anything is looked up: among many who ask, each sees at once that it was heard.
        yield gr.skip(), draft_html(draft), found_html((), {}), "", ""
        talk, ask = await run_in_threadpool(_begun, desk, visitor, draft, question, told)
        unfinished = talk
        async with aclosing(asker.bunches(ask)) as bunches:  # type: ignore[type-var]  # a generator
            async for events in bunches:
                box = gr.skip()
                if isinstance(events[-1], AnswerEvent):
                    answer = renumbered(events[-1].answer, ask.taken())
                    unfinished = None
                    yield await run_in_threadpool(_finished, talk, answer, on_kept)
                else:
                    yield _shown(events, draft)
    except (asyncio.CancelledError, GeneratorExit):
        if unfinished is not None:
            await run_in_threadpool(unfinished.leave, draft)
        raise
    except Exception as error:  # noqa: BLE001  # the edge: logged, and told on the page
        fault = fault_of(error)
        failed = failure_html(draft, fault.message, fault.hint, fault.request_id)
        yield box, failed, gr.skip(), gr.skip(), gr.skip()


def _told(sent: object) -> Sent:
    """What the page sent; a new conversation has its id from now on."""
    told = Sent.model_validate(sent or {})
    return told.model_copy(update={"conversation": told.conversation or new_id()})


def _begun(
    desk: "Desk", visitor: Visitor, draft: Draft, question: object, told: Sent
) -> tuple[Talk, Ask]:
    talk = Talk.of(desk, visitor, told)
    asked = {"question": question, "history": history_of(talk.before())}
    limits = {"filters": told.scope, "standalone": told.wording or None}
    ask = Ask.model_validate({**asked, **limits})
    draft.exchange_id, draft.numbering = talk.exchange_id, Numbering(taken=ask.taken())
    return talk, ask


def _shown(events: Sequence[Event], draft: Draft) -> Update:
    """The turn so far; each update of a component costs Gradio a millisecond of every visitor."""
    sources: Any = gr.skip()
    for event in events:
        match event:
            case StatusEvent():
                draft.steps.append(_step_text(event.message))
                draft.model = _model_in(event.message) or draft.model
            case PassagesEvent():
                n = len(event.passages)
                draft.steps.append(trn("Found {n} passage", "Found {n} passages", n))
                draft.standalone, draft.searched = event.question.standalone, event.question
                draft.passages = event.passages
                draft.articles |= event.articles
                sources = found_html(event.passages, event.articles)
            case SentenceEvent():
                draft.sentences.append(numbered(event.sentence, draft.numbering))
                draft.articles |= event.articles
    return gr.skip(), draft_html(draft), sources, gr.skip(), gr.skip()


def _step_text(message: str) -> str:
    """What is being done, in the reader's language; only the name of a model is not."""
    model = _model_in(message)
    return tr("Asking {model}", model=model) if model else tr(message)


def _model_in(message: str) -> str:
    """The model that a step asks, if it asks one."""
    return message.removeprefix("Asking ") if message.startswith("Asking ") else ""


def _finished(talk: Talk, answer: Answer, on_kept: OnKept) -> Update:
    """The whole turn. An answer that cannot be kept is shown all the same."""
    notes: tuple[str, ...] = ()
    kept: Exchange | None = None
    try:
        kept = talk.keep(answer)
        on_kept(kept.exchange_id)
    except BylineError as error:
        notes = (tr("This answer is not kept: {reason}.", reason=error),)
    proof = proof_html(answer)
    shown = answer_html(answer, kept, notes)
    return gr.skip(), shown, proof["sources"], proof["conflicts"], proof["story"]


def proof_of(desk: "Desk", visitor: Visitor, asked: object) -> dict[str, Any]:
    """What stands beside the answer of an exchange; nothing for any other."""
    number = asked.get("exchange") if isinstance(asked, dict) else None
    if isinstance(number, int) and 0 < number < 1 << 62:
        with suppress(ConversationMissing):
            return proof_html(desk.chats.exchange(number, visitor.name).answer)
    return {"sources": nothing_html(), "conflicts": "", "story": ""}


def nothing_html() -> str:
    """What stands beside before anything was asked."""
    told = tr("Ask something: what is cited appears here, with the quoted words marked.")
    return found_html((), {}, told)
