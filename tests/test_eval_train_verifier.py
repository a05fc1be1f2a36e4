"""Training on a small folder of made-up claims: the same bytes twice, and weights that load."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bootstrap import (
    auroc,
    balanced_accuracy,
    best_threshold,
    calibration_error,
    interval,
    value,
)
from eval.edits import FALSE, TRUE, variants
from eval.labelled import HUMAN, NON_COMMERCIAL, TOKENS, Labelled, group_by_article, read_rows
from eval.train_verifier import gather, left_out, run
from rag.support import ALIGNED, LEXICAL, direction
from rag.weighing import read_weighings

PEOPLE = "Ida Krogh|Tomas Vell|Rosa Amandi|Jon Petrak|Lena Osei|Mark Dunfield".split("|")
TOWNS = "Tessel|Harwick|Ostrava|Belmonte|Kesten|Dorning".split("|")
THINGS = "cranes|buses|boilers|bridges|turbines|libraries".split("|")


def story(i: int) -> str:
    """Four sentences that no other number shares."""
    who, town, what = PEOPLE[i % 6], TOWNS[i // 6 % 6], THINGS[(i + i // 6) % 6]
    return (
        f"In {town}, the council led by {who} approved {i + 12} new {what} on Tuesday in a vote. "
        f"{who} said that the first of the {what} will not arrive in {town} before {2024 + i % 5}. "
        f"Residents of {town} number {i} have often complained about the old {what}, and many of "
        "them supported the plan. "
        f"The {what} may cost more than ${i + 3} million, says a report that {who} released."
    )


def claims(i: int) -> Iterator[tuple[str, int]]:
    who, town, what = PEOPLE[i % 6], TOWNS[i // 6 % 6], THINGS[(i + i // 6) % 6]
    yield f"The council of {town} approved {i + 12} {what}.", 1
    yield f"{PEOPLE[(i + 1) % 6]} rejected {i + 90} {what} in {TOWNS[(i // 6 + 1) % 6]}.", 0
    yield f"{who} leads the council of {town}.", 1
    yield f"Penguins breed on the ice of {town}.", 0


def write(path: Path, found: list[dict[str, Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in found)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for n, (origin, name) in enumerate((HUMAN | TOKENS).items()):
        told = [
            {"source_text": story(i), "claim": claim, "label": label, "origin": origin}
            for i in range(6 * n, 6 * n + 4)
            for claim, label in claims(i)
            if label == 0 or origin not in TOKENS
        ]
        write(folder / f"{name}.jsonl.gz", told)
    write(folder / "rtqa_archive_corpus.jsonl.gz", [{"text": story(i)} for i in range(100, 108)])
    return folder


def test_the_same_data_and_seed_make_the_same_bytes(data: Path, kept: Path, tmp_path: Path) -> None:
    cards = [
        run(data, tmp_path / name, seed=3, cache=cache, jobs=1)
        for name, cache in (("a", None), ("b", kept))
    ]

    assert len(set(cards)) == 1
    assert len({(tmp_path / n / "verifier.json").read_bytes() for n in "ab"}) == 1
    held = read_weighings(tmp_path / "a" / "verifier.json")
    assert held["aligned"].names == ALIGNED and held["lexical"].names == LEXICAL
    for one in held.values():
        assert (one.weights * [direction(n) for n in one.names] >= 0).all()
        assert one.weights.any()
    for name in (*HUMAN.values(), *TOKENS.values(), *NON_COMMERCIAL):
        assert name in cards[0]


def test_a_set_is_scored_by_what_never_saw_its_articles(data: Path, kept: Path) -> None:
    table = gather(data, kept, 1, 3)
    flipped = table.labels.copy()
    flipped[table.origins == "wice"] ^= 1
    other = type(table)(table.rows, table.values, flipped, table.origins, table.groups)

    before, after = left_out(table, LEXICAL), left_out(other, LEXICAL)

    of_set = table.origins == "wice"
    assert np.array_equal(before[of_set], after[of_set])
    assert not np.array_equal(before[~of_set], after[~of_set], equal_nan=True)
    area = auroc(before[of_set], table.supported[of_set])
    assert value(area, int(of_set.sum())) > 0.8


@pytest.mark.parametrize("name", NON_COMMERCIAL)
def test_non_commercial_sets_are_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path / f"{name}.jsonl.gz", [{"claim": "x"}])

    with pytest.raises(ValueError, match="licence"):
        list(read_rows(tmp_path / f"{name}.jsonl.gz"))


def test_sets_that_share_an_article_are_one_group() -> None:
    texts = [story(1), "A headline.\n" + story(1), story(2), "Short.", "Short. " + story(3)]
    rows = [Labelled(origin=str(i), claim="x", source=t, label=1) for i, t in enumerate(texts)]

    groups = group_by_article(rows)

    assert groups[0] == groups[1]
    assert len({groups[0], *groups[2:]}) == 4


def test_every_kind_of_variant_is_made_and_none_is_the_sentence() -> None:
    rows = variants([story(i) for i in range(60)], 2_000, 0)

    assert rows == variants([story(i) for i in range(60)], 2_000, 0)
    assert {r.kind for r in rows if not r.label} >= set(FALSE) - {"roles", "elsewhere"}
    assert {r.kind.split("+")[0] for r in rows if r.label} >= set(TRUE) - {"respelt"}
    assert all(r.claim not in r.source for r in rows if not r.label)


@given(scores=st.lists(st.integers(0, 10), min_size=2, max_size=30), seed=st.integers(0, 9))
def test_auroc_is_the_share_of_pairs_in_order(scores: list[int], seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 2, len(scores))
    values = np.array(scores) / 10
    good, bad = values[labels == 1], values[labels == 0]
    pairs = [(a > b) + (a == b) / 2 for a in good for b in bad]

    found = value(auroc(values, labels == 1), len(scores))

    assert found == pytest.approx(np.mean(pairs)) if pairs else np.isnan(found)


def test_calibration_and_accuracy_by_hand() -> None:
    scores, supported = np.array([0.95, 0.95, 0.05, 0.55]), np.array([1, 0, 0, 1]) == 1

    off = value(calibration_error(scores, supported), 4)
    right = value(balanced_accuracy(scores >= 0.5, supported), 4)

    assert off == pytest.approx((2 * 0.45 + 0.05 + 0.45) / 4)
    assert right == 0.75
    assert np.isnan(value(auroc(scores[:1], supported[:1]), 1))


def test_the_threshold_is_the_one_that_parts_best() -> None:
    scores, supported = np.linspace(0, 1, 101), np.linspace(0, 1, 101) > 0.7

    assert best_threshold(scores, supported) == pytest.approx(0.7, abs=0.02)


def test_an_interval_draws_whole_articles() -> None:
    scores, supported = np.array([0.9, 0.1] * 20), np.array([True, False] * 20)

    area = interval(auroc(scores, supported), [str(i // 2) for i in range(40)], n_resamples=50)

    assert area == (1.0, 1.0)
