"""Who says what, as tables that a reader takes in at a glance: outlets by position.

For each disagreement the outlets are rows and the positions columns; where nothing is disputed the
sentences are rows and the outlets columns. A full dot is said first-hand, a ring leans on another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag.i18n import tr
from rag.render import (
    NO_OUTLET,
    capitalized,
    conflict_heading,
    conflict_word,
    outlet_of,
    reprints_text,
    shortened,
    title_of,
    when,
    when_text,
)
from rag.render_html import chip_html, esc, marks_by_article, quote_html, verdict_html
from rag.schema import Answer, Article, Citation, Conflict, Evidence, Position, Sentence

_DOT = (
    '<svg class="byline-dot" viewBox="0 0 12 12" aria-hidden="true">'
    '<circle cx="6" cy="6" r="5"/></svg>'
)
_RING = _DOT.replace('r="5"/>', 'r="4" class="ring"/>')
_MAX_STATEMENT = 110  # characters of a column's head; the rest is in its title


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """An outlet of a table; one whose name is unknown is known by its article."""

    key: str
    name: str
    articles: tuple[Article, ...]


def source_map_html(answer: Answer) -> str:
    """The tables; empty when the answer cites only one outlet, or nothing."""
    if answer.abstained:
        return ""
    cited = [answer.articles[c.evidence.article_id] for c in answer.citations]
    rows = _rows(cited)
    if len(rows) < 2:
        return ""
    marks = marks_by_article(answer.citations)
    tables = (
        "".join(_conflict_html(c, answer, marks) for c in answer.conflicts)
        if answer.conflicts
        else _sentences_html(rows, answer, marks)
    )
    head = esc(tr("Who says what"))
    return f'<section class="byline-map"><h3 class="byline-label">{head}</h3>{tables}</section>'


def _rows(articles: Iterable[Article]) -> list[_Row]:
    """The outlets in the order of their first article."""
    found: dict[str, dict[str, Article]] = {}
    for article in articles:
        found.setdefault(_key(article), {})[article.article_id] = article
    return [
        _Row(key=key, name=outlet_of(next(iter(held.values()))), articles=tuple(held.values()))
        for key, held in found.items()
    ]


def _key(article: Article) -> str:
    known = outlet_of(article)
    return f"\0{article.article_id}" if known == tr(NO_OUTLET) else known.casefold()


def _name_html(row: _Row, answer: Answer) -> str:
    """The outlet, and how many copies of its text there are, folded into one line."""
    unknown = row.name == tr(NO_OUTLET)
    shown = f'<bdi class="byline-outlet{" is-unknown" if unknown else ""}">{esc(row.name)}</bdi>'
    if unknown:
        title = esc(shortened(title_of(row.articles[0]), 60))
        shown += f'<span class="byline-copies" dir="auto">{title}</span>'
    sizes = [answer.group_sizes.get(a.article_id, 1) for a in row.articles]
    copies = dict.fromkeys(reprints_text(n) for n in sizes if n > 1)
    return shown + "".join(f'<span class="byline-copies">{esc(c)}</span>' for c in copies)


# --- a disagreement ------------------------------------------------------------------------------


def _conflict_html(conflict: Conflict, answer: Answer, marks: Mapping[str, str]) -> str:
    positions = conflict.positions
    rows = _rows(answer.articles[p.evidence.article_id] for p in positions)
    heads = "".join(map(_position_head, positions))
    body = "".join(_outlet_rows(row, positions, answer, marks) for row in rows)
    topic = capitalized(conflict_heading(conflict.topic, [p.differs for p in positions]))
    told = esc(capitalized(conflict.note))
    note = f'<p class="byline-note" dir="auto">{told}</p>' if told else ""
    return (
        f'<div class="byline-map-scroll" role="region" tabindex="0" aria-label="{esc(topic)}">'
        f'<table data-kind="{conflict.kind}" style="--n: {len(positions)}">'
        f"<caption><span>{esc(conflict_word(conflict.kind))}</span>{esc(topic)}</caption>"
        f"<thead><tr><td></td>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{note}"
    )


def _position_head(position: Position) -> str:
    said = shortened(" ".join(position.statement.split()), _MAX_STATEMENT)
    return f'<th scope="col" title="{esc(position.statement)}">{quote_html(said)}</th>'


def _outlet_rows(
    row: _Row, positions: Sequence[Position], answer: Answer, marks: Mapping[str, str]
) -> str:
    """The outlet's own row, and below it whom it leans on, in the same columns."""
    mine = [p if _key(_article(p.evidence, answer)) == row.key else None for p in positions]
    cells = "".join(_position_cell(p, answer, marks) for p in mine)
    shown = f'<tr><th scope="row">{_name_html(row, answer)}</th>{cells}</tr>'
    leaned_on = dict.fromkeys(name for p in mine if p for name in p.credits)
    return shown + "".join(_credit_row(name, mine) for name in leaned_on)


def _article(evidence: Evidence, answer: Answer) -> Article:
    return answer.articles[evidence.article_id]


def _position_cell(position: Position | None, answer: Answer, marks: Mapping[str, str]) -> str:
    if position is None:
        return _empty_cell(tr("does not say so"))
    citation = Citation(marker=answer.marker_of(position.evidence), evidence=position.evidence)
    chip = chip_html(citation, _article(position.evidence, answer), marks)
    said = tr("says so, citing others") if position.credits else tr("says so")
    day = when_text(position.published_at, position.updated_at)
    leaning = ' class="byline-leaning"' if position.credits else ""
    return (
        f"<td{leaning}>{_RING if position.credits else _DOT}"
        f'<span class="byline-hidden">{esc(said)}</span>{chip}'
        f'<span class="byline-date">{esc(day)}</span></td>'
    )


def _empty_cell(why: str) -> str:
    return f'<td class="is-empty"><span class="byline-hidden">{esc(why)}</span></td>'


def _credit_row(name: str, mine: Sequence[Position | None]) -> str:
    """One who is only cited: a dot below the ring that leans on it."""
    head = esc(tr("citing"))
    cells = "".join(
        f'<td class="byline-leans">{_DOT}<bdi data-citing="{head}">{esc(name)}</bdi></td>'
        if p and name in p.credits
        else '<td class="is-empty"></td>'
        for p in mine
    )
    return f'<tr class="byline-second"><th scope="row">{head}</th>{cells}</tr>'


# --- no disagreement -----------------------------------------------------------------------------


def _sentences_html(rows: Sequence[_Row], answer: Answer, marks: Mapping[str, str]) -> str:
    heads = "".join(f'<th scope="col">{_name_html(row, answer)}</th>' for row in rows)
    body = "".join(_sentence_row(s, rows, answer, marks) for s in answer.sentences)
    title, first = esc(tr("Which outlet each sentence rests on")), esc(tr("Sentence"))
    return (
        '<div class="byline-map-scroll" role="region" tabindex="0" '
        f'aria-label="{title}"><table class="byline-rests">'
        f'<caption>{title}</caption><thead><tr><th scope="col">'
        f'<span class="byline-hidden">{first}</span></th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _sentence_row(
    sentence: Sentence, rows: Sequence[_Row], answer: Answer, marks: Mapping[str, str]
) -> str:
    cells = "".join(_sentence_cell(sentence, row, answer, marks) for row in rows)
    said = shortened(" ".join(sentence.text.split()), 2 * _MAX_STATEMENT)
    return (
        f'<tr><th scope="row"><span dir="auto">{esc(said)}</span>{verdict_html(sentence)}</th>'
        f"{cells}</tr>"
    )


def _sentence_cell(sentence: Sentence, row: _Row, answer: Answer, marks: Mapping[str, str]) -> str:
    mine = [c for c in sentence.citations if _key(_article(c.evidence, answer)) == row.key]
    if not mine:
        return _empty_cell(tr("not cited"))
    chips = "".join(chip_html(c, _article(c.evidence, answer), marks) for c in mine)
    days = ", ".join(dict.fromkeys(when(_article(c.evidence, answer)) for c in mine))
    said = esc(tr("says so"))
    return (
        f'<td data-outlet="{esc(row.name)}">{_DOT}<span class="byline-hidden">{said}</span>{chips}'
        f'<span class="byline-date">{esc(days)}</span></td>'
    )
