"""What the page shows about the archive: masthead, greeting, library and reports, as HTML."""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rag.render import capitalized, mode_text, outlet_of, place_of, title_of, when
from rag.render_html import esc
from rag.schema import Article

if TYPE_CHECKING:
    from web.desk import Desk

MAX_ROWS = 200
N_EXAMPLES = 4
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
DEMO_HOME = ".byline-demo"
GENERIC_EXAMPLES = (
    "What happened, and when?",
    "Which figures are given, and by whom?",
    "Who has confirmed it?",
)
OUTCOMES = {
    "added": "Added",
    "updated": "Updated",
    "unchanged": "Unchanged",
    "skipped": "Skipped",
    "removed": "Removed",
    "failed": "Failed",
}


def masthead_html(desk: "Desk") -> str:
    """The name of the paper, how much it holds, and which way of answering is on."""
    n_articles, _ = desk.counts()
    count = f"{n_articles:,} article{'' if n_articles == 1 else 's'}"
    mode, model = desk.mode()
    return (
        '<header class="byline-masthead"><h1>Byline</h1>'
        '<p class="byline-motto">Ask the news, see the proof</p>'
        f'<p class="byline-standing"><span>{esc(count)}</span>'
        f'<span class="byline-mode">{esc(mode_text(mode, model))}</span></p></header>'
    )


def hero_html(desk: "Desk") -> str:
    """The greeting before the first question: examples, or how to begin with an empty archive."""
    n_articles, _ = desk.counts()
    if not n_articles:
        return (
            '<section class="byline-hero"><h2>Your library is empty.</h2>'
            "<p>Add news articles as text, Markdown, HTML or JSON. Then ask, and every sentence of "
            "the answer opens the article at the words it stands on.</p>"
            '<p><button type="button" class="byline-action" data-tab="Library">Add articles'
            "</button></p></section>"
        )
    examples = "".join(
        f'<li><button type="button" class="byline-example" dir="auto">{esc(q)}</button></li>'
        for q in examples_for(desk.home)
    )
    return (
        '<section class="byline-hero"><h2>What would you like to know?</h2>'
        "<p>Each sentence of an answer names its outlet and date, says whether the source carries "
        "it, and opens the article at the very words.</p>"
        f"<ul>{examples}</ul></section>"
    )


def examples_for(home: Path) -> tuple[str, ...]:
    """Questions about the samples for the demo archive, general ones for any other."""
    questions = SAMPLES / "questions.json"
    if home.name != DEMO_HOME or not questions.is_file():
        return GENERIC_EXAMPLES
    rows = json.loads(questions.read_text("utf-8"))
    asked = (row if isinstance(row, str) else row["question"] for row in rows)
    return tuple(islice(asked, N_EXAMPLES))


def library_html(articles: Iterable[Article], search: object = "") -> str:
    """A table of the articles that hold every word of ``search`` in title, outlet or place."""
    words = str(search or "").casefold().split()
    # Not counted to the end: a large archive would be read whole for every page.
    found = list(islice((a for a in articles if _matches(a, words)), MAX_ROWS + 1))
    if not found:
        told = "No article matches." if words else "No articles yet. Add some on this page."
        return f'<p class="byline-empty">{told}</p>'
    rows = "".join(_row_html(a) for a in found[:MAX_ROWS])
    more = (
        f'<p class="byline-empty">The first {MAX_ROWS}; search to see others.</p>'
        if len(found) > MAX_ROWS
        else ""
    )
    return (
        '<table class="byline-library"><thead><tr><th scope="col">Article</th>'
        '<th scope="col">Outlet</th><th scope="col">Date</th><th scope="col">Status</th>'
        f'<th scope="col"><span class="byline-hidden">Actions</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}"
    )


def _matches(article: Article, words: Sequence[str]) -> bool:
    place = f"{article.title or ''} {article.outlet or ''} {article.path or article.url or ''}"
    text = place.casefold()
    return all(word in text for word in words)


def _row_html(article: Article) -> str:
    title = title_of(article)
    origin = f"from {article.date_source}" if article.date_source and article.dated else ""
    place = place_of(article)
    return (
        f'<tr><td data-label="Article"><button type="button" class="byline-open" dir="auto" '
        f'data-article="{esc(article.article_id)}">{esc(title)}</button>'
        f'<span class="byline-place">{esc(place) if place != title else ""}</span></td>'
        f'<td data-label="Outlet"><bdi>{esc(outlet_of(article))}</bdi></td>'
        f'<td data-label="Date">{esc(when(article))}<span class="byline-place">{esc(origin)}</span>'
        f'</td><td data-label="Status">{esc(capitalized(article.status))}</td>'
        f'<td><button type="button" class="byline-remove" data-article="{esc(article.article_id)}" '
        f'aria-label="Remove {esc(title)}">Remove</button></td></tr>'
    )


def progress_html(done: int, total: int | None, name: str) -> str:
    """How far an upload is."""
    of = f" of {total}" if total else ""
    return (
        '<p class="byline-step" role="status"><span class="byline-pulse"></span>'
        f"Reading {done}{of}: {esc(name)}</p>"
    )


def report_html(rows: Sequence[tuple[str, str, str]]) -> str:
    """One line for each thing that happened: outcome, name, and the reason if there is one."""
    items = "".join(
        f'<li data-outcome="{esc(outcome)}"><strong>{esc(OUTCOMES.get(outcome, outcome))}</strong> '
        f"<bdi>{esc(name)}</bdi>{f'<span>{esc(reason)}</span>' if reason else ''}</li>"
        for outcome, name, reason in rows
    )
    return f'<ul class="byline-report" role="status">{items}</ul>' if rows else ""
