"""What the page needs before anything is painted: light or dark as it was chosen, on our paper.

Gradio puts what it is given for the head there by its own script, long after the first picture: a
page that was chosen to be dark would flash. So its document is given a few lines on the way out,
inside of where Gradio compresses it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.routing import Mount

from web.headers import App, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi import FastAPI

# The paper of style.css, which comes later.
_PAPER = (
    "html,body{background:#fbfaf8!important}"
    "html:has(body.dark),body.dark{background:#161614!important}"
)


def early_html() -> str:
    """The lines for the head of any page of ours."""
    script = (Path(__file__).parent / "early.js").read_text("utf-8")
    return f"<style>{_PAPER}</style><script>{script}</script>"


def put_early(app: "FastAPI") -> None:
    """Have Gradio's application, which is mounted in this one, send the lines in its document."""
    for route in app.routes:
        if isinstance(route, Mount) and hasattr(route.app, "user_middleware"):
            route.app.user_middleware.append(Middleware(Early, lines=early_html()))


class Early:
    """ASGI middleware: puts the lines at the beginning of the head of the document at ``/``."""

    def __init__(self, app: App, lines: str) -> None:
        self._app = app
        self._lines = lines.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the one document is held until it is whole."""
        if scope["type"] != "http" or scope["path"].rstrip("/") not in ("", scope["root_path"]):
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []
        body = bytearray()

        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                if not _is_page(message):
                    await send(message)
                return
            if not begun or not _is_page(begun[0]):
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(begun[0], bytes(body), send)

        await self._app(scope, receive, held)

    async def _finish(self, start: Message, body: bytes, send: Send) -> None:
        whole = body.replace(b"<head>", b"<head>" + self._lines, 1)
        kept = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
        length = (b"content-length", str(len(whole)).encode())
        await send({**start, "headers": [*kept, length]})
        await send({"type": "http.response.body", "body": whole})


def _is_page(start: Message) -> bool:
    headers: Any = start.get("headers", ())
    return any(k.lower() == b"content-type" and v.startswith(b"text/html") for k, v in headers)
