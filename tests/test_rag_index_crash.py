"""The index killed at any moment, and any history of changes: it ends as a dictionary would."""

import multiprocessing
import multiprocessing.util
import random
import shutil
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rag import store as store_module
from rag.index import Index
from rag.schema import Article
from tests.test_rag_index import DIM, NONE, agree, item, opened, unit

N_NAMES = 6


def history(index: Index, op: int) -> None:
    """The op-th step of an endless history of batches, updates and removals."""
    if op % 5 == 4:
        index.remove(f"a{op % N_NAMES}")
    else:
        index.add([item(f"a{(op + i) % N_NAMES}", op + 1, n=1 + op % 4) for i in (0, 1, 3)])


def model(n_ops: int) -> dict[str, int]:
    """The live revisions after so many steps of the history."""
    live: dict[str, int] = {}
    for op in range(n_ops):
        if op % 5 == 4:
            live.pop(f"a{op % N_NAMES}", None)
        else:
            live |= {f"a{(op + i) % N_NAMES}": op + 1 for i in (0, 1, 3)}
    return live


def run_history(home: Path, op: int, told: Connection) -> None:
    store_module._HNSW["sync_threshold"] = 15  # so that Chroma is also killed while it saves
    index = opened(home)
    while True:
        told.send(op)
        history(index, op)
        op += 1


def visible(home: Path) -> dict[str, int]:
    """The revisions that can be found right after a crash, before anything is repaired."""
    index = opened(home, create=False)
    live = {stored.passage.passage_id for stored in index.catalog.stored()}
    assert {i for i, _ in index.dense(unit(np.ones((1, DIM))), 100, NONE)} == live
    assert {i for i, _ in index.lexical("dispatch", 100, NONE)} == live
    assert index.passages(sorted(live)).keys() == live
    index.close()
    return {a.article_id: a.revision for a in index_of(home)}


def index_of(home: Path) -> list[Article]:
    index = opened(home, create=False)
    articles = list(index.catalog.listing())
    index.close()
    return articles


@pytest.mark.timeout(240)
def test_kill_9_leaves_each_batch_whole_or_absent(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("forkserver")
    spawn.set_forkserver_preload(["rag.index", "chromadb", "tantivy", "hypothesis"])
    chance = random.Random(20261122)
    op = 0
    for _ in range(8):
        mine, theirs = spawn.Pipe(duplex=False)
        writer = spawn.Process(target=run_history, args=(tmp_path, op, theirs), daemon=True)
        writer.start()
        theirs.close()
        for _ in range(chance.randrange(1, 8)):
            op = mine.recv()
        writer.join(chance.random() * 0.08)
        writer.kill()
        writer.join()
        try:
            while mine.poll():
                op = mine.recv()
        except EOFError:
            pass
        seen = visible(tmp_path)
        index = opened(tmp_path)
        found = agree(index)
        index.close()
        assert seen == found
        assert found in (model(op), model(op + 1)), op
        op += found == model(op + 1)
    assert op > 8


class Histories(RuleBasedStateMachine):
    """Any history of additions, updates, removals and restarts ends as a dictionary would."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(multiprocessing.util.get_temp_dir()) / f"home{random.getrandbits(64)}"
        self.index = opened(self.home)
        self.live: dict[str, int] = {}
        self.last = 0

    @rule(names=st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True))
    def add(self, names: list[str]) -> None:
        self.last += 1
        self.index.add([item(name, self.last, n=1 + self.last % 3) for name in names])
        self.live |= dict.fromkeys(names, self.last)

    @rule(name=st.sampled_from("abcd"))
    def remove(self, name: str) -> None:
        assert self.index.remove(name) == (self.live.pop(name, None) is not None)

    @precondition(lambda self: self.last)
    @rule(create=st.booleans())
    def reopen(self, create: bool) -> None:
        self.index.close()
        self.index = opened(self.home, create=create)

    @invariant()
    def holds(self) -> None:
        assert agree(self.index) == self.live
        found = self.index.dense(unit(np.ones((1, DIM))), 100, NONE)
        assert {i.rsplit(":", 1)[0] for i, _ in found} == {f"{a}:{r}" for a, r in self.live.items()}

    def teardown(self) -> None:
        self.index.close()
        shutil.rmtree(self.home)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=8, stateful_step_count=10, deadline=None)
