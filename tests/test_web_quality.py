"""The Quality tab's routes: who sees what, who may do what, and what the command asks."""

import json
<<<<<<< HEAD
import threading
import time
from collections.abc import Iterator, MutableMapping
=======
>>>>>>> main
from dataclasses import replace
from typing import Any

import pytest

from rag.chats import Exchange, Feedback
from rag.schema import Answer, Question
from tests.canned import canned, hostile
from tests.fake_desk import FakeDesk
from tests.judging import CASE, client_of
from web.case_sets import CaseSets
from web.scoring import embedded_judge, score_unscored
<<<<<<< HEAD
from web.serve import build_app
from web.trials import Standing, Trials
from web.visitors import SCOPE_KEY, Visitor

QUESTION = "What will the Arden bridge cost?"
CASE = {"question": QUESTION, "answer": [["38 million", "38m"]]}
NEWS = (
    "Arden council votes on bridge\n\nThe council of Arden voted on Monday to repair the old "
    "bridge. The Arden bridge will cost 38 million euros, the mayor Ines Halvorsen said.",
    "Ferry for Lake Orrin\n\nThe ferry on Lake Orrin will run from May. Tamsin Gale will command "
    "the ferry, the harbour office of Orrin said on Friday.",
)


class As:
    """Everybody is this visitor."""

    def __init__(self, app: Any, visitor: Visitor) -> None:
        self._app = app
        self._visitor = visitor

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        scope[SCOPE_KEY] = self._visitor
        await self._app(scope, receive, send)


def client_of(desk: Any, name: str | None = "", role: Role = "editor") -> TestClient:
    """A client of the routes who is this visitor; None is nobody."""
    app = FastAPI()
    handle_errors(app)
    app.include_router(routes(desk, Asker(desk)))
    if name is not None:
        app.add_middleware(As, visitor=Visitor(name=name, role=role))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    desk = FakeDesk(tmp_path)
    yield desk
    desk.close()
=======
>>>>>>> main


def keep(desk: FakeDesk, answer: Answer, owner: str = "") -> Exchange:
    conversation = desk.chats.start(owner, answer.question.asked)
    added = desk.chats.add(conversation.conversation_id, owner, answer)
    score_all(desk)
    return desk.chats.exchange(added.exchange_id, owner)


def score_all(desk: Any) -> None:
    from threading import Event

    score_unscored(desk, embedded_judge(desk), Event())


# --- the answers given ---------------------------------------------------------------------------


def test_before_the_first_question_it_says_what_will_be_here(desk: FakeDesk) -> None:
    shown = client_of(desk).get("/page/quality").text

    assert "Nothing was asked yet." in shown and "byline-figures" not in shown


def test_a_reader_sees_their_own_answers_and_an_editor_all(desk: FakeDesk) -> None:
    keep(desk, canned("Is the bridge of ada closed?"), "ada")
    keep(desk, canned("Is the bridge of ben closed?"), "ben")

    of_ada = client_of(desk, "ada", "reader").get("/page/quality").text
    assert "bridge of ada" in of_ada and "bridge of ben" not in of_ada
    of_editor = client_of(desk, "eve").get("/page/quality").text
    assert "bridge of ada" in of_editor and "bridge of ben" in of_editor


def test_only_one_s_own_conversation_can_be_opened(desk: FakeDesk) -> None:
    kept = keep(desk, canned("Is it closed?"), "ada")
    link = f'href="?c={kept.conversation_id}#e-{kept.exchange_id}"'

    assert link in client_of(desk, "ada", "reader").get("/page/quality").text
    assert kept.conversation_id not in client_of(desk, "eve").get("/page/quality").text


def test_the_worst_is_shown_with_its_evidence_and_a_way_to_the_article(desk: FakeDesk) -> None:
    kept = keep(desk, canned("Is it closed?"))
    desk.chats.rate(kept.exchange_id, "", Feedback(rating="down", reason="outdated", note="Old."))
    shown = client_of(desk).get("/page/quality").text

    assert "900 million euros is not in the source" in shown
    assert "<mark>The bridge closes to cars in spring.</mark>" in shown
    assert 'data-article="a3"' in shown and 'data-marks="2-0-36"' in shown
    assert "thumb down: outdated" in shown and "Old." in shown


def test_only_the_time_asked_for_is_told(desk: FakeDesk) -> None:
    keep(desk, canned("Is it closed?"))
    with desk.database.writing() as connection:
        connection.execute("UPDATE exchanges SET asked_at = '2020-01-01T00:00:00+00:00'")
    client = client_of(desk)

    assert "Is it closed?" in client.get("/page/quality").text  # nothing newer is there
    of_month = client.get("/page/quality", params={"days": 30}).text
    assert "Is it closed?" not in of_month and "Nothing was asked in this time." in of_month
    keep(desk, canned("Is it open?"))
    assert "Is it closed?" not in client.get("/page/quality").text
    assert client.get("/page/quality", params={"days": -2}).status_code == 422


def test_what_waits_to_be_scored_is_said_and_asked_for_again(desk: FakeDesk) -> None:
    conversation = desk.chats.start("", "x")
    desk.chats.add(conversation.conversation_id, "", canned("x"))
    shown = client_of(desk).get("/page/quality").text

    assert 'data-busy="yes"' in shown and "1 answer still to be scored" in shown


def test_words_of_others_stay_words(desk: FakeDesk) -> None:
    words = "<img src=x onerror=alert(1)>\"'"
    kept = keep(desk, hostile(words))
    desk.chats.rate(kept.exchange_id, "", Feedback(rating="down", note=words))

    assert "<img" not in client_of(desk).get("/page/quality").text


# --- who may do what -----------------------------------------------------------------------------


def test_a_reader_can_neither_run_nor_change_anything(desk: FakeDesk) -> None:
    CaseSets(desk.home).add("mine.jsonl", json.dumps(CASE))
    reader = client_of(desk, "ada", "reader")

    for verb in ("run", "stop", "draft", "upload", "keep", "edit", "drop", "remove-set"):
        assert reader.post(f"/page/quality/{verb}", json={"name": "mine.jsonl"}).status_code == 403
    assert reader.get("/page/quality/set", params={"name": "mine.jsonl"}).status_code == 403
    assert "Run an evaluation" not in reader.get("/page/quality/runs").text
    assert CaseSets(desk.home).rows("mine.jsonl") == [CASE]


def test_only_our_own_page_can_do_something(desk: FakeDesk) -> None:
    client = client_of(desk)

    form = client.post("/page/quality/stop", data={"name": "x"})
    foreign = client.post("/page/quality/stop", json={}, headers={"sec-fetch-site": "cross-site"})
    assert (form.status_code, foreign.status_code) == (403, 403)


def test_who_is_nobody_sees_nothing(desk: FakeDesk) -> None:
    client = client_of(desk, None)

    for path in ("", "/runs", "/set?name=x", "/report?id=x", "/compare?before=x&after=y"):
        assert client.get(f"/page/quality{path}").status_code == 401, path


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("run", {"name": "none.jsonl", "limit": 1}),
        ("run", {"name": "../../etc/passwd", "limit": 1}),
        ("remove-run", {"name": "../sets"}),
        ("remove-run", {"name": "sets"}),
        ("remove-set", {"name": "../../desk.db"}),
        ("drop", {"name": "none.jsonl", "at": 0, "was": "x"}),
        ("dance", {}),
        ("run", {"name": 3, "limit": 1}),
        ("draft", {"n": True}),
        ("draft", {"n": 10**9}),
    ],
)
def test_what_is_not_there_is_refused(desk: FakeDesk, verb: str, body: dict[str, Any]) -> None:
    answer = client_of(desk).post(f"/page/quality/{verb}", json=body)

    assert answer.status_code in (404, 422)
    assert answer.json()["error"]["message"]
    assert (desk.home / "desk.db").exists()


def test_reports_are_read_from_finished_runs_alone(desk: FakeDesk) -> None:
    client = client_of(desk)

    for run_id in ("none", "../../desk.db", "..", ""):
        assert client.get("/page/quality/report", params={"id": run_id}).status_code == 404
        both = {"before": run_id, "after": run_id}
        assert client.get("/page/quality/compare", params=both).status_code == 404


<<<<<<< HEAD
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


# --- runs ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("news")
    for n, text in enumerate(NEWS):
        (folder / f"{n}.txt").write_text(text)
    home = tmp_path_factory.mktemp("archive") / "home"
    with Desk.open(Settings(home=home), create=True) as desk:
        desk.ingest([folder])
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
    assert "+0.000" in compared and 'data-change="worse"' not in compared
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


=======
>>>>>>> main
# --- the command, while a server holds the archive -----------------------------------------------


def test_the_command_asks_the_server_with_its_token(desk: FakeDesk) -> None:
    conversation = desk.chats.start("ada", "x")
    answer = replace(canned("x"), question=Question(asked="Is it closed?"))
    desk.chats.add(conversation.conversation_id, "ada", answer)
    client = client_of(desk)
    token = {"authorization": f"Bearer {desk.token}"}

    assert client.post("/v1/keep/chats", json={}).status_code == 401
    body = client.post("/v1/keep/chats", json={"since": "", "labels": True}, headers=token).json()
    assert (body["n"], body["n_unscored"], body["labels"]) == (1, 0, [])
    bad = client.post("/v1/keep/chats", json={"since": "soon"}, headers=token)
    assert bad.status_code == 422 and "is no day" in bad.text
