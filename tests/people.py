"""People with passwords, and a real server that they log in to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from argon2 import PasswordHasher

from rag.users import Users
from tests.browsing import Served
from tests.fake_desk import FakeDesk

# As little as argon2 can be: what is tested is who gets in, not how long it takes.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
GOOD = "correct horse"
PAGE = {"accept": "text/html,application/xhtml+xml"}
N = 50


class Site(NamedTuple):
    """A server, what it serves, and who may log in: Ann may edit, Rita and N more may read."""

    url: str
    desk: FakeDesk
    users: Users


@contextmanager
def peopled(home: Path) -> Iterator[Site]:
    desk = FakeDesk(home)
    users = Users(desk.database, QUICK)
    users.add("Ann", GOOD, "editor")
    users.add("Rita", GOOD, "reader")
    for n in range(N):
        users.add(f"user-{n:02}", GOOD, "reader")
    served = Served(desk, users)
    yield Site(served.url, desk, users)
    served.stop()


@contextmanager
def logged_in(url: str, name: str) -> Iterator[httpx.Client]:
    with stranger(url) as client:
        response = client.post("/login", data={"name": name, "password": GOOD})
        assert response.status_code == 303, response.text
        yield client


def stranger(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, trust_env=False)
