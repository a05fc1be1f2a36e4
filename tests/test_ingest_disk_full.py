"""A full disk ends an ingestion with a clear word, loses nothing, and the next run completes it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_app import ROOT, byline, output

pytestmark = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or shutil.which("mount") is None,
    reason="only root may mount a small disk",
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_is_told_and_survived(disk: Path, tmp_path: Path) -> None:
    home, more, filler = disk / "home", tmp_path / "more.jsonl", disk / "filler"
    text = "The council of Osthamn put off vote {0} on the road until May, the mayor said. " * 40
    rows = ({"doc_id": i, "title": f"Vote {i}", "text": text.format(i)} for i in range(60))
    more.write_text("".join(json.dumps(row) + "\n" for row in rows))
    output(byline("ingest", ROOT / "samples/articles", "--home", home, "--json"))
    before = output(byline("sources", "--home", home, "--json"))
    free = os.statvfs(disk)
    filler.write_bytes(b"\0" * (free.f_bavail * free.f_frsize - 200_000))

    full = byline("ingest", more, "--home", home)

    assert full.returncode == 2, full.stderr
    assert "disk" in full.stderr or "full" in full.stderr
    assert "Traceback" not in full.stderr
    filler.unlink()
    answer = output(byline("ask", "How many people died on the ferry?", "--home", home, "--json"))
    assert not answer["abstained"]
    assert [a["article_id"] for a in before] == [
        a["article_id"] for a in output(byline("sources", "--home", home, "--json"))
    ][: len(before)]
    again = output(byline("ingest", more, "--home", home, "--json"))
    assert len(again["items"]) == 60
    assert len(output(byline("sources", "--home", home, "--json"))) == len(before) + 60
