"""The same said otherwise: what a fair reader takes for true to its source.

Light: one small change. Fair: what a writer does who has understood the source: another voice, a
figure or day written otherwise, clauses in another order, an aside left out, two sentences in one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from benchmarks.alter import Scene, subs
from benchmarks.lists import SYNONYMS, TRANSITIVE, VERBS, held_out

Rewording = Callable[[Scene], Iterator[str]]

_VERB = r"(?:said|told CNN|says|told USA TODAY)"
_IRREGULAR = {"led": "led", "hit": "hit", "beat": "beaten", "struck": "struck", "shot": "shot"}
_NP = r"\b(?:[Tt]he|[Aa]n?) (?:[a-z]+ )?[a-z]+|[A-Z][\w\u2019.-]*\w(?: [A-Z][\w\u2019.-]*\w){0,2}"
_PAST = "|".join(
    sorted(
        {v for v in TRANSITIVE.split("|") if v.endswith("ed")}
        | {f"{v}d" if v.endswith("e") else f"{v}ed" for v in VERBS if not v.endswith("y")}
        | set(_IRREGULAR)
    )
)
_ACTIVE = re.compile(
    rf"(?P<a>{_NP}) (?P<v>{_PAST}) (?P<b>{_NP})(?=\.$| (?:on|in|after|before|at)\b)"
)
_PASSIVE = re.compile(
    rf"(?P<a>{_NP}) was (?P<v>[a-z]+ed) by (?P<b>{_NP})(?=\.$| (?:on|in|after|before|at)\b)"
)


def _is_quoting(text: str) -> bool:
    return any(mark in text for mark in '"\u201c\u201d')


def synonym(scene: Scene) -> Iterator[str]:
    """One word replaced by one that says the same."""
    if _is_quoting(scene.text):
        return
    for one, other in SYNONYMS:
        if held_out(one) == scene.held:
            yield from subs(scene.text, rf"(?<![\w-]){one}\b(?!-)", other)


def small_words(scene: Scene) -> Iterator[str]:
    """Contractions, "over" for "more than", "that" put in."""
    if _is_quoting(scene.text):
        return
    for pattern, other in (
        (r"\b(is|are|was|were|did|does|do|has|have|could|would|should) not\b", r"\1n't"),
        (r"\b(is|are|was|were|did|does|do|has|have|could|would|should)n['\u2019]t\b", r"\1 not"),
        (r"\bmore than (?=\$?\d)", "over "), (r"\babout (?=\$?\d)", "around "),
        (r"\bnearly (?=\$?\d)", "almost "), (r"\bsaid (?=(?:he|she|it|they)\b)", "said that "),
        (r"\bincluding\b", "among them"), (r"\bthough\b", "although"), (r"\buntil\b", "till"),
        (r"\bwhile\b", "whereas"), (r"\bdue to\b", "because of"),
        (r"\baccording to\b", "as stated by"), (r"\bin order to\b", "to"),
        (r"\bwill be\b", "is going to be"),
    ):  # fmt: skip
        yield from subs(scene.text, pattern, other)


def moved(scene: Scene) -> Iterator[str]:
    """An opening phrase put at the end, or the last clause first."""
    opening = re.fullmatch(
        r"((?:In|On|At|After|Before|During|Since|When|While|If) [^,\"\u201c]{3,80}), "
        r"([^\"\u201c]{20,})\.",
        scene.text,
    )
    if opening:
        main = opening[2][0].upper() + opening[2][1:]
        yield f"{main} {opening[1][0].lower()}{opening[1][1:]}."
    closing = re.fullmatch(
        r"([A-Z][^,\"\u201c;:]{20,}),? "
        r"((?:after|before|because|when|while|although) [^,\"\u201c]{8,80})\.",
        scene.text,
    )
    if closing:
        first = closing[1]
        lower = (
            first[0].lower() + first[1:]
            if re.match(r"(?:The|A|An|He|She|It|They) ", first)
            else first
        )
        yield f"{closing[2][0].upper()}{closing[2][1:]}, {lower}."


def attribution(scene: Scene) -> Iterator[str]:
    """Who says it put first."""
    said = re.fullmatch(
        rf"([A-Z][^\"\u201c]{{20,}}), ([A-Z][\w .\u2019-]{{3,50}}) {_VERB}\.", scene.text
    )
    turned = re.fullmatch(r"([A-Z][^\"\u201c]{20,}), said ([A-Z][\w .\u2019-]{3,50})\.", scene.text)
    for match in filter(None, (said, turned)):
        lower = (
            match[1]
            if re.match(r"[A-Z]\w+ [A-Z]|I\b", match[1])
            else match[1][0].lower() + match[1][1:]
        )
        yield f"According to {match[2]}, {lower}."
        yield f"{match[2]} said that {lower}."
    quoted = re.fullmatch(
        r"([\"\u201c][^\"\u201c\u201d]{20,}),([\"\u201d]) "
        rf"([A-Z][\w .\u2019-]{{3,50}}) {_VERB}\.",
        scene.text,
    )
    if quoted:
        yield f"{quoted[3]} said: {quoted[1]}.{quoted[2]}"


def aside(scene: Scene) -> Iterator[str]:
    """An aside between commas left out."""
    if _is_quoting(scene.text):
        return
    for match in re.finditer(
        r", (?:who|which|a|an|the) [^,.;\"\u201c]{5,70},(?! and\b)", scene.text
    ):
        yield scene.text[: match.start()] + scene.text[match.end() :]


def _whole(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """A match that begins the sentence and is no part of a longer name or a pronoun."""
    match = pattern.match(text)
    if match and match["a"] not in ("No", "He", "She", "It", "They", "We", "This", "That"):
        yield match


def voice(scene: Scene) -> Iterator[str]:
    """Active told as passive, and the other way round."""
    text = scene.text
    for match in _whole(_ACTIVE, text):
        verb = _IRREGULAR.get(match["v"], match["v"])
        first = (
            match["a"][0].lower() + match["a"][1:]
            if " " in match["a"] and match["a"].split()[0] in ("The", "A", "An")
            else match["a"]
        )
        told = f"{match['b']} was {verb} by {first}"
        if match.start() == 0:
            told = told[0].upper() + told[1:]
        yield text[: match.start()] + told + text[match.end() :]
    for match in _whole(_PASSIVE, text):
        first = match["a"] if match["a"].istitle() else match["a"].lower()
        told = f"{match['b']} {match['v']} {first}"
        if match.start() == 0:
            told = told[0].upper() + told[1:]
        yield text[: match.start()] + told + text[match.end() :]


_SPELT = dict(
    zip(
        "2 3 4 5 6 7 8 9 10 11 12".split(),
        "two three four five six seven eight nine ten eleven twelve".split(),
        strict=True,
    )
)
_ZEROS = {"thousand": 3, "million": 6, "billion": 9}


def figure(scene: Scene) -> Iterator[str]:
    """A figure written another way."""
    if _is_quoting(scene.text):
        return
    text = scene.text
    yield from subs(text, r"(\d)%", r"\1 percent")
    yield from subs(text, r"(\d) ?percent\b", r"\1%")
    yield from subs(text, r"(?<=\d) million\b", "m")
    yield from subs(text, r"(?<=\d) billion\b", "bn")
    for match in re.finditer(r"(?<![\d.,])(\d{1,3})(?:\.(\d))? (thousand|million|billion)\b", text):
        zeros = _ZEROS[match[3]] - (1 if match[2] else 0)
        written = f"{int(match[1] + (match[2] or '') + '0' * zeros):,}"
        yield text[: match.start()] + written + text[match.end() :]
    for match in re.finditer(r"(?<![\d.,])(\d{1,3}),000,000\b", text):
        yield f"{text[: match.start()]}{match[1]} million{text[match.end() :]}"
    for match in re.finditer(r"(?<=\b[a-z]{2} )(\d{1,2})(?= [a-z]{3,})(?! percent)", text):
        if match[1] in _SPELT:
            yield text[: match.start()] + _SPELT[match[1]] + text[match.end() :]
    for digit, word in _SPELT.items():
        yield from subs(text, rf"(?<=[a-z] )\b{word}\b(?= [a-z]{{3,}})", digit)


_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def day(scene: Scene) -> Iterator[str]:
    """A weekday, "yesterday" or "last year" told as a date."""
    today = date.fromisoformat(scene.day)
    for match in re.finditer(
        rf"\bon ({'|'.join(_DAYS)})\b(?! (?:night|morning|afternoon|evening))", scene.text
    ):
        before = scene.text[: match.start()].rsplit(",", 1)[-1]
        if re.search(r"\b(?:will|to|next|every)\b", before):
            continue
        back = (today.weekday() - _DAYS.index(match[1])) % 7
        when = today - timedelta(days=back)
        yield f"{scene.text[: match.start()]}on {when:%B} {when.day}{scene.text[match.end() :]}"
    yield from subs(scene.text, r"\blast year\b", f"in {today.year - 1}")
    yield from subs(scene.text, r"\b(?<!earlier )this year\b", f"in {today.year}")


LIGHT: Mapping[str, Rewording] = {
    "synonym": synonym,
    "small words": small_words,
    "moved clause": moved,
    "who says it first": attribution,
    "aside dropped": aside,
}
FAIR: Mapping[str, Rewording] = {"voice": voice, "figure": figure, "day": day}


def fused(one: str, other: str) -> str | None:
    """Two sentences in one; None where one of them is no plain sentence."""
    for text in (one, other):
        if not re.fullmatch(r"[A-Z][^\"\u201c\u201d?!;]{40,200}\.", text):
            return None
    opener = re.match(r"(?:The|A|An|He|She|It|They|In|On|At|But|And) ", other)
    second = other[0].lower() + other[1:] if opener else other
    second = re.sub(r"^(?:but|and) ", "", second)
    return f"{one[:-1]}, and {second}"
