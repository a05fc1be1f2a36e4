"""Web addresses that a visitor types: the only sources a visitor can name besides uploads."""

import re

from rag.errors import InputRefused
from rag.i18n import msgid
from rag.render import is_web_url, shortened

MAX_ADDRESSES = 1_000
MAX_CHARS = 2_000
KINDS_OF_ADDRESS = (
    ("guess", msgid("As each address looks")),
    ("page", msgid("Web page")),
    ("feed", msgid("Feed (RSS, Atom)")),
    ("sitemap", msgid("Sitemap")),
)
# Used by the page's script too, so only what Python and JavaScript both read.
SITEMAP = re.compile(r"/([\w.-]*sitemap[\w.-]*\.(xml|txt)(\.gz)?|sitemap/?)([?#].*)?$", re.I)
FEED = re.compile(r"(\.(rss|atom|rdf|xml)|/(rss|feeds?|atom)(\.[a-z]+)?/?)([?#].*)?$", re.I)


def kind_of_address(url: str) -> str:
    """What an address looks like: sitemap, feed or page."""
    if SITEMAP.search(url):
        return "sitemap"
    return "feed" if FEED.search(url) else "page"


def sources_of(typed: str, kind: str) -> tuple[str, ...]:
    """The sources for addresses that were typed, each once.

    Raises:
        InputRefused: one is no http(s) address, there are none or too many.
    """
    if kind not in dict(KINDS_OF_ADDRESS):
        raise InputRefused(f"{kind[:100]!r} is no kind of address")
    urls = tuple(dict.fromkeys(_address(word) for word in typed.split()))
    if not urls:
        raise InputRefused("there is no address in it", "paste one like https://example.org/news")
    if len(urls) > MAX_ADDRESSES:
        raise InputRefused(f"{len(urls):,} addresses, more than {MAX_ADDRESSES:,} at once")
    return tuple(_source(url, kind_of_address(url) if kind == "guess" else kind) for url in urls)


def _source(url: str, kind: str) -> str:
    return url if kind == "page" else f"{kind}:{url}"


def _address(word: str) -> str:
    # What browsers show without its scheme; a path of the server's machine has no dot in front
    # of its first slash, or no letter.
    url = f"https://{word}" if re.match(r"[\w-]+(\.[\w-]+)+(/|$)", word) else word
    if len(url) > MAX_CHARS or not is_web_url(url):
        raise InputRefused(
            f"“{shortened(word, 100)}” is not a web address", "write it as https://example.org/news"
        )
    return url
