"""The Quality tab's markup: the answers given, evaluations, and sets of questions.

Everything foreign is escaped here, or in ``eval.chat_html`` and ``eval.report_html``.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from eval.chat_html import percent
from rag.day_words import day_text
from rag.i18n import msgid, number, tr, trn
from rag.render_html import esc
from web.phrases import filled_html
from web.trials import Run, Standing, Trials

Json = Mapping[str, Any]
SPANS: Mapping[int, str] = {
    7: msgid("7 days"),
    30: msgid("30 days"),
    365: msgid("A year"),
    0: msgid("All"),
}
N_SHOWN = 25  # questions of a set at a time
MAX_LIMIT = 500
_HEADLINES = {
    "correct": msgid("correct {share}"),
    "faithfulness": msgid("faithful {share}"),
    "citation_recall": msgid("carried by citations {share}"),
    "right_refusal": msgid("rightly refused {share}"),
    "wrong_refusal": msgid("wrongly refused {share}"),
}
_BODY = re.compile(r"<body[^>]*>\n?(.*)</body>", re.DOTALL)
_TITLE = re.compile(r"<h1>.*?</h1>", re.DOTALL)


def tab_html(view: str, body: str, *, busy: bool = False) -> str:
    """The whole tab: what is shown of it, and what else there is."""
    views = {"answers": tr("Answers given"), "runs": tr("Evaluations")}
    chosen = view if view in views else "runs"
    chips = "".join(
        f'<button type="button" class="byline-q-view" data-key="{name}" data-view="{name}" '
        f'aria-pressed="{"true" if name == chosen else "false"}">{esc(words)}</button>'
        for name, words in views.items()
    )
    title = f'<h2 class="byline-hidden" data-key="title">{esc(tr("Quality"))}</h2>'
    return (
        f'<div class="byline-quality" data-view="{view}" data-busy="{"yes" if busy else "no"}">'
        f"{title if view in views else ''}"
        f'<div class="byline-q-views" data-key="views" role="group" aria-label="{esc(tr("Show"))}">'
        f'{chips}</div><p class="byline-q-told" data-key="told" data-kept role="status"></p>'
        f'<div data-key="{view}">{body}</div></div>'
    )


def spans_html(days: int) -> str:
    """What chooses how far back is looked."""
    chips = "".join(
        f'<button type="button" class="byline-q-span" data-key="{n}" data-days="{n}" '
        f'aria-pressed="{"true" if n == days else "false"}">{esc(tr(words))}</button>'
        for n, words in SPANS.items()
    )
    return (
        '<div class="byline-q-spans" data-key="spans" role="group" '
        f'aria-label="{esc(tr("Time"))}">{chips}</div>'
    )


def nothing_in_time_html() -> str:
    """What is told when nothing was asked in the days that are looked at."""
    return f'<p class="byline-empty">{esc(tr("Nothing was asked in this time."))}</p>'


# --- evaluations ---------------------------------------------------------------------------------


def runs_html(trials: Trials, *, may_edit: bool) -> str:
    """What can be run, what is being run, and what was."""
    runs = trials.runs()
    begin = _begin_html(trials) if may_edit else ""
    return (
        f"{begin}{standing_html(trials.standing, may_edit=may_edit)}"
        f'<section data-key="runs"><h3 class="byline-label">{esc(tr("Runs"))}</h3>'
        f"{_runs(runs, may_edit)}</section>"
    )


def _begin_html(trials: Trials) -> str:
    names = [path.name for path in trials.sets.listing()]
    is_running = trials.standing.state == "running"
    none = tr("There is no set of questions yet. Draft one from the archive, or take in a file.")
    chosen = (
        _run_form_html(names, is_running=is_running)
        if names
        else f'<p class="byline-note" data-key="none">{esc(none)}</p>'
    )
    about = tr(
        "The archive is asked every question of a set, and the answers are scored against what is "
        "known of them."
    )
    number = '<input name="n" type="number" min="1" max="500" value="40" inputmode="numeric">'
    draft = filled_html(tr("Draft {number} questions from the archive"), number=number)
    return (
        f'<section data-key="begin"><h3 class="byline-label">{esc(tr("Run an evaluation"))}</h3>'
        f'<p class="byline-note">{esc(about)}</p>{chosen}'
        '<div class="byline-q-more-sets" data-key="more">'
        '<form class="byline-q-form" data-verb="draft" data-key="draft">'
        f"<label>{draft}</label>"
        f'<button type="submit" class="byline-q-deed">{esc(tr("Draft"))}</button></form>'
        '<form class="byline-q-form" data-verb="upload" data-key="upload">'
        f'<label>{esc(tr("Take in a file"))} <input name="file" type="file" '
        'accept=".jsonl,.json,.csv,.tsv"></label></form></div></section>'
    )


def _run_form_html(names: Sequence[str], *, is_running: bool) -> str:
    options = "".join(f'<option value="{esc(n)}">{esc(n)}</option>' for n in names)
    number = (
        f'<input name="limit" type="number" min="1" max="{MAX_LIMIT}" value="50" '
        'inputmode="numeric">'
    )
    return (
        '<form class="byline-q-form" data-verb="run" data-key="run">'
        f'<label>{esc(tr("Questions"))} <select name="name">{options}</select></label>'
        f"<label>{filled_html(tr('At most {number}'), number=number)}</label>"
        f'<button type="submit" class="byline-do"{" disabled" if is_running else ""}>'
        f"{esc(tr('Run'))}</button>"
        '<button type="button" class="byline-q-deed" data-goto="set">'
        f"{esc(tr('Look through'))}</button></form>"
    )


_ENDED = {
    "done": msgid("{name} is done"),
    "stopped": msgid("{name} was stopped"),
    "failed": msgid("{name} failed"),
}


def standing_html(standing: Standing, *, may_edit: bool) -> str:
    """How far the run is, or how the last one ended; nothing before the first."""
    if standing.state == "idle":
        return ""
    if standing.state != "running":
        told = tr(_ENDED[standing.state], name=standing.name)
        if standing.told:
            told = tr("{ending}: {reason}", ending=told, reason=tr(standing.told))
        report = (
            goto_html("report", standing.run_id, tr("Read its report")) if standing.run_id else ""
        )
        return (
            f'<p class="byline-q-standing" data-key="standing" data-state="{standing.state}">'
            f"{esc(told)}. {report}</p>"
        )
    total = f' max="{standing.total}"' if standing.total else ""
    done = f' value="{standing.done}"' if standing.total else ""
    stop = (
        f'<button type="button" class="byline-q-deed" data-verb="stop">{esc(tr("Stop"))}</button>'
    )
    return (
        f'<div class="byline-q-standing" data-key="standing" data-state="running">'
        f'<progress class="byline-total" aria-label="{esc(tr("Progress of the run"))}"'
        f"{total}{done}></progress>"
        f"<p>{esc(_doing_text(standing))} {stop if may_edit else ''}</p></div>"
    )


def _doing_text(standing: Standing) -> str:
    name, is_scoring = standing.name, standing.doing.startswith("scoring ")
    if not standing.total:
        if is_scoring:
            return tr("{name}: scoring, beginning.", name=name)
        return tr("{name}: asking, beginning.", name=name)
    numbers = {"done": number(standing.done), "total": number(standing.total)}
    if is_scoring:
        return tr("{name}: scoring, {done} of {total}.", name=name, **numbers)
    return tr("{name}: asking, {done} of {total}.", name=name, **numbers)


def goto_html(view: str, name: str, words: str) -> str:
    """A button that shows another part of the tab: of a run, of all runs."""
    return (
        f'<button type="button" class="byline-q-deed" data-goto="{view}" data-name="{esc(name)}">'
        f"{esc(words)}</button>"
    )


def _runs(runs: Sequence[Run], may_edit: bool) -> str:
    if not runs:
        return f'<p class="byline-empty">{esc(tr("No evaluation was run yet."))}</p>'
    rows = "".join(_run_html(run, may_edit) for run in runs)
    compare = ""
    if len(runs) > 1:
        name = runs[0].report.get("name")  # the one before it of the same questions, if any
        last = next((r for r in runs[1:] if r.report.get("name") == name), runs[1])
        before = "".join(_option(r, chosen=r is last) for r in runs)
        options = "".join(_option(r, chosen=i == 0) for i, r in enumerate(runs))
        compare = (
            '<form class="byline-q-form" data-goto="compare" data-key="compare">'
            f'<label>{esc(tr("Compare"))} <select name="before">{before}</select></label>'
            f'<label>{esc(tr("with"))} <select name="after">{options}</select></label>'
            f'<button type="submit" class="byline-q-deed">{esc(tr("Compare"))}</button></form>'
        )
    return f'<ul class="byline-q-runs">{rows}</ul>{compare}'


def _option(run: Run, *, chosen: bool) -> str:
    mark = " selected" if chosen else ""
    # Runs of the same questions differ by their moment, which must not be cut off.
    told = tr("{moment}: {name}", moment=_moment_text(run.at), name=_name_text(run))
    return f'<option value="{esc(run.run_id)}"{mark}>{esc(told)}</option>'


def run_text(run: Run) -> str:
    """What a run is called: its questions, and when it was run."""
    return tr("{name}, {moment}", name=_name_text(run), moment=_moment_text(run.at))


def _name_text(run: Run) -> str:
    return str(run.report.get("name") or run.run_id)


def _moment_text(at: datetime) -> str:
    moment = at.astimezone(UTC)
    return tr("{day}, {time} UTC", day=day_text(moment.date()), time=f"{moment:%H:%M:%S}")


def _run_html(run: Run, may_edit: bool) -> str:
    metrics = run.report["metrics"]
    told = " · ".join(
        tr(words, share=percent(metrics[m]["value"]))
        for m, words in _HEADLINES.items()
        if m in metrics
    )
    n = int(run.report.get("n", 0))
    name = _name_text(run)
    moment = _moment_text(run.at)
    drop = (
        f'<button type="button" class="byline-q-drop" data-verb="remove-run" '
        f'data-name="{esc(run.run_id)}">{esc(tr("Delete"))}</button>'
        if may_edit
        else ""
    )
    return (
        f'<li data-key="run-{esc(run.run_id)}"><h4>{goto_html("report", run.run_id, name)}'
        f'</h4><p class="byline-meta"><span>{esc(moment)}</span>'
        f"<span>{esc(_questions_text(n))}</span><span>{esc(told)}</span>{drop}</p></li>"
    )


def _questions_text(n: int) -> str:
    return trn("{n} question", "{n} questions", n)


def report_html(run_id: str, title: str, whole: str) -> str:
    """A run's report in place: the body of its own page, whose pieces its renderer escaped."""
    found = _BODY.search(whole)
    body = _TITLE.sub("", found[1], count=1) if found else ""
    own = f"page/quality/report?id={esc(run_id)}&amp;whole=1"
    return (
        f'<p class="byline-q-back" data-key="back">{goto_html("runs", "", tr("All runs"))}'
        f'<a href="{own}" target="_blank" rel="noopener">{esc(tr("On a page of its own"))}</a></p>'
        f'<section class="byline-q-report" data-key="report-{esc(run_id)}">'
        f"<h2>{esc(title)}</h2>{body}</section>"
    )


# --- looking through a set -----------------------------------------------------------------------


def set_html(name: str, rows: Sequence[Json], offset: int) -> str:
    """The questions of a set, drafts first; each can be kept, edited or dropped."""
    order = sorted(range(len(rows)), key=lambda i: (not rows[i].get("draft"), i))
    n_drafts = sum(bool(row.get("draft")) for row in rows)
    offset = min(offset, max(0, len(rows) - 1) // N_SHOWN * N_SHOWN)
    shown = order[offset : offset + N_SHOWN]
    items = "".join(_case_html(i, rows[i]) for i in shown)
    told = tr(
        "{questions}, {n_drafts} of them drafts that nobody has looked at. "
        "Keep what a reader could ask and the archive answers; mend or drop the rest.",
        questions=_questions_text(len(rows)),
        n_drafts=number(n_drafts),
    )
    return (
        f'<p class="byline-q-back" data-key="back">{goto_html("runs", "", tr("All runs"))}'
        f'<button type="button" class="byline-q-drop" data-verb="remove-set" '
        f'data-name="{esc(name)}">{esc(tr("Delete this set"))}</button></p>'
        f'<h2 data-key="name">{esc(name)}</h2>'
        f'<p class="byline-note" data-key="note">{esc(told)}</p>'
        f'<ol class="byline-q-cases" data-key="cases" data-name="{esc(name)}">{items}</ol>'
        f"{_pages(offset, len(rows))}"
    )


def _pages(offset: int, n: int) -> str:
    def turn(to: int, words: str) -> str:
        return (
            f'<button type="button" class="byline-q-deed" data-offset="{to}">{esc(words)}</button>'
            if 0 <= to < n
            else ""
        )

    turns = turn(offset - N_SHOWN, tr("Earlier")) + turn(offset + N_SHOWN, tr("Later"))
    return f'<p class="byline-q-back" data-key="pages">{turns}</p>' if turns else ""


def answers_text(row: Json) -> str:
    """The gold answers of a row, one a line, other names for one behind " | "."""
    given = row.get("answer", row.get("answers", []))
    answers = given if isinstance(given, list) else [given]
    lines = (a if isinstance(a, list) else [a] for a in answers)
    return "\n".join(" | ".join(str(alias) for alias in line) for line in lines)


def answers_of(text: str) -> list[list[str]]:
    """What ``answers_text`` wrote, as it stands in a row."""
    lines = ([a.strip() for a in line.split("|") if a.strip()] for line in text.splitlines())
    return [line for line in lines if line]


def _case_html(at: int, row: Json) -> str:
    question = str(row.get("question", ""))
    answers = answers_text(row)
    answerable = row.get("answerable", True) is not False
    not_answerable = f"<em>{esc(tr('not answerable'))}</em>"
    gold = esc(answers).replace("\n", "; ") if answerable else not_answerable
    facts = [f for f in row.get("evidence") or () if isinstance(f, Mapping)]
    fact = "".join(
        f'<blockquote class="byline-q-quote" dir="auto"><p>{esc(str(f.get("fact") or ""))}</p>'
        "</blockquote>"
        for f in facts[:2]
        if f.get("fact")
    )
    draft = f'<span class="byline-q-draft">{esc(tr("Draft"))}</span>' if row.get("draft") else ""
    keep = (
        f'<button type="button" class="byline-q-deed" data-verb="keep">{esc(tr("Keep"))}</button>'
        if draft
        else ""
    )
    return (
        f'<li data-key="case-{esc(str(row.get("qid") or at))}" data-at="{at}" '
        f'data-was="{esc(question)}"><h3 class="byline-q-question" dir="auto">{esc(question)}</h3>'
        f'<p class="byline-meta">{draft}<span dir="auto">{gold}</span></p>{fact}'
        f'<p class="byline-q-deeds">{keep}'
        '<button type="button" class="byline-q-deed" data-open="edit">'
        f"{esc(tr('Edit'))}</button>"
        '<button type="button" class="byline-q-drop" data-verb="drop">'
        f"{esc(tr('Drop'))}</button></p>{_case_form_html(question, answers, answerable)}</li>"
    )


def _case_form_html(question: str, answers: str, answerable: bool) -> str:
    checked = "" if answerable else " checked"
    about = tr("Answers, one a line; other names for the same behind “|”")
    return (
        '<form class="byline-q-form byline-q-edit" data-verb="edit" hidden data-key="edit">'
        f"<label>{esc(tr('Question'))} "
        f'<textarea name="question" rows="2" maxlength="4000" required>'
        f"{esc(question)}</textarea></label><label>{esc(about)} "
        f'<textarea name="answer" rows="2" maxlength="4000">{esc(answers)}</textarea></label>'
        f'<label class="byline-q-check"><input type="checkbox" name="unanswerable"{checked}> '
        f"{esc(tr('The archive cannot answer it'))}</label>"
        f'<button type="submit" class="byline-q-deed">{esc(tr("Save"))}</button></form>'
    )
