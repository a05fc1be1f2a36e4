"""A tour of Library, Quality and Settings, wide and on a phone, light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.chats import Feedback
from rag.schema import AnswerEvent
from tests.browsing import Served, answered, ask, serving
from tests.canned import canned
from tests.choosing import bare_desk
from tests.faulty import FaultyServer, endpoint, models, says
from tests.judging import NEWS, QUESTION
from tests.touring import View
from web.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
LIGHT, DARK = "rgb(251, 250, 248)", "rgb(22, 22, 20)"
STORY = "The quay at {name} was flooded on Monday. The repair will cost {n} million crowns."
UNREAD = "No text was left in it, and nothing can be read."


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("news")
    for n, text in enumerate(NEWS):
        (folder / f"{n}.txt").write_text(text)
    with bare_desk(tmp_path_factory.mktemp("archive") / "home") as desk:
        desk.ingest([folder])
        desk.start()
        with serving(desk) as served:
            yield served


@pytest.fixture
def page(view: View, served: Served) -> Iterator["Page"]:
    page = view.home(served.url)
    yield page
    view.check(page)


def find(page: "Page", title: str, n: int = 1) -> None:
    page.fill("#library-search :is(input, textarea)", title)
    page.wait_for_function(
        "([title, n]) => { const rows = [...document.querySelectorAll('#library tbody tr')];"
        " return rows.length === n && rows.every((row) => row.innerText.includes(title)); }",
        arg=[title, n],
    )


# --- library -------------------------------------------------------------------------------------


def test_articles_come_in_are_found_corrected_and_told_apart(
    view: View, page: "Page", served: Served, tmp_path: Path
) -> None:
    name = view.name.title().replace(" ", "-")
    view.library(page)
    view.check(page)
    for n in (1, 2):
        (tmp_path / f"{name}-{n}.txt").write_text(STORY.format(name=f"{name} {n}", n=38 + n))
    (tmp_path / f"{name}.png").write_text("no picture")
    page.set_input_files("#upload input[type=file]", [str(p) for p in sorted(tmp_path.iterdir())])
    problem = page.locator("#queue [data-heap=problems] li", has_text=f"{name}.png")
    problem.wait_for(timeout=60_000)
    assert ".png are not read" in problem.inner_text()
    assert problem.get_by_role("button", name="Retry").is_visible()
    problem.scroll_into_view_if_needed()
    view.check(page)

    find(page, name, 2)
    view.press(page.locator("#library .byline-chip[data-only=undated]"))
    page.wait_for_selector("#library .byline-chip[data-only=undated][aria-pressed=true]")
    page.select_option("#library [data-sort]", "title-last")
    page.wait_for_function(
        "(last) => document.querySelector('#library .byline-open').textContent.includes(last)",
        arg=f"{name}-2",
    )
    find(page, f"{name}-1")
    view.press(page.locator("#library [data-view=edit]"))
    page.fill("#edit-outlet", "Harbour Courier")
    page.fill("#edit-published_at", "2026-01-29")
    view.check(page)
    view.press(page.locator("#article [type=submit]"))
    page.wait_for_selector("#article", state="hidden")
    view.press(page.locator("#library .byline-chip[data-only=corrected]"))
    page.wait_for_selector("#library >> text=29 January 2026")
    assert "Harbour Courier" in page.inner_text("#library tbody")
    assert page.locator("#library >> text=set by hand").is_visible()  # where a date is from

    changed = STORY.format(name=f"{name} 1", n=77)
    (tmp_path / f"{name}-1.txt").write_text(changed)
    page.set_input_files("#upload input[type=file]", str(tmp_path / f"{name}-1.txt"))
    view.press(page.locator("#library >> text=Changed on"))
    page.wait_for_selector("#article .byline-diff ins")
    assert page.locator("#article details[open] .byline-diff del").all_inner_texts() == ["39"]
    assert page.locator("#article details[open] .byline-diff ins").all_inner_texts() == ["77"]
    view.check(page)
    view.press(page.locator(".byline-close"))
    view.press(page.locator("#library .byline-chip[data-only=all]"))


def test_articles_are_withdrawn_removed_and_brought_back(
    view: View, page: "Page", served: Served, tmp_path: Path
) -> None:
    name = "Mole-" + view.name.title().replace(" ", "-")
    for n in (1, 2, 3):
        (tmp_path / f"{name}-{n}.txt").write_text(STORY.format(name=f"{name} {n}", n=50 + n))
    view.library(page)
    page.set_input_files("#upload input[type=file]", [str(p) for p in tmp_path.iterdir()])
    find(page, name, 3)
    n_articles = served.desk.counts()[0]
    for n in (0, 1):
        view.press(page.locator("#library .byline-pick").nth(n))
    assert "2 selected" in page.locator("#library .byline-selected").inner_text()
    view.check(page)
    view.press(page.locator("#library [data-bulk=remove]"))
    page.wait_for_selector("#told >> text=Removed: 2 articles")
    view.check(page)
    view.press(page.locator("#told .byline-undo"))
    page.wait_for_selector("#told >> text=Back again: 2 articles")
    assert served.desk.counts()[0] == n_articles

    find(page, f"{name}-3")
    view.press(page.locator("#library [data-view=withdraw]"))
    page.fill("#withdraw-reason", f"Not so, {view.name}")
    view.check(page)
    view.press(page.locator("#article [type=submit]"))
    page.wait_for_selector("#told .byline-undo")
    view.press(page.locator("#library .byline-chip[data-only=withdrawn]"))
    page.wait_for_selector(f"#library >> text=Not so, {view.name}")
    view.check(page)
    view.press(page.locator("#library [data-verb=restore]").first)
    page.wait_for_selector("#library >> text=Nothing is withdrawn.")
    view.press(page.locator("#library .byline-chip[data-only=all]"))
    find(page, name, 3)


def test_addresses_and_feeds_are_queued_stopped_and_cancelled(
    view: View, page: "Page", served: Served
) -> None:
    served.desk.queue.pause()
    view.tab(page, "Library")
    page.locator("#library .byline-shelf[data-may-edit]").wait_for()
    if view.is_phone:  # there the articles come first
        adding = page.locator(".byline-adding")
        if adding.get_attribute("aria-expanded") == "true":
            view.press(adding)
        page.locator("#web").wait_for(state="hidden")
        view.press(adding)
    page.fill("#web-addresses", "/etc/passwd")
    view.press(page.locator("#web [type=submit]"))
    page.wait_for_selector("#web .byline-form-error >> text=is not a web address")
    view.check(page)
    page.fill("#web-addresses", "http://127.0.0.1:9/rss.xml")
    assert page.locator("#web select").input_value() == "feed"
    view.press(page.locator("#web [type=submit]"))
    row = page.locator("#queue li", has_text="rss.xml").first
    row.wait_for()
    page.wait_for_selector("#queue >> text=Paused by hand.")
    row.scroll_into_view_if_needed()
    view.check(page)
    view.press(row.get_by_role("button", name="Cancel"))
    page.wait_for_selector("#queue >> text=Cancelled")
    view.press(page.locator("#queue [data-verb=resume]"))
    page.wait_for_selector("#queue [data-verb=clear]")
    view.press(page.locator("#queue [data-verb=clear]"))
    row.wait_for(state="detached")


# --- quality -------------------------------------------------------------------------------------


def keep(desk: Desk, asked: str) -> None:
    """One good answer of this archive, and a bad one that a reader found bad."""
    *_, event = desk.ask(QUESTION)
    assert isinstance(event, AnswerEvent)
    for answer, rating in ((event.answer, "up"), (canned(asked), "down")):
        talk = desk.chats.start("", answer.question.asked)
        kept = desk.chats.add(talk.conversation_id, "", answer)
        given = Feedback(rating=rating, note=asked)  # type: ignore[arg-type]
        desk.chats.rate(kept.exchange_id, "", given)


def test_answers_are_scored_and_the_worst_is_shown_with_its_proof(
    view: View, page: "Page", served: Served
) -> None:
    from threading import Event

    from web.scoring import embedded_judge, score_unscored

    asked = f"Is it dear, {view.name}?"
    keep(served.desk, asked)
    score_unscored(served.desk, embedded_judge(served.desk), Event())
    view.tab(page, "Quality")
    page.wait_for_selector("#quality .byline-figures")
    assert page.locator("#quality .byline-trend .dot").count() == 1
    view.check(page)
    worst = page.locator("#quality .byline-q-answer", has_text=asked)
    worst.scroll_into_view_if_needed()
    view.press(worst.locator("summary"))
    assert "900 million euros is not in the source" in worst.inner_text()
    assert "The bridge closes to cars in spring." in worst.locator("mark").all_inner_texts()
    view.check(page)
    view.press(page.get_by_role("button", name="7 days"))
    page.wait_for_selector(".byline-q-span[data-days='7'][aria-pressed=true]")
    view.press(worst.locator("h4 a"))
    page.wait_for_selector(f"#transcript .byline-question >> text={asked}")


def test_an_evaluation_is_run_and_its_report_read_in_place(
    view: View, page: "Page", tmp_path: Path
) -> None:
    view.tab(page, "Quality")
    view.press(page.get_by_role("button", name="Evaluations"))
    name = f"{view.name.replace(' ', '-')}.csv"
    (tmp_path / name).write_text(f"question,answer\n{QUESTION},38 million\n")
    page.set_input_files("#quality [type=file]", str(tmp_path / name))
    page.wait_for_selector(f"#quality .byline-q-told >> text=Took in {name}.")
    page.select_option("[data-verb=run] select", name)
    view.check(page)
    view.press(page.get_by_role("button", name="Run", exact=True))
    page.wait_for_selector(f".byline-q-standing[data-state=done] >> text={name}", timeout=60_000)
    view.press(page.get_by_role("button", name="Read its report"))
    page.wait_for_selector(".byline-q-report")
    assert "citation_recall" in page.locator(".byline-q-report").inner_text()
    view.check(page)
    view.press(page.get_by_role("button", name="All runs"))
    page.wait_for_selector("[data-verb=run]")


# --- settings ------------------------------------------------------------------------------------


def test_a_model_is_found_tried_chosen_and_left_again(
    view: View, page: "Page", served: Served
) -> None:
    view.tab(page, "Settings")
    page.wait_for_selector("#settings .byline-settings")
    said = page.locator(".byline-leaving")
    assert "Nothing that you ask." in said.inner_text()
    view.check(page)
    canary = "sk-canary-70aa12"
    with FaultyServer(endpoint(models("small", "large"), says("I am ready."))) as server:
        view.press(page.locator("label:has([name=mode][value=llm])"))
        page.fill("#set-endpoint", server.url)
        page.fill("#set-key", canary)
        view.press(page.locator("[data-do=models]"))
        page.wait_for_selector("[data-outcome=models] >> text=has 2 models.")
        page.select_option(".byline-models", "small")
        view.press(page.locator("[data-do=test]"))
        page.wait_for_selector("[data-outcome=test][data-done=yes] >> text=I am ready.")
        assert f"127.0.0.1:{server.port} is sent" in said.inner_text()
        view.check(page)
        view.press(page.locator("label:has([name=judge][value=llm])"))
        view.press(page.locator("label:has([name=strict])"))
        page.select_option("#set-language", "fr")
        view.press(page.locator(".byline-saving [type=submit]"))
        page.wait_for_selector("[data-outcome=save] >> text=Saved.")
        now = served.desk.settings
        assert (now.llm_model, now.verifier, now.answer_language) == ("small", "llm", "fr")
        assert now.strict and canary not in page.content()
        view.check(page)
    view.press(page.locator("[data-do=reset]"))
    page.wait_for_selector("[data-outcome=save] >> text=in force again")
    assert served.desk.mode()[0] == "extractive"
    view.tab(page, "Chat")
    ask(page, QUESTION)
    answered(page, QUESTION)
    assert "38 million" in page.inner_text("#current")


def test_colours_and_sizes_are_chosen_and_remembered(
    view: View, page: "Page", served: Served
) -> None:
    view.tab(page, "Settings")
    page.wait_for_selector("#settings .byline-settings")
    other, paper = ("light", LIGHT) if view.scheme == "dark" else ("dark", DARK)
    mine = DARK if view.scheme == "dark" else LIGHT
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == mine
    view.press(page.locator(f"label:has([name=theme][value={other}])"))
    view.press(page.locator("label:has([name=size][value=larger])"))
    assert page.evaluate(ground) == paper
    view.reload(page)
    page.wait_for_selector(".byline-hero")
    assert page.evaluate(ground) == paper
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    assert page.evaluate("document.documentElement.scrollWidth <= screen.width")
    view.tab(page, "Settings")
    view.press(page.locator("label:has([name=theme][value=''])"))
    view.press(page.locator("label:has([name=size][value=''])"))
    page.wait_for_function(f"() => {ground} === '{mine}'")
