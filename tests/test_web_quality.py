"""The Quality tab's routes: who sees what, who may do what, and what the command asks."""

import json
from dataclasses import replace
from typing import Any

import pytest

from rag.chats import Exchange, Feedback
from rag.schema import Answer, Question
from tests.canned import canned, hostile
from tests.fake_desk import FakeDesk
from tests.judging import CASE, client_of
from web.case_sets import CaseSets
from web.scoring import embedded_judge, score_unscored


def keep(desk: FakeDesk, answer: Answer, owner: str = "") -> Exchange:
    conversation = desk.chats.start(owner, answer.question.asked)
    added = desk.chats.add(conversation.conversation_id, owner, answer)
    score_all(desk)
    return desk.chats.exchange(added.exchange_id, owner)


def score_all(desk: Any) -> None:
    from threading import Event

    score_unscored(desk, embedded_judge(desk), Event())


# --- the answers given ---------------------------------------------------------------------------


def test_before_the_first_question_it_says_what_will_be_here(desk: FakeDesk) -> None:
    shown = client_of(desk).get("/page/quality").text

    assert "Nothing was asked yet." in shown and "byline-figures" not in shown


def test_a_reader_sees_their_own_answers_and_an_editor_all(desk: FakeDesk) -> None:
    keep(desk, canned("Is the bridge of ada closed?"), "ada")
    keep(desk, canned("Is the bridge of ben closed?"), "ben")

    of_ada = client_of(desk, "ada", "reader").get("/page/quality").text
    assert "bridge of ada" in of_ada and "bridge of ben" not in of_ada
    of_editor = client_of(desk, "eve").get("/page/quality").text
    assert "bridge of ada" in of_editor and "bridge of ben" in of_editor


def test_only_one_s_own_conversation_can_be_opened(desk: FakeDesk) -> None:
    kept = keep(desk, canned("Is it closed?"), "ada")
    link = f'href="?c={kept.conversation_id}#e-{kept.exchange_id}"'

    assert link in client_of(desk, "ada", "reader").get("/page/quality").text
    assert kept.conversation_id not in client_of(desk, "eve").get("/page/quality").text


def test_the_worst_is_shown_with_its_evidence_and_a_way_to_the_article(desk: FakeDesk) -> None:
    kept = keep(desk, canned("Is it closed?"))
    desk.chats.rate(kept.exchange_id, "", Feedback(rating="down", reason="outdated", note="Old."))
    shown = client_of(desk).get("/page/quality").text

    assert "900 million euros is not in the source" in shown
    assert "<mark>The bridge closes to cars in spring.</mark>" in shown
    assert 'data-article="a3"' in shown and 'data-marks="2-0-36"' in shown
    assert "thumb down: outdated" in shown and "Old." in shown


def test_only_the_time_asked_for_is_told(desk: FakeDesk) -> None:
    keep(desk, canned("Is it closed?"))
    with desk.database.writing() as connection:
        connection.execute("UPDATE exchanges SET asked_at = '2020-01-01T00:00:00+00:00'")
    client = client_of(desk)

    assert "Is it closed?" in client.get("/page/quality").text  # nothing newer is there
    of_month = client.get("/page/quality", params={"days": 30}).text
    assert "Is it closed?" not in of_month and "Nothing was asked in this time." in of_month
    keep(desk, canned("Is it open?"))
    assert "Is it closed?" not in client.get("/page/quality").text
    assert client.get("/page/quality", params={"days": -2}).status_code == 422


def test_what_waits_to_be_scored_is_said_and_asked_for_again(desk: FakeDesk) -> None:
    conversation = desk.chats.start("", "x")
    desk.chats.add(conversation.conversation_id, "", canned("x"))
    shown = client_of(desk).get("/page/quality").text

    assert 'data-busy="yes"' in shown and "1 answer still to be scored" in shown


def test_words_of_others_stay_words(desk: FakeDesk) -> None:
    words = "<img src=x onerror=alert(1)>\"'"
    kept = keep(desk, hostile(words))
    desk.chats.rate(kept.exchange_id, "", Feedback(rating="down", note=words))

    assert "<img" not in client_of(desk).get("/page/quality").text


# --- who may do what -----------------------------------------------------------------------------


def test_a_reader_can_neither_run_nor_change_anything(desk: FakeDesk) -> None:
    CaseSets(desk.home).add("mine.jsonl", json.dumps(CASE))
    reader = client_of(desk, "ada", "reader")

    for verb in ("run", "stop", "draft", "upload", "keep", "edit", "drop", "remove-set"):
        assert reader.post(f"/page/quality/{verb}", json={"name": "mine.jsonl"}).status_code == 403
    assert reader.get("/page/quality/set", params={"name": "mine.jsonl"}).status_code == 403
    assert "Run an evaluation" not in reader.get("/page/quality/runs").text
    assert CaseSets(desk.home).rows("mine.jsonl") == [CASE]


def test_only_our_own_page_can_do_something(desk: FakeDesk) -> None:
    client = client_of(desk)

    form = client.post("/page/quality/stop", data={"name": "x"})
    foreign = client.post("/page/quality/stop", json={}, headers={"sec-fetch-site": "cross-site"})
    assert (form.status_code, foreign.status_code) == (403, 403)


def test_who_is_nobody_sees_nothing(desk: FakeDesk) -> None:
    client = client_of(desk, None)

    for path in ("", "/runs", "/set?name=x", "/report?id=x", "/compare?before=x&after=y"):
        assert client.get(f"/page/quality{path}").status_code == 401, path


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("run", {"name": "none.jsonl", "limit": 1}),
        ("run", {"name": "../../etc/passwd", "limit": 1}),
        ("remove-run", {"name": "../sets"}),
        ("remove-run", {"name": "sets"}),
        ("remove-set", {"name": "../../desk.db"}),
        ("drop", {"name": "none.jsonl", "at": 0, "was": "x"}),
        ("dance", {}),
        ("run", {"name": 3, "limit": 1}),
        ("draft", {"n": True}),
        ("draft", {"n": 10**9}),
    ],
)
def test_what_is_not_there_is_refused(desk: FakeDesk, verb: str, body: dict[str, Any]) -> None:
    answer = client_of(desk).post(f"/page/quality/{verb}", json=body)

    assert answer.status_code in (404, 422)
    assert answer.json()["error"]["message"]
    assert (desk.home / "desk.db").exists()


def test_reports_are_read_from_finished_runs_alone(desk: FakeDesk) -> None:
    client = client_of(desk)

    for run_id in ("none", "../../desk.db", "..", ""):
        assert client.get("/page/quality/report", params={"id": run_id}).status_code == 404
        both = {"before": run_id, "after": run_id}
        assert client.get("/page/quality/compare", params=both).status_code == 404


# --- the command, while a server holds the archive -----------------------------------------------


def test_the_command_asks_the_server_with_its_token(desk: FakeDesk) -> None:
    conversation = desk.chats.start("ada", "x")
    answer = replace(canned("x"), question=Question(asked="Is it closed?"))
    desk.chats.add(conversation.conversation_id, "ada", answer)
    client = client_of(desk)
    token = {"authorization": f"Bearer {desk.token}"}

    assert client.post("/v1/keep/chats", json={}).status_code == 401
    body = client.post("/v1/keep/chats", json={"since": "", "labels": True}, headers=token).json()
    assert (body["n"], body["n_unscored"], body["labels"]) == (1, 0, [])
    bad = client.post("/v1/keep/chats", json={"since": "soon"}, headers=token)
    assert bad.status_code == 422 and "is no day" in bad.text
