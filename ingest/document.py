"""A document on its way to being read: where it stands, what it is packed in, what kind it is."""

from dataclasses import dataclass, replace

from ingest.files import unknown
from ingest.kinds import guess_kind, plain_kind, told_kind, unpacked_name, why_not
from ingest.packed import Budget, Member, Names, Stream, unpack
from rag.errors import InputRefused

_WRITTEN = (".txt", ".md", ".json", ".jsonl", ".csv")  # none of them begins like a page
_MAX_LAYERS = 2  # of packing around a file that is no archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something that is being read."""

    name: str  # for people
    stream: Stream
    budget: Budget
    path: str | None
    url: str | None = None
    ending: str  # the name by which its kind is told
    depth: int = 0  # archives that it stands in
    layers: int = 0  # of packing taken off it
    source: str | None = None  # where in it, for people; None: it is all of it

    @property
    def shown(self) -> str:
        """What is being read, for people."""
        return self.source or self.name


def inner(document: Document, member: Member, name: str) -> Document:
    """A file in an archive, or attached to a mail."""
    assert member.stream
    return replace(
        document,
        name=name,
        stream=member.stream,
        path=document.path and f"{document.path}/{member.name}",
        url=None,
        ending=member.name,
        source=None,
        depth=document.depth + 1,
        layers=0,
    )


def unpacked(document: Document, packing: str) -> Document:
    """The document without a layer of packing.

    Raises:
        InputRefused: it has too many of them.
    """
    if document.layers >= _MAX_LAYERS:
        raise InputRefused("it is packed more than twice: unpack it first")
    return replace(
        document,
        stream=unpack(document.stream, packing, document.budget),
        ending=unpacked_name(document.ending),
        layers=document.layers + 1,
    )


def kind_in(document: Document, head: bytes) -> str:
    """How to read a document: as its first bytes say beyond doubt, else as its name says."""
    kind = plain_kind(document.ending)
    told = told_kind(head)
    if told:
        return told
    if not head:
        raise InputRefused("it is empty")
    reason = why_not(kind, head)
    guess = guess_kind(head)
    if guess and (reason or (guess == ".html" and kind in _WRITTEN)):
        return guess
    if reason:
        raise InputRefused(reason)
    if not kind and not guess and not document.url:
        raise InputRefused(unknown(document.ending).reason)
    return kind or guess or ".html"


def holder(document: Document, key: str) -> Document:
    """What the files attached to a document stand in: itself, or a place of its own within it."""
    if document.source is None:
        return document
    place = document.path and f"{document.path}/{Names().take(key)}"
    return replace(document, name=document.source, path=place, source=None)
