"""Reads the web: a page or document at an address, the entries of a feed, the pages of a site map.

What a page says of itself comes first; what the feed says of it fills the gaps. Where the page
may not be fetched, or shows only its beginning, and the feed carries the whole article, that is
taken. One entry that cannot be read is one ``Skipped``; the rest go on.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from ingest.address import canonical_url, same_site, settled_url
from ingest.charset import read_text
from ingest.feeds import Entry, feed_link, is_whole, kind_of_list, newest_first, read_feed
from ingest.fetch import Fetched, Fetcher, Gone, NotModified
from ingest.guard import AddressRefused
from ingest.load import Found, Loaded, Skipped, Unmodified
from ingest.naming import file_name, is_page
from ingest.page import Page
from ingest.sitemaps import read_sitemap
from rag.errors import InputRefused
from rag.visits import Visit

MAX_ENTRIES = 1_000  # of one feed or site map
_MAX_MAPS = 50  # that one site map index leads to
_BOM = b"\xef\xbb\xbf"
_SOURCE = re.compile(r"(?:(feed|sitemap):)?(https?://.*)", re.IGNORECASE | re.DOTALL)
_DAMAGED = (zlib.error, EOFError, OSError)


class Reader(Protocol):
    """Reads the articles out of the bytes of a file, by its name and its looks."""

    def __call__(
        self, name: str, data: bytes, *, url: str | None, path: str | None
    ) -> Iterator[Found]:
        """Each article, or why there is none; ``url`` is where the bytes came from."""


def _never(_: str) -> Visit | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawler:
    """Reads what web addresses lead to; needs a fetcher.

    ``visit_of`` tells the last visit to an address and ``held`` whether the article under a
    canonical address is live in the archive: only then is a page asked for on the condition that
    it has changed. Whoever stores a ``Loaded`` notes its ``visit`` afterwards, also when the
    article turned out to be held already.
    """

    fetcher: Fetcher
    visit_of: Callable[[str], Visit | None] = _never
    held: Callable[[str], bool] = lambda url: False  # noqa: ARG005
    max_entries: int = MAX_ENTRIES

    def close(self) -> None:
        """Close the fetcher."""
        self.fetcher.close()

    def crawl(self, source: str, read: Reader) -> Iterator[Found]:
        """Each article that a source leads to, or the reason why there is none.

        ``source`` is "https://..." for a page, document, feed or site map, told apart by what
        comes; "feed:https://..." or "sitemap:https://..." says what is expected. Never raises
        for what it meets.
        """
        parts = _SOURCE.fullmatch(source.strip())
        if parts is None:
            reason = "it is not a web address; feed: and sitemap: go before one"
            yield Skipped(source=source, reason=reason)
            return
        try:
            if parts[1] is None:
                yield from self._any(source, parts[2], read)
            elif parts[1].lower() == "feed":
                yield from self._feed(source, self._whole(parts[2]), read)
            else:
                yield from self._sitemap(source, self._whole(parts[2]), read)
        except InputRefused as error:
            yield Skipped(source=source, reason=error.message)
        except _DAMAGED as error:
            yield Skipped(source=source, reason=f"what came is damaged: {error}")

    # What a source can be

    def _any(self, source: str, url: str, read: Reader) -> Iterator[Found]:
        got = self.fetcher.fetch(url, self._visit)
        if isinstance(got, NotModified):
            yield Unmodified(source=source, url=got.visit.article_url)
            return
        kind = kind_of_list(got.data, got.charset)
        if kind == "feed":
            yield from self._feed(source, got, read)
        elif kind == "sitemap":
            yield from self._sitemap(source, got, read)
        else:
            yield from _hinted(_articles(got, read, named=True), got)

    def _feed(self, source: str, got: Fetched, read: Reader) -> Iterator[Found]:
        if is_page(got) and kind_of_list(got.data, got.charset) is None:
            link = feed_link(read_text(got.data, got.charset), got.url)
            if link is None:
                raise InputRefused(f"{got.url} is a web page that names no feed")
            got = self._whole(link)
        entries = read_feed(got.data, got.charset, got.url)
        yield from self._entries(source, entries, got.url, read)

    def _sitemap(self, source: str, got: Fetched, read: Reader) -> Iterator[Found]:
        waiting, seen, n_read = [got.url], {got.url}, 0
        pages: list[Entry] = []
        while waiting and n_read <= _MAX_MAPS and len(pages) < self.max_entries:
            url = waiting.pop(0)
            n_read += 1
            try:
                this = got if url == got.url else self._whole(url)
                found = read_sitemap(this.data, this.charset, self.fetcher.max_bytes)
            except InputRefused as error:
                yield Skipped(source=source if url == got.url else url, reason=error.message)
                continue
            except _DAMAGED as error:
                yield Skipped(source=url, reason=f"what came is damaged: {error}")
                continue
            pages += found.pages
            waiting += [name for name in found.maps if name not in seen]
            seen.update(found.maps)
        if waiting:
            yield Skipped(source=source, reason=f"{len(waiting):,} more site maps were left out")
        yield from self._entries(source, newest_first(pages), got.url, read)

    # Entries

    def _entries(
        self, source: str, entries: Sequence[Entry], home: str, read: Reader
    ) -> Iterator[Found]:
        seen: set[str] = set()
        for entry in entries[: self.max_entries]:
            name = canonical_url(entry.url) or entry.key or ""
            if name not in seen or not name:
                seen.add(name)
                yield from self._entry(source, entry, home, read)
        if len(entries) > self.max_entries:
            reason = (
                f"only the newest {self.max_entries:,} of its {len(entries):,} entries were read"
            )
            yield Skipped(source=source, reason=reason)

    def _entry(self, source: str, entry: Entry, home: str, read: Reader) -> Iterator[Found]:
        if entry.url is None:
            yield from self._from_feed(source, entry, home, read, "an entry has no address")
            return
        try:
            got = self.fetcher.fetch(entry.url, self._visit)
        except (AddressRefused, Gone) as error:
            yield Skipped(source=entry.url, reason=error.message)
            return
        except InputRefused as error:
            yield from self._from_feed(entry.url, entry, home, read, error.message)
            return
        if isinstance(got, NotModified):
            yield Unmodified(source=entry.url, url=got.visit.article_url)
            return
        yield from self._from_page(got, entry, home, read)

    def _from_page(self, got: Fetched, entry: Entry, home: str, read: Reader) -> Iterator[Found]:
        """The entry's page; where that holds no article or only a teaser, what the feed has."""
        kind = kind_of_list(got.data, got.charset)
        if kind is not None:
            yield Skipped(source=got.url, reason=f"it is a {kind}, not an article")
            return
        found = _articles(got, read, named=False)
        if len(found) != 1:
            yield from found
            return
        (only,) = found
        if isinstance(only, Skipped):
            yield from self._from_feed(only.source, entry, home, read, only.reason)
        elif isinstance(only, Loaded) and only.key is None:
            yield _filled(self._untrimmed(only, entry, home, read), entry)
        else:
            yield only

    def _from_feed(
        self, source: str, entry: Entry, home: str, read: Reader, reason: str
    ) -> Iterator[Found]:
        """The article as the feed carries it, else the reason why the page could not be read."""
        loaded = _carried(entry, home, read)
        yield Skipped(source=source, reason=reason) if loaded is None else loaded

    def _untrimmed(self, page: Loaded, entry: Entry, home: str, read: Reader) -> Loaded:
        """The page, with the feed's text in place of its own where that is but a beginning."""
        if len(entry.content or "") <= 2 * len(page.page.text):
            return page
        carried = _carried(entry, home, read)
        if carried is None or len(carried.page.text) <= 2 * len(page.page.text):
            return page
        # No visit: an unchanged page would not say that the feed's text is unchanged.
        return replace(page, page=replace(page.page, text=carried.page.text), visit=None)

    # Fetching

    def _visit(self, url: str) -> Visit | None:
        visit = self.visit_of(url)
        return visit if visit is not None and self.held(visit.article_url) else None

    def _whole(self, url: str) -> Fetched:
        """A feed or site map, always all of it: entries that failed last time are tried again."""
        got = self.fetcher.fetch(url)
        assert isinstance(got, Fetched)
        return got


def _articles(got: Fetched, read: Reader, *, named: bool) -> list[Found]:
    """What a reader finds in what was fetched; ``named``: the user chose this very address."""
    try:
        data = got.data
        if is_page(got) or got.media_type == "text/plain":
            data = _BOM + read_text(data, got.charset).encode("utf-8", "replace")
        found = list(read(file_name(got), data, url=got.url, path=None))
    except InputRefused as error:
        return [Skipped(source=got.url, reason=error.message)]
    except _DAMAGED as error:
        return [Skipped(source=got.url, reason=f"what came is damaged: {error}")]
    single = len(found) == 1
    return [_placed(one, got, named=named, single=single) for one in found]


def _placed(found: Found, got: Fetched, *, named: bool, single: bool) -> Found:
    """A reader's find under its web address instead of a file's name."""
    if isinstance(found, Skipped):
        return replace(found, source=got.url)
    if not isinstance(found, Loaded):
        return found
    claimed = found.page.url
    # Of several, each goes by its key, and in an archive by its name there.
    key = found.key if single else f"{found.path or ''}{found.key or ''}" or found.source
    if key is None:
        url = settled_url(got.url, claimed)
    else:  # one of several: believed as a file is that the user names, else about its own site
        own = canonical_url(claimed)
        url = own if own and (named or same_site(own, got.url)) else None
        key = key.removeprefix(file_name(got)).lstrip(" /#") or key
    visit = None
    if key is None and url is not None:
        visit = Visit(
            url=got.url,
            article_url=url,
            etag=got.etag,
            last_modified=got.last_modified,
            fetched_at=datetime.now(UTC),
        )
    return replace(
        found,
        source=got.url if key is None else f"{got.url}:{key}",
        path=None,
        key=None if key is None else f"{got.url}#{key}",
        page=replace(found.page, url=url),
        visit=visit,
    )


def _carried(entry: Entry, home: str, read: Reader) -> Loaded | None:
    """The article that a feed carries, if it does, and if it may speak for that address."""
    foreign = entry.url is not None and not same_site(entry.url, home)
    if entry.content is None or foreign or not is_whole(entry.content):
        return None
    page = f"<html><body><article>{entry.content}</article></body></html>"
    data = _BOM + page.encode("utf-8", "replace")
    try:
        found = list(read("entry.html", data, url=entry.url, path=None))
    except (InputRefused, *_DAMAGED):
        return None
    loaded = found[0] if len(found) == 1 else None
    if not isinstance(loaded, Loaded):
        return None
    # Of the rest, the entry knows best: a <time> within the text is not when it was published.
    title = entry.title or loaded.page.title
    own = Page(text=loaded.page.text, title=title, url=canonical_url(entry.url))
    key = None if own.url else f"{home}#{entry.key or entry.title or entry.published}"
    source = entry.url or home
    return _filled(replace(loaded, source=source, path=None, key=key, page=own), entry)


def _filled(loaded: Loaded, entry: Entry) -> Loaded:
    """The article with what its entry says where the page itself is silent."""
    page = loaded.page
    page = replace(
        page,
        title=page.title or entry.title,
        outlet=page.outlet or entry.outlet,
        authors=page.authors or entry.authors,
        published=page.published or entry.published,
        updated=page.updated or entry.updated,
        dated_by=page.dated_by if page.published or page.updated else "feed",
        section=page.section or entry.section,
        language=page.language or entry.language,
    )
    return replace(loaded, page=page)


def _hinted(found: list[Found], got: Fetched) -> Iterator[Found]:
    """What was found; where a front page held no article, with the feed that it names."""
    for one in found:
        if isinstance(one, Skipped) and is_page(got):
            link = feed_link(got.data.decode("utf-8", "replace"), got.url)
            hint = f"; it names a feed: feed:{link}" if link else ""
            yield replace(one, reason=one.reason + hint)
        else:
            yield one
