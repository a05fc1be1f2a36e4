"""Each sentence is led back to the shortest run of exact words that carries it."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.attribute import attribute
from rag.schema import Passage
from rag.text import sentence_spans

STORY = (
    "Harbor officials in Oslo opened the new tunnel on Monday, the transport ministry said. "
    "The tunnel cost 3.5 billion kroner and took six years to build, and engineers from Norway "
    "and Spain worked on it. \u201cIt will halve the journey to the airport,\u201d said Ingrid "
    "Moe, who runs the port. Critics had asked for a bridge instead."
)
OTHER = (
    "The port of Bergen plans a tunnel too. Its council will vote on the plan in March. "
    "A bridge was rejected last year because it would have cost 5 billion kroner."
)


def passage(text: str, article_id: str = "a", start: int = 0) -> Passage:
    return Passage(
        article_id=article_id,
        start=start,
        end=start + len(text),
        text=text,
        passage_id=f"{article_id}:1:{start}",
        sentences=tuple((a + start, b + start) for a, b in sentence_spans(text)),
    )


PASSAGES = (passage(STORY), passage(OTHER, "b", 100))


@pytest.mark.parametrize("at", range(4))
def test_a_verbatim_sentence_maps_to_itself(at: int) -> None:
    sentence = PASSAGES[0].sentence_texts()[at]

    (found,) = attribute(sentence, PASSAGES)

    assert (found.text, found.article_id) == (sentence, "a")


def test_typographic_marks_do_not_hide_a_verbatim_sentence() -> None:
    sentence = PASSAGES[0].sentence_texts()[2]

    (found,) = attribute(sentence.replace("\u201c", '"').replace("\u201d", '"'), PASSAGES)

    assert found.text == sentence


def test_a_clause_is_enough_when_it_carries_all() -> None:
    (found,) = attribute("The tunnel cost 3.5 billion kroner.", PASSAGES)

    assert found.text.startswith("The tunnel cost 3.5 billion kroner")
    assert "Spain" not in found.text


def test_finds_what_contradicts_the_sentence() -> None:
    (found,) = attribute("The tunnel cost 9 billion kroner.", PASSAGES)

    assert "3.5 billion" in found.text


def test_a_wrong_hint_is_corrected() -> None:
    found = attribute("Ingrid Moe runs the port in Oslo.", PASSAGES, hints=("b:1:100",))

    assert found[0].article_id == "a"
    assert "Ingrid Moe" in found[0].text


def test_a_hint_breaks_a_tie() -> None:
    twins = (passage(STORY, "a"), passage(STORY, "c"))

    (found,) = attribute("The new tunnel was opened in Oslo.", twins, hints=("c:1:0",))

    assert found.article_id == "c"


def test_two_runs_when_one_does_not_suffice() -> None:
    text = "Oslo opened its tunnel on Monday, while in Bergen the council votes in March."

    found = attribute(text, PASSAGES)

    assert {e.article_id for e in found} == {"a", "b"}


@pytest.mark.parametrize(
    "text", ["", "   ", "Pandas eat bamboo.", "The.", "He said so.", "Monday football scores"]
)
def test_nothing_carries_what_shares_nothing(text: str) -> None:
    assert attribute(text, PASSAGES) == ()


def test_no_passages_no_evidence() -> None:
    assert attribute("The tunnel cost 3.5 billion kroner.", ()) == ()


WORDS = st.lists(st.sampled_from((STORY + OTHER).split()), max_size=30).map(" ".join)


@given(text=WORDS)
def test_evidence_is_always_the_passage_at_its_place(text: str) -> None:
    found = attribute(text, PASSAGES)

    assert len(found) <= 3
    for evidence in found:
        home = next(p for p in PASSAGES if p.article_id == evidence.article_id)
        a, b = evidence.start - home.start, evidence.end - home.start
        assert evidence.text
        assert home.text[a:b] == evidence.text
    assert found == attribute(text, PASSAGES)


@given(text=WORDS, order=st.permutations(PASSAGES))
def test_the_order_of_passages_changes_nothing(text: str, order: list[Passage]) -> None:
    def places(passages: tuple[Passage, ...]) -> set[tuple[str, int, int]]:
        return {(e.article_id, e.start, e.end) for e in attribute(text, passages)}

    if text.strip() not in STORY + OTHER:
        assert places(tuple(order)) == places(PASSAGES)


@pytest.mark.parametrize("junk", ["[", "1,", "A.", "tunnel ", "not ", "\u201c", "Oslo "])
def test_hostile_text_takes_little_time(junk: str) -> None:
    text = (junk * 100_000)[:100_000]
    started = time.process_time()

    attribute(text, PASSAGES)
    attribute("The tunnel in Oslo.", (passage(text),))

    assert time.process_time() - started < 5


SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed articles are not on this machine")
def test_every_sentence_of_the_seeds_is_found_again() -> None:
    for path in sorted(SEEDS.glob("*.txt")):
        whole = passage(path.read_text(encoding="utf-8"), path.stem)
        for sentence in whole.sentence_texts():
            (found,) = attribute(sentence, (whole,))
            assert found.text == sentence
