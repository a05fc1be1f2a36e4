"""Two runs of an evaluation against each other, for the Quality tab."""

from collections.abc import Mapping, Sequence
from typing import Any

from rag.i18n import number, tr
from rag.render_html import esc
from web.quality_html import goto_html

Json = Mapping[str, Any]


def compare_html(before: str, after: str, body: Json) -> str:
    """What changed between two runs, metric by metric; then the questions that moved most."""
    head = f'<p class="byline-q-back" data-key="back">{goto_html("runs", "", tr("All runs"))}</p>'
    title = f"<h2>{esc(before)} <small>{esc(tr('and then'))}</small> {esc(after)}</h2>"
    if not body["metrics"]:
        told = tr("They share no question, so nothing can be compared.")
        return f'{head}{title}<p class="byline-empty">{esc(told)}</p>'
    rows = "".join(_change_html(name, m) for name, m in body["metrics"].items())
    moved = "".join(
        f'<tr><th scope="row">{esc(c["case_id"])}</th><td>{esc(c["metric"])}</td>'
        f"<td>{c['before']:.2f}</td><td>{c['after']:.2f}</td></tr>"
        for c in body["cases"][:20]
    )
    metric, was, now = tr("Metric"), tr("Before"), tr("After")
    moved = _table((tr("Question"), metric, was, now), moved) if moved else ""
    heads = (metric, was, now, tr("Change"), tr("95 % interval"), tr("Questions"), "")
    return f"{head}{title}{_table(heads, rows)}{moved}"


def _change_html(name: str, metric: Json) -> str:
    low, high = metric["ci95"]
    change = "worse" if metric["worse"] else "better" if metric["better"] else ""
    words = {"worse": tr("worse"), "better": tr("better"), "": ""}
    span = "" if low is None else tr("{low} to {high}", low=_signed(low), high=_signed(high))
    return (
        f'<tr data-change="{change}"><th scope="row">{esc(name)}</th>'
        f"<td>{metric['before']:.3f}</td><td>{metric['after']:.3f}</td>"
        f"<td>{_signed(metric['difference'])}</td><td>{esc(span)}</td><td>{number(metric['n'])}</td>"
        f"<td>{esc(words[change])}</td></tr>"
    )


def _signed(value: float) -> str:
    """A change with its sign; none at all has none."""
    told = f"{value:+.3f}"
    return told if float(told) else "0.000"


def _table(heads: Sequence[str], rows: str) -> str:
    head = "".join(f'<th scope="col">{esc(h)}</th>' if h else "<td></td>" for h in heads)
    return (
        '<div class="byline-q-scroll" tabindex="0" role="region" '
        f'aria-label="{esc(tr("Comparison"))}">'
        f'<table class="byline-q-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
