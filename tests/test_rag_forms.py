"""Rules of reading what form of reply a question wants, and whose articles it speaks of."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.forms import read_form
from rag.schema import Filters, Question
from rag.sources import cited_outlets, kept_to_outlet, strangers
from rag.statement import statement_of

OUTLETS = (
    "BBC News - Arts",
    "Cnbc | World Business",
    "Fortune",
    "Harbour Courier",
    "The Age",
    "The Verge",
)


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Did the council approve the bridge?", "The council approve the bridge."),
        ("Has the council approved the bridge?", "The council has approved the bridge."),
        ("Hasn't the bank raised its rate?", "The bank has not raised its rate."),
        ("Is the reservoir 29 percent full?", "The reservoir is 29 percent full."),
        ("Were more than 60 people aboard?", "More than 60 people were aboard."),
        ("Was the mayor in Oslo?", "The mayor was in Oslo."),
        ("Did it pass, or did it fail?", "It pass."),
        ("After the Age article, did Orrin build it?", "Orrin build it."),
    ],
)
def test_a_yes_no_question_becomes_a_statement(question: str, statement: str) -> None:
    assert statement_of(question) == statement


@pytest.mark.parametrize(
    "question",
    [
        "Who did it?",
        "How many died, and is it over?",
        "Has it been approved and how many may be bought?",
        "Considering both articles, which company, founded in 2015, is meant?",
        "Tell me about the ferry.",
        "Is?",
        "",
    ],
)
def test_other_questions_become_none(question: str) -> None:
    assert statement_of(question) is None
    assert read_form(question, OUTLETS).kind != "yesno"


@settings(max_examples=80)
@given(st.text(max_size=200))
def test_any_question_has_a_form(question: str) -> None:
    form = read_form(f"Did the Verge article say {question} while Fortune says so?", OUTLETS)

    assert {p.outlet for p in form.parts} <= set(OUTLETS)
    assert all(p.claim for p in form.parts)


@pytest.mark.parametrize(
    ("question", "outlets"),
    [
        (
            "Does the Verge article agree with the BBC News report?",
            ["The Verge", "BBC News - Arts"],
        ),
        ("According to CNBC, is it so?", ["Cnbc | World Business"]),
        ("as reported by Fortune, The Age, and The Verge?", ["Fortune", "The Age", "The Verge"]),
        ("Does the Courier say so?", ["Harbour Courier"]),
        ("Did fortune favour the brave at that age?", []),
        ("Was Fortune sold?", []),
    ],
)
def test_outlets_count_where_the_question_speaks_of_reporting(
    question: str, outlets: list[str]
) -> None:
    mentions = cited_outlets(question, OUTLETS)

    assert [m.outlet for m in mentions] == outlets
    assert all(question[m.start : m.end] in question for m in mentions)


def test_sources_that_nothing_found_names_are_strangers() -> None:
    question = "Does a Bloomberg article say what the article by The Verge says?"

    assert strangers(question, "The Verge\nA text.") == ("Bloomberg",)
    assert strangers(question, "The Verge\nAs Bloomberg had it.") == ()
    assert strangers("What did Mueller report?", "") == ()


def test_each_outlet_has_its_part_of_the_question() -> None:
    form = read_form(
        "Does the Verge article from May 3, 2026 claim that the ferry sank, "
        "while the Fortune article says that the owner was paid?",
        OUTLETS,
    )

    assert (form.kind, form.relation) == ("yesno", "claims")
    assert [(p.outlet, p.claim) for p in form.parts] == [
        ("The Verge", "the ferry sank"),
        ("Fortune", "the owner was paid"),
    ]
    assert form.parts[0].day == date(2026, 5, 3)


def test_outlets_that_say_the_same_share_it() -> None:
    form = read_form("Do The Age and The Verge report that the ferry sank?", OUTLETS)

    assert [p.claim for p in form.parts] == ["the ferry sank"] * 2


@pytest.mark.parametrize(
    ("question", "relation", "alike"),
    [
        ("Does the Verge article agree with the Fortune article on the toll?", "agree", True),
        ("Does the Verge article contradict the Fortune article on the toll?", "agree", False),
        ("Did the Verge report the sale before Fortune reported the fire?", "before", True),
        ("Did the Verge report the sale after Fortune reported the fire?", "after", True),
        ("Did the Verge report the sale of the yard?", "claims", True),
        ("Did the yard sell its ships?", "plain", True),
    ],
)
def test_reads_how_the_parts_stand_to_each_other(question: str, relation: str, alike: bool) -> None:
    form = read_form(question, OUTLETS)

    assert (form.kind, form.relation, form.alike) == ("yesno", relation, alike)


@pytest.mark.parametrize(
    ("question", "listed", "noun"),
    [
        ("Which outlets say that nine people died?", "outlet", "outlets"),
        ("Which newspapers report on the tram?", "outlet", "outlets"),
        ("Which companies may buy the chips?", "name", "companies"),
        ("Which countries signed the treaty?", "country", "countries"),
        ("Who approved the tram and when?", "who and when", "items"),
        ("Which company may buy the chips?", None, ""),
    ],
)
def test_reads_what_is_to_be_listed(question: str, listed: str | None, noun: str) -> None:
    form = read_form(question, OUTLETS)

    assert (form.kind == "list", form.listed, form.noun) == (listed is not None, listed, noun)


SITES = ("www.orrinpost.com", "theweekend.co.uk", "arts.orrinpost.com", "Verrin Gazette")


@pytest.mark.parametrize(
    ("question", "outlet"),
    [
        ("According to orrinpost.com, why did the ferry sink?", "www.orrinpost.com"),
        ("According to the Orrin Post, why did the ferry sink?", "www.orrinpost.com"),
        ("What did Orrinpost report about the ferry?", "www.orrinpost.com"),
        ("What has ORRIN POST written about the ferry?", "www.orrinpost.com"),
        ("How does The Weekend describe the ferry?", "theweekend.co.uk"),
        ("According to arts.orrinpost.com, who sang?", "arts.orrinpost.com"),
        ("What did the Verrin Gazette say about Korin?", "Verrin Gazette"),
        ("According to www.verringazette.com, who sang?", "Verrin Gazette"),
        ("What did the weekend say about the ferry?", None),
        ("What did the White House say about the ferry?", None),
        ("What did Orrin Post Office report about the ferry?", None),
        ("What does the Orrinpost article say?", None),
        ("Why did Orrinpost dismiss its editor?", None),
        ("What did Orrinpost and the Verrin Gazette report?", None),
    ],
)
def test_what_an_outlet_says_is_looked_for_in_its_articles(
    question: str, outlet: str | None
) -> None:
    kept = kept_to_outlet(Question(asked=question), SITES)

    assert (kept and kept.filters.outlets) == (outlet and (outlet,))
    alone = Question(asked=question, filters=Filters(alone=True))
    assert kept_to_outlet(alone, SITES) is None


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Compare what Reuters and Orrinpost say about the ferry",
         "Compare what say about the ferry"),
        ("Compare what Orrinpost and the Ledger say about the ferry",
         "Compare what say about the ferry"),
        ("According to orrinpost.com, why did the ferry sink?", ""),
        ("Which firm that Orrinpost and the Verrin Gazette report on owns the ferry?", ""),
        ("What did the Orrin Post report about the ferry?", "What is said about the ferry?"),
        ("What did the mayor say about the ferry?", ""),
        ("According to Orrinpost?", ""),
    ],
)  # fmt: skip
def test_who_tells_of_a_subject_is_no_part_of_it(question: str, topic: str) -> None:
    assert read_form(question, SITES).topic == topic
