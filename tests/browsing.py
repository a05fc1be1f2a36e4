"""A real browser and a real server for tests of the page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pytest
import uvicorn

from web.headers import LOOPBACK_NAMES
from web.serve import build_app, listen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

    from rag.users import Users

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
# What each page loaded from elsewhere, threw or popped up.
STRAYS: "WeakKeyDictionary[Page, list[str]]" = WeakKeyDictionary()


@contextmanager
def launched() -> Iterator["Browser"]:
    """A browser, or the test is skipped."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


class Served:
    """A desk behind the real application, in a thread."""

    def __init__(self, desk: Any, users: "Users | None" = None) -> None:
        self.desk = desk
        self._listening = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        app = build_app(desk, LOOPBACK_NAMES, users)
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1, proxy_headers=False)
        )
        sockets = {"sockets": [self._listening]}
        self._thread = threading.Thread(target=self._server.run, kwargs=sockets)
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)


def open_page(browser: "Browser", url: str, width: int = 1280, height: int = 800) -> "Page":
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    strays = STRAYS.setdefault(page, [])

    def refuse(dialog: "Dialog") -> None:
        strays.append(dialog.message)
        dialog.dismiss()

    page.on("request", lambda r: None if _is_home(r.url, url) else strays.append(r.url))
    page.on("pageerror", lambda e: strays.append(str(e)))
    page.on("dialog", refuse)
    page.goto(url)
    page.wait_for_selector("#question textarea", timeout=60_000)
    page.wait_for_selector(".byline-hero", timeout=30_000)
    return page


def _is_home(address: str, home: str) -> bool:
    return address.startswith((home, "data:", "blob:"))
