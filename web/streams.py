"""Keeps the event streams of Gradio apart: each visitor's session names are their own.

Gradio gives the events of a session to whoever names it, and the name is made up by the page.
Here every name that a request brings is replaced by one that nobody else's request can give:
a keyed hash of the visitor and the name. So a foreign name leads to a session that is not there.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from web.faults import Refused
from web.headers import App, Message, Receive, Scope, Send
from web.refusing import refuse
from web.visitors import Visitor, visitor_in

GRADIO = "/gradio_api/"
HEARTBEAT = f"{GRADIO}heartbeat/"
UPLOAD = f"{GRADIO}upload"
# All that the page asks of Gradio. Its other routes run the same events past the queue, hand out
# files, or take names of sessions where they are not looked for.
KNOWN = frozenset(
    GRADIO + name
    for name in "queue/join queue/data cancel reset upload upload_progress startup-events".split()
)
# Names of sessions and of uploads under way, as the page makes them up.
_NAMES = ("session_hash", "upload_id")
# A question comes with its conversation.
MAX_BODY_BYTES = 10_000_000


class OwnStreams:
    """ASGI middleware below the login: foreign sessions cannot be named, readers cannot upload."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._key = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its names made the visitor's own."""
        if scope["type"] != "http" or not scope["path"].startswith(GRADIO):
            await self._app(scope, receive, send)
            return
        try:
            visitor = visitor_in(scope)
            _check(scope["path"], visitor)
            if scope["method"] == "POST" and scope["path"] != UPLOAD:
                receive = _replayed(self._own_body(await _body(receive), visitor), receive)
        except Refused as error:
            await refuse(scope, receive, send, error)
            return
        await self._app(self._own_scope(scope, visitor), receive, send)

    def _own(self, name: str, visitor: Visitor) -> str:
        told = f"{visitor.name}\0{name}".encode("utf-8", "replace")
        return hashlib.blake2b(told, key=self._key, digest_size=16).hexdigest()

    def _own_scope(self, scope: Scope, visitor: Visitor) -> Scope:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        owned = [(k, self._own(v, visitor) if k in _NAMES else v) for k, v in query]
        path = scope["path"]
        if path.startswith(HEARTBEAT):
            path = HEARTBEAT + self._own(path.removeprefix(HEARTBEAT), visitor)
        changed = {
            "query_string": urlencode(owned).encode(),
            "path": path,
            "raw_path": path.encode(),
        }
        # The body may have another length now.
        headers = [(k, v) for k, v in scope["headers"] if k != b"content-length"]
        return {
            **scope,
            **changed,
            "headers": headers if scope["path"] != UPLOAD else scope["headers"],
        }

    def _own_body(self, body: bytes, visitor: Visitor) -> bytes:
        try:
            given = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            raise Refused(400, "the body is not JSON", "reload the page") from None
        if not isinstance(given, dict):
            raise Refused(422, "the body is not a JSON object", "reload the page")
        names: Mapping[str, Any] = {k: given[k] for k in _NAMES if given.get(k) is not None}
        return json.dumps(
            {**given, **{k: self._own(str(v), visitor) for k, v in names.items()}}
        ).encode()


def _check(path: str, visitor: Visitor) -> None:
    is_heartbeat = path.startswith(HEARTBEAT) and "/" not in path.removeprefix(HEARTBEAT)
    if path not in KNOWN and not is_heartbeat:
        raise Refused(404, "the page has no such address", "reload the page")
    if path == UPLOAD and not visitor.may_edit:
        raise Refused(403, "readers cannot add articles", "ask an editor to do it")


async def _body(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, "the request broke off", "try again")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, f"the request is larger than {MAX_BODY_BYTES:,} bytes", "say less")
    return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body again, once; then whatever comes, such as that the client has left."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
