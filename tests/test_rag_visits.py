"""What was visited is remembered in the catalog's file, all or nothing."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from rag.catalog import Catalog
from rag.database import Database
from rag.errors import IndexUnavailable
from rag.visits import Visit, Visits

_VISIT = Visit(
    url="https://news.example/a?x=1",
    article_url="https://news.example/a",
    etag='W/"v1"',
    last_modified="Tue, 05 Mar 2024 10:00:00 GMT",
    fetched_at=datetime(2026, 4, 12, 9, 30, tzinfo=UTC),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "catalog.db")) as database:
        yield database


def test_a_visit_comes_back_as_noted(database: Database) -> None:
    visits = Visits(database)
    visits.create()
    visits.create()

    visits.note([_VISIT])

    assert visits.of(_VISIT.url) == _VISIT
    assert visits.of(_VISIT.article_url) is None


def test_the_last_visit_counts(database: Database) -> None:
    visits = Visits(database)
    visits.create()
    zone = timezone(timedelta(hours=2))
    later = replace(_VISIT, etag=None, fetched_at=datetime(2026, 4, 13, tzinfo=zone))

    visits.note([_VISIT, later])
    visits.note([])

    assert visits.of(_VISIT.url) == later


def test_all_or_none_are_noted(database: Database) -> None:
    visits = Visits(database)
    visits.create()
    broken = replace(_VISIT, url="https://news.example/b", article_url=None)  # type: ignore[arg-type]

    with pytest.raises(Exception, match="NOT NULL"):
        visits.note([_VISIT, broken])

    assert visits.of(_VISIT.url) is None


def test_they_stand_beside_the_catalog(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with closing(Catalog(path)) as catalog:
        Visits(catalog).create()  # also before the catalog's own tables
        catalog.create({"format": "2"})
        Visits(catalog).note([_VISIT])
    with closing(Catalog(path)) as catalog:
        assert catalog.meta() == {"format": "2"}
        assert Visits(catalog).of(_VISIT.url) == _VISIT


def test_without_its_table(database: Database) -> None:
    with pytest.raises(IndexUnavailable, match="no such table"):
        Visits(database).of("https://news.example/a")
