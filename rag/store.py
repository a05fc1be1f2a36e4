"""Chroma: the graph that finds the nearest of many vectors. Nothing else imports chromadb.

It is a copy of the catalog's vectors and holds nothing but ids and vectors: the metadata filter
of Chroma costs 100 times an unfiltered search at 100,000 passages, and texts come from the
catalog. It is opened on first use, because loading the graph of 100,000 passages takes half a
second, longer than searching them exactly once.
"""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexUnavailable

_COLLECTION = "passages"
_HNSW = {
    "space": "cosine",
    # Half of a set of near-identical copies did not find themselves with the defaults of 100.
    "ef_construction": 200,
    "ef_search": 200,
    # Each sync writes all ids again, so a million passages want few; what is not synced is
    # inserted again by the next process that searches the graph, at 1.5 ms each.
    "sync_threshold": 2_000,
}
# Searches wait while a batch goes in. Chroma's limit is 5,461; below 50 the commits cost more
# than the inserts.
_BATCH = 100
_SAMPLE = 50
_LITTLE = 8 << 20  # bytes: not enough for Chroma's journal


class Store:
    """The vectors of passages by id, in one Chroma folder that one process uses."""

    def __init__(self, folder: Path, dim: int) -> None:
        self.folder = folder.absolute()
        self._dim = dim
        self._lock = threading.Lock()
        self._client: Any = None
        self._collection: Any = None
        self._n_writers = 0

    @property
    def present(self) -> bool:
        """True if the folder holds a Chroma database, whatever its state."""
        return (self.folder / "chroma.sqlite3").is_file()

    @property
    def ready(self) -> bool:
        """True if a search would neither load the graph nor wait for a batch going in."""
        return self._collection is not None and not self._n_writers

    def upsert(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Put float32 [n, dim] under these ids, replacing what stands there."""
        with self._writing():
            for at in range(0, len(ids), _BATCH):
                self._opened().upsert(
                    ids=list(ids[at : at + _BATCH]), embeddings=vectors[at : at + _BATCH]
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Take these ids out; those that are not there are passed over."""
        with self._writing():
            for at in range(0, len(ids), _BATCH):
                self._opened().delete(ids=list(ids[at : at + _BATCH]))

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[str]:
        """About the k nearest ids by cosine, best first; fewer when it holds fewer."""
        with self._telling():
            found = self._opened().query(
                query_embeddings=vector.reshape(1, -1), n_results=k, include=[]
            )
        return list(found["ids"][0])

    def count(self) -> int:
        """How many vectors it holds."""
        with self._telling():
            return int(self._opened().count())

    def ids(self) -> set[str]:
        """All ids it holds; for tests and repairs."""
        found = set[str]()
        with self._telling():
            while page := self._opened().get(include=[], limit=5_000, offset=len(found))["ids"]:
                found.update(page)
        return found

    def sound(self, n_passages: int, sample: dict[str, NDArray[np.float16]]) -> bool:
        """True if it holds so many vectors and finds these few by themselves.

        A crash or a lost file may leave Chroma with a full count and an empty graph.
        """
        try:
            if self.count() != n_passages:
                return False
            for vector in sample.values():
                if len(self.nearest(vector.astype(np.float32), _SAMPLE)) < min(_SAMPLE, n_passages):
                    return False
        except IndexUnavailable:
            return False
        return True

    def create(self) -> None:
        """Open it, made if it is not there."""
        with self._telling(), self._lock:
            if self._collection is None:
                self._connect(make=True)

    def reset(self) -> None:
        """Throw the folder away and begin an empty one."""
        self.close()
        try:
            shutil.rmtree(self.folder, ignore_errors=not self.folder.exists())
        except OSError as error:
            raise self._unavailable(error) from error
        self.create()

    def close(self) -> None:
        """Let go of the folder."""
        with self._lock:
            client, self._client, self._collection = self._client, None, None
            if client is not None:
                client.close()

    def _opened(self) -> Any:
        with self._lock:
            if self._collection is None:
                if not self.present:
                    raise self._unavailable(FileNotFoundError("there is no Chroma database"))
                self._connect(make=False)
            return self._collection

    def _connect(self, *, make: bool) -> None:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        # Without _env_file it would take settings from the user's .env, down to the folder.
        settings = Settings(_env_file=None, anonymized_telemetry=False)
        try:
            client = chromadb.PersistentClient(self.folder, settings)
        except BaseException:
            # A half-made system stays in Chroma's cache and would be handed out next time.
            SharedSystemClient._identifier_to_system.pop(str(self.folder), None)
            raise
        try:
            if make:
                self._collection = client.get_or_create_collection(
                    _COLLECTION, configuration={"hnsw": _HNSW}, embedding_function=None
                )
            else:
                self._collection = client.get_collection(_COLLECTION, embedding_function=None)
        except BaseException:
            client.close()
            raise
        self._client = client

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._n_writers += 1
        try:
            with self._telling():
                yield
        except IndexUnavailable:
            # After a full disk Chroma keeps a transaction open and waits for itself for ever.
            with suppress(Exception):
                self.close()
            raise
        finally:
            with self._lock:
                self._n_writers -= 1

    @contextmanager
    def _telling(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, OSError, ValueError, AttributeError) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> IndexUnavailable:
        told = str(error)
        # Chroma does not say that the disk is full, only which of its steps failed.
        if self.folder.parent.exists() and shutil.disk_usage(self.folder.parent).free < _LITTLE:
            hint = "free some disk space and run the command again; nothing that was there is lost"
        elif "readonly" in told or "denied" in told:
            hint = "make the folder writable for this user"
        else:
            hint = "run byline ingest on any article: it is made again from the catalog"
        return IndexUnavailable(f"the Chroma folder {self.folder} cannot be used: {told}", hint)
