"""Ground tool: what was changed in a near copy: a word put for another, put in, or left out.

It is read off the gaps between what claim and source share in one order (``rag.gaps``).
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rag.align import Term, coverage, read
from rag.background import load_background
from rag.checks import same_value
from rag.claimed import cue_of
from rag.facts import NOT_NAMES, TITLES, DateMention, clash, dates, plain, quantities
from rag.gaps import Gap, gaps, sentence_of
from rag.pair import Finding, Gravity, Pair
from rag.text import stem
from rag.thesaurus import load_thesaurus
from rag.wording import MODALS, NOT, QUANTITY, form
from rag.words import known_as, opposites, root

_MAX_PLAIN = (
    3  # content words of a gap, both sides together, beside names and the words of our lists
)
_PHRASE_END = re.compile(r",\s|[;:()\u2014\u2013\u201c\u201d\"]")
_ONE_SENTENCE = 0.7  # share of the claim in one sentence from which it is a copy of that one
_BESIDE = 4  # words
_TELLING = 0.06  # weight from which a word for another is told: above "including"
_MAX_SWAP = 3  # content words that are held against each other one by one
_ONLY = frozenset({"only", "just", "solely"})
_NOT_ONLY = frozenset({"only", "just", "merely", "simply"})
# Steps of a case: who is accused is not convicted.
_LADDER = dict.fromkeys("accused charged indicted suspected alleged questioned".split(), 0)
_LADDER |= dict.fromkeys("convicted guilty sentenced proven jailed acquitted cleared".split(), 1)
_DOUBTED = frozenset(
    "potential possible proposed planned suspected purported likely tentative apparent "
    "probably probable presumably".split()
)
_PREFIXES = ("un", "in", "im", "non", "dis", "il", "ir", "mis")
_ENDING = 3  # letters by which two words of one family differ: "measure", "measurement"
_WISHED = frozenset("want wants wanted hope hopes hoped seek seeks sought wish wishes".split())
_RELATIVE = frozenset("who which that whose and but although though while".split())
_UNITS = frozenset("second minute hour day week month year decade".split())
_OVER = frozenset({"more", "over", "exceeding", "least", "above"})
_UNDER = frozenset({"less", "under", "almost", "nearly", "fewer", "below"})


def check_edits(pair: Pair) -> Iterator[Finding]:
    """Names, figures, days, opposites, doubts and "not" put in, left out, or for one another."""
    found = [(gap, list(_gap_findings(pair, gap))) for gap in gaps(pair)]
    even = _cancel_out([f for _, inside in found for f in inside])
    for gap, inside in found:
        kept = [f for f in inside if not (even and _turns(f))]
        yield from kept or _swapped(pair, gap)


def check_borrowed_names(pair: Pair) -> Iterator[Finding]:
    """Names that a copy of one sentence has from another, where it does not speak of them.

    The run of shared words may lead through the other sentence and so hide the change.
    """
    near, one = pair.near, pair.nearest
    if near is one or coverage(pair.words, one.source_roots) < _ONE_SENTENCE:
        return
    for gap in gaps(one):
        if _is_tight(one, gap) and not _has_context(near, gap.mine):
            yield from _other_name(one, gap)


def _has_context(pair: Pair, words: range) -> bool:
    """True if a content word beside the name stands beside it in the source as well."""
    beside = (*range(max(0, words.start - 3), words.start), *range(words.stop, words.stop + 3))
    places = [pair.places[i] for i in words if pair.places[i] >= 0]
    return any(
        i < len(pair.words)
        and pair.words[i].weight
        and pair.places[i] >= 0
        and any(abs(pair.places[i] - place) <= _BESIDE for place in places)
        for i in beside
    )


def _cancel_out(found: Sequence[Finding]) -> bool:
    """True for two: "denied that it sank" says what "said that it did not sink" does."""
    return sum(f.kind == "negation" for f in found) == 2


def _turns(finding: Finding) -> bool:
    return finding.gravity == "hard" and finding.kind in ("negation", "certainty")


def _gap_findings(pair: Pair, gap: Gap) -> Iterator[Finding]:
    if not _is_tight(pair, gap):
        return
    yield from _other_name(pair, gap)
    yield from _other_amount(pair, gap)
    yield from _turned(pair, gap)
    yield from _surer(pair, gap)
    yield from _shares(pair, gap)


def _is_tight(pair: Pair, gap: Gap) -> bool:
    """True if the two sides hold so little that the one stands for the other.

    Where whole phrases differ, a name or a doubt among them need not be what was changed: on
    human-labelled summaries such findings say nothing about support.
    """
    texts = (_text(pair, gap.mine, source=False), _text(pair, gap.theirs, source=True))
    if any(_PHRASE_END.search(text) for text in texts):
        return False
    plain_mine = sum(_is_plain(pair.words[i]) for i in gap.mine)
    plain_theirs = sum(_is_plain(pair.source_words[j]) for j in gap.theirs)
    return plain_mine + plain_theirs <= _MAX_PLAIN


def _is_plain(term: Term) -> bool:
    """True for a content word that is neither a name or figure nor a small word of our lists."""
    word = form(term.text)
    listed = word in NOT or word in QUANTITY or word in MODALS or cue_of(word) is not None
    return bool(term.weight) and term.text[0].islower() and not listed


def _finding(pair: Pair, gap: Gap, gravity: Gravity, kind: str) -> Finding:
    at = gap.mine.start if gap.mine else max(0, gap.mine.start - 1)
    place = min(gap.theirs.start, len(pair.source_words) - 1)
    mine, theirs = _text(pair, gap.mine, source=False), _text(pair, gap.theirs, source=True)
    if mine and theirs:
        reason = f"the source says \u201c{theirs}\u201d, not \u201c{mine}\u201d"
    elif mine:
        reason = f"\u201c{mine}\u201d does not stand in the source"
    else:
        head = pair.source_words[min(gap.theirs.stop, len(pair.source_words) - 1)].text
        reason = f"the source says \u201c{theirs} {head}\u201d"
    return pair.finding(gravity, kind, reason, at, place)


def _text(pair: Pair, words: range, *, source: bool) -> str:
    own, text = (pair.source_words, pair.source) if source else (pair.words, pair.claim)
    inside = [own[i] for i in words if i < len(own)]
    return text[inside[0].start : inside[-1].end] if inside else ""


def _other_name(pair: Pair, gap: Gap) -> Iterator[Finding]:
    mine = [pair.words[i].text for i in gap.mine if _is_name(pair, i)]
    theirs = [pair.source_words[i].text for i in gap.theirs if _is_name(pair, i, source=True)]
    common = {_root(w) for w in mine} & {_root(w) for w in theirs}
    mine = [w for w in mine if _root(w) not in common]
    theirs = [w for w in theirs if _root(w) not in common]
    if not mine or not theirs or _same_body(mine, theirs) or _is_list(pair, gap):
        return
    if _is_vouched(pair, gap, 2):
        return
    yield _finding(pair, gap, "hard", "name")


def _root(word: str) -> str:
    found = read(word)
    return found[0].root if found else word.lower()


def _is_name(pair: Pair, at: int, *, source: bool = False) -> bool:
    words = pair.source_words if source else pair.words
    term = words[at]
    if not term.text[0].isupper() or not term.weight or plain(term.text) in TITLES | NOT_NAMES:
        return False
    opens = at == 0 or (source and pair.sentence_at(at)[0] == term.start)
    return not opens or load_background().is_name(stem(term.text))


def _same_body(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """True for initials of a name, and for the names that a country goes by."""
    if any(plain(a)[:4] == plain(b)[:4] and len(a) > 4 < len(b) for a in mine for b in theirs):
        return True  # "Malaysia", "Malaysian"
    for one, other in ((mine, theirs), (theirs, mine)):
        short = plain(one[0])
        if short in ("".join(plain(w)[:1] for w in other), known_as(tuple(map(plain, other)))):
            return True
    return False


def _is_list(pair: Pair, gap: Gap) -> bool:
    """True if what was put there and what it replaces stand in one list, on either side."""
    stands = [pair.places[i] for i in gap.mine if pair.places[i] >= 0]
    there = gap.theirs.start
    close = bool(stands) and pair.together(stands[0], there)
    if close and _is_listed(pair.source_words, stands[0], there):
        return True
    stands = [pair.back[j] for j in gap.theirs if j in pair.back]
    return bool(stands) and _is_listed(pair.words, stands[0], gap.mine.start)


def _is_listed(words: Sequence[Term], one: int, other: int) -> bool:
    start, stop = sorted((one, other))
    return all(
        t.text[0].isupper() or t.text.lower() in ("and", "or", "the")
        for t in words[start : stop + 1]
    )


def _is_vouched(pair: Pair, gap: Gap, n: int) -> bool:
    """True if another sentence has these words before the same ``n`` content words.

    Two reports of one event may carry a sentence together; a stray mention vouches for nothing.
    """
    wanted = _following(pair.words, gap.mine.stop, n)
    last = pair.words[gap.mine.stop - 1].root
    here = range(*sentence_of(pair, gap.theirs.start))
    return len(wanted) == n and any(
        term.root == last and j not in here and _following(pair.source_words, j + 1, n) == wanted
        for j, term in enumerate(pair.source_words)
    )


def _following(words: Sequence[Term], at: int, n: int) -> list[str]:
    return [t.root for t in words[at : at + 2 * n + 2] if t.weight][:n]


def _other_amount(pair: Pair, gap: Gap) -> Iterator[Finding]:
    mine, theirs = _text(pair, gap.mine, source=False), _text(pair, gap.theirs, source=True)
    if not mine or not theirs:
        return
    if _other_time(pair, gap):
        yield _finding(pair, gap, "hard", "date")
    figures, others = quantities(mine), quantities(theirs)
    known = any(same_value(a, b) for a in figures for b in others)
    if figures and others and not known and not _is_vouched(pair, gap, 1):
        yield _finding(pair, gap, "hard", "number")


def _other_time(pair: Pair, gap: Gap) -> bool:
    """True if another day, or "last week" for "next week", "years ago" for "days ago", was put."""
    units = [
        {w.rstrip("s") for w in _forms(pair, words, source=source) if w.rstrip("s") in _UNITS}
        for words, source in ((gap.mine, False), (gap.theirs, True))
    ]
    if all(units) and not units[0] & units[1]:
        return True
    said = _dates_at(pair.claim, pair.words, gap.mine)
    given = _dates_at(pair.source, pair.source_words, gap.theirs)
    return bool(said and given) and all(clash(one, other) for one in said for other in given)


def _dates_at(text: str, words: Sequence[Term], gap: range) -> list[DateMention]:
    """The dates that a gap has a part of, with the two words on each side of it."""
    around = words[max(0, gap.start - 2) : gap.stop + 2]
    if not around or gap.start >= len(words):
        return []
    first, last = around[0].start, around[-1].end
    start, end = words[gap.start].start - first, words[min(gap.stop, len(words)) - 1].end - first
    return [d for d in dates(text[first:last]) if d.start < end and d.end > start]


def _forms(pair: Pair, words: range, *, source: bool) -> list[str]:
    """The small words of a gap as the lists have them; a month is none."""
    own = pair.source_words if source else pair.words
    return [form(own[i].text) for i in words if i < len(own) and own[i].text != "May"]


def _turned(pair: Pair, gap: Gap) -> Iterator[Finding]:
    """A "not" on one side only, or an opposite; both together cancel out."""
    mine, theirs = _forms(pair, gap.mine, source=False), _forms(pair, gap.theirs, source=True)
    alone = not mine or not theirs
    not_mine = _n_not(pair.words, gap.mine, alone=alone)
    not_theirs = _n_not(pair.source_words, gap.theirs, alone=alone)
    opposed = any(
        is_opposite(pair.words[i].text, pair.source_words[j].text)
        for i in gap.mine
        for j in gap.theirs
        if j < len(pair.source_words)
        and not {form(pair.words[i].text), form(pair.source_words[j].text)} & NOT
    )
    if (not_mine + not_theirs + opposed) % 2:
        kind = "opposite" if opposed else "negation"
        yield _finding(pair, gap, "hard", kind)


def _n_not(words: Sequence[Term], gap: range, *, alone: bool) -> int:
    """How often something is denied; a "not only" denies nothing.

    Of words that only one side has, a "not" before a verb of their own counts for that verb:
    "which did not comment".
    """
    inside = words[gap.start : gap.stop]
    n_not = 0
    for at, term in enumerate(inside):
        if form(term.text) not in NOT:
            continue
        after = inside[at + 1 :]
        own = alone and form(inside[0].text) in _RELATIVE and any(t.weight for t in after)
        n_not += not own and not (after and form(after[0].text) in _NOT_ONLY)
    return n_not


@lru_cache(maxsize=20_000)
def is_opposite(one: str, other: str) -> bool:
    """True if two words say the opposite of each other, by our list or WordNet."""
    mine, theirs = _bases(one), _bases(other)
    table = load_thesaurus()
    return any(
        b in opposites(a)
        or b in table.opposites(a)
        or a in table.opposites(b)
        or _prefixed(a, b)
        or (bool(table.opposites(a) & table.synonyms(b)) and not is_synonym(one, other))
        for a in mine
        for b in theirs
    )


def _bases(word: str) -> frozenset[str]:
    """The stems that a word may be looked up by: "riskier" also as "risky"."""
    lower = word.lower()
    forms = {lower}
    for ending in ("er", "est"):
        if lower.endswith(ending) and len(lower) > len(ending) + 2:
            cut = lower.removesuffix(ending)
            forms |= {cut, cut + "e", cut.removesuffix("i") + "y", cut[:-1]}
    stems = {stem(f) for f in forms}
    return frozenset(stems | {root(s) for s in stems})


def _prefixed(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) > 3 and any(long == prefix + short for prefix in _PREFIXES)


def _surer(pair: Pair, gap: Gap) -> Iterator[Finding]:
    """A doubt, a duty or a plan that only one side has."""
    mine, theirs = _forms(pair, gap.mine, source=False), _forms(pair, gap.theirs, source=True)
    modal, other = ({MODALS[w] for w in words if w in MODALS} for words in (mine, theirs))
    if modal and other and not modal & other:
        yield _finding(pair, gap, "firm", "certainty")
        return
    if {_LADDER.get(w) for w in mine} | {_LADDER.get(w) for w in theirs} >= {0, 1}:
        yield _finding(pair, gap, "hard", "status")
        return
    wished = "will" in mine and bool(_WISHED & set(theirs))
    if wished or (not mine and len(gap.theirs) <= 2 and _DOUBTED & set(theirs)):
        yield _finding(pair, gap, "firm", "certainty")
        return
    ours, said = cue_of(" ".join(mine)), cue_of(" ".join(theirs))
    if ours == said or {ours, said} == {"expected", None}:
        return
    gravity: Gravity = "hard" if "denied" in (ours, said) else "firm"
    yield _finding(pair, gap, gravity, "certainty")


def _shares(pair: Pair, gap: Gap) -> Iterator[Finding]:
    mine, theirs = _forms(pair, gap.mine, source=False), _forms(pair, gap.theirs, source=True)
    one, other = ([QUANTITY[w] for w in words if w in QUANTITY] for words in (mine, theirs))
    if one and other and one != other:
        far = abs(max(one) - max(other)) > 1 or 0 in (*one, *other)
        yield _finding(pair, gap, "hard" if far else "firm", "quantifier")
    elif (_OVER & set(mine) and _UNDER & set(theirs)) or (
        _UNDER & set(mine) and _OVER & set(theirs)
    ):
        yield _finding(pair, gap, "hard", "bound")
    elif _ONLY & set(mine) and not _ONLY & set(theirs):
        yield _finding(pair, gap, "firm", "quantifier")


def _swapped(pair: Pair, gap: Gap) -> Iterator[Finding]:
    """One or two words for others that are no known synonyms of them."""
    mine = [i for i in gap.mine if pair.words[i].weight and pair.places[i] < 0]
    theirs = [
        j
        for j in gap.theirs
        if j < len(pair.source_words) and pair.source_words[j].weight and j not in pair.back
    ]
    if not mine or not theirs or max(len(mine), len(theirs)) > _MAX_SWAP:
        return
    if len(mine) == len(theirs) == 1:
        one, other = pair.words[mine[0]], pair.source_words[theirs[0]]
        telling = min(one.weight, other.weight) > _TELLING and not _is_dated(pair, gap)
        if telling and not is_synonym(one.text, other.text):
            reason = f"the source says \u201c{other.text}\u201d, not \u201c{one.text}\u201d"
            yield pair.finding("soft", "word", reason, mine[0], theirs[0])


def _is_dated(pair: Pair, gap: Gap) -> bool:
    """True for words of a date, which are checked apart."""
    return bool(
        _dates_at(pair.claim, pair.words, gap.mine)
        or _dates_at(pair.source, pair.source_words, gap.theirs)
    )


@lru_cache(maxsize=20_000)
def is_synonym(one: str, other: str) -> bool:
    """True if two words can say the same: WordNet's synonyms and wider words, one family."""
    a, b = stem(one), stem(other)
    table = load_thesaurus()
    for first, second in ((a, b), (root(a), root(b))):  # "found" is "find" as well
        if second in table.synonyms(first) or first in table.synonyms(second):
            return True
    short, long = sorted((a, b), key=len)
    return len(short) > 4 and long.startswith(short[:-1]) and len(long) - len(short) <= _ENDING
