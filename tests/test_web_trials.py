"""Evaluations run over the open archive: one at a time, stopped, read, compared, counted."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.errors import ArticleMissing, InputRefused
from rag.settings import load_settings
from tests import faulty
from tests.fake_desk import FakeDesk
from tests.judging import CASE, NEWS, QUESTION, client_of, news_desk
from web.case_sets import CaseSets
from web.desk import Desk
from web.serve import build_app
from web.trials import Standing, Trials


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with news_desk(tmp_path_factory.mktemp("archive")) as desk:
        yield desk


def ended(trials: Trials, timeout_s: float = 60) -> Standing:
    until = time.monotonic() + timeout_s
    while trials.standing.state == "running" and time.monotonic() < until:
        time.sleep(0.02)
    return trials.standing


def test_a_set_is_run_over_the_open_archive_read_compared_and_deleted(archive: Desk) -> None:
    client = client_of(archive)
    text = (
        json.dumps(CASE) + "\n" + json.dumps({"question": "Who painted it?", "answerable": False})
    )
    assert client.post("/page/quality/upload", json={"name": "q.jsonl", "text": text}).is_success
    assert 'value="q.jsonl"' in client.get("/page/quality/runs").text
    for _ in range(2):
        began = client.post("/page/quality/run", json={"name": "q.jsonl", "limit": 10})
        assert began.status_code == 200
        until = time.monotonic() + 60
        while 'data-state="running"' in client.get("/page/quality/runs").text:
            assert time.monotonic() < until
            time.sleep(0.05)
        shown = client.get("/page/quality/runs").text
        assert "q.jsonl is done" in shown

    runs = Trials(archive).runs()
    assert len(runs) == 2 and runs[0].report["metrics"]["correct"]["value"] == 1.0
    ids = [run.run_id for run in runs]
    assert len(set(ids)) == 2 and all(i.startswith("q-") for i in ids)
    report = client.get("/page/quality/report", params={"id": ids[0]})
    assert "citation_recall" in report.text and "<style" not in report.text
    whole = client.get("/page/quality/report", params={"id": ids[0], "whole": 1})
    assert whole.text.startswith("<!doctype html>")
    assert whole.headers["content-type"].startswith("text/html")
    both = {"before": ids[1], "after": ids[0]}
    compared = client.get("/page/quality/compare", params=both).text
    assert "<td>0.000</td>" in compared and 'data-change="worse"' not in compared
    assert client.post("/page/quality/remove-run", json={"name": ids[0]}).is_success
    assert [run.run_id for run in Trials(archive).runs()] == ids[1:]
    assert archive.home.joinpath("evals", "sets", "q.jsonl").is_file()


def test_one_run_at_a_time_and_a_stopped_one_leaves_nothing(archive: Desk) -> None:
    trials = Trials(archive)
    rows = (json.dumps({**CASE, "qid": str(i)}) for i in range(200))
    name = trials.sets.add("many.jsonl", "\n".join(rows)).name
    before = trials.runs()
    trials.start(name, 200)
    with pytest.raises(InputRefused, match="is being run"):
        trials.start(name, 1)
    trials.stop()

    assert ended(trials).state == "stopped"
    assert trials.runs() == before
    assert not [p for p in (archive.home / "evals").iterdir() if p.name.startswith("many")]
    trials.start(name, 1)
    assert ended(trials).state == "done"
    trials.remove(trials.standing.run_id)


def test_the_end_of_the_server_ends_a_run(archive: Desk) -> None:
    name = Trials(archive).sets.add("long.jsonl", "\n".join([json.dumps(CASE)] * 200)).name
    with TestClient(build_app(archive)) as client:
        asked = client.post("/page/quality/run", json={"name": name, "limit": 200})
        assert asked.is_success, asked.text
        assert [t.name for t in threading.enumerate()].count("trial") == 1

    assert "trial" not in [t.name for t in threading.enumerate()]
    assert not [p for p in (archive.home / "evals").iterdir() if p.name.startswith("long")]
    assert name in [path.name for path in CaseSets(archive.home).listing()]


def test_a_set_that_is_gone_meanwhile_fails_and_says_why(archive: Desk) -> None:
    trials = Trials(archive)
    name = trials.sets.add("gone.jsonl", json.dumps(CASE)).name
    trials.sets.path(name).write_text("broken")
    trials.start(name, 1)

    standing = ended(trials)
    assert standing.state == "failed" and "gone.jsonl" in standing.told
    trials.sets.remove(name)
    with pytest.raises(ArticleMissing):
        trials.start(name, 1)


def test_questions_are_drafted_from_the_archive(archive: Desk) -> None:
    told = client_of(archive).post("/page/quality/draft", json={"n": 5}).json()["told"]

    rows = CaseSets(archive.home).rows(told.split()[1].rstrip("."))
    assert rows and all(row["draft"] for row in rows)


def test_an_archive_without_articles_drafts_nothing(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, articles={})
    answer = client_of(desk).post("/page/quality/draft", json={"n": 5})

    assert answer.status_code == 422 and "add more articles" in answer.text
    desk.close()


def test_a_run_counts_its_own_calls_of_the_model_and_no_reader_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(body: dict[str, Any]) -> str:
        first = next(iter(faulty.ids_in(body["messages"][-1]["content"])))
        return f"The Arden bridge will cost 38 million euros. [{first}]"

    with faulty.FaultyServer(faulty.says(reply)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-1234567890")
        note = tmp_path / "bridge.txt"
        note.write_text(NEWS[0])
        with Desk.open(load_settings(home=tmp_path / "home"), create=True) as desk:
            desk.ingest([note])
            trials = Trials(desk)
            trials.start(trials.sets.add("q.jsonl", json.dumps(CASE)).name, 1)
            assert ended(trials).state == "done", trials.standing
            n_run = server.n_requests
            list(desk.ask(QUESTION))
            assert server.n_requests > n_run
            (run,) = trials.runs()
            assert run.report["cost"]["n_calls"] == n_run > 0
            pipeline = desk.answering.pipeline()
            assert pipeline.model is desk.answering._model
