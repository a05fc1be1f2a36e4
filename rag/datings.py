"""Ground tool: on which day the thing happened that a sentence tells, where its words settle that.

What stays open is left out: a wrong day on a timeline is worse than none. Pure functions, linear
in the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.facts import DateMention, dates, quotes
from rag.reckon import Moment, Tense, reckon
from rag.schema import Precision, Told

_IRREGULAR = (
    "took gave went came made found fell rose held won lost met left began became broke hit cut "
    "shot sank saw sent shut spoke stood struck swore threw wrote led ran sold bought brought "
    "built fought drew drove grew got kept paid stole burst flew fled sat set put tore"
)
_PAST_WORD = rf"(?:[A-Za-z][a-z]+ed|{'|'.join(_IRREGULAR.split())})"
_PARTICIPLE = (
    rf"(?:{_PAST_WORD}|been|begun|broken|chosen|come|done|drawn|driven|fallen|flown|given|gone|"
    r"grown|risen|run|seen|shown|stolen|sunk|sworn|taken|thrown|written|had)"
)
_NOT_PAST = frozenset(
    "need speed hundred indeed feed seed bed shed weed breed exceed proceed succeed".split()
)
_MEANT = (
    r"(?:set|due|expected|scheduled|planned|slated|going|likely|meant|supposed|hoping|planning|"
    r"preparing|aiming|ready)\s(?:to|for|on|in|at|by|back|next)\b"
)
# The verb that stands last before a date says whether that lies behind or ahead.
_VERB = re.compile(
    rf"""
      (?P<lapsed>\b(?:was|were|had\sbeen)\s(?:to\b|{_MEANT})|\b(?:could|may|might|can)\b)
    | (?P<future>(?:\b(?:will|shall|won['\u2019]t)|['\u2019]ll)
        (?:\s(?:not|also|be|then|now|only|again|still|first))*(?:\s[a-z]+)?
      | \b(?:is|are)\s(?:not\s|also\s|now\s|still\s)?(?:to\b|{_MEANT})(?:\sbe)?(?:\s[a-z]+)?
      | \b(?:plans|intends|hopes|expects|aims|wants|(?<!to\s)(?:plan|intend|hope|expect))\sto
        (?:\sbe)?\s[a-z]+
      | \b(?:begins|starts|opens|closes|ends|expires|resumes|returns|meets
        | takes?\s(?:place|effect)|comes?\s(?:back|into\sforce))\b)
    | (?P<would>\b(?:would|should)\b(?!\shave)(?:\snot)?(?:\sbe)?\s[a-z]+|\b(?:has|have)\sto\b
      | \b(?:planned|intended|hoped|expected|aimed)\sto\b(?:\sbe)?\s[a-z]+)
    | (?P<speech>\b(?:said|says?|told|tells?|announced|reported|according|wrote|added|stated
        | published|issued|confirmed|shared|tweeted|posted|warned|argued|noted|insisted|claimed
        | suggested|testified|stressed|explained|acknowledged)\b)
    | (?P<past>\b(?:was|were|had|did)\b(?:\s(?:not|also|already|been|later|then))*(?:\s[a-z]+)?
      | \b(?:has|have)(?:\s(?:not|also|already|since|now|never|yet|just))*\s{_PARTICIPLE}\b)
    | (?P<open>\b(?:is|are|be|being)\b(?:\s{_PARTICIPLE}\b)?)
    | (?P<weak>\b{_PAST_WORD}\b)
    """,
    re.VERBOSE,
)
_REPORTED = re.compile(r"\b(?:said|told|announced|reported|published|issued|stated)$")
_ADJECTIVE = re.compile(r"\b(?:the|an?|its|their|his|her|of|by|with|most|more|and)\s$")
_BREAK = re.compile(r";\s|,\s(?=(?:and|but|while|whereas|though|although)\s)")
_LEAD = re.compile(r"\s*(?:(?:and|but|while|whereas|though|although)\s)?")
_MIN_CLAUSE_WORDS = 5

# Before a date that only points: "since Monday", "the 3 March vote", "every Friday".
_POINTS = re.compile(
    r"\b(?:since|before|after|ahead\sof|following|through|than|between|as\sof|prior\sto|over|"
    r"the|an?|that|its|their|his|her|every|each|most|some|no|"
    r"Black|Good|Easter|Super|Bloody|Cyber|Ash|Palm|Giving|Holy|Boxing)"
    r"(?:\s(?:early|late|mid|about|around))?[\s-]$",
    re.IGNORECASE,
)
_OF = re.compile(r"\bof\s$", re.IGNORECASE)
_PART_OF = re.compile(
    r"\b(?:morning|evening|afternoon|night|day|end|start|beginning|spring|summer|autumn|fall|"
    r"winter|weekend|middle|half)\sof\s$",
    re.IGNORECASE,
)
_IN = re.compile(
    r"\b(?:in|during|early|late|mid|of|by|until|till|from)(?:\s(?:early|late|mid))?[\s-]$", re.I
)
_WITHIN = re.compile(r"\b(?:in|at|during)\s$", re.IGNORECASE)
_MODIFIES = re.compile(
    r"['\u2019]s?\b|-\w|\s(?:Times|Mail|Telegraph|Post|Herald|Mirror|Express|Independent|Morning|Night)\b"
)
_DATELINE_CHARS = 80
_DATELINE_BEFORE = re.compile(r"\W*[A-Z][\w.'\u2019 -]*(?:,\s[A-Z][\w.'\u2019 -]*)*,\s")
_DATELINE_AFTER = re.compile(r"\s*(?:\([^()]{1,40}\)\s*)?[\u2014\u2013-]")
_NOWADAYS = re.compile(r"\b(?:dollars|money|prices|of|than|even|still|like|is|are)\s$")
_COUNTED_FROM = re.compile(r"\b(?:years?|months?|weeks?|days?)\s(?:after|before|since)\b[^,;]*$")
_COMPARED = re.compile(r"\b(?:period|time|than|compared\s(?:with|to))\s$")
_IS_NOW = re.compile(r"(?:is|are)\snow\b")
_NO_NEWS = re.compile(
    r"\b(?:earlier|ago|previous(?:ly)?|once|decades?|centur(?:y|ies)|years|long|always|become|"
    r"used\sto|not\syet|yet\sto|never)\b"
)
_NOTE = re.compile(
    r"\W*(?:updated?|published|posted|corrected|correction|clarification|editor|last (?:updated|"
    r"modified)|first published|copyright|photo|image|file photo)\b|\u00a9",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dating:
    """A day, month or year, and the words of the sentence whose event it dates."""

    day: date  # the first that it covers
    precision: Precision
    told: Told
    planned: bool
    start: int
    end: int


def datings(text: str, today: date | None) -> tuple[Dating, ...]:
    """When the events of a sentence happened or are to happen; ``today`` is the day it was written.

    One for the whole sentence, or one for each clause where clauses tell of different days. Empty
    where no date is told or it cannot be told which.
    """
    if _NOTE.match(text):
        return ()
    spoken = [(q.start, q.end) for q in quotes(text)]
    mentions = [
        m
        for m in _without_weekdays(dates(text, today))
        if not any(a <= m.start < b for a, b in spoken) and not _only_points(text, m)
    ]
    if not mentions:
        return ()  # most sentences
    read = [(clause, _of_clause(text, clause, mentions, today)) for clause in _clauses(text)]
    found = [(clause, moment) for clause, moment in read if moment]
    if len(found) < 2 or len({moment for _, moment in found}) == 1:
        whole = (0, len(text))
        found = [(whole, moment) for _, moment in found[:1]]
    return tuple(
        Dating(
            day=moment.day,
            precision=moment.precision,
            told=moment.told,
            planned=moment.planned,
            start=start,
            end=end,
        )
        for (start, end), moment in found
    )


def tells_news(text: str) -> bool:
    """True if a sentence tells what has just happened, and dates it by nothing but being news."""
    if _NOTE.match(text) or text[:1] in "\"\u201c\u2018'":
        return False
    verb = next((f for f in _VERB.finditer(text) if _read_verb(text, f, None)), None)
    if verb is None:
        return False
    if _IS_NOW.match(text, verb.start()):
        return True
    happened = verb.lastgroup in ("past", "weak") and not _NO_NEWS.search(text)
    return happened and all(_only_points(text, m) for m in dates(text))


def _without_weekdays(mentions: Sequence[DateMention]) -> list[DateMention]:
    """Without the weekday of "Tuesday, March 3": the date says it all."""
    return [
        m
        for m in mentions
        if m.weekday is None
        or not any(o.day is not None and 0 <= o.start - m.end <= 5 for o in mentions)
    ]


def _clauses(text: str) -> list[tuple[int, int]]:
    """The sentence cut where a clause of its own may begin; a scrap stays with what precedes."""
    cuts = [0]
    for found in _BREAK.finditer(text):
        long = len(text[cuts[-1] : found.start()].split()) >= _MIN_CLAUSE_WORDS
        if long and len(text[found.end() :].split()) >= _MIN_CLAUSE_WORDS:
            cuts.append(found.end())
    clauses = []
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        lead = _LEAD.match(text, start, end)
        stop = end if end == len(text) else start + len(text[start:end].rstrip(" ,;"))
        clauses.append((lead.end() if lead and start else start, stop))
    return clauses


def _of_clause(
    text: str, clause: tuple[int, int], mentions: Sequence[DateMention], today: date | None
) -> Moment | None:
    """The one moment that a clause tells; when something was said counts if nothing else does."""
    inside = [m for m in mentions if clause[0] <= m.start < clause[1]]
    tenses = [_tense(text, clause, m) for m in inside]
    events = [(m, t) for m, t in zip(inside, tenses, strict=True) if t != "speech"]
    if not events:
        alone = len(inside) == len(mentions)
        events = [(m, "past") for m in inside] if alone else []
    moments = {reckon(text, m, tense, today) for m, tense in events}
    return moments.pop() if len(moments) == 1 else None


# --- what a date does in its sentence ------------------------------------------------------------


def _only_points(text: str, mention: DateMention) -> bool:
    """True if the words around a date make it point at something else, or a part of a name."""
    before, after = text[max(0, mention.start - 30) : mention.start], text[mention.end :][:16]
    if _COUNTED_FROM.search(text[max(0, mention.start - 150) : mention.start]):
        return True  # "21 years after he helped to plan the attacks of 2001"
    if _MODIFIES.match(after):
        return not _WITHIN.search(before)
    if mention.weekday is not None and mention.text.endswith("s"):
        return True  # on Mondays
    if mention.relative.startswith("last ") and _COMPARED.search(before):
        return True
    if mention.relative == "today":  # nowadays; USA TODAY, the Today programme
        return bool(_NOWADAYS.search(before)) or (mention.start > 0 and mention.text != "today")
    is_lone = mention.day is None and (mention.month or mention.year)
    if is_lone and (mention.decade or not _IN.search(before)):
        return True  # the January report, the 2026 budget
    if _OF.search(before):
        return not _PART_OF.search(before)
    return bool(_POINTS.search(before)) and " of " not in mention.text


def _tense(text: str, clause: tuple[int, int], mention: DateMention) -> Tense | None:
    """How the verb that governs the date puts it: the last before it, else the first after."""
    after = text[mention.end : mention.end + 60]
    opens = mention.start < _DATELINE_CHARS and _DATELINE_BEFORE.fullmatch(text[: mention.start])
    if opens and _DATELINE_AFTER.match(after):
        return "speech"
    governing: Tense | None = None
    for found in _VERB.finditer(text, *clause):
        tense = _read_verb(text, found, governing)
        if tense is None:
            continue
        if found.start() >= mention.start:
            return governing or tense
        governing = tense
    return governing


def _read_verb(text: str, found: re.Match[str], before: Tense | None) -> Tense | None:
    kind = found.lastgroup
    if kind == "lapsed":
        return "open"
    if kind == "past" and _REPORTED.search(found.group()):
        return "speech"  # "a notice that was published on Friday"
    if kind != "weak":
        return kind  # type: ignore[return-value]  # the groups are named for the tenses
    if found.group() in _NOT_PAST or _ADJECTIVE.search(text[: found.start()][-8:]):
        return None
    # "will reopen the mine abandoned in 2011": a participle does not turn what lies ahead.
    return before if before in ("future", "would") else "past"
