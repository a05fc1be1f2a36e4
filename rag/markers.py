"""Reads a model's reply as it streams: plain text here, citation markers there.

Every decision depends only on characters that it has seen, and waits for as many as it needs, so
cutting the stream elsewhere never changes what comes out, and no half of a marker ever does.
Whatever holds text back looks at most a few hundred characters ahead, so the time is linear.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_ID = "[a-fA-F][0-9][0-9a-fA-F]{4}"  # as rag.prompts draws them
_MAX_MARKER = 200
_MAX_URL = 600
_MAX_CODE = 300

_PLAIN = re.compile(r"[^\[\]\u3010\u3011(`!<\\\n*_~]+")
_BRACKETS = re.compile(
    rf"\[{{1,2}}([^\[\]\n]{{0,{_MAX_MARKER}}})\]{{1,2}}"
    rf"|\u3010([^\u3010\u3011\n]{{0,{_MAX_MARKER}}})\u3011"
)
_PARENS = re.compile(rf"\(\s*({_ID}(?:[\s,;]+{_ID})*)\s*\)")
_MAYBE_PARENS = re.compile(r"\([0-9a-fA-F ,;\t]{0,100}")
_OPEN_TAIL = re.compile(r"[\[(\u3010][0-9a-fA-F ,;\t]{0,60}(?=\n|\Z)")
_TARGET = re.compile(rf"\([^()\n]{{0,{_MAX_URL}}}\)")
_TAG = re.compile(rf"<[/!?|a-zA-Z][^<>\n]{{0,{_MAX_CODE}}}>")
_MAYBE_TAG = re.compile(r"<(?:[/!?|a-zA-Z]|\Z)")
_MAX_RUN = 64
_TICKS = re.compile(rf"`{{1,{_MAX_RUN}}}")
_EMPHASIS = re.compile(rf"[*_~]{{1,{_MAX_RUN}}}")
_LINE_HEAD = re.compile(r"[ \t]*(?:(?:#{1,6}|[-*+\u2022>]|[1-9][.)])[ \t]+)*(?:[-*+\u2022](?=\n))?")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_HEAD_CHARS = 24
_MAX_HEADING = 80
# "10.", or a number alone on its line: it may be the answer, so only after the one before it.
_NEXT_ITEM = re.compile(r"([1-9]\d?)[.)](?:[ \t]+|(?=\n))")
# A line that is a heading: after "#", or bold from end to end.
_HEADING = re.compile(
    rf"[ \t]*(?:#{{1,6}}[ \t]|(\*\*|__)[^*_\n]{{1,{_MAX_HEADING}}}\1:?[ \t]*(?:\n|\Z))"
)
_MAYBE_BOLD = re.compile(r"[ \t]*(?:\*\*|__)[^*_\n]")

_SEPARATORS = re.compile(r"[,;&\s]+")
_LABELS = re.compile(r"\b(?:and|passages?|ids?|sources?|refs?|docs?|articles?)\b[:#=]*|[\^#]")
# What stands for a citation though it is none of ours: a short number, or letters and digits.
_LIKE_AN_ID = re.compile(r"\d{1,3}(?:[-\u2013]\d{1,3})?|(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{4,12}")


@dataclass(frozen=True, slots=True)
class Marks:
    """One marker: the ids in it that were offered, and how many things in it were not."""

    ids: tuple[str, ...]
    n_unknown: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading begins here, and ends with its line."""


Item = str | Marks | Heading


class MarkerReader:
    """Turns pieces of a reply into plain text and marks, in order.

    Markdown is reduced to its words, images and fenced code are left out, and what stands in
    inline code is never a marker.
    """

    def __init__(self, ids: Collection[str]) -> None:
        self._ids = ids
        self._raw = ""
        self._at = 0
        self._last = " "  # the character before _raw
        self._final = False
        self._fresh = True  # nothing of the answer has come yet
        self._line_start = True
        self._n_item = 0  # the last number of a list
        self._skip_to = ""  # inside fenced code or a model's thinking: what ends it
        self._out: list[Item] = []

    def push(self, piece: str) -> Iterator[Item]:
        """Take the next piece; give what is certain by now."""
        self._last = self._before()
        self._raw = self._raw[self._at :] + piece
        self._at = 0
        while self._at < len(self._raw) and self._step():
            pass
        out, self._out = self._out, []
        yield from out

    def finish(self) -> Iterator[Item]:
        """Give what was held back; the reply is over."""
        self._final = True
        yield from self.push("")

    # Each of these takes something off the front and returns True, or needs more and returns False

    def _step(self) -> bool:
        if self._skip_to:
            return self._skip()
        if self._line_start:
            return self._head_of_line()
        plain = _PLAIN.match(self._raw, self._at)
        if plain:
            return self._take(plain.end(), plain.group())
        first = self._raw[self._at]
        if first == "\n":
            self._line_start = True
            return self._take(self._at + 1, "\n")
        return _SPECIAL[first](self)

    def _take(self, end: int, *out: Item) -> bool:
        self._at = end
        self._out.extend(item for item in out if item)
        self._fresh = self._fresh and not any(not isinstance(i, str) or i.strip() for i in out)
        return True

    def _knows(self, n_chars: int) -> bool:
        """True if the line has ended within the next characters, or all of them have come."""
        end = self._at + n_chars
        return self._final or end <= len(self._raw) or "\n" in self._raw[self._at : end]

    def _skip(self) -> bool:
        found = self._raw.find(self._skip_to, self._at)
        if found < 0:
            self._at = max(self._at, len(self._raw) - len(self._skip_to) + 1)
            return False
        self._at = found + len(self._skip_to)
        self._line_start = self._skip_to == "</think>"
        self._skip_to = ""
        return True

    def _head_of_line(self) -> bool:
        if not self._knows(_HEAD_CHARS):
            return False
        may_be_bold = _MAYBE_BOLD.match(self._raw, self._at)
        if may_be_bold and not self._knows(_HEAD_CHARS + _MAX_HEADING):
            return False
        window = self._raw[self._at : self._at + _HEAD_CHARS]
        self._line_start = False
        if fence := _FENCE.match(window):
            self._at += fence.end()
            self._skip_to = "\n" + fence.group(1)
            return True
        if _HEADING.match(self._raw, self._at):
            self._out.append(Heading())
        head = _LINE_HEAD.match(window)
        self._at += self._end_of_head(window, head.group() if head else "")
        return True

    def _end_of_head(self, window: str, head: str) -> int:
        """Where the words of a line begin, behind its list markers."""
        numbers = re.findall(r"\d", head)
        self._n_item = int(numbers[-1]) if numbers else self._n_item
        following = _NEXT_ITEM.match(window, len(head))
        if following is None or not 0 < self._n_item == int(following[1]) - 1:
            return len(head)
        self._n_item += 1
        return following.end()

    def _bracket(self) -> bool:
        found = _BRACKETS.match(self._raw, self._at)
        if not found:
            return self._knows(_MAX_MARKER + 4) and self._unclosed()
        end = found.end()
        if end == len(self._raw) and not self._final:
            return False
        inner = found.group(1) or found.group(2) or ""
        marks = self._marks(inner)
        if self._raw[end : end + 1] == "(" and not _PARENS.match(self._raw, end):
            target = _TARGET.match(self._raw, end)
            if not target and not self._knows(end - self._at + _MAX_URL + 2):
                return False
            end = target.end() if target else end
            if target and not marks:  # a link: its words may hold emphasis
                self._raw, self._at, self._last = inner + self._raw[end:], 0, " "
                return True
        if marks:
            return self._take(end, marks)
        return self._take(end, f"({inner})" if inner.strip() else "")

    def _unclosed(self) -> bool:
        """A bracket that nothing closes: drop it, and what looks like the rest of a marker."""
        tail = _OPEN_TAIL.match(self._raw, self._at)
        return self._take(tail.end() if tail else self._at + 1)

    def _marks(self, inner: str) -> Marks | None:
        """The marker that these words between brackets are; None if they are just words."""
        bare = _LABELS.sub(" ", inner.lower().partition("\u2020")[0])
        items = [i for i in (i.strip(".:()'\"`*\\") for i in _SEPARATORS.split(bare)) if i]
        known = tuple(dict.fromkeys(i for i in items if i in self._ids))
        others = [i for i in items if i not in known]
        is_bare = all(_LIKE_AN_ID.fullmatch(i) for i in others)  # no words beside them
        if known or (items and is_bare):
            return Marks(known, len(others) if is_bare else 0)
        return None

    def _paren(self) -> bool:
        found = _PARENS.match(self._raw, self._at)
        if found:
            items = [i.lower() for i in _SEPARATORS.split(found.group(1))]
            known = tuple(dict.fromkeys(i for i in items if i in self._ids))
            return self._take(found.end(), Marks(known, sum(i not in self._ids for i in items)))
        maybe = _MAYBE_PARENS.match(self._raw, self._at)
        if maybe and maybe.end() == len(self._raw) and not self._final:
            return len(maybe.group()) > 100 and self._take(self._at + 1, "(")
        if _OPEN_TAIL.match(self._raw, self._at):
            return self._unclosed()
        return self._take(self._at + 1, "(")

    def _code(self) -> bool:
        ticks = _TICKS.match(self._raw, self._at)
        end = ticks.end() if ticks else self._at + 1
        if end == len(self._raw) and end - self._at < _MAX_RUN and not self._final:
            return False
        close = self._raw.find(self._raw[self._at : end], end, end + _MAX_CODE)
        line_end = self._raw.find("\n", end, end + _MAX_CODE)
        if close >= 0 and not 0 <= line_end < close:
            words = _BRACKETS.sub("", self._raw[end:close])
            return self._take(close + end - self._at, re.sub(r"[\[\]\u3010\u3011]", "", words))
        return self._knows(end - self._at + _MAX_CODE) and self._take(end)

    def _bang(self) -> bool:
        if self._at + 1 == len(self._raw) and not self._final:
            return False
        if self._raw[self._at + 1 : self._at + 2] != "[":
            return self._take(self._at + 1, "!")
        words = _BRACKETS.match(self._raw, self._at + 1)
        if not words:
            return self._knows(_MAX_MARKER + 5) and self._take(self._at + 1, "!")
        end = words.end()
        if end == len(self._raw) and not self._final:
            return False
        target = _TARGET.match(self._raw, end)
        if target:
            return self._take(target.end())  # an image
        is_open = self._raw[end : end + 1] == "("
        ready = not is_open or self._knows(end - self._at + _MAX_URL + 2)
        return ready and self._take(self._at + 1, "!")

    def _angle(self) -> bool:
        tag = _TAG.match(self._raw, self._at)
        inner = tag.group()[1:-1].lower() if tag else ""
        if tag and inner == "think" and self._fresh:
            self._at, self._skip_to = tag.end(), "</think>"
            return True
        if tag and inner in self._ids:
            return self._take(tag.end(), Marks((inner,), 0))
        if tag:
            return self._take(tag.end(), " " if inner.startswith("br") else "")
        is_plain = not _MAYBE_TAG.match(self._raw, self._at)
        return (is_plain or self._knows(_MAX_CODE + 3)) and self._take(self._at + 1, "<")

    def _emphasis(self) -> bool:
        run = _EMPHASIS.match(self._raw, self._at)
        marks = run.group() if run else ""
        end = self._at + len(marks)
        if end == len(self._raw) and len(marks) < _MAX_RUN and not self._final:
            return False
        return self._take(end, marks if self._is_literal(marks, end) else "")

    def _is_literal(self, marks: str, end: int) -> bool:
        """True for "NOTHING_FOUND", "5 * 3" and "~5"; False for Markdown's emphasis."""
        before, after = self._before(), self._raw[end : end + 1]
        if set(marks) == {"_"} and len(marks) < _MAX_RUN:
            return before.isalnum() and after.isalnum()
        if marks == "*":
            return before.isspace() and after.isspace()
        return marks == "~"

    def _before(self) -> str:
        return self._raw[self._at - 1] if self._at else self._last

    def _drop(self) -> bool:
        return self._take(self._at + 1)


_SPECIAL = {
    "[": MarkerReader._bracket,
    "\u3010": MarkerReader._bracket,
    "]": MarkerReader._drop,
    "\u3011": MarkerReader._drop,
    "(": MarkerReader._paren,
    "`": MarkerReader._code,
    "!": MarkerReader._bang,
    "<": MarkerReader._angle,
    "\\": MarkerReader._drop,
    "*": MarkerReader._emphasis,
    "_": MarkerReader._emphasis,
    "~": MarkerReader._emphasis,
}
