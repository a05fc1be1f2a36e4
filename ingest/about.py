"""What an article is called, who wrote it, which outlet ran it."""

import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import urlsplit

from ingest.clutter import is_clutter, is_network, is_rights
from ingest.date import stamps_of
from ingest.decode import tidy

_MAX_TITLE = 300  # characters; the longest headlines of the development data have 150
_MAX_NAME = 120
_HEADING = re.compile(r"#{1,2} +(\S.*)")
_PARTICLE = r"(?:de|da|di|del|della|van|von|der|den|la|le|bin|ben|al|el|ter|du|dos)"
_WORD = r"[^\W\d_a-z][\w.'’-]*"
_NAME = rf"{_WORD}(?:\s(?:{_PARTICLE}\s)?{_WORD}){{1,3}}"
_BY = re.compile(
    rf"(?:[Bb][Yy]|Von|Par|Por|Di|Door|Av):?\s({_NAME}(?:(?:,\s|\sand\s|,\sand\s|\s&\s){_NAME}){{0,5}})"
    r"(?=$|\s?[|,•·–—(/]|\s(?:for|of|in|at|Published|Updated)\s)"
)
_EDITION = re.compile(
    rf"This is an edition of ({_NAME}(?:(?:, | and |, and ){_NAME})*)(?:['’‘]s?)"
    r" [^.\n]{2,60}newsletter\b"
)
_SPLIT = re.compile(r"\s*(?:,|;|\band\b|&|\|)\s*")
_DESK = re.compile(
    r"\b(?:staff|editors?|reporters?|correspondent|writers?|team|news|press|agency|network|desk"
    r"|contributor|columnist|producer|times|post|journal|today|media|inc|llc|university|reuters"
    r"|bloomberg|cnn|bbc|afp|opinion|special|associated|board)\b",
    re.IGNORECASE,
)
# What stands before the section in a path: /2026/01/29/world/..., /story/sports/..., /en/world/...
_NO_SECTION = re.compile(r"\d{1,4}|story|stories|articles?|news|en|us|uk|int|[a-z]{2}-[a-z]{2}")
_SECTIONS = {
    word: word.capitalize()
    for word in (
        "world politics business economy markets finance money technology tech science health"
        " climate environment sport sports football culture arts entertainment lifestyle travel"
        " food opinion education media energy investigations weather books music film fashion"
        " style obituaries europe asia africa americas property autos gaming"
    ).split()
}
_DOMAIN = re.compile(r"(?:www\.)?([A-Za-z0-9-]{2,40}(?:\.[A-Za-z]{2,10}){1,2})")


def title_of(given: str | None, raw: str, *, markdown: bool = False) -> str | None:
    """The title: the one given, else the first heading, else a first line that stands as one.

    Such a line is short, does not end like a sentence, and has a paragraph below it.
    """
    if given and tidy(given):
        return tidy(given)[:_MAX_TITLE]
    lines = _first_lines(raw)
    if markdown:
        headings = (_HEADING.fullmatch(line) for line in lines[:5])
        heading = next((h[1] for h in headings if h), None)
        if heading:
            return tidy(re.sub(r"[*_`]|\s#+$", "", heading))[:_MAX_TITLE]
    lines = [line for line in lines if not is_clutter(line) and not is_network(line)]
    if len(lines) < 2 or not _is_headline(lines[0]):
        return None
    below = lines[1:6]
    return lines[0] if any(len(b) > len(lines[0]) and b[-1] in '.!?"”’)' for b in below) else None


def _first_lines(raw: str) -> list[str]:
    lines = (tidy(line) for line in raw[:20_000].splitlines())
    return list(islice(filter(None, lines), 20))


def _is_headline(line: str) -> bool:
    n_words = len(line.split())
    return (
        3 <= n_words <= 30
        and len(line) <= 200
        and not re.search(r"[.,;:…][\"'”’)]*$", line)
        and not line[0].islower()
        and not re.match(r"(?i)by\s[A-Z]|\((?:CNN|AP|Reuters)\)", line)
        and not re.fullmatch(rf"{_NAME}\sand\s{_NAME}", line)
        and not stamps_of(line, "mdy")[0]
    )


def authors_of(given: Iterable[str], raw: str) -> tuple[str, ...]:
    """The authors: those given, else those of a "By Jane Doe" line near the top."""
    names = [name for value in given for name in _people(value)]
    if not names:
        for line in _first_lines(raw)[:8]:
            match = _BY.match(line.strip("*_ ")) if len(line) <= 200 else None
            if match:
                names = _people(match[1])
                break
    if not names:
        edition = _EDITION.search(raw[-4_000:])
        names = _people(edition[1]) if edition else []
    return tuple(dict.fromkeys(names))


def _people(value: str) -> list[str]:
    value = re.sub(r"^(?i:(?:written\s)?by)[:\s]\s*", "", tidy(value))
    if value.startswith(("http://", "https://")):
        return []
    parts = (part.strip(" .") for part in _SPLIT.split(value[:500]))
    return [
        p[:_MAX_NAME] for p in parts if len(p) > 2 and not _DESK.search(p) and not stamps_of(p)[0]
    ]


def outlet_of(given: str | None, url: str | None, raw: str) -> str | None:
    """The outlet: the one given, else the host of the URL, else a web name that signs the page.

    Such a name stands alone on a line at the foot, with a copyright line close by.
    """
    if given and tidy(given):
        return tidy(given)[:_MAX_NAME]
    host = urlsplit(url).hostname if url else None
    if host:
        return host.removeprefix("www.")
    tail = [line for line in (tidy(part) for part in raw[-4_000:].splitlines()) if line][-12:]
    if not any(is_rights(line) for line in tail):
        return None
    names = [match[1] for match in map(_DOMAIN.fullmatch, tail) if match]
    return names[0] if len(set(names)) == 1 else None


def section_of(given: str | None, url: str | None) -> str | None:
    """The section: the one given, else the first part of the URL's path that names one."""
    if given and tidy(given):
        return tidy(given)[:_MAX_NAME]
    parts = urlsplit(url).path.lower().split("/") if url else []
    first = next((p for p in parts if p and not _NO_SECTION.fullmatch(p)), "")
    return _SECTIONS.get(first)
