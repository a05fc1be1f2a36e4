"""An endpoint that is tried from the page: listed, tested, and told in words what is wrong."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.choosing import CANARY, send
from tests.faulty import (
    Exchange,
    FaultyServer,
    State,
    body,
    closed_port,
    endpoint,
    models,
    says,
    status,
)
from web.desk import Desk


@pytest.fixture
def desk(unset: Desk) -> Desk:
    return unset


def test_models_are_listed_and_one_is_tried_before_anything_is_saved(
    client: TestClient, desk: Desk
) -> None:
    with FaultyServer(endpoint(models("b", "A", "c"), says("I am\n<b>ready</b>."))) as server:
        listed = send(client, "models", endpoint=server.url, key=CANARY)
        told = send(client, "test", endpoint=server.url, model="b", mode="extractive")

    assert listed["models"] == ["A", "b", "c"] and "has 3 models." in listed["told"]
    assert server.heads[0].startswith("GET /v1/models ") and CANARY in server.heads[0]
    assert told["done"] and told["told"].startswith(f"b at 127.0.0.1:{server.port} answered in ")
    assert told["reply"] == "I am ‹b›ready‹/b›."
    assert server.requests[-1]["model"] == "b"
    assert desk.chosen.read() is None and desk.mode()[0] == "extractive"


HTML = body(b"<!doctype html><title>Welcome</title>", "text/html")


def _moved(exchange: Exchange) -> None:
    exchange.start(302, {"Location": "http://127.0.0.1:9/elsewhere", "Content-Length": "0"})


@pytest.mark.parametrize(
    ("state", "listed", "tried"),
    [
        (status(401), "refused the key (status 401)", "Check the key"),
        (status(404), "no list of models there (status 404)", "Check the model"),
        (status(500), "answered with status 500", "500"),
        (HTML, "sent a web page, not a list of models", "a web page, not with a stream"),
        (body(b"{}", "application/json"), "names no models", "a document, not with"),
        (body(b"{", "application/json"), "sent something else", "a document, not with"),
        (_moved, "answered with status 302", "302"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_said_in_words(
    client: TestClient, state: State, listed: str, tried: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.llm._MAX_RETRIES", 0)
    with FaultyServer(state) as server:
        for kind, words in (("models", listed), ("test", tried)):
            told = send(client, kind, endpoint=server.url, model="m")
            assert not told["done"] and words in told["told"], (kind, told)
            assert "OPENAI_" not in told["told"] and "BYLINE_" not in told["told"]


def test_a_closed_port_is_told_at_once(client: TestClient) -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"

    assert "cannot be reached" in send(client, "models", endpoint=url)["told"]
    told = send(client, "test", endpoint=url)["told"]
    assert url in told and "cannot be reached" in told and "Check the endpoint" in told


def test_an_endpoint_that_drips_or_says_nothing_is_left(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drips(exchange: Exchange) -> None:
        exchange.start(200, {"Content-Type": "application/json"})
        while not exchange.gone(0.05):
            exchange.write(b" ")

    def hangs(exchange: Exchange) -> None:
        exchange.gone(30)

    monkeypatch.setattr("web.endpoint._LIST_S", 0.4)
    with FaultyServer(drips, hangs) as server:
        for _ in range(2):
            told = send(client, "models", endpoint=server.url)
            assert not told["done"] and "gave no list within" in told["told"]


def test_a_list_without_end_is_left(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.endpoint._MAX_BYTES", 10_000)
    with FaultyServer(body(b" " * 200_000, "application/json")) as server:
        assert "more than a list" in send(client, "models", endpoint=server.url)["told"]


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({"models": [{"name": "one"}]}, ["one"]),
        ([{"id": "one"}, {"id": "one"}, {"id": 7}, "x", {"id": "y" * 300}], ["one"]),
        ({"data": [{"id": "<b>"}]}, ["<b>"]),
    ],
)
def test_lists_come_in_several_shapes(client: TestClient, told: Any, names: list[str]) -> None:
    import json

    with FaultyServer(body(json.dumps(told).encode(), "application/json")) as server:
        assert send(client, "models", endpoint=server.url)["models"] == names
