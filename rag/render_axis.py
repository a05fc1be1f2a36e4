"""The story of an answer on an axis of time: an SVG above, and the same as a list below it.

The drawing is in percent of its width, so that it fits any, and its type keeps its size. Letters
stand for what is told in the list; there the chips open the articles.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.day_words import moment_text, short_text
from rag.i18n import msgid, tr, trn
from rag.render import capitalized, outlet_of, title_of, when
from rag.render_html import chip_html, esc, marks_by_article
from rag.render_timeline import event_parts, opener_html
from rag.schema import Answer, Citation, Numbering, Precision, TimelineEvent
from rag.spacing import Spacing, lanes, legible, spaced

Kind = Literal["event", "planned", "article"]
_KINDS: dict[Kind, str] = {
    "event": msgid("Happened"),
    "planned": msgid("Planned"),
    "article": msgid("Article"),
}
# In percent of the width, of which a phone has 280 pixels; in pixels the height.
_EDGE, _SPAN = 4.0, 92.0
_HALF = 3.2
_LANE_PX, _LABEL_PX, _PAD_PX = 20, 22, 12
_WIDE, _SLIM = 0.3, 0.17  # a label, of the axis: on a phone, and where there is more room


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One thing on the axis, with what the list says of it."""

    first: date
    last: date  # inclusive; the first, unless only the month or year is known
    precision: Precision
    kind: Kind
    text: str
    item: str  # HTML


def timeline_svg_html(answer: Answer) -> str:
    """Events and cited articles by their days; empty unless there are two of different days."""
    entries = [] if answer.abstained else sorted(_entries(answer), key=lambda e: (e.first, e.last))
    if len({(e.first, e.last) for e in entries}) < 2:
        return ""
    spacing = spaced(d for e in entries for d in (e.first, e.last))
    letters = [_letter(n) for n in range(len(entries))]
    items = "".join(
        f'<li data-kind="{e.kind}"><span class="byline-letter" aria-hidden="true">{letter}</span>'
        f"<div>{e.item}</div></li>"
        for letter, e in zip(letters, entries, strict=True)
    )
    head = esc(tr("Timeline"))
    return (
        f'<section class="byline-axis"><h3 class="byline-label">{head}</h3>'
        f"{_drawing(entries, letters, spacing)}{_legend(entries, spacing)}"
        f"<ol>{items}</ol>{_undated(answer)}</section>"
    )


def _letter(n: int) -> str:
    """A to Z, then AA."""
    return (chr(64 + n // 26) if n >= 26 else "") + chr(65 + n % 26)


# --- what is told --------------------------------------------------------------------------------


def _entries(answer: Answer) -> list[_Entry]:
    return [_event(e, answer) for e in answer.timeline] + _articles(answer)


def _event(event: TimelineEvent, answer: Answer) -> _Entry:
    numbering = Numbering(answer.citations, answer.taken)
    marks = marks_by_article(answer.citations)
    cited = {c.evidence for c in answer.citations}
    tellers = []
    for evidence in event.evidence:
        article = answer.articles[evidence.article_id]
        citation = numbering.cite(evidence)
        tellers.append(opener_html(citation, article, answer))
        if evidence in cited:
            tellers[-1] += " " + chip_html(citation, article, marks)
    when_html, words_html = event_parts(event)
    words = " ".join(event.evidence[0].text.split())
    return _Entry(
        first=event.day,
        last=_last_day(event.day, event.precision),
        precision=event.precision,
        kind="planned" if event.planned else "event",
        text=f"{moment_text(event.day, event.precision, planned=event.planned)}: {words}",
        item=f'{when_html}{words_html}<p class="byline-meta">{" ".join(tellers)}</p>',
    )


def _last_day(day: date, precision: Precision) -> date:
    if precision == "year":
        return date(day.year, 12, 31)
    if precision == "month":
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day


def _articles(answer: Answer) -> list[_Entry]:
    """The cited articles that have a day."""
    cited: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        cited.setdefault(citation.evidence.article_id, []).append(citation)
    return [
        _article(day, citations, answer)
        for key, citations in cited.items()
        if (day := answer.articles[key].day)
    ]


def _article(day: date, citations: Sequence[Citation], answer: Answer) -> _Entry:
    article = answer.articles[citations[0].evidence.article_id]
    marks = marks_by_article(answer.citations)
    chips = "".join(chip_html(c, article, marks) for c in citations)
    outlet, title, dated = outlet_of(article), title_of(article), when(article)
    return _Entry(
        first=day,
        last=day,
        precision="day",
        kind="article",
        text=f"{dated}: {outlet}, “{title}”",
        item=(
            f'<p class="byline-when"><time datetime="{day}">{esc(capitalized(dated))}</time>'
            f'</p><p class="byline-meta"><bdi class="byline-outlet">{esc(outlet)}</bdi> '
            f'<span dir="auto">{esc(title)}</span> {chips}</p>'
        ),
    )


def _undated(answer: Answer) -> str:
    """How many cited articles cannot stand on the axis."""
    ids = {c.evidence.article_id for c in answer.citations}
    n = sum(1 for i in ids if answer.articles[i].day is None)
    if not n:
        return ""
    what = trn(
        "{n} cited article is not on the axis: date unknown.",
        "{n} cited articles are not on the axis: date unknown.",
        n,
    )
    return f'<p class="byline-note">{esc(what)}</p>'


# --- the drawing ---------------------------------------------------------------------------------


def _drawing(entries: Sequence[_Entry], letters: Sequence[str], spacing: Spacing) -> str:
    above = [n for n, e in enumerate(entries) if e.kind != "article"]
    below = [n for n, e in enumerate(entries) if e.kind == "article"]
    up, down = (_lanes(ns, entries, spacing) for ns in (above, below))
    axis_y = _PAD_PX + _LANE_PX * (max(up.values(), default=-1) + 1)
    foot_y = axis_y + _LANE_PX * (max(down.values(), default=-1) + 1) + 4
    marks = [
        _mark(entries[n], letters[n], spacing, axis_y - 14 - _LANE_PX * lane)
        for n, lane in up.items()
    ]
    marks += [
        _mark(entries[n], letters[n], spacing, axis_y + 14 + _LANE_PX * lane)
        for n, lane in down.items()
    ]
    first, last = (moment_text(e.first, e.precision) for e in (entries[0], entries[-1]))
    told = " ".join(f"{letter}: {e.text}." for letter, e in zip(letters, entries, strict=True))
    title = esc(tr("Timeline from {first} to {last}", first=first, last=last))
    return (
        f'<svg class="byline-axis-drawing" role="img" width="100%" height="{foot_y + _LABEL_PX}" '
        f'aria-label="{title}"><title>{title}</title><desc>{esc(told)}</desc>'
        f"{_line(spacing, axis_y)}{_labels(entries, spacing, axis_y, foot_y)}{''.join(marks)}</svg>"
    )


def _x(place: float) -> float:
    return round(_EDGE + _SPAN * place, 2)


def _middle(entry: _Entry, spacing: Spacing) -> float:
    return (spacing.places[entry.first] + spacing.places[entry.last]) / 2


def _lanes(ns: Sequence[int], entries: Sequence[_Entry], spacing: Spacing) -> dict[int, int]:
    """In which row above or below the axis each mark stands, 0 nearest to it."""
    stretches = []
    for n in ns:
        middle = _x(_middle(entries[n], spacing))
        ends = (_x(spacing.places[entries[n].first]), _x(spacing.places[entries[n].last]))
        stretches.append((min(ends[0], middle - _HALF), max(ends[1], middle + _HALF)))
    return dict(zip(ns, lanes(stretches), strict=True))


def _mark(entry: _Entry, letter: str, spacing: Spacing, y: int) -> str:
    """A disc, or a square for an article; a bar below it as long as the day is unsure."""
    shape = (
        '<rect x="-8" y="-8" width="16" height="16"/>'
        if entry.kind == "article"
        else '<circle r="8"/>'
    )
    bar = ""
    if entry.first != entry.last:
        ends = (_x(spacing.places[entry.first]), _x(spacing.places[entry.last]))
        bar = f'<line class="bar" x1="{ends[0]}%" x2="{ends[1]}%" y1="{y}" y2="{y}"/>'
    return (
        f'<g class="mark" data-kind="{entry.kind}"><title>{esc(entry.text)}</title>{bar}'
        f'<svg x="{_x(_middle(entry, spacing))}%" y="{y}" overflow="visible">{shape}'
        f'<text y="4" text-anchor="middle">{letter}</text></svg></g>'
    )


def _line(spacing: Spacing, y: int) -> str:
    """The axis, dotted where it is cut short."""
    cuts = "".join(
        f'<line class="cut" x1="{_x(a)}%" x2="{_x(b)}%" y1="{y}" y2="{y}"/>'
        for a, b in spacing.breaks
    )
    return f'<line class="axis" x1="0%" x2="100%" y1="{y}" y2="{y}"/>{cuts}'


def _labels(entries: Sequence[_Entry], spacing: Spacing, axis_y: int, foot_y: int) -> str:
    """Days below the axis, as many as there is room for."""
    named = {round(_middle(e, spacing), 4): e for e in entries}
    places = sorted(named)
    always = legible([_stretch(p, _WIDE) for p in places])
    out = ""
    for n in legible([_stretch(p, _SLIM) for p in places], always):
        more = "" if n in always else " is-more"
        x, anchor = _x(places[n]), _anchor(places[n])
        out += (
            f'<line class="tick{more}" x1="{x}%" x2="{x}%" y1="{axis_y - 4}" y2="{foot_y + 4}"/>'
            f'<text class="day{more}" x="{x}%" y="{foot_y + 18}" text-anchor="{anchor}">'
            f"{esc(_short(named[places[n]]))}</text>"
        )
    return out


def _stretch(place: float, width: float) -> tuple[float, float]:
    """What a label takes of the axis."""
    start = {"start": 0.0, "middle": width / 2, "end": width}[_anchor(place)]
    return place - start, place - start + width


def _anchor(place: float) -> str:
    """Labels at the ends grow inwards."""
    return "start" if place < 0.14 else "end" if place > 0.86 else "middle"


def _short(entry: _Entry) -> str:
    return short_text(entry.first, entry.precision)


def _legend(entries: Sequence[_Entry], spacing: Spacing) -> str:
    """What the shapes mean: only those that are drawn."""
    drawn = {e.kind for e in entries}
    named: dict[str, str] = {kind: tr(name) for kind, name in _KINDS.items() if kind in drawn}
    if any(e.first != e.last for e in entries):
        named["span"] = tr("Day not known")
    if spacing.breaks:
        named["cut"] = tr("Axis cut short")
    keys = "".join(
        f'<li data-kind="{kind}"><span class="byline-letter"></span>{esc(name)}</li>'
        for kind, name in named.items()
    )
    return f'<ul class="byline-legend" aria-hidden="true">{keys}</ul>'
