"""Names what came from the web like a file, so that it is read like one."""

import re
from urllib.parse import unquote, urlsplit

from ingest.fetch import Fetched

_PAGES = ("text/html", "application/xhtml+xml")
_UNSURE = ("", "text/plain", "application/octet-stream", "text/xml", "application/xml")
_MARKUP = re.compile(rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.I | re.S)
_ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "application/json": ".json",
    "application/ld+json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/xml": ".xml",
    "application/xml": ".xml",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/epub+zip": ".epub",
    "message/rfc822": ".eml",
    "application/mbox": ".mbox",
    "application/warc": ".warc",
    "multipart/related": ".mhtml",
    "application/zip": ".zip",
}
_LIKE = (".md", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xml", ".rtf", ".eml", ".mbox")


def is_page(got: Fetched) -> bool:
    """True if what came is a web page, by the server's word or, where that is vague, its looks."""
    if got.media_type in _PAGES:
        return True
    head = got.data[:2_048].removeprefix(b"\xef\xbb\xbf")
    return got.media_type in _UNSURE and _MARKUP.match(head) is not None


def file_name(got: Fetched) -> str:
    """A file name for it, made from its address, whose ending says how to read it."""
    name = re.sub(r"[^\w.-]+", "-", unquote(urlsplit(got.url).path).rpartition("/")[2])
    name = name.strip(".-")[-100:] or "page"
    if is_page(got):
        ending = ".html"
    elif got.media_type == "text/plain":  # what servers say of every text that they do not know
        ending = "" if name.lower().endswith(_LIKE) else ".txt"
    else:
        ending = _ENDINGS.get(got.media_type, "")
    return name if name.lower().endswith(ending) else name + ending
