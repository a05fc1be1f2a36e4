"""The library in a real browser over the real queue: give, watch, mend, correct, withdraw."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.settings import Settings
from tests.browsing import STRAYS, Served, fits, open_page, serving
from web.desk import Desk
from web.visitors import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
N_FILES = 200
LEAD = "The town council of Arden met on Monday evening and spoke about item number {n}."


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = Settings(home=tmp_path_factory.mktemp("archive"))
    with Desk.open(settings, create=True) as desk:
        desk.start()
        with serving(desk) as served:
            yield served


@pytest.fixture
def page(browser: "Browser", served: Served) -> Iterator["Page"]:
    page = open_page(browser, served.url, 1440, 900)
    library(page)
    yield page
    assert STRAYS[page] == []
    page.context.close()


def library(page: "Page") -> None:
    page.get_by_role("tab", name="Library").click()
    page.wait_for_selector("#upload input[type=file]", state="attached")
    page.wait_for_selector("#library .byline-chip")


def upload(page: "Page", *paths: Path) -> None:
    page.set_input_files("#upload input[type=file]", [str(path) for path in paths])


def wait_for_queue(page: "Page", told: str, timeout_ms: int = 60_000) -> None:
    page.wait_for_function(
        "(told) => document.querySelector('#queue')?.innerText.includes(told)",
        arg=told,
        timeout=timeout_ms,
    )


def find(page: "Page", title: str) -> None:
    page.fill("#library-search :is(input, textarea)", title)
    page.wait_for_function(
        "(title) => { const rows = [...document.querySelectorAll('#library tbody tr')];"
        " return rows.length === 1 && rows[0].innerText.includes(title); }",
        arg=title,
    )


def note(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_two_hundred_files_at_once_each_with_what_became_of_it(
    page: "Page", served: Served, tmp_path: Path
) -> None:
    good = [note(tmp_path, f"item-{n:03}.txt", LEAD.format(n=n)) for n in range(N_FILES - 4)]
    mixed = note(tmp_path, "mixed.jsonl", '{"title": "One", "text": "Rain fell."}\n{broken\n')
    empty = note(tmp_path, "empty.txt", "")
    photo = note(tmp_path, "photo.png", "not a picture")
    binary = tmp_path / "binary.txt"
    binary.write_bytes(bytes(range(256)) * 9)
    upload(page, *good, mixed, empty, photo, binary)

    wait_for_queue(page, f"of {N_FILES} done")
    page.locator("#queue progress").wait_for()
    page.reload()  # the queue is on the server: nothing is lost
    library(page)
    wait_for_queue(page, f"{N_FILES} done, 4 with problems")
    told = page.locator("#queue [data-heap=problems]").inner_text()
    for name, reason in (
        ("empty.txt", "empty"),
        ("photo.png", ".png are not read"),
        ("binary", "binary"),
    ):
        assert name in told and reason in told, (name, told)
    page.locator("#queue summary >> text=mixed.jsonl").click()
    page.wait_for_selector("#queue .byline-item-list >> text=One")
    assert page.locator("#queue .byline-item-list li").first.inner_text().startswith("Skipped")
    page.wait_for_selector(f"#masthead >> text={N_FILES - 3} articles")
    assert served.desk.counts()[0] == N_FILES - 3

    upload(page, note(tmp_path, "empty.txt", "It is not empty any more, the clerk said."))
    wait_for_queue(page, f"{N_FILES + 1} done")
    page.locator("#queue [data-heap=problems] li", has_text="empty.txt").get_by_role(
        "button", name="Retry"
    ).click()
    wait_for_queue(page, "done, 3 with problems")
    page.click("#queue [data-verb=clear]")
    page.wait_for_selector("#queue h2", state="detached")


def test_a_corrected_field_outlives_reading_and_the_history_tells_changes(
    page: "Page", served: Served, tmp_path: Path
) -> None:
    first = "The bridge repair will cost 38 million euros, the council said."
    upload(page, note(tmp_path, "bridge.txt", first))
    find(page, "bridge.txt")
    page.click("#library [data-view=edit]")
    page.fill("#edit-outlet", "Harbour Courier")
    page.fill("#edit-published_at", "some day")
    page.click("#article [type=submit]")
    page.wait_for_selector("#article .byline-form-error >> text=is not a date")
    page.fill("#edit-published_at", "2026-01-29")
    page.click("#article [type=submit]")
    page.wait_for_selector("#article", state="hidden")
    page.wait_for_selector("#library >> text=Corrected: outlet, published")

    upload(page, note(tmp_path, "bridge.txt", first.replace("38", "52")))
    page.wait_for_selector("#library >> text=Changed on")
    row = page.locator("#library tbody tr").inner_text()
    assert "Harbour Courier" in row and "29 January 2026" in row and "set by hand" in row
    page.click("#library .byline-chip[data-only=changed]")
    page.locator("#library >> text=Changed on").click()
    page.wait_for_selector("#article .byline-revision")
    panel = page.locator("#article").inner_text()
    assert "Revision 3" in panel and "the council said" in panel
    assert page.locator("#article details[open] .byline-diff del").all_inner_texts() == ["38"]
    assert page.locator("#article details[open] .byline-diff ins").all_inner_texts() == ["52"]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.view") == "history"
    # As a chip of an earlier answer opens it: what was cited, and the way to what changed.
    page.evaluate("document.querySelector('#library .byline-open').dataset.revision = 2")
    page.click("#library .byline-open")
    page.wait_for_selector("#article .byline-body >> text=38 million")
    page.click("#article >> text=see what changed")
    page.wait_for_selector("#article .byline-diff ins >> text=52")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#library .byline-open')")
    page.click("#library [data-view=edit]")
    page.click("#article [data-verb=uncorrect]")
    page.wait_for_selector("#library >> text=outlet unknown")


def test_an_article_is_withdrawn_told_where_it_was_cited_and_restored(
    page: "Page", served: Served, tmp_path: Path
) -> None:
    upload(page, note(tmp_path, "ferry.txt", "The ferry sank on Sunday off Sorrel Bay."))
    find(page, "ferry.txt")
    page.locator("#library .byline-open").click()
    page.wait_for_selector("#article .byline-body >> text=ferry sank")
    page.keyboard.press("Escape")
    page.focus("#library [data-view=withdraw]")
    page.keyboard.press("Enter")  # the whole way by keyboard
    page.wait_for_selector("#withdraw-reason:focus")
    page.keyboard.type("The ferry did not sink")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#library >> text=No article matches.")
    page.wait_for_selector("#told .byline-undo:focus")
    page.click("#library .byline-chip[data-only=withdrawn]")
    page.wait_for_selector("#library >> text=The ferry did not sink")
    article_id = page.locator("#library tbody tr").get_attribute("data-key")
    gone = page.request.get(f"{served.url}/page/article?id={article_id}")
    assert gone.status == 410 and "The ferry did not sink" in gone.text()
    page.click("#library [data-verb=restore]")
    page.wait_for_selector("#library >> text=Nothing is withdrawn.")
    page.click("#library .byline-chip[data-only=all]")
    page.wait_for_selector("#library .byline-open >> text=ferry.txt")


def test_the_queue_is_steered_from_the_page(page: "Page", served: Served) -> None:
    served.desk.queue.pause()
    page.fill("#web-addresses", "/etc/passwd")
    page.click("#web [type=submit]")
    page.wait_for_selector("#web .byline-form-error >> text=is not a web address")
    page.fill("#web-addresses", "http://127.0.0.1:9/sitemap.xml")
    assert page.locator("#web select").input_value() == "sitemap"
    page.fill("#web-addresses", "http://127.0.0.1:9/one http://127.0.0.1:9/rss.xml")
    assert page.locator("#web select").input_value() == "guess"
    page.click("#web [type=submit]")
    wait_for_queue(page, "Paused by hand. Nothing is lost.")
    wait_for_queue(page, "Feed http://127.0.0.1:9/rss.xml")
    assert page.locator("#web-addresses").input_value() == ""
    other = page.context.new_page()  # another tab sees the same
    other.goto(served.url)
    other.wait_for_selector(".byline-hero")
    library(other)
    wait_for_queue(other, "Paused by hand.")
    other.close()
    page.locator("#queue li", has_text="rss.xml").get_by_role("button", name="Cancel").click()
    wait_for_queue(page, "Cancelled")
    page.click("#queue [data-verb=resume]")
    wait_for_queue(page, "with problems")


def test_articles_are_found_and_removed(page: "Page", served: Served, tmp_path: Path) -> None:
    upload(page, note(tmp_path, "Sturm.txt", "A storm took the roof of the old station."))
    find(page, "Sturm")
    n_articles = served.desk.counts()[0]
    page.fill("#library-search :is(input, textarea)", "absent")
    page.wait_for_selector("#library >> text=No article matches")
    page.click("#library >> text=Show all articles")
    page.wait_for_function("document.querySelectorAll('#library tbody tr').length > 1")
    assert page.locator("#library-search :is(input, textarea)").input_value() == ""
    find(page, "Sturm")
    page.clock.install()
    page.focus("#library .byline-remove")
    page.keyboard.press("Enter")
    page.wait_for_selector("#told >> text=Removed: Sturm")
    assert served.desk.counts()[0] == n_articles - 1
    page.wait_for_selector("#library >> text=No article matches")
    page.wait_for_selector("#told .byline-undo:focus")
    page.clock.fast_forward(60_000)  # as long as somebody is at it
    assert page.evaluate("document.activeElement.matches('#told .byline-undo')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#told >> text=Back again: Sturm")
    page.wait_for_selector("#library .byline-open >> text=Sturm")
    assert served.desk.counts()[0] == n_articles
    page.click("#library .byline-remove")
    page.wait_for_selector("#told .byline-undo")
    page.mouse.move(5, 5)
    page.clock.fast_forward(12_000)
    assert page.locator("#told .byline-undo").is_visible()
    page.keyboard.press("Control+z")
    page.wait_for_selector("#told >> text=Back again: Sturm")
    assert served.desk.counts()[0] == n_articles
    page.clock.fast_forward(30_000)
    page.wait_for_selector("#told .byline-told", state="detached")


def test_selected_articles_are_withdrawn_asked_and_removed_together(
    page: "Page", served: Served, tmp_path: Path
) -> None:
    upload(page, *(note(tmp_path, f"tide-{n}.txt", LEAD.format(n=900 + n)) for n in range(5)))
    page.fill("#library-search :is(input, textarea)", "tide-")
    page.wait_for_function("document.querySelectorAll('#library tbody tr').length === 5")
    n_articles = served.desk.counts()[0]
    page.locator("#library .byline-pick").nth(0).check()
    page.locator("#library .byline-pick").nth(1).focus()
    page.keyboard.press("Space")
    bar = page.locator("#library .byline-selected")
    assert "2 selected" in bar.inner_text()
    assert page.evaluate("document.querySelector('.byline-pick-all').indeterminate")
    find(page, "tide-0")  # what is selected stays so while others are looked for
    page.wait_for_function(
        "/2 selected, [12] not shown/.test(document.querySelector('.byline-selected').innerText)"
    )
    page.fill("#library-search :is(input, textarea)", "tide-")
    page.wait_for_function(
        "document.querySelectorAll('#library .byline-pick:checked').length === 2"
    )
    page.check("#library .byline-pick-all")
    assert "5 selected" in bar.inner_text()
    page.click("#library [data-bulk=withdraw]")
    page.keyboard.type("All of them retracted")
    page.keyboard.press("Enter")
    page.wait_for_selector("#told >> text=Withdrawn: 5 articles")
    assert served.desk.counts()[0] == n_articles - 5 and not bar.is_visible()
    page.click("#told .byline-undo")
    page.wait_for_selector("#told >> text=Back again: 5 articles")
    page.wait_for_function("document.querySelectorAll('#library tbody tr').length === 5")
    assert served.desk.counts()[0] == n_articles
    page.locator("#library .byline-pick").nth(2).check()
    page.locator("#library .byline-pick").nth(3).check()
    page.click("#library [data-bulk=remove]")
    page.wait_for_selector("#told >> text=Removed: 2 articles")
    page.wait_for_function("document.querySelectorAll('#library tbody tr').length === 3")
    title = page.locator("#library .byline-open").nth(0).inner_text()
    page.check("#library .byline-pick-all")
    page.uncheck("#library .byline-pick >> nth=2")
    page.click("#library [data-bulk=ask]")
    page.wait_for_selector("#question textarea:visible")
    limits = page.locator(".byline-scope-chips")
    assert title in limits.inner_text()
    library(page)
    page.locator("#library .byline-only").nth(2).click()
    page.wait_for_selector("#question textarea:visible")
    assert title not in limits.inner_text()


def test_files_are_dropped_anywhere_and_a_wrong_date_is_set_right(
    page: "Page", served: Served
) -> None:
    page.get_by_role("tab", name="Chat").click()
    n_articles = served.desk.counts()[0]
    drag = """(kind) => {
      const carried = new DataTransfer();
      for (const n of [1, 2, 3]) {
        const text = `The lock at Weir ${n} froze over on Friday, the keeper said.`;
        carried.items.add(new File([text], `weir-${n}.txt`, {type: 'text/plain'}));
      }
      const event = new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true});
      document.querySelector('#transcript').dispatchEvent(event);
      return document.body.classList.contains('byline-dropping');
    }"""
    assert page.evaluate(drag, "dragenter") is True
    assert page.evaluate(drag, "dragleave") is False
    page.evaluate(drag, "dragenter")
    assert page.evaluate(drag, "drop") is False
    page.wait_for_selector("#library .byline-open >> text=weir-3.txt")
    assert served.desk.counts()[0] == n_articles + 3
    find(page, "weir-2")
    page.click("#library .byline-open")
    page.click("#article >> text=Set the date")
    page.wait_for_selector("#edit-published_at:focus")
    page.keyboard.type("someday")
    page.keyboard.press("Enter")
    page.wait_for_selector(
        "#edit-published_at[aria-invalid]:focus + .byline-form-error:not(:empty)"
    )
    page.fill("#edit-published_at", "2026-01-30")
    page.keyboard.press("Enter")
    page.wait_for_selector("#library td >> text=30 January 2026")
    page.wait_for_selector("#library td >> text=set by hand")


def test_a_reader_sees_the_library_without_its_tools(
    browser: "Browser", served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.visitors.LOCAL", Visitor(name="ann", role="reader"))
    page = open_page(browser, served.url, 390, 844)
    page.get_by_role("tab", name="Library").click()
    page.wait_for_selector("#library .byline-pick")
    assert not page.locator("#intake").is_visible()
    told = page.locator("#library").inner_text()
    assert "Ask only this" in told
    assert not [deed for deed in ("Edit", "Withdraw\n", "Remove") if deed in told]
    page.check("#library .byline-pick >> nth=0")
    assert page.locator(".byline-selected button:visible").all_inner_texts() == [
        "Ask only these",
        "Clear",
    ]
    assert STRAYS[page] == []
    page.context.close()


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_shows_queue_and_shelves_without_sideways_scrolling(
    browser: "Browser", served: Served, tmp_path: Path, width: int
) -> None:
    page = open_page(browser, served.url, width, 844)
    library(page)
    long = note(tmp_path, "a-very-long-name-" * 6 + ".txt", "x" * 300 + " ended. " + LEAD)
    upload(page, long, note(tmp_path, "b" * 90 + ".png", "x"))
    wait_for_queue(page, "bbbb")
    wait_for_queue(page, "Skipped")
    page.wait_for_selector("#library .byline-open >> text=a-very-long")

    assert fits(page)
    page.locator("#library [data-view=edit]").first.click()
    page.wait_for_selector("#edit-title")
    assert fits(page) and page.locator(".byline-close").is_visible()
    page.context.close()


def test_a_hidden_tab_asks_for_nothing(page: "Page") -> None:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/page/" in r.url else None)
    page.get_by_role("tab", name="Chat").click()
    page.wait_for_timeout(500)
    asked.clear()
    page.wait_for_timeout(5_500)
    assert asked == []
