"""Whom "he" or "the company" stands for is read from what stands before, or left open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.referents import referents, resolve
from rag.schema import Article, Evidence, Verdict
from rag.verify import verify

REPORT = (
    "Verrin Lines presented its timetable on Monday. "
    "Halden Freight reported its results on Tuesday. "
    "The company lost 3 percent in Westmere."
)
TALKS = (
    "Finance Minister Ana Ruiz spoke in Lima about the budget. "
    "She will resign in May after the vote."
)
PLANT = (
    "Orrin Cells makes batteries for ferries. It will open a plant in Westmere in 2027. "
    "It is raining there most days."
)


def held(sentence: str, text: str, quote: str) -> Verdict:
    article = Article(article_id="a", revision=1, title=None, text=text, outlet=None)
    start = text.index(quote)
    evidence = Evidence(article_id="a", start=start, end=start + len(quote), text=quote)
    return verify(sentence, (evidence,), context={"a": article})


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        (REPORT, "The company", "Halden Freight"),
        (TALKS, "She", "Ana Ruiz"),
        (PLANT, "It", "Orrin Cells"),
    ],
)
def test_the_nearest_fitting_name_stands_for_it(text: str, words: str, name: str) -> None:
    found = referents(text, 0, len(text))

    # "Finance Minister" belongs to the name as the article writes it
    assert [(r.text, r.name.endswith(name)) for r in found if r.text == words] == [(words, True)]


@pytest.mark.parametrize(
    "text",
    [
        "It is raining. It seems late.",
        "The harbour is old. He left early.",
        "In Lima and Oslo it snowed. The company grew.",
        "Mr Ruiz left. Verrin Lines grew, and the company paid.",
    ],
)
def test_what_is_not_clear_is_left_open(text: str) -> None:
    assert referents(text, 0, len(text)) == ()


@pytest.mark.parametrize(
    ("sentence", "text", "quote", "label"),
    [
        ("Halden Freight lost 3 percent in Westmere.", REPORT, REPORT[-39:], "supported"),
        ("Verrin Lines lost 3 percent in Westmere.", REPORT, REPORT[-39:], "refuted"),
        (
            "Ana Ruiz will resign in May.",
            TALKS,
            "She will resign in May after the vote.",
            "supported",
        ),
        (
            "Orrin Cells will open a plant in Westmere in 2027.",
            PLANT,
            "It will open a plant in Westmere in 2027.",
            "supported",
        ),
    ],
)
def test_a_sentence_is_held_against_whom_its_quote_means(
    sentence: str, text: str, quote: str, label: str
) -> None:
    verdict = held(sentence, text, quote)

    assert verdict.label == label, verdict
    assert all(c.against in text for c in verdict.claims), "exact words, not the names put in"


@given(st.text(alphabet="Theconpay HSIt.ra \n", max_size=300), st.integers(0, 100))
def test_any_text_can_be_read(text: str, start: int) -> None:
    found = referents(text, start, len(text))

    assert all(text[r.start : r.end] == r.text for r in found)
    assert resolve(text, (), 0) == text
