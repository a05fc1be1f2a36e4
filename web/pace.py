"""How often one client may ask, where others than the user of this machine can reach the server."""

import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from web.headers import App, Message, Receive, Scope, Send

# Ten questions at once, then one every two seconds: more than a reader asks, less than a script.
BURST = 10
PER_MINUTE = 30
MAX_CLIENTS = 10_000
PACED = ("/v1/ask", "/gradio_api/queue/join", "/gradio_api/upload")


class Pace:
    """Refuses a client's requests with 429 when its bucket of tokens is empty.

    On loopback it is not used: there the limit on running answers alone says "busy".
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
            await _refuse(send, wait_s)
        else:
            await self._app(scope, receive, send)

    def _wait_s(self, scope: Scope) -> float:
        """Take a token of this client; else how long until there is one."""
        client = str((scope.get("client") or ("",))[0])
        now = self._clock()
        tokens, since = self._buckets.pop(client, (float(BURST), now))
        tokens = min(BURST, tokens + (now - since) * PER_MINUTE / 60)
        left = tokens - 1 if tokens >= 1 else tokens
        self._buckets[client] = (left, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if tokens >= 1 else (1 - tokens) * 60 / PER_MINUTE


async def _refuse(send: Send, wait_s: float) -> None:
    told = {
        "message": "too many requests from this address",
        "hint": f"wait {wait_s:.0f} seconds",
        "request_id": secrets.token_hex(6),
    }
    headers = [
        (b"content-type", b"application/json"),
        (b"retry-after", str(max(1, round(wait_s))).encode()),
    ]
    start: Message = {"type": "http.response.start", "status": 429, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": json.dumps({"error": told}).encode()})
