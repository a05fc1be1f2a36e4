"""How events come from the thread that answers to whoever shows them."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from rag.errors import LLMUnreachable
from rag.schema import AnswerEvent, PassagesEvent
from tests.fake_desk import FakeDesk
from web.asking import Ask, Asker


async def _bunches(asker: Asker, asked: str, look_after_s: float) -> list[tuple[Any, ...]]:
    seen = []
    async with aclosing(asker.bunches(Ask(question=asked))) as bunches:  # type: ignore[type-var]
        async for events in bunches:
            seen.append(events)
            await asyncio.sleep(look_after_s)
    return seen


def test_what_comes_while_nobody_looks_comes_together(tmp_path: Path) -> None:
    asker: Any = Asker(FakeDesk(tmp_path))
    slowly = asyncio.run(_bunches(asker, "What does it cost?", 0.3))
    events = [event for some in slowly for event in some]

    assert len(slowly) < len(events) and all(slowly)
    assert isinstance(events[-1], AnswerEvent)
    assert sum(isinstance(event, AnswerEvent) for event in events) == 1


def test_what_went_wrong_is_told_after_what_came_before(tmp_path: Path) -> None:
    asker: Any = Asker(FakeDesk(tmp_path))
    seen: list[Any] = []

    async def look() -> None:
        async for events in asker.bunches(Ask(question="fail")):
            seen.extend(events)
            await asyncio.sleep(0.3)

    with pytest.raises(LLMUnreachable):
        asyncio.run(look())
    assert any(isinstance(event, PassagesEvent) for event in seen)
