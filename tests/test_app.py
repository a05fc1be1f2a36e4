"""The command line keeps its contract: results on stdout, notes on stderr, exit codes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import app
from rag.errors import ArticleMissing, BylineError

ROOT = Path(__file__).parents[1]
QUESTION = "Did China approve the sale of H200 chips?"


def byline(
    *words: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=100,
        env={**clean_environment(), **(env or {})},
    )


def clean_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("BYLINE_", "OPENAI_"))}


def inside(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> str:
    """A command run in this process; what it prints."""
    capsys.readouterr()
    done = app.cli([str(word) for word in words], standalone_mode=False)
    assert (done or 0) == code
    return capsys.readouterr().out


def output(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("archive") / "home"
    report = output(byline("ingest", ROOT / "samples/articles", "--home", home, "--json"))
    assert {item["outcome"] for item in report["items"]} == {"added"}
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "serve", "--port", str(port), "--home", str(home)],
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process)
        yield url, process
    finally:
        process.kill()
        process.wait()


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended before it was ready"
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not become ready within 30 s")


def check_quotes(body: dict[str, Any], home: Path) -> None:
    articles = {a["article_id"]: a for a in output(byline("sources", "--home", home, "--json"))}
    for number, citation in enumerate(body["citations"], 1):
        assert citation["marker"] == number
        assert citation["article_id"] in articles
        assert len(citation["quote"]) == citation["end"] - citation["start"]


def test_help_says_what_there_is() -> None:
    done = byline("--help")

    assert done.returncode == 0
    assert all(c in done.stdout for c in ("ingest", "ask", "serve", "sources", "remove", "doctor"))


def test_ask_before_ingest_says_what_to_do(tmp_path: Path) -> None:
    done = byline("ask", QUESTION, "--home", tmp_path / "none")

    assert done.returncode == 2
    assert "byline ingest" in done.stderr and "Traceback" not in done.stderr


def test_bad_date_and_unknown_setting_are_refused(home: Path) -> None:
    assert "not a date" in byline("ask", QUESTION, "--since", "soon", "--home", home).stderr
    done = byline("sources", "--home", home, env={"BYLINE_HOEM": "x"})
    assert done.returncode == 2 and "BYLINE_HOEM" in done.stderr


def test_unchanged_articles_are_not_embedded_again(home: Path) -> None:
    report = output(byline("ingest", ROOT / "samples/articles", "--home", home, "--json"))

    assert {item["outcome"] for item in report["items"]} == {"unchanged"}
    assert report["n_passages"] == 0


def test_skipped_file_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(
        "A headline\n\nThe mill in Orrin closed on Monday, it said.\n"
    )
    (tmp_path / "empty.txt").write_text(" \n")

    done = byline("ingest", tmp_path / "good.txt", tmp_path / "empty.txt", "--home", tmp_path / "h")

    assert done.returncode == 1
    assert "empty.txt" in done.stderr and "1 added" in done.stderr


def test_ask_prints_the_contract(home: Path) -> None:
    body = output(byline("ask", QUESTION, "--home", home, "--json"))

    assert body["schema"] == 1 and body["question"] == QUESTION and not body["abstained"]
    assert all(s["verdict"]["label"] in ("supported", "contested") for s in body["sentences"])
    assert {c["kind"] for c in body["conflicts"]} >= {"status"}
    check_quotes(body, home)


def test_ask_in_words(home: Path) -> None:
    done = byline("ask", QUESTION, "--home", home)

    assert done.returncode == 0
    assert "[1]" in done.stdout and "Harbour Ledger" in done.stdout


def test_foreign_text_cannot_steer_a_terminal_or_a_locale(tmp_path: Path) -> None:
    home, evil = tmp_path / "h", tmp_path / "\x1b[31mred\nline.txt"
    evil.write_text("The mill in Orrin closed on Monday \u2013 for good, its owner said.\n")
    narrow = {"PYTHONIOENCODING": "latin-1"}

    added = byline("ingest", evil, tmp_path / "\x1b[2Jgone.txt", "--home", home)
    listed = byline("sources", "--home", home)
    asked = byline("ask", "When did the Orrin mill close?", "--home", home, env=narrow)
    words = ("ask", "When did the Orrin mill close?", "--home", home, "--json")

    assert added.returncode == 1 and "\x1b" not in added.stderr + listed.stdout + asked.stdout
    assert len(listed.stdout.splitlines()) == 1
    assert asked.returncode == 0 and "Monday ? for" in asked.stdout
    assert "\u2013 for" in output(byline(*words, env=narrow))["answer"]


def test_a_fault_of_ours_is_not_taken_for_a_skipped_file(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(app, "_settings", broken)
    monkeypatch.setattr(sys, "argv", ["byline", "sources", "--json"])

    with pytest.raises(SystemExit) as left:
        app.main()

    told = json.loads(capfdbinary.readouterr().out)
    assert left.value.code == 2 and "no such luck" in told["error"]["message"]


def test_silence_has_a_reason_and_no_sources(home: Path) -> None:
    body = output(byline("ask", "Who won the 2022 World Cup final?", "--home", home, "--json"))

    assert body["abstained"] and body["reason"] and body["sentences"] == []
    assert body["citations"] == [] and body["conflicts"] == [] and body["answer"] == body["reason"]


def test_filters_keep_to_days_and_outlets(home: Path) -> None:
    words = ("--outlet", "Northwater News Agency", "--home", home, "--json")
    body = output(byline("ask", "How many people died on the ferry?", *words))

    articles = {a["article_id"]: a for a in output(byline("sources", "--home", home, "--json"))}
    outlets = {articles[r["article_id"]]["outlet"] for r in body["retrieved"]}
    assert outlets == {"Northwater News Agency"}


def test_removed_article_is_gone(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "h"
    output(byline("ingest", ROOT / "samples/articles", "--home", own, "--json"))
    path = ROOT / "samples/articles/chips-approved.txt"

    gone = output(byline("remove", path, "--home", own, "--json"))

    body = output(byline("ask", QUESTION, "--home", own, "--json"))
    assert gone["article_id"] not in {r["article_id"] for r in body["retrieved"]}
    assert byline("remove", path, "--home", own).returncode == 2


def test_an_archive_is_kept_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = partial(inside, capsys)
    home, note = tmp_path / "home", tmp_path / "note.txt"
    note.write_text("Quarry to reopen\n\nThe quarry at Osthamn will reopen in May, the owner said.")
    json.loads(call("ingest", note, "--home", home, "--json"))

    fixed = json.loads(call("correct", note, "--outlet", "The Herald", "--home", home, "--json"))
    assert (fixed["outlet"], fixed["revision"]) == ("The Herald", 2)
    again = json.loads(call("ingest", note, "--home", home, "--json"))
    assert [item["outcome"] for item in again["items"]] == ["unchanged"]
    told = call("history", note, "--home", home)
    assert "revision 1" in told and "outlet: unknown -> The Herald" in told
    assert "revision 2, changed" in call("sources", "--home", home)

    json.loads(call("withdraw", note, "--reason", "an error", "--home", home, "--json"))
    assert json.loads(call("sources", "--home", home, "--json")) == []
    (gone,) = json.loads(call("sources", "--withdrawn", "--home", home, "--json"))
    assert (gone["title"], gone["reason"]) == ("Quarry to reopen", "an error")
    refused = json.loads(call("ingest", note, "--home", home, "--json", code=1))
    assert "an error" in refused["items"][0]["reason"]
    with pytest.raises(ArticleMissing, match=r"withdrawn on .* an error"):
        call("remove", note, "--home", home)
    json.loads(call("restore", note, "--home", home, "--json"))
    assert (
        json.loads(call("ingest", note, "--home", home, "--json"))["items"][0]["outcome"] == "added"
    )


def test_the_queue_can_be_filled_steered_and_worked_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = partial(inside, capsys)
    home, note = tmp_path / "home", tmp_path / "note.txt"
    note.write_text("The quarry at Osthamn will reopen in May, the owner said.")
    with pytest.raises(BylineError, match="nothing is queued"):
        call("ingest", "--home", home)

    queued = json.loads(
        call("ingest", note, tmp_path / "x.txt", "--no-wait", "--home", home, "--json")
    )
    assert [job["state"] for job in queued["jobs"]] == ["queued", "queued"]
    json.loads(call("queue", "cancel", "2", "--home", home, "--json"))
    json.loads(call("queue", "pause", "--home", home, "--json"))
    with pytest.raises(BylineError, match="byline queue resume"):
        call("ingest", "--home", home)
    json.loads(call("queue", "resume", "--home", home, "--json"))

    report = json.loads(call("ingest", "--home", home, "--json"))
    assert [item["outcome"] for item in report["items"]] == ["added"]
    body = json.loads(call("queue", "--home", home, "--json"))
    assert [(job["job_id"], job["state"]) for job in body["jobs"]] == [
        (2, "cancelled"),
        (1, "done"),
    ]
    (item,) = json.loads(call("queue", "show", "1", "--home", home, "--json"))["items"]
    assert item["source"] == str(note)
    with pytest.raises(BylineError, match="there is no job 7"):
        call("queue", "retry", "7", "--home", home)
    assert json.loads(call("queue", "clear", "--home", home, "--json"))["jobs"] == []


def test_doctor_looks_at_all_parts(home: Path) -> None:
    findings = output(byline("doctor", "--home", home, "--json"))

    assert {f["check"] for f in findings} >= {"embedder", "verifier", "archive", "answers"}
    assert all(f["ok"] for f in findings)


def test_a_verifier_that_cannot_work_is_refused_and_doctor_says_so(home: Path) -> None:
    asked = byline("ask", QUESTION, "--home", home, env={"BYLINE_VERIFIER": "llm"})
    done = byline("doctor", "--home", home, "--json", env={"BYLINE_VERIFIER": "./none"})

    assert asked.returncode and "BYLINE_VERIFIER is llm, but no language model" in asked.stderr
    (finding,) = [f for f in json.loads(done.stdout) if f["check"] == "verifier"]
    assert not finding["ok"] and "./none, and there is no such folder" in finding["detail"]


def test_commands_ask_the_server_that_holds_the_home(
    home: Path, server: tuple[str, "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    url, _ = server
    (tmp_path / "more.txt").write_text("Mill news\n\nThe Orrin paper mill closed on Monday.\n")

    asked = byline("ask", QUESTION, "--home", home, "--json")
    added = output(byline("ingest", tmp_path / "more.txt", "--home", home, "--json"))
    listed = output(byline("sources", "--home", home, "--json"))
    removed = output(byline("remove", added["items"][0]["article_id"], "--home", home, "--json"))

    assert url in asked.stderr and output(asked)["citations"]
    assert added["items"][0]["outcome"] == "added"
    assert added["items"][0]["article_id"] in {a["article_id"] for a in listed}
    assert removed["article_id"] == added["items"][0]["article_id"]
    assert byline("remove", "nothing", "--home", home).returncode == 2
    assert byline("serve", "--home", home).returncode == 2
    assert "stop the server" in byline("ingest", ".", "--rebuild", "--home", home).stderr


def test_busy_port_is_one_sentence(server: tuple[str, object], tmp_path: Path) -> None:
    port = server[0].rsplit(":", 1)[1]

    done = byline("serve", "--port", port, "--home", tmp_path / "other")

    assert done.returncode == 2 and port in done.stderr and "Traceback" not in done.stderr
    told = output(byline("serve", "--port", port, "--home", tmp_path / "other", "--json"), 2)
    assert port in told["error"]["message"] and told["error"].keys() >= {"hint", "request_id"}


def test_terminated_server_leaves_cleanly(home: Path, server: tuple[str, Any]) -> None:
    _, process = server

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=10) == 0
    assert output(byline("ask", QUESTION, "--home", home, "--json"))["citations"]


def test_ask_never_imports_what_is_slow(home: Path) -> None:
    slow = "torch sentence_transformers transformers gradio llama_index openai trafilatura".split()
    code = (
        "import sys, app; sys.argv[1:] = ['ask', 'Did China approve?', '--home', sys.argv[1]];"
        "\ntry: app.main()\nexcept SystemExit: pass\n"
        f"print(sorted(set(sys.modules) & set({slow!r})), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )

    assert done.stderr.strip().splitlines()[-1] == "[]"
