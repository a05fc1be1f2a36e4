"""Does an answer say what it should? Literal rules first, then figures and dates by value.

The rules of ``eval.gold`` (words in a row, lists, offices, descriptions), and beyond them: a gold
answer that is a figure is said by any way of writing it ("40 million", "40,000,000"), one that is
a date likewise ("3 March 2022", "March 3, 2022", "2022-03-03"). Yes and no must be the answer's
own word. Every function gives a share from 0 to 1.
"""

import re
from collections import Counter
from collections.abc import Sequence

from eval.gold import holds_words, normal
from rag.facts import dates, quantities

Aliases = Sequence[str]
_YES_NO = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)
_ONLY_YES_NO = re.compile(r"\W*(yes|no)\W*", re.IGNORECASE)
_SAME = 1e-9  # figures are the same when they differ by rounding of the machine only
_SCALES = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion"}
_SCALED = re.compile(r"(?<=\d)\s?(k|m|mn|bn|b)\b", re.IGNORECASE)


def exact(answer: str, golds: Sequence[Aliases]) -> float:
    """1 if the answer is one of the gold answers and nothing else, words compared as stems.

    Exact match as in SQuAD (Rajpurkar et al. 2016). 0 for an empty answer.
    """
    own = normal(answer)
    return float(bool(own) and any(own == normal(a) for aliases in golds for a in aliases))


def token_f1(answer: str, golds: Sequence[Aliases]) -> float:
    """Overlap of words with the nearest gold answer, as in SQuAD: F1; 0 for an empty answer."""
    own = Counter(normal(answer))
    return max((_f1(own, Counter(normal(a))) for aliases in golds for a in aliases), default=0.0)


def _f1(own: Counter[str], wanted: Counter[str]) -> float:
    common = sum((own & wanted).values())
    return 2 * common / (sum(own.values()) + sum(wanted.values())) if common else 0.0


def answer_recall(answer: str, golds: Sequence[Aliases]) -> float:
    """Share of the gold answers that the answer says, each under any of its aliases.

    0 for an empty answer and where there is no gold answer.
    """
    words = normal(answer)
    return sum(any(_says(answer, words, a) for a in g) for g in golds) / max(1, len(golds))


def is_yes_or_no(golds: Sequence[Aliases]) -> bool:
    """True if the gold answer is a yes or a no."""
    return any(_ONLY_YES_NO.fullmatch(alias) for aliases in golds for alias in aliases)


def says(answer: str, wanted: str) -> bool:
    """True if the answer says this, however it writes figures and dates."""
    return _says(answer, normal(answer), wanted)


def _says(answer: str, words: tuple[str, ...], wanted: str) -> bool:
    yes_no = _ONLY_YES_NO.fullmatch(wanted)
    if yes_no:
        told = _YES_NO.match(answer)
        return told is not None and told[1].lower() == yes_no[1].lower()
    return holds_words(words, wanted) or _says_date(answer, wanted) or _says_figure(answer, wanted)


def _says_figure(answer: str, wanted: str) -> bool:
    """True for a gold answer of one figure that stands in the answer with the same unit."""
    gold = quantities(_spelt(wanted))
    if len(gold) != 1 or dates(wanted) or not _is_all(_spelt(wanted), gold[0].text, gold[0].unit):
        return False
    one = gold[0]
    return any(
        abs(q.value - one.value) <= _SAME * max(1.0, abs(one.value))
        and (not one.unit or q.unit == one.unit)
        for q in quantities(_spelt(answer))
    )


def _is_all(wanted: str, figure: str, unit: str) -> bool:
    """True if nothing but the figure and what it counts stands in the gold answer."""
    rest = normal(wanted.replace(figure, " ", 1))
    return all(word == unit or word in {"$", "%", "about", "around", "nearli"} for word in rest)


def _spelt(text: str) -> str:
    return _SCALED.sub(lambda m: f" {_SCALES[m[1].lower()]}", text)


def _says_date(answer: str, wanted: str) -> bool:
    """True for a gold answer of one date that the answer has; what gold leaves out is free."""
    gold = dates(wanted)
    if len(gold) != 1 or normal(wanted.replace(gold[0].text, " ", 1)):
        return False
    want = (gold[0].year, gold[0].month, gold[0].day)
    if want == (None, None, None):
        return False
    return any(
        all(w is None or w == h for w, h in zip(want, (d.year, d.month, d.day), strict=True))
        for d in dates(answer)
    )
