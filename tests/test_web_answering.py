"""An answer that is stopped, or whose reader leaves: what was shown is kept, as what it is."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast

import pytest

from rag.chats import Exchange
from rag.render import STOPPED
from rag.render_json import to_json
from rag.render_story import Exchange as Told
from tests.exported import in_markdown, in_web_page
from tests.fake_desk import FakeDesk
from web.answering import answer_question
from web.asking import Asker
from web.chatting import conversation_json
from web.export import export
from web.visitors import LOCAL, Visitor

COST = "What will the bridge repair cost?"
CUT = "Stopped before the answer was complete."


def _turn(
    desk: FakeDesk, question: str, sent: dict[str, Any], visitor: Visitor = LOCAL
) -> AsyncGenerator[tuple[Any, ...], None]:
    turn = answer_question(desk, Asker(desk), int, question, sent, visitor)  # type: ignore[arg-type]
    return cast("AsyncGenerator[tuple[Any, ...], None]", turn)


def _stop_at(desk: FakeDesk, mark: str, question: str = COST, **sent: Any) -> str:
    """Leave as soon as the page shows this; what it showed then."""

    async def leave() -> str:
        async with aclosing(_turn(desk, question, sent)) as turn:
            async for _, shown, *_ in turn:
                if mark in shown:
                    return str(shown)
        raise AssertionError(f"{mark} was never shown")

    desk.pause_s = 0.05  # what comes at once would be shown at once
    shown = asyncio.run(leave())
    desk.pause_s = 0.0
    return shown


def _finish(desk: FakeDesk, question: str = COST, **sent: Any) -> None:
    async def go() -> None:
        async for _ in _turn(desk, question, sent):
            pass

    asyncio.run(go())


def _kept(desk: FakeDesk) -> tuple[Exchange, ...]:
    (talk,) = desk.chats.listing("")
    return desk.chats.exchanges(talk)


def test_what_was_shown_is_kept_under_the_number_that_the_page_knows(desk: FakeDesk) -> None:
    shown = _stop_at(desk, "byline-sentence")

    (left,) = _kept(desk)
    assert left.answer.stopped and len(left.answer.sentences) == 1 and left.answer.passages
    assert f'data-exchange="{left.exchange_id}"' in shown
    (talk,) = desk.chats.listing("")
    told = conversation_json(desk, talk)  # type: ignore[arg-type]
    assert 'data-state="stopped"' in told["turns"] and CUT in told["turns"]
    assert "byline-again" in told["turns"] and "byline-rate" not in told["turns"]
    assert "byline-source" in told["proof"]["sources"]
    assert desk.chats.every() == desk.chats.unscored() == ()


def test_one_that_is_cancelled_while_it_waits_is_kept_as_well(desk: FakeDesk) -> None:
    async def go() -> None:
        waiting = asyncio.Event()

        async def read() -> None:
            async for _, shown, *_ in _turn(desk, COST, {}):
                if "byline-sentence" in shown:
                    waiting.set()

        task = asyncio.create_task(read())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    desk.pause_s = 0.2
    asyncio.run(go())
    assert [e.answer.stopped for e in _kept(desk)] == [True]


def test_a_question_is_kept_without_a_sentence(desk: FakeDesk) -> None:
    _stop_at(desk, "Searching")

    (left,) = _kept(desk)
    assert left.answer.reason == STOPPED and not left.answer.sentences
    assert to_json(left.answer)["stopped"] is True


def test_asked_again_it_gives_way_once_there_is_more(desk: FakeDesk) -> None:
    _stop_at(desk, "byline-sentence")
    (left,) = _kept(desk)
    sent: dict[str, Any] = {"conversation": left.conversation_id, "again": left.exchange_id}
    _stop_at(desk, "Checking sentence 3", **sent)

    (again,) = _kept(desk)
    assert again.exchange_id == left.exchange_id, "the page knows no other"
    assert again.answer.stopped and len(again.answer.sentences) == 2
    _finish(desk, **sent)
    (whole,) = _kept(desk)
    assert not whole.answer.stopped and len(whole.answer.sentences) == 3


def test_a_whole_answer_stays_when_its_repetition_is_stopped(desk: FakeDesk) -> None:
    _finish(desk)
    (whole,) = _kept(desk)
    sent: dict[str, Any] = {"conversation": whole.conversation_id, "again": whole.exchange_id}
    _stop_at(desk, "byline-sentence", **sent)

    assert _kept(desk) == (whole,)


@pytest.mark.parametrize("again", [2, 999_999, (1 << 62) - 1])
def test_no_number_of_others_is_taken(desk: FakeDesk, again: int) -> None:
    _finish(desk)
    _finish(desk, "And the ferry?")  # another conversation: number 2
    first, second = (desk.chats.exchanges(c)[0] for c in reversed(desk.chats.listing("")))
    sent: dict[str, Any] = {"conversation": first.conversation_id, "again": again}
    _stop_at(desk, "byline-sentence", "And the road?", **sent)

    assert second in desk.chats.every()
    assert max(e.exchange_id for e in desk.chats.exchanges(desk.chats.listing("")[0])) < 10


def test_the_next_question_leans_on_what_was_shown(desk: FakeDesk) -> None:
    _stop_at(desk, "byline-sentence")
    (left,) = _kept(desk)
    _finish(desk, "And when?", conversation=left.conversation_id)

    asked, told = desk.asked[-1][1]
    assert asked.content == COST and told.cited
    assert [c.marker for c in _kept(desk)[1].answer.citations][:1] == [1]


def test_a_document_says_that_it_was_stopped(desk: FakeDesk) -> None:
    _stop_at(desk, "byline-sentence")
    _finish(desk, "And when?", conversation=_kept(desk)[0].conversation_id)
    told = [Told(asked_at=e.asked_at, body=to_json(e.answer)) for e in _kept(desk)]

    for kind, read in (("md", in_markdown), ("html", in_web_page)):
        assert read(export(kind, "Bridge", told).content).count(CUT) == 1  # type: ignore[arg-type]
        assert CUT not in read(export(kind, "Bridge", told[1:]).content)  # type: ignore[arg-type]
