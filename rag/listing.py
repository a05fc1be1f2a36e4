"""Answers a question for several things with one item each, merged over the articles.

An outlet is an item if one of its sentences carries the statement. A company, person or country
is one if it stands, new to the question, in a sentence that speaks of all the question names and
of most of the rest. Items that one sentence names together stay together.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rag.align import coverage, read
from rag.datings import datings
from rag.day_words import english_day
from rag.facts import TITLES, Name, names
from rag.forms import Form
from rag.holding import Line, hold, name_roots, read_lines
from rag.schema import Article, Evidence, Passage
from rag.signals import places
from rag.yesno import Pick, Reply

_MAX_ITEMS = 8
_MAX_CITED = 3  # articles that are cited for one item
_ABOUT = 0.5  # share of a subject's words that an outlet's sentence and title must hold
_SPEAKS = 0.6  # share of the question's words, names apart, from which a sentence may name an item
_OF_BEST = 0.55  # share of the best sentence's words that another must have
_FRAMES = frozenset(
    "which what who when whom list name all many are were is was did do does".split()
)
_ROLE = re.compile(
    r"^,\s(?:an?\s|the\s|who\b|[a-z]+\s(?:of|at|for|with)\b|\d\d\b)|^['\u2019]s\sC[EF]O", re.I
)
_TITLED = re.compile(
    r"(?:\b(?:" + "|".join(sorted(TITLES - {"the", "a", "an", "st"})) + r"|executive|founder|"
    r"director|spokes\w+|analyst|officer|chairman|boss)\.?,?\s)$",
    re.IGNORECASE,
)
_NEXT = re.compile(r"^(?:,\s(?:and\s|or\s)?|\s(?:and|or|&)\s)[A-Z]")
_BEFORE = re.compile(r"[\w.](?:,\s(?:and\s|or\s)?|\s(?:and|or|&)\s)$")
_AND_WHEN = re.compile(
    r",?\s(?:and|or)\s(?:on\s)?wh(?:en|at\s(?:day|date)|ich\sday)\b", re.IGNORECASE
)
_PLACED = re.compile(r"\b(?:in|on|at|from|near|of|to|off)\s(?:the\s)?$", re.IGNORECASE)
_BODIES = frozenset(
    """inc corp corporation company co ltd plc llc group holdings bank motors motor airlines
    airways energy university agency institute foundation party club union association
    technologies partners capital pharma industries""".split()
)


@dataclass(slots=True)
class _Item:
    """One thing that the articles name, and the sentences that name it, best first."""

    name: str
    words: frozenset[str]
    lines: list[Line] = field(default_factory=list)


def listed(
    form: Form, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> Reply | None:
    """The reply to a question for several things; None when too little is found for a list."""
    if form.listed == "outlet":
        return _outlets(form, passages, articles)
    if form.listed == "who and when":
        return _who_and_when(form, passages, articles)
    lines = _speaking(form.topic, form.noun, read_lines(passages, articles))
    items = _items(form, lines)[:_MAX_ITEMS]
    if len(items) < 2:
        return None
    return Reply(short=f"{len(items)} {form.noun}", picks=_picks(items))


def _outlets(
    form: Form, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> Reply | None:
    named = dict.fromkeys(articles[p.article_id].outlet for p in passages)
    picks: list[Pick] = []
    for outlet in filter(None, named):
        lines = read_lines(passages, articles, outlet)
        evidence = (
            _speaks_of(form.topic, lines) if form.about else _says(form.topic, lines, articles)
        )
        if evidence:
            picks.append(Pick(evidence=evidence, point=outlet))
    if not picks:
        return None
    noun = "outlet" if len(picks) == 1 else "outlets"
    return Reply(short=f"{len(picks)} {noun}", picks=tuple(picks[:_MAX_ITEMS]))


def _says(
    topic: str, lines: Sequence[Line], articles: Mapping[str, Article]
) -> tuple[Evidence, ...]:
    """The outlet's sentence that carries the statement."""
    held = hold(f"{topic[:1].upper()}{topic[1:]}.", lines, articles)
    return tuple(h.evidence for h in held if h.side == "yes" or h.almost)[:1]


def _speaks_of(topic: str, lines: Sequence[Line]) -> tuple[Evidence, ...]:
    """The outlet's sentence that says the most of the subject."""
    subject = read(topic)
    near = [line for line in lines if coverage(subject, line.setting) >= _ABOUT]
    best = max(near, key=lambda line: coverage(subject, line.roots), default=None)
    return (best.evidence,) if best else ()


def _speaking(topic: str, noun: str, lines: Sequence[Line]) -> list[Line]:
    """The sentences that hold the names of the question and most of its words, best first."""
    framing = _FRAMES | {noun}
    asked = [t for t in read(topic) if t.text.lower() not in framing and t.weight]
    named = name_roots(topic)
    matter = {t.root for t in asked if t.root not in named}
    shares = [
        (coverage(asked, line.roots) + 0.5 * coverage(asked, line.setting), line)
        for line in lines
        if named <= line.setting and len(matter & line.roots) >= _SPEAKS * len(matter)
    ]
    best = max((share for share, _ in shares), default=0.0)
    near = [(share, line) for share, line in shares if share >= _OF_BEST * best]
    return [line for _, line in sorted(near, key=lambda pair: -pair[0])]


def _items(form: Form, lines: Sequence[Line]) -> list[_Item]:
    known = {t.root for t in read(form.topic)}
    items: list[_Item] = []
    for line in lines:
        for name in _found(form, line.evidence.text):
            words = frozenset(t.root for t in read(name) if t.weight)
            if not words or words <= known:
                continue
            item = next((i for i in items if i.words <= words or words <= i.words), None)
            if item is None:
                item = _Item(name, words)
                items.append(item)
            if all(line.evidence.article_id != other.evidence.article_id for other in item.lines):
                item.lines.append(line)
    return items


def _found(form: Form, text: str) -> list[str]:
    """The names in a sentence that are of the kind asked for."""
    if form.listed in ("country", "state"):
        return list(dict.fromkeys(places(form.listed).findall(text)))
    kept = [n for n in names(text) if n.sure and not _is_place(n.text)]
    if form.listed == "person":
        kept = [n for n in kept if _may_be_person(text, n)]
    elif form.listed == "name":
        kept = [n for n in kept if _may_be_body(text, n)]
    elif form.listed == "place":
        kept = [n for n in names(text) if n.sure]
    return [n.text for n in kept]


def _is_place(name: str) -> bool:
    return any(places(kind).fullmatch(name) for kind in ("country", "state"))


def _may_be_person(text: str, name: Name) -> bool:
    """True for two words or more that neither shout nor follow "in", "on", "from"."""
    placed = _PLACED.search(text[: name.start])
    return len(name.words) > 1 and not name.text.isupper() and not placed


def _may_be_body(text: str, name: Name) -> bool:
    """True for a name that a list or its own last word shows to be a company's, a group's ..."""
    if any(c.isdigit() for c in name.text) or _ROLE.match(text[name.end :]):
        return False
    if _TITLED.search(text[: name.start]):
        return False
    listed = _NEXT.match(text[name.end :]) or _BEFORE.search(text[: name.start])
    return bool(listed) or name.words[-1] in _BODIES


def _picks(items: Iterable[_Item]) -> tuple[Pick, ...]:
    """One sentence for the items that it is the best for, with the others that name them all."""
    groups: dict[Evidence, list[_Item]] = {}
    for item in items:
        groups.setdefault(item.lines[0].evidence, []).append(item)
    picks = []
    for evidence, group in groups.items():
        others = [
            line.evidence
            for line in group[0].lines[1:]
            if all(line in item.lines for item in group)
        ]
        point = _joined([item.name for item in group])
        picks.append(Pick(evidence=(evidence, *others)[:_MAX_CITED], point=point))
    return tuple(picks)


def _joined(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def _who_and_when(
    form: Form, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> Reply | None:
    """Who and when, each with the best sentence that tells it; None if either is not told."""
    lines = read_lines(passages, articles)
    who_topic, when_topic = _halves(form.topic)
    known = {t.root for t in read(form.topic)}
    who = _first_person(_speaking(who_topic, "", lines), known)
    when = _first_day(_speaking(when_topic, "", lines), articles)
    if who is None or when is None:
        return None
    short = f"{who.point}, {when.point}"
    if who.evidence == when.evidence:
        return Reply(short=short, picks=(Pick(evidence=who.evidence, point=short),))
    return Reply(short=short, picks=(who, when))


def _halves(topic: str) -> tuple[str, str]:
    """The question who and the question when; a bare "and when" asks it of the same."""
    first, *rest = _AND_WHEN.split(topic.strip(" ?."), maxsplit=1)
    second = rest[0] if rest else ""
    return first, second if len(second.split()) > 1 else first


def _first_person(lines: Sequence[Line], known: Container[str]) -> Pick | None:
    for line in lines:
        text = line.evidence.text
        for name in names(text):
            new = all(t.root not in known for t in read(name.text))
            if new and name.sure and _may_be_person(text, name):
                return Pick(evidence=(line.evidence,), point=name.text)
    return None


def _first_day(lines: Sequence[Line], articles: Mapping[str, Article]) -> Pick | None:
    for line in lines:
        told = datings(line.evidence.text, articles[line.evidence.article_id].day)
        days = {d.day for d in told if d.precision == "day"}
        if len(days) == 1:
            return Pick(evidence=(line.evidence,), point=english_day(days.pop()))
    return None
