"""Security headers on every response, and refusal of foreign host names on loopback.

Plain ASGI, so that a stream passes piece by piece.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# Gradio's page needs inline scripts, inline styles and eval; everything else stays at home.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class SecurityHeaders:
    """Adds the headers to every response; ``hosts``, when given, are the only names served.

    A page elsewhere can point a name of its own at 127.0.0.1 and would then be of the same
    origin as this server: so on loopback only the names of loopback are answered.
    """

    def __init__(self, app: App, hosts: frozenset[str] | None = None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with headers put on the start of its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in HEADERS}
                kept = [(k, v) for k, v in message.get("headers", ()) if k.lower() not in names]
                message["headers"] = [*kept, *HEADERS]
            await send(message)

        if self._hosts is not None and _host(scope) not in self._hosts:
            await _refuse(send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def header(scope: Scope, name: str) -> str:
    """The first header of this name, in lower case; empty if there is none."""
    wanted = name.encode()
    return next((v for k, v in scope["headers"] if k == wanted), b"").decode("latin-1")


def client_of(scope: Scope) -> str:
    """The address that the request came from; empty if the server does not know."""
    return str((scope.get("client") or ("",))[0])


def _host(scope: Scope) -> str:
    try:
        return urlsplit(f"//{header(scope, 'host')}").hostname or ""
    except ValueError:
        return ""


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": b"This server answers to localhost only.\n"})
