"""Ground tool: the figures of a text, with unit, scale, bound and scope.

Pure functions without models; every pattern is linear in the text. "More than 400,000 of the
chips in total" is the value 400,000, unit "chip", bound "more", scope "total".
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.figures import NO_UNIT, Bound, Scope, bound_of, counted, is_plural, scope_of
from rag.text import STOP_WORDS, stem

Kind = Literal["count", "money", "percent", "ordinal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A figure of a text, scale folded in; ``text`` is the words of ``[start, end)``."""

    value: float
    high: float | None = None  # upper end of a range ("5 to 10") or of "hundreds of thousands"
    kind: Kind = "count"
    unit: str = ""  # stem of the counted noun, a currency code, "%"; "" when there is none
    bound: Bound = "exact"
    scope: Scope | None = None
    start: int
    end: int
    text: str


_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {w: float(i) for i, w in enumerate(_ONES)} | {
    w: 10.0 * i for i, w in enumerate(_TENS, start=2)
}
_SCALES = {
    "hundred": 1e2,
    "dozen": 12.0,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "bn": 1e9,
    "b": 1e9,
    "tn": 1e12,
}
_ORDINALS = {
    w: float(i)
    for i, w in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
        start=1,
    )
}
_PARTS = {"half": 2, "quarter": 4, "third": 3} | {
    w: int(v) for w, v in _ORDINALS.items() if 5 <= v <= 10
}
_CURRENCY_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB"}
_CURRENCY_WORDS = {
    "dollar": "USD",
    "usd": "USD",
    "euro": "EUR",
    "eur": "EUR",
    "pound": "GBP",
    "gbp": "GBP",
    "yen": "JPY",
    "yuan": "CNY",
    "rupee": "INR",
    "rouble": "RUB",
    "rubl": "RUB",
}
_ONE = "|".join((*_ONES[1:10], *_TENS, *_ONES[10:]))
_FIGURE = re.compile(
    rf"""
    (?<![\w.$€£¥₹₽])(?<![A-Za-z]-)
    (?P<sign>(?:US|A|C|HK|NZ|S)?\$|[€£¥₹₽])?[ ]?
    (?:
      (?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d{{1,3}}(?:,[ ]\d{{3}})+(?![\d,])|\d+(?:\.\d+)?)
      (?:(?P<ordinal>st|nd|rd|th)\b)?
      (?P<dash>\s?[-\u2013]\s?(?P<high>\d+(?:,\d{{3}})*(?:\.\d+)?)|\s+to\s+[$€£]?(?P<to>\d+(?:,\d{{3}})*(?:\.\d+)?))?
      (?:[ ]?(?P<tight>k|m|mn|bn|b|tn)\b)?
    | (?P<word>\b(?:{_ONE})(?:[-\s](?:{"|".join(_ONES[1:10])}))?)\b
    | \b(?P<an>a|an|half[ ]a|several|few)(?=[ ](?:hundred|dozen|thousand|(?:m|b|tr)illion)\b)
    )
    (?P<scale>(?:[-\s](?:hundred|dozen|thousand|million|billion|trillion)s?\b){{0,2}})
    """,
    re.VERBOSE | re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(tens|dozens|hundreds|thousands|millions|billions|trillions)"
    r"(?:\s+of\s+(thousands|millions|billions|trillions))?\b",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"\b(?:(?P<n>one|two|three|four|five|seven|nine)-|(?P<a>a|one|two|three)\s)"
    rf"(?P<part>{'|'.join(_PARTS)})s?\b(?P<of>\s+of\b)?|\bhalf(?=\s+(?:of|the|its|their)\b)",
    re.IGNORECASE,
)
_ORDINAL_WORD = re.compile(rf"\b({'|'.join(_ORDINALS)})\b(?!-?\s?hand)", re.IGNORECASE)
_NOT_COUNTED = re.compile(
    r"\b(?:no|any|every|some|this|that|which|the|each|another|only)\s$", re.IGNORECASE
)
_MONTH_BEFORE = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?\s$"
)
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|by|from|until|till|during|of|the|early|late|mid|before|after|and|to|for|"
    r"winter|summer|spring|autumn|fall|season)[\s-]|(?-i:[A-Z][a-z]{2,8})\.?,?\s|[/\u2013(-])$",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"(?:ft|in|km|kg|mph|kph|cm|mm|lbs?|mi|[MGT]Wh?|[MGT]B)\b")
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b|pct\b|percentage\s+points?\b)", re.IGNORECASE)


@lru_cache(maxsize=256)  # the steps of one question read the same sentences
def quantities(text: str) -> tuple[Quantity, ...]:
    """The figures of a text in order: digits, number words, shares, ordinals; no dates."""
    found = [*_figures(text), *_vague(text), *_parts(text)]
    taken = sorted((q.start, q.end) for q in found)
    found.extend(q for q in _ordinal_words(text) if not _covered(q, taken))
    found.sort(key=lambda q: (q.start, -q.end))
    kept: list[Quantity] = []
    for quantity in found:
        if not kept or quantity.start >= kept[-1].end:
            kept.append(quantity)
    return tuple(kept)


def _covered(quantity: Quantity, taken: list[tuple[int, int]]) -> bool:
    at = bisect_right(taken, (quantity.start, len(taken) + quantity.end))
    return at > 0 and taken[at - 1][1] > quantity.start


def _figures(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    end = 0
    while match := _FIGURE.search(text, end):
        if _follows_month(text, match):
            end = match.start("digits") + match["digits"].index(",")
            continue
        end = max(match.end(), match.start() + 1)
        quantity = _figure(text, match)
        if quantity is not None:
            found.append(quantity)
            end = quantity.end
    return found


def _follows_month(text: str, match: re.Match[str]) -> bool:
    """True for "May 5, 200 people", which is a day and a figure, not the figure 5,200."""
    if ", " not in (match["digits"] or ""):
        return False
    start = match.start("digits")
    return bool(_MONTH_BEFORE.search(text[max(0, start - 12) : start]))


def _figure(text: str, match: re.Match[str]) -> Quantity | None:
    number = match.start("digits" if match["digits"] else "word" if match["word"] else "an")
    start = match.start("sign") if match["sign"] else number
    end = match.end()
    if _glued(text, end) or (match["word"] and _is_pronoun(text, match)):
        return None
    if match["digits"] and not match["sign"] and _is_date_part(text, match):
        return None
    value, high = _value(match)
    if match["dash"] and high is None:
        end = match.start("dash")
    tight = (match["tight"] or "").lower()
    if (
        tight == "m"
        and not match["sign"]
        and re.match(r"\s(?:tall|high|long|wide|deep)", text[end:][:8])
    ):
        value = value / 1e6
    return _dressed(text, match, (value, high), (start, end))


def _value(match: re.Match[str]) -> tuple[float, float | None]:
    scale = 1.0
    for name in re.findall(r"[a-z]+", match["scale"].lower()):
        scale *= _SCALES[name.removesuffix("s")]
    scale *= _SCALES.get((match["tight"] or "").lower(), 1.0)
    if match["an"]:
        vague = {"half a": 0.5, "several": 3.0, "few": 3.0}
        value = vague.get(match["an"].lower(), 1.0) * scale
        return value, (9 * scale if match["an"].lower() in ("several", "few") else None)
    if match["word"]:
        return sum(_WORDS[w] for w in re.findall(r"[a-z]+", match["word"].lower())) * scale, None
    value = _number(match["digits"])
    upper = match["high"] or match["to"]
    if upper is None:
        return value * scale, None
    high = _number(upper)
    return value * scale, (high * scale if high > value else None)


def _number(digits: str) -> float:
    return float(re.sub(r"[,\s]", "", digits))


def _glued(text: str, end: int) -> bool:
    """True if letters stand right behind the digits ("4x4", "7th-floor" is no figure)."""
    if not (
        text[end - 1 : end].isdigit()
        and (text[end : end + 1].isalnum() or text[end : end + 1] == "_")
    ):
        return False
    return not _MEASURE.match(text, end)


def _is_pronoun(text: str, match: re.Match[str]) -> bool:
    """True for "one" that counts nothing: "no one", "one of", "this one", "one another"."""
    if match["word"].lower() != "one" or match["scale"]:
        return False
    after = re.match(r"[\s-]+(\w+)", text[match.end() : match.end() + 30])
    word = after.group(1).lower() if after else ""
    before = text[max(0, match.start("word") - 9) : match.start("word")]
    return not word or word in NO_UNIT or bool(_NOT_COUNTED.search(before))


def _is_date_part(text: str, match: re.Match[str]) -> bool:
    """True for years, days of a month and times of day: ``moments`` holds those."""
    digits, start, end = match["digits"], match.start("digits"), match.end("digits")
    before = text[max(0, start - 12) : start]
    after = text[end : end + 12]
    if match["scale"] or match["tight"] or _PERCENT.match(after):
        return False
    if _MONTH_BEFORE.search(before) or re.match(
        r"(?:st|nd|rd|th)?\s(?:of\s)?(?:Jan|Feb|March|Apr|May|June|July|Aug|Sep|Oct|Nov|Dec)", after
    ):
        return digits.isdigit() and (int(digits) <= 31 or len(digits) == 4)
    if re.match(r":\d\d|\s?[ap]\.?m\b|/\d+|-\d\d-\d", after) or re.search(
        r"[:/]$|\d-\d\d-$", before
    ):
        return True
    if len(digits) != 4 or not "1500" <= digits <= "2100":
        return False
    counted = re.match(r"\s([a-z]+)\b", text[end : end + 24])
    noun = counted.group(1) if counted else ""
    return bool(_YEAR_BEFORE.search(before)) or noun in STOP_WORDS or not is_plural(noun)


def _dressed(
    text: str, match: re.Match[str], value: tuple[float, float | None], span: tuple[int, int]
) -> Quantity:
    start, end = span
    kind: Kind = "count"
    percent = _PERCENT.match(text, end)
    if percent:
        kind, unit, end = "percent", "%", percent.end()
    elif match["sign"]:
        kind, unit = "money", _CURRENCY_SIGNS[match["sign"][-1]]
    elif match["ordinal"]:
        kind, unit = "ordinal", counted(text, end)
    else:
        unit = counted(text, end)
        money = _CURRENCY_WORDS.get(stem(_next_word(text, end)))
        if money:
            kind, unit = "money", money
    bound = bound_of(text, start, end)
    if match["an"] and bound == "exact" and value[1] is not None:
        bound = "about"
    return Quantity(
        value=value[0],
        high=value[1],
        kind=kind,
        unit=unit,
        bound=bound,
        scope=None if kind == "ordinal" else scope_of(text, start, end),
        start=start,
        end=end,
        text=text[start:end],
    )


def _next_word(text: str, end: int) -> str:
    match = re.match(r"\s([^\W\d_]+)", text[end : end + 40])
    return match.group(1) if match else ""


def _vague(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for match in _VAGUE.finditer(text):
        if re.search(r"\w\s$", text[max(0, match.start() - 2) : match.start()]) and re.search(
            rf"(?:\d|\b(?:{_ONE}))\s$", text[max(0, match.start() - 12) : match.start()], re.I
        ):
            continue  # "two thousands" is a figure
        small, large = (w.lower().removesuffix("s") if w else "" for w in match.groups())
        scale = {"ten": 10.0}.get(small) or _SCALES[small]
        scale *= _SCALES[large] if large else 1.0
        found.append(
            Quantity(
                value=scale,
                high=scale * (1000.0 if scale >= 1e3 and not large else 10.0),
                unit=counted(text, match.end()),
                bound="about",
                scope=scope_of(text, match.start(), match.end()),
                start=match.start(),
                end=match.end(),
                text=match.group(),
            )
        )
    return found


def _parts(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for match in _PART.finditer(text):
        if match["a"] and not match["of"]:
            continue  # "a third straight win"
        count = {"a": 1.0}.get((match["a"] or "").lower()) or _WORDS.get(
            (match["n"] or match["a"] or "one").lower(), 1.0
        )
        end = match.start("of") if match["of"] else match.end()
        found.append(
            Quantity(
                value=round(100.0 * count / _PARTS[(match["part"] or "half").lower()], 1),
                kind="percent",
                unit="%",
                bound=bound_of(text, match.start(), end),
                start=match.start(),
                end=end,
                text=text[match.start() : end],
            )
        )
    return found


def _ordinal_words(text: str) -> list[Quantity]:
    return [
        Quantity(
            value=_ORDINALS[match.group().lower()],
            kind="ordinal",
            unit=counted(text, match.end()),
            start=match.start(),
            end=match.end(),
            text=match.group(),
        )
        for match in _ORDINAL_WORD.finditer(text)
    ]
