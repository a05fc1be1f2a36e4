"""A conversation as one document: what each format of an export prints, in order.

Made from contract JSON, so that what is exported is what was answered, also after a restart. Texts
are as they were written, on one line each, without characters that a document cannot hold; each
format escapes them for itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from rag.courtesy import REPLIES
from rag.day_words import day_text, event_when, is_timeline
from rag.i18n import msgid, tr
from rag.render import (
    NO_OUTLET,
    STOPPED,
    UNTITLED,
    Json,
    capitalized,
    citing,
    conflict_within,
    heading_json,
    is_web_url,
    mode_text,
    point_text,
    printable,
    reason_text,
    reprints_text,
    short_answer,
    verdict_word,
    when_text,
)
from rag.schema import Label

Style = Literal["plain", "strong", "quote", "verdict", "note"]
BlockKind = Literal[
    "searched", "refusal", "short", "sentence", "heading", "position", "event", "near", "remark"
]
# XML has no place for them; a font has no glyph.
_NONCHARACTERS = re.compile(r"[\ufdd0-\ufdef\ufffe\uffff]")
NEAREST = msgid("Nearest passages, which do not answer this")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question and its answer as contract JSON, with the moment it was asked."""

    asked_at: datetime  # aware
    body: Json

    def __post_init__(self) -> None:
        if self.asked_at.utcoffset() is None:
            raise ValueError(f"asked_at {self.asked_at} has no time zone")


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one style; a ``note`` is the reference to the note of that number."""

    text: str
    style: Style = "plain"
    note: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, and what stands smaller below it: a verdict, an origin."""

    kind: BlockKind
    runs: tuple[Run, ...]
    under: tuple[Run, ...] = ()
    label: Label | None = None  # of the verdict that stands below


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A footnote: the exact words and where they stand."""

    number: int
    quote: str
    title: str
    outlet: str
    when: str
    url: str | None  # http(s) only
    place: str  # file name or the address that is no link; may be empty
    reprints: str  # "1 original, 4 reprints"; empty for one alone

    @property
    def origin(self) -> str:
        """All but quote and link, in one line."""
        said = ", ".join(t for t in (self.title, self.outlet, self.when) if t)
        return ". ".join(t for t in (said, self.reprints, "" if self.url else self.place) if t)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One question with all that was answered."""

    question: str
    asked: str  # "Asked 29 January 2026, 14:05 UTC"
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A conversation ready to be printed; notes in the order of their numbers."""

    title: str
    parts: tuple[Part, ...]
    notes: tuple[Note, ...]


def story(title: str, exchanges: Sequence[Exchange]) -> Story:
    """The conversation as a document. Each place that is cited has one note, whoever cites it.

    Notes keep the markers of the conversation; only where two places claim the same one, as in
    answers that were numbered each for itself, the later gets the next free number.
    """
    notes = _Notes()
    parts = tuple(_part(e, notes.add(e.body["citations"])) for e in exchanges)
    return Story(title=line(title) or tr("Conversation"), parts=parts, notes=notes.in_order())


def cited_in_order(story: Story) -> bool:
    """True if counting the notes as they come gives each of them its number."""
    runs = (r for p in story.parts for b in p.blocks for r in (*b.runs, *b.under))
    first_cited = list(dict.fromkeys(r.note for r in runs if r.style == "note"))
    return first_cited == list(range(1, len(first_cited) + 1))


def line(text: str) -> str:
    """Foreign text on one line, without what a document cannot hold; the words are untouched."""
    return " ".join(_NONCHARACTERS.sub("\ufffd", printable(text)).split())


class _Notes:
    """Numbers the places that are cited."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int, int, str], int] = {}
        self._notes: dict[int, Note] = {}

    def add(self, citations: Iterable[Json]) -> Mapping[int, int]:
        """For each marker of one answer the number of its note."""
        numbers = {}
        for c in citations:
            place = (c["article_id"], c["start"], c["end"], c["quote"])
            if place not in self._numbers:
                taken = c["marker"] in self._notes
                number = max(self._notes) + 1 if taken else c["marker"]
                self._numbers[place] = number
                self._notes[number] = _note(c, number)
            numbers[c["marker"]] = self._numbers[place]
        return numbers

    def in_order(self) -> tuple[Note, ...]:
        return tuple(self._notes[n] for n in sorted(self._notes))


def _note(citation: Json, number: int) -> Note:
    path, url = citation["path"] or "", citation["url"] or ""
    size = citation.get("group_size") or 1
    # Of a path only the name: where an archive lies is nobody's business.
    name = line(Path(path).name)
    return Note(
        number=number,
        quote=line(citation["quote"]),
        title=line(citation["title"] or "") or name or tr(UNTITLED),
        outlet=_outlet(citation),
        when=_when(citation),
        url=url if is_web_url(url) and line(url) == url else None,
        place=line(url) or (name if citation["title"] else ""),
        reprints=reprints_text(size) if size > 1 else "",
    )


def _outlet(origin: Json) -> str:
    return line(origin["outlet"] or "") or tr(NO_OUTLET)


def _when(origin: Json) -> str:
    return when_text(_moment(origin["published_at"]), _moment(origin["updated_at"]))


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


def _origin(origin: Json) -> str:
    return f"{_outlet(origin)}, {_when(origin)}"


# --- one exchange --------------------------------------------------------------------------------


def _part(exchange: Exchange, numbers: Mapping[int, int]) -> Part:
    body, asked_at = exchange.body, exchange.asked_at.astimezone(UTC)
    blocks = _abstention(body) if body["abstained"] else _answer(body, numbers)
    if body["notice"]:
        blocks.append(_remark(tr("Note: {text}", text=line(body["notice"]))))
    if not body["abstained"]:
        blocks.append(_remark(_standing(body)))
        if body.get("stopped"):
            blocks.insert(0, _remark(tr(STOPPED)))
    if body["standalone"] != body["question"]:
        searched = Run(tr("Searched for: {words}", words=line(body["standalone"])))
        blocks.insert(0, Block(kind="searched", runs=(searched,)))
    return Part(
        question=line(body["question"]) or tr("(no question)"),
        asked=tr(
            "Asked {day}, {time} UTC", day=day_text(asked_at.date()), time=f"{asked_at:%H:%M}"
        ),
        blocks=tuple(blocks),
    )


def _remark(text: str) -> Block:
    return Block(kind="remark", runs=(Run(text),))


def _standing(body: Json) -> str:
    """How it was answered, and how fresh that is."""
    mode = mode_text(body["mode"], line(body["model"]))
    newest = newest_day(body["citations"])
    if newest is None:
        return f"{mode}."
    dated = tr("As of {day}, the day of the newest article cited.", day=day_text(newest))
    return f"{dated} {mode}."


def newest_day(citations: Iterable[Json]) -> date | None:
    """The latest UTC day that a cited article is shown under; None if no day is known."""
    moments = [_moment(c["published_at"] or c["updated_at"]) for c in citations]
    return max((m.astimezone(UTC).date() for m in moments if m), default=None)


def _abstention(body: Json) -> list[Block]:
    reason, head = reason_text(line(body["reason"] or "")), tr("No answer:")
    runs = (Run(f"{head} ", "strong"), Run(reason))
    blocks = [Block(kind="refusal", runs=runs[1:] if body["reason"] in REPLIES else runs)]
    nearest = body.get("nearest") or ()
    if nearest:
        blocks.append(_heading(tr(NEAREST)))
    for n in nearest:
        near = (Run(f"“{line(n['quote'])}”", "quote"),)
        blocks.append(Block(kind="near", runs=near, under=(Run(_origin(n)),)))
    return blocks


def _heading(text: str) -> Block:
    return Block(kind="heading", runs=(Run(text, "strong"),))


def _answer(body: Json, numbers: Mapping[int, int]) -> list[Block]:
    cited = {c["marker"]: c for c in body["citations"]}
    blocks = []
    if body.get("short"):
        blocks.append(Block(kind="short", runs=(Run(short_answer(line(body["short"])), "strong"),)))
    blocks += [_sentence(s, cited, numbers) for s in body["sentences"]]
    for conflict in body["conflicts"]:
        blocks += _conflict(conflict, cited, numbers)
    if is_timeline(body.get("timeline", ())):
        blocks += [_heading(tr("Timeline")), *map(_event, body["timeline"])]
    return blocks


def _sentence(sentence: Json, cited: Mapping[int, Json], numbers: Mapping[int, int]) -> Block:
    point = line(sentence.get("point") or "")
    head = (Run(f"{capitalized(point_text(point))}: ", "strong"),) if point else ()
    notes = tuple(_ref(numbers[n]) for n in sentence["citations"] if n in numbers)
    origins = dict.fromkeys(_origin(cited[n]) for n in sentence["citations"] if n in cited)
    return Block(
        kind="sentence",
        runs=(*head, Run(line(sentence["text"])), *notes),
        under=_checked(sentence["verdict"], origins),
        label=sentence["verdict"]["label"],
    )


def _ref(number: int) -> Run:
    return Run(str(number), "note", number)


def _checked(verdict: Json, origins: Iterable[str]) -> tuple[Run, ...]:
    """The verdict as a word, whose words carry it, and why it is not supported."""
    label: Label = verdict["label"]
    reasons = [] if label == "supported" else [line(r) for r in verdict["reasons"]]
    more = " · ".join([*origins, *reasons])
    word = Run(verdict_word(label), "verdict")
    return (word, Run(f" · {more}")) if more else (word,)


def _conflict(conflict: Json, cited: Mapping[int, Json], numbers: Mapping[int, int]) -> list[Block]:
    head = tr(
        "Sources disagree on {topic} ({kind})",
        topic=line(heading_json(conflict)),
        kind=conflict_within(conflict["kind"]),
    )
    blocks = [_heading(head)]
    blocks += [_position(p, cited, numbers) for p in conflict["positions"]]
    told = conflict.get("told")
    blocks += [_sentence(told, cited, numbers)] if told else []
    note = line(conflict.get("note") or "")
    return [*blocks, _remark(capitalized(note))] if note else blocks


def _position(position: Json, cited: Mapping[int, Json], numbers: Mapping[int, int]) -> Block:
    marker = position["marker"]
    said = line(position["statement"])
    quote = line(cited[marker]["quote"]) if marker in cited else said
    leans = citing([line(name) for name in position.get("credits", ())])
    origin = ", ".join(t for t in (_origin(position), leans) if t)
    # The statement may be cut from the words, or gathered from them: then both are shown.
    whole = tr("In its words: “{quote}”", quote=quote)
    words = f" · {whole}" if said not in quote else ""
    notes = (_ref(numbers[marker]),) if marker in numbers else ()
    runs = (Run(f"“{said}”" if not words else said, "quote"), *notes)
    return Block(kind="position", runs=runs, under=(Run(f"{origin}{words}"),))


def _event(event: Json) -> Block:
    first = event["sources"][0]
    outlets = ", ".join(dict.fromkeys(_outlet(s) for s in event["sources"]))
    runs = (Run(f"{event_when(event)}: ", "strong"), Run(f"“{line(first['quote'])}”", "quote"))
    return Block(kind="event", runs=runs, under=(Run(outlets),))
