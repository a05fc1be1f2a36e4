"""Reads site maps: the addresses of a site's pages, with what news site maps say of each."""

from dataclasses import dataclass
from typing import Any

from ingest.charset import read_text
from ingest.date import parse_date
from ingest.decode import tidy
from ingest.feeds import Entry, newest_first
from ingest.listing import xml_root
from ingest.reply import unpacked
from rag.errors import InputRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """The pages that a site map lists and the further maps it names, both newest first."""

    pages: tuple[Entry, ...] = ()
    maps: tuple[str, ...] = ()


def read_sitemap(data: bytes, charset: str | None, limit: int) -> Sitemap:
    """The site map in ``data``, packed with gzip or not; at most ``limit`` bytes unpacked.

    Raises:
        InputRefused: it is not a site map, lists nothing, is too large or has a document type.
        zlib.error: it is packed and damaged.
    """
    if data.startswith(b"\x1f\x8b"):
        whole = bytearray()
        for piece in unpacked((data,), "gzip", limit):
            whole += piece
            if len(whole) > limit:
                raise InputRefused(f"it unpacks to more than {limit / 1_000_000:g} MB")
        data, charset = bytes(whole), None
    text = read_text(data, charset)
    if not text.lstrip().startswith("<"):
        found = Sitemap(pages=_lines(text))
    else:
        found = _map(xml_root(text))
    if not found.pages and not found.maps:
        raise InputRefused("the site map lists no pages")
    return found


def _lines(text: str) -> tuple[Entry, ...]:
    """A site map can be plain text, one address a line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not all(line.startswith(("http://", "https://")) for line in lines):
        raise InputRefused("it is not a site map")
    return tuple(Entry(url=line) for line in lines)


def _map(root: Any) -> Sitemap:
    name = _name(root)
    if name not in ("urlset", "sitemapindex"):
        raise InputRefused(f"it is not a site map but <{name[:40]}>")
    items = [_fields(item) for item in root if _name(item) in ("url", "sitemap")]
    entries = newest_first(_entry(fields) for fields in items if fields.get("loc"))
    if name == "urlset":
        return Sitemap(pages=entries)
    return Sitemap(maps=tuple(dict.fromkeys(e.url for e in entries if e.url)))


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _fields(item: Any) -> dict[str, str]:
    """The item's texts by tag; those of the news extension under their own tags."""
    texts = ((_name(e), tidy(e.text or "")) for e in item.iter() if _prefix(e) != "image")
    found: dict[str, str] = {}
    for name, text in texts:
        if text:
            found.setdefault(name, text[:2_100])
    return found


def _prefix(element: Any) -> str:
    """Which extension an element belongs to: images and videos have titles of their own."""
    space = str(element.tag).rpartition("}")[0]
    return "image" if "image" in space or "video" in space else ""


def _entry(fields: dict[str, str]) -> Entry:
    published = fields.get("publication_date")
    return Entry(
        url=fields.get("loc"),
        title=fields.get("title"),
        outlet=fields.get("name"),
        language=fields.get("language"),
        published=published,
        # ``lastmod`` is often when the page was built: good to sort by, not to date by.
        moment=parse_date(published or fields.get("lastmod") or ""),
    )
