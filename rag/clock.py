"""How long each stage of an answer took."""

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any


class Clock:
    """Milliseconds of wall time per stage; a stage entered twice adds up.

    A stage that computes does so inside ``place``, where many who ask take turns; the wait for it
    counts to the total alone.
    """

    def __init__(self, place: AbstractContextManager[object] | None = None) -> None:
        self._place = place or nullcontext()
        self._waits = False
        self.timings_ms: dict[str, float] = {}
        self._began = time.perf_counter()
        self._stage = ""
        self._entered = 0.0

    def __call__(self, stage: str, *, waits: bool = False) -> "Clock":
        """Name the stage of the coming ``with`` block; one that ``waits`` computes nothing much."""
        self._stage, self._waits = stage, waits
        return self

    def __enter__(self) -> None:
        if not self._waits:
            self._place.__enter__()
        self._entered = time.perf_counter()

    def __exit__(self, *raised: Any) -> None:
        if not self._waits:
            self._place.__exit__(*raised)
        spent = (time.perf_counter() - self._entered) * 1e3
        self.timings_ms[self._stage] = self.timings_ms.get(self._stage, 0.0) + spent

    def read(self) -> dict[str, float]:
        """All stages and the total, rounded to the microsecond."""
        total = (time.perf_counter() - self._began) * 1e3
        return {k: round(v, 3) for k, v in {**self.timings_ms, "total": total}.items()}
