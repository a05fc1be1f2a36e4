"""Tells what kind of file something is, by its name's ending and by its first bytes."""

import re

KINDS = (
    ".txt", ".md", ".html", ".htm", ".xhtml", ".mhtml", ".mht", ".json", ".jsonl", ".ndjson",
    ".csv", ".tsv", ".pdf", ".docx", ".odt", ".rtf", ".epub", ".eml", ".mbox", ".xml", ".warc",
    ".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".json.gz", ".jsonl.gz", ".gz",
)  # fmt: skip
MANY = (".json", ".jsonl", ".csv", ".epub", ".eml", ".mbox", ".xml", ".warc", ".zip", ".tar")
HEAD = 1024  # bytes looked at
_SAME = {".htm": ".html", ".xhtml": ".html", ".mht": ".mhtml", ".ndjson": ".jsonl", ".tsv": ".csv"}
_PACKED = re.compile(r"\.(?:gz|bz2|xz)$|(?<=\.t)gz$", re.IGNORECASE)
_PACKINGS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
_MAGIC = {b"PK\x03\x04": ".zip", b"PK\x05\x06": ".zip", b"{\\rtf": ".rtf", b"WARC/1.": ".warc"}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_XML = re.compile(rb"\s*<\?xml\s")
_BEGINS = {  # what a file under such a name begins with, whoever wrote it
    ".pdf": "a PDF", ".docx": "a Word document", ".odt": "an OpenDocument text",
    ".epub": "an EPUB book", ".zip": "a zip archive", ".tar": "a tar archive",
    ".rtf": "an RTF document", ".warc": "a web archive",
}  # fmt: skip


def kind_of(name: str) -> str:
    """The ending that says how to read a file of this name, "" if it is none of ``KINDS``."""
    name = name.lower()
    return max((kind for kind in KINDS if name.endswith(kind)), key=len, default="")


def holds_many(name: str) -> bool:
    """True if only reading can tell how many articles a file of this name holds."""
    return plain_kind(name) in MANY


def plain_kind(name: str) -> str:
    """How to read what is in a file of this name once it is unpacked: ".html" for "a.htm.gz"."""
    ending = kind_of(unpacked_name(name))
    return _SAME.get(ending, ending)


def unpacked_name(name: str) -> str:
    """The name without the ending of its packing: "a.tar" for "a.tgz"."""
    if name.lower().endswith(".tgz"):
        return name[:-4] + ".tar"
    return _PACKED.sub("", name)


def is_packed(name: str) -> bool:
    """True if the name says that the file is packed with gzip, bzip2 or xz."""
    return _PACKED.search(name) is not None


def packing_of(head: bytes) -> str | None:
    """How a file is packed that begins like this: gzip, bzip2, xz; None if it is not."""
    return next((how for magic, how in _PACKINGS.items() if head.startswith(magic)), None)


def told_kind(head: bytes) -> str | None:
    """The kind that the first bytes say beyond doubt, None if they do not."""
    if b"%PDF-" in head[:HEAD] and not head[:64].lstrip().startswith((b"<", b"From ", b"{")):
        return ".pdf" if head.index(b"%PDF-") < 64 or b"\x00" in head else None
    if head[257:262] == b"ustar":
        return ".tar"
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def guess_kind(head: bytes) -> str | None:
    """The kind that the first bytes suggest where the name says nothing."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(start):
        return ".html"
    return ".xml" if _XML.match(start) else None


def why_not(kind: str, head: bytes) -> str | None:
    """Why a file of that kind cannot begin like this; None if it can."""
    if head.startswith(_OLD_OFFICE):
        return "it is an old or an encrypted Office document: save it as .docx without a password"
    if kind in _BEGINS and head.strip():
        return f"it does not begin like {_BEGINS[kind]}"
    return None
