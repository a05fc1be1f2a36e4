"""Reading, splitting and embedding on many machines with Ray; one process still writes.

The results come back in the order of the sources, whoever made them, so that the index is the
same as that of a run without Ray. A worker that is lost is started again by Ray, with the work
that it held. Every machine needs the same version of Byline.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.batch import Incoming
from ingest.files import find_files, open_regular, printable
from ingest.kinds import holds_many
from ingest.load import Found, Loaded, Loader, Skipped, Unmodified
from ingest.pipeline import incoming
from ingest.split import embedded_texts, split
from rag.embed import load_embedder
from rag.errors import BylineError, InputRefused
from rag.settings import Settings

_UNIT = 16  # documents or rows to a piece of work: seconds of embedding, little to do again
_MAX_UNIT_BYTES = 8 << 20
_WINDOW = 3  # pieces of work per worker that are under way or wait to be written
_MAX_RETRIES = 5  # of one piece of work, by workers that are lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file whose bytes travel to the worker that reads it."""

    name: str
    data: bytes


Piece = Document | Found
Unit = list[Piece]
Result = Incoming | Skipped | Unmodified


class Maker:
    """What runs on a worker: reads documents and makes articles, passages and vectors."""

    def __init__(self, settings: Settings, known: Mapping[str, str]) -> None:
        """``known``: content hash by article id, of what needs no vectors."""
        self._loader = Loader(max_mb=settings.max_upload_mb)
        self._embedder = load_embedder(settings.embedder, settings.cache)
        self._known = known

    def make(self, unit: Unit) -> list[Result]:
        """What becomes of each piece of the unit, in order."""
        return [result for piece in unit for result in self._results(piece)]

    def _results(self, piece: Piece) -> Iterator[Result]:
        found: Iterator[Found] = iter(
            self._loader.read(piece.name, piece.data, path=piece.name)
            if isinstance(piece, Document)
            else (piece,)
        )
        for one in found:
            yield self._made(one) if isinstance(one, Loaded) else one

    def _made(self, loaded: Loaded) -> Incoming:
        """The article; with passages and vectors unless the writer holds this text already."""
        made = incoming(loaded)
        article = made.article
        if self._known.get(article.article_id) == article.content_hash:
            return made
        passages = split(article, self._embedder)
        vectors = self._embedder.encode(list(embedded_texts(article, passages)))
        return replace(made, passages=passages, vectors=vectors)


@dataclass(slots=True)
class Farm:
    """Workers on a Ray cluster, one to a CPU unless said otherwise; close it when done."""

    address: str  # of the cluster; "local" starts one on this machine
    settings: Settings
    known: Callable[[], Mapping[str, str]]
    n_workers: int | None = None
    _ray: Any = None
    _makers: list[Any] = field(default_factory=list)
    _kept: Any = None  # what a worker is made with must live as long as it can be made again

    def load(self, loader: Loader, source: str) -> Iterator[Result]:
        """As ``Loader.load`` of one source, with the articles made."""
        self._start()
        waiting: deque[Any] = deque()
        for number, unit in enumerate(_units(loader, source)):
            maker = self._makers[number % len(self._makers)]
            waiting.append(maker.make.remote(unit))
            if len(waiting) >= _WINDOW * len(self._makers):
                yield from self._got(waiting.popleft())
        while waiting:
            yield from self._got(waiting.popleft())

    def close(self) -> None:
        """Let the workers go, and the cluster if it was started here."""
        if self._ray is not None:
            self._ray.shutdown()
        self._ray, self._makers, self._kept = None, [], None

    def _got(self, promise: Any) -> list[Result]:
        try:
            results: list[Result] = self._ray.get(promise)
        except self._ray.exceptions.RayError as error:
            raise BylineError(
                f"the Ray workers at {self.address} could not do the work: {error}",
                "look at the cluster, then run the command again: what was finished is kept",
            ) from error
        return results

    def _start(self) -> None:
        if self._ray is not None:
            return
        ray = _imported()
        try:
            ray.init(
                address=self.address,
                include_dashboard=False if self.address == "local" else None,
                num_cpus=self.n_workers if self.address == "local" else None,
                log_to_driver=False,
                configure_logging=False,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise BylineError(
                f"no Ray cluster answers at {self.address}: {error}",
                "name another, or start one here with: --ray local",
            ) from error
        self._ray = ray
        n_workers = self.n_workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._kept = ray.put(dict(self.known()))
        maker = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=_MAX_RETRIES)(Maker)
        self._makers = [maker.remote(self.settings, self._kept) for _ in range(n_workers)]


def _imported() -> Any:
    try:
        import ray
    except ImportError:
        raise BylineError(
            "Ray is not installed", "install it with: pip install 'byline-news[ray]'"
        ) from None
    return ray


def _units(loader: Loader, source: str) -> Iterator[Unit]:
    """The pieces of a source in their order, put together to units of work."""
    unit: Unit = []
    n_bytes = 0
    for piece in _pieces(loader, source):
        unit.append(piece)
        n_bytes += len(piece.data) if isinstance(piece, Document) else 1_000
        if len(unit) >= _UNIT or n_bytes >= _MAX_UNIT_BYTES:
            yield unit
            unit, n_bytes = [], 0
    if unit:
        yield unit


def _pieces(loader: Loader, source: str) -> Iterator[Piece]:
    """Single documents unread, so that workers read them; what holds many, row by row."""
    if "://" in source:
        yield from loader.load([source])
        return
    for found in find_files(source):
        if isinstance(found, Skipped):
            yield found
        elif holds_many(found.name):
            yield from loader.load([found])
        else:
            yield _document(found, loader.max_mb)


def _document(path: Path, max_mb: int) -> Document | Skipped:
    name = printable(path)
    try:
        with open_regular(path) as stream:
            data = stream.read((max_mb << 20) + 1)
    except InputRefused as error:
        return Skipped(source=name, reason=error.message)
    except OSError as error:
        return Skipped(source=name, reason=f"cannot be read: {error.strerror or error}")
    return Document(name=name, data=data)
