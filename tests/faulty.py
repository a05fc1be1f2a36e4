"""A chat endpoint on loopback that answers as told: well, badly, late or never.

    with FaultyServer(status(503), says("All good. [a1b2c3]")) as server:
        ask(server.url)              # first request gets the 503, all later ones the answer
        assert server.n_requests == 2

Each state is a function of one ``Exchange``; it writes what it likes on the real socket. A state
that waits ends as soon as the client has gone, and the moment is noted in ``server.left``.
"""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Self

State = Callable[["Exchange"], None]
Reply = str | Callable[[dict[str, Any]], str]

_SSE = {"Content-Type": "text/event-stream"}


class Exchange:
    """One request, and the socket to answer it on."""

    def __init__(self, sock: socket.socket, body: dict[str, Any], head: str) -> None:
        self.sock = sock
        self.body = body
        self.head = head

    def write(self, data: bytes) -> None:
        self.sock.sendall(data)

    def start(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", "Connection: close"]
        lines += [f"{k}: {v}" for k, v in (_SSE if headers is None else headers).items()]
        self.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def event(self, data: object) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        self.write(f"data: {text}\n\n".encode())

    def piece(self, content: str | None, finish: str | None = None, **delta: object) -> None:
        shown = delta if content is None else {"content": content, **delta}
        choice = {"index": 0, "delta": shown, "finish_reason": finish}
        self.event({"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "faulty",
                    "choices": [choice]})  # fmt: skip

    def say(self, text: str, pause_s: float = 0.0, width: int = 7) -> None:
        for at in range(0, len(text), width):
            self.piece(text[at : at + width])
            if pause_s and self.gone(pause_s):
                return

    def gone(self, within_s: float) -> bool:
        """Wait; True as soon as the client has closed its end."""
        ready, _, _ = select.select([self.sock], [], [], within_s)
        if not ready:
            return False
        with suppress(OSError):
            return self.sock.recv(4096) == b""
        return True


def models(*names: str) -> State:
    """The list of models, as OpenAI gives it."""

    def state(exchange: Exchange) -> None:
        exchange.start(200, {"Content-Type": "application/json"})
        rows = [{"id": name, "object": "model"} for name in names]
        exchange.write(json.dumps({"object": "list", "data": rows}).encode())

    return state


def endpoint(listed: State, answers: State) -> State:
    """A list of models for whoever asks for one, and an answer for all else."""

    def state(exchange: Exchange) -> None:
        (listed if exchange.head.startswith("GET ") else answers)(exchange)

    return state


def says(reply: Reply, *, pause_s: float = 0.0, finish: str | None = "stop") -> State:
    """Stream an answer properly; ``finish=None`` leaves the finish reason out."""

    def state(exchange: Exchange) -> None:
        exchange.start()
        exchange.piece("", role="assistant")
        exchange.say(reply if isinstance(reply, str) else reply(exchange.body), pause_s)
        if finish:
            exchange.piece(None, finish)
        exchange.event("[DONE]")

    return state


def status(code: int, message: str = "no", headers: dict[str, str] | None = None) -> State:
    """Refuse with an HTTP status and an error object."""

    def state(exchange: Exchange) -> None:
        exchange.start(code, {"Content-Type": "application/json", **(headers or {})})
        exchange.write(json.dumps({"error": {"message": message, "code": None}}).encode())

    return state


def body(data: bytes, content_type: str = "text/event-stream", code: int = 200) -> State:
    """Answer with these bytes, whatever they are."""

    def state(exchange: Exchange) -> None:
        exchange.start(code, {"Content-Type": content_type})
        exchange.write(data)

    return state


def cut(text: str) -> State:
    """Break a chunked body in the middle."""

    def state(exchange: Exchange) -> None:
        exchange.start(200, {**_SSE, "Transfer-Encoding": "chunked"})
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        data = b"data: " + json.dumps({"id": "x", "choices": [choice]}).encode() + b"\n\n"
        exchange.write(f"{len(data):x}\r\n".encode() + data + b"\r\nffff\r\ndata: {")

    return state


def hangs(exchange: Exchange) -> None:
    """Take the request and never answer."""
    exchange.gone(60)


def stalls(text: str) -> State:
    """Say something, then nothing more, with the line open."""

    def state(exchange: Exchange) -> None:
        exchange.start()
        exchange.say(text)
        exchange.gone(60)

    return state


def pings(text: str = "") -> State:
    """Keep the line busy with comments and empty pieces, but say nothing (more)."""

    def state(exchange: Exchange) -> None:
        exchange.start()
        exchange.say(text)
        while not exchange.gone(0.05):
            exchange.write(b": ping\n\n")
            exchange.piece("")

    return state


def rambles(pause_s: float = 0.02) -> State:
    """Go on for ever."""

    def state(exchange: Exchange) -> None:
        exchange.start()
        while not exchange.gone(pause_s):
            exchange.piece("and so on ")

    return state


def floods(exchange: Exchange) -> None:
    """One line without end, as fast as it goes."""
    exchange.start()
    exchange.write(b"data: ")
    while True:
        exchange.write(b"x" * 65536)


class FaultyServer:
    """Answers the n-th request with the n-th state, and all further ones with the last."""

    def __init__(self, *states: State) -> None:
        self.states = states
        self.requests: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.times: list[float] = []  # when each request came, time.monotonic()
        self.left: list[float] = []  # when each exchange was over, the same clock
        self.n_open = 0
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def n_requests(self) -> int:
        return len(self.requests)

    def prompt(self, index: int = -1) -> str:
        """The last message of a request."""
        return str(self.requests[index]["messages"][-1]["content"])

    def wait_idle(self, timeout_s: float) -> bool:
        """True once no connection is open any more."""
        until = time.monotonic() + timeout_s
        while self.n_open and time.monotonic() < until:
            time.sleep(0.01)
        return not self.n_open

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with self._lock:
            self.n_open += 1
        try:
            with sock, suppress(OSError):
                head, sent = _read_request(sock)
                with self._lock:
                    at = min(len(self.requests), len(self.states) - 1)
                    self.requests.append(sent)
                    self.heads.append(head)
                    self.times.append(time.monotonic())
                self.states[at](Exchange(sock, sent, head))
        finally:
            with self._lock:
                self.n_open -= 1
                self.left.append(time.monotonic())


def _read_request(sock: socket.socket) -> tuple[str, dict[str, Any]]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(sock)
    head, _, rest = data.partition(b"\r\n\r\n")
    lengths = (
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    length = next(lengths, 0)  # a list of models is asked for without a body
    while len(rest) < length:
        rest += _some(sock)
    return head.decode("latin-1"), json.loads(rest or b"{}")


def _some(sock: socket.socket) -> bytes:
    got = sock.recv(65536)
    if not got:
        raise ConnectionResetError("the client left before it had asked")
    return got


def closed_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def ids_in(prompt: str) -> Iterator[str]:
    """The passage ids that a prompt offers, in order."""
    for line in prompt.splitlines():
        if line.startswith("[") and line[7:8] == "]":
            yield line[1:7]
