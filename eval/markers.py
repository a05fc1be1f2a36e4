"""Reads citation markers in the text of an answer, whoever wrote it.

``[3]``, ``[1, 2]``, ``[1-3]``, ``[[4]]``, ``【5】`` are markers. ``[2026]``, ``[sic]``, words in
code and in quotation marks are not: other kits take a year for a citation. ``[doc 3]``, ``[?]``
and ``[1;x]`` want to be markers and are none: they are malformed, and counted.
"""

import re
from dataclasses import dataclass

_BRACKETS = re.compile(r"\[{1,2}([^\[\]\n]{1,80})\]{1,2}|\u3010([^\u3010\u3011\n]{1,80})\u3011")
_NUMBERS = re.compile(
    r"\d{1,3}(?:\s*[-\u2013]\s*\d{1,3})?(?:\s*[,;&]\s*\d{1,3}(?:\s*[-\u2013]\s*\d{1,3})?)*"
)
_RANGE = re.compile(r"(\d{1,3})(?:\s*[-\u2013]\s*(\d{1,3}))?")
_WANTS = re.compile(
    r"\W*(?:\?+|(?:doc|document|source|passage|article|ref|reference|citation)s?\b.{0,40}"
    r"|\d{1,3}\b.{0,40}|[a-z]?\d{1,3}[a-z]?)\W*",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\s*(?:1[89]|20)\d\d(?:\s*[-\u2013]\s*\d{2,4})?\s*")
# Neither code nor quoted words cite: both speak of markers instead of using them.
_UNREAD = re.compile(
    r"```.{0,5000}?```|`[^`\n]{1,300}`|\u201c[^\u201c\u201d\n]{1,600}\u201d|\"[^\"\n]{1,600}\"",
    re.DOTALL,
)
_MAX_RANGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A sentence without its markers, and what they point to."""

    text: str
    markers: tuple[int, ...]  # as written, twice if they stand there twice
    n_malformed: int


def read_markers(sentence: str) -> Marked:
    """The markers of a sentence, in order."""
    hidden = [match.span() for match in _UNREAD.finditer(sentence)]
    markers: list[int] = []
    n_malformed = 0
    kept: list[str] = []
    at = 0
    for match in _BRACKETS.finditer(sentence):
        if any(a < match.end() and match.start() < b for a, b in hidden):
            continue
        found = _read((match[1] or match[2]).strip())
        if found is None:
            continue
        markers.extend(found)
        n_malformed += not found
        kept.append(sentence[at : match.start()].rstrip())
        at = match.end()
    text = "".join([*kept, sentence[at:]]).strip()
    return Marked(text=text, markers=tuple(markers), n_malformed=n_malformed)


def _read(inner: str) -> list[int] | None:
    """The numbers in a marker, none if it is malformed, None if it is no marker."""
    if _YEAR.fullmatch(inner):
        return None
    if not _NUMBERS.fullmatch(inner):
        return [] if _WANTS.fullmatch(inner) else None
    out: list[int] = []
    for match in _RANGE.finditer(inner):
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + _MAX_RANGE:
            return []
        out.extend(range(first, last + 1))
    return out
