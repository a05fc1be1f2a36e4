"""What must hold whatever the answer: a change for the worse scores no better."""

import re
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from eval.citations import (
    citation_precision,
    citation_recall,
    faithfulness,
    groups,
    quote_exactness,
)
from eval.datasets import Case
from eval.reply import Reply, Said, Source, from_text
from eval.score import LESS_IS_BETTER, score_reply
from tests.replies import SOURCES, TRUE, really, reply


def contains(claim: str, source: str) -> bool:
    """A judge without mercy: the claim's words stand there."""
    return set(claim.lower().split()) <= set(source.lower().replace("\n", " ").split())


# What must hold whatever the answer: metamorphic

SENTENCES = st.lists(
    st.tuples(
        st.sampled_from((*TRUE, "The orchard sold ships.", "Nobody approved the bridge.")),
        st.lists(st.integers(1, 3), max_size=4).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("judge", [really, contains])
@settings(max_examples=40, deadline=None)
@given(sentences=SENTENCES, gone=st.integers(1, 3))
def test_removing_a_cited_passage_never_raises_recall(
    judge: Callable[[str, str], bool], sentences: list[tuple[str, tuple[int, ...]]], gone: int
) -> None:
    whole = reply(*sentences)
    less = reply(*sentences, cited={m: s for m, s in whole.cited.items() if m != gone})
    assert citation_recall(less, judge).value <= citation_recall(whole, judge).value


@pytest.mark.parametrize("judge", [really, contains])
@settings(max_examples=40, deadline=None)
@given(sentences=SENTENCES, at=st.integers(0, 3))
def test_a_phantom_citation_never_raises_anything(
    judge: Callable[[str, str], bool], sentences: list[tuple[str, tuple[int, ...]]], at: int
) -> None:
    whole = reply(*sentences)
    i = at % len(sentences)
    more = reply(*sentences[:i], (sentences[i][0], (*sentences[i][1], 99)), *sentences[i + 1 :])
    for metric in (citation_recall, citation_precision, faithfulness):
        assert metric(more, judge).value <= metric(whole, judge).value
    assert quote_exactness(more).value <= (quote_exactness(whole).value or 0) or not any(
        m for _, m in sentences
    )


@pytest.mark.parametrize("judge", [really, contains])
@settings(max_examples=40, deadline=None)
@given(sentences=SENTENCES, order=st.permutations(SOURCES), marks=st.randoms())
def test_the_order_of_passages_changes_nothing(
    judge: Callable[[str, str], bool],
    sentences: list[tuple[str, tuple[int, ...]]],
    order: list[Source],
    marks: object,
) -> None:
    whole = reply(*sentences)
    turned = Reply(
        sentences=tuple(Said(text=t, markers=tuple(reversed(m))) for t, m in sentences),
        cited=whole.cited,
        retrieved=tuple(order),
    )
    for metric in (citation_recall, citation_precision, faithfulness):
        assert metric(turned, judge).value == metric(whole, judge).value


EDITS: dict[str, Callable[[str], str]] = {
    "number": lambda t: re.sub(r"\b(48|68)\b", lambda m: str(int(m[1]) + 17), t),
    "date": lambda t: t.replace("14 April 2026", "3 June 2025"),
    "name": lambda t: t.replace("Orla Brandt", "Hester Quill").replace("Edda Lorne", "Gus Okafor"),
    "negation": lambda t: re.sub(
        r"\b(approved|signed|capsized|leads|will cost)\b",
        lambda m: {
            "approved": "did not approve",
            "signed": "did not sign",
            "capsized": "did not capsize",
            "leads": "does not lead",
            "will cost": "will not cost",
        }[m[1]],
        t,
    ),
}


@pytest.mark.parametrize(
    ("sentence", "edited"),
    [(t, edit(t)) for t in TRUE for edit in EDITS.values() if edit(t) != t],
)
def test_one_changed_word_lowers_faithfulness(sentence: str, edited: str) -> None:
    true, false = (reply((text, (1, 2))) for text in (sentence, edited))
    assert faithfulness(true, really).value == 1.0
    assert faithfulness(false, really).value == 0.0
    assert citation_recall(false, really).value == 0.0


FACTS = st.fixed_dictionaries(
    {
        "who": st.sampled_from("Orla Brandt|Hester Quill|Tomas Vell|Edda Lorne".split("|")),
        "town": st.sampled_from("Orrin|Tessel|Harwick|Marrick|Belmonte|Dorning".split("|")),
        "figure": st.integers(32, 9_000),  # no day of the month: the date would vouch for it
        "day": st.integers(1, 28),
        "month": st.sampled_from("January March April June August October".split()),
    }
)


def told(fact: dict[str, object], verb: str = "approved") -> str:
    return (
        f"The council of {fact['town']} {verb} {fact['figure']:,} new buses on {fact['day']} "
        f"{fact['month']} 2026, said {fact['who']}."
    )


@pytest.mark.parametrize("part", ["who", "town", "figure", "day", "month", "verb"])
@settings(max_examples=25, deadline=None)
@given(
    true=FACTS,
    other=FACTS,
    verb=st.sampled_from(["did not approve", "has not approved", "rejected"]),
)
def test_any_name_number_date_or_negation_lowers_faithfulness(
    part: str, true: dict[str, object], other: dict[str, object], verb: str
) -> None:
    assume(part == "verb" or true[part] != other[part])
    false = told(true, verb) if part == "verb" else told({**true, part: other[part]})
    source = Source(article_id="a", text=f"{told(true)} The orchard sold its apples early.")

    def scored(*sentences: str) -> list[float]:
        said = tuple(Said(text=text, markers=(1,)) for text in sentences)
        whole = Reply(sentences=said, cited={1: source}, retrieved=(source,))
        return [measure(whole, really).value for measure in (faithfulness, citation_recall)]

    assert scored(told(true)) == [1.0, 1.0]
    assert scored(false) == [0.0, 0.0]
    assert scored(told(true), false) == [0.5, 0.5]


@settings(deadline=None)
@given(st.text(alphabet=" \n\t.,;!?\u2026[]-\u200b", max_size=40))
def test_an_answer_without_words_never_scores_above_0(answer: str) -> None:
    cases = (
        Case(case_id="1", question="Who?", answers=(("Edda Lorne",),), nuggets=(TRUE[4],)),
        Case(case_id="2", question="Who?", answers=((".",),), conflict=True),
    )
    for case in cases:
        scores = score_reply(case, from_text(answer, SOURCES), really)
        good = [s for s in scores if s.metric not in LESS_IS_BETTER]
        assert good and not any(s.value > 0 for s in good)


@settings(deadline=None)
@given(st.integers(0, 9))
def test_every_choice_of_citations_is_tried_once(n: int) -> None:
    sources = [Source(article_id=str(i), text=str(i)) for i in range(n)]
    tried = list(groups(sources))
    assert len(tried) == len(set(tried))
    assert len(tried) == (2**n - 1 if n <= 6 else n + 1 + n * (n - 1) // 2)
