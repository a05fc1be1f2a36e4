"""Every word of the page can be translated: in a made-up language nothing is left in English."""

import gettext
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from rag.i18n import use
from rag.settings import Settings
from tests.abroad import CLOSE, OPEN, pseudo_po
from tests.browsing import Served, open_page
from tests.fake_desk import FakeDesk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# What is no word of the interface: of articles, models and readers; names; and what Gradio says of
# its own box for files, in the browser's language.
FOREIGN = ", ".join(
    (
        "[dir=auto]", "bdi", "q", "mark", "code", "script", "style", "template", "output",
        "#byline-outlets", "#upload", "svg", ".byline-reasons", ".byline-conflict h4",
        ".byline-map-scroll caption",
    )
)  # fmt: skip
NAMES = {
    "Gradio", "Chroma", "PyTorch", "Python", "Byline",
    "placeholder: gpt-4.1-mini", "placeholder: https://api.openai.com/v1",
}  # fmt: skip
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
    // A sentence may go on around a word that stands out.
    const sentence = element.closest('p:has(strong, code), label:has(input)');
    look((sentence || node).textContent.trim(), '');
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    if (element.closest('svg, #upload') || !element.checkVisibility()) continue;
    if (element.matches('.byline-map-scroll')) continue;
    for (const name of ['aria-label', 'title', 'placeholder']) {
      if (name === 'title' && element.matches(foreign + ', th, .byline-verdict')) continue;
      look(element.getAttribute(name), name + ': ');
    }
  }
  return [...found];
}"""


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
    return [text for text in left if text not in NAMES]


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
    page.locator("#settings input[value=llm]").first.check()
    left |= set(_left(page))
    page.get_by_role("tab").nth(2).click()
    page.locator("#quality [data-view=runs]").click()
    page.wait_for_timeout(700)
    left |= set(_left(page))
    assert sorted(left) == [], chr(10).join(sorted(left))
    page.context.close()
