"""Serving: API routes first, the page at the root, headers around both, and a clean end."""

import atexit
import errno
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from rag.errors import BylineError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from gradio import Blocks

    from rag.users import Users
    from web.asking import Asker
    from web.desk import Desk

# An answer under way may end by itself for this long; then its reader is told that it will not.
PATIENCE_S = 2.0
# Whoever still holds a connection after this is cut off.
GRACE_S = 5
# So long threads that answer or evaluate may take to notice that nobody waits any more.
ENDING_S = 2.0
ASKING, TRIAL = "ask", "trial"  # their names
# So long a deleted conversation can be brought back; it goes for good with a start after that.
KEPT_DELETED = timedelta(days=30)
# Gradio reads the whole upload at once, so this is the outer wall; each file has its own limit.
MAX_UPLOADS = 10
# Events of the page under way at a time. Gradio keeps further ones waiting without a word (after
# 40, if it is not told otherwise): who asks would not even hear that the server is busy, which
# ``Asker`` says, nor would a page be drawn. So it is more than are ever under way.
MAX_EVENTS = 1_000
# How often Gradio looks for a new event. A thousand times a second, as it is made, costs a
# twentieth of a core with nobody there, and switches threads where there is work.
LOOK_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who is let in."""

    login: bool = False  # ask for a login on loopback, too
    allow_remote: bool = False  # let in whoever reaches the address, as long as nobody can log in
    behind_proxy: bool = False  # believe a reverse proxy about the client's address and https


def build_app(
    desk: "Desk", hosts: frozenset[str] | None = None, users: "Users | None" = None
) -> "FastAPI":
    """The whole web application over one open archive.

    ``hosts``: the only host names that are served; None serves any. ``users``: who may log in;
    None lets everybody do everything. Each visitor is served at a pace, but on loopback without
    a login.
    """
    _tame_gradio(desk.home.resolve() / "incoming")
    import anyio.to_thread
    import gradio as gr
    from fastapi import FastAPI

    from rag.i18n import use
    from web.api import handle_errors, routes
    from web.asking import MAX_RUNNING, Asker
    from web.early import put_early
    from web.locales import load_words
    from web.page import build_page, script, style, theme
    from web.scoring import Scorer
    from web.trials import Trials

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = MAX_RUNNING
        scorer.start()
        yield
        scorer.stop()
        trials.stop(PATIENCE_S)

    words = load_words(desk.settings.locale)
    use(words.server, words.separators)
    scorer, trials = Scorer(desk), Trials(desk)
    app = FastAPI(
        title="Byline", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    _fence(app, desk, hosts, users)
    handle_errors(app)
    asker = app.state.asker = Asker(desk)
    app.include_router(routes(desk, asker, trials))
    gr.mount_gradio_app(
        app,
        _hurried(build_page(desk, asker, scorer.submit)),
        path="/",
        theme=theme(),
        # In the head: Gradio would rewrite the selectors of its css argument.
        head=f"<style>{style()}</style>",
        js=script(words.page),
        max_file_size=f"{desk.settings.max_upload_mb * MAX_UPLOADS}mb",
        show_error=False,
        ssr_mode=False,
        run_history=False,
        footer_links=[],
    )
    put_early(app)
    return app


def _tame_gradio(incoming: Path) -> None:
    """Before Gradio is imported: it reports home unless told not to, and keeps uploads in /tmp."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    shutil.rmtree(incoming, ignore_errors=True)  # left by uploads that were never finished
    os.environ["GRADIO_TEMP_DIR"] = str(incoming)


def _hurried(page: "Blocks") -> "Blocks":
    """The page, its queue set as Gradio has no argument for where a page is mounted."""
    page._queue.max_thread_count = MAX_EVENTS
    page._queue.sleep_when_free = LOOK_S
    return page


def _fence(
    app: "FastAPI", desk: "Desk", hosts: frozenset[str] | None, users: "Users | None"
) -> None:
    """Put around the application what every request has to pass; the last one is met first."""
    from web.headers import SecurityHeaders
    from web.login import Login
    from web.pace import Pace
    from web.streams import OwnStreams
    from web.visitors import Locals

    if hosts is None or users is not None:
        app.add_middleware(Pace)
    if users is None:
        app.add_middleware(Locals)
    else:
        app.add_middleware(OwnStreams)
        app.add_middleware(Login, users=users, token=desk.token)
    app.add_middleware(SecurityHeaders, hosts=hosts)


def serve(
    desk: "Desk",
    host: str,
    port: int,
    *,
    entry: Entry = Entry(),
    ready: Callable[[str], object] = str,
) -> None:
    """Serve until interrupted or terminated; running answers get a few seconds to end.

    ``ready`` is told the address, once it is listened on.

    Raises:
        BylineError: the port is taken, or nobody could log in where a login is needed.
    """
    from rag.home import Home
    from web.headers import LOOPBACK_NAMES

    is_local = host in LOOPBACK_NAMES
    users = users_of(desk, host, entry)
    desk.chats.empty_bin(datetime.now(UTC) - KEPT_DELETED)
    listening = listen(host, port)
    try:
        hosts = LOOPBACK_NAMES if is_local and not entry.behind_proxy else None
        app = build_app(desk, hosts, users)
        config = config_of(app, entry)
        Home(desk.home).publish(url_of(host, port), desk.token)
        print(f"Byline is at {url_of(host, port)}", file=sys.stderr)  # noqa: T201  # for the user
        ready(url_of(host, port))
        _end_quietly()
        _Server(config, app.state.asker).run(sockets=[listening])
        _let_end()
    finally:
        listening.close()


def config_of(app: "FastAPI", entry: Entry) -> uvicorn.Config:
    """How the application is served."""
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=entry.behind_proxy,  # sent from 127.0.0.1, or from FORWARDED_ALLOW_IPS
    )


def users_of(desk: "Desk", host: str, entry: Entry) -> "Users | None":
    """Who may log in; None if everybody is let in without.

    As soon as there is a user, everybody logs in. Without one the page is for this machine alone,
    unless it is said that whoever reaches it may do everything.

    Raises:
        BylineError: a login is needed and nobody could log in.
    """
    from rag.users import Users
    from web.headers import LOOPBACK_NAMES

    users = Users(desk.database)
    if users.anybody():
        return users
    if entry.login:
        raise BylineError(
            "nobody can log in here yet", "add somebody: byline user add NAME --role editor"
        )
    is_alone = host in LOOPBACK_NAMES and not entry.behind_proxy
    if not is_alone and not entry.allow_remote:
        raise BylineError(
            f"{host} can be reached from other machines and there is no login yet",
            "add a user: byline user add NAME --role editor;"
            " or add --allow-remote if everybody there may read and change all of it",
        )
    return None


class _Server(uvicorn.Server):
    """A server that does not wait longer for an answer than its reader should."""

    def __init__(self, config: uvicorn.Config, asker: "Asker") -> None:
        super().__init__(config)
        self._asker = asker

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On a signal: let answers end for a moment, then end them."""
        patience = threading.Timer(PATIENCE_S, self._asker.stop)
        patience.daemon = True
        patience.start()
        super().handle_exit(sig, frame)


def _let_end() -> None:
    """Wait a moment for what computes: cut off inside a library, it would take the process along.

    Python ends a thread that comes back from native code after the end, and C++ aborts at that. So
    where one needs longer the process leaves by itself, after the archive was closed.
    """
    until = time.monotonic() + ENDING_S
    computing = [thread for thread in threading.enumerate() if thread.name in (ASKING, TRIAL)]
    for thread in computing:
        thread.join(max(0.0, until - time.monotonic()))
    if any(thread.is_alive() for thread in computing):
        atexit.register(os._exit, 0)


def _end_quietly() -> None:
    # uvicorn stops on these and then raises them again: without a handler of our own the process
    # would die of the signal instead of leaving with 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def url_of(host: str, port: int) -> str:
    """The address to open in a browser."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a taken port is known before anything is loaded.

    Raises:
        BylineError: another program has the port, or the address is not one of this machine.
    """
    from web.ports import holder_of

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise BylineError(
                f"port {port} is taken by {holder_of(port)}", "choose another with --port"
            ) from None
        raise BylineError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listening
