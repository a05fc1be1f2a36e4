"""The routes of the API and the page, as one visitor calls them."""

from typing import Any

from fastapi import FastAPI

from web.api import handle_errors, routes
from web.asking import Asker
from web.headers import SecurityHeaders
from web.visitors import LOCAL, SCOPE_KEY, Visitor


class As:
    """ASGI middleware: every request is this visitor's."""

    def __init__(self, app: Any, visitor: Visitor) -> None:
        self._app = app
        self._visitor = visitor

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope[SCOPE_KEY] = self._visitor
        await self._app(scope, receive, send)


def api_of(
    desk: Any,
    max_running: int = 64,
    hosts: frozenset[str] | None = None,
    visitor: Visitor = LOCAL,
) -> FastAPI:
    app = FastAPI()
    app.add_middleware(As, visitor=visitor)
    app.add_middleware(SecurityHeaders, hosts=hosts)
    handle_errors(app)
    app.include_router(routes(desk, Asker(desk, max_running)))
    return app
