"""Words: what a question shares with a passage, whatever characters it is made of."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import IndexUnavailable
from rag.lexical import Lexicon
from rag.schema import Article, Filters, Passage
from rag.text import terms

NONE = Filters()


Entry = tuple[Article, list[Passage]]


def entry(name: str, text: str, title: str | None = None, **given: object) -> Entry:
    fields = {"article_id": name, "revision": 1, "title": title, "text": text, "outlet": None}
    article = Article(**(fields | given))  # type: ignore[arg-type]  # fields by name
    passage = Passage(
        article_id=name,
        start=0,
        end=len(text),
        text=text,
        passage_id=f"{name}:1:0",
        sentences=((0, len(text)),),
    )
    return article, [passage]


def found(lexicon: Lexicon, query: str, filters: Filters = NONE) -> list[str]:
    return [i.split(":")[0] for i, _ in lexicon.search(query, 10, filters)]


@pytest.fixture
def lexicon(tmp_path: Path) -> Iterator[Lexicon]:
    lexicon = Lexicon(tmp_path / "lexical")
    lexicon.create()
    yield lexicon
    lexicon.close()


def test_matches_stems_and_titles_but_no_stop_words(lexicon: Lexicon) -> None:
    lexicon.write(
        [
            entry("chips", "China approves the imports of chips.", "Nvidia wins"),
            entry("weather", "The storm was on the move."),
        ]
    )

    assert found(lexicon, "Who approved importing?") == ["chips"]
    assert found(lexicon, "NVIDIA'S win") == ["chips"]
    assert found(lexicon, "the of was on") == []
    assert found(lexicon, "storms, moving chips")[0] == "weather"


def test_scores_are_bm25(lexicon: Lexicon) -> None:
    texts = {"a": "tariff tariff harbour", "b": "tariff council", "c": "glacier orchestra verdict"}
    lexicon.write([entry(name, text) for name, text in texts.items()])
    lengths = {name: len(terms(text)) for name, text in texts.items()}
    mean = sum(lengths.values()) / 3
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))

    def bm25(name: str, count: int) -> float:
        return idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * lengths[name] / mean))

    assert dict(lexicon.search("tariffs", 10, NONE)) == {
        "a:1:0": pytest.approx(bm25("a", 2), rel=1e-5),
        "b:1:0": pytest.approx(bm25("b", 1), rel=1e-5),
    }


def test_a_filter_changes_who_is_found_but_no_score(lexicon: Lexicon) -> None:
    moment = datetime(2026, 1, 29, 19, 3, tzinfo=UTC)
    lexicon.write(
        [
            entry("a", "tariff", outlet="CNN", published_at=moment),
            entry("b", "tariff rise", outlet="Reuters", updated_at=moment),
            entry("c", "tariff fall again"),
        ]
    )
    scores = dict(lexicon.search("tariff", 10, NONE))
    day = date(2026, 1, 29)

    assert dict(lexicon.search("tariff", 10, Filters(since=day))) == {
        i: scores[i] for i in ("a:1:0", "b:1:0")
    }
    assert found(lexicon, "tariff", Filters(since=day, until=day, outlets=("reuters",))) == ["b"]
    assert found(lexicon, "tariff", Filters(until=date(2026, 1, 28))) == []
    assert found(lexicon, "tariff", Filters(articles=("c", "x"))) == ["c"]


def test_writing_again_replaces_and_doomed_go(lexicon: Lexicon) -> None:
    lexicon.write([entry("a", "old words")])
    lexicon.write([entry("a", "new words")])
    assert found(lexicon, "old") == []
    assert found(lexicon, "words") == ["a"]

    lexicon.write([entry("b", "more words")], ["a:1:0", "never there"])
    assert lexicon.ids() == {"b:1:0"}
    assert lexicon.count() == 1


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text() | st.text("+-:\"()[]{}^~*?\\/|&!<>=' tarif\udcff\0", max_size=30))
def test_no_question_is_a_syntax_error(lexicon: Lexicon, query: str) -> None:
    if not lexicon.count():
        lexicon.write([entry("a", "tariff")])

    assert len(found(lexicon, query + " tariff")) <= 1
    lexicon.search(query, 5, Filters(outlets=(query,), articles=(query,)))


def test_long_questions_and_long_words_are_cut(lexicon: Lexicon) -> None:
    lexicon.write([entry("a", "tariff " + "x" * 100_000 + " harbour")])

    assert found(lexicon, "harbour " + " ".join(f"word{i}" for i in range(20_000))) == ["a"]
    assert found(lexicon, "x" * 100_000) == []


def test_a_failed_write_leaves_nothing(lexicon: Lexicon) -> None:
    lexicon.write([entry("a", "tariff")])
    article, passages = entry("b", "tariff")

    with pytest.raises(AttributeError):
        lexicon.write([(article, passages), (article, [None])])  # type: ignore[list-item]

    lexicon.write([entry("c", "tariff")])
    assert lexicon.ids() == {"a:1:0", "c:1:0"}


def test_what_is_missing_or_damaged_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="byline ingest"):
        Lexicon(tmp_path / "none").search("tariff", 5, NONE)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "meta.json").write_text("{")
    bad = Lexicon(tmp_path / "bad")
    assert bad.present
    assert not bad.sound(0)
    bad.reset()
    assert bad.sound(0)
    bad.close()
