"""Sets of questions in the page: taken in, looked through, edited, and hostile words in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from rag.errors import InputRefused
from tests.fake_desk import FakeDesk
from tests.judging import CASE, client_of
from web.case_sets import CaseSets
from web.quality_html import answers_of, answers_text, set_html, standing_html
from web.trials import Standing

# --- sets of questions ---------------------------------------------------------------------------


def test_a_set_is_taken_in_under_a_safe_and_free_name(tmp_path: Path) -> None:
    sets = CaseSets(tmp_path)
    one = sets.add("../../my questions?.csv", "question,answer\nWho came?,Ada\n")
    two = sets.add("my questions?.csv", "question,answer\nWho went?,Ben\n")

    assert one.parent == sets.folder and one.name == "my-questions.csv"
    assert two.name == "my-questions-2.csv"
    assert sets.listing() == (two, one)


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.jsonl", "no json"), ("x.jsonl", ""), ("x.csv", "a,b\n1,2\n"), ("x.exe", "question")],
)
def test_what_holds_no_question_is_not_taken_in(tmp_path: Path, name: str, text: str) -> None:
    sets = CaseSets(tmp_path)
    with pytest.raises(InputRefused) as refused:
        sets.add(name, text)

    assert name in str(refused.value) and ".taking-in" not in str(refused.value)
    assert sets.listing() == ()
    assert not sets.folder.exists() or list(sets.folder.iterdir()) == []


def test_a_draft_is_looked_through_question_by_question(desk: FakeDesk) -> None:
    rows = [{**CASE, "qid": str(i), "question": f"What is {i}?", "draft": True} for i in range(4)]
    name = CaseSets(desk.home).add("d.jsonl", "\n".join(map(json.dumps, rows))).name
    client = client_of(desk)

    def done(verb: str, at: int, **body: Any) -> int:
        was = rows[at]["question"]
        body = {"name": name, "at": at, "was": was, **body}
        return client.post(f"/page/quality/{verb}", json=body).status_code

    assert done("keep", 0) == 200
    assert done("edit", 1, question="How high?", answer="8 m | eight metres\n\n9 m") == 200
    assert done("edit", 2, question="When?", answer="x", unanswerable=True) == 200
    assert done("edit", 3, question=" ", answer="x") == 422
    assert done("edit", 3, question="Why?", answer=" | ") == 422
    assert done("drop", 3) == 200
    assert done("drop", 3) == 422  # it is gone: another row must not go in its place
    assert done("keep", 1) == 422  # its question is another by now
    kept = CaseSets(desk.home).rows(name)
    assert [r["question"] for r in kept] == ["What is 0?", "How high?", "When?"]
    assert kept[1]["answer"] == [["8 m", "eight metres"], ["9 m"]]
    assert (kept[2]["answer"], kept[2]["answerable"]) == ([], False)
    assert not any("draft" in r for r in kept)
    shown = client.get("/page/quality/set", params={"name": name}).text
    assert "3 questions, 0 of them drafts" in shown


def test_drafts_come_first_a_page_at_a_time() -> None:
    rows = [{"question": f"Q{i}?", "draft": i >= 30} for i in range(40)]
    first, second = (set_html("x.jsonl", rows, offset) for offset in (0, 25))

    assert first.index("Q30?") < first.index("Q39?") < first.index("Q0?")
    assert "Q14?" in first and "Q15?" not in first and "Q15?" in second
    assert "Q29?" in set_html("x.jsonl", rows, 10**6)


@pytest.mark.parametrize(
    "answer", ["Ada", ["Ada", "Ben"], [["Ada", "A."], ["Ben"]], [], 38, [["38"]]]
)
def test_answers_of_any_shape_can_be_edited(answer: Any) -> None:
    text = answers_text({"answer": answer})

    assert answers_text({"answer": answers_of(text)}) == text


def test_hostile_words_in_sets_and_runs_stay_words() -> None:
    words = "<script>alert(1)</script>"
    row = {"question": words, "answer": words, "qid": words, "evidence": [{"fact": words}]}
    failed = Standing(state="failed", name=words, told=words, run_id=words)

    assert "<script" not in set_html(words, [row], 0)
    assert "<script" not in standing_html(failed, may_edit=True)
