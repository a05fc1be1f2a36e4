"""How an answer was looked for: what limited it, above it; each search, as rows of HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from rag.day_words import day_text
from rag.i18n import msgid, tr
from rag.period import days_text, period_text
from rag.render import capitalized, scope_words
from rag.render_html import esc
from rag.schema import Aim, Answer, Filters, Question

# Why a search was made.
_AIMS: Mapping[Aim, str] = {
    "question": msgid("Searched for the question."),
    "outlet": msgid("Searched for what concerns one outlet."),
    "time": msgid("Searched again for the time that the question names."),
    "any time": msgid("Searched again in articles of any time."),
    "sentence": msgid("Searched for a sentence of the model."),
}


def limits_html(question: Question) -> str:
    """What the articles were limited to, what of the question was understood so, and a way out.

    Each piece is boxed; empty without limits.
    """
    pieces = _pieces(question.filters)
    heads = [_row_html(tr("Limited to"), pieces)] if pieces else []
    if question.near is not None and not question.filters.dated:
        heads.append(
            _row_html(tr("Put first"), [_span_text(question.near.first, question.near.last)])
        )
    if question.read:  # alone where nothing lies within: it was looked for everywhere then
        heads += [_row_html(tr("Understood"), [f"“{w}”" for w in question.read]), _alone_html()]
    return f'<p class="byline-limited">{" ".join(heads)}</p>' if heads else ""


def _row_html(head: str, pieces: Sequence[str]) -> str:
    boxed = "".join(f'<span class="byline-limit" dir="auto">{esc(p)}</span> ' for p in pieces)
    return f"<span>{esc(head)}</span> {boxed.rstrip()}"


def _pieces(filters: Filters) -> list[str]:
    """What filters let through, each piece to stand alone; two ends of a time are one."""
    if not filters.since or not filters.until:
        return [capitalized(piece) for piece in scope_words(filters)]
    rest = scope_words(replace(filters, since=None, until=None))
    return [_span_text(filters.since, filters.until), *rest]


def _span_text(first: date, last: date) -> str:
    ends = (day_text(first), day_text(last))
    return ends[0] if first == last else tr("{first} to {last}", first=ends[0], last=ends[1])


def _alone_html() -> str:
    label = esc(tr("Ask without this"))
    return f'<button type="button" class="byline-alone">{label}</button>'


def beyond_limits(notice: str, question: Question) -> str:
    """The notice without what ``limits_html`` tells already."""
    filters = question.filters
    told = [f"Looked at articles {period_text(filters)}."] if filters.dated else []
    told += [f"Looked at articles of {outlet} alone." for outlet in filters.outlets]
    if question.near is not None:
        told.append(f"Articles {days_text(question.near)} came first.")
    for sentence in told:
        notice = notice.replace(sentence, "")
    return " ".join(notice.split())


def search_rows(answer: Answer) -> list[tuple[str, str]]:
    """The words by which the question itself limited the search, and each single search."""
    question, rows, items = answer.question, [], []
    if question.read:
        quoted = ", ".join(f'<q dir="auto">{esc(words)}</q>' for words in question.read)
        rows.append((tr("Understood"), f"{quoted} {_alone_html()}"))
    if question.near is not None and not question.filters.dated:
        days = (day_text(question.near.first), day_text(question.near.last))
        told = tr("Articles from {first} to {last}.", first=days[0], last=days[1])
        rows.append((tr("Put first"), esc(told)))
    for search in answer.searches:
        limits = "; ".join(scope_words(search.filters))
        parts = [
            tr(_AIMS[search.aim]),
            tr("Limited to: {limits}.", limits=limits) if limits else "",
            tr("Passages found by words: {n}.", n=search.n_words),
            tr("Passages found by meaning: {n}.", n=search.n_meaning),
            tr("Different passages considered: {n}.", n=search.n_considered),
            tr("Passages kept: {n}.", n=search.n_kept),
        ]
        counts = esc(" ".join(filter(None, parts)))
        items.append(f'<li><q dir="auto">{esc(search.text)}</q> <span>{counts}</span></li>')
    if items:
        rows.append((tr("Searches"), f'<ol class="byline-searches">{"".join(items)}</ol>'))
    return rows
