"""Who is asking: a name and what they may do.

Every request carries its visitor in its ASGI scope, put there by the one middleware that knows
who that is. Whatever serves a page or changes something asks here, never a cookie.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from rag.i18n import tr
from rag.render_html import esc
from rag.users import Role
from web.faults import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

SCOPE_KEY = "byline.visitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who uses the page or the API."""

    name: str  # "" where nobody logs in
    role: Role

    @property
    def may_edit(self) -> bool:
        """True if they may change the archive and its settings."""
        return self.role == "editor"


# On this machine alone, nobody logs in: whoever can reach the page could as well run the command.
LOCAL = Visitor(name="", role="editor")


class HasScope(Protocol):
    """A request of Starlette, or Gradio's wrapping of one."""

    @property
    def scope(self) -> MutableMapping[str, Any]:
        """The ASGI scope."""
        ...


def visitor_of(request: HasScope) -> Visitor:
    """Who sent this request.

    Raises:
        Refused: nobody said; a request that went past the middleware is nobody's.
    """
    return visitor_in(request.scope)


def visitor_in(scope: MutableMapping[str, Any]) -> Visitor:
    """The same, for middleware.

    Raises:
        Refused: nobody said.
    """
    found = scope.get(SCOPE_KEY)
    if not isinstance(found, Visitor):
        raise Refused(401, "This needs a login", "log in and try again")
    return found


def editor_of(request: HasScope) -> Visitor:
    """The same, if they may change the archive.

    Raises:
        Refused: they may only read, or nobody said who they are.
    """
    visitor = visitor_of(request)
    if not visitor.may_edit:
        raise Refused(403, "Readers cannot change the archive", "ask an editor to do it")
    return visitor


def visitor_html(visitor: Visitor) -> str:
    """Who is logged in, with the button to log out; empty where nobody logs in."""
    if not visitor.name:
        return ""
    role = "" if visitor.may_edit else f' <span class="byline-role">{esc(tr("reader"))}</span>'
    return (
        '<form class="byline-visitor" method="post" action="/logout">'
        f'<bdi class="byline-name">{esc(visitor.name)}</bdi>{role} '
        f'<button type="submit" class="byline-logout">{esc(tr("Log out"))}</button></form>'
    )


def from_page(request: "Request") -> None:
    """Let pass only what our own page sends: a form of another site cannot send JSON unasked.

    Raises:
        Refused: the request comes from elsewhere, or is no JSON.
    """
    is_json = request.headers.get("content-type", "").split(";")[0] == "application/json"
    if not is_json or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Refused(403, "Only the page itself may do this", "reload the page")


class Locals:
    """ASGI middleware for a page without a login: everybody is the one at this machine."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Pass the request on, with its visitor."""
        scope[SCOPE_KEY] = LOCAL
        await self._app(scope, receive, send)
