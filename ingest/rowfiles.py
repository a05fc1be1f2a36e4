"""Reads files that hold many articles as rows: JSON, JSON lines and tables (CSV, TSV)."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO, TYPE_CHECKING

from ingest.columns import Columns, find_columns
from ingest.decode import decode, line_decoder
from rag.errors import InputRefused

if TYPE_CHECKING:
    import _csv

MAX_BAD_ROWS = 20  # named one by one for each file; the rest are counted
_DELIMITERS = ",;\t|"
_SAMPLE = 65_536  # bytes of a table by which its form is told
_SAMPLE_ROWS = 50
_MAX_COLUMNS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: its value, or the reason why it has none."""

    number: int | None  # from 1, a line's where there are lines; None: it is the whole file
    value: object = None
    reason: str | None = None
    note: str | None = None  # about the whole file, on its first row


def json_rows(text: str, max_mb: int) -> Iterator[Row]:
    """The rows of a JSON file: a list, an object with a list of "articles", or one object.

    Raises:
        InputRefused: it is not JSON, or empty.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # one object to a line, under the wrong name
            yield from line_rows(io.BytesIO(text.encode("utf-8", "replace")), max_mb)
            return
        raise InputRefused(f"it is not valid JSON: {error}") from None
    except (RecursionError, ValueError):
        raise InputRefused("it is not usable JSON: too deep, or a number too long") from None
    if isinstance(found, dict) and isinstance(found.get("articles"), list):
        found = found["articles"]
    if not isinstance(found, list):
        yield Row(number=None, value=found)
        return
    if not found:
        raise InputRefused("it holds no articles")
    for number, value in enumerate(found, 1):
        yield Row(number=number, value=value)


def line_rows(stream: IO[bytes], max_mb: int) -> Iterator[Row]:
    """The rows of a file with one JSON object to a line; blank lines do not count.

    Raises:
        InputRefused: there are none.
    """
    n_rows = 0
    for number, line in _capped_lines(stream, max_mb << 20):
        if line is None:
            yield Row(number=number, reason=f"the line is longer than {max_mb} MB")
        elif line.strip():
            yield _line_row(number, line)
        else:
            continue
        n_rows += 1
    if not n_rows:
        raise InputRefused("it is empty")


def _line_row(number: int, line: bytes) -> Row:
    try:
        return Row(number=number, value=_parsed(line))
    except InputRefused as error:
        return Row(number=number, reason=error.message)
    except json.JSONDecodeError as error:
        return Row(number=number, reason=f"the line is not valid JSON: {error.msg}")
    except (RecursionError, ValueError):
        return Row(number=number, reason="the line is not usable JSON")


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except UnicodeDecodeError:
        return json.loads(decode(line))


def table_rows(stream: io.BufferedReader, max_mb: int) -> Iterator[Row]:
    """The rows of a table as objects, its columns known by their names or by what they hold.

    Raises:
        InputRefused: it is empty, or no column holds the articles' text.
    """
    limit = max_mb << 20
    sample = stream.peek(_SAMPLE)[:_SAMPLE]
    if not sample.strip():
        raise InputRefused("it is empty")
    decode(sample)  # refuses what is no text
    long_lines: list[int] = []
    lines = _decoded(stream, limit, line_decoder(sample), long_lines)
    head = _first_lines(lines)
    csv.field_size_limit(limit)
    delimiter = _delimiter(head)
    rows = csv.reader(chain(head, lines), delimiter=delimiter)
    first = list(_taken(_cells(rows), _SAMPLE_ROWS))
    columns = find_columns([cells for _, cells in first if isinstance(cells, list)])
    empty = True
    for row in _table(chain(first, _cells(rows)), columns):
        empty = False
        yield row
    for number in long_lines:
        yield Row(number=number, reason=f"the line is longer than {max_mb} MB")
    if empty and not long_lines:
        raise InputRefused("it holds no rows below its header")


def _table(rows: Iterator[tuple[int, list[str] | str]], columns: Columns) -> Iterator[Row]:
    note: str | None = columns.note
    if columns.has_header:
        next(rows)
    for number, cells in rows:
        if isinstance(cells, str):
            yield Row(number=number, reason=cells)
            continue
        yield Row(number=number, value=columns.row(cells), note=note)
        note = None


def _cells(rows: "_csv.Reader") -> Iterator[tuple[int, list[str] | str]]:
    """Each row that is not blank with the number of its last line, or what is wrong with it."""
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield rows.line_num, f"the row cannot be read: {error}"
            continue
        if len(cells) > _MAX_COLUMNS:
            yield rows.line_num, f"the row has {len(cells):,} columns"
        elif any(cell.strip() for cell in cells):
            yield rows.line_num, cells


def _taken(
    rows: Iterator[tuple[int, list[str] | str]], n_rows: int
) -> Iterator[tuple[int, list[str] | str]]:
    for _, row in zip(range(n_rows), rows, strict=False):
        yield row


def _first_lines(lines: Iterator[str]) -> list[str]:
    """Lines up to a sample's size, from which to tell how cells are parted."""
    found: list[str] = []
    while sum(map(len, found)) < _SAMPLE and (line := next(lines, None)) is not None:
        found.append(line)
        if len(found) == _SAMPLE_ROWS:
            break
    return found


def _delimiter(lines: Sequence[str]) -> str:
    """What parts the cells: that by which most rows have as many cells as the first."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        width = len(rows[0]) if rows else 0
        return sum(len(row) == width for row in rows) if width > 1 else 0, width

    return max(_DELIMITERS, key=fit)


def _decoded(
    stream: IO[bytes], limit: int, decoded: Callable[[bytes], str], long_lines: list[int]
) -> Iterator[str]:
    for number, line in _capped_lines(stream, limit):
        if line is None:
            long_lines.append(number)
            yield "\n"
        else:
            text = decoded(line).replace("\x00", " ")
            yield text.removeprefix("\ufeff") if number == 1 else text


def _capped_lines(stream: IO[bytes], limit: int) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers from 1; None for one beyond ``limit``, read past but not kept."""
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        whole = len(line) <= limit
        while not whole and line and not line.endswith(b"\n"):
            line = stream.readline(limit)
        yield number, line if whole else None
