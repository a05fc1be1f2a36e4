"""On which side of a yes-or-no matter a sentence stands."""

import time

import pytest

from rag.states import Side, matters_of, stand


@pytest.mark.parametrize(
    ("question", "text", "side"),
    [
        ("Is the pass open?", "The pass reopened at noon.", "yes"),
        ("Is the pass open?", "The pass remains closed.", "no"),
        ("Is the pass open?", "The pass is not open.", "no"),
        ("Are the sailors free?", "The sailors held on the ship were freed.", "yes"),
        ("Are the sailors free?", "The sailors are still being held.", "no"),
        ("Did the board accept the offer?", "The board turned down the offer.", "no"),
        ("Did the board accept the offer?", "The board may accept the offer.", "open"),
        ("Did the council approve the plan?", "The council's vote was postponed.", "open"),
        ("Did the council approve the plan?", "It will decide whether to approve it.", "open"),
        ("Was she found guilty?", "The jury acquitted her.", "no"),
        ("Did they reach an agreement?", "They parted without an agreement.", "no"),
        ("Did they reach an agreement?", "Both signed the agreement.", "yes"),
        ("Is the swimmer alive?", "The swimmer's body was found.", "no"),
    ],
)
def test_sides(question: str, text: str, side: Side) -> None:
    matter, wants_yes = matters_of(question)[0]
    found = stand(text, matter, ahead=False)

    assert wants_yes and found is not None
    assert found.side == side
    assert 0 <= found.start < found.end <= len(text)


def test_what_is_to_be_answers_only_what_will_be() -> None:
    matter, _ = matters_of("Will the border reopen?")[0]

    asked_ahead = stand("The border will reopen on Monday.", matter, ahead=True)
    asked_now = stand("The border will reopen on Monday.", matter, ahead=False)
    assert asked_ahead is not None and asked_ahead.side == "yes"
    assert asked_now is not None and asked_now.side == "open"


def test_a_sentence_on_something_else_says_nothing() -> None:
    matter, _ = matters_of("Is the pass open?")[0]

    assert stand("Snow fell on the pass.", matter, ahead=False) is None


@pytest.mark.parametrize("piece", ["not ", "may be ", "opened closed ", "is reviewing ", "turned "])
def test_hostile_text_is_quick(piece: str) -> None:
    text = piece * 3_000
    began = time.process_time()
    for matter, _ in matters_of("Is it open, approved, agreed, or free?"):
        stand(text, matter, ahead=False)
    assert time.process_time() - began < 3
