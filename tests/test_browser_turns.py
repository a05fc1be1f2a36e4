"""Turns without a whole answer in a real browser: stopped, failed, asked again; keys put off."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.schema import Event, SentenceEvent
from tests.browsing import STRAYS, Served, fits, open_page
from tests.fake_desk import FakeDesk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
FIRST = "What will the bridge repair cost?"
SECOND = "And the ferry?"
TURNS = "#transcript .byline-turn:visible"
STOPPED_TURN = "[data-state=stopped]"
STOPPED = f"{TURNS}{STOPPED_TURN}"
MENU = ".byline-talk-bar .byline-menu:visible"
WIDE, PHONE = (1440, 900), (390, 844)


class HoldingDesk(FakeDesk):
    """Says no more after a sentence until it may go on."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.go_on = threading.Event()
        self.go_on.set()

    def _events(self, asked: str, standalone: str) -> Iterator[Event]:
        for event in super()._events(asked, standalone):
            yield event
            if isinstance(event, SentenceEvent):
                self.go_on.wait(60)


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(HoldingDesk(tmp_path_factory.mktemp("home")))
    yield server
    server.stop()


@pytest.fixture(params=[WIDE])
def page(browser: "Browser", served: Served, request: pytest.FixtureRequest) -> Iterator["Page"]:
    page = open_page(browser, served.url, *request.param)
    yield page
    assert STRAYS[page] == []
    page.context.close()


def _ask(page: "Page", question: str, state: str = "done") -> None:
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    _shown(page, question, state)


def _shown(page: "Page", question: str, state: str = "done") -> None:
    page.wait_for_selector(f"#current [data-state={state}]:visible >> text={question}")


def _stop(page: "Page", served: Served) -> None:
    """Stop what is being answered as soon as there is a sentence of it."""
    page.wait_for_selector("#current [data-state=streaming]:visible .byline-cite")
    page.focus("#stop")
    page.keyboard.press("Enter")
    page.wait_for_selector(STOPPED)
    served.desk.go_on.set()
    page.wait_for_selector(MENU)  # there is something to share: it is kept


def _questions(page: "Page") -> list[str]:
    return page.locator(f"{TURNS} .byline-question").all_inner_texts()


def _kept(served: Served) -> list[str]:
    """What the only conversation keeps."""
    chats = served.desk.chats
    (talk,) = chats.listing("")
    return [e.answer.question.asked for e in chats.exchanges(talk)]


def _opens_its_article(page: "Page", chip: str) -> None:
    page.locator(chip).first.click()
    page.wait_for_selector("#article mark")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("page", [WIDE, PHONE], indirect=True)
def test_a_stopped_answer_says_so_and_is_asked_again_in_its_place(
    page: "Page", served: Served
) -> None:
    served.desk.go_on.clear()
    page.fill("#question textarea", FIRST)
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#current [data-state=streaming]")
    assert not page.is_visible(".byline-stopped") and not page.is_visible(MENU)
    _stop(page, served)

    told = page.locator(f"{STOPPED} .byline-stopped")
    assert "Stopped before the answer was complete." in told.inner_text()
    assert told.locator("svg").is_visible() and not page.is_visible(".byline-pulse")
    assert page.evaluate("document.activeElement.matches('.byline-stopped .byline-again')")
    _opens_its_article(page, f"{STOPPED} .byline-cite")

    page.reload()
    page.wait_for_selector(f"#past {STOPPED_TURN}")
    assert "Stopped before" in page.locator(".byline-stopped").inner_text()
    assert page.locator("#past .byline-text").all_inner_texts() and fits(page)
    page.click(f"{STOPPED} .byline-again")
    _shown(page, FIRST)
    assert _questions(page) == _kept(served) == [FIRST]
    assert page.locator(STOPPED).count() == 0


def test_a_stopped_answer_stays_marked_above_the_next_one(page: "Page", served: Served) -> None:
    served.desk.go_on.clear()
    page.fill("#question textarea", FIRST)
    page.press("#question textarea", "Enter")
    _stop(page, served)
    _ask(page, SECOND)

    assert _questions(page) == [FIRST, SECOND] == _kept(served)
    assert "Stopped" in page.locator("#past [data-state=stopped]").inner_text()
    _opens_its_article(page, "#past [data-state=stopped] .byline-cite")
    page.click("#past [data-state=stopped] .byline-again")
    _shown(page, FIRST)
    assert _questions(page) == [FIRST, SECOND, FIRST] == _kept(served)


def test_what_was_to_be_replaced_is_still_replaced_after_a_stop_or_a_failure(
    page: "Page", served: Served
) -> None:
    _ask(page, FIRST)
    served.desk.go_on.clear()
    page.click("#current .byline-again")
    _stop(page, served)
    page.click(f"{STOPPED} .byline-edit")
    page.fill(".byline-editing textarea", "this will fail")
    page.keyboard.press("Enter")
    _shown(page, "this will fail", "failed")
    assert _kept(served) == [FIRST], "kept until there is something in its place"
    page.click("#current [data-state=failed] .byline-edit")
    page.fill(".byline-editing textarea", SECOND)
    page.keyboard.press("Enter")
    _shown(page, SECOND)
    assert _questions(page) == _kept(served) == [SECOND]


def test_a_question_that_failed_is_asked_again_in_its_place(page: "Page", served: Served) -> None:
    _ask(page, "this will fail", "failed")
    first = page.locator("#current .byline-error").inner_text()
    page.click("#current .byline-again")
    page.wait_for_function(
        "(was) => { const now = document.querySelector('#current .byline-error');"
        " return now?.checkVisibility() && now.innerText !== was; }",
        arg=first,  # each names its own request
    )
    assert _questions(page) == ["this will fail"]
    assert [asked for asked, *_ in served.desk.asked] == ["this will fail"] * 2


def test_single_keys_can_be_switched_off(page: "Page") -> None:
    _ask(page, FIRST)

    def choose(label: str) -> None:
        page.get_by_role("tab", name="Settings").click()
        keys = page.locator("#settings fieldset", has_text="Single keys")
        keys.get_by_label(label, exact=True).check()
        keys.get_by_role("button", name="Show the keys").click()
        can = "are switched off" if label == "Off" else "can be switched off"
        assert can in page.locator("dialog").inner_text()
        page.keyboard.press("Escape")
        page.get_by_role("tab", name="Chat").click()
        page.wait_for_selector("#question textarea")

    def focused_by(key: str, what: str) -> bool:
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        is_there: bool = page.evaluate(f"document.activeElement.matches('{what}')")
        return is_there

    assert focused_by("n", "#current .byline-cite")
    choose("Off")
    assert not focused_by("n", ".byline-cite") and not focused_by("/", "#question textarea")
    assert not focused_by("c", ".byline-find") and not focused_by("?", "dialog *")
    page.reload()
    page.wait_for_selector("#past .byline-turn")
    assert not focused_by("n", ".byline-cite")
    page.fill("#question textarea", SECOND)
    page.press("#question textarea", "Enter")  # not one of them
    _shown(page, SECOND)
    choose("On")
    assert focused_by("n", "#transcript .byline-cite")


@contextmanager
def _holding(page: "Page") -> Iterator[list["Route"]]:
    """What the page asks of Gradio waits until the block ends."""
    held: list[Route] = []
    is_open: list[bool] = []
    pattern = "**/gradio_api/queue/join*"
    page.route(pattern, lambda route: route.continue_() if is_open else held.append(route))
    yield held
    is_open.append(True)
    for route in held:
        route.continue_()


def test_what_is_typed_before_the_server_has_heard_stays(page: "Page") -> None:
    with _holding(page) as held:
        page.fill("#question textarea", FIRST)
        page.press("#question textarea", "Enter")
        while not held:
            page.wait_for_timeout(20)
        assert page.input_value("#question textarea") == FIRST  # it may have to be sent again
        page.fill("#question textarea", SECOND)
    _shown(page, FIRST, "done")
    assert page.input_value("#question textarea") == SECOND


def test_a_new_conversation_does_not_wait_for_the_server(page: "Page") -> None:
    _ask(page, FIRST)
    with _holding(page):
        page.locator("#clear").click()
        page.wait_for_selector(".byline-hero")
        assert page.locator(TURNS).count() == 0
        assert page.locator("#sources .byline-source").count() == 0
        page.fill("#question textarea", SECOND)
    page.press("#question textarea", "Enter")
    _shown(page, SECOND, "done")
    assert page.locator(TURNS).count() == 1


LOST = "#past .byline-turn[data-state=failed]"
JOIN = "**/gradio_api/queue/join*"


def test_a_question_that_is_not_taken_is_seen_to_fail_and_asked_again(page: "Page") -> None:
    _ask(page, FIRST)
    page.route(JOIN, lambda route: route.fulfill(status=502, body="no"))
    page.fill("#question textarea", SECOND)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(f"{LOST} >> text=could not be reached")
    assert _questions(page) == [FIRST, SECOND] and page.input_value("#question textarea") == ""
    page.unroute(JOIN)
    page.click(f"{LOST} .byline-again")
    _shown(page, SECOND)
    assert _questions(page) == [FIRST, SECOND]


def test_a_question_asked_while_cut_off_is_in_the_box_when_the_server_is_back(
    page: "Page",
) -> None:
    _ask(page, FIRST)
    page.context.set_offline(True)
    page.fill("#question textarea", SECOND)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(f"{LOST} >> text=could not be reached")
    assert _questions(page) == [FIRST, SECOND]
    page.click(f"{LOST} .byline-again")
    page.wait_for_selector("#byline-toast >> text=still cannot be reached")
    page.context.set_offline(False)  # Gradio loads the page anew when it finds the server again
    page.wait_for_selector("#past .byline-turn[data-state=done]")
    page.wait_for_function(
        "(asked) => document.querySelector('#question textarea')?.value === asked", arg=SECOND
    )
    page.press("#question textarea", "Enter")
    _shown(page, SECOND)
    assert _questions(page) == [FIRST, SECOND]
