"""Logging in and out in a real browser, and two people who meet the same server."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsing import GOOD, answered, ask, log_in
from tests.people import People

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
LISTED = ".byline-side .byline-talk"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_log_in_ask_and_log_out(
    browser: "Browser", people: People, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    strays: list[str] = []
    page.on("pageerror", lambda error: strays.append(str(error)))
    page.on("request", lambda r: None if people.url in r.url else strays.append(r.url))
    page.goto(f"{people.url}/?from=mail")
    assert page.url == f"{people.url}/login?next=%2F%3Ffrom%3Dmail"
    page.wait_for_function("document.activeElement.id === 'name'")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(22, 22, 20)" if scheme == "dark" else "rgb(251, 250, 248)")

    log_in(page, "ann", "wrong password")
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Name").input_value() == "ann"
    assert page.evaluate("document.activeElement.id") == "password"
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{people.url}/?from=mail")
    assert "38 million" in ask(page, "What does the repair cost?")
    assert "byline_session" not in page.evaluate("document.cookie")

    # As the button does, wherever the page puts it.
    with page.expect_navigation(url=f"{people.url}/login"):
        page.evaluate(
            """() => { const form = document.createElement('form');
            form.method = 'post'; form.action = '/logout';
            document.body.append(form); form.submit(); }"""
        )
    page.go_back()
    page.wait_for_url("**/login*")
    assert not strays
    context.close()


def test_a_link_from_another_site_finds_the_session(browser: "Browser", people: People) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(people.url)
    log_in(page, "Ann")
    page.wait_for_url(f"{people.url}/")
    elsewhere = "http://news.example/"
    body = f'<a href="{people.url}/?x=1">see</a>'
    page.route(elsewhere, lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(elsewhere)
    page.click("a")
    page.wait_for_url(f"{people.url}/?x=1")
    page.wait_for_selector("#question textarea", timeout=30_000)
    context.close()


def _says(body: str) -> "Callable[[Route], None]":
    return lambda route: route.fulfill(body=body, content_type="text/html")


def test_a_form_of_another_site_does_nothing(browser: "Browser", people: People) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(people.url)
    log_in(page, "Ann")
    page.wait_for_url(f"{people.url}/")
    for action in ("logout", "login"):
        form = f'<form method="post" action="{people.url}/{action}"><button>go</button></form>'
        other = context.new_page()
        elsewhere = f"http://news.example/{action}"
        other.route(elsewhere, _says(form))
        other.goto(elsewhere)
        with other.expect_navigation(url=f"{people.url}/**"):
            other.click("button")
    page.goto(f"{people.url}/v1/articles")
    assert len(json.loads(page.inner_text("body"))) == 3
    context.close()


def test_two_people_at_once_see_only_their_own(browser: "Browser", people: People) -> None:
    contexts = [browser.new_context() for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page, name in zip(pages, ("Ann", "Rita"), strict=True):
        page.goto(people.url)
        log_in(page, name)
        page.wait_for_selector(".byline-hero", timeout=30_000)
    for page, name in zip(pages, ("Ann", "Rita"), strict=True):
        page.fill("#question textarea", f"What is slow, asks {name}?")
        page.click("#ask")
    for page, mine, other in zip(pages, ("Ann", "Rita"), ("Rita", "Ann"), strict=True):
        told = answered(page, f"What is slow, asks {mine}?")
        assert f"asks {mine}" in told and f"asks {other}" not in told
        page.reload()
        page.wait_for_selector(LISTED, state="attached", timeout=30_000)
        assert f"asks {mine}" in page.content() and f"asks {other}" not in page.content()
    hers = pages[0].locator(LISTED).first.get_attribute("data-conversation")
    for page, status in zip(pages, (200, 404), strict=True):
        assert page.request.get(f"{people.url}/page/conversation?id={hers}").status == status
    for context in contexts:
        context.close()


def test_a_reader_cannot_upload(browser: "Browser", people: People, tmp_path: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(people.url)
    log_in(page, "Rita")
    page.wait_for_selector(".byline-hero", timeout=30_000)
    before = len(people.desk.store)
    statuses: list[int] = []
    page.on("response", lambda r: statuses.append(r.status) if "/upload?" in r.url else None)
    page.get_by_role("tab", name="Library").click()
    (tmp_path / "x.txt").write_text("Something that was not in the archive.")
    upload = page.locator("#upload input[type=file]")
    if upload.count():  # a page may well not offer it
        upload.set_input_files(str(tmp_path / "x.txt"))
        page.wait_for_timeout(1_000)
        assert statuses == [403]
    assert len(people.desk.store) == before
    context.close()


def test_six_tabs_of_one_browser_all_answer(browser: "Browser", people: People) -> None:
    """A browser has six connections to a server: none may be held open for nothing."""
    context = browser.new_context()
    first = context.new_page()
    first.goto(people.url)
    log_in(first, "Ann")
    first.wait_for_selector(".byline-hero, .byline-turn", timeout=30_000)
    pages = [first, *(context.new_page() for _ in range(5))]
    for page in pages[1:]:
        page.goto(people.url)
    for n, page in enumerate(pages):
        assert "38 million" in ask(page, f"What does the repair cost, tab {n}?")
    context.close()
