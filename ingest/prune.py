"""Takes out of a page what is not its article, before the text is read.

By tag, style and the names that pages give to their parts. A part goes only when it is small
beside the rest and does not hold the headline, since some sites name everything "paywall".
"""

import re
from collections.abc import Iterator
from typing import Any

from ingest.markup import heading_of

_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?![.\d]*[1-9])"
    r"|text-indent\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_NEVER_HIDDEN = ("html", "body", "main", "article")  # shown by a script that has loaded
_DROPPED = ("script", "style", "template", "noscript", "iframe", "object", "svg", "form")
_CLUTTER = frozenset(
    "donate donation newsletter newsletters signup optin subscribe subscription paywall gate"
    " meter share sharing sharebar social related recirc recirculation recommended recommendations"
    " recommend rec trending promo promos cookie cookies consent cmp gdpr comments comment"
    " commentlist respond disqus outbrain taboola ad ads advert adverts advertisement advertising"
    " adslot sponsor sponsored breadcrumb breadcrumbs crumbs tags toolbar tools bio bios pullquote"
    " nav navbar menu sidebar rail footer foot masthead ticker follow followup ask popular viewed"
    " skip print printonly also more next readmore teaser teasers srcs references footnotes credit"
    " caption figcaption anzeige werbung teilen publicidad publicidade publicite pubblicita"
    " compartir compartilhar partager condividi relacionadas relacionados aussi veja leia login"
    " account video vid player eyebrow kicker dachzeile toc disclaimer".split()
)
_PAIRS = re.compile(
    r"author-(?:bio|box|card|info)|about-(?:the-)?author|most-(?:read|viewed|popular|shared)"
    r"|read-(?:more|next|also)|see-also|up-next|pull-?quote|sign-up|source-list|people-also|call-to",
    re.IGNORECASE,
)
_SIGNED = frozenset(
    "byline bylines author authors autor autore signature firma contributors meta postmeta date"
    " data fecha datum timestamp dateline time published updated stamp readtime".split()
)
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MAX_SHARE = 0.25  # of the page's text
_MAX_PROSE = 0.5  # of the page's whole paragraphs: more means that its names mean something else
_SENTENCE = re.compile(r"[.!?][\"”’)]*(?:\s?\[[\d, ]{1,9}\])*$")
_MOST = 0.8  # of them, in the part that is the article
_PARTS = ("div", "section", "td")
_MAX_LINE = 160  # of a paragraph that goes for its name
_NOTE = re.compile(r"(?:\s*\[?\d{1,3}\]?\s*,?)+")
_NOTE_CLASS = re.compile(r"(?:^|[\s_-])(?:fn|ref|refs|reference|cite|citation|footnote|note)", re.I)
# A link of which only the host or "+2" is shown is an aggregator's note, unless words lead to it.
_CHIP = re.compile(r"\s*(?:(?:[\w-]{1,40}\.){1,3}[a-z]{2,10}|\+\d{1,2})\s*")
_LEADS_ON = re.compile(
    r"(?:^|\b(?:at|on|to|by|of|from|via|in|and|or|see|visit|called|site)|[:(,])\s*$", re.I
)
_UNIT = re.compile(r"(?:\d|\b(?:k|c|m|d|n)?(?:m|s|g|ft|in|mi|yd|R|CO|x|e|χ))\s*$")
_LIST_MARK = re.compile(r"(?m)^- ")
_TABLE_ROW = re.compile(r"(?m)^\|.*\|$")
_CELL_MARK = re.compile(r"(?:\s?\|)+\s?")
_PARAGRAPHS = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "blockquote", "span", "a")


def drop_clutter(tree: Any) -> None:
    """Take out small parts that their names call clutter, note marks, and layout tables."""
    _drop_notes(tree)
    _open_layout(tree)
    heading = heading_of(tree)
    kept = set() if heading is None else {heading, *heading.iterancestors()}
    whole = len(tree.text_content()) * _MAX_SHARE
    doomed = []
    for element in tree.iter("*"):
        if element in kept or element.tag in _NEVER_HIDDEN:
            continue
        named = f"{element.get('class', '')} {element.get('id', '')}"
        if len(named) > 1 and _is_clutter(element, named[:500], whole):
            doomed.append(element)
    if sum(map(_prose, doomed)) <= _MAX_PROSE * sum(_prose(body) for body in tree.iter("body")):
        for element in doomed:
            element.clear(keep_tail=True)


def mark_article(tree: Any) -> None:
    """Name the part that holds most of the whole paragraphs, where the page names none.

    trafilatura reads a part without a name that it knows as loose paragraphs: its headings and
    lists are lost.
    """
    if tree.xpath("boolean(//article | //main)"):
        return
    part = next(iter(tree.xpath("//body")), None)
    whole = _prose(part) if part is not None else 0
    while whole and part is not None:
        inner = max(part.iterchildren(*_PARTS), key=_prose, default=None)
        if inner is None or _prose(inner) < _MOST * whole:
            break
        part = inner
    if part is not None and part.tag in _PARTS:
        part.tag = "article"


def _prose(element: Any) -> int:
    """The characters of an element's whole paragraphs."""
    texts = (p.text_content().strip() for p in element.iter("p"))
    return sum(len(text) for text in texts if len(text) >= 80 and _SENTENCE.search(text))


def _is_clutter(element: Any, named: str, limit: float) -> bool:
    pieces = {piece.lower() for piece in _PIECE.findall(named)}
    signed = not pieces.isdisjoint(_SIGNED)
    if not signed and pieces.isdisjoint(_CLUTTER) and not _PAIRS.search(named):
        return False
    if element.tag == "table":
        return False
    text = " ".join(element.text_content().split())
    if element.tag in _PARAGRAPHS:
        limit = min(limit, _MAX_LINE)
    if pieces.isdisjoint(_CLUTTER) and not _PAIRS.search(named):
        return len(text) <= _MAX_LINE and not re.search(r"[.!?][\"”’]?$", text)
    return len(text) <= limit


def _drop_notes(tree: Any) -> None:
    """Note marks: a number set small or named as a reference, but not the 2 of a square metre."""
    for element in list(tree.iter("sup", "a", "span", "cite")):
        text = element.text_content()
        if len(text) > 40 or not _NOTE.fullmatch(text):
            continue
        linked = element.tag == "a" and element.get("href", "").startswith("#")
        named = _NOTE_CLASS.search(f"{element.get('class', '')} {element.get('id', '')}")
        inner = element.tag == "sup" and len(element) > 0
        plain = element.tag == "sup" and not _UNIT.search(_before(element))
        if linked or named or inner or plain:
            element.clear(keep_tail=True)  # drop_tree copies the text before it each time
    for link in list(tree.iter("a")):
        if _CHIP.fullmatch(link.text_content()) and not _LEADS_ON.search(_before(link)):
            link.clear(keep_tail=True)


def _before(element: Any) -> str:
    previous = element.getprevious()
    if previous is not None:
        return str(previous.tail or previous.text_content())[-20:]
    parent = element.getparent()
    return str(parent.text or "")[-20:] if parent is not None else ""


def _open_layout(tree: Any) -> None:
    """Tables that hold whole columns of paragraphs become plain parts."""
    for table in list(tree.iter("table")):
        if table.xpath(".//h1") or len(table.xpath(".//td/p[string-length() > 80]")) > 1:
            for part in (table, *table.iter("tbody", "tr", "td", "th")):
                part.tag = "div"


def drop_hidden(tree: Any) -> None:
    """Take out what a reader of the page would not see."""
    hidden = {name for style in tree.iter("style") for name in _hidden_names(style.text or "")}
    doomed = [
        element
        for element in tree.iter("*")
        if element.tag in _DROPPED
        or "hidden" in element.attrib
        or _HIDDEN_STYLE.search(element.get("style", ""))
        or (element.tag not in _NEVER_HIDDEN and not hidden.isdisjoint(_names(element)))
    ]
    for element in doomed:
        if element.getparent() is not None:
            element.drop_tree()


def _hidden_names(css: str) -> Iterator[str]:
    """The ".class" and "#id" that a style sheet hides outright, not only on some screens."""
    depth, selector = 0, ""
    for text, brace in re.findall(r"([^{}]*)([{}])", css):
        if brace == "{":
            depth, selector = depth + 1, text if depth == 0 else selector
            continue
        if depth == 1 and _HIDDEN_STYLE.search(text):
            yield from re.findall(r"(?:^|,)\s*\w{0,20}([.#][\w-]+)\s*(?=,|$)", selector)
        depth = max(depth - 1, 0)


def _names(element: Any) -> list[str]:
    ids = [f"#{element.get('id')}"] if element.get("id") else []
    return ids + [f".{name}" for name in element.get("class", "").split()]


def mended(text: str, title: str, standfirst: str) -> str:
    """The text below its title, without the marks of lists and tables, with its standfirst."""
    lines = text.split("\n")
    named = next((i for i, line in enumerate(lines[:4]) if _plain(line) == _plain(title)), -1)
    text = "\n".join(lines[named + 1 :]) if any(lines[named + 1 :]) else text
    text = _LIST_MARK.sub("", text)
    text = _TABLE_ROW.sub(lambda row: _CELL_MARK.sub(" ", row[0]).strip(), text)
    return text if _plain(standfirst) in _plain(text) else f"{standfirst}\n{text}"


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
