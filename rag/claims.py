"""Ground tool: what the sentences of passages claim, ready to be laid side by side.

A claim is a figure, a date or a status together with the words of its clause: two articles
disagree only where the words around the slot are alike and the slot is not. Pure functions.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.background import load_background
from rag.facts import (
    DateMention,
    Name,
    Quantity,
    Status,
    dates,
    names,
    quantities,
    statuses,
)
from rag.figures import is_label
from rag.folding import WORD, fold, folded_terms
from rag.schema import Article, ConflictKind, Passage
from rag.text import stem

_AGENCIES = frozenset(map(stem, "reuters ap afp bloomberg cnn bbc upi".split()))
_SPEECH = frozenset(map(stem, "said say says told tell according report reported added".split()))
_DAY_WORDS = frozenset(
    map(
        stem,
        "monday tuesday wednesday thursday friday saturday sunday january february march april "
        "june july august september october november december today yesterday still now so far "
        "already about around least roughly nearly almost hundred thousand million billion "
        "trillion".split(),
    )
)
_BREAK = re.compile(
    r"[;:()\u2013\u2014]|,\s+(?=(?:but|while|as|after|when|where|which|who|with|though|although|"
    r"because|so|whereas|making|bringing|including)\s)|"
    r",\s+(?=(?:and|or)\s)|\s(?=(?:but|while|whereas|although|because|after|when|before)\s)|"
    r"\s(?=and\s+(?:\$|\d|(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s))"
)
_LEAD = re.compile(r"(?:\s|,|(?:and|but|with|while|that|or)\s)+", re.IGNORECASE)
_OPENING = re.compile(
    r"^\W*(?:while|as|when|after|although|though|because|if|before|since)\s", re.I
)
_DEPENDENT = re.compile(
    r"(?:which|who|whose|where|when|as|after|before|because|making|bringing)\b", re.I
)
_MAX_SENTENCE = 1_500  # characters; longer is no sentence, and keeps every pattern quick
_MIN_QUOTE_WORDS = 5
_SHORT_SENTENCE = 140  # characters; a shorter sentence is shown whole
_WINDOW = 6  # words to either side of the slot that say what it counts
_PAST = re.compile(
    r"\b(?:up|down|compared|rose|fell|increase|drop|jump|climb|grew)\w*\s(?:from|with)\s\S*$|"
    r"\b(?:from|versus|vs\.?|instead of|not|than the|compared with|compared to)\s\S{0,3}$|"
    r"\b(?:earlier|previous(?:ly)?|formerly|last year|a year (?:ago|earlier|before)|used to|"
    r"initially|originally|at first|had been)\b[^.;]{0,25}$|\bearlier reports?\b|"
    r"\b(?:years?|months?|weeks?|decades?|days?) ago,?\s[^.;]{0,40}$",
    re.IGNORECASE,
)
_PAST_AFTER = re.compile(
    r"^[^.;,]{0,30}\b(?:a year (?:ago|earlier|before)|last year|the year before|previously|"
    r"ago|earlier)\b",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"\b(?:other|another|additional|further|extra|remaining)\s\S*$", re.IGNORECASE
)
_FURTHER_AFTER = re.compile(
    r"^\s(?:more(?!\s(?:than|or))|others?|additional|further|extra|remaining)\b", re.IGNORECASE
)
CORRECTION = re.compile(
    r"(?m)^\W*(?:correction|corrections|clarification|editor[\u2019']s note)\b|"
    r"\b(?:earlier|previous) version of th(?:is|e) (?:article|story|report)\b",
    re.IGNORECASE,
)
_RETRACTED = re.compile(
    r"\b(?:incorrectly|wrongly|mistakenly|erroneously|misstated|in error|earlier version|"
    r"previous version|(?:article|story|report|headline)\b[^.]{0,60}\b(?:said|stated|gave|put))\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|being|be)\s(?:\w+ly\s|not\s)?$", re.IGNORECASE)
_AFTERWARDS = re.compile(r"\b(?:after|since|before)\s(?:\S+\s){0,3}$", re.IGNORECASE)
_FIGURE = re.compile(  # a hint that a text may hold a figure
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|half|third|"
    r"quarter|dozens?|hundreds?|thousands?|[mb]illions?)\b",
    re.IGNORECASE,
)
# Where a line is drawn, not what was counted: "$4.25 or less", "jackpots start at $20 million".
_THRESHOLD = re.compile(
    r"\s(?:\w+\s){0,2}or (?:less|more|fewer|over|under|higher|lower)\b", re.IGNORECASE
)
_CONDITION = re.compile(r"\b(?:[Ii]f|[Uu]nless)\s")  # what would hold then is no count
_RATIO = re.compile(
    r"\s(?:out of|in)\s(?:every\s)?(?:\d|two|three|four|five|six|seven|eight|nine|ten)",
    re.IGNORECASE,
)
_RATIO_BEFORE = re.compile(r"\b(?:out of|in every)\s(?:every\s)?$", re.IGNORECASE)
_STARTS = re.compile(r"\bstart(?:s|ed|ing)?\s(?:at|from)\s\S{0,3}$", re.IGNORECASE)
_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|by|of|until|till|from|before|after|early|late|mid)[\s-]$", re.I
)
_DATELINE = re.compile(
    r"^\W*(?:(?:updated|published|posted)\b\W*)?(?:\w+day,?\s)?\S+\s\d{1,2},?\s\d{4}\s?"
    r"(?:\.\.\.|\u2026|[-\u2013\u2014|\u00b7:]|$)",
    re.IGNORECASE,
)
Fact = Quantity | DateMention | Status | Name


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One sentence of a passage and what surrounds it; offsets count in the article."""

    article: Article
    start: int
    end: int
    text: str
    rank: int  # of its passage, 0 is best
    terms: frozenset[str]
    beside: frozenset[str]  # terms of the sentence, the one before and the title
    setting: frozenset[str]  # terms of title, outlet and passage
    told: frozenset[str]  # the same without the outlet
    corrects: bool  # stands in a correction notice


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A slot of a line: a figure, a date or a status, with the words that say what of."""

    line: Line
    fact: Fact
    quote: tuple[
        int, int
    ]  # [start, end) in the line's text to show: the clause if it can stand alone
    words: frozenset[str]  # terms of the clause without the slot, days and speech verbs
    near: frozenset[str]  # terms within a few words of the slot, names and speech verbs left out
    names: frozenset[str]  # words of the names in the line, but for speakers
    clause_names: frozenset[str]  # of those, the ones in the clause
    actors: frozenset[str]  # words of the names before the slot in its clause
    gap: int  # characters between the last of these names and the slot
    years: frozenset[int]
    beside: tuple[Fact, ...]  # every figure, date and status of the line, this one too
    said: str = ""  # what it comes to, the same for claims that agree; empty: read from the fact

    @property
    def slot(self) -> str:
        """The words of the figure, date or status."""
        return self.fact.text


@dataclass(frozen=True, slots=True)
class Pair:
    """Two claims that do not say the same about one thing; a higher score is a clearer case."""

    kind: ConflictKind
    score: float
    one: Claim
    other: Claim


names_of = lru_cache(maxsize=256)(names)  # each way of comparing looks at the same sentences


def read_lines(passages: Sequence[Passage], articles: Mapping[str, Article]) -> list[Line]:
    """Every sentence of the passages once, in the order of the passages; no questions."""
    seen: set[tuple[str, int]] = set()
    lines: list[Line] = []
    for rank, passage in enumerate(passages):
        article = articles.get(passage.article_id)
        if article is None:
            continue
        for line in _passage_lines(passage, article, rank):
            # "Follow her @..." is no news, a question no claim.
            skipped = line.text.endswith("?") or "@" in line.text or len(line.text) > _MAX_SENTENCE
            if not skipped and (article.article_id, line.start) not in seen:
                seen.add((article.article_id, line.start))
                lines.append(line)
    return lines


def _passage_lines(passage: Passage, article: Article, rank: int) -> Iterator[Line]:
    texts = passage.sentence_texts()
    terms = [folded_terms(text) for text in texts]
    heading = folded_terms(article.title or "")
    told = heading.union(*terms)
    setting = told | folded_terms(article.outlet or "")
    corrected_to = -1  # where the paragraph of a correction notice ends
    for i, (start, end) in enumerate(passage.sentences):
        if CORRECTION.search(texts[i]):
            stop = passage.text.find("\n", start - passage.start)
            corrected_to = passage.end if stop < 0 else passage.start + stop
        yield Line(
            article=article,
            start=start,
            end=end,
            text=texts[i],
            rank=rank,
            terms=terms[i],
            beside=terms[i].union(heading, terms[i - 1] if i else ()),
            setting=setting,
            told=told,
            corrects=start < corrected_to,
        )


def is_retracted(line: Line) -> bool:
    """True for what a correction says was said before."""
    wrong = line.corrects and _RETRACTED.search(line.text)
    return bool(wrong) and " not " not in line.text


def read_claims(line: Line, wanted: Container[ConflictKind]) -> list[Claim]:
    """The claims of a line that can differ so: not what it looks back on, corrects or adds up."""
    if is_retracted(line):
        return []
    facts = [fact for fact in _facts(line.text, wanted) if _is_plain(fact)]
    moments = dates(line.text, line.article.day) if facts or "time" in wanted else ()
    if "time" in wanted:
        facts += [moment for moment in moments if _is_plain(moment)]
    if not facts:
        return []
    years = frozenset(m.year for m in moments if m.year)
    named = names_of(line.text)
    spoken = _spoken_names(line, named)
    inside = [(n.start, n.end) for n in named]
    claims = []
    for fact in facts:
        if is_aside(line.text, fact) or any(a <= fact.start < b for a, b in inside):
            continue
        clause = clause_of(line.text, fact.start, fact.end)
        claims.append(
            Claim(
                line=line,
                fact=fact,
                quote=_quote(line.text, clause),
                words=folded_terms(
                    f"{line.text[clause[0] : fact.start]} {line.text[fact.end : clause[1]]}"
                )
                - _SPEECH
                - _DAY_WORDS,
                near=_near(line.text, clause, fact, spoken),
                names=frozenset(w for _, words in spoken for w in words),
                clause_names=frozenset(
                    w for at, words in spoken if clause[0] <= at < clause[1] for w in words
                ),
                actors=_actors(line.text, clause, fact, spoken),
                gap=min(
                    (fact.start - at for at, _ in spoken if clause[0] <= at < fact.start),
                    default=len(line.text),
                ),
                years=years,
                beside=tuple(facts),
            )
        )
    return claims


def _facts(text: str, wanted: Container[ConflictKind]) -> Iterator[Fact]:
    """Figures and statuses, where they are wanted: reading them all is most of the time spent."""
    if ("value" in wanted or "scope" in wanted) and _FIGURE.search(text):
        yield from quantities(text)
    if "status" in wanted:
        yield from statuses(text)


def slot_claim(line: Line, start: int, end: int, said: str = "") -> Claim:
    """The claim that a line makes with the words at ``[start, end)``, whatever they are."""
    text = line.text[start:end]
    words = tuple(w.lower() for w in text.split())
    return Claim(
        line=line,
        fact=Name(words=words, sure=True, start=start, end=end, text=text),
        quote=(0, len(line.text)),
        words=line.terms,
        near=line.terms,
        names=frozenset(),
        clause_names=frozenset(),
        actors=frozenset(),
        gap=0,
        years=frozenset(),
        beside=(),
        said=said,
    )


def _is_plain(fact: Fact) -> bool:
    """False for places in an order, ranges, lone ones and dates that hang on today."""
    if isinstance(fact, Quantity):
        return fact.kind != "ordinal" and not fact.high and fact.value > 1
    if isinstance(fact, DateMention):
        return not fact.relative and (fact.month is not None or fact.year is not None)
    return True


def is_aside(text: str, fact: Fact) -> bool:
    """True for a past value, a further one ("three more") or the date line of a page."""
    before, after = text[max(0, fact.start - 80) : fact.start], text[fact.end : fact.end + 60]
    if isinstance(fact, DateMention):
        lone_year = fact.month is None and not _YEAR_BEFORE.search(before)
        return (
            lone_year
            or before.lower().endswith("since ")
            or bool(_DATELINE.search(text[: fact.end + 4]))
        )
    if isinstance(fact, Status) and _AFTERWARDS.search(before):
        return True
    if isinstance(fact, Quantity) and (
        any(p.search(before) for p in (_STARTS, _RATIO_BEFORE))
        or any(p.match(after) for p in (_THRESHOLD, _RATIO))
        or _CONDITION.search(text)
    ):
        return True
    if is_label(text, fact.start, fact.end):
        return True
    if _PAST.search(before) or _PAST_AFTER.search(after):
        return True
    return bool(_FURTHER.search(before) or _FURTHER_AFTER.search(after))


def _spoken_names(line: Line, named: Iterable[Name]) -> list[tuple[int, tuple[str, ...]]]:
    """Where each name starts and its folded words; speakers and newsrooms are left out."""
    text, found = line.text, []
    newsroom = folded_terms(line.article.outlet or "") | _AGENCIES
    for name in named:
        before = text[max(0, name.start - 16) : name.start].lower()
        after = text[name.end : name.end + 8].lower()
        if re.search(r"\b(?:said|says|told|according to)\s(?:\w+\s)?$", before):
            continue
        if re.match(r",?\s(?:said|says|told)\b", after):
            continue
        words = tuple(fold(w) for w in name.words if not w.isdigit())
        if not name.sure and not any(map(load_background().is_name, words)):
            continue  # "Officials said": a word that merely opens the sentence
        if not newsroom.issuperset(words):
            found.append((name.start, words))
    return found


def _actors(
    text: str, clause: tuple[int, int], fact: Fact, named: Sequence[tuple[int, tuple[str, ...]]]
) -> frozenset[str]:
    """Words of the names before the slot in its clause; in the passive they do not act."""
    passive = _PASSIVE.search(text[max(0, fact.start - 24) : fact.start])
    if passive and not fact.text.endswith("ing"):
        return frozenset()
    return frozenset(w for at, words in named if clause[0] <= at < fact.start for w in words)


def clause_of(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch between two breaks that holds the slot, without the word that joins it on."""
    begin, stop = 0, len(text)
    comma = text.find(", ")
    if _OPENING.match(text) and 0 < comma < start:
        begin = comma + 2  # "While he toured China, ..."
    for match in _BREAK.finditer(text, begin):
        if match.end() <= start and not _in_list(text, match):
            begin = match.end()
        elif match.start() >= end and not _in_list(text, match):
            stop = match.start()
            break
    lead = _LEAD.match(text, begin, start)
    begin = lead.end() if lead else begin
    while stop > end and text[stop - 1] in " ,;:":
        stop -= 1
    return begin, stop


def _quote(text: str, clause: tuple[int, int]) -> tuple[int, int]:
    """The clause if it can be read alone and the sentence is long, else the sentence."""
    words = text[clause[0] : clause[1]]
    alone = len(words.split()) >= _MIN_QUOTE_WORDS and not _DEPENDENT.match(words)
    return clause if alone and len(text) > _SHORT_SENTENCE else (0, len(text))


def _in_list(text: str, match: re.Match[str]) -> bool:
    """True for the last comma of "Alibaba, Tencent, and ByteDance"."""
    if not re.match(r",\s+(?:and|or)\s", text[match.start() : match.end() + 4]):
        return False
    return "," in text[max(0, match.start() - 30) : match.start()]


def _near(
    text: str, clause: tuple[int, int], fact: Fact, named: Sequence[tuple[int, tuple[str, ...]]]
) -> frozenset[str]:
    """What stands around the slot between two commas, or in the clause when that is nothing."""
    skipped = {w for _, name in named for w in name} | _SPEECH | _DAY_WORDS
    comma = text.rfind(", ", clause[0], fact.start)
    begin = comma + 2 if comma >= 0 else clause[0]
    comma = text.find(", ", fact.end, clause[1])
    for start, end in ((begin, comma if comma >= 0 else clause[1]), clause):
        left = WORD.findall(text, start, fact.start)[-_WINDOW:]
        right = WORD.findall(text, fact.end, end)[:_WINDOW]
        near = folded_terms(" ".join((*left, *right))) - skipped
        if near - ({fact.unit} if isinstance(fact, Quantity) else set()):
            return near
    return near
