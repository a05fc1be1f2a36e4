"""How often somebody may fail to log in, by name and by client."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_KEPT = 10_000
# After so many quiet seconds what failed before is forgotten.
FORGET_S = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """So many failures are free; then each doubles the wait, up to a limit."""

    n_free: int
    max_wait_s: float

    def wait_s(self, n_failed: int) -> float:
        """How long the next try has to wait after so many failures."""
        over = n_failed - self.n_free
        return 0.0 if over < 0 else min(self.max_wait_s, 2.0 ** min(over, 30))


# A name waits a minute at most, or whoever guesses could keep its owner out: 1,500 guesses a day
# of one password. A client, which may stand for an office, has more tries and a longer wait.
BY_NAME = Patience(n_free=5, max_wait_s=60.0)
BY_CLIENT = Patience(n_free=10, max_wait_s=900.0)


class Throttle:
    """Counts failed tries and says how long to wait; keeps a bounded number of keys."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how often, when last

    def wait_s(self, name: str, client: str) -> float:
        """How long the next try has to wait; 0 if it may be made now."""
        now = self._clock()
        return max(self._left_s(key, patience, now) for key, patience in _keys(name, client))

    def note_try(self, name: str, client: str) -> None:
        """Count a try as failed before its password is checked, so that none slips in beside."""
        now = self._clock()
        for key, _ in _keys(name, client):
            self._failed[key] = (self._count(key, now) + 1, now)
            self._failed.move_to_end(key)
        while len(self._failed) > MAX_KEPT:
            self._failed.popitem(last=False)

    def note_success(self, name: str, client: str) -> None:
        """It was right: the name starts anew, the client has one failure less.

        Not all are forgiven: between guesses somebody could log in under a name of their own.
        """
        (by_name, _), (by_client, _) = _keys(name, client)
        self._failed.pop(by_name, None)
        if by_client in self._failed:
            n_failed, since = self._failed[by_client]
            self._failed[by_client] = (max(0, n_failed - 1), since)

    def _left_s(self, key: str, patience: Patience, now: float) -> float:
        since = self._failed.get(key, (0, now))[1]
        return max(0.0, since + patience.wait_s(self._count(key, now)) - now)

    def _count(self, key: str, now: float) -> int:
        n_failed, since = self._failed.get(key, (0, now))
        return n_failed if now - since < FORGET_S else 0


def _keys(name: str, client: str) -> Sequence[tuple[str, Patience]]:
    return ((f"name:{name.strip().casefold()[:100]}", BY_NAME), (f"client:{client}", BY_CLIENT))
