"""The library as a table: where each article comes from, and what became of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.browse import Listed, Listing, Only, Sort, View
from rag.day_words import day_text
from rag.render import (
    NO_OUTLET,
    capitalized,
    outlet_of,
    place_of,
    reprints_text,
    title_of,
    when,
)
from rag.render_html import esc
from rag.schema import Article

if TYPE_CHECKING:
    from rag.history import Gone

CHIPS: Mapping[str, str] = {
    "all": "All",
    "undated": "Undated",
    "changed": "Changed",
    "reprints": "Reprints",
    "corrected": "Corrected",
    "withdrawn": "Withdrawn",
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
    "added": "Added last",
    "added-first": "Added first",
    "title": "Title, A to Z",
    "title-last": "Title, Z to A",
    "outlet": "Outlet, A to Z",
    "outlet-last": "Outlet, Z to A",
    "date": "Newest date",
    "date-first": "Oldest date",
}
_EMPTY: Mapping[Only, str] = {
    "all": "No articles yet. Add some on this page.",
    "undated": "Every article has a date.",
    "changed": "No article has changed since it came in.",
    "reprints": "No two articles are copies of one text.",
    "corrected": "Nothing was corrected by hand.",
}
_NO_MATCH = (
    '<p>No article matches.</p><p><button type="button" class="byline-all-again">'
    "Show all articles</button></p>"
)
_ORIGINS = {
    "field": "from its date field",
    "json-ld": "from the page’s metadata",
    "meta": "from the page’s metadata",
    "feed": "from the feed",
    "byline": "from its byline",
    "updated line": "from its “updated” line",
    "dateline": "from its dateline",
    "url": "from the address",
    "corrected": "set by hand",
}


def library_html(listing: Listing, view: View, *, may_edit: bool = True) -> str:
    """A screenful of articles, with what chooses and turns over.

    Whoever may not edit is shown no buttons that would be refused.
    """
    if not listing.n_total:
        is_searched = bool(view.search.strip() or view.group_of)
        told = _NO_MATCH if is_searched else f"<p>{_empty_text(view.only, may_edit)}</p>"
        empty = f'<div class="byline-empty">{told}</div>'
        return _shelf_html(view.only, view, empty, may_edit=may_edit)
    rows = "".join(_row_html(row, may_edit=may_edit) for row in listing.rows)
    told = (
        _count_html(listing, view)
        + _selected_html(may_edit=may_edit)
        + _table_html(rows, view)
        + _pages_html(listing, view)
    )
    return _shelf_html(view.only, view, told, may_edit=may_edit)


def _empty_text(only: Only, may_edit: bool) -> str:
    return "No articles yet." if only == "all" and not may_edit else _EMPTY[only]


def withdrawn_html(gone: Sequence["Gone"], view: View, *, may_edit: bool = True) -> str:
    """The articles that were withdrawn, latest first."""
    words = view.search.casefold().split()
    found = [g for g in gone if all(word in _names(g) for word in words)]
    if not found:
        told = _NO_MATCH if gone else "<p>Nothing is withdrawn.</p>"
        empty = f'<div class="byline-empty">{told}</div>'
        return _shelf_html("withdrawn", view, empty, may_edit=may_edit)
    shown = found[view.offset : view.offset + view.limit]
    rows = "".join(_gone_html(g, may_edit=may_edit) for g in shown)
    head = _head_html({"Article": "", "Outlet": "", "Withdrawn": "", "Reason": ""}, view)
    table = f'<table class="byline-library">{head}<tbody>{rows}</tbody></table>'
    return _shelf_html("withdrawn", view, table, may_edit=may_edit)


def _names(gone: "Gone") -> str:
    return " ".join(filter(None, (gone.title, gone.outlet, gone.path or gone.url))).casefold()


def _shelf_html(only: str, view: View, body: str, *, may_edit: bool) -> str:
    chips = "".join(
        f'<button type="button" class="byline-chip" data-key="{name}" data-only="{name}" '
        f'aria-pressed="{"true" if name == only and not view.group_of else "false"}">'
        f"{label}</button>"
        for name, label in CHIPS.items()
    )
    chosen = _sort_name(view)
    options = "".join(
        f'<option value="{name}"{" selected" if name == chosen else ""}>{words}</option>'
        for name, words in _SORT_WORDS.items()
    )
    sort = f'<label class="byline-sort">Sort <select data-sort>{options}</select></label>'
    return (
        f'<div class="byline-shelf" data-may-edit="{"yes" if may_edit else "no"}">'
        '<div class="byline-sieve" data-key="sieve">'
        f'<div class="byline-chipset" role="group" aria-label="Show only">{chips}</div>'
        f"{'' if only == 'withdrawn' else sort}</div>{body}</div>"
    )


def _sort_name(view: View) -> str:
    return next(name for name, way in SORTS.items() if way == (view.sort, view.backwards))


def _count_html(listing: Listing, view: View) -> str:
    first, last = view.offset + 1, view.offset + len(listing.rows)
    noun = "article" if listing.n_total == 1 else "articles"
    of = f"{first:,}–{last:,} of " if listing.n_total > len(listing.rows) else ""
    same = ", copies of one text" if view.group_of else ""
    return (
        f'<p class="byline-count" role="status">{of}{listing.n_total:,} {noun}{same}</p>'
        if of or view.search.strip() or view.only != "all" or same
        else ""
    )


def _selected_html(*, may_edit: bool) -> str:
    """What can be done with the selected; the script shows it while there are any."""
    change = (
        '<button type="button" class="byline-bulk" data-bulk="withdraw">Withdraw</button>'
        '<button type="button" class="byline-bulk" data-bulk="remove">Remove</button>'
        if may_edit
        else ""
    )
    reason = (
        '<form class="byline-why" hidden><label>Why <input name="reason" maxlength="300" '
        'dir="auto" autocomplete="off" placeholder="The outlet retracted them"></label>'
        '<button type="submit" class="byline-do">Withdraw</button></form>'
        if may_edit
        else ""
    )
    return (
        '<div class="byline-selected" data-key="selected" data-still hidden>'
        '<output></output><button type="button" class="byline-bulk" data-bulk="ask">'
        f"Ask only these</button>{change}"
        '<button type="button" class="byline-bulk" data-bulk="none">Clear</button>'
        f"{reason}</div>"
    )


def _table_html(rows: str, view: View) -> str:
    columns = {"Article": "title", "Outlet": "outlet", "Date": "date", "Status": ""}
    pick = (
        '<th scope="col" class="byline-picks"><input type="checkbox" class="byline-pick-all" '
        'aria-label="Select all that are shown"></th>'
    )
    head = _head_html(columns, view).replace("<tr>", f"<tr>{pick}", 1)
    return f'<table class="byline-library has-picks">{head}<tbody>{rows}</tbody></table>'


def _head_html(columns: Mapping[str, str], view: View) -> str:
    cells = "".join(_column_html(label, sort, view) for label, sort in columns.items())
    return f"<thead><tr>{cells}</tr></thead>"


def _column_html(label: str, sort: str, view: View) -> str:
    if not sort:
        return f'<th scope="col">{label}</th>'
    named = _sort_name(view)
    is_on = named in (sort, f"{sort}-last", f"{sort}-first")
    way = ("descending" if view.backwards else "ascending") if is_on else "none"
    other = {"date": "date-first"}.get(sort, f"{sort}-last") if named == sort else sort
    return (
        f'<th scope="col" aria-sort="{way}"><button type="button" class="byline-by" '
        f'data-sort="{other}">{label}</button></th>'
    )


def _pages_html(listing: Listing, view: View) -> str:
    if listing.n_total <= view.limit:
        return ""
    before, after = view.offset - view.limit, view.offset + view.limit
    n_pages = -(-listing.n_total // view.limit)
    return (
        '<nav class="byline-pages" aria-label="Pages of the library">'
        f"{_turn_html(before, 'Previous', before >= 0)}"
        f"<span>Page {view.offset // view.limit + 1:,} of {n_pages:,}</span>"
        f"{_turn_html(after, 'Next', after < listing.n_total)}</nav>"
    )


def _turn_html(offset: int, label: str, is_there: bool) -> str:
    off = "" if is_there else " disabled"
    return (
        f'<button type="button" class="byline-turn-page" data-key="{label}" '
        f'data-offset="{offset}"{off}>{label}</button>'
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
        f'aria-label="Select {esc(title)}"></td><td data-label="Article">'
        f'<button type="button" class="byline-open" dir="auto" '
        f'data-article="{esc(article.article_id)}">{esc(title)}</button>'
        f'<span class="byline-place">{esc(place) if place != title else ""}</span>'
        f'<span class="byline-deeds">{_deeds_html(article, title, may_edit)}</span></td>'
        f'<td data-label="Outlet"><bdi>{esc(outlet_of(article))}</bdi></td>'
        f'<td data-label="Date">{esc(when(article))}<span class="byline-place">{esc(origin)}</span>'
        f'</td><td data-label="Status">{_status_html(listed, may_edit)}</td></tr>'
    )


def origin_text(article: Article) -> str:
    """Where the date was found, and how sure that is unless it is: "low: from the address"."""
    if not article.dated or not article.date_source:
        return ""
    source = article.date_source
    told = _ORIGINS.get(source, f"from {source}")
    unsure = article.date_confidence in ("low", "medium")
    return f"{article.date_confidence}: {told}" if unsure else told


def _status_html(listed: Listed, may_edit: bool) -> str:
    """What is to be known of an article besides its origin; nothing for most."""
    article = listed.article
    told = []
    if listed.group_size > 1:
        told.append(
            f'<button type="button" class="byline-same" data-article="{esc(article.article_id)}">'
            f"{reprints_text(listed.group_size)}</button>"
        )
    if listed.is_changed:
        since = article.retrieved_at
        day = f" since {day_text(since.date())}" if since else ""
        told.append(_look(article, "history", f"Changed{day}"))
    if listed.corrected:
        names = ", ".join(field_word(name) for name in FIELD_WORDS if name in listed.corrected)
        fact = f"Corrected: {names}"
        told.append(_look(article, "edit", fact) if may_edit else esc(fact))
    moment = None if listed.is_changed else article.retrieved_at
    read = f"read {day_text(moment.date())}" if moment else ""
    status = f'<span class="byline-plain">{esc(capitalized(article.status))}</span>'
    tags = "".join(f'<span class="byline-tag">{one}</span>' for one in told)
    return f'{tags or status}<span class="byline-place">{read}</span>'


FIELD_WORDS = {
    "title": "title",
    "outlet": "outlet",
    "authors": "authors",
    "section": "section",
    "language": "language",
    "published_at": "published",
    "updated_at": "updated",
}


def field_word(name: str) -> str:
    """A field as people call it."""
    return FIELD_WORDS.get(name, name)


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
        f'data-article="{esc(article.article_id)}" aria-label="Ask only {esc(title)}">Ask only '
        "this</button>"
    )


def _deeds_html(article: Article, title: str, may_edit: bool) -> str:
    history = _look(article, "history", "History", f"History of {title}")
    looks = only_html(article) + (history if article.revision > 1 else "")
    if not may_edit:
        return looks
    return (
        f"{looks}{_look(article, 'edit', 'Edit', f'Edit {title}')}"
        f"{_look(article, 'withdraw', 'Withdraw', f'Withdraw {title}')}"
        f'<button type="button" class="byline-remove" data-key="remove" '
        f'data-article="{esc(article.article_id)}" aria-label="Remove {esc(title)}">Remove</button>'
    )


def gone_title(gone: "Gone") -> str:
    """What an article was called that was taken out: its title, file or address."""
    name = Path(gone.path).name if gone.path else gone.url
    return gone.title or name or "This article"


def _gone_html(gone: "Gone", *, may_edit: bool) -> str:
    title = gone_title(gone)
    restore = (
        '<span class="byline-deeds"><button type="button" class="byline-act" data-key="restore" '
        f'data-verb="restore" data-article="{esc(gone.article_id)}" '
        f'aria-label="Restore {esc(title)}">Restore</button></span>'
    )
    place = gone.url or gone.path or ""
    return (
        f'<tr data-key="{esc(gone.article_id)}"><td data-label="Article">'
        f'<strong class="byline-gone" dir="auto">{esc(title)}</strong>'
        f'<span class="byline-place">{esc(place) if place != title else ""}</span>'
        f"{restore if may_edit else ''}</td>"
        f'<td data-label="Outlet"><bdi>{esc(gone.outlet or NO_OUTLET)}</bdi></td>'
        f'<td data-label="Withdrawn">{esc(day_text(gone.at.date()))}</td>'
        f'<td data-label="Reason" dir="auto">{esc(gone.reason or "no reason given")}</td></tr>'
    )
