"""A real browser and a real server for tests of the page, and what people do there."""

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

GOOD = "correct horse"  # the password of everybody
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


@contextmanager
def serving(desk: Any, users: "Users | None" = None) -> Iterator[Served]:
    served = Served(desk, users)
    try:
        yield served
    finally:
        served.stop()


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


def log_in(page: "Page", name: str, password: str = GOOD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Password").press("Enter")


def ask(page: "Page", question: str) -> str:
    """All that the conversation says once this is answered."""
    page.wait_for_selector(".byline-hero, .byline-turn", timeout=30_000)
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    return answered(page, question)


def answered(page: "Page", question: str) -> str:
    page.wait_for_function(
        "(asked) => document.querySelector('#current [data-state=done]:not([hidden])"
        " .byline-question')?.textContent === asked",
        arg=question,
        timeout=30_000,
    )
    return page.inner_text("#transcript")


def fits(page: "Page") -> bool:
    """Nothing makes the page wider than its window."""
    does: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return does


def in_view(page: "Page", selector: str) -> bool:
    """The first such element lies in the window whole."""
    seen: bool = page.evaluate(
        """(selector) => { const r = document.querySelector(selector).getBoundingClientRect();
        return r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth; }""",
        selector,
    )
    return seen
