"""Sentences keep exact offsets; stems and tokens are steady."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import sentence_spans, stem, terms, tokens

NEWSY = st.text(alphabet=st.sampled_from("aB. !?\n\"'”“’)(U.S.1,;\t\u00a0é[]*"), max_size=200)


@given(st.one_of(st.text(max_size=200), NEWSY))
def test_spans_cover_all_but_white_space_in_order(text: str) -> None:
    spans = sentence_spans(text)

    before = 0
    for start, end in spans:
        assert before <= start < end
        assert text[before:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        before = end
    assert text[before:].strip() == ""


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "He met Sen. Jane Roe on Jan. 3. She left.",
            ["He met Sen. Jane Roe on Jan. 3.", "She left."],
        ),
        ("The U.S. Treasury said so. It did.", ["The U.S. Treasury said so.", "It did."]),
        ("It ended at 5 p.m. He left.", ["It ended at 5 p.m.", "He left."]),
        ("“We won.” They cheered.", ["“We won.”", "They cheered."]),
        ("“Is it?” he asked. Yes.", ["“Is it?” he asked.", "Yes."]),
        ("Shares rose 3.5% to $4.20. Then fell.", ["Shares rose 3.5% to $4.20.", "Then fell."]),
        ("J. K. Roe wrote it.", ["J. K. Roe wrote it."]),
        ("A heading\nA sentence.", ["A heading", "A sentence."]),
        ("Roe Inc. The firm grew.", ["Roe Inc.", "The firm grew."]),
    ],
)
def test_splits_as_a_reader_would(text: str, sentences: list[str]) -> None:
    assert [text[a:b] for a, b in sentence_spans(text)] == sentences


@given(st.text(max_size=200))
def test_tokens_are_where_they_say(text: str) -> None:
    assert all(text[t.start : t.end] == t.text for t in tokens(text))


def test_terms_drop_stop_words_and_endings() -> None:
    assert terms("The chips weren’t approved") == terms("chip approves")
    assert stem("Nvidia’s") == stem("nvidia")
    assert terms("3,800 chips") == ("3,800", "chip")
    assert terms("H200s cost $50bn") == ("h200", "cost", "50", "bn")


@pytest.mark.parametrize("unit", ["[", "*", " ", ". ", '."', "a.", "\n", "U.S. "])
def test_hostile_text_costs_linear_time(unit: str) -> None:
    def cost(n: int) -> float:
        text = unit * n
        began = time.process_time()
        sentence_spans(text)
        tokens(text)
        return time.process_time() - began

    assert cost(100_000) < 5.0
