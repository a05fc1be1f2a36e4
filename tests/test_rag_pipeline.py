"""The pipeline's own rules, over real steps and articles made here."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from rag.clock import Clock
from rag.embed import Embedder
from rag.errors import InputRefused, LLMIncomplete, LLMUnreachable
from rag.llm import ChatModel, Message
from rag.pipeline import Pipeline, checked_question
from rag.prompts import NOTHING_FOUND
from rag.retrieve import Retrieved
from rag.schema import (
    Answer,
    AnswerEvent,
    Article,
    Conflict,
    Evidence,
    Filters,
    PassagesEvent,
    Place,
    Position,
    Question,
    ScoredPassage,
    SentenceEvent,
    StatusEvent,
    Turn,
)
from rag.sides import with_other_sides
from tests.passages import whole

COUNCIL = (
    "The Marlow council approved the new bridge on Tuesday. "
    "The bridge will cost 40 million crowns, mayor Ada Finch said. "
    "Work is to begin in May."
)

FERRY = "Twelve people were rescued from the ferry Petrel off Skarn, the coast guard said."


ARTICLES = {
    key: Article(article_id=key, revision=1, title=title, text=text, outlet=outlet)
    for key, title, text, outlet in [
        ("council", "Bridge approved", COUNCIL, "Marlow Post"),
        ("ferry", "Ferry rescue", FERRY, None),
    ]
}


class Scripted:
    """A model that says what it is told to: a real filling of the ChatModel seam."""

    name = "scripted"
    context_tokens = 16_384

    def __init__(self, *pieces: str, error: Exception | None = None) -> None:
        self._pieces = pieces
        self._error = error

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        yield from self._pieces
        if self._error:
            raise self._error


Factory = Callable[..., Pipeline]


@pytest.fixture
def offline_pipeline(embedder: Embedder) -> Factory:
    def make(
        articles: Sequence[str] = ("council", "ferry"),
        model: ChatModel | None = None,
        n_undated: int = 0,
    ) -> Pipeline:
        def search(question: Question) -> tuple[Retrieved, dict[str, Article]]:
            query = embedder.encode([question.text])[0]
            passages = [whole(ARTICLES[key].text, key) for key in articles]
            scores = [float(np.dot(query, embedder.encode([p.text])[0])) for p in passages]
            ranked = sorted(zip(passages, scores, strict=True), key=lambda pair: -pair[1])
            found = Retrieved(
                passages=tuple(
                    ScoredPassage(passage=p, score=s, rank=i, ranker="test")
                    for i, (p, s) in enumerate(ranked, 1)
                ),
                query_vector=query,
                n_undated=n_undated,
            )
            return found, {key: ARTICLES[key] for key in articles}

        return Pipeline(
            search=search,
            embedder=embedder,
            model=model,
            settings_id="test",
        )

    return make


def check_invariants(answer: Answer) -> None:
    markers = [c.marker for c in answer.citations]
    assert markers == list(range(1, len(markers) + 1))
    for citation in answer.citations:
        quoted = citation.evidence
        assert ARTICLES[quoted.article_id].text[quoted.start : quoted.end] == quoted.text
    for sentence in answer.sentences:
        if not sentence.citations:
            assert sentence.verdict.label == "unsupported"


def test_abstains_when_nothing_is_found(offline_pipeline: Factory) -> None:
    answer = offline_pipeline(articles=()).answer("Who approved the sale?")

    assert answer.abstained and answer.reason and not answer.citations


def test_quotes_word_for_word(offline_pipeline: Factory) -> None:
    answer = offline_pipeline().answer("How much will the Marlow bridge cost?")

    assert answer.mode == "extractive" and answer.model == ""
    assert any("40 million crowns" in s.text for s in answer.sentences)
    assert all(s.text == s.citations[0].evidence.text for s in answer.sentences)
    assert {s.verdict.label for s in answer.sentences} == {"supported"}
    check_invariants(answer)


def test_silence_gives_a_reason_and_no_sources(offline_pipeline: Factory) -> None:
    answer = offline_pipeline().answer("Who won the chess championship in Reykjavik?")

    assert answer.abstained and answer.reason
    assert not answer.citations and not answer.conflicts and answer.passages


def test_events_come_in_order_and_end_with_the_answer(offline_pipeline: Factory) -> None:
    events = list(offline_pipeline().stream("How much will the Marlow bridge cost?"))

    kinds = [type(e) for e in events if not isinstance(e, StatusEvent)]
    assert kinds[0] is PassagesEvent and kinds[-1] is AnswerEvent
    assert set(kinds[1:-1]) == {SentenceEvent}
    last = events[-1]
    assert isinstance(last, AnswerEvent)
    shown = tuple(e.sentence for e in events if isinstance(e, SentenceEvent))
    assert last.answer.sentences == shown
    assert {"retrieve", "select", "total"} <= set(last.answer.timings_ms)


def test_models_sentence_without_marker_is_attributed(offline_pipeline: Factory) -> None:
    model = Scripted("The Marlow council approved ", "the new bridge.")

    answer = offline_pipeline(model=model).answer("Was the bridge approved?")

    assert answer.mode == "llm" and answer.model == "scripted" and answer.prompt_version
    (sentence,) = answer.sentences
    assert sentence.citations[0].evidence.article_id == "council"
    assert sentence.verdict.label == "supported"
    check_invariants(answer)


def test_false_figure_is_refuted_with_both_figures(offline_pipeline: Factory) -> None:
    model = Scripted("The bridge will cost 90 million crowns, mayor Ada Finch said.")

    (sentence,) = offline_pipeline(model=model).answer("What will it cost?").sentences

    assert sentence.verdict.label == "refuted"
    assert "90" in " ".join(sentence.verdict.reasons)
    assert "40" in " ".join(sentence.verdict.reasons)


def test_reply_from_memory_is_replaced_by_quotes(offline_pipeline: Factory) -> None:
    model = Scripted("Penguins breed on the southern ice. Their eggs weigh little.")

    answer = offline_pipeline(model=model).answer("How much will the Marlow bridge cost?")

    assert answer.mode == "extractive" and answer.notice
    assert not any("Penguins" in s.text for s in answer.sentences)


def test_unreachable_model_falls_back_to_quotes(offline_pipeline: Factory) -> None:
    model = Scripted(error=LLMUnreachable("the model at localhost did not answer"))

    answer = offline_pipeline(model=model).answer("How much will the Marlow bridge cost?")

    assert answer.mode == "extractive" and "did not answer" in (answer.notice or "")
    assert any("40 million" in s.text for s in answer.sentences)


def test_cut_reply_is_marked_incomplete(offline_pipeline: Factory) -> None:
    model = Scripted(
        "The Marlow council approved the new bridge on Tuesday. And th",
        error=LLMIncomplete("the reply was cut off", partial="And th"),
    )

    answer = offline_pipeline(model=model).answer("Was the bridge approved?")

    assert answer.mode == "llm" and "incomplete" in (answer.notice or "")
    assert answer.sentences[0].verdict.label == "supported"


def test_undated_articles_left_out_are_counted(offline_pipeline: Factory) -> None:
    answer = offline_pipeline(n_undated=2).answer("Was the bridge approved?", filters=Filters())

    assert "2 undated articles" in (answer.notice or "")


@pytest.mark.parametrize("asked", ["", "  \n", "\0", "\ud800", "x" * 4_001])
def test_unusable_questions_are_refused(asked: str) -> None:
    with pytest.raises(InputRefused):
        checked_question(asked)


@pytest.mark.parametrize(
    "asked", ["{} %s {{7*7}}", "🦀🦀", "هل وافقت الصين؟", "a\0b", "a\ud800b", "[[1]]"]
)
def test_odd_questions_get_a_reply(offline_pipeline: Factory, asked: str) -> None:
    check_invariants(offline_pipeline().answer(asked))


def test_other_side_of_a_disagreement_is_added() -> None:
    def quoted(article_id: str, text: str, words: str) -> Evidence:
        at = text.index(words)
        return Evidence(article_id=article_id, start=at, end=at + len(words), text=words)

    ours = quoted("council", COUNCIL, "The Marlow council approved the new bridge on Tuesday.")
    other = quoted("ferry", FERRY, "Twelve people were rescued")
    sides = tuple(
        Position(statement=e.text, evidence=e, outlet=None, published_at=None)
        for e in (quoted("council", COUNCIL, "approved the new bridge"), other)
    )
    conflict = Conflict(topic="bridge", kind="status", positions=sides)
    passages = [whole(COUNCIL, "council"), whole(FERRY, "ferry")]

    spans = with_other_sides([ours], [conflict], passages)

    assert [s.text for s in spans] == [ours.text, FERRY]


def test_clock_adds_up_stages() -> None:
    clock = Clock()
    for _ in range(2):
        with clock("verify"):
            pass

    assert set(clock.read()) == {"verify", "total"}


def test_silent_model_is_believed(offline_pipeline: Factory) -> None:
    answer = offline_pipeline(model=Scripted(NOTHING_FOUND)).answer("Who paid for the bridge?")

    assert answer.abstained and "model found nothing" in (answer.reason or "")
    assert not answer.citations and answer.passages


def test_a_question_worded_by_the_reader_is_searched_as_it_is(offline_pipeline: Factory) -> None:
    place = Place(article_id="council", start=0, end=10)
    history = (
        Turn(role="user", content="Who was rescued?"),
        Turn(role="assistant", content="Twelve people.", cited=(place,)),
    )
    worded = "What will the new Marlow bridge cost?"
    answer = offline_pipeline().answer("And how much?", history, standalone=f" {worded} ")

    assert (answer.question.asked, answer.question.text) == ("And how much?", worded)
    assert answer.question.earlier == (place,)
    assert "40 million crowns" in " ".join(s.text for s in answer.sentences)
    with pytest.raises(InputRefused):
        offline_pipeline().answer("And how much?", standalone="x" * 5_000)


def test_an_endpoint_that_failed_is_not_asked_to_reword_the_next_question(
    offline_pipeline: Factory,
) -> None:
    class Counting(Scripted):
        n_asked = 0

        def stream(self, messages: Sequence[Message]) -> Iterator[str]:
            Counting.n_asked += 1
            return super().stream(messages)

    pipeline = offline_pipeline(model=Counting(error=LLMUnreachable("the model is down")))
    pipeline.answer("What will the Marlow bridge cost?")
    history = (Turn(role="user", content="What will the Marlow bridge cost?"),)
    answer = pipeline.answer("When was that?", history)

    assert Counting.n_asked == 2  # for the two answers, not for the wording
    assert not answer.abstained or answer.reason
