"""Disagreements are found with both sides, and unlike things are let alone."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.conflicts import find_conflicts
from rag.schema import Article, Conflict, Passage
from rag.text import sentence_spans


def article(
    key: str, text: str, day: str = "", *, title: str = "", outlet: str = "", group: str = ""
) -> Article:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
    return Article(
        article_id=key,
        revision=1,
        title=title or None,
        text=text,
        outlet=outlet or key,
        published_at=moment,
        group_id=group or None,
    )


def passages_of(article: Article, size: int = 6) -> list[Passage]:
    spans = sentence_spans(article.text)
    runs = [spans[i : i + size] for i in range(0, len(spans), size)]
    return [
        Passage(
            article_id=article.article_id,
            start=run[0][0],
            end=run[-1][1],
            text=article.text[run[0][0] : run[-1][1]],
            passage_id=f"{article.article_id}:1:{run[0][0]}",
            sentences=run,
        )
        for run in runs
    ]


def ask(question: str, *articles: Article) -> tuple[Conflict, ...]:
    passages = [p for a in articles for p in passages_of(a)]
    return find_conflicts(question, passages, {a.article_id: a for a in articles})


def quotes(conflict: Conflict) -> list[str]:
    return [p.evidence.text for p in conflict.positions]


FERRY = "How many people died when the ferry Petrel sank off Skarn?"


def ferry(key: str, n: str, day: str = "", **more: str) -> Article:
    return article(key, f"{n} people died when the ferry Petrel sank off Skarn.", day, **more)


def test_two_values_for_one_thing() -> None:
    (found,) = ask(FERRY, ferry("a", "Twelve"), ferry("b", "Fifteen"))

    assert found.kind == "value" and found.note == ""
    assert [p.outlet for p in found.positions] == ["a", "b"]
    assert quotes(found)[0].startswith("Twelve") and quotes(found)[1].startswith("Fifteen")
    assert [p.differs for p in found.positions] == ["Twelve", "Fifteen"]


def test_a_later_word_is_an_update() -> None:
    (found,) = ask(FERRY, ferry("b", "Fifteen", "2026-03-04"), ferry("a", "Twelve", "2026-03-02"))

    assert [p.outlet for p in found.positions] == ["a", "b"]
    assert found.note == "update: newer is b, 4 March 2026: Fifteen; before: Twelve"


@pytest.mark.parametrize("days", [("2026-03-02", ""), ("", ""), ("2026-03-02", "2026-03-02")])
def test_no_update_without_two_different_days(days: tuple[str, str]) -> None:
    (found,) = ask(FERRY, ferry("a", "Twelve", days[0]), ferry("b", "Fifteen", days[1]))

    assert "update" not in found.note


def test_at_least_is_outgrown_later_but_not_contradicted_at_once() -> None:
    first = ferry("a", "At least nine", "2026-03-02")

    assert ask(FERRY, first, ferry("b", "Twelve", "2026-03-02")) == ()
    assert ask(FERRY, first, ferry("b", "Twelve", "2026-03-04"))[0].kind == "value"


def test_a_correction_counts_as_an_update() -> None:
    wrong = ferry("a", "Twenty-one", "2026-03-02")
    notice = article(
        "b",
        "The inquiry into the sinking of the ferry Petrel off Skarn has begun.\n"
        "Correction: A report in this newspaper gave a wrong number. "
        "Twelve people died when the ferry Petrel sank off Skarn.",
        "2026-03-03",
    )

    (found,) = ask(FERRY, wrong, notice)

    assert found.note.startswith("update: corrected by b, 3 March 2026")


def test_reprints_count_once_and_speak_through_the_first() -> None:
    found = ask(
        FERRY,
        ferry("reprint", "Twelve", "2026-03-03", group="g"),
        ferry("wire", "Twelve", "2026-03-02", group="g"),
        ferry("rival", "Fifteen", "2026-03-02"),
    )

    assert [[p.outlet for p in c.positions] for c in found] == [["wire", "rival"]]
    assert "Twelve: also reprint" in found[0].note


def test_a_reprint_with_another_figure_is_another_position() -> None:
    (found,) = ask(FERRY, ferry("a", "Twelve", group="g"), ferry("b", "Fifteen", group="g"))

    assert found.kind == "value" and {p.outlet for p in found.positions} == {"a", "b"}


STATUS = "Has Marlow approved the new bridge?"


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ("Marlow is still deciding whether to approve the new bridge.", "still deciding"),
        ("Marlow has not yet approved the new bridge.", "not yet approved"),
        ("Marlow has given the new bridge preliminary approval.", "preliminary approval"),
        ("Marlow has rejected the new bridge.", "rejected"),
    ],
)
def test_two_statuses_of_one_decision(other: str, differs: str) -> None:
    yes = article("a", "Marlow has approved the new bridge.")

    (found,) = ask(STATUS, yes, article("b", other))

    assert found.kind == "status"
    assert quotes(found) == [yes.text, other]
    assert [p.differs for p in found.positions] == ["approved", differs]


@pytest.mark.parametrize(
    "other",
    [
        "Skarn is still deciding whether to approve the new bridge.",  # somebody else
        "Marlow has approved the bridge, a new one.",  # the same
        "Marlow is still deciding whether to raise the tax on dogs.",  # something else
        "Walkers like the new bridge in Marlow.",
    ],
)
def test_other_decisions_are_let_alone(other: str) -> None:
    yes = article("a", "Marlow has approved the new bridge.")

    assert ask(STATUS, yes, article("b", other)) == ()


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "Did the Senate pass the farm bill?",
            "The Senate passed the farm bill on Thursday by a wide margin.",
            "The Senate rejected the farm bill late on Thursday.",
        ),
        (
            "Is the merger of Alto and Brine allowed?",
            "A judge cleared the merger of Alto and Brine on Monday.",
            "A federal judge blocked the merger of Alto and Brine.",
        ),
        (
            "Has the EU banned the pesticide Talorin?",
            "The European Union has banned the pesticide Talorin.",
            "Brussels has not yet banned the pesticide Talorin; a vote is expected in May.",
        ),
        (
            "Was the permit for the Lund mine granted?",
            "Officials granted the permit for the Lund mine last week.",
            "The permit for the Lund mine was denied on appeal.",
        ),
        (
            "Did Ada Finch resign as mayor of Marlow?",
            "Ada Finch has resigned as mayor of Marlow.",
            "Ada Finch has not resigned as mayor of Marlow, her office said.",
        ),
    ],
)
def test_decisions_in_other_words(question: str, one: str, other: str) -> None:
    (found,) = ask(question, article("a", one), article("b", other))

    assert found.kind == "status"


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "Did the Senate pass the farm bill?",
            "The Senate passed the farm bill on Thursday.",
            "The House rejected the farm bill last year.",
        ),
        (
            "Did the Senate pass the farm bill?",
            "The Senate passed the farm bill on Thursday.",
            "The Senate rejected the nomination of Ray Poole on Thursday.",
        ),
        (
            "Has the FDA authorized the Novara vaccine?",
            "The FDA has authorized the Novara vaccine for children.",
            "The FDA authorized the Novara vaccine, but critics refused to accept the data.",
        ),
        (
            "Was the permit for the Lund mine granted?",
            "Officials granted the permit for the Lund mine.",
            "Villagers oppose the Lund mine, whose permit was granted.",
        ),
        (
            "Did Washington approve H200 sales?",
            "Washington has approved sales of the H200 to China.",
            "Beijing is deciding whether to approve sales of the H200.",
        ),
    ],
)
def test_two_decisions_are_no_disagreement(question: str, one: str, other: str) -> None:
    assert ask(question, article("a", one), article("b", other)) == ()


def test_each_against_total_is_scope_with_its_arithmetic() -> None:
    total = article("a", "Alibaba, Tencent and ByteDance may buy more than 400,000 chips in total.")
    each = article(
        "b", "Alibaba, Tencent and ByteDance ordered chips exceeding 200,000 units each."
    )

    (found,) = ask("How many chips may Alibaba, Tencent and ByteDance buy?", total, each)

    assert found.kind == "scope"
    assert "3 x 200,000 = 600,000 does not fit 400,000" in found.note
    assert quotes(found) == [total.text, each.text]


def test_two_dates_of_one_event() -> None:
    (found,) = ask(
        "When will the Orrin plant open?",
        article("a", "The Orrin plant will open in September 2026.", "2026-06-03"),
        article("b", "The Orrin plant will open in November 2026.", "2026-06-19"),
    )

    assert found.kind == "time"
    assert found.note.startswith("update: newer is b")


def test_two_names_in_one_wording() -> None:
    text = "The final was played at the Raymond James Stadium in {}, the home of the Buccaneers."

    (found,) = ask(
        "Where was the final played, at which stadium?",
        article("a", text.format("Tampa")),
        article("b", text.format("Glendale")),
    )

    assert found.kind == "value"
    assert ["Tampa" in q for q in quotes(found)] == [True, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Orrin earned 40 million crowns in 2025.", "Orrin earned 60 million crowns in 2026."),
        ("Orrin employs 900 people.", "Orrin employs 900 people and 40 machines."),
        ("Orrin employs about 900 people.", "Orrin employs 912 people."),
        ("Orrin sold 3,506 boats.", "Orrin sold 3,500 boats."),
        ("Orrin employs 900 people.", "Orrin employs 300 women."),
        ("Orrin employs 900 people.", "Orrin wants to employ 1,200 people."),
        ("Orrin employs 900 people in Skarn.", "Orrin employs 300 people in Marlow."),
        ("Orrin employs 900 people.", "Orrin employed 700 people a year earlier."),
        ("Orrin employs 900 people.", "Orrin will employ another 200 people."),
        ("Orrin pays 900 crowns a month.", "Orrin pays 30 percent of the rent."),
        ("Orrin employs 900 people, not 800.", "Orrin employs 900 people."),
        (
            "The United States praised Orrin, which employs many people.",
            "The US praised Orrin, which employs many people.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_disagreement(one: str, other: str) -> None:
    question = "How many people does Orrin employ, what does it earn, pay and sell?"

    assert ask(question, article("a", one), article("b", other)) == ()


@pytest.mark.parametrize(
    "question",
    [
        "Has Marlow approved the new bridge?",
        "Was the bridge in Marlow approved or rejected?",
        "Is Marlow allowing the bridge?",
        "marlow bridge approval",
        "Who approved the bridge in Marlow?",
        "What did Marlow decide about the bridge?",
        "What is known?",
    ],
)
def test_the_question_may_be_put_in_many_ways(question: str) -> None:
    yes = article("a", "Marlow has approved the new bridge.")
    no = article("b", "Marlow is still deciding whether to approve the new bridge.")

    assert [c.kind for c in ask(question, yes, no)] == ["status"]


def test_only_what_bears_on_the_question() -> None:
    sides = ferry("a", "Twelve"), ferry("b", "Fifteen")

    assert ask("Who is the mayor of Skarn?", *sides) == ()
    assert ask("How many people died in the fire at Marlow?", *sides) == ()
    assert ask("What is the latest on the drought?", *sides) == ()
    assert ask("What happened?", *sides)
    assert ask("What happened to the Petrel?", *sides)


def test_the_order_of_passages_changes_nothing_but_the_order() -> None:
    sides = [ferry("a", "Twelve", "2026-03-02"), ferry("b", "Fifteen", "2026-03-04")]

    assert ask(FERRY, *sides)[0].positions == ask(FERRY, *reversed(sides))[0].positions


def test_an_article_that_is_not_handed_over_is_passed_by() -> None:
    a, b = ferry("a", "Twelve"), ferry("b", "Fifteen")

    assert find_conflicts(FERRY, passages_of(a) + passages_of(b), {"a": a}) == ()


_PIECES = st.lists(
    st.sampled_from(
        "Marlow Skarn Orrin has approved not yet rejected weighs 900 1,200 people died each in "
        "total, more than 40 million $5 percent; while Correction: in May 2026 . ? \n \u201c".split(
            " "
        )
    ),
    max_size=60,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(_PIECES, min_size=2, max_size=4), question=_PIECES)
def test_every_quote_is_the_text_at_its_place(texts: Sequence[str], question: str) -> None:
    articles = [article(str(i), text) for i, text in enumerate(texts)]

    for conflict in ask(question, *articles):
        assert len({p.evidence.article_id for p in conflict.positions}) >= 2
        for position in conflict.positions:
            span = position.evidence
            assert span.text == texts[int(span.article_id)][span.start : span.end]
            assert span.text.strip()


@pytest.mark.parametrize("piece", ["[", "* ", "A ", "9 ", "9, ", "said A, ", "and 9 ", "the 2026 "])
def test_hostile_text_is_quick(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    began = time.process_time()

    ask("How many A died in 2026?", article("a", text), article("b", text + "x"))

    assert time.process_time() - began < 5.0


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "What is Hale Motors' number for this recall?",
            "Hale Motors' number for this recall is N232412.",
            "Hale Motors' number for this recall is A232101.",
        ),
        (
            "What is Hale Motors' number for this recall?",
            "Hale Motors' number for this recall is 251.",
            "Hale Motors' number for this recall is 252.",
        ),
        (
            "What number can owners of Hale Motors cars call about the recall?",
            "Owners of Hale Motors cars can call 302-324-2863 about the recall.",
            "Owners of Hale Motors cars can call 302-324-2770 about the recall.",
        ),
    ],
)
def test_codes_and_telephones_are_no_figures(question: str, one: str, other: str) -> None:
    assert not ask(question, article("a", one, "2026-03-02"), article("b", other, "2026-03-03"))


def test_what_was_long_past_is_no_other_date_of_the_news() -> None:
    told = article("a", "Queen Ana of Skarn died on Thursday.", "2026-03-06")
    past = article("b", "Queen Ana of Skarn was crowned when her father died in May 1952.",
                   "2026-03-07")  # fmt: skip

    assert not ask("When did Queen Ana of Skarn die?", told, past)
