"""A conversation as a file to keep, send or print."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from rag.render_references import references, to_bibtex, to_csl_json
from rag.render_story import Exchange, story
from rag.render_story_html import story_html
from rag.render_story_markdown import story_markdown

Format = Literal["md", "html", "docx", "pdf", "bib", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA_TYPES: Mapping[Format, str] = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "bib": "application/x-bibtex; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json",
}
_STYLE = Path(__file__).parent / "export.css"
_MAX_NAME = 60  # characters; some systems and mail programs cut longer names


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file: what it holds, of which type, and a name that is safe on every system."""

    content: bytes
    media_type: str
    filename: str


def export(kind: Format, title: str, exchanges: Sequence[Exchange]) -> Exported:
    """The conversation in one of the formats; an empty one is a document with a title alone."""
    content = _WRITERS[kind](title, exchanges)
    return Exported(
        content=content, media_type=MEDIA_TYPES[kind], filename=f"{filename_of(title)}.{kind}"
    )


def filename_of(title: str) -> str:
    """A title as a file name without its ending: "did-china-approve-the-sale"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_NAME].strip("-")
    # Names of devices, which one system does not let a file have.
    is_device = re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", slug)
    return f"conversation-{slug}" if is_device else slug or "conversation"


def _markdown(title: str, exchanges: Sequence[Exchange]) -> bytes:
    return story_markdown(story(title, exchanges)).encode()


def _html(title: str, exchanges: Sequence[Exchange]) -> bytes:
    return story_html(story(title, exchanges), _STYLE.read_text("utf-8")).encode()


def _docx(title: str, exchanges: Sequence[Exchange]) -> bytes:
    from web.export_docx import to_docx

    return to_docx(story(title, exchanges), _last(exchanges))


def _pdf(title: str, exchanges: Sequence[Exchange]) -> bytes:
    from web.export_pdf import to_pdf

    return to_pdf(story(title, exchanges), _last(exchanges))


def _last(exchanges: Sequence[Exchange]) -> datetime | None:
    return max((e.asked_at.astimezone(UTC) for e in exchanges), default=None)


def _bibtex(_title: str, exchanges: Sequence[Exchange]) -> bytes:
    return to_bibtex(references(e.body for e in exchanges)).encode()


def _csl_json(_title: str, exchanges: Sequence[Exchange]) -> bytes:
    return to_csl_json(references(e.body for e in exchanges)).encode()


_WRITERS: Mapping[Format, Callable[[str, Sequence[Exchange]], bytes]] = {
    "md": _markdown,
    "html": _html,
    "docx": _docx,
    "pdf": _pdf,
    "bib": _bibtex,
    "json": _csl_json,
}
