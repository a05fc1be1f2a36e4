"""Keeping an archive: the queue, withdrawals, corrections and revisions, as JSON in and out.

The command line and the JSON API share these verbs, so an archive that is open here and one that
a server has open give the same answers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rag.errors import ArticleMissing, InputRefused
from rag.jobs import Item, Job
from rag.render_json import article_json, iso
from rag.schema import Article

if TYPE_CHECKING:
    from rag.history import Gone
    from web.desk import Desk

Json = dict[str, Any]
MAX_SOURCES = 100_000
_N_JOBS = 200
_MAX_SCORING_S = 120.0  # a client waits for so long at least; what is left is told


def keep(desk: "Desk", verb: str, body: Mapping[str, Any]) -> Json:
    """Do what the verb says.

    Raises:
        InputRefused: there is no such verb, or the body does not fit it.
        BylineError: as the desk does it.
    """
    if verb not in VERBS:
        raise InputRefused(f"{verb[:100]!r} is nothing to do", f"these are: {', '.join(VERBS)}")
    return VERBS[verb](desk, body)


def queue_json(desk: "Desk") -> Json:
    """The state of the queue, and its jobs: those that run, that wait, that have ended."""
    status = asdict(desk.queue.status())
    return {"schema": 1, "status": status, "jobs": [job_json(j) for j in desk.jobs(_N_JOBS)]}


def job_json(job: Job) -> Json:
    """One job of the queue."""
    fields = {name: getattr(job, name) for name in job.__slots__}
    moments = ("submitted_at", "started_at", "finished_at")
    return fields | {name: iso(fields[name]) for name in moments} | {"counts": dict(job.counts)}


def items_json(job: Job | None, items: Sequence[Item], job_id: int) -> Json:
    """A job with what became of its items.

    Raises:
        ArticleMissing: there is no such job.
    """
    if job is None:
        raise ArticleMissing(f"there is no job {job_id}", "see them with: byline queue")
    return {"schema": 1, **job_json(job), "items": [asdict(item) for item in items]}


def gone_json(gone: "Gone") -> Json:
    """An article that was taken out."""
    return asdict(gone) | {"at": iso(gone.at)}


def _submit(desk: "Desk", body: Mapping[str, Any]) -> Json:
    sources = body.get("sources")
    if not isinstance(sources, list) or not all(isinstance(s, str) for s in sources):
        raise InputRefused("sources must be a list of paths and addresses")
    if not 0 < len(sources) <= MAX_SOURCES:
        raise InputRefused(f"{len(sources)} sources; from 1 to {MAX_SOURCES:,} can be named")
    ids = desk.queue.submit(sources)
    return {"schema": 1, "jobs": [job_json(job) for job in desk.jobs_of(ids)]}


def _queue(desk: "Desk", _: Mapping[str, Any]) -> Json:
    return queue_json(desk)


def _job(desk: "Desk", body: Mapping[str, Any]) -> Json:
    job_id = _number(body, "job_id")
    found = next(iter(desk.jobs_of((job_id,))), None)
    return items_json(found, desk.job_items(job_id), job_id)


def _pause(desk: "Desk", _: Mapping[str, Any]) -> Json:
    desk.queue.pause()
    return queue_json(desk)


def _resume(desk: "Desk", _: Mapping[str, Any]) -> Json:
    desk.queue.resume()
    return queue_json(desk)


def _clear(desk: "Desk", _: Mapping[str, Any]) -> Json:
    desk.clear_jobs()
    return queue_json(desk)


def _cancel(desk: "Desk", body: Mapping[str, Any]) -> Json:
    if not desk.queue.cancel(_known(desk, body)):
        raise InputRefused(f"job {body['job_id']} neither waits nor runs", "see: byline queue")
    return queue_json(desk)


def _retry(desk: "Desk", body: Mapping[str, Any]) -> Json:
    if not desk.queue.retry(_known(desk, body)):
        raise InputRefused(f"job {body['job_id']} has not ended", "see: byline queue")
    return queue_json(desk)


def _known(desk: "Desk", body: Mapping[str, Any]) -> int:
    job_id = _number(body, "job_id")
    if not desk.jobs_of((job_id,)):
        raise ArticleMissing(f"there is no job {job_id}", "see them with: byline queue")
    return job_id


def _withdraw(desk: "Desk", body: Mapping[str, Any]) -> Json:
    taken = desk.holdings.withdraw_all(_text(body, "ref"), _text(body, "reason", ""))
    return taken_json(taken)


def taken_json(taken: Sequence[Article]) -> Json:
    """The last of the articles that were taken out, and all of them by id and title."""
    named = [{"article_id": a.article_id, "title": a.title, "path": a.path} for a in taken]
    return article_json(taken[-1]) | {"articles": named}


def _restore(desk: "Desk", body: Mapping[str, Any]) -> Json:
    restored = desk.holdings.restore_all(_text(body, "ref"))
    named = [gone_json(gone) | {"status": "restored"} for gone in restored]
    return named[-1] | {"articles": named}


def _withdrawn(desk: "Desk", _: Mapping[str, Any]) -> Json:
    return {"schema": 1, "withdrawn": [gone_json(gone) for gone in desk.withdrawn()]}


def _correct(desk: "Desk", body: Mapping[str, Any]) -> Json:
    values = body.get("values")
    if not isinstance(values, dict) or not values:
        raise InputRefused("nothing to correct", "name a field and its value, such as outlet")
    return article_json(desk.holdings.correct(_text(body, "ref"), values))


def _uncorrect(desk: "Desk", body: Mapping[str, Any]) -> Json:
    return article_json(desk.holdings.uncorrect(_text(body, "ref")))


def _revisions(desk: "Desk", body: Mapping[str, Any]) -> Json:
    found = desk.revisions(_text(body, "ref"))
    return {"schema": 1, "revisions": [article_json(a, with_text=True) for a in found]}


def _chats(desk: "Desk", body: Mapping[str, Any]) -> Json:
    from web.scoring import chats_json

    since = _text(body, "since", "") or None
    return chats_json(desk, since, with_labels=body.get("labels") is True, max_s=_MAX_SCORING_S)


VERBS: Mapping[str, Callable[["Desk", Mapping[str, Any]], Json]] = {
    "submit": _submit,
    "queue": _queue,
    "job": _job,
    "pause": _pause,
    "resume": _resume,
    "clear": _clear,
    "cancel": _cancel,
    "retry": _retry,
    "withdraw": _withdraw,
    "withdrawn": _withdrawn,
    "restore": _restore,
    "correct": _correct,
    "uncorrect": _uncorrect,
    "revisions": _revisions,
    "chats": _chats,
}


def _text(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise InputRefused(f"{name} must be text, not {value!r:.100}")
    return value[:4_000]


def _number(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 62:
        raise InputRefused(f"{name} must be a number, not {value!r:.100}")
    return value
