"""How fast answers are evaluated, and how much memory ten thousand verdicts take.

    python -m benchmarks.evaluation [--home HOME --questions FILE] [--labelled DIR]

Without HOME the samples are ingested and asked. Prints Markdown: answers per second, asked and
scored without a language model, by number of workers; then, with DIR, verdicts per second and the
peak memory of the process. Wall time is only worth anything with nothing else on the machine;
processor time hardly depends on it.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

from eval.datasets import CaseFile, load_cases
from eval.judges import embedded, judged
from eval.meta import find_sets
from eval.pairs import Labelled, load_labelled
from rag.settings import Settings, load_settings
from web.archive import open_archive
from web.evaluating import Wanted, evaluate

ROOT = Path(__file__).resolve().parents[1]
N_VERDICTS = 10_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path)
    parser.add_argument("--questions", type=Path, default=ROOT / "samples/cases.jsonl")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--labelled", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=args.home or Path(folder) / "home")
        if args.home is None:
            with open_archive(settings, create=True) as archive:
                archive.ingest([str(ROOT / "samples/articles")], lambda *_: None)
        answers(settings, args.questions, load_cases(args.questions, args.limit), Path(folder))
    if args.labelled:
        verdicts(args.labelled)


def answers(settings: Settings, data: Path, cases: CaseFile, folder: Path) -> None:
    """Answers per second, asked and scored."""
    print(f"{data.name}, {len(cases.cases)} questions\n")
    print("| workers | answers/s | s | CPU-ms per answer |\n|---|---|---|---|")
    for workers in (1, 2):
        out = folder / f"run-{workers}"
        wanted = Wanted(
            data=data, cases=cases, judge=embedded(), settings=settings, out=out, workers=workers
        )
        began, cpu = time.perf_counter(), time.process_time()
        evaluate(wanted)
        spent, used = time.perf_counter() - began, time.process_time() - cpu
        n = len(cases.cases)
        print(f"| {workers} | {n / spent:.1f} | {spent:.1f} | {1e3 * used / n:.0f} |")


def verdicts(folder: Path) -> None:
    """Verdicts per second of the embedded judge, and the peak memory."""
    paths, _ = find_sets(folder)
    pairs: list[Labelled] = [p for path in paths for s in load_labelled(path) for p in s.pairs]
    pairs = (pairs * (1 + N_VERDICTS // len(pairs)))[:N_VERDICTS]
    began = time.process_time()
    failed = judged(embedded(), pairs).n_failed
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{len(pairs):,} verdicts ({failed} failed) in {spent:.0f} s, {len(pairs) / spent:.0f}/s;"
    )
    print(f"peak memory of the process {peak:,.0f} MB")


if __name__ == "__main__":
    main()
