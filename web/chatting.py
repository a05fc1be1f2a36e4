"""A conversation on the page: what a new question leans on, and how the old ones are shown."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from rag.chats import Conversation, Exchange
from rag.errors import ArticleMissing
from rag.i18n import msgid, tr
from rag.render import NO_REASON, title_of
from rag.render_axis import timeline_svg_html
from rag.render_html import esc, sources_html
from rag.render_json import marked_text, scope_json
from rag.render_map import source_map_html
from rag.render_sides import conflicts_html
from rag.render_timeline import timeline_html
from rag.render_turn import answer_html
from rag.schema import Answer, Place
from web.asking import MAX_CITED, MAX_TURN_CHARS

if TYPE_CHECKING:
    from rag.history import Gone
    from web.desk import Desk

Json = dict[str, Any]
_PINNED = msgid("Pinned")
# The most days ago that words are for.
_AGES = (
    (0, msgid("Today")),
    (1, msgid("Yesterday")),
    (7, msgid("Last seven days")),
    (30, msgid("Last thirty days")),
    (math.inf, msgid("Earlier")),
)
N_LEANED_ON = 6  # exchanges that a question leans on


def history_of(exchanges: Sequence[Exchange]) -> list[Json]:
    """What was said, as ``web.asking.Ask`` takes it: the last few exchanges.

    What older ones cited goes along with the first, so that the same words keep their number
    through the whole conversation.
    """
    old, leaned_on = exchanges[:-N_LEANED_ON], exchanges[-N_LEANED_ON:]
    before = _cited(old)
    history: list[Json] = []
    for exchange in leaned_on:
        answer = exchange.answer
        cited = {**before, **_cited((exchange,))}
        before = {}
        said = marked_text(answer.sentences) or answer.reason or NO_REASON
        places = [
            {"article_id": p.article_id, "start": p.start, "end": p.end, "marker": marker}
            for p, marker in list(cited.items())[-MAX_CITED:]
        ]
        history += [
            {"role": "user", "content": answer.question.asked},
            {"role": "assistant", "content": said[:MAX_TURN_CHARS], "cited": places},
        ]
    return history


def _cited(exchanges: Sequence[Exchange]) -> Mapping[Place, int]:
    found: dict[Place, int] = {}
    for exchange in exchanges:
        for c in exchange.answer.citations:
            e = c.evidence
            found[Place(article_id=e.article_id, start=e.start, end=e.end)] = c.marker
    return found


def turns_html(desk: "Desk", exchanges: Sequence[Exchange], *, own: bool = True) -> str:
    """The whole conversation, with what has become of its sources since."""
    return "".join(answer_html(e.answer, e, since(desk, e.answer), own=own) for e in exchanges)


def since(desk: "Desk", answer: Answer) -> tuple[str, ...]:
    """What has become of the cited articles since: withdrawn, removed, changed."""
    notes = []
    for article_id in dict.fromkeys(c.evidence.article_id for c in answer.citations):
        was = answer.articles[article_id]
        try:
            now = desk.article(article_id)
        except ArticleMissing:
            gone = desk.gone(article_id)
            notes.append(_gone_text(title_of(was), gone))
        else:
            if now.content_hash != was.content_hash:
                notes.append(tr("“{title}” has changed since you asked.", title=title_of(was)))
    return tuple(notes)


def _gone_text(title: str, gone: "Gone | None") -> str:
    reason = gone.reason if gone else ""
    if gone is None or gone.status == "removed":
        if reason:
            return tr("“{title}” was removed since: {reason}.", title=title, reason=reason)
        return tr("“{title}” was removed since.", title=title)
    if reason:
        return tr("“{title}” was withdrawn since: {reason}.", title=title, reason=reason)
    return tr("“{title}” was withdrawn since.", title=title)


def proof_html(answer: Answer) -> Json:
    """What stands beside an answer."""
    return {
        "sources": sources_html(answer),
        "conflicts": conflicts_html(answer),
        "story": (timeline_svg_html(answer) or timeline_html(answer)) + source_map_html(answer),
    }


def conversation_json(desk: "Desk", found: Conversation) -> Json:
    """A conversation for the page: what was said, and what stands beside its last answer."""
    exchanges = desk.chats.exchanges(found)
    return {
        "conversation": found.conversation_id,
        "title": found.title,
        "share": found.share,
        "scope": scope_json(found.scope),
        "turns": turns_html(desk, exchanges),
        "proof": proof_html(exchanges[-1].answer) if exchanges else None,
    }


def list_html(found: Sequence[Conversation], search: str, today: date) -> str:
    """The conversations in the order given, under headings: pinned, today, yesterday...

    ``today`` is a day in UTC.
    """
    if not found:
        told = tr("No conversation matches.") if search.strip() else tr("No conversations yet.")
        return f'<div class="byline-list"><p class="byline-empty">{esc(told)}</p></div>'
    heaps: dict[str, list[Conversation]] = {}
    for conversation in found:
        heaps.setdefault(_heap(conversation, today), []).append(conversation)
    parts = (
        f'<h3 class="byline-label">{esc(tr(label))}</h3><ul>{"".join(map(_item_html, some))}</ul>'
        for label, some in heaps.items()
    )
    return f'<div class="byline-list">{"".join(parts)}</div>'


def _heap(conversation: Conversation, today: date) -> str:
    """Under which words a conversation stands: pinned, or how long ago it was last added to."""
    if conversation.pinned:
        return _PINNED
    n_days = (today - conversation.updated_at.astimezone(UTC).date()).days
    return next(words for longest, words in _AGES if n_days <= longest)


def _item_html(c: Conversation) -> str:
    shared = f'<span class="byline-shared">{esc(tr("shared"))}</span>' if c.share else ""
    pinned = "yes" if c.pinned else "no"
    more = tr("More about “{title}”", title=c.title)
    return (
        f'<li data-key="{esc(c.conversation_id)}" data-pinned="{pinned}">'
        f'<button type="button" class="byline-talk" data-conversation="{esc(c.conversation_id)}" '
        f'dir="auto">{esc(c.title)}</button>{shared}'
        '<button type="button" class="byline-menu" aria-haspopup="menu" '
        f'aria-label="{esc(more)}" data-conversation="{esc(c.conversation_id)}">'
        "⋯</button></li>"
    )
