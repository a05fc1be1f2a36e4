"""The connection to a model server: cut from outside, closed behind readers who leave."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import LLMIncomplete
from rag.line import is_closed
from rag.llm import Message, OpenAIChat
from rag.settings import Settings
from tests import faulty
from tests.faulty import FaultyServer, State

MESSAGES = (Message(role="user", content="question"),)
TEXT = "China agreed to the sale. [a1b2c3] More will follow."


def chat(url: str) -> OpenAIChat:
    return OpenAIChat(Settings(llm_model="m", llm_base_url=url, llm_total_s=60))


@pytest.fixture(scope="module", autouse=True)
def client() -> None:
    """Import the client before anything is timed."""
    chat("http://127.0.0.1:1/v1").load()


Act = Callable[[OpenAIChat, FaultyServer], None]


def left_within(act: Act, *, state: State) -> float:
    """Seconds from the moment at which ``act`` returns until the server sees the line closed."""
    with FaultyServer(state) as server:
        act(chat(server.url), server)
        gone = time.monotonic()
        assert server.wait_idle(5.0)
        return float(server.left[-1] - gone)


def test_r5_closing_the_reply_closes_the_connection() -> None:
    def leave(model: OpenAIChat, asked: FaultyServer) -> None:
        reply = model.stream(MESSAGES)
        next(reply)
        reply.close()  # type: ignore[attr-defined]  # it is a generator

    assert left_within(leave, state=faulty.stalls(TEXT)) < 2
    assert left_within(leave, state=faulty.rambles()) < 2


@pytest.mark.parametrize("state", [faulty.hangs, faulty.stalls(TEXT), faulty.status(503)])
def test_r5_another_thread_withdraws_a_question_that_waits(state: State) -> None:
    raised: list[BaseException] = []

    def leave(model: OpenAIChat, asked: FaultyServer) -> None:
        stop = threading.Event()

        def read() -> None:
            try:
                list(model.until(stop).stream(MESSAGES))
            except LLMIncomplete as error:
                raised.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        while not asked.n_requests:
            time.sleep(0.05)
        stop.set()
        reader.join(2.0)
        assert not reader.is_alive()

    assert left_within(leave, state=state) < 2
    assert "withdrawn" in str(raised[0])


def test_r5_thirty_readers_who_leave_cost_nothing() -> None:
    def n_descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with FaultyServer(faulty.rambles()) as server:
        model = chat(server.url)
        counts = []
        for _ in range(30):
            reply = model.stream(MESSAGES)
            next(reply)
            reply.close()  # type: ignore[attr-defined]
            assert server.wait_idle(2.0)
            time.sleep(0.02)
            counts.append((threading.active_count(), n_descriptors()))

    assert max(n for n, _ in counts[15:]) <= max(n for n, _ in counts[:15])
    assert max(n for _, n in counts[15:]) <= max(n for _, n in counts[:15]) + 1


def test_a_login_in_the_address_is_used_but_never_shown() -> None:
    with FaultyServer(faulty.says(TEXT)) as server:
        url = server.url.replace("://", "://won%40der:s3cret@")
        list(chat(url).stream(MESSAGES))

    assert "Basic d29uQGRlcjpzM2NyZXQ=" in server.heads[0]


def test_the_environment_s_proxy_is_not_asked_about_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{faulty.closed_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{faulty.closed_port()}")

    with FaultyServer(faulty.says(TEXT)) as server:
        assert "".join(chat(server.url).stream(MESSAGES)) == TEXT


def test_a_closed_port_is_told_from_an_open_one() -> None:
    with FaultyServer(faulty.says(TEXT)) as server:
        assert not is_closed(server.url)
    assert is_closed(f"http://127.0.0.1:{faulty.closed_port()}/v1")
    assert not is_closed("http://model.invalid/v1")


def test_r1_a_fresh_process_learns_of_a_closed_port_without_the_client() -> None:
    code = f"""
import sys
from rag.errors import LLMUnreachable
from rag.llm import Message, OpenAIChat
from rag.settings import Settings
chat = OpenAIChat(Settings(llm_base_url="http://127.0.0.1:{faulty.closed_port()}/v1"))
try:
    list(chat.stream([Message(role="user", content="question")]))
except LLMUnreachable:
    print("unreachable", "openai" in sys.modules, "llama_index" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["unreachable", "False", "False"]
