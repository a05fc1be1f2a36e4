"""The gate of the project: the samples are answered no worse than when the baseline was written.

After a change for the better, write a new one:

    byline ingest samples/articles --home HOME
    byline eval run --data samples/cases.jsonl --home HOME --out RUN
    byline eval gate RUN --write eval/samples_baseline.json
"""

import json
from pathlib import Path

import pytest

import app
from eval.run import read_scores

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / "eval/samples_baseline.json"


def test_the_samples_are_answered_no_worse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "BYLINE_LLM_MODEL", "BYLINE_VERIFIER"):
        monkeypatch.delenv(name, raising=False)  # the baseline is of quoted answers
    home, folder = str(tmp_path / "home"), str(tmp_path / "run")
    data = str(ROOT / "samples/cases.jsonl")

    def byline(*words: str) -> int:
        return app.cli([*words], standalone_mode=False) or 0

    assert byline("ingest", str(ROOT / "samples/articles"), "--home", home) == 0
    assert byline("eval", "run", "--data", data, "--home", home, "--out", folder) == 0
    capsys.readouterr()
    code = byline("eval", "gate", folder, "--against", str(BASELINE))
    assert code == 0, capsys.readouterr().err
    assert len({score.case_id for score in read_scores(Path(folder))}) == 33
    kept = Path(folder, "scores.jsonl")
    rows = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    spoilt = [row | {"value": 0.0} if row["metric"] == "citation_recall" else row for row in rows]
    kept.write_text("".join(json.dumps(row) + "\n" for row in spoilt), "utf-8")
    assert byline("eval", "gate", folder, "--against", str(BASELINE)) == 1
    assert "citation_recall is worse" in capsys.readouterr().err
