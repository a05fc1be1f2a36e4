"""Answers are scored in the background, after what is asked, and nothing holds that up."""

import time
from dataclasses import replace
from pathlib import Path

from eval.chat_report import chat_report
from tests.canned import canned, typed
from tests.fake_desk import FakeDesk
from tests.test_eval_chats import ASKED, keep
from web.scoring import Scorer


def test_a_stored_answer_is_scored_in_the_background(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    left = keep(desk.chats, canned(ASKED), judge=None)  # by a server that ended before
    scorer = Scorer(desk)  # type: ignore[arg-type]
    scorer.start()
    assert scorer.wait(20)
    assert desk.chats.exchange(left.exchange_id, "").scores["faithfulness"].value is not None

    stored = keep(desk.chats, typed(ASKED), judge=None)
    scorer.submit(stored.exchange_id)
    assert scorer.wait(20)
    assert "faithfulness" in desk.chats.exchange(stored.exchange_id, "").scores
    scorer.stop()
    after = keep(desk.chats, typed(ASKED), judge=None)
    scorer.submit(after.exchange_id)
    assert not desk.chats.exchange(after.exchange_id, "").scores
    desk.close()


def test_an_answer_that_cannot_be_scored_is_counted_once_and_holds_nothing_up(
    tmp_path: Path,
) -> None:
    desk = FakeDesk(tmp_path)
    whole = canned(ASKED)
    broken = keep(desk.chats, replace(whole, articles={}), judge=None)  # no JSON can be made of it
    fine = keep(desk.chats, whole, judge=None)
    scorer = Scorer(desk)  # type: ignore[arg-type]
    scorer.start()
    assert scorer.wait(20)
    scorer.stop()

    assert desk.chats.exchange(broken.exchange_id, "").scores["faithfulness"].state == "invalid"
    assert desk.chats.exchange(fine.exchange_id, "").scores["faithfulness"].state == "scored"
    assert chat_report(desk.chats.every())["metrics"]["faithfulness"]["n_invalid"] == 1
    desk.close()


def test_scoring_lets_answers_go_first_and_ends_at_once(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    desk.is_asking = True
    kept = keep(desk.chats, typed(ASKED), judge=None)
    scorer = Scorer(desk)  # type: ignore[arg-type]
    scorer.submit(kept.exchange_id)
    assert not scorer.wait(0.3)
    assert not desk.chats.exchange(kept.exchange_id, "").scores
    began = time.monotonic()
    scorer.stop()
    assert time.monotonic() - began < 5
    assert not desk.chats.exchange(kept.exchange_id, "").scores
    desk.close()


def test_a_closed_archive_does_not_break_the_thread(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    scorer = Scorer(desk)  # type: ignore[arg-type]
    desk.close()
    scorer.submit(1)
    assert scorer.wait(20)
    scorer.stop()
