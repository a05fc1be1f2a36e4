"""Articles that are taken out by hand come back as they were: words, revisions, corrections."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import ArticleMissing, InputRefused
from rag.schema import AnswerEvent, Article
from rag.settings import Settings
from web.desk import Desk

COST = "The bridge repair in Arden will cost {n} million euros, the council said on Monday."
FERRY = "The ferry across Sorrel Bay runs every hour from April, the operator said."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(home=tmp_path / "home", llm_model="", llm_base_url="")
    with Desk.open(settings, create=True) as desk:
        yield desk


def take_in(desk: Desk, folder: Path, name: str, text: str) -> Article:
    path = folder / name
    path.write_text(text)
    desk.ingest([path])
    article = desk.article(str(path))
    path.unlink()  # what comes back comes without its file
    return article


def answer(desk: Desk) -> str:
    *_, last = desk.ask("How much will the bridge repair in Arden cost?")
    assert isinstance(last, AnswerEvent)
    return " ".join(sentence.text for sentence in last.answer.sentences)


def test_what_was_removed_comes_back_whole(desk: Desk, tmp_path: Path) -> None:
    take_in(desk, tmp_path, "bridge.txt", COST.format(n=38))
    article = take_in(desk, tmp_path, "bridge.txt", COST.format(n=52))
    ferry = take_in(desk, tmp_path, "ferry.txt", FERRY)
    desk.holdings.correct(article.article_id, {"outlet": "Harbour Courier"})
    before, counts = desk.revisions(article.article_id), desk.counts()
    corrections = desk.corrections(article.article_id)
    assert "52 million" in answer(desk)

    taken = desk.holdings.take_out((article.article_id, ferry.article_id))
    assert desk.counts() == (0, 0) and answer(desk) == ""
    back = desk.holdings.undo(taken.token)

    assert {a.article_id for a in back} == {article.article_id, ferry.article_id}
    assert desk.counts() == counts and "52 million" in answer(desk)
    assert desk.revisions(article.article_id) == before and len(before) == 3
    assert desk.corrections(article.article_id) == corrections != {}
    assert desk.gone(article.article_id) is None
    desk.holdings.uncorrect(article.article_id)
    assert desk.article(article.article_id).outlet is None


def test_what_was_withdrawn_comes_back_and_may_be_read_again(desk: Desk, tmp_path: Path) -> None:
    article = take_in(desk, tmp_path, "bridge.txt", COST.format(n=38))
    taken = desk.holdings.take_out((article.article_id,), "retracted")
    assert [gone.reason for gone in desk.withdrawn()] == ["retracted"]

    desk.holdings.undo(taken.token)

    assert desk.withdrawn() == () and desk.article(article.article_id) == article
    again = take_in(desk, tmp_path, "bridge.txt", COST.format(n=40))
    assert again.revision == 2 and "40 million" in again.text


def test_corrections_outlive_a_withdrawal_undone_or_restored(desk: Desk, tmp_path: Path) -> None:
    given = {"outlet": "Harbour Courier", "published_at": "2026-02-03"}
    article = take_in(desk, tmp_path, "bridge.txt", COST.format(n=38))
    fixed = desk.holdings.correct(article.article_id, given)
    values = desk.corrections(article.article_id)

    desk.holdings.undo(desk.holdings.take_out((article.article_id,), "retracted").token)
    assert desk.article(article.article_id) == fixed
    desk.holdings.withdraw(article.article_id, "retracted")
    desk.holdings.restore(article.article_id)
    again = take_in(desk, tmp_path, "bridge.txt", COST.format(n=38))

    assert (again.outlet, again.published_at) == (fixed.outlet, fixed.published_at)
    assert desk.corrections(article.article_id) == values
    assert desk.holdings.uncorrect(article.article_id).outlet is None


def test_what_came_in_again_meanwhile_is_left_as_it_is(desk: Desk, tmp_path: Path) -> None:
    article = take_in(desk, tmp_path, "bridge.txt", COST.format(n=38))
    taken = desk.holdings.take_out((article.article_id,))
    newer = take_in(desk, tmp_path, "bridge.txt", COST.format(n=52))
    assert newer.article_id == article.article_id

    desk.holdings.undo(taken.token)

    assert desk.article(article.article_id).text == newer.text


def test_undoing_works_once_and_not_for_ever(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = take_in(desk, tmp_path, "bridge.txt", COST.format(n=38))
    taken = desk.holdings.take_out((article.article_id,))
    desk.holdings.undo(taken.token)
    for token in (taken.token, "", "guessed"):
        with pytest.raises(InputRefused, match="cannot be undone any more"):
            desk.holdings.undo(token)

    monkeypatch.setattr("web.holdings._UNDO_S", 0.0)
    late = desk.holdings.take_out((article.article_id,))
    with pytest.raises(InputRefused):
        desk.holdings.undo(late.token)


def test_one_that_is_not_there_keeps_the_others(desk: Desk, tmp_path: Path) -> None:
    article = take_in(desk, tmp_path, "bridge.txt", COST.format(n=38))

    with pytest.raises(ArticleMissing):
        desk.holdings.take_out((article.article_id, "absent"))
    with pytest.raises(ArticleMissing):
        desk.holdings.take_out(())

    assert desk.counts()[0] == 1


def test_after_a_restart_it_is_gone_as_was_asked(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", llm_model="", llm_base_url="")
    with Desk.open(settings, create=True) as desk:
        article = take_in(desk, tmp_path, "bridge.txt", COST.format(n=38))
        token = desk.holdings.take_out((article.article_id,)).token
    with Desk.open(settings) as desk:
        assert desk.counts() == (0, 0)
        with pytest.raises(InputRefused):
            desk.holdings.undo(token)
