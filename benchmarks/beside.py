"""Questions asked while articles go in: how long they take, and whether any fails.

Usage: python -m benchmarks.beside DATA [--users 2] [--questions 60] [--articles 600]

Users ask one question after the other, each as soon as the last was answered: first with nothing
else going on, then while the rest of the articles is ingested. Every answer is looked at: each
quote must be its article's text at the offsets given, in the revision that was cited.
"""

import argparse
import gzip
import itertools
import json
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rag.schema import Answer, AnswerEvent
from rag.settings import Settings
from web.desk import Desk


@dataclass
class Asked:
    """What the users met."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    torn: int = 0  # quotes that are not the text of the article that the answer names

    def row(self, name: str) -> str:
        """A row of the table."""
        p50, p95 = np.percentile(self.seconds, [50, 95]) * 1e3
        return (
            f"| {name} | {len(self.seconds)} | {p50:.0f} | {p95:.0f} | {len(self.errors)} |"
            f" {self.torn} |"
        )


def rows_of(path: Path) -> list[str]:
    """The lines of a packed JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(lines)


def torn(answer: Answer) -> int:
    """How many quotes are not in the article as the answer has it."""
    spans = [c.evidence for c in answer.citations]
    return sum(answer.articles[e.article_id].text[e.start : e.end] != e.text for e in spans)


def ask_all(desk: Desk, questions: Sequence[str], n_users: int, until: threading.Event) -> Asked:
    """Each user asks in turn, until the questions are through or, if it is set, ``until``."""
    found, lock = Asked(), threading.Lock()
    waiting = itertools.cycle(questions) if not until.is_set() else iter(questions)

    def user() -> None:
        while True:
            with lock:
                question = next(waiting, None)
            if question is None or (until_given and until.is_set()):
                return
            began = time.perf_counter()
            try:
                *_, last = desk.ask(question)
            except Exception as error:  # noqa: BLE001  # counted: none may happen
                found.errors.append(repr(error))
                continue
            found.seconds.append(time.perf_counter() - began)
            assert isinstance(last, AnswerEvent)
            found.torn += torn(last.answer)

    until_given = not until.is_set()
    users = [threading.Thread(target=user) for _ in range(n_users)]
    for thread in users:
        thread.start()
    for thread in users:
        thread.join()
    return found


def measure(desk: Desk, first: Path, second: Path, questions: Sequence[str], n_users: int) -> str:
    """The table: idle, then while ``second`` goes in."""
    done = threading.Event()
    done.set()
    desk.start()
    desk.ingest([first])
    ask_all(desk, questions[:10], n_users, done)  # warm
    idle = ask_all(desk, questions, n_users, done)
    alone = _filled(desk, second)
    desk.holdings.remove(str(second))
    done.clear()
    seconds: list[float] = []

    def fill() -> None:
        seconds.append(_filled(desk, second))
        done.set()

    filling = threading.Thread(target=fill)
    filling.start()
    beside = ask_all(desk, questions, n_users, done)
    filling.join()
    ratio = np.percentile(beside.seconds, 95) / np.percentile(idle.seconds, 95)
    return "\n".join(
        (
            f"{n_users} users: p95 {ratio:.2f} times the idle one; ingestion beside them takes"
            f" {seconds[0] / alone:.1f} times as long",
            "| questions | n | p50 ms | p95 ms | errors | torn quotes |",
            "|---|---|---|---|---|---|",
            idle.row("idle"),
            beside.row("during ingestion"),
        )
    )


def _filled(desk: Desk, source: Path) -> float:
    began = time.perf_counter()
    desk.ingest([source])
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--users", type=int, default=2)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--articles", type=int, default=300)
    given = parser.parse_args()
    rows = rows_of(given.data / "rtqa_2022_dev_corpus.jsonl.gz")
    queries = rows_of(given.data / "rtqa_2022_dev_queries.jsonl.gz")
    questions = [json.loads(row)["question"] for row in queries][: given.questions]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second = folder / "first.jsonl", folder / "second.jsonl"
        split = given.articles * 2 // 3
        first.write_text("".join(rows[:split]), "utf-8")
        second.write_text("".join(rows[split : given.articles]), "utf-8")
        with Desk.open(Settings(home=folder / "home"), create=True) as desk:
            print(measure(desk, first, second, questions, given.users))


if __name__ == "__main__":
    main()
