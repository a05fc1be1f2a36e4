"""What an article is called, who wrote it, which outlet ran it and whom it leans on."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from ingest.clutter import is_clutter, is_network, is_rights
from ingest.date import stamps_of
from ingest.decode import tidy
from rag.schema import Credit

_MAX_TITLE = 300  # characters; the longest headlines of the development data have 150
_MAX_NAME = 120
_HEADING = re.compile(r"#{1,2} +(\S.*)")
_PARTICLE = r"(?:de|da|di|del|della|van|von|der|den|la|le|bin|ben|al|el|ter|du|dos)"
_WORD = r"[^\W\d_a-z][\w.'’-]*"
_NAME = rf"{_WORD}(?:\s(?:{_PARTICLE}\s)?{_WORD}){{1,3}}"
_BY = re.compile(
    rf"[Bb][Yy]:?\s({_NAME}(?:(?:,\s|\sand\s|,\sand\s|\s&\s){_NAME}){{0,5}})"
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
_DOMAIN = re.compile(r"(?:www\.)?([A-Za-z0-9-]{2,40}(?:\.[A-Za-z]{2,10}){1,2})")

# Outlets and agencies under the names by which articles credit them.
_OUTLETS = {
    "AP": "Associated Press", "Associated Press": "", "Reuters": "", "Bloomberg": "",
    "Bloomberg News": "Bloomberg", "AFP": "", "Agence France-Presse": "AFP", "CNN": "", "BBC": "",
    "BBC News": "BBC", "NBC News": "", "NBC": "NBC News", "ABC News": "", "CBS News": "",
    "Fox News": "", "NPR": "", "CNBC": "", "MSNBC": "", "ESPN": "", "Politico": "",
    "POLITICO": "Politico", "Axios": "", "WIRED": "Wired", "Wired": "", "Verge": "The Verge",
    "TechCrunch": "", "Information": "The Information", "Nikkei": "", "Nikkei Asia": "",
    "Xinhua": "", "TASS": "", "Yonhap": "", "Kyodo": "", "Al Jazeera": "", "Der Spiegel": "",
    "Le Monde": "", "El País": "", "Atlantic": "The Atlantic", "New Yorker": "The New Yorker",
    "Economist": "The Economist", "USA TODAY": "", "USA Today": "USA TODAY", "Guardian":
    "The Guardian", "Independent": "The Independent", "Daily Beast": "The Daily Beast", "Hill":
    "The Hill", "Intercept": "The Intercept", "ProPublica": "", "BuzzFeed News": "", "Variety": "",
    "Deadline": "", "TMZ": "", "Business Insider": "", "Forbes": "", "Fortune": "", "Caixin": "",
    "Semafor": "", "Puck": "", "Vox": "", "Slate": "", "Haaretz": "", "Time magazine": "Time",
}  # fmt: skip
_PAPERS = (
    "Times", "Post", "Journal", "Tribune", "Herald", "Chronicle", "Gazette", "Telegraph", "Globe",
    "Observer", "Inquirer", "Mail", "Sun-Times",
)  # fmt: skip
_CREDITED = (
    r"((?:[Tt]he\s)?(?:"
    + "|".join(re.escape(name) for name in sorted(_OUTLETS, key=len, reverse=True))
    + r"|(?:[A-Z][\w.'’-]{1,30}\s){1,3}(?:"
    + "|".join(_PAPERS)
    + r"|Morning\sPost|News\sAgency)))\b"
)
# The verb is looked up first and its subject behind it: the other way round costs five times more.
_SAID = re.compile(
    r",?\s(?:first\s|previously\s|also\s)?(?:reported|reports|reporting|revealed)\b"
    r"|\scontributed\sto\sthis\s"
)
_SUBJECT = re.compile(r"(?<!\w)" + _CREDITED + "$")
_MAX_NAMED = 70  # characters of an outlet's name and its article
_CREDITS = (
    re.compile(r"\b(?:[Aa]ccording\sto|[Rr]eported\sby|[Rr]eports\s(?:by|from|in))\s" + _CREDITED),
    re.compile(r"\b(?:told|interview\swith|statement\sto|obtained\sby|seen\sby|reviewed\sby)\s"
               + _CREDITED),
    re.compile(r"\(" + _CREDITED + r"\)\s[–—-]"),
    re.compile(r"^Contributing:.{0,120}?\b" + _CREDITED, re.MULTILINE),
)  # fmt: skip


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
    return [line for line in lines if line][:20]


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


def credits_of(article_id: str, text: str, outlet: str | None) -> tuple[Credit, ...]:
    """The outlets that the article leans on ("according to Reuters"), in the order of mention.

    ``text`` is the article's cleaned text, in which the credits' offsets count.
    """
    found: list[tuple[int, int, str]] = []
    for pattern in _CREDITS:
        found += [(*m.span(), m[1]) for m in pattern.finditer(text)]
    for verb in _SAID.finditer(text):
        start = max(0, verb.start() - _MAX_NAMED)
        subject = _SUBJECT.search(text[start : verb.start()])
        if subject:
            found.append((start + subject.start(), verb.end(), subject[1]))
    named: dict[str, tuple[int, int]] = {}
    for start, end, given in sorted(found):
        name = _known(given)
        if name and _plain(name) != _plain(outlet or ""):
            named.setdefault(name, (start, end))
    return tuple(
        Credit(article_id=article_id, start=a, end=b, text=text[a:b], name=name, kind="report")
        for name, (a, b) in named.items()
    )


def _plain(outlet: str) -> str:
    """The bare name, "cnn" for "CNN" and for "edition.cnn.com", to tell an article's own outlet."""
    name = outlet.lower().removeprefix("the ")
    if _DOMAIN.fullmatch(name):
        labels = name.split(".")
        name = labels[-3] if len(labels) > 2 and labels[-2] in ("co", "com", "org") else labels[-2]
    return re.sub(r"\W", "", name)


def _known(name: str) -> str | None:
    """The usual form of an outlet's name; None for a common noun without its article."""
    words = name.split()
    bare = " ".join(words[1:] if words[0] in ("The", "the") else words)
    if bare in _PAPERS:
        return None
    usual = _OUTLETS.get(bare, bare) or bare
    return None if usual == f"The {bare}" and words[0] not in ("The", "the") else usual
