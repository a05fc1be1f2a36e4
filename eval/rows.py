"""Reads files of labelled pairs, questions and articles, row by row, and says where one is bad."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.errors import InputRefused

SUFFIXES = (".jsonl", ".jsonl.gz")
Kind = Literal["labelled", "nli", "questions", "corpus", "other"]
# What a row must have to be of a kind, in the order in which the kinds are tried.
_NEEDED: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("labelled", frozenset({"source_text", "claim", "label"})),
    ("nli", frozenset({"premise", "hypothesis", "label"})),
    ("questions", frozenset({"question"})),
    ("corpus", frozenset({"doc_id", "text"})),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One object of a file, and where it stands, for messages."""

    path: Path
    line: int  # from 1
    values: Mapping[str, Any]

    @property
    def where(self) -> str:
        """``name.jsonl, line 7``."""
        return f"{self.path.name}, line {self.line}"

    def text(self, name: str) -> str:
        """A text that must be there and not be empty.

        Raises:
            InputRefused: it is not.
        """
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            found = "is missing" if value is None else f"is {_short(value)}"
            raise InputRefused(f"{self.where}: {name!r} {found}", "it must be a text")
        return _storable(value)

    def optional(self, name: str) -> str:
        """A text, or "" where there is none."""
        value = self.values.get(name)
        return _storable(value) if isinstance(value, str) else ""


def is_rows(path: Path) -> bool:
    """True if the name says JSON lines, plain or gzipped."""
    return path.name.lower().endswith(SUFFIXES)


def set_name(path: Path) -> str:
    """The name of the set: the file's name without its suffixes."""
    lower = path.name.lower()
    suffix = next((s for s in reversed(SUFFIXES) if lower.endswith(s)), path.suffix)
    return path.name[: len(path.name) - len(suffix)] if suffix else path.name


def read_rows(path: Path) -> Iterator[Row | InputRefused]:
    """Every line of a JSON lines file: a row, or what is wrong with the line.

    Empty lines are no rows. Gzip is told by content, not by name.

    Raises:
        InputRefused: the file cannot be read at all.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            lines = gzip.GzipFile(fileobj=raw) if packed else raw
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _row(path, number, line)
    except (OSError, EOFError, zlib.error) as error:
        raise InputRefused(f"{path} cannot be read: {error}", "check the file") from error


def _row(path: Path, number: int, line: bytes) -> Row | InputRefused:
    where = f"{path.name}, line {number}"
    try:
        values = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return InputRefused(f"{where} is not JSON: {error}", "each line must be one JSON object")
    if not isinstance(values, dict):
        return InputRefused(f"{where} is {_short(values)}", "each line must be one JSON object")
    return Row(path=path, line=number, values=values)


def kind_of(values: Mapping[str, Any]) -> Kind:
    """What a row is, by the fields that it has."""
    return next((kind for kind, needed in _NEEDED if needed <= values.keys()), "other")


def kind_of_file(path: Path) -> Kind:
    """What a file holds, by its first row that is a JSON object."""
    first = next((row for row in read_rows(path) if isinstance(row, Row)), None)
    return kind_of(first.values) if first else "other"


def _storable(text: str) -> str:
    """The text with "?" for every half of a surrogate pair, which no model or file can take."""
    return text.encode("utf-8", "replace").decode()


def _short(value: object) -> str:
    told = json.dumps(value, ensure_ascii=False, default=str)
    return told if len(told) <= 60 else told[:57] + "..."
