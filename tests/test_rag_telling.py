"""How articles differ is told by the model only as far as their own words carry it."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from rag.embed import Embedder
from rag.errors import LLMError
from rag.llm import Message
from rag.pipeline import Pipeline
from rag.prompts import write_conflict_prompt
from rag.render import to_text
from rag.render_json import to_json
from rag.retrieve import Retrieved
from rag.schema import Answer, Article, Passage, Question, ScoredPassage
from rag.text import sentence_spans

QUESTION = "How many people died when the ferry Petrel sank off Skarn?"
TEXTS = {
    "post": ("Skarn Post", "Twelve people died when the ferry Petrel sank off Skarn.", 2),
    "wire": ("Nordwire", "Fifteen people died when the ferry Petrel sank off Skarn.", 2),
}
Reply = Callable[[str, str], str]  # outlet and tag -> a sentence


def articles(days: int = 0) -> dict[str, Article]:
    return {
        key: Article(
            article_id=key,
            revision=1,
            title="Ferry sinks",
            text=text,
            outlet=outlet,
            published_at=datetime(2026, 3, day + (days if key == "wire" else 0), tzinfo=UTC),
        )
        for key, (outlet, text, day) in TEXTS.items()
    }


class Teller:
    """A model that answers, and then tells of the conflict what the test wants it to."""

    name = "teller"
    context_tokens = 16_384

    def __init__(self, reply: Reply, error: Exception | None = None) -> None:
        self.reply, self.error = reply, error
        self.n_told = 0

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        asked = messages[-1].content
        tags = re.findall(r"^\[(\w+)\] ([^;\n]+);", asked, re.MULTILINE)
        if not asked.startswith("What the articles say:"):
            tag = next(tag for tag, outlet in tags if outlet == "Skarn Post")
            yield f"Twelve people died when the ferry Petrel sank off Skarn [{tag}]."
            return
        self.n_told += 1
        if self.error:
            raise self.error
        yield " ".join(self.reply(outlet, tag) for tag, outlet in tags)


def answered(embedder: Embedder, model: Teller | None, days: int = 0) -> Answer:
    held = articles(days)

    def search(question: Question) -> tuple[Retrieved, dict[str, Article]]:
        found = tuple(
            ScoredPassage(
                passage=Passage(
                    article_id=key,
                    start=0,
                    end=len(a.text),
                    text=a.text,
                    passage_id=f"{key}:1:0",
                    sentences=sentence_spans(a.text),
                ),
                score=1.0,
                rank=rank,
                ranker="test",
            )
            for rank, (key, a) in enumerate(held.items(), 1)
        )
        return Retrieved(found, np.asarray(embedder.encode([question.text])[0]), 0), held

    return Pipeline(search=search, embedder=embedder, model=model).answer(QUESTION)


def figure(outlet: str) -> str:
    return {"Skarn Post": "Twelve", "Nordwire": "Fifteen"}[outlet]


def true_reply(outlet: str, tag: str) -> str:
    return f"{figure(outlet)} people died when the ferry sank off Skarn [{tag}]."


def test_both_sides_are_told_with_the_markers_of_their_positions(embedder: Embedder) -> None:
    answer = answered(embedder, Teller(true_reply))

    (conflict,) = answer.conflicts
    told = conflict.told
    assert told is not None and told.verdict.label == "supported"
    assert "Twelve" in told.text and "Fifteen" in told.text
    assert [c.marker for c in told.citations] == [
        answer.marker_of(p.evidence) for p in conflict.positions
    ]
    assert told.text in to_text(to_json(answer))


@pytest.mark.parametrize(
    "reply",
    [
        lambda outlet, tag: f"Ninety people died when the ferry sank off Skarn [{tag}].",
        lambda outlet, tag: f"Nobody was aboard the ferry, which belonged to a count [{tag}].",
        lambda outlet, tag: true_reply(outlet, tag) if outlet == "Nordwire" else "",
    ],
)
def test_what_the_positions_do_not_carry_is_not_told(embedder: Embedder, reply: Reply) -> None:
    (conflict,) = answered(embedder, Teller(reply)).conflicts

    assert conflict.told is None and conflict.positions


def test_a_model_that_fails_leaves_the_conflict_as_it_is(embedder: Embedder) -> None:
    model = Teller(true_reply, error=LLMError("gone", "try again"))

    answer = answered(embedder, model)

    assert model.n_told == 1 and answer.sentences
    assert [c.told for c in answer.conflicts] == [None]


def test_without_a_model_nothing_is_told(embedder: Embedder) -> None:
    assert [c.told for c in answered(embedder, None).conflicts] == [None]


def test_an_extractive_answer_leads_with_the_newest_of_an_update(embedder: Embedder) -> None:
    answer = answered(embedder, None, days=2)

    assert [s.text[:7] for s in answer.sentences] == ["Fifteen", "Twelve "]
    assert answer.conflicts[0].note == (
        "update: newer is Nordwire, 4 March 2026: Fifteen; before: Twelve"
    )


def test_the_prompt_holds_the_positions_as_quoted_lines_and_nothing_else(
    embedder: Embedder,
) -> None:
    (conflict,) = answered(embedder, None).conflicts

    prompt = write_conflict_prompt(QUESTION, conflict, context_tokens=4_096)

    lines = prompt.messages[1].content.splitlines()
    said = [line for line in lines if line.startswith("> ")]
    assert said == [*(f"> {p.statement}" for p in conflict.positions), f"> {QUESTION}"]
    assert sorted(prompt.ids.values()) == ["0", "1"]
