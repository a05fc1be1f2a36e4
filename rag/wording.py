"""Ground tool: small words that turn a claim against its source: not, may, all, only, opposites.

Every check goes by the place of the words: a "not" counts only where it stands before a word that
the claim and the source share.
"""

from collections.abc import Iterator, Mapping, Sequence

from rag.align import Term
from rag.pair import Finding, Pair
from rag.words import opposites

NOT = frozenset(
    """
    not never no none nobody nothing neither nor cannot without isn't aren't wasn't weren't don't
    doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't mustn't needn't
    refuse refused refuses refusing fail failed fails failing unable deny denied denies denying
    decline declined hardly barely lack lacks lacked reject rejected rejects rejecting
    """.split()
)
_TURNS = NOT - frozenset("deny denied denies denying reject rejected rejects rejecting".split())
_REPORTS = frozenset("report reports reported".split())
_REPORTED = _REPORTS | frozenset(
    "reportedly according say says said claim claims claimed alleged allegedly sources".split()
)
_RANKED = frozenset("second third fourth fifth sixth".split())
_NOT_ONLY = frozenset("only just merely simply necessarily least".split())
_MAYBE = frozenset(
    """
    may might could would should expected expects expect likely possibly perhaps potentially
    reportedly allegedly alleged apparently supposedly whether if plans planned proposed
    considering weighing potential possible suspected unclear unlikely hopes seeks aims intends
    """.split()
)
_STRONG_MAYBE = frozenset(
    "may might could possibly perhaps potentially reportedly allegedly alleged whether if".split()
) | frozenset("suspected unclear unlikely proposed planned plans apparently supposedly".split())
_HEDGES_AROUND = _MAYBE | frozenset(
    "can predicted forecast set due can't report reports reported according".split()
)
_LIMITS = frozenset(
    """
    conditional preliminary partial partially temporary temporarily attempted interim provisional
    tentative draft unofficial so-called initial former nearly almost
    """.split()
)
QUANTITY = {
    "all": 4, "every": 4, "everyone": 4, "entire": 4, "always": 4, "whole": 4, "both": 4,
    "most": 3, "majority": 3, "mostly": 3, "usually": 3,
    "many": 2, "several": 2, "numerous": 2, "often": 2,
    "some": 1, "few": 1, "certain": 1, "partly": 1, "sometimes": 1, "rarely": 1,
    "none": 0, "no": 0, "never": 0, "neither": 0,
}  # fmt: skip
_MODAL_CLASSES = (
    "may might could possibly perhaps:can:will would 'll going:should ought:must shall".split(":")
)
MODALS = {word: at for at, words in enumerate(_MODAL_CLASSES) for word in words.split()}
_SHARES = frozenset("some most partly mostly".split())
_ANY_SHARE = frozenset(QUANTITY) | {"half", "part", "partly"}
_PREFIXES = ("un", "il", "ir", "dis", "non")


def check_negation(pair: Pair) -> Iterator[Finding]:
    """A "not" that only one of the two has before the word they share."""
    for at, theirs, word in _lone(pair, _TURNS, NOT, source=False):
        said = pair.source_words[theirs].text
        reason = (
            f"the claim says \u201c{word}\u201d before \u201c{pair.words[at].text}\u201d, "
            f"the source says \u201c{said}\u201d without it"
        )
        yield pair.finding("hard", "negation", reason, at, theirs)
    for at, theirs, word in _lone(pair, _TURNS, NOT, source=True):
        said = pair.source_words[theirs].text
        reason = f"the source says \u201c{word} ... {said}\u201d, the claim leaves it out"
        yield pair.finding("hard", "negation", reason, at, theirs)


def _lone(
    pair: Pair, cues: frozenset[str], answers: frozenset[str], *, source: bool
) -> Iterator[tuple[int, int, str]]:
    """Cue words of one side whose head is shared, with no answer near it on the other side."""
    own = pair.source_words if source else pair.words
    other = pair.words if source else pair.source_words
    for at, term in enumerate(own):
        if form(term.text) not in cues or _only(own, at) or (at and term.text[0].isupper()):
            continue  # "May 2018"
        for mine, theirs in pair.heads(at, source=source):
            names_it = pair.words[mine].text[0] + pair.source_words[theirs].text[0]
            if cues is _TURNS and not names_it.islower():
                continue  # a name is not negated
            there = mine if source else theirs
            near = other[max(0, there - 7) : there + 4]
            if not any(form(t.text) in answers for t in near) and not _is_planned(term, near):
                yield mine, theirs, term.text
            break


def _is_planned(cue: Term, near: Sequence[Term]) -> bool:
    """True for "plans to" that is told as "will": a plan is no doubt."""
    return form(cue.text) in ("plans", "planned", "proposed") and any(
        form(t.text) == "will" for t in near
    )


def form(word: str) -> str:
    """A small word as the lists have it."""
    return word.lower().replace("\u2019", "'")


def _only(own: Sequence[Term], at: int) -> bool:
    return at + 1 < len(own) and form(own[at + 1].text) in _NOT_ONLY


def check_certainty(pair: Pair) -> Iterator[Finding]:
    """A "may" or "alleged" that the claim drops, or that only the claim has."""
    for at, theirs, word in _lone(pair, _STRONG_MAYBE, _HEDGES_AROUND, source=True):
        said = pair.source_words[theirs].text
        reason = f"the source says \u201c{word} ... {said}\u201d, the claim states it as a fact"
        yield pair.finding("firm", "certainty", reason, at, theirs)
    for at, theirs, word in _lone(pair, _REPORTS, _REPORTED, source=True):
        said = pair.source_words[theirs].text
        reason = f"the source only says that others {word[:6].lower()} it: \u201c{said}\u201d"
        yield pair.finding("soft", "certainty", reason, at, theirs)
    for at, theirs, word in _lone(pair, _STRONG_MAYBE, _HEDGES_AROUND, source=False):
        reason = f"the source says \u201c{pair.words[at].text}\u201d without \u201c{word}\u201d"
        yield pair.finding("firm", "certainty", reason, at, theirs)


def check_limits(pair: Pair) -> Iterator[Finding]:
    """A limiting word such as "conditional" that the claim leaves out."""
    for at, term in enumerate(pair.source_words[:-1]):
        word = form(term.text)
        head = pair.source_words[at + 1].text
        ranked = word in _RANKED and head.endswith(("est", "most"))
        if term.root in pair.roots or at + 1 not in pair.back:
            continue
        if ranked or word in _LIMITS:
            reason = f"the source says \u201c{term.text} {head}\u201d"
            yield pair.finding("hard" if ranked else "firm", "limit", reason, pair.back[at + 1], at)


def check_quantifiers(pair: Pair) -> Iterator[Finding]:
    """Words such as "all" where the source says "some", "only" where it does not."""
    for at, term in enumerate(pair.words):
        word = form(term.text)
        if word == "only" or word in QUANTITY:
            yield from _quantifier(pair, at, word)


def _quantifier(pair: Pair, at: int, word: str) -> Iterator[Finding]:
    head = next(pair.heads(at), None)
    if head is None:
        return
    near = pair.source_words[max(0, head[1] - 4) : head[1] + 2]
    said = [form(t.text) for t in near]
    if word in said or (word == "no" and any(s in NOT for s in said)):
        return
    theirs = next((s for s in reversed(said) if s in QUANTITY), None)
    if word != "only" and theirs is not None:
        if QUANTITY[theirs] != QUANTITY[word]:
            far = abs(QUANTITY[theirs] - QUANTITY[word]) > 1 or 0 in (
                QUANTITY[theirs],
                QUANTITY[word],
            )
            reason = f"the source says \u201c{theirs}\u201d, not \u201c{word}\u201d"
            yield pair.finding("hard" if far else "firm", "quantifier", reason, at, head[1])
    elif word in ("only", "all", "every", "most", "always"):
        reason = f"\u201c{word} ... {pair.words[head[0]].text}\u201d goes beyond the source"
        yield pair.finding("firm", "quantifier", reason, at, head[1])


def check_shares(pair: Pair) -> Iterator[Finding]:
    """A "some" or "most" that the claim leaves out."""
    for at, theirs, word in _lone(pair, _SHARES, _ANY_SHARE, source=True):
        reason = f"the source says \u201c{word} ... {pair.source_words[theirs].text}\u201d"
        yield pair.finding("soft", "quantifier", reason, at, theirs)


def check_opposites(pair: Pair) -> Iterator[Finding]:
    """A word whose opposite stands in its place in the source."""
    where: dict[str, list[int]] = {}
    for j, term in enumerate(pair.source_words):
        if term.root not in pair.roots:
            where.setdefault(term.root, []).append(j)
    for at, term in enumerate(pair.words):
        if pair.places[at] >= 0 or term.root in pair.source_roots:
            continue
        for there in _opposed(term.root, where):
            if _same_spot(pair, at, there) and not _turned(pair, at, there):
                said = pair.source_words[there].text
                reason = f"the source says \u201c{said}\u201d, not \u201c{term.text}\u201d"
                yield pair.finding("hard", "opposite", reason, at, there)
                break


def _opposed(word: str, where: Mapping[str, list[int]]) -> Iterator[int]:
    for other in opposites(word):
        yield from where.get(other, ())
    for prefix in _PREFIXES:
        if len(word) > 3:
            yield from where.get(prefix + word, ())
        if word.startswith(prefix) and len(word) > len(prefix) + 3:
            yield from where.get(word.removeprefix(prefix), ())


def _same_spot(pair: Pair, at: int, there: int) -> bool:
    """True if a matched content word stands near the word on both sides."""
    around = range(max(0, at - 4), min(len(pair.words), at + 5))
    places = [pair.places[i] for i in around if pair.places[i] >= 0 and pair.words[i].weight]
    if not pair.words[at].weight:  # "before", "over": both sides must agree
        sides = [pair.places[i] - there for i in (at - 1, at + 1) if 0 <= i < len(pair.words)]
        return len(sides) == 2 and -3 <= sides[0] < 0 < sides[1] <= 3
    return any(abs(place - there) <= 6 and pair.together(place, there) for place in places)


def _turned(pair: Pair, at: int, there: int) -> bool:
    mine = pair.words[max(0, at - 4) : at]
    theirs = pair.source_words[max(0, there - 4) : there]
    return any(form(t.text) in NOT for t in (*mine, *theirs))
