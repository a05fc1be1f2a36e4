"""Fifty people at once, each with a conversation, while the language model is slow.

    python -m benchmarks.users [PATH] [--users 50] [--crowd 200]

The archive is made of PATH (default: the samples). The real server runs in a process of its own,
with a login; its language model is a chat endpoint on loopback that waits before its first word and
between its words. Everybody asks a question that names them, in the page's own way (Gradio's queue)
and by the API with a follow-up; a crowd, more than are answered at a time, asks once in either way.
*Busy*: told that the server is, and what to do. *Lost*: no whole answer came. *Swapped*: the
answer, or a prompt that the model was given, names somebody else. *CPU each*: of the server, for
one question. The baseline is one user alone in the same run.
"""

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil

from rag.database import Database
from rag.settings import Settings
from rag.users import Users
from tests.browsing import GOOD
from tests.faulty import Exchange, FaultyServer, closed_port
from tests.people import QUICK, ask_body, stranger

ROOT = Path(__file__).resolve().parents[1]
FIRST_S = 2.0  # before the model's first word
PIECE_S = 0.03  # between its words
N_ALONE = 5  # questions of the one user who is compared with
N_SENTENCES = 4
PASSAGE = re.compile(r"^\[([0-9a-f]{6})\][^\n]*\n((?:> [^\n]*(?:\n|\Z))+)", re.MULTILINE)
TAG = re.compile(r"person (\d{3})")
BUSY = ("the server is busy", "Ask again in a moment")
TOPICS = (
    "What was decided about the harbour?", "Who has spoken about the costs?",
    "When will the work begin?", "What do the critics say?", "How many people are affected?",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one question."""

    outcome: str  # answered, busy, lost, swapped
    status_s: float = float("nan")  # until the first sign of life
    sentence_s: float = float("nan")  # until the first checked sentence
    whole_s: float = float("nan")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", default=str(ROOT / "samples" / "articles"))
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--crowd", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, FaultyServer(_slow) as model:
        home = Path(folder) / "home"
        _byline("ingest", given.path, "--home", str(home), model=model)
        _add_users(home, given.crowd)
        with _serving(home, model) as (url, process):
            _measure(url, process, given.users, given.crowd)
        tags = [set(TAG.findall(json.dumps(sent["messages"]))) for sent in model.requests]
        print(f"\nprompts: {len(tags)}, of them naming two people: {sum(len(t) > 1 for t in tags)}")


def _measure(url: str, process: psutil.Process, n_users: int, n_crowd: int) -> None:
    print("| | n | answered | busy | lost | swapped | first sign p50 | p95 | first sentence p50"
          " | p95 | whole p50 | p95 | CPU each |")  # fmt: skip
    print("|---|" + "---|" * 12)
    memory = [("before", _mib(process))]

    def phase(name: str, ask: Callable[..., list[Told]], n: int, base: Sequence[float] = ()) -> Any:
        before = _cpu_s(process)
        if n == 1:
            told = [told for _ in range(N_ALONE) for told in ask(url, 0)]
        else:
            told = _together(ask, url, n)
        times = _row(name, told, _cpu_s(process) - before, base)
        memory.append((name, _mib(process)))
        return times

    for way, ask in (("page", _by_page), ("API, two turns", _by_api)):
        base = phase(f"{way}, one user", ask, 1)
        phase(f"{way}, {n_users} users", ask, n_users, base)
    phase(f"API, {n_crowd} users", partial(_by_api, n_turns=1), n_crowd)
    phase(f"page, {n_crowd} users", _by_page, n_crowd)
    phase(f"page, {n_users} users again", _by_page, n_users)
    print("\n| memory of the server | MiB |\n|---|---|")
    for when, mib in memory:
        print(f"| {when} | {mib:.0f} |")


def _row(name: str, told: Sequence[Told], cpu_s: float, base: Sequence[float]) -> list[float]:
    """Print one row, each time with its ratio to the baseline; the times."""
    done = [t for t in told if t.outcome == "answered"]
    values = [
        _quantile([getattr(t, field) for t in done], q)
        for field in ("status_s", "sentence_s", "whole_s")
        for q in (0.5, 0.95)
    ]
    counts = [sum(t.outcome == o for t in told) for o in ("answered", "busy", "lost", "swapped")]
    shown = [
        f"{v:.2f} s" + (f" ({v / b:.1f}x)" if b else "")
        for v, b in zip(values, base or [0.0] * len(values), strict=True)
    ]
    cells = [name, str(len(told)), *map(str, counts), *shown, f"{cpu_s / len(told):.2f} s"]
    print("| " + " | ".join(cells) + " |", flush=True)
    return values


def _quantile(values: Sequence[float], q: float) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[round(q * 100) - 1]


def _together(ask: Callable[..., list[Told]], url: str, n: int) -> list[Told]:
    """All ask at the same moment, each logged in before."""
    gate = threading.Barrier(n)
    with ThreadPoolExecutor(n) as pool:
        return [told for some in pool.map(lambda k: ask(url, k, gate), range(n)) for told in some]


# --- one user ------------------------------------------------------------------------------------


def _question(n: int) -> str:
    return f"{TOPICS[n % len(TOPICS)]} This is person {n:03}."


def _by_page(url: str, n: int, gate: threading.Barrier | None = None) -> list[Told]:
    """Ask as the page does: join the queue, then listen."""
    with stranger(url, 180) as client:
        client.post("/login", data={"name": f"person {n:03}", "password": GOOD})
        body = ask_body(client.get("/config").json(), _question(n), f"tab{time.time_ns()}")
        if gate:
            gate.wait()
        began = time.monotonic()
        try:
            joined = client.post("/gradio_api/queue/join", json=body)
            if joined.status_code != 200:
                return [Told(outcome="lost")]
            return [_heard(client, body["session_hash"], n, began)]
        except httpx.HTTPError as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            return [Told(outcome="lost")]


def _heard(client: httpx.Client, session: str, n: int, began: float) -> Told:
    """Listen until the answer is whole; the page gets pieces of HTML."""
    status_s = sentence_s = math.inf
    everything = ""
    with client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
        for line in stream.iter_lines():
            now = time.monotonic() - began
            if "process_generating" in line or "process_completed" in line:
                everything += line
                status_s = min(now, status_s)
            if "byline-cite" in line:
                sentence_s = min(now, sentence_s)
    outcome = _outcome(everything, n)
    whole_s = time.monotonic() - began
    return Told(outcome=outcome, status_s=status_s, sentence_s=sentence_s, whole_s=whole_s)


def _outcome(told: str, n: int) -> str:
    if set(TAG.findall(told)) - {f"{n:03}"}:
        return "swapped"
    if all(words in told for words in BUSY):
        return "busy"
    return "answered" if "byline-cite" in told and "process_completed" in told else "lost"


def _by_api(
    url: str, n: int, gate: threading.Barrier | None = None, n_turns: int = 2
) -> list[Told]:
    """Ask by the API; the second question comes with the first and its answer."""
    history: list[dict[str, Any]] = []
    found = []
    with stranger(url, 180) as client:
        client.auth = (f"person {n:03}", GOOD)
        client.get("/v1/articles/x")  # the password is checked before the clock runs
        if gate:
            gate.wait()
        turns = (_question(n), f"And what happens next? This is still person {n:03}.")
        for asked in turns[:n_turns]:
            told, answer = _ask(client, asked, history, n)
            found.append(told)
            if answer is None:
                break
            history += [
                {"role": "user", "content": asked},
                {"role": "assistant", "content": " ".join(s["text"] for s in answer["sentences"])},
            ]
    return found


def _ask(
    client: httpx.Client, asked: str, history: list[dict[str, Any]], n: int
) -> tuple[Told, dict[str, Any] | None]:
    began, answer = time.monotonic(), None
    at: dict[str, float] = {}
    body = {"question": asked, "history": history}
    headers = {"accept": "text/event-stream"}
    try:
        with client.stream("POST", "/v1/ask", json=body, headers=headers) as stream:
            event = ""
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                    at.setdefault(event, time.monotonic() - began)
                elif line.startswith("data: ") and event == "answer":
                    answer = json.loads(line.removeprefix("data: "))
                elif event == "error" and all(words.lower() in line.lower() for words in BUSY):
                    return Told(outcome="busy"), None
    except httpx.HTTPError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    if answer is None or not answer["sentences"]:
        return Told(outcome="lost"), None
    is_own = answer["question"] == asked and set(TAG.findall(json.dumps(answer))) <= {f"{n:03}"}
    return Told(
        outcome="answered" if is_own else "swapped",
        status_s=at.get("status", float("nan")),
        sentence_s=at.get("sentence", float("nan")),
        whole_s=time.monotonic() - began,
    ), answer


# --- the server and its model --------------------------------------------------------------------


def _slow(exchange: Exchange) -> None:
    """Wait, then quote the passages of the prompt word by word, as a slow model would."""
    exchange.start()
    exchange.piece("", role="assistant")
    if exchange.gone(FIRST_S):
        return
    for word in re.findall(r"\S+\s*", _quotes(exchange.body["messages"][-1]["content"])):
        exchange.piece(word)
        if exchange.gone(PIECE_S):
            return
    exchange.piece(None, "stop")
    exchange.event("[DONE]")


def _quotes(prompt: str) -> str:
    """The first whole sentence of each passage in a prompt, cited; costs next to nothing."""
    found = []
    for tag, text in PASSAGE.findall(prompt):
        sentence = re.search(r"[A-Z][^.?!\n]{40,200}\.(?=\s|$)", text.replace("\n> ", " "))
        if sentence:
            found.append(f"{sentence[0]} [{tag}]")
    return " ".join(found[:N_SENTENCES]) or "Nothing is known."


def _add_users(home: Path, n: int) -> None:
    # Hashed as quickly as argon2 can: how long a login takes is not what is measured here.
    database = Database(home / "desk.db")
    users = Users(database, QUICK)
    for k in range(n):
        users.add(f"person {k:03}", GOOD)
    database.close()


def _environment(model: FaultyServer) -> dict[str, str]:
    mine = {"OPENAI_BASE_URL": model.url, "BYLINE_LLM_MODEL": "slow"}
    cache = {"BYLINE_CACHE": str(Settings().cache)}
    return {**os.environ, **mine, **cache}


def _byline(*words: str, model: FaultyServer) -> None:
    command = [sys.executable, str(ROOT / "app.py"), *words]
    subprocess.run(command, check=True, env=_environment(model), capture_output=True)


@contextmanager
def _serving(home: Path, model: FaultyServer) -> Iterator[tuple[str, psutil.Process]]:
    port = closed_port()
    command = [sys.executable, str(ROOT / "app.py"), "serve", "--home", str(home)]
    with subprocess.Popen(
        [*command, "--port", str(port)], env=_environment(model), stderr=subprocess.DEVNULL
    ) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url, process)
            yield url, psutil.Process(process.pid)
        finally:
            process.terminate()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            httpx.get(f"{url}/healthz").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError("the server did not come up")


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _mib(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / (1 << 20)


if __name__ == "__main__":
    main()
