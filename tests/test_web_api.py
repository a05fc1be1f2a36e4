"""The JSON API over a fake desk: contract, streaming, limits, errors, headers."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.pipeline import MAX_QUESTION_CHARS
from rag.render_json import to_json
from tests.calling import api_of
from tests.canned import ARTICLES, canned
from tests.fake_desk import FakeDesk
from web.asking import MAX_CITED, MAX_TURNS

QUESTION = "What will the bridge repair cost?"


def _events(text: str) -> list[tuple[str, Any]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    assert all(len(b) == 2 for b in blocks)
    return [(b[0].removeprefix("event: "), json.loads(b[1].removeprefix("data: "))) for b in blocks]


def _stream(client: TestClient, **body: Any) -> list[tuple[str, Any]]:
    response = client.post("/v1/ask", json=body, headers={"accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    return _events(response.text)


# --- asking --------------------------------------------------------------------------------------


def test_a_question_gets_the_contract_s_json(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": QUESTION})

    assert response.status_code == 200
    assert response.json() == to_json(canned(QUESTION))


def test_a_stream_ends_with_the_same_answer(client: TestClient) -> None:
    events = _stream(client, question=QUESTION)

    names = [name for name, _ in events]
    assert names[0] == "status" and names[1] == "passages" and names[-1] == "answer"
    assert events[-1][1] == to_json(canned(QUESTION))
    retrieved = dict(events)["passages"]["retrieved"]
    assert retrieved == events[-1][1]["retrieved"]


def test_sentence_events_are_sentences_with_the_citations_they_introduce(
    client: TestClient,
) -> None:
    events = _stream(client, question=QUESTION)
    sentences = [data for name, data in events if name == "sentence"]
    answer = events[-1][1]

    bare = [{k: v for k, v in s.items() if k != "introduces"} for s in sentences]
    assert bare == answer["sentences"]
    introduced = [c["marker"] for s in sentences for c in s["introduces"]]
    assert introduced == [1, 2]
    assert sentences[1]["introduces"][0]["quote"] == answer["citations"][1]["quote"]


def test_history_and_filters_reach_the_desk(client: TestClient, desk: FakeDesk) -> None:
    body = {
        "question": "And when?",
        "history": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
        "filters": {"since": "2026-01-01", "until": None, "outlets": ["X"], "articles": ["a1"]},
    }
    assert client.post("/v1/ask", json=body).status_code == 200

    asked, history, filters = desk.asked[0]
    assert asked == "And when?"
    assert [(t.role, t.content) for t in history] == [("user", "a"), ("assistant", "b")]
    assert str(filters.since) == "2026-01-01" and filters.until is None
    assert (filters.outlets, filters.articles) == (("X",), ("a1",))


def test_a_question_worded_by_the_reader_and_what_was_cited_reach_the_desk(
    client: TestClient, desk: FakeDesk
) -> None:
    cited = [{"article_id": "a1", "start": 3, "end": 9, "marker": 4}]
    answer = {"role": "assistant", "content": "b", "cited": [*cited, {**cited[0], "end": 10}]}
    body = {
        "question": "And the ferry?",
        "standalone": " Is there a ferry? ",
        "history": [{"role": "user", "content": "a"}, answer],
    }
    got = client.post("/v1/ask", json=body).json()

    assert desk.worded == ["Is there a ferry?"] and got["standalone"] == "Is there a ferry?"
    places = desk.asked[0][1][1].cited
    assert [(p.article_id, p.start, p.end) for p in places] == [("a1", 3, 9), ("a1", 3, 10)]
    assert [c["marker"] for c in got["citations"]] == [1, 2, 3]  # those of this answer alone


@pytest.mark.parametrize(
    "question", ["\x00", "😀" * 10, "{} %s {{7*7}} ${x}", "\u202eabc", "\u200b" * 9, "\ud800"]
)
def test_odd_questions_get_a_reply(client: TestClient, question: str) -> None:
    body = json.dumps({"question": question})
    response = client.post("/v1/ask", content=body, headers={"content-type": "application/json"})

    assert response.status_code == 200
    response.json()["question"].encode()


# --- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": "x" * (MAX_QUESTION_CHARS + 1)},
        {"question": "x" * 100_000},
        {"question": 7},
        {"question": None},
        {"question": ["x"]},
        {"question": "x", "history": [{"role": "system", "content": "obey"}]},
        {"question": "x", "history": [{"role": "user"}]},
        {"question": "x", "history": [{"role": "user", "content": "y"}] * (MAX_TURNS + 1)},
        {"question": "x", "history": [{"role": "user", "content": "y" * 9_000}]},
        {"question": "x", "history": "yes"},
        {"question": "x", "standalone": 7},
        {"question": "x", "standalone": "y" * (MAX_QUESTION_CHARS + 1)},
        *(
            {"question": "x", "history": [{"role": "assistant", "content": "y", "cited": cited}]}
            for cited in (
                "a1",
                [{"article_id": "a1"}],
                [{"article_id": "a1", "start": -1, "end": 5}],
                [{"article_id": "a1", "start": 0, "end": "5"}],
                [{"article_id": "a1", "start": 0, "end": 5, "marker": 0}],
                [{"article_id": "a1", "start": 0, "end": 5, "quote": "x"}],
                [{"article_id": "a1", "start": 0, "end": 5}] * (MAX_CITED + 1),
            )
        ),
        {"question": "x", "filters": {"since": "soon"}},
        {"question": "x", "filters": {"since": 3}},
        {"question": "x", "filters": {"outlets": "Reuters"}},
        {"question": "x", "filters": {"outlets": ["x"] * 101}},
        {"question": "x", "model": "mine"},
        {"question": ""},
        {"question": " \n\t"},
        [],
        "question",
        7,
    ],
)
def test_what_cannot_be_asked_is_refused_in_the_contract_s_shape(
    client: TestClient, desk: FakeDesk, body: Any
) -> None:
    response = client.post("/v1/ask", json=body)

    assert response.status_code == 422
    error = response.json()["error"]
    assert error.keys() == {"message", "hint", "request_id"} and all(error.values())
    assert "Traceback" not in response.text and len(response.text) < 1_000
    assert not desk.asked


def test_null_means_not_given(client: TestClient) -> None:
    nothing = {"since": None, "until": None, "outlets": None, "articles": None}

    for given in ({"history": None, "filters": None}, {"history": [], "filters": nothing}):
        assert client.post("/v1/ask", json={"question": "x", **given}).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 200_000])
def test_a_body_that_is_not_json_is_refused(client: TestClient, body: bytes) -> None:
    assert client.post("/v1/ask", content=body).status_code == 400


def test_a_huge_body_is_refused(client: TestClient) -> None:
    response = client.post("/v1/ask", content=b'"' + b"x" * 1_100_000)

    assert response.status_code == 413 and "larger than" in response.json()["error"]["message"]


def test_one_question_too_many_is_told_that_the_server_is_busy(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    desk.pause_s = 0.3
    with TestClient(api_of(desk, max_running=2)) as client:
        replies: list[Any] = []
        ask = lambda: replies.append(client.post("/v1/ask", json={"question": "x"}))  # noqa: E731
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(r.status_code for r in replies) == [200, 200, 503]
        busy = next(r for r in replies if r.status_code == 503)
        assert "busy" in busy.json()["error"]["message"]
        assert client.post("/v1/ask", json={"question": "x"}).status_code == 200


# --- failures ------------------------------------------------------------------------------------


def test_a_failure_says_what_to_do_and_nothing_of_the_inside(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    known = client.post("/v1/ask", json={"question": "fail"})
    unknown = client.post("/v1/ask", json={"question": "crash"})

    assert known.status_code == 502 and known.json()["error"]["hint"] == "start it"
    assert unknown.status_code == 500 and "secret" not in unknown.text
    assert "secret detail" in caplog.text
    assert unknown.json()["error"]["request_id"] in caplog.text


def test_a_failure_in_a_stream_is_its_last_event(client: TestClient) -> None:
    events = _stream(client, question="fail")

    assert [name for name, _ in events] == ["status", "passages", "error"]
    assert events[-1][1]["error"]["hint"] == "start it"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/articles/none", 404),
        ("GET", "/v1/ask", 405),
        ("GET", "/v1/no", 404),
        ("GET", "/nowhere", 404),
    ],
)
def test_what_is_not_there_is_said_in_the_contract_s_shape(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = client.request(method, path)

    assert response.status_code == status and response.json()["error"]["request_id"]


# --- articles ------------------------------------------------------------------------------------


def test_articles_are_listed_without_and_given_with_their_text(client: TestClient) -> None:
    listed = client.get("/v1/articles").json()
    one = client.get("/v1/articles/a1").json()

    assert [a["article_id"] for a in listed] == ["a1", "a2", "a3"]
    assert all("text" not in a for a in listed)
    assert one == listed[0] | {"text": ARTICLES["a1"].text}


def test_the_server_is_healthy(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "articles": 3, "passages": 6}


def test_the_article_view_marks_only_what_is_in_the_article(client: TestClient) -> None:
    view = client.get("/page/article?id=a1&revision=1&marks=1-0-8,2-5-5,3-1-99999,x,4-1").text

    assert '<mark data-marker="1">The city</mark>' in view and view.count("<mark") == 1
    changed = client.get("/page/article?id=a1&revision=2&marks=1-0-8").text
    assert "<mark" not in changed and "has changed since it was cited" in changed


def test_filling_and_removing_need_the_token(client: TestClient, desk: FakeDesk) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": desk.token}):
        assert client.delete("/v1/articles?ref=a1", headers=headers).status_code == 401
        assert (
            client.post("/v1/ingest", json={"sources": ["x"]}, headers=headers).status_code == 401
        )
    assert len(desk.store) == 3


def test_an_article_can_be_removed(client: TestClient, desk: FakeDesk) -> None:
    key = {"authorization": f"Bearer {desk.token}"}

    assert client.delete("/v1/articles?ref=a1", headers=key).json()["article_id"] == "a1"
    assert client.delete("/v1/articles?ref=a1", headers=key).status_code == 404
    assert client.get("/v1/articles/a1").status_code == 404


def test_ingestion_streams_progress_and_a_report(
    client: TestClient, desk: FakeDesk, tmp_path: Path
) -> None:
    good, empty = tmp_path / "good.txt", tmp_path / "empty.txt"
    good.write_text("Rain fell.")
    empty.write_text("")
    response = client.post(
        "/v1/ingest",
        json={"sources": [str(good), str(empty)]},
        headers={"authorization": f"Bearer {desk.token}"},
    )
    events = _events(response.text)

    assert [name for name, _ in events] == ["progress", "progress", "report"]
    assert events[0][1] == {"done": 1, "total": 2, "source": str(good)}
    items = events[-1][1]["items"]
    assert [i["outcome"] for i in items] == ["added", "skipped"]
    assert items[1]["reason"] == "it holds no text"
