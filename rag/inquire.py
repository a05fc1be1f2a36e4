"""Turns a statement of an article into a question that the statement answers.

Only plain clauses are turned: a subject, one verb, and what follows up to the first comma. What
is asked for is taken out (the day, the number, the reason, the subject), the rest keeps the words
of the article. Where a rule is unsure, nothing is asked. Pure functions, no tagger.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.background import load_background
from rag.carry import PRONOUNS, leans
from rag.facts import dates, names
from rag.text import STOP_WORDS, Token, stem, terms, tokens

_MAX_CHARS = 260  # of a sentence
_MAX_SUBJECT = 8  # words
_MIN_WORDS, _MAX_WORDS = 5, 20  # of a question
_AUX = frozenset("will is are was were must has have could may".split())
_OTHER_AUX = frozenset("had might would should can do does did been being".split())
_IRREGULAR = dict(
    pair.split(":")
    for pair in """began:begin bought:buy brought:bring built:build chose:choose drew:draw
    fell:fall fought:fight found:find gave:give grew:grow held:hold kept:keep killed:kill
    left:leave lost:lose made:make met:meet paid:pay rose:rise sank:sink sent:send sold:sell
    spent:spend took:take won:win wrote:write""".split()
)
_REGULAR = """accept accuse acquire add adopt agree announce appeal appoint approve arrest attack
    ban blame block borrow cancel capture charge clear close collapse condemn confirm convict create
    criticise cross damage defeat delay demand deny deploy destroy dismiss donate earn elect end
    escape evacuate export fine fire flood found halt hire impose injure introduce invade invest
    join jail kill land launch lower merge move name nominate offer open oppose order pardon pass
    postpone produce promise propose publish raise reach receive recover reduce refuse reject
    release remove replace report rescue resign resume reveal sack seize sentence settle shrink sign
    start sue suspend test threaten trigger unveil urge veto visit vote warn withdraw""".split()
_SPOILERS = frozenset(
    """who which that what whose where when there here we you i said says told if although though
    according also not no neither""".split()
)
_ANYBODY = frozenset("he she it they this these those his her its their we our".split())
_OPENERS = frozenset("the a an some several many most".split())
_BREAK = re.compile(
    r"[;:()\u2013\u2014]|,(?!\d)|\s(?:and|but|or|while|which|who|after|before|as|when|where|whose|so|"
    r"although|though|unless|if|according|than|despite|until|with)\s",
    re.IGNORECASE,
)
_DAY_LEAD = re.compile(r"\s?\b(?:on|in|by|from|since|until|for|of|early|late|the)$", re.IGNORECASE)
_NUMBER = (
    r"(?:(?:about|around|nearly|almost|some|up to|at least|more than|over|fewer than|less than|"
    r"another|only|just) )*(?P<number>\d[\d,.]*(?: (?:hundred|thousand|million|billion))?"
    r"|(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-[a-z]+)?|two|three|four|five|six|"
    r"seven|eight|nine|ten|eleven|twelve|[a-z]+teen)(?: hundred| thousand| million)?)"
)
_COUNTED = re.compile(
    rf"^{_NUMBER} (?P<what>(?:[a-z]+ )?(?:[a-z]{{3,}}s|people|children|women|men))\b"
)
_SUM = re.compile(
    rf"^(?:{_NUMBER.replace('?P<number>', '?:')}"
    r" (?:dollars|euros|pounds|francs|crowns|yen|yuan|rupees)"
    r"|(?:(?:about|nearly|almost|up to|at least|more than|over) )*[$\u00a3\u20ac]\d[\d,.]*"
    r"(?:\s?(?:million|billion|trillion|m|bn))?)\b",
    re.IGNORECASE,
)
_UNITS = frozenset("dollars euros pounds francs crowns yen yuan rupees years months days".split())
_OPENING_COUNT = re.compile(
    rf"^{_NUMBER} (?P<what>(?:[a-z]+ )?(?:[a-z]{{3,}}s|people|children|women|men))"
    r"(?P<where>(?: (?:in|of|from|at) (?:the )?[A-Z]\w+)?)"
    r" (?P<verb>(?:were|are|have|had been|died|fled|lost)\b.*)$",
    re.IGNORECASE,
)
_PLACE_WORDS = re.compile(r" (?:of|in|at|on|for|near|between) ")
_REASON = re.compile(r"\s(?:because|due to|as a result of)\s", re.IGNORECASE)
_HANGING = frozenset(
    """of in on at for to from by with the a an and or is are was were as into over than its end
    start beginning middle last early late this next earlier later after before that following
    starting around about near nearly almost through between under upon if not being up""".split()
)
_FILLERS = re.compile(
    r"\b(?:also|already|even|initially|again|seemingly|now|still|then|just|reportedly|finally|"
    r"immediately|recently|officially) ",
)
# After "is" what is to come, after "was" a deed; "the sky was blue on Monday" asks for nothing.
_TO_COME = re.compile(r"(?:set|due|scheduled|expected|planned|to|likely|slated|supposed)\b")
_DONE = re.compile(
    r"(?:[a-z]+ed|born|held|built|found|shot|sold|sent|taken|made|given|hit|cut|bought|brought|"
    r"begun|broken|chosen|sworn|stolen|won|lost|shut|torn|struck)\b"
)
_ON_A_DAY = re.compile(r"\b(?:on|in|by)(?: (?:early|late|mid))?$")
_AFTER_DAY = re.compile(r"(?:$|\s(?:in|at|on|to|by|for|from|of|near|under)\b)")
# What only its own article makes clear, or the day of reading.
_VAGUE = re.compile(
    r"\b(?:another|others?|such|same|further|the (?:weekend|week|month|day|night)|[ap]\.m"
    r"|(?:days|weeks|months|years) (?:have|has|had) passed)\b",
    re.IGNORECASE,
)
# "the Redmond" was "the Redmond, Washington-based company", "the BA" may be anything.
_CUT_SHORT = re.compile(
    r"\b(?:the|a|an) (?:[A-Z][\w-]*[a-rt-z]|[A-Z]{1,2})\?$|\bbetween\b(?!.*\band\b)"
)
_NUMBERED = frozenset("two three four five six seven eight nine ten first second third".split())


def _pasts() -> dict[str, str]:
    out = dict(_IRREGULAR)
    for base in _REGULAR:
        if base.endswith("e"):
            out[base + "d"] = base
        elif base[-1] == "y" and base[-2] not in "aeiou":
            out[base[:-1] + "ied"] = base
        else:
            out[base + "ed"] = base
    return out | {"cancelled": "cancel", "admitted": "admit", "planned": "plan"}


_PAST = _pasts()
_VERB_NEXT = f"(?:{'|'.join((*sorted(_AUX), *sorted(_PAST)))})"
_SHARE = re.compile(
    rf"^(?P<before>(?:only |about |nearly )*){_NUMBER} (?:percent|per cent)(?P<after>.*)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clause:
    """A subject, its auxiliary, and the rest in the base form: "the bridge", "will", "open"."""

    subject: str
    aux: str
    rest: str
    past: str  # the verb of a past tense as it stands there, else ""


def questions_to(sentence: str, things: Sequence[str] = ()) -> Iterator[str]:
    """Questions that this sentence answers, the plainest first; none where rules are unsure.

    ``things`` are phrases such as "the Orrin battery plant": "the plant" is asked about as that.
    """
    text = " ".join(sentence.split()).rstrip(".")
    if len(text) > _MAX_CHARS or re.search(r'["\u201c\u201d?!\[\]]|n[\'\u2019]t\b', text):
        return
    text = _plain(text)
    for question in (*_of_opening(text), *_of_clause(text)):
        tidy = _tidied(_named(question, things))
        if is_good(tidy):
            yield tidy


def _named(question: str, things: Sequence[str]) -> str:
    """The question with the first "the plant" spelt out, if one of the things is a plant."""
    for thing in things:
        head = _PLACE_WORDS.split(thing)[0].split()
        nouns = {head[-1], *(w for w in head[1:] if w.islower())}
        for noun in sorted(nouns):
            words = f"{re.escape(noun)}|{re.escape(noun.lower())}"
            found = re.search(rf"\bthe (?:{words})\b(?! [A-Z])", question)
            if found and thing not in question:
                return question[: found.start()] + thing + question[found.end() :]
    return question


def _plain(text: str) -> str:
    """Without dateline, source, fillers, and the aside behind the subject."""
    text = re.sub(r"^[A-Z][A-Z .]+(?:\([^)]*\))? ?[\u2014\u2013-] ", "", text)
    text = re.sub(r"^According to [^,]{3,60}, ", "", text)
    text = _FILLERS.sub("", text[:1].upper() + text[1:])
    aside = re.match(rf"^([^,]{{3,50}}), [^,]{{3,90}}, (?={_VERB_NEXT}\b)", text)
    return f"{aside.group(1)} {text[aside.end() :]}" if aside else text


def is_good(question: str) -> bool:
    """True for a question that is of fair length, stands alone and names something."""
    words = tokens(question)
    if not _MIN_WORDS <= len(words) <= _MAX_WORDS or leans(question):
        return False
    if any(t.text.lower() in _ANYBODY - {"its", "their"} for t in words):
        return False
    if _VAGUE.search(question) or _CUT_SHORT.search(question):
        return False
    if words[-1].text.lower() in _HANGING | _OTHER_AUX or words[-1].text.isdigit():
        return False
    named = [n for n in names(question) if n.start > 0]
    return bool(named) or len(terms(question)) >= 5


# --- a clause ------------------------------------------------------------------------------------


def _of_opening(text: str) -> Iterator[str]:
    """Of "Twelve people were rescued from the ferry": how many?"""
    found = _OPENING_COUNT.match(text)
    when = re.match(r"\w+ when the [\w' -]+", found["verb"]) if found else None
    if found and (when or not _BREAK.search(found["verb"][:12])):
        rest = when.group() if when else _until_break(found["verb"])
        yield f"How many {found['what']}{found['where']} {_undated(rest)}?"


def _of_clause(text: str) -> Iterator[str]:
    clause = _clause(text)
    if clause is None:
        return
    head = f"{clause.aux} {clause.subject}"
    reason = _REASON.search(clause.rest)
    if reason:
        before = clause.rest[: reason.start()]
        if _BREAK.search(before) is None and _is_simple(before):
            yield f"Why {head} {_undated(before)}?"
        return
    rest = _until_break(clause.rest)
    if not _is_simple(rest):
        return
    yield from _of_rest(clause, head, rest)
    acted = clause.past or (clause.aux if clause.aux == "has" and _DONE.match(rest) else "")
    if acted and _is_actor(clause.subject) and len(terms(rest)) >= 3:
        after = rest.partition(" ")[2] if clause.past else rest
        yield f"Who {acted} {_undated(after)}?"


def _is_simple(rest: str) -> bool:
    """True if no second verb shows behind the first."""
    words = [t.text.lower() for t in tokens(rest)][1:]
    return not any(
        w in _OTHER_AUX | _AUX | _SPOILERS or w in _IRREGULAR or w.endswith(("ed", "ing"))
        for w in words
    )


def _of_rest(clause: _Clause, head: str, rest: str) -> Iterator[str]:
    verb, _, after = rest.partition(" ")
    counted, paid = _COUNTED.match(after), _SUM.match(after)
    is_plain = clause.aux in ("did", "will", "must")
    if clause.aux in ("has", "have") and not verb.endswith("ed"):
        return
    if clause.aux in ("has", "have", "could", "may"):
        yield from _of_open_rest(clause, head, rest)
        return
    share = _SHARE.match(rest) if clause.aux in ("is", "are", "was", "were") else None
    if share and re.fullmatch(r" [a-z]{3,10}", share["after"]):
        yield f"How{share['after']} {head}?"
    elif share and not share["after"].strip() and " in " in clause.subject:
        yield f"What {head}?"
    if paid and is_plain and verb != "be":
        yield f"How much {head} {verb} {_undated(after[paid.end() :])}?"
    elif counted and is_plain and not set(counted["what"].split()) & _UNITS:
        tail = _undated(after[counted.end() :])
        yield f"How many {counted['what']} {head} {verb} {tail}?"
    if _is_datable(clause, rest):
        yield f"When {head} {_undated(rest)}?"


def _of_open_rest(clause: _Clause, head: str, rest: str) -> Iterator[str]:
    """Of "has burned 900 hectares in the hills" and "could be worth $50 billion"."""
    verb, _, after = rest.partition(" ")
    worth = re.match(r"be worth ", rest)
    if worth and _SUM.match(rest[worth.end() :]):
        yield f"How much {head} be worth?"
        return
    counted = _COUNTED.match(after)
    if counted and clause.aux in ("has", "have") and not set(counted["what"].split()) & _UNITS:
        tail = _undated(after[counted.end() :])
        yield f"How many {counted['what']} {head} {verb} {tail}?"


def _is_datable(clause: _Clause, rest: str) -> bool:
    """True for what happened, or is to, "on Monday", "in May": one day, and nothing unsaid."""
    mentions = dates(rest)
    if len(mentions) != 1 or mentions[0].decade or mentions[0].relative:
        return False
    before, after = rest[: mentions[0].start].rstrip(), rest[mentions[0].end :]
    if not _ON_A_DAY.search(before) or not _AFTER_DAY.match(after):
        return False
    if clause.aux in ("is", "are"):
        return _TO_COME.match(rest) is not None
    return clause.aux in ("did", "will") or _DONE.match(rest) is not None


def _clause(text: str) -> _Clause | None:
    words = tokens(text)
    for at, token in enumerate(words[: _MAX_SUBJECT + 1]):
        word = token.text.lower()
        if text[words[at - 1].end if at else 0 : token.start].strip() not in ("", "-"):
            return None
        if re.split("['\u2019]", word)[0] in _SPOILERS | _OTHER_AUX | PRONOUNS:
            return None
        if at and token.text.islower() and (word in _AUX or word in _PAST):
            return _split(text, words[:at], token)
    return None


def _split(text: str, subject: tuple[Token, ...], verb: Token) -> _Clause | None:
    shown = _subject(text[: subject[-1].end], subject)
    word, rest = verb.text.lower(), text[verb.end :].strip()
    if shown is None or not rest:
        return None
    if word in _AUX:
        return _Clause(subject=shown, aux=word, rest=rest, past="")
    return _Clause(subject=shown, aux="did", rest=f"{_PAST[word]} {rest}", past=verb.text)


def _subject(shown: str, words: tuple[Token, ...]) -> str | None:
    """The subject as it stands inside a question; None if it is none that can stand there."""
    first = words[0].text
    if words[-1].text.lower() in _NUMBERED | _HANGING:
        return None
    if first.lower() in _OPENERS and len(words) > 1:
        return first.lower() + shown[len(first) :]
    if any(t.text[0].isdigit() or t.text.lower() in _NUMBERED for t in words):
        return None
    if first.lower() in STOP_WORDS | _HANGING:
        return None
    if _is_name(shown):
        return shown
    head = words[0] if len(words) > 2 and words[1].text == "of" else words[-1]
    is_plural = head.text[1:].islower() and head.text.endswith("s") and len(words) <= 4
    if is_plural and not first.lower().endswith(("ly", "ing", "ed")):
        is_name = load_background().is_name(stem(first))
        return shown if is_name else first.lower() + shown[len(first) :]
    return None


def _is_name(shown: str) -> bool:
    """True for words that are all one name, or end in one: "Nvidia", "Mayor Orla Brandt"."""
    words = shown.split()
    if not all(w[0].isupper() for w in words) or dates(shown):
        return False
    return len(words) > 1 or load_background().is_name(stem(words[0]))


def _is_actor(shown: str) -> bool:
    return _is_name(shown) or shown.lower().split()[-1] in ("council", "parliament", "court")


def _until_break(text: str) -> str:
    found = _BREAK.search(text)
    return (text[: found.start()] if found else text).strip()


def _undated(text: str) -> str:
    """Without its days and what binds them: "begin here" of "begin on Monday here"."""
    for mention in reversed(dates(text)):
        before = text[: mention.start].rstrip()
        is_bound = _DAY_LEAD.search(before) is not None and before.split()[-1] != "the"
        if not is_bound and not mention.relative and mention.weekday is None:
            return ""  # "the 2019 final": a part of a name
        while (lead := _DAY_LEAD.search(before)) is not None:
            before = before[: lead.start()].rstrip()
        after = re.sub(r"^ (?:night|morning|evening|afternoon)\b", "", text[mention.end :])
        text = f"{before}{after}"
    return " ".join(text.split())


def _tidied(question: str) -> str:
    text = re.sub(r"\s+([?,.])", r"\1", " ".join(question.split()))
    return text[:1].upper() + text[1:]
