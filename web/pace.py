"""How often one visitor may ask, where others than the user of this machine can come in."""

import time
from collections import OrderedDict
from collections.abc import Callable

from web.faults import Refused
from web.headers import App, Receive, Scope, Send, client_of
from web.refusing import refuse
from web.visitors import SCOPE_KEY, Visitor

# Ten questions at once, then one every two seconds: more than a reader asks, less than a script.
BURST = 10
PER_MINUTE = 30
# Who is known by name may do twice as much; a click in the library counts like a question.
USER_BURST = 20
USER_PER_MINUTE = 60
MAX_CLIENTS = 10_000
# Gradio lets the same events be run in four ways.
PACED = ("/v1/ask", *(f"/gradio_api/{way}" for way in "queue/join upload run/ api/ call/".split()))


class Pace:
    """Refuses a visitor's requests with 429 when their bucket of tokens is empty.

    A bucket belongs to a user, or where nobody is known by name to a client's address. On loopback
    without a login it is not used: there the limit on running answers alone says "busy".
    """

    def __init__(self, app: App, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, since when

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        is_paced = scope["type"] == "http" and scope["path"].startswith(PACED)
        wait_s = self._wait_s(scope) if is_paced else 0.0
        if wait_s > 0:
            error = Refused(429, "too many requests", f"wait {max(1, round(wait_s))} seconds")
            headers = {"retry-after": str(max(1, round(wait_s)))}
            await refuse(scope, receive, send, error, headers)
        else:
            await self._app(scope, receive, send)

    def _wait_s(self, scope: Scope) -> float:
        """Take a token out of this visitor's bucket; else how long until there is one."""
        key, burst, per_minute = _bucket(scope)
        now = self._clock()
        tokens, since = self._buckets.pop(key, (float(burst), now))
        tokens = min(burst, tokens + (now - since) * per_minute / 60)
        left = tokens - 1 if tokens >= 1 else tokens
        self._buckets[key] = (left, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if tokens >= 1 else (1 - tokens) * 60 / per_minute


def _bucket(scope: Scope) -> tuple[str, int, int]:
    """Whose bucket, how many it holds, and how many come back in a minute."""
    visitor = scope.get(SCOPE_KEY)
    if isinstance(visitor, Visitor) and visitor.name:
        return f"user:{visitor.name}", USER_BURST, USER_PER_MINUTE
    return f"client:{client_of(scope)}", BURST, PER_MINUTE
