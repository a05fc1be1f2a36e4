"""The Quality tab in a real browser: scores, their proof, an evaluation and its report."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from rag.chats import Feedback
from rag.schema import AnswerEvent
from tests.browsing import STRAYS, Served, ask, fits, open_page, serving
from tests.canned import canned
from tests.fake_desk import FakeDesk
from tests.judging import QUESTION, news_desk
from web.desk import Desk
from web.scoring import embedded_judge, score_unscored

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with news_desk(tmp_path_factory.mktemp("archive")) as desk, serving(desk) as served:
        yield served


def opened(browser: "Browser", served: Served, width: int) -> "Page":
    page = open_page(browser, served.url, width, 900 if width > 800 else 844)
    page.get_by_role("tab", name="Quality").click()
    return page


def ask_and_rate(desk: Desk) -> None:
    """One good answer of this archive, and one with a refuted and an uncited sentence."""
    *_, event = desk.ask(QUESTION)
    assert isinstance(event, AnswerEvent)
    for answer, rating in ((event.answer, "up"), (canned("Will it be dear?"), "down")):
        conversation = desk.chats.start("", answer.question.asked)
        kept = desk.chats.add(conversation.conversation_id, "", answer)
        given = Feedback(rating=rating)  # type: ignore[arg-type]
        desk.chats.rate(kept.exchange_id, "", given)
    score_unscored(desk, embedded_judge(desk), Event())


def finish(page: "Page") -> None:
    assert STRAYS[page] == []
    page.context.close()


def test_from_nothing_to_the_worst_answer_and_its_proof(browser: "Browser", served: Served) -> None:
    page = opened(browser, served, 1440)
    page.wait_for_selector("#quality >> text=Nothing was asked yet.")
    ask_and_rate(served.desk)

    page.get_by_role("tab", name="Chat").click()
    page.get_by_role("tab", name="Quality").click()
    page.wait_for_selector("#quality .byline-figures")
    assert page.locator("#quality .byline-trend .dot").count() == 1
    worst = page.locator("#quality .byline-q-answer").first
    assert worst.locator("h4 a").inner_text() == "Will it be dear?"
    assert worst.locator("h4 a").get_attribute("href").startswith("?c=")  # type: ignore[union-attr]
    worst.locator("summary").click()
    assert "900 million euros is not in the source" in worst.inner_text()
    assert "The bridge closes to cars in spring." in worst.locator("mark").all_inner_texts()
    page.locator("#quality .byline-q-more[data-key=all] summary").click()
    assert "Exact quotes" in page.locator("#quality .byline-q-table").last.inner_text()
    page.get_by_role("button", name="7 days").click()
    page.wait_for_selector(".byline-q-span[data-days='7'][aria-pressed=true]")
    assert worst.locator("mark").first.is_visible()  # what was open stays open
    finish(page)


def test_a_set_is_drafted_looked_through_run_and_its_report_read(
    browser: "Browser", served: Served
) -> None:
    page = opened(browser, served, 1440)
    page.get_by_role("button", name="Evaluations").click()
    page.get_by_role("button", name="Draft").click()
    page.wait_for_selector("#quality .byline-q-told >> text=Look through it")

    page.get_by_role("button", name="Look through").click()
    page.wait_for_selector("#quality .byline-q-cases")
    n = page.locator(".byline-q-cases > li").count()
    first = page.locator(".byline-q-cases > li").first
    first.get_by_role("button", name="Edit").click()
    first.get_by_label("Question").fill(QUESTION)
    first.get_by_label("Answers").fill("38 million euros")
    first.get_by_role("button", name="Save").click()
    page.wait_for_selector(f".byline-q-cases h3 >> text={QUESTION}")
    drop = page.locator(".byline-q-cases > li").first.get_by_role("button", name="Drop")
    drop.click()
    page.get_by_role("button", name="Really drop?").click()
    page.wait_for_function(f"document.querySelectorAll('.byline-q-cases > li').length === {n - 1}")

    page.get_by_role("button", name="All runs").click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_selector(".byline-q-standing[data-state=done]", timeout=60_000)
    page.get_by_role("button", name="Read its report").click()
    page.wait_for_selector(".byline-q-report")
    assert "citation_recall" in page.locator(".byline-q-report").inner_text()
    page.get_by_role("button", name="All runs").click()
    page.locator(".byline-q-runs .byline-q-drop").click()
    page.get_by_role("button", name="Really delete?").click()
    page.wait_for_selector("#quality >> text=No evaluation was run yet.")
    finish(page)


def test_a_file_is_taken_in_and_a_bad_one_is_told(
    browser: "Browser", served: Served, tmp_path: Path
) -> None:
    page = opened(browser, served, 390)
    page.get_by_role("button", name="Evaluations").click()
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(f"question,answer\n{QUESTION},38 million\n")
    bad.write_text("a,b\n1,2\n")
    page.set_input_files("#quality [type=file]", str(bad))
    page.wait_for_selector("#quality .byline-q-told.is-bad >> text=bad.csv holds no question: line")
    page.set_input_files("#quality [type=file]", str(good))
    page.wait_for_selector("#quality .byline-q-told >> text=Took in good.csv.")
    assert "good.csv" in page.locator("[data-verb=run] select").inner_text()
    assert fits(page)
    finish(page)


def test_on_a_phone_all_fits_and_the_article_opens_at_the_words(
    browser: "Browser", served: Served
) -> None:
    if not served.desk.chats.every():
        ask_and_rate(served.desk)
    desk = served.desk
    good = next(e for e in desk.chats.every() if e.answer.question.asked == QUESTION)
    desk.chats.rate(good.exchange_id, "", Feedback(rating="down", reason="wrong source", marker=1))
    page = opened(browser, served, 390)
    answer = page.locator(f"#quality [data-key=answer-{good.exchange_id}]")
    answer.locator("summary").click()
    assert fits(page)
    assert "A reader says that source 1 is wrong" in answer.inner_text()
    answer.locator(".byline-open").first.click()
    page.wait_for_selector("#article mark[data-marker='1'].is-shown")
    finish(page)


def test_what_is_asked_in_the_chat_is_scored_and_leads_back_to_it(
    browser: "Browser", tmp_path: Path
) -> None:
    served = Served(FakeDesk(tmp_path))
    page = open_page(browser, served.url, 1440, 900)
    ask(page, "Will it be dear?")
    page.get_by_role("tab", name="Quality").click()
    link = page.locator("#quality .byline-q-answer h4 a")
    link.wait_for(timeout=60_000)  # once the answer is scored, in the background
    link.click()
    page.wait_for_selector("#transcript .byline-question >> text=Will it be dear?")
    finish(page)
    served.stop()
