"""A tour for people who log in, wide and on a phone, light and dark: answers, and whose."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browsing import answered, ask, in_view, log_in
from tests.canned import COST, RIVAL
from tests.people import People
from tests.touring import View

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
COSTS = "What will the bridge repair cost?"
TURN = "#current .byline-turn:not([hidden])"
# How many sentences and verdicts an answer that is written has had, one look after the other.
COUNTS = """() => { window.counts = new Set();
  new MutationObserver(() => { const all = document.querySelectorAll(
    '#current [data-state=streaming] .byline-sentence');
    const judged = [...all].filter((sentence) => sentence.querySelector('.byline-verdict'));
    window.counts.add([all.length, judged.length].join());
  }).observe(document.querySelector('#current'), {childList: true, subtree: true}); }"""


@pytest.fixture
def page(view: View, people: People) -> Iterator["Page"]:
    """The page, with Ann logged in."""
    page = view.home(people.url)
    if page.locator("#name").is_visible():
        log_in(page, "Ann")
        page.wait_for_selector(".byline-hero", timeout=30_000)
    yield page
    assert view.strays == []


def test_an_answer_streams_and_marks_what_is_not_carried(view: View, page: "Page") -> None:
    page.evaluate(COUNTS)
    page.fill("#question textarea", "a slow one: what will it cost?")
    view.press(page.locator("#ask"))
    page.wait_for_selector(f"{TURN}[data-state=streaming] .byline-sentence")
    view.check(page)
    answered(page, "a slow one: what will it cost?")
    assert {"1,1", "2,2"} <= set(page.evaluate("[...window.counts]"))  # each with its verdict
    verdicts = page.locator(f"{TURN} .byline-verdict")
    assert verdicts.all_inner_texts() == ["Supported", "Contradicted", "Not supported"]
    for verdict in verdicts.all():
        assert verdict.locator("svg[aria-hidden=true]").count() == 1  # a sign and a word
    loud = page.locator(f"{TURN} .byline-sentence[data-label=refuted]")
    assert "900 million euros is not in the source" in loud.inner_text()
    assert "As of 29 January 2026" in page.inner_text(TURN) or "As of 27" in page.inner_text(TURN)
    loud.scroll_into_view_if_needed()
    view.check(page)

    banner = page.locator(f"{TURN} .byline-banner")
    banner.scroll_into_view_if_needed()
    for told in (COST.text, RIVAL.text, "The Harbour Courier", "Northern Ledger", "figures"):
        assert told in banner.inner_text(), told
    sides = [side.bounding_box() for side in banner.locator("li").all()]
    assert sides[0] and sides[1]
    assert (sides[0]["y"] == sides[1]["y"]) is not view.is_phone  # beside, or one below the other
    view.check(page)


def test_a_chip_shows_its_words_and_opens_the_article_there(view: View, page: "Page") -> None:
    ask(page, COSTS)
    chip = page.locator(f"{TURN} .byline-cite").first
    peek = page.locator("#byline-peek")
    if view.is_phone:  # nothing hovers there
        chip.focus()
    else:
        chip.hover()
    assert COST.text in peek.inner_text() and "The Harbour Courier" in peek.inner_text()
    assert "2026" in peek.inner_text() and in_view(page, "#byline-peek")
    view.check(page)
    view.press(chip)
    page.wait_for_selector('#article mark[data-marker="1"]')
    assert page.locator('#article mark[data-marker="1"]').inner_text() == COST.text
    assert in_view(page, '#article mark[data-marker="1"]')
    view.check(page)
    view.press(page.locator(".byline-close"))
    assert not page.locator("#article mark").first.is_visible()


def test_an_answer_is_reworded_edited_asked_again_and_stopped(
    view: View, page: "Page", people: People
) -> None:
    ask(page, COSTS)
    how = page.locator(f"{TURN} .byline-how")
    assert not how.locator("dl").is_visible()
    view.press(how.locator("summary"))
    assert "3 passages of 3 articles" in how.inner_text()
    view.press(how.locator(".byline-reword"))
    page.fill(".byline-rewording textarea", "What do repairs cost?")
    view.check(page)
    view.press(page.locator(".byline-rewording .byline-action"))
    page.wait_for_selector(f"{TURN}[data-state=done] >> text=What do repairs cost?")
    assert people.desk.worded[-1] == "What do repairs cost?"

    view.press(page.locator(f"{TURN} .byline-edit"))
    page.fill(".byline-editing textarea", "Will it really close?")
    view.check(page)
    view.press(page.locator(".byline-editing .byline-action"))
    answered(page, "Will it really close?")
    n_asked = len(people.desk.asked)
    view.press(page.locator(f"{TURN} .byline-again"))
    for _ in range(100):
        if len(people.desk.asked) > n_asked:
            break
        page.wait_for_timeout(50)
    answered(page, "Will it really close?")
    asked = page.locator("#transcript .byline-turn:visible .byline-question").all_inner_texts()
    assert asked == ["Will it really close?"]

    page.fill("#question textarea", "a slow one")
    view.press(page.locator("#ask"))
    page.wait_for_selector(f"{TURN}[data-state=streaming] .byline-sentence")
    view.press(page.locator("#stop"))
    page.wait_for_selector(f"{TURN}[data-state=stopped]")
    view.check(page)


def test_an_answer_is_copied_and_rated_with_a_reason(
    view: View, page: "Page", people: People
) -> None:
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, COSTS)
    view.press(page.locator(f"{TURN} .byline-copy"))
    page.wait_for_selector(f"{TURN} .byline-copy >> text=Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[^1]" in copied and COST.text in copied and "The Harbour Courier" in copied
    view.press(page.locator(f"{TURN} .byline-rate[data-rating=down]"))
    page.wait_for_selector(".byline-why")
    reasons = page.locator(".byline-why label:has([type=radio])").all_inner_texts()
    assert [r.strip() for r in reasons] == [
        "A wrong source", "Something is missing", "It is outdated", "Something else",
    ]  # fmt: skip
    view.press(page.locator(".byline-why [value=outdated]"))
    page.fill(".byline-why [name=note]", f"Seen on {view.name}")
    page.locator(".byline-why").scroll_into_view_if_needed()
    view.check(page)
    view.press(page.locator(".byline-why [type=submit]"))
    page.wait_for_selector(".byline-why", state="detached")
    given = [e.feedback for e in people.desk.chats.every() if e.feedback]
    assert any(f.reason == "outdated" and f.note == f"Seen on {view.name}" for f in given)
    view.reload(page)
    page.wait_for_selector("#past .byline-rate[data-rating=down][aria-pressed=true]")


def test_a_conversation_is_its_owner_s_and_survives(
    view: View, page: "Page", people: People
) -> None:
    ask(page, COSTS)
    ask(page, "And the ferry?")
    turns = "#transcript .byline-turn:visible .byline-sentence"

    def told() -> list[tuple[str, str]]:
        return [
            (s.get_attribute("data-label") or "", s.locator(".byline-text").inner_text())
            for s in page.locator(turns).all()
        ]

    before, mine = told(), page.url
    assert len(before) == 5
    view.reload(page)
    page.wait_for_selector("#past .byline-turn")
    assert told() == before  # markers and verdicts stand where they stood
    view.log_out(page)
    view.check(page)
    with view.leaving():  # the browser reports the refusal itself
        log_in(page, "Rita", "wrong password")
        page.get_by_role("alert").wait_for()
    view.check(page)
    log_in(page, "Rita")
    page.wait_for_selector(".byline-hero", timeout=30_000)
    assert "Rita" in page.inner_text("#masthead")
    with view.leaving():
        page.goto(mine)
        page.wait_for_selector("#byline-toast", timeout=30_000)
    assert page.locator("#transcript .byline-turn").count() == 0
    view.pane(page, "side")
    assert COSTS not in page.inner_text("#side")
    view.put_away(page, "side")
    view.tab(page, "Library")
    page.wait_for_selector("#library .byline-open")
    assert not page.locator("#intake").is_visible()
    assert page.locator("#library :is([data-view=withdraw], .byline-remove)").count() == 0
    view.check(page)
    view.tab(page, "Settings")
    page.wait_for_selector("#settings .byline-settings")
    assert page.locator("#settings form").count() == 0
    view.check(page)
    view.log_out(page)  # Ann comes next
