"""Ray: the same index as without it, also when a worker is lost."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.load import Loader
from ingest.scale import Farm
from ingest.work import Worker
from rag.embed import Embedder
from rag.errors import BylineError
from rag.index import Index
from rag.jobs import Outcome
from rag.settings import Settings

ray = pytest.importorskip("ray")
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    farm = Farm(address="local", settings=Settings(), known=dict, n_workers=2)
    yield farm
    farm.close()


def opened(home: Path) -> Index:
    return Index.open(home, settings_id="t", embedder="all-MiniLM-L6-v2", dim=384, create=True)


def filled(
    home: Path, sources: list[str], embedder: Embedder, farm: Farm | None
) -> tuple[object, list[tuple[Outcome, str | None]]]:
    """Everything but vectors and the time of reading, and what became of each item."""
    index = opened(home)
    worker = Worker(index, embedder, Loader)
    worker.farm = farm
    jobs = worker.wait(worker.submit(sources))
    items = [(i.outcome, i.article_id) for job in jobs for i in index.jobs.items(job.job_id)]
    held = [
        (s.passage.passage_id, s.article.content_hash, s.passage, s.article.title, s.article.outlet)
        for s in index.catalog.stored()
    ]
    index.close()
    return sorted(held, key=str), items


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("inbox")
    (folder / "empty.txt").write_text("")
    (folder / "binary.pdf").write_bytes(b"%PDF-1.7 nothing")
    text = "The council put off vote {0} on the road to Osthamn. " * 9
    rows = ({"doc_id": i, "title": f"Vote {i}", "text": text.format(i)} for i in range(90))
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [str(ROOT / "samples/articles"), str(folder), str(folder / "missing.txt")]


@pytest.mark.timeout(240)
def test_the_index_is_the_same_and_a_lost_worker_is_survived(
    tmp_path: Path, sources: list[str], embedder: Embedder, farm: Farm
) -> None:
    alone = filled(tmp_path / "alone", sources, embedder, None)
    farm._start()
    pids = [ray.get(maker.__ray_call__.remote(lambda _: os.getpid())) for maker in farm._makers]
    loss = threading.Timer(1.0, os.kill, (pids[0], signal.SIGKILL))
    loss.start()

    together = filled(tmp_path / "together", sources, embedder, farm)

    loss.join()
    assert together == alone
    assert len(together[1]) == 15 + 90 + 3
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_no_cluster_is_one_clear_sentence(tmp_path: Path) -> None:
    nowhere = Farm(address="127.0.0.1:1", settings=Settings(), known=dict)
    with pytest.raises(BylineError, match=r"no Ray cluster answers at 127\.0\.0\.1:1"):
        list(nowhere.load(Loader(), str(tmp_path)))
