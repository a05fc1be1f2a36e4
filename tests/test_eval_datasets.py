"""Questions are read from the formats that people have, and bad rows are told with their line."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.correct import answer_recall, exact, says, token_f1
from eval.datasets import load_cases
from eval.gold import holds
from rag.errors import InputRefused


def jsonl(path: Path, *rows: Any) -> Path:
    text = "\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_our_own_rows(tmp_path: Path) -> None:
    row = {
        "qid": "7",
        "question": "Who leads the search?",
        "answer": [["Edda Lorne", "Lorne"], ["the rescue service"]],
        "type": "who",
        "answerable": True,
        "evidence": [{"doc_id": "d1", "fact": "Edda Lorne leads the search."}],
        "documents": [{"doc_id": "d1", "text": "Edda Lorne leads the search.", "source": "Post"}],
        "wrong_answers": ["Orla Brandt"],
        "nuggets": ["Edda Lorne leads."],
        "conflict": False,
    }
    (case,) = load_cases(jsonl(tmp_path / "own.jsonl.gz", row)).cases
    assert case.answers == (("Edda Lorne", "Lorne"), ("the rescue service",))
    assert (case.documents[0].outlet, case.evidence[0].doc_id) == ("Post", "d1")
    assert case.conflict is False
    assert case.sides[-1] == ("Orla Brandt",)


def test_multihop_rag_names(tmp_path: Path) -> None:
    rows = [
        {
            "query": "Do both say so?",
            "answer": "Yes",
            "question_type": "comparison_query",
            "evidence_list": [{"title": "One", "url": "https://a.example", "fact": "It is so."}],
        },
        {"query": "Who?", "answer": "Insufficient information.", "question_type": "null_query"},
    ]
    path = tmp_path / "multihop.json"
    path.write_text(json.dumps(rows))
    first, second = load_cases(path).cases
    assert (first.answerable, second.answerable) == (True, False)
    assert first.evidence[0].title == "One"


def test_realtimeqa_choices(tmp_path: Path) -> None:
    row = {
        "question_id": "20220617_1",
        "question_sentence": "Which state?",
        "choices": ["Idaho", "Ohio"],
        "answer": ["1"],
        "question_date": "2022-06-16",
    }
    (case,) = load_cases(jsonl(tmp_path / "rtqa.jsonl", row)).cases
    assert case.answers == (("Ohio",),)
    assert case.asked_at == "2022-06-16"


def test_ragas_ramdocs_and_rgb_rows(tmp_path: Path) -> None:
    ragas = {"user_input": "Who?", "reference": "Edda", "retrieved_contexts": ["Edda leads."]}
    ramdocs = {
        "qid": "r",
        "question": "How many?",
        "answer": ["3", "5"],
        "wrong_answers": ["9"],
        "disambig_entity": ["a", "b"],
        "documents": [{"text": "There are 3.", "type": "correct", "answer": "3"}],
    }
    rgb = {
        "qid": "g",
        "question": "Where?",
        "answer": "Tampa",
        "fake_answer": "Glendale",
        "positive": ["In Tampa."],
        "positive_wrong": ["In Glendale."],
        "negative": ["Elsewhere."],
    }
    first, second, third = load_cases(jsonl(tmp_path / "x.jsonl", ragas, ramdocs, rgb)).cases
    assert [d.text for d in first.documents] == ["Edda leads."]
    assert first.conflict is None
    assert (second.conflict, len(second.sides)) == (True, 3)
    assert (third.conflict, len(third.documents), third.wrong) == (True, 3, ("Glendale",))


def test_tables_and_topics(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        'question,answer,answerable\nWho?,"[""Edda"", ""Gus""]",\n"A, b?",,false\n'
    )
    (tmp_path / "t.tsv").write_text("301\tWho leads?\n302\tWhere is it?\n")
    (tmp_path / "t.qrels").write_text("301 0 d1 1\n301 0 d2 0\n302 0 d3 2\n")
    first, second = load_cases(tmp_path / "t.csv").cases
    assert (first.answers, second.question, second.answerable) == (
        (("Edda",), ("Gus",)),
        "A, b?",
        False,
    )
    topics = load_cases(tmp_path / "t.tsv").cases
    assert [c.case_id for c in topics] == ["301", "302"]
    assert [[f.doc_id for f in c.evidence] for c in topics] == [["d1"], ["d3"]]


def test_bad_rows_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    good = {"qid": "1", "question": "Who?"}
    path = jsonl(
        tmp_path / "q.jsonl", "{", good, good, {"qid": "2"}, {"question": "X?", "answerable": "hm"}
    )
    found = load_cases(path)
    assert [c.case_id for c in found.cases] == ["1"]
    assert len(found.faults) == 4
    assert "q.jsonl, line 1 is not JSON" in found.faults[0]
    assert "line 3: '1' was there before" in found.faults[1]
    assert "line 5: 'answerable' is 'hm'" in found.faults[3]


@pytest.mark.parametrize("name", ["no.jsonl", "none.csv", "what.pdf"])
def test_a_file_without_questions_is_refused(tmp_path: Path, name: str) -> None:
    if name != "none.csv":
        (tmp_path / name).write_text("{}")
    with pytest.raises(InputRefused):
        load_cases(tmp_path / name)


def test_a_limit_is_spread(tmp_path: Path) -> None:
    rows = [{"qid": str(i), "question": "Who?"} for i in range(10)]
    found = load_cases(jsonl(tmp_path / "q.jsonl", *rows), limit=5)
    assert [c.case_id for c in found.cases] == ["0", "2", "4", "6", "8"]


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("It sold for $40 million on Monday.", "$40,000,000"),
        ("It costs 40m crowns.", "40 million"),
        ("The line costs 1.2bn.", "1.2 billion"),
        ("It was signed on 3 March 2022.", "March 3, 2022"),
        ("On 2022-03-03 it rained.", "3 March 2022"),
        ("It was March 2022.", "March"),
        ("It has 3,800 jobs.", "3800"),
        ("Three people died.", "3 people"),
        ("It is 5 dollars a gallon.", "$5"),
        ("40 per cent of it.", "40%"),
        ("Yes, it did.", "yes"),
        ("President Joe Biden spoke.", "Joe Biden"),
    ],
)
def test_figures_and_dates_are_read_by_value(answer: str, gold: str) -> None:
    assert says(answer, gold)


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("It costs 5.9 percent.", "5"),
        ("In March it rained.", "March 2022"),
        ("There were 12 people.", "3 people"),
        ("The 12 dead were found.", "9 dead"),
        ("I know nothing.", "no"),
        ("They said yes.", "yes"),
        ("It costs 40 million crowns.", "$40 million"),
        ("Camille Cosby came.", "Bill Cosby"),
        ("", "0"),
    ],
)
def test_what_differs_in_value_unit_or_word_is_not_said(answer: str, gold: str) -> None:
    assert not says(answer, gold)


def test_shares_of_answers() -> None:
    golds = (("Edda Lorne", "Lorne"), ("Gus Okafor",))
    assert answer_recall("Lorne came.", golds) == 0.5
    assert answer_recall("", golds) == answer_recall("x", ()) == exact("", golds) == 0.0
    assert exact("The Edda Lorne", golds) == token_f1("Edda Lorne", golds) == 1.0
    assert token_f1("Edda Lorne leads now", golds) == pytest.approx(2 * 2 / 6)


@settings(deadline=None)
@given(st.text(max_size=60), st.text(min_size=1, max_size=30))
def test_an_answer_that_holds_the_gold_words_says_them(before: str, gold: str) -> None:
    text = f"{before} {gold}"
    assert says(text, gold) or not holds(text, gold)
    assert 0.0 <= token_f1(text, ((gold,),)) <= 1.0
