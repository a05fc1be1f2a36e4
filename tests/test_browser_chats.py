"""Conversations in a real browser: kept, found, named, shared, rated, limited; panes and keys."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browsing import STRAYS, Served, answered, ask, fits, open_page, serving
from tests.canned import ARTICLES
from tests.fake_desk import FakeDesk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
FIRST = "What will the bridge repair cost?"
SECOND = "And the ferry?"
TURNS = "#transcript .byline-turn:visible .byline-question"
LISTED = ".byline-side .byline-talk"


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(FakeDesk(tmp_path_factory.mktemp("home"))) as served:
        yield served


@pytest.fixture
def page(browser: "Browser", served: Served) -> Iterator["Page"]:
    page = open_page(browser, served.url, 1440, 900)
    yield page
    assert STRAYS[page] == []
    page.context.close()


def _listed(page: "Page", n: int) -> list[str]:
    page.wait_for_function(f"document.querySelectorAll('{LISTED}').length === {n}")
    return page.locator(LISTED).all_inner_texts()


def test_conversations_are_listed_opened_and_found_by_what_was_asked(page: "Page") -> None:
    ask(page, FIRST)
    ask(page, SECOND)
    first = page.url
    page.locator(".byline-new").click()
    page.wait_for_selector(".byline-hero")
    assert "c=" not in page.url
    ask(page, "Will it really close?")
    assert _listed(page, 2) == ["Will it really close?", FIRST]

    page.locator(LISTED).last.click()
    page.wait_for_selector(f"{TURNS} >> text={SECOND}")
    assert page.locator(TURNS).all_inner_texts() == [FIRST, SECOND]
    assert page.url == first
    page.wait_for_selector("#sources .byline-source mark")
    page.go_back()
    page.wait_for_selector(f"{TURNS} >> text=Will it really close?")

    page.fill(".byline-find", "ferry")
    assert _listed(page, 1) == [FIRST]
    page.fill(".byline-find", "nothing like it")
    page.wait_for_selector("text=No conversation matches.")


def test_an_answer_goes_on_in_its_conversation_while_another_is_looked_at(
    page: "Page", served: Served
) -> None:
    ask(page, FIRST)
    page.locator(".byline-new").click()
    page.wait_for_selector(".byline-hero")
    page.fill("#question textarea", "a slow one")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#current [data-state=streaming]")
    page.locator(LISTED).first.click()
    page.wait_for_selector(f"{TURNS} >> text={FIRST}")

    page.wait_for_selector("#byline-toast", timeout=30_000)
    assert page.locator(TURNS).all_inner_texts() == [FIRST]
    page.locator(".byline-toast-do").click()
    page.wait_for_selector(f"{TURNS} >> text=a slow one")
    assert _listed(page, 2) == ["a slow one", FIRST]


def test_a_conversation_is_renamed_pinned_deleted_and_brought_back(page: "Page") -> None:
    ask(page, FIRST)
    page.locator(".byline-new").click()
    page.wait_for_selector(".byline-hero")
    ask(page, "Will it really close?")
    _listed(page, 2)

    def choose(nth: int, word: str) -> None:
        page.locator(".byline-side .byline-menu").nth(nth).click()
        page.get_by_role("menuitem", name=word, exact=True).click()

    choose(1, "Rename")
    page.fill("dialog input", "The bridge")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{LISTED} >> text=The bridge")
    choose(1, "Pin")
    page.wait_for_selector("li[data-pinned=yes] >> text=The bridge")
    assert _listed(page, 2)[0] == "The bridge"

    choose(0, "Delete")
    assert _listed(page, 1) == ["Will it really close?"]
    page.locator(".byline-toast-do").click()
    assert _listed(page, 2)[0] == "The bridge"
    page.reload()
    assert _listed(page, 2)[0] == "The bridge"


def test_a_link_is_read_by_others_until_it_is_taken_back(browser: "Browser", page: "Page") -> None:
    ask(page, FIRST)
    page.locator(".byline-talk-bar .byline-menu").click()
    page.get_by_role("menuitem", name="Share by link").click()
    link = page.input_value("dialog input")
    reader = browser.new_context().new_page()
    reader.goto(link)
    assert FIRST in reader.inner_text("body") and "million euros" in reader.inner_text("body")
    assert reader.locator("textarea, button, script").count() == 0
    page.get_by_role("button", name="Stop sharing").click()
    page.wait_for_selector("dialog", state="detached")
    gone = reader.goto(link)
    assert gone is not None and gone.status == 404
    reader.context.close()


def test_the_menu_is_worked_by_keys_and_gives_the_focus_back(page: "Page") -> None:
    ask(page, FIRST)
    button = page.locator(".byline-talk-bar .byline-menu")
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Rename"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Share by link"
    page.keyboard.press("Escape")
    assert page.locator("[role=menu]").count() == 0
    assert page.evaluate("document.activeElement.matches('.byline-talk-bar .byline-menu')")


def test_the_last_question_is_edited_in_place_and_an_older_one_is_asked_below(
    page: "Page",
) -> None:
    ask(page, FIRST)
    ask(page, SECOND)
    page.reload()
    page.wait_for_selector(f"{TURNS} >> text={SECOND}")
    page.locator("#past .byline-edit").last.click()
    page.fill(".byline-editing textarea", "Will it really close?")
    page.keyboard.press("Enter")
    answered(page, "Will it really close?")
    assert page.locator(TURNS).all_inner_texts() == [FIRST, "Will it really close?"]

    page.locator("#past .byline-again").first.click()
    answered(page, FIRST)
    both = [FIRST, "Will it really close?", FIRST]
    assert page.locator(TURNS).all_inner_texts() == both
    page.reload()
    page.wait_for_selector(TURNS)
    assert page.locator(TURNS).all_inner_texts() == both


def test_a_bad_answer_is_told_with_its_reason_and_kept(page: "Page", served: Served) -> None:
    ask(page, FIRST)
    page.locator("#current .byline-rate[data-rating=down]").click()
    page.check("input[value='wrong source']")
    page.select_option(".byline-why select", "2")
    page.fill(".byline-why [name=note]", "It is about another bridge")
    page.locator(".byline-why [type=submit]").click()
    page.wait_for_selector(".byline-why", state="detached")

    (kept,) = served.desk.chats.every()
    assert kept.feedback.rating == "down" and kept.feedback.reason == "wrong source"
    assert kept.feedback.marker == 2 and kept.feedback.note == "It is about another bridge"
    page.reload()
    pressed = page.locator("#past .byline-rate[data-rating=down][aria-pressed=true]")
    pressed.wait_for()
    pressed.click()
    page.wait_for_selector(".byline-rate[data-rating=down][aria-pressed=false]")
    assert served.desk.chats.every()[0].feedback is None


def test_a_chip_shows_its_words_on_focus_and_the_article_goes_from_mark_to_mark(
    page: "Page",
) -> None:
    ask(page, FIRST)
    chip = page.locator("#current .byline-cite").first
    chip.focus()
    peek = page.locator("#byline-peek")
    assert peek.is_visible()
    assert (chip.get_attribute("data-quote") or "-") in peek.inner_text()
    assert "The Harbour Courier" in peek.inner_text()
    assert chip.get_attribute("aria-describedby") == "byline-peek"
    page.keyboard.press("Enter")
    page.wait_for_selector("#article mark")
    assert not peek.is_visible()
    page.keyboard.press("Escape")

    page.evaluate(
        "() => { document.querySelector('#current .byline-cite').dataset.marks = '1-0-5,2-8-12'; }"
    )
    chip.click()
    page.wait_for_selector("#article .byline-marks:not([hidden])")
    shown = page.locator("#article mark.is-shown")
    assert shown.first.get_attribute("data-marker") == "1"
    page.keyboard.press("n")
    assert shown.first.get_attribute("data-marker") == "2"
    assert page.locator("#article output").inner_text() == "2 of 2"
    page.locator(".byline-step-mark").last.click()
    assert shown.first.get_attribute("data-marker") == "1"


def test_an_earlier_answer_shows_its_own_sources_again(page: "Page") -> None:
    ask(page, FIRST)
    ask(page, "Who painted it?")
    page.wait_for_selector("#sources >> text=Nothing is cited")
    page.locator("#past .byline-proof").click()
    page.wait_for_selector("#sources .byline-source mark")
    assert page.locator("#conflicts .byline-conflict").count() == 1


def test_limits_are_chips_that_stay_with_the_conversation(page: "Page", served: Served) -> None:
    outlet = ARTICLES["a1"].outlet or ""
    page.locator(".byline-scope-panel summary").click()
    page.fill("#since", "2026-01-02")
    page.fill("#outlets", outlet)
    page.press("#outlets", "Enter")
    chips = page.locator(".byline-scope-chip")
    assert chips.all_inner_texts() == ["From 2 January 2026", outlet]
    ask(page, FIRST)
    filters = served.desk.asked[-1][2]
    assert str(filters.since) == "2026-01-02" and filters.outlets == (outlet,)

    page.reload()
    page.wait_for_selector(".byline-scope-chip")
    assert chips.all_inner_texts() == ["From 2 January 2026", outlet]
    chips.last.click()
    page.wait_for_timeout(300)
    page.reload()
    page.wait_for_selector(".byline-scope-chip")
    assert chips.all_inner_texts() == ["From 2 January 2026"]
    page.locator(".byline-new").click()
    page.wait_for_selector(".byline-hero")
    assert chips.count() == 0

    page.evaluate("() => byline.limitTo([{article_id: 'a1', title: 'The bridge'}])")
    assert chips.all_inner_texts() == ["The bridge"]
    ask(page, SECOND)
    assert served.desk.asked[-1][2].articles == ("a1",)


def test_keys_reach_everything_and_leave_typing_alone(page: "Page") -> None:
    ask(page, FIRST)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.matches('#current .byline-cite')")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.matches('#question textarea')")
    page.keyboard.type("no?/")
    assert page.input_value("#question textarea") == "no?/"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.matches('.byline-find')")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert "Next source chip" in page.locator("dialog").inner_text()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")  # a moment after it is closed


def test_on_a_phone_the_panes_lie_over_the_chat(browser: "Browser", served: Served) -> None:
    page = open_page(browser, served.url, 390, 844)
    ask(page, FIRST)

    assert fits(page) and not page.locator("#sources").is_visible()
    page.locator(".byline-talk-bar [data-pane=proof]").click()
    page.wait_for_selector("#sources .byline-source mark", state="visible")
    assert fits(page)
    page.keyboard.press("Escape")
    assert not page.locator("#sources").is_visible()
    page.locator(".byline-talk-bar [data-pane=side]").click()
    page.locator(LISTED).first.click()
    page.wait_for_selector("#past .byline-turn")
    assert not page.locator(".byline-find").is_visible() and fits(page)
    page.context.close()


def test_panes_stay_folded_after_a_reload(page: "Page") -> None:
    page.locator(".byline-side-head .byline-fold").click()
    page.locator(".byline-proof-bar .byline-fold").click()
    assert not page.locator(".byline-find").is_visible()
    page.reload()
    page.wait_for_selector(".byline-hero")
    assert not page.locator(".byline-find").is_visible()
    assert not page.locator("#sources").is_visible()
    page.locator(".byline-talk-bar [data-pane=side]").click()
    page.locator(".byline-talk-bar [data-pane=proof]").click()
    assert page.locator(".byline-find").is_visible()
    assert page.locator("#sources").is_visible()


def test_six_tabs_of_one_browser_do_not_hang(browser: "Browser", served: Served) -> None:
    context = browser.new_context()
    pages = [context.new_page() for _ in range(6)]
    for page in pages:
        page.goto(served.url)
        page.wait_for_selector(".byline-hero", timeout=60_000)
    for n, page in enumerate(pages):
        page.fill("#question textarea", f"Question {n}?")
        page.click("#ask")
    for n, page in enumerate(pages):
        answered(page, f"Question {n}?")
    context.close()
