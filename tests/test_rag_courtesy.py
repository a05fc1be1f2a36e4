"""What asks nothing of the news gets a plain reply; whatever may ask is answered."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from rag.courtesy import ABLE, HELLO, WELCOME, courtesy
from rag.embed import Embedder
from rag.pipeline import Pipeline
from rag.render import to_text
from rag.render_json import to_json
from rag.render_markdown import to_markdown
from rag.render_story import Exchange, story
from rag.render_turn import answer_html
from rag.retrieve import Retrieved
from rag.schema import Answer, Article, Question, Turn


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("hello", HELLO), ("Hi there!", HELLO), ("Good morning.", HELLO),
        ("How's it going?", HELLO),
        ("Hello! How are you today?", HELLO), ("thanks", WELCOME), ("Thank you so much!!", WELCOME),
        ("OK, thanks for that 🙂", WELCOME), ("Bye", WELCOME), ("What can you do?", ABLE),
        ("help", ABLE), ("Who are you?", ABLE), ("What can I ask you here?", ABLE),
        ("Hi, what can you do?", ABLE), ("How does this work?", ABLE), ("Are you a bot?", ABLE),
    ],
)  # fmt: skip
def test_what_asks_nothing_gets_a_plain_reply(said: str, reply: str) -> None:
    assert courtesy(said) == reply


@pytest.mark.parametrize(
    "said",
    ["Thanks, and who paid?", "Hello Kitty", "hello, who won the vote in Korin?", "Why?", "When?",
     "What can you do about inflation?", "Who are you voting for?", "What is this?", "Yes", "",
     "Help for Korin", "Thank you note of the mayor", "What do you know about Korin?", "!?",
     "More"],
)  # fmt: skip
def test_what_may_ask_is_a_question(said: str) -> None:
    assert courtesy(said) is None


def test_nothing_is_searched_or_cited_for_a_greeting(embedder: Embedder) -> None:
    def search(question: Question) -> tuple[Retrieved, Mapping[str, Article]]:
        raise AssertionError(f"searched for {question.text}")

    answer = Pipeline(search=search, embedder=embedder).answer(
        "Hello!", (Turn(role="user", content="Who won?"), Turn(role="assistant", content="Ada."))
    )

    assert answer.abstained and (answer.reason, answer.refusal) == (HELLO, None)
    assert not (answer.citations or answer.nearest or answer.suggestions or answer.searches)
    body = json.loads(json.dumps(to_json(answer)))
    assert body["abstained"] is True and body["reason"] == HELLO and body["citations"] == []


def test_a_plain_reply_is_told_as_no_refusal() -> None:
    answer = Answer(question=Question(asked="hello"), reason=HELLO)
    body = to_json(answer)

    exchange = Exchange(asked_at=datetime(2026, 5, 1, tzinfo=UTC), body=body)
    page = answer_html(answer)
    told = [page, to_markdown(body), to_text(body), str(story("Talk", [exchange]))]

    assert "byline-how" not in page and "byline-foot" not in page
    assert all("Hello. Ask about the news" in text and "No answer" not in text for text in told)
