"""The adapter, driven by the real llama-index."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from llama_index.core import Settings
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import CustomQueryEngine, RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode
from llama_index.core.schema import MetadataMode

from rag.llama import BylineQueryEngine, BylineRetriever
from rag.schema import (
    Answer,
    Article,
    Citation,
    Evidence,
    Passage,
    Question,
    ScoredPassage,
    Sentence,
    Verdict,
)

TEXT = "China agreed to the sale. Nvidia was pleased."
ARTICLE = Article(
    article_id="a1", revision=1, title="Sale agreed", text=TEXT, outlet="Reuters",
    url="https://example.org/1", published_at=datetime(2026, 1, 28, tzinfo=UTC),
)  # fmt: skip
PASSAGE = Passage(
    article_id="a1", start=0, end=25, text=TEXT[:25], passage_id="a1:1:0", sentences=((0, 25),)
)
FOUND = (
    ScoredPassage(passage=PASSAGE, score=0.9, rank=1, ranker="fused"),
    ScoredPassage(
        passage=Passage(
            article_id="gone", start=3, end=6, text="abc", passage_id="gone:1:3",
            sentences=((3, 6),),
        ),
        score=0.2, rank=2, ranker="fused",
    ),
)  # fmt: skip


class Pipeline:
    """Answers every question with one cited sentence, or abstains."""

    def __init__(self, *, abstains: bool = False) -> None:
        self.abstains = abstains

    def retrieve(self, question: str) -> Sequence[ScoredPassage]:
        return FOUND

    def article(self, article_id: str) -> Article | None:
        return ARTICLE if article_id == "a1" else None

    def answer(self, asked: str) -> Answer:
        evidence = Evidence(article_id="a1", start=0, end=5, text="China")
        sentence = Sentence(
            text="China agreed.",
            citations=(Citation(marker=1, evidence=evidence),),
            verdict=Verdict(label="supported", score=0.97, judge="rules 1"),
        )
        return Answer(
            question=Question(asked=asked),
            sentences=() if self.abstains else (sentence,),
            passages=FOUND,
            articles={"a1": ARTICLE},
            reason="nothing in the archive answers this" if self.abstains else None,
        )


def test_the_retriever_gives_nodes_that_lead_back_to_the_words() -> None:
    pipeline = Pipeline()
    retriever = BylineRetriever(pipeline.retrieve, pipeline.article)

    first, second = retriever.retrieve("Did China agree?")

    assert isinstance(retriever, BaseRetriever)
    assert (first.node.node_id, first.score, first.text) == ("a1:1:0", 0.9, TEXT[:25])
    assert TEXT[first.metadata["start"] : first.metadata["end"]] == first.text
    assert first.metadata | {"outlet": "Reuters", "date": "2026-01-28", "rank": 1} == first.metadata
    assert second.metadata["outlet"] is None
    assert "a1:1:0" not in first.node.get_content(metadata_mode=MetadataMode.LLM)
    assert "Reuters" in first.node.get_content(metadata_mode=MetadataMode.LLM)


def test_the_retriever_serves_llama_index_s_own_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "_llm", MockLLM())
    pipeline = Pipeline()
    engine = RetrieverQueryEngine.from_args(
        BylineRetriever(pipeline.retrieve, pipeline.article), response_mode=ResponseMode.NO_TEXT
    )

    assert [n.node_id for n in engine.query("Did China agree?").source_nodes] == [
        "a1:1:0",
        "gone:1:3",
    ]


def test_the_query_engine_gives_the_checked_answer() -> None:
    engine = BylineQueryEngine(answerer=Pipeline())

    response = engine.query("Did China agree?")

    assert isinstance(engine, CustomQueryEngine)
    assert str(response) == "China agreed. [1]"
    assert [n.node_id for n in response.source_nodes] == ["a1:1:0", "gone:1:3"]
    assert response.metadata["sentences"][0]["verdict"] == "supported"
    assert response.metadata["citations"] == [
        {"marker": 1, "article_id": "a1", "start": 0, "end": 5, "quote": "China"}
    ]


def test_the_query_engine_says_why_it_abstains() -> None:
    response = BylineQueryEngine(answerer=Pipeline(abstains=True)).query("Who won?")

    assert str(response) == "nothing in the archive answers this"
    assert response.metadata["abstained"]


def test_works_in_an_event_loop() -> None:
    response = asyncio.run(BylineQueryEngine(answerer=Pipeline()).aquery("Did China agree?"))

    assert str(response) == "China agreed. [1]"


@pytest.mark.parametrize("module", ["rag.generate", "rag.condense", "rag.prompts", "rag.llm"])
def test_llama_index_is_not_imported_until_it_is_used(module: str) -> None:
    code = (
        f"import sys, {module}; print([m for m in ('llama_index', 'openai') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"
