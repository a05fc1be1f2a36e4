"""What several tests need: an embedder, desks, a browser, people who log in, a site to crawl."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from rag.embed import Embedder, load_embedder
from rag.settings import Settings

if TYPE_CHECKING:  # loaded where it is needed: most runs need little of it
    from fastapi.testclient import TestClient
    from playwright.sync_api import Browser

    from ingest.crawl import Crawler
    from ingest.page import PageReader
    from tests.browsing import Served
    from tests.crawling import Read
    from tests.fake_desk import FakeDesk
    from tests.people import People
    from tests.touring import View
    from tests.web_site import Site
    from web.desk import Desk

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests first: they take longest, and a worker that gets one last is waited for."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The embedded model, loaded once."""
    settings = Settings()
    return load_embedder(settings.embedder, settings.cache)


# --- the server and the page ---------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> "FakeDesk":
    """A desk with canned answers, of this test alone."""
    from tests.fake_desk import FakeDesk

    return FakeDesk(tmp_path / "home")


@pytest.fixture
def client(desk: "FakeDesk") -> Iterator["TestClient"]:
    """The routes of the desk, without a server."""
    from fastapi.testclient import TestClient

    from tests.calling import api_of

    with TestClient(api_of(desk), raise_server_exceptions=False) as client:
        yield client


# By module, for while Playwright runs no other event loop can.
@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Headless Chromium."""
    from tests.browsing import launched

    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Served"]:
    """A desk with canned answers behind the real server."""
    from tests.browsing import serving
    from tests.fake_desk import FakeDesk

    with serving(FakeDesk(tmp_path_factory.mktemp("home"))) as served:
        yield served


@pytest.fixture(scope="module", params=["wide light", "wide dark", "phone light", "phone dark"])
def view(request: pytest.FixtureRequest, browser: "Browser") -> Iterator["View"]:
    """The window of one reader after the other."""
    from tests.touring import seen

    with seen(browser, *request.param.split()) as view:
        yield view


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator["People"]:
    """The same with people who must log in."""
    from tests.people import peopled

    with peopled(tmp_path_factory.mktemp("home")) as people:
        yield people


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Desk"]:
    """A real desk to which the environment names no model."""
    from tests.choosing import bare_desk

    with bare_desk(tmp_path_factory.mktemp("archive") / "home") as desk:
        yield desk


@pytest.fixture
def unset(bare: "Desk") -> Iterator["Desk"]:
    """The same, on which nobody has set anything."""
    yield bare
    bare.given = Settings(home=bare.home)
    bare.apply(None)


# --- reading the web -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages() -> Iterator["PageReader"]:
    """Reads pages in a process of its own."""
    from ingest.page import PageReader

    with closing(PageReader()) as pages:
        yield pages


@pytest.fixture
def read(pages: "PageReader") -> "Read":
    """Reads what a crawl brings, and remembers what it was handed."""
    from tests.crawling import Read

    return Read(pages)


@pytest.fixture
def site() -> Iterator["Site"]:
    """A site on loopback."""
    from tests.web_site import running

    with running() as site:
        yield site


@pytest.fixture
def crawler() -> Iterator["Crawler"]:
    """One that may read loopback."""
    from ingest.crawl import Crawler
    from tests.crawling import fetcher_of

    with closing(fetcher_of()) as fetcher:
        yield Crawler(fetcher=fetcher)
