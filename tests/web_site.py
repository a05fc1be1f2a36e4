"""A news site on this machine: real HTTP, with pages, faults and a memory of who asked what."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Headers = Mapping[str, str]


@dataclass
class Answer:
    """What the site says to one request."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    headers: dict[str, str]


class Site:
    """Answers from ``pages``, by path; a function there gets the request's headers."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Callable[[Headers], Answer]] = {}
        self.asked: list[Asked] = []
        self.port = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def paths(self, robots: bool = False) -> list[str]:
        return [a.path for a in self.asked if robots or a.path != "/robots.txt"]

    def answer(self, path: str, headers: Headers) -> Answer:
        page = self.pages.get(path, Answer("nothing here", status=404))
        return page if isinstance(page, Answer) else page(headers)


@contextmanager
def running() -> Iterator[Site]:
    """A site that answers until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(Asked(self.path, dict(self.headers.items())))
            said = site.answer(self.path, {k.lower(): v for k, v in self.headers.items()})
            body = said.body.encode() if isinstance(said.body, str) else said.body
            self.send_response(said.status)
            kind = {"Content-Type": said.kind} if said.kind else {}
            for name, value in {**kind, "Content-Length": str(len(body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
