"""A run: every case ends in a state, a killed one goes on, the same run twice is the same bytes."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import app
from eval.archives import Known, address, filters_of, known_in, write_documents
from eval.asking import ask_all, read_cache, without_times
from eval.datasets import Case, Document
from eval.export import exported
from eval.reply import from_contract
from eval.report_html import run_html, write_reports
from eval.retrieval import retrieval
from eval.run import CACHE, read_scores, run
from eval.score import Score
from eval.summary import metric_json
from rag.errors import BylineError, InputRefused
from tests.eval_runs import ARTICLE, FakeArchive, body, cases, files, plan

ROOT = Path(__file__).resolve().parents[1]


def test_the_contract_and_what_stands_in_the_folder(tmp_path: Path) -> None:
    report = run(plan(tmp_path / "run"), FakeArchive())
    assert report["schema"] == 1
    assert report["n"] == 3
    for metric in report["metrics"].values():
        assert {"value", "ci95", "n", "n_failed"} <= set(metric)
    assert report["metrics"]["correct"]["value"] == 1.0
    assert report["metrics"]["citation_recall"]["value"] == 1.0
    assert report["judge_is_run_time_verifier"]
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    names = {"settings.json", "cases.jsonl", "answers.jsonl", "verdicts.jsonl", "scores.jsonl"}
    assert names <= set(files(tmp_path / "run"))
    verdicts = (tmp_path / "run/verdicts.jsonl").read_text().splitlines()
    assert json.loads(verdicts[0])["claim"] == ARTICLE


def test_a_share_that_is_all_or_nothing_is_not_sure() -> None:
    def told(*values: float) -> list[float]:
        scores = [Score(case_id=str(i), metric="m", value=v) for i, v in enumerate(values)]
        found: list[float] = metric_json(scores)["ci95"]
        return found

    assert told(*[1.0] * 10) == [0.7225, 1.0]
    assert told(*[0.0] * 10) == [0.0, 0.2775]
    assert told(0.0, 1.0, 0.5, 0.5) == pytest.approx([0.125, 0.875], abs=0.13)
    assert told(0.5, 0.5) == [0.5, 0.5]
    assert told() == [None, None]


def test_twice_the_same_is_the_same_bytes(tmp_path: Path) -> None:
    for name, workers in (("one", 1), ("two", 3)):
        report = run(plan(tmp_path / name, workers=workers), FakeArchive())
        write_reports(tmp_path / name, report, read_scores(tmp_path / name))
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert "report.html" in files(tmp_path / "one")


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = run(plan(tmp_path / "whole"), FakeArchive())

    def dies(question: str) -> dict[str, Any]:
        if question.endswith("1"):
            raise KeyboardInterrupt
        return body(question)

    with pytest.raises(KeyboardInterrupt):
        run(plan(tmp_path / "run"), FakeArchive(dies))
    cache = tmp_path / "run" / CACHE
    assert set(read_cache(cache)) == {"0"}
    with cache.open("a") as lines:
        lines.write('{"case_id": "1", "answ')
    archive = FakeArchive()
    assert run(plan(tmp_path / "run"), archive) == whole
    assert archive.asked == ["How many died? 1", "How many died? 2"]
    assert files(tmp_path / "run") == files(tmp_path / "whole")
    again = FakeArchive()
    run(plan(tmp_path / "run"), again)
    assert len(again.asked) == 3  # a finished run is not a cache of answers


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    run(plan(tmp_path), FakeArchive())
    (tmp_path / CACHE).write_text("")
    with pytest.raises(InputRefused, match="another run"):
        run(plan(tmp_path, cases=cases(2)), FakeArchive())


def test_every_case_ends_in_a_state(tmp_path: Path) -> None:
    def answer(question: str) -> dict[str, Any]:
        match question[-1]:
            case "0":
                raise BylineError("the model is gone")
            case "1":
                return {"schema": 7}
            case "2":
                return body(sentences=[], citations=[], reason="Nothing on this.")
            case "3":
                raise RuntimeError("a fault")
            case _:
                return body()

    report = run(plan(tmp_path, cases=cases(5)), FakeArchive(answer))
    metric = report["metrics"]["citation_recall"]
    assert (metric["n"], metric["n_invalid"], metric["n_abstained"], metric["n_scored"]) == (
        4,
        3,
        1,
        1,
    )
    assert metric["value"] == 0.25
    reasons = {s.case_id: s.reason for s in read_scores(tmp_path) if s.state == "invalid"}
    assert reasons["0"] == "the model is gone"
    assert "no answer of schema 1" in reasons["1"]
    assert "RuntimeError" in reasons["3"]


def test_errors_are_asked_again_and_answers_are_not(tmp_path: Path) -> None:
    tries: list[str] = []

    def answer(question: str) -> dict[str, Any]:
        tries.append(question)
        if len(tries) == 1:
            raise BylineError("busy")
        return body()

    known = Known(by_name={})
    first = ask_all(cases(2), FakeArchive(answer), known, tmp_path / "c")
    assert "error" in first["0"]
    second = ask_all(cases(2), FakeArchive(answer), known, tmp_path / "c")
    assert "answer" in second["0"]
    assert len(tries) == 3


def test_times_and_thrown_away_folders_are_left_out() -> None:
    entry = {"answer": {**body(), "citations": [{"path": "/tmp/x/documents.jsonl"}]}, "ms": 3.0}
    told = without_times(entry, ["/tmp/x"])
    assert "timings_ms" not in told["answer"]
    assert told["answer"]["citations"] == [{"path": ""}]
    assert "ms" not in told


def test_documents_of_a_case_are_its_own(tmp_path: Path) -> None:
    document = Document(doc_id="d", text="The same text.")
    two = tuple(Case(case_id=i, question="Who?", documents=(document,)) for i in "ab")
    assert write_documents(two, tmp_path / "d.jsonl") == 2
    rows = [json.loads(line) for line in (tmp_path / "d.jsonl").read_text().splitlines()]
    assert len({row["url"] for row in rows}) == 2
    known = Known(by_name={address(two[1], 1): "article"})
    assert filters_of(two[1], known).articles == ("article",)
    entries = ask_all(two, FakeArchive(), known, tmp_path / "c")
    assert "none of its documents" in entries["a"]["error"]  # never asked without a filter
    assert "answer" in entries["b"]


def test_the_corpus_tells_which_article_a_document_is(tmp_path: Path) -> None:
    row = {"doc_id": "d9", "title": "Other", "url": "https://a.example/toll", "text": ARTICLE}
    (tmp_path / "c.jsonl").write_text(json.dumps(row))
    assert known_in(FakeArchive(), tmp_path / "c.jsonl").article("d9") == "a1"
    assert known_in(FakeArchive(), None).article("d9", "Toll rises") == "a1"


def test_retrieval_is_that_of_ir_measures() -> None:
    found = retrieval({"1": ["a", "b"], "2": ["c"], "3": []}, {"1": ["x", "a", "a", "b"]})
    assert found["Hits@1"] == {"1": 0.0, "2": 0.0}
    assert found["MRR@10"] == {"1": 0.5, "2": 0.0}
    assert found["recall@10"] == {"1": 1.0, "2": 0.0}
    assert found["nDCG@10"]["1"] == pytest.approx(
        (1 / 1.58496 + 1 / 2) / (1 + 1 / 1.58496), abs=1e-4
    )
    assert retrieval({}, {})["Hits@1"] == {}


def test_an_answer_is_read_whole() -> None:
    told = {"topic": "toll", "kind": "value", "positions": [{"statement": "12", "marker": 1}]}
    found = from_contract(body(conflicts=[told], short="12"))
    assert found.text == f"12 {ARTICLE}"
    assert found.conflicts[0].positions[0].article_id == "a1"
    with pytest.raises(InputRefused, match="no answer of schema 1"):
        from_contract({})


def test_a_run_goes_out_in_the_formats_of_other_kits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phantom = {**body()["sentences"][0], "citations": [1, 9]}
    run(plan(tmp_path, cases=cases(1)), FakeArchive(lambda _: body(sentences=[phantom])))
    (record,) = exported(tmp_path, "trec-rag")
    assert record["answer"] == [{"text": ARTICLE, "citations": [0]}]
    assert record["references"] == ["a1"]
    app.cli(["eval", "export", str(tmp_path), "--format", "ragas"], standalone_mode=False)
    record = json.loads(capsys.readouterr().out)
    assert record["response"] == ARTICLE
    assert record["reference"] == "12 people"
    assert record["retrieved_contexts"] == [f"{ARTICLE} More."]
    with pytest.raises(InputRefused, match="no format"):
        list(exported(tmp_path, "csv"))
    with pytest.raises(InputRefused, match="no finished run"):
        list(exported(tmp_path / "none", "ragas"))


class Addresses(HTMLParser):
    """Every address that a page would ask for, and every tag."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.asked += [v or "" for k, v in attrs if k in ("src", "href", "srcset", "poster")]


def test_the_page_asks_for_nothing_and_holds_no_markup_of_others(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    sentence = {**body()["sentences"][0], "text": f"No such thing {evil}"}
    answer = body(sentences=[sentence])
    answer["citations"][0] |= {"title": evil, "outlet": "<style>@import 'http://x'</style>"}
    questions = (Case(case_id=evil, question=f"Who {evil}?", answers=(("Gus",),)),)
    report = run(plan(tmp_path, cases=questions, name=evil), FakeArchive(lambda _: answer))
    write_reports(tmp_path, report, read_scores(tmp_path))
    page = Addresses()
    text = run_html(tmp_path)
    page.feed(text)
    assert not page.asked
    assert not page.tags & {"img", "script", "iframe", "link", "object"}
    assert "url(" not in text
    assert f"<mark>{ARTICLE}</mark>" in text
    suite = ElementTree.fromstring((tmp_path / "junit.xml").read_bytes())
    assert suite.attrib["tests"] == "1"
