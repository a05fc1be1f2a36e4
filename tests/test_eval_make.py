"""Drafted questions stand on their own, and their answers are words of the archive."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app
from eval.correct import says
from eval.datasets import load_cases
from eval.make import best, draft
from rag.schema import Article

TEXT = (
    "Orrin Cells makes batteries for ferries and harbour cranes in Westmere. "
    "Twelve people died when the ferry Tamsin Gale capsized on Lake Verrin, the police said. "
    "The plant on Westmere Quay will create 1,200 jobs, most of them in production. "
    "The board of the valley decided on 14 April 2026 to close the public baths. "
    "He said that it would rain."
)


def article(name: str = "a", text: str = TEXT, year: int | None = 2026) -> Article:
    return Article(
        article_id=name,
        revision=1,
        title=None,
        text=text,
        outlet=None,
        published_at=datetime(year, 5, 1, tzinfo=UTC) if year else None,
    )


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        (
            "Orrin Cells makes batteries for ferries and harbour cranes.",
            "Who makes batteries for ferries and harbour cranes?",
            "Orrin Cells",
        ),
        (
            "Twelve people died when the ferry Tamsin Gale capsized, the police said.",
            "How many people died when the ferry Tamsin Gale capsized?",
            "Twelve",
        ),
        (
            "The plant on Westmere Quay will create 1,200 jobs, most of them in production.",
            "How many jobs will the plant on Westmere Quay create?",
            "1,200",
        ),
        (
            "The Mill Line will cost $61 million, according to the finance report.",
            "How much will the Mill Line cost?",
            "$61 million",
        ),
    ],
)
def test_plain_sentences_become_plain_questions(sentence: str, question: str, answer: str) -> None:
    found = best(sentence)
    assert found is not None
    assert (found.question, found.answer) == (question, answer)


@pytest.mark.parametrize(
    "sentence",
    [
        "He said that it would rain in the valley on 14 April 2026.",
        "The council meets in the town hall of Orrin today.",
        "Too short, 12.",
        "“We approved the bridge on 14 April,” said the mayor of Orrin.",
        "A heading without an end about 12 bridges in Orrin",
    ],
)
def test_what_does_not_stand_alone_is_no_question(sentence: str) -> None:
    assert best(sentence) is None


def test_answers_are_words_of_their_evidence_and_a_quarter_has_none(tmp_path: Path) -> None:
    rows = draft([article(), article("b", TEXT.replace("Westmere", "Marrick"))], 8)
    answerable = [r for r in rows if r["answerable"]]
    assert len(rows) - len(answerable) == 2
    for row in answerable:
        assert row["evidence"][0]["fact"] in TEXT.replace("Westmere", "Marrick") + TEXT
        assert says(row["evidence"][0]["fact"], row["answer"][0][0])
        assert not says(row["question"], row["answer"][0][0])
    assert all("2023" in r["question"] for r in rows if not r["answerable"])
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    assert len(load_cases(tmp_path / "d.jsonl").cases) == len(rows)


def test_without_a_date_nothing_is_put_into_another_period() -> None:
    assert all(row["answerable"] for row in draft([article(year=None)], 8))
    assert draft([], 8) == []


def test_a_seed_draws_the_same() -> None:
    articles = [article(str(i), TEXT.replace("Orrin", f"Orrin{i}")) for i in range(4)]
    assert draft(articles, 6, seed=3) == draft(list(reversed(articles)), 6, seed=3)
    assert draft(articles, 6, seed=3) != draft(articles, 6, seed=4)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_asked_about(text: str) -> None:
    found = best(text)
    assert found is None or found.answer in text


def test_the_command_writes_a_file_that_can_be_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = str(Path(__file__).resolve().parents[1] / "samples/articles")
    home, out = str(tmp_path / "home"), tmp_path / "drafts.jsonl"
    app.cli(["ingest", samples, "--home", home], standalone_mode=False)
    capsys.readouterr()
    app.cli(
        ["eval", "make", "--home", home, "--out", str(out), "-n", "20", "--json"],
        standalone_mode=False,
    )
    assert json.loads(capsys.readouterr().out)["n"] == 20
    assert sum(case.answerable for case in load_cases(out).cases) == 15
