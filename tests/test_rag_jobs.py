"""The queue: every job ends somewhere, nothing is lost in a crash, and the books add up."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rag.catalog import Catalog
from rag.jobs import Item, Jobs, Outcome


def opened(folder: Path) -> Jobs:
    catalog = Catalog(folder / "catalog.db")
    catalog.create({"format": "test"})
    jobs = Jobs(catalog)
    jobs.create()
    return jobs


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return opened(tmp_path)


def item(outcome: Outcome, source: str = "a.txt", reason: str | None = None) -> tuple[Item, int]:
    return Item(source=source, outcome=outcome, reason=reason), 2 * (outcome == "added")


def test_a_source_that_waits_is_not_queued_twice(jobs: Jobs) -> None:
    assert jobs.submit(["a", "b", "a"]) == (1, 2)
    jobs.take()

    assert jobs.submit(["b", "a"]) == (2, 3)


def test_jobs_are_taken_in_their_order_and_told_in_order_of_interest(jobs: Jobs) -> None:
    jobs.submit(["a", "b", "c", "d"])
    first, second = jobs.take(), jobs.take()
    assert first is not None and second is not None
    jobs.note({first.job_id: [item("added")]})
    jobs.finish(first.job_id)

    assert [(j.source, j.state) for j in jobs.listing()] == [
        ("b", "running"),
        ("c", "queued"),
        ("d", "queued"),
        ("a", "done"),
    ]
    assert jobs.count() == {"running": 1, "queued": 2, "done": 1}


@pytest.mark.parametrize(
    ("outcomes", "state", "reason"),
    [
        ([("added", None), ("unchanged", None)], "done", None),
        ([("added", None), ("skipped", "it is empty")], "done", "it is empty"),
        ([("skipped", "it is empty")], "skipped", "it is empty"),
        ([("skipped", "it is empty")] * 3, "skipped", "3 of 3 could not be used"),
        ([("added", None), ("skipped", "x"), ("skipped", "y")], "done", "2 of 3 could not be used"),
    ],
)
def test_a_finished_job_says_how_it_went(
    jobs: Jobs, outcomes: list[tuple[Outcome, str | None]], state: str, reason: str | None
) -> None:
    jobs.submit(["a"])
    jobs.take()
    for outcome, why in outcomes:
        jobs.note({1: [item(outcome, reason=why)]})
    jobs.finish(1)

    job = jobs.job(1)
    assert job is not None and job.ended
    assert (job.state, job.reason, job.n_done, job.n_total) == (
        state,
        reason,
        len(outcomes),
        len(outcomes),
    )
    assert sum(job.counts.values()) == len(outcomes)
    assert [i.outcome for i in jobs.items(1)] == [o for o, _ in outcomes]


def test_what_ran_in_a_process_that_died_is_queued_again_but_not_for_ever(tmp_path: Path) -> None:
    jobs = opened(tmp_path)
    jobs.submit(["poison"])
    for _ in range(3):
        assert jobs.take() is not None
        jobs = opened(tmp_path)

    job = jobs.job(1)
    assert job is not None
    assert (job.state, job.attempts) == ("failed", 3)
    assert job.reason is not None and "3 times" in job.reason
    assert jobs.retry(1) and jobs.take() is not None


def test_interrupted_work_is_no_attempt(jobs: Jobs) -> None:
    jobs.submit(["a"])
    for _ in range(5):
        job = jobs.take()
        assert job is not None and job.attempts == 1
        jobs.put_back(job.job_id)


def test_cancelling_and_retrying(jobs: Jobs) -> None:
    jobs.submit(["a", "b"])
    jobs.take()

    assert jobs.cancel(1) and jobs.cancel(2)
    assert not jobs.cancel(1)
    jobs.finish(1)
    assert jobs.count() == {"cancelled": 2}
    assert jobs.take() is None
    assert jobs.retry(2) and not jobs.retry(2)
    again = jobs.take()
    assert again is not None and again.source == "b"


def test_a_pause_outlives_the_process(tmp_path: Path) -> None:
    opened(tmp_path).pause("paused by hand")

    jobs = opened(tmp_path)
    assert jobs.paused() == "paused by hand"
    jobs.resume()
    assert jobs.paused() is None


def test_clearing_forgets_what_has_ended_with_its_items(jobs: Jobs, tmp_path: Path) -> None:
    jobs.submit(["a", "b"])
    jobs.take()
    jobs.note({1: [item("added")]})
    jobs.finish(1)

    assert jobs.clear() == 1
    assert [j.source for j in jobs.listing()] == ["b"]
    left = sqlite3.connect(tmp_path / "catalog.db").execute("SELECT COUNT(*) FROM items")
    assert left.fetchone()[0] == 0


class Queues(RuleBasedStateMachine):
    """Whatever is asked in whatever order, each job is in one state and its counts add up."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = Path(tempfile.mkdtemp())
        self.jobs = opened(self.folder)
        self.running: set[int] = set()

    @rule(names=st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
    def submit(self, names: list[str]) -> None:
        ids = self.jobs.submit(names)
        assert {self.jobs.job(i).source for i in ids} == set(names)  # type: ignore[union-attr]

    @rule()
    def take(self) -> None:
        job = self.jobs.take()
        if job is not None:
            self.running.add(job.job_id)

    @rule(outcome=st.sampled_from(["added", "updated", "unchanged", "skipped"]))
    def note(self, outcome: Outcome) -> None:
        for job_id in self.running:
            self.jobs.note({job_id: [item(outcome)]})

    @rule(act=st.sampled_from(["finish", "fail", "put_back", "cancel"]))
    def end(self, act: str) -> None:
        for job_id in sorted(self.running)[:1]:
            getattr(self.jobs, act)(*((job_id, "why") if act == "fail" else (job_id,)))
            self.running.discard(job_id)

    @rule()
    def crash(self) -> None:
        self.jobs = opened(self.folder)
        self.running.clear()

    @invariant()
    def adds_up(self) -> None:
        listing = self.jobs.listing()
        assert {j.job_id for j in listing if j.state == "running"} == self.running
        waiting = [j.source for j in listing if j.state == "queued"]
        assert len(waiting) <= len(listing)
        for job in listing:
            assert sum(job.counts.values()) == job.n_done == len(self.jobs.items(job.job_id))
            assert (job.finished_at is not None) == job.ended


TestQueues = Queues.TestCase
TestQueues.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
