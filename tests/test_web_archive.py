"""The commands find the archive wherever it is open, and name it as the user does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rag.errors import BylineError, HomeBusy, IndexMismatch
from rag.home import Home, ServerInfo
from rag.schema import Filters
from rag.settings import Settings
from web.archive import Served, open_archive
from web.desk import Desk

ROW = {
    "text": "The paper mill in Orrin closed on Monday, its owner said. Ninety people worked there.",
    "url": "https://news.example.com/mill/?utm_source=feed",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "a.json").write_text(json.dumps(ROW))
    with Desk.open(Settings(home=tmp_path / "home"), create=True) as desk:
        desk.ingest([tmp_path / "a.json"])
        yield desk


class _Recorder(BaseHTTPRequestHandler):
    """Keeps what it was asked and answers 404 with a page, as no server of ours does."""

    asked: list[str]

    def do_DELETE(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def recorder() -> Iterator[tuple[str, list[str]]]:
    handler = type("Recorder", (_Recorder,), {"asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler.asked  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_a_relative_path_is_one_of_the_caller(
    recorder: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = recorder
    monkeypatch.chdir(tmp_path)
    served = Served(ServerInfo(pid=1, url=url, token="t"))

    for ref in ("x/../a.txt", "0123456789abcdef", "https://example.com/a", "caf\udcff"):
        with pytest.raises(BylineError, match="something else than JSON"):
            served.remove(ref)

    refs = [path.split("ref=")[1].replace("%2F", "/").replace("%3A", ":") for path in asked]
    assert refs[0] == f"{tmp_path}/a.txt"
    assert refs[1:3] == ["0123456789abcdef", "https://example.com/a"]
    assert refs[3].endswith("caf%EF%BF%BD")


def test_a_server_that_is_gone_is_one_sentence() -> None:
    served = Served(ServerInfo(pid=1, url="http://127.0.0.1:9", token="t"))

    with pytest.raises(BylineError, match=r"127\.0\.0\.1:9 does not answer"):
        served.ask("caf\udcff?", Filters(), lambda _: None)


def test_a_server_on_its_way_up_is_asked_once_it_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.desk._WAIT_S", 1.0)
    with Home(tmp_path).acquire() as home:
        later = threading.Timer(0.5, home.publish, ("http://127.0.0.1:9", "token"))
        later.start()
        with open_archive(Settings(home=tmp_path)) as archive:
            assert archive.served_at == "http://127.0.0.1:9"
        with (
            pytest.raises(HomeBusy, match="stop the server"),
            open_archive(Settings(home=tmp_path), rebuild=True),
        ):
            pass


def test_other_settings_are_refused_before_their_model_is_looked_for(desk: Desk) -> None:
    with pytest.raises(
        IndexMismatch, match=r"made with all-MiniLM.*; now it is no/such.*--rebuild"
    ):
        Desk.open(Settings(home=desk.home, embedder="no/such"))


@pytest.mark.parametrize(
    "ref",
    [
        "https://news.example.com/mill/",
        "http://news.example.com/mill",
        "https://news.example.com/mill/?utm_source=feed#top",
        "a.json",
        "home/../a.json",
    ],
)
def test_an_article_is_known_by_url_and_path(
    desk: Desk, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk.home.parent)

    assert desk.article(ref).url == "https://news.example.com/mill/"
