"""People with passwords, a real server that they log in to, and what the page sends there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from argon2 import PasswordHasher

from rag.users import Users
from tests.browsing import GOOD, serving
from tests.fake_desk import FakeDesk

# As little as argon2 can be: what is tested is who gets in, not how long it takes.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PAGE = {"accept": "text/html,application/xhtml+xml"}
N = 50


class People(NamedTuple):
    """A server, what it serves, and who may log in: Ann may edit, Rita and N more may read."""

    url: str
    desk: FakeDesk
    users: Users


@contextmanager
def peopled(home: Path) -> Iterator[People]:
    desk = FakeDesk(home)
    users = Users(desk.database, QUICK)
    users.add("Ann", GOOD, "editor")
    users.add("Rita", GOOD, "reader")
    for n in range(N):
        users.add(f"user-{n:02}", GOOD, "reader")
    with serving(desk, users) as served:
        yield People(served.url, desk, users)


@contextmanager
def logged_in(url: str, name: str) -> Iterator[httpx.Client]:
    with stranger(url) as client:
        response = client.post("/login", data={"name": name, "password": GOOD})
        assert response.status_code == 303, response.text
        yield client


def stranger(url: str, timeout_s: float = 60) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=timeout_s, trust_env=False)


def ask_body(config: dict[str, Any], question: str, session: str) -> dict[str, Any]:
    """What the page sends when somebody asks, whatever else its event takes."""
    parts = {part["id"]: part["props"] for part in config["components"]}
    by_name = {props.get("elem_id"): key for key, props in parts.items()}
    event = next(
        d for d in config["dependencies"]
        if by_name["question"] in d["inputs"] and [by_name["ask"], "click"] in d["targets"]
    )  # fmt: skip
    data = [
        question if key == by_name["question"] else parts[key].get("value")
        for key in event["inputs"]
    ]
    return {"data": data, "fn_index": event["id"], "session_hash": session}
