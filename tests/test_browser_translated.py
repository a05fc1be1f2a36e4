"""Every word of the page can be translated: in a made-up language nothing is left in English."""

import gettext
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from rag.i18n import use
from rag.settings import Settings
from tests.browsing import Served, launched, open_page
from tests.fake_desk import FakeDesk
from tests.pseudo import CLOSE, OPEN, pseudo_po

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# What is no word of the interface: of articles, models and readers, and names of things.
FOREIGN = ", ".join(
    (
        "[dir=auto]", "bdi", "q", "mark", "code", "script", "style", "template", "h1", "output",
        ".byline-body", ".byline-reasons", ".byline-note", ".byline-name", ".byline-formats p",
        "option[lang]", "#byline-outlets", "svg desc", "svg title",
    )
)  # fmt: skip
UNTRANSLATED = """([foreign, open, close]) => {
  const found = new Set();
  const bare = (text) => {
    let depth = 0, out = '';
    for (const c of text) {
      if (c === open) depth += 1;
      else if (c === close) depth -= 1;
      else if (!depth) out += c;
    }
    return out;
  };
  const look = (text, where) => {
    if (/\\p{L}{2}/u.test(bare(text || ''))) found.add(where + text);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element.closest(foreign) || !element.checkVisibility()) continue;
    look(node.textContent.trim(), '');
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    if (element.closest('svg') || !element.checkVisibility()) continue;
    for (const name of ['aria-label', 'title', 'placeholder']) {
      look(element.getAttribute(name), name + ': ');
    }
  }
  return [...found];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("words")
    desk = FakeDesk(folder / "home")
    desk.given = desk.settings = Settings(home=desk.home, locale=str(pseudo_po(folder)))
    server = Served(desk)
    yield server
    server.stop()
    use(gettext.NullTranslations())


def _left(page: "Page") -> list[str]:
    left: list[str] = page.evaluate(UNTRANSLATED, [FOREIGN, OPEN, CLOSE])
    return left


def test_nothing_is_left_in_english(browser: "Browser", served: Served) -> None:
    page = open_page(browser, served.url, width=1440)
    left = set(_left(page))
    page.fill("#question textarea", "Will it really close?")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#current [data-state=done]")
    page.locator(".byline-rate[data-rating=down]").click()
    page.wait_for_selector(".byline-why")
    page.locator("#current .byline-how summary").click()
    page.locator(".byline-scope-panel summary").click()
    left |= set(_left(page))
    page.locator(".byline-talk-bar .byline-menu").click()
    left |= set(_left(page))
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    left |= set(_left(page))
    page.keyboard.press("Escape")
    page.locator("#current .byline-cite").first.click()
    page.wait_for_selector("#article mark")
    left |= set(_left(page))
    page.keyboard.press("Escape")
    for n in range(1, 4):
        page.get_by_role("tab").nth(n).click()
        page.wait_for_timeout(700)
        left |= set(_left(page))
    print(sorted(left))
    assert sorted(left) == []
    page.context.close()
