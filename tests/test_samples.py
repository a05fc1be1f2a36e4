"""The samples are there, carry what the page shows off, and borrow no sentence."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import SHARED

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
ARTICLES = SAMPLES / "articles"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(text: str, n: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def test_every_format_is_there_and_nothing_else_is_ingested() -> None:
    suffixes = {path.suffix for path in ARTICLES.iterdir()}

    assert suffixes == {".txt", ".md", ".html", ".json", ".jsonl"}


def test_questions_are_a_list_of_questions() -> None:
    questions = json.loads((SAMPLES / "questions.json").read_text("utf-8"))

    assert len(questions) >= 6
    assert all(isinstance(q, str) and q.endswith("?") for q in questions)


def test_no_address_belongs_to_anyone() -> None:
    for path in ARTICLES.iterdir():
        for host in re.findall(r"https?://([^/\s\"')]+)", path.read_text("utf-8")):
            owner = ".".join(host.split(".")[-2:])
            assert owner in {"example.com", "example.org", "example.net", "schema.org"}, path.name


def test_readme_names_every_article() -> None:
    readme = (SAMPLES / "README.md").read_text("utf-8")

    assert [p.name for p in ARTICLES.iterdir() if p.name not in readme] == []


@pytest.mark.skipif(not SHARED.exists(), reason="development data is not here")
def test_no_sentence_is_borrowed() -> None:
    seeds = [path.read_text("utf-8") for path in sorted((SHARED / "seeds").glob("*.txt"))]
    borrowed = set().union(*(_runs(seed, 8) for seed in seeds))

    for path in ARTICLES.iterdir():
        assert not _runs(path.read_text("utf-8"), 8) & borrowed, path.name
