"""Files that come through the page: kept under safe names, and queued one by one."""

import re
import secrets
import shutil
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from rag.i18n import tr, trn
from web.faults import fault_of
from web.shelf import report_html

if TYPE_CHECKING:
    from web.desk import Desk

MAX_FILES = 500
MAX_NAME_CHARS = 120

Row = tuple[str, str, str]


def keep_uploads(desk: "Desk", paths: object) -> str:
    """Keep uploaded files and queue them; HTML with a line for each that is not taken."""
    given = [Path(str(p)) for p in paths] if isinstance(paths, list) else []
    try:
        kept, rows = _keep_all(desk, given)
        desk.queue.submit([str(path) for path in kept])
        return report_html(rows)
    except Exception as error:  # noqa: BLE001  # the edge: logged, and told on the page
        fault = fault_of(error)
        return report_html([("failed", fault.message, fault.hint)])
    finally:
        for path in given:
            path.unlink(missing_ok=True)


def _keep_all(desk: "Desk", given: list[Path]) -> tuple[list[Path], list[Row]]:
    limit = desk.settings.max_upload_mb
    kept: dict[Path, None] = {}
    rows: list[Row] = []
    for path in given[:MAX_FILES]:
        if path.stat().st_size > limit * 1024 * 1024:
            rows.append(("skipped", path.name, tr("Larger than {mb} MB", mb=limit)))
        elif uploads_of(desk.home) / safe_name(path.name) in kept:
            same = tr("Another file of this upload has the same name")
            rows.append(("skipped", path.name, same))
        else:
            kept[keep(desk.home, path)] = None
    if len(given) > MAX_FILES:
        left = len(given) - MAX_FILES
        most = tr("At most {n_files} at a time", n_files=MAX_FILES)
        rows.append(("skipped", trn("{n} file", "{n} files", left), most))
    return list(kept), rows


def keep(home: Path, temporary: Path) -> Path:
    """Move an uploaded file to the archive's uploads, under its own name made safe.

    The name is how the user knows the article, and what a corrected version replaces it by.
    """
    folder = uploads_of(home)
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / safe_name(temporary.name)
    # Whole or not at all, for the queue may be reading it; and never through a link there.
    part = folder / f".{secrets.token_hex(8)}"
    shutil.copyfile(temporary, part)
    return part.replace(kept)


def uploads_of(home: Path) -> Path:
    """Where an archive keeps what was uploaded."""
    return home.absolute() / "uploads"


def safe_name(name: str) -> str:
    """A file name without folders, control characters, leading dots or shell surprises."""
    flat = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = re.sub(r"[^\w .,()'&+-]", "_", flat).strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    if not dot:
        return clean[:MAX_NAME_CHARS] or "article.txt"
    return f"{stem[:MAX_NAME_CHARS] or 'article'}.{suffix[:10]}"
