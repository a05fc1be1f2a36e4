"""Ingestion killed at random moments: whatever is cut off, the index ends as if nothing was.

Usage: python -m benchmarks.crash CORPUS.jsonl.gz [--articles 300] [--kills 200]

Each process is killed with SIGKILL after a random share of the time that a whole ingestion takes,
and the next goes on. After every kill the index is opened as a reader would: every live passage
is found by its vector, no search finds what is not live, and every article is wholly there or not
at all. When an ingestion comes
to its end, the index is compared with that of an uninterrupted one, and a new one begins. Vectors
come from hashes of the texts: the embedder has no state that a kill could harm, and without its
share of the time the kills fall where things are written.
"""

import argparse
import gzip
import hashlib
import itertools
import multiprocessing
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from ingest.load import Loader
from ingest.work import Worker
from rag.embed import Vectors
from rag.index import Index
from rag.schema import Filters

DIM = 16
_SPAWN = multiprocessing.get_context("forkserver")
_PRELOADED = ["ingest.work", "chromadb", "tantivy", "trafilatura", "py3langid", "datasketch"]


class HashEmbedder:
    """Vectors from hashes, and a count of the texts that asked for one."""

    name = "hash"
    dim = DIM

    def __init__(self) -> None:
        self.n_texts = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As ``Embedder.encode``."""
        self.n_texts += len(texts)
        digests = b"".join(hashlib.sha256(t.encode()).digest() for t in texts)
        rows = np.frombuffer(digests, dtype=np.uint16).reshape(-1, DIM).astype(np.float32)
        centred = rows - 32_767.5
        out: Vectors = centred / np.linalg.norm(centred, axis=1, keepdims=True)
        return out


@dataclass(frozen=True, slots=True)
class Counts:
    """What a series of kills came to."""

    n_kills: int
    n_completed: int  # ingestions that reached their end, all like an uninterrupted one
    n_embedded_twice: int  # passages of finished articles; must be 0


def opened(home: Path, *, create: bool) -> Index:
    """The index under test."""
    return Index.open(home, settings_id="crash", embedder="hash", dim=DIM, create=create)


def fill(home: Path, corpus: Path, told: Connection) -> None:
    """Ingest the corpus in a process that may be killed; tells how many texts were embedded."""
    index = opened(home, create=True)
    embedder = HashEmbedder()
    worker = Worker(index, embedder, Loader)
    told.send(index.catalog.counts()[1])
    worker.wait(worker.submit([str(corpus)]))
    told.send(embedder.n_texts)
    index.close()


def fingerprint(home: Path) -> dict[str, tuple[object, ...]]:
    """Everything by which two indexes can differ, but for the time at which they were filled."""
    index = opened(home, create=False)
    found: dict[str, tuple[object, ...]] = {}
    for stored in index.catalog.stored():
        article = replace(stored.article, retrieved_at=None)
        found[stored.passage.passage_id] = (article, stored.passage, stored.vector.tobytes())
    index.close()
    return found


def check(home: Path, whole: dict[str, tuple[object, ...]]) -> int:
    """The invariants after a kill, as a reader finds them; how many passages are live."""
    index = opened(home, create=False)
    live = {s.passage.passage_id: s for s in index.catalog.stored()}
    everything = len(whole) + 100
    ones = np.ones(DIM, dtype=np.float32) / DIM**0.5
    assert {i for i, _ in index.dense(ones, everything, Filters())} == live.keys()
    assert index.passages(list(live)).keys() == live.keys()
    for passage_id, stored in live.items():
        passage, article = stored.passage, stored.article
        assert article.text[passage.start : passage.end] == passage.text
        assert stored.vector.tobytes() == whole[passage_id][2]
    articles = {s.article.article_id for s in live.values()}
    expected = {i for i in whole if i.split(":")[0] in articles}
    assert live.keys() == expected, "half an article"
    words = "the a of and to in"  # every passage has one of them, or is not asked for
    found = {i for i, _ in index.lexical(words, everything, Filters())}
    assert found <= live.keys()
    index.close()
    return len(live)


def torment(folder: Path, corpus: Path, n_kills: int, seed: int = 20261122) -> Counts:
    """Kill ingestions ``n_kills`` times.

    Raises:
        AssertionError: an invariant does not hold.
    """
    _SPAWN.set_forkserver_preload(_PRELOADED)
    chance = random.Random(seed)  # moments, not secrets
    began = time.monotonic()
    _run(folder / "whole", corpus, None)
    seconds = time.monotonic() - began
    whole = fingerprint(folder / "whole")
    home, counts = folder / "home", Counts(0, 0, 0)
    while counts.n_kills < n_kills:
        killed, held, embedded = _run(home, corpus, chance.random() * seconds)
        if killed:
            counts = replace(counts, n_kills=counts.n_kills + 1)
            if (home / "vectors").is_dir():
                check(home, whole)
            continue
        assert fingerprint(home) == whole, "not the index of an uninterrupted run"
        again = embedded - (len(whole) - held)
        counts = replace(
            counts,
            n_completed=counts.n_completed + 1,
            n_embedded_twice=counts.n_embedded_twice + again,
        )
        shutil.rmtree(home)
    return counts


def _run(home: Path, corpus: Path, kill_after_s: float | None) -> tuple[bool, int, int]:
    """One process: whether it was killed, what it found there, and what it embedded."""
    mine, theirs = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=fill, args=(home, corpus, theirs), daemon=True)
    process.start()
    theirs.close()
    process.join(kill_after_s)
    killed = process.is_alive()
    process.kill()
    process.join()
    told = []
    try:
        while mine.poll():
            told.append(mine.recv())
    except EOFError:
        pass
    if not killed and len(told) < 2:
        raise AssertionError(f"ingestion ended by itself with code {process.exitcode}")
    return len(told) < 2, *(told if len(told) == 2 else (0, 0))


def first_rows(corpus: Path, n: int, path: Path) -> Path:
    """The first rows of a corpus as a file of their own."""
    read = gzip.open if corpus.suffix == ".gz" else open
    with read(corpus, "rt", encoding="utf-8") as lines:
        path.write_text("".join(itertools.islice(lines, n)), "utf-8")
    return path


def main() -> None:
    """Kill, check and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--kills", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = first_rows(given.corpus, given.articles, folder / "corpus.jsonl")
        counts = torment(folder, corpus, given.kills)
    print("| kills | ingestions completed after them | passages embedded twice |\n|---|---|---|")
    print(f"| {counts.n_kills} | {counts.n_completed} | {counts.n_embedded_twice} |")


if __name__ == "__main__":
    main()
