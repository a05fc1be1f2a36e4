"""The timeline of an answer as HTML; every foreign string is escaped here."""

from rag.day_words import moment_text
from rag.i18n import msgid, tr
from rag.render import outlet_of, when
from rag.render_html import esc, marks_by_article, quote_html
from rag.schema import Answer, Article, Citation, Evidence, Numbering, TimelineEvent, Told

_HOW: dict[Told, str] = {
    "said": msgid("The date stands in the text"),
    "reckoned": msgid("Reckoned from the words and the day of the article"),
    "published": msgid("The day on which the article was published"),
}


def timeline_html(answer: Answer) -> str:
    """The events in the order of their days; empty unless they are of more than one day.

    Each outlet is a button that opens its article at the words, by the same data attributes as the
    chips: ``data-article``, ``data-revision``, ``data-marks``, ``data-marker``.
    """
    days = {(e.day, e.precision) for e in answer.timeline}
    if answer.abstained or len(days) < 2:
        return ""
    numbering = Numbering(answer.citations, answer.taken)
    items = "".join(_event_html(e, answer, numbering) for e in answer.timeline)
    head = esc(tr("Timeline"))
    return (
        f'<section class="byline-timeline"><h3 class="byline-label">{head}</h3>'
        f"<ol>{items}</ol></section>"
    )


def _event_html(event: TimelineEvent, answer: Answer, numbering: Numbering) -> str:
    when_html, words_html = event_parts(event)
    openers = " ".join(
        opener_html(numbering.cite(e), answer.articles[e.article_id], answer)
        for e in event.evidence
    )
    return (
        f'<li data-told="{event.told}" data-precision="{event.precision}">'
        f'{when_html}{words_html}<p class="byline-meta">{openers}</p></li>'
    )


def event_parts(event: TimelineEvent) -> tuple[str, str]:
    """When it was or is to be, and in whose words: two paragraphs."""
    shown, word = esc(moment_text(event.day, event.precision)), esc(tr("planned"))
    planned = f' <span class="byline-planned">{word}</span>' if event.planned else ""
    return (
        f'<p class="byline-when"><time datetime="{_machine_date(event)}" '
        f'title="{esc(tr(_HOW[event.told]))}">{shown}</time>{planned}</p>',
        f'<p class="byline-text" dir="auto">{quote_html(_joined(event.evidence[0]))}</p>',
    )


def _machine_date(event: TimelineEvent) -> str:
    """As HTML wants it: 2026-03-02, 2026-03 or 2026."""
    return event.day.isoformat()[: {"day": 10, "month": 7, "year": 4}[event.precision]]


def _joined(evidence: Evidence) -> str:
    return " ".join(evidence.text.split())


def opener_html(citation: Citation, article: Article, answer: Answer) -> str:
    """The outlet as a button; the words are marked beside what the answer cites there."""
    marks = marks_by_article((*answer.citations, citation))[article.article_id]
    outlet = outlet_of(article)
    label = tr("{outlet}, {day}. Open the article at these words", outlet=outlet, day=when(article))
    return (
        f'<button type="button" class="byline-open byline-teller" '
        f'data-article="{esc(article.article_id)}" data-revision="{article.revision}" '
        f'data-marks="{esc(marks)}" data-marker="{citation.marker}" aria-label="{esc(label)}" '
        f'title="“{esc(_joined(citation.evidence))}”"><bdi>{esc(outlet)}</bdi></button>'
    )
