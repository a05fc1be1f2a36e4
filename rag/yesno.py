"""Answers a yes/no question with sentences on each side; the short answer follows from them.

"Yes" and "No" are said only where the verifier finds the statement carried or denied; where it
does both, the sources differ; else nothing is settled, and the nearest sentences are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from rag.align import coverage, read
from rag.facts import statuses
from rag.forms import Form, Part
from rag.holding import Held, Line, Side, hold, name_roots, read_lines, told
from rag.i18n import msgid
from rag.pair import Pair
from rag.schema import Article, Conflict, Evidence, Passage
from rag.settle import of_matter, realised
from rag.sides import overlap, with_other_sides
from rag.verify import differences

YES, NO = msgid("Yes"), msgid("No")
DIFFER, OPEN = msgid("Sources differ"), msgid("Not settled")
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_MAX_SHOWN = 4
_MAX_PER_SIDE = 2
_ALIKE = 0.6  # share of the shorter sentence from which two outlets tell the same
_BESIDE = 0.35  # share of a part's words that mark its article
_MOST = 0.6  # of the question's words must be in the parts that were read from it
_CLEAR = 0.1  # by which the marked article must lead those of the same outlet of another day
_SAME_STORY = 0.5  # share of the statement that sentence, title and sentence before must hold
_FIRM = frozenset({"stated", "reported"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One sentence of a typed answer: the words quoted, where they stand, what they stand for."""

    evidence: tuple[Evidence, ...]  # the first is the text of the sentence
    point: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A typed answer before its sentences are checked; no picks when the question is left open."""

    short: str
    picks: tuple[Pick, ...] = ()
    near: bool = False  # each side that the question names is quoted, settled or not

    @property
    def settled(self) -> bool:
        """True if the evidence carries the short answer."""
        return self.short != OPEN


def yes_or_no(
    form: Form,
    passages: Sequence[Passage],
    articles: Mapping[str, Article],
    conflicts: Sequence[Conflict] = (),
) -> Reply:
    """The reply to a yes/no question, from the passages found."""
    if form.relation in ("before", "after"):
        return _ordered(form, passages, articles)
    if form.relation == "agree":
        return _agreeing(form, passages, articles, conflicts)
    if form.relation == "claims":
        return _claimed(form, passages, articles)
    lines = read_lines(passages, articles)
    found = hold(form.statement, lines, articles)
    held = realised(form.statement, found, lines, articles)
    short = _settled(held, articles)
    reply = Reply(short=short, picks=_picks(held, short))
    if not reply.settled:
        reply = _by_status(form.statement, conflicts, passages, articles)
    return _weighed(reply, held, of_matter(form.statement, _quoted(reply), conflicts), passages)


def _quoted(reply: Reply) -> list[Evidence]:
    """What carries the short answer; nothing while it is open."""
    return [p.evidence[0] for p in reply.picks] if reply.settled else []


def _settled(held: Sequence[Held], articles: Mapping[str, Article]) -> str:
    sides = {h.side for h in held if h.side}
    if not sides:
        return OPEN
    if len(sides) == 2:
        return _newest(held, articles)
    return YES if "yes" in sides else NO


def _newest(held: Sequence[Held], articles: Mapping[str, Article]) -> str:
    """The side of the newest articles, if the other side stands only in older ones."""
    days: dict[Side, list[date | None]] = {"yes": [], "no": []}
    for one in held:
        if one.side:
            days[one.side].append(articles[one.evidence.article_id].day)
    known = {side: [d for d in found if d] for side, found in days.items()}
    if any(len(known[side]) < len(days[side]) for side in days):
        return DIFFER
    if min(known["yes"]) > max(known["no"]):
        return YES
    return NO if min(known["no"]) > max(known["yes"]) else DIFFER


def _picks(held: Sequence[Held], short: str) -> tuple[Pick, ...]:
    """The best of each side, the side of the best sentence first; of one side if it prevails."""
    kept = {YES: "yes", NO: "no"}.get(short)
    sided = [h for h in held if h.side and kept in (None, h.side)]
    sides = list(dict.fromkeys(h.side for h in sided))
    chosen = [h for side in sides for h in _several([h for h in sided if h.side == side])]
    return tuple(Pick(evidence=(h.evidence,), point=h.side) for h in chosen)


def _several(held: Sequence[Held]) -> list[Held]:
    """At most two, of different articles."""
    unique = {h.evidence.article_id: h for h in reversed(held)}
    return [h for h in held if unique[h.evidence.article_id] is h][:_MAX_PER_SIDE]


def _by_status(
    statement: str,
    conflicts: Sequence[Conflict],
    passages: Sequence[Passage],
    articles: Mapping[str, Article],
) -> Reply:
    """The reply where articles disagree on how far the very thing is that the question asks of.

    "Did it approve the sale?" is open while one article has it approved and another weighed.
    """
    claim, named = read(statement), name_roots(statement)
    lines = [line for line in read_lines(passages, articles) if named <= line.setting]
    for conflict in conflicts:
        if conflict.kind != "status":
            continue
        held = [
            Held(evidence=line.evidence, side=_stage_side(statement, position.statement), share=1.0)
            for position in conflict.positions
            for line in lines
            if overlap(line.evidence, position.evidence)
            and coverage(claim, line.setting) >= _SAME_STORY
        ]
        if {"yes", "no"} <= {h.side for h in held}:
            return Reply(short=_newest(held, articles), picks=_picks(held, DIFFER))
    return Reply(short=OPEN)


def _stage_side(statement: str, text: str) -> Side | None:
    """Yes if the text has what the statement tells as far along as it says, no if less far."""
    asked = statuses(statement)
    told = [s for s in statuses(text) if asked and s.family == asked[0].family]
    if not told:
        return None
    reached = any(s.rank >= asked[0].rank and s.certainty in _FIRM for s in told)
    return "yes" if reached else "no"


def _weighed(
    reply: Reply, held: Sequence[Held], conflicts: Sequence[Conflict], passages: Sequence[Passage]
) -> Reply:
    """The reply with the other sides of what it quotes: where they disagree, so does it.

    An update leaves the newest side standing; figures of different scope disagree in nothing,
    and nor do two that say the same of the statement: nine and twelve are both "at least nine".
    """
    picks = list(reply.picks)
    short = reply.short
    side_of = {h.evidence: h.side for h in held}
    for conflict in conflicts:
        ours = next((p for p in reply.picks if p.point and _takes_side(p, conflict)), None)
        if conflict.kind == "scope" or ours is None:
            continue
        others = with_other_sides([ours.evidence[0]], [conflict], passages)[1:]
        shown = [p.evidence[0] for p in picks]
        new = [e for e in others if not any(overlap(e, s) for s in shown)]
        new = [e for e in new if side_of.get(e) != ours.point]
        picks += [Pick(evidence=(e,), point=_against(ours)) for e in new]
        short = _after(conflict, ours, short) if new else short
    return Reply(short=short, picks=tuple(picks[: _MAX_SHOWN + 2]))


def _takes_side(pick: Pick, conflict: Conflict) -> bool:
    return any(overlap(p.evidence, pick.evidence[0]) for p in conflict.positions)


def _against(pick: Pick) -> str | None:
    """The side of whoever contradicts a yes; whoever contradicts a no need not say yes."""
    return "no" if pick.point == "yes" else None


def _after(conflict: Conflict, ours: Pick, short: str) -> str:
    """The short answer once a disagreement about what it rests on is known."""
    newest = max(
        conflict.positions,
        key=lambda p: (p.updated_at or p.published_at or _LONG_AGO, p.evidence.start),
    )
    is_update = conflict.note.startswith("update")
    if is_update and overlap(newest.evidence, ours.evidence[0]):
        return short
    return DIFFER


def _claimed(form: Form, passages: Sequence[Passage], articles: Mapping[str, Article]) -> Reply:
    """Whether each named outlet says what the question has it say: all yes, or one no."""
    best: list[Held | None] = []
    for part in _distinct(form.parts):
        held = told(_statement(part.claim), _lines_of(part, passages, articles), articles)
        best.append(next((h for h in held if h.side), held[0] if held else None))
    sides = [h.side if h else None for h in best]
    if not _asks_all(form):
        sides.append(None)
    short = NO if "no" in sides else YES if sides and all(s == "yes" for s in sides) else OPEN
    picks = [Pick(evidence=(h.evidence,), point=h.side) for h in best if h][:_MAX_SHOWN]
    near = bool(best) and all(h is not None and h.share >= _BESIDE for h in best)
    return Reply(short=short, picks=_once(picks), near=near)


def _asks_all(form: Form) -> bool:
    """True if the parts hold most of what the question says: else it asks more of them."""
    outlets = {t.root for p in form.parts for t in read(p.outlet)}
    told = {t.root for p in form.parts for t in read(p.claim)}
    asked = [t for t in read(form.statement) if t.root not in outlets]
    return coverage(asked, told) >= _MOST


def _agreeing(
    form: Form,
    passages: Sequence[Passage],
    articles: Mapping[str, Article],
    conflicts: Sequence[Conflict],
) -> Reply:
    """Whether the named outlets say the same: they differ where a disagreement has both.

    They agree where two of their sentences on the matter are alike and nothing in them differs.
    """
    parts = _distinct(form.parts)
    if len({(p.outlet, p.day) for p in parts}) < 2:
        return Reply(short=OPEN)
    one, other = (_nearest(p, _lines_of(p, passages, articles)) for p in parts[:2])
    apart = _disagreeing(one, other, conflicts)
    if apart:
        return _both(apart, "no" if form.alike else "yes")
    pairs = [(_likeness(a, b), a, b) for a in one for b in other if _apart(a, b)]
    if not pairs:
        return _left_open(*one[:1], *other[:1])
    likeness, *pair = max(pairs, key=lambda p: p[0])
    found = differences(Pair(*(line.evidence.text for line in pair)), None)
    if likeness < _ALIKE or any(f.gravity == "hard" for f in found):
        return _left_open(*one[:1], *other[:1])
    return _both(pair, "yes" if form.alike else "no")


def _disagreeing(
    one: Sequence[Line], other: Sequence[Line], conflicts: Sequence[Conflict]
) -> list[Line]:
    """A sentence of each that are positions of one disagreement; none if there is no such."""
    for conflict in conflicts:
        if conflict.kind == "scope":
            continue
        told = [p.evidence for p in conflict.positions]
        sides = [
            next((ln for ln in lines if any(overlap(ln.evidence, e) for e in told)), None)
            for lines in (one, other)
        ]
        found = [line for line in sides if line is not None]
        if len(found) == 2 and _apart(*found):
            return found
    return []


def _both(lines: Sequence[Line], point: Side) -> Reply:
    picks = [Pick(evidence=(line.evidence,), point=point) for line in lines]
    return Reply(short=YES if point == "yes" else NO, picks=_once(picks))


def _ordered(form: Form, passages: Sequence[Passage], articles: Mapping[str, Article]) -> Reply:
    """Whether one outlet's article came before another's: by the days that the articles carry."""
    parts = form.parts[-2:]
    marked = [_marked(part, passages, articles) for part in parts]
    if None in marked:
        return _left_open(*(m for m in marked if m))
    one, other = (m for m in marked if m)
    moments = [articles[m.evidence.article_id].published_at for m in (one, other)]
    first, second = moments
    if any(_denies(p, m) for p, m in zip(parts, (one, other), strict=True)):
        return _left_open(one, other)
    if first is None or second is None or first == second:
        return _left_open(one, other)
    return _both((one, other), "yes" if (first < second) == (form.relation == "before") else "no")


def _denies(part: Part, line: Line) -> bool:
    """True if the sentence found says otherwise than the question has its article say."""
    found = differences(Pair(_statement(part.claim), line.evidence.text), None)
    return any(f.gravity == "hard" for f in found)


def _marked(
    part: Part, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> Line | None:
    """The sentence of the outlet that the part speaks of, None when it might be another day's."""
    claim = read(part.claim)
    lines = _lines_of(part, passages, articles)
    ranked = sorted(lines, key=lambda line: -coverage(claim, line.setting))
    if not ranked or coverage(claim, ranked[0].setting) < _BESIDE:
        return None
    best = coverage(claim, ranked[0].setting)
    day = articles[ranked[0].evidence.article_id].day
    others = [ln for ln in ranked if articles[ln.evidence.article_id].day != day]
    clear = not others or best - coverage(claim, others[0].setting) >= _CLEAR
    return ranked[0] if clear else None


def _lines_of(
    part: Part, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> list[Line]:
    lines = read_lines(passages, articles, part.outlet)
    dated = [ln for ln in lines if articles[ln.evidence.article_id].day == part.day]
    return dated if part.day and dated else lines


def _nearest(part: Part, lines: Sequence[Line]) -> list[Line]:
    claim = read(part.claim)
    near = [line for line in lines if coverage(claim, line.setting) >= _BESIDE]
    return sorted(near, key=lambda line: -coverage(claim, line.setting))[:6]


def _likeness(one: Line, other: Line) -> float:
    """The share of the one sentence in the other, the smaller of both ways."""
    return min(
        coverage(read(one.evidence.text), other.roots),
        coverage(read(other.evidence.text), one.roots),
    )


def _apart(one: Line, other: Line) -> bool:
    return one.evidence.article_id != other.evidence.article_id


def _distinct(parts: Sequence[Part]) -> list[Part]:
    return list({(p.outlet, p.claim): p for p in parts}.values())[:_MAX_SHOWN]


def _statement(claim: str) -> str:
    return f"{claim[:1].upper()}{claim[1:]}."


def _left_open(*lines: Line) -> Reply:
    picks = _once([Pick(evidence=(line.evidence,)) for line in lines])
    return Reply(short=OPEN, picks=picks, near=len(picks) > 1)


def _once(picks: Sequence[Pick]) -> tuple[Pick, ...]:
    return tuple({p.evidence: p for p in picks}.values())
