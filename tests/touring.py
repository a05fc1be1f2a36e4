"""The page as four readers have it: wide and on a phone, light and dark; and what holds for all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.browsing import fits

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Dialog,
        Locator,
        Page,
    )

Scheme = Literal["light", "dark"]
Pane = Literal["side", "proof"]
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
SETTLED = """() => Promise.allSettled(document.getAnimations()
  .filter((moved) => moved instanceof CSSTransition).map((moved) => moved.finished))"""
# What text stands on, painted from the back to the front; text under AA's 4.5 (3 where it is
# large); and what a finger cannot hit: WCAG 2.2, 2.5.8 (24 px, or so much room around it).
LOOK = """() => {
  const numbers = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return colour.startsWith('color(') ? [255 * r, 255 * g, 255 * b, a] : [r, g, b, a];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((v, n) => v * a + below[n] * (1 - a));
  const grounds = new Map([[null, [255, 255, 255]]]);
  const ground = (node) => {
    if (!grounds.has(node)) {
      const colour = numbers(getComputedStyle(node).backgroundColor);
      grounds.set(node, over(colour, ground(node.parentElement)));
    }
    return grounds.get(node);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255)
      .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const isSeen = (node) => {
    const r = node.getBoundingClientRect();
    return r.width > 0 && r.height > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight
      && r.left < innerWidth
      && node.checkVisibility({opacityProperty: true, visibilityProperty: true});
  };
  const named = (node, more) => `${node.tagName.toLowerCase()}`
    + `.${node.className?.baseVal ?? node.className} `
    + `“${node.textContent.trim().slice(0, 30)}” ${more}`;

  const pale = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || node.closest('svg, option, :disabled')) continue;
    if (!isSeen(node)) continue;
    const style = getComputedStyle(node);
    const below = ground(node);
    const [a, b] = [light(over(numbers(style.color), below)), light(below)].sort((x, y) => y - x);
    const contrast = (a + .05) / (b + .05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    if (contrast < least) pale.add(named(node, contrast.toFixed(2)));
  }

  const wanted = 'a[href], button, summary, select, textarea, [role=tab], '
    + 'input:not([type=hidden], [type=checkbox], [type=radio], [type=file])';
  const at = (r, x, y) => document.elementFromPoint(r.left + r.width / 2 + x,
    r.top + r.height / 2 + y);
  const isOf = (node, other) => node.contains(other) || other.contains(node);
  const small = [...document.querySelectorAll(wanted)].filter((node) => {
    if (node.disabled || !isSeen(node) || node.closest('p')) return false;  // in a sentence
    const r = node.getBoundingClientRect();
    const top = at(r, 0, 0);
    if (!top || !isOf(node, top)) return false;  // something lies over it
    if (r.width >= 23.5 && r.height >= 23.5) return false;
    // What lies 11 px from the middle of a small one must be its own, or nobody's.
    return [[11, 0], [-11, 0], [0, 11], [0, -11]].some(([x, y]) => {
      const hit = at(r, x, y)?.closest(wanted);
      return hit && !isOf(node, hit);
    });
  }).map((node) => {
    const r = node.getBoundingClientRect();
    return named(node, `${r.width.toFixed()}x${r.height.toFixed()}`);
  });
  return {paper: light(ground(document.body)), pale: [...pale], small};
}"""


@dataclass
class View:
    """A reader's window: how wide it is, and how its colours are. Strays of all pages gather."""

    context: "BrowserContext"
    size: str
    scheme: Scheme
    strays: list[str] = field(default_factory=list)
    _home: "Page | None" = None

    @property
    def is_phone(self) -> bool:
        return self.size == "phone"

    @property
    def name(self) -> str:
        return f"{self.size} {self.scheme}"

    def home(self, url: str) -> "Page":
        """The page at a new conversation; loaded once, for that is what costs most."""
        if self._home is None or not self._begins_anew(self._home):
            self._home = self.open(url)
        return self._home

    def _begins_anew(self, page: "Page") -> bool:
        from playwright.sync_api import Error

        try:
            for _ in ("dialog", "article", "sheet"):
                page.keyboard.press("Escape")
            page.get_by_role("tab", name="Chat").click(timeout=5_000)
            page.evaluate("""() => {
              const find = document.querySelector('.byline-find');
              if (find.value) { find.value = ''; find.dispatchEvent(new Event('input')); }
              document.querySelector('#clear').click();
            }""")  # whatever lies over it for a while
            page.wait_for_selector(".byline-hero", timeout=10_000)
        except Error:  # whatever a test that failed has left behind
            page.close()
            return False
        return True

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """While a page is left; what Gradio says of its broken streams then is no fault."""
        said = list(self.strays)
        yield
        self.strays[:] = said

    def reload(self, page: "Page") -> None:
        with self.leaving():
            page.reload()
            page.wait_for_selector(".byline-hero, #past .byline-turn", timeout=30_000)

    def log_out(self, page: "Page") -> None:
        with self.leaving():
            self.press(page.locator(".byline-logout"))
            page.wait_for_selector("#name")

    def library(self, page: "Page") -> None:
        """All that is in the library, whatever was looked for before."""
        self.tab(page, "Library")
        page.fill("#library-search :is(input, textarea)", "")
        self.press(page.locator("#library .byline-chip[data-only=all]"))
        page.locator("#library .byline-open").first.wait_for()

    def open(self, url: str, ready: str = ".byline-hero, .byline-turn, #name") -> "Page":
        page = self.context.new_page()

        def refuse(dialog: "Dialog") -> None:
            self.strays.append(dialog.message)
            dialog.dismiss()

        home = (url.split("/?", maxsplit=1)[0], "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(home) else self.strays.append(r.url))
        page.on("pageerror", lambda e: self.strays.append(str(e)))
        page.on("console", lambda m: self.strays.append(_told(m)) if m.type == "error" else None)
        page.on("dialog", refuse)
        page.goto(url)
        page.wait_for_selector(ready, timeout=60_000)
        return page

    def press(self, what: "Locator") -> None:
        """With a finger on a phone, with a mouse elsewhere."""
        if self.is_phone:
            what.tap()
        else:
            what.click()

    def tab(self, page: "Page", name: str) -> None:
        self.press(page.get_by_role("tab", name=name))

    def pane(self, page: "Page", pane: Pane) -> None:
        """See a pane: it is there on a wide page, and a sheet behind its button on a phone."""
        if self.is_phone:
            self.press(page.locator(f".byline-talk-bar [data-pane={pane}]"))
        page.locator({"side": ".byline-find", "proof": ".byline-proof-bar"}[pane]).wait_for()

    def put_away(self, page: "Page", pane: Pane) -> None:
        """Close the sheet by its own button."""
        if self.is_phone:
            bar = {"side": ".byline-side-head", "proof": ".byline-proof-bar"}[pane]
            self.press(page.locator(f"{bar} .byline-fold"))

    def check(self, page: "Page") -> None:
        """What must hold whatever is open: it fits, is of its colours, can be read and hit."""
        assert fits(page), "sideways scrolling"
        width: int = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[self.size][0], width  # a phone would zoom out instead of scrolling
        page.evaluate(SETTLED)
        look: dict[str, Any] = page.evaluate(LOOK)
        assert look["paper"] < 0.05 if self.scheme == "dark" else look["paper"] > 0.8
        assert look["pale"] == [], look["pale"]
        assert not self.is_phone or look["small"] == [], look["small"]
        assert self.strays == [], self.strays


@contextmanager
def seen(browser: "Browser", size: str, scheme: Scheme) -> Iterator[View]:
    width, height = SIZES[size]
    is_phone = size == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        is_mobile=is_phone,
        has_touch=is_phone,
        accept_downloads=True,
    )
    yield View(context, size, scheme)
    context.close()


def focused(page: "Page", selector: str) -> bool:
    """Has the focus, and shows it."""
    shown: bool = page.evaluate(
        """(selector) => { const at = document.activeElement;
        const by = [at, at.parentElement, at.closest('#ask-row, .byline-find')].filter(Boolean)
          .map((node) => getComputedStyle(node));
        return at.matches(selector) && by.some((style) => style.boxShadow !== 'none'
          || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)); }""",
        selector,
    )
    return shown


def _told(message: "ConsoleMessage") -> str:
    return f"{message.text} {message.location.get('url', '')}"
