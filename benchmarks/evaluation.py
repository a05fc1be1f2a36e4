"""How fast answers are evaluated, and how much memory ten thousand verdicts take.

    python -m benchmarks.evaluation [--home HOME --questions FILE] [--labelled DIR]

Without HOME the samples are ingested and asked. Prints Markdown: answers per second, asked and
scored without a language model, by number of workers; then, with DIR, verdicts per second of the
judges of ``byline eval meta``, each pair once, and the peak memory of the process. The baseline
reads every text anew, over a part of the same pairs, and must give the same scores. Wall time is
only worth anything with nothing else on the machine; processor time hardly depends on it.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from eval.datasets import CaseFile, load_cases
from eval.judges import Judge, embedded, judged, one_by_one
from eval.meta import find_sets
from eval.pairs import Labelled, load_labelled
from rag.embed import load_embedder
from rag.likeness import TokenReader
from rag.settings import Settings, load_settings
from rag.verify import support
from web.archive import open_archive
from web.evaluating import Wanted, evaluate

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path)
    parser.add_argument("--questions", type=Path, default=ROOT / "samples/cases.jsonl")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--labelled", type=Path)
    parser.add_argument("--verdicts", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=args.home or Path(folder) / "home")
        if args.home is None:
            with open_archive(settings, create=True) as archive:
                archive.ingest([str(ROOT / "samples/articles")], lambda *_: None)
        answers(settings, args.questions, load_cases(args.questions, args.limit), Path(folder))
    if args.labelled:
        verdicts(args.labelled, args.verdicts)


def answers(settings: Settings, data: Path, cases: CaseFile, folder: Path) -> None:
    """Answers per second, asked and scored."""
    print(f"{data.name}, {len(cases.cases)} questions\n")
    print("| workers | answers/s | s | CPU-ms per answer |\n|---|---|---|---|")
    judge = embedded(load_embedder(settings.embedder, settings.cache))
    for workers in (1, 2):
        out = folder / f"run-{workers}"
        wanted = Wanted(
            data=data, cases=cases, judge=judge, settings=settings, out=out, workers=workers
        )
        began, cpu = time.perf_counter(), time.process_time()
        evaluate(wanted)
        spent, used = time.perf_counter() - began, time.process_time() - cpu
        n = len(cases.cases)
        print(f"| {workers} | {n / spent:.1f} | {spent:.1f} | {1e3 * used / n:.0f} |")


def verdicts(folder: Path, n: int) -> None:
    """Verdicts per second of the embedded judge, and the peak memory."""
    settings = load_settings()
    embedder = load_embedder(settings.embedder, settings.cache)
    assert isinstance(embedder, TokenReader)
    sets = [s.pairs for path in find_sets(folder)[0] for s in load_labelled(path)]
    anew = Judge(name="anew", score=one_by_one(partial(support, reader=embedder)), threshold=0.5)
    few = first_of_each(sets, n // 4)
    told = {}
    print("\n| judge | pairs | CPU-s | verdicts/s |\n|---|---|---|---|")
    for name, judge, pairs in (
        ("every text read anew", anew, few),
        ("embedded, the same", embedded(embedder), few),
        ("embedded", embedded(embedder), first_of_each(sets, n)),
    ):
        began = time.process_time()
        told[name] = judged(judge, pairs).scores
        spent = time.process_time() - began
        print(f"| {name} | {len(pairs):,} | {spent:.0f} | {len(pairs) / spent:.0f} |", flush=True)
    first, second, _ = told.values()
    print(f"\nthe same scores: {np.array_equal(first, second, equal_nan=True)};")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process {peak:,.0f} MB")


def first_of_each(sets: Sequence[Sequence[Labelled]], n: int) -> list[Labelled]:
    """The first pairs of each set, as many of each as it takes for ``n`` in all."""
    most = next((k for k in range(n + 1) if sum(min(k, len(s)) for s in sets) >= n), n)
    return [pair for one in sets for pair in one[:most]][:n]


if __name__ == "__main__":
    main()
