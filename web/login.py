"""The login: who a request comes from, by session, password or the server's token.

Plain ASGI, so that a stream passes piece by piece. What is not logged in gets no further than this
file, but for the few addresses in ``OPEN``.
"""

import base64
import binascii
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote, urlsplit

import anyio
from anyio.to_thread import run_sync
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rag.errors import UserMissing
from rag.i18n import msgid, tr, trn
from rag.users import MAX_NAME, SESSION, User, Users
from web.faults import Refused
from web.headers import App, Message, Receive, Scope, Send, client_of, header
from web.login_page import local_path, login_html, onward_html
from web.refusing import refuse
from web.throttle import Throttle
from web.visitors import LOCAL, SCOPE_KEY, Visitor

COOKIE = "byline_session"
# Seen without a login. A shared conversation is protected by the token in its address.
OPEN = frozenset({"/healthz", "/favicon.ico", "/robots.txt"})
SHARED = "/s/"
# Kept by browsers; they hold nothing of the archive.
ASSETS = ("/assets/", "/static/", "/theme.css")
API = ("/v1/", "/page/", "/gradio_api/")
MAX_FORM_BYTES = 10_000
# Each check takes 64 MiB, and a core for a moment.
MAX_CHECKS = 2
MAX_KNOWN = 1_000
WRONG = msgid("That name and password do not fit together.")


class TooManyTries(Refused):
    """Nobody may try for a while."""

    def __init__(self, wait_s: float) -> None:
        self.minutes = 0 if wait_s < 90 else round(wait_s / 60)
        self.seconds = max(2, round(wait_s))
        wait = f"{self.minutes} minutes" if self.minutes else f"{self.seconds} seconds"
        super().__init__(429, "too many failed logins", f"wait {wait}")

    def told(self) -> str:
        """The same on the page."""
        if self.minutes:
            return trn(
                "Too many tries failed. Please wait {n} minute, then try again.",
                "Too many tries failed. Please wait {n} minutes, then try again.",
                self.minutes,
            )
        return trn(
            "Too many tries failed. Please wait {n} second, then try again.",
            "Too many tries failed. Please wait {n} seconds, then try again.",
            self.seconds,
        )


class Login:
    """ASGI middleware that knows every visitor, or sends them to the page to log in."""

    def __init__(
        self, app: App, users: Users, token: str = "", throttle: Throttle | None = None
    ) -> None:
        self._app = app
        self._users = users
        self._token = token  # of the server, for the command line of this machine; "" is none
        self._throttle = throttle or Throttle()
        self._checks = anyio.CapacityLimiter(MAX_CHECKS)
        # Passwords that were right a while ago, so that not every call of the API is slow.
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._key = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its visitor, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":  # the page has no web socket
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"] == "/login":
            await (await self._log_in(scope, receive))(scope, receive, send)
        elif scope["path"] == "/logout":
            await self._log_out(scope)(scope, receive, send)
        else:
            await self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            visitor = await self._visitor(scope)
        except Refused as error:
            await refuse(scope, receive, send, error)
            return
        if visitor is not None:
            scope[SCOPE_KEY] = visitor
        elif not _is_open(scope):
            await _turn_away(scope, receive, send)
            return
        await self._app(scope, receive, _unkept(scope, send))

    # Who it is

    async def _visitor(self, scope: Scope) -> Visitor | None:
        """Who sent this; None if they did not say.

        Raises:
            Refused: what they said is wrong.
        """
        scheme, _, said = header(scope, "authorization").partition(" ")
        if scheme.lower() == "bearer":
            return self._of_token(said.strip())
        if scheme.lower() == "basic" and scope["path"].startswith("/v1/"):
            return await self._of_password(scope, said.strip())
        user = self._of_session(scope)
        if user is not None and _is_foreign(scope):
            raise Refused(403, "another site may not do this", "do it on the page itself")
        return None if user is None else _visitor(user)

    def _of_token(self, said: str) -> Visitor:
        expected = self._token.encode()
        if not expected or not secrets.compare_digest(said.encode("utf-8", "replace"), expected):
            raise Refused(401, "this is not the server's token", "see HOME/server.json")
        return LOCAL

    def _of_session(self, scope: Scope) -> User | None:
        token = _cookie(scope)
        # One row by its key, 20 microseconds: handing it to a thread would take longer.
        return self._users.of_session(token) if token else None

    async def _of_password(self, scope: Scope, said: str) -> Visitor:
        try:
            name, _, password = base64.b64decode(said, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            raise Refused(
                401, "the password cannot be read", "send name:password in Base64"
            ) from None
        found = self._remembered(name, password)
        if found is None:
            found = await self._check(name, password, client_of(scope))
            if found is None:
                raise Refused(401, WRONG.lower().rstrip("."), "try again")
            self._remember(found, password)
        return _visitor(found)

    def _remembered(self, name: str, password: str) -> User | None:
        try:
            user = self._users.get(name)
        except UserMissing:
            return None
        return user if self._print(user, password) in self._known else None

    def _remember(self, user: User, password: str) -> None:
        self._known[self._print(user, password)] = None
        while len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)

    def _print(self, user: User, password: str) -> bytes:
        """A keyed hash of a user and a password; another once either was changed."""
        parts = (self._users.stamp(user.name), user.name, password)
        told = "\0".join(parts).encode("utf-8", "replace")
        return hashlib.blake2b(told, key=self._key, digest_size=32).digest()

    async def _check(self, name: str, password: str, client: str) -> User | None:
        """The user, if the password is theirs.

        Raises:
            TooManyTries: of late, for this name or from this place.
        """
        self._stop_guessing(name, client)
        async with self._checks:
            # Again: others may have failed while this one waited for its turn.
            self._stop_guessing(name, client)
            self._throttle.note_try(name, client)
            user = await run_sync(self._users.authenticate, name, password)
        if user is not None:
            self._throttle.note_success(name, client)
        return user

    def _stop_guessing(self, name: str, client: str) -> None:
        wait_s = self._throttle.wait_s(name, client)
        if wait_s > 0:
            raise TooManyTries(wait_s)

    # The page to log in

    async def _log_in(self, scope: Scope, receive: Receive) -> Response:
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20)
        goal = local_path(query.get("next", ["/"])[0])
        if scope["method"] in ("GET", "HEAD"):
            return _onward(goal) if self._of_session(scope) else _page(login_html(goal))
        if scope["method"] != "POST":
            return Response(status_code=405, headers={"allow": "GET, POST"})
        if _is_foreign(scope):
            problem = tr("Please log in here, not on another site.")
            return _page(login_html(problem=problem), 403)
        given = await _form(receive)
        goal, name = local_path(given.get("next", "/")), given.get("name", "").strip()
        try:
            user = await self._check(name, given.get("password", ""), client_of(scope))
        except TooManyTries as error:
            return _page(login_html(goal, name[:MAX_NAME], error.told()), error.status)
        if user is None:
            return _page(login_html(goal, name[:MAX_NAME], tr(WRONG)), 401)
        return self._let_in(scope, user, goal)

    def _let_in(self, scope: Scope, user: User, goal: str) -> Response:
        if before := _cookie(scope):
            self._users.end_session(before)
        response = _onward(goal)
        token = self._users.start_session(user, header(scope, "user-agent"))
        _set_cookie(response, scope, token, int(SESSION.total_seconds()))
        return response

    def _log_out(self, scope: Scope) -> Response:
        if scope["method"] != "POST":  # a link or an image must not log anybody out
            return _onward("/")
        # The page sends no referrer, so without https a browser says "null" of where it is: the
        # cookie alone, which no other site can send, has to do.
        if _is_foreign(scope) and header(scope, "origin") != "null":
            return _onward("/")
        if token := _cookie(scope):
            self._users.end_session(token)
        response = _onward("/login")
        _set_cookie(response, scope, "", 0)
        # What the page kept in the browser is not for whoever logs in next.
        response.headers["clear-site-data"] = '"storage"'
        return response


def _visitor(user: User) -> Visitor:
    return Visitor(name=user.name, role=user.role)


def _is_open(scope: Scope) -> bool:
    path = scope["path"]
    is_shared = path.startswith(SHARED) and "/" not in path.removeprefix(SHARED)
    return scope["method"] in ("GET", "HEAD") and (path in OPEN or is_shared)


def _is_foreign(scope: Scope) -> bool:
    """True if a page of another origin sent this, and it may change something."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    site = header(scope, "sec-fetch-site")  # browsers say it over https and on loopback
    if site:
        return site not in ("same-origin", "none")
    origin = header(scope, "origin")
    if not origin:
        return False  # no browser
    return urlsplit(origin).netloc != header(scope, "host")


async def _turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    """To the page to log in, or the API's refusal."""
    wants_page = scope["method"] in ("GET", "HEAD") and "text/html" in header(scope, "accept")
    if not wants_page or scope["path"].startswith(API):
        error = Refused(401, "this needs a login", "log in, or send Authorization")
        await refuse(scope, receive, send, error, {"www-authenticate": 'Bearer realm="byline"'})
        return
    query = scope["query_string"].decode("latin-1")
    here = local_path(quote(scope["path"], safe="/") + (f"?{query}" if query else ""))
    response: Response
    if header(scope, "sec-fetch-site") == "cross-site":
        response = _page(onward_html(here))
    else:
        response = _onward("/login" if here == "/" else f"/login?next={quote(here, safe='')}")
    await response(scope, receive, send)


def _unkept(scope: Scope, send: Send) -> Send:
    """What only some may see is kept by no cache, unless it says otherwise itself."""
    if scope["path"].startswith(ASSETS):
        return send

    async def send_unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if not any(k.lower() == b"cache-control" for k, _ in headers):
                message["headers"] = [*headers, (b"cache-control", b"private, no-store")]
        await send(message)

    return send_unkept


def _page(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})


def _onward(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers={"cache-control": "no-store"})


def _cookie(scope: Scope) -> str:
    try:
        found = SimpleCookie(header(scope, "cookie")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _set_cookie(response: Response, scope: Scope, value: str, max_age: int) -> None:
    is_https = scope.get("scheme") == "https"
    response.set_cookie(
        COOKIE, value, max_age=max_age, path="/", httponly=True, samesite="strict", secure=is_https
    )


async def _form(receive: Receive) -> Mapping[str, str]:
    """The fields of a form; none if it is too long to be one of ours."""
    body, more = bytearray(), True
    while more and len(body) <= MAX_FORM_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if len(body) > MAX_FORM_BYTES:
        return {}
    try:
        given = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in given.items()}
