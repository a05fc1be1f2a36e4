"""Reads what news agencies send: NITF, NewsML-G2 and NewsML 1.

Only what a reader is shown is taken. A story that the agency withdrew or put under embargo is
refused, since an answer must not quote it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ingest.page import Page, Part
from ingest.prose import letter, page_of, prose, xml_tree
from rag.errors import InputRefused

_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?)?(Z|[+-]\d\d:?\d\d)?")
_WITHDRAWN = ("canceled", "cancelled", "withheld", "withdrawn", "killed")
_FEEDS = ("rss", "feed", "RDF", "urlset", "sitemapindex")


def read_newsxml(data: bytes) -> Iterator[Part]:
    """The stories of an agency's message."""
    root = xml_tree(data)
    if root.tag in _FEEDS:
        raise InputRefused("it is a feed or a site map: give its address instead of the file")
    if root.tag == "html":
        yield Part(page=page_of(data))
        return
    if root.tag == "nitf":
        yield Part(page=_nitf(root), key=_first(root, "head/docdata/doc-id/@id-string"))
        return
    items = _items(root)
    if not items:
        raise InputRefused(f"<{root.tag[:60]}> is no kind of XML that is read (NITF, NewsML)")
    for number, item in enumerate(items, 1):
        yield _story(item, number)


def _items(root: Any) -> list[Any]:
    if root.tag in ("newsItem", "packageItem"):
        return [root]
    if root.tag in ("newsMessage", "NewsML"):
        return list(root.iter("newsItem", "NewsItem"))
    return []


def _story(item: Any, number: int) -> Part:
    key = item.get("guid") or _first(item, ".//PublicIdentifier") or f"#{number}"
    try:
        return Part(page=_g2(item) if item.tag == "newsItem" else _newsml(item), key=key)
    except InputRefused as error:
        return Part(reason=error.message, key=key)


def _first(element: Any, path: str) -> str | None:
    """The first of what an XPath finds that is not blank, on one line."""
    for found in element.xpath(path):
        text = found if isinstance(found, str) else "".join(found.itertext())
        if text.strip():
            return " ".join(text.split())
    return None


def _date(value: str | None) -> str | None:
    """20260105T081500Z as other readers know it: 2026-01-05T08:15:00Z."""
    parts = _COMPACT.fullmatch(value or "")
    if not parts:
        return value
    year, month, day, hour, minute, second, zone = parts.groups()
    time = f"T{hour}:{minute}:{second or '00'}{zone or ''}" if hour else ""
    return f"{year}-{month}-{day}{time}"


def _refuse_embargoed(until: str | None, status: str | None) -> None:
    if any(word in (status or "").lower() for word in _WITHDRAWN):
        raise InputRefused("the agency withdrew it")
    if not until:
        if "embargo" in (status or "").lower():
            raise InputRefused("it is under embargo")
        return
    try:
        end = datetime.fromisoformat(_date(until) or "")
    except ValueError:
        raise InputRefused(f"it is under embargo until {until[:40]}") from None
    end = end.astimezone(UTC) if end.tzinfo else end.replace(tzinfo=UTC)
    if end > datetime.now(UTC):
        raise InputRefused(f"it is under embargo until {end:%Y-%m-%d %H:%M} UTC")


def _paragraphs(content: Any) -> str:
    """The body of an NITF story, without the captions of its pictures."""
    for media in list(content.iter("media")):
        media.clear(keep_tail=True)
    return prose(content)


def _nitf(root: Any) -> Page:
    docdata = "head/docdata"
    _refuse_embargoed(
        _first(root, f"{docdata}/date.release/@norm"), _first(root, f"{docdata}/@management-status")
    )
    content = root.find("body/body.content")
    text = _paragraphs(content) if content is not None else ""
    if not text:
        raise InputRefused("the story holds no text")
    published = _date(
        _first(root, f"{docdata}/date.issue/@norm")
        or _first(root, "head/pubdata/@date.publication")
        or _first(root, "body/body.head/dateline/story.date/@norm")
    )
    return Page(
        text=text,
        title=_first(root, "body/body.head/hedline/hl1 | body/body.head/headline")
        or _first(root, "head/title"),
        outlet=_first(root, "head/pubdata/@name | body/body.head/distributor")
        or _first(root, f"{docdata}/doc.copyright/@holder"),
        authors=_byline(_first(root, "body/body.head/byline/person | body/body.head/byline")),
        url=_first(root, "head/pubdata/@ex-ref"),
        published=published,
        section=_first(root, f"{docdata}/identified-content/classifier[@type='section']/@value")
        or _first(root, "head/pubdata/@position.section | //tobject.subject/@tobject.subject.type"),
        language=_first(root, "@xml:lang | body/@xml:lang | //meta[@name='language']/@content"),
    )


def _byline(line: str | None) -> tuple[str, ...]:
    name = re.sub(r"^by\s+", "", line or "", flags=re.IGNORECASE)
    return (name,) if name else ()


def _g2(item: Any) -> Page:
    status = _first(item, "itemMeta/pubStatus/@qcode")
    embargo = item.find("itemMeta/embargoed")
    until = (embargo.text or "").strip() if embargo is not None else None
    _refuse_embargoed(until, status if until != "" else f"{status} embargo")
    body = _g2_body(item)
    first = _first(item, "itemMeta/firstCreated") or _first(item, "contentMeta/contentCreated")
    version = _first(item, "itemMeta/versionCreated")
    return replace(
        body,
        title=_first(item, "contentMeta/headline") or body.title or _first(item, "itemMeta/title"),
        outlet=_named(item, "itemMeta/provider") or _named(item, "contentMeta/infoSource"),
        authors=_g2_authors(item) or body.authors,
        url=body.url or _first(item, "itemMeta/link[contains(@rel,'canonical')]/@href"),
        published=first or version or body.published,
        updated=version if first and version != first else None,
        section=_named(item, "contentMeta/subject") or body.section,
        language=_first(item, "contentMeta/language/@tag | @xml:lang") or body.language,
    )


def _g2_authors(item: Any) -> tuple[str, ...]:
    by = _byline(_first(item, "contentMeta/by"))
    return by or tuple(
        filter(
            None,
            (_first(c, "name") or c.get("literal") for c in item.findall("contentMeta/creator")),
        )
    )


def _named(item: Any, path: str) -> str | None:
    return _first(item, f"{path}/name") or _first(item, f"{path}/@literal | {path}/@qcode")


def _g2_body(item: Any) -> Page:
    """The story in one of the forms that it is sent in, the fullest first."""
    for nitf in item.iterfind("contentSet/inlineXML/nitf"):
        return _nitf(nitf)
    for inline in item.iterfind("contentSet/inlineXML"):
        text = prose(inline)
        if text:
            return Page(text=text)
    for data in item.iterfind("contentSet/inlineData"):
        text = "".join(data.itertext()).strip()
        if text:
            return Page(text=letter(text) if "html" in data.get("contenttype", "") else text)
    kind = (_first(item, "itemMeta/itemClass/@qcode") or "").rpartition(":")[2]
    what = f"a {kind}" if kind and kind != "text" else "an item"
    raise InputRefused(f"it is {what} without a text")


def _newsml(item: Any) -> Page:
    management = "NewsManagement"
    status = _first(item, f"{management}/Status/@FormalName") or ""
    until = _first(item, f"{management}/StatusWillChange/DateAndTime")
    _refuse_embargoed(until if "embargo" in status.lower() else None, status)
    content = next(item.iter("DataContent"), None)
    nitf = next(content.iter("nitf"), None) if content is not None else None
    body = (
        _nitf(nitf)
        if nitf is not None
        else Page(text=prose(content) if content is not None else "")
    )
    if not body.text:
        raise InputRefused("it is an item without a text")
    return replace(
        body,
        title=_first(item, ".//NewsLines/HeadLine") or body.title,
        outlet=_first(item, ".//Provider/Party/@FormalName | .//ProviderId") or body.outlet,
        authors=_byline(_first(item, ".//NewsLines/ByLine")) or body.authors,
        published=_date(_first(item, f"{management}/FirstCreated")) or body.published,
        updated=_date(_first(item, f"{management}/ThisRevisionCreated")),
        section=_first(item, ".//Subject/@FormalName") or body.section,
        language=_first(item, ".//DescriptiveMetadata/Language/@FormalName") or body.language,
    )
