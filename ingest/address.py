"""Web addresses: the one under which an article is kept, whatever link led to it.

Two addresses of one article that stay apart cost a duplicate, which grouping finds later. Two
articles under one address cost an article. So only what is known to carry no content is dropped:
parameters that count readers, and the marks of AMP, a second copy of a page for phones.
"""

import ipaddress
import re
from urllib.parse import SplitResult, unquote_plus, urljoin, urlsplit, urlunsplit

from ingest.decode import tidy

_MAX_URL = 2_000
_MAX_WRAPS = 3  # an AMP cache inside a viewer inside a viewer

# After the public lists of ClearURLs, AdGuard and Firefox, cut to names that never hold an id.
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|piwik|matomo|itm|vero|oly|at|ns|fb_action|hsa)_\w+|__?hs\w+"
    r"|mc_[ce]id|mc_ct|[fgdty]b?clid|tt?w?clid|ttclid|gclsrc|[gw]braid|gad_\w+|ysclid|msclkid"
    r"|s_kwcid|srsltid|rb_clickid|irclickid|li_fat_id|wickedid|epik|cjevent|awc|_openstat"
    r"|igsh|igshid|_ga|_gl|_branch_match_id|_bhlid|mkt_tok|ml_subscriber(?:_hash)?|wprov"
    r"|cmpid|campaign_?id|ocid|cvid|ncid|smid|smtyp|emc|tpcc|ftag|mbid|taid|cndid|bxid|esrc"
    r"|ito|icid|intcmp|s_cid|sc_cid|sr_share|wt[._]mc(?:_id)?|xtor|soc_src|soc_trk|ref_?src"
    r"|referrer|referringsource|traffic_source|guccounter|guce_referrer(?:_sig)?|spm|trk"
    r"|__twitter_impression|fb_source|fbc|hss_channel|unlocked_article_code|sharetoken"
    r"|amp|amp_\w+|usqp|gnt-\w+|gca-\w+",
    re.IGNORECASE,
)
# Dropped unless they hold a number, which may be the article's.
_DOUBTFUL = re.compile(r"ref|share|partner|mod|cmp|campaign|smprod|sref|reflink", re.IGNORECASE)
_NUMBER = re.compile(r"[\W_]*\d[\d\W_]*")
_ORIGIN = re.compile(r"source|src|from|via|medium|channel|feed|fr", re.IGNORECASE)
_ORIGINS = re.compile(
    r"(?:rss|feeds?|atom|twitter|facebook|linkedin|whatsapp|reddit|e?mail|newsletters?|social"
    r"|share|home_?page|amp)(?:[_-].*)?",
    re.IGNORECASE,
)
_AS_AMP = re.compile(r"output(?:type)?|view|type", re.IGNORECASE)
_CACHE = re.compile(r"(?:[\w-]+\.)?(?:cdn\.ampproject\.org|bing-amp\.com)", re.IGNORECASE)
_CACHED = re.compile(r"/(?:c|v|wp)/(s/)?([\w-]+(?:\.[\w-]+)+(?::\d+)?/.*)")
_VIEWED = re.compile(r"/amp/(s/)?([\w-]+(?:\.[\w-]+)+(?::\d+)?/.*)")
_AMP_PATH = re.compile(r"(?<=[^/])(?:(?:/amp)+(?=/?$)|(?:\.amp)+(?=(?:\.html?)?$))", re.IGNORECASE)
# Everyone's own name stands before these; the list of public suffixes lacks some of them.
_SHARED_HOSTS = re.compile(
    r"(?:.*\.)?(?:wordpress\.com|substack\.com|tumblr\.com|medium\.com|livejournal\.com"
    r"|typepad\.com|ghost\.io|beehiiv\.com|wixsite\.com|weebly\.com|squarespace\.com)"
)


def canonical_url(url: str | None) -> str | None:
    """A web address without fragment, tracking parameters and marks of AMP; None if it is none.

    What else stands in its query stays, letter by letter.
    """
    url = tidy(url or "")
    try:
        parts = _unwrapped(urlsplit(url))
        host = _host(parts)
        port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or len(url) > _MAX_URL:
        return None
    host = f"[{host}]" if ":" in host else host
    query = "&".join(filter(_tells, parts.query.split("&")))
    return urlunsplit((parts.scheme.lower(), host + port, _path(parts.path), query, ""))


def settled_url(fetched: str, claimed: str | None) -> str | None:
    """The address to keep a page under that was fetched from one and names another as its own.

    A page is believed about its own site only, or anyone could put words under another's address;
    and not when it names the front page or loses the parameter that tells it from its neighbours,
    as careless templates do on every page.
    """
    here = canonical_url(fetched)
    try:
        there = canonical_url(urljoin(fetched, tidy(claimed))) if claimed else None
    except ValueError:
        there = None
    if here is None or there is None or not same_site(here, there):
        return here
    mine, other = urlsplit(here), urlsplit(there)
    if other.path == "/" and not other.query and (mine.path != "/" or mine.query):
        return here
    same_path = mine.path.rstrip("/") == other.path.rstrip("/")
    return here if same_path and mine.query and not other.query else there


def same_site(one: str, other: str) -> bool:
    """True if two addresses belong to one owner: www.bbc.co.uk and m.bbc.co.uk do."""
    try:
        return _owner(one) == _owner(other)
    except ValueError:
        return False


def _owner(url: str) -> tuple[str, int | None]:
    from courlan import extract_domain

    parts = urlsplit(url)
    host = _host(parts)
    port = parts.port if parts.port not in (80, 443) else None
    if _SHARED_HOSTS.fullmatch(host) or _is_number(host):
        return host.removeprefix("www."), port
    # Names inside a company are in no public list; their last two labels say whose they are.
    return extract_domain(f"https://{host}/") or ".".join(host.split(".")[-2:]), port


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _unwrapped(parts: SplitResult) -> SplitResult:
    """The page that an AMP cache or viewer shows, else ``parts`` itself."""
    for _ in range(_MAX_WRAPS):
        host = parts.hostname or ""
        if _CACHE.fullmatch(host):
            inner = _CACHED.fullmatch(parts.path)
        elif re.fullmatch(r"(?:www\.)?google(?:\.[a-z]{2,3}){1,2}", host):
            inner = _VIEWED.fullmatch(parts.path)
        else:
            inner = None
        if inner is None:
            break
        rest = f"?{parts.query}" if parts.query else ""
        parts = urlsplit(f"http{'s' if inner[1] else ''}://{inner[2]}{rest}")
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower().rstrip(".")
    while host.startswith("amp.") and "." in host[4:]:
        host = host[4:]
    return host


def _path(path: str) -> str:
    while (shorter := _AMP_PATH.sub("", path)) != path:
        path = shorter
    return path or "/"


def _tells(parameter: str) -> bool:
    """True if a parameter may say which article is meant."""
    name, _, value = map(unquote_plus, parameter.partition("="))
    if not name and not value:
        return False
    if _TRACKING.fullmatch(name) or (_AS_AMP.fullmatch(name) and value.lower() == "amp"):
        return False
    if _DOUBTFUL.fullmatch(name):
        return bool(_NUMBER.fullmatch(value))
    return not (_ORIGIN.fullmatch(name) and _ORIGINS.fullmatch(value))
