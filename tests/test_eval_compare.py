"""A difference is told only as far as the questions can tell it."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app
from eval.compare import (
    baseline_json,
    changes,
    compare_json,
    compare_markdown,
    read_baseline,
    values_of,
)
from eval.score import Score
from rag.errors import InputRefused

Rows = dict[str, dict[str, float]]


def values(*found: float, metric: str = "correct") -> Rows:
    return {metric: {str(i): v for i, v in enumerate(found)}}


def scores(rows: Rows) -> list[Score]:
    return [
        Score(case_id=case, metric=metric, value=value)
        for metric, cases in rows.items()
        for case, value in cases.items()
    ]


def run_folder(path: Path, rows: Rows) -> Path:
    path.mkdir()
    lines = (
        {
            "case_id": s.case_id,
            "metric": s.metric,
            "value": s.value,
            "state": "scored",
            "reason": "",
        }
        for s in scores(rows)
    )
    (path / "scores.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_drop_on_every_question_is_worse_and_one_of_twenty_is_chance() -> None:
    (all_down,) = changes(values(*[1.0] * 20), values(*[0.0] * 20))
    assert all_down.is_worse
    assert all_down.ci95 == (-1.0, -1.0)
    (one_down,) = changes(values(*[1.0] * 20), values(*[1.0] * 19, 0.0))
    assert not one_down.is_worse
    assert one_down.ci95[1] == 0.0
    (many_down,) = changes(values(*[1.0] * 20), values(*[1.0] * 12, *[0.0] * 8))
    assert many_down.is_worse
    assert many_down.mcnemar_p is not None
    assert many_down.mcnemar_p < 0.01


def test_less_of_a_bad_thing_is_better() -> None:
    up = values(*[1.0] * 20, metric="wrong_refusal")
    down = values(*[0.0] * 20, metric="wrong_refusal")
    assert changes(up, down)[0].is_better
    assert changes(down, up)[0].is_worse


def test_what_speaks_of_the_sources_is_neither() -> None:
    down = changes(values(*[1.0] * 9, metric="contested"), values(*[0.0] * 9, metric="contested"))
    assert not down[0].is_worse
    assert not down[0].is_better


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=30))
def test_nothing_changed_is_never_worse(found: list[float]) -> None:
    (change,) = changes(values(*found), values(*found))
    assert not change.is_worse
    assert not change.is_better
    assert change.difference == 0.0
    assert compare_json(values(*found), values(*found))["cases"] == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=40))
def test_backwards_is_the_opposite(rows: list[tuple[bool, bool]]) -> None:
    before, after = (values(*[float(r[i]) for r in rows]) for i in (0, 1))
    (there,), (back,) = changes(before, after), changes(after, before)
    assert there.difference == pytest.approx(-back.difference)
    assert there.mcnemar_p == back.mcnemar_p
    assert there.is_worse == back.is_better
    low, high = there.ci95
    assert low <= there.difference + 1e-9
    assert there.difference <= high + 1e-9


def test_only_questions_of_both_are_compared() -> None:
    before, after = values(1.0, 0.0, 1.0), values(1.0, 1.0)
    (change,) = changes(before, after)
    assert (change.n, change.n_only_before, change.n_only_after) == (2, 1, 0)
    assert changes(before, values(1.0, metric="other")) == []


def test_shares_have_no_mcnemar() -> None:
    (change,) = changes(values(0.5, 1.0), values(1.0, 1.0))
    assert change.mcnemar_p is None
    body = compare_json(values(0.5, 1.0), values(1.0, 1.0))
    assert body["cases"] == [{"case_id": "0", "metric": "correct", "before": 0.5, "after": 1.0}]
    assert "| correct | 2 | 0.750 | 1.000 | +0.250 |" in compare_markdown(body)


def test_abstentions_are_no_values() -> None:
    abstained = Score(case_id="1", metric="faithfulness", value=math.nan, state="abstained")
    assert values_of([abstained]) == {"faithfulness": {}}


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = {**values(1.0, 0.25), **values(0.0, metric="exact")}
    (tmp_path / "b.json").write_text(json.dumps(baseline_json(scores(rows))))
    assert read_baseline(tmp_path / "b.json") == rows
    for bad in ("{}", '{"schema": 9, "metrics": {}}', "[", '{"schema": 1, "metrics": {"a": 1}}'):
        (tmp_path / "b.json").write_text(bad)
        with pytest.raises(InputRefused):
            read_baseline(tmp_path / "b.json")


def test_the_gate_fails_only_beyond_chance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = run_folder(tmp_path / "good", values(*[1.0] * 20))
    slip = run_folder(tmp_path / "slip", values(*[1.0] * 19, 0.0))
    bad = run_folder(tmp_path / "bad", values(*[1.0] * 10, *[0.0] * 10))
    baseline = str(tmp_path / "baseline.json")

    def gate(folder: Path, *words: str) -> int:
        return app.cli(["eval", "gate", str(folder), *words], standalone_mode=False) or 0

    assert gate(good, "--write", baseline) == 0
    assert gate(slip, "--against", baseline) == 0
    assert gate(bad, "--against", baseline) == 1
    assert "correct is worse: 1.000 before, 0.500 now" in capsys.readouterr().err
    with pytest.raises(InputRefused, match="no finished run"):
        gate(tmp_path / "none", "--against", baseline)
    app.cli(["eval", "compare", str(good), str(bad), "--json"], standalone_mode=False)
    body = json.loads(capsys.readouterr().out)
    assert body["metrics"]["correct"]["worse"]
    assert len(body["cases"]) == 10
