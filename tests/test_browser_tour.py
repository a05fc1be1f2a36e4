"""A tour of the chat over the samples, wide and on a phone, light and dark."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import bibtexparser
import pytest

from rag.settings import Settings
from tests.browsing import Served, answered, ask, in_view, serving
from tests.exported import FILES, squeezed
from tests.touring import View, focused
from web.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
DIED = "How many people died in the Lake Verrin ferry accident?"
ABOARD = "How many people were aboard the ferry Tamsin Gale?"
TRAM = "How much will the Mill Line cost?"
CHIPS = "How many H200 chips may Chinese companies buy?"
OPENS = "When will the Orrin battery plant in Westmere open?"
OLDEST = "The oldest of all"
LISTED = ".byline-side .byline-talk"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("archive") / "home"
    with Desk.open(Settings(home=home, llm_model="", llm_base_url=""), create=True) as desk:
        desk.ingest([SAMPLES / "articles"])
        desk.start()
        for n in range(30):
            desk.chats.start("", f"Story number {n}" if n else OLDEST)
        with serving(desk) as served:
            yield served


def choose(view: View, page: "Page", word: str) -> None:
    view.press(page.get_by_role("menuitem", name=word, exact=True))


def quotes(page: "Page") -> list[str]:
    """The words that the answer cites, as its chips have them."""
    found: list[str] = page.eval_on_selector_all(
        "#current .byline-sentence .byline-cite", "(all) => all.map((c) => c.dataset.quote)"
    )
    return list(dict.fromkeys(found))


# --- layout --------------------------------------------------------------------------------------


def test_three_panes_or_a_chat_with_sheets(view: View, served: Served) -> None:
    page = view.home(served.url)
    side, proof = page.locator("#side"), page.locator("#evidence")
    assert side.is_visible() is proof.is_visible() is not view.is_phone
    view.check(page)
    ask(page, OPENS)
    if not view.is_phone:
        boxes = [page.locator(pane).bounding_box() for pane in ("#side", "#talk", "#evidence")]
        assert all(a["x"] + a["width"] <= b["x"] for a, b in pairwise(boxes))  # type: ignore[index]
        room = boxes[1]["width"]  # type: ignore[index]
        for pane in (".byline-side-head", ".byline-proof-bar"):
            view.press(page.locator(f"{pane} .byline-fold"))
        assert not side.is_visible() and not proof.is_visible()
        assert page.locator("#talk").bounding_box()["width"] > room + 300  # type: ignore[index]
        for name in ("side", "proof"):
            view.press(page.locator(f".byline-talk-bar [data-pane={name}]"))
    view.pane(page, "proof")
    assert page.locator("#sources .byline-source").first.is_visible()
    view.check(page)
    view.put_away(page, "proof")
    assert proof.is_visible() is not view.is_phone
    assert page.evaluate("document.fonts.size") == 0  # those of the system alone
    for name, hook in (
        ("Library", "#library .byline-open"), ("Quality", "#quality .byline-quality"),
        ("Settings", "#settings .byline-settings"), ("Chat", "#current .byline-turn"),
    ):  # fmt: skip
        view.tab(page, name)
        page.locator(hook).first.wait_for()
        view.check(page)


def test_conversations_are_renamed_found_pinned_and_deleted(view: View, served: Served) -> None:
    page = view.home(served.url)
    ask(page, OPENS)
    view.pane(page, "side")
    row = page.locator(f".byline-list li:has({'.byline-talk[aria-current]'})")
    view.press(row.locator(".byline-menu"))
    view.check(page)
    choose(view, page, "Rename")
    page.fill("dialog input", f"Battery, {view.name}")
    view.check(page)
    view.press(page.locator("dialog .byline-action"))
    named = page.locator(f"{LISTED} >> text=Battery, {view.name}")
    named.wait_for()
    view.press(row.locator(".byline-menu"))
    choose(view, page, "Pin")
    page.wait_for_selector(f"li[data-pinned=yes] >> text=Battery, {view.name}")

    page.fill(".byline-find", "no such thing")
    page.wait_for_selector("text=No conversation matches.")
    page.fill(".byline-find", view.name)
    page.wait_for_function(f"document.querySelectorAll('{LISTED}').length === 1")
    view.press(row.locator(".byline-menu"))
    choose(view, page, "Delete")
    named.wait_for(state="detached")
    view.press(page.locator(".byline-toast-do"))
    named.wait_for(state="attached")
    if not named.is_visible():  # a sheet goes with the conversation that was open
        view.pane(page, "side")
    view.press(named)
    page.wait_for_selector(f"#past .byline-question >> text={OPENS}")
    assert page.locator("#side").is_visible() is not view.is_phone  # a sheet goes when it is used
    assert "c=" in page.url
    view.check(page)


def test_a_long_list_of_conversations_can_be_reached_to_its_end(view: View, served: Served) -> None:
    page = view.home(served.url)
    view.pane(page, "side")
    page.wait_for_selector(f"{LISTED} >> text={OLDEST}", state="attached")
    view.press(page.locator(f"{LISTED} >> text={OLDEST}"))  # fails where something lies over it
    page.wait_for_url("**c=*")


# --- the proof -----------------------------------------------------------------------------------


def test_the_proof_leads_to_words_originals_and_reprints(view: View, served: Served) -> None:
    page = view.home(served.url)
    ask(page, DIED)
    view.pane(page, "proof")
    view.press(page.locator(".byline-jump[data-jump=sources]"))
    cited, found = page.locator("#sources .byline-source"), page.locator("#sources details")
    assert cited.locator("mark").all_inner_texts() == sorted(
        quotes(page), key=cited.first.page.inner_text("#sources").index
    )
    assert found.count() >= 1 and not found.locator(".byline-open").first.is_visible()
    link = cited.locator(".byline-place a").first
    assert (link.get_attribute("href") or "").startswith("https://")
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in (link.get_attribute("rel") or "")
    view.check(page)

    view.press(cited.locator(".byline-open").last)
    page.wait_for_selector("#article mark[data-marker]")
    shown = page.locator("#article mark.is-shown").first
    was = shown.get_attribute("data-marker")
    view.press(page.locator(".byline-step-mark").last)
    assert shown.get_attribute("data-marker") != was and in_view(page, "#article mark.is-shown")
    view.check(page)
    view.press(page.locator("#article >> text=Wrong date?"))
    page.wait_for_selector("#edit-published_at:focus")
    view.check(page)
    view.press(page.locator(".byline-close"))

    reprints = cited.locator(".byline-reprints .byline-same")
    assert reprints.inner_text() == "1 original, 1 reprint"
    view.press(reprints)
    page.wait_for_selector("#library >> text=2 articles, copies of one text")
    outlets = page.locator("#library td[data-label=Outlet]").all_inner_texts()
    assert sorted(outlets) == ["Calder Ridge Mercury", "Northwater News Agency"]
    view.check(page)
    view.library(page)


def test_the_proof_shows_both_sides_and_who_leans_on_whom(view: View, served: Served) -> None:
    page = view.home(served.url)
    ask(page, CHIPS)
    banner = page.locator("#current .byline-banner")
    outlets = ["The Harbour Ledger", "dailysift.example.org"]
    assert banner.locator(".byline-outlet").all_inner_texts() == outlets
    assert "400,000" in banner.inner_text() and "200,000" in banner.inner_text()
    banner.scroll_into_view_if_needed()
    view.check(page)
    view.pane(page, "proof")
    assert page.locator("#conflicts .byline-conflict").is_visible()
    view.press(page.locator(".byline-jump[data-jump=sources]"))
    credits_ = page.locator("#sources .byline-credits").all_inner_texts()
    assert {told.lower() for told in credits_} == {"citing reuters", "citing bloomberg"}
    view.check(page)


def test_the_story_is_drawn_and_leads_to_the_words(view: View, served: Served) -> None:
    page = view.home(served.url)
    ask(page, DIED)
    view.pane(page, "proof")
    view.press(page.locator(".byline-jump[data-jump=story]"))
    page.wait_for_function(
        "() => { const top = document.querySelector('#story').getBoundingClientRect().top;"
        " return top >= 0 && top < innerHeight / 2; }"
    )
    axis = page.locator("#story .byline-axis")
    assert axis.locator("svg .mark").count() == axis.locator("ol > li").count() >= 6
    drawing, pane = (page.locator(s).bounding_box() for s in (".byline-axis-drawing", "#evidence"))
    assert drawing and pane
    assert pane["x"] <= drawing["x"]
    assert drawing["x"] + drawing["width"] <= pane["x"] + pane["width"]
    assert page.locator("#story img, #story canvas, #story iframe").count() == 0
    view.check(page)
    view.press(axis.locator("ol .byline-open").first)
    page.wait_for_selector("#article mark")
    assert in_view(page, "#article mark")
    view.press(page.locator(".byline-close"))

    view.put_away(page, "proof")
    ask(page, TRAM)
    view.pane(page, "proof")
    rows = page.locator("#story .byline-map")
    rows.scroll_into_view_if_needed()
    for told in ("The Ridge Observer", "Valley Public Radio", "$48 million", "$61 million"):
        assert told in rows.inner_text()
    view.check(page)
    view.press(rows.locator(".byline-cite").first)
    page.wait_for_selector("#article mark")


# --- scope ---------------------------------------------------------------------------------------


def test_limits_are_chosen_shown_kept_and_understood(view: View, served: Served) -> None:
    page = view.home(served.url)
    view.press(page.locator(".byline-scope-panel summary"))
    page.fill("#since", "2026-06-01")
    page.fill("#outlets", "Westmere Gazette")
    page.press("#outlets", "Enter")
    page.select_option(".byline-scope-form [name=language]", "en")
    chips = page.locator(".byline-scope-chip")
    assert chips.all_inner_texts() == ["From 1 June 2026", "Westmere Gazette", "Language: en"]
    view.check(page)
    ask(page, OPENS)
    outlets = page.locator("#current .byline-sentence .byline-outlet").all_inner_texts()
    assert set(outlets) == {"Westmere Gazette"}
    view.reload(page)
    page.wait_for_selector("#past .byline-turn")
    assert chips.all_inner_texts() == ["From 1 June 2026", "Westmere Gazette", "Language: en"]
    how = page.locator("#past .byline-how")
    view.press(how.locator("summary"))
    assert "Westmere Gazette" in how.inner_text()
    view.press(chips.nth(1))
    assert chips.all_inner_texts() == ["From 1 June 2026", "Language: en"]

    view.press(page.locator("#clear"))
    page.wait_for_selector(".byline-hero")
    assert chips.count() == 0
    asked = "According to Coast Business Weekly, when will the Orrin battery plant open?"
    ask(page, asked)
    view.press(page.locator("#current .byline-how summary"))
    limits = page.locator("#current .byline-how dd", has=page.locator(".byline-limits"))
    assert "Coast Business Weekly" in limits.inner_text()
    view.check(page)
    view.press(limits.locator(".byline-limits"))
    assert chips.all_inner_texts() == ["Coast Business Weekly"]
    view.press(chips.first)
    page.fill("#outlets", "Westmere Gazette")
    page.press("#outlets", "Enter")
    view.press(page.locator(".byline-toast-do"))
    page.wait_for_selector("#current [data-state=done] .byline-outlet >> text=Westmere Gazette")


def test_only_one_article_is_asked(view: View, served: Served) -> None:
    page = view.home(served.url)
    view.library(page)
    page.fill("#library-search :is(input, textarea)", "How many were on the ferry")
    page.wait_for_function("document.querySelectorAll('#library tbody tr').length === 1")
    view.press(page.locator("#library .byline-only"))
    page.wait_for_selector("#question textarea:visible")
    ask(page, ABOARD)
    assert len(page.locator(".byline-scope-chip").all_inner_texts()) == 1
    outlets = page.locator("#current .byline-sentence .byline-outlet").all_inner_texts()
    assert set(outlets) == {"Sorrel Bay Courier"}
    view.library(page)


# --- share and export ----------------------------------------------------------------------------


def test_a_link_is_read_at_every_size_until_it_is_taken_back(view: View, served: Served) -> None:
    page = view.home(served.url)
    ask(page, DIED)
    told = quotes(page)
    view.press(page.locator(".byline-talk-bar .byline-menu"))
    choose(view, page, "Share by link")
    link = page.input_value("dialog input")
    view.check(page)
    reader = view.open(link, "article")
    assert all(quote in reader.inner_text("body") for quote in told)
    assert reader.locator("textarea, button, script").count() == 0
    view.check(reader)
    view.press(page.get_by_role("button", name="Stop sharing"))
    page.wait_for_selector("dialog", state="detached")
    gone = page.request.get(link)
    assert gone.status == 404
    reader.close()


def test_every_export_is_downloaded_and_holds_the_proof(view: View, served: Served) -> None:
    page = view.home(served.url)
    ask(page, DIED)
    told = quotes(page)

    def downloaded(word: str, ending: str) -> bytes:
        view.press(page.locator(".byline-talk-bar .byline-menu"))
        with page.expect_download() as download:
            choose(view, page, f"Export: {word}")
        assert download.value.suggested_filename.endswith(ending)
        return Path(download.value.path()).read_bytes()

    for word, (ending, read) in FILES.items():
        text = squeezed(read(downloaded(word, ending)))
        assert all(squeezed(quote) in text for quote in told), word
        assert squeezed("Northwater News Agency") in text
    entries = bibtexparser.parse_string(downloaded("BibTeX", ".bib").decode()).entries
    titles = {entry["title"] for entry in entries}
    listed = json.loads(downloaded("CSL-JSON", ".json"))
    assert len(titles) == len(listed) == 2
    assert {item["title"] for item in listed} == {re.sub("[{}]", "", title) for title in titles}
    assert {item["container-title"] for item in listed} == {"Northwater News Agency"}
    view.check(page)


# --- access --------------------------------------------------------------------------------------


def test_all_can_be_done_by_keys(view: View, served: Served) -> None:
    page = view.home(served.url)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert focused(page, "#question textarea")
    page.keyboard.type(DIED)
    page.keyboard.press("Enter")
    answered(page, DIED)
    page.evaluate("document.activeElement.blur()")
    for n in (1, 2):
        page.keyboard.press("n")
        assert focused(page, f"#current .byline-cite[data-marker='{n}']")
    peek = page.locator("#byline-peek")
    chip = page.locator("#current .byline-cite:focus")
    assert (chip.get_attribute("data-quote") or "-") in peek.inner_text()
    assert "Northwater News Agency" in peek.inner_text() and "2026" in peek.inner_text()
    assert chip.get_attribute("aria-label") and not chip.get_attribute("title")
    view.check(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#article mark.is-shown[data-marker='2']")
    page.keyboard.press("n")
    assert page.locator("#article mark.is-shown").first.get_attribute("data-marker") == "3"
    page.keyboard.press("Escape")
    assert focused(page, "#current .byline-cite[data-marker='2']")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("c")
    assert focused(page, ".byline-find")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert "Next source chip" in page.locator("dialog").inner_text()
    view.check(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("o")
    page.wait_for_selector(".byline-hero")


def test_nothing_moves_for_who_wants_no_motion(view: View, served: Served) -> None:
    page = view.home(served.url)
    page.emulate_media(reduced_motion="reduce")
    ask(page, DIED)
    moving = """() => { const seconds = (list) => Math.max(...list.split(',').map((v) =>
        parseFloat(v) * (v.trim().endsWith('ms') ? .001 : 1)));
      return [...document.querySelectorAll('*')].flatMap((node) => [null, '::before', '::after']
        .map((part) => [node, getComputedStyle(node, part)]))
        .filter(([, style]) => seconds(style.transitionDuration) > .01
          || (style.animationName !== 'none' && seconds(style.animationDuration) > .01))
        .map(([node]) => `${node.tagName}.${node.className?.baseVal ?? node.className}`); }"""
    assert page.evaluate(moving) == []
    for name in ("Library", "Quality", "Settings"):
        view.tab(page, name)
        page.wait_for_timeout(300)
        assert page.evaluate(moving) == []
    page.emulate_media(reduced_motion="no-preference")
