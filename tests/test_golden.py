"""The whole way, from files to a cited answer: over the seeds, and over our own samples."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.render_json import to_json
from rag.schema import Answer, AnswerEvent, Article, Conflict
from rag.settings import Settings
from tests.conftest import SHARED
from web.desk import Desk

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
QUESTIONS: list[str] = json.loads((SAMPLES / "questions.json").read_text("utf-8"))
UNANSWERABLE = [
    "Who won the chess tournament in Reykjavik?",
    "How do I bake sourdough bread?",
    "What is the population of Brazil?",
]


def filled(home: Path, source: Path) -> Desk:
    desk = Desk.open(Settings(home=home, llm_model="", llm_base_url=""), create=True)
    desk.ingest([source])
    return desk


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with filled(tmp_path_factory.mktemp("samples") / "home", SAMPLES / "articles") as desk:
        yield desk


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    if not (SHARED / "seeds").exists():
        pytest.skip("development data is not here")
    with filled(tmp_path_factory.mktemp("seeds") / "home", SHARED / "seeds") as desk:
        yield desk


def ask(desk: Desk, question: str) -> Answer:
    *_, last = desk.ask(question)
    assert isinstance(last, AnswerEvent)
    check_quotes(desk, last.answer)
    return last.answer


def check_quotes(desk: Desk, answer: Answer) -> None:
    """Every quote is the article's text at its offsets, and every marker resolves."""
    body = to_json(answer)
    markers = {c["marker"] for c in body["citations"]}
    assert markers == set(range(1, len(markers) + 1))
    for quoted in (*body["citations"], *body["retrieved"]):
        text = desk.article(quoted["article_id"]).text
        assert quoted["quote"] == text[quoted["start"] : quoted["end"]]
    for conflict in body["conflicts"]:
        assert {p["marker"] for p in conflict["positions"]} <= markers


def of_kind(answer: Answer, kind: str) -> Conflict:
    (found,) = [c for c in answer.conflicts if c.kind == kind]
    return found


def side(conflict: Conflict, article: Article) -> str:
    (text,) = {
        p.evidence.text for p in conflict.positions if p.evidence.article_id == article.article_id
    }
    return text


def seed(desk: Desk, name: str) -> Article:
    return next(a for a in desk.listing() if a.path and Path(a.path).name.startswith(name))


@pytest.mark.parametrize(
    "question",
    [
        "Did China approve the sale of H200 chips?",
        "Has Beijing approved H200 sales and how many chips?",
    ],
)
def test_seeds_show_both_statuses(seeds: Desk, question: str) -> None:
    answer = ask(seeds, question)
    found = of_kind(answer, "status")

    assert "Beijing has approved" in side(found, seed(seeds, "000"))
    assert "deciding" in side(found, seed(seeds, "002"))
    assert "update" not in found.note  # one side has no date
    cited = {c.evidence.article_id for s in answer.sentences for c in s.citations}
    assert len(cited) == 2


@pytest.mark.parametrize(
    "question",
    [
        "How many H200 chips will Chinese companies buy?",
        "Has Beijing approved H200 sales and how many chips?",
    ],
)
def test_seeds_show_figures_of_two_scopes(seeds: Desk, question: str) -> None:
    found = of_kind(ask(seeds, question), "scope")

    assert "more than 400,000 of the chips in total" in side(found, seed(seeds, "000"))
    assert "200,000 units each" in side(found, seed(seeds, "002"))
    assert "3 x 200,000 = 600,000 does not fit 400,000" in found.note
    assert "2 x 200,000 = 400,000 fits 400,000" in found.note


def test_seeds_have_the_dates_that_they_give(seeds: Desk) -> None:
    first, second = seed(seeds, "000"), seed(seeds, "002")

    assert first.updated_at == datetime(2026, 1, 29, 19, 3, tzinfo=UTC)
    assert (first.published_at, first.outlet) == (None, None)
    assert (second.published_at, second.updated_at) == (None, None)


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_the_unanswerable_gives_no_sources(samples: Desk, question: str) -> None:
    answer = ask(samples, question)

    assert answer.abstained and answer.reason
    assert answer.citations == () and answer.conflicts == ()


def test_seeds_abstain_on_the_unanswerable(seeds: Desk) -> None:
    for question in UNANSWERABLE:
        answer = ask(seeds, question)
        assert answer.abstained and answer.citations == ()


def test_every_sample_is_read_with_outlet(samples: Desk) -> None:
    articles = list(samples.listing())

    assert len(articles) == 15
    assert [a.path for a in articles if not a.outlet or not a.title] == []
    assert sum(a.dated is None for a in articles) == 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_example_question_is_answered(samples: Desk, question: str) -> None:
    answer = ask(samples, question)

    assert not answer.abstained
    assert all(s.citations for s in answer.sentences)


def test_samples_show_both_statuses_and_scopes(samples: Desk) -> None:
    status = of_kind(ask(samples, QUESTIONS[0]), "status")
    scope = of_kind(ask(samples, QUESTIONS[1]), "scope")

    assert [
        next(w for w in ("Beijing has approved", "Beijing is still deciding") if w in p.statement)
        for p in status.positions
    ] == ["Beijing has approved", "Beijing is still deciding"]
    assert "update" not in status.note
    assert "more than 400,000 chips in total" in scope.positions[0].statement
    assert "exceeding 200,000 units each" in scope.positions[1].statement


@pytest.mark.parametrize(
    ("question", "kind", "sides", "note"),
    [
        (QUESTIONS[2], "status", ("has approved", "has not yet approved"), ""),
        (QUESTIONS[3], "value", ("$48 million", "$61 million"), ""),
        (QUESTIONS[4], "value", ("nine people died", "Twelve people died"), "update: newer is"),
        (QUESTIONS[5], "value", ("68 people", "86 people"), "update: corrected by Sorrel Bay"),
        (QUESTIONS[6], "value", ("34 percent", "29 percent"), "update: newer is"),
        (QUESTIONS[7], "time", ("September 2026", "November 2026"), "update: newer is Coast"),
        ("How much water must the four towns save?", "scope", ("40 mill", "10 mill"), "one figure"),
    ],
)
def test_samples_disagree(
    samples: Desk, question: str, kind: str, sides: tuple[str, str], note: str
) -> None:
    found = of_kind(ask(samples, question), kind)

    assert len(found.positions) == 2
    for words in sides:
        assert any(words in p.evidence.text for p in found.positions), words
    assert found.note.startswith(note)


def test_a_reprint_is_no_second_voice(samples: Desk) -> None:
    (found,) = ask(samples, QUESTIONS[4]).conflicts

    assert [p.outlet for p in found.positions] == ["Northwater News Agency"] * 2
    assert [p.published_at.day for p in found.positions if p.published_at] == [2, 4]


def test_where_nobody_disagrees_nothing_is_said(samples: Desk) -> None:
    for question in (
        "Who is the mayor of Calder Ridge?",
        "How many trees stand in the way of the tram?",
        "When will the H200 chips arrive in Marrick?",
    ):
        assert ask(samples, question).conflicts == ()
