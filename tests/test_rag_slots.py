"""Articles that answer one question differently are rivals, in whatever words they answer it."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rag.conflicts import find_conflicts
from rag.schema import Article, Conflict, Credit
from rag.sought import Topic, read_sought
from tests.passages import passage

PAIRS = Path(__file__).parent / "data" / "conflicts.jsonl"


def article(key: str, text: str, day: str = "2026-03-02", **more: object) -> Article:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
    fields = {"title": None, "outlet": key, "published_at": moment, **more}
    return Article(article_id=key, revision=1, text=text, **fields)  # type: ignore[arg-type]


def ask(question: str, *articles: Article) -> tuple[Conflict, ...]:
    passages = [passage(a) for a in articles]
    return find_conflicts(question, passages, {a.article_id: a for a in articles})


def both(question: str, one: str, other: str) -> tuple[Conflict, ...]:
    return ask(question, article("a", one), article("b", other))


@pytest.mark.parametrize(
    ("question", "kind", "main"),
    [
        ("Who won the race?", "person", "win"),
        ("Who is the head of the bank?", "person", "lead"),
        ("Which airline will operate the flights?", "name", "oper"),
        ("In which town was the thief arrested?", "place", "arrest"),
        ("When does the fair open?", "time", ""),
        ("What time did the match start?", "time", ""),
        ("How many goats drowned?", "figure", ""),
        ("What is the price of a ticket?", "figure", ""),
        ("Has the harbour reopened?", "yesno", ""),
        ("Why did the mill burn?", "", ""),
        ("What caused the fire at the mill?", "cause", ""),
    ],
)
def test_what_a_question_leaves_open(question: str, kind: str, main: str) -> None:
    sought = read_sought(question)

    assert (sought.kind, sought.main) == (kind, main)


def test_a_topic_knows_a_name_in_another_form() -> None:
    topic = Topic(read_sought("What is the turnout in the Slovenian vote?"))

    assert topic.share(topic.held({"slovenia", "vote", "turnout"})) == pytest.approx(1.0)
    assert topic.held({"slavic"}) == frozenset()


REWORDED = [
    (
        "How many goats drowned in the flood at Tarn?",
        "Nineteen goats drowned when the river flooded the village of Tarn.",
        "The flood at Tarn carried off a whole herd: 34 goats drowned.",
    ),
    (
        "Who will run the Orme orchestra?",
        "Conductor Lea Sand will run the Orme orchestra from May.",
        "The Orme orchestra will be run by Tom Abara, its board said.",
    ),
    (
        "Where will the Orme orchestra play on Sunday?",
        "On Sunday the Orme orchestra will play in Halden.",
        "The Orme orchestra will play at Kirkby on Sunday.",
    ),
    (
        "Has the harbour at Skarn reopened?",
        "The harbour at Skarn has reopened to ferries.",
        "Ferries turned back on Monday, as the harbour at Skarn remains closed.",
    ),
    (
        "What caused the fire at the mill in Tarn?",
        "A broken lamp caused the fire at the mill in Tarn, the owner said.",
        "The fire at the mill in Tarn was caused by lightning.",
    ),
    (
        "What time did the lights go out in Marlow?",
        "The lights went out in Marlow at 6:40 p.m.",
        "In Marlow the lights went out at 4:15 p.m., the grid said.",
    ),
]


@pytest.mark.parametrize(("question", "one", "other"), REWORDED)
def test_two_answers_in_other_words(question: str, one: str, other: str) -> None:
    found = both(question, one, other)

    assert len(found) == 1 and found[0].kind != "scope"
    assert {p.outlet for p in found[0].positions} == {"a", "b"}


@pytest.mark.parametrize(("question", "one", "other"), REWORDED)
def test_an_article_that_knows_both_answers_is_no_rival(
    question: str, one: str, other: str
) -> None:
    assert not ask(question, article("a", one), article("b", f"{other} {one}"))


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "How many beds does the clinic in Skarn have?",
            "The clinic in Skarn has 40 beds.",
            "The clinic in Halden has 75 beds, and takes patients from Skarn.",
        ),
        (
            "Who won the Orme race?",
            "Lea Sand won the Orme race.",
            "Sand won the Orme race by a minute.",
        ),
        (
            "What caused the fire at the mill in Tarn?",
            "A broken lamp caused the fire at the mill in Tarn.",
            "The fire at the mill in Tarn was started by a lamp.",
        ),
        (
            "Who won the Orme race?",
            "Lea Sand won the first Orme race.",
            "Tom Abara won the second Orme race.",
        ),
        (
            "When did the Tarn dam open?",
            "The Tarn dam opened on Sunday.",
            "The Tarn dam opened on 1 March 2026.",
        ),
        (
            "How many people were hurt in the Tarn riots?",
            "Twelve people were hurt in the Tarn riots, among them five officers.",
            "Five officers were hurt in the Tarn riots.",
        ),
    ],
)
def test_what_only_looks_different(question: str, one: str, other: str) -> None:
    assert both(question, one, other) == ()


@pytest.mark.parametrize(
    ("question", "one", "other", "note"),
    [
        (
            "How long is the Tarn tunnel?",
            "The Tarn tunnel is 8 kilometres long.",
            "The Tarn tunnel is five miles long.",
            "one figure in two units: 8 kilometres and five miles",
        ),
        (
            "How many litres does the well at Tarn give?",
            "The well at Tarn gives 900 litres a day.",
            "The well at Tarn gives 6,300 litres a week.",
            "one is by the day, the other by the week; 7 x 900 = 6,300 fits 6,300",
        ),
        (
            "How many litres does the well at Tarn give?",
            "The well at Tarn gives 900 litres a day.",
            "The well at Tarn gives 9,000 litres a week.",
            "one is by the day, the other by the week; 7 x 900 = 6,300 does not fit 9,000",
        ),
    ],
)
def test_other_units_are_shown_with_their_arithmetic(
    question: str, one: str, other: str, note: str
) -> None:
    (found,) = both(question, one, other)

    assert (found.kind, found.note) == ("scope", note)


def test_no_update_of_what_time_does_not_change() -> None:
    question, one, other = REWORDED[0][0], REWORDED[0][1], REWORDED[0][2]
    (toll,) = ask(question, article("a", one), article("b", other, "2026-03-04"))
    (winner,) = ask(
        "Who won the Orme race?",
        article("a", "Lea Sand won the Orme race."),
        article("b", "The Orme race was won by Tom Abara.", "2026-03-04"),
    )

    assert toll.note == "update: newer is b, 4 March 2026: 34; before: Nineteen"
    assert winner.note == ""


def test_the_day_of_telling_is_not_the_day_of_what_happened() -> None:
    one = "The ferry Osprey sank off Holm on Monday, the coast guard said."
    other = "The ferry Osprey sank off Holm in high seas, the coast guard said on Wednesday."
    assert both("When did the ferry Osprey sink off Holm?", one, other) == ()
    announced = [
        f"The bank announced on {day} that it would merge." for day in ("Monday", "Friday")
    ]
    assert both("When did the bank announce that it would merge?", *announced)


def credited(key: str, text: str, name: str) -> Article:
    at = text.index(name)
    mark = Credit(article_id=key, start=at, end=at + len(name), text=name, name=name, kind="report")
    return article(key, text, credits=(mark,))


def test_credits_of_the_sentence_and_of_the_paragraph_before_it() -> None:
    inside = credited("a", f"Nordpress reported it. {REWORDED[0][1]}", "Nordpress")
    outside = credited("b", f"{REWORDED[0][2]}\n\nSo wrote Nordpress.", "Nordpress")

    (found,) = ask(REWORDED[0][0], inside, outside)

    assert {p.outlet: p.credits for p in found.positions} == {"a": ("Nordpress",), "b": ()}


def test_two_who_lean_on_one_source_are_one_voice() -> None:
    one = credited("a", f"Nordpress reported it. {REWORDED[0][1]}", "Nordpress")
    echo = credited("c", f"{REWORDED[0][1]} That is what Nordpress said.", "Nordpress")
    echo = credited("c", f"Nordpress reported it. {REWORDED[0][1]}", "Nordpress")
    other = article("b", REWORDED[0][2])

    (found,) = ask(REWORDED[0][0], one, echo, other)

    assert len(found.positions) == 2
    assert "Nineteen: also c, also citing Nordpress" in found.note


def verdicts(rows: Sequence[dict[str, Any]]) -> Counter[tuple[str, bool]]:
    seen: Counter[tuple[str, bool]] = Counter()
    for row in rows:
        articles = [
            article(str(i), a["text"], a["published_at"], title=a["title"], outlet=a["outlet"])
            for i, a in enumerate(row["articles"])
        ]
        found = ask(str(row["question"]), *articles)
        seen[str(row["label"]), any(c.kind != "scope" for c in found)] += 1
    return seen


def test_pairs_that_disagree_and_pairs_that_only_look_so() -> None:
    seen = verdicts([json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()])

    assert seen.total() == 120
    assert seen["conflict", True] >= 48  # of 60: recall .8
    assert seen["agree", True] <= 5  # precision .9
