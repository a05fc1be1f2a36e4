"""Ingestion killed with SIGKILL at random moments ends as if it had not been."""

import json
import random
from pathlib import Path

import pytest

from benchmarks.crash import torment

NAMES = "Osthamn Verrin Calder Ansley Sorrel Marrow Tamsin Harrow".split()


def corpus(path: Path, n: int) -> Path:
    """Articles of one to a dozen paragraphs, some of them reprints."""
    chance = random.Random(5)
    rows = []
    for i in range(n):
        place, other = chance.sample(NAMES, 2)
        text = "\n\n".join(
            f"The council of {place} put off vote {i}-{j} on the road to {other} until May, the"
            f" mayor said. The {j + 2} members who asked for it were not told why, and the road"
            " has been closed to lorries for years."
            for j in range(chance.randrange(1, 12))
        )
        rows.append({"doc_id": i, "title": f"{place} waits for {other}", "text": text})
        if i % 10 == 0:
            rows.append({"doc_id": f"copy-{i}", "title": "A reprint", "text": text})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.timeout(240)
def test_kill_9_at_random_moments(tmp_path: Path) -> None:
    counts = torment(tmp_path, corpus(tmp_path / "corpus.jsonl", 150), n_kills=8)

    assert counts.n_kills == 8
    assert counts.n_embedded_twice == 0
