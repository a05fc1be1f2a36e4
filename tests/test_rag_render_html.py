"""The pieces of the page: hooks, marks, and that nothing foreign becomes markup."""

import gzip
import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.draft import Draft
from rag.render import defused, is_web_url, printable
from rag.render_html import article_html, esc, marked_html, sources_html
from rag.render_json import to_json
from rag.render_markdown import to_markdown
from rag.render_sides import conflicts_html
from rag.render_turn import answer_html, draft_html, failure_html
from rag.schema import Article, Citation, Evidence
from tests.canned import ARTICLES, COST, abstention, canned, hostile, with_articles

SHARED = Path(__file__).resolve().parents[2] / "shared"
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea></title><iframe src=javascript:alert(1)>",
    "![x](https://evil.example/a.png) <form action=//evil.example>",
    "\x1b[31mred\x1b]0;title\x07",
    "${alert(1)} {{constructor}} `x`",
)
TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize("flood", ["[" * 100_000, "[1," * 40_000, " " * 100_000, "*" * 100_000])
def test_floods_of_brackets_take_no_time(flood: str) -> None:
    started = time.perf_counter()
    article = Article(article_id="x", revision=1, title=flood, text=flood, outlet=flood)
    article_html(article)
    defused(flood)
    to_markdown(to_json(hostile(flood)))

    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://courier.example/a?b=c#d", True),
        ("http://courier.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<b>", False),
        ("//courier.example/a", False),
        ("https:///a", False),
        ("https://a.example/<b>", False),
        ("https://a.example/\nb", False),
        (" https://a.example", False),
        ("", False),
        (None, False),
    ],
)
def test_only_absolute_web_addresses_become_links(url: str | None, is_link: bool) -> None:
    assert is_web_url(url) is is_link
    shown = sources_html(with_articles(canned(), url=url))
    assert ("<a " in shown) is is_link
    if is_link:
        assert 'rel="noopener noreferrer nofollow"' in shown


class _Tags(HTMLParser):
    """Every tag, attribute name and address in a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.addresses: set[str] = set()
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.addresses |= {v or "" for name, v in attrs if name in ("href", "src", "action")}

    def handle_data(self, data: str) -> None:
        self.text += data


def _markup_with(words: str) -> str:
    """Everything the page can show, made of hostile words."""
    answer = hostile(words)
    article = Article(article_id=words, revision=1, title=words, text=words or " ", outlet=words)
    draft = Draft(asked=words, steps=[words], passages=answer.passages)
    return "".join(
        (
            answer_html(answer),
            answer_html(replace(answer, sentences=())),
            sources_html(answer),
            conflicts_html(answer),
            article_html(
                replace(article, authors=(words,), url=words, date_source=words), (), words
            ),
            draft_html(draft),
            draft_html(replace(draft, asked=words.ljust(501, "x"))),  # long ones are set otherwise
            failure_html(draft, words, words, words),
        )
    )


_OURS = _Tags(_markup_with("plain words"))


def _check_harmless(words: str) -> None:
    shown = _Tags(_markup_with(words))
    assert shown.tags <= _OURS.tags | {"a"}
    assert shown.names <= _OURS.names | {"href", "target", "rel"}
    assert all(is_web_url(address) for address in shown.addresses)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    _check_harmless(words)


@given(TEXT)
def test_any_text_stays_text(words: str) -> None:
    _check_harmless(words)


@given(TEXT)
def test_escaping_shows_the_very_text(words: str) -> None:
    assert _Tags(f"<p>{esc(words)}</p>").text == printable(words)


def test_no_payload_of_the_collection_gets_through() -> None:
    path = SHARED / "data" / "xss_payloads.jsonl.gz"
    if not path.is_file():
        pytest.skip("the collection of hostile strings is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        payloads = [json.loads(line)["text"] for line in lines]

    for n in range(0, len(payloads), 100):
        _check_harmless("\n".join(payloads[n : n + 50]))
    for payload in payloads:
        assert "<" not in esc(payload) and '"' not in esc(payload) and "'" not in esc(payload)


# --- HTML ----------------------------------------------------------------------------------------


def test_a_sentence_shows_its_chips_verdict_outlet_and_date() -> None:
    shown = answer_html(canned()).split("byline-banner")[0]

    assert re.findall(r'byline-cite" data-marker="(\d)"', shown) == ["1", "2", "1"]
    assert re.findall(r'byline-verdict" data-label="(\w+)"', shown) == [
        "supported",
        "refuted",
        "unsupported",
    ]
    assert "The Harbour Courier" in shown and "27 January 2026" in shown
    assert "Contradicted" in shown and "900 million euros is not in the source" in shown


def test_sources_mark_the_quoted_words_and_keep_what_was_only_found_apart() -> None:
    answer = replace(canned(), sentences=canned().sentences[:1], conflicts=())
    cited, found = sources_html(answer).split("<details")

    assert cited.count('class="byline-source"') == 1
    assert f'<mark data-marker="1">{COST.text}</mark>' in cited
    assert "1 original, 2 reprints" in cited
    assert 'byline-source"' not in found and "<mark" not in found
    assert "Northern Ledger" in found


def test_conflicts_show_both_sides_with_outlet_and_date() -> None:
    shown = conflicts_html(canned())

    assert "Different figures" in shown and shown.count("<li>") == 2
    assert "Northern Ledger" in shown and "updated 29 January 2026" in shown
    assert conflicts_html(abstention("Who?")) == ""


def test_a_conflict_is_headed_by_what_differs_and_sets_it_off() -> None:
    (conflict,) = canned().conflicts
    words = ("38 million euros", "52 million euros")
    told = tuple(replace(p, differs=w) for p, w in zip(conflict.positions, words, strict=True))
    answer = replace(canned(), conflicts=(replace(conflict, positions=told),))
    shown = conflicts_html(answer)

    assert f"“{words[0]}” or “{words[1]}”</h4>" in shown
    assert all(f"<strong>{w}</strong>" in shown for w in words)
    assert "Sources disagree** on “38" in to_markdown(to_json(answer))
    assert "Cost of the repair</h4>" in conflicts_html(canned())  # where it is not known


def test_an_abstention_cites_nothing() -> None:
    assert "byline-cite" not in answer_html(abstention("Who painted it?"))
    assert 'class="byline-source"' not in sources_html(abstention("Who painted it?"))


def test_the_whole_article_is_shown_with_its_marks() -> None:
    article = ARTICLES["a1"]
    cited = (Citation(marker=1, evidence=COST),)
    shown = article_html(article, cited)

    assert f'<mark data-marker="1">{COST.text}</mark>' in shown
    assert "".join(_Tags(shown.split('byline-body">')[1]).text.split()) == "".join(
        article.text.split()
    )


@st.composite
def _cited_text(draw: st.DrawFn) -> tuple[str, list[Citation]]:
    text = draw(st.text(alphabet="ab<&\n \u00e9", min_size=1, max_size=40))
    bounds = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = draw(st.lists(bounds, max_size=4))
    return text, [
        Citation(marker=n, evidence=Evidence(article_id="x", start=a, end=b, text=text[a:b]))
        for n, (a, b) in enumerate(((min(s), max(s)) for s in spans), 1)
        if a < b
    ]


@given(_cited_text())
def test_marks_cover_exactly_the_quoted_words_however_they_overlap(
    case: tuple[str, list[Citation]],
) -> None:
    text, citations = case

    class Marked(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.covered: dict[str, str] = {}
            self.whole = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.open.append(dict(attrs)["data-marker"] or "")

        def handle_endtag(self, tag: str) -> None:
            self.open.pop()

        def handle_data(self, data: str) -> None:
            self.whole += data
            for marker in self.open:
                self.covered[marker] = self.covered.get(marker, "") + data

    parsed = Marked()
    parsed.feed(marked_html(text, 0, citations))
    parsed.close()

    assert parsed.whole == text
    assert parsed.covered == {str(c.marker): c.evidence.text for c in citations}
