"""Follow-up questions: what they lean on is carried along, and nothing else is."""

import threading
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.condense import Patience, condense
from rag.errors import LLMUnreachable
from rag.llm import Message
from rag.schema import Filters, Place, Turn

FIRST = "Did China approve the sale of Nvidia H200 chips?"
TOPIC = "China approve the sale of Nvidia H200 chips"
HISTORY = (
    Turn(role="user", content=FIRST),
    Turn(role="assistant", content="China has given approval, Jensen Huang said. [1]"),
)


@pytest.mark.parametrize(
    "asked",
    ["And how many?", "How many?", "Which companies will get them?",
     "How many did they order?", "What happened after that?", "Is that true?", "Who else?",
     "But at what price?", "How much will these cost?", "By whom?", "Since when?",
     "Was anyone hurt?", "What does its government say?", "Tell me more"],
)  # fmt: skip
def test_a_question_that_leans_carries_the_topic(asked: str) -> None:
    question = condense(asked, HISTORY, Filters())

    assert question.asked == asked
    assert question.text == f"{asked} ({TOPIC})"


@pytest.mark.parametrize(
    ("asked", "word"),
    [("Why?", "Why"), ("when?", "When"), ("And when was that?", "When"), ("When was it?", "When"),
     ("Why did that happen?", "Why"), ("But how?", "How")],
)  # fmt: skip
def test_a_bare_question_word_asks_of_what_was_asked(asked: str, word: str) -> None:
    text = condense(asked, HISTORY, Filters()).text

    assert text == f"{word} did China approve the sale of Nvidia H200 chips?"


@pytest.mark.parametrize(
    ("first", "answer", "asked", "text"),
    [
        ("How much will the Mill Line cost?", "", "When will it open?",
         "When will the Mill Line open?"),
        ("Has the Ridge council approved the Mill Line tram?", "", "How much will it cost?",
         "How much will the Mill Line tram cost?"),
        ("How much will the Mill Line cost?", "", "And who are its critics?",
         "Who are the Mill Line's critics?"),
        ("Who runs the largest chip maker?", "It is led by Ada Finch.", "How old is she?",
         "How old is Ada Finch?"),
        ("Why do Skylark pilots strike?", "", "What do they want?",
         "What do Skylark pilots want?"),
        ("Who won the vote in Norvale?", "", "And in Ostria?", "Who won the vote in Ostria?"),
        ("What burned in the Karst hills?", "", "And in Lagun?", "What burned in Lagun?"),
        ("How many cars did Volvo sell in 2023?", "", "And in 2024?",
         "How many cars did Volvo sell in 2024?"),
        ("How many cars did Volvo sell?", "", "What about in Spain?",
         "How many cars did Volvo sell in Spain?"),
        ("How full is the Arden reservoir in the Teal Valley?", "", "And Lake Hollin?",
         "How full is Lake Hollin?"),
        ("Which firms may buy chips?", "ByteDance, Alibaba and Tencent may buy them.",
         "What did the second one say?", "What did Alibaba say? (firms may buy chips)"),
        ("Did Alibaba and Tencent order chips?", "", "How many did the latter order?",
         "How many did Tencent order?"),
    ],
)  # fmt: skip
def test_one_sure_reading_is_worded_out(first: str, answer: str, asked: str, text: str) -> None:
    history = (Turn(role="user", content=first), Turn(role="assistant", content=answer))

    assert condense(asked, history, Filters()).text == text


@pytest.mark.parametrize(
    "asked",
    ["Who won the election in Peru?", "Did Nvidia say when it will ship?",
     "What did Taylor Swift say about her album?", "How many people died in the Texas flood?",
     "Which party said that taxes will rise?", "What is the unemployment rate?",
     "Which airline cut its forecast?", "Who resigned from the cabinet this week?",
     "Is it true that Spain banned short-term rentals?", "Why was Boeing's Starliner delayed?"],
)  # fmt: skip
def test_a_question_that_stands_alone_carries_nothing(asked: str) -> None:
    question = condense(asked, HISTORY, Filters())

    assert (question.text, question.standalone) == (asked, "")


def test_what_about_asks_the_same_of_another() -> None:
    history = (Turn(role="user", content="How many chips did Alibaba order?"),)

    assert condense("What about Tencent?", history, Filters()).text == (
        "How many chips did Tencent order?"
    )
    assert condense("and bytedance?", history, Filters()).text == (
        "How many chips did bytedance order?"
    )


def test_what_about_keeps_all_when_it_cannot_tell_what_to_swap() -> None:
    assert condense("What about AMD?", HISTORY, Filters()).text == f"AMD: {FIRST}"


def test_the_topic_is_found_behind_other_follow_ups() -> None:
    history = (
        *HISTORY,
        Turn(role="user", content="And how many?"),
        Turn(role="assistant", content="400,000."),
        Turn(role="user", content="Did they tell Alibaba?"),
    )

    assert condense("When?", history, Filters()).text == f"When did they tell Alibaba? ({TOPIC})"
    assert condense("Who else?", history, Filters()).text == f"Who else? ({TOPIC}; Alibaba)"


def test_he_is_whom_the_answer_named() -> None:
    history = (
        Turn(role="user", content="Who runs the largest chip maker?"),
        Turn(role="assistant", content="Nvidia is led by Jensen Huang."),
    )

    assert "Jensen Huang" in condense("How old is he?", history, Filters()).text


def test_filters_and_an_empty_history_pass_through() -> None:
    filters = Filters(since=date(2026, 1, 1))

    question = condense("  And how many? ", (), filters)

    assert (question.text, question.filters) == ("And how many?", filters)


def test_a_long_history_is_bounded() -> None:
    history = [Turn(role="user", content="Why? " * 5_000)] * 200

    assert len(condense("And then?", history, Filters()).text) < 1_000


@given(st.text(max_size=80), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_is_taken(asked: str, before: list[str]) -> None:
    history = [Turn(role="user", content=text) for text in before]

    question = condense(asked, history, Filters())

    assert question.text == question.asked or question.standalone


class Rewriter:
    """A chat model with one line to say."""

    name = "rewriter"
    context_tokens = 16_384

    def __init__(self, line: str | Exception) -> None:
        self.line = line
        self.asked: list[Sequence[Message]] = []

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        self.asked.append(messages)
        if isinstance(self.line, Exception):
            raise self.line
        yield from self.line


def test_a_model_words_it_better() -> None:
    model = Rewriter('"How many Nvidia H200 chips did China approve?"\nHope this helps!')

    question = condense("And how many?", HISTORY, Filters(), model)

    assert question.standalone == "How many Nvidia H200 chips did China approve?"
    assert [m.role for m in model.asked[0]] == ["system", "user"]


def test_a_model_is_not_asked_about_a_question_that_stands_alone() -> None:
    model = Rewriter("How many chips?")

    condense("Who won the election in Peru?", HISTORY, Filters(), model)

    assert not model.asked


@pytest.mark.parametrize(
    "line",
    [LLMUnreachable("down"), "", "?", "I cannot answer that, as I have no way to know the number.",
     "How many H200 chips did Apple order?", "400,000 chips.", "How many? See http://evil.example",
     "How many chips [a1b2c3]?", "x" * 2_000],
)  # fmt: skip
def test_the_rules_do_when_the_model_does_not(line: str | Exception) -> None:
    question = condense("And how many chips?", HISTORY, Filters(), Rewriter(line))

    assert question.standalone == f"And how many chips? ({TOPIC})"


def test_a_model_that_hangs_is_waited_for_once_and_not_for_long() -> None:
    release = threading.Event()

    class Hanging(Rewriter):
        def stream(self, messages: Sequence[Message]) -> Iterator[str]:
            self.asked.append(messages)
            release.wait(30)
            yield "too late"

    model, patience = Hanging(""), Patience(wait_s=0.05)
    try:
        texts = [condense("How many?", HISTORY, Filters(), model, patience).text for _ in range(2)]
    finally:
        release.set()

    assert texts == [f"How many? ({TOPIC})"] * 2 and len(model.asked) == 1


def test_a_model_that_cannot_be_reached_is_tried_again_after_a_rest() -> None:
    model, patience = Rewriter(LLMUnreachable("down")), Patience(rest_s=0.0)

    for _ in range(2):
        condense("How many?", HISTORY, Filters(), model, patience)

    assert len(model.asked) == 2


def test_a_crash_in_the_model_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        condense("How many?", HISTORY, Filters(), Rewriter(ZeroDivisionError()))


def test_what_was_cited_comes_along_with_a_question_that_leans() -> None:
    one, two = (Place(article_id="a", start=n, end=n + 5) for n in (0, 10))
    history = (
        Turn(role="user", content=FIRST),
        Turn(role="assistant", content="Yes.", cited=(one,)),
        Turn(role="user", content="How many?"),
        Turn(role="assistant", content="400,000.", cited=(two, one)),
    )

    assert condense("When?", history, Filters()).earlier == (two, one)
    assert condense("Who won the election in Peru?", history, Filters()).earlier == ()


@pytest.mark.parametrize(
    ("first", "answer", "asked", "text"),
    [
        ("When was Ada Finch shot?", "She fell near Old-Verrin Station in Korin.", "Who shot her?",
         "Who shot Ada Finch?"),
        ("When was Finch shot?", "Former Mayor Ada Finch was shot in May.", "Who shot her?",
         "Who shot Ada Finch?"),
        ("What burned down?", "It was Arden Station, the mayor Tobias Finch said.",
         "How old is he?", "How old is Tobias Finch?"),
        ("Who runs Orrin?", "They are Arden CEO Lea Brandt and Orrin CEO Ada Finch.",
         "How old is she?", "How old is Ada Finch?"),
        ("What did Finch say about prices?", "Mayor Ada Finch blamed the war.",
         "What did she say about Korin?", "What did Ada Finch say about Korin?"),
        ("What did Ada Finch say about Brandt?", "Mayor Tobias Brandt won, Ada Finch said.",
         "Where was she born?", "Where was Ada Finch born?"),
        ("Who shot Ada Finch?", "", "Why?", "Why was Ada Finch shot?"),
        ("When was Ada Finch shot?", "", "Where?", "Where was Ada Finch shot?"),
        ("Where did the ferry sink?", "", "But why?", "Why did the ferry sink?"),
    ],
)  # fmt: skip
def test_a_person_is_whom_a_personal_pronoun_stands_for(
    first: str, answer: str, asked: str, text: str
) -> None:
    history = (Turn(role="user", content=first), Turn(role="assistant", content=answer))

    assert condense(asked, history, Filters()).text == text


@pytest.mark.parametrize(
    ("first", "answer", "asked"),
    [
        ("Did Ada Finch meet Tobias Brandt?", "Ada Finch met Tobias Brandt.", "What did he say?"),
        ("What burned down?", "Arden Station burned near Lake Verrin, the Korin Bank said.",
         "How old is he?"),
        ("What did Finch say about prices?", "Ada Finch said much.", "Will it fall?"),
    ],
)  # fmt: skip
def test_a_pronoun_stands_for_nobody_that_is_not_sure(first: str, answer: str, asked: str) -> None:
    history = (Turn(role="user", content=first), Turn(role="assistant", content=answer))

    assert condense(asked, history, Filters()).text.startswith(f"{asked} (")


def test_thanks_are_nothing_to_lean_on() -> None:
    history = (*HISTORY, Turn(role="user", content="Thanks!"), Turn(role="assistant", content="."))

    assert condense("And how many?", history, Filters()).text == f"And how many? ({TOPIC})"
