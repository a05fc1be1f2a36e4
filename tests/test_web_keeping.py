"""Keeping an archive over JSON: every verb checks its body, and a server gives the same answers."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag.errors import ArticleMissing, BylineError, InputRefused
from rag.settings import Settings
from web.api import handle_errors, routes
from web.asking import Asker
from web.beside import steer
from web.desk import Desk
from web.keeping import VERBS, keep

TEXT = "The paper mill in Orrin closed on Monday, its owner said. {} people worked there."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk.open(Settings(home=tmp_path / "home"), create=True) as desk:
        desk.ingest([written(tmp_path, 90)])
        yield desk


def written(folder: Path, n: int) -> Path:
    path = folder / "mill.json"
    path.write_text(json.dumps({"title": "Mill", "text": TEXT.format(n), "outlet": "Post"}))
    return path


def test_an_article_and_its_past(desk: Desk, tmp_path: Path) -> None:
    path = written(tmp_path, 95)
    desk.ingest([path])
    ref = str(path)

    told = keep(desk, "revisions", {"ref": ref})["revisions"]
    assert [(a["revision"], a["text"]) for a in told] == [
        (1, TEXT.format(90)),
        (2, TEXT.format(95)),
    ]
    fixed = keep(desk, "correct", {"ref": ref, "values": {"outlet": "Herald"}})
    assert (fixed["outlet"], fixed["revision"]) == ("Herald", 3)
    assert keep(desk, "uncorrect", {"ref": ref})["outlet"] == "Post"
    keep(desk, "withdraw", {"ref": ref, "reason": "wrong"})
    (gone,) = keep(desk, "withdrawn", {})["withdrawn"]
    assert (gone["title"], gone["reason"], gone["status"]) == ("Mill", "wrong", "withdrawn")
    with pytest.raises(ArticleMissing, match="wrong"):
        desk.article(ref)
    with pytest.raises(ArticleMissing, match="wrong"):
        desk.article(gone["article_id"])  # as an old answer names it
    keep(desk, "restore", {"ref": ref})
    desk.ingest([path])
    assert desk.article(ref).revision == 1


def test_what_an_answer_cites_says_which_revision(desk: Desk, tmp_path: Path) -> None:
    desk.ingest([written(tmp_path, 95)])
    from rag.render_json import to_json
    from rag.schema import AnswerEvent

    *_, last = desk.ask("How many people worked at the paper mill in Orrin?")

    assert isinstance(last, AnswerEvent)
    citations = to_json(last.answer)["citations"]
    assert {c["revision"] for c in citations} == {2}
    assert any("95" in c["quote"] for c in citations)


def test_a_path_stands_for_all_that_came_out_of_it(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    rows = ({"id": n, "title": f"Mill {n}", "text": TEXT.format(n)} for n in range(3))
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    desk.ingest([folder])

    taken = keep(desk, "withdraw", {"ref": str(folder), "reason": "wrong"})["articles"]
    assert [a["title"] for a in taken] == ["Mill 0", "Mill 1", "Mill 2"]
    assert desk.counts()[0] == 1
    back = keep(desk, "restore", {"ref": str(folder / "rows.jsonl")})
    assert len(back["articles"]) == 3 and back["status"] == "restored"
    desk.ingest([folder])
    assert len(desk.holdings.remove_all(str(folder))) == 3
    assert desk.counts()[0] == 1


def test_what_people_decided_outlives_a_rebuild(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    bad, good = tmp_path / "bad.txt", tmp_path / "good.txt"
    bad.write_text("The mill was sold for nine crowns, a visitor said.")
    good.write_text("The quarry at Osthamn will reopen in May, the owner said.")
    with Desk.open(settings, create=True) as desk:
        desk.ingest([bad, good])
        desk.holdings.withdraw(str(bad), "libel")
        desk.holdings.correct(str(good), {"outlet": "Herald"})
    with Desk.open(settings, create=True, rebuild=True) as desk:
        report = desk.ingest([bad, good])

        assert [item.outcome for item in report.items] == ["skipped", "added"]
        assert desk.article(str(good)).outlet == "Herald"


def test_a_queue_that_another_process_fills_is_steered_beside_it(
    desk: Desk, tmp_path: Path
) -> None:
    (job_id,) = desk.queue.submit([str(tmp_path / "mill.json")])

    assert steer(desk.home, "remove", {}) is None
    told = steer(desk.home, "pause", {})
    assert told is not None and told["status"]["paused"] == "paused by hand"
    with pytest.raises(BylineError, match="queue resume"):
        desk.ingest([tmp_path / "mill.json"])
    steer(desk.home, "resume", {})
    cancelled = steer(desk.home, "cancel", {"job_id": job_id})
    assert cancelled is not None and cancelled["jobs"][0]["state"] == "cancelled"
    with pytest.raises(InputRefused):
        steer(desk.home, "cancel", {"job_id": job_id})
    with pytest.raises(ArticleMissing):
        steer(desk.home, "job", {"job_id": 99})
    desk.close()
    assert steer(desk.home, "queue", {}) is None  # nobody holds it: open it instead


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "body", [{}, {"ref": 1, "job_id": "x", "sources": "x"}, {"ref": "x", "job_id": 99}]
)
def test_a_body_that_does_not_fit_is_refused_or_harmless(
    desk: Desk, verb: str, body: dict[str, Any]
) -> None:
    with suppress(InputRefused, ArticleMissing):  # anything else is a fault of ours
        json.dumps(keep(desk, verb, body))
    assert desk.counts()[0] == 1


def test_no_such_verb(desk: Desk) -> None:
    with pytest.raises(InputRefused, match="these are: submit"):
        keep(desk, "drop", {})


def test_a_server_keeps_for_those_who_have_its_token(desk: Desk) -> None:
    app = FastAPI()
    handle_errors(app)
    app.include_router(routes(desk, Asker(desk)))
    client = TestClient(app)
    key = {"authorization": f"Bearer {desk.token}"}

    assert client.post("/v1/keep/withdrawn", json={}).status_code == 401
    assert client.post("/v1/keep/withdrawn", json={}, headers=key).json()["withdrawn"] == []
    assert client.post("/v1/keep/drop", json={}, headers=key).status_code == 422
    assert client.post("/v1/keep/queue", json=[], headers=key).status_code == 422
    (job,) = client.get("/v1/jobs").json()["jobs"]
    assert (job["state"], job["counts"]) == ("done", {"added": 1})
