"""What reading a source gives: an article, or the reason why there is none."""

from dataclasses import dataclass
from typing import Literal

from ingest.page import Page
from rag.visits import Visit

Kind = Literal["text", "markdown", "page", "row", "document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One article as found, not yet cleaned."""

    source: str  # where it stands, for people: "a.txt", "a.jsonl:12", "a.zip/b.txt"
    path: str | None  # of the file, absolute, or within an archive; None: it came over the web
    page: Page
    kind: Kind
    key: str | None = None  # tells it from the others in the same file; None: it is the file
    note: str | None = None  # something to tell people though it was read
    visit: Visit | None = None  # to be noted once the article is stored; None: not off the web


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that could not be read, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmodified:
    """A page of which the server says that it is as it was when it was last read."""

    source: str
    url: str  # canonical, as the article holds it


Found = Loaded | Skipped | Unmodified
