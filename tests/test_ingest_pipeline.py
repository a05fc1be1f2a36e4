"""From files to the index: what is new goes in, what is not is left alone, and nothing breaks."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ingest.load import Loaded
from ingest.page import Page
from ingest.pipeline import Progress, Report, article_id, build_article, ingest
from rag.embed import Vectors
from rag.index import Index

DATA = Path(__file__).parent / "data" / "ingest"
SHARED = Path(__file__).resolve().parents[2] / "shared"
BODY = "The last ferry to Osthamn will sail in May, the board said. Unions said they would fight."


class Counting:
    """Vectors from hashes, and a count of the texts that asked for one."""

    name = "counting"
    dim = 8

    def __init__(self) -> None:
        self.n_texts = 0
        self.stop_after: int | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self.stop_after is not None and self.n_texts >= self.stop_after:
            raise KeyboardInterrupt
        self.n_texts += len(texts)
        seeds = [int.from_bytes(t.encode()[:8].ljust(8, b"."), "big") for t in texts]
        rows = np.array([np.random.default_rng(s).normal(size=self.dim) for s in seeds])
        vectors: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return vectors


@pytest.fixture
def embedder() -> Counting:
    return Counting()


@pytest.fixture
def index(tmp_path: Path, embedder: Counting) -> Iterator[Index]:
    home = tmp_path / "home"
    home.mkdir()
    index = Index.open(home, settings_id="test", embedder="counting", dim=8, create=True)
    yield index
    index.close()


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.jsonl", 150)


def write_rows(path: Path, n: int) -> Path:
    made = ({"doc_id": i, "title": f"Ferry {i} to close", "text": f"{i}. {BODY}"} for i in range(n))
    path.write_text("".join(json.dumps(row) + "\n" for row in made))
    return path


def outcomes(report: Report) -> dict[str, int]:
    return dict(Counter(item.outcome for item in report.items))


def row(text: str = BODY, **fields: object) -> str:
    return json.dumps({"text": text, "url": "https://c.example/a", **fields}) + "\n"


def test_new_articles_go_in_and_are_not_embedded_again(
    index: Index, embedder: Counting, rows: Path
) -> None:
    first = ingest([rows, DATA], index, embedder)
    embedded = embedder.n_texts
    second = ingest([rows, DATA], index, embedder)

    assert outcomes(first) == {"added": 152}
    assert outcomes(second) == {"unchanged": 152}
    assert index.catalog.counts() == (152, first.n_passages)
    assert embedder.n_texts == embedded == first.n_passages
    assert second.n_passages == 0


def test_a_changed_text_is_a_new_revision_of_the_same_article(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(BODY)
    ingest([path], index, embedder)
    path.write_text(BODY + " The mayor agreed.")

    report = ingest([path], index, embedder)

    assert outcomes(report) == {"updated": 1}
    (article,) = index.catalog.listing()
    assert article.revision == 2
    assert article.text.endswith("The mayor agreed.")
    assert index.catalog.counts() == (1, 1)


def test_one_address_is_one_article_wherever_it_is_found(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    for name, url in (("a", "https://c.example/a?utm_source=x#top"), ("b", "http://c.example/a/")):
        (tmp_path / f"{name}.jsonl").write_text(row(url=url))

    report = ingest([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], index, embedder)

    assert len({item.article_id for item in report.items}) == 1
    assert index.catalog.counts()[0] == 1


def test_the_newer_of_two_versions_is_held_however_often_both_are_read(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        row("Old: it may close.", date="2026-01-05") + row("New: it closes.", date="2026-01-06")
    )

    reports = [ingest([path], index, embedder) for _ in range(2)]

    assert [outcomes(r) for r in reports] == [{"added": 1, "updated": 1}, {"unchanged": 2}]
    assert reports[1].items[0].reason == "a newer version is held"
    assert next(index.catalog.listing()).text == "New: it closes."


def test_a_date_that_was_added_is_stored(index: Index, embedder: Counting, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for line in (row(), row(date="2026-01-05")):
        path.write_text(line)
        report = ingest([path], index, embedder)

    assert outcomes(report) == {"updated": 1}
    assert next(index.catalog.listing()).published_at == datetime(2026, 1, 5, tzinfo=UTC)


def test_broken_files_are_named_and_the_rest_goes_in(
    index: Index, embedder: Counting, tmp_path: Path, rows: Path
) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "clutter.txt").write_text("Share\n\n13 Sources\n\nCopy link\n")
    (tmp_path / "good.jsonl.gz").write_bytes(gzip.compress((row() + "{\n").encode()))
    names = ["bad.txt", "clutter.txt", "good.jsonl.gz", "missing.txt", "rows.jsonl"]

    report = ingest([tmp_path / n for n in names], index, embedder)

    assert outcomes(report) == {"added": 151, "skipped": 4}
    assert all(item.reason for item in report.items if item.outcome == "skipped")


def test_stopped_between_batches_the_rest_goes_in_with_the_next_run(
    index: Index, embedder: Counting, rows: Path
) -> None:
    embedder.stop_after = 64
    with pytest.raises(KeyboardInterrupt):
        ingest([rows], index, embedder)
    n_before = index.catalog.counts()[0]
    embedder.stop_after = None

    report = ingest([rows], index, embedder)

    assert n_before == 64
    assert outcomes(report) == {"added": 86, "unchanged": 64}
    assert index.catalog.counts()[0] == 150


def test_progress_counts_up_and_ends_with_all(index: Index, embedder: Counting, rows: Path) -> None:
    seen: list[Progress] = []

    report = ingest([rows], index, embedder, progress=seen.append)

    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].done, seen[-1].passages) == (150, report.n_passages)
    assert {p.total for p in seen} == {None}  # only reading tells how many rows there are

    ingest([DATA], index, embedder, progress=seen.append)

    assert (seen[-1].done, seen[-1].total) == (2, 2)


def test_an_article_that_is_gone_from_disk_stays(
    index: Index, embedder: Counting, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(BODY)
    ingest([tmp_path / "a.txt"], index, embedder)
    path.unlink()

    assert outcomes(ingest([path], index, embedder)) == {"skipped": 1}
    assert index.catalog.counts()[0] == 1


def test_ids_come_from_the_address_or_from_the_place() -> None:
    assert article_id("https://c.example/a", "/x", "1") == article_id(
        "http://c.example/a", "/y", None
    )
    assert article_id(None, "/x", "1") != article_id(None, "/x", "2")
    assert article_id(None, "/x", None) != article_id(None, "/y", None)
    assert len(article_id(None, "/x", None)) == 16


def test_hidden_and_hostile_characters_never_reach_an_article() -> None:
    bad = "\u202e\u200b\U000e0041\x00\ud800"
    page = Page(
        text=f"It{bad} rained.", title=f"Rain{bad}", outlet=f"Cour{bad}ier",
        authors=(f"Jane{bad} Doe",), url=f"javascript:x{bad}",
    )  # fmt: skip

    article = build_article(Loaded(source="a", path="/a", page=page, kind="row", key="1"))

    assert (article.text, article.title, article.outlet) == ("It rained.", "Rain", "Courier")
    assert (article.authors, article.url) == (("Jane Doe",), "javascript:x")


@pytest.mark.skipif(not SHARED.exists(), reason="the development data is not on this machine")
def test_the_seeds(index: Index, embedder: Counting) -> None:
    ingest([SHARED / "seeds"], index, embedder)

    first, second = sorted(index.catalog.listing(), key=lambda a: a.path or "")
    assert (first.title, first.outlet, first.published_at) == (None, None, None)
    assert first.updated_at == datetime(2026, 1, 29, 19, 3, tzinfo=UTC)
    assert first.authors == ("Zeyi Yang", "Louise Matsakis")
    assert [(credit.kind, credit.name) for credit in first.credits] == [
        ("report", "Reuters"),
        ("sources", "two people familiar with the matter"),
    ]
    assert second.title is not None
    assert second.title.endswith("amid trade tensions")
    assert (second.published_at, second.updated_at, second.date_source) == (None, None, None)
