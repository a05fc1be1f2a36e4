"""Next questions: new, answered by the archive, and never more than there is time for."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

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
from rag.settings import Settings
from rag.suggest import MAX_SUGGESTIONS, suggest
from rag.text import sentence_spans, terms
from web.desk import Desk

ROOT = Path(__file__).resolve().parents[1]
TEXT = (
    "The Korin council has approved the Mill Line. The Mill Line will cost $48 million, of which "
    "the state pays half. Ada Finch, who leads the council, welcomed it. The first trams will "
    "reach Korin station in 2029. Workers will fell 140 trees along Foundry Street."
)


def _evidence(start: int, end: int) -> Evidence:
    return Evidence(article_id="a", start=start, end=end, text=TEXT[start:end])


SENTENCES = tuple(_evidence(a, b) for a, b in sentence_spans(TEXT))


def _answer(
    *cited: Evidence, asked: str = "Has the Korin council approved the Mill Line?"
) -> Answer:
    passage = Passage(
        article_id="a",
        start=0,
        end=len(TEXT),
        text=TEXT,
        passage_id="a:1:0",
        sentences=sentence_spans(TEXT),
    )
    return Answer(
        question=Question(asked=asked),
        sentences=tuple(
            Sentence(
                text=e.text,
                citations=(Citation(marker=n, evidence=e),),
                verdict=Verdict(label="supported", score=1.0),
            )
            for n, e in enumerate(cited, 1)
        ),
        articles={"a": Article(article_id="a", revision=1, title=None, text=TEXT, outlet=None)},
        passages=(ScoredPassage(passage=passage, score=1.0, rank=1, ranker="test"),),
    )


def _all(question: str) -> Sequence[Evidence]:
    return SENTENCES


def _suggested(answer: Answer, asked: Sequence[str] = ()) -> tuple[str, ...]:
    return suggest(answer, _all, asked, budget_s=60)


def test_what_the_answer_leaves_out_is_asked_next() -> None:
    found = _suggested(_answer(SENTENCES[0]))

    assert "How much will the Mill Line cost?" in found
    assert len(found) == MAX_SUGGESTIONS == len(set(found))


def test_what_was_said_or_asked_is_not_asked_again() -> None:
    assert "How much will the Mill Line cost?" not in _suggested(_answer(*SENTENCES[:2]))
    asked = ["What does the Mill Line cost?"]
    assert "How much will the Mill Line cost?" not in _suggested(_answer(SENTENCES[0]), asked)
    assert _suggested(_answer(*SENTENCES)) == ()


def test_only_what_the_archive_would_answer_with_that_sentence_is_kept() -> None:
    assert suggest(_answer(SENTENCES[0]), lambda _: (), budget_s=60) == ()
    assert suggest(_answer(SENTENCES[0]), lambda _: SENTENCES[:1], budget_s=60) == ()


def test_after_a_refusal_it_asks_about_what_is_near() -> None:
    assert _suggested(replace(_answer(), reason="Nothing says who painted it."))


def test_what_only_its_article_makes_clear_is_not_asked() -> None:
    text = (
        "The Korin council has approved the Mill Line. The group will open a depot in Arden in "
        "2031. Ada Finch will leave Verrin Harbour in May 2030. The Korin council will close "
        "Foundry Street in June 2029."
    )
    spans = [Evidence(article_id="a", start=a, end=b, text=text[a:b]) for a, b in
             sentence_spans(text)]  # fmt: skip
    answer = _answer(SENTENCES[0])
    article = replace(answer.articles["a"], text=text)

    found = suggest(replace(answer, articles={"a": article}), lambda _: spans, budget_s=60)

    assert found == ("When will the Korin council close Foundry Street?",)


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ("Who opened the Korin flooding inquiry?", "What did Ada Finch say?"),
        ("What is the difference between K.4 and K.5?", "What did Ada Finch say?"),
        ("When did the volcano erupt in Verrin?", "What did Ada Finch say?"),
        ("When did the ferry Tamsin Gale sink?",
         "What did Ada Finch say about the ferry Tamsin Gale?"),
    ],
)  # fmt: skip
def test_a_person_is_asked_about_what_has_a_whole_name(asked: str, question: str) -> None:
    text = "The Korin council has approved the Mill Line. Ada Finch said that it was late."
    said = [
        Evidence(article_id="a", start=a, end=b, text=text[a:b]) for a, b in sentence_spans(text)
    ]
    answer = _answer(SENTENCES[0], asked=asked)
    article = replace(answer.articles["a"], text=text)

    found = suggest(replace(answer, articles={"a": article}), lambda _: said, budget_s=60)

    assert found == (question,)


def test_when_time_is_up_nothing_more_is_tried() -> None:
    tried: list[str] = []

    def slow(question: str) -> Sequence[Evidence]:
        tried.append(question)
        time.sleep(0.05)
        return SENTENCES

    assert len(suggest(_answer(SENTENCES[0]), slow, budget_s=0.01)) == 1 == len(tried)
    assert len(suggest(_answer(SENTENCES[0]), slow, budget_s=60)) == MAX_SUGGESTIONS


def test_the_archive_answers_each_of_its_own_suggestions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.pipeline.suggest", _unhurried)
    with Desk.open(Settings(home=tmp_path), create=True) as desk:
        names = ("tram-observer.md", "tram-radio.html", "drought.jsonl")
        desk.ingest([ROOT / "samples" / "articles" / name for name in names])
        n = 0
        for asked in ("How much will the Mill Line cost?", "How full is the Arden reservoir?"):
            for question in _ask(desk, asked).suggestions:
                answer = _ask(desk, question)
                assert not answer.abstained, question
                assert set(terms(question)) != set(terms(asked))
                n += 1
        assert n >= 1


def _unhurried(answer: Answer, check: object, asked: object, _: float) -> tuple[str, ...]:
    return suggest(answer, check, asked, 60.0)  # type: ignore[arg-type]


def _ask(desk: Desk, question: str) -> Answer:
    *_, last = desk.ask(question)
    return last.answer  # type: ignore[union-attr]  # the last event
