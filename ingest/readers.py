"""Reads one document of any kind: what the process of ``ingest.sandbox`` runs.

Each kind has a reader of its own, imported when the first such document comes, so that reading
plain pages costs nothing more.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import import_module
from typing import Any

from ingest.page import Part
from ingest.sandbox import serve

READERS = {  # each a function from bytes to parts
    ".html": "ingest.prose:read_html",
    ".mhtml": "ingest.mails:read_mhtml",
    ".eml": "ingest.mails:read_mail",
    ".pdf": "ingest.pdf:read_pdf",
    ".docx": "ingest.office:read_docx",
    ".odt": "ingest.office:read_odt",
    ".rtf": "ingest.office:read_rtf",
    ".epub": "ingest.books:read_epub",
    ".xml": "ingest.newsxml:read_newsxml",
    ".record": "ingest.webarchive:read_record",
}


def read_document(kind: str, data: bytes) -> Iterator[Part]:
    """The articles in a document, and the files attached to it, in its order.

    Raises:
        InputRefused: it cannot be read; parsers raise errors of their own kinds besides.
    """
    module, _, name = READERS[kind].partition(":")
    parts: Iterable[Part] = getattr(import_module(module), name)(data)
    yield from parts


def _sent(kind: str, data: bytes) -> Iterator[dict[str, Any]]:
    for part in read_document(kind, data):
        yield {**asdict(part), "data": base64.b64encode(part.data).decode()}


if __name__ == "__main__":
    serve(_sent)
