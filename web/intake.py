"""What was given to the archive and what became of it: the queue as HTML, problems first."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.load import KINDS
from rag.browse import Heap
from rag.i18n import msgid, number, tr, trn
from rag.jobs import Item, Job
from rag.render import capitalized, shortened
from rag.render_html import esc
from web.addresses import FEED, KINDS_OF_ADDRESS, SITEMAP
from web.stacks import SKIPPED, skip_html
from web.uploading import uploads_of

if TYPE_CHECKING:
    from ingest.work import QueueStatus
    from web.desk import Desk

# Shown at once; the rest is counted and can be asked for.
_SKIPPED_FROM = 5  # jobs: a longer list can be passed by
_FEW: Mapping[Heap, int] = {"running": 4, "problems": 50, "waiting": 8, "finished": 8}
_MANY = 500
MAX_ITEMS = 500
_HEADS: Mapping[Heap, str] = {
    "running": msgid("Being read"),
    "problems": msgid("Problems"),
    "waiting": msgid("Waiting"),
    "finished": msgid("Finished"),
}
_STATES = {
    "queued": msgid("Waiting"),
    "skipped": msgid("Skipped"),
    "failed": msgid("Failed"),
    "cancelled": msgid("Cancelled"),
}
_OUTCOMES = {
    "added": msgid("Added"),
    "updated": msgid("Updated"),
    "unchanged": msgid("Unchanged"),
    "skipped": msgid("Skipped"),
}
_COUNTED: Mapping[str, Callable[[int], str]] = {
    "added": lambda n: trn("{n} added", "{n} added", n),
    "updated": lambda n: trn("{n} updated", "{n} updated", n),
    "unchanged": lambda n: trn("{n} unchanged", "{n} unchanged", n),
    "skipped": lambda n: trn("{n} skipped", "{n} skipped", n),
}
_MARKED = re.compile(r"(feed|sitemap):(?=https?://)", re.I)


def adding_html() -> str:
    """On a phone, where the articles come first: what opens and folds the boxes for adding."""
    return (
        '<button type="button" class="byline-adding" aria-expanded="false">'
        f"{esc(tr('Add articles'))}</button>"
    )


def web_form_html() -> str:
    """The box for addresses; its script guesses the kind by the same patterns as the server."""
    options = "".join(
        f'<option value="{k}">{esc(tr(label))}</option>' for k, label in KINDS_OF_ADDRESS
    )
    return (
        f'<form class="byline-form byline-web" data-verb="add" data-feed="{esc(FEED.pattern)}" '
        f'data-sitemap="{esc(SITEMAP.pattern)}">'
        f'<label for="web-addresses">{esc(tr("Web page, feed or sitemap"))}</label>'
        '<textarea id="web-addresses" name="addresses" rows="2" maxlength="200000" required '
        f'placeholder="{esc(tr("https://… one or more"))}" spellcheck="false"></textarea>'
        '<div class="byline-form-row"><select name="kind" '
        f'aria-label="{esc(tr("What the addresses are"))}">{options}</select>'
        f'<button type="submit" class="byline-do">{esc(tr("Add"))}</button></div>'
        '<p class="byline-form-error" role="alert"></p></form>'
    )


def formats_html(max_files: int, max_mb: int) -> str:
    """How much can be uploaded, and what."""
    kinds = " ".join(kind.removeprefix(".") for kind in KINDS)
    anywhere = tr("Files can be dropped anywhere on this page.")
    limits = tr(
        "Up to {n_files} files at once, {mb} MB each. Which kinds?", n_files=max_files, mb=max_mb
    )
    return (
        f'<p class="byline-note byline-anywhere">{esc(anywhere)}</p>'
        f'<details class="byline-formats"><summary class="byline-note">{esc(limits)}</summary>'
        f'<p class="byline-note">{esc(kinds)}</p></details>'
    )


# --- the queue -----------------------------------------------------------------------------------


def queue_html(desk: "Desk", wanted: Sequence[str] = ()) -> str:
    """How far the queue is and its jobs in heaps; of the ``wanted`` heaps all that are kept."""
    heaps = desk.browse.heaps()
    if not any(heaps.values()):
        return '<div class="byline-queue" data-busy="no"></div>'
    status = desk.queue.status()
    uploads = uploads_of(desk.home)
    jobs = {heap: _jobs(desk, heap, heap in wanted) for heap, n in heaps.items() if n}
    parts = "".join(_heap_html(heap, heaps[heap], shown, uploads) for heap, shown in jobs.items())
    is_busy = bool(heaps["running"] or heaps["waiting"]) and status.paused is None
    parted = sum(job.n_done / job.n_total for job in jobs.get("running", ()) if job.n_total)
    return (
        f'<div class="byline-queue" data-busy="{"yes" if is_busy else "no"}" '
        f'data-ended="{heaps["problems"] + heaps["finished"]}">'
        f"{_standing_html(heaps, status, desk.browse.ended_lately(), parted)}{parts}</div>"
    )


def _jobs(desk: "Desk", heap: Heap, is_wanted: bool) -> tuple[Job, ...]:
    ids = desk.browse.jobs(heap, _MANY if is_wanted else _FEW[heap])
    found = {job.job_id: job for job in desk.jobs_of(ids)}
    return tuple(found[i] for i in ids if i in found)


def _standing_html(
    heaps: Mapping[Heap, int], status: "QueueStatus", ended: int, parted: float
) -> str:
    """The bar over everything, what is said of it, and what can be done with it.

    ``parted``: how much is done of the sources that are being read, in sources.
    """
    left = heaps["running"] + heaps["waiting"]
    bar = _bar_html(ended + parted, ended + left) if left else ""
    return (
        f'<section class="byline-standing-queue" data-key="standing">'
        f'<h2 class="byline-label">{esc(tr("Queue"))}</h2>{bar}'
        f'<p class="byline-pace">{esc(_pace_text(heaps, status, ended))}</p>'
        f'<p class="byline-hidden" role="status">{esc(_spoken_text(heaps, ended))}</p>'
        f"{_pause_html(status.paused)}{_deeds_html(heaps, status)}</section>"
    )


def _bar_html(done: float, total: int) -> str:
    return (
        f'<progress class="byline-total" max="{total}" value="{done:.2f}" '
        f'aria-label="{esc(tr("All files and addresses"))}"></progress>'
    )


def _pace_text(heaps: Mapping[Heap, int], status: "QueueStatus", ended: int) -> str:
    left = heaps["running"] + heaps["waiting"]
    if not left:
        n_bad = heaps["problems"]
        n = heaps["finished"] + n_bad
        if not n_bad:
            return trn("{n} done, no problems", "{n} done, no problems", n)
        bad = number(n_bad)
        return trn("{n} done, {bad} with problems", "{n} done, {bad} with problems", n, bad=bad)
    told = [tr("{done} of {total} done", done=number(ended), total=number(ended + left))]
    if status.items_per_s and status.paused is None:
        told.append(tr("{n_items} a second", n_items=number(status.items_per_s, 1)))
        if status.seconds_left is not None:  # it looks at the next few hundred only
            told.append(_left_text(max(status.seconds_left, left / status.items_per_s)))
    return " · ".join(told)


def _spoken_text(heaps: Mapping[Heap, int], ended: int) -> str:
    """For those who hear the page: in tenths, for a word every second would drown the rest."""
    left = heaps["running"] + heaps["waiting"]
    if not left:
        n = heaps["problems"]
        return trn("Queue done, {n} with problems", "Queue done, {n} with problems", n)
    return tr("Queue {percent} percent done", percent=10 * (10 * ended // (ended + left)))


def _left_text(seconds: float) -> str:
    if seconds < 60:
        return tr("about {seconds} s left", seconds=max(1, round(seconds)))
    if seconds < 5_400:
        return tr("about {minutes} min left", minutes=round(seconds / 60))
    return tr("about {hours} h left", hours=number(seconds / 3_600, 1))


def _pause_html(reason: str | None) -> str:
    if reason is None:
        return ""
    if reason == "paused by hand":
        told = tr("Paused by hand. Nothing is lost.")
    else:
        told = tr("{reason}. Nothing is lost.", reason=capitalized(reason))
    return f'<p class="byline-paused" role="status">{esc(told)}</p>'


def _deeds_html(heaps: Mapping[Heap, int], status: "QueueStatus") -> str:
    deeds = []
    if status.paused is not None:
        deeds.append(_deed("resume", tr("Resume")))
    elif heaps["running"] or heaps["waiting"]:
        deeds.append(_deed("pause", tr("Pause")))
    if n := heaps["problems"]:
        deeds.append(_deed("retry_all", trn("Retry all ({n})", "Retry all ({n})", n)))
    if heaps["finished"] or heaps["problems"]:
        deeds.append(_deed("clear", tr("Clear the list")))
    return f'<p class="byline-deeds">{"".join(deeds)}</p>'


def _deed(verb: str, label: str, job: Job | None = None, spoken: str = "") -> str:
    """A button that tells the server to do something."""
    which = f' data-job="{job.job_id}"' if job else ""
    aria = f' aria-label="{esc(spoken)}"' if spoken else ""
    return (
        f'<button type="button" class="byline-act" data-key="{verb}" data-verb="{verb}"{which}'
        f"{aria}>{esc(label)}</button>"
    )


def _heap_html(heap: Heap, n: int, jobs: Sequence[Job], uploads: Path) -> str:
    rows = "".join(_job_html(job, uploads) for job in jobs)
    more = ""
    if n > len(jobs):
        told = esc(_more_text(n - len(jobs)))
        ask = f'<button type="button" class="byline-all" data-heap="{heap}">{told}</button>'
        more = f'<p class="byline-note" data-key="more">{ask if len(jobs) < _MANY else told}</p>'
    is_long = heap == "problems" and len(jobs) > _SKIPPED_FROM
    past, after = (skip_html(tr("Skip the problems")), SKIPPED) if is_long else ("", "")
    return (
        f'<section class="byline-heap" data-heap="{heap}" data-key="{heap}">'
        f"<h3>{esc(tr(_HEADS[heap]))} <span>{number(n)}</span></h3>"
        f'{past}<ul class="byline-jobs">{rows}</ul>{more}{after}</section>'
    )


def _more_text(n: int) -> str:
    return trn("and {n} more", "and {n} more", n)


# --- a job ---------------------------------------------------------------------------------------


def _job_html(job: Job, uploads: Path) -> str:
    name = source_name(job.source, uploads)
    whole = esc(_whole(job, uploads))
    head = (
        f'<span class="byline-job-name" dir="auto" title="{whole}">{esc(name)}</span> '
        f'<span class="byline-job-state">{esc(_state_text(job))}</span>'
    )
    reason = job.reason if job.state in ("skipped", "failed", "done") else None
    return (
        f'<li data-key="{job.job_id}" data-state="{job.state}" data-outcome="{_outcome(job)}">'
        f"{_with_items(job, head)}{_reason_html(reason)}{_job_deeds(job, name)}</li>"
    )


def _with_items(job: Job, head: str) -> str:
    """The line of a job; one with several items opens to show them."""
    if job.n_done < 2:
        return f'<p class="byline-job">{head}</p>'
    return (
        f'<details class="byline-items" data-job="{job.job_id}" data-done="{job.n_done}">'
        f'<summary class="byline-job">{head}</summary><div data-kept></div></details>'
    )


def _job_deeds(job: Job, name: str) -> str:
    if not job.ended:
        cancel = _deed("cancel", tr("Cancel"), job, tr("Cancel {name}", name=name))
        return f'<p class="byline-deeds">{cancel}</p>'
    if job.state == "done" and not job.reason:
        return ""
    retry = _deed("retry", tr("Retry"), job, tr("Retry {name}", name=name))
    return f'<p class="byline-deeds">{retry}</p>'


def _outcome(job: Job) -> str:
    """What became of it in one word: of its only item, or of it as a whole."""
    return next(iter(job.counts)) if job.state == "done" and len(job.counts) == 1 else job.state


def _state_text(job: Job) -> str:
    if job.state == "running":
        return _reading_text(job)
    if job.state == "done" or job.n_done > 1:
        return _counts_text(job.counts) or tr("Nothing in it")
    return tr(_STATES.get(job.state, capitalized(job.state)))


def _reading_text(job: Job) -> str:
    if (job.n_total or job.n_done or 1) == 1:
        return tr("Reading")
    done = number(job.n_done)
    if job.n_total:
        return tr("Reading {done} of {total}", done=done, total=number(job.n_total))
    return tr("Reading {done}", done=done)


def _counts_text(counts: Mapping[str, int]) -> str:
    """Added, if that is all; else 12 added, 3 unchanged, 2 skipped."""
    if sum(counts.values()) == 1:
        return next(tr(_OUTCOMES[name]) for name, n in counts.items() if n)
    return ", ".join(told(counts[name]) for name, told in _COUNTED.items() if counts.get(name))


def source_name(source: str, uploads: Path) -> str:
    """A source as people know it: an upload by its name, an address with what it is."""
    marked = _MARKED.match(source)
    if marked:
        address, is_feed = source[marked.end() :], marked[1].lower() == "feed"
        if is_feed:
            return tr("Feed {address}", address=address)
        return tr("Sitemap {address}", address=address)
    path = Path(source)
    if path.parent == uploads:
        return path.name
    # The end of a path tells files apart, and is what a narrow column would cut off.
    return str(Path("…", *path.parts[-2:])) if len(path.parts) > 4 else source


def _whole(job: Job, uploads: Path) -> str:
    """A source in full, for whoever points at its name."""
    is_upload = Path(job.source).parent == uploads
    return source_name(job.source, uploads) if is_upload else job.source


def items_html(job: Job, items: Sequence[Item]) -> str:
    """What became of the items of a job."""
    rows = "".join(_item_html(item, job.source) for item in items)
    more = job.n_done - len(items)
    note = f'<p class="byline-note">{esc(_more_text(more))}</p>' if more > 0 else ""
    return f'<ul class="byline-item-list">{rows}</ul>{note}'


def _item_html(item: Item, source: str) -> str:
    place = item.source.removeprefix(source).lstrip("/:!") or Path(item.source).name
    name = esc(item.title or place)
    if item.article_id:
        name = (
            f'<button type="button" class="byline-open" dir="auto" '
            f'data-article="{esc(item.article_id)}">{name}</button>'
        )
    where = f' <span class="byline-place">{esc(place)}</span>' if item.title != place else ""
    return (
        f'<li data-outcome="{esc(item.outcome)}">'
        f"<strong>{esc(tr(_OUTCOMES[item.outcome]))}</strong> "
        f"<bdi>{name}</bdi>{where if item.title else ''}{_reason_html(item.reason)}</li>"
    )


def _reason_html(reason: str | None) -> str:
    if not reason:
        return ""
    is_named = "/" in reason.split(" ", 1)[0]  # an address or a path is told as it is
    told = shortened(reason if is_named else capitalized(reason), 400)
    return f'<p class="byline-job-reason" dir="auto">{esc(told)}</p>'
