"""Serving as a process: where it listens, how it ends, who may reach it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from rag.errors import BylineError
from rag.users import Users
from tests.fake_desk import FakeDesk
from web.login import Login
from web.ports import holder_of
from web.serve import Entry, config_of, listen, serve, url_of, users_of

ROOT = Path(__file__).resolve().parents[1]
SERVE = """
import sys
from pathlib import Path
from typing import Any
sys.path.insert(0, {root!r})
from rag.users import Users
from tests.fake_desk import FakeDesk
from web.serve import serve
desk = FakeDesk(Path({home!r}))
desk.pause_s = 20
serve(desk, "127.0.0.1", {port})
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def process(tmp_path: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    code = SERVE.format(root=str(ROOT), home=str(tmp_path), port=port)
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        _wait_for(port, process)
        yield process
        process.kill()


def _wait_for(port: int, process: "subprocess.Popen[Any]") -> None:
    for _ in range(300):
        time.sleep(0.2)
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
            return
        except httpx.HTTPError:
            assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_cleanly_while_it_answers(
    process: "subprocess.Popen[str]", port: int, tmp_path: Path, number: signal.Signals
) -> None:
    told = json.loads((tmp_path / "server.json").read_text())
    assert told["url"] == f"http://127.0.0.1:{port}" and told["token"]
    headers = {"accept": "text/event-stream"}
    url = f"{told['url']}/v1/ask"
    with httpx.stream("POST", url, json={"question": "x"}, headers=headers, timeout=20) as reply:
        lines = reply.iter_lines()
        assert next(lines) == "event: status"
        started = time.monotonic()
        os.kill(process.pid, number)
        assert "the server is stopping" in "".join(lines)

    assert process.wait(10) == 0 and time.monotonic() - started < 10
    assert process.stderr is not None
    said = process.stderr.read()
    assert f"Byline is at http://127.0.0.1:{port}" in said and "Traceback" not in said


def test_a_taken_port_is_said_with_its_holder(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(BylineError, match=rf"port {number} is taken by .*{os.getpid()}"):
            serve(FakeDesk(tmp_path), "127.0.0.1", number)  # type: ignore[arg-type]
        assert re.search(rf"process {os.getpid()}\b", holder_of(number))


def test_nobody_holds_a_free_port(port: int) -> None:
    assert holder_of(port) == "another program"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_other_machines_are_let_in_only_when_it_is_said(tmp_path: Path, host: str) -> None:
    with pytest.raises(BylineError, match="no login"):
        serve(FakeDesk(tmp_path), host, 0)  # type: ignore[arg-type]


def test_where_a_login_is_needed_somebody_must_be_able_to_log_in(tmp_path: Path) -> None:
    desk: Any = FakeDesk(tmp_path)
    refused = (
        ("127.0.0.1", Entry(login=True)),
        ("127.0.0.1", Entry(behind_proxy=True)),
        ("0.0.0.0", Entry(login=True, allow_remote=True)),
        ("0.0.0.0", Entry()),
    )
    for host, entry in refused:
        with pytest.raises(BylineError, match="byline user add NAME"):
            users_of(desk, host, entry)
    for host, entry in (("127.0.0.1", Entry()), ("0.0.0.0", Entry(allow_remote=True))):
        assert users_of(desk, host, entry) is None

    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    Users(desk.database, quick).add("Ann", "correct horse")
    for host, entry in (*refused, ("127.0.0.1", Entry()), ("::", Entry(allow_remote=True))):
        assert users_of(desk, host, entry) is not None


@pytest.mark.parametrize("behind", [True, False])
def test_only_a_proxy_that_was_named_is_believed(tmp_path: Path, behind: bool) -> None:
    """Who says that their request came by https gets a cookie for https alone only if so."""
    desk: Any = FakeDesk(tmp_path)
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    users = Users(desk.database, quick)
    users.add("Ann", "correct horse")
    app = FastAPI()
    app.add_middleware(Login, users=users)
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(config_of(app, Entry(behind_proxy=behind)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        data = {"name": "ann", "password": "correct horse"}
        headers = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/login"
        cookie = httpx.post(url, data=data, headers=headers).headers["set-cookie"]
        assert ("secure" in cookie.lower()) is behind
    finally:
        server.should_exit = True
        thread.join(10)


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(BylineError, match=r"cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 0)


def test_addresses_are_written_for_browsers() -> None:
    assert url_of("127.0.0.1", 7860) == "http://127.0.0.1:7860"
    assert url_of("::1", 7860) == "http://[::1]:7860"
