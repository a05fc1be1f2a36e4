"""Ground tool: does a sentence tell that the very subject did, or suffered, the very deed?

A sentence may hold all words of a statement and say something else: "wants to join", "stocks are
falling", "spending by her rival to win". By rules over the words around the verb, without a
parser: the deed must be realised (not planned, feared, conditional), and whoever stands at the
verb must be whom the statement names. Pure functions, linear in the text.
"""

from collections.abc import Sequence
from dataclasses import replace

from rag.align import Term, read
from rag.deed import AUX, BE, WITHIN, Deed, deed_of, is_name, may_be_verb, named_behind
from rag.text import stem
from rag.words import opposites, root

_WIN, _CONCEDE = root(stem("win")), root(stem("concede"))
_BEATEN = frozenset(root(stem(w)) for w in "defeat beat oust unseat".split())
_AHEAD = frozenset(
    """
    will would could may might should must shall can cannot won't wouldn't couldn't can't if
    whether unless until want wants wanted wanting wish wished hope hopes hoped hoping plan plans
    planned planning propose proposes proposed seek seeks sought seeking try tries tried trying
    attempt attempts attempted aim aims aimed intend intends intended intention intentions expect
    expects expected likely unlikely possible potential potentially possibly perhaps maybe
    threaten threatens threatened threat threats consider considers considered considering weigh
    weighing urge urged demand demands demanded ask asked request requested requests recommend
    recommended bid bids effort efforts chance chances prospect prospects odds fear fears feared
    call calls called poised set about prepares prepared preparing ready
    allegedly reportedly rumored rumoured predicted predicts projected sounds sound
    opportunity ability
    """.split()
)
_DOUBT = frozenset("if whether unless may might could".split())
_DONE_TO = frozenset(
    """
    forced had managed went goes voted continue continued continues began begun begins started
    helped first latest last second third only became used fail failed fails refuse refused refuses
    declined
    """.split()
)  # "forced to withdraw", "the first to win": it happened, or did not
_WHEN = frozenset("when whenever once before till as because while where after".split())
_AFTER_WHICH = frozenset("after since by in upon having and then".split())
_PRONOUNS = frozenset("he she they it who which that".split())
_AND = frozenset({"and"})
_DAYS = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december week month year morning evening night afternoon
    day today yesterday just recently finally officially formally now all both ultimately also
    then too not never yet still already no longer
    """.split()
)
_MAX_SHORT = 4  # letters of an abbreviation: "Gov.", "Sen."
_REACH = 7  # words before a verb in which what governs it stands
_BREAKS = '.;:!?\n\u2014\u2013"\u201c\u201d('


def tells(statement: str, text: str, *, denied: bool = False) -> bool:
    """True if the sentence tells the deed of the statement as done, or with ``denied`` as not.

    True also where the statement has no verb that is made out: then nothing is known against it.
    """
    deed = deed_of(statement)
    if deed is None:
        return not _asks(read(text), text)
    words = read(text)
    if _asks(words, text):
        return False
    wanted = {deed.verb, *(opposites(deed.verb) if denied else ())}
    return any(
        term.root in wanted
        and (i == 0 or term.text[:1].islower())
        and may_be_verb(words, i)
        and _is_told(deed, words, i, text)
        for i, term in enumerate(words)
    )


def outdone(statement: str, text: str) -> bool:
    """True if the sentence tells that whoever is said to win was beaten, or conceded."""
    deed = deed_of(statement)
    if deed is None or deed.verb != _WIN or deed.passive or deed.to_come:
        return False
    suffered = replace(deed, passive=True, whom=frozenset())
    acted = replace(deed, whom=frozenset())
    words = read(text)
    return not _asks(words, text) and any(
        (term.root in _BEATEN and _is_told(suffered, words, i, text))
        or (term.root == _CONCEDE and _is_told(acted, words, i, text))
        for i, term in enumerate(words)
        if term.text.islower()
    )


def asks_of_now(statement: str) -> bool:
    """True for what the newest articles alone tell: "inflation is falling", "will close"."""
    return any(t.text.lower() in ("is", "are", "will") for t in read(statement))


def has_verb(statement: str, text: str) -> bool:
    """True if a word of the sentence is the verb of the statement."""
    deed = deed_of(statement)
    words = read(text)
    return deed is not None and any(
        t.root == deed.verb and may_be_verb(words, i) for i, t in enumerate(words)
    )


def _asks(words: Sequence[Term], text: str) -> bool:
    """True for a headline that asks, or explains how: "Will ...", "What if ..."."""
    opening = {t.text.lower() for t in words[:1]}
    return bool(opening & {"will", "could", "would", "should", "can", "if", "how", "what"}) or (
        "?" in text
    )


def _is_told(deed: Deed, words: Sequence[Term], at: int, text: str) -> bool:
    """True if the verb at a place is the deed, realised, of the subject."""
    open_still = _is_doubted if deed.to_come else _is_ahead
    return (
        not open_still(deed, words, at, text)
        and _is_to(deed, words, at, text)
        and _is_of(deed, words, at, text)
    )


def _is_to(deed: Deed, words: Sequence[Term], at: int, text: str) -> bool:
    """False if the verb has another name for its object than the statement's: "joined the EU"."""
    theirs = named_behind(words[: _clause_end(words, at, text)], at)
    days = {t.root for t in words if t.text.lower() in _DAYS}
    return not deed.whom or not theirs - days - deed.subject or bool(theirs & deed.whom)


def _clause_end(words: Sequence[Term], at: int, text: str) -> int:
    """The place after the last word behind a verb that no mark cuts off."""
    for i in range(at + 1, len(words)):
        if any(c in f",{_BREAKS}" for c in text[words[i - 1].end : words[i].start]):
            return i
    return len(words)


def _is_doubted(_: Deed, words: Sequence[Term], at: int, text: str) -> bool:
    """True for what may come or not: "will decide whether she will run"."""
    return bool({_word(t) for t in _left(words, at, text)} & _DOUBT)


def _is_ahead(deed: Deed, words: Sequence[Term], at: int, text: str) -> bool:
    """True if the verb is planned, wished, feared or conditional."""
    left = _left(words, at, text)
    lower = [_word(t) for t in left]
    verb = words[at].text.lower()
    to = len(lower) - 1 if lower and lower[-1] == "to" else -1
    if (
        to < 0
        and len(lower) > 1
        and lower[-2] == "to"
        and (lower[-1].endswith("ly") or lower[-1] in BE)
    ):
        to = len(lower) - 2
    if to >= 0 and not set(lower[max(0, to - 3) : to]) & _DONE_TO:
        return True
    if _is_joined(lower, verb):
        return True
    governing = lower[:to] if to >= 0 else lower
    if any(w in _AHEAD or w.endswith("'ll") for w in governing):
        return True
    return _is_general(lower, verb) or (
        not _is_aside(words, at, text) and _is_gerund(deed, lower, verb)
    )


def _is_joined(lower: Sequence[str], verb: str) -> bool:
    """True for "asked to lay down arms and surrender": the "to" governs both."""
    plain = not verb.endswith(("ed", "s"))
    return plain and lower[-1:] in (["and"], ["or"]) and "to" in lower


def _word(term: Term) -> str:
    """A word as the lists have it; the month of May is none of them."""
    return term.text if term.text == "May" else term.text.lower().replace("\u2019", "'")


def _is_general(lower: Sequence[str], verb: str) -> bool:
    """True for what holds whenever something happens: "when the bank raises rates"."""
    past = verb.endswith("ed") or bool({*lower} & {"had", "was", "were", "has", "have"})
    return not past and verb.endswith("s") and bool({*lower} & _WHEN)


def _is_aside(words: Sequence[Term], at: int, text: str) -> bool:
    """True for ", easily defeating her rival": a participle behind a comma goes with the verb."""
    while at > 0 and "," not in text[words[at - 1].end : words[at].start]:
        if not words[at - 1].text.endswith("ly"):
            return False
        at -= 1
    return at > 0


def _is_gerund(deed: Deed, lower: Sequence[str], verb: str) -> bool:
    """True for "-ing" that is no deed yet: "the thought of winning", "is closing"."""
    if not verb.endswith("ing") or deed.verb == root(stem("king")):
        return False
    before = [w for w in lower if not w.endswith("ly")]
    if not before:
        return True  # "Joining is ...": whether it has come to that is not said
    if before[-1] in ("is", "are", "am", "was", "were", "been") or before[-1].endswith(
        ("'s", "'re")
    ):
        return before[-1] not in ("was", "were", "been") and not deed.going_on
    return before[-1] not in _AFTER_WHICH


def _cuts(words: Sequence[Term], at: int, text: str) -> bool:
    """True if a mark before a word ends what the words before it say; "Gov. Haley" does not."""
    gap = text[words[at - 1].end : words[at].start]
    short = gap.strip() == "." and len(words[at - 1].text) <= _MAX_SHORT
    return not short and any(c in _BREAKS for c in gap)


def _left(words: Sequence[Term], at: int, text: str) -> list[Term]:
    """The few words before a place, as far as no mark ends the clause."""
    first = at
    while first > 0 and at - first < _REACH:
        if _cuts(words, first, text):
            break
        first -= 1
    return list(words[first:at])


def _is_of(deed: Deed, words: Sequence[Term], at: int, text: str) -> bool:
    """True if whom the statement names stands where the verb has its subject, or its object."""
    helped = {t.text.lower() for t in words[max(0, at - 4) : at]} & BE
    follows = _next(words, at, text)
    suffered = bool(helped) and not words[at].text.endswith("ing")
    if deed.passive:
        participle = suffered or not follows or follows in WITHIN | _DAYS
        return _stands_after(deed, words, at, text, of_agent=False) or (
            participle and _stands_before(deed, words, at, text)
        )
    if deed.going_on and _is_noun(words, at):
        return False  # a drop last month is none that goes on
    if suffered and not _is_noun(words, at):
        return _stands_after(deed, words, at, text, of_agent=True)
    return _stands_before(deed, words, at, text) or _stands_after(
        deed, words, at, text, of_agent=True
    )


def _is_noun(words: Sequence[Term], at: int) -> bool:
    before = words[at - 1].text.lower() if at else ""
    return before in ("a", "an", "the", "his", "her", "their") or before.endswith(("'s", "\u2019s"))


def _next(words: Sequence[Term], at: int, text: str) -> str:
    if at + 1 >= len(words) or any(c in text[words[at].end : words[at + 1].start] for c in ",.;:"):
        return ""
    return words[at + 1].text.lower()


def _stands_after(deed: Deed, words: Sequence[Term], at: int, text: str, *, of_agent: bool) -> bool:
    """True for "overturned the ruling"; for one who acts only behind "by" or "of"."""
    links: list[str] = []
    for i in range(at + 1, min(len(words), at + 9)):
        if _cuts(words, i, text):
            return False
        if words[i].root in deed.subject:
            by = [w for w in links if w in WITHIN]
            if of_agent:
                return by[-1:] == ["by"] or (by == ["of"] and links[0] == "of")
            return by in ([], ["of"])
        links.append(words[i].text.lower())
        if (
            not of_agent
            and words[i].text[:1].isupper()
            and "," in text[words[i].end : words[i].end + 1]
        ):
            return False
    return False


def _stands_before(deed: Deed, words: Sequence[Term], at: int, text: str) -> bool:
    """True if the nearest words before the verb that can be its subject are the statement's."""
    end = _peeled(words, at, text)
    if end < 0:
        return False
    term = words[end]
    word = term.text.lower()
    if word in _PRONOUNS or word in _AND:
        return _points_to(deed, words, end)
    first = end
    while first > 0 and _in_phrase(words[first - 1], deed) and not _cuts(words, first, text):
        first -= 1
    if term.root in deed.subject:
        return not _is_within(words, first, text)
    return _stands_further(deed, words, end, text)


def _in_phrase(term: Term, deed: Deed) -> bool:
    return term.text[:1].isupper() or term.root in deed.subject or term.text.lower() in ("the", "a")


def _is_within(words: Sequence[Term], first: int, text: str) -> bool:
    """True for "the rival of Caruso": the name is not who acts."""
    if first == 0 or "," in text[words[first - 1].end : words[first].start]:
        return False
    return words[first - 1].text.lower() in WITHIN


def _peeled(words: Sequence[Term], at: int, text: str) -> int:
    """The place of the last word before the verb that is no helper, adverb, day or aside."""
    end = at - 1
    while end >= 0:
        gap = text[words[end].end : words[end + 1].start]
        if any(c in ".;:!?\n" for c in gap):
            return -1
        word = words[end].text.lower()
        if any(c in ",\u2013\u2014)" for c in gap):
            opened = _opened(words, end, text)
            if opened >= 0:
                end = opened
                continue
        small = not words[end].weight and word not in _PRONOUNS | _AND
        if small or word in AUX | _DAYS | _DONE_TO or word.endswith("ly") or word[0].isdigit():
            end -= 1
            continue
        return end
    return -1


def _opened(words: Sequence[Term], end: int, text: str) -> int:
    """The place before an aside that ends at a word: ", who applied in May,"; -1 if none opens."""
    for i in range(end, max(0, end - 16), -1):
        gap = text[words[i - 1].end : words[i].start]
        if any(c in ",\u2013\u2014(" for c in gap):
            return i - 1
        if any(c in ".;:!?" for c in gap):
            return -1
    return -1


def _points_to(deed: Deed, words: Sequence[Term], end: int) -> bool:
    """True if "he", "who" or "and" leads back to the subject, as far as the names tell."""
    before = words[:end]
    if words[end].text.lower() in _PRONOUNS and any(t.root in deed.subject for t in words[end:]):
        return False  # "he pleaded guilty to lying about Trump"
    if words[end].text.lower() in ("who", "which", "that"):
        return any(t.root in deed.subject for t in before[-4:])
    names = [
        t
        for i, t in enumerate(before)
        if t.text[:1].isupper() and (i or is_name(t, words)) and t.weight
    ]
    heads = [t for t in names if t.text.lower() not in _DAYS]
    if not heads:  # the verifier has seen to it that the sentence before or the title names whom
        return words[end].text.lower() in _PRONOUNS or any(t.root in deed.subject for t in before)
    return heads[0].root in deed.subject or heads[-1].root in deed.subject


def _stands_further(deed: Deed, words: Sequence[Term], end: int, text: str) -> bool:
    """True for subjects of more than a name: "Sweden and Finland", "Truss of Britain"."""
    for i in range(end, max(-1, end - 5), -1):
        if words[i].root in deed.subject:
            between = [t.text.lower() for t in words[i + 1 : end + 1]]
            others = words[i + 1 : end + 1]
            chained = all(
                t.text[:1].isupper() or t.text.lower() in ("and", "the", "of", "in") for t in others
            )
            return (
                chained
                and not _is_within(words, i, text)
                and between[0] in ("and", "of", "in", "ii", "iii", "jr")
            )
    return False
