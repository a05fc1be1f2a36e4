"""The worker: works off the queue, minds pauses and questions, and loses nothing."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.load import Found, Loader, Read, Skipped
from ingest.watch import Watch
from ingest.work import Worker
from rag.errors import BylineError, IndexUnavailable, InputRefused
from rag.index import Index
from rag.jobs import Job
from tests.test_ingest_pipeline import Counting, write_rows


@pytest.fixture
def embedder() -> Counting:
    return Counting()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = opened(tmp_path)
    yield index
    index.close()


def opened(folder: Path) -> Index:
    return Index.open(folder / "home", settings_id="t", embedder="counting", dim=8, create=True)


def worker(index: Index, embedder: Counting, **given: object) -> Worker:
    return Worker(index, embedder, Loader, **given)  # type: ignore[arg-type]  # by name


def texts(folder: Path, n: int, start: int = 0) -> list[str]:
    folder.mkdir(exist_ok=True)
    for i in range(start, start + n):
        body = f"Item {i}. The board of port {i} met on Monday and put off its vote."
        (folder / f"{i:03}.txt").write_text(body)
    return [str(folder / f"{i:03}.txt") for i in range(start, start + n)]


def test_each_source_is_a_job_and_each_article_an_item(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("")
    mine = worker(index, embedder)
    ids = mine.submit(
        [str(write_rows(tmp_path / "r.jsonl", 70)), *texts(tmp_path / "t", 3), str(bad)]
    )

    jobs = mine.wait(ids)

    assert [job.state for job in jobs] == ["done"] * 4 + ["skipped"]
    assert [job.n_done for job in jobs] == [70, 1, 1, 1, 1]
    assert jobs[0].counts == {"added": 70} and jobs[0].n_passages == 70
    assert jobs[-1].reason == "it is empty"
    assert index.catalog.counts()[0] == 73
    assert {i.outcome for i in index.jobs.items(ids[0])} == {"added"}


def test_a_stopped_worker_is_carried_on_without_embedding_twice(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    ids = index.jobs.submit([str(write_rows(tmp_path / "r.jsonl", 300))])
    embedder.stop_after = 100
    with pytest.raises(KeyboardInterrupt):
        worker(index, embedder).wait(ids)
    n_stored = index.catalog.counts()[0]
    assert 0 < n_stored < 300
    assert index.jobs.count() == {"queued": 1}

    embedder.stop_after, before = None, embedder.n_texts
    (job,) = worker(index, embedder).wait(ids)

    assert job.counts == {"unchanged": n_stored, "added": 300 - n_stored}
    assert embedder.n_texts - before == 300 - n_stored


def test_a_pause_holds_until_resumed(index: Index, embedder: Counting, tmp_path: Path) -> None:
    mine = worker(index, embedder)
    ids = mine.submit([str(write_rows(tmp_path / "r.jsonl", 500))])
    n_moves = 0

    def moved(job: Job | None, source: str) -> None:
        nonlocal n_moves
        n_moves += 1
        if n_moves == 2:
            mine.pause()

    with pytest.raises(BylineError, match="paused by hand"):
        mine.wait(ids, moved)
    assert index.jobs.count() == {"queued": 1}
    assert 0 < index.catalog.counts()[0] < 500

    mine.resume()
    (job,) = mine.wait(ids)
    assert job.state == "done" and index.catalog.counts()[0] == 500


def test_a_cancelled_job_keeps_what_it_stored_and_the_next_goes_on(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    mine = worker(index, embedder)
    big = str(write_rows(tmp_path / "r.jsonl", 500))
    ids = mine.submit([big, *texts(tmp_path / "t", 2)])

    def moved(job: Job | None, source: str) -> None:
        if job is not None and job.source == big and job.n_done:
            mine.cancel(job.job_id)

    jobs = mine.wait(ids, moved)
    assert [job.state for job in jobs] == ["cancelled", "done", "done"]
    assert 2 < index.catalog.counts()[0] < 500
    assert mine.retry(ids[0])
    mine.wait(ids)
    assert index.catalog.counts()[0] == 502


def test_the_memory_ceiling_pauses_and_says_so(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    mine = worker(index, embedder, max_memory_mb=1)
    ids = mine.submit([str(write_rows(tmp_path / "r.jsonl", 300))])

    with pytest.raises(BylineError, match="BYLINE_MAX_MEMORY_MB"):
        mine.wait(ids)

    assert index.jobs.count() == {"queued": 1}
    assert mine.status().peak_memory_mb > 1


def test_an_index_that_cannot_be_written_fails_the_job_and_a_retry_completes(
    index: Index, embedder: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = worker(index, embedder)
    ids = mine.submit([str(write_rows(tmp_path / "r.jsonl", 10))])

    def full(items: object) -> None:
        raise IndexUnavailable("the disk is full", "free some space")

    with monkeypatch.context() as patched:
        patched.setattr(index, "add", full)
        with pytest.raises(IndexUnavailable):
            mine.wait(ids)
    (job,) = index.jobs.jobs(ids)
    assert (job.state, job.reason) == ("failed", "the disk is full; free some space")

    mine.retry(ids[0])
    assert mine.wait(ids)[0].state == "done"


def test_a_worker_of_its_own_thread_serves_whoever_waits(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    mine = worker(index, embedder)
    mine.start()
    try:
        first = mine.submit(texts(tmp_path / "a", 5))
        second = mine.submit(texts(tmp_path / "b", 5, 5))
        assert all(job.state == "done" for job in mine.wait(second + first))
        status = mine.status()
        assert (status.counts, status.paused) == ({"done": 10}, None)
    finally:
        mine.stop()


def test_stopping_puts_the_work_back(index: Index, embedder: Counting, tmp_path: Path) -> None:
    mine = worker(index, embedder, is_busy=lambda: True)  # each article waits for questions
    mine.submit([str(write_rows(tmp_path / "r.jsonl", 500))])
    mine.start()
    time.sleep(0.3)
    started = time.monotonic()
    mine.stop()

    assert time.monotonic() - started < 5
    assert index.jobs.count() == {"queued": 1}


def test_a_worker_that_waits_its_turn_stops_at_once(index: Index, embedder: Counting) -> None:
    mine: Worker

    class Slow:
        def crawl(self, source: str, read: Read) -> Iterator[Found]:
            mine.sleep(30)
            yield Skipped(source=source, reason="too late")

        def close(self) -> None:
            """Nothing is open."""

    mine = Worker(index, embedder, lambda: Loader(web=Slow()))
    mine.submit(["https://c.example/a"])
    mine.start()
    wait_for(lambda: index.jobs.count() == {"running": 1})
    started = time.monotonic()
    mine.stop()

    assert time.monotonic() - started < 5
    assert index.jobs.count() == {"queued": 1}


def test_questions_go_first_but_not_for_ever(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    asking = threading.Event()
    asking.set()
    mine = worker(index, embedder, is_busy=asking.is_set)
    ids = mine.submit(texts(tmp_path / "t", 3))
    mine.start()
    try:
        time.sleep(0.5)
        assert index.catalog.counts()[0] == 0
        mine.wait(ids)  # three articles, each after a second of patience at most
        assert index.catalog.counts()[0] == 3
    finally:
        mine.stop()


def test_withdrawn_and_corrected_articles_stay_so_when_read_again(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    mine = worker(index, embedder)
    sources = texts(tmp_path / "t", 2)
    mine.wait(mine.submit(sources))
    kept, doomed = (index.catalog.find(source) for source in sources)
    assert kept is not None and doomed is not None
    index.remove(doomed.article_id, withdrawn="libel")
    index.corrections.put(kept, {"outlet": "The Herald"})

    jobs = mine.wait(mine.submit(sources))

    again = index.catalog.find(sources[0])
    assert again is not None and (again.outlet, again.revision) == ("The Herald", 2)
    assert jobs[1].state == "skipped" and "libel" in str(jobs[1].reason)
    assert mine.wait(mine.submit(sources[:1]))[0].counts == {"unchanged": 1}


def test_a_watched_folder_is_read_when_something_comes(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    texts(inbox, 1)
    mine = worker(index, embedder)
    mine.start()
    watch = Watch([inbox], mine.submit)
    try:
        wait_for(lambda: index.catalog.counts()[0] == 1)
        (inbox / ".hidden.txt").write_text("Not an article. " * 9)
        draft = tmp_path / "draft.txt"
        draft.write_text("A second vote is due in April, the council said on Thursday.")
        shutil.move(draft, inbox / "second.txt")
        wait_for(lambda: index.catalog.counts()[0] == 2)
    finally:
        watch.stop()
        mine.stop()


def wait_for(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to pass within 20 s")


def test_only_folders_can_be_watched(tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        Watch([tmp_path / "nothing"], list)
