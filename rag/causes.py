"""Ground tool: what a sentence gives as the cause of something.

The words before "caused" up to the start of their clause, or behind "caused by" and its like.
Pure functions.
"""

import re
from dataclasses import dataclass

from rag.claims import Line
from rag.folding import folded_terms, kindred
from rag.sought import Sought

_DID = r"(?:caused|causes|triggered|sparked|started|set off|led to|killed|destroyed|brought down)"
_BEFORE = re.compile(
    rf"(?:^|[,;:]\s|\b(?:that|said|says|believes?|found)\s)(?P<cause>[^,;:]{{3,80}}?)\s(?:have|"
    rf"has|had|may\shave|probably\s)?\s?{_DID}\s",
)
_BEHIND = re.compile(
    r"\b(?:caused|triggered|sparked|started|killed|destroyed)\sby\s(?P<cause>[^,;:.]{3,60})"
    r"|\b(?:due to|because of|blamed on|the result of|the cause (?:was|is)|"
    r"put down to)\s(?P<other>[^,;:.]{3,60})",
    re.IGNORECASE,
)
_IT = re.compile(r"\W*(?:it|this|that|which|who|he|she|they|what)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cause:
    """What is given as the cause, as the kin of its words."""

    words: frozenset[str]
    start: int
    end: int


def cause(line: Line, sought: Sought) -> Cause | None:
    """The cause that a line gives of what the question is about; None if it gives none."""
    for pattern in (_BEHIND, _BEFORE):
        found = pattern.search(line.text)
        if found is None:
            continue
        start, end = next(found.span(i) for i, text in enumerate(found.groups(), 1) if text)
        text = line.text[start:end]
        words = frozenset(map(kindred, folded_terms(text))) - sought.topic
        if words and not _IT.match(text):
            return Cause(words, start, end)
    return None
