"""What the page shows about the archive: masthead, greeting and reports, as HTML."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.i18n import msgid, tr, trn
from rag.render import mode_text
from rag.render_html import esc
from web.examples import examples_for

if TYPE_CHECKING:
    from web.desk import Desk

OUTCOMES = {"skipped": msgid("Skipped"), "failed": msgid("Failed")}


def masthead_html(desk: "Desk", visitor: str = "") -> str:
    """The name of the paper, how much it holds, and which way of answering is on.

    ``visitor``: markup that says who is logged in.
    """
    n_articles, _ = desk.counts()
    count = trn("{n} article", "{n} articles", n_articles)
    mode, model = desk.mode()
    return (
        '<header class="byline-masthead"><h1>Byline</h1>'
        f'<p class="byline-motto">{esc(tr("Ask the news, see the proof"))}</p>'
        f'<div class="byline-standing"><span>{esc(count)}</span>'
        f'<span class="byline-mode">{esc(mode_text(mode, model))}</span>'
        f"{visitor}</div></header>"
    )


def hero_html(desk: "Desk") -> str:
    """The greeting before the first question: examples, or how to begin with an empty archive."""
    n_articles, _ = desk.counts()
    if not n_articles:
        how = tr(
            "Add news articles as text, Markdown, HTML or JSON. Then ask, and every sentence of "
            "the answer opens the article at the words it stands on."
        )
        return (
            f'<section class="byline-hero"><h2>{esc(tr("Your library is empty."))}</h2>'
            f'<p>{esc(how)}</p><p><button type="button" class="byline-action" '
            f'data-tab="Library">{esc(tr("Add articles"))}</button></p></section>'
        )
    examples = "".join(
        f'<li><button type="button" class="byline-example" dir="auto">{esc(q)}</button></li>'
        for q in examples_for(desk)
    )
    how = tr(
        "Each sentence of an answer names its outlet and date, says whether the source carries "
        "it, and opens the article at the very words."
    )
    return (
        f'<section class="byline-hero"><h2>{esc(tr("What would you like to know?"))}</h2>'
        f"<p>{esc(how)}</p>{f'<ul>{examples}</ul>' if examples else ''}</section>"
    )


def report_html(rows: Sequence[tuple[str, str, str]]) -> str:
    """One line for each thing that happened: outcome, name, and the reason if there is one."""
    items = "".join(
        f'<li data-outcome="{esc(outcome)}">'
        f"<strong>{esc(tr(OUTCOMES.get(outcome, outcome)))}</strong> <bdi>{esc(name)}</bdi>"
        f"{f'<span>{esc(reason)}</span>' if reason else ''}</li>"
        for outcome, name, reason in rows
    )
    return f'<ul class="byline-report" role="status">{items}</ul>' if rows else ""
