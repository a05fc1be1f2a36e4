"""Rules of which sentences tell a deed: done, by the subject asked about, to the object."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.deed import deed_of
from rag.realised import asks_of_now, has_verb, outdone, tells
from rag.statement import statement_of


def said(question: str) -> str:
    statement = statement_of(question)
    assert statement is not None
    return statement


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Has Norland joined the pact?", "Norland joined the pact on Tuesday."),
        ("Has Norland joined the pact?", "Norland and Sudland joined the pact on Tuesday."),
        ("Has Norland joined the pact?", "Norland, which applied in May, has joined the pact."),
        ("Has Norland joined the pact?", "Norland was the first of them to join the pact."),
        ("Did Ada Quill lose her seat?", "Ada Quill, 58, has lost her seat in parliament."),
        ("Did the Hart ruling get overturned?", "The high court overturned the Hart ruling."),
        ("Did the Hart ruling get overturned?", "The Hart ruling was overturned on Friday."),
        ("Was Ada Quill arrested?", "Police arrested former Gov. Ada Quill at dawn."),
        ("Did Ada Quill withdraw?", "Quill left the hall and eventually withdrew from the race."),
        ("Is inflation falling?", "Economists agree that inflation is falling."),
        ("Will the bridge close in April?", "The bridge will close in April."),
        ("Did the Rovers dismiss Ada Quill?", "Ada Quill was dismissed by the Rovers."),
    ],
)
def test_a_sentence_tells_a_deed_that_was_done(question: str, text: str) -> None:
    assert tells(said(question), text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Has Norland joined the pact?", "Norland wants to join the pact."),
        ("Has Norland joined the pact?", "Norland announced its intention to join the pact."),
        ("Has Norland joined the pact?", "If Norland joined the pact, trade would suffer."),
        ("Has Norland joined the pact?", "Joining the pact is an act of peace for Norland."),
        ("Has Norland joined the pact?", "Norland may have joined the pact."),
        ("Has Norland joined NOTA?", "Norland joined the Trade Union in 1995 and avoided NOTA."),
        ("Has Norland invaded Sudland?", "The thought of Norland invading Sudland is absurd."),
        ("Is inflation falling?", "Stocks are falling as inflation worries traders."),
        ("Did Ada Quill lose her seat?", "Quill's speeches only helped as Bo Hale lost his seat."),
        ("Did Ada Quill win the race?", "Bo Hale outspent his rival Ada Quill to win the race."),
        ("Did Ada Quill win the race?", "Bo Hale has won the race against Ada Quill."),
        ("Did Quill plead guilty?", "He also pleaded guilty to lying about Quill."),
        ("Was Ada Quill arrested?", "Ada Quill asked that he be arrested."),
        ("Did Ada Quill resign?", "Will Ada Quill resign?"),
    ],
)
def test_plans_and_the_deeds_of_others_are_not_told(question: str, text: str) -> None:
    assert not tells(said(question), text)


def test_a_denial_or_an_opposite_tells_that_it_was_not_done() -> None:
    statement = said("Did Ada Quill win the race?")

    assert tells(statement, "Ada Quill did not win the race.", denied=True)
    assert tells(statement, "Ada Quill has lost the race.", denied=True)
    assert not tells(statement, "Bo Hale has lost the race to Ada Quill.", denied=True)


def test_who_was_beaten_or_conceded_has_not_won() -> None:
    statement = said("Did Ada Quill win the race?")

    assert outdone(statement, "Bo Hale won the race, easily defeating Sen. Ada Quill.")
    assert outdone(statement, "Ada Quill conceded the race on Monday.")
    assert not outdone(statement, "Ada Quill defeated Bo Hale in the race.")
    assert not outdone(statement, "Bo Hale hopes to defeat Ada Quill in the race.")


def test_the_deed_of_a_statement_is_read() -> None:
    deed = deed_of(said("Was Ada Quill arrested?"))

    assert deed is not None and deed.passive and deed.proper
    assert deed_of(said("Is Ada Quill the mayor?")) is None
    assert has_verb(said("Did Ada Quill resign?"), "The board resigned.")
    assert asks_of_now(said("Is inflation falling?"))
    assert not asks_of_now(said("Did inflation fall?"))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_read(statement: str, text: str) -> None:
    assert tells(statement, text) in (True, False)
    assert outdone(statement, text) in (True, False)
