"""Questions made of statements: plain ones, about what stands there, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.carry import leans
from rag.inquire import is_good, questions_to
from rag.people import people_of


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Orrin Cells will open its plant in Westmere in November 2026, a notice says.",
         "When will Orrin Cells open its plant in Westmere?"),
        ("The Mill Line will cost $61 million, according to the report.",
         "How much will the Mill Line cost?"),
        ("Eighty-three children in Korin have measles, the health office said.",
         "How many children in Korin have measles?"),
        ("A forest fire has burned 900 hectares in the Karst hills since Monday.",
         "How many hectares has a forest fire burned in the Karst hills?"),
        ("Lake Hollin, from which water could be pumped, is still 71 percent full.",
         "How full is Lake Hollin?"),
        ("The vaccination rate in Korin is 81 percent.",
         "What is the vaccination rate in Korin?"),
        ("The Calder Ridge city council has approved the Mill Line, a new tram.",
         "Who has approved the Mill Line?"),
        ("Pilots of Skylark will strike on Thursday because talks on pay have failed.",
         "Why will pilots of Skylark strike?"),
        ("Twelve people died when the ferry Tamsin Gale capsized on Lake Verrin, police said.",
         "How many people died when the ferry Tamsin Gale capsized on Lake Verrin?"),
        ("The Tarn dam was opened in 1971, and it is to be raised.",
         "When was the Tarn dam opened?"),
        ("According to Reuters, Nvidia sold 400,000 chips to Alibaba.",
         "How many chips did Nvidia sell to Alibaba?"),
    ],
)  # fmt: skip
def test_a_plain_statement_is_turned(sentence: str, question: str) -> None:
    assert question in list(questions_to(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "He said that the bridge will open on Monday.",
        "“We will open in May,” said the mayor of Korin.",
        "The Angels haven't won a game in Korin since 2009.",
        "The sky over Korin was blue on Monday.",
        "Is the bridge in Korin open?",
        "Official statistics published earlier in May showed that 213 couples in Korin married.",
        "Alonso won the 2019 Derby at Cleveland as a rookie.",
        "What the buyers may do so far",
        "",
    ],
)
def test_what_is_not_plain_is_left_alone(sentence: str) -> None:
    assert list(questions_to(sentence)) == []


def test_a_thing_is_asked_about_by_its_name() -> None:
    sentence = "The plant will create 900 jobs, the notice says."

    assert list(questions_to(sentence)) == []
    assert list(questions_to(sentence, ["the Orrin battery plant in Westmere"])) == [
        "How many jobs will the Orrin battery plant in Westmere create?"
    ]


@pytest.mark.parametrize(
    ("sentence", "people"),
    [
        ('"We searched," said Edda Lorne, who leads the rescue service.',
         [("Edda Lorne", True)]),
        ("Samuel Bresnick, who studies trade, reads the limits as a sign.",
         [("Samuel Bresnick", False)]),
        ("Mayor Orla Brandt said that it would be built.", [("Orla Brandt", True)]),
        ("Coors Field, the most loved of all stadiums, was full.", []),
        ("The council met on Tuesday, the mayor said.", []),
    ],
)  # fmt: skip
def test_people_who_speak_or_are_introduced(sentence: str, people: list[tuple[str, bool]]) -> None:
    assert list(people_of(sentence))[: len(people) or 1] == people


@given(st.text(max_size=200))
def test_any_text_gives_good_questions_or_none(text: str) -> None:
    for question in questions_to(text, ["the bridge"]):
        assert is_good(question) and not leans(question)
        assert question.endswith("?") and len(question) < 300


@given(st.lists(st.sampled_from(
    "The Korin council will open has was approved 12 bridges on Monday in May , because of Ada "
    "Finch people died and which 2026 percent $4 million".split()), max_size=20))  # fmt: skip
def test_any_order_of_news_words_gives_good_questions_or_none(words: list[str]) -> None:
    for question in questions_to(" ".join(words)):
        assert is_good(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many developers have heeded the Redmond?",
        "What is the difference between the BA?",
        "What is the difference between Orrin Cells?",
        "Who has made another false claim about Orrin Cells?",
        "Why did Korin close its schools over the weekend?",
        "How many months have passed since Ada Finch left Korin?",
        "When will the debate of Korin take place at 8 p.m. ET?",
    ],
)
def test_what_is_cut_short_or_vague_is_not_asked(question: str) -> None:
    assert not is_good(question)


@pytest.mark.parametrize(
    "question",
    ["When did Ada Finch join the FBI?", "Who has beaten the Korin Larks in Arden?",
     "What is the difference between Korin and Arden?",
     "How many games did Korin lose to the Reds?"],
)  # fmt: skip
def test_what_is_whole_is_asked(question: str) -> None:
    assert is_good(question)


@pytest.mark.parametrize(
    "sentence",
    [
        "“It is late,” said Rep. Ada Finch, D-El Verrin, said the Post.",
        "The fire was set, said Korin Vale police.",
        "World Health Organization, which met, said that cases fell.",
        "The share fell, said Orrin Associates.",
        "Investors' Chronicle said that rents rose.",
    ],
)
def test_a_party_a_body_or_a_town_is_not_a_person_who_speaks(sentence: str) -> None:
    assert {name for name, _ in people_of(sentence)} <= {"Ada Finch"}
