"""The report on the chats as HTML: for the page's Quality tab and for a file of its own.

Everything foreign is escaped here. No script, no outside address; the plots are plain elements
placed by percent, so that they read as well on a phone, and every figure of them stands in a
table too.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from rag.day_words import day_text
from rag.icons import icon_html
from rag.render import VERDICT_WORDS, capitalized
from rag.render_html import esc

Json = Mapping[str, Any]
# The address that opens an answer, or ""; None where nothing can be opened.
Link = Callable[[Json], str] | None

WORDS: Mapping[str, tuple[str, str]] = {
    "faithfulness": ("Faithful", "sentences that something found supports"),
    "citation_recall": ("Carried by citations", "sentences that their own citations carry"),
    "citation_precision": ("Citations that help", "citations that carry a sentence"),
    "quote_exactness": ("Exact quotes", "citations whose words stand where they say"),
    "overclaimed": ("Overclaimed", "of those marked supported, sentences that are not"),
    "contested": ("Contested", "sentences that another article contradicts"),
    "contested_told": ("Contested and said so", "contested sentences that are shown as such"),
    "abstained": ("Not answered", "questions that got no answer"),
}
_KEY = ("faithfulness", "citation_recall", "overclaimed", "abstained")
_EMPTY = (
    "When questions are asked in the chat, every answer is measured here: how many of its "
    "sentences the articles really carry, over time, by outlet and by topic, with the worst "
    "answers first, and what readers say of them beside it."
)


def chat_html(report: Json, link: Link) -> str:
    """The report's sections; without ``link`` there is nothing in them to press."""
    if not report["n"]:
        return (
            '<section class="byline-q-empty" data-key="empty"><h2>Nothing was asked yet.</h2>'
            f"<p>{_EMPTY}</p></section>"
        )
    parts = {
        "figures": _figures(report),
        "time": _section("Faithfulness over time", trend_html(report["over_time"])),
        "groups": '<div class="byline-q-pair">'
        + _section("By outlet", _groups(report["by_outlet"], "sentences", _BY_OUTLET))
        + _section("By what was asked about", _groups(report["by_topic"], "answers", _BY_TOPIC))
        + "</div>",
        "worst": _section("Worst answers first", _worst(report, link)),
        "feedback": _section("What readers said", _feedback(report, link)),
        "metrics": _all_metrics(report),
    }
    return "".join(f'<div data-key="{key}">{html}</div>' for key, html in parts.items())


_BY_OUTLET = "Of the sentences that cite an outlet, how many their citations carry."
_BY_TOPIC = "Mean faithfulness of the answers to questions that name it."


def _section(title: str, body: str) -> str:
    return f'<section><h3 class="byline-label">{title}</h3>{body}</section>'


def percent(value: float | None) -> str:
    """A share for people: "93 %"."""
    return "–" if value is None else f"{100 * value:.0f} %"


def _range(metric: Json) -> str:
    """The 95 % interval; nothing where it has no width, which a few equal values always give."""
    low, high = metric["ci95"]
    return "" if low is None or low == high else f"{100 * low:.0f} to {100 * high:.0f} %"


def counted(n: int, noun: str) -> str:
    """A number with its noun: "1 answer", "2 answers"."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


# --- figures -------------------------------------------------------------------------------------


def _figures(report: Json) -> str:
    shown = "".join(
        f'<div><dt>{WORDS[name][0]}</dt><dd><span class="big">{percent(metric["value"])}</span> '
        f'<span class="byline-q-range">{_range(metric)}</span>'
        f"<small>{WORDS[name][1]}</small></dd></div>"
        for name in _KEY
        if (metric := report["metrics"].get(name)) is not None
    )
    return f'<dl class="byline-figures">{shown}</dl><p class="byline-note">{_told(report)}</p>'


def _told(report: Json) -> str:
    first, last = (_day(report[k]) for k in ("first", "last"))
    when = f"on {first}" if first == last else f"from {first} to {last}"
    told = (
        f"{counted(report['n'], 'answer')} in {counted(report['n_conversations'], 'conversation')}"
        f" {when}; {report['n_abstained']:,} of them are no answer and have no sentences to judge."
    )
    failed = report["metrics"].get("faithfulness", {}).get("n_failed", 0)
    if failed:
        told += f" In {failed:,} a judgement failed, which counts as a no."
    if report["n_unscored"]:
        told += f" {counted(report['n_unscored'], 'answer')} still to be scored."
    if report["judges"]:
        told += f" Judged by {esc(', '.join(report['judges']))}"
        if report["judge_is_run_time_verifier"]:
            told += ", which also checks answers as they are written, with another threshold"
        told += ". Ranges are 95 % intervals over conversations."
    return told


def _all_metrics(report: Json) -> str:
    rows = "".join(
        f'<tr><th scope="row">{WORDS[name][0]}<small>{WORDS[name][1]}</small></th>'
        f"<td>{percent(m['value'])}</td><td>{_range(m)}</td><td>{m['n']:,}</td>"
        f"<td>{m['n_failed']:,}</td><td>{m['n_abstained']:,}</td></tr>"
        for name, m in report["metrics"].items()
    )
    heads = ("Metric", "Value", "95 % interval", "Answers", "Failed", "Nothing to judge")
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    return (
        '<details class="byline-q-more" data-key="all"><summary>All metrics</summary>'
        '<div class="byline-q-scroll" tabindex="0" role="region" aria-label="All metrics">'
        f'<table class="byline-q-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _day(iso: str | None) -> str:
    return day_text(date.fromisoformat(iso[:10])) if iso else ""


def _short(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%b %Y}"


# --- plots ---------------------------------------------------------------------------------------


def trend_html(over_time: Json) -> str:
    """A line of means with their intervals, from 0 to 100 %, the oldest on the left."""
    points = [p for p in over_time["points"] if p["value"] is not None]
    if not points:
        return '<p class="byline-empty">No answer had a sentence to judge.</p>'
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
    days = "".join(_label(points[i], places[i], i in (0, len(points) - 1)) for i in marks)
    return (
        f'<div class="byline-trend" role="img" aria-label="{_read(points, over_time["unit"])}">'
        f'{grid}<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5" '
        f'vector-effect="non-scaling-stroke"/></svg>{dots}{days}</div>'
        f"{_trend_table(points, over_time['unit'])}"
    )


def _label(point: Json, x: float, is_end: bool) -> str:
    """A day under the line; one near the right edge ends there."""
    kind = ("" if is_end else " mid") + (" right" if x > 80 else "")
    return f'<span class="x{kind}" style="left:{x:.2f}%">{_short(point["from"])}</span>'


def _places(days: Sequence[date]) -> list[float]:
    """Where days stand between 4 and 96 percent of the width; one alone in the middle."""
    span = (days[-1] - days[0]).days
    return [4 + 92 * ((day - days[0]).days / span) if span else 50.0 for day in days]


def _dot(point: Json, x: float, unit: str) -> str:
    low, high = point["ci95"]
    title = f"{_when(point, unit)}: {percent(point['value'])} of {counted(point['n'], 'answer')}"
    bar = (
        ""
        if low is None
        else (
            f'<span class="range" style="left:{x:.2f}%;bottom:{100 * low:.2f}%;'
            f'height:{100 * (high - low):.2f}%"></span>'
        )
    )
    dot = f'<span class="dot" style="left:{x:.2f}%;bottom:{100 * point["value"]:.2f}%"'
    return f'{bar}{dot} title="{title}"></span>'


def _when(point: Json, unit: str) -> str:
    day = _day(point["from"])
    return day if unit == "day" else f"{unit} from {day}"


def _read(points: Sequence[Json], unit: str) -> str:
    first, last = points[0], points[-1]
    return (
        f"Faithfulness by {unit}: {percent(first['value'])} on {_when(first, unit)}, "
        f"{percent(last['value'])} on {_when(last, unit)}. The table below has every figure."
    )


def _trend_table(points: Sequence[Json], unit: str) -> str:
    rows = "".join(
        f'<tr><th scope="row">{capitalized(_when(p, unit))}</th><td>{percent(p["value"])}</td>'
        f"<td>{_range(p)}</td><td>{p['n']:,}</td><td>{p['n_failed']:,}</td></tr>"
        for p in reversed(points)
    )
    heads = ("", "Faithful", "95 % interval", "Answers", "Failed")
    head = "".join(f'<th scope="col">{h}</th>' if h else "<td></td>" for h in heads)
    return (
        '<details class="byline-q-more" data-key="trend"><summary>As a table</summary>'
        f'<table class="byline-q-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></details>"
    )


def _groups(groups: Sequence[Json], noun: str, told: str) -> str:
    if not groups:
        return '<p class="byline-empty">Nothing to tell yet.</p>'
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{esc(g["name"])}</th>'
        f'<td><span class="byline-bar-of" title="{_range(g)}">'
        f'<i style="width:{100 * (g["value"] or 0):.1f}%"></i></span></td>'
        f"<td>{percent(g['value'])}<small>{_range(g)}</small></td><td>{g['n']:,}"
        f"{_failed(g)}</td></tr>"
        for g in groups
    )
    return (
        f'<p class="byline-note">{told}</p><table class="byline-q-table byline-q-groups"><thead>'
        '<tr><th scope="col">Name</th><td></td><th scope="col">Share</th>'
        f'<th scope="col">{capitalized(noun)}</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _failed(group: Json) -> str:
    return f"<small>{group['n_failed']:,} failed</small>" if group["n_failed"] else ""


# --- answers -------------------------------------------------------------------------------------


def _worst(report: Json, link: Link) -> str:
    if not report["worst"]:
        return '<p class="byline-empty">No answer was found wanting.</p>'
    shown, of = len(report["worst"]), report["n_with_faults"]
    told = f"The {shown} worst of {counted(of, 'answer')} with something wrong."
    note = f'<p class="byline-note">{told}</p>' if shown < of else ""
    return note + "".join(_answer(answer, link) for answer in report["worst"])


def _answer(answer: Json, link: Link) -> str:
    scores = " · ".join(
        f"{WORDS[name][0].lower()} {percent(answer['scores'][name])}"
        for name in ("faithfulness", "citation_recall", "overclaimed")
        if answer["scores"].get(name) is not None
    )
    scores = scores or "not answered"
    meta = f"<span>{_moment(answer['asked_at'])}</span><span>{scores}</span>{_thumb(answer)}"
    n = len(answer["sentences"])
    body = "".join(_sentence(s, is_live=link is not None) for s in answer["sentences"])
    if body:
        body = (
            f'<details class="byline-q-more" data-key="why"><summary>'
            f"{counted(n, 'sentence')} to look at</summary>{body}</details>"
        )
    return (
        f'<article class="byline-q-answer" data-key="answer-{answer["exchange_id"]}">'
        f"<h4>{_opened(answer, link)}</h4>"
        f'<p class="byline-meta">{meta}</p>{body}</article>'
    )


def _opened(answer: Json, link: Link) -> str:
    """The question, as a link to its conversation where this reader may open it."""
    question, address = esc(answer["question"]), link(answer) if link else ""
    if not address:
        return f'<span dir="auto">{question}</span>'
    return f'<a href="{escape(address)}" dir="auto">{question}</a>'


def _moment(iso: str | None) -> str:
    if not iso:
        return ""
    at = datetime.fromisoformat(iso)
    return f"{day_text(at.date())}, {at:%H:%M} UTC"


def _thumb(answer: Json) -> str:
    given = answer["feedback"]
    return f"<span>{_said(given)}</span>" if given else ""


def _said(given: Json) -> str:
    if given["rating"] == "up":
        return "thumb up"
    told = f": {given['reason']}" if given["reason"] else ""
    which = f" [{given['marker']}]" if given["marker"] is not None else ""
    return esc(f"thumb down{told}{which}")


def _sentence(sentence: Json, *, is_live: bool) -> str:
    label = sentence["label"]
    verdict = (
        f'<span class="byline-verdict" data-label="{esc(label)}">'
        f"{icon_html(label)}{VERDICT_WORDS[label]}</span>"
    )
    support = sentence["support"]
    judged = "not judged" if support is None else f"the judge’s support: {support:.2f}"
    why = "".join(f"<li>{esc(capitalized(w))}</li>" for w in sentence["why"])
    quotes = "".join(_quoted(q, is_live=is_live) for q in sentence["quotes"])
    return (
        f'<div class="byline-q-sentence" data-label="{esc(label)}">'
        f'<p class="byline-q-text" dir="auto">{esc(sentence["text"])}</p>'
        f'<p class="byline-meta">{verdict}<span>{judged}</span></p>'
        f'<ul class="byline-reasons">{why}</ul>{quotes}</div>'
    )


def _quoted(quote: Json, *, is_live: bool) -> str:
    """The cited words, marked among those around them; a button opens the article there."""
    origin = " · ".join(esc(v) for v in (quote["outlet"], _day(quote["day"])) if v)
    title = esc(quote["title"] or "the article")
    marker = quote["marker"]
    opens = (
        f'data-article="{esc(quote["article_id"])}" data-revision="{quote["revision"]}" '
        f'data-marks="{marker}-{quote["start"]}-{quote["end"]}" data-marker="{marker}"'
    )
    button = f'<button type="button" class="byline-open" dir="auto" {opens}>{title}</button>'
    opener = button if is_live else f'<cite dir="auto">{title}</cite>'
    return (
        f'<blockquote class="byline-q-quote" dir="auto"><p>{esc(quote["before"])}'
        f"<mark>{esc(quote['quote'])}</mark>{esc(quote['after'])}</p>"
        f'<p class="byline-meta"><span>[{marker}]</span>{opener}<span>{origin}</span></p>'
        "</blockquote>"
    )


def _feedback(report: Json, link: Link) -> str:
    told = report["feedback"]
    if not told["n"]:
        return '<p class="byline-empty">Nobody has rated an answer yet.</p>'
    reasons = ", ".join(f"{esc(r)} {n:,}" for r, n in told["reasons"].items())
    downs = f" ({reasons})" if reasons else ""
    items = "".join(
        f'<li data-key="said-{row["exchange_id"]}">{_opened(row, link)}'
        f'<span class="byline-q-said">{_said(row)}{_note(row)}</span></li>'
        for row in told["latest"]
    )
    up, down = counted(told["up"], "thumb"), f"{told['down']:,}"
    return (
        f'<p class="byline-note">{up} up, {down} down{downs}. {_agreement(report["agreement"])}</p>'
        f'<ul class="byline-q-feedback">{items}</ul>'
    )


def _note(row: Json) -> str:
    return f' · <q dir="auto">{esc(row["note"])}</q>' if row.get("note") else ""


def _agreement(told: Json) -> str:
    """Whether readers and the judge agree, in a sentence."""
    if told["auroc"]["value"] is None:
        return "With thumbs of both kinds, this tells whether readers and the judge agree."
    low, high = told["auroc"]["ci95"]
    return (
        f"Answers with a thumb up are {percent(told['faithfulness_up'])} faithful, "
        f"those with a thumb down {percent(told['faithfulness_down'])}. An answer with a thumb up "
        f"is the more faithful of two with a chance of {told['auroc']['value']:.2f} "
        f"({low:.2f} to {high:.2f}; .50 is chance)."
    )
