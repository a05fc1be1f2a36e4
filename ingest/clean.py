"""Cleans the text of an article and remembers where each character came from.

The text comes out with one paragraph to a line and without what the page put around and between
them. Nothing is rewritten: every character kept is the raw one at its place, but for white space.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise, takewhile

import numpy as np
from numpy.typing import NDArray

from ingest.clutter import (
    counters,
    is_caption,
    is_clutter,
    is_footer,
    is_footer_head,
    is_network,
    is_rights,
)
from ingest.date import is_stamp_line
from ingest.decode import BLANKS, BREAKS, INVISIBLE, JOINERS

Offsets = NDArray[np.int32]
Line = tuple[int, int]  # [start, end) in the text

_SPACES = re.compile(" {2,}")
_BEFORE_STOP = re.compile(r" (?=[.,](?:[\s.,]|$))")
_LEAD = re.compile(r"(?m)^\((?:CNN|CNN Business|CNN Style|CNN Travel)\) ?[—–-]{0,2} ?")
# "[1][4]" behind a sentence, "[2]" glued to a word: a bracket within a quote is the editor's word.
_MARK = re.compile(
    r"(?<=[.!?\"”])\s?(?:\[\d{1,2}(?:,\s?\d{1,2}){0,5}\])+(?=\s|$)|(?<=[^\W\d])(?:\[\d{1,2}\])+(?=[\s.,;:]|$)"
)
_NOTE = re.compile(r"\[?\d{1,2}\]?")
_STOP = re.compile(r"[.,;:)](?:\s|$)")
_FULL_STOP = re.compile(r"[.!?][\"'”’)\]]*$")
_ENDS = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_BYLINE = re.compile(
    r"(?:(?i:by)|Von|Par|Por|Di|Door|Av)\s[A-Z][\w.'’-]+(?:,?\s(?:and\s|&\s)?[A-Z][\w.'’-]+){1,8}(?:\s?[|,•·]\s.{0,40})?"
)
_FOOTER_LINES = 25  # a page lists no more than this under its last heading
_MAX_ASKED = 90  # characters of a question that is offered to be asked next
_INNER_STOP = re.compile(r"[.!?]\s")
_HEAD_LINES = 8  # where a byline can stand
_MIN_WRAPPED = 4  # breaks within paragraphs, below which no width can be told
_MAX_PASSES = 6  # two are usual: one that cuts and one that finds nothing more


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text and the place in the raw text of each of its characters."""

    text: str
    offsets: Offsets  # int32 [len(text)], strictly rising

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the raw text the characters [start, end) came from."""
        if start >= end:
            at = int(self.offsets[start]) if start < len(self.offsets) else 0
            return at, at
        return int(self.offsets[start]), int(self.offsets[end - 1]) + 1


def clean(raw: str, *, markdown: bool = False) -> Cleaned:
    """The article's own text, one paragraph to a line, with a map back to ``raw``.

    Cleaning what is clean changes nothing. Takes time in proportion to the text.
    """
    now = Cleaned(raw, np.arange(len(raw), dtype=np.int32))
    now = _characters(now)
    now = _unwrap(_markdown(now) if markdown else now)
    now = _replace(counters(now.text), "\n", now)
    for _ in range(_MAX_PASSES):
        after = _inline(_lines(now))
        if after.text == now.text:
            break
        now = after
    return now


def _sub(pattern: re.Pattern[str], new: str, old: Cleaned) -> Cleaned:
    """``pattern.sub`` with the map kept; ``new`` is at most one character."""
    spans = [m.span() for m in pattern.finditer(old.text)]
    return _replace(spans, new, old) if spans else old


def _replace(spans: list[tuple[int, int]], new: str, old: Cleaned) -> Cleaned:
    texts: list[str] = []
    maps: list[Offsets] = []
    at = 0
    for start, end in spans:
        texts += (old.text[at:start], new)
        maps += (old.offsets[at:start], old.offsets[start : start + len(new)])
        at = end
    texts.append(old.text[at:])
    maps.append(old.offsets[at:])
    return Cleaned("".join(texts), np.concatenate(maps))


def _characters(text: Cleaned) -> Cleaned:
    text = _sub(BREAKS, "\n", text)
    text = _sub(INVISIBLE, "", text)
    text = _sub(JOINERS, "", text)
    return _sub(BLANKS, " ", text)


def _inline(text: Cleaned) -> Cleaned:
    text = _sub(_SPACES, " ", text)
    text = _sub(_LEAD, "", text)
    if "[" in text.text:
        text = _sub(_MARK, "", text)
    return _sub(_BEFORE_STOP, "", text)


_IMAGE = re.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\s]{0,2000}\)")
_LINK = re.compile(
    r"(\[)[^\[\]\n]{1,300}(\]\([^()\s]{0,2000}(?: \"[^\"\n]{0,200}\")?\))"
    r"|(?<![\w*])(\*{1,3})(?=[^\s*])[^*\n]{1,400}(?<=[^\s*])(\3)(?![\w*])"
    r"|(?<!\w)(_{1,2})(?=[^\s_])[^_\n]{1,400}(?<=[^\s_])(\5)(?!\w)"
)
_LINE_MARK = re.compile(r"(?m)^ {0,3}(?:#{1,6} +|> ?|[-*+] +|```\w{0,20}$)")


def _markdown(text: Cleaned) -> Cleaned:
    """Markdown without its marks: images, links, emphasis, headings, bullets, quotes."""
    text = _sub(_IMAGE, "", _replace(list(_comments(text.text)), "", text))
    pairs = [m.span(n) for m in _LINK.finditer(text.text) for n in range(1, 7) if m.group(n)]
    return _sub(_LINE_MARK, "", _replace(pairs, "", text))


def _comments(text: str) -> Iterator[Line]:
    at = text.find("<!--")
    while at >= 0:
        end = text.find("-->", at)
        if end < 0:
            return
        yield at, end + 3
        at = text.find("<!--", end)


def _unwrap(old: Cleaned) -> Cleaned:
    """Paragraphs on one line each, where the text was broken at a fixed width.

    Only where blank lines part the paragraphs: without them a break may be a paragraph's end.
    """
    lines = old.text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    full = [line.strip() for line in lines]
    inner = [i for i in range(len(full) - 1) if full[i] and full[i + 1]]
    if len(inner) < _MIN_WRAPPED or all(full[:-1]):
        return old
    lengths = sorted(len(full[i]) for i in inner)
    n_open = sum(not _ENDS.search(full[i]) for i in inner)
    if not 50 <= lengths[len(lengths) // 2] <= lengths[-1] <= 120 or n_open < 0.5 * len(inner):
        return old
    wide = 0.7 * lengths[len(lengths) // 2]
    soft = [i for i in inner if len(full[i]) >= wide]
    return _replace([(starts[i + 1] - 1, starts[i + 1]) for i in soft], " ", old)


def _lines(old: Cleaned) -> Cleaned:
    """Drop the lines that are clutter, fold blank ones, and rejoin what notes and wraps split."""
    text = old.text
    lines = [span for span in _line_spans(text) if span[0] < span[1]]
    words = [text[a:b] for a, b in lines]
    dropped = _clutter(words)
    glue = _joins(words, dropped)
    kept = [i for i in range(len(lines)) if i not in dropped]
    texts: list[str] = []
    maps: list[Offsets] = []
    for n, i in enumerate(kept):
        start, end = lines[i]
        if n and glue.get(i) != "":
            before = lines[kept[n - 1]][1]  # the white space behind the line before
            texts.append(glue.get(i, "\n"))
            maps.append(old.offsets[before : before + 1])
        texts.append(text[start:end])
        maps.append(old.offsets[start:end])
    offsets = np.concatenate(maps) if maps else np.empty(0, dtype=np.int32)
    return Cleaned("".join(texts), offsets)


def _line_spans(text: str) -> list[Line]:
    parts = text.split("\n")
    starts = accumulate((len(part) + 1 for part in parts), initial=0)
    return [
        (at + len(part) - len(part.lstrip()), at + len(part.rstrip()))
        for at, part in zip(starts, parts, strict=False)
    ]


def _clutter(lines: list[str]) -> set[int]:
    """Which lines to leave out."""
    dropped = {
        i for i, line in enumerate(lines) if is_clutter(line) and not _is_tail_mark(lines, i)
    }
    dropped |= _networks(lines, dropped)
    dropped |= _captions(lines)
    dropped |= _head(lines)
    dropped |= _foot(lines, dropped)
    return dropped


def _is_tail_mark(lines: list[str], i: int) -> bool:
    """A lone full stop behind a note mark is the end of the sentence before it."""
    return i > 0 and _STOP.match(lines[i]) is not None and _NOTE.fullmatch(lines[i - 1]) is not None


def _networks(lines: list[str], dropped: set[int]) -> set[int]:
    named = {i for i, line in enumerate(lines) if is_network(line)}
    near = named | dropped
    return {i for i in named if i - 1 in near or i + 1 in near}


def _captions(lines: list[str]) -> set[int]:
    captions = {i for i, line in enumerate(lines) if is_caption(line)}
    doubled = any(i + 1 in captions and lines[i] == lines[i + 1] for i in captions)
    return captions if doubled else set()


def _head(lines: list[str]) -> set[int]:
    """Bylines and date lines, which are read as such, not as text."""
    last = len(lines) - 1
    return {
        i
        for i, line in enumerate(lines)
        if (i < _HEAD_LINES or i > last - _HEAD_LINES)
        and len(line) <= 160
        and (is_stamp_line(line) or (i < _HEAD_LINES and _BYLINE.fullmatch(line)))
    }


def _foot(lines: list[str], dropped: set[int]) -> set[int]:
    """Everything from the last list of the page on, if a copyright or only titles follow."""
    kept = [i for i in range(len(lines)) if i not in dropped]
    first = _asked_next(lines, kept)
    for i in lines_from_end(lines):
        if is_footer_head(lines[i]) and _is_page_end(lines[i + 1 :]):
            first = i
    while kept and (kept[-1] >= first or is_footer(lines[kept[-1]])):
        kept.pop()
    return set(range(kept[-1] + 1 if kept else 0, len(lines)))


def _asked_next(lines: list[str], kept: list[int]) -> int:
    """Where the questions begin that an aggregator lists below a story; the end if it has none."""
    asked = list(takewhile(lambda i: lines[i].endswith("?"), reversed(kept)))
    single = all(len(lines[i]) <= _MAX_ASKED and not _INNER_STOP.search(lines[i]) for i in asked)
    return asked[-1] if len(asked) > 1 and single and len(asked) < len(kept) else len(lines)


def lines_from_end(lines: list[str]) -> range:
    """The places of the last lines, from the end."""
    return range(len(lines) - 1, max(len(lines) - _FOOTER_LINES, 0), -1)


def _is_page_end(below: list[str]) -> bool:
    if any(is_rights(line) for line in below):
        return True
    titles = (len(line) < 120 and (line[-1] == "?" or not _ENDS.search(line)) for line in below)
    return bool(below) and all(titles)  # questions are what an aggregator offers to ask next


def _joins(lines: list[str], dropped: set[int]) -> dict[int, str]:
    """Lines that go on with the one before, by what to put between; marks them as dropped."""
    glue: dict[int, str] = {}
    joined = _note_joins(lines, dropped, glue)
    notes = [i for i, line in enumerate(lines) if i not in dropped and _NOTE.fullmatch(line)]
    if joined or not _is_numbering([lines[i] for i in notes]):
        # Between whole sentences such a line is a note's mark; under a heading it is a number.
        ends = _ENDS if joined else _FULL_STOP
        dropped |= {i for i in notes if ends.search(_before(lines, dropped, i))}
    return glue


def _is_numbering(marks: list[str]) -> bool:
    """True for "1", "2", "3", up or down, which number the entries of a list."""
    numbers = [int(mark.strip("[]")) for mark in marks]
    steps = {b - a for a, b in pairwise(numbers)}
    return len(numbers) > 1 and steps in ({1}, {-1})


def _before(lines: list[str], dropped: set[int], i: int) -> str:
    return next((lines[k] for k in range(i - 1, -1, -1) if k not in dropped), "")


def _note_joins(lines: list[str], dropped: set[int], glue: dict[int, str]) -> bool:
    """Sentences cut by a note: "employees", "4", ". However" become one line again."""
    previous: int | None = None  # last kept line
    pending: list[int] = []
    for i, line in enumerate(lines):
        if i in dropped:
            continue
        if _NOTE.fullmatch(line) and previous is not None:
            pending.append(i)
            continue
        if previous is not None:
            mark = _STOP.match(line) is not None
            small = bool(pending) and line[0].islower()
            if (mark or small) and not _ENDS.search(lines[previous]):
                glue[i] = "" if mark else " "
                dropped |= set(pending)
        previous, pending = i, []
    return any(i in glue for i in glue)
