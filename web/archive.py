"""An archive as the command line sees it: open in this process, or served by another one.

Two processes must never open one Chroma folder, so a command that finds the home served asks the
server over HTTP, with the token that the server left in the home. Both ways give the same JSON.
"""

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from rag.errors import ArticleMissing, BylineError, HomeBusy
from rag.home import Home, ServerInfo
from rag.schema import AnswerEvent, Event, Filters, StatusEvent
from rag.settings import Settings

if TYPE_CHECKING:
    import httpx

    from ingest.pipeline import Progress
    from rag.llm import ChatModel
    from web.desk import Desk

Json = dict[str, Any]
OnStatus = Callable[[str], None]
OnProgress = Callable[[int, int | None, str], None]
# An answer may wait for a slow model; a server that says nothing for this long is gone.
_TIMEOUT_S = 300.0
_ID = re.compile("[0-9a-f]{16}")


class Archive(Protocol):
    """What the commands need of an archive."""

    served_at: str | None

    def ask(self, asked: str, filters: Filters, on_status: OnStatus) -> Json:
        """The answer as contract JSON."""

    def sources(self) -> list[Json]:
        """Every article, without its text."""

    def ingest(self, sources: Sequence[str], on_progress: OnProgress) -> Json:
        """Add files and folders; the report."""

    def remove(self, ref: str) -> Json:
        """Remove one article; what it was."""

    def submit(self, sources: Sequence[str]) -> Json:
        """Queue files, folders and addresses, and do not wait."""

    def scale_out(self, address: str) -> None:
        """Ingest with the workers of a Ray cluster."""

    def keep(self, verb: str, body: Json) -> Json:
        """One of the verbs of ``web.keeping``."""


@contextmanager
def open_archive(
    settings: Settings, *, create: bool = False, rebuild: bool = False
) -> Iterator[Archive]:
    """The archive in ``settings.home``, wherever it is open.

    Raises:
        HomeBusy: it is to be rebuilt while it is served.
        BylineError: as ``Desk.open``.
    """
    home = Home(settings.home)
    server = home.server() if settings.home.is_dir() else None
    if server is None:
        from web.desk import Desk

        try:
            desk = Desk.open(settings, create=create, rebuild=rebuild)
        except HomeBusy:
            server = home.server()  # a server that was still on its way up when we looked
            if server is None:
                raise
        else:
            with desk:
                yield Opened(desk)
            return
    if rebuild:
        raise HomeBusy(
            f"{settings.home} is served at {server.url} (process {server.pid})",
            "stop the server, then rebuild",
        )
    yield Served(server)


class Opened:
    """An archive that this process has open."""

    served_at: str | None = None

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def ask(self, asked: str, filters: Filters, on_status: OnStatus) -> Json:
        """As ``Archive.ask``."""
        from rag.render_json import to_json

        for event in self._events(asked, filters):
            if isinstance(event, StatusEvent):
                on_status(event.message)
            elif isinstance(event, AnswerEvent):
                return to_json(event.answer)
        raise AssertionError("a stream ends with its answer")

    def _events(self, asked: str, filters: Filters) -> "Iterator[Event]":
        return self._desk.ask(asked, (), filters)

    def sources(self) -> list[Json]:
        """As ``Archive.sources``."""
        from rag.render_json import article_json

        return [article_json(article) for article in self._desk.listing()]

    def ingest(self, sources: Sequence[str], on_progress: OnProgress) -> Json:
        """As ``Archive.ingest``."""

        def relay(progress: "Progress") -> None:
            on_progress(progress.done, progress.total, progress.source)

        # Absolute, since a job may be done later, from elsewhere.
        return report_json(self._desk.ingest([_absolute(s) for s in sources], relay))

    def remove(self, ref: str) -> Json:
        """As ``Archive.remove``."""
        from web.keeping import taken_json

        return taken_json(self._desk.holdings.remove_all(ref))

    def submit(self, sources: Sequence[str]) -> Json:
        """As ``Archive.submit``."""
        return self.keep("submit", {"sources": [_absolute(source) for source in sources]})

    def scale_out(self, address: str) -> None:
        """As ``Archive.scale_out``."""
        self._desk.scale_out(address)

    def watch_model(self, wrap: "Callable[[ChatModel], ChatModel]") -> None:
        """Ask the language model, if there is one, through a wrapping that listens."""
        self._desk.watch_model(wrap)

    def keep(self, verb: str, body: Json) -> Json:
        """As ``Archive.keep``."""
        from web.keeping import keep

        return keep(self._desk, verb, body)


class Aside(Opened):
    """The same while others ask it too: only the answers to its own questions are listened to."""

    def __init__(self, desk: "Desk", stop: threading.Event) -> None:
        super().__init__(desk)
        self._stop = stop
        self._wrap: Callable[[ChatModel], ChatModel] | None = None

    def watch_model(self, wrap: "Callable[[ChatModel], ChatModel]") -> None:
        """As ``Opened.watch_model``, for its own questions."""
        self._wrap = wrap

    def _events(self, asked: str, filters: Filters) -> "Iterator[Event]":
        return self._desk.ask(asked, (), filters, self._stop, wrap=self._wrap)


class Served:
    """An archive that a server has open."""

    def __init__(self, server: ServerInfo) -> None:
        self.served_at: str | None = server.url
        self._server = server

    def ask(self, asked: str, filters: Filters, on_status: OnStatus) -> Json:
        """As ``Archive.ask``."""
        from rag.render_json import scope_json

        body = {"question": _storable(asked), "filters": scope_json(filters)}
        for event, data in self._stream("/v1/ask", body):
            if event == "status":
                on_status(str(data.get("message", "")))
            elif event == "answer":
                return data
        raise BylineError(f"the server at {self._server.url} sent no answer", "ask again")

    def sources(self) -> list[Json]:
        """As ``Archive.sources``."""
        with self._client() as client:
            articles: list[Json] = _checked(client.get("/v1/articles"))
        return articles

    def ingest(self, sources: Sequence[str], on_progress: OnProgress) -> Json:
        """As ``Archive.ingest``; the server reads the files, so paths are made absolute."""
        body = {"sources": [_absolute(source) for source in sources]}
        for event, data in self._stream("/v1/ingest", body):
            if event == "progress":
                on_progress(data["done"], data["total"], data["source"])
            elif event == "report":
                return data
        raise BylineError(f"the server at {self._server.url} sent no report", "try again")

    def remove(self, ref: str) -> Json:
        """As ``Archive.remove``; a path is one of this process, wherever the server runs."""
        with self._client() as client:
            article: Json = _checked(client.delete("/v1/articles", params={"ref": _named(ref)}))
        return article

    def submit(self, sources: Sequence[str]) -> Json:
        """As ``Archive.submit``."""
        return self.keep("submit", {"sources": [_absolute(source) for source in sources]})

    def scale_out(self, address: str) -> None:
        """Not while it is served.

        Raises:
            HomeBusy: always.
        """
        raise HomeBusy(
            f"the archive is served at {self._server.url} and Ray at {address} was asked for",
            "stop the server, or ingest without --ray",
        )

    def keep(self, verb: str, body: Json) -> Json:
        """As ``Archive.keep``; a path is one of this process."""
        if "ref" in body:
            body = body | {"ref": _named(body["ref"])}
        with self._client() as client:
            told: Json = _checked(client.post(f"/v1/keep/{verb}", json=body))
        return told

    @contextmanager
    def _client(self) -> "Iterator[httpx.Client]":
        import httpx

        headers = {"Authorization": f"Bearer {self._server.token}"}
        try:
            # The server is on this machine: a proxy from the environment must not see the token.
            with httpx.Client(
                base_url=self._server.url, headers=headers, timeout=_TIMEOUT_S, trust_env=False
            ) as client:
                yield client
        except httpx.HTTPError as error:
            raise BylineError(
                f"the server at {self._server.url} does not answer: {error}",
                f"try again, or stop it with: kill {self._server.pid}",
            ) from error

    def _stream(self, path: str, body: Json) -> Iterator[tuple[str, Json]]:
        with self._client() as client:
            accept = {"Accept": "text/event-stream"}
            with client.stream("POST", path, json=body, headers=accept) as response:
                if response.status_code >= 400:
                    response.read()
                    _checked(response)
                event = ""
                for line in response.iter_lines():
                    if line.startswith("event:"):
                        event = line[6:].strip()
                    elif line.startswith("data:"):
                        data = json.loads(line[5:])
                        if event == "error":
                            raise _error(data)
                        yield event, data


def _named(ref: str) -> str:
    ref = _storable(ref)
    return ref if "://" in ref or _ID.fullmatch(ref) else _absolute(ref)


def _absolute(source: str) -> str:
    if "://" in source:
        return source
    return _storable(os.path.abspath(source))  # noqa: PTH100  # as ingestion names it: no ".."


def _storable(text: str) -> str:
    """Text that JSON can carry: bytes of the command line that are not UTF-8 are replaced."""
    return os.fsencode(text).decode("utf-8", "replace")


def _checked(response: "httpx.Response") -> Any:
    try:
        body = response.json()
    except ValueError:
        raise BylineError(
            f"the server at {response.url} answers with something else than JSON", "try again"
        ) from None
    if response.status_code >= 400:
        raise _error(body, missing=response.status_code == 404)
    return body


def _error(body: Json, *, missing: bool = False) -> BylineError:
    error = body.get("error", {})
    kind = ArticleMissing if missing else BylineError
    return kind(error.get("message", "the server failed"), error.get("hint", ""))


def report_json(report: Any) -> Json:
    """What happened to every item of an ingestion."""
    return {
        "schema": 1,
        "items": [
            {
                "source": item.source,
                "outcome": item.outcome,
                "article_id": item.article_id,
                "title": item.title,
                "reason": item.reason,
            }
            for item in report.items
        ],
        "n_passages": report.n_passages,
        "seconds": round(report.seconds, 3),
        "peak_memory_mb": report.peak_memory_mb,
    }
