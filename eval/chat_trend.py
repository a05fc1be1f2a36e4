"""The faithfulness of the answers given in chats over time: a plot as HTML, and its table.

No script, no outside address; plain elements placed by percent, so that it reads as well on a
phone, and every figure of it stands in the table too.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from eval.chat_words import answers_text, day_of, percent, range_html
from rag.day_words import short_text
from rag.i18n import msgid, tr
from rag.render import capitalized
from rag.render_html import esc

Json = Mapping[str, Any]
_FROM: Mapping[str, str] = {
    "week": msgid("week from {day}"),
    "month": msgid("month from {day}"),
}
_READ: Mapping[str, str] = {
    "day": msgid(
        "Faithfulness by day: {first} on {start}, {last} on {end}. The table below has every "
        "figure."
    ),
    "week": msgid(
        "Faithfulness by week: {first} on {start}, {last} on {end}. The table below has every "
        "figure."
    ),
    "month": msgid(
        "Faithfulness by month: {first} on {start}, {last} on {end}. The table below has every "
        "figure."
    ),
}


def trend_html(over_time: Json) -> str:
    """A line of means with their intervals, from 0 to 100 %, the oldest on the left."""
    points = [p for p in over_time["points"] if p["value"] is not None]
    if not points:
        told = esc(tr("No answer had a sentence to judge."))
        return f'<p class="byline-empty">{told}</p>'
    places = _places([date.fromisoformat(p["from"]) for p in points])
    line = " ".join(
        f"{x:.2f},{100 * (1 - p['value']):.2f}" for x, p in zip(places, points, strict=True)
    )
    grid = "".join(
        f'<span class="grid" style="bottom:{y}%"></span>'
        f'<span class="y" style="top:{100 - y}%">{y} %</span>'
        for y in (0, 50, 100)
    )
    dots = "".join(_dot(p, x, over_time["unit"]) for x, p in zip(places, points, strict=True))
    shown = sorted({0, len(points) // 2, len(points) - 1}) if len(points) > 4 else [0, -1]
    marks = dict.fromkeys(i % len(points) for i in shown)
    told = esc(_read(points, over_time["unit"]))
    days = "".join(_label(points[i], places[i], i in (0, len(points) - 1)) for i in marks)
    return (
        f'<div class="byline-trend" role="img" aria-label="{told}">'
        f'{grid}<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5" '
        f'vector-effect="non-scaling-stroke"/></svg>{dots}{days}</div>'
        f"{_trend_table(points, over_time['unit'])}"
    )


def _label(point: Json, x: float, is_end: bool) -> str:
    """A day under the line; one near the right edge ends there."""
    day = esc(short_text(date.fromisoformat(point["from"])))
    kind = ("" if is_end else " mid") + (" right" if x > 80 else "")
    return f'<span class="x{kind}" style="left:{x:.2f}%">{day}</span>'


def _places(days: Sequence[date]) -> list[float]:
    """Where days stand between 4 and 96 percent of the width; one alone in the middle."""
    span = (days[-1] - days[0]).days
    return [4 + 92 * ((day - days[0]).days / span) if span else 50.0 for day in days]


def _dot(point: Json, x: float, unit: str) -> str:
    low, high = point["ci95"]
    title = tr(
        "{when}: {share} of {answers}",
        when=_when(point, unit),
        share=percent(point["value"]),
        answers=answers_text(point["n"]),
    )
    bar = (
        ""
        if low is None
        else (
            f'<span class="range" style="left:{x:.2f}%;bottom:{100 * low:.2f}%;'
            f'height:{100 * (high - low):.2f}%"></span>'
        )
    )
    dot = f'<span class="dot" style="left:{x:.2f}%;bottom:{100 * point["value"]:.2f}%"'
    return f'{bar}{dot} title="{esc(title)}"></span>'


def _when(point: Json, unit: str) -> str:
    day = day_of(point["from"])
    return tr(_FROM[unit], day=day) if unit in _FROM else day


def _read(points: Sequence[Json], unit: str) -> str:
    first, last = points[0], points[-1]
    return tr(
        _READ[unit],
        first=percent(first["value"]),
        start=_when(first, unit),
        last=percent(last["value"]),
        end=_when(last, unit),
    )


def _trend_table(points: Sequence[Json], unit: str) -> str:
    rows = "".join(
        f'<tr><th scope="row">{esc(capitalized(_when(p, unit)))}</th><td>{percent(p["value"])}</td>'
        f"<td>{range_html(p)}</td><td>{p['n']:,}</td><td>{p['n_failed']:,}</td></tr>"
        for p in reversed(points)
    )
    heads = (tr("Faithful"), tr("95 % interval"), tr("Answers"), tr("Failed"))
    head = "<td></td>" + "".join(f'<th scope="col">{esc(h)}</th>' for h in heads)
    title = esc(tr("As a table"))
    return (
        f'<details class="byline-q-more" data-key="trend"><summary>{title}</summary>'
        f'<table class="byline-q-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></details>"
    )
