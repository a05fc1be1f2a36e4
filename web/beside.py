"""The queue of an archive that another process is filling: seen and steered without its lock."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.catalog import Catalog
from rag.errors import InputRefused
from rag.home import Home
from rag.jobs import Jobs
from web.keeping import items_json, job_json

Json = dict[str, Any]
VERBS = ("queue", "job", "pause", "resume", "cancel")
_N_JOBS = 200


def steer(path: Path, verb: str, body: Mapping[str, Any]) -> Json | None:
    """Do it in the catalog's file, where the worker looks every second.

    None if the archive is not being filled, or is served, or the verb needs the lock.

    Raises:
        InputRefused: the job has ended.
        IndexUnavailable: the catalog cannot be read.
    """
    home = Home(path)
    if verb not in VERBS or not (path / "catalog.db").is_file():
        return None
    if not home.is_held() or home.server() is not None:
        return None
    catalog = Catalog(path / "catalog.db")
    try:
        return _steered(Jobs(catalog), verb, body)
    finally:
        catalog.close()


def _steered(jobs: Jobs, verb: str, body: Mapping[str, Any]) -> Json:
    if verb == "job":
        return items_json(jobs.job(body["job_id"]), jobs.items(body["job_id"]), body["job_id"])
    if verb == "pause":
        jobs.pause("paused by hand")
    elif verb == "resume":
        jobs.resume()
    elif verb == "cancel" and not jobs.cancel(body["job_id"]):
        raise InputRefused(f"job {body['job_id']} neither waits nor runs", "see: byline queue")
    status = {"counts": jobs.count(), "paused": jobs.paused()}
    return {"schema": 1, "status": status, "jobs": [job_json(j) for j in jobs.listing(_N_JOBS)]}
