"""Chooses what an answer without a model quotes: sentences, sides of a yes or no, items of a list.

And says why nothing is quoted, if nothing answers, with the sentences that come nearest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.embed import Embedder
from rag.forms import Form
from rag.listing import listed
from rag.period import counted_from_newest, outside, without_time
from rag.retrieve import Retrieved
from rag.schema import AnswerKind, Article, Conflict, Evidence, Passage, Question, Refusal
from rag.select import Selection, select
from rag.sides import with_other_sides
from rag.sources import strangers
from rag.yesno import OPEN, Pick, Reply, yes_or_no

_OF_BEST = 0.6  # share of the best passage's score under which a passage lists nothing
_N_NEAR = 6  # passages in which a source that the question cites may be spoken of


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to quote, in what form; or why nothing is, and what comes near."""

    picks: tuple[Pick, ...] = ()
    kind: AnswerKind = "text"
    short: str | None = None
    reason: str | None = None
    refusal: Refusal | None = None
    nearest: tuple[Evidence, ...] = ()


def choose(
    question: Question,
    form: Form,
    found: Retrieved,
    articles: Mapping[str, Article],
    conflicts: Sequence[Conflict],
    embedder: Embedder,
) -> Choice:
    """The sentences to quote, from what was found."""
    passages = [p.passage for p in found.passages]
    unknown = strangers(question.text, _near(found, articles))
    reply = None if unknown else _verified(form, passages, articles, conflicts)
    if reply is not None:  # nothing need be embedded for it
        return Choice(picks=reply.picks, kind=form.kind, short=reply.short)

    chosen = _selected(_plain(question, form), found, articles, embedder)
    refused = _refused(question, chosen, unknown, articles)
    if refused is not None:
        return refused
    items = listed(form, _close(found), articles) if form.kind == "list" else None
    if items is not None:
        return Choice(picks=items.picks, kind="list", short=items.short)
    spans = with_other_sides(chosen.sentences, conflicts, passages)
    is_open = form.kind == "yesno"
    return Choice(
        picks=tuple(Pick(evidence=(e,)) for e in spans),
        kind="yesno" if is_open else "text",
        short=OPEN if is_open else None,
    )


def _selected(
    question: Question, found: Retrieved, articles: Mapping[str, Article], embedder: Embedder
) -> Selection:
    """The sentences that may answer; those of another time if only the time asked is missing."""

    def of(asked: Question) -> Selection:
        return select(
            counted_from_newest(asked, articles.values()),
            found.passages,
            articles,
            embedder=embedder,
            query_vector=found.query_vector,
        )

    chosen = of(question)
    of_any_time = without_time(question.text) if chosen.refusal == "near" else None
    again = of(replace(question, standalone=of_any_time)) if of_any_time else chosen
    is_late = again.reason is None and outside(question.text, again.sentences, articles)
    return again if is_late else chosen


def _verified(
    form: Form,
    passages: Sequence[Passage],
    articles: Mapping[str, Article],
    conflicts: Sequence[Conflict],
) -> Reply | None:
    """A typed reply that the verifier carries, or that is left open with a quote of each side."""
    if form.kind == "yesno":
        reply = yes_or_no(form, passages, articles, conflicts)
        return reply if reply.settled or reply.near else None
    if form.listed == "outlet" and not form.about:
        return listed(form, passages, articles)
    return None


def _close(found: Retrieved) -> list[Passage]:
    """The passages that are not far behind the best."""
    best = max((p.score for p in found.passages), default=0.0)
    return [p.passage for p in found.passages if p.score >= _OF_BEST * best]


def _refused(
    question: Question, chosen: Selection, unknown: Sequence[str], articles: Mapping[str, Article]
) -> Choice | None:
    """The refusal, if the sentences chosen do not answer."""
    if unknown:
        reason = f"Nothing found in the archive is by, or speaks of, {' or '.join(unknown[:3])}."
        return _refusal(chosen, reason, chosen.refusal or "near")
    if chosen.reason is not None:
        return _refusal(chosen, chosen.reason, chosen.refusal or "nothing")
    late = outside(question.text, chosen.sentences, articles)
    return _refusal(chosen, late, "period") if late else None


def _refusal(chosen: Selection, reason: str, kind: Refusal) -> Choice:
    near = chosen.sentences if kind != "nothing" else ()
    return Choice(reason=reason, refusal=kind, nearest=near)


def _near(found: Retrieved, articles: Mapping[str, Article]) -> str:
    """The best passages, and what their articles say of themselves."""
    passages = [p.passage for p in found.passages[:_N_NEAR]]
    about = (articles[p.article_id] for p in passages)
    parts = [p for a in about for p in (a.title, a.outlet, *a.authors) if p]
    return "\n".join([*parts, *(p.text for p in passages)])


def _plain(question: Question, form: Form) -> Question:
    """The question as sentences are chosen by: without the outlets that only tell of it."""
    told = form.listed == "outlet" or form.kind == "text"
    return replace(question, standalone=form.topic) if told and form.topic else question
