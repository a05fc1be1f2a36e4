"""Settings in the page: who may choose, what is told of an endpoint, and where the key goes."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from rag.preferences import Chosen, Preferences
from rag.schema import AnswerEvent
from rag.settings import LANGUAGES, Settings
from tests.calling import api_of
from tests.choosing import CANARY, KINDS, fields, send
from tests.faulty import (
    Exchange,
    FaultyServer,
    endpoint,
    ids_in,
    models,
    says,
    status,
)
from web.desk import Desk
from web.visitors import Visitor

READER = Visitor(name="ann", role="reader")


@pytest.fixture(scope="module")
def filled(bare: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    note = tmp_path_factory.mktemp("notes") / "note.txt"
    note.write_text("The old harbour bridge in Arden closes to cars on 1 March, the mayor said.")
    bare.ingest([note])
    return bare


@pytest.fixture
def desk(filled: Desk, unset: Desk) -> Desk:  # the same desk twice
    return unset


def shown(client: TestClient) -> str:
    return client.get("/page/settings").text


# --- who may what --------------------------------------------------------------------------------


def test_a_reader_is_shown_the_look_of_the_page_alone(desk: Desk) -> None:
    desk.apply(Preferences(mode="llm", endpoint="https://secret-host.example/v1"))
    with TestClient(api_of(desk, visitor=READER)) as client:
        told = shown(client)

        assert "Appearance" in told and "<form" not in told
        assert "secret-host" not in told and str(desk.home) not in told
        for kind, path in KINDS.items():
            assert client.post(f"/page/settings{path}", json=fields()).status_code == 403, kind
    assert desk.chosen.read() is not None


@pytest.mark.parametrize("path", KINDS.values())
def test_another_site_chooses_nothing(client: TestClient, desk: Desk, path: str) -> None:
    url = f"/page/settings{path}"
    foreign = {"sec-fetch-site": "cross-site"}
    plain = {"content-type": "text/plain"}

    assert client.post(url, json=fields(), headers=foreign).status_code == 403
    assert client.post(url, content='{"mode": "llm"}', headers=plain).status_code == 403
    assert desk.chosen.read() is None


# --- choosing ------------------------------------------------------------------------------------


def test_the_next_question_is_answered_as_chosen(client: TestClient, desk: Desk) -> None:
    def cited(sent: dict[str, Any]) -> str:
        (tag, *_) = ids_in(sent["messages"][-1]["content"])
        return f"The bridge closes to cars on 1 March [{tag}]."

    def asked() -> Any:
        *_, last = desk.ask("When does the harbour bridge close to cars?")
        assert isinstance(last, AnswerEvent)
        return last.answer

    with FaultyServer(says(cited)) as server:
        assert asked().mode == "extractive" and server.n_requests == 0
        told = send(client, "save", endpoint=server.url, model="tiny", language="de", key=CANARY)
        assert told == {"done": True, "told": "Saved. The next question is answered this way."}
        answer = asked()
        assert (answer.mode, answer.model, answer.prompt_version) == ("llm", "tiny", "3 de")
        rules = server.requests[0]["messages"][0]["content"]
        assert "in German, whatever the language of the question" in rules
        assert f"authorization: bearer {CANARY}" in server.heads[0].lower()
        n_asked = server.n_requests
        assert send(client, "save", mode="extractive")["done"]
        assert asked().mode == "extractive" and server.n_requests == n_asked


def test_an_answer_under_way_ends_with_the_model_that_it_began_with(
    client: TestClient, desk: Desk
) -> None:
    begun, changed = threading.Event(), threading.Event()

    def waits(exchange: Exchange) -> None:
        begun.set()
        assert changed.wait(20)
        (tag, *_) = ids_in(exchange.body["messages"][-1]["content"])
        says(f"The bridge closes to cars on 1 March [{tag}].")(exchange)

    with FaultyServer(waits) as server:
        send(client, "save", endpoint=server.url, model="first")
        events: list[Any] = []
        asking = threading.Thread(
            target=lambda: events.extend(desk.ask("When does the bridge close to cars?"))
        )
        asking.start()
        assert begun.wait(20)
        send(client, "save", mode="extractive")
        changed.set()
        asking.join(30)

    assert desk.mode() == ("extractive", "")
    assert (events[-1].answer.mode, events[-1].answer.model) == ("llm", "first")


def test_what_was_chosen_outlives_the_process_and_can_be_taken_back(
    client: TestClient, tmp_path: Path
) -> None:
    given = Settings(home=tmp_path, llm_model="from-the-environment")
    with Desk.open(given, create=True) as desk, TestClient(api_of(desk)) as page:
        assert desk.mode() == ("llm", "from-the-environment")
        assert "From the environment" in shown(page) and "Back to" not in shown(page)
        send(page, "save", mode="extractive", strict=True)
    with Desk.open(given) as desk, TestClient(api_of(desk)) as page:
        assert desk.mode() == ("extractive", "") and desk.settings.strict
        assert "Chosen here" in shown(page)
        assert send(page, "reset")["done"]
        assert desk.mode() == ("llm", "from-the-environment") and not desk.settings.strict
    with Desk.open(given) as desk:
        assert desk.mode()[0] == "llm"


@pytest.mark.parametrize(
    ("known", "field", "told"),
    [
        ({"endpoint": "nonsense"}, "endpoint", "This is no address"),
        ({"endpoint": "http://ana:word@host/v1"}, "endpoint", "password out of the address"),
        ({"key": "two words"}, "key", "This is no key"),
        ({"language": "tlh"}, "language", "Not a language known here"),
        ({"judge": "encoder"}, "encoder", "Name a cross-encoder"),
        ({"judge": "encoder", "encoder": "/not/there/at/all"}, "encoder", "no such folder"),
        ({"judge": "llm", "mode": "extractive"}, "judge", "no language model to ask"),
        ({"key": CANARY, "no_key": True}, "key", "not both"),
        ({"mode": "magic"}, "mode", "extractive"),
        ({"model": "x" * 201}, "model", "200"),
        ({"strict": "yes"}, "strict", "valid boolean"),
        ({"home": "/etc"}, "home", "Extra inputs"),
    ],
)
def test_an_error_stands_by_its_field_and_changes_nothing(
    client: TestClient, desk: Desk, known: dict[str, Any], field: str, told: str
) -> None:
    response = client.post("/page/settings", json=fields(**known))

    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert told in response.json()["errors"][field]
    assert CANARY not in response.text and "two words" not in response.text
    assert desk.chosen.read() is None and desk.mode()[0] == "extractive"


@pytest.mark.parametrize("sent", [b"", b"[", b"[]", b'"x"', b"null", b"[" * 50_000])
def test_what_is_no_form_is_refused(client: TestClient, sent: bytes) -> None:
    told = client.post("/page/settings", content=sent, headers={"content-type": "application/json"})

    assert told.status_code in (400, 413, 422)


def test_fields_that_are_not_shown_are_not_looked_at(client: TestClient, desk: Desk) -> None:
    send(client, "save", endpoint="http://127.0.0.1:9/v1", model="kept", key=CANARY)

    assert send(client, "save", mode="extractive", endpoint="half an addr", key="a b")["done"]
    chosen = desk.chosen.read()
    assert chosen is not None and chosen.mode == "extractive"
    assert (chosen.endpoint, chosen.model) == ("http://127.0.0.1:9/v1", "kept")
    assert chosen.key is not None and chosen.key.get_secret_value() == CANARY


def test_a_choice_that_cannot_be_kept_is_not_in_force(
    desk: Desk, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Chosen, "put", full)

    assert client.post("/page/settings", json=fields(model="new")).status_code == 500
    assert desk.mode() == ("extractive", "")


def test_a_verifier_that_was_moved_away_does_not_keep_the_server_down(tmp_path: Path) -> None:
    with Desk.open(Settings(home=tmp_path), create=True) as desk:
        gone = tmp_path / "model"
        desk.chosen.put(Preferences(mode="extractive", verifier=str(gone), strict=True))
    with Desk.open(Settings(home=tmp_path)) as desk:
        assert desk.settings.verifier == "embedded" and desk.settings.strict
        with TestClient(api_of(desk)) as page:
            assert str(gone) in shown(page)


# --- the key -------------------------------------------------------------------------------------


def test_the_key_is_in_nothing_that_is_told_or_logged(
    client: TestClient, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def echoes(exchange: Exchange) -> None:
        status(401, f"Incorrect API key provided: {CANARY}")(exchange)

    told: list[str] = []
    with FaultyServer(echoes) as server:
        known = fields(endpoint=server.url, key=CANARY, model="m")
        for path in KINDS.values():
            if path == "/reset":
                continue
            told += [client.post(f"/page/settings{path}", json=known).text, shown(client)]
        told += [client.post("/page/settings", json={**known, "endpoint": "no address"}).text]
        told += [client.post("/page/settings", json={**known, "mode": CANARY, "key": 7}).text]
        told += [client.post("/page/settings", json=[CANARY]).text]
        told.append("".join(str(event) for event in desk.ask("When does the bridge close?")))
        assert CANARY in server.heads[0], "it was sent where it should be"
    told += [client.get("/healthz").text, repr(desk.settings), repr(desk.chosen.read())]
    told.append(caplog.text)

    assert [text for text in told if CANARY in text] == []
    assert "A key is set" in shown(client)


def test_an_empty_key_keeps_the_one_that_is_set_for_this_server_alone(
    client: TestClient, desk: Desk
) -> None:
    def kept() -> str:
        return desk.settings.llm_api_key.get_secret_value()

    send(client, "save", endpoint="http://127.0.0.1:9/v1", key=CANARY)
    assert send(client, "save", endpoint="http://127.0.0.1:9/v2", model="m")["done"]
    assert kept() == CANARY
    told = send(client, "save", endpoint="https://other.example/v1")
    assert told["errors"]["key"].startswith("The key that is set is for 127.0.0.1:9.")
    for kind in ("test", "models"):
        assert "key" in send(client, kind, endpoint="https://other.example/v1")["errors"]
    assert desk.settings.llm_base_url == "http://127.0.0.1:9/v2"
    assert send(client, "save", mode="extractive", endpoint="http://127.0.0.1:9/v2")["done"]
    assert kept() == "" and "A key is set" in shown(client), "it waits, and is sent nowhere"
    assert send(client, "save", endpoint="https://other.example/v1", no_key=True)["done"]
    assert kept() == "" and "No key is set" in shown(client)


def test_the_key_of_the_environment_is_not_sent_elsewhere(client: TestClient, desk: Desk) -> None:
    with FaultyServer(endpoint(models("a"), says("I am ready."))) as server:
        login = server.url.replace("http://", "http://ana:pass-canary@")
        desk.given = Settings(home=desk.home, llm_api_key=SecretStr(CANARY), llm_base_url=login)
        desk.apply(None)

        assert server.url in shown(client) and "pass-canary" not in shown(client)
        assert send(client, "save", endpoint=server.url)["done"]
        assert desk.settings.llm_base_url == login, "the login in the address is kept"
        assert send(client, "test", endpoint=server.url)["done"]
        n_asked = server.n_requests
        with FaultyServer(status(404)) as thief:
            told = send(client, "test", endpoint=thief.url)
            assert "key" in told["errors"] and thief.n_requests == 0
            send(client, "test", endpoint=thief.url, no_key=True)
            assert thief.n_requests and not any(CANARY in head for head in thief.heads)
        assert server.n_requests == n_asked


# --- the page ------------------------------------------------------------------------------------


def test_strange_words_in_settings_are_escaped(client: TestClient, desk: Desk) -> None:
    attack = '"><img src=x onerror=alert(1)>'
    desk.given = Settings(home=desk.home, llm_model=attack, verifier=attack)

    assert "<img" not in shown(client) and "&lt;img" in shown(client)


def test_every_language_can_be_chosen_and_every_field_has_a_label(client: TestClient) -> None:
    told = shown(client)

    assert all(
        f'<option value="{code}">{name}</option>' in told for code, name in LANGUAGES.items()
    )
    for name in ("endpoint", "key", "model", "encoder", "language"):
        assert f'for="set-{name}"' in told and f'id="set-{name}-error"' in told
    assert "Nothing that you ask" in told and "no usage reports" in told
