"""Asks every case and keeps each answer as it comes, so that a killed run goes on where it was."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from eval.archives import Archive, Known, filters_of
from eval.datasets import Case
from eval.recording import CALLS
from rag.errors import BylineError

Json = dict[str, Any]
_APART = ("timings_ms", CALLS)  # of an answer's body, kept in files of their own
Progress = Callable[[int, int | None, str], None]


def ask_all(
    cases: Sequence[Case],
    archive: Archive,
    known: Known,
    cache: Path,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> dict[str, Json]:
    """What was answered to each case, by case id, those of the cache not asked again.

    An entry is ``{"answer": contract JSON}``, ``{"error": why there is none}``; either has
    ``"ms"``, the time it took. Errors are asked again when a run goes on.
    """
    kept = {k: v for k, v in read_cache(cache).items() if "answer" in v}
    wanted = [case for case in cases if case.case_id not in kept]
    with cache.open("a", encoding="utf-8") as lines, ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(_ask, case, archive, known) for case in wanted]
        try:
            for n, future in enumerate(as_completed(futures), 1):
                case_id, entry = future.result()
                kept[case_id] = entry
                lines.write(json.dumps({"case_id": case_id, **entry}) + "\n")
                lines.flush()
                if progress is not None:
                    progress(len(cases) - len(wanted) + n, len(cases), case_id)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {case.case_id: kept[case.case_id] for case in cases}


def _ask(case: Case, archive: Archive, known: Known) -> tuple[str, Json]:
    began = time.perf_counter()
    filters = filters_of(case, known)
    try:
        if case.documents and not filters.articles:
            raise BylineError("none of its documents could be ingested")
        entry: Json = {"answer": archive.ask(case.question, filters, _quiet)}
    except BylineError as error:
        entry = {"error": error.message}
    except Exception as error:  # noqa: BLE001  # a fault in one answer is a finding, not the end
        entry = {"error": f"a fault of Byline itself: {type(error).__name__}: {error}"}
    return case.case_id, {**entry, "ms": 1e3 * (time.perf_counter() - began)}


def _quiet(_: str) -> None:
    """Nobody watches."""


def read_cache(cache: Path) -> dict[str, Json]:
    """What was kept so far; a last line that a kill cut off is left out, and cut off the file."""
    found: dict[str, Json] = {}
    if not cache.is_file():
        return found
    whole = 0
    with cache.open("rb") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                break
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            found[entry.pop("case_id")] = entry
    with cache.open("rb+") as file:
        file.truncate(whole)
    return found


def without_times(entry: Mapping[str, Any], private: Sequence[str] = ()) -> Json:
    """The entry without what differs from run to run: times, and folders that are thrown away."""
    body = {k: v for k, v in entry.items() if k != "ms"}
    if "answer" in body:
        body["answer"] = {k: v for k, v in body["answer"].items() if k not in _APART}
    return dict(_without(body, tuple(private))) if private else body


def _without(value: Any, folders: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {k: _without(v, folders) for k, v in value.items()}
    if isinstance(value, list):
        return [_without(v, folders) for v in value]
    return "" if isinstance(value, str) and value.startswith(folders) else value


def times(entries: Mapping[str, Json]) -> Iterator[Json]:
    """How long each case took, in all and by stage."""
    for case_id, entry in entries.items():
        stages = entry.get("answer", {}).get("timings_ms", {})
        yield {"case_id": case_id, "ms": round(entry["ms"], 1), "stages_ms": stages}


def calls_of(entries: Mapping[str, Json]) -> Iterator[Json]:
    """What a language model was asked for each case, and what it said."""
    for case_id, entry in entries.items():
        for call in entry.get("answer", {}).get(CALLS, ()):
            yield {"case_id": case_id, **call}
