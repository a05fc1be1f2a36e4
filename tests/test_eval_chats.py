"""Answers given in chats: scored without losing a failure, told together, turned into labels."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import app
from eval.chat_html import chat_html
from eval.chat_page import chat_page
from eval.chat_report import chat_report, worst_first
from eval.chat_table import chat_markdown
from eval.chats import METRICS, labels, score_answer
from eval.judges import Judge, embedded, one_by_one
from eval.pairs import load_labelled
from rag.chats import Chats, ChatScore, Exchange, Feedback
from rag.database import Database
from rag.errors import InputRefused, LLMRejected
from rag.render_json import to_json
from rag.schema import Answer, Citation, Question, Sentence, Verdict
from rag.settings import Settings
from tests.abroad import outside, pseudo, shown, words
from tests.canned import ARTICLES, COST, RIVAL, abstention, canned, follow_up, typed
from tests.fake_desk import FakeDesk
from web.desk import Desk
from web.scoring import Scorer, chats_json

JUDGE = embedded()
ASKED = "What does Ines Halvorsen say of the bridge?"


def failing(claim: str, source: str) -> float:
    raise LLMRejected("the judge is out")


BROKEN = Judge(name="broken", score=one_by_one(failing), threshold=0.5)


def scores_of(answer: Answer, judge: Judge = JUDGE) -> dict[str, ChatScore]:
    return {s.metric: s for s in score_answer(to_json(answer), judge)}


def told(text: str, *, label: str = "supported", marker: int = 1) -> Answer:
    """An answer of one sentence in its own words."""
    sentence = Sentence(
        text=text,
        citations=(Citation(marker=marker, evidence=COST),),
        verdict=Verdict(label=label, score=0.9, judge="rules 1"),  # type: ignore[arg-type]
    )
    return replace(canned(ASKED), sentences=(sentence,), conflicts=())


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    database = Database(tmp_path / "desk.db")
    yield Chats(database)
    database.close()


def keep(chats: Chats, answer: Answer, *, judge: Judge | None = JUDGE, owner: str = "") -> Exchange:
    conversation = chats.start(owner, answer.question.asked)
    added = chats.add(conversation.conversation_id, owner, answer)
    if judge is not None:
        chats.score(added.exchange_id, score_answer(to_json(answer), judge))
    return chats.exchange(added.exchange_id, owner)


# --- one answer ----------------------------------------------------------------------------------


def test_every_metric_without_gold_and_each_sentence() -> None:
    scores = scores_of(canned())

    assert set(METRICS) - {"contested_told"} <= set(scores)
    assert [scores[f"sentence {n}"].state for n in (1, 2, 3)] == [
        "carried",
        "not_carried",
        "not_carried",
    ]
    assert scores["citation_recall"].value == pytest.approx(1 / 3)
    assert scores["abstained"].value == 0.0
    assert {s.judge for s in scores.values()} == {JUDGE.name}


def test_an_abstention_has_nothing_to_judge_and_is_counted_apart() -> None:
    scores = scores_of(abstention(ASKED))

    assert (scores["faithfulness"].value, scores["faithfulness"].state) == (None, "abstained")
    assert scores["abstained"].value == 1.0


def test_what_the_verifier_let_pass_and_the_judge_does_not_is_overclaimed() -> None:
    scores = scores_of(told("Repairs will cost 91 million euros."))

    assert scores["overclaimed"].value == 1.0
    assert scores["faithfulness"].value == 0.0


def test_a_failed_judgement_is_a_no_and_says_so() -> None:
    scores = scores_of(canned(), BROKEN)

    assert (scores["faithfulness"].value, scores["faithfulness"].state) == (0.0, "judge_failed")
    assert (scores["sentence 1"].value, scores["sentence 1"].state) == (None, "judge_failed")
    assert scores["sentence 3"].state == "not_carried"  # it cites nothing: there is nothing to ask


def test_a_body_that_is_no_answer_is_the_worst_and_counted() -> None:
    scores = score_answer({"question": "x"}, JUDGE)

    assert {(s.value, s.state) for s in scores} == {(0.0, "invalid")}


# --- all of them ---------------------------------------------------------------------------------


def test_an_archive_where_nothing_was_asked_is_told_without_a_figure() -> None:
    report = chat_report([])

    assert report["n"] == 0 and report["metrics"] == {} and report["worst"] == []
    assert "Nothing was asked yet" in chat_page(report)
    assert chat_markdown(report) == "No question was asked in the chat yet."


def test_every_answer_is_in_exactly_one_count(chats: Chats) -> None:
    keep(chats, canned(ASKED))
    keep(chats, canned(ASKED), judge=BROKEN)
    keep(chats, abstention(ASKED))
    keep(chats, canned(ASKED), judge=None)

    report = chat_report(chats.every())
    metric = report["metrics"]["faithfulness"]
    assert (report["n"], report["n_unscored"], report["n_abstained"]) == (4, 1, 1)
    assert metric["n_scored"] + metric["n_judge_failed"] + metric["n_abstained"] == 3
    assert (metric["n"], metric["n_failed"]) == (2, 1)
    assert metric["value"] == pytest.approx((2 / 3 + 0) / 2, abs=1e-4)
    assert sorted(report["judges"]) == sorted([JUDGE.name, "broken"])
    assert report["judge_is_run_time_verifier"]


def test_outlets_are_told_by_sentences_and_topics_by_names(chats: Chats) -> None:
    keep(chats, canned(ASKED))
    keep(chats, follow_up("And what will it cost?"))

    report = chat_report(chats.every())
    outlets = {g["name"]: g for g in report["by_outlet"]}
    # The Courier is cited by two sentences of each answer; one of these four is not carried.
    assert outlets["The Harbour Courier"]["n"] == 4
    assert outlets["The Harbour Courier"]["value"] == pytest.approx(3 / 4)
    assert outlets["outlet unknown"]["value"] == 0.0
    topics = {g["name"]: g["value"] for g in report["by_topic"]}
    assert topics["Ines Halvorsen"] == pytest.approx(2 / 3, abs=1e-4)
    assert topics["no name in the question"] == 1.0


def moved(exchange: Exchange, days: int) -> Exchange:
    return replace(exchange, asked_at=datetime(2026, 1, 7, 23, tzinfo=UTC) + timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "unit", "begins"),
    [
        ((0, 0, 1), "day", ["2026-01-07", "2026-01-08"]),
        ((0, 1, 40), "week", ["2026-01-05", "2026-02-16"]),
        ((0, 30, 800), "month", ["2026-01-01", "2026-02-01", "2028-03-01"]),
    ],
)
def test_time_is_told_by_what_its_span_needs(
    chats: Chats, days: tuple[int, ...], unit: str, begins: list[str]
) -> None:
    one = keep(chats, canned(ASKED))
    report = chat_report([moved(one, n) for n in days])

    assert report["over_time"]["unit"] == unit
    assert [p["from"] for p in report["over_time"]["points"]] == begins
    assert sum(p["n"] for p in report["over_time"]["points"]) == len(days)


def test_the_worst_come_first_with_the_sentences_that_failed_and_why(chats: Chats) -> None:
    fine = keep(chats, follow_up(ASKED))
    bad = keep(chats, told("Repairs will cost 91 million euros."))
    middling = keep(chats, canned(ASKED))

    found = chats.every()
    assert [e.exchange_id for e in worst_first(found)] == [bad.exchange_id, middling.exchange_id]
    first = chat_report(found)["worst"][0]
    assert first["sentences"][0]["why"] == [
        "marked supported, but the judge finds its citations do not carry it"
    ]
    quote = first["sentences"][0]["quotes"][0]
    assert quote["quote"] == COST.text and quote["before"].endswith("by the Courier. ")
    uncited = chat_report(found)["worst"][1]["sentences"][1]
    assert uncited["why"] == ["it cites nothing", "no source says this"]
    chats.rate(fine.exchange_id, "", Feedback(rating="down", reason="missing"))
    assert len(worst_first(chats.every())) == 3


def test_feedback_is_counted_and_held_against_the_scores(chats: Chats) -> None:
    for _ in range(4):
        good = keep(chats, follow_up(ASKED))
        bad = keep(chats, canned(ASKED))
        chats.rate(good.exchange_id, "", Feedback(rating="up"))
        chats.rate(bad.exchange_id, "", Feedback(rating="down", reason="outdated"))

    report = chat_report(chats.every())
    assert report["feedback"]["reasons"] == {"outdated": 4}
    assert (report["agreement"]["n_up"], report["agreement"]["n_down"]) == (4, 4)
    assert report["agreement"]["auroc"]["value"] == 1.0
    assert report["agreement"]["difference"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    chats.rate(good.exchange_id, "", Feedback(rating="down"))
    assert chat_report(chats.every())["agreement"]["auroc"]["value"] < 1.0


def test_one_kind_of_thumb_alone_tells_no_agreement(chats: Chats) -> None:
    one = keep(chats, canned(ASKED))
    chats.rate(one.exchange_id, "", Feedback(rating="up"))

    agreement = chat_report(chats.every())["agreement"]
    assert agreement["auroc"] == {"value": None, "ci95": [None, None]}
    assert agreement["faithfulness_down"] is None


def test_hostile_words_stay_text(chats: Chats) -> None:
    words = "<script>alert(1)</script> | \x1b[31m"
    answer = told(words, label="refuted")
    articles = {k: replace(a, title=words, outlet=words) for k, a in answer.articles.items()}
    kept = keep(chats, replace(answer, articles=articles, question=Question(asked=words)))
    chats.rate(kept.exchange_id, "", Feedback(rating="down", reason="other", note=words))

    report = chat_report(chats.every())
    assert "<script" not in chat_page(report)
    assert "\x1b" not in chat_markdown(report)


def test_nothing_of_the_report_stays_in_english_abroad(chats: Chats) -> None:
    up, down = keep(chats, follow_up(ASKED)), keep(chats, canned(ASKED))
    keep(chats, abstention("1?"))
    keep(chats, typed("2?"), judge=None)
    chats.rate(up.exchange_id, "", Feedback(rating="up"))
    chats.rate(down.exchange_id, "", Feedback(rating="down", reason="wrong source", marker=1))
    report = chat_report(chats.every())
    told = [q["title"] or "" for w in report["worst"] for r in w["sentences"] for q in r["quotes"]]
    told += [why for w in report["worst"] for r in w["sentences"] for why in r["why"]]
    told += [s.text for e in (up, down) for s in e.answer.sentences]
    told += [a.text for a in ARTICLES.values()] + [ASKED, *report["judges"]]
    told += [a.outlet or "" for a in ARTICLES.values()]
    known = words(" ".join(told))

    with pseudo():
        left = {text: outside(text) - known for text in shown(chat_html(report, lambda _: "?c=1"))}
    assert not {text: found for text, found in left.items() if found}


# --- labels --------------------------------------------------------------------------------------


def test_labels_say_what_a_thumb_can_say(chats: Chats) -> None:
    liked = keep(chats, told("The repair costs 38 million euros."))
    wrong = keep(chats, told("The builders say 38 million euros.", marker=4))
    unmarked = keep(chats, told("It costs 38 million.", marker=4))
    verbatim = keep(chats, told(COST.text))
    failing_up = keep(chats, told("It costs 91 million euros.", label="refuted"))
    for exchange in (liked, verbatim, failing_up):
        chats.rate(exchange.exchange_id, "", Feedback(rating="up"))
    chats.rate(wrong.exchange_id, "", Feedback(rating="down", reason="wrong source", marker=4))
    chats.rate(unmarked.exchange_id, "", Feedback(rating="down", reason="wrong source"))

    rows = labels(chats.every())
    assert [(r["claim"], r["label"]) for r in rows] == [
        ("The repair costs 38 million euros.", 1),
        ("The builders say 38 million euros.", 0),
    ]


def test_only_the_words_of_the_wrong_source_are_the_negative_pair(chats: Chats) -> None:
    answer = told("The repair costs 38 million euros.")
    both = (*answer.sentences[0].citations, Citation(marker=2, evidence=RIVAL))
    answer = replace(answer, sentences=(replace(answer.sentences[0], citations=both),))
    kept = keep(chats, answer)
    chats.rate(kept.exchange_id, "", Feedback(rating="down", reason="wrong source", marker=2))

    assert [r["source_text"] for r in labels(chats.every())] == [RIVAL.text]


# --- in the background, and on the command line --------------------------------------------------


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


def test_scores_of_a_deleted_answer_are_not_kept(chats: Chats) -> None:
    kept = keep(chats, canned(ASKED))
    chats.add(kept.conversation_id, "", canned(ASKED), instead_of=kept.exchange_id)
    chats.score(kept.exchange_id, score_answer(to_json(kept.answer), JUDGE))

    assert [bool(e.scores) for e in chats.every()] == [False]


def test_each_owner_is_told_alone_or_all_together(chats: Chats) -> None:
    keep(chats, canned(ASKED), owner="ada")
    keep(chats, canned(ASKED), owner="ben")

    assert [e.owner for e in chats.every(owner="ada")] == ["ada"]
    assert len(chats.every()) == 2


def said_by(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        app.cli([*words])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_the_command_tells_writes_and_its_labels_go_into_eval_meta(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, pairs = tmp_path / "home", tmp_path / "labels" / "chats.jsonl"
    pairs.parent.mkdir()
    with Desk.open(Settings(home=home), create=True) as desk:
        liked = keep(desk.chats, told("The repair costs 38 million euros."), judge=None)
        wrong = keep(desk.chats, told("It will cost 91 million euros."), judge=None)
        desk.chats.rate(liked.exchange_id, "", Feedback(rating="up"))
        given = Feedback(rating="down", reason="wrong source", marker=1)
        desk.chats.rate(wrong.exchange_id, "", given)
    words = ("eval", "chats", "--home", str(home))

    code, out = said_by(capsys, *words, "--json", "--labels", str(pairs))
    assert code == 0
    body = json.loads(out)
    assert (body["n"], body["n_unscored"], body["schema"]) == (2, 0, 1)
    assert body["metrics"]["faithfulness"]["value"] == 0.5

    (found,) = load_labelled(pairs)
    assert sorted(p.supported for p in found.pairs) == [False, True]
    assert not any(p.is_development for p in found.pairs) and not found.faults
    code, out = said_by(capsys, "eval", "meta", "--data", str(pairs.parent), "--json")
    (measured, *_) = json.loads(out)["sets"]
    assert (code, measured["n"], measured["auroc"]) == (0, 2, 1.0)

    page = tmp_path / "chats.html"
    code, out = said_by(capsys, *words, "--html", str(page))
    assert code == 0 and "| faithfulness | 0.500 |" in out and "91 million" in out
    assert "The repair costs" not in page.read_text() and "91 million" in page.read_text()
    code, out = said_by(capsys, *words, "--since", "2999-01-01")
    assert (code, out.strip()) == (0, "No question was asked in the chat yet.")


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    desk: Any = FakeDesk(tmp_path)
    with pytest.raises(InputRefused, match="is no day"):
        chats_json(desk, "soon", with_labels=False, max_s=1)
    desk.close()
