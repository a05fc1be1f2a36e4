"""How long each stage of an answer took."""

import time


class Clock:
    """Milliseconds of wall time per stage; a stage entered twice adds up."""

    def __init__(self) -> None:
        self.timings_ms: dict[str, float] = {}
        self._began = time.perf_counter()
        self._stage = ""
        self._entered = 0.0

    def __call__(self, stage: str) -> "Clock":
        """Name the stage that the coming ``with`` block belongs to."""
        self._stage = stage
        return self

    def __enter__(self) -> None:
        self._entered = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = (time.perf_counter() - self._entered) * 1e3
        self.timings_ms[self._stage] = self.timings_ms.get(self._stage, 0.0) + spent

    def read(self) -> dict[str, float]:
        """All stages and the total, rounded to the microsecond."""
        total = (time.perf_counter() - self._began) * 1e3
        return {k: round(v, 3) for k, v in {**self.timings_ms, "total": total}.items()}
