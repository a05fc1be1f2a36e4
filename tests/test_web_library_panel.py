"""The panel of an article, and foreign words in every view of the library."""

import gzip
import html.parser
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from rag.jobs import Item
from rag.schema import Credit
from tests.canned import ARTICLES, COST, HARBOUR
from tests.fake_desk import FakeDesk
from tests.shelving import do, queue, shelf
from web.acting import VERBS, act
from web.visitors import LOCAL

SHARED = Path(__file__).resolve().parents[2] / "shared"


def cited(client: TestClient, revision: int) -> Any:
    marks = f"1-{COST.start}-{COST.end}"
    return client.get("/page/article", params={"id": "a1", "revision": revision, "marks": marks})


def test_the_panel_shows_the_revision_that_was_cited(desk: FakeDesk, client: TestClient) -> None:
    changed = HARBOUR.replace("38 million", "41 million")
    desk.put(replace(ARTICLES["a1"], revision=2, text=changed, content_hash="2"))

    old, new = cited(client, 1).text, cited(client, 2).text
    assert f'<mark data-marker="1">{COST.text}</mark>' in old and "see what changed" in old
    assert "41 million" in new and "see what changed" not in new
    diff = client.get("/page/changes?id=a1&revision=1").text
    assert "<del>38</del><ins>41</ins> million" in diff
    assert "text changed" in client.get("/page/history?id=a1").text


def test_a_corrected_field_does_not_look_like_a_changed_text(
    desk: FakeDesk, client: TestClient
) -> None:
    do(desk, "correct", article="a1", values={"outlet": "The Courier"})

    assert "<mark" in cited(client, 1).text and "see what changed" not in cited(client, 1).text
    assert "outlet changed" in client.get("/page/history?id=a1").text


def test_the_panel_says_calmly_what_became_of_an_article(
    desk: FakeDesk, client: TestClient
) -> None:
    do(desk, "withdraw", article="a1", reason="retracted")
    do(desk, "remove", article="a2")

    gone, removed, never = (client.get(f"/page/article?id={i}") for i in ("a1", "a2", "zz"))
    assert gone.status_code == 410 and "Withdrawn on" in gone.text and "retracted" in gone.text
    assert ARTICLES["a1"].title is not None and ARTICLES["a1"].title in gone.text
    assert removed.status_code == 410 and "Removed on" in removed.text
    assert never.status_code == 404 and "no article here" in never.json()["error"]["message"]


def test_the_head_says_section_language_origin_and_credits(
    desk: FakeDesk, client: TestClient
) -> None:
    start = HARBOUR.index("Courier")
    credit = Credit(
        article_id="a1", start=start, end=start + 7, text="Courier", name="Courier", kind="report"
    )
    desk.put(replace(ARTICLES["a1"], section="City", language="en", credits=(credit, credit)))
    head = client.get("/page/article?id=a1").text.split("</header>")[0]

    for told in ("City", ">en<", "from the page’s metadata", "Mara Lindqvist"):
        assert told in head, told
    assert head.count("byline-credit") == 2  # the line, and one tag for both places


# --- foreign words -------------------------------------------------------------------------------


class Markup(html.parser.HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}


def payloads() -> list[str]:
    words = [
        "<img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)',
        "'><script>alert(1)</script>",
        "</p></details><svg onload=alert(1)>",
        "javascript:alert(1)",
        "\u202egnp.exe",
    ]
    path = SHARED / "data" / "xss_payloads.jsonl.gz"
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            words += [json.loads(line)["text"] for line in lines][::60]
    return words


def test_foreign_words_stay_words_everywhere(desk: FakeDesk, client: TestClient) -> None:
    flood = "\n".join(payloads())
    foul = replace(
        ARTICLES["a1"],
        title=flood,
        outlet=flood,
        authors=(flood,),
        url=flood,
        path=flood,
        section=flood,
        language=flood,
        date_source=flood,
        group_id="g",
    )
    credit = Credit(article_id="a1", start=0, end=3, text=HARBOUR[:3], name=flood, kind="report")
    desk.put(replace(foul, credits=(credit,)), replace(foul, article_id="b", url=None))
    desk.put(replace(foul, revision=2, text=flood + HARBOUR, outlet="x" + flood, content_hash="2"))
    desk.holdings.withdraw("b", flood)
    desk.kept.submit([flood, f"feed:https://x.example/{flood}", "/y/ok.jsonl"])
    while job := desk.kept.take():
        item = Item(source=flood, outcome="skipped", title=flood, reason=flood, article_id="a1")
        desk.kept.note({job.job_id: [(item, 0), (item, 0)]})
        desk.kept.fail(job.job_id, flood)
    desk.kept.pause(flood)
    desk.kept.submit([flood])
    told = act(desk, {"verb": flood, "article": flood}, LOCAL)  # type: ignore[arg-type]
    views = ("article", "edit", "withdraw", "history", "article?revision=1", "changes?revision=1")
    pages = [told.html(), queue(desk), shelf(desk), shelf(desk, only="withdrawn")]
    pages += [client.get(f"/page/job?id={n}").text for n in (1, 2, 3)]
    pages += [client.get(f"/page/{v}{'&' if '?' in v else '?'}id=a1").text for v in views]
    pages += [client.get("/page/article?id=b").text]

    for page in pages:
        found = Markup(page)
        assert not found.tags & {"script", "img", "svg", "iframe", "video", "style", "object"}
        assert not [name for name in found.names if name.startswith("on")]
        assert found.names <= KNOWN_NAMES, found.names - KNOWN_NAMES
        assert all(link.startswith(("http://", "https://")) for link in found.links)
        assert "\u202e" not in page


KNOWN_NAMES = set(
    "class id type name value title role dir rel href target for rows maxlength placeholder min "
    "autocomplete scope open max disabled selected hidden tabindex".split()
) | set("aria-label aria-pressed aria-sort aria-describedby aria-hidden".split())
KNOWN_NAMES |= {
    f"data-{n}"
    for n in "key verb job heap state outcome done kept busy ended article revision marks marker "
    "view only sort offset label column limit title bulk still focus may-edit token".split()
}


def test_every_deed_of_the_page_is_known() -> None:
    web = Path(__file__).parents[1] / "web"
    script = (web / "library.js").read_text() + (web / "picking.js").read_text()

    assert set(re.findall(r"verb: '(\w+)'", script)) <= VERBS.keys()
