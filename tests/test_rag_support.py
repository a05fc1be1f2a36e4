"""The trained score: a share, the same every time, never upside down."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.embed import Embedder
from rag.likeness import LIKENESSES, TokenReader, likeness
from rag.pair import Finding, Pair
from rag.support import (
    ALIGNED,
    LEXICAL,
    MOST,
    common,
    direction,
    enough,
    lexical,
    load_weighings,
    score,
)
from rag.verify import parts, support
from rag.weighing import read_weighings, write_weighings

STORY = (
    "The harbour board of Tessel approved 14 new cranes on Tuesday. "
    "Ida Krogh, who chairs it, said the first three will not arrive before May 2027. "
    "Nordan Freight lost the contract to Bremer Lifts after a review."
)
WORDS = st.lists(st.sampled_from(STORY.split()), max_size=25).map(" ".join)
READ = load_weighings()


def test_word_for_word_has_one() -> None:
    first = STORY.split(". ", maxsplit=1)[0] + "."

    assert support(first, STORY) == 1.0
    assert support(STORY, STORY) == 1.0


@given(text=WORDS, source=WORDS)
def test_the_score_is_a_share_and_repeats(text: str, source: str) -> None:
    first = support(text, source)

    assert 0.0 <= first <= 1.0
    assert first == support(text, source)


@given(
    at=st.integers(0, len(ALIGNED) - 1),
    step=st.floats(0, 1),
    seed=st.integers(0, 50),
    way=st.sampled_from(["aligned", "lexical"]),
)
def test_more_of_a_feature_moves_the_score_one_way_only(
    at: int, step: float, seed: int, way: str
) -> None:
    held = READ[way]
    row = np.random.default_rng(seed).uniform(0, 1, len(held.names))
    at %= len(row)
    more = row.copy()
    more[at] += step

    change = held.score(more) - held.score(row)

    assert change * direction(held.names[at]) >= -1e-6


@given(text=WORDS, kind=st.sampled_from(["number", "name", "role", "anything new"]))
def test_a_further_finding_never_raises_the_score(text: str, kind: str) -> None:
    pair = Pair(text, STORY)
    finding = Finding(gravity="hard", kind=kind, reason="it differs")

    assert score([(pair, (finding,))]) <= score([(pair, ())])


def test_a_feature_for_each_name() -> None:
    held = parts("Bremer Lifts won the contract. Tessel bought cranes.", STORY)

    assert len(held) == 2
    assert lexical(held).shape == (len(LEXICAL),)
    assert READ["lexical"].names == LEXICAL and READ["aligned"].names == ALIGNED


def test_the_encoder_is_asked_for_the_claim_and_its_window(embedder: Embedder) -> None:
    assert isinstance(embedder, TokenReader)
    same = likeness(Pair(STORY, STORY), embedder)
    other = likeness(Pair("Penguins breed on the ice of the far south.", STORY), embedder)

    assert same.shape == (len(LIKENESSES),)
    assert same.min() > 0.99
    assert (other < same).all()


def test_the_encoder_gives_the_same_alone_and_in_company(embedder: Embedder) -> None:
    assert isinstance(embedder, TokenReader)
    alone = embedder.read_tokens([STORY])[0]
    beside = embedder.read_tokens(["A ferry sank.", STORY, ""])

    assert np.array_equal(alone.states, beside[1].states)
    assert [STORY[s] for s in alone.starts[:3]] == ["T", "h", "b"]
    assert not len(beside[2].starts)
    assert support("Tessel bought cranes.", STORY, embedder) == support(
        "Tessel bought cranes.", STORY, embedder
    )


@pytest.mark.parametrize(
    ("words", "others"),
    [
        ("14 new cranes", "41 new cranes"),
        ("will not arrive", "will arrive"),
        ("lost the contract", "won the contract"),
        ("Ida Krogh", "Tomas Vell"),
    ],
)
def test_an_edit_falls_below_the_sentence_and_the_threshold(
    words: str, others: str, embedder: Embedder
) -> None:
    assert isinstance(embedder, TokenReader)
    sentence = next(one for one in re.split(r"(?<=\.) ", STORY) if words in one)
    edited = sentence.replace(words, others)

    for reader in (embedder, None):
        assert support(sentence, STORY, reader) == 1.0
        assert support(edited, STORY, reader) < enough(reader)


def test_a_rewording_passes_the_threshold(embedder: Embedder) -> None:
    assert isinstance(embedder, TokenReader)
    told = "On Tuesday the harbour board of Tessel approved fourteen new cranes."

    for reader in (embedder, None):
        assert support(told, STORY, reader) > enough(reader)


def test_empty_and_odd_texts_have_a_score(embedder: Embedder) -> None:
    assert isinstance(embedder, TokenReader)
    for text in ("", " ", "\u2026", "?!", "\ud800", "a" * 5_000):
        for source in ("", STORY):
            assert 0.0 <= support(text, source) <= 1.0
            assert 0.0 <= support(text or "x", source, embedder) <= 1.0


@given(
    one=st.lists(st.sampled_from("abcd"), max_size=12),
    other=st.lists(st.sampled_from("abcd"), max_size=12),
)
def test_the_common_subsequence_is_that_of_the_textbook(one: list[str], other: list[str]) -> None:
    row = [0] * (len(other) + 1)
    for a in one:
        before = row[:]
        for j, b in enumerate(other, 1):
            row[j] = before[j - 1] + 1 if a == b else max(before[j], row[j - 1])

    assert common(one, other) == row[-1]


def test_weights_are_written_and_read_alike(tmp_path: Path) -> None:
    write_weighings(READ, tmp_path / "a.json")
    again = read_weighings(tmp_path / "a.json")
    write_weighings(again, tmp_path / "b.json")

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    row = np.linspace(0, 1, len(LEXICAL))
    assert again["lexical"].score(row) == READ["lexical"].score(row)
    assert again["aligned"].enough == READ["aligned"].enough


def test_no_weight_pulls_the_wrong_way() -> None:
    for one in READ.values():
        signs = [direction(name) for name in one.names]
        assert (one.weights * signs >= 0).all()


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="features"):
        READ["lexical"].score(np.zeros(3))


def test_nothing_but_the_words_themselves_reaches_one() -> None:
    near = "the harbour board of Tessel approved 14 new cranes on Tuesday"

    assert 0.5 < support(near, STORY) <= MOST


def test_the_weights_are_small_and_have_a_card() -> None:
    folder = Path(__file__).parents[1] / "rag" / "weights"
    card = (folder / "CARD.md").read_text(encoding="utf-8")

    assert (folder / "verifier.json").stat().st_size < 100_000
    assert "nli_averitec" in card and "licen" in card
