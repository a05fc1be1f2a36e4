"""Many readers at once, and readers who leave."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import uvicorn

from tests.calling import api_of
from tests.fake_desk import FakeDesk
from web.asking import Ask, Asker
from web.serve import listen

# --- many readers, and those who leave ----------------------------------------------------------


@pytest.fixture
def server(desk: FakeDesk) -> Iterator[str]:
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(api_of(desk), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


def _wait_until(true: Any, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_a_stream_arrives_piece_by_piece_and_leaving_closes_the_answer(
    desk: FakeDesk, server: str
) -> None:
    desk.pause_s = 1.0
    headers = {"accept": "text/event-stream"}
    with httpx.stream("POST", f"{server}/v1/ask", json={"question": "x"}, headers=headers) as reply:
        assert next(reply.iter_lines()) == "event: status"
        assert desk.n_closed == 0  # seconds before the answer is whole

    assert _wait_until(lambda: desk.n_closed == 1)
    assert desk.n_finished == 0


def test_leaving_two_hundred_times_leaves_no_thread_behind(desk: FakeDesk) -> None:
    desk.pause_s = 0.001
    asker = Asker(desk, max_running=8)

    async def leave() -> None:
        stream = asker.stream(Ask(question="x"))
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]  # a generator
        await asyncio.sleep(0.004)

    async def leave_often() -> None:
        for _ in range(200):
            await leave()

    before = threading.active_count()
    asyncio.run(leave_often())
    assert _wait_until(lambda: desk.n_closed == 200)
    assert _wait_until(lambda: threading.active_count() <= before + 1)


def test_fifty_readers_at_once_each_get_their_own_answer(desk: FakeDesk, server: str) -> None:
    desk.pause_s = 0.2
    asked = [f"question of reader {n}?" for n in range(50)]
    with ThreadPoolExecutor(50) as readers:
        posts = [readers.submit(_post, f"{server}/v1/ask", question) for question in asked]
        answered = [post.result()["question"] for post in posts]

    assert answered == asked
    assert desk.n_closed == 50


def _post(url: str, question: str) -> Any:
    return httpx.post(url, json={"question": question}, timeout=60).json()
