"""The library as a table: where each article comes from, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.browse import Listed, Listing, Only, Sort, View
from rag.day_words import day_text
from rag.i18n import msgid, number, tr, trn
from rag.render import (
    NO_OUTLET,
    outlet_of,
    place_of,
    reprints_text,
    title_of,
    when,
)
from rag.render_html import esc
from rag.schema import Article
from web.phrases import filled_html

if TYPE_CHECKING:
    from rag.history import Gone

CHIPS: Mapping[str, str] = {
    "all": msgid("All"),
    "undated": msgid("Undated"),
    "changed": msgid("Changed"),
    "reprints": msgid("Reprints"),
    "corrected": msgid("Corrected"),
    "withdrawn": msgid("Withdrawn"),
}
SORTS: Mapping[str, tuple[Sort, bool]] = {
    "added": ("added", True),
    "added-first": ("added", False),
    "title": ("title", False),
    "title-last": ("title", True),
    "outlet": ("outlet", False),
    "outlet-last": ("outlet", True),
    "date": ("date", True),
    "date-first": ("date", False),
}
_SORT_WORDS = {
    "added": msgid("Added last"),
    "added-first": msgid("Added first"),
    "title": msgid("Title, A to Z"),
    "title-last": msgid("Title, Z to A"),
    "outlet": msgid("Outlet, A to Z"),
    "outlet-last": msgid("Outlet, Z to A"),
    "date": msgid("Newest date"),
    "date-first": msgid("Oldest date"),
}
_EMPTY: Mapping[Only, str] = {
    "all": msgid("No articles yet. Add some on this page."),
    "undated": msgid("Every article has a date."),
    "changed": msgid("No article has changed since it came in."),
    "reprints": msgid("No two articles are copies of one text."),
    "corrected": msgid("Nothing was corrected by hand."),
}
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


def library_html(listing: Listing, view: View, *, may_edit: bool = True) -> str:
    """A screenful of articles, with what chooses and turns over.

    Whoever may not edit is shown no buttons that would be refused.
    """
    if not listing.n_total:
        is_searched = bool(view.search.strip() or view.group_of)
        told = _no_match_html() if is_searched else _empty_html(view.only, may_edit)
        empty = f'<div class="byline-empty">{told}</div>'
        return _shelf_html(view.only, view, empty, may_edit=may_edit)
    rows = "".join(_row_html(row, may_edit=may_edit) for row in listing.rows)
    told = (
        _count_html(listing, view)
        + _pages_html(listing, view, tr("Pages of the library"), "pages")
        + _selected_html(may_edit=may_edit)
        + _table_html(rows, view)
        + _pages_html(listing, view, tr("Pages of the library, below it"), "pages-below")
    )
    return _shelf_html(view.only, view, told, may_edit=may_edit)


def _empty_html(only: Only, may_edit: bool) -> str:
    told = tr("No articles yet.") if only == "all" and not may_edit else tr(_EMPTY[only])
    return f"<p>{esc(told)}</p>"


def _no_match_html() -> str:
    return (
        f'<p>{esc(tr("No article matches."))}</p><p><button type="button" '
        f'class="byline-all-again">{esc(tr("Show all articles"))}</button></p>'
    )


def withdrawn_html(gone: Sequence["Gone"], view: View, *, may_edit: bool = True) -> str:
    """The articles that were withdrawn, latest first."""
    words = view.search.casefold().split()
    found = [g for g in gone if all(word in _names(g) for word in words)]
    if not found:
        told = _no_match_html() if gone else f"<p>{esc(tr('Nothing is withdrawn.'))}</p>"
        empty = f'<div class="byline-empty">{told}</div>'
        return _shelf_html("withdrawn", view, empty, may_edit=may_edit)
    shown = found[view.offset : view.offset + view.limit]
    rows = "".join(_gone_html(g, may_edit=may_edit) for g in shown)
    names = (tr("Article"), tr("Outlet"), tr("Withdrawn"), tr("Reason"))
    head = _head_html([(name, "") for name in names], view)
    table = f'<table class="byline-library">{head}<tbody>{rows}</tbody></table>'
    return _shelf_html("withdrawn", view, table, may_edit=may_edit)


def _names(gone: "Gone") -> str:
    return " ".join(filter(None, (gone.title, gone.outlet, gone.path or gone.url))).casefold()


def _shelf_html(only: str, view: View, body: str, *, may_edit: bool) -> str:
    chips = "".join(
        f'<button type="button" class="byline-chip" data-key="{name}" data-only="{name}" '
        f'aria-pressed="{"true" if name == only and not view.group_of else "false"}">'
        f"{esc(tr(label))}</button>"
        for name, label in CHIPS.items()
    )
    chosen = _sort_name(view)
    options = "".join(
        f'<option value="{name}"{" selected" if name == chosen else ""}>{esc(tr(words))}</option>'
        for name, words in _SORT_WORDS.items()
    )
    sort = (
        f'<label class="byline-sort">{esc(tr("Sort"))} <select data-sort>{options}</select></label>'
    )
    return (
        f'<div class="byline-shelf" data-may-edit="{"yes" if may_edit else "no"}">'
        '<div class="byline-sieve" data-key="sieve">'
        f'<div class="byline-chipset" role="group" aria-label="{esc(tr("Show only"))}">'
        f"{chips}</div>"
        f"{'' if only == 'withdrawn' else sort}</div>{body}</div>"
    )


def _sort_name(view: View) -> str:
    return next(name for name, way in SORTS.items() if way == (view.sort, view.backwards))


def _count_html(listing: Listing, view: View) -> str:
    is_part = listing.n_total > len(listing.rows)
    if not (is_part or view.search.strip() or view.only != "all" or view.group_of):
        return ""
    told = trn("{n} article", "{n} articles", listing.n_total)
    if is_part:
        shown = f"{number(view.offset + 1)}–{number(view.offset + len(listing.rows))}"
        told = tr("{shown} of {articles}", shown=shown, articles=told)
    if view.group_of:
        told = tr("{articles}, copies of one text", articles=told)
    return f'<p class="byline-count" role="status">{esc(told)}</p>'


def _selected_html(*, may_edit: bool) -> str:
    """What can be done with the selected; the script shows it while there are any."""
    withdraw = esc(tr("Withdraw"))
    change = (
        f'<button type="button" class="byline-bulk" data-bulk="withdraw">{withdraw}</button>'
        '<button type="button" class="byline-bulk" data-bulk="remove">'
        f"{esc(tr('Remove'))}</button>"
        if may_edit
        else ""
    )
    reason = (
        f'<form class="byline-why" hidden><label>{esc(tr("Why"))} <input name="reason" '
        'maxlength="300" dir="auto" autocomplete="off" '
        f'placeholder="{esc(tr("The outlet retracted them"))}"></label>'
        f'<button type="submit" class="byline-do">{withdraw}</button></form>'
        if may_edit
        else ""
    )
    return (
        '<div class="byline-selected" data-key="selected" data-still hidden>'
        '<output></output><button type="button" class="byline-bulk" data-bulk="ask">'
        f"{esc(tr('Ask only these'))}</button>{change}"
        '<button type="button" class="byline-bulk" data-bulk="none">'
        f"{esc(tr('Clear'))}</button>{reason}</div>"
    )


def _table_html(rows: str, view: View) -> str:
    columns = (
        (tr("Article"), "title"),
        (tr("Outlet"), "outlet"),
        (tr("Date"), "date"),
        (tr("Status"), ""),
    )
    pick = (
        '<th scope="col" class="byline-picks"><input type="checkbox" class="byline-pick-all" '
        f'aria-label="{esc(tr("Select all that are shown"))}"></th>'
    )
    head = _head_html(columns, view).replace("<tr>", f"<tr>{pick}", 1)
    return f'<table class="byline-library has-picks">{head}<tbody>{rows}</tbody></table>'


def _head_html(columns: Iterable[tuple[str, str]], view: View) -> str:
    cells = "".join(_column_html(label, sort, view) for label, sort in columns)
    return f"<thead><tr>{cells}</tr></thead>"


def _column_html(label: str, sort: str, view: View) -> str:
    if not sort:
        return f'<th scope="col">{esc(label)}</th>'
    named = _sort_name(view)
    is_on = named in (sort, f"{sort}-last", f"{sort}-first")
    way = ("descending" if view.backwards else "ascending") if is_on else "none"
    other = {"date": "date-first"}.get(sort, f"{sort}-last") if named == sort else sort
    return (
        f'<th scope="col" aria-sort="{way}"><button type="button" class="byline-by" '
        f'data-sort="{other}">{esc(label)}</button></th>'
    )


def _pages_html(listing: Listing, view: View, label: str, key: str) -> str:
    """Above and below the table, for a page of it is long; any page can be typed."""
    if listing.n_total <= view.limit:
        return ""
    before, after = view.offset - view.limit, view.offset + view.limit
    n_pages = -(-listing.n_total // view.limit)
    page = (
        f'<input class="byline-page-at" type="number" min="1" max="{n_pages}" inputmode="numeric" '
        f'value="{view.offset // view.limit + 1}" data-limit="{view.limit}">'
    )
    at = filled_html(tr("Page {page} of {n_pages}"), page=page, n_pages=number(n_pages))
    return (
        f'<nav class="byline-pages" data-key="{key}" aria-label="{esc(label)}">'
        f"{_turn_html(before, 'Previous', tr('Previous'), before >= 0)}"
        f"<label>{at}</label>"
        f"{_turn_html(after, 'Next', tr('Next'), after < listing.n_total)}</nav>"
    )


def _turn_html(offset: int, key: str, label: str, is_there: bool) -> str:
    off = "" if is_there else " disabled"
    return (
        f'<button type="button" class="byline-turn-page" data-key="{key}" '
        f'data-offset="{offset}"{off}>{esc(label)}</button>'
    )


# --- a row ---------------------------------------------------------------------------------------


def _row_html(listed: Listed, *, may_edit: bool) -> str:
    article = listed.article
    title, place = title_of(article), place_of(article)
    origin = origin_text(article)
    ref = esc(article.article_id)
    return (
        f'<tr data-key="{ref}"><td class="byline-picks"><input type="checkbox" '
        f'class="byline-pick" data-article="{ref}" data-title="{esc(title)}" '
        f'aria-label="{esc(tr("Select {title}", title=title))}"></td>'
        f'<td data-label="{esc(tr("Article"))}">'
        f'<button type="button" class="byline-open" dir="auto" '
        f'data-article="{esc(article.article_id)}">{esc(title)}</button>'
        f'<span class="byline-place"><bdi>{esc(place) if place != title else ""}</bdi></span>'
        f'<span class="byline-deeds">{_deeds_html(article, title, may_edit)}</span></td>'
        f'<td data-label="{esc(tr("Outlet"))}"{_missing(article.outlet)}>'
        f"<bdi>{esc(outlet_of(article))}</bdi></td>"
        f'<td data-label="{esc(tr("Date"))}"{_missing(article.dated)}>{esc(when(article))}'
        f'<span class="byline-place">{esc(origin)}</span></td>'
        f'<td data-label="{esc(tr("Status"))}">{_status_html(listed, may_edit)}</td></tr>'
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
    return tr("Changed since {day}", day=day_text(since.date())) if since else tr("Changed")


FIELD_WORDS = {
    "title": msgid("title"),
    "outlet": msgid("outlet"),
    "authors": msgid("authors"),
    "section": msgid("section"),
    "language": msgid("language"),
    "published_at": msgid("published"),
    "updated_at": msgid("updated"),
}


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


def gone_title(gone: "Gone") -> str:
    """What an article was called that was taken out: its title, file or address."""
    name = Path(gone.path).name if gone.path else gone.url
    return gone.title or name or tr("This article")


def _gone_html(gone: "Gone", *, may_edit: bool) -> str:
    title = gone_title(gone)
    restore = (
        '<span class="byline-deeds"><button type="button" class="byline-act" data-key="restore" '
        f'data-verb="restore" data-article="{esc(gone.article_id)}" '
        f'aria-label="{esc(tr("Restore {title}", title=title))}">{esc(tr("Restore"))}</button>'
        "</span>"
    )
    place = gone.url or gone.path or ""
    reason = gone.reason or tr("no reason given")
    return (
        f'<tr data-key="{esc(gone.article_id)}"><td data-label="{esc(tr("Article"))}">'
        f'<strong class="byline-gone" dir="auto">{esc(title)}</strong>'
        f'<span class="byline-place">{esc(place) if place != title else ""}</span>'
        f"{restore if may_edit else ''}</td>"
        f'<td data-label="{esc(tr("Outlet"))}"><bdi>{esc(gone.outlet or tr(NO_OUTLET))}</bdi></td>'
        f'<td data-label="{esc(tr("Withdrawn"))}">{esc(day_text(gone.at.date()))}</td>'
        f'<td data-label="{esc(tr("Reason"))}" dir="auto">{esc(reason)}</td></tr>'
    )
