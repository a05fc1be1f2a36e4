"""Settings in a real browser: choose, test, save, go back; light, dark and larger, remembered."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsing import STRAYS, Served, fits, open_page, serving
from tests.choosing import bare_desk
from tests.faulty import FaultyServer, endpoint, models, says, status
from web.visitors import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
CANARY = "sk-canary-51b7aa"
SIZES = [(1440, 900), (390, 844)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with bare_desk(tmp_path_factory.mktemp("archive")) as desk, serving(desk) as served:
        yield served


@pytest.fixture(autouse=True)
def untouched(served: Served) -> None:
    served.desk.apply(None)


def settings(page: "Page") -> None:
    page.get_by_role("tab", name="Settings").click()
    page.wait_for_selector("#settings .byline-settings")


def background(page: "Page") -> str:
    found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return found


LIGHT, DARK = "rgb(251, 250, 248)", "rgb(22, 22, 20)"


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_model_is_listed_tried_and_chosen(
    browser: "Browser", served: Served, width: int, height: int
) -> None:
    page = open_page(browser, served.url, width, height)
    settings(page)
    said = page.locator(".byline-leaving")
    assert "Nothing that you ask." in said.inner_text() and not page.is_visible("#set-endpoint")
    assert page.is_disabled("[name=judge][value=llm]")
    with FaultyServer(endpoint(models("small", "large"), says("I am ready."))) as server:
        page.check("[name=mode][value=llm]")
        page.fill("#set-endpoint", server.url)
        assert f"127.0.0.1:{server.port} is sent" in said.inner_text()
        assert "is this machine" in said.inner_text()
        page.fill("#set-key", CANARY)
        page.click("[data-do=models]")
        page.wait_for_selector("[data-outcome=models] >> text=has 2 models.")
        page.wait_for_selector(".byline-models:focus")  # the whole way by keyboard
        page.keyboard.press("s")
        page.wait_for_function("document.querySelector('#set-model').value === 'small'")
        page.focus("[data-do=test]")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-outcome=test][data-done=yes] >> text=I am ready.")
        assert "small at 127.0.0.1" in page.locator("[data-outcome=test]").inner_text()
        assert served.desk.mode()[0] == "extractive", "nothing is saved yet"
        page.check("[name=judge][value=llm]")
        assert "each sentence of the answer" in said.inner_text()
        page.select_option("#set-language", "fr")
        page.click(".byline-saving [type=submit]")
        page.wait_for_selector("[data-outcome=save] >> text=Saved.")
    page.wait_for_selector("#masthead .byline-mode:has-text('small')", state="attached")
    now = served.desk.settings
    assert (now.llm_model, now.verifier, now.answer_language) == ("small", "llm", "fr")
    assert now.llm_api_key.get_secret_value() == CANARY
    assert page.locator("#set-key").input_value() == "" and "A key is set" in page.content()
    assert CANARY not in page.content()
    assert CANARY not in page.request.get(f"{served.url}/config").text()
    assert fits(page)
    page.reload()
    page.wait_for_selector(".byline-hero")
    settings(page)
    assert page.is_checked("[name=mode][value=llm]")
    assert page.locator("#set-model").input_value() == "small"
    page.click("[data-do=reset]")
    page.wait_for_selector("[data-outcome=save] >> text=in force again")
    page.wait_for_selector("[name=mode][value=extractive]:checked")
    assert served.desk.mode()[0] == "extractive"
    assert STRAYS[page] == []
    page.context.close()


def test_an_error_stands_by_its_field_and_is_gone_to(browser: "Browser", served: Served) -> None:
    page = open_page(browser, served.url, 390, 844)
    settings(page)
    page.check("[name=mode][value=llm]")
    page.fill("#set-endpoint", "half an address")
    page.keyboard.press("Enter")
    page.wait_for_selector("#set-endpoint-error >> text=This is no address")
    page.wait_for_selector("#set-endpoint[aria-invalid=true]:focus")
    with FaultyServer(status(401, f"bad key {CANARY}")) as server:
        page.fill("#set-endpoint", server.url)
        page.fill("#set-key", CANARY)
        page.click("[data-do=test]")
        page.wait_for_selector("[data-outcome=test][data-done=no] >> text=check the key")
        assert page.locator("#set-endpoint-error").inner_text() == ""
        assert CANARY not in page.locator("#settings").inner_text()
        page.click("[data-do=models]")
        page.wait_for_selector("[data-outcome=models][data-done=no] >> text=refused the key")
    page.fill("#set-endpoint", "http://models.example.com/v1")
    assert "others can read all of it" in page.locator(".byline-leaving").inner_text()
    page.check("[name=judge][value=encoder]")
    page.fill("#set-encoder", "/not/there/at/all")
    page.click(".byline-saving [type=submit]")
    page.wait_for_selector("#set-encoder-error >> text=no such folder")
    assert served.desk.mode()[0] == "extractive" and STRAYS[page] == []
    page.context.close()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_look_is_chosen_and_remembered(browser: "Browser", served: Served, system: Any) -> None:
    page = browser.new_context(color_scheme=system).new_page()
    page.goto(served.url)
    page.wait_for_selector(".byline-hero")
    assert background(page) == (DARK if system == "dark" else LIGHT)
    settings(page)
    other, chosen = (LIGHT, "light") if system == "dark" else (DARK, "dark")
    page.check(f"[name=theme][value={chosen}]")
    page.check("[name=size][value=larger]")
    assert background(page) == other
    page.reload()
    page.wait_for_selector(".byline-hero")
    page.wait_for_timeout(300)  # Gradio has put its own class on by now
    assert background(page) == other
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    page.emulate_media(color_scheme="light" if system == "dark" else "dark")
    page.emulate_media(color_scheme=system)
    assert background(page) == other, "what the system does changes nothing any more"
    settings(page)
    assert page.is_checked(f"[name=theme][value={chosen}]")
    page.locator("[name=theme][value='']").check()
    assert background(page) == (DARK if system == "dark" else LIGHT)
    page.emulate_media(color_scheme="light" if system == "dark" else "dark")
    page.wait_for_function(
        "(was) => getComputedStyle(document.body).backgroundColor === was", arg=other
    )
    page.context.close()


def test_the_dark_page_never_flashes(browser: "Browser", served: Served) -> None:
    page = browser.new_context(color_scheme="light").new_page()
    page.add_init_script("localStorage.setItem('byline-theme', 'dark')")
    page.add_init_script(
        "window.seen = []; (function look() { if (document.body) window.seen.push("
        "getComputedStyle(document.body).backgroundColor); requestAnimationFrame(look); })()"
    )
    page.goto(served.url)
    page.wait_for_selector(".byline-hero")
    seen: list[str] = page.evaluate("window.seen")
    assert seen and set(seen) == {DARK}
    page.context.close()


def test_a_reader_chooses_the_look_alone(
    browser: "Browser", served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.visitors.LOCAL", Visitor(name="ann", role="reader"))
    page = open_page(browser, served.url, 390, 844)
    settings(page)
    assert page.locator("#settings form").count() == 0
    page.locator("[name=theme][value=dark]").focus()
    page.keyboard.press("Space")
    assert background(page) == DARK and STRAYS[page] == []
    page.context.close()
