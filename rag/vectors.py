"""All vectors in two files of fixed rows, to search any part of the archive without a graph.

A copy of the vectors in the catalog: row n is the passage with ordinal n. The files are mapped
into memory, so opening them costs nothing and a search touches only the rows it needs. Up to
10,000 rows of 384 are scored exactly, in 2.5 ms on one core. More are sifted first by the signs
of their values, one bit each, and the best are scored exactly: 50,000 in 3 ms.
"""

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexUnavailable

_CHUNK = 256  # rows: 384 KB as float32, so that the chunk stays in the second-level cache
_SIGN_CHUNK = 4_096
_EXACT_VALUES = 4_000_000  # rows x dim up to which no sifting pays
# What passes the sieve. On 13,236 news texts and 201 questions, one row in 13 holds .9985 of the 10
# nearest and .9925 of the 50 nearest; one in 26 holds .997 and .973.
_KEPT = 4_000
_KEPT_PER_K = 20
_KEPT_SHARE = 12  # at least one row in so many
# float16 bits moved into the places of float32 come out 2**112 too small; numpy's own conversion
# takes four times as long.
_LIFT = np.float32(2.0**112)
_SIGN_AND_VALUE = np.int32(0x8FFFE000 - 2**32)

Ordinals = NDArray[np.int64]
Halves = NDArray[np.float16]


class VectorFiles:
    """float16 [rows, dim] and their signs in one folder; row 0 is never used.

    One writer, any number of readers.
    """

    def __init__(self, folder: Path, dim: int) -> None:
        self.folder = folder
        self._dim = dim
        self._values = _Table(folder / "values.f16", np.float16, dim)
        self._signs = _Table(folder / "signs.u64", np.uint64, -(-dim // 64))

    def cover(self, ordinal: int) -> bool:
        """True if both files reach to this row."""
        return self._values.n_rows() > ordinal and self._signs.n_rows() > ordinal

    def write(self, first: int, vectors: Halves) -> None:
        """Put float16 [n, dim] at the rows from ``first`` on, safely on the disk.

        Raises:
            IndexUnavailable: the disk is full or the files cannot be written.
        """
        self.folder.mkdir(exist_ok=True)
        self._values.write(first, vectors)
        self._signs.write(first, self._signs_of(vectors))

    def rebuild(self, runs: Iterable[tuple[int, Halves]]) -> None:
        """Write the files anew from runs of rows: the first ordinal and float16 [n, dim]."""
        self._values.clear()
        self._signs.clear()
        for first, vectors in runs:
            self.write(first, vectors)

    def nearest(
        self, ordinals: Ordinals, query: NDArray[np.float32], k: int
    ) -> tuple[Ordinals, NDArray[np.float32]]:
        """The k of these rows nearest to float32 [dim], with their inner product, best first.

        Equal ones stand in the order of their rows.
        """
        if len(ordinals) * self._dim > _EXACT_VALUES:
            n_kept = max(_KEPT, _KEPT_PER_K * k, len(ordinals) // _KEPT_SHARE)
            ordinals = self._sift(ordinals, query, n_kept)
        scores = self.scores(ordinals, query)
        if len(scores) > k:
            kept = np.argpartition(-scores, k)[:k]
            ordinals, scores = ordinals[kept], scores[kept]
        order = np.lexsort((ordinals, -scores))
        return ordinals[order], scores[order]

    def scores(self, ordinals: Ordinals, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The inner product of each of these rows with float32 [dim]."""
        if not len(ordinals):
            return np.empty(0, dtype=np.float32)
        table = self._values.mapped(int(ordinals.max()))
        lifted = query * _LIFT
        out = np.empty(len(ordinals), dtype=np.float32)
        buffer = np.empty((_CHUNK, self._dim), dtype=np.int32)
        for at in range(0, len(ordinals), _CHUNK):
            rows = table[ordinals[at : at + _CHUNK]].view(np.int16)
            wide = buffer[: len(rows)]
            np.copyto(wide, rows)
            np.left_shift(wide, 13, out=wide)
            np.bitwise_and(wide, _SIGN_AND_VALUE, out=wide)
            out[at : at + _CHUNK] = wide.view(np.float32) @ lifted
        return out

    def _sift(self, ordinals: Ordinals, query: NDArray[np.float32], n: int) -> Ordinals:
        """The n rows whose signs differ least from those of the query."""
        if len(ordinals) <= n:
            return ordinals
        table = self._signs.mapped(int(ordinals.max()))
        signs = self._signs_of(query[np.newaxis])[0]
        differ = np.empty(len(ordinals), dtype=np.uint16)
        for at in range(0, len(ordinals), _SIGN_CHUNK):
            bits = np.bitwise_count(table[ordinals[at : at + _SIGN_CHUNK]] ^ signs)
            total = differ[at : at + _SIGN_CHUNK]
            total[:] = bits[:, 0]
            for column in range(1, bits.shape[1]):  # six columns: four times as fast as a sum
                total += bits[:, column]
        return ordinals[np.argpartition(differ, n)[:n]]

    def _signs_of(self, vectors: NDArray[Any]) -> NDArray[np.uint64]:
        packed = np.packbits(vectors > 0, axis=1)
        padding = -packed.shape[1] % 8
        return np.pad(packed, ((0, 0), (0, padding))).view(np.uint64)

    def close(self) -> None:
        """Let go of the files."""
        self._values.close()
        self._signs.close()


class _Table:
    """A file of rows of one width, mapped for reading."""

    def __init__(self, path: Path, kind: type[np.generic], width: int) -> None:
        self.path = path
        self._kind = np.dtype(kind)
        self._width = width
        self._row_bytes = width * self._kind.itemsize
        self._lock = threading.Lock()
        self._map: NDArray[Any] | None = None

    def n_rows(self) -> int:
        try:
            return self.path.stat().st_size // self._row_bytes
        except OSError:
            return 0

    def write(self, first: int, rows: NDArray[Any]) -> None:
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                file.seek(first * self._row_bytes)
                file.write(rows.tobytes())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unavailable(error) from error

    def clear(self) -> None:
        try:
            self.path.unlink(missing_ok=True)  # who has it mapped keeps the old file
        except OSError as error:
            raise self._unavailable(error) from error
        self.close()

    def mapped(self, last: int) -> NDArray[Any]:
        with self._lock:
            if self._map is None or len(self._map) <= last:
                shape = (self.n_rows(), self._width)
                if shape[0] <= last:
                    raise self._unavailable(OSError(f"{shape[0]} rows where {last + 1} should be"))
                try:
                    self._map = np.memmap(self.path, self._kind, mode="r", shape=shape)
                except OSError as error:
                    raise self._unavailable(error) from error
            return self._map

    def _unavailable(self, error: OSError) -> IndexUnavailable:
        return IndexUnavailable(
            f"{self.path} cannot be used: {error.strerror or error}",
            "check that its folder can be written to and has space left, then run byline ingest"
            " on any article: it is made again from the catalog",
        )

    def close(self) -> None:
        with self._lock:
            self._map = None
