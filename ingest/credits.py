"""Whom an article leans on: other outlets, agencies, and people or papers that stay unnamed."""

import re
from collections.abc import Iterator

from ingest.outlets import NAME, is_agency, same_outlet, usual_name
from rag.schema import Credit, CreditKind

Found = tuple[int, int, str, CreditKind]  # start, end, name, kind

_OUTLET = f"({NAME})"
# What comes before the outlet's name says what it is credited with.
_BEFORE: tuple[tuple[CreditKind, tuple[str, ...], re.Pattern[str]], ...] = (
    ("interview", ("told ", "nterview", "peaking ", "spoke ", "statement "),
     re.compile(
        r"\b(?:told|(?:[Ii]n\s)?(?:an\s)?(?:[a-z]{3,12}\s)?interview\s(?:with|to|for|on|by)"
        r"|[Ss]peaking\s(?:to|with)|spoke\s(?:to|with)|statement\s(?:to|for)|[Ii]nterviewed\sby"
        r")\s" + _OUTLET)),
    ("agency", ("ith files", "ith material", "ith reporting", "ith info", "dditional reporting "),
     re.compile(
        r"\b(?:[Ww]ith\s(?:files|material|reporting|additional\sreporting|information)\s(?:from|by)"
        r"|[Aa]dditional\sreporting\s(?:by|from))\s(?:[A-Z][\w’'-]{1,20}\s){0,4}(?:(?:and|at|of|for)"
        r"\s)?" + _OUTLET)),
    ("report", ("ccording ", "eport", "iting ", "ed by ", "seen by ", "ublished "), re.compile(
        r"\b(?:[Aa]ccording\sto(?:\s(?:an?|the)\sreports?\s(?:by|from|in))?"
        r"|[Rr]eported\s(?:first\s)?(?:by|in)|[Rr]eports?\s(?:by|from|in)|[Cc]iting"
        r"|[Ff]irst\spublished\s(?:by|in)|obtained\sby|seen\sby|reviewed\sby|viewed\sby"
        r"|revealed\sby|(?:published\sby|(?:report|investigation|article|story|account"
        r"|analysis)\spublished\sin))\s" + _OUTLET)),
)  # fmt: skip
_ALSO = re.compile(r"(?:\sand|,|,\sand|\sor)\s" + _OUTLET)  # "according to Reuters and the AP"
_DATELINE = re.compile(
    rf"(?m)\(((?:{NAME})(?:/(?:{NAME}))?)\)\s?[–—-]|^(?:.{{0,40}}\s)?[–—]\s?(\(?{NAME}\)?)$"
)
# The verb is looked up first and its subject behind it: the other way round costs five times more.
_SAID = re.compile(
    r",?\s(?:(?:has|had|have)\s)?(?:first\s|previously\s|also\s|earlier\s|exclusively\s|since\s)?"
    r"(?:reported|reports|reporting|revealed)\b(?!\s(?:to|for)\b)"
    r"|(?P<gave>\scontributed\s(?:(?:to|reporting|research)\b))"
)
_SAID_KEYS = ("report", "reveal", "contribut")
_SUBJECT = re.compile(r"(?<![\w/])" + _OUTLET + "$")
_MAX_NAMED = 70  # characters of an outlet's name and its article
_NUMBER = (
    r"(?i:another|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several"
    r"|multiple|numerous|many|some|(?:half\s)?a\sdozen|more\sthan\s(?:a\sdozen|\d{1,3}|\w{3,6})"
    r"|\d{1,3})"
)
_KIND_OF = (
    r"(?:(?:(?i:other|unnamed|anonymous|current|former|senior|top|government|industry|company"
    r"|unidentified|confidential|separate|additional|security|diplomatic|political|banking|trade"
    r"|law\senforcement|intelligence|military|administration|and|or)"
    r"|U\.?S\.?|White\sHouse|[A-Z][a-z]{3,12})\s){0,4}"
)
_PEOPLE = (
    r"(?i:people|persons?|sources?|officials?|executives?|employees?|insiders?|individuals?"
    r"|diplomats?|aides?|advisers?|bankers?|staffers?)"
)
_OF_WHAT = (
    r"(?:\s(?:the|his|her|their|its|these|those|this|that|such))?"
    r"(?:\s(?:internal|private|ongoing|recent|[A-Za-z-]{2,20}['’]s?)|(?:\s[A-Z]\w{1,20}){1,2}(?=\s[a-z]))?"
    r"\s\w[\w’'-]{2,20}"
)
_KNOWING = (
    r"(?:(?:who\s(?:is|are|was|were)\s)?(?:familiar\swith|briefed\son|close\sto|privy\sto"
    rf"|with\s(?:direct\s|first-?hand\s|detailed\s|intimate\s)?knowledge\sof){_OF_WHAT}"
    r"|with\s(?:direct\s|first-?hand\s)knowledge"
    r"|(?:speaking|requesting|granted|who\s(?:spoke|requested|asked\sfor|was\sgranted))"
    r"\s(?:on\s(?:the\s)?condition\sof\s)?anonymity"
    r"|(?:asking|who\s(?:asked|declined))\s(?:not\s)?to\sbe\s(?:named|identified))"
)
_SPEAK = (
    r"(?:(?:have|had)\s)?(?:said|say|says|told|confirmed|claim(?:ed)?|tell|added|described)\b"
    r"(?!\sto\sbe)"
)
# Every part is bounded, so that time stays linear.
_UNNAMED = re.compile(
    rf"\b(?!(?:and|or)\s)(?P<who>(?:(?:{_NUMBER}|[Tt]he)\s)?{_KIND_OF}{_PEOPLE},?\s{_KNOWING})"
    rf"|\b(?P<plain>(?:{_NUMBER}\s{_KIND_OF}[Ss]ources?|{_KIND_OF}[Ss]ources))(?=\s{_SPEAK})"
    rf"|\baccording\sto\s(?P<by>(?:{_NUMBER}\s{_KIND_OF}sources?|{_KIND_OF}sources))\b(?!\sof\b)"
    r"|^(?P<count>\d{1,3}\s[Ss]ources?)$"
    r"|\b(?P<paper>(?:(?:[Aa]n?|[Tt]he|[a-z]{3,12})\s){0,3}(?i:documents?|memos?|memorand(?:um|a)"
    r"|e-?mails?|records|letters?|transcripts?|recordings?|filings?|drafts?|cop(?:y|ies)|slides"
    r"|messages|texts|presentation))\s(?:(?:that\s)?(?:was|were)\s)?"
    r"(?:seen|obtained|reviewed|viewed|shared\swith|leaked\sto)(?:\sby)?\s"
    r"(?=[A-Z]|the\s[A-Z]|th(?:is|e)\s(?:news|paper|outlet|magazine|agency|broadcaster))"
    r"|\bon\s(?:the\s)?(?P<hidden>condition\sof\sanonymity)"
)
_UNNAMED_KEYS = (
    "ource", "familiar with", "briefed on", "close to", "privy to", "knowledge", "anonymity",
    "not to be ", "declined to be", "seen", "obtained", "viewed", "shared with", "leaked to",
)  # fmt: skip


def credits_of(article_id: str, text: str, outlet: str | None) -> tuple[Credit, ...]:
    """Whom the article leans on, in the order of the text: each name once for each kind.

    ``text`` is the article's cleaned text, in which the credits' offsets count. The article's own
    ``outlet`` is no credit: what was told to it is its own reporting.
    """
    found = [f for f in _outlets(text) if not same_outlet(f[2], outlet)]
    named: dict[tuple[str, CreditKind], Found] = {}
    for item in sorted([*found, *_unnamed(text)]):
        named.setdefault((item[2].lower(), item[3]), item)
    return tuple(
        Credit(article_id=article_id, start=a, end=b, text=text[a:b], name=name, kind=kind)
        for a, b, name, kind in named.values()
    )


def _outlets(text: str) -> Iterator[Found]:
    for at, line in _lines(text):
        for kind, keys, pattern in _BEFORE:
            if any(key in line for key in keys):
                for match in pattern.finditer(line):
                    yield from _named(at + match.start(), at + match.end(), match[1], kind)
                    also = _ALSO.match(line, match.end())
                    if also:
                        yield from _named(at + also.start(1), at + also.end(1), also[1], kind)
        if any(key in line for key in _SAID_KEYS):
            yield from _subjects(line, at)
        if "(" in line or line[-25:].find("–") >= 0 or line[-25:].find("—") >= 0:
            yield from _datelines(line, at)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their places: the plain search for a key in each is what keeps this fast."""
    at = 0
    for line in text.split("\n"):
        if line:
            yield at, line
        at += len(line) + 1


def _datelines(line: str, at: int) -> Iterator[Found]:
    for match in _DATELINE.finditer(line):
        for given in (match[1] or match[2] or "").strip("()").split("/"):
            found = _named(at + match.start(), at + match.end(), given, "agency")
            yield from (f for f in found if is_agency(f[2]))


def _subjects(line: str, at: int) -> Iterator[Found]:
    for verb in _SAID.finditer(line):
        start = max(0, verb.start() - _MAX_NAMED)
        subject = _SUBJECT.search(line[start : verb.start()])
        if subject:
            kind: CreditKind = "agency" if verb["gave"] else "report"
            yield from _named(at + start + subject.start(), at + verb.end(), subject[1], kind)


def _named(start: int, end: int, given: str, kind: CreditKind) -> Iterator[Found]:
    name = usual_name(given)
    if name:
        yield start, end, name, kind


def _unnamed(text: str) -> Iterator[Found]:
    for at, line in _lines(text):
        if not any(key in line for key in _UNNAMED_KEYS):
            continue
        for match in _UNNAMED.finditer(line):
            what = match.lastgroup or ""
            name = "anonymous source" if what == "hidden" else match[what]
            end = match.end() - 1 if what == "paper" else match.end(what)  # with "obtained by"
            yield at + match.start(what), at + end, " ".join(name.split()), "sources"
