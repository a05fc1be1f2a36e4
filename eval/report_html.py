"""A run as one HTML file that needs nothing else: figures, distributions, failures to look at.

Everything from articles, models and data is escaped; the page asks no other address for anything
and holds no script.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from eval.plots import bars
from eval.score import LESS_IS_BETTER, Score

Json = Mapping[str, Any]
_N_SHOWN = 40
_FIRST = ("citation_recall", "faithfulness", "correct", "answer_recall", "conflict_recall")
_CSS = """
:root{color-scheme:light dark;--line:#8886;--soft:#8882}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);
padding:.25rem .5rem;text-align:left;font-variant-numeric:tabular-nums}
section.case{border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem;margin:1rem 0}
blockquote{margin:.3rem 0 .3rem 1rem;padding-left:.7rem;border-left:3px solid var(--line)}
.label{border:1px solid var(--line);border-radius:.3rem;padding:0 .3rem;font-size:.8em}
.bad{color:#b00020;font-weight:600}@media(prefers-color-scheme:dark){.bad{color:#ff8a95}}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem}
figure{margin:0}figcaption{font-size:.85em}mark{background:#ffe08a;color:#000}
small{opacity:.75}
"""


def run_html(folder: Path) -> str:
    """The page of a finished run, from the files in its folder."""
    report = json.loads((folder / "report.json").read_text("utf-8"))
    cases = {row["case_id"]: row for row in _rows(folder / "cases.jsonl")}
    answers = {row["case_id"]: row for row in _rows(folder / "answers.jsonl")}
    scores = list(_rows(folder / "scores.jsonl"))
    verdicts: dict[tuple[str, str], list[Json]] = {}
    for row in _rows(folder / "verdicts.jsonl"):
        verdicts.setdefault((row["case_id"], row["claim"]), []).append(row)
    worst = _worst(scores)
    parts = [
        f"<h1>{escape(report['name'])}</h1>",
        f"<p>{report['n']} questions, judged by {escape(report['judge'])}{_same(report)}.</p>",
        _metrics(report),
        "<h2>Distributions</h2>",
        f'<div class="plots">{"".join(_distributions(scores))}</div>',
        "<h2>Failures to look at</h2>",
        f"<p>{len(worst)} of {len(cases)} questions; the worst {min(_N_SHOWN, len(worst))}:</p>",
        *(
            _case(cases[c], answers.get(c, {}), told, verdicts)
            for c, told in list(worst.items())[:_N_SHOWN]
        ),
        "<h2>Settings</h2>",
        f"<pre>{escape(json.dumps(report['settings'], indent=1, sort_keys=True))}</pre>",
    ]
    return page(report["name"], parts)


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page that may ask for nothing."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_CSS}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _same(report: Json) -> str:
    told = ", the verifier that also checks the answers as they are written"
    return told if report["judge_is_run_time_verifier"] else ""


def _metrics(report: Json) -> str:
    head = "".join(f"<th>{h}</th>" for h in ("metric", "value", "95 % interval", "n", "failed"))
    rows = []
    for name, metric in report["metrics"].items():
        low, high = (_told(v) for v in metric["ci95"])
        less = " <small>(less is better)</small>" if name in LESS_IS_BETTER else ""
        cells = (_told(metric["value"]), f"{low} to {high}", metric["n"], metric["n_failed"])
        rows.append(
            f"<tr><td>{escape(name)}{less}</td>{''.join(f'<td>{c}</td>' for c in cells)}</tr>"
        )
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _distributions(scores: Sequence[Json]) -> Iterable[str]:
    by_metric: dict[str, list[float]] = {}
    for score in scores:
        if score["value"] is not None:
            by_metric.setdefault(score["metric"], []).append(score["value"])
    for name, values in by_metric.items():
        counts = [0] * 10
        for value in values:
            counts[min(9, math.floor(value * 10))] += 1
        yield f"<figure>{bars(counts)}<figcaption>{escape(name)}</figcaption></figure>"


def _worst(scores: Sequence[Json]) -> dict[str, list[Json]]:
    """The cases with something wrong, the worst first, and what is."""
    wrong: dict[str, list[Json]] = {}
    for score in scores:
        value = score["value"]
        if value is None or score["metric"] in ("exact", "token_f1", "contested"):
            continue
        if score["state"] != "scored" or (value > 0 if _less(score) else value < 1):
            wrong.setdefault(score["case_id"], []).append(score)

    def badness(item: tuple[str, list[Json]]) -> tuple[float, str]:
        first = [s for s in item[1] if s["metric"] in _FIRST]
        return -sum(1 - s["value"] for s in first) - 0.01 * len(item[1]), item[0]

    return dict(sorted(wrong.items(), key=badness))


def _less(score: Json) -> bool:
    return score["metric"] in LESS_IS_BETTER


def _case(
    case: Json, entry: Json, wrong: Sequence[Json], verdicts: Mapping[tuple[str, str], list[Json]]
) -> str:
    told = ", ".join(f"{s['metric']} {_told(s['value'])}" for s in wrong)
    gold = "; ".join(" / ".join(aliases) for aliases in case["answers"]) or "-"
    if not case["answerable"]:
        gold = "not answerable"
    return (
        f'<section class="case"><h3>{escape(case["question"])}</h3>'
        f"<p><small>{escape(case['case_id'])}</small> · gold: {escape(gold)}"
        f' · <span class="bad">{escape(told)}</span></p>{_answer(case, entry, verdicts)}</section>'
    )


def _answer(case: Json, entry: Json, verdicts: Mapping[tuple[str, str], list[Json]]) -> str:
    if "answer" not in entry:
        return f'<p class="bad">{escape(str(entry.get("error", "no answer")))}</p>'
    body = entry["answer"]
    if not body["sentences"]:
        return f"<p>Abstained: {escape(body['reason'] or '')}</p>"
    quotes = {c["marker"]: c for c in body["citations"]}
    out = []
    for sentence in body["sentences"]:
        asked = verdicts.get((case["case_id"], sentence["text"]), [])
        known = [v["support"] for v in asked if v["support"] is not None]
        judged = f"judge {max(known):.2f}" if known else "not judged"
        label = sentence["verdict"]["label"]
        out.append(
            f'<p>{escape(sentence["text"])} <span class="label">{escape(label)}</span>'
            f" <small>{judged}</small></p>"
            + "".join(_quote(quotes.get(m), body["retrieved"]) for m in sentence["citations"])
        )
    return "".join(out)


def _quote(quote: Json | None, retrieved: Sequence[Json]) -> str:
    """The cited words, marked within the passage that they come from."""
    if quote is None:
        return '<blockquote class="bad">cites what does not exist</blockquote>'
    before, after = "", ""
    for passage in retrieved:
        at = quote["start"] - passage["start"]
        end = at + len(quote["quote"])
        text = passage["quote"]
        if (
            passage["article_id"] == quote["article_id"]
            and at >= 0
            and text[at:end] == quote["quote"]
        ):
            before, after = text[max(0, at - 200) : at], text[end : end + 200]
            break
    origin = " · ".join(str(v) for v in (quote["title"], quote["outlet"]) if v)
    return (
        f"<blockquote>{escape(before)}<mark>{escape(quote['quote'])}</mark>{escape(after)}"
        f"<br><small>[{quote['marker']}] {escape(origin)}</small></blockquote>"
    )


def write_reports(folder: Path, report: Json, scores: Sequence[Score]) -> None:
    """Write the run as Markdown, JUnit and HTML beside its JSON."""
    from eval.report import junit, run_markdown

    (folder / "report.md").write_text(run_markdown(report) + "\n", "utf-8")
    (folder / "junit.xml").write_bytes(junit(report, scores))
    (folder / "report.html").write_text(run_html(folder), "utf-8")
