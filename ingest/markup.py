"""What the markup of a page says about its article: names, dates, section, language, headline."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ingest.date import stamps_of

_ARTICLE_TYPE = re.compile(r"(?:\w{0,20}News)?Article|BlogPosting|LiveBlogPosting|Report")
_PUBLISHED = (
    "article:published_time", "datepublished", "og:published_time", "article:published",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.issued",
    "dcterms.date", "pubdate", "publishdate", "publish-date", "publication_date", "published_at",
    "cxenseparse:recs:publishtime", "citation_publication_date", "date", "dc.date",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "datemodified", "og:updated_time", "dcterms.modified",
    "last-modified", "lastmod", "article:modified", "updated_time", "revised",
)  # fmt: skip
_SECTION = ("article:section", "parsely-section", "articlesection", "section", "og:section",
            "cxenseparse:section", "sailthru.section", "dc.subject.section")  # fmt: skip
_MAX_HEAD = 12  # lines around the headline
_MAX_LINE = 220
_BLOCKS = frozenset(
    "address article aside blockquote body br dd div dl dt fieldset figcaption figure footer h1 h2"
    " h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul".split()
)
_INLINE = ("span", "time", "em", "i", "b", "small", "strong", "a", "abbr")
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|trending|most-(?:read|popular|viewed)|sidebar|comments?"
    r"|promo\w*|newsletter|share|sharing|social|breadcrumbs?|cookie\w*|consent|nav\w*|menu|masthead"
    r"|advert\w*|ad-\w+|sponsored|teaser|footer|copyright|ticker|weather)(?:$|[\s_-])",
    re.IGNORECASE,
)
_STANDFIRST = re.compile(
    r"(?:^|[\s_-])(?:dek|deck|standfirst|stand-first|strap(?:line)?|sub-?(?:title|headline|head|hed)"
    r"|lead|lede|intro|summary|excerpt|sommario|ingress|manchet|chapo|vorspann|entradilla"
    r"|sottotitolo|linha-fina)(?:$|[\s_-])",
    re.IGNORECASE,
)
_NO_STANDFIRST = re.compile(r"(?i)^by\s|[|•·@]|\b(?:19|20)\d\d\b|\bsources?$")  # a byline, a date
_MAX_ABOVE = 4  # lines above the headline: a kicker, a date
_DATE_CLASS = re.compile(r"(?:^|[\s_-])(?:date|time|timestamp|pub\w*|updated)(?:$|[\s_-])", re.I)
_LABELLED = re.compile(
    r"(?:published|posted|updated?|modified|aktualisiert|veröffentlicht|publié|publicado"
    r"|actualizado|pubblicato|aggiornato)(?:\s(?:on|at|am|le|el|il))?\s?:?\s*$", re.I
)  # fmt: skip
_SEPARATOR = re.compile(r"(?<!published)(?<!updated)\s*[|•·]\s*", re.I)


def about_of(tree: Any) -> dict[str, Any]:
    """Title, outlet, authors, address, dates and so on, from JSON-LD first, then meta tags."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        name = name or meta.get("http-equiv")
        if name and meta.get("content", "").strip():
            metas.setdefault(name.lower(), meta.get("content").strip())
    linked = _linked_data(tree)
    canonical = tree.xpath("string(//link[@rel='canonical']/@href)").strip()
    heading = heading_of(tree)
    published = _first(linked.get("datePublished"), {}) or _first(None, metas, *_PUBLISHED)
    published = published or next(iter(tree.xpath(
        "//*[@itemprop='datePublished' or @pubdate]/@datetime"
        " | //*[@itemprop='datePublished']/@content"
    )), None)  # fmt: skip
    updated = _first(linked.get("dateModified"), metas, *_UPDATED)
    by_data = linked.get("datePublished") or (not published and linked.get("dateModified"))
    return {
        "title": _first(linked.get("headline"), metas, "og:title", "twitter:title")
        or (_text(heading) if heading is not None else None)
        or tree.xpath("string(//title)").strip()
        or None,
        "outlet": _first(_named(linked.get("publisher")), metas, "og:site_name"),
        "authors": _authors(linked.get("author"), metas) or _byline(tree),
        "url": canonical or metas.get("og:url"),
        "published": published,
        "updated": updated,
        "dated_by": "json-ld" if by_data else "meta",
        "section": _first(_plain(linked.get("articleSection")), metas, *_SECTION),
        "language": _language(tree, linked, metas),
    }


def _plain(value: object) -> object:
    """The first of several, as pages give them."""
    return value[0] if isinstance(value, list) and value else value


def _language(tree: Any, linked: dict[str, Any], metas: dict[str, str]) -> str | None:
    """What the page declares; "en-GB" rather than "en" when another tag says so."""
    given = (
        tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        _named(linked.get("inLanguage")),
        metas.get("content-language"), metas.get("og:locale"),
    )  # fmt: skip
    tags = [tag.strip().replace("_", "-") for tag in given if tag and tag.strip()]
    return next((t for t in tags if t.lower().startswith(f"{tags[0].lower()}-")), None) or next(
        iter(tags), None
    )


def _first(linked: object, metas: dict[str, str], *names: str) -> str | None:
    if isinstance(linked, str) and linked.strip():
        return linked.strip()
    return next((metas[name] for name in names if name in metas), None)


def _linked_data(tree: Any) -> dict[str, Any]:
    """The page's own schema.org article, or nothing."""
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        written = (script.text or "").strip()
        written = re.sub(r"^(?://)?\s?<!(?:--|\[CDATA\[)|(?://)?\s?(?:-->|\]\]>)$", "", written)
        try:
            found = json.loads(written, strict=False)  # pages put raw line breaks into strings
        except (ValueError, RecursionError):
            continue
        for item in _graph(found):
            kinds = item.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(kind, str) and _ARTICLE_TYPE.fullmatch(kind) for kind in kinds):
                return item
    return {}


def _graph(found: object) -> list[dict[str, Any]]:
    items: list[Any] = found if isinstance(found, list) else [found]
    graphs = [item.get("@graph") for item in items if isinstance(item, dict)]
    items = items + [node for graph in graphs if isinstance(graph, list) for node in graph]
    return [item for item in items if isinstance(item, dict)]


def _named(value: object) -> str | None:
    value = _plain(value)
    if isinstance(value, dict):
        value = value.get("name")
    return value.strip() if isinstance(value, str) and value.strip() else None


def _authors(linked: object, metas: dict[str, str]) -> tuple[str, ...]:
    people = linked if isinstance(linked, list) else [linked]
    named = tuple(name for name in map(_named, people) if name)
    if named:
        return named
    meta = metas.get("author") or metas.get("article:author") or metas.get("parsely-author")
    return () if not meta or meta.startswith(("http://", "https://")) else (meta,)


def _byline(tree: Any) -> tuple[str, ...]:
    lines = tree.xpath(
        "//*[@rel='author' or @itemprop='author' or contains(@class, 'byline')"
        " or contains(@class, 'author')]"
    )
    texts = (" ".join(line.text_content().split()) for line in lines[:5])
    return next(((text,) for text in texts if 3 < len(text) <= 100), ())


def heading_of(tree: Any) -> Any:
    """The element of the headline: the first h1, else an h2 that is named so; None if none is."""
    found = tree.xpath("(//article//h1 | //main//h1 | //h1)[1]") or tree.xpath(
        "(//h2[contains(@class, 'title') or contains(@class, 'headline')])[1]"
    )
    return found[0] if found else None


def head_of(tree: Any) -> str:
    """The lines around the headline: those of its own part before it, and after it to the text.

    A ``time`` element stands with its machine-readable moment, so that "3 hours ago" is a date.
    Empty if the page has no headline.
    """
    heading = heading_of(tree)
    if heading is None:
        return ""
    part = next(heading.iterancestors("article", "main"), None)
    lines: list[str] = []
    below = False
    for line, is_heading in _lines(tree if part is None else part, heading):
        prose = len(line) >= 160 or (len(line) >= 80 and line[-1] in '.?!"”')
        if is_heading:
            below, lines = True, [] if part is None else lines[-_MAX_ABOVE:]
        elif prose and below:
            break
        elif len(line) <= _MAX_LINE and not prose:
            lines += (piece for piece in _SEPARATOR.split(line) if piece)
        if below and len(lines) > _MAX_HEAD:
            break
    return "\n".join(lines[:_MAX_HEAD]) if below else ""


def standfirst_of(tree: Any) -> str:
    """The summary that stands under the headline, "" if there is none."""
    heading = heading_of(tree)
    if heading is None:
        return ""
    beside = heading.getnext()
    if beside is not None and beside.tag in ("p", "h2"):
        text = _text(beside)
        if 40 <= len(text) <= 300 and not _NO_STANDFIRST.search(text):
            return text
    near = heading.xpath("(following::p | following::h2 | following::div)[position() <= 12]")
    named = (_text(part) for part in near if _STANDFIRST.search(part.get("class", "")))
    return next((text for text in named if 40 <= len(text) <= 400), "")


def _text(element: Any) -> str:
    return " ".join(element.text_content().split())


def _lines(part: Any, heading: Any) -> Iterator[tuple[str, bool]]:
    """What stands on a line of its own in a part of the page, and whether it is the headline."""
    from lxml import etree

    above = {heading, *heading.iterancestors()}
    words: list[str] = []
    skipped: Any = None
    for event, element in etree.iterwalk(part, events=("start", "end")):
        if skipped is not None:
            if event == "end" and element is skipped:
                skipped = None
                words.append(element.tail or "")
            continue
        starts_line = element.tag in _BLOCKS or _is_stamp(element, event, words)
        if starts_line and (line := " ".join("".join(words).split())):
            yield line, event == "end" and element is heading
        words = [] if starts_line else words
        if event == "end":
            words.append((element.tail or "") if element is not part else "")
        elif element not in above and _is_beside(element):
            skipped = element
        elif element.tag == "time" and element.get("datetime"):
            words.append(element.get("datetime"))
            skipped = element
        else:
            words.append(element.text or "")


def _is_stamp(element: Any, event: str, before: list[str]) -> bool:
    """True for a date within a line, which stands for itself but for a "Published" before it."""
    if element.tag not in _INLINE:
        return False
    if event == "start" and _LABELLED.search("".join(before[-4:])[-30:]):
        return False
    named = element.tag == "time" or _DATE_CLASS.search(element.get("class", ""))
    return bool(named) or bool(stamps_of(_text(element)[:80], "mdy")[0])


def _is_beside(element: Any) -> bool:
    if element.tag in ("nav", "aside", "footer", "figure", "button"):
        return True
    return bool(_BESIDE.search(f"{element.get('class', '')} {element.get('id', '')}"))
