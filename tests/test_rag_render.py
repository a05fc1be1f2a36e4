"""The JSON contract, and that nothing foreign gets past the renderers."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.render import capitalized, defused, printable, to_text
from rag.render_json import article_json, iso, sentence_json, to_json
from rag.render_markdown import to_markdown
from rag.schema import Article, ClaimVerdict, Question, Verdict
from tests.canned import ARTICLES, SPRING, abstention, canned, hostile

SHARED = Path(__file__).resolve().parents[2] / "shared"
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
        "claims": [],
    }
    assert {"refusal", "nearest", "kind", "short", "suggestions"} <= body.keys()
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
    assert body["answer"] == body["reason"] and len(body["retrieved"]) == 3


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


def test_the_terminal_gets_no_escape_sequence() -> None:
    text = to_text(to_json(hostile("\x1b[2J\x9b31m\u202eevil")))

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)


# --- text and Markdown ---------------------------------------------------------------------------


def test_the_terminal_shows_sentences_verdicts_disagreements_and_sources() -> None:
    text = to_text(to_json(canned()))

    assert "the report said. [1]\n  ✓ supported · The Harbour Courier, 27 January 2026" in text
    assert "✗ contradicted" in text and "900 million euros is not in the source" in text
    assert "cost of the repair (different figures)" in text
    assert f"“{SPRING.text}”" in text and "1 original, 2 reprints" in text


def test_the_terminal_shows_the_claim_that_fails_and_the_words_against_it() -> None:
    answer = canned()
    claims = (
        ClaimVerdict(text="the bridge closes in May", label="supported"),
        ClaimVerdict(
            text="repairs cost 52 million", label="refuted", reason="it says 38",
            against="Repairs will cost 38 million\x1b[2J",
        ),
    )  # fmt: skip
    verdict = Verdict(label="refuted", score=0.1, reasons=("it says 38",), claims=claims)
    first = replace(answer.sentences[0], verdict=verdict)

    text = to_text(to_json(replace(answer, sentences=(first,))))

    assert (
        "  of this: \u201crepairs cost 52 million\u201d "
        "(against it: \u201cRepairs will cost 38 million[2J\u201d)"
    ) in text
    assert "closes in May\u201d" not in text


def test_the_terminal_says_why_there_is_no_answer() -> None:
    text = to_text(to_json(abstention("Who?")))

    assert text.startswith("No answer: No passage says who painted the bridge.")
    assert "What comes near" not in text and "[1]" not in text


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the ledger says otherwise", "The ledger says otherwise"),
        ("denied.", "Denied."),
        ("news.example.org says otherwise", "news.example.org says otherwise"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_but_no_address_does(text: str, shown: str) -> None:
    assert capitalized(text) == shown
