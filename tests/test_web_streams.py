"""Nobody meets what is another's: Gradio's streams and events, and conversations."""

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.people import N, People, ask_body, logged_in, peopled, stranger
from web.asking import Asker


def config_of(client: httpx.Client) -> dict[str, Any]:
    config: dict[str, Any] = client.get("/config").json()
    return config


def listen(client: httpx.Client, session: str) -> list[dict[str, Any]]:
    """All events of a session until Gradio ends the stream."""
    url = f"/gradio_api/queue/data?session_hash={session}"
    with client.stream("GET", url) as stream:
        heard = []
        with suppress(httpx.RemoteProtocolError):  # how Gradio ends a stream that is not there
            for line in stream.iter_lines():
                heard += [json.loads(line.removeprefix("data: "))] if line else []
    return heard


def test_fifty_users_at_once_never_meet_each_other(people: People) -> None:
    """All make up the same name for their session, as an attacker would."""
    with logged_in(people.url, "ann") as client:
        config = config_of(client)
    together = threading.Barrier(N)

    def ask(n: int) -> tuple[str, list[dict[str, Any]], int]:
        mine = f"What does it cost, asks person {n:02}?"
        with logged_in(people.url, f"user-{n:02}") as client:
            together.wait(60)
            joined = client.post("/gradio_api/queue/join", json=ask_body(config, mine, "same"))
            assert joined.status_code == 200, joined.text
            api = client.post("/v1/ask", json={"question": mine})
            assert api.json()["question"] == mine
            return joined.json()["event_id"], listen(client, "same"), n

    with ThreadPoolExecutor(N) as pool:
        told = list(pool.map(ask, range(N)))
    for event_id, heard, n in told:
        assert {e["event_id"] for e in heard if e.get("event_id")} == {event_id}
        assert heard[-2]["msg"] == "process_completed" and heard[-2]["success"]
        said = set(re.findall(r"asks person (\d\d)", json.dumps(heard)))
        assert said == {f"{n:02}"}


def test_fifty_are_answered_on_the_page_at_the_same_time(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left to itself, Gradio keeps those after the fortieth waiting without a word."""
    all_here = threading.Barrier(N)
    monkeypatch.setattr(people.desk, "_wait", lambda asked: all_here.wait(60))
    with logged_in(people.url, "ann") as client:
        config = config_of(client)

    def ask(n: int) -> list[dict[str, Any]]:
        with logged_in(people.url, f"user-{n:02}") as client:
            client.post("/gradio_api/queue/join", json=ask_body(config, "What does it cost?", "x"))
            return listen(client, "x")

    with ThreadPoolExecutor(N) as pool:
        told = [json.dumps(heard) for heard in pool.map(ask, range(N))]
    assert all("process_completed" in heard and "byline-cite" in heard for heard in told)


def test_one_question_too_many_is_told_on_the_page_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes back into its box, and can be asked again once somebody else is done."""
    n, asked = 3, "What does it cost?"
    monkeypatch.setattr("web.asking.Asker", partial(Asker, max_running=n))
    with peopled(tmp_path) as crowded:
        others_here = threading.Barrier(n + 1)
        monkeypatch.setattr(crowded.desk, "_wait", lambda _: others_here.wait(60))
        with logged_in(crowded.url, "ann") as client:
            config = config_of(client)

        def ask(name: str) -> list[dict[str, Any]]:
            with logged_in(crowded.url, name) as client:
                client.post("/gradio_api/queue/join", json=ask_body(config, asked, name))
                return listen(client, name)

        def ask_too_many() -> list[dict[str, Any]]:
            until = time.monotonic() + 60
            while others_here.n_waiting < n and time.monotonic() < until:
                time.sleep(0.01)
            heard = ask("user-49")
            monkeypatch.setattr(crowded.desk, "_wait", lambda _: None)
            others_here.wait(60)
            return heard

        with ThreadPoolExecutor(n + 1) as pool:
            others = [pool.submit(ask, f"user-{k:02}") for k in range(n)]
            refused = pool.submit(ask_too_many).result()
            assert all("byline-cite" in json.dumps(other.result()) for other in others)
        box, shown, *_ = refused[-2]["output"]["data"]
        assert box == asked
        assert f"the server is busy: {n} questions are being answered" in shown
        assert "Ask again in a moment" in shown and "byline-cite" not in json.dumps(refused)
        assert "byline-cite" in json.dumps(ask("user-49"))


def test_a_foreign_stream_cannot_be_listened_to_or_ended(people: People) -> None:
    people.desk.pause_s = 0.2
    try:
        with logged_in(people.url, "user-10") as ann, logged_in(people.url, "user-11") as eve:
            config = config_of(ann)
            body = ask_body(config, "What does it cost?", "annssession")
            joined = ann.post("/gradio_api/queue/join", json=body).json()
            heard = listen(eve, "annssession")
            assert [e["msg"] for e in heard] == ["unexpected_error"]
            assert heard[0].get("session_not_found")
            cancel = {"session_hash": "annssession", "fn_index": body["fn_index"], "event_id": "x"}
            assert eve.post("/gradio_api/cancel", json=cancel).status_code == 200
            with eve.stream("GET", "/gradio_api/heartbeat/annssession") as beat:
                next(beat.iter_lines())  # and leaves: Gradio would end Ann's session
            own = listen(ann, "annssession")
        assert own[-2]["msg"] == "process_completed"
        assert own[-2]["event_id"] == joined["event_id"]
        assert "38 million" in json.dumps(own[-2])
    finally:
        people.desk.pause_s = 0.0


def test_gradio_s_other_ways_in_are_shut(people: People) -> None:
    ways = [
        ("POST", "run/predict"), ("POST", "api/predict"), ("POST", "call/acted"),
        ("GET", "call/acted/x"), ("POST", "component_server"), ("GET", "info"),
        ("GET", f"file={people.desk.home}/desk.db"), ("GET", "proxy=https://x.example"),
        ("POST", "vibe-edit/"), ("GET", "heartbeat/a/b"), ("POST", "process_recording"),
        ("GET", "stream/same/1/2/playlist.m3u8"), ("GET", "queue/data/"),
    ]  # fmt: skip
    with logged_in(people.url, "ann") as client:
        for method, way in ways:
            assert client.request(method, f"/gradio_api/{way}").status_code == 404, way


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 10_000, b"\xff"])
def test_a_request_of_nonsense_is_refused_politely(people: People, body: bytes) -> None:
    with logged_in(people.url, "user-12") as client:
        response = client.post("/gradio_api/queue/join", content=body)
    assert response.status_code in (400, 422)
    assert "Traceback" not in response.text


def test_readers_ask_but_change_nothing(people: People) -> None:
    with logged_in(people.url, "rita") as reader:
        config = config_of(reader)
        files = {"files": ("x.txt", b"Some text of an article.")}
        refused = reader.post("/gradio_api/upload?upload_id=u1", files=files)
        assert refused.status_code == 403 and "editor" in refused.json()["error"]["hint"]
        for upload in ("/gradio_api/upload/", "//gradio_api/upload", "/gradio_api%2Fupload",
                       "/gradio_api/./upload", "/gradio%5Fapi/upload"):  # fmt: skip
            assert reader.post(upload, files=files).status_code >= 400

        parts = {p["id"]: p["props"].get("elem_id") for p in config["components"]}
        for event in config["dependencies"]:
            if not event["backend_fn"]:
                continue
            data: list[Any] = [None for _ in event["inputs"]]
            name = f"event{event['id']}"
            body = {"data": data, "fn_index": event["id"], "session_hash": name}
            is_act = any(parts.get(target) == "told" for target, _ in event["targets"])
            body["event_data"] = {"verb": "remove", "article": "a3"} if is_act else None
            joined = reader.post("/gradio_api/queue/join", json=body)
            assert joined.status_code == 200
            heard = json.dumps(listen(reader, name))
            if is_act:
                assert "Readers cannot change the archive" in heard
        ask = reader.post("/v1/ask", json={"question": "What does it cost?"})
        assert ask.status_code == 200
    assert "a3" in people.desk.store and len(people.desk.store) == 3


def test_a_conversation_is_its_owner_s_until_it_is_shared(people: People) -> None:
    with logged_in(people.url, "user-13") as ann, logged_in(people.url, "user-14") as eve:
        body = ask_body(config_of(ann), "What does it cost?", "hers")
        ann.post("/gradio_api/queue/join", json=body)
        listen(ann, "hers")
        kept = people.desk.chats.listing("user-13")[0]
        hers = f"/page/conversation?id={kept.conversation_id}"
        assert ann.get(hers).status_code == 200 and eve.get(hers).status_code == 404
        assert kept.conversation_id not in eve.get("/page/conversations").text
        for verb in ("rename", "pin", "delete", "share", "unshare"):
            deed = {"verb": verb, "conversation": kept.conversation_id, "title": "x"}
            assert eve.post("/page/chat", json=deed).status_code == 404, verb
        share = {"verb": "share", "conversation": kept.conversation_id}
        token = ann.post("/page/chat", json=share).json()["share"]
    with stranger(people.url) as anybody:
        assert "38 million" in anybody.get(f"/s/{token}").text
        assert anybody.get(hers).status_code == 401
        people.desk.chats.unshare(kept.conversation_id, "user-13")
        assert anybody.get(f"/s/{token}").status_code == 404
