"""A site on loopback, and what reads what a crawl of it finds."""

import json
from collections.abc import Iterator
from typing import Any

from ingest.decode import decode
from ingest.fetch import Fetcher
from ingest.load import Found, Loaded, Skipped
from ingest.page import PageReader
from ingest.rows import read_row, take_header
from rag.errors import InputRefused
from tests.web_site import Site

FERRY = (
    "<p>The harbour ferry will run every day from April, the port authority said on Tuesday.</p>"
    "<p>It last ran daily nine years ago, before the old landing stage was closed.</p>"
    "<p>A return ticket will cost four crowns, and children under six will travel free.</p>"
)


def wrapped(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body><article>{body}</article></body></html>"


class Read:
    """Reads pages, texts and JSON as the loader does, and remembers what it was handed."""

    def __init__(self, pages: PageReader) -> None:
        self.pages = pages
        self.names: list[str] = []

    def __call__(
        self, name: str, data: bytes, *, url: str | None, path: str | None
    ) -> Iterator[Found]:
        self.names.append(name)
        try:
            yield from self._found(name, decode(data), path)
        except (InputRefused, ValueError) as error:
            yield Skipped(source=name, reason=str(error))

    def _found(self, name: str, text: str, path: str | None) -> Iterator[Found]:
        if name.endswith(".html"):
            yield Loaded(source=name, path=path, page=self.pages.read(text), kind="page")
        elif name.endswith(".json"):
            rows = json.loads(text)
            for number, row in enumerate(rows, 1):
                page, _ = read_row(row, self.pages)
                key = f"#{number}" if len(rows) > 1 else None
                yield Loaded(source=f"{name}:{number}", path=path, page=page, kind="row", key=key)
        else:
            yield Loaded(source=name, path=path, page=take_header(text), kind="text")


def fetcher_of(**limits: Any) -> Fetcher:
    return Fetcher(allow_private=True, gap_s=0, sleep=lambda _: None, **limits)


def only_one(found: Iterator[Found]) -> Loaded:
    (only,) = found
    assert isinstance(only, Loaded), only
    return only


def reasons(found: Iterator[Found]) -> list[str]:
    return [f"{one.source} {one.reason}" for one in found if isinstance(one, Skipped)]


# Feeds


def feed_item(site: Site, path: str, more: str = "") -> str:
    return f"<item><title>From the feed</title><link>{site.url(path)}</link>{more}</item>"


def rss(*items: str) -> str:
    space = "http://purl.org/rss/1.0/modules/content/"
    return (
        f'<rss version="2.0" xmlns:content="{space}" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Gazette</title>{''.join(items)}</channel></rss>"
    )


def carried(body: str) -> str:
    return f"<content:encoded><![CDATA[{body}]]></content:encoded>"
