"""The JSON contract, and that nothing foreign gets past the renderers."""

import gzip
import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.render import (
    article_json,
    defused,
    is_web_url,
    iso,
    printable,
    sentence_json,
    to_json,
    to_markdown,
    to_text,
)
from rag.render_html import article_html, conflicts_html, esc, marked_html, sources_html
from rag.render_turn import Draft, answer_html, draft_html, failure_html
from rag.schema import Answer, Article, Citation, Evidence, Question
from tests.fake_desk import ARTICLES, COST, SPRING, abstention, canned

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


# --- JSON ----------------------------------------------------------------------------------------


def test_the_json_has_every_field_of_the_contract() -> None:
    body = to_json(canned())

    assert body["schema"] == 1
    assert body["question"] == body["standalone"] == "What will the bridge repair cost?"
    assert (body["abstained"], body["reason"]) == (False, None)
    assert {"mode", "model", "prompt_version", "settings_id", "notice"} <= body.keys()
    assert body["sentences"][1]["citations"] == [2, 1]
    assert body["sentences"][1]["verdict"] == {
        "label": "refuted",
        "score": 0.1,
        "reasons": ["900 million euros is not in the source: 38 million euros"],
        "judge": "rules 1",
    }
    assert body["timings_ms"] == {"retrieve": 1.235}
    assert json.loads(json.dumps(body, allow_nan=False)) == body


def test_markers_follow_their_sentences_and_the_conflict_continues_the_numbering() -> None:
    body = to_json(canned())

    assert [c["marker"] for c in body["citations"]] == [1, 2, 3]
    assert [p["marker"] for p in body["conflicts"][0]["positions"]] == [1, 3]
    assert "the report said. [1] The bridge" in body["answer"]
    assert "million euros. [2][1] A ferry has been promised." in body["answer"]


def test_every_quote_is_the_article_s_text_at_its_offsets() -> None:
    body = to_json(canned())

    for part in (*body["citations"], *body["retrieved"]):
        assert part["quote"] == ARTICLES[part["article_id"]].text[part["start"] : part["end"]]


def test_what_is_unknown_is_null_and_times_end_in_z() -> None:
    first, second, third = to_json(canned())["citations"]

    assert first["published_at"] == "2026-01-27T09:30:00Z"
    assert first["updated_at"] is None and first["path"] is None
    assert first["group_size"] == 3 and second["group_size"] == 1
    assert [second[k] for k in ("title", "outlet", "url", "published_at")] == [None] * 4
    assert third["updated_at"] == "2026-01-29T19:03:00Z" and third["published_at"] is None
    position = to_json(canned())["conflicts"][0]["positions"][1]
    assert position["updated_at"] == "2026-01-29T19:03:00Z" and position["published_at"] is None


def test_an_abstention_has_a_reason_but_neither_citations_nor_conflicts() -> None:
    body = to_json(abstention("Who painted the bridge?"))

    assert body["abstained"] and body["reason"] == "No passage says who painted the bridge."
    assert body["citations"] == body["conflicts"] == body["sentences"] == []
    assert body["answer"] == "" and len(body["retrieved"]) == 3


def test_the_standalone_question_is_given_when_it_differs() -> None:
    question = Question(asked="And when?", standalone="When will the bridge close?")
    body = to_json(replace(canned(), question=question))

    assert (body["question"], body["standalone"]) == (question.asked, question.standalone)


def test_an_article_comes_with_all_its_fields_and_its_text_only_on_request() -> None:
    article = ARTICLES["a1"]

    assert "text" not in article_json(article)
    whole = article_json(article, with_text=True)
    assert whole["text"] == article.text
    assert whole.keys() == set(Article.__dataclass_fields__)
    assert whole["authors"] == ["Mara Lindqvist"] and whole["published_at"].endswith("Z")
    json.dumps(whole)


def test_times_are_given_in_utc() -> None:
    assert iso(datetime.fromisoformat("2026-01-29T11:03:00-08:00")) == "2026-01-29T19:03:00Z"
    assert iso(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)) == "2026-01-02T03:04:05Z"
    assert iso(None) is None


# --- foreign text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fell [1] again", "fell (1) again"),
        ("see [2, 3] and [4][5]", "see (2, 3) and (4)(5)"),
        ("【1】 and ［7］", "(1) and (7)"),
        ("it [sic] was [2026b]", "it [sic] was [2026b]"),
        ("a\x1b[31mb\u202ec\x00d", "a[31mbcd"),
        ("two\nlines\ttab", "two\nlines\ttab"),
    ],
)
def test_foreign_markers_and_control_characters_are_defused(text: str, shown: str) -> None:
    assert defused(text) == shown


@given(TEXT)
def test_no_marker_of_ours_is_left_in_foreign_text(text: str) -> None:
    assert not re.search(r"\[\d+\]", defused(text))
    printable(text).encode()


@pytest.mark.parametrize("flood", ["[" * 100_000, "[1," * 40_000, " " * 100_000, "*" * 100_000])
def test_floods_of_brackets_take_no_time(flood: str) -> None:
    started = time.perf_counter()
    article = Article(article_id="x", revision=1, title=flood, text=flood, outlet=flood)
    article_html(article)
    defused(flood)
    to_markdown(to_json(_hostile(flood)))

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
    shown = sources_html(_with(canned(), url=url))
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


def _with(answer: Answer, **changed: object) -> Answer:
    articles = {k: replace(a, **changed) for k, a in answer.articles.items()}  # type: ignore[arg-type]
    return replace(answer, articles=articles)


def _hostile(words: str) -> Answer:
    """The canned answer with these words wherever someone else's words can stand."""
    answer = _with(
        canned(words), title=words, outlet=words, authors=(words,), url=words, path=words
    )
    verdict = replace(answer.sentences[1].verdict, reasons=(words,), judge=words)
    conflict = answer.conflicts[0]
    positions = tuple(replace(p, statement=words, outlet=words) for p in conflict.positions)
    return replace(
        answer,
        sentences=(answer.sentences[0], replace(answer.sentences[1], text=words, verdict=verdict)),
        conflicts=(replace(conflict, topic=words, note=words, positions=positions),),
        reason=words,
        notice=words,
        mode="llm",
        model=words,
    )


def _markup_with(words: str) -> str:
    """Everything the page can show, made of hostile words."""
    answer = _hostile(words)
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


def test_the_terminal_gets_no_escape_sequence() -> None:
    text = to_text(to_json(_hostile("\x1b[2J\x9b31m\u202eevil")))

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)


# --- HTML ----------------------------------------------------------------------------------------


def test_a_sentence_shows_its_chips_verdict_outlet_and_date() -> None:
    shown = answer_html(canned())

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
    assert "Same text in 3 articles" in cited
    assert 'byline-source"' not in found and "<mark" not in found
    assert "Northern Ledger" in found


def test_conflicts_show_both_sides_with_outlet_and_date() -> None:
    shown = conflicts_html(canned())

    assert "Different figures" in shown and shown.count("<li>") == 2
    assert "Northern Ledger" in shown and "updated 29 January 2026" in shown
    assert conflicts_html(abstention("Who?")) == ""


def test_an_abstention_shows_the_nearest_passages_as_not_answering() -> None:
    shown = answer_html(abstention("Who painted it?"))

    assert "which do not answer this" in shown and "byline-cite" not in shown
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


# --- text and Markdown ---------------------------------------------------------------------------


def test_the_terminal_shows_sentences_verdicts_disagreements_and_sources() -> None:
    text = to_text(to_json(canned()))

    assert "the report said. [1]\n  ✓ supported · The Harbour Courier, 27 January 2026" in text
    assert "✗ contradicted" in text and "900 million euros is not in the source" in text
    assert "cost of the repair (different figures)" in text
    assert f"“{SPRING.text}”" in text and "same text in 3 articles" in text


def test_the_terminal_says_why_there_is_no_answer() -> None:
    text = to_text(to_json(abstention("Who?")))

    assert text.startswith("No answer: No passage says who painted the bridge.")
    assert "they do not answer the question" in text and "[1]" not in text


def test_markdown_has_a_footnote_for_every_note() -> None:
    text = to_markdown(to_json(canned()))

    used = set(re.findall(r"\[\^(\d+)\](?!:)", text))
    assert used == set(re.findall(r"^\[\^(\d+)\]:", text, re.M)) == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](https://evil.example/a.png)", r"\!\[x\](https://evil.example/a.png)"),
        ("<b>*bold*</b>", r"\<b\>\*bold\*\</b\>"),
        ("2026. A year", r"2026\. A year"),
        ("- item", r"\- item"),
    ],
)
def test_foreign_markdown_is_shown_as_it_is(text: str, shown: str) -> None:
    answer = canned()
    sentence = replace(answer.sentences[2], text=text)

    assert shown in to_markdown(to_json(replace(answer, sentences=(sentence,), conflicts=())))


def test_a_sentence_alone_is_one_element_of_the_sentences() -> None:
    answer = canned()

    assert sentence_json(answer.sentences[0]) == to_json(answer)["sentences"][0]
