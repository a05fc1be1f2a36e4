"""Ingestion against the bare embedder and against sentence-transformers: a Markdown table.

Usage: python benchmarks/ingest.py CORPUS.jsonl.gz [--articles N] [--bare-every N] [--ray]

The passages are embedded twice in the same run: inside the worker of the queue and bare, in
alternating slices, so that other work on the machine weighs on both alike; with ``--bare-every 8``
only those of every eighth slice, and the shares are of those slices. CPU time stands beside the
wall clock, since only it holds on a machine that is shared. ``--ray`` ingests the articles with 1
to 4 Ray workers instead.
"""

import argparse
import gzip
import itertools
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# This file is called like the package that it measures: the project must come first.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from ingest.load import Loaded, Loader  # noqa: E402 - see above
from ingest.pipeline import build_article  # noqa: E402
from ingest.scale import Farm  # noqa: E402
from ingest.split import embedded_texts, split  # noqa: E402
from ingest.work import Worker  # noqa: E402
from rag.embed import Embedder, load_embedder  # noqa: E402
from rag.index import Index  # noqa: E402
from rag.settings import Settings  # noqa: E402

_SLICE = 128  # articles between two turns
_SAMPLE = 256  # passages for sentence-transformers, which takes three times as long


@dataclass
class Clock:
    """Wall and CPU seconds spent on ``n`` things."""

    wall: float = 0.0
    cpu: float = 0.0
    n: int = 0
    last: tuple[float, float] = (0.0, 0.0)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what happens inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.last = (time.perf_counter() - wall, time.process_time() - cpu)
        self.add(self.last)

    def add(self, seconds: tuple[float, float]) -> None:
        """Count wall and CPU seconds."""
        self.wall += seconds[0]
        self.cpu += seconds[1]

    def __str__(self) -> str:
        rate, each = self.n / self.wall, self.cpu / self.n * 1e3
        return f"{rate:.0f} passages/s, {each:.1f} CPU-ms each"

    def against(self, other: "Clock", form: str) -> str:
        """How many times as fast as ``other``."""
        wall = (self.n / self.wall) / (other.n / other.wall)
        cpu = (self.n / self.cpu) / (other.n / other.cpu)
        return f"{wall:{form}} by wall clock, {cpu:{form}} by CPU time"


@dataclass
class Measured:
    """What one run of the benchmark found."""

    whole: Clock = field(default_factory=Clock)
    bare: Clock = field(default_factory=Clock)
    again: Clock = field(default_factory=Clock)
    ours: Clock = field(default_factory=Clock)
    default: Clock = field(default_factory=Clock)
    n_articles: int = 0
    disk: int = 0
    memory_kb: int = 0
    paired: Clock = field(default_factory=Clock)  # ingestion of the slices embedded bare as well
    changed_s: float = 0.0
    sample: list[str] = field(default_factory=list)


def slices(corpus: Path, n_articles: int, folder: Path) -> Iterator[Path]:
    """The corpus in files of ``_SLICE`` rows."""
    opened = gzip.open if corpus.suffix == ".gz" else open
    with opened(corpus, "rt", encoding="utf-8") as lines:
        rows = itertools.islice(lines, n_articles)
        for number in itertools.count():
            part = list(itertools.islice(rows, _SLICE))
            if not part:
                return
            path = folder / f"part-{number:04}.jsonl"
            path.write_text("".join(part), "utf-8")
            yield path


def texts_of(path: Path, embedder: Embedder) -> list[str]:
    """What ``ingest`` hands to the embedder for one file."""
    loader = Loader()
    found = [f for f in loader.load([path]) if isinstance(f, Loaded)]
    articles = {a.article_id: a for a in map(build_article, found)}
    return [t for a in articles.values() for t in embedded_texts(a, split(a, embedder))]


def measure(
    corpus: Path, n_articles: int, embedder: Embedder, folder: Path, bare_every: int
) -> Measured:
    """Ingest the corpus in slices, embedding some of them bare as well; then all of it again."""
    found = Measured()
    home = folder / "home"
    index = opened(home, embedder)
    parts = list(slices(corpus, n_articles, folder))
    for number, part in enumerate(parts):
        n_passages = _timed(found.whole, part, index, embedder)
        if number % bare_every == 0:
            found.paired.add(found.whole.last)
            texts = texts_of(part, embedder)[:n_passages]
            with found.bare.running():
                embedder.encode(texts)
            found.bare.n += n_passages
            found.paired.n += n_passages
            found.sample = found.sample or texts[:_SAMPLE]
    found.n_articles = index.catalog.counts()[0]
    found.memory_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with found.again.running():
        filled(parts, index, embedder)
    change(parts[len(parts) // 2])
    began = time.perf_counter()
    filled([parts[len(parts) // 2]], index, embedder)
    found.changed_s = time.perf_counter() - began
    index.close()
    found.disk = sum(p.stat().st_size for p in home.rglob("*") if p.is_file())
    return found


def opened(home: Path, embedder: Embedder) -> Index:
    """An empty index."""
    return Index.open(
        home, settings_id="benchmark", embedder=embedder.name, dim=embedder.dim, create=True
    )


def filled(
    parts: Sequence[Path], index: Index, embedder: Embedder, farm: Farm | None = None
) -> int:
    """Ingest files through the queue; how many passages were stored."""
    worker = Worker(index, embedder, Loader)
    worker.farm = farm
    jobs = worker.wait(worker.submit([str(part) for part in parts]))
    return sum(job.n_passages for job in jobs)


def _timed(clock: Clock, part: Path, index: Index, embedder: Embedder) -> int:
    with clock.running():
        n_passages = filled([part], index, embedder)
    clock.n += n_passages
    return n_passages


def change(part: Path) -> None:
    """Change one word of one article in a file."""
    first, rest = part.read_text("utf-8").split("\n", 1)
    row = json.loads(first)
    row["text"] += "\nThis article was corrected."
    part.write_text(f"{json.dumps(row)}\n{rest}", "utf-8")


def scale(corpus: Path, n_articles: int, settings: Settings, folder: Path) -> Iterator[str]:
    """Rows of a table: passages per second with so many Ray workers."""
    embedder = load_embedder(settings.embedder, settings.cache)
    parts = list(slices(corpus, n_articles, folder))
    for n_workers in (0, 1, 2, 3, 4):
        farm = None
        if n_workers:
            farm = Farm(address="local", settings=settings, known=dict, n_workers=n_workers)
            list(farm.load(Loader(), "/nonexistent"))  # starts the cluster and loads the models
            for maker in farm._makers:
                farm._ray.get(maker.make.remote([]))
        index = opened(folder / f"home-{n_workers}", embedder)
        began = time.perf_counter()
        n_passages = filled(parts, index, embedder, farm)
        seconds = time.perf_counter() - began
        index.close()
        if farm:
            farm.close()
        yield f"| {n_workers or 'none'} | {n_passages:,} | {n_passages / seconds:.0f} |"


def compare(found: Measured, embedder: Embedder) -> None:
    """Embed the sample with sentence-transformers as it comes (fp32, batch 32) and with ours."""
    import torch
    from sentence_transformers import SentenceTransformer

    from rag.embed import _wheel_model

    kinds = {"dtype": torch.float32}
    model = SentenceTransformer(str(_wheel_model()), device="cpu", model_kwargs=kinds)
    model.encode(found.sample[:8], show_progress_bar=False)
    for at in range(0, len(found.sample), 64):
        texts = found.sample[at : at + 64]
        with found.default.running():
            model.encode(texts, show_progress_bar=False)
        with found.ours.running():
            embedder.encode(texts)
    found.default.n = found.ours.n = len(found.sample)


def table(found: Measured) -> Sequence[tuple[str, str]]:
    """Label and value of each row."""
    n = len(found.sample)
    return (
        ("articles, passages", f"{found.n_articles:,}, {found.whole.n:,}"),
        ("whole ingestion", str(found.whole)),
        ("bare embedder, the same passages", str(found.bare)),
        ("whole against bare", found.paired.against(found.bare, ".1%")),
        (f"sentence-transformers fp32, {n} passages", str(found.default)),
        ("bare embedder, the same", str(found.ours)),
        ("bare embedder against it", found.ours.against(found.default, ".2f")),
        ("whole ingestion against it", found.whole.against(found.default, ".2f")),
        ("peak memory", f"{found.memory_kb / 1024:.0f} MB"),
        ("disk per passage", f"{found.disk / found.whole.n / 1024:.1f} KB"),
        ("the same again, unchanged", f"{found.n_articles / found.again.wall:.0f} articles/s"),
        ("which is so many times as fast", f"{found.whole.wall / found.again.wall:.0f}"),
        (f"one changed article in a file of {_SLICE}", f"{found.changed_s:.2f} s"),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--bare-every", type=int, default=1)
    parser.add_argument("--ray", action="store_true")
    given = parser.parse_args()
    settings = Settings()
    if given.ray:
        print("| Ray workers | passages | passages/s |\n|---|---|---|")
        with tempfile.TemporaryDirectory() as folder:
            for row in scale(given.corpus, given.articles, settings, Path(folder)):
                print(row, flush=True)
        return
    embedder = load_embedder(settings.embedder, settings.cache)
    embedder.encode(["warm up"])
    with tempfile.TemporaryDirectory() as folder:
        found = measure(given.corpus, given.articles, embedder, Path(folder), given.bare_every)
    compare(found, embedder)
    print("| measured | |\n|---|---|")
    for label, value in table(found):
        print(f"| {label} | {value} |")


if __name__ == "__main__":
    main()
