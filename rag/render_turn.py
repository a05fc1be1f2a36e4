"""One turn of the chat as HTML: while it is being answered, answered, refused or failed."""

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from rag.chats import Exchange
from rag.courtesy import REPLIES
from rag.day_words import day_text
from rag.draft import Draft
from rag.i18n import msgid, tr, trn
from rag.icons import icon_html
from rag.render import (
    STOPPED,
    capitalized,
    mode_text,
    point_text,
    reason_text,
    scope_words,
    short_answer,
)
from rag.render_html import (
    chip_html,
    esc,
    marks_by_article,
    near_card,
    origin_of,
    tail_html,
    verdict_html,
)
from rag.render_json import scope_json, to_json
from rag.render_markdown import to_markdown
from rag.render_repairs import repairs_text
from rag.render_searches import beyond_limits, limits_html, search_rows
from rag.render_sides import banner_html
from rag.render_verdict import reasons_html, tellers_html, text_html
from rag.schema import (
    Answer,
    Article,
    Filters,
    Question,
    Refusal,
    Sentence,
)

# Why nothing is answered, before the reason in the archive's own words.
REFUSAL_WORDS: Mapping[Refusal, str] = {
    "nothing": msgid("Nothing on this in your articles"),
    "near": msgid("Near, but not answered"),
    "period": msgid("Only at other times"),
}
_LONG_QUESTION, _VERY_LONG_QUESTION = 160, 500  # characters
_SHORT_SIGNS = {"yes": "yes", "no": "no", "sources differ": "differ"}


def draft_html(draft: Draft) -> str:
    """A turn that is still being answered: the question, the sentences so far, the last step."""
    step = esc(draft.steps[-1] if draft.steps else tr("Reading the question…"))
    question = Question(asked=draft.asked, standalone=draft.standalone)
    body = _searched_html(question) + _sentences_html(draft.sentences, draft.articles)
    return _turn(
        draft.asked,
        f'{body}<p class="byline-step"><span class="byline-pulse"></span>{step}</p>'
        f"{_stopped_html(_anew_tools(), hidden=True)}",
        state="streaming",
        conversation=draft.conversation,
        exchange_id=draft.exchange_id,
    )


def answer_html(
    answer: Answer, kept: Exchange | None = None, notes: Sequence[str] = (), *, own: bool = True
) -> str:
    """A finished turn: sentences with chips and verdicts, or why there is no answer.

    ``kept`` is the exchange under which a conversation keeps it, ``notes`` what has become of its
    articles since. ``own`` is False where somebody else's conversation is only read.
    """
    if answer.stopped:
        return _left_html(answer, kept, notes, own=own)
    asked = answer.question.asked
    tools = tools_html(answer, kept) if own else ""
    below = [_how_html(answer), _next_html(answer) if own else ""]
    noted = "".join(f'<p class="byline-notice" data-since>{esc(note)}</p>' for note in notes)
    if answer.abstained:
        is_talk = answer.reason in REPLIES  # nothing was looked for
        parts = [_abstention_html(answer), noted, *(() if is_talk else (tools, *below))]
        return _turn(asked, "".join(parts), state="done", kept=kept)
    marks = marks_by_article(answer.citations)
    parts = [_searched_html(answer.question), limits_html(answer.question)]
    parts += [_as_of_html(answer), _short_html(answer)]
    beside = [p.statement for c in answer.conflicts[:1] for p in c.positions]
    parts += [_sentence_html(s, answer.articles, marks, beside) for s in answer.sentences]
    parts += [banner_html(answer), _notice_html(answer), noted, tools, *below]
    return _turn(asked, "".join(parts), state="done", kept=kept)


def _left_html(answer: Answer, kept: Exchange | None, notes: Sequence[str], *, own: bool) -> str:
    """A turn that was stopped, with what had been shown of it."""
    tools = [_tool("proof", esc(tr("Sources")))] if kept and answer.sentences else []
    tools += _anew_tools()
    parts = [
        _searched_html(answer.question),
        _sentences_html(answer.sentences, answer.articles),
        *(f'<p class="byline-notice" data-since>{esc(note)}</p>' for note in notes),
        _stopped_html(tools if own else ()),
    ]
    return _turn(answer.question.asked, "".join(parts), state="stopped", kept=kept)


def failure_html(draft: Draft, message: str, hint: str, request_id: str) -> str:
    """A turn that failed: what was already written, what happened, and what to do."""
    after = f" {esc(capitalized(hint))}." if hint else ""
    request = esc(tr("Request {number}", number=request_id))
    body = (
        f"{_sentences_html(draft.sentences, draft.articles)}"
        f'<div class="byline-error" role="alert"><p><strong>{esc(message)}.</strong>{after}</p>'
        f'<p class="byline-meta">{request}</p></div>'
        f"{_anew_html()}"
    )
    return _turn(draft.asked, body, state="failed", conversation=draft.conversation)


def _turn(
    asked: str,
    body: str,
    *,
    state: Literal["streaming", "done", "failed", "stopped"],
    kept: Exchange | None = None,
    conversation: str = "",
    exchange_id: int | None = None,
) -> str:
    exchange_id = kept.exchange_id if kept else exchange_id
    named = f' id="e-{exchange_id}"' if kept else ""
    named += f' data-exchange="{exchange_id}"' if exchange_id else ""
    if within := kept.conversation_id if kept else conversation:
        named += f' data-conversation="{esc(within)}"'
    busy = ' aria-busy="true"' if state == "streaming" else ""
    # What is long is set smaller, what is very long scrolls: the answer is what one came for.
    longer = " is-long" if len(asked) > _LONG_QUESTION else ""
    scrolls = ' tabindex="0"' if len(asked) > _VERY_LONG_QUESTION else ""
    return (
        f'<article class="byline-turn" data-state="{state}"{named}{busy}>'
        f'<h2 class="byline-question{longer}" dir="auto"{scrolls}>{esc(asked)}</h2>'
        f'<div class="byline-answer">{body}</div></article>'
    )


# --- what stands above the sentences -------------------------------------------------------------


def _searched_html(question: Question) -> str:
    """The question as it was searched, if it was worded anew; it can be changed there."""
    if question.text == question.asked:
        return ""
    head = esc(tr("Searched for"))
    return (
        f'<p class="byline-searched"><span class="byline-searched-for">{head}</span> '
        f"{_standalone_html(question)}</p>"
    )


def _standalone_html(question: Question) -> str:
    """The question as it was searched, with the button that changes it."""
    label, word = esc(tr("Change what is searched for")), esc(tr("Change"))
    return (
        f'<span class="byline-standalone" dir="auto">{esc(question.text)}</span> '
        f'<button type="button" class="byline-reword" aria-label="{label}">{word}</button>'
    )


def _short_html(answer: Answer) -> str:
    """The answer in a word or two, where the question wants one."""
    if not answer.short:
        return ""
    sign = _SHORT_SIGNS.get(answer.short.lower(), "list" if answer.kind == "list" else "")
    drawn = icon_html(sign) if sign else ""
    return (
        f'<p class="byline-short" data-kind="{answer.kind}" data-sign="{sign}">'
        f"{drawn}<strong>{esc(short_answer(answer.short))}</strong></p>"
    )


# --- the sentences -------------------------------------------------------------------------------


def _sentences_html(sentences: Sequence[Sentence], articles: Mapping[str, Article]) -> str:
    marks = marks_by_article(c for s in sentences for c in s.citations)
    return "".join(_sentence_html(s, articles, marks) for s in sentences)


def _sentence_html(
    sentence: Sentence,
    articles: Mapping[str, Article],
    marks: Mapping[str, str],
    beside: Sequence[str] = (),
) -> str:
    chips = [chip_html(c, articles[c.evidence.article_id], marks) for c in sentence.citations]
    cited = [articles[c.evidence.article_id] for c in sentence.citations]
    origins = dict.fromkeys(origin_of(a) for a in cited)
    tellers = tellers_html(sentence, [a.outlet for a in cited if a.outlet])
    meta = [verdict_html(sentence), *origins, tellers]
    point = _point_html(sentence.point)
    return (
        f'<div class="byline-sentence" data-label="{sentence.verdict.label}">'
        f'{point}<p class="byline-text" dir="auto">{text_html(sentence)}{tail_html(chips)}</p>'
        f'<p class="byline-meta">{"".join(meta)}</p>{reasons_html(sentence, beside)}</div>'
    )


def _point_html(point: str | None) -> str:
    """What a sentence stands for: a side of a yes-or-no question, or the item of a list."""
    if not point:
        return ""
    side = point.lower()
    drawn = icon_html(side) if side in ("yes", "no") else ""
    shown = point_text(side) if drawn else point
    return f'<p class="byline-point" data-point="{esc(side)}" dir="auto">{drawn}{esc(shown)}</p>'


def _as_of_html(answer: Answer) -> str:
    """How new the newest of the cited articles is, and how many of them have no date."""
    cited = {c.evidence.article_id for c in answer.citations}
    days = [answer.articles[article_id].day for article_id in cited]
    known = [day for day in days if day]
    n_undated = len(days) - len(known)
    parts = [tr("As of {day}", day=day_text(max(known)))] if known else []
    if n_undated and known:
        parts.append(trn("{n} source without a date", "{n} sources without a date", n_undated))
    elif n_undated:
        parts.append(tr("None of the sources has a date"))
    return f'<p class="byline-as-of">{esc("; ".join(parts))}</p>'


# --- what can be done with an answer -------------------------------------------------------------


def tools_html(answer: Answer, kept: Exchange | None) -> str:
    """Copy, ask again, edit and, for a kept answer, what the reader thinks of it."""
    buttons = []
    if not answer.abstained:
        footnoted = esc(to_markdown(to_json(answer)))
        buttons.append(_tool("copy", esc(tr("Copy with footnotes")), f'data-copy="{footnoted}"'))
    if kept is not None:
        buttons.append(_tool("proof", esc(tr("Sources"))))
    buttons += _anew_tools()
    if kept is not None:
        given = kept.feedback.rating if kept.feedback else ""
        for rating, words in (("up", tr("Good answer")), ("down", tr("Bad answer"))):
            label = esc(words)
            pressed = "true" if rating == given else "false"
            buttons.append(
                f'<button type="button" class="byline-rate" data-rating="{rating}" '
                f'aria-pressed="{pressed}" aria-label="{label}" title="{label}">'
                f"{icon_html(rating)}</button>"
            )
    mode = esc(mode_text(answer.mode, answer.model))
    return (
        f'<footer class="byline-foot"><span>{mode}</span>'
        f'<span class="byline-tools">{"".join(buttons)}</span></footer>'
    )


def _anew_tools() -> list[str]:
    return [_tool("again", esc(tr("Ask again"))), _tool("edit", esc(tr("Edit question")))]


def _anew_html() -> str:
    """What can be done with a turn that has no whole answer."""
    return _foot_html(_anew_tools())


def _foot_html(tools: Sequence[str]) -> str:
    if not tools:
        return ""
    return (
        f'<footer class="byline-foot"><span class="byline-tools">{"".join(tools)}</span></footer>'
    )


def _stopped_html(tools: Sequence[str], *, hidden: bool = False) -> str:
    """That the answer was stopped; hidden until the page says so."""
    return (
        f'<div class="byline-stopped"{" hidden" if hidden else ""}>'
        f"<p>{icon_html('stopped')}{esc(tr(STOPPED))}</p>{_foot_html(tools)}</div>"
    )


def _tool(name: str, label: str, more: str = "") -> str:
    return (
        f'<button type="button" class="byline-{name}"{" " if more else ""}{more}>{label}</button>'
    )


# --- nothing to say ------------------------------------------------------------------------------


def _abstention_html(answer: Answer) -> str:
    parts = [_searched_html(answer.question), limits_html(answer.question)]
    parts.append('<div class="byline-abstention">')
    if answer.refusal:
        parts.append(
            f'<p class="byline-refusal" data-refusal="{answer.refusal}">'
            f"{icon_html(answer.refusal)}{esc(tr(REFUSAL_WORDS[answer.refusal]))}</p>"
        )
    parts.append(f'<p class="byline-text" dir="auto">{esc(reason_text(answer.reason))}</p>')
    parts += [_notice_html(answer), _nearest_html(answer)]
    return "".join(parts) + "</div>"


def _notice_html(answer: Answer) -> str:
    """What else the reader should know; limits stand above the answer."""
    notice = beyond_limits(answer.notice or "", answer.question)
    return f'<p class="byline-notice" dir="auto">{esc(tr(notice))}</p>' if notice else ""


def _nearest_html(answer: Answer) -> str:
    cards = [near_card(e, answer.articles[e.article_id]) for e in answer.nearest]
    if not cards:
        return ""
    head = esc(tr("Nearest passages, which do not answer this"))
    return (
        f'<section class="byline-nearest" aria-label="{head}">'
        f'<h3 class="byline-label">{head}</h3>'
        f"{''.join(cards)}</section>"
    )


# --- what stands below ---------------------------------------------------------------------------


def _how_html(answer: Answer) -> str:
    """How it was answered, folded: what was searched and found, what was mended."""
    n_articles = len({p.passage.article_id for p in answer.passages})
    rows = []
    if answer.question.text == answer.question.asked:
        rows.append((tr("Searched for"), _standalone_html(answer.question)))
    if limits := _limits_html(answer.question.filters):
        rows.append((tr("Limited to"), limits))
    rows += search_rows(answer)
    looked_at = tr(
        "{passages} of {articles}",
        passages=trn("{n} passage", "{n} passages", len(answer.passages)),
        articles=trn("{n} article", "{n} articles", n_articles),
    )
    rows.append((tr("Looked at"), esc(looked_at)))
    if repairs := repairs_text(answer.repairs):
        rows.append((tr("Mended"), esc(repairs)))
    items = "".join(f"<dt>{esc(name)}</dt><dd>{value}</dd>" for name, value in rows)
    head = esc(tr("How this was answered"))
    return f'<details class="byline-how"><summary>{head}</summary><dl>{items}</dl></details>'


def _limits_html(filters: Filters) -> str:
    """What the articles were limited to, by the reader or by the question; can be changed."""
    if not filters:
        return ""
    told, word = json.dumps(scope_json(filters)), esc(tr("Change"))
    return (
        f"{esc('; '.join(scope_words(filters)))} "
        f'<button type="button" class="byline-limits" data-scope="{esc(told)}">{word}</button>'
    )


def _next_html(answer: Answer) -> str:
    """Questions that the articles can answer, as buttons."""
    if not answer.suggestions:
        return ""
    items = "".join(
        f'<li><button type="button" class="byline-suggestion" dir="auto">{icon_html("next")}'
        f"<span>{esc(q)}</span></button></li>"
        for q in answer.suggestions
    )
    label, head = esc(tr("Questions that your articles can answer")), esc(tr("Ask next"))
    return (
        f'<section class="byline-next" aria-label="{label}">'
        f'<h3 class="byline-label">{head}</h3><ul>{items}</ul></section>'
    )
