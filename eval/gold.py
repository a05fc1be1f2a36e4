"""Whether a text holds a gold answer: containment after normalisation, nothing cleverer.

Deliberately literal, so that the figures can be checked by hand. A text holds the answer if

1. the answer's words stand in it in a row, as stems, after number words became digits ("three"
   = 3, "per cent" = %), thousands commas went, and articles ("the", "a") were dropped; or
2. the answer is a list ("Sweden and Finland") and each part is held; or
3. the answer begins with an office ("President Joe Biden") and the name after it is held; or
4. the answer is descriptive (small letters, at least two content words: "a bicycle accident")
   and every content word is in it as a stem.

A surname alone is not the answer "Bill Cosby", nor is "5" in "5.9". Wordings that mean the same
but share no words count as missed.
"""

import re
import unicodedata

from rag.text import STOP_WORDS, stem

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_DIGITS = {w: str(i) for i, w in enumerate(_UNITS)} | {
    w: str(10 * i) for i, w in enumerate(_TENS, start=2)
}
_OFFICES = re.compile(
    r"^(?:(?:uk|us|u\.s\.|russian|senate|house|former|treasury|prime|vice|minority|majority|"
    r"president|minister|speaker|leader|secretary|senator|sen\.|rep\.|gov\.|governor|king|queen|"
    r"prince|princess|pope|sir|dr\.|justice|actor|actress|singer)\s+)+(?=[A-Z])",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\$|%|\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?")


def normal(text: str) -> tuple[str, ...]:
    """The text as stems and plain numbers, in order."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'").lower()
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", plain)
    plain = re.sub(r"\bper\s?cent\b", "%", plain)
    plain = plain.replace("u.s.", "us").replace("u.k.", "uk")
    words = (_DIGITS.get(w, w) for w in _TOKEN.findall(plain))
    return tuple(stem(w) for w in words if w not in {"the", "a", "an"})


def holds(text: str, answer: str) -> bool:
    """True if ``text`` holds ``answer`` by one of the rules above."""
    return holds_words(normal(text), answer)


def holds_words(words: tuple[str, ...], answer: str) -> bool:
    """The same for a text that is normal already."""
    return any(_holds(words, wanted) for wanted in {answer, _OFFICES.sub("", answer)})


def _holds(words: tuple[str, ...], answer: str) -> bool:
    wanted = normal(answer)
    if _in_a_row(words, wanted):
        return True
    parts = [p for p in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", answer) if p.strip()]
    if len(parts) > 1 and all(_in_a_row(words, normal(p)) for p in parts):
        return True
    content = {w for w in wanted if w not in STOP_WORDS}
    capitals = any(w[0].isupper() or w[0].isdigit() for w in re.findall(r"\w+", answer)[1:])
    return len(content) > 1 and not capitals and content <= set(words)


def _in_a_row(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    n = len(wanted)
    return n > 0 and any(words[i : i + n] == wanted for i in range(len(words) - n + 1))
