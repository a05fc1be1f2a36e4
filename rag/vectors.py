"""All vectors in one file of fixed rows, to search a part of the archive exactly.

A copy of the vectors in the catalog: row n is the passage with ordinal n. Mapped into memory, so
that opening costs nothing and a search touches only the rows it needs. Scoring 10,000 rows of
384 takes 2.5 ms on one core and finds every near-identical copy, which a graph may miss.
"""

import os
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexUnavailable

_CHUNK = 256  # rows: 384 KB as float32, so that the chunk stays in the second-level cache
# float16 bits moved into the places of float32 come out 2**112 too small; numpy's own conversion
# takes four times as long.
_LIFT = np.float32(2.0**112)
_SIGN_AND_VALUE = np.int32(0x8FFFE000 - 2**32)

Rows = NDArray[np.int64]


class VectorFile:
    """float16 [rows, dim] on disk; row 0 is never used. One writer, any number of readers."""

    def __init__(self, path: Path, dim: int) -> None:
        self.path = path
        self._dim = dim
        self._row_bytes = dim * 2
        self._lock = threading.Lock()
        self._map: NDArray[np.float16] | None = None

    def covers(self, ordinal: int) -> bool:
        """True if the file reaches to this row."""
        try:
            return self.path.stat().st_size >= (ordinal + 1) * self._row_bytes
        except FileNotFoundError:
            return False

    def write(self, first: int, vectors: NDArray[np.float16]) -> None:
        """Put float16 [n, dim] at the rows from ``first`` on, safely on the disk.

        Raises:
            IndexUnavailable: the disk is full or the file cannot be written.
        """
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                file.seek(first * self._row_bytes)
                file.write(vectors.tobytes())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unavailable(error) from error

    def rebuild(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Write the file anew from pairs of ordinal and float16 vector."""
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            with fresh.open("wb") as file:
                file.truncate(self._row_bytes)
                for ordinal, vector in rows:
                    file.seek(ordinal * self._row_bytes)
                    file.write(vector)
            os.replace(fresh, self.path)
        except OSError as error:
            raise self._unavailable(error) from error
        with self._lock:
            self._map = None

    def scores(self, ordinals: Rows, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The inner product of each of these rows with float32 [dim]; exact to float32."""
        if not len(ordinals):
            return np.empty(0, dtype=np.float32)
        table = self._mapped(int(ordinals.max()))
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

    def _mapped(self, last: int) -> NDArray[np.float16]:
        with self._lock:
            if self._map is None or len(self._map) <= last:
                try:
                    n_rows = self.path.stat().st_size // self._row_bytes
                    self._map = np.memmap(
                        self.path, np.float16, mode="r", shape=(n_rows, self._dim)
                    )
                except OSError as error:
                    raise self._unavailable(error) from error
            if len(self._map) <= last:
                raise IndexUnavailable(
                    f"{self.path} is cut short: {len(self._map)} rows, {last + 1} needed",
                    "run byline ingest on any article: it is made again from the catalog",
                )
            return self._map

    def _unavailable(self, error: OSError) -> IndexUnavailable:
        return IndexUnavailable(
            f"{self.path} cannot be used: {error.strerror or error}",
            "check that the folder exists, can be written to and has space left",
        )

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._map = None
