"""The disagreements of an answer as HTML: who says what, in which words, when."""

from collections.abc import Mapping

from rag.i18n import tr, trn
from rag.icons import icon_html
from rag.render import (
    NO_OUTLET,
    capitalized,
    citing,
    conflict_heading,
    conflict_word,
    when_text,
)
from rag.render_html import (
    chip_html,
    esc,
    marks_by_article,
    origin_html,
    quote_html,
    tail_html,
    verdict_html,
)
from rag.schema import Answer, Citation, Conflict, Sentence


def conflicts_html(answer: Answer) -> str:
    """The disagreements: who says what, in which words, when. Empty when there are none."""
    if answer.abstained or not answer.conflicts:
        return ""
    marks = marks_by_article(answer.citations)
    items = "".join(_conflict_html(c, answer, marks) for c in answer.conflicts)
    head = esc(tr("The sources disagree"))
    return f'<section><h3 class="byline-label">{head}</h3>{items}</section>'


def banner_html(answer: Answer) -> str:
    """The first disagreement side by side, for the answer itself; how many more there are."""
    if answer.abstained or not answer.conflicts:
        return ""
    first, *more = answer.conflicts
    shown = _conflict_html(first, answer, marks_by_article(answer.citations))
    others = esc(trn("And on {n} more point", "And on {n} more points", len(more)))
    also = (
        '<p class="byline-more"><button type="button" class="byline-jump" data-jump="conflicts">'
        f"{others}</button></p>"
        if more
        else ""
    )
    head = esc(tr("The sources disagree"))
    return (
        f'<section class="byline-banner" tabindex="-1" aria-label="{head}">'
        f'<h3 class="byline-label">{icon_html("contested")}{head}</h3>'
        f"{shown}{also}</section>"
    )


def _conflict_html(conflict: Conflict, answer: Answer, marks: Mapping[str, str]) -> str:
    positions = ""
    for p in conflict.positions:
        citation = Citation(marker=answer.marker_of(p.evidence), evidence=p.evidence)
        origin = origin_html(p.outlet or tr(NO_OUTLET), when_text(p.published_at, p.updated_at))
        chip = chip_html(citation, answer.articles[p.evidence.article_id], marks)
        leans = f'<span class="byline-credits">{esc(citing(p.credits))}</span>' if p.credits else ""
        positions += (
            f'<li><p dir="auto">{quote_html(p.statement, p.differs)}{tail_html([chip])}</p>'
            f'<p class="byline-meta">{origin}{leans}</p></li>'
        )
    head = conflict_heading(conflict.topic, [p.differs for p in conflict.positions])
    told = esc(capitalized(conflict.note))
    note = f'<p class="byline-note" dir="auto">{told}</p>' if told else ""
    if conflict.told is not None:
        note = f"{_told_html(conflict.told)}{note}"
    return (
        f'<div class="byline-conflict" data-kind="{conflict.kind}">'
        f"<h4><span>{esc(conflict_word(conflict.kind))}</span>"
        f"{esc(capitalized(head))}</h4>"
        f"<ul>{positions}</ul>{note}</div>"
    )


def _told_html(told: Sentence) -> str:
    """The disagreement in the model's words, with what the verifier says of them."""
    return (
        f'<div class="byline-account" data-label="{told.verdict.label}">'
        f'<p dir="auto">{esc(told.text)}</p><p class="byline-meta">{verdict_html(told)}</p></div>'
    )
