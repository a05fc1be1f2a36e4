"""A sentence falls into its claims: who says each, and how firmly."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.claimed import claims_of


def told(sentence: str) -> list[tuple[str, str | None, str]]:
    return [(c.text, c.said_by, c.firmness) for c in claims_of(sentence)]


@pytest.mark.parametrize(
    ("sentence", "texts"),
    [
        ("The ferry sank.", ["The ferry sank"]),
        (
            "The council may approve the tram, and the mayor did not sign the contract.",
            ["The council may approve the tram", "the mayor did not sign the contract"],
        ),
        (
            "The yard, which did not comment, hired 40 welders after regulators cleared the sale.",
            [
                "The yard, which did not comment",
                "hired 40 welders",
                "after regulators cleared the sale",
            ],
        ),
        (
            "The storm hit the harbour on Monday, killing three people.",
            ["The storm hit the harbour on Monday", "killing three people"],
        ),
        (
            "Exports rose 12 percent and imports fell 3 percent.",
            ["Exports rose 12 percent", "imports fell 3 percent"],
        ),
        (
            "The singer, a native of Westmere, stole a boat; the owner forgave her.",
            ["The singer, a native of Westmere", "stole a boat", "the owner forgave her"],
        ),
        (
            "\u201cWe came, and we saw, and we left,\u201d the mayor said.",
            ["\u201cWe came, and we saw, and we left,\u201d"],
        ),
        ("Busan, Ulsan and Mokpo build ferries.", ["Busan, Ulsan and Mokpo build ferries"]),
    ],
)
def test_a_sentence_is_cut_where_a_claim_ends(sentence: str, texts: list[str]) -> None:
    assert [text for text, _, _ in told(sentence)] == texts


@pytest.mark.parametrize(
    ("sentence", "who", "firmness"),
    [
        ("The bridge is closed.", None, "stated"),
        ("Police said the bridge is closed.", "Police", "official"),
        ("Ines Halvorsen said on Tuesday that the bridge is closed.", "Ines Halvorsen", "stated"),
        ("The bridge is closed, said the ministry.", "the ministry", "official"),
        ("According to Reuters, the bridge is closed.", "Reuters", "reported"),
        ("The bridge is closed, sources said.", "sources", "reported"),
        ("The company denied that the bridge is closed.", "The company", "denied"),
        ("Campaigners claimed that the bridge is closed.", "Campaigners", "alleged"),
        ("Lee allegedly closed the bridge.", None, "alleged"),
        ("The bridge has reportedly closed.", None, "reported"),
        ("The bridge could close.", None, "possible"),
        ("The bridge is expected to close.", None, "expected"),
        ("In May the bridge is closed.", None, "stated"),
        ("It said nothing of the bridge.", None, "stated"),
    ],
)
def test_each_claim_has_its_speaker_and_firmness(
    sentence: str, who: str | None, firmness: str
) -> None:
    first = claims_of(sentence)[0]

    assert (first.said_by, first.firmness) == (who, firmness)


WORDS = st.lists(
    st.sampled_from(
        "the a firm which said that , and rose ; \u201c \u201d ( ) may who denied . - was".split()
    ),
    max_size=60,
).map(" ".join)


@given(sentence=st.one_of(st.text(max_size=300), WORDS))
def test_claims_are_words_of_the_sentence_in_order(sentence: str) -> None:
    claims = claims_of(sentence)

    assert all(sentence[c.start : c.end] == c.text and c.text.strip() for c in claims)
    assert all(a.end <= b.start for a, b in pairwise(claims))
    assert len(claims) <= 12


@pytest.mark.parametrize(
    "junk", ["a, ", ", who ", "A said ", "\u201c", "; ", "and was ", "(", "- "]
)
def test_hostile_text_takes_little_time(junk: str) -> None:
    started = time.process_time()

    claims_of((junk * 50_000)[:50_000])

    assert time.process_time() - started < 2
