"""Conversations over HTTP: seen, changed, shared and exported by their owner alone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.chats import Conversation
from rag.schema import Filters
from tests.canned import canned, hostile
from tests.fake_desk import FakeDesk
from web.chatting import list_html

JSON = {"content-type": "application/json"}


@pytest.fixture
def talk(desk: FakeDesk) -> str:
    talk = desk.chats.start("", "The bridge")
    desk.chats.add(talk.conversation_id, "", canned())
    return talk.conversation_id


def do(client: TestClient, **deed: Any) -> Any:
    return client.post("/page/chat", json=deed)


def test_a_conversation_comes_with_its_turns_its_limits_and_its_proof(
    client: TestClient, talk: str
) -> None:
    told = client.get("/page/conversation", params={"id": talk}).json()

    assert told["title"] == "The bridge" and told["share"] is None
    assert told["turns"].count('class="byline-turn"') == 1
    assert "byline-source" in told["proof"]["sources"]
    assert told["scope"] == {
        "since": None,
        "until": None,
        "outlets": [],
        "articles": [],
        "languages": [],
    }
    assert "The bridge" in client.get("/page/conversations", params={"search": "cost"}).text


def test_conversations_stand_under_how_long_ago_they_were() -> None:
    def talk(title: str, day: date, *, pinned: bool = False) -> Conversation:
        moment = datetime.combine(day, time(23, 59), UTC)
        return Conversation(
            conversation_id=title,
            owner="",
            title=title,
            pinned=pinned,
            scope=Filters(),
            created_at=moment,
            updated_at=moment,
            share=None,
        )

    today = date(2026, 3, 1)
    ages = {"new": 0, "late": 1, "week": 7, "month": 30, "old": 31}
    found = [talk(name, today - timedelta(days=n)) for name, n in ages.items()]
    shown = list_html([talk("kept", today, pinned=True), *found], "", today)

    heads = re.findall(r'class="byline-label">([^<]+)<', shown)
    assert heads == [
        "Pinned", "Today", "Yesterday", "Last seven days", "Last thirty days", "Earlier"
    ]  # fmt: skip
    assert re.findall(r'data-key="(\w+)"', shown) == ["kept", *ages]


def test_what_became_of_cited_articles_since_is_said(
    client: TestClient, desk: FakeDesk, talk: str
) -> None:
    desk.withdraw("a1", "it was wrong")
    told = client.get("/page/conversation", params={"id": talk}).json()

    assert "was withdrawn since: it was wrong" in told["turns"]


def test_another_is_told_that_nothing_is_there(client: TestClient, desk: FakeDesk) -> None:
    hers = desk.chats.start("ann", "Secret of Ann")
    kept = desk.chats.add(hers.conversation_id, "ann", canned())

    replies = [
        client.get("/page/conversation", params={"id": hers.conversation_id}),
        client.get("/page/export", params={"id": hers.conversation_id, "format": "md"}),
        client.get("/page/proof", params={"id": kept.exchange_id}),
        *(
            do(client, verb=verb, conversation=hers.conversation_id, title="x")
            for verb in ("rename", "pin", "delete", "undelete", "share", "unshare", "limit")
        ),
        do(client, verb="rate", exchange=kept.exchange_id, rating="up"),
    ]

    assert [r.status_code for r in replies] == [404] * len(replies)
    assert not any("Secret" in r.text for r in replies)
    assert "Secret" not in client.get("/page/conversations").text


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {**JSON, "sec-fetch-site": "cross-site"},
        {**JSON, "sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_site_changes_nothing(
    client: TestClient, desk: FakeDesk, talk: str, headers: dict[str, str]
) -> None:
    body = f'{{"verb": "delete", "conversation": "{talk}"}}'
    reply = client.post("/page/chat", content=body, headers=headers)

    assert reply.status_code in (403, 422)
    assert desk.chats.get(talk, "").title == "The bridge"


@pytest.mark.parametrize(
    "deed",
    [
        {},
        {"verb": "explode"},
        {"verb": "rate", "exchange": "1"},
        {"verb": "rate", "exchange": 1, "rating": "sideways"},
        {"verb": "rename", "conversation": "x" * 600},
        {"verb": "pin", "conversation": "x", "sudo": True},
    ],
)
def test_what_is_no_deed_is_refused_in_the_shape_of_the_contract(
    client: TestClient, deed: dict[str, Any]
) -> None:
    reply = client.post("/page/chat", json=deed)

    assert reply.status_code == 422 and set(reply.json()["error"]) == {
        "message",
        "hint",
        "request_id",
    }


def test_a_link_shows_the_conversation_until_it_is_taken_back(
    client: TestClient, talk: str
) -> None:
    token = do(client, verb="share", conversation=talk).json()["share"]
    shown = client.get(f"/s/{token}")

    assert shown.status_code == 200 and "What will the bridge repair cost?" in shown.text
    assert "<script" not in shown.text and shown.headers["x-robots-tag"] == "noindex"
    do(client, verb="unshare", conversation=talk)
    assert client.get(f"/s/{token}").status_code == 404
    assert client.get("/s/guess").status_code == 404
    person = client.get("/s/guess", headers={"accept": "text/html,*/*"})
    assert person.status_code == 404 and "This link opens nothing." in person.text


@pytest.mark.parametrize("kind", ["md", "html", "docx", "pdf", "bib", "json"])
def test_a_conversation_is_exported(client: TestClient, talk: str, kind: str) -> None:
    made = client.get("/page/export", params={"id": talk, "format": kind})

    assert made.status_code == 200 and len(made.content) > 100
    assert made.headers["content-disposition"] == f'attachment; filename="the-bridge.{kind}"'
    assert client.get("/page/export", params={"id": talk, "format": "exe"}).status_code == 422


def test_hostile_words_stay_words(client: TestClient, desk: FakeDesk) -> None:
    attack = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    talk = desk.chats.start("", attack)
    desk.chats.add(talk.conversation_id, "", hostile(attack))
    token = desk.chats.share(talk.conversation_id, "")
    shown = [
        client.get("/page/conversations").text,
        client.get("/page/conversation", params={"id": talk.conversation_id}).json()["turns"],
        client.get(f"/s/{token}").text,
    ]

    assert not any("<img" in page or "<script" in page for page in shown)
