"""One thing changed in a sentence of news, ten ways: each edit makes it say something else.

Every function takes a ``Scene`` and returns all the changed sentences that it can make. Names come
from the same article where it has another one of the kind, else from the corpus. An edit may by
chance keep the meaning ("more" to "most" of nobody); spot checks find a few in a hundred.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.kinds import organisations, places
from benchmarks.lists import ANTONYMS, DEMONYMS, TRANSITIVE, VERBS, held_out
from rag.facts import dates, names, quantities

KINDS = ("person", "organisation", "place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A sentence, what stands around it, and the names that may be put in."""

    text: str
    source: str
    article_id: str
    day: str  # of its article, YYYY-MM-DD
    article: str  # the whole text
    near: Mapping[str, Sequence[str]]  # kind -> names of the same article
    pool: Mapping[str, Sequence[str]]  # kind -> names of the corpus

    @property
    def held(self) -> bool:
        """True for the half of the articles that nobody looked at."""
        return held_out(self.article_id)

    def rng(self) -> random.Random:
        """Chance that depends on the sentence alone."""
        return random.Random(self.text)


Edit = Callable[[Scene], Iterable[str]]


def put(text: str, start: int, end: int, other: str) -> str:
    """The text with other words at ``[start, end)``, the capital kept."""
    if text[start : start + 1].isupper() and other[:1].islower():
        other = other[0].upper() + other[1:]
    return text[:start] + other + text[end:]


def subs(text: str, pattern: str, other: str) -> Iterator[str]:
    """The text with each match of a pattern replaced, one at a time."""
    for match in re.finditer(pattern, text):
        yield " ".join(put(text, *match.span(), match.expand(other)).split())


# --- names ---------------------------------------------------------------------------------------


def _choose(scene: Scene, kind: str, apart: str, *, like: str) -> str | None:
    """Another name: of the article if it has one, else of the corpus; of like shape."""
    rng, words = scene.rng(), set(apart.split())

    def fits(name: str) -> bool:
        same = (name in DEMONYMS) == (like in DEMONYMS) and name.isupper() == like.isupper()
        return same and not words & set(name.split()) and name not in scene.text

    near = [n for n in scene.near[kind] if fits(n)]
    far = [n for n in rng.sample(scene.pool[kind], min(60, len(scene.pool[kind]))) if fits(n)]
    options = near if near and (rng.random() < 0.6 or not far) else far
    return rng.choice(options) if options else None


def edit_person(scene: Scene) -> Iterator[str]:
    """Another person; a surname alone is replaced by a surname."""
    for person in scene.near["person"]:
        surname = person.split()[-1]
        for written in (person, surname):
            match = re.search(rf"(?<![\w-]){re.escape(written)}\b", scene.text)
            if not match or (written == surname and person in scene.text):
                continue
            other = _choose(scene, "person", person, like=person)
            if other:
                short = other.split()[-1] if written == surname else other
                yield put(scene.text, *match.span(), short)


def edit_organisation(scene: Scene) -> Iterator[str]:
    """Another body."""
    yield from _renamed(scene, "organisation", organisations(scene.text))


def edit_place(scene: Scene) -> Iterator[str]:
    """Another place or people."""
    yield from _renamed(scene, "place", places(scene.text))


def _renamed(scene: Scene, kind: str, found: Sequence[str]) -> Iterator[str]:
    for name in found:
        match = re.search(rf"\b{re.escape(name)}\b(?! [A-Z])", scene.text)
        other = _choose(scene, kind, name, like=name)
        before = match and re.search(r"[A-Z]\w+ $", scene.text[: match.start()])
        if match and other and not before:
            yield put(scene.text, *match.span(), other)


# --- figures and dates ---------------------------------------------------------------------------

_SCALES = {"million": "billion", "billion": "million", "thousand": "million", "trillion": "billion"}
_SPELT = "two three four five six seven eight nine ten eleven twelve".split()


def edit_number(scene: Scene) -> Iterator[str]:
    """Another figure: near, turned round, of another scale, or another one of the article."""
    rng = scene.rng()
    for found in quantities(scene.text):
        if found.kind == "ordinal":
            continue
        digits = re.search(r"\d[\d,]*(?:\.\d+)?", found.text)
        words = [w for w in re.findall(r"[a-z]+", found.text) if w in _SCALES]
        if words and rng.random() < 0.3:
            other = found.text.replace(words[0], _SCALES[words[0]])
            yield put(scene.text, found.start, found.end, other)
        elif digits:
            other = _other_figure(digits.group(), rng)
            start = found.start + digits.start()
            yield put(scene.text, start, start + len(digits.group()), other)
        elif found.text.lower() in _SPELT:
            at = _SPELT.index(found.text.lower())
            yield put(scene.text, found.start, found.end, _SPELT[(at + rng.choice((1, 2, 4))) % 11])


def _other_figure(written: str, rng: random.Random) -> str:
    value = float(written.replace(",", ""))
    turned = written[::-1] if written.isdigit() and len(written) == 2 else written
    if turned not in (written, "") and turned[0] != "0" and rng.random() < 0.4:
        return turned
    factor = rng.choice((0.5, 0.75, 0.85, 1.2, 1.3, 2, 3))
    if "." in written:
        return f"{value * factor + 0.3:.{len(written.split('.')[1])}f}"
    other = max(1, round(value * factor))
    other += other == value
    return f"{other:,}" if "," in written else str(int(other))


_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = (
    "January February March April June July August September October November December".split()
)
_TURNED = (
    (r"\blast (week|month|year)\b", r"next \1"), (r"\bnext (week|month|year)\b", r"last \1"),
    (r"\bthis (week|month|year)\b", r"last \1"), (r"\byesterday\b", "tomorrow"),
    (r"\b(\w+) (days|weeks) ago\b", r"\1 years ago"), (r"\b(\w+) years ago\b", r"\1 months ago"),
    (r"\bearlier this (week|month|year)\b", r"late last \1"),
    (r"\b(two|three|four|five) (days|weeks|months) later\b", r"\1 years later"),
)  # fmt: skip


def edit_date(scene: Scene) -> Iterator[str]:
    """Another weekday, month, day, year, or the other direction of time."""
    text, rng = scene.text, scene.rng()
    for mention in dates(text):
        for listed in (_DAYS, _MONTHS):
            word = next((w for w in listed if w in mention.text), None)
            if word:
                other = rng.choice([w for w in listed if w != word])
                start = mention.start + mention.text.index(word)
                yield put(text, start, start + len(word), other)
        for figure in re.finditer(r"\b(?:\d{4}|\d{1,2})\b", mention.text):
            value = int(figure.group())
            limit = 9_999 if value > 31 else 28
            other_value = max(1, min(limit, value + rng.choice((-5, -2, -1, 1, 2, 3))))
            if other_value != value:
                start = mention.start + figure.start()
                yield put(text, start, start + len(figure.group()), str(other_value))
    for pattern, other in _TURNED:
        yield from subs(text, pattern, other)


# --- what is said of it --------------------------------------------------------------------------

_BE = r"(was|were|is|are|has|have|had|will|can|could|would|should)"
_PAST = {f"{v}d" if v.endswith("e") else re.sub("y$", "i", v) + "ed": v for v in VERBS}
_PAST.update({v + v[-1] + "ed": v for v in ("drop", "plan")})
_SUBJECT = r"(?<=[a-z\d] )" + "".join(
    rf"(?<!\b{word} )" for word in "had been was were has have is are be and of the a".split()
)


def _past_verbs(scene: Scene) -> Iterator[tuple[int, int, str, str]]:
    """Regular verbs that a subject seems to stand before: start, end, past, base."""
    words = [w for w in _PAST if held_out(_PAST[w]) == scene.held]
    object_ = r"(?= (?:the|a|an|to|in|on|his|her|its|their|that|by \d|from|[A-Z]))"
    pattern = rf"{_SUBJECT}({'|'.join(words)})\b{object_}"
    for match in re.finditer(pattern, scene.text):
        yield match.start(), match.end(), match.group(), _PAST[match.group()]


def edit_negation(scene: Scene) -> Iterator[str]:
    """A "not" put in or taken out, "no longer", "denied", "failed to", "never", "un-"."""
    text, rng = scene.text, scene.rng()
    yield from subs(text, rf"\b{_BE} (?!not\b)(?=[a-z])", r"\1 " + rng.choice(("not ", "never ")))
    yield from subs(text, r"\b(was|were|is|are|has|have) (?!not\b)(?=[a-z])", r"\1 no longer ")
    yield from subs(text, r"\b(?:not|never) (?!only|just|sure)", "")
    yield from subs(
        text, r"\b(do|does|did|is|are|was|were|has|have|would|could)n['\u2019]t ", r"\1 "
    )
    for start, end, _, base in _past_verbs(scene):
        cue = rng.choice(("did not", "failed to", "declined to", "never managed to", "didn't"))
        yield put(text, start, end, f"{cue} {base}")
    yield from subs(
        text, r"\b(?:said|confirmed|announced) (?=(?:that|it|he|she|the|they)\b)", "denied "
    )
    yield from subs(text, r"\bthere (?:was|were) (?!no\b)", "there was no ")
    yield from subs(
        text, r"\b(able|likely|aware|safe|clear|known|popular|usual|certain|fair)\b", r"un\1"
    )
    yield from subs(text, r"\bun(likely|able|clear|known|usual|certain|fair|safe)\b", r"\1")
    yield from subs(text, r"\bwithout (?=[a-z]+)", "with ")
    yield from subs(text, r"\bno (?=[a-z]{4,})(?!one|longer)", "")


def edit_modality(scene: Scene) -> Iterator[str]:
    """Firmer or less firm: may, could, alleged, expected, planned, proposed, must."""
    text, rng = scene.text, scene.rng()
    yield from subs(text, r"\b(?:may|might|could) have (?=[a-z]+(?:ed|en)\b)", "has ")
    yield from subs(text, r"\b(?:may|might|could) be\b", rng.choice(("is", "will be")))
    yield from subs(
        text,
        r"\b(?:may|might|could) (?!not\b|be\b|have\b)(?=[a-z])",
        rng.choice(("will ", "must ")),
    )
    yield from subs(
        text, r"\b(?:reportedly|allegedly|possibly|apparently|likely|potentially|probably) ", ""
    )
    doubted = "alleged|suspected|proposed|planned|possible|potential|purported|apparent"
    yield from subs(text, rf"(?<=(?:the|its|her|his) )(?:{doubted}) (?=[a-z])", "")
    yield from subs(text, rf"\ban? (?:{doubted}) (?=[b-df-hj-np-tv-z])", "a ")
    yield from subs(
        text,
        r"\b(?:is|are) (?:expected|set|likely|due|scheduled) to\b",
        rng.choice(("is certain to", "has begun to")),
    )
    yield from subs(text, r"\b(?:plans|hopes|wants|intends|aims|is planning) to\b", "will")
    yield from subs(text, r"\b(?:plan|hope|want|intend|aim) to\b", "will")
    yield from subs(text, r"\b(?:appears|appeared|seems|seemed) to (?:be|have been)\b", "was")
    yield from subs(
        text,
        r"\bwill (?=[a-z])(?!not\b)",
        rng.choice(("may ", "could ", "might ", "is considering whether to ")),
    )
    yield from subs(text, r"\baccused of\b", rng.choice(("found guilty of", "convicted of")))
    yield from subs(text, r"\bcharged with\b", "convicted of")
    yield from subs(text, r"\b(?:has to|have to|must|need to|needs to)\b", "may")
    yield from subs(text, r"\bshould (?=[a-z])", "must ")
    yield from subs(text, r"\bcan (?=[a-z])", "must ")
    for start, end, past, _ in _past_verbs(scene):
        cue = rng.choice(("reportedly", "allegedly", "may have", "is said to have"))
        yield put(text, start, end, f"{cue} {past}")
    yield from subs(
        text, r"\b(was|were) (?=[a-z]+ed\b)", rng.choice((r"may have been ", r"\1 allegedly "))
    )


_SHARES = (
    ("more than", ("less than", "almost")), ("less than", ("more than",)),
    ("fewer than", ("more than",)), ("at least", ("at most", "up to")),
    ("up to", ("more than", "at least")), ("nearly", ("more than",)),
    ("almost", ("more than",)), ("over", ("under",)), ("all", ("some", "most", "none")),
    ("some", ("all", "most", "none")), ("most", ("few", "all", "some")),
    ("many", ("all", "few")), ("every", ("no", "almost no")), ("few", ("most", "many")),
    ("several", ("all", "no")), ("both", ("neither",)), ("each", ("none",)),
    ("half", ("most", "all")), ("only", ("not only",)), ("a majority", ("a minority",)),
    ("dozens", ("thousands",)), ("hundreds", ("dozens",)), ("thousands", ("millions",)),
    ("often", ("rarely", "always")), ("sometimes", ("always",)), ("always", ("sometimes",)),
    ("any", ("all",)), ("a few", ("many",)), ("mostly", ("entirely",)),
    ("usually", ("rarely", "always")), ("millions", ("thousands",)), ("largely", ("entirely",)),
)  # fmt: skip


def edit_quantifier(scene: Scene) -> Iterator[str]:
    """Another share or bound, "only" put in."""
    rng = scene.rng()
    for word, others in _SHARES:
        pattern = rf"(?<!-)\b{word}\b(?= (?:of|the|\$?\d|[a-z]))(?! (?:of a sudden|along|about))"
        yield from subs(scene.text, pattern, rng.choice(others))
    yield from subs(scene.text, r"(?<=[a-z] )(?=\d+ (?:people|percent|of))", "only ")


_NP = r"(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir) (?:[a-z]+ )?[a-z]+"
_WHO = rf"(?:{_NP}|[A-Z][\w\u2019.-]*\w(?: [A-Z][\w\u2019.-]*\w){{0,2}})"
_ACTIVE = re.compile(rf"(?P<a>{_WHO}) (?P<v>(?:had |has |have )?(?:{TRANSITIVE})) (?P<b>{_WHO})")
_PASSIVE = re.compile(
    rf"(?P<a>{_WHO}) (?P<v>(?:was|were|has been|had been|is being|are) [a-z]+ed(?: [a-z]+)?)"
    rf" by (?P<b>{_WHO})"
)
_FROM_TO = re.compile(
    r"\bfrom (?P<a>[A-Z][a-z]+|\$?\d[\d,.%]*) to (?P<b>[A-Z][a-z]+|\$?\d[\d,.%]*)(?=[\s,.])"
)


def edit_roles(scene: Scene) -> Iterator[str]:
    """Two that change places: active, passive, "from ... to", names around a verb."""
    text = scene.text
    for pattern in (_ACTIVE, _PASSIVE, _FROM_TO):
        for match in pattern.finditer(text):
            if match["a"].lower() != match["b"].lower():
                yield _exchanged(text, match.span("a"), match.span("b"))
    for match in _ACTIVE.finditer(text):
        if match["v"].endswith("ed") and not match["v"].startswith("ha"):
            voice = f"{match['a']} was {match['v']} by {match['b']}"
            yield put(text, *match.span(), voice)
    for match in _PASSIVE.finditer(text):
        verb = re.search(r"[a-z]+ed", match["v"])
        if verb and match["v"].startswith("was"):
            yield put(text, *match.span(), f"{match['a']} {verb.group()} {match['b']}")
    yield from _around_verbs(text)


def _around_verbs(text: str) -> Iterator[str]:
    found = [n for n in names(text) if n.sure]
    for a, b in pairwise(found):
        between = text[a.end : b.start]
        shared = set(a.words) & set(b.words)
        plain = re.search(r"\b[a-z]{4,}", between) and len(between) < 60
        if plain and not shared and not re.search(r"\band\b|\bor\b|[,.;:\u2014]", between):
            yield _exchanged(text, (a.start, a.end), (b.start, b.end))


_OPENERS = frozenset("The A An His Her Its Their".split())


def _exchanged(text: str, one: tuple[int, int], other: tuple[int, int]) -> str:
    first, second = text[slice(*one)], text[slice(*other)]
    if first.split()[0] in _OPENERS:
        first = first[0].lower() + first[1:]
        second = second[0].upper() + second[1:]
    return text[: one[0]] + second + text[one[1] : other[0]] + first + text[other[1] :]


def edit_antonym(scene: Scene) -> Iterator[str]:
    """A word replaced by its opposite."""
    for one, other in ANTONYMS:
        if held_out(one) == scene.held:
            yield from subs(scene.text, rf"(?<![\w-]){one}\b(?!-)", other)
            yield from subs(scene.text, rf"(?<![\w-]){other}\b(?!-)", one)


EDITS: Mapping[str, Edit] = {
    "number": edit_number,
    "date": edit_date,
    "person": edit_person,
    "organisation": edit_organisation,
    "place": edit_place,
    "negation": edit_negation,
    "modality": edit_modality,
    "quantifier": edit_quantifier,
    "role swap": edit_roles,
    "antonym": edit_antonym,
}


def altered(scene: Scene, kind: str) -> str | None:
    """One edit of a kind by chance; None when the sentence offers none."""
    made = [t for t in dict.fromkeys(EDITS[kind](scene)) if t != scene.text]
    return scene.rng().choice(made) if made else None
