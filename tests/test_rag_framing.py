"""What claims nothing is told from what may be wrong; where that is not sure, it is a claim."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.framing import claims_nothing, is_label, stands_alone, without_lead_in
from rag.generate import DraftSentence, _Assembler, _told_apart
from rag.text import tokens

COST = "What will the repair of the Orrin bridge cost?"
SOLD = "Did the council sell the X200 ferry?"
IDS = {"a1b2c3": "one"}


@pytest.mark.parametrize(
    "text",
    [
        "The answer is:",
        "Here is what the sources say:",
        "Based on the provided articles:",
        "According to the passages:",
        "Here are three key points about the Orrin bridge:",
        "Here\u2019s a brief overview of the repair.",
        "The cost of the repair is:",
        "In summary:",
        "The passage continues:",
        "The article reports the following:",
        "Sure!",
        "Of course.",
        "Great question!",
        "I hope this helps!",
        "Let me know if you'd like more details about the bridge.",
        "Please don't hesitate to ask if you have any further questions.",
        "Is there anything else you would like to know?",
    ],
)
def test_what_speaks_of_the_reply_claims_nothing(text: str) -> None:
    assert claims_nothing(text, COST)


@pytest.mark.parametrize(
    "text",
    [
        "The repair costs 40 million euros:",
        "Three ministers resigned:",
        "The following ministers resigned:",
        "The three ministers are:",
        "The council told reporters:",
        "According to Ada Finch:",
        "According to the mayor:",
        "All sources agree:",
        "According to sources:",
        "The document says:",
        "The council reports:",
        "The passages give two figures:",
        "Here are the two bridges:",
        "The sources do not say.",
        "The answer is no.",
        "The answer is 40 million.",
        "It did not.",
        "I do.",
        "Yes.",
        "A.",
        'He said: "Here is the answer:"',
        "Here is Ana Ruiz.",
    ],
)
@pytest.mark.parametrize("question", [COST, SOLD])
def test_what_may_be_wrong_is_a_claim(text: str, question: str) -> None:
    assert not claims_nothing(text, question)


@pytest.mark.parametrize("text", ["Certainly.", "Absolutely!", "Of course.", "The X200 ferry is:"])
def test_what_answers_a_yes_or_no_question_is_a_claim(text: str) -> None:
    assert not claims_nothing(text, SOLD)


def test_a_lead_in_may_name_the_question_even_with_a_figure() -> None:
    assert claims_nothing("Here is what the articles say about the X200 ferry:", SOLD)
    assert not claims_nothing("Here is what the articles say about the X300 ferry:", SOLD)


@given(st.sampled_from(["not", "never", "40", "million", "Finch", "rose", "resigned", "no", "all"]),
       st.integers(0, 8))  # fmt: skip
def test_one_word_of_the_world_makes_it_a_claim(word: str, at: int) -> None:
    for told in ("Here is what the sources say:", "Let me know if you need more information."):
        words = told.split()
        words.insert(min(at, len(words) - 1), word)
        assert not claims_nothing(" ".join(words), COST)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Based on the provided articles, the bridge reopens.", "The bridge reopens."),
        ("The answer is: 40 million crowns.", "40 million crowns."),
        ("According to the article, it reopens.", "It reopens."),
    ],
)
def test_a_lead_in_is_taken_off_a_sentence(text: str, rest: str) -> None:
    assert without_lead_in(text, COST) == rest


@pytest.mark.parametrize(
    "text",
    [
        "According to sources, the mayor will resign.",
        "According to the article by Reuters, it rose.",
        "According to Ada Finch, the bridge is given up.",
        "The mayor has given up, the article says.",
        "In 2024, the articles say, it rose.",
    ],
)
def test_who_says_it_stays(text: str) -> None:
    assert without_lead_in(text, COST) == text


@given(st.text(max_size=200), st.text(max_size=60))
def test_nothing_is_lost_but_words_of_the_frame(text: str, question: str) -> None:
    rest = without_lead_in(text, question)
    assert text.lower().endswith(rest[1:].lower())
    if claims_nothing(text, question):
        assert tokens(text)


@pytest.mark.parametrize("text", ["Costs", "Cause of the fire", "Key points:", "Repair cost"])
def test_a_heading_that_tells_nothing(text: str) -> None:
    assert is_label(text, COST)


@pytest.mark.parametrize(
    "text",
    ["Mayor resigns", "Resigned", "Sale approved", "40 million", "No deal", "Yes", "Three dead",
     "It reopened in May."],
)  # fmt: skip
def test_a_heading_that_tells_something(text: str) -> None:
    assert not is_label(text, COST)


def _told(reply: str, size: int = 10_000) -> list[DraftSentence]:
    assembler = _Assembler(IDS)
    read = [s for at in range(0, len(reply), size) for s in assembler.push(reply[at : at + size])]
    return list(_told_apart(iter([*read, *assembler.finish()]), COST))


REPLY = """\
Sure! Here is what the sources say about the Orrin bridge:

## Costs
The repair will cost 40 million crowns [a1b2c3].

**Timeline:**
9. Work begins in May [a1b2c3].
10. Work ends in June.
11.
-
**Victims**
- Ana Ruiz
**Forty were hurt**
Let me know if you need more information!"""


def test_only_what_claims_something_is_left_of_a_reply() -> None:
    told = _told(REPLY)
    assert [s.text for s in told if not s.is_idle] == [
        "The repair will cost 40 million crowns.",
        "Work begins in May.",
        "Work ends in June.",
        "Victims",  # without it the name below says something else
        "Ana Ruiz",
        "Forty were hurt",
    ]
    assert [s.text for s in told if s.is_idle][2:4] == ["Costs", "Timeline:"]
    assert not stands_alone("Ana Ruiz")


@given(st.integers(1, 80))
def test_where_the_stream_is_cut_changes_nothing(size: int) -> None:
    assert _told(REPLY, size) == _told(REPLY)


def test_a_number_that_begins_a_line_may_be_the_answer() -> None:
    assert _told("12. The last of them closed.")[0].text.startswith("12.")
