"""Files that come through the page: kept under safe names, ingested, reported line by line."""

import re
import shutil
import unicodedata
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from web.faults import fault_of
from web.filling import fill
from web.shelf import progress_html, report_html

if TYPE_CHECKING:
    from rag.jobs import Item
    from web.desk import Desk

MAX_FILES = 500
MAX_NAME_CHARS = 120

Row = tuple[str, str, str]


async def keep_uploads(desk: "Desk", paths: object) -> AsyncIterator[str]:
    """Ingest uploaded files; yields HTML: how far it is, then a line for each file."""
    given = [Path(str(p)) for p in paths] if isinstance(paths, list) else []
    try:
        kept, rows = _keep_all(desk, given)
        async with aclosing(fill(desk, kept)) as steps:  # type: ignore[type-var]  # a generator
            async for step in steps:
                if step.kind == "progress":
                    p = step.value
                    yield progress_html(p.done, p.total, Path(p.source).name)
                else:
                    rows += [_row(item) for item in step.value.items]
        yield report_html(rows)
    except Exception as error:  # noqa: BLE001  # the edge: logged, and told on the page
        fault = fault_of(error)
        yield report_html([("failed", fault.message, fault.hint)])
    finally:
        for path in given:
            path.unlink(missing_ok=True)


def _keep_all(desk: "Desk", given: list[Path]) -> tuple[list[Path], list[Row]]:
    limit = desk.settings.max_upload_mb
    kept: list[Path] = []
    rows: list[Row] = []
    for path in given[:MAX_FILES]:
        if path.stat().st_size > limit * 1024 * 1024:
            rows.append(("skipped", path.name, f"larger than {limit} MB"))
        else:
            kept.append(keep(desk.home, path))
    if len(given) > MAX_FILES:
        left = len(given) - MAX_FILES
        rows.append(("skipped", f"{left} files", f"at most {MAX_FILES} at a time"))
    return kept, rows


def _row(item: "Item") -> Row:
    return item.outcome, Path(item.source).name, item.reason or item.title or ""


def keep(home: Path, temporary: Path) -> Path:
    """Move an uploaded file to the archive's uploads, under its own name made safe.

    The name is how the user knows the article, and what a corrected version replaces it by.
    """
    folder = home / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / safe_name(temporary.name)
    kept.unlink(missing_ok=True)  # never write through a link that lies there
    shutil.copyfile(temporary, kept)
    return kept


def safe_name(name: str) -> str:
    """A file name without folders, control characters, leading dots or shell surprises."""
    flat = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = re.sub(r"[^\w .,()'&+-]", "_", flat).strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    if not dot:
        return clean[:MAX_NAME_CHARS] or "article.txt"
    return f"{stem[:MAX_NAME_CHARS] or 'article'}.{suffix[:10]}"
