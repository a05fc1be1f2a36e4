"""A verdict names the claim that fails and the words of the source against it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import RANKS, Evidence, Passage, Verdict
from rag.text import sentence_spans
from rag.verify import verify


def held(sentence: str, source: str, *rivals: Passage) -> Verdict:
    evidence = Evidence(article_id="a", start=0, end=len(source), text=source)
    return verify(sentence, (evidence,), context={}, rivals=rivals)


def failing(verdict: Verdict) -> list[str]:
    return [c.text for c in verdict.claims if c.label != "supported"]


UNION = "The union did not join the strike, and exports rose 12 percent last year."


def test_the_failing_claim_is_named_with_the_words_against_it() -> None:
    verdict = held("The union joined the strike, and exports rose 12 percent last year.", UNION)

    assert verdict.label == "refuted"
    assert failing(verdict) == ["The union joined the strike"]
    assert verdict.claims[0].against == "The union did not join the strike"
    assert verdict.claims[0].reason and verdict.claims[1].label == "supported"


def test_a_claim_of_which_the_source_has_nothing_is_unsupported() -> None:
    verdict = held(
        "The yard will build 40 ferries, and pandas eat green bamboo daily.",
        "The yard will build 40 ferries.",
    )

    assert failing(verdict) == ["pandas eat green bamboo daily"]
    assert verdict.label == verdict.claims[1].label == "unsupported"


def test_one_claim_that_holds_is_not_listed() -> None:
    assert held("The yard hired 40 welders.", "The yard hired 40 welders.").claims == ()
    assert held("The yard hired 40 welders.", "In May the yard hired 40 welders.").claims == ()


@pytest.mark.parametrize(
    ("sentence", "source", "label", "reason"),
    [
        (
            "Lorenz stole the boat, the court heard.",
            "Lorenz allegedly stole the boat, the court heard.",
            "partial",
            "alleg",
        ),
        (
            "Lorenz allegedly stole the boat in May.",
            "Lorenz stole the boat in May.",
            "partial",
            "alleg",
        ),
        (
            "The company said it had sold ferries to Peru.",
            "The company denied it had sold ferries to Peru.",
            "refuted",
            "denied",
        ),
        (
            "The mayor said the old bridge would close in May.",
            "The governor said the old bridge would close in May.",
            "refuted",
            "governor",
        ),
        (
            "According to the Courier, the bridge will close in May.",
            "The bridge will close in May, the Ledger reported.",
            "refuted",
            "Ledger",
        ),
        (
            "Lorenz was convicted of fraud in March.",
            "Lorenz was accused of fraud in March.",
            "refuted",
            "accused",
        ),
        (
            "President Lorenz visited the harbour on Tuesday.",
            "Former President Lorenz visited the harbour on Tuesday.",
            "partial",
            "Former",
        ),
    ],
)
def test_who_says_it_and_how_firmly_is_kept(
    sentence: str, source: str, label: str, reason: str
) -> None:
    verdict = held(sentence, source)

    assert verdict.label == label, verdict
    assert any(reason in r for r in verdict.reasons), verdict.reasons
    worst = min(verdict.claims, key=lambda c: RANKS[c.label])
    assert worst.reason and worst.against and worst.against in source


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The firm rose 3 percent.", "The firm, which did not comment, rose 3 percent."),
        ("The boat sank, police said.", "Police said the boat sank."),
        ("The firm denied it sank the boat.", "The firm said it did not sink the boat."),
        ("Lorenz was sued by Aubry in May.", "Aubry sued Lorenz in May."),
        ("About 1.4m people saw it.", "About 1,400,000 people saw it."),
    ],
)
def test_a_fair_sentence_is_not_refuted(sentence: str, source: str) -> None:
    verdict = held(sentence, source)

    assert verdict.label in ("supported", "partial"), verdict


def test_the_contested_claim_is_named() -> None:
    source = "The board approved the Mill Line tram, and the trees on Foundry Street stay."
    rival = "The board rejected the Mill Line tram on Friday."

    verdict = held(source, source, other(rival))

    assert verdict.label == "contested"
    assert failing(verdict) == ["The board approved the Mill Line tram"]
    assert verdict.claims[0].against in rival


def other(text: str) -> Passage:
    return Passage(
        article_id="b", start=0, end=len(text), text=text, passage_id="b:1:0",
        sentences=sentence_spans(text),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rival", "label"),
    [
        ("Halden Freight shares fell 7 percent on Tuesday in Westmere.", "supported"),
        ("Verrin Lines shares fell 7 percent on Tuesday in Westmere.", "contested"),
    ],
)
def test_the_figure_of_another_firm_contests_nothing(rival: str, label: str) -> None:
    text = "Verrin Lines shares fell 3 percent on Tuesday in Westmere."

    assert held(text, text, other(rival)).label == label


WORDS = st.lists(
    st.sampled_from(
        "the mayor said that Lorenz allegedly stole , and did not sign 40 boats . who denied "
        "may will which Halden approved rejected \u201c \u201d all some Friday".split()
    ),
    max_size=30,
).map(" ".join)


@given(sentence=WORDS, source=WORDS)
def test_no_sentence_is_better_than_its_worst_claim(sentence: str, source: str) -> None:
    verdict = held(sentence, source)

    assert all(RANKS[verdict.label] <= RANKS[c.label] for c in verdict.claims)
    assert all(c.text in sentence and c.against in source for c in verdict.claims)
    if verdict.label in ("partial", "refuted") and verdict.claims:
        assert failing(verdict) or len(verdict.claims) > 1
