"""The page is for everybody: axe-core finds no serious fault, at two widths, light and dark."""

from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.browsing import Served, ask

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
Scheme = Literal["light", "dark"]


def _faults(page: "Page") -> list[str]:
    """What axe-core finds serious or critical, as "rule: element"."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    told: dict[str, Any] = axe.Axe().run(page).response
    return [
        f"{found['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for found in told["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious(
    browser: "Browser", served: Served, width: int, scheme: Scheme
) -> None:
    viewport: Any = {"width": width, "height": 900}
    page = browser.new_context(viewport=viewport, color_scheme=scheme).new_page()
    page.goto(served.url)
    page.wait_for_selector(".byline-hero", timeout=60_000)
    faults = _faults(page)
    ask(page, "Will it really close?")
    page.locator(".byline-rate[data-rating=down]").click()
    page.wait_for_selector(".byline-why")
    if width < 1000:
        page.locator(".byline-talk-bar [data-pane=proof]").click()
    faults += _faults(page)
    page.keyboard.press("Escape")
    page.locator("#current .byline-cite").first.click()
    page.wait_for_selector("#article mark")
    faults += _faults(page)
    page.keyboard.press("Escape")
    for tab in ("Library", "Quality", "Settings"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(700)
        faults += _faults(page)
    assert faults == []
    page.context.close()
