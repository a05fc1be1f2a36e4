"""The past of articles: revisions, withdrawals and what humans corrected."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.corrections import checked, corrected
from rag.errors import InputRefused
from rag.index import Index
from rag.readings import Reading
from tests.test_rag_index import item, opened


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return opened(tmp_path)


def test_an_article_that_changed_keeps_its_revisions(index: Index) -> None:
    for revision in (1, 2, 3):
        index.add([item("a", revision)])
    index.add([item("b")])

    old = index.history.revisions("a")
    assert old == tuple(item("a", revision)[0] for revision in (1, 2))
    assert index.history.revision("a", 2) == item("a", 2)[0]
    assert index.history.revision("a", 3) is None  # it is the one that answers
    assert index.history.revisions("b") == ()


def test_adding_the_same_again_is_no_revision(index: Index) -> None:
    index.add([item("a")])
    index.add([item("a")])

    assert index.history.revisions("a") == ()


def test_a_removed_article_leaves_its_id_and_nothing_else(index: Index, tmp_path: Path) -> None:
    secret = "Dispatch hush"
    index.add([item("hush", 1)])
    index.add([item("hush", 2)])
    index.remove("hush")

    gone = index.history.gone("hush")
    assert gone is not None and (gone.status, gone.title, gone.reason) == ("removed", None, None)
    assert index.history.revisions("hush") == ()
    assert secret not in "".join(index.catalog.connection.iterdump())
    index.add([item("hush", 3)])
    assert index.history.gone("hush") is None


def test_a_withdrawn_article_keeps_its_name_and_the_reason(index: Index) -> None:
    index.add([item("a", url="https://c.example/a"), item("b")])
    index.remove("a", withdrawn="libel")
    index.remove("b")

    (gone,) = index.history.withdrawn()
    assert (gone.article_id, gone.status, gone.reason) == ("a", "withdrawn", "libel")
    assert (gone.title, gone.url) == ("Dispatch a", "https://c.example/a")
    assert index.history.gone("c") is None
    assert index.history.restore("a") and not index.history.restore("a")
    assert not index.history.restore("b")
    assert index.history.gone("a") is None


def test_corrections_win_and_can_be_taken_back(index: Index) -> None:
    article = item("a", date_source="byline", date_confidence="medium")[0]
    given = {"outlet": "The Courier", "published_at": "2026-02-03T11:00-08:00", "section": ""}
    values = checked(given)
    index.corrections.put(article, values)
    index.corrections.put(corrected(article, values), checked({"outlet": "The Herald"}))

    fixed = corrected(article, index.corrections.of("a"))
    assert (fixed.outlet, fixed.section) == ("The Herald", None)
    assert fixed.published_at == datetime(2026, 2, 3, 19, tzinfo=UTC)
    assert (fixed.date_source, fixed.date_confidence) == ("corrected", "high")
    assert corrected(fixed, index.corrections.drop("a")) == article
    assert index.corrections.of("a") == {}


def test_a_removed_article_takes_its_corrections_along(index: Index) -> None:
    unit = item("a")
    index.add([unit])
    index.corrections.put(unit[0], checked({"outlet": "The Courier"}))
    index.remove("a")

    assert index.corrections.of("a") == {}


@pytest.mark.parametrize(
    "given",
    [
        {"text": "other words"},
        {"url": "https://elsewhere.example"},
        {"published_at": "last Tuesday"},
        {"published_at": 20260129},
        {"title": "x" * 301},
        {"authors": {"name": "Jane"}},
        {"authors": [1]},
    ],
)
def test_what_cannot_be_corrected_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(InputRefused):
        checked(given)


def test_values_are_tidied() -> None:
    assert checked({"authors": "Jane Doe,  John Roe ,"}) == {"authors": ["Jane Doe", "John Roe"]}
    assert checked({"title": " A\n\0title\ud800 "}) == {"title": "A title"}
    assert checked({"updated_at": "2026-01-29"})["updated_at"] == "2026-01-29T00:00:00+00:00"
    assert checked({"updated_at": None})["updated_at"] is None


def test_a_reading_is_remembered_only_for_the_article_that_came_of_it(index: Index) -> None:
    reading = Reading(article_id="a", digest="1f")
    index.readings.note([reading])
    assert index.readings.title(reading) is None  # there is no such article
    for undo in (
        lambda: index.add([item("a", 2)]),
        lambda: index.corrections.put(item("a")[0], checked({"outlet": "The Herald"})),
        lambda: index.corrections.drop("a"),
        lambda: index.remove("a"),
    ):
        index.add([item("a")])
        index.readings.note([reading])
        assert index.readings.title(reading) == ("Dispatch a",)
        assert index.readings.title(Reading(article_id="a", digest="2e")) is None
        undo()
        assert index.readings.title(reading) is None
