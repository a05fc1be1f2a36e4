"""What the Quality tab is tested with: an archive of two notes, a question, and who asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag.settings import Settings
from rag.users import Role
from tests.calling import As
from web.api import handle_errors, routes
from web.asking import Asker
from web.desk import Desk
from web.visitors import Visitor

QUESTION = "What will the Arden bridge cost?"
CASE = {"question": QUESTION, "answer": [["38 million", "38m"]]}
NEWS = (
    "Arden council votes on bridge\n\nThe council of Arden voted on Monday to repair the old "
    "bridge. The Arden bridge will cost 38 million euros, the mayor Ines Halvorsen said.",
    "Ferry for Lake Orrin\n\nThe ferry on Lake Orrin will run from May. Tamsin Gale will command "
    "the ferry, the harbour office of Orrin said on Friday.",
)


def client_of(desk: Any, name: str | None = "", role: Role = "editor") -> TestClient:
    """A client of the routes who is this visitor; None is nobody."""
    app = FastAPI()
    handle_errors(app)
    app.include_router(routes(desk, Asker(desk)))
    if name is not None:
        app.add_middleware(As, visitor=Visitor(name=name, role=role))
    return TestClient(app, raise_server_exceptions=False)


@contextmanager
def news_desk(folder: Path) -> Iterator[Desk]:
    """A desk over the notes, which are written into the folder."""
    notes = folder / "news"
    notes.mkdir()
    for n, text in enumerate(NEWS):
        (notes / f"{n}.txt").write_text(text)
    with Desk.open(Settings(home=folder / "home"), create=True) as desk:
        desk.ingest([notes])
        yield desk
