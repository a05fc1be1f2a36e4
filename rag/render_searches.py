"""How an answer was looked for: the words that limited it, and each search, as rows of HTML."""

from collections.abc import Mapping

from rag.day_words import day_text
from rag.i18n import msgid, tr
from rag.render import scope_words
from rag.render_html import esc
from rag.schema import Aim, Answer

# Why a search was made.
_AIMS: Mapping[Aim, str] = {
    "question": msgid("Searched for the question."),
    "outlet": msgid("Searched for what concerns one outlet."),
    "time": msgid("Searched again for the time that the question names."),
    "any time": msgid("Searched again in articles of any time."),
    "sentence": msgid("Searched for a sentence of the model."),
}


def search_rows(answer: Answer) -> list[tuple[str, str]]:
    """The words by which the question itself limited the search, and each single search."""
    question, rows, items = answer.question, [], []
    if question.read:
        quoted = ", ".join(f'<q dir="auto">{esc(words)}</q>' for words in question.read)
        label = esc(tr("Ask without this limit"))
        button = f'<button type="button" class="byline-alone">{label}</button>'
        rows.append((tr("Understood"), f"{quoted} {button}"))
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
