"""An answer as the metrics see it: from contract JSON, or from the plain text of any system."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.markers import read_markers
from rag.errors import InputRefused
from rag.text import sentence_spans

_MARKS_AFTER = re.compile(
    r"(?:\s*(?:\[{1,2}[^\[\]\n]{1,80}\]{1,2}|\u3010[^\u3010\u3011\n]{1,80}\u3011))+"
)
# What systems say instead of an answer; the whole of a short text must be that.
_NOT = (
    r"(?:(?:do|does|could|can|am|was) not|(?:do|does|could|ca)n['\u2019]t|cannot|(?:am|was) unable)"
)
_REFUSAL = re.compile(
    r"\W*(?:sorry\W+)?(?:idk|no answer|unknown|unanswerable|(?:insufficient|not enough) information"
    rf"|(?:i|we) {_NOT}|there(?: is|['\u2019]s) (?:no|not enough) (?:answer|information|mention)"
    r"|(?:the )?(?:sources?|documents?|articles?|context|text|passages?)(?: provided)? "
    rf"{_NOT})\b",
    re.IGNORECASE,
)
_MAX_REFUSAL = 200


def is_refusal(answer: str) -> bool:
    """True if a text is no answer: empty, or a short way of saying that one does not know."""
    return not re.search(r"\w", answer) or (
        len(answer) <= _MAX_REFUSAL and bool(_REFUSAL.match(answer))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Words that can be cited, and where they stand; ``start`` is -1 where nobody says it."""

    article_id: str
    text: str
    start: int = -1
    day: str = ""  # when its article was published, as ISO 8601; "" is unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence of an answer and what it cites."""

    text: str
    markers: tuple[int, ...]
    n_malformed: int = 0
    label: str = ""  # the verdict that the system gave it, if it gives any
    score: float | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One side of a disagreement."""

    statement: str
    article_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A disagreement that the answer shows."""

    kind: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: sentences, what they cite, what was found, what disagrees."""

    sentences: tuple[Said, ...]
    cited: Mapping[int, Source] = field(default_factory=dict)
    retrieved: tuple[Source, ...] = ()  # best first
    conflicts: tuple[Conflict, ...] = ()
    reason: str = ""  # why nothing is answered
    short: str = ""  # "Yes", "No", "3 outlets"
    mode: str = ""

    @property
    def abstained(self) -> bool:
        """True if nothing was answered."""
        return not self.sentences

    @property
    def text(self) -> str:
        """The sentences without markers, and the short answer before them."""
        return " ".join([*([self.short] if self.short else []), *(s.text for s in self.sentences)])

    def sources(self, markers: Sequence[int]) -> tuple[Source, ...]:
        """What these markers point to, each once; a phantom points to nothing."""
        there = dict.fromkeys(m for m in markers if m in self.cited)
        return tuple(self.cited[m] for m in there)


def from_contract(body: Mapping[str, Any]) -> Reply:
    """The answer in a ``byline ask --json`` body.

    Raises:
        InputRefused: it is none.
    """
    try:
        cited = {int(c["marker"]): _source(c) for c in body["citations"]}
        return Reply(
            sentences=tuple(_said(s) for s in body["sentences"]),
            cited=cited,
            retrieved=tuple(_source(passage) for passage in body["retrieved"]),
            conflicts=tuple(_conflict(c, cited) for c in body["conflicts"]),
            reason=body.get("reason") or "",
            short=body.get("short") or "",
            mode=body.get("mode") or "",
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputRefused(
            f"this is no answer of schema 1: {type(error).__name__} {error}"
        ) from error


def _source(quoted: Mapping[str, Any]) -> Source:
    day = quoted.get("published_at") or quoted.get("updated_at") or ""
    return Source(
        article_id=quoted["article_id"],
        text=quoted["quote"],
        start=int(quoted["start"]),
        day=day[:10],
    )


def _said(sentence: Mapping[str, Any]) -> Said:
    verdict = sentence["verdict"]
    return Said(
        text=sentence["text"],
        markers=tuple(int(m) for m in sentence["citations"]),
        label=verdict["label"],
        score=float(verdict["score"]),
        reasons=tuple(verdict["reasons"]),
    )


def _conflict(conflict: Mapping[str, Any], cited: Mapping[int, Source]) -> Conflict:
    return Conflict(
        kind=conflict["kind"],
        positions=tuple(
            Position(statement=p["statement"], article_id=cited[int(p["marker"])].article_id)
            for p in conflict["positions"]
        ),
    )


def from_text(answer: str, sources: Sequence[Source]) -> Reply:
    """The answer of any system, whose markers count its sources from 1.

    A sentence is cited by the markers in it and right after it. A text that only says that it
    does not know is an abstention.
    """
    if is_refusal(answer):
        return Reply(sentences=(), retrieved=tuple(sources), reason=answer.strip())
    said = []
    for text in _sentences(answer):
        marked = read_markers(text)
        if re.search(r"\w", marked.text):
            said.append(
                Said(text=marked.text, markers=marked.markers, n_malformed=marked.n_malformed)
            )
    return Reply(
        sentences=tuple(said),
        cited=dict(enumerate(sources, 1)),
        retrieved=tuple(sources),
    )


def _sentences(answer: str) -> list[str]:
    """Sentences, each with the markers that follow its full stop."""
    out: list[str] = []
    for start, end in sentence_spans(answer):
        text = answer[start:end]
        ahead = _MARKS_AFTER.match(text)
        if ahead and out:
            out[-1] += text[: ahead.end()]
            text = text[ahead.end() :].strip()
        if text:
            out.append(text)
    return out
