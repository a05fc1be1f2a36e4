"""One turn of the chat as HTML: while it is being answered, answered, refused or failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rag.render import N_NEAREST, NO_REASON, capitalized, mode_text
from rag.render_html import chip_html, esc, found_card, marks_by_article, origin_of, verdict_html
from rag.render_json import marked_text, to_json
from rag.render_markdown import to_markdown
from rag.schema import Answer, Article, ScoredPassage, Sentence


@dataclass(slots=True)
class Draft:
    """An answer while it is being made: what has been asked, done and found so far."""

    asked: str
    steps: list[str] = field(default_factory=list)
    passages: tuple[ScoredPassage, ...] = ()
    sentences: list[Sentence] = field(default_factory=list)
    articles: dict[str, Article] = field(default_factory=dict)


def draft_html(draft: Draft) -> str:
    """A turn that is still being answered: the question, the sentences so far, the last step."""
    step = esc(draft.steps[-1]) if draft.steps else "Reading the question…"
    body = _sentences_html(draft.sentences, draft.articles)
    return _turn(
        draft.asked,
        f'{body}<p class="byline-step"><span class="byline-pulse"></span>{step}</p>',
        state="streaming",
    )


def answer_html(answer: Answer) -> str:
    """A finished turn: sentences with chips and verdicts, or why there is no answer."""
    asked = answer.question.asked
    if answer.abstained:
        said = answer.reason or NO_REASON
        return _turn(asked, _abstention_html(answer), state="done", said=said)
    marks = marks_by_article(answer.citations)
    parts = [_sentence_html(s, answer.articles, marks) for s in answer.sentences]
    if answer.conflicts:
        parts.append(_conflict_pointer(len(answer.conflicts)))
    if answer.notice:
        parts.append(f'<p class="byline-notice">{esc(answer.notice)}</p>')
    mode = esc(mode_text(answer.mode, answer.model))
    footnoted = esc(to_markdown(to_json(answer)))
    parts.append(
        f'<footer class="byline-foot"><span>{mode}</span>'
        f'<button type="button" class="byline-copy" data-copy="{footnoted}">'
        "Copy with footnotes</button></footer>"
    )
    said = marked_text(answer.sentences)
    return _turn(asked, "".join(parts), state="done", said=said)


def failure_html(draft: Draft, message: str, hint: str, request_id: str) -> str:
    """A turn that failed: what was already written, what happened, and what to do."""
    after = f" {esc(capitalized(hint))}." if hint else ""
    body = (
        f"{_sentences_html(draft.sentences, draft.articles)}"
        f'<div class="byline-error" role="alert"><p><strong>{esc(message)}.</strong>{after}</p>'
        f'<p class="byline-meta">Request {esc(request_id)}</p></div>'
    )
    return _turn(draft.asked, body, state="failed")


def _turn(
    asked: str, body: str, *, state: Literal["streaming", "done", "failed"], said: str = ""
) -> str:
    """``said`` is what the answer counts for when a later question leans on it."""
    told = f' data-said="{esc(said)}"' if said else ""
    busy = ' aria-busy="true"' if state == "streaming" else ""
    return (
        f'<article class="byline-turn" data-state="{state}"{told}{busy}>'
        f'<h2 class="byline-question" dir="auto">{esc(asked)}</h2>'
        f'<div class="byline-answer">{body}</div></article>'
    )


def _sentences_html(sentences: Sequence[Sentence], articles: Mapping[str, Article]) -> str:
    marks = marks_by_article(c for s in sentences for c in s.citations)
    return "".join(_sentence_html(s, articles, marks) for s in sentences)


def _sentence_html(
    sentence: Sentence, articles: Mapping[str, Article], marks: Mapping[str, str]
) -> str:
    chips = "".join(
        chip_html(c, articles[c.evidence.article_id], marks) for c in sentence.citations
    )
    cited = (articles[c.evidence.article_id] for c in sentence.citations)
    origins = dict.fromkeys(origin_of(a) for a in cited)
    meta = [verdict_html(sentence), *origins]
    return (
        f'<div class="byline-sentence" data-label="{sentence.verdict.label}">'
        f'<p class="byline-text" dir="auto">{esc(sentence.text)}&nbsp;{chips}</p>'
        f'<p class="byline-meta">{"".join(meta)}</p>{_reasons_html(sentence)}</div>'
    )


def _reasons_html(sentence: Sentence) -> str:
    if sentence.verdict.label == "supported" or not sentence.verdict.reasons:
        return ""
    items = "".join(f"<li>{esc(capitalized(r))}</li>" for r in sentence.verdict.reasons)
    return f'<ul class="byline-reasons">{items}</ul>'


def _conflict_pointer(n: int) -> str:
    what = "one point" if n == 1 else f"{n} points"
    return (
        '<p class="byline-notice"><button type="button" class="byline-jump" data-jump="conflicts">'
        f"The sources disagree on {what}</button></p>"
    )


def _abstention_html(answer: Answer) -> str:
    reason = answer.reason or NO_REASON
    parts = [f'<div class="byline-abstention"><p class="byline-text">{esc(reason)}</p>']
    if answer.notice:
        parts.append(f'<p class="byline-notice">{esc(answer.notice)}</p>')
    nearest = answer.passages[:N_NEAREST]
    if nearest:
        parts.append('<h3 class="byline-label">Nearest passages, which do not answer this</h3>')
        parts += [found_card(p, answer.articles[p.passage.article_id]) for p in nearest]
    return "".join(parts) + "</div>"
