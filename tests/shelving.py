"""The library of a desk: its shelves, its queue, and what is done to them."""

from typing import Any

from tests.fake_desk import FakeDesk
from web.acting import act
from web.intake import queue_html
from web.views import library_html
from web.visitors import LOCAL


def shelf(
    desk: FakeDesk, search: str = "", sort: str = "added", only: str = "all", **more: Any
) -> str:
    return library_html(desk, search, sort, only, **more)  # type: ignore[arg-type]


def do(desk: FakeDesk, verb: str, **given: Any) -> str:
    return act(desk, {"verb": verb, **given}, LOCAL).html()  # type: ignore[arg-type]


def queue(desk: FakeDesk, *wanted: str) -> str:
    return queue_html(desk, wanted)  # type: ignore[arg-type]
