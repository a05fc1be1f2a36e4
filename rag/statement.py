"""Turns a yes/no question into the statement that it asks about, word for word as far as it goes.

By rules and without a parser. Where the auxiliary belongs is guessed; the verifier compares words
by their root, so "China approve the sale" is as good a statement as "China approved the sale".
"""

import re

_AUX = (
    r"(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|"
    r"isn['\u2019]t|aren['\u2019]t|wasn['\u2019]t|weren['\u2019]t|didn['\u2019]t|doesn['\u2019]t|"
    r"don['\u2019]t|hasn['\u2019]t|haven['\u2019]t|won['\u2019]t)"
)
_ASKS = re.compile(rf"(?:^|,\s+(?:and\s)?)({_AUX})\s+(?=\S)", re.IGNORECASE)
_WH = re.compile(r"^\W*(?:who|whom|whose|what|which|where|when|why|how)\b", re.IGNORECASE)
# In front of the auxiliary: "Considering these articles, which of the two, when asked, was ..."
_SOUGHT = re.compile(
    r"(?:^|,\s)(?:(?:in|at|on|by)\s)?(?:who|whose|what|which|where|when|how)\b", re.I
)
# Two questions in one: "Has it approved the sale, and how many chips?"
_AND_WH = re.compile(
    r"\b(?:and|or)\s(?:(?:if\sso|on|by|in)\s)?(?:who|what|when|where|why|how)\b", re.I
)
_OPENS = re.compile(
    r"^(?:after|before|between|since|following|considering|based|according|given|in|on|by|as)\b",
    re.I,
)
_OR = re.compile(
    r",?\s+or\s+(?:(?:do|does|did|is|are|was|were|has|have)\s.*|not\b.*)$", re.IGNORECASE
)
_MODALS = frozenset("will would can could should".split())
_LINKS = frozenset("in on at by from to under over a an the".split())
_SILENT = frozenset({"did", "does", "do"})
# Where a predicate begins: a participle, a preposition, an article, a figure, "not".
_PREDICATE = re.compile(
    r"(?<=\s)(?:[a-z]{2,}(?:ed|ing)|been|(?:[a-z]*[^e\s]en|known|shown|won|lost|sold|built|found|held|"
    r"made|paid|born|dead|alive|aboard|able|set|due|full|closed|open)|not|never|still|already|yet|in|"
    r"on|at|by|from|to|under|over|a|an|the|"
    r"(?<!than\s)(?<!least\s)(?<!most\s)(?<!about\s)(?<!nearly\s)(?<!over\s)\d[\d,.]*)(?=\s|$)"
)


def statement_of(question: str) -> str | None:
    """What the question asks to be true, as a statement; None for a question of another kind."""
    text = question.strip().rstrip("?!. ")
    if _WH.match(text) or _AND_WH.search(text):
        return None
    found = _ASKS.search(text)
    if found is None or (found.start() > 0 and not _OPENS.match(text)):
        return None
    if _SOUGHT.search(text[: found.start()]):
        return None
    rest = _OR.sub("", text[found.end() :])
    aux = found[1].lower().replace("\u2019", "'")
    if len(rest.split()) < 2:
        return None
    return _joined(aux, rest)


def _joined(aux: str, rest: str) -> str:
    negated = aux.endswith("n't")
    plain = aux.removesuffix("n't") if aux != "won't" else "will"
    words = ("" if plain in _SILENT else plain) + (" not" if negated else "")
    if not words.strip():
        return _capital(rest) + "."
    place = _PREDICATE.search(rest)
    if place is None:
        subject, _, last = rest.rpartition(" ")
        return f"{_capital(subject)} {words.strip()} {last}."
    at = place.start()
    if plain in _MODALS and place.group() in _LINKS and len(rest[:at].split()) > 1:
        at = rest.rstrip().rfind(" ", 0, at - 1) + 1  # the verb stands before "in", "the"
    return f"{_capital(rest[:at].rstrip())} {words.strip()} {rest[at:]}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
