"""Finds an article's parts in a table, by the names of the columns or by what they hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from ingest.rows import ROLES, reduced
from rag.errors import InputRefused

_MIN_TEXT = 80  # characters that an article's text has on average, else no column counts as such
_MAX_NAME = 60  # characters of a column's name
_MAX_NOTE = 400
_MOSTLY = 0.6  # of a column's cells
_ADDRESS = re.compile(r"https?://\S+")
_DAY = re.compile(r"\d{4}-\d\d?-\d\d?(?:[T ].*)?|\d\d?[./]\d\d?[./]\d{2,4}(?: .*)?")
_TITLE_LENGTH = (15, 200)  # characters, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What each column of a table holds."""

    names: tuple[str, ...]  # as the table has them, "column 3" where it has none
    roles: dict[str, int]  # "text", "title", ... and the place of the column
    has_header: bool

    @property
    def note(self) -> str:
        """For people: which column was taken for what."""
        taken = ", ".join(f"{self.names[at]} -> {role}" for role, at in self.roles.items())
        used = set(self.roles.values())
        left = [name for at, name in enumerate(self.names) if at not in used and name.strip()]
        head = "columns" if self.has_header else "no header; columns"
        note = f"{head}: {taken}" + (f"; not used: {', '.join(left)}" if left else "")
        return note if len(note) <= _MAX_NOTE else note[: _MAX_NOTE - 1] + "…"

    def row(self, cells: Sequence[str]) -> dict[str, str]:
        """A row as an object with the names that ``read_row`` knows.

        A row longer than the header comes from commas that nobody quoted: where the text is the
        last column they are its own, else no cell can be trusted and the text is left out.
        """
        width = len(self.names)
        last = width - 1
        if any(cell.strip() for cell in cells[width:]):
            if self.roles["text"] != last:
                return {}
            cells = [*cells[:last], ",".join(cells[last:])]
        return {role: cells[at] for role, at in self.roles.items() if at < len(cells)}


def find_columns(rows: Sequence[Sequence[str]]) -> Columns:
    """Which column holds what, from the first rows of a table.

    Raises:
        InputRefused: no column holds the articles' text.
    """
    if not rows:
        raise InputRefused("it holds no rows")
    roles = _by_name(rows[0])
    has_header = "text" in roles or len(roles) > 1
    at = roles.get("text")
    if at is None:
        at = _longest(rows[1:], set(roles.values()))
        at = _longest(rows, set()) if at is None and not has_header else at
    if at is None:
        names = ", ".join(name[:_MAX_NAME] for name in rows[0][:20])
        raise InputRefused(f'no column holds an article\'s text: name one "text" (now: {names})')
    roles = {"text": at, **{role: n for role, n in roles.items() if n != at}}
    has_header = has_header or (len(rows) > 1 and _is_header(rows[0], at))
    if not has_header:
        roles |= _by_content(rows, at)
    places = range(1, len(rows[0]) + 1)
    titles = rows[0] if has_header else [f"column {n}" for n in places]
    return Columns(
        names=tuple(t.strip()[:_MAX_NAME] for t in titles), roles=roles, has_header=has_header
    )


def _by_name(header: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for at, cell in enumerate(header):
        places.setdefault(reduced(cell), at)
    found = {
        role: next((places[name] for name in names if name in places), None)
        for role, names in ROLES.items()
    }
    return {role: at for role, at in found.items() if at is not None}


def _is_header(first: Sequence[str], text_at: int) -> bool:
    return all(len(cell) <= _MAX_NAME for cell in first) and len(first[text_at].split()) <= 5


def _longest(rows: Sequence[Sequence[str]], taken: set[int]) -> int | None:
    """The column with the longest cells, if they are long enough for articles."""
    means = {at: size for at, size in _sizes(rows).items() if at not in taken}
    best = max(means, key=lambda at: means[at], default=None)
    return best if best is not None and means[best] >= _MIN_TEXT else None


def _sizes(rows: Sequence[Sequence[str]]) -> dict[int, float]:
    width = min(map(len, rows), default=0)
    return {at: mean(len(row[at]) for row in rows) for at in range(width)}


def _by_content(rows: Sequence[Sequence[str]], text_at: int) -> dict[str, int]:
    """Address, date and title where no header names them."""
    sizes = _sizes(rows)
    found: dict[str, int] = {}
    for role, pattern in (("url", _ADDRESS), ("published", _DAY)):
        fits = (at for at in sizes if _share(rows, at, pattern) >= _MOSTLY)
        at = next(fits, None)
        if at is not None and at != text_at:
            found[role] = at
    low, high = _TITLE_LENGTH
    titles = [
        at
        for at, size in sizes.items()
        if low <= size <= high and at != text_at and at not in found.values()
    ]
    return found | ({"title": max(titles, key=lambda at: sizes[at])} if titles else {})


def _share(rows: Sequence[Sequence[str]], at: int, pattern: re.Pattern[str]) -> float:
    return sum(pattern.fullmatch(row[at].strip()) is not None for row in rows) / len(rows)
