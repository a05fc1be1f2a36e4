"""The page without a browser: what is mounted, what a turn shows, uploads, the library."""

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.chats import Chats, Exchange
from rag.schema import Answer, Citation, Evidence, Question, Sentence, Verdict
from tests.canned import ARTICLES
from tests.fake_desk import FakeDesk
from web.answering import answer_question
from web.asking import Ask, Asker
from web.chatting import history_of
from web.examples import examples_for
from web.serve import build_app
from web.shelf import hero_html, masthead_html
from web.uploading import keep_uploads, safe_name
from web.visitors import LOCAL, Visitor


def _all(steps: AsyncIterator[Any]) -> list[Any]:
    async def gather() -> list[Any]:
        return [step async for step in steps]

    return asyncio.run(gather())


def _turn(desk: FakeDesk, question: Any, sent: Any = None, visitor: Visitor = LOCAL) -> list[Any]:
    kept: list[int] = []
    return _all(answer_question(desk, Asker(desk), kept.append, question, sent, visitor))  # type: ignore[arg-type]


def _talked(desk: FakeDesk, *questions: str) -> str:
    """A conversation in which these were asked."""
    conversation = ""
    for question in questions:
        _turn(desk, question, {"conversation": conversation})
        conversation = conversation or desk.chats.listing("")[0].conversation_id
    return conversation


def _is_skipped(value: Any) -> bool:
    return isinstance(value, dict) and value.get("__type__") == "update"


# --- the application -----------------------------------------------------------------------------


def test_page_and_api_are_served_together(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_TEMP_DIR"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    with TestClient(build_app(desk)) as client:  # type: ignore[arg-type]
        page = client.get("/")
        config = client.get("/config").json()

        assert page.status_code == 200 and "frame-ancestors 'none'" in str(page.headers)
        assert "fonts.googleapis" not in page.text and "cdn" not in page.text
        assert client.get("/v1/articles").status_code == 200
        assert client.get("/v1/none").status_code == 404
        ids = {c["props"].get("elem_id") for c in config["components"]}
        assert {"question", "ask", "transcript", "sources", "conflicts", "library", "upload"} <= ids
        assert config["analytics_enabled"] is False and config["connect_heartbeat"] is False
        assert desk.token not in page.text + str(config)


def test_files_of_the_machine_are_not_served(desk: FakeDesk, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hush-hush")
    with TestClient(build_app(desk)) as client:  # type: ignore[arg-type]
        for path in (str(secret), "/etc/passwd", "../../etc/passwd", "pyproject.toml"):
            response = client.get(f"/gradio_api/file={path}")
            assert response.status_code in (403, 404) and "hush" not in response.text


# --- a turn --------------------------------------------------------------------------------------


def test_a_turn_shows_its_steps_then_sentences_then_sources(desk: FakeDesk) -> None:
    desk.pause_s = 0.15  # what comes at once is shown at once
    steps = _turn(desk, "What will it cost?")
    shown = [s[1] for s in steps]

    assert all(s[0] == gr.skip() for s in steps), "the browser empties the box"
    assert 'data-state="streaming"' in shown[0]
    assert "Searching 3 articles…" in shown[1] and "Found 3 passages" in shown[2]
    assert any("Checking sentence 2" in s and s.count("byline-sentence") == 1 for s in shown)
    assert 'data-state="done"' in shown[-1] and shown[-1].count("byline-verdict") == 3
    assert "byline-source" in steps[-1][2] and "The sources disagree" in steps[-1][3]
    (kept,) = desk.chats.listing("")
    assert kept.title == "What will it cost?"
    (exchange,) = desk.chats.exchanges(kept)
    assert f'data-exchange="{exchange.exchange_id}"' in shown[-1]
    assert f'data-conversation="{kept.conversation_id}"' in shown[0]


def test_the_conversation_goes_along(desk: FakeDesk) -> None:
    talk = _talked(desk, "a?")
    _turn(desk, "And when?", {"conversation": talk})

    (role, said), (other, told) = ((t.role, t.content) for t in desk.asked[-1][1])
    assert (role, said, other) == ("user", "a?", "assistant")
    assert told.startswith("Repairs will cost 38 million euros")
    assert len(desk.chats.exchanges(desk.chats.get(talk, ""))) == 2


def test_a_conversation_whose_only_answer_was_stopped_can_be_gone_on_with(
    desk: FakeDesk,
) -> None:
    _turn(desk, "What will it cost?", {"conversation": "abcdefghijklmnop"})

    assert [c.conversation_id for c in desk.chats.listing("")] == ["abcdefghijklmnop"]
    for strange in ("x", "../../etc/passwd", "a b c d e f g h "):
        assert "not here" in _turn(desk, "x", {"conversation": strange})[-1][1]


def test_what_is_asked_again_takes_the_place_of_the_last_answer(desk: FakeDesk) -> None:
    talk = _talked(desk, "a?", "b?")
    last = desk.chats.exchanges(desk.chats.get(talk, ""))[-1]
    _turn(desk, "c?", {"conversation": talk, "again": last.exchange_id})

    kept = desk.chats.exchanges(desk.chats.get(talk, ""))
    assert [e.answer.question.asked for e in kept] == ["a?", "c?"]
    assert [t.content for t in desk.asked[-1][1] if t.role == "user"] == ["a?"]


def test_a_conversation_of_another_is_neither_read_nor_written(desk: FakeDesk) -> None:
    talk = _talked(desk, "a?")
    n_asked = len(desk.asked)
    last = _turn(desk, "b?", {"conversation": talk}, Visitor(name="ann", role="reader"))[-1]

    assert "not here" in last[1] and len(desk.asked) == n_asked


def test_an_answer_that_cannot_be_kept_is_shown_all_the_same(desk: FakeDesk) -> None:
    desk.chats = Chats(desk.database)
    desk.database.connection.execute("DROP TABLE exchanges")
    last = _turn(desk, "What will it cost?")[-1]

    assert 'data-state="done"' in last[1] and "is not kept" in last[1]


def test_a_wording_of_the_reader_is_searched_with_and_shown(desk: FakeDesk) -> None:
    steps = _turn(desk, "And now?", {"wording": "What will the repair cost now?"})

    assert desk.worded == ["What will the repair cost now?"]
    shown = [s[1] for s in steps]
    assert "Searched for" in shown[2] and "Searched for" in shown[-1]
    assert desk.asked[0][0] == "And now?"


def test_markers_go_on_from_those_of_the_conversation(desk: FakeDesk) -> None:
    talk = _talked(desk, "What will it cost?")
    desk.pause_s = 0.15  # what comes at once is shown at once
    steps = _turn(desk, "And the ferry?", {"conversation": talk})

    for shown in (steps[-2][1], steps[-1][1]):  # while it comes, and whole
        sentences = shown.split("byline-banner")[0]
        assert re.findall(r'byline-cite" data-marker="(\d+)"', sentences) == ["4", "1"]
    assert {"1", "3", "4"} == set(re.findall(r'cite" data-marker="(\d+)"', steps[-1][2]))


@given(n=st.integers(0, 40))
@settings(max_examples=8, deadline=None)
def test_no_number_is_given_twice_however_long_the_conversation(n: int) -> None:
    exchanges = [_cites(place) for place in range(n)]
    history = history_of(exchanges)
    cited = [c for said in history for c in said.get("cited", ())]

    Ask.model_validate({"question": "x", "history": history})
    assert {c["marker"] for c in cited} == set(range(1, n + 1))
    assert len(cited) == n


def _cites(place: int) -> Exchange:
    quote = Evidence(article_id="a1", start=place, end=place + 1, text="x")
    answer = Answer(
        question=Question(asked="x"),
        sentences=(
            Sentence(
                text="x",
                citations=(Citation(marker=place + 1, evidence=quote),),
                verdict=Verdict(label="supported", score=1.0),
            ),
        ),
        articles=ARTICLES,
    )
    now = datetime.now(UTC)
    return Exchange(exchange_id=place + 1, conversation_id="c", asked_at=now, answer=answer)


def test_filters_of_the_page_reach_the_desk_and_stay_with_the_conversation(
    desk: FakeDesk,
) -> None:
    scope = {"since": "2026-01-01", "until": "", "outlets": ["Northern Ledger"]}
    _turn(desk, "x", {"scope": scope | {"languages": ["en"]}})

    filters = desk.asked[0][2]
    assert str(filters.since) == "2026-01-01" and filters.until is None
    assert filters.outlets == ("Northern Ledger",) and filters.languages == ("en",)
    assert desk.chats.listing("")[0].scope == filters


@pytest.mark.parametrize(
    ("question", "sent", "told"),
    [
        ("x" * 5_000, {}, "at most 4000"),
        ("x", {"history": []}, "history"),
        ("x", "nonsense", "cannot be used"),
        ("x", {"scope": {"since": "soon"}}, "since"),
        ("x", {"again": "one"}, "again"),
        ("fail", {}, "did not answer"),
        ("crash", {}, "Something went wrong"),
    ],
)
def test_what_goes_wrong_is_told_in_the_turn(
    desk: FakeDesk, question: str, sent: Any, told: str
) -> None:
    last = _turn(desk, question, sent)[-1]

    assert 'data-state="failed"' in last[1] and told in last[1]
    assert "Request " in last[1] and "secret" not in last[1]
    assert _is_skipped(last[2])  # what was found stays
    assert last[0] == question or question in ("fail", "crash")  # a refused one can be mended


def test_passages_already_found_stay_when_the_model_fails(desk: FakeDesk) -> None:
    steps = _turn(desk, "fail")

    assert any("Found, not cited" in s[2] for s in steps if isinstance(s[2], str))


@pytest.mark.parametrize("question", ["", "   ", None])
def test_an_empty_box_changes_nothing(desk: FakeDesk, question: Any) -> None:
    (only,) = _turn(desk, question)

    assert all(map(_is_skipped, only)) and not desk.asked


def test_leaving_closes_the_answer(desk: FakeDesk) -> None:
    desk.pause_s = 0.05

    async def leave() -> None:
        turn = answer_question(desk, Asker(desk), int, "x", {}, LOCAL)  # type: ignore[arg-type]
        await anext(turn)
        await anext(turn)
        await turn.aclose()  # type: ignore[attr-defined]  # a generator
        await asyncio.sleep(0.4)

    asyncio.run(leave())
    assert desk.n_closed == 1


# --- the archive on the page ---------------------------------------------------------------------


def test_the_masthead_says_how_much_there_is_and_how_answers_are_made(desk: FakeDesk) -> None:
    shown = masthead_html(desk)  # type: ignore[arg-type]

    assert "3 articles" in shown and "no language model" in shown


def test_examples_are_about_the_newest_articles_each_of_another_story(tmp_path: Path) -> None:
    texts = {
        "old": "The Fenwick Bridge will cost 12 million euros.",
        "new": "Arden Motors will open a plant in Corran in June.",
        "again": "Arden Motors will open its plant in Corran in July.",
        "vague": "A similar bill was passed by the council of Corran on Friday.",
    }
    days = {"old": 1, "new": 9, "again": 8, "vague": 7}
    desk = FakeDesk(tmp_path, {})
    for name, text in texts.items():
        day = datetime(2026, 5, days[name], tzinfo=UTC)
        desk.put(replace(ARTICLES["a1"], article_id=name, text=text, published_at=day, title=None))

    plant, bridge = examples_for(desk)  # type: ignore[arg-type]
    assert plant.startswith("When will Arden Motors open a plant in Corran")
    assert "Fenwick Bridge" in bridge
    assert hero_html(desk).count("byline-example") == 2  # type: ignore[arg-type]


def test_an_empty_archive_offers_upload(tmp_path: Path, desk: FakeDesk) -> None:
    assert "byline-example" in hero_html(desk)  # type: ignore[arg-type]
    empty = hero_html(FakeDesk(tmp_path, {}))  # type: ignore[arg-type]
    assert 'data-tab="Library"' in empty and "byline-example" not in empty


# --- uploads -------------------------------------------------------------------------------------


def _uploaded(folder: Path, name: str, text: str) -> str:
    path = folder / "incoming" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def test_uploads_are_kept_under_their_names_and_queued_one_by_one(
    desk: FakeDesk, tmp_path: Path
) -> None:
    paths = [
        _uploaded(tmp_path, "Ärger am Hafen.txt", "Rain fell."),
        _uploaded(tmp_path, "empty.txt", ""),
    ]
    assert keep_uploads(desk, paths) == ""  # type: ignore[arg-type]

    kept = desk.home / "uploads" / "Ärger am Hafen.txt"
    assert kept.read_text() == "Rain fell."
    assert [(Path(j.source).name, j.state) for j in desk.jobs()] == [
        ("empty.txt", "skipped"),
        (kept.name, "done"),
    ]
    assert not any(Path(p).exists() for p in paths) and len(list(kept.parent.iterdir())) == 2


def test_a_file_over_the_limit_is_not_queued_and_the_others_are(
    desk: FakeDesk, tmp_path: Path
) -> None:
    desk.settings = desk.settings.model_copy(update={"max_upload_mb": 1})
    large = _uploaded(tmp_path, "large.txt", "x" * 1_100_000)
    told = keep_uploads(desk, [large, _uploaded(tmp_path, "a.txt", "Rain.")])  # type: ignore[arg-type]

    assert "Larger than 1 MB" in told and "a.txt" not in told
    assert [Path(j.source).name for j in desk.jobs()] == ["a.txt"]
    assert not (desk.home / "uploads" / "large.txt").exists()


def test_of_two_files_with_one_name_the_first_is_taken(desk: FakeDesk, tmp_path: Path) -> None:
    paths = [_uploaded(tmp_path / n, "a.txt", f"Rain {n}.") for n in ("one", "two")]
    told = keep_uploads(desk, paths)  # type: ignore[arg-type]

    assert "the same name" in told
    assert (desk.home / "uploads" / "a.txt").read_text() == "Rain one."


def test_an_upload_never_writes_through_a_link(desk: FakeDesk, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    (desk.home / "uploads").mkdir(parents=True)
    (desk.home / "uploads" / "a.txt").symlink_to(victim)
    keep_uploads(desk, [_uploaded(tmp_path, "a.txt", "Rain.")])  # type: ignore[arg-type]

    assert victim.read_text() == "mine"
    assert stat.S_ISREG((desk.home / "uploads" / "a.txt").lstat().st_mode)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("A.txt", "A.txt"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\win.ini", "win.ini"),
        (".bashrc", "bashrc"),
        ("...", "article.txt"),
        ("a\x00b\n.txt", "a_b_.txt"),
        ("<img src=x>.html", "_img src_x_.html"),
        ("x" * 300 + ".txt", "x" * 120 + ".txt"),
        ("Zürich – Wahl.md", "Zürich _ Wahl.md"),
    ],
)
def test_names_are_made_safe(name: str, kept: str) -> None:
    assert safe_name(name) == kept
