"""Whatever the model server does, a question gets a cited answer or a reason, and so does the next.

The whole pipeline over real steps, with a real client on a server that fails in every way.
"""

from collections.abc import Callable

import numpy as np
import pytest

from rag.embed import Embedder
from rag.llm import OpenAIChat
from rag.pipeline import Pipeline
from rag.prompts import _RULES
from rag.retrieve import Retrieved
from rag.schema import Answer, Article, Passage, Question, ScoredPassage, Turn
from rag.settings import Settings
from rag.text import sentence_spans
from tests import faulty
from tests.faulty import FaultyServer, State

TEXT = (
    "The Marlow council approved the new bridge on Tuesday. "
    "The bridge will cost 40 million euros, mayor Ada Finch said. "
    "Work is to begin in May [1]."
)
ARTICLE = Article(
    article_id="council", revision=1, title="Bridge approved", text=TEXT, outlet="Marlow Post"
)
PASSAGE = Passage(
    article_id="council",
    start=0,
    end=len(TEXT),
    text=TEXT,
    passage_id="council:1:0",
    sentences=sentence_spans(TEXT),
)
ASKED = "How much will the Marlow bridge cost?"
COST = "The bridge will cost 40 million euros, mayor Ada Finch said."

Ask = Callable[..., Answer]


@pytest.fixture
def ask(embedder: Embedder) -> Ask:
    def ask(url: str, asked: str = ASKED, history: tuple[Turn, ...] = ()) -> Answer:
        settings = Settings(
            llm_model="m",
            llm_base_url=url,
            llm_first_token_s=2,
            llm_between_tokens_s=1,
            llm_total_s=20,
        )

        def search(question: Question) -> tuple[Retrieved, dict[str, Article]]:
            hit = ScoredPassage(passage=PASSAGE, score=1.0, rank=1, ranker="test")
            query = np.asarray(embedder.encode([question.text])[0])
            found = Retrieved(passages=(hit,), query_vector=query, n_undated=0)
            return found, {PASSAGE.article_id: ARTICLE}

        pipeline = Pipeline(
            search=search,
            embedder=embedder,
            model=OpenAIChat(settings),
        )
        return pipeline.answer(asked, history)

    return ask


def written(*sentences: str, finish: str | None = "stop") -> State:
    """Answer in these words; "{0}" is the id of the first passage."""
    text = " ".join(sentences)
    return faulty.says(
        lambda body: text.format(*faulty.ids_in(body["messages"][-1]["content"])), finish=finish
    )


GOOD = written("The bridge will cost 40 million euros [{0}].", "Work is to begin in May [{0}].")


def test_a_written_answer_is_cited_and_checked(ask: Ask) -> None:
    with FaultyServer(GOOD) as server:
        answer = ask(server.url)

    assert (answer.mode, answer.model, answer.notice) == ("llm", "m", None)
    assert [s.text for s in answer.sentences] == [
        "The bridge will cost 40 million euros.",
        "Work is to begin in May.",
    ]
    assert [s.verdict.label for s in answer.sentences] == ["supported", "supported"]
    assert all(TEXT[c.evidence.start : c.evidence.end] == c.evidence.text for c in answer.citations)


NOTHING_CAME: list[State] = [
    faulty.hangs,
    faulty.pings(),
    faulty.status(401),
    faulty.status(429, headers={"Retry-After": "9999"}),
    faulty.status(500),
    faulty.body(b"<html></html>", "text/html"),
    faulty.body(b""),
    faulty.body(b"data: {oops\n\n"),
    faulty.floods,
    faulty.says("", finish="content_filter"),
    faulty.says("", finish="length"),
    faulty.says("```\ncode\n```"),
    faulty.status(400, "maximum context length"),
    faulty.cut("The bri"),
    faulty.stalls("The bri"),
]


@pytest.mark.parametrize("state", NOTHING_CAME)
def test_the_articles_are_quoted_when_the_model_fails(ask: Ask, state: State) -> None:
    with FaultyServer(state) as server:
        answer = ask(server.url)

    assert answer.mode == "extractive"
    assert COST in [s.text for s in answer.sentences]
    assert answer.citations and answer.passages
    assert answer.notice


def test_r1_the_articles_are_quoted_when_the_port_is_closed(ask: Ask) -> None:
    answer = ask(f"http://127.0.0.1:{faulty.closed_port()}/v1")

    assert answer.mode == "extractive"
    assert COST in [s.text for s in answer.sentences]
    assert answer.notice and "quoting the articles instead" in answer.notice


def part(end: Callable[[faulty.Exchange], object]) -> State:
    def state(exchange: faulty.Exchange) -> None:
        tag = next(faulty.ids_in(exchange.body["messages"][-1]["content"]))
        exchange.start()
        exchange.say(f"The bridge will cost 40 million euros [{tag}]. Work is to beg")
        end(exchange)

    return state


@pytest.mark.parametrize(
    "end",
    [
        lambda exchange: None,
        lambda exchange: exchange.gone(30),
        lambda exchange: exchange.piece(None, "length"),
        lambda exchange: exchange.piece(None, "content_filter"),
        lambda exchange: exchange.event("{oops"),
        lambda exchange: exchange.event({"error": {"message": "out of memory"}}),
    ],
)
def test_a_part_is_shown_as_a_part(ask: Ask, end: Callable[[faulty.Exchange], object]) -> None:
    with FaultyServer(part(end)) as server:
        answer = ask(server.url)
        assert server.wait_idle(2)

    assert answer.mode == "llm"
    assert [s.text for s in answer.sentences] == ["The bridge will cost 40 million euros."]
    assert answer.notice and "incomplete" in answer.notice


def test_the_next_question_is_answered_as_if_nothing_had_been(ask: Ask) -> None:
    with FaultyServer(faulty.body(b""), faulty.cut("The"), GOOD) as server:
        modes = [ask(server.url).mode for _ in range(3)]

    assert modes == ["extractive", "extractive", "llm"]


def test_a_follow_up_is_worded_by_the_model_and_then_answered(ask: Ask) -> None:
    history = (Turn(role="user", content="Did the Marlow council approve the new bridge?"),)
    with FaultyServer(faulty.says("How much will the Marlow bridge cost?"), GOOD) as server:
        answer = ask(server.url, "And how much will it cost?", history)

    assert answer.question.standalone == ASKED
    assert answer.mode == "llm"
    assert server.n_requests == 2


def test_s1_a_model_that_has_turned_shows_no_image_link_prompt_or_forged_citation(ask: Ask) -> None:
    turned = written(
        "The bridge will cost 40 million euros [{0}].",
        "![x](http://evil.example/p.png?q=1) <img src=http://evil.example/p.png>",
        "Read [more](http://evil.example/) at http://evil.example/ now [1] [2].",
        _RULES.replace("\n", " ").replace("{", "(").replace("}", ")"),
    )
    with FaultyServer(turned) as server:
        answer = ask(server.url)

    shown = " ".join(s.text for s in answer.sentences)
    assert shown.startswith("The bridge will cost 40 million euros.")
    assert not any(bad in shown for bad in ("evil", "http", "<", "[", "](", "quoted material"))
    assert all(c.evidence.article_id == "council" for c in answer.citations)
