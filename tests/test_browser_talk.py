"""A conversation in a real browser: rewording, next questions, what is near, stable markers."""

from typing import TYPE_CHECKING

import pytest

from tests.browsing import STRAYS, Served, answered, ask, fits, open_page
from tests.canned import COST, FERRY, SUGGESTED

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
FIRST = "What will the bridge repair cost?"
WIDTHS = (1440, 390)
TURNS = "#transcript .byline-turn:visible"


def _opened(browser: "Browser", served: Served, width: int) -> "Page":
    return open_page(browser, served.url, width, 900 if width > 800 else 844)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_question_searched_for_can_be_changed_and_asked_again(
    browser: "Browser", served: Served, width: int
) -> None:
    page = _opened(browser, served, width)
    ask(page, FIRST)
    ask(page, "And the ferry?")
    shown = page.locator("#current .byline-searched .byline-standalone")
    assert shown.inner_text() == "Is there a ferry while the bridge is closed?"

    page.locator("#current .byline-searched .byline-reword").focus()
    page.keyboard.press("Enter")
    box = page.locator("#current .byline-rewording textarea")
    assert box.input_value() == "Is there a ferry while the bridge is closed?"
    assert page.evaluate("document.activeElement.matches('.byline-rewording textarea')")
    page.keyboard.press("Escape")
    assert box.count() == 0
    assert page.evaluate("document.activeElement.matches('.byline-reword')")

    page.keyboard.press("Enter")
    box.fill("When will a ferry sail?")
    assert fits(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#current [data-state=done] >> text=When will a ferry sail?")
    assert served.desk.worded[-1] == "When will a ferry sail?"
    asked, history, _ = served.desk.asked[-1]
    assert asked == "And the ferry?" and [t.content for t in history if t.role == "user"] == [FIRST]
    # It took the place of the turn that it was changed in.
    assert page.locator(f"{TURNS} .byline-question").all_inner_texts() == [FIRST, "And the ferry?"]
    ask(page, "Will it really close?")
    assert served.desk.worded[-1] == "" and page.locator(TURNS).count() == 3
    assert STRAYS[page] == []
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_marker_stays_with_its_words_through_the_conversation(
    browser: "Browser", served: Served, width: int
) -> None:
    page = _opened(browser, served, width)
    ask(page, FIRST)
    ask(page, "And the ferry?")

    chips = page.locator(f"{TURNS} .byline-sentence .byline-cite")
    assert chips.all_inner_texts() == ["1", "2", "1", "4", "1"]
    cited = served.desk.asked[-1][1][1].cited
    assert (COST.article_id, COST.start, COST.end) in {
        (p.article_id, p.start, p.end) for p in cited
    }
    page.locator("#current .byline-cite").first.click()
    page.wait_for_selector('#article mark[data-marker="4"]')
    assert page.locator('#article mark[data-marker="4"]').inner_text() == FERRY.text
    page.keyboard.press("Escape")
    assert set(page.locator("#sources .byline-cite").all_inner_texts()) == {"1", "3", "4"}

    page.reload()  # the numbers outlive it
    page.wait_for_selector("#past .byline-cite")
    ask(page, FIRST)
    assert chips.all_inner_texts() == ["1", "2", "1", "4", "1", "1", "2", "1"]
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_next_questions_are_asked_by_click_and_by_key(
    browser: "Browser", served: Served, width: int
) -> None:
    page = _opened(browser, served, width)
    ask(page, "Will it really close?")
    assert "Sources differ" in page.locator("#current .byline-short").inner_text()
    assert page.locator("#current .byline-point").all_inner_texts() == ["Yes", "No"]
    assert page.locator("#current .byline-suggestion").all_inner_texts() == list(SUGGESTED)
    assert fits(page)

    page.locator("#current .byline-suggestion").last.click()
    answered(page, SUGGESTED[1])
    assert page.locator("#past .byline-suggestion:visible").count() == 0

    ask(page, "What colour is it?")
    page.locator("#current .byline-suggestion").first.focus()
    page.keyboard.press("Enter")
    answered(page, SUGGESTED[0])
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_near_is_no_source_and_opens_at_its_words(
    browser: "Browser", served: Served, width: int
) -> None:
    page = _opened(browser, served, width)
    ask(page, "What colour is it?")

    near = page.locator("#current .byline-nearest")
    assert "which do not answer this" in near.inner_text()
    assert "Near, but not answered" in page.locator("#current .byline-refusal").inner_text()
    assert page.locator("#current .byline-cite").count() == 0
    assert page.locator("#sources .byline-source").count() == 0
    near.locator(".byline-open").first.click()
    page.wait_for_selector("#article mark")
    assert page.locator("#article mark").inner_text() == FERRY.text
    assert fits(page)
    page.context.close()


def test_the_conversation_outlives_other_tabs(browser: "Browser", served: Served) -> None:
    page = _opened(browser, served, 1440)
    ask(page, FIRST)
    page.fill("#question textarea", "a slow one")
    page.click("#ask")
    page.wait_for_selector("#current [data-state=streaming]")
    page.get_by_role("tab", name="Library").click()
    page.wait_for_selector("#library .byline-library")
    page.wait_for_selector("#current [data-state=done]", state="attached", timeout=30_000)
    page.get_by_role("tab", name="Chat").click()
    answered(page, "a slow one")

    assert page.locator(f"{TURNS} .byline-question").all_inner_texts() == [FIRST, "a slow one"]
    ask(page, "And the ferry?")
    assert len(served.desk.asked[-1][1]) == 4
    page.context.close()
