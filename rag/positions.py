"""Makes a conflict of two rivals: every position with its words, its credits, and what is newer.

Pure functions; the claims come from ``claims``, the rivals from ``rivals`` and ``slots``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.agree import Measure, measure, restatement
from rag.claims import CORRECTION, Claim, Pair
from rag.contrast import n_parties
from rag.day_words import english_day
from rag.facts import Name, Quantity, Status, quantities
from rag.folding import folded_terms
from rag.rivals import clearness, side_of
from rag.schema import Conflict, ConflictKind, Evidence, Position

_MAX_POSITIONS = 4
_FIGURE = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|half|"
    r"dozens?|"
    r"hundreds?|thousands?|[mb]illions?|quarter|third)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:will|is to|are to|set to|due to|expected|scheduled|plans?|planned|postponed|delayed|"
    r"put off|"
    r"brought forward|moved to|new date|now|no longer|instead|replaced|successor|opens|begins|"
    r"starts|takes effect)\b",
    re.IGNORECASE,
)

_TURNING = re.compile(
    r"\b(?:not|never|no longer|still|yet|\w+n['\u2019]t)\s+(?:(?:yet|to|be|been|being)\s+)*$"
    r"|\b(?:preliminary|provisional|conditional|initial|partial|final|full)\s+$",
    re.IGNORECASE,
)


def conflict_of(pair: Pair, pairs: Sequence[Pair]) -> tuple[Conflict, list[Claim]]:
    """The pair with every claim that is a rival of one of its sides, the same words merged."""
    rivals: dict[Claim, set[Claim]] = {}
    for p in pairs:
        if p.kind == pair.kind:
            rivals.setdefault(p.one, set()).add(p.other)
            rivals.setdefault(p.other, set()).add(p.one)
    keys = {_key(c): c for c in (pair.one, pair.other)}
    members = [pair.one, pair.other]
    for claim, against in rivals.items():
        wanted = {c for key, c in keys.items() if key != _key(claim)}
        if claim not in members and wanted <= against:
            members.append(claim)
    sides: dict[str, list[Claim]] = {}
    for claim in members:
        sides.setdefault(_key(claim), []).append(claim)
    leading = (pair.one, pair.other)
    chosen = [_spokesman(same, leading) for same in sides.values()]
    shown = sorted(chosen[:_MAX_POSITIONS], key=lambda c: (c.line.corrects, *_by_date(c)))
    conflict = Conflict(
        topic=_topic(pair),
        kind=pair.kind,
        positions=tuple(_position(claim) for claim in shown),
        note="; ".join(_notes(pair.kind, shown, sides)),
    )
    return conflict, members


def _key(claim: Claim) -> str:
    fact = claim.fact
    if claim.said:
        return claim.said
    if isinstance(fact, Quantity):
        return f"{fact.value:g} {fact.scope}"
    if isinstance(fact, Status):
        return side_of(claim) or ""
    if isinstance(fact, Name):
        return " ".join(fact.words)
    return f"{fact.year} {fact.month} {fact.day}"


def _spokesman(same: Sequence[Claim], leading: Sequence[Claim]) -> Claim:
    """Who speaks for those that say the same: the earliest dated, there the plainest, the best."""
    return min(same, key=lambda c: (*_by_date(c)[:2], -clearness(c), c not in leading, c.line.rank))


def _by_date(claim: Claim) -> tuple[bool, float, int]:
    dated = claim.line.article.dated
    return (dated is None, dated.timestamp() if dated else 0.0, claim.line.rank)


def _position(claim: Claim) -> Position:
    line, (start, end) = claim.line, claim.quote
    text = line.text[start:end]
    return Position(
        statement=" ".join(text.split()),
        evidence=Evidence(
            article_id=line.article.article_id,
            start=line.start + start,
            end=line.start + end,
            text=text,
        ),
        outlet=line.article.outlet,
        published_at=line.article.published_at,
        updated_at=line.article.updated_at,
        credits=credits_at(claim),
        differs=_differing(claim),
    )


def _differing(claim: Claim) -> str:
    """The slot on one line, a status with the words that turn it: "not yet approved"."""
    before = claim.line.text[claim.quote[0] : claim.fact.start]
    turned = _TURNING.search(before) if isinstance(claim.fact, Status) else None
    return " ".join(f"{turned.group() if turned else ''}{claim.slot}".split())


_TOPIC_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_SCALES = frozenset("hundred thousand million billion trillion".split())
_MAX_TOPIC_GAPS = 4  # five words say what it is about


def _topic(pair: Pair) -> str:
    """The words of the better ranked line that both share, in its order."""
    one = min(pair.one, pair.other, key=lambda c: c.line.rank)
    other = pair.other if one is pair.one else pair.one
    said: list[str] = []
    end = -2
    for match in _TOPIC_WORD.finditer(one.line.text):
        shared = folded_terms(match.group())
        if not shared or not shared <= other.line.terms or match.group().lower() in _SCALES:
            continue
        word = re.sub(r"['\u2019]s$", "", match.group())
        if word in " ".join(said).split(" ") or " ".join(said).count(" ") >= _MAX_TOPIC_GAPS:
            continue
        if match.start() == end + 1:
            said[-1] += f" {word}"  # "H200 chips": side by side in the text
        else:
            said.append(word)
        end = match.end()
    return ", ".join(said) or one.slot


def _notes(
    kind: ConflictKind, shown: Sequence[Claim], sides: Mapping[str, Sequence[Claim]]
) -> Iterator[str]:
    if kind == "scope":
        yield _arithmetic(sides)
    else:
        yield from _update(kind, sides)
    for claim in shown:
        yield from _voices(claim, sides[_key(claim)])


def _voices(claim: Claim, same: Sequence[Claim]) -> Iterator[str]:
    """Who else says it; what leans on one and the same source is one voice."""
    rest = {c.line.article.article_id: c for c in same}
    rest.pop(claim.line.article.article_id, None)
    mine = set(credits_at(claim))
    echoes = {key for key, c in rest.items() if mine & set(credits_at(c))}
    for ids, end in (
        (rest.keys() - echoes, ""),
        (echoes, f", also citing {' and '.join(sorted(mine))}"),
    ):
        outlets = sorted({rest[i].line.article.outlet or "another article" for i in ids})
        if outlets:
            yield f"{claim.slot}: also {', '.join(outlets)}{end}"


def credits_at(claim: Claim) -> tuple[str, ...]:
    """Whom the article leans on for these words: credits in the sentence, else in its paragraph.

    A paragraph is governed by what it credits before the sentence; each name once, in order.
    """
    line = claim.line
    text, found = line.article.text, line.article.credits
    inside = [c for c in found if line.start <= c.start < line.end]
    if not inside:
        begin = text.rfind("\n", 0, line.start) + 1
        inside = [c for c in found if begin <= c.start < line.start]
    return tuple(dict.fromkeys(c.name for c in inside))


def _update(kind: ConflictKind, sides: Mapping[str, Sequence[Claim]]) -> Iterator[str]:
    """A correction, or the newest word if every article is dated and one side clearly later.

    Nothing is an update where time does not change it: who won, or when something happened.
    """
    claims = [c for same in sides.values() for c in same]
    fixes = [c for c in claims if c.line.corrects or _takes_back(c, sides)]
    last = [max(same, key=_day) for same in sides.values()]
    newest = max(last, key=_day)
    later = all(c.line.article.day for c in claims) and all(
        _day(c) < _day(newest) for c in last if c is not newest
    )
    chosen = fixes[-1] if fixes else newest if later and _may_change(kind, claims) else None
    if chosen is None:
        return
    what = "update: corrected by" if fixes else "update: newer is"
    outlet = chosen.line.article.outlet or "the later article"
    day = chosen.line.article.day
    when = f", {english_day(day)}" if day else ""
    before = [max(same, key=_day).slot for same in sides.values() if chosen not in same]
    yield f"{what} {outlet}{when}: {chosen.slot}; before: {', '.join(before)}"


def _takes_back(claim: Claim, sides: Mapping[str, Sequence[Claim]]) -> bool:
    """True if the article carries a correction that names what another side says."""
    notice = CORRECTION.search(claim.line.article.text)
    if notice is None:
        return False
    said = claim.line.article.text[notice.start() :].split("\n", 1)[0]
    rivals = (c.slot for key, same in sides.items() if key != _key(claim) for c in same)
    return any(re.search(rf"\b{re.escape(slot)}\b", said) for slot in rivals)


def _may_change(kind: ConflictKind, claims: Sequence[Claim]) -> bool:
    """True for figures and decisions, and for whatever is said to lie ahead or to be new."""
    if kind == "status" or (kind == "value" and all(_FIGURE.search(c.slot) for c in claims)):
        return True
    return any(_AHEAD.search(c.line.text) for c in claims)


def _measured(claim: Claim) -> Measure:
    text = claim.line.text
    return measure(text, next(q for q in quantities(text) if q.start == claim.fact.start))


def _day(claim: Claim) -> int:
    day = claim.line.article.day
    return day.toordinal() if day else 0


def _arithmetic(sides: Mapping[str, Sequence[Claim]]) -> str:
    claims = [c for same in sides.values() for c in same]
    if claims[0].said:
        one, other = (_measured(same[0]) for same in list(sides.values())[:2])
        return restatement(one, other)
    each = [c for c in claims if isinstance(c.fact, Quantity) and c.fact.scope == "each"]
    total = [c for c in claims if isinstance(c.fact, Quantity) and c.fact.scope == "total"]
    counts = sorted({n for c in (*each, *total) if (n := n_parties(c))}, reverse=True)
    whole, part = total[0].fact, each[0].fact
    assert isinstance(whole, Quantity)
    assert isinstance(part, Quantity)
    sums = [
        f"{n} x {part.value:,.0f} = {n * part.value:,.0f} "
        + ("fits" if n * part.value == whole.value else "does not fit")
        + f" {whole.value:,.0f}"
        for n in counts
    ]
    return "; ".join(["one figure is a total, the other is for each", *sums])
