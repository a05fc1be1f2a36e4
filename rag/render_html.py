"""The pieces of the page, as HTML in which every foreign string is escaped here.

Only these functions make markup. Text goes through ``esc``; a link is made for absolute http(s)
addresses alone, and is text otherwise. Hooks: ``.byline-cite[data-marker]`` chips,
``.byline-verdict[data-label]``, ``.byline-source`` cards, ``mark[data-marker]`` in an article.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from rag.i18n import tr
from rag.icons import SIGNS
from rag.render import (
    NO_OUTLET,
    citing,
    defused,
    is_web_url,
    outlet_of,
    place_of,
    printable,
    reprints_text,
    shortened,
    title_of,
    verdict_word,
    when,
)
from rag.schema import (
    Answer,
    Article,
    Citation,
    Evidence,
    Passage,
    ScoredPassage,
    Sentence,
)


def esc(text: str) -> str:
    """Foreign text, safe between tags and inside quoted attributes."""
    return html.escape(printable(text), quote=True)


# --- parts --------------------------------------------------------------------------------------


def origin_html(outlet: str, day: str) -> str:
    """An outlet and a day."""
    unknown = " is-unknown" if outlet == tr(NO_OUTLET) else ""
    return (
        f'<span class="byline-origin"><bdi class="byline-outlet{unknown}">{esc(outlet)}</bdi> '
        f'<span class="byline-date" dir="auto">{esc(day)}</span></span>'
    )


def origin_of(article: Article) -> str:
    """An article's outlet and day; what is unknown is said to be."""
    return origin_html(outlet_of(article), when(article))


def chip_html(citation: Citation, article: Article, marks: Mapping[str, str]) -> str:
    """The numbered button that opens the article at the quoted words."""
    n = citation.marker
    label = tr(
        "Source {n}: {outlet}, {day}. Open the article at these words",
        n=n,
        outlet=outlet_of(article),
        day=when(article),
    )
    return (
        f'<button type="button" class="byline-cite" data-marker="{n}" {_opens(article, marks)} '
        f'data-quote="{esc(shortened(citation.evidence.text, 400))}" '
        f'data-origin="{esc(outlet_of(article))} · {esc(when(article))}" aria-label="{esc(label)}">'
        f"{n}</button>"
    )


def tail_html(chips: Sequence[str]) -> str:
    """The chips behind some words; the first never stands on a line of its own."""
    return f'<span class="byline-tail">&nbsp;{chips[0]}</span>{"".join(chips[1:])}' if chips else ""


def _opens(article: Article, marks: Mapping[str, str]) -> str:
    """What a click needs to show the article with all its quoted words marked."""
    return (
        f'data-article="{esc(article.article_id)}" data-revision="{article.revision}" '
        f'data-marks="{esc(marks.get(article.article_id, ""))}"'
    )


def marks_by_article(citations: Iterable[Citation]) -> dict[str, str]:
    """For each article its marks, as ``marker-start-end`` joined by commas."""
    found: dict[str, dict[str, None]] = {}
    for c in citations:
        mark = f"{c.marker}-{c.evidence.start}-{c.evidence.end}"
        found.setdefault(c.evidence.article_id, {})[mark] = None
    return {article_id: ",".join(marks) for article_id, marks in found.items()}


def verdict_html(sentence: Sentence) -> str:
    """The verdict as an icon and a word; its reasons and judge on hovering."""
    verdict = sentence.verdict
    checked = [tr("Checked by {judge}", judge=verdict.judge)] if verdict.judge else []
    title = "; ".join([*verdict.reasons, *checked])
    return (
        f'<span class="byline-verdict" data-label="{verdict.label}" title="{esc(title)}">'
        f'<svg viewBox="0 0 16 16" aria-hidden="true">{SIGNS[verdict.label]}</svg>'
        f"{esc(verdict_word(verdict.label))}</span>"
    )


# --- sources -------------------------------------------------------------------------------------


def sources_html(answer: Answer) -> str:
    """Cards of the cited articles, their quoted words marked; what was merely found is folded."""
    if answer.stopped and not answer.sentences:
        told = tr("Nothing is cited: the answer was stopped.")
        return found_html(answer.passages, answer.articles, told)
    if answer.abstained:
        return found_html((), {}, _refused_text(answer))
    cited: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        cited.setdefault(citation.evidence.article_id, []).append(citation)
    marks = marks_by_article(answer.citations)
    cards = "".join(_source_card(cs, answer, marks) for cs in cited.values())
    rest = [p for p in answer.passages if not _is_cited(p.passage, answer.citations)]
    head = esc(tr("Cited"))
    return (
        f'<section><h3 class="byline-label">{head}</h3>{cards}</section>'
        f"{_found_list(rest, answer.articles)}"
    )


def _refused_text(answer: Answer) -> str:
    told = tr("Nothing is cited: the articles do not answer this.")
    near = tr("The passages nearest to the question stand below the answer.")
    return f"{told} {near}" if answer.nearest else told


def found_html(
    passages: Sequence[ScoredPassage], articles: Mapping[str, Article], note: str = ""
) -> str:
    """The panel before anything is cited: what was found so far, or a note."""
    shown = f'<p class="byline-empty">{esc(note)}</p>' if note else ""
    return shown + (_found_list(passages, articles, is_open=True) if passages else "")


def _is_cited(passage: Passage, citations: Iterable[Citation]) -> bool:
    return any(_covers(passage, c.evidence) for c in citations)


def _covers(passage: Passage, evidence: Evidence) -> bool:
    return (
        passage.article_id == evidence.article_id
        and passage.start <= evidence.start
        and evidence.end <= passage.end
    )


def _source_card(citations: Sequence[Citation], answer: Answer, marks: Mapping[str, str]) -> str:
    article = answer.articles[citations[0].evidence.article_id]
    shown: dict[tuple[int, str], list[Citation]] = {}
    for c in citations:
        around = next((p.passage for p in answer.passages if _covers(p.passage, c.evidence)), None)
        place = around or c.evidence
        shown.setdefault((place.start, place.text), []).append(c)
    passages = "".join(
        f"<blockquote>{_paragraphs_html(text, start, cs, article.title)}</blockquote>"
        for (start, text), cs in sorted(shown.items(), key=lambda item: item[0][0])
    )
    chips = "".join(chip_html(c, article, marks) for c in citations)
    size = answer.group_sizes.get(article.article_id, 1)
    reprints = (
        f'<p class="byline-reprints"><button type="button" class="byline-same" '
        f'data-article="{esc(article.article_id)}">{esc(reprints_text(size))}</button></p>'
        if size > 1
        else ""
    )
    leans = tuple(dict.fromkeys(credit.name for credit in article.credits))
    credits_ = f'<p class="byline-credits">{esc(citing(leans))}</p>' if leans else ""
    return (
        f'<div class="byline-source" data-article="{esc(article.article_id)}">'
        f'<div class="byline-source-head">{origin_of(article)}'
        f'<span class="byline-chips">{chips}</span></div>'
        f"<h4>{_opener(article, marks)}</h4>{passages}{credits_}{reprints}"
        f"{_place_html(article)}</div>"
    )


def _opener(article: Article, marks: Mapping[str, str] | None = None) -> str:
    return (
        f'<button type="button" class="byline-open" dir="auto" {_opens(article, marks or {})}>'
        f"{esc(title_of(article))}</button>"
    )


def _place_html(article: Article) -> str:
    place = _link(article.url) if article.url else esc(place_of(article))
    return f'<p class="byline-place" dir="auto">{place}</p>' if place else ""


def _link(url: str) -> str:
    """A link for absolute http(s) addresses; anything else is shown as the text it is."""
    shown = esc(shortened(url, 80))
    if not is_web_url(url):
        return shown
    return f'<a href="{esc(url)}" target="_blank" rel="noopener noreferrer nofollow">{shown}</a>'


def _found_list(
    passages: Sequence[ScoredPassage], articles: Mapping[str, Article], *, is_open: bool = False
) -> str:
    if not passages:
        return ""
    cards = "".join(found_card(p, articles[p.passage.article_id]) for p in passages)
    head = esc(tr("Found, not cited ({n})", n=len(passages)))
    return (
        f'<details class="byline-rest"{" open" if is_open else ""}>'
        f"<summary>{head}</summary>{cards}</details>"
    )


def near_card(evidence: Evidence, article: Article) -> str:
    """Words that come near without answering: the article opens at them, no chip cites them."""
    # The marks of an article are numbered; this one stands alone in it, and for no citation.
    mark = f"1-{evidence.start}-{evidence.end}"
    label = tr(
        "{outlet}, {day}. Open the article; it does not answer",
        outlet=outlet_of(article),
        day=when(article),
    )
    return (
        f'<div class="byline-near"><div class="byline-source-head">{origin_of(article)}</div>'
        f'<button type="button" class="byline-open" dir="auto" aria-label="{esc(label)}" '
        f'data-article="{esc(article.article_id)}" data-revision="{article.revision}" '
        f'data-marks="{mark}" data-marker="1">'
        f"{esc(shortened(defused(' '.join(evidence.text.split())), 320))}</button>"
        f'<p class="byline-place" dir="auto">{esc(title_of(article))}</p></div>'
    )


def found_card(found: ScoredPassage, article: Article) -> str:
    """A passage that was found, cited by nothing; the title stands above it already."""
    text = found.passage.text.removeprefix(article.title or "").lstrip()
    return (
        f'<div class="byline-found"><div class="byline-source-head">{origin_of(article)}</div>'
        f"<h4>{_opener(article)}</h4>"
        f'<p dir="auto">{esc(shortened(defused(text or found.passage.text), 220))}</p></div>'
    )


def quote_html(text: str, differs: str = "") -> str:
    """A quotation, what others contradict in it set off; marks of its own are enough for it."""
    own = ' class="byline-own-marks"' if text[:1] in ('"', "“") else ""
    found = re.search(rf"(?<!\w){re.escape(differs)}(?!\w)", text) if differs else None
    start, end = found.span() if found else (0, 0)
    strong = f"<strong>{esc(text[start:end])}</strong>" if found else ""
    return f'<q dir="auto"{own}>{esc(text[:start])}{strong}{esc(text[end:])}</q>'


# --- an article ----------------------------------------------------------------------------------


def article_html(
    article: Article, citations: Sequence[Citation] = (), note: str = "", more: str = ""
) -> str:
    """The whole article; the cited words stand in ``mark[data-marker]``.

    ``more`` is markup, made of escaped pieces, that stands under its origins.
    """
    origin = [f"<li>{origin_of(article)}</li>"]
    if article.date_source and article.dated:
        dated_by = tr("Date from: {place}", place=article.date_source)
        origin.append(f"<li>{esc(dated_by)}</li>")
    if article.authors:
        by = tr("By {names}", names=", ".join(article.authors))
        origin.append(f"<li>{esc(by)}</li>")
    if place := (_link(article.url) if article.url else esc(place_of(article))):
        origin.append(f"<li><bdi>{place}</bdi></li>")
    told = f'<p class="byline-notice" role="status">{esc(note)}</p>' if note else ""
    body = _paragraphs_html(article.text, 0, citations, article.title)
    return (
        f'<header><h2 dir="auto">{_headline_html(article, citations)}</h2>'
        f'<ul class="byline-origins">{"".join(origin)}</ul>{more}{told}</header>'
        f'<div class="byline-body">{body}</div>'
    )


def _headline_html(article: Article, citations: Sequence[Citation]) -> str:
    """The title, with its marks where the text begins with it."""
    title = article.title
    if title and article.text.split("\n", 1)[0] == title:
        return marked_html(title, 0, citations)
    return esc(title_of(article))


def _paragraphs_html(
    text: str, start: int, citations: Sequence[Citation], title: str | None
) -> str:
    """Lines as paragraphs, without the title, which stands above them, at an article's start."""
    parts = []
    for line in text.split("\n"):
        is_title = start == 0 and line == title
        if line.strip() and not is_title:
            parts.append(f'<p dir="auto">{marked_html(line, start, citations)}</p>')
        start += len(line) + 1
    return "".join(parts)


def marked_html(text: str, start: int, citations: Sequence[Citation]) -> str:
    """Escaped text that begins at ``start`` of its article, with the cited words in marks.

    Where two citations overlap, their marks nest.
    """
    end = start + len(text)
    inside = [c for c in citations if c.evidence.start < end and c.evidence.end > start]
    cuts = {start, end}
    for c in inside:
        cuts |= {max(start, c.evidence.start), min(end, c.evidence.end)}
    edges = sorted(cuts)
    return "".join(
        _piece(text[a - start : b - start], [c.marker for c in inside if _spans(c, a, b)])
        for a, b in pairwise(edges)
    )


def _spans(citation: Citation, start: int, end: int) -> bool:
    return citation.evidence.start <= start and end <= citation.evidence.end


def _piece(text: str, markers: Sequence[int]) -> str:
    opened = "".join(f'<mark data-marker="{n}">' for n in markers)
    return f"{opened}{esc(text)}{'</mark>' * len(markers)}"
