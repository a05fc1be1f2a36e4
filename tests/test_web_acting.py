"""What a visitor may do: which sources can be named, and what becomes of wrong requests."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.settings import Settings
from tests.canned import ARTICLES
from tests.fake_desk import FakeDesk
from web.acting import act
from web.addresses import kind_of_address, sources_of
from web.desk import Desk
from web.views import library_html
from web.visitors import LOCAL, Visitor


def do(desk: FakeDesk, verb: str, **given: Any) -> str:
    return act(desk, {"verb": verb, **given}, LOCAL).html()  # type: ignore[arg-type]


def withdrawn(desk: FakeDesk) -> str:
    return library_html(desk, "", "added", "withdrawn")  # type: ignore[arg-type]


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a.example/news/1", "page"),
        ("https://a.example/the-sitemap-of-life", "page"),
        ("https://a.example/sitemap.xml", "sitemap"),
        ("https://a.example/news-sitemap-2026.xml.gz", "sitemap"),
        ("https://a.example/feed/", "feed"),
        ("https://a.example/rss.xml", "feed"),
        ("https://a.example/world/atom?x=1", "feed"),
        ("https://a.example/newsfeed-outage", "page"),
    ],
)
def test_the_kind_of_an_address_is_guessed(url: str, kind: str) -> None:
    assert kind_of_address(url) == kind


def test_addresses_become_sources() -> None:
    typed = " https://a.example/1\nhttps://a.example/rss https://a.example/1 b.example/2 "

    assert sources_of(typed, "guess") == (
        "https://a.example/1",
        "feed:https://a.example/rss",
        "https://b.example/2",
    )
    assert sources_of("http://a.example/x", "sitemap") == ("sitemap:http://a.example/x",)


@pytest.mark.parametrize(
    "typed",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "C:\\Windows\\win.ini",
        "file:///etc/passwd",
        "feed:/etc/passwd",
        "feed:file:///etc/passwd",
        "~/x.txt",
        "ftp://a.example/x",
        "javascript:alert(1)",
        "//a.example/x",
        "https:///etc/passwd",
        "https://a.example/x\x00y",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["guess", "page", "feed", "sitemap"])
def test_no_path_of_the_machine_becomes_a_source(desk: FakeDesk, typed: str, kind: str) -> None:
    told = do(desk, "add", addresses=typed, kind=kind)

    assert 'data-done="no"' in told and desk.jobs() == ()


def test_a_source_of_an_unknown_kind_is_refused(desk: FakeDesk) -> None:
    assert 'data-done="no"' in do(desk, "add", addresses="https://a.example", kind="path")
    assert "1,001 addresses" in do(
        desk, "add", addresses=" ".join(f"https://a.example/{n}" for n in range(1_001))
    )


# --- what people do ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"verb": "submit", "sources": ["/etc/passwd"]},
        {"verb": "remove"},
        {"verb": "remove", "article": "/tmp/radio-note.txt"},
        {"verb": "remove", "article": ["a1"]},
        {"verb": "withdraw", "article": "a1", "reason": "x" * 301},
        {"verb": "correct", "article": "a1", "values": {}},
        {"verb": "correct", "article": "a1", "values": {"path": "/etc/passwd"}},
        {"verb": "correct", "article": "a1", "values": {"published_at": "soon"}},
        {"verb": "correct", "article": "a1", "values": "outlet"},
        {"verb": "retry", "job": "-1"},
        {"verb": "retry", "job": "9" * 30},
        {"verb": "cancel", "job": {}},
        {"verb": "restore", "article": "a1"},
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(desk: FakeDesk, data: Any) -> None:
    before = desk.store
    told = act(desk, data, LOCAL)  # type: ignore[arg-type]

    assert not told.is_done and told.message and "Traceback" not in told.html()
    assert desk.store == before and desk.jobs() == ()


def test_a_refused_correction_names_its_field(desk: FakeDesk) -> None:
    told = do(desk, "correct", article="a1", values={"published_at": "soon"})

    assert 'data-field="published_at"' in told and "Published: " in told
    assert "data-field" not in do(desk, "correct", article="a1", values={})


def test_a_corrected_field_stays_when_the_article_is_read_again(
    desk: FakeDesk, tmp_path: Path, client: TestClient
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Rain.")
    desk.queue.submit([str(path)])
    told = do(desk, "correct", article="a.txt", values={"outlet": "Hill Post", "title": "Wet"})
    path.write_text("More rain.")
    desk.queue.submit([str(path)])

    assert "Corrected: Wet" in told and desk.article("a.txt").outlet == "Hill Post"
    form = client.get("/page/edit?id=a.txt").text
    assert form.count("set by hand") == 2 and 'value="Hill Post"' in form
    assert "As the article said" in form and 'data-verb="uncorrect"' in form
    do(desk, "uncorrect", article="a.txt")
    assert desk.article("a.txt").outlet is None
    assert "As the article said" not in client.get("/page/edit?id=a.txt").text


def test_a_withdrawn_article_is_listed_and_restored(desk: FakeDesk, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Rain.")
    desk.queue.submit([str(path)])
    do(desk, "withdraw", article="a.txt", reason="The outlet <retracted> it")

    shown = withdrawn(desk)
    assert "The outlet &lt;retracted&gt; it" in shown and 'data-verb="restore"' in shown
    assert "a.txt" not in desk.store
    assert "being read again" in do(desk, "restore", article="a.txt")
    assert "a.txt" in desk.store and "Nothing is withdrawn" in withdrawn(desk)


def test_nobody_waits_for_the_whole_queue_to_correct_an_article(tmp_path: Path) -> None:
    lead = "The town council of Arden met on Monday evening and spoke about many items. " * 40
    paths = []
    for n in range(60):
        paths.append(tmp_path / f"{n}.txt")
        paths[-1].write_text(f"Item {n}. {lead}")
    with Desk.open(Settings(home=tmp_path / "home"), create=True) as desk:
        desk.ingest(paths[:1])
        (article,) = desk.listing()
        desk.start()
        ids = desk.queue.submit([str(path) for path in paths[1:]])
        while not desk.queue.status().counts.get("running"):
            time.sleep(0.01)
        desk.holdings.correct(article.article_id, {"outlet": "Arden Post"})

        assert not all(job.ended for job in desk.jobs_of(ids))
        jobs = desk.queue.wait(ids, None)
        assert {job.state for job in jobs} == {"done"}
        assert desk.article(article.article_id).outlet == "Arden Post"
        assert desk.counts()[0] == 60


@pytest.mark.parametrize("url", ["/etc/passwd", "feed:/etc/passwd", "file:///etc/passwd", None])
def test_restoring_follows_no_address_that_is_none(
    desk: FakeDesk, tmp_path: Path, url: str | None
) -> None:
    desk.put(replace(ARTICLES["a1"], url=url, path=str(tmp_path / "gone.txt")))
    do(desk, "withdraw", article="a1")

    assert "upload it again" in do(desk, "restore", article="a1").lower()
    assert desk.jobs() == () and desk.withdrawn() == ()


def test_what_was_packed_is_restored_from_its_archive(desk: FakeDesk, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("packed")
    desk.put(replace(ARTICLES["a1"], path=str(tmp_path / "a.zip" / "inner" / "b.txt")))
    do(desk, "withdraw", article="a1")

    assert "being read again" in do(desk, "restore", article="a1")
    assert [job.source for job in desk.jobs()] == [str(tmp_path / "a.zip")]


def test_a_reader_changes_nothing(desk: FakeDesk) -> None:
    reader = Visitor(name="ann", role="reader")
    [article_id, *_] = desk.store

    told = act(desk, {"verb": "remove", "article": article_id}, reader)  # type: ignore[arg-type]

    assert not told.is_done
    assert "Readers cannot" in told.message
    assert article_id in desk.store
    assert act(desk, {"verb": "look"}, reader).is_done  # type: ignore[arg-type]
