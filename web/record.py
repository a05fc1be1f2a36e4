"""One article in the panel: as it was cited, as it was before, and what people can set right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.compare import compare
from rag.day_words import day_text
from rag.errors import ArticleMissing
from rag.i18n import msgid, tr
from rag.render import capitalized, outlet_of, title_of, when
from rag.render_diff import diff_html
from rag.render_html import article_html, esc
from rag.schema import Article, Citation, Evidence
from web.phrases import filled_html
from web.rows import FIELD_WORDS, field_word, only_html, origin_text
from web.stacks import gone_title

if TYPE_CHECKING:
    from rag.history import Gone
    from web.desk import Desk

MAX_MARKS = 200
_HINTS = {
    "authors": msgid("Names, with commas between them"),
    "language": msgid("Two letters: en"),
    "published_at": msgid("2026-01-29 or 2026-01-29T11:03-08:00"),
    "updated_at": msgid("2026-01-29 or 2026-01-29T11:03-08:00"),
}


# --- reading -------------------------------------------------------------------------------------


def view_html(
    desk: "Desk", article_id: str, revision: int | None, marks: str, *, may_edit: bool = True
) -> str:
    """An article, with ``marker-start-end`` marks of the revision that was cited.

    Raises:
        ArticleMissing: it is not there.
    """
    article = desk.article(article_id)
    cited = _revision(desk, article, revision)
    if cited is None:
        note = tr("This article has changed since it was cited; the words may have moved.")
        return article_html(article, note=note, more=_deeds_html(article, may_edit))
    changed = "" if cited.text == article.text else _changed_html(cited, article)
    return article_html(
        replace(cited, date_source=None),
        tuple(_citations(cited, marks)),
        more=_facts_html(cited) + _deeds_html(article, may_edit) + changed,
    )


def _deeds_html(article: Article, may_edit: bool) -> str:
    """What can be done with the article that is read."""
    wrong = tr("Wrong date?") if article.dated else tr("Set the date")
    field = "updated_at" if article.updated_at and not article.published_at else "published_at"
    ref = esc(article.article_id)
    edit = (
        f'<button type="button" class="byline-look" data-view="edit" data-article="{ref}" '
        f'data-focus="edit-{field}">{esc(wrong)}</button><button type="button" '
        f'class="byline-look" data-view="edit" data-article="{ref}">{esc(tr("Edit"))}</button>'
    )
    return f'<p class="byline-deeds">{only_html(article)}{edit if may_edit else ""}</p>'


def _revision(desk: "Desk", article: Article, revision: int | None) -> Article | None:
    if revision is None or revision == article.revision:
        return article
    kept = desk.revisions(article.article_id)
    return next((a for a in kept if a.revision == revision), None)


def _changed_html(cited: Article, article: Article) -> str:
    look = (
        '<button type="button" class="byline-look" data-view="changes" '
        f'data-article="{esc(article.article_id)}" data-revision="{cited.revision}">'
        f"{esc(tr('see what changed'))}</button>"
    )
    read = article.retrieved_at
    day = esc(day_text(read.date())) if read else ""
    told = (
        tr("As it was when it was cited. It has changed since on {day}: {look}")
        if day
        else tr("As it was when it was cited. It has changed since: {look}")
    )
    shown = filled_html(told, day=day, look=look)
    return f'<p class="byline-notice" role="status">{shown}</p>'


def _facts_html(article: Article) -> str:
    """Section, language, where the date comes from, and whom the article leans on."""
    origin = origin_text(article)
    facts = [
        (tr("Section: {name}"), article.section),
        (tr("Language: {name}"), article.language),
        (tr("Date: {name}"), origin),
    ]
    told = "".join(
        f"<li>{filled_html(text, name=f'<bdi>{esc(value)}</bdi>')}</li>"
        for text, value in facts
        if value
    )
    names = dict.fromkeys(credit.name for credit in article.credits)
    leans = "".join(f'<bdi class="byline-credit">{esc(name)}</bdi>' for name in names)
    tags = f'<p class="byline-credits">{esc(tr("Leans on:"))} {leans}</p>' if leans else ""
    return (f'<ul class="byline-facts">{told}</ul>' if told else "") + tags


def _citations(article: Article, marks: str) -> list[Citation]:
    found = []
    for mark in marks.split(",")[:MAX_MARKS]:
        numbers = [int(n) for n in mark.split("-") if n.isascii() and n.isdigit() and len(n) < 10]
        if len(numbers) == 3 and numbers[1] < numbers[2] <= len(article.text):
            marker, start, end = numbers
            evidence = Evidence(
                article_id=article.article_id, start=start, end=end, text=article.text[start:end]
            )
            found.append(Citation(marker=marker, evidence=evidence))
    return found


def gone_html(gone: "Gone") -> str:
    """What is told of an article that was taken out after it was cited."""
    title = gone_title(gone)
    outlet = f'<ul class="byline-origins"><li>{esc(gone.outlet)}</li></ul>' if gone.outlet else ""
    kept = (
        tr("Its text was kept only where answers quote it. It can be restored from the library.")
        if gone.status == "withdrawn"
        else tr("Nothing of it was kept but what answers quote.")
    )
    return (
        f'<header><h2 dir="auto">{esc(title)}</h2>{outlet}'
        f'<p class="byline-notice" role="status" dir="auto">{esc(_gone_text(gone))}</p>'
        f'<p class="byline-note">{esc(kept)}</p></header>'
    )


def _gone_text(gone: "Gone") -> str:
    day, is_withdrawn = day_text(gone.at.date()), gone.status == "withdrawn"
    if not gone.reason:
        return (
            tr("Withdrawn on {day}.", day=day) if is_withdrawn else tr("Removed on {day}.", day=day)
        )
    if is_withdrawn:
        return tr("Withdrawn on {day}: {reason}", day=day, reason=gone.reason)
    return tr("Removed on {day}: {reason}", day=day, reason=gone.reason)


# --- setting right -------------------------------------------------------------------------------


def edit_html(article: Article, corrected: Mapping[str, object]) -> str:
    """What an article says about itself, to be corrected."""
    fields = "".join(_field_html(article, name, name in corrected) for name in FIELD_WORDS)
    ref = esc(article.article_id)
    undo = (
        f'<button type="button" class="byline-act is-quiet" data-verb="uncorrect" '
        f'data-article="{ref}">{esc(tr("As the article said"))}</button>'
    )
    note = tr(
        "What you change here wins over every later reading of the article. Empty a field to say "
        "that it is not known."
    )
    return (
        f"{_headed(article)}"
        f'<form class="byline-form" data-verb="correct" data-article="{ref}">{fields}'
        f'<p class="byline-note">{esc(note)}</p><p class="byline-form-error" role="alert"></p>'
        '<p class="byline-form-row"><button type="submit" class="byline-do">'
        f"{esc(tr('Save'))}</button>{undo if corrected else ''}</p></form>"
    )


def _headed(article: Article) -> str:
    return (
        f'<header><h2 dir="auto">{esc(title_of(article))}</h2>'
        f'<ul class="byline-origins"><li>{esc(outlet_of(article))}</li>'
        f"<li>{esc(when(article))}</li></ul></header>"
    )


def _field_html(article: Article, name: str, is_corrected: bool) -> str:
    label, hint = esc(capitalized(field_word(name))), esc(tr(_HINTS.get(name, "")))
    by_hand = f' <span class="byline-by-hand">{esc(tr("set by hand"))}</span>'
    mark = by_hand if is_corrected else ""
    about = f'<span class="byline-hint" id="hint-{name}">{hint}</span>' if hint else ""
    described = f' aria-describedby="hint-{name}"' if hint else ""
    return (
        f'<label for="edit-{name}">{label}{mark}</label><input id="edit-{name}" name="{name}" '
        f'value="{esc(_shown(getattr(article, name)))}" maxlength="300" dir="auto" '
        f'autocomplete="off"{described}>{about}'
    )


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        is_day = not (moment.hour or moment.minute or moment.second)
        return moment.date().isoformat() if is_day else f"{moment:%Y-%m-%dT%H:%M%z}"
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")


def withdraw_html(article: Article) -> str:
    """The form that asks why an article is withdrawn."""
    note = tr(
        "It answers nothing from now on and is not taken in again. Where it was cited, the reason "
        "is told. You can restore it from the list of what is withdrawn."
    )
    return (
        f"{_headed(article)}"
        f'<form class="byline-form" data-verb="withdraw" data-article="{esc(article.article_id)}">'
        f'<label for="withdraw-reason">{esc(tr("Why"))}</label><textarea id="withdraw-reason" '
        'name="reason" rows="3" maxlength="300" dir="auto" '
        f'placeholder="{esc(tr("The outlet retracted it"))}"></textarea>'
        f'<p class="byline-note">{esc(note)}</p>'
        '<p class="byline-form-error" role="alert"></p><p class="byline-form-row">'
        f'<button type="submit" class="byline-do">{esc(tr("Withdraw"))}</button></p></form>'
    )


# --- what it was before --------------------------------------------------------------------------


def history_html(revisions: Sequence[Article]) -> str:
    """Every revision, the present one first, with what changed from the one before."""
    parts = [_revision_html(a, b, is_open=b is revisions[-1]) for a, b in pairwise(revisions)]
    first = tr("{revision}: first read", revision=_read_text(revisions[0]))
    begun = f'<section class="byline-revision"><h3>{esc(first)}</h3></section>'
    return _headed(revisions[-1]) + "".join(reversed(parts)) + begun


def _revision_html(old: Article, new: Article, *, is_open: bool) -> str:
    return (
        f'<section class="byline-revision"><details{" open" if is_open else ""}><summary><h3>'
        f"{esc(_what(old, new))}</h3></summary>{_diff_html(old, new)}</details></section>"
    )


def _read_text(article: Article) -> str:
    if article.retrieved_at is None:
        return tr("Revision {number}", number=article.revision)
    day = day_text(article.retrieved_at.date())
    return tr("Revision {number}, {day}", number=article.revision, day=day)


def _what(old: Article, new: Article) -> str:
    """The later revision, and which parts differ, in words."""
    names = [field_word(name) for name in FIELD_WORDS if getattr(old, name) != getattr(new, name)]
    if old.text != new.text:
        names.append(tr("text"))
    if not names:
        return tr("{revision}: nothing changed", revision=_read_text(new))
    return tr("{revision}: {fields} changed", revision=_read_text(new), fields=", ".join(names))


def changes_html(old: Article, new: Article) -> str:
    """What changed from the revision that was cited to the present one."""
    return _headed(new) + _diff_html(old, new)


def _diff_html(old: Article, new: Article) -> str:
    """Two revisions against each other: the fields that differ, then the text word by word."""
    unknown = esc(tr("not known"))
    rows = "".join(
        f'<tr><th scope="row">{esc(capitalized(label))}</th>'
        f'<td dir="auto"><del>{esc(a) or unknown}</del></td>'
        f'<td dir="auto"><ins>{esc(b) or unknown}</ins></td></tr>'
        for label, a, b in (
            (field_word(name), _shown(getattr(old, name)), _shown(getattr(new, name)))
            for name in FIELD_WORDS
        )
        if a != b
    )
    table = f'<table class="byline-fields"><tbody>{rows}</tbody></table>' if rows else ""
    if rows and old.text == new.text:
        return table
    return table + diff_html(compare(old.text, new.text))


def missing(desk: "Desk", article_id: str, error: ArticleMissing) -> str:
    """What the panel tells instead of an article that was taken out.

    Raises:
        ArticleMissing: it never was here.
    """
    gone = desk.gone(article_id)
    if gone is None:
        raise error
    return gone_html(gone)
