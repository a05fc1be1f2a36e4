"""The library without a browser: shelves, queue, and what a visitor may do."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.jobs import Item
from rag.schema import Article
from tests.calling import api_of
from tests.canned import ARTICLES
from tests.fake_desk import FakeDesk
from tests.shelving import do, queue, shelf
from web.intake import source_name
from web.visitors import Visitor

SHARED = Path(__file__).resolve().parents[2] / "shared"


def titles(shown: str) -> list[str]:
    return re.findall(r'class="byline-open"[^>]*>([^<]*)<', shown)


def copies(n: int, **known: Any) -> list[Article]:
    return [
        replace(ARTICLES["a1"], article_id=f"n{i:03}", title=f"T{i:03}", **known) for i in range(n)
    ]


# --- the shelves ---------------------------------------------------------------------------------


def test_the_library_finds_by_title_outlet_and_file(desk: FakeDesk) -> None:
    assert len(titles(shelf(desk))) == 3
    for search in ("COUNCIL bridge", "northern", "radio-note"):
        assert len(titles(shelf(desk, search))) == 1
    assert "No article matches" in shelf(desk, "absent")
    assert "from its “updated” line" in shelf(desk)


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("added", "radio-note.txt"),
        ("added-first", "Council"),
        ("title", "radio-note.txt"),
        ("title-last", "Council"),
        ("outlet", "Builders"),
        ("outlet-last", "Council"),
        ("date", "Builders"),
        ("date-first", "Council"),
        ("nonsense", "radio-note.txt"),
    ],
)
def test_the_library_is_sorted(desk: FakeDesk, sort: str, first: str) -> None:
    assert titles(shelf(desk, sort=sort))[0].startswith(first)


def test_a_long_library_is_turned_page_by_page(desk: FakeDesk) -> None:
    desk.put(*copies(420))
    pages = [titles(shelf(desk, "T", "title", offset=n)) for n in (0, 200, 400)]

    assert [len(page) for page in pages] == [200, 200, 23]
    assert len({title for page in pages for title in page}) == 423
    second = shelf(desk, offset=200)
    assert "201–400 of 423" in second and second.count("of 3</label>") == 2  # above, and below
    assert re.findall('type="number" min="1" max="3"[^>]*value="([0-9]+)"', second) == ["2", "2"]
    assert 'data-offset="-200" disabled' in shelf(desk)


def test_chips_choose_what_people_have_to_look_at(desk: FakeDesk) -> None:
    desk.put(*copies(5, group_id="g"))
    desk.put(replace(ARTICLES["a2"], revision=2, text="New words.", content_hash="new"))
    do(desk, "correct", article="a3", values={"outlet": "Radio Nord"})

    assert titles(shelf(desk, only="undated")) == ["radio-note.txt"]
    assert titles(shelf(desk, only="changed")) == [ARTICLES["a2"].title]
    assert titles(shelf(desk, only="corrected")) == ["radio-note.txt"]
    assert "Corrected: outlet" in shelf(desk, only="corrected")
    assert len(titles(shelf(desk, only="reprints"))) == 5
    assert "1 original, 4 reprints" in shelf(desk, only="reprints")
    assert len(titles(shelf(desk, group_of="n001"))) == 5
    assert "Nothing is withdrawn." in shelf(desk, only="withdrawn")


def test_an_unsure_date_is_said_to_be(desk: FakeDesk) -> None:
    desk.put(replace(ARTICLES["a1"], date_source="url", date_confidence="low"))

    assert "low: from the address" in shelf(desk)


def test_an_empty_library_says_so(tmp_path: Path) -> None:
    shown = shelf(FakeDesk(tmp_path, {}))

    assert "No articles yet" in shown and "<table" not in shown


# --- the queue -----------------------------------------------------------------------------------


def test_every_file_is_told_and_problems_come_first(desk: FakeDesk, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Rain fell.")
    (tmp_path / "empty.txt").write_text("")
    assert 'data-busy="no"' in queue(desk) and "<h3" not in queue(desk)
    desk.queue.submit([str(tmp_path / "good.txt"), str(tmp_path / "empty.txt")])
    shown = queue(desk)

    assert "2 done, 1 with problems" in shown and "Retry all (1)" in shown
    assert shown.index("Problems") < shown.index("It holds no text") < shown.index("Finished")
    assert re.search(r'data-outcome="added".*Added', shown)


def test_a_pause_is_told_with_its_reason_and_what_waits_can_be_cancelled(desk: FakeDesk) -> None:
    desk.queue.pause("paused: 900 MiB of memory are in use")
    desk.queue.submit([f"https://a.example/{n}" for n in range(30)])
    shown = queue(desk)

    assert "Paused: 900 MiB of memory are in use. Nothing is lost." in shown
    assert "0 of 30 done" in shown and "Resume" in shown and "and 22 more" in shown
    assert shown.count('data-verb="cancel"') == 8
    assert queue(desk, "waiting").count('data-verb="cancel"') == 30
    assert do(desk, "cancel", job="1") == "" and "0 of 29" not in shown
    do(desk, "resume")
    assert "Retry all (29)" in queue(desk) and "Cancelled" in queue(desk)


def test_a_mended_file_is_retried(desk: FakeDesk, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("")
    (job_id,) = desk.queue.submit([str(path)])
    path.write_text("Rain.")
    do(desk, "retry", job=str(job_id))

    assert "1 done, no problems" in queue(desk)
    do(desk, "clear")
    assert "done" not in queue(desk)


def test_the_items_of_a_job_are_listed_problems_first(desk: FakeDesk, client: TestClient) -> None:
    desk.kept.submit(["/x/many.jsonl"])
    job = desk.kept.take()
    assert job is not None
    good = [Item(source=f"/x/many.jsonl:{n}", outcome="added", title=f"T{n}") for n in range(3)]
    bad = Item(source="/x/many.jsonl:9", outcome="skipped", reason="the line is not valid JSON")
    desk.kept.note({job.job_id: [(item, 1) for item in (*good, bad)]})
    desk.kept.finish(job.job_id)

    assert "3 added, 1 skipped" in queue(desk) and f'data-job="{job.job_id}"' in queue(desk)
    shown = client.get("/page/job", params={"id": job.job_id}).text
    assert shown.index("not valid JSON") < shown.index("T0") and ">9<" in shown.split("T0")[0]
    assert client.get("/page/job", params={"id": 999}).status_code == 404


def test_the_bar_counts_what_is_done_of_the_source_that_is_read(desk: FakeDesk) -> None:
    desk.kept.submit(["/x/many.jsonl", "/x/b.txt"])
    job = desk.kept.take()
    assert job is not None
    desk.kept.expect(job.job_id, 8)
    item = Item(source="/x/many.jsonl:1", outcome="added")
    desk.kept.note({job.job_id: [(item, 1)] * 2})
    shown = queue(desk)

    assert 'max="2" value="0.25"' in shown and "Reading 2 of 8" in shown
    assert "0 of 2 done · 2.0 a second · about 3 s left" in shown


def test_an_unchanged_queue_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/page/queue")
    again = client.get("/page/queue", headers={"if-none-match": first.headers["etag"]})

    assert first.status_code == 200 and again.status_code == 304 and not again.content


def test_sources_are_called_as_people_know_them() -> None:
    uploads = Path("/home/x/uploads")

    assert source_name("/home/x/uploads/a.txt", uploads) == "a.txt"
    assert source_name("/home/y/a.txt", uploads) == "/home/y/a.txt"
    assert source_name("/srv/paper/desk/2026/a.txt", uploads) == "…/2026/a.txt"
    assert source_name("feed:https://a.example/rss", uploads) == "Feed https://a.example/rss"


# --- selecting, undoing, reading -----------------------------------------------------------------


def test_several_are_removed_or_withdrawn_at_once_and_come_back(desk: FakeDesk) -> None:
    told = do(desk, "remove", articles=["a1", "a2", "a1"])
    assert "Removed: 2 articles" in told and list(desk.store) == ["a3"]
    token = re.search('data-verb="undo" data-token="([^"]+)"', told)
    assert token is not None
    assert "Back again: 2 articles" in do(desk, "undo", token=token[1])
    assert sorted(desk.store) == ["a1", "a2", "a3"]
    assert "cannot be undone any more" in do(desk, "undo", token=token[1])

    told = do(desk, "withdraw", articles=["a1", "a3"], reason="Retracted")
    assert "Withdrawn: 2 articles" in told and "They are in the list of withdrawn." in told
    assert shelf(desk, only="withdrawn").count("Retracted") == 2


@pytest.mark.parametrize(
    "articles", [[], "a1", [7], ["a1", "/etc/passwd"], ["a1", "absent"], ["a1"] * 1_001, None]
)
def test_a_selection_that_does_not_fit_changes_nothing(desk: FakeDesk, articles: Any) -> None:
    told = do(desk, "remove", articles=articles)

    assert 'data-done="no"' in told and "undo" not in told and len(desk.store) == 3


def test_a_reader_is_offered_nothing_that_would_be_refused(desk: FakeDesk) -> None:
    do(desk, "withdraw", article="a2", reason="Retracted")
    reader = Visitor(name="ann", role="reader")
    with TestClient(api_of(desk, visitor=reader)) as client:
        told = [
            client.get(f"/page/library?only={only}").text
            for only in ("all", "withdrawn", "corrected", "undated")
        ]
        told += [client.get("/page/article?id=a1").text, client.get("/page/history?id=a1").text]
        assert client.get("/page/edit?id=a1").status_code == 403
        assert client.get("/page/withdraw?id=a1").status_code == 403
    page = "".join(told)

    for deed in ("edit", "withdraw", "remove", "restore"):
        assert not re.search(f'data-(view|verb|bulk)="{deed}"', page), deed
    assert "byline-remove" not in page and 'data-may-edit="no"' in page
    assert "Ask only this" in page and 'data-bulk="ask"' in page


def test_an_editor_is(desk: FakeDesk, client: TestClient) -> None:
    page = client.get("/page/library").text + client.get("/page/article?id=a1").text

    for deed in ("edit", "withdraw", "remove"):
        assert re.search(f'data-(view|bulk)="{deed}"', page), deed
    assert 'data-focus="edit-published_at">Wrong date?' in page
    undated = client.get("/page/article?id=a3").text
    assert 'data-focus="edit-published_at">Set the date' in undated
    assert 'data-focus="edit-updated_at"' in client.get("/page/article?id=a2").text


def test_an_empty_library_says_what_to_do(tmp_path: Path) -> None:
    empty = FakeDesk(tmp_path / "empty", {})
    reader = Visitor(name="ann", role="reader")

    assert "Add some on this page" in shelf(empty)
    assert "Add some" not in shelf(empty, visitor=reader) and "No articles" in shelf(
        empty, visitor=reader
    )
    assert "Show all articles" in shelf(empty, "absent")
