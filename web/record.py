"""One article in the panel: as it was cited, as it was before, and what people can set right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.compare import compare
from rag.day_words import day_text
from rag.errors import ArticleMissing
from rag.render import capitalized, outlet_of, title_of, when
from rag.render_diff import diff_html
from rag.render_html import article_html, esc
from rag.schema import Article, Citation, Evidence
from web.stacks import FIELD_WORDS, gone_title, only_html, origin_text

if TYPE_CHECKING:
    from rag.history import Gone
    from web.desk import Desk

MAX_MARKS = 200
_HINTS = {
    "authors": "Names, with commas between them",
    "language": "Two letters: en",
    "published_at": "2026-01-29 or 2026-01-29T11:03-08:00",
    "updated_at": "2026-01-29 or 2026-01-29T11:03-08:00",
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
        note = "This article has changed since it was cited; the words may have moved."
        return article_html(article, note=note, more=_deeds_html(article, may_edit))
    changed = "" if cited.text == article.text else _changed_html(cited, article)
    return article_html(
        replace(cited, date_source=None),
        tuple(_citations(cited, marks)),
        more=_facts_html(cited) + _deeds_html(article, may_edit) + changed,
    )


def _deeds_html(article: Article, may_edit: bool) -> str:
    """What can be done with the article that is read."""
    wrong = "Wrong date?" if article.dated else "Set the date"
    field = "updated_at" if article.updated_at and not article.published_at else "published_at"
    ref = esc(article.article_id)
    edit = (
        f'<button type="button" class="byline-look" data-view="edit" data-article="{ref}" '
        f'data-focus="edit-{field}">{wrong}</button><button type="button" class="byline-look" '
        f'data-view="edit" data-article="{ref}">Edit</button>'
    )
    return f'<p class="byline-deeds">{only_html(article)}{edit if may_edit else ""}</p>'


def _revision(desk: "Desk", article: Article, revision: int | None) -> Article | None:
    if revision is None or revision == article.revision:
        return article
    kept = desk.revisions(article.article_id)
    return next((a for a in kept if a.revision == revision), None)


def _changed_html(cited: Article, article: Article) -> str:
    read = article.retrieved_at
    since = f" on {day_text(read.date())}" if read else ""
    return (
        f'<p class="byline-notice" role="status">As it was when it was cited. It has changed '
        f'since{esc(since)}: <button type="button" class="byline-look" data-view="changes" '
        f'data-article="{esc(article.article_id)}" data-revision="{cited.revision}">'
        "see what changed</button></p>"
    )


def _facts_html(article: Article) -> str:
    """Section, language, where the date comes from, and whom the article leans on."""
    origin = origin_text(article)
    facts = [
        ("Section", article.section),
        ("Language", article.language),
        ("Date", origin),
    ]
    told = "".join(f"<li>{label}: <bdi>{esc(value)}</bdi></li>" for label, value in facts if value)
    names = dict.fromkeys(credit.name for credit in article.credits)
    leans = "".join(f'<bdi class="byline-credit">{esc(name)}</bdi>' for name in names)
    tags = f'<p class="byline-credits">Leans on: {leans}</p>' if leans else ""
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
    reason = f": {gone.reason}" if gone.reason else "."
    told = f"{capitalized(gone.status)} on {day_text(gone.at.date())}{reason}"
    outlet = f'<ul class="byline-origins"><li>{esc(gone.outlet)}</li></ul>' if gone.outlet else ""
    kept = (
        "Its text was kept only where answers quote it. It can be restored from the library."
        if gone.status == "withdrawn"
        else "Nothing of it was kept but what answers quote."
    )
    return (
        f'<header><h2 dir="auto">{esc(title)}</h2>{outlet}'
        f'<p class="byline-notice" role="status" dir="auto">{esc(told)}</p>'
        f'<p class="byline-note">{kept}</p></header>'
    )


# --- setting right -------------------------------------------------------------------------------


def edit_html(article: Article, corrected: Mapping[str, object]) -> str:
    """What an article says about itself, to be corrected."""
    fields = "".join(_field_html(article, name, name in corrected) for name in FIELD_WORDS)
    ref = esc(article.article_id)
    undo = (
        f'<button type="button" class="byline-act is-quiet" data-verb="uncorrect" '
        f'data-article="{ref}">As the article said</button>'
    )
    return (
        f"{_headed(article)}"
        f'<form class="byline-form" data-verb="correct" data-article="{ref}">{fields}'
        '<p class="byline-note">What you change here wins over every later reading of the article.'
        ' Empty a field to say that it is not known.</p><p class="byline-form-error" role="alert">'
        '</p><p class="byline-form-row"><button type="submit" class="byline-do">Save</button>'
        f"{undo if corrected else ''}</p></form>"
    )


def _headed(article: Article) -> str:
    return (
        f'<header><h2 dir="auto">{esc(title_of(article))}</h2>'
        f'<ul class="byline-origins"><li>{esc(outlet_of(article))}</li>'
        f"<li>{esc(when(article))}</li></ul></header>"
    )


def _field_html(article: Article, name: str, is_corrected: bool) -> str:
    label, hint = capitalized(FIELD_WORDS[name]), _HINTS.get(name, "")
    mark = ' <span class="byline-by-hand">set by hand</span>' if is_corrected else ""
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
    return (
        f"{_headed(article)}"
        f'<form class="byline-form" data-verb="withdraw" data-article="{esc(article.article_id)}">'
        '<label for="withdraw-reason">Why</label><textarea id="withdraw-reason" name="reason" '
        'rows="3" maxlength="300" dir="auto" placeholder="The outlet retracted it"></textarea>'
        '<p class="byline-note">It answers nothing from now on and is not taken in again. Where it '
        "was cited, the reason is told. You can restore it from the list of what is withdrawn.</p>"
        '<p class="byline-form-error" role="alert"></p><p class="byline-form-row">'
        '<button type="submit" class="byline-do">Withdraw</button></p></form>'
    )


# --- what it was before --------------------------------------------------------------------------


def history_html(revisions: Sequence[Article]) -> str:
    """Every revision, the present one first, with what changed from the one before."""
    parts = [_revision_html(a, b, is_open=b is revisions[-1]) for a, b in pairwise(revisions)]
    first = revisions[0]
    begun = f'<section class="byline-revision"><h3>{_read_text(first)}: first read</h3></section>'
    return _headed(revisions[-1]) + "".join(reversed(parts)) + begun


def _revision_html(old: Article, new: Article, *, is_open: bool) -> str:
    return (
        f'<section class="byline-revision"><details{" open" if is_open else ""}><summary><h3>'
        f"{_read_text(new)}: {esc(_what(old, new))}</h3></summary>{_diff_html(old, new)}</details>"
        "</section>"
    )


def _read_text(article: Article) -> str:
    day = f", {day_text(article.retrieved_at.date())}" if article.retrieved_at else ""
    return f"Revision {article.revision}{day}"


def _what(old: Article, new: Article) -> str:
    """Which parts differ, in words."""
    names = [
        label for name, label in FIELD_WORDS.items() if getattr(old, name) != getattr(new, name)
    ]
    if old.text != new.text:
        names.append("text")
    return f"{', '.join(names)} changed" if names else "nothing changed"


def changes_html(old: Article, new: Article) -> str:
    """What changed from the revision that was cited to the present one."""
    return _headed(new) + _diff_html(old, new)


def _diff_html(old: Article, new: Article) -> str:
    """Two revisions against each other: the fields that differ, then the text word by word."""
    rows = "".join(
        f'<tr><th scope="row">{capitalized(label)}</th><td dir="auto"><del>{esc(a) or "not known"}'
        f'</del></td><td dir="auto"><ins>{esc(b) or "not known"}</ins></td></tr>'
        for label, a, b in (
            (label, _shown(getattr(old, name)), _shown(getattr(new, name)))
            for name, label in FIELD_WORDS.items()
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
