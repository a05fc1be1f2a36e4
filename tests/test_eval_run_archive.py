"""Runs over real archives by the command, with a model whose calls are kept."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import app
from eval.datasets import load_cases
from eval.recording import CALLS, Recorder, cost, drafted
from eval.run import run
from rag.errors import LLMIncomplete
from rag.llm import Message
from tests import faulty
from tests.eval_runs import ARTICLE, FakeArchive, body, cases, files, plan

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("evaluated") / "home"
    app.cli(["ingest", str(ROOT / "samples/articles"), "--home", str(home)], standalone_mode=False)
    return home


def test_the_command_asks_a_real_archive_and_twice_is_the_same_bytes(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["eval", "run", "--data", str(ROOT / "samples/cases.jsonl"), "--limit", "4", "--json"]
    told = []
    for name, workers in (("one", "1"), ("two", "2")):
        capsys.readouterr()
        own = ["--home", str(archive), "--out", str(tmp_path / name), "--workers", workers]
        assert not app.cli([*words, *own], standalone_mode=False)
        told.append(capsys.readouterr().out)
    report = json.loads(told[0])
    assert report["n"] == 4
    assert report["metrics"]["quote_exactness"]["value"] == 1.0
    assert report["metrics"]["Hits@10"]["value"] == 1.0
    assert report["n_facts_not_in_archive"] == 0
    assert told[0] == told[1]
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert {"report.html", "verdicts.jsonl"} <= set(files(tmp_path / "one"))


def test_prompts_are_kept_counted_and_held_to_a_budget(
    archive: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reply = faulty.says(lambda body: _first_id(body["messages"][-1]["content"]))
    with faulty.FaultyServer(reply) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-1234567890")
        capsys.readouterr()
        words = ["eval", "run", "--data", str(ROOT / "samples/cases.jsonl"), "--limit", "4"]
        words += ["--home", str(archive), "--out", str(tmp_path), "--max-calls", "2", "--json"]
        code = app.cli([*words, "--price", "2", "8"], standalone_mode=False)
    report = json.loads(capsys.readouterr().out)
    assert code == 1
    assert report["settings"]["mode"] == "llm"
    assert 2 <= report["cost"]["n_calls"] < 8
    assert report["cost"]["money"] > 0
    assert report["metrics"]["citation_recall"]["n_invalid"] >= 1
    prompts = [json.loads(line) for line in (tmp_path / "prompts.jsonl").read_text().splitlines()]
    assert len(prompts) == report["cost"]["n_calls"]
    assert report["metrics"]["draft_faithfulness"]["n"] >= 1
    assert {m["role"] for m in prompts[0]["messages"]} == {"system", "user"}
    kept = [p.read_bytes() for p in tmp_path.iterdir()]
    assert not any(b"sk-canary" in text for text in kept)


def _first_id(prompt: str) -> str:
    first = next(iter(faulty.ids_in(prompt)))
    return f"The council approved the tram and the line will be built. [{first}]"


def test_what_a_model_wrote_is_judged_before_it_was_checked(tmp_path: Path) -> None:
    def call(reply: str, failure: str = "") -> dict[str, Any]:
        return {"messages": [], "reply": reply, "failure": failure}

    def answer(question: str) -> dict[str, Any]:
        draft = f"{ARTICLE} [a1b2c3] Nobody was aboard. [f00000]"
        calls = [call("", "too long"), call(draft, "cut"), call(ARTICLE)]
        return body(llm_calls=calls)

    report = run(plan(tmp_path, cases=cases(1)), FakeArchive(answer))
    assert report["metrics"]["draft_faithfulness"]["value"] == 0.5
    assert report["metrics"]["faithfulness"]["value"] == 1.0
    assert b"llm_calls" not in files(tmp_path)["answers.jsonl"]


def test_a_call_that_fails_is_kept_with_what_came() -> None:
    class Model:
        name, context_tokens = "double", 4_096

        def stream(self, messages: object) -> Iterator[str]:
            yield "It "
            raise LLMIncomplete("cut", partial="It ")

    recorder = Recorder()
    calls = recorder.begin()
    with pytest.raises(LLMIncomplete):
        list(recorder.wrap(Model()).stream([Message(role="user", content="Who? " * 8)]))
    assert [(c["reply"], c["failure"]) for c in calls] == [("It ", "cut")]
    told = cost(calls, (1_000_000.0, 0.0))
    assert (told["n_failed"], told["prompt_tokens"], told["money"]) == (1, 10, 10.0)
    assert cost([])["money"] is None


def test_calls_stand_in_the_order_in_which_they_began() -> None:
    """A sentence is mended while the answer still comes, and is not the draft."""

    class Model:
        name, context_tokens = "double", 4_096

        def stream(self, messages: Sequence[Message]) -> Iterator[str]:
            yield from (f"{messages[0].content} ", "goes on.")

    recorder = Recorder()
    calls = recorder.begin()
    model = recorder.wrap(Model())
    answer = model.stream([Message(role="user", content="The answer")])
    next(answer)
    list(model.stream([Message(role="user", content="The mended sentence")]))
    list(answer)

    assert [c["reply"] for c in calls] == ["The answer goes on.", "The mended sentence goes on."]
    assert drafted({"answer": {CALLS: calls}}) == "The answer goes on."


def test_questions_with_and_without_documents_in_one_file(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {
        "qid": "1",
        "question": "Who runs the bakery of Orrin?",
        "answer": "Ann Thorne",
        "documents": [{"text": "The bakery of Orrin is run by Ann Thorne, who is 61 years old."}],
    }
    home = {
        "qid": "2",
        "question": "Who is the director of Orrin Cells?",
        "answer": "Ulla Stenmark",
    }
    (tmp_path / "q.jsonl").write_text(f"{json.dumps(own)}\n{json.dumps(home)}\n")
    capsys.readouterr()
    words = ["eval", "run", "--data", str(tmp_path / "q.jsonl"), "--home", str(archive)]
    app.cli([*words, "--out", str(tmp_path / "run"), "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["metrics"]["correct"]["value"] == 1.0


def test_questions_with_documents_get_an_archive_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [
        {"text": f"{ARTICLE} The search on Lake Verrin goes on until Friday evening."},
        {"text": "At least nine people died when the ferry capsized on Lake Verrin on Monday."},
    ]
    question = "How many people died when the ferry capsized?"
    row = {"qid": "1", "question": question, "answer": ["12 people"], "documents": documents}
    other = {"qid": "2", "question": question, "answerable": False, "documents": [
        {"text": "The council of Orrin approved the bridge. It will cost 48 million crowns."}
    ]}  # fmt: skip
    (tmp_path / "q.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(other)}\n")
    capsys.readouterr()
    words = ["eval", "run", "--data", str(tmp_path / "q.jsonl"), "--home", str(tmp_path / "home")]
    app.cli([*words, "--out", str(tmp_path / "run"), "--json"], standalone_mode=False)
    report = json.loads(capsys.readouterr().out)
    assert report["metrics"]["correct"]["value"] == 1.0
    assert report["metrics"]["right_refusal"]["value"] == 1.0  # the first case's documents stay out
    assert not (tmp_path / "home").exists()
    assert "/tmp" not in (tmp_path / "run/answers.jsonl").read_text()
    assert load_cases(tmp_path / "q.jsonl").cases[0].case_id == "1"
