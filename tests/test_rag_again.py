"""What earlier answers cited is a candidate again, if it is still there and passes the filters."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from rag.again import passages_at, passes
from rag.catalog import Catalog
from rag.embed import Embedder
from rag.index import Index
from rag.retrieve import retrieve
from rag.schema import Article, Filters, Passage, Place, Question

TEXT = "The bridge is closed. Trams still cross it. A ferry is planned for May."
SECOND = (22, 43)  # "Trams still cross it."


def _article(article_id: str = "a", **known: object) -> Article:
    article = Article(article_id=article_id, revision=1, title=None, text=TEXT, outlet="Post")
    return replace(article, **known)  # type: ignore[arg-type]


def _passages(article: Article) -> list[Passage]:
    spans = ((0, 43), (22, 71))
    return [
        Passage(
            article_id=article.article_id,
            start=start,
            end=end,
            text=TEXT[start:end],
            passage_id=f"{article.article_id}:1:{start}",
            sentences=((start, end),),
        )
        for start, end in spans
    ]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.create({})
    for article in (
        _article(published_at=datetime(2026, 1, 5, tzinfo=UTC)),
        _article("b", outlet=None),
    ):
        vectors = np.zeros((2, 1), np.float16)
        catalog.flip([(article, _passages(article), vectors)])
    yield catalog
    catalog.close()


def _place(article_id: str, start: int, end: int) -> Place:
    return Place(article_id=article_id, start=start, end=end)


def _found(catalog: Catalog, *places: Place, filters: Filters = Filters()) -> list[str]:
    return [p.passage_id for p in passages_at(catalog, places, filters)]


def test_the_passages_that_hold_a_place_come_back_in_the_order_of_the_places(
    catalog: Catalog,
) -> None:
    assert _found(catalog, _place("b", 0, 21), _place("a", *SECOND)) == ["b:1:0", "a:1:0", "a:1:22"]


@pytest.mark.parametrize("place", [("gone", 0, 5), ("a", 60, 900), ("a", 5, 70), ("", 0, 0)])
def test_what_is_not_there_is_left_out(catalog: Catalog, place: tuple[str, int, int]) -> None:
    assert _found(catalog, _place(*place)) == []


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(since=date(2026, 1, 5), until=date(2026, 1, 5)), {"a"}),
        (Filters(since=date(2026, 1, 6)), set()),
        (Filters(until=date(2026, 1, 4)), set()),
        (Filters(outlets=("POST",)), {"a"}),
        (Filters(articles=("b",)), {"b"}),
    ],
)
def test_the_filters_hold_for_them_as_for_the_index(
    catalog: Catalog, filters: Filters, ids: set[str]
) -> None:
    found = _found(catalog, _place("a", 0, 5), _place("b", 0, 5), filters=filters)

    assert {i.partition(":")[0] for i in found} == ids
    n_allowed = catalog.allowed(filters)[0]
    assert n_allowed == sum(passes(a, filters) for a in catalog.listing()) == len(ids)


def test_they_stand_behind_what_is_found_and_only_once(tmp_path: Path, embedder: Embedder) -> None:
    index = Index.open(
        tmp_path, settings_id="x", embedder=embedder.name, dim=embedder.dim, create=True
    )
    try:
        texts = {f"n{n}": f"A ferry number {n} sails to island {n} in May." for n in range(20)}
        texts["old"] = "Cracks were seen in four piers."
        index.add([_item(_article(i, text=text), embedder) for i, text in texts.items()])
        cited = _place("old", 0, 10)
        asked = Question(asked="When does ferry number 3 sail to island 3?", earlier=(cited,))
        plain = retrieve(replace(asked, earlier=()), index, embedder)
        found = retrieve(asked, index, embedder)
        again = retrieve(Question(asked="Cracks in four piers?", earlier=(cited,)), index, embedder)
    finally:
        index.close()

    assert found.passages[:-1] == plain.passages
    last = found.passages[-1]
    assert (last.passage.article_id, last.ranker, last.rank) == ("old", "earlier", 13)
    assert last.score < plain.passages[0].score
    ids = [p.passage.passage_id for p in again.passages]
    assert len(ids) == len(set(ids)) and again.passages[0].ranker == "fused"


def _item(article: Article, embedder: Embedder) -> tuple[Article, list[Passage], np.ndarray]:
    passage = Passage(
        article_id=article.article_id,
        start=0,
        end=len(article.text),
        text=article.text,
        passage_id=f"{article.article_id}:1:0",
        sentences=((0, len(article.text)),),
    )
    return article, [passage], embedder.encode([article.text])
