"""Taking turns at computing: how many at once, who goes first, and who makes room."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LLMIncomplete
from rag.llm import ChatModel, Message
from rag.prompts import _JUDGE_RULES
from rag.schema import AnswerEvent
from rag.settings import LLM_VERIFIER, Settings
from tests.faulty import closed_port
from web.bench import N_PLACES, Bench, Patient, Stage
from web.desk import Desk

WAIT_S = 20.0  # longer than anything here takes; it ends a test that would hang


class Says:
    """A model that does as it is told before each word, and may break off."""

    name, context_tokens = "says", 8_000

    def __init__(self, *words: str, before: Callable[[], object] = int, breaks: bool = False):
        self._words, self._before, self._breaks = words, before, breaks

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        for word in self._words:
            self._before()
            yield word
        if self._breaks:
            raise LLMIncomplete("it stopped", partial="".join(self._words))


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.002)


@given(st.integers(1, 3), st.lists(st.sampled_from(Stage), min_size=1, max_size=8))
def test_never_more_than_the_places_and_nobody_is_left(n: int, stages: list[Stage]) -> None:
    bench, at_once, most = Bench(n), 0, 0
    counting = threading.Lock()

    def compute(stage: Stage) -> bool:
        nonlocal at_once, most
        ticket = bench.ticket()
        ticket.stage = stage
        for _ in range(3):
            with ticket:
                with counting:
                    at_once += 1
                    most = max(most, at_once)
                time.sleep(0)
                with counting:
                    at_once -= 1
        return True

    with ThreadPoolExecutor(len(stages)) as pool:
        assert all(pool.map(compute, stages, timeout=WAIT_S))
    assert most <= n and bench._n_free == n and not bench._line


def test_whose_model_can_begin_goes_first_then_who_has_seen_nothing_then_who_came_first() -> None:
    bench, order = Bench(1), list[str]()
    asked = {"third": Stage.SHOWS, "second": Stage.WRITES, "first": Stage.SEARCHES}
    tickets = [(name, stage, bench.ticket()) for name, stage in [*asked.items()] * 2]

    def compute(at: int) -> None:
        name, stage, ticket = tickets[at]
        ticket.stage = stage
        with ticket:
            order.append(f"{name} {at}")

    threads = []
    with bench.ticket():
        for n, at in enumerate((5, 4, 3, 0, 1, 2), 1):  # the later questions wait for longer
            threads.append(threading.Thread(target=compute, args=(at,)))
            threads[-1].start()
            wait_until(lambda n=n: len(bench._line) == n)  # type: ignore[misc]
    for thread in threads:
        thread.join(WAIT_S)
    assert order == ["first 2", "first 5", "second 1", "second 4", "third 0", "third 3"]


def test_a_place_is_given_back_when_computing_fails() -> None:
    bench = Bench(1)
    with pytest.raises(ZeroDivisionError), bench.ticket():
        raise ZeroDivisionError
    assert bench._n_free == 1


def test_whoever_waits_for_a_model_makes_room() -> None:
    bench = Bench(1)
    ticket, free = bench.ticket(), list[int]()
    model = Patient(Says("a", "b", before=lambda: free.append(bench._n_free)), ticket)
    with ticket:
        assert list(model.stream([])) == ["a", "b"]
        assert free == [1, 1] and bench._n_free == 0
    assert bench._n_free == 1


def test_without_a_place_a_reply_comes_word_by_word() -> None:
    heard = list[str]()
    pieces = Patient(Says("a", "b", before=lambda: heard.append("waited")), Bench(1).ticket())
    for piece in pieces.stream([]):
        heard.append(piece)
    assert heard == ["waited", "a", "waited", "b"]


@pytest.mark.parametrize("is_held", [True, False])
def test_a_reply_that_breaks_off_says_so_after_its_words(is_held: bool) -> None:
    bench = Bench(1)
    ticket, said = bench.ticket(), list[str]()
    pieces = Patient(Says("a", "b", breaks=True), ticket).stream([])

    def read() -> None:
        with pytest.raises(LLMIncomplete, match="it stopped"):
            said.extend(iter(lambda: next(pieces), None))

    if is_held:
        with ticket:
            read()
            assert ticket.is_held
    else:
        read()
    assert said == ["a", "b"] and bench._n_free == 1


def test_more_questions_than_places_wait_for_the_model_at_the_same_time(tmp_path: Path) -> None:
    """Also for the model as a judge, which is asked while a sentence is being verified."""
    note = tmp_path / "note.txt"
    note.write_text("The old harbour bridge in Arden closes to cars on 1 March, the mayor said.")
    settings = Settings(
        home=tmp_path / "home",
        llm_base_url=f"http://127.0.0.1:{closed_port()}/v1",
        llm_model="never asked",
        verifier=LLM_VERIFIER,
    )
    n = N_PLACES + 2
    for_words, for_judge = threading.Barrier(n), threading.Barrier(n)
    asked = list[bool]()

    class Meets:
        """All who ask it have to ask it before it answers any of them."""

        name, context_tokens = "meets", 8_000

        def stream(self, messages: Sequence[Message]) -> Iterator[str]:
            is_judge = messages[0].content == _JUDGE_RULES
            asked.append(is_judge)
            (for_judge if is_judge else for_words).wait(WAIT_S)
            yield "supported" if is_judge else "The bridge will be closed to cars in March."

    def wrap(_: ChatModel) -> ChatModel:
        return Meets()

    def ask(_n: int) -> str:
        *_, last = tuple(desk.ask("When does the old harbour bridge close?", wrap=wrap))
        assert isinstance(last, AnswerEvent)
        return last.answer.mode

    with Desk.open(settings, create=True) as desk:
        desk.ingest([note])
        with ThreadPoolExecutor(n) as pool:
            assert set(pool.map(ask, range(n), timeout=2 * WAIT_S)) == {"llm"}
    assert asked.count(False) == n and asked.count(True) >= n
