"""The nouns cannot lie."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import (
    Answer,
    Article,
    Citation,
    Conflict,
    Evidence,
    Numbering,
    Passage,
    Position,
    Question,
    Sentence,
    Span,
    Verdict,
)


def evidence(text: str, start: int = 0, article_id: str = "a") -> Evidence:
    return Evidence(article_id=article_id, start=start, end=start + len(text), text=text)


def position(quoted: Evidence) -> Position:
    return Position(statement=quoted.text, evidence=quoted, outlet=None, published_at=None)


def test_span_refuses_text_of_another_length() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Span(article_id="a", start=0, end=5, text="four")


def test_dates_need_a_zone() -> None:
    naive = datetime(2026, 1, 29)  # noqa: DTZ001
    with pytest.raises(ValueError, match="no time zone"):
        Article(article_id="a", revision=1, title=None, text="", outlet=None, published_at=naive)


def test_article_is_dated_by_publication_then_update() -> None:
    moment = datetime(2026, 1, 29, 23, 30, tzinfo=UTC)
    article = Article(
        article_id="a", revision=1, title=None, text="", outlet=None, updated_at=moment
    )

    assert article.dated == moment
    assert str(article.day) == "2026-01-29"


def test_verdict_score_is_a_share() -> None:
    with pytest.raises(ValueError, match=r"outside 0\.\.1"):
        Verdict(label="supported", score=1.2)


def test_conflict_needs_two_positions() -> None:
    with pytest.raises(ValueError, match="two positions"):
        Conflict(topic="t", kind="value", positions=(position(evidence("one")),))


@given(st.lists(st.integers(0, 6), max_size=30))
def test_markers_are_numbered_by_first_use(used: list[int]) -> None:
    numbering = Numbering()
    markers = [numbering.cite(evidence("x", start)).marker for start in used]

    assert sorted(set(markers)) == list(range(1, len(set(used)) + 1))
    first_uses = [m for i, m in enumerate(markers) if m not in markers[:i]]
    assert first_uses == sorted(first_uses)


def test_conflict_citations_continue_the_numbering() -> None:
    said, other = evidence("approved"), evidence("weighing", article_id="b")
    answer = Answer(
        question=Question(asked="?"),
        sentences=(
            Sentence(
                text="approved",
                citations=(Citation(marker=1, evidence=said),),
                verdict=Verdict(label="supported", score=1.0),
            ),
        ),
        conflicts=(
            Conflict(topic="t", kind="status", positions=(position(said), position(other))),
        ),
    )

    assert [c.marker for c in answer.citations] == [1, 2]
    assert answer.marker_of(other) == 2


def test_passage_gives_its_sentences() -> None:
    text = "One here. Two."
    passage = Passage(
        article_id="a",
        start=10,
        end=24,
        text=text,
        passage_id="a:1:10",
        sentences=((10, 19), (20, 24)),
    )

    assert passage.sentence_texts() == ("One here.", "Two.")
