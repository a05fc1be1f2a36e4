"""How long a command takes from a cold start: `python benchmarks/cold_start.py [--runs N]`.

`byline ask` on an existing index against a fresh process that imports chromadb and tantivy and
loads the model's graph, in turn so that a machine's moods hit both; and `byline --help`. Prints
medians of processor and wall seconds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOOR = (
    "import chromadb, tantivy; from rag.settings import Settings; "
    "from rag.embed import load_embedder; s = Settings(); load_embedder(s.embedder, s.cache)"
)


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        app = [sys.executable, str(ROOT / "app.py")]
        home = ["--home", folder]
        cost([*app, "ingest", str(ROOT / "samples/articles"), *home])
        commands = {
            "import chromadb, tantivy; load the graph": [sys.executable, "-c", FLOOR],
            "byline ask": [*app, "ask", "Did China approve the sale of H200 chips?", *home],
            "byline --help": [*app, "--help"],
        }
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for turn in range(runs + 1):
            for name, command in commands.items():
                spent = cost(command)
                if turn:  # the first turn only fills the caches
                    measured[name].append(spent)
    print_table(measured)


def cost(command: list[str]) -> tuple[float, float]:
    """Processor and wall seconds of one process and its children."""
    before = os.times()
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    wall = time.perf_counter() - began
    after = os.times()
    cpu = (
        after.children_user - before.children_user + after.children_system - before.children_system
    )
    return cpu, wall


def print_table(measured: dict[str, list[tuple[float, float]]]) -> None:
    """Medians, and the ratio to the first row."""
    floor = [
        statistics.median(column) for column in zip(*next(iter(measured.values())), strict=True)
    ]
    print("| process | CPU s | wall s | CPU ratio | wall ratio |")
    print("|---|---|---|---|---|")
    for name, rows in measured.items():
        cpu, wall = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"| {name} | {cpu:.2f} | {wall:.2f} | {cpu / floor[0]:.2f} | {wall / floor[1]:.2f} |")


if __name__ == "__main__":
    main()
