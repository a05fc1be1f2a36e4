"""Ground tool: what stands around a figure: what it counts, its bound and its scope.

Only a short window on either side of the figure is read, so the cost does not grow with the text.
"""

import re
from typing import Literal

from rag.text import STOP_WORDS, stem

Bound = Literal["exact", "more", "at_least", "up_to", "less", "about"]
Scope = Literal["each", "total"]

_BOUNDS: tuple[tuple[Bound, str], ...] = (
    ("up_to", r"no more than|not more than|at most|up to|as many as|as much as|a maximum of"),
    ("at_least", r"no fewer than|no less than|not less than|at least|a minimum of"),
    (
        "more",
        r"more than|greater than|higher than|in excess of|upwards? of|exceed(?:s|ed|ing)?|over|"
        r"above|topp(?:ed|ing)|surpass(?:ed|es|ing)?|beyond",
    ),
    ("less", r"(?:less|fewer|lower) than|under|below"),
    (
        "about",
        r"about|around|roughly|approximately|nearly|almost|close to|some|an estimated|"
        r"estimated|just over|just under|circa",
    ),
)
_BOUND_BEFORE = re.compile(
    r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _BOUNDS) + r")\s+"
    r"(?:an?\s+|the\s+)?(?:additional\s+|estimated\s+)?$",
    re.IGNORECASE,
)
_BOUND_AFTER = re.compile(
    r"\+|-plus\b|\s+(?:\w+\s+)?(?:or|and)\s+(?P<way>more|over|fewer|less)\b", re.IGNORECASE
)
_EACH_AFTER = re.compile(r"\b(?:each|apiece|per\s+\w+|every\s+\w+)\b", re.IGNORECASE)
_TOTAL_AFTER = re.compile(
    r"\b(?:in\s+total|in\s+all|(?<!the\s)(?<!a\s)combined|altogether|(?<!the\s)total|overall|together|"
    r"collectively)\b",
    re.IGNORECASE,
)
_EACH_BEFORE = re.compile(r"\b(?:each|apiece)\b[^.,;:\d]{0,50}$", re.IGNORECASE)
_TOTAL_BEFORE = re.compile(
    r"\b(?:total|totals|totall?ing|totall?ed|combined|altogether|collectively|jointly|together|"
    r"between\s+them|in\s+all)\b[^.,;:\d]{0,40}$",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.;:!?\n](?=\s|$)|,\s+(?:with|while|but|and|who|which)\b|\d")
_UNIT = re.compile(
    r"(?:\s+of)?(?:\s+(?:the|its|their|his|her|our|these|those|this|more|such))*"
    r"((?:(?:\s|-|(?<=\d)(?=[a-zM]))[^\W_][\w\u2019'.-]{0,30}){1,6})"
)
_IRREGULAR = frozenset(
    "people men women children police staff troops percent feet fish sheep mice teeth".split()
)
# What a number names rather than counts: a telephone, a recall, a lot, the place in a list.
_TELEPHONE = re.compile(
    r"(?<!\d)\(?\d{3}[)\s.\u2010-\u2013-]{1,2}\d{3}[\s.\u2010-\u2013-]\d{4}(?!\d)"
)
_CODE = re.compile(r"\b(?:[A-Z]{1,4}-?\d{3,}\w*|\d{1,6}[A-Z]{1,3}-?\d+\w*)\b")
_CODED = re.compile(
    r"(?:\b(?:recall|campaign|lot|batch|serial|model|docket|flight|tracking|zip|postal|area|hotline"
    r"|phone|telephone|photo|image|slide|picture|caption)s?(?:\s(?:numbers?|nos?\.?|codes?))?"
    r"|\b(?:numbers?|codes?)\sfor\sth(?:is|e)\s(?:recall|campaign|lot|model|flight)|\bNos?\.)"
    r"(?:\s(?:is|are|was)|:)?\s?#?$|#$",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\d, \d+, \d")  # "the numbers were 7, 29, 60"
NO_UNIT = STOP_WORDS | frozenset(
    """
    according said say says including like also would could may might must shall among amid
    without within across toward towards since whether because although though however per
    apiece total combined altogether yet already later earlier ago last next past am pm
    """.split()
)


def counted(text: str, end: int) -> str:
    """The stem of the counted noun: the first plural of the words that follow, else the first."""
    match = _UNIT.match(text[end : end + 160])
    run: list[str] = []
    for word in re.split(r"[\s-]+", match.group(1).strip(" -") if match else ""):
        plain = re.sub(r"['\u2019]s?$|\.$", "", word)
        if not plain or plain.lower() in NO_UNIT:
            break
        run.append(plain)
        if word != plain:
            break
    plural = next((w for w in run if is_plural(w.lower())), None)
    head = plural or (run[0] if run else "")
    return stem(head) if head else ""


def is_plural(word: str) -> bool:
    """True if the word looks like the plural of a noun, as far as its letters tell."""
    if word in _IRREGULAR:
        return True
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "'s"))


def bound_of(text: str, start: int, end: int) -> Bound:
    """How the words on either side bound the figure at ``[start, end)``: "more than", "up to"."""
    before = _BOUND_BEFORE.search(text[max(0, start - 40) : start])
    if before:
        return next(name for name, _ in _BOUNDS if before[name])
    after = _BOUND_AFTER.match(text[end : end + 40])
    if after:
        return "at_least" if after["way"] in (None, "more", "over") else "up_to"
    return "exact"


def scope_of(text: str, start: int, end: int) -> Scope | None:
    """Whether the figure at ``[start, end)`` holds for each or in total; None if not said."""
    right = text[end : end + 70]
    stop = _CLAUSE_END.search(right)
    right = right[: stop.start()] if stop else right
    left = text[max(0, start - 70) : start]
    if _EACH_AFTER.search(right):
        return "each"
    if _TOTAL_AFTER.search(right):
        return "total"
    if _EACH_BEFORE.search(left):
        return "each"
    return "total" if _TOTAL_BEFORE.search(left) else None


def is_label(text: str, start: int, end: int) -> bool:
    """True if ``[start, end)`` names or lists and does not count: a telephone number, a code.

    Two of these differ because they belong to two things, not because two articles disagree.
    """
    if _CODE.search(text[start:end]) or _CODED.search(text[max(0, start - 50) : start]):
        return True
    if _LISTED.search(text[max(0, start - 80) : end + 5]):
        return True
    near = max(0, start - 9)
    return any(
        near + m.start() < end and start < near + m.end()
        for m in _TELEPHONE.finditer(text[near : end + 9])
    )
