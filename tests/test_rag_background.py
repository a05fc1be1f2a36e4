"""Rules of the background table."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.background import count
from rag.background import TABLE, load_background
from rag.text import stem


def test_rarer_words_weigh_more_and_unknown_ones_most() -> None:
    background = load_background()

    weights = [background.idf(stem(w)) for w in ("year", "hospital", "Nvidia", "zzyzxq")]

    assert weights == sorted(weights)
    assert weights[-1] == pytest.approx(1.0)
    assert 0 <= weights[0] < 0.2


def test_tells_names_from_words_that_begin_sentences() -> None:
    background = load_background()

    assert background.is_name(stem("Beyoncé"))
    assert background.is_name(stem("Jensen"))
    assert not background.is_name(stem("Police"))
    assert not background.is_name(stem("However"))


def test_table_is_small_and_holds_single_words_only() -> None:
    assert TABLE.stat().st_size < 1_000_000
    with gzip.open(TABLE, "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            term, df, tenths = line.rstrip("\n").split("\t")
            assert " " not in term
            assert int(df) >= 3
            assert 0 <= int(tenths) <= 9


def test_counts_articles_not_occurrences(tmp_path: Path) -> None:
    rows = [
        {"title": "Storm", "text": "The storm hit Paris. A storm again in Paris."},
        {"title": "Calm", "text": "The sea was calm near Paris."},
    ]
    corpus = tmp_path / "corpus.jsonl.gz"
    corpus.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))

    n_articles, df, inside, capital = count(corpus)

    assert n_articles == 2
    assert df["storm"] == 1
    assert df[stem("Paris")] == 2
    assert capital[stem("Paris")] == inside[stem("Paris")] == 3
    assert capital["storm"] == 0
