"""The home: one holder at a time, and nobody believes a dead one."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.errors import HomeBusy, IndexUnavailable
from rag.home import Home, ServerInfo

HOLD = """
import sys, time
from pathlib import Path
from rag.home import Home
with Home(Path(sys.argv[1])).acquire() as home:
    if len(sys.argv) > 2:
        home.publish(sys.argv[2], "token")
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(home: Path, *url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the home."""
    command = [sys.executable, "-c", HOLD, str(home), *url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "home")
    assert home.server() is None
    assert not home.path.exists()

    with home.acquire():
        home.publish("http://127.0.0.1:7860", "secret")
        assert home.path.stat().st_mode & 0o777 == 0o700
        assert (home.path / "server.json").stat().st_mode & 0o777 == 0o600
        assert home.server() == ServerInfo(
            pid=os.getpid(), url="http://127.0.0.1:7860", token="secret"
        )

    assert home.server() is None
    assert not (home.path / "server.json").exists()


def test_a_holder_is_named(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with (
            pytest.raises(HomeBusy, match=f"in use by process {process.pid}"),
            Home(tmp_path).acquire(),
        ):
            pass
        assert Home(tmp_path).server() is None


def test_a_server_is_named_and_found(tmp_path: Path) -> None:
    with holder(tmp_path, "http://127.0.0.1:7861") as process:
        with (
            pytest.raises(HomeBusy, match=f"{process.pid} at http://127.0.0.1:7861.*kill"),
            Home(tmp_path).acquire(),
        ):
            pass
        found = Home(tmp_path).server()
        assert found == ServerInfo(pid=process.pid, url="http://127.0.0.1:7861", token="token")


def test_kill_9_frees_the_home_and_its_file_is_ignored(tmp_path: Path) -> None:
    with holder(tmp_path, "http://127.0.0.1:7861") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / "server.json").exists()
        assert Home(tmp_path).server() is None
        with Home(tmp_path).acquire() as home:
            assert home.server() is None


def test_a_file_of_a_living_stranger_is_ignored_too(tmp_path: Path) -> None:
    """Process ids are used again."""
    stale = {"pid": os.getppid(), "url": "http://127.0.0.1:1", "token": "x"}
    (tmp_path / "server.json").write_text(json.dumps(stale))

    assert Home(tmp_path).server() is None
    with Home(tmp_path).acquire():
        assert Home(tmp_path).server() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"pid": "x"}', '{"pid": null}', "\x00"])
def test_an_unreadable_file_is_ignored(tmp_path: Path, text: str) -> None:
    with holder(tmp_path):
        (tmp_path / "server.json").write_text(text)
        assert Home(tmp_path).server() is None
        with pytest.raises(HomeBusy, match="another process"), Home(tmp_path).acquire():
            pass


def test_waiting_takes_over_when_the_holder_leaves(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        threading.Timer(0.4, process.kill).start()
        started = time.monotonic()
        with Home(tmp_path).acquire(wait_s=20):
            assert time.monotonic() - started > 0.3


def test_given_back_after_an_error_and_from_another_thread(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Home(tmp_path).acquire():
        raise RuntimeError
    held = Home(tmp_path).acquire()
    held.__enter__()
    thread = threading.Thread(target=held.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    with Home(tmp_path).acquire():
        pass


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnavailable, match="--home"), Home(tmp_path / "file").acquire():
        pass
