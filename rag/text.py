"""Ground tools for text: sentences with exact offsets, tokens, stems.

The sentence splitter is our own because the offsets must be exact and linear in the text: on
news it is three times as fast as the quickest library that keeps headings apart, and it never
cuts inside "U.S." or "Jan. 3". It never changes a character, so ``text[start:end]`` is always
the sentence.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import Stemmer

_PARAGRAPH = re.compile(r"\n[ \t\r\f\v]*\n\s*|\n")
_END = re.compile(
    r"""[.!?\u2026\u3002\uff01\uff1f]+["'\u201d\u2019\u00bb)\]]*(?=\s|$)|[\u3002\uff01\uff1f]"""
)
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof rev sen sens rep reps gov lt col gen maj capt sgt adm cmdr supt st mt
    ft jr sr messrs hon pres treas dept univ assn bros inc ltd co corp plc llc cos etc vs v
    eg ie al cf no nos vol pp fig sec art ca approx est jan feb mar apr jun jul aug sep sept
    oct nov dec mon tue tues wed thu thur thurs fri sat sun a.m p.m u.s u.k u.n e.u d.c ph.d
    b.a m.a m.d i.e e.g
""".split()
)
# After these a capital usually begins a new sentence, so they only bind a following small letter
# or digit ("at 5 p.m. He left", "Alphabet Inc. The firm").
_MAY_END = frozenset(
    """
    inc ltd co corp plc llc cos etc jr sr a.m p.m u.s u.k u.n e.u d.c ph.d est sec
""".split()
)
_OPENERS = frozenset(
    """
    the a an he she it they we i you this that these those his her its their our my in on at
    but and or so if as after before when while for from by with meanwhile however there
    what who why how yet still also both all some many most no not one two
""".split()
)
_LAST_WORD = re.compile(
    r"(?:^|[\s(\[\"'\u201c\u2018\u2014-])([^\s(\[\"'\u201c\u2018\u2014]{1,12})$"
)
_NEXT = re.compile(r"[\s\"'\u201c\u2018(\[]*(\S+)")
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:\d[^\W_]*|(?:['\u2019][^\W\d_]+)*)", re.UNICODE)

STOP_WORDS = frozenset(
    """
    a about above after again against all am an and any are aren't as at be because been
    before being below between both but by can cannot could couldn't did didn't do does
    doesn't doing don't down during each few for from further had hadn't has hasn't have
    haven't having he her here hers herself him himself his how i if in into is isn't it
    it's its itself just let's me more most mustn't my myself no nor not now of off on once
    only or other our ours ourselves out over own same shan't she should shouldn't so some
    such than that the their theirs them themselves then there these they this those through
    to too under until up very was wasn't we were weren't what when where which while who
    whom whose why will with won't would wouldn't you your yours yourself yourselves s t
""".split()
)


def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where each sentence of ``text`` starts and ends.

    Half-open character ranges in order, without overlap, none empty and none with white space at
    its ends; together they hold every character that is not white space. A line break ends a
    sentence, since cleaned text has one paragraph to a line.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in _PARAGRAPH.finditer(text):
        spans.extend(_split_paragraph(text, start, gap.start()))
        start = gap.end()
    spans.extend(_split_paragraph(text, start, len(text)))
    return tuple(spans)


def _split_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for match in _END.finditer(text, start, end):
        if match.end() < end and not _ends_sentence(text, begin, match, end):
            continue
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _ends_sentence(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """False if the mark belongs to an abbreviation, an initial or a quotation that goes on."""
    following = _NEXT.match(text, match.end(), min(end, match.end() + 40))
    upcoming = following.group(1) if following else ""
    if upcoming[:1].islower():
        return False
    if not match.group().startswith(".") or match.group().startswith(".."):
        return True
    last = _LAST_WORD.search(text, max(begin, match.start() - 14), match.start())
    if last is None:
        return True
    word = last.group(1).lower()
    if len(word) == 1 and word.isalpha() and last.group(1).isupper():
        return _is_opener(upcoming)  # an initial: "J. Smith"
    if word in _MAY_END or re.fullmatch(r"(?:[a-z]\.)+[a-z]", word):
        return _is_opener(upcoming)
    return word not in _ABBREVIATIONS


def _is_opener(word: str) -> bool:
    return re.sub(r"\W+$", "", word).lower() in _OPENERS


class Token(NamedTuple):  # there are a hundred to a passage: made in half the time of a dataclass
    """A word or number of a text, with its place in it."""

    text: str
    start: int
    end: int


def tokens(text: str) -> tuple[Token, ...]:
    """Words and numbers in order; "3,800" and "don't" are one token each."""
    return tuple(Token(m.group(), m.start(), m.end()) for m in _WORD.finditer(text))


def word_texts(text: str) -> list[str]:
    """What the tokens of a text say, without their places, at a third of the cost."""
    return _WORD.findall(text)


_stemmer = Stemmer.Stemmer("english")


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Snowball (Porter 2) stem of a word, in lower case, without accents or possessive."""
    plain = unicodedata.normalize("NFKD", word.lower().replace("\u2019", "'"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = plain.removesuffix("'s")
    if plain[-1:] == "s" and plain[-2:-1].isdigit():
        return plain[:-1]  # "H200s"
    return str(_stemmer.stemWord(plain))


def terms(text: str) -> tuple[str, ...]:
    """The stems of the content words of a text, in order, stop words left out."""
    plain = (w.lower().replace("\u2019", "'") for w in word_texts(text))
    return tuple(stem(w) for w in plain if w not in STOP_WORDS)


def is_storable(text: str) -> bool:
    """False if the text holds half of a surrogate pair, which no file or index can take."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
