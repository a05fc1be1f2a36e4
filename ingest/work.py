"""Works off the queue: takes jobs in their order, reads, embeds and stores, and keeps the books.

One worker to a process, and one process to a home: so pausing and cancelling need no more than a
flag here, beside the note in the queue that outlives the process.
"""

import ctypes
import logging
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

import psutil

from ingest.batch import Batch, Incoming, Settled
from ingest.load import Found, Loader
from ingest.pipeline import put
from ingest.scale import Farm
from rag.embed import Embedder
from rag.errors import BylineError
from rag.index import Index
from rag.jobs import Item, Job

log = logging.getLogger(__name__)
Moved = Callable[[Job | None, str], None]
_MIB = 1 << 20
_MEMORY_SHARE = 0.8  # of the machine's memory, when no ceiling is set
_POLL_S = 0.5  # how often an idle worker looks whether something was queued
_PATIENCE_S = 1.5  # questions are waited for so long; then a spell's work is done
_SPELL_S = 0.1
_END_S = 8.0
_LOOK_S = 1.0


class _Interrupted(Exception):  # not an error: the work is put back
    """The worker was told to stop or to pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """How far the queue is."""

    counts: dict[str, int]  # jobs by state
    paused: str | None  # why nothing is taken
    source: str = ""  # the last item that was finished
    items_per_s: float = 0.0  # since the worker last began; 0 while it is idle
    seconds_left: float | None = None  # None: not known
    memory_mb: int = 0
    peak_memory_mb: int = 0


@dataclass(slots=True)
class _Pace:
    """What this run of the worker has done."""

    began: float = 0.0
    n_items: int = 0
    source: str = ""
    open: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # items not told yet
    loaded: set[int] = field(default_factory=set)  # jobs of which no item is still to come


class Worker:
    """The one who fills an index from its queue."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        loader: Callable[[], Loader],
        *,
        is_busy: Callable[[], bool] = lambda: False,
        max_memory_mb: int = 0,
    ) -> None:
        """``is_busy``: questions are being answered, and go first. 0 MiB: most of the machine's."""
        self._index = index
        self._jobs = index.jobs
        self._embedder = embedder
        self._loader = loader
        self._is_busy = is_busy
        self._ceiling = max_memory_mb * _MIB or int(psutil.virtual_memory().total * _MEMORY_SHARE)
        self._process = psutil.Process()
        self._peak = 0
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._paused = threading.Event()
        self._woken = threading.Event()
        self._cancelled: set[int] = set()
        self._working = threading.Lock()  # also held by who changes articles by hand
        self._guests: set[object] = set()  # who waits for that lock
        self._pace = _Pace()
        self.farm: Farm | None = None  # workers elsewhere that make the articles
        self._looked = 0.0  # into the queue, for what others have noted
        self._rested = 0.0  # when questions were last waited for
        self._moved = threading.Condition()
        if self._jobs.paused() is not None:
            self._paused.set()

    # What people tell it

    def submit(self, sources: Sequence[str]) -> tuple[int, ...]:
        """Queue sources; the ids of their jobs."""
        ids = self._jobs.submit(sources)
        self._woken.set()
        return ids

    def pause(self, reason: str = "paused by hand") -> None:
        """Stop after the item at hand; nothing is lost."""
        self._jobs.pause(reason)
        self._paused.set()

    def resume(self) -> None:
        """Go on."""
        self._jobs.resume()
        self._paused.clear()
        self._woken.set()

    def cancel(self, job_id: int) -> bool:
        """Stop one job; what it has stored stays. False if it has ended already."""
        done = self._jobs.cancel(job_id)
        if done:
            self._cancelled.add(job_id)
        return done

    def retry(self, job_id: int) -> bool:
        """Queue a job again that has ended."""
        self._cancelled.discard(job_id)
        done = self._jobs.retry(job_id)
        self._woken.set()
        return done

    def status(self) -> QueueStatus:
        """How far the queue is now."""
        counts = self._jobs.count()
        pace = self._pace
        rate = pace.n_items / max(time.monotonic() - pace.began, 1e-3) if pace.began else 0.0
        return QueueStatus(
            counts=counts,
            paused=self._jobs.paused(),
            source=pace.source,
            items_per_s=round(rate, 2),
            seconds_left=self._seconds_left(rate),
            memory_mb=self._process.memory_info().rss // _MIB,
            peak_memory_mb=max(self._peak, self._process.memory_info().rss) // _MIB,
        )

    def _seconds_left(self, rate: float) -> float | None:
        """At this rate; None while a running job does not know how many items it has."""
        waiting = [job for job in self._jobs.listing() if not job.ended]
        if not rate or any(job.state == "running" and job.n_total is None for job in waiting):
            return None
        left = sum(max((job.n_total or 1) - job.n_done, 0) for job in waiting)
        return round(left / rate, 1)

    # Running

    def start(self) -> None:
        """Work in a thread of its own until ``stop``."""
        self._thread = threading.Thread(target=self._serve, name="ingest", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is under way is queued again."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(_END_S)  # a slow web server is not waited for

    def wait(self, ids: Sequence[int], moved: Moved | None = None) -> tuple[Job, ...]:
        """Until these jobs have ended: worked off here, or by the thread if there is one.

        ``moved`` is told of every step: the job that runs and the item that was last finished.

        Raises:
            BylineError: the queue is paused, or a job could not be done here.
        """
        while True:
            jobs = self._jobs.jobs(ids)
            if all(job.ended for job in jobs) or self._stopping.is_set():
                return jobs
            self._tell_moved(ids, moved)
            reason = self._jobs.paused()
            if reason is not None:
                raise BylineError(
                    f"the queue is {reason}; what was named is queued",
                    "go on with: byline queue resume",
                )
            if self._thread is None:
                self._drain(lambda: self._tell_moved(ids, moved))
                continue
            with self._moved:
                self._moved.wait(_POLL_S)

    def _tell_moved(self, ids: Sequence[int], moved: Moved | None) -> None:
        if moved is None:
            return
        running = (job for job in self._jobs.jobs(ids) if job.state == "running")
        moved(next(running, None), self._pace.source)

    def sleep(self, seconds: float) -> None:
        """Wait, unless there is something to stop for: how a crawler waits its turn."""
        give_up = time.monotonic() + seconds
        while (left := give_up - time.monotonic()) > 0:
            if self._stopping.wait(min(left, _POLL_S)) or self._paused.is_set():
                raise _Interrupted

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Nothing is taken out of the queue inside the block; waits for the item at hand."""
        guest = object()
        self._guests.add(guest)
        try:
            with self._working:
                yield
        finally:
            self._guests.discard(guest)
            self._woken.set()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._paused.is_set():
                    self._drain(lambda: None)
            except BylineError as error:
                log.warning("ingestion: %s", error)
                with suppress(BylineError):
                    self.pause(f"paused: {error}")
            except Exception:  # the edge of a thread: logged, and the next job is tried
                log.exception("ingestion")
            self._woken.wait(_POLL_S)
            self._woken.clear()

    def _drain(self, moved: Callable[[], None]) -> None:
        """Work off what is queued, until nothing is left, or it is paused or stopped."""
        if not self._jobs.count().get("queued"):
            return
        with self._working:
            self._pace = _Pace(began=time.monotonic())

            def tell(settled: Sequence[Settled]) -> None:
                self._settle(settled)
                moved()

            try:
                with (
                    closing(self._loader()) as loader,
                    Batch(self._index, self._embedder, tell, self._breathe) as batch,
                ):
                    self._take_jobs(loader, batch)
                    batch.finish()
            except _Interrupted:
                self._put_back()
            except BylineError as error:
                self._fail(error)
                raise
            except BaseException:
                with suppress(BylineError):
                    self._put_back()
                raise
            finally:
                self._pace.began = 0.0
                with self._moved:
                    self._moved.notify_all()

    def _take_jobs(self, loader: Loader, batch: Batch) -> None:
        while not (self._paused.is_set() or self._guests) and (job := self._jobs.take()):
            self._pace.open[job.job_id] = 0
            self._jobs.expect(job.job_id, loader.count([job.source]))
            for found in self._load(loader, job.source):
                if job.job_id in self._cancelled:
                    break
                self._pace.open[job.job_id] += 1
                put(batch, job.job_id, found)
            self._pace.loaded.add(job.job_id)
            self._finish([job.job_id])

    def _load(self, loader: Loader, source: str) -> Iterator[Found | Incoming]:
        if self.farm is None:
            return loader.load([source])
        return self.farm.load(loader, source)

    def _settle(self, settled: Sequence[Settled]) -> None:
        done: dict[int, list[tuple[Item, int]]] = defaultdict(list)
        for s in settled:
            done[s.job_id].append((s.item, s.n_passages))
        self._jobs.note(done)
        for job_id, items in done.items():
            self._pace.open[job_id] -= len(items)
        self._pace.n_items += len(settled)
        self._pace.source = settled[-1].item.source
        self._finish(list(done))
        self._weigh_memory()
        with self._moved:
            self._moved.notify_all()

    def _finish(self, job_ids: Sequence[int]) -> None:
        for job_id in job_ids:
            if job_id in self._pace.loaded and not self._pace.open.get(job_id):
                self._pace.open.pop(job_id, None)
                self._jobs.finish(job_id)

    def _put_back(self) -> None:
        for job_id in self._pace.open:
            self._jobs.put_back(job_id)

    def _fail(self, error: BylineError) -> None:
        with suppress(BylineError):  # with a full disk even this cannot be written
            for job_id in self._pace.open:
                self._jobs.fail(job_id, str(error))

    # Manners

    def _breathe(self) -> bool:
        """Between two small pieces of work: let questions go first, but not for ever."""
        crowded = self._is_busy()
        if crowded and time.monotonic() - self._rested > _SPELL_S:
            give_up = time.monotonic() + _PATIENCE_S
            while self._is_busy() and not self._stopping.is_set() and time.monotonic() < give_up:
                time.sleep(0.01)
            self._rested = time.monotonic()
        self._look()
        if self._stopping.is_set() or self._paused.is_set() or self._guests:
            raise _Interrupted
        return crowded

    def _look(self) -> None:
        """Once a second: what another process has noted in the queue."""
        if time.monotonic() - self._looked < _LOOK_S:
            return
        self._looked = time.monotonic()
        if self._jobs.paused() is not None:
            self._paused.set()
        under_way = self._jobs.jobs(tuple(self._pace.open))
        self._cancelled.update(job.job_id for job in under_way if job.state == "cancelled")

    def _weigh_memory(self) -> None:
        """Pause when the ceiling is reached and giving memory back does not help."""
        used = self._process.memory_info().rss
        self._peak = max(self._peak, used)
        if used <= self._ceiling:
            return
        _trim()
        used = self._process.memory_info().rss
        if used > self._ceiling:
            self.pause(
                f"paused: {used // _MIB:,} MiB of memory are in use, more than the ceiling of"
                f" {self._ceiling // _MIB:,} (BYLINE_MAX_MEMORY_MB)"
            )


def _trim() -> None:
    """Give back to the system what the allocator keeps for later."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
