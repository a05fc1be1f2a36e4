"""Ground tool: whether two figures say the same, whatever their units, scales and rounding.

A figure is read as a measure: a dimension ("length", "EUR", "count") and a value in its base
unit, with what it is reckoned by ("a day"). Pure functions.
"""

import re
from dataclasses import dataclass

from rag.facts import Quantity

_ROUNDING = 0.1  # "about 900" and 960 say the same
_CONVERTED = 0.04  # two units: one of the figures was converted, and rounded then
_NEXT_TO = 0.15  # "more than 300" is said of 312, hardly of 400
_UNITS: tuple[tuple[str, float, str], ...] = (
    ("length", 0.001, r"millimet(?:er|re)s?|mm"),
    ("length", 0.01, r"centimet(?:er|re)s?|cm"),
    ("length", 1.0, r"met(?:er|re)s?|m(?=[\s.,-]|$)"),
    ("length", 1_000.0, r"kilomet(?:er|re)s?|km"),
    ("length", 0.0254, r"inch(?:es)?"),
    ("length", 0.3048, r"foot|feet|ft"),
    ("length", 0.9144, r"yards?"),
    ("length", 1_609.344, r"miles?|mi"),
    ("speed", 1.0, r"kilomet(?:er|re)s?\s(?:per|an)\shour|km/h|kph|kmh"),
    ("speed", 1.609344, r"miles?\s(?:per|an)\shour|mph"),
    ("area", 10_000.0, r"hectares?|ha"),
    ("area", 4_046.86, r"acres?"),
    ("weight", 0.001, r"grams?|g"),
    ("weight", 1.0, r"kilograms?|kilos?|kg"),
    ("weight", 1_000.0, r"tonnes?|metric\stons?|tons?"),
    ("weight", 0.453592, r"pounds?|lbs?"),
    ("weight", 0.0283495, r"ounces?|oz"),
    ("volume", 1.0, r"lit(?:er|re)s?"),
    ("volume", 3.78541, r"gallons?"),
    ("volume", 158.987, r"barrels?"),
    ("duration", 1.0, r"seconds?"),
    ("duration", 60.0, r"minutes?|mins?"),
    ("duration", 3_600.0, r"hours?|hrs?"),
    ("duration", 86_400.0, r"days?"),
    ("duration", 604_800.0, r"weeks?"),
    ("duration", 2_629_800.0, r"months?"),
    ("duration", 31_557_600.0, r"years?"),
    ("power", 1.0, r"megawatts?|MW"),
    ("power", 1_000.0, r"gigawatts?|GW"),
)
_UNIT = re.compile(
    r"[\s-]?(?P<square>square[\s-]|sq\.?\s)?(?:"
    + "|".join(f"(?P<u{i}>{words})" for i, (_, _, words) in reversed(list(enumerate(_UNITS))))
    + r")(?![\w/])",
    re.IGNORECASE,
)
_DEGREES = re.compile(
    r"\s?(?:\u00b0|degrees?)\s?(?P<scale>F|C|Fahrenheit|Celsius)\b", re.IGNORECASE
)
_RATE = re.compile(
    r"^[^.;\d]{0,40}?\b(?:an?|per|each|every)\s(second|minute|hour|day|night|week|month|year)\b"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure in the base unit of its dimension; ``high`` is the upper end of a range."""

    figure: Quantity
    dimension: str
    value: float
    high: float | None
    unit: str  # as it was written, in small letters; "" where it is a count
    rate: str  # "day" of "a day"; "" where there is none


def measure(text: str, figure: Quantity) -> Measure:
    """The figure of a text as a measure; what counts things has the dimension "count"."""
    rate = _RATE.search(text[figure.end : figure.end + 70])
    by = rate.group(1) if rate else ""
    if figure.kind == "percent":
        return Measure(figure, "percent", figure.value, figure.high, "%", by)
    if figure.kind == "money" and text[figure.start] not in "0123456789":
        return Measure(figure, figure.unit, figure.value, figure.high, figure.unit, by)
    degrees = _DEGREES.match(text, figure.end)
    if degrees:
        fahrenheit = degrees["scale"][0].upper() == "F"
        value = (figure.value - 32) / 1.8 if fahrenheit else figure.value
        return Measure(figure, "temperature", value, None, degrees["scale"][0].lower(), by)
    found = _UNIT.match(text, figure.end) or _glued(text, figure)
    if found is None:
        dimension = figure.unit if figure.kind == "money" else "count"
        return Measure(figure, dimension, figure.value, figure.high, "", by)
    dimension, factor = next(
        _UNITS[int(k[1:])][:2] for k, v in found.groupdict().items() if v and k != "square"
    )
    if found["square"]:
        dimension, factor = "area", factor * factor
    if figure.kind == "money" and dimension == "weight":
        return Measure(figure, "pounds", figure.value, figure.high, "pounds", by)
    high = figure.high * factor if figure.high else None
    return Measure(
        figure, dimension, figure.value * factor, high, found.group().strip(" -").lower(), by
    )


def _glued(text: str, figure: Quantity) -> re.Match[str] | None:
    return _UNIT.match(text, figure.end - 1) if text[figure.end - 1 : figure.end] == "m" else None


def comparable(one: Measure, other: Measure) -> bool:
    """True if both measure the same sort of thing by the same stretch of time."""
    kinds = {one.dimension, other.dimension}
    return one.rate == other.rate and (len(kinds) == 1 or kinds == {"pounds", "weight"})


def same(one: Measure, other: Measure) -> bool:
    """True if the two say the same: equal, a rounding, a conversion, or within a given range."""
    a, b = _weighed(one, other), _weighed(other, one)
    if a.unit == b.unit or not (a.unit and b.unit):
        return agree(one.figure, other.figure) or near_bound(one.figure, other.figure)
    slack = _ROUNDING if "about" in (a.figure.bound, b.figure.bound) else _CONVERTED
    return _is_within(a.value, b.value, slack)


def _weighed(one: Measure, other: Measure) -> Measure:
    """Pounds beside kilograms are no money."""
    if one.dimension != "pounds" or other.dimension != "weight":
        return one
    return Measure(one.figure, "weight", one.value * 0.453592, None, "pounds", one.rate)


def _is_within(a: float, b: float, slack: float) -> bool:
    large = max(abs(a), abs(b))
    return not large or abs(a - b) / large <= slack


def agree(a: Quantity, b: Quantity) -> bool:
    """True if the figures are the same, one a rounding of the other, or within a given range."""
    if a.high or b.high:
        low, high = max(a.value, b.value), min(a.high or a.value, b.high or b.value)
        return low <= high
    small, large = sorted((a.value, b.value))
    if small == large:
        return True
    loose = "about" in (a.bound, b.bound)
    if large and (large - small) / large <= (_ROUNDING if loose else 0.0):
        return True
    return _rounds_to(a, b) or _rounds_to(b, a)


def _rounds_to(fine: Quantity, coarse: Quantity) -> bool:
    """True if ``coarse`` is ``fine`` with fewer digits: 3,506 and 3,500; never below 1,000."""
    digits = str(int(coarse.value))
    zeros = len(digits) - len(digits.rstrip("0"))
    if coarse.value < 1000 or not zeros:
        return False
    return abs(fine.value - coarse.value) < float(f"1e{zeros}")  # rounded, or cut off


def near_bound(a: Quantity, b: Quantity) -> bool:
    """True for "more than 300" and 312: a bound is drawn next to the figure."""
    return compatible(a, b) and _is_within(a.value, b.value, _NEXT_TO)


def compatible(a: Quantity, b: Quantity) -> bool:
    """True if both can be true at once: "more than 100" and 150."""
    for one, other in ((a, b), (b, a)):
        if one.bound in ("more", "at_least") and (
            other.value >= one.value or other.bound in ("more", "at_least")
        ):
            return True
        if one.bound in ("less", "up_to") and (
            other.value <= one.value or other.bound in ("less", "up_to")
        ):
            return True
    return False


def is_converted(one: Measure, other: Measure) -> bool:
    """True for two units of one dimension: kilometres and miles, not km and kilometres."""
    if not (one.unit and other.unit):
        return False
    scales = [m.value / m.figure.value if m.figure.value else 1.0 for m in (one, other)]
    return scales[0] != scales[1]


_DAYS_OF = {"day": 1.0, "night": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}


def restatement(one: Measure, other: Measure) -> str:
    """How the figure of one follows from the other's, as arithmetic; "" where no rule is known."""
    a, b = one.figure, other.figure
    if one.rate != other.rate:
        if one.rate not in _DAYS_OF or other.rate not in _DAYS_OF:
            return ""
        times = _DAYS_OF[other.rate] / _DAYS_OF[one.rate]
        if times < 1:
            return restatement(other, one)
        product = times * a.value
        verdict = "fits" if _is_within(product, b.value, _ROUNDING) else "does not fit"
        return (
            f"one is by the {one.rate}, the other by the {other.rate}; "
            f"{times:,.4g} x {a.value:,.10g} = {product:,.10g} {verdict} {b.value:,.10g}"
        )
    if not (one.unit and other.unit):
        return ""
    return f"one figure in two units: {_said(one)} and {_said(other)}"


def _said(one: Measure) -> str:
    return f"{one.figure.text} {one.unit}"
