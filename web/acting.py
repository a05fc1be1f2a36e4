"""What a visitor of the page can do: one place for every change, with what is told of it.

A visitor names articles and jobs by their ids and the web by its addresses, never a path of this
machine: sources are made by ``web.addresses`` and ``web.uploading`` alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ArticleMissing, InputRefused
from rag.i18n import tr, trn
from rag.render import capitalized, is_web_url, title_of
from rag.render_html import esc
from rag.schema import Article
from web.addresses import sources_of
from web.faults import Refused, fault_of
from web.rows import FIELD_WORDS
from web.stacks import gone_title
from web.visitors import Visitor

if TYPE_CHECKING:
    from web.desk import Desk

MAX_TYPED = 200_000
MAX_SELECTED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of something that was done, or why it was not."""

    message: str
    hint: str = ""
    is_done: bool = True
    undo: str = ""  # the word that takes it back
    field: str = ""  # of the form, if what is wrong is in it

    def html(self) -> str:
        """As the page shows it; empty when there is nothing to tell."""
        if not self.message:
            return ""
        done = "yes" if self.is_done else "no"
        field = f' data-field="{esc(self.field)}"' if self.field else ""
        hint = f" <span>{esc(capitalized(self.hint))}</span>" if self.hint else ""
        back = (
            '<button type="button" class="byline-act byline-undo" data-verb="undo" '
            f'data-token="{esc(self.undo)}">{esc(tr("Undo"))}</button>'
            if self.undo
            else ""
        )
        return (
            f'<div class="byline-told" data-done="{done}"{field}><p>'
            f"<bdi>{esc(self.message)}</bdi>{hint}</p>{back}</div>"
        )


def act(desk: "Desk", data: object, visitor: Visitor) -> Told:
    """Do what a visitor asked for; never raises, but tells what went wrong."""
    given: Mapping[str, Any] = data if isinstance(data, dict) else {}
    try:
        verb = str(given.get("verb", ""))[:50]
        if verb not in VERBS:
            raise InputRefused(f"{verb!r} is nothing that can be done here")
        if verb != "look" and not visitor.may_edit:
            raise Refused(403, "Readers cannot change the archive", "ask an editor to do it")
        return VERBS[verb](desk, given)
    except Exception as error:  # noqa: BLE001  # the edge: logged, and told on the page
        fault = fault_of(error)
        message = fault.message
        field = next((name for name in FIELD_WORDS if message.startswith(name)), "")
        for name, word in FIELD_WORDS.items():
            message = message.replace(name, word)
        return Told(message=capitalized(message), hint=fault.hint, is_done=False, field=field)


# --- articles ------------------------------------------------------------------------------------


def _remove(desk: "Desk", given: Mapping[str, Any]) -> Told:
    taken = desk.holdings.take_out(_article_ids(given))
    return Told(message=tr("Removed: {what}", what=_named(taken.articles)), undo=taken.token)


def _withdraw(desk: "Desk", given: Mapping[str, Any]) -> Told:
    taken = desk.holdings.take_out(_article_ids(given), _text(given, "reason", 300))
    hint = trn(
        "It is in the list of withdrawn.",
        "They are in the list of withdrawn.",
        len(taken.articles),
    )
    what = _named(taken.articles)
    return Told(message=tr("Withdrawn: {what}", what=what), hint=hint, undo=taken.token)


def _undo(desk: "Desk", given: Mapping[str, Any]) -> Told:
    articles = desk.holdings.undo(_text(given, "token", 100))
    return Told(message=tr("Back again: {what}", what=_named(articles)))


def _named(articles: Sequence[Article]) -> str:
    if len(articles) == 1:
        return title_of(articles[0])
    return trn("{n} article", "{n} articles", len(articles))


def _restore(desk: "Desk", given: Mapping[str, Any]) -> Told:
    """Let it in again, and read it again from where it came."""
    gone = desk.holdings.restore(_article_id(given))
    title = gone_title(gone)
    # The URL is what the article says of itself: anything else than the web is not followed.
    url = gone.url if is_web_url(gone.url) else None
    source = _file_of(gone.path) or url
    if source is None:
        return Told(
            message=tr("{title} can be taken in again", title=title),
            hint=tr("its file is gone: upload it again"),
        )
    desk.queue.submit((source,))
    return Told(message=tr("Restored: {title}", title=title), hint=tr("It is being read again."))


def _file_of(path: str | None) -> str | None:
    """The file that an article came out of: an archive, for what was packed in one."""
    places = (Path(path), *Path(path).parents) if path else ()
    return next((str(place) for place in places if place.is_file()), None)


def _correct(desk: "Desk", given: Mapping[str, Any]) -> Told:
    values = given.get("values")
    if not isinstance(values, dict) or not values:
        raise InputRefused("Nothing was changed", "change a field, or close the panel")
    article = desk.holdings.correct(_article_id(given), {str(k)[:50]: values[k] for k in values})
    return Told(message=tr("Corrected: {title}", title=title_of(article)))


def _uncorrect(desk: "Desk", given: Mapping[str, Any]) -> Told:
    article = desk.holdings.uncorrect(_article_id(given))
    return Told(message=tr("As the article said: {title}", title=title_of(article)))


# --- the queue -----------------------------------------------------------------------------------


def _add(desk: "Desk", given: Mapping[str, Any]) -> Told:
    kind = _text(given, "kind", 50) or "guess"
    sources = sources_of(_text(given, "addresses", MAX_TYPED), kind)
    desk.queue.submit(sources)
    return Told(message=trn("Queued {n} address", "Queued {n} addresses", len(sources)))


def _pause(desk: "Desk", _: Mapping[str, Any]) -> Told:
    desk.queue.pause()
    return Told(message="")


def _resume(desk: "Desk", _: Mapping[str, Any]) -> Told:
    desk.queue.resume()
    return Told(message="")


def _retry(desk: "Desk", given: Mapping[str, Any]) -> Told:
    if not desk.queue.retry(_job_id(given)):
        raise InputRefused("That job has not ended, or was cleared")
    return Told(message="")


def _retry_all(desk: "Desk", _: Mapping[str, Any]) -> Told:
    n = sum(desk.queue.retry(job_id) for job_id in desk.browse.jobs("problems", 10_000))
    return Told(message=trn("Queued {n} again", "Queued {n} again", n))


def _cancel(desk: "Desk", given: Mapping[str, Any]) -> Told:
    if not desk.queue.cancel(_job_id(given)):
        raise InputRefused("That job has ended already")
    return Told(message="")


def _clear(desk: "Desk", _: Mapping[str, Any]) -> Told:
    desk.clear_jobs()
    return Told(message="")


def _look(_: "Desk", __: Mapping[str, Any]) -> Told:
    return Told(message="")  # what the page shows besides is made anew


VERBS: Mapping[str, Callable[["Desk", Mapping[str, Any]], Told]] = {
    "remove": _remove,
    "withdraw": _withdraw,
    "undo": _undo,
    "restore": _restore,
    "correct": _correct,
    "uncorrect": _uncorrect,
    "add": _add,
    "pause": _pause,
    "resume": _resume,
    "retry": _retry,
    "retry_all": _retry_all,
    "cancel": _cancel,
    "clear": _clear,
    "look": _look,
}


def _article_ids(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that were selected, or the one whose own button it was; each once."""
    if "articles" not in given:
        return (_article_id(given),)
    ids = given["articles"]
    if not isinstance(ids, list) or not 0 < len(ids) <= MAX_SELECTED:
        raise InputRefused(f"From 1 to {MAX_SELECTED:,} articles can be selected")
    return tuple(dict.fromkeys(_article_id({"article": one}) for one in ids))


def _article_id(given: Mapping[str, Any]) -> str:
    article_id = _text(given, "article", 200)
    if "/" in article_id or "\\" in article_id:  # a path or an address: not how the page names it
        raise ArticleMissing("no such article is here", "reload the page")
    return article_id


def _job_id(given: Mapping[str, Any]) -> int:
    number = str(given.get("job", ""))
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise InputRefused("That is no job")
    return int(number)


def _text(given: Mapping[str, Any], name: str, max_chars: int) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or len(value) > max_chars:
        raise InputRefused(f"{name} must be text of at most {max_chars:,} characters")
    return value
