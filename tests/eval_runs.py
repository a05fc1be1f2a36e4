"""A run over an archive of one article: for tests of what becomes of answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.datasets import Case
from eval.judges import embedded
from eval.run import Plan
from rag.schema import Filters

ARTICLE = "Twelve people died when the ferry capsized, the rescue service said."


def body(question: str = "How many died?", **given: Any) -> dict[str, Any]:
    """An answer of the contract, as a server gives it."""
    cited = {
        "marker": 1,
        "article_id": "a1",
        "quote": ARTICLE,
        "start": 10,
        "end": 10 + len(ARTICLE),
    }
    origin = {"title": "Toll rises", "outlet": "Agency"}
    return {
        "schema": 1,
        "question": question,
        "reason": None,
        "short": None,
        "mode": "extractive",
        "sentences": [
            {
                "text": ARTICLE,
                "citations": [1],
                "verdict": {"label": "supported", "score": 1.0, "reasons": []},
            }
        ],
        "citations": [{**cited, **origin}],
        "conflicts": [],
        "retrieved": [
            {
                "article_id": "a1",
                "quote": f"{ARTICLE} More.",
                "start": 10,
                "passage_id": "p",
                **origin,
            }
        ],
        "timings_ms": {"retrieve": 3.0},
        **given,
    }


class FakeArchive:
    """An archive with one article, which counts how often it is asked."""

    def __init__(self, answer: Callable[[str], dict[str, Any]] = body) -> None:
        self.asked: list[str] = []
        self._answer = answer

    def ask(self, asked: str, filters: Filters, on_status: Callable[[str], None]) -> dict[str, Any]:
        self.asked.append(asked)
        return self._answer(asked)

    def sources(self) -> list[dict[str, Any]]:
        names = {"article_id": "a1", "title": "Toll rises", "url": "https://a.example/toll"}
        return [{**names, "revision": 1, "content_hash": "h", "published_at": None}]


def cases(n: int = 3) -> tuple[Case, ...]:
    return tuple(
        Case(case_id=str(i), question=f"How many died? {i}", answers=(("12 people",),))
        for i in range(n)
    )


def plan(folder: Path, **given: Any) -> Plan:
    values: dict[str, Any] = {"name": "own", "cases": cases(), "folder": folder, "setting": {}}
    return Plan(**{**values, "judge": embedded(), **given})


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "timings.jsonl"}
