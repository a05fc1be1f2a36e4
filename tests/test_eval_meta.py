"""Judges are measured on what people said: right figures, nothing skipped in silence."""

import gzip
import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, roc_auc_score

import app
from eval.baselines import Nearness, bigram_overlap, rouge_l
from eval.bootstrap import (
    auroc,
    balanced_accuracy,
    calibration_error,
    interval,
    kappa,
    mean_interval,
    value,
)
from eval.judges import Judge, Judged, embedded, judged, one_by_one, overlap
from eval.meta import find_sets, measure_set, tuned
from eval.meta_html import meta_html
from eval.meta_report import meta_json
from eval.pairs import Labelled, LabelledSet, load_labelled
from rag.embed import Embedder
from rag.errors import InputRefused, LLMRejected

SOURCE = "The council of Orrin approved the bridge on Tuesday. It will cost 40 million crowns."
RIGHT = ("The council approved the bridge.", "The bridge will cost 40 million crowns.")
WRONG = ("The council rejected the tunnel.", "The mayor of Teal resigned over 90 million.")


def rows(n_articles: int = 6, split: str = "dev") -> list[dict[str, Any]]:
    out = []
    for i in range(n_articles):
        source = f"{SOURCE} This is report number {i} of the season."
        for at, (claim, label) in enumerate([*((c, 1) for c in RIGHT), *((c, 0) for c in WRONG)]):
            row = {"id": f"r{i}-{at}", "source_text": source, "claim": claim, "label": label}
            out.append({**row, "level": "sentence", "origin": "own", "split": split})
    return out


def write(path: Path, lines: list[Any]) -> Path:
    data = "\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def pair(i: int, *, supported: bool, article: str = "", split: str = "dev") -> Labelled:
    return Labelled(
        pair_id=str(i),
        source=f"source {i}",
        claim=str(i),
        supported=supported,
        level="sentence",
        split=split,
        article=article or str(i),
    )


def fixed(scores: list[float], name: str = "fixed") -> Judge:
    def score(pairs: Any) -> Judged:
        return Judged(scores=np.array([scores[int(p.claim)] for p in pairs]))

    return Judge(name=name, score=score, threshold=0.5)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=60).filter(
        lambda rows: len({y for _, y in rows}) == 2
    )
)
def test_areas_and_shares_are_those_of_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([s / 8 for s, _ in rows])
    supported = np.array([y for _, y in rows])
    alike = np.ones((1, len(rows)))
    assert auroc(scores, supported)(alike)[0] == pytest.approx(roc_auc_score(supported, scores))
    assert balanced_accuracy(scores >= 0.5, supported)(alike)[0] == pytest.approx(
        balanced_accuracy_score(supported, scores >= 0.5)
    )
    assert kappa(scores >= 0.5, supported)(alike)[0] == pytest.approx(
        cohen_kappa_score(supported, scores >= 0.5)
    )


def test_a_weight_is_a_row_that_stands_there_so_often() -> None:
    scores, supported = np.array([0.1, 0.5, 0.5, 0.9]), np.array([False, True, False, True])
    weights = np.array([[2, 1, 3, 0]])
    repeated = np.repeat(np.arange(4), weights[0])
    found = auroc(scores, supported)(weights.astype(float))[0]
    assert found == pytest.approx(roc_auc_score(supported[repeated], scores[repeated]))


def test_rows_of_one_article_make_the_interval_wider() -> None:
    draw = random.Random(5)
    values = [float(draw.random() < 0.5) for _ in range(20) for _ in range(1)]
    values = [v for v in values for _ in range(10)]  # ten rows to an article, all alike
    alone = mean_interval(values, [str(i) for i in range(len(values))])
    together = mean_interval(values, [str(i // 10) for i in range(len(values))])
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])
    assert together == mean_interval(values, [str(i // 10) for i in range(len(values))])


def test_an_interval_of_nothing_is_nan() -> None:
    assert all(map(math.isnan, interval(lambda w: w.sum(1), [])))
    assert all(map(math.isnan, mean_interval([], [])))


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcde"), max_size=12), st.lists(st.sampled_from("abcde")))
def test_the_common_subsequence_is_the_longest(own: list[str], source: list[str]) -> None:
    table = [[0] * (len(source) + 1) for _ in range(len(own) + 1)]
    for i, a in enumerate(own):
        for k, b in enumerate(source):
            step = table[i][k] + 1 if a == b else max(table[i][k + 1], table[i + 1][k])
            table[i + 1][k + 1] = step
    wanted = table[-1][-1] / len(own) if own else 0.0
    assert rouge_l(" ".join(own), " ".join(source)) == pytest.approx(wanted)


def test_baselines_of_what_stands_there_are_one() -> None:
    assert bigram_overlap(RIGHT[0], RIGHT[0]) == rouge_l(RIGHT[0], RIGHT[0]) == 1.0
    assert bigram_overlap("", SOURCE) == rouge_l("", SOURCE) == 0.0


def test_failed_judgements_are_counted_and_gain_nothing(embedder: Embedder) -> None:
    pairs = tuple(pair(i, supported=i % 2 == 0) for i in range(8))
    right = [0.9 if i % 2 == 0 else 0.1 for i in range(8)]
    failing = [math.nan, math.nan, *right[2:]]
    data = LabelledSet(name="own", level="sentence", pairs=pairs)
    nearness = Nearness(embedder)
    whole = measure_set(data, [fixed(right)], nearness).judges[0]
    broken = measure_set(data, [fixed(failing)], nearness).judges[0]
    assert (whole.auroc, whole.balanced_accuracy, whole.n_failed) == (1.0, 1.0, 0)
    assert broken.n_failed == 2
    assert broken.balanced_accuracy == pytest.approx(0.75)
    assert broken.auroc == pytest.approx(9 / 16)


def test_a_judge_that_raises_is_counted_with_its_reason() -> None:
    def score(claim: str, source: str) -> float:
        if claim == "1":
            raise LLMRejected("no verdict")
        return {"0": 0.2, "2": 7.0}[claim]

    judge = Judge(name="brittle", score=one_by_one(score), threshold=0.5)
    found = judged(judge, [pair(i, supported=True) for i in range(4)])
    assert found.n_failed == 3
    assert found.scores[0] == 0.2
    assert set(found.failures) == {
        "no verdict",
        "gave 7.0, which is not from 0 to 1",
        "KeyError: '3'",
    }


def test_one_label_alone_has_no_area(embedder: Embedder) -> None:
    data = LabelledSet(
        name="own", level="sentence", pairs=tuple(pair(i, supported=False) for i in range(3))
    )
    result = measure_set(data, [fixed([0.1, 0.2, 0.3])], Nearness(embedder))
    entry = meta_json([result])["sets"][0]
    assert entry["auroc"] is None
    assert entry["auroc_ci95"] == [None, None]
    assert entry["recall"]["unsupported"] == 1.0
    assert json.loads(json.dumps(entry, allow_nan=False))


def test_thresholds_come_from_development_splits_only(embedder: Embedder) -> None:
    scores = [0.1, 0.3, 0.4, 0.6, 0.1, 0.7, 0.8, 0.9]
    dev = [pair(i, supported=i >= 2, split="dev") for i in range(4)]
    test = [pair(i, supported=i >= 7, split="test") for i in range(4, 8)]
    nearness = Nearness(embedder)

    def best(pairs: list[Labelled]) -> dict[str, float]:
        data = LabelledSet(name="own", level="sentence", pairs=tuple(pairs))
        return tuned([measure_set(data, [fixed(scores)], nearness)])

    assert best([*dev, *test]) == best(dev)
    assert 0.3 < best(dev)["fixed"] <= 0.4
    assert best(test) == {}


def test_calibration_is_the_distance_of_scores_and_shares() -> None:
    supported = np.array([True, False, True, True])

    def off(*scores: float) -> float:
        return value(calibration_error(np.array(scores), supported), 4)

    assert off(0.75, 0.75, 0.75, 0.75) == 0.0
    assert off(1.0, 0.0, 0.0, 0.0) == pytest.approx(0.5)
    assert off(1.0, 0.0, 1.0, math.nan) == 0.0
    assert math.isnan(off(math.nan, math.nan, math.nan, math.nan))


def test_agreement_is_told_between_judges(embedder: Embedder) -> None:
    pairs = tuple(pair(i, supported=i % 2 == 0) for i in range(6))
    data = LabelledSet(name="own", level="sentence", pairs=pairs)
    up = [0.9, 0.1, 0.9, 0.1, 0.9, 0.1]
    down = [1 - v for v in up]
    same = measure_set(data, [fixed(up, "a"), fixed(up, "b")], Nearness(embedder)).agreement
    other = measure_set(data, [fixed(up, "a"), fixed(down, "b")], Nearness(embedder)).agreement
    assert same == {"kappa a ~ b": 1.0, "krippendorff_alpha": 1.0}
    assert other["kappa a ~ b"] == -1.0
    assert other["krippendorff_alpha"] < -0.5


def test_embedded_judges_tell_right_from_wrong(embedder: Embedder) -> None:
    pairs = tuple(
        replace(pair(i, supported=i < 2), source=SOURCE, claim=claim)
        for i, claim in enumerate((*RIGHT, *WRONG))
    )
    for judge in (embedded(), embedded(embedder), overlap(Nearness(embedder))):
        scores = judged(judge, pairs).scores
        assert scores[:2].min() > scores[2:].max(), judge.name
    assert embedded().is_run_time


def test_the_page_of_judges_holds_no_markup_of_others(embedder: Embedder) -> None:
    evil = "<script>alert(1)</script>"
    whole = pair(0, supported=True)
    odd = replace(whole, source=evil, claim="0", pair_id=evil)
    data = LabelledSet(name=evil, level="sentence", pairs=(odd, pair(1, supported=False)))
    text = meta_html([measure_set(data, [fixed([0.1, 0.2])], Nearness(embedder))])
    assert "<script" not in text
    assert text.count("<svg") == 2
    assert "judge 0.10" in text


def test_one_set_to_a_level_and_bad_rows_told_with_their_line(tmp_path: Path) -> None:
    broken = ['{"id": ', '["a list"]', {**rows()[0], "label": "maybe"}, {**rows()[0], "claim": ""}]
    other = {**rows()[0], "level": "response"}
    path = write(tmp_path / "own.jsonl.gz", [rows()[0], *broken, "", other, *rows()[1:3]])
    sentence, response = load_labelled(path)
    assert (len(sentence.pairs), len(response.pairs)) == (3, 1)
    assert len(sentence.faults) == 4
    assert "own.jsonl.gz, line 2 is not JSON" in sentence.faults[0]
    assert "line 4: 'label' is 'maybe'" in sentence.faults[2]
    assert "line 5: 'claim' is \"\"" in sentence.faults[3]


def test_half_a_surrogate_pair_breaks_nothing(tmp_path: Path, embedder: Embedder) -> None:
    bad = {**rows()[0], "claim": "The \ud800 council", "source_text": "It \udfff came."}
    data = load_labelled(write(tmp_path / "own.jsonl", [bad, *rows()[1:4]]))
    result = measure_set(data[0], [overlap(Nearness(embedder)), embedded()], Nearness(embedder))
    assert [m.n_failed for m in result.judges] == [0, 0]


def test_a_limit_is_spread_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "own.jsonl", rows(n_articles=10))
    (found,) = load_labelled(path, limit=10)
    assert len(found.pairs) == 10
    assert len({p.article for p in found.pairs}) == 10


def test_entailment_pairs_need_no_code(tmp_path: Path) -> None:
    told = [("entailment", True), ("neutral", False), ("contradiction", False)]
    lines = [
        {"premise": SOURCE, "hypothesis": RIGHT[0], "label": y, "split": "dev"} for y, _ in told
    ]
    (found,) = load_labelled(write(tmp_path / "pairs.jsonl", lines))
    assert found.level == "pair"
    assert [p.supported for p in found.pairs] == [y for _, y in told]


def test_files_of_another_kind_are_named(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", rows())
    write(tmp_path / "questions.jsonl", [{"qid": "1", "question": "Who?"}])
    (tmp_path / "notes.md").write_text("# Notes")
    (tmp_path / "bad.jsonl.gz").write_bytes(b"\x1f\x8b not gzip")
    found, skipped = find_sets(tmp_path)
    assert [p.name for p in found] == ["a.jsonl"]
    assert {p.name for p, _ in skipped} == {"questions.jsonl", "notes.md", "bad.jsonl.gz"}
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(InputRefused, match="no labelled file"):
        find_sets(tmp_path)
    with pytest.raises(InputRefused, match="no folder"):
        find_sets(tmp_path / "none")


def test_the_command_prints_the_contract_twice_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "own.jsonl.gz", rows())
    write(tmp_path / "notes.txt", ["nothing"])

    def run() -> str:
        capsys.readouterr()
        app.cli(["eval", "meta", "--data", str(tmp_path), "--json"], standalone_mode=False)
        said = capsys.readouterr()
        assert "skipped notes.txt" in said.err
        return said.out

    first = run()
    assert first == run()
    body = json.loads(first)
    (entry,) = body["sets"]
    assert body["schema"] == 1
    assert (entry["name"], entry["level"], entry["n"]) == ("own", "sentence", 24)
    assert entry["n_articles"] == 6
    assert entry["auroc"] > 0.9
    assert entry["auroc_ci95"][0] <= entry["auroc"] <= entry["auroc_ci95"][1]
    assert set(entry["baselines"]) == {"bigram_overlap", "rouge_l", "cosine"}
    assert entry["judge_is_run_time_verifier"]
