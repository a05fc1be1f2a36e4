"""The library as a table: where each article comes from, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.browse import Listing, Only, Sort, View
from rag.day_words import day_text
from rag.i18n import msgid, number, tr, trn
from rag.render import NO_OUTLET
from rag.render_html import esc
from web.phrases import filled_html
from web.rows import row_html

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


def library_html(listing: Listing, view: View, *, may_edit: bool = True) -> str:
    """A screenful of articles, with what chooses and turns over.

    Whoever may not edit is shown no buttons that would be refused.
    """
    if not listing.n_total:
        is_searched = bool(view.search.strip() or view.group_of)
        told = _no_match_html() if is_searched else _empty_html(view.only, may_edit)
        empty = f'<div class="byline-empty">{told}</div>'
        return _shelf_html(view.only, view, empty, may_edit=may_edit)
    rows = "".join(row_html(row, may_edit=may_edit) for row in listing.rows)
    told = (
        _count_html(listing, view)
        + _pages_html(listing, view, tr("Pages of the library"), "pages")
        + _selected_html(may_edit=may_edit)
        + skip_html(tr("Skip the articles"))
        + _table_html(rows, view)
        + SKIPPED
        + _pages_html(listing, view, tr("Pages of the library, below it"), "pages-below")
    )
    return _shelf_html(view.only, view, told, may_edit=may_edit)


# Where ``skip_html`` leads: the first place after what is skipped.
SKIPPED = '<span class="byline-skipped" data-key="skipped" tabindex="-1"></span>'


def skip_html(label: str) -> str:
    """A button that is seen when it has the focus: it leads past a list of many buttons."""
    return f'<button type="button" class="byline-skip" data-key="skip">{esc(label)}</button>'


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
    about = esc(tr("Library"))
    table = f'<table class="byline-library has-picks" aria-label="{about}">'
    return f"{table}{head}<tbody>{rows}</tbody></table>"


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
        f'<tr data-key="{esc(gone.article_id)}"><td data-column="article">'
        f'<strong class="byline-gone" dir="auto">{esc(title)}</strong>'
        f'<span class="byline-place">{esc(place) if place != title else ""}</span>'
        f"{restore if may_edit else ''}</td>"
        f'<td data-column="outlet"><bdi>{esc(gone.outlet or tr(NO_OUTLET))}</bdi></td>'
        f'<td data-column="withdrawn">{esc(day_text(gone.at.date()))}</td>'
        f'<td data-column="reason" dir="auto">{esc(reason)}</td></tr>'
    )
