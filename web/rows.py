"""One article as a row of the library: where it comes from, what became of it, what can be done."""

from rag.browse import Listed
from rag.day_words import day_text
from rag.i18n import msgid, tr
from rag.render import outlet_of, place_of, reprints_text, title_of, when
from rag.render_html import esc
from rag.schema import Article

_ORIGINS = {
    "field": msgid("from its date field"),
    "json-ld": msgid("from the page’s metadata"),
    "meta": msgid("from the page’s metadata"),
    "feed": msgid("from the feed"),
    "byline": msgid("from its byline"),
    "updated line": msgid("from its “updated” line"),
    "dateline": msgid("from its dateline"),
    "url": msgid("from the address"),
    "corrected": msgid("set by hand"),
}
FIELD_WORDS = {
    "title": msgid("title"),
    "outlet": msgid("outlet"),
    "authors": msgid("authors"),
    "section": msgid("section"),
    "language": msgid("language"),
    "published_at": msgid("published"),
    "updated_at": msgid("updated"),
}


def row_html(listed: Listed, *, may_edit: bool) -> str:
    """A row of the table, with the buttons of one article."""
    article = listed.article
    title, place = title_of(article), place_of(article)
    origin = origin_text(article)
    ref = esc(article.article_id)
    return (
        f'<tr data-key="{ref}"><td class="byline-picks"><input type="checkbox" '
        f'class="byline-pick" data-article="{ref}" data-title="{esc(title)}" '
        f'aria-label="{esc(tr("Select {title}", title=title))}"></td>'
        f'<td data-column="article">'
        f'<button type="button" class="byline-open" dir="auto" '
        f'data-article="{esc(article.article_id)}">{esc(title)}</button>'
        f'<span class="byline-place"><bdi>{esc(place) if place != title else ""}</bdi></span>'
        f'<span class="byline-deeds">{_deeds_html(article, title, may_edit)}</span></td>'
        f'<td data-column="outlet"{_missing(article.outlet)}>'
        f"<bdi>{esc(outlet_of(article))}</bdi></td>"
        f'<td data-column="date"{_missing(article.dated)}><bdi>{esc(when(article))}</bdi>'
        f'<span class="byline-place">{esc(origin)}</span></td>'
        f'<td data-column="status">{_status_html(listed, may_edit)}</td></tr>'
    )


def _missing(value: object) -> str:
    """Marks the cell of what is not known, to be told apart at a glance."""
    return "" if value else ' class="is-unknown"'


def origin_text(article: Article) -> str:
    """Where the date was found, and how sure that is unless it is: "low: from the address"."""
    if not article.dated or not article.date_source:
        return ""
    source = article.date_source
    told = tr(_ORIGINS[source]) if source in _ORIGINS else tr("from {source}", source=source)
    if article.date_confidence == "low":
        return tr("low: {origin}", origin=told)
    return tr("medium: {origin}", origin=told) if article.date_confidence == "medium" else told


def _status_html(listed: Listed, may_edit: bool) -> str:
    """What is to be known of an article besides its origin; nothing for most."""
    article = listed.article
    told = []
    if listed.group_size > 1:
        told.append(
            f'<button type="button" class="byline-same" data-article="{esc(article.article_id)}">'
            f"{esc(reprints_text(listed.group_size))}</button>"
        )
    if listed.is_changed:
        told.append(_look(article, "history", _changed_text(article)))
    if listed.corrected:
        names = ", ".join(field_word(name) for name in FIELD_WORDS if name in listed.corrected)
        fact = tr("Corrected: {fields}", fields=names)
        told.append(_look(article, "edit", fact) if may_edit else esc(fact))
    moment = None if listed.is_changed else article.retrieved_at
    read = tr("read {day}", day=day_text(moment.date())) if moment else ""
    state = tr("Live") if article.status == "live" else tr("Withdrawn")
    status = f'<span class="byline-plain">{esc(state)}</span>'
    tags = "".join(f'<span class="byline-tag">{one}</span>' for one in told)
    return f'{tags or status}<span class="byline-place">{esc(read)}</span>'


def _changed_text(article: Article) -> str:
    since = article.retrieved_at
    return tr("Changed on {day}", day=day_text(since.date())) if since else tr("Changed")


def field_word(name: str) -> str:
    """A field as people call it."""
    return tr(FIELD_WORDS.get(name, name))


def _look(article: Article, view: str, label: str, spoken: str = "") -> str:
    """A button that opens the panel on one side of an article."""
    aria = f' aria-label="{esc(spoken)}"' if spoken else ""
    return (
        f'<button type="button" class="byline-look" data-view="{view}" data-key="{view}" '
        f'data-article="{esc(article.article_id)}"{aria}>{esc(label)}</button>'
    )


def only_html(article: Article) -> str:
    """The button that limits the next question to one article."""
    title = title_of(article)
    return (
        f'<button type="button" class="byline-only" data-key="only" data-title="{esc(title)}" '
        f'data-article="{esc(article.article_id)}" '
        f'aria-label="{esc(tr("Ask only {title}", title=title))}">'
        f"{esc(tr('Ask only this'))}</button>"
    )


def _deeds_html(article: Article, title: str, may_edit: bool) -> str:
    history = _look(article, "history", tr("History"), tr("History of {title}", title=title))
    looks = only_html(article) + (history if article.revision > 1 else "")
    if not may_edit:
        return looks
    edit = _look(article, "edit", tr("Edit"), tr("Edit {title}", title=title))
    withdraw = _look(article, "withdraw", tr("Withdraw"), tr("Withdraw {title}", title=title))
    return (
        f'{looks}{edit}{withdraw}<button type="button" class="byline-remove" data-key="remove" '
        f'data-article="{esc(article.article_id)}" '
        f'aria-label="{esc(tr("Remove {title}", title=title))}">{esc(tr("Remove"))}</button>'
    )
