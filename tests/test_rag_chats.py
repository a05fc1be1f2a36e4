"""Conversations survive, belong to one, and go wholly or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chats import Chats, ChatScore, Feedback
from rag.database import Database
from rag.errors import ConversationMissing, IndexUnavailable
from rag.packing import packed, unpacked
from rag.render_html import sources_html
from rag.render_json import to_json
from rag.render_sides import conflicts_html
from rag.render_timeline import timeline_html
from rag.render_turn import answer_html
from rag.schema import Answer, Filters, Place, Question
from tests.canned import abstention, canned, follow_up, near, typed

OTHER = "somebody else"


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    database = Database(tmp_path / "desk.db")
    yield Chats(database)
    database.close()


def said(text: str = "Who approved it?") -> Answer:
    return Answer(question=Question(asked=text), reason="nothing is known")


def test_an_answer_comes_back_as_it_was_shown() -> None:
    for make in (canned, abstention, follow_up, typed, near):
        answer = make("Did the council approve it?")
        again = unpacked(packed(answer))

        assert to_json(again) == to_json(answer)
        for drawn in (answer_html, sources_html, conflicts_html, timeline_html):
            assert drawn(again) == drawn(answer)


@given(st.dictionaries(st.tuples(st.text(max_size=5), st.integers(0, 99)), st.integers(1, 99)))
def test_markers_of_the_conversation_come_back(taken: dict[tuple[str, int], int]) -> None:
    places = {Place(article_id=a, start=s, end=s + 1): n for (a, s), n in taken.items()}
    answer = replace(said(), taken=places)

    assert unpacked(packed(answer)) == answer


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"question": 3}'])
def test_what_is_no_answer_is_said_to_be_none(text: str) -> None:
    with pytest.raises(IndexUnavailable, match="cannot be read"):
        unpacked(text)


def test_a_conversation_survives_its_process(tmp_path: Path) -> None:
    first = Database(tmp_path / "desk.db")
    scope = Filters(since=date(2026, 1, 1), outlets=("The Harbour Ledger",))
    started = Chats(first).start("", "Who approved it?", scope)
    kept = Chats(first).add(started.conversation_id, "", said())
    first.close()

    again = Chats(Database(tmp_path / "desk.db"))

    found = again.get(started.conversation_id, "")
    assert found.scope == scope
    assert [e.answer for e in again.exchanges(found)] == [kept.answer]


def test_nobody_reaches_into_the_conversation_of_another(chats: Chats) -> None:
    mine = chats.start("me", "Mine")
    kept = chats.add(mine.conversation_id, "me", said())

    for reach in (
        lambda: chats.get(mine.conversation_id, OTHER),
        lambda: chats.rename(mine.conversation_id, OTHER, "Theirs"),
        lambda: chats.delete(mine.conversation_id, OTHER),
        lambda: chats.share(mine.conversation_id, OTHER),
        lambda: chats.add(mine.conversation_id, OTHER, said()),
        lambda: chats.exchange(kept.exchange_id, OTHER),
        lambda: chats.rate(kept.exchange_id, OTHER, Feedback(rating="up")),
    ):
        with pytest.raises(ConversationMissing):
            reach()
    assert chats.listing(OTHER) == ()
    assert chats.get(mine.conversation_id, "me").title == "Mine"


def test_the_list_is_searched_in_titles_and_questions(chats: Chats) -> None:
    harbour = chats.start("", "The harbour")
    other = chats.start("", "Something else")
    chats.add(other.conversation_id, "", said("Was it 100% of the harbour dues?"))
    chats.start("", "A third")

    assert {c.title for c in chats.listing("", "HARBOUR")} == {"The harbour", "Something else"}
    assert [c.title for c in chats.listing("", "100%")] == ["Something else"]
    assert chats.listing("", "_") == ()
    chats.pin(harbour.conversation_id, "", True)
    assert chats.listing("")[0].title == "The harbour"


def test_what_is_deleted_can_be_brought_back_until_the_bin_is_emptied(chats: Chats) -> None:
    one = chats.start("", "One")
    chats.add(one.conversation_id, "", said())
    token = chats.share(one.conversation_id, "")
    chats.delete(one.conversation_id, "")

    assert chats.listing("") == () == chats.every()
    with pytest.raises(ConversationMissing):
        chats.shared(token)
    back = chats.undelete(one.conversation_id, "")
    assert len(chats.exchanges(back)) == 1
    assert back.share is None

    chats.delete(one.conversation_id, "")
    assert chats.empty_bin(datetime.now(UTC) - timedelta(days=1)) == 0
    assert chats.empty_bin(datetime.now(UTC) + timedelta(days=1)) == 1
    with pytest.raises(ConversationMissing):
        chats.undelete(one.conversation_id, "")


def test_a_link_is_taken_back(chats: Chats) -> None:
    one = chats.start("", "One")
    token = chats.share(one.conversation_id, "")

    assert chats.share(one.conversation_id, "") == token
    assert chats.shared(token).conversation_id == one.conversation_id
    chats.unshare(one.conversation_id, "")
    with pytest.raises(ConversationMissing):
        chats.shared(token)
    assert chats.share(one.conversation_id, "") != token


def test_an_answer_asked_again_gives_way_with_all_that_was_said_of_it(chats: Chats) -> None:
    one = chats.start("", "One")
    first = chats.add(one.conversation_id, "", said())
    chats.rate(first.exchange_id, "", Feedback(rating="down", reason="missing"))
    chats.score(first.exchange_id, [_score(0.5)])

    second = chats.add(one.conversation_id, "", said(), instead_of=first.exchange_id)

    assert [e.exchange_id for e in chats.exchanges(one)] == [second.exchange_id]
    assert second.feedback is None
    assert not second.scores


def test_what_is_thought_of_an_answer_is_kept_changed_and_taken_back(chats: Chats) -> None:
    one = chats.start("", "One")
    kept = chats.add(one.conversation_id, "", said())

    chats.rate(kept.exchange_id, "", Feedback(rating="down", reason="wrong source", marker=2))
    chats.rate(kept.exchange_id, "", Feedback(rating="up"))
    chats.score(kept.exchange_id, [_score(1.0), _score(None, "citation_recall")])

    [found] = chats.every()
    assert found.feedback is not None
    assert (found.feedback.rating, found.feedback.marker) == ("up", None)
    assert found.scores["citation_recall"].value is None
    assert chats.unscored() == ()
    chats.rate(kept.exchange_id, "", None)
    assert chats.every()[0].feedback is None


def _score(value: float | None, metric: str = "faithfulness") -> ChatScore:
    return ChatScore(metric=metric, value=value, state="scored", judge="overlap/1")


def test_what_was_stopped_is_kept_but_never_measured(chats: Chats) -> None:
    talk = chats.start("", "Who approved it?").conversation_id
    number = chats.reserve()
    left = chats.add(talk, "", replace(said(), stopped=True), exchange_id=number)

    assert left.exchange_id == number and left.answer.stopped
    assert [e.exchange_id for e in chats.exchanges(chats.get(talk, ""))] == [number]
    assert chats.every() == chats.unscored() == ()
    whole = chats.add(talk, "", said(), instead_of=number)
    assert chats.every() == chats.unscored() == (whole,)


def test_a_reserved_number_is_nobody_elses_and_nothing_by_itself(chats: Chats) -> None:
    talk = chats.start("", "Who approved it?").conversation_id
    numbers = [chats.reserve(), chats.reserve()]
    other = chats.add(talk, "", said())

    assert len({*numbers, other.exchange_id}) == 3
    assert [e.exchange_id for e in chats.exchanges(chats.get(talk, ""))] == [other.exchange_id]


def test_a_file_of_before_is_read_and_can_keep_what_was_stopped(tmp_path: Path) -> None:
    first = Database(tmp_path / "desk.db")
    talk = Chats(first).start("", "Who approved it?").conversation_id
    kept = Chats(first).add(talk, "", said())
    with first.writing() as connection:
        connection.execute("ALTER TABLE exchanges DROP COLUMN stopped")
    first.close()

    chats = Chats(Database(tmp_path / "desk.db"))
    assert chats.every() == (kept,)
    chats.add(talk, "", replace(said("And when?"), stopped=True))
    assert len(chats.exchanges(chats.get(talk, ""))) == 2 and chats.every() == (kept,)
