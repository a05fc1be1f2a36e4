"""The report on the chats as HTML: for the page's Quality tab and for a file of its own.

Everything foreign is escaped here. No script, no outside address; the plots are plain elements
placed by percent, so that they read as well on a phone, and every figure of them stands in a
table too.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from eval.chat_trend import trend_html
from eval.chat_words import WORDS, answers_text, day_of, percent, range_html
from rag.day_words import day_text
from rag.i18n import msgid, tr, trn
from rag.icons import icon_html
from rag.render import capitalized, verdict_word
from rag.render_html import esc

__all__ = ["chat_html", "percent"]

Json = Mapping[str, Any]
# The address that opens an answer, or ""; None where nothing can be opened.
Link = Callable[[Json], str] | None

_SCORES: Mapping[str, str] = {
    "faithfulness": msgid("faithful {share}"),
    "citation_recall": msgid("carried by citations {share}"),
    "overclaimed": msgid("overclaimed {share}"),
}
# What the report itself says beside names and words of others: of a group without a name, and what
# a reader finds wrong.
_OURS = (
    msgid("outlet unknown"),
    msgid("no name in the question"),
    msgid("no reason"),
    msgid("wrong source"),
    msgid("missing"),
    msgid("outdated"),
    msgid("other"),
)
_KEY = ("faithfulness", "citation_recall", "overclaimed", "abstained")
_EMPTY = msgid(
    "When questions are asked in the chat, every answer is measured here: how many of its "
    "sentences the articles really carry, over time, by outlet and by topic, with the worst "
    "answers first, and what readers say of them beside it."
)


def chat_html(report: Json, link: Link) -> str:
    """The report's sections; without ``link`` there is nothing in them to press."""
    if not report["n"]:
        head, told = esc(tr("Nothing was asked yet.")), esc(tr(_EMPTY))
        return (
            f'<section class="byline-q-empty" data-key="empty"><h2>{head}</h2>'
            f"<p>{told}</p></section>"
        )
    parts = {
        "figures": _figures(report),
        "time": _section(tr("Faithfulness over time"), trend_html(report["over_time"])),
        "groups": '<div class="byline-q-pair">'
        + _section(tr("By outlet"), _groups(report["by_outlet"], tr("Sentences"), tr(_BY_OUTLET)))
        + _section(
            tr("By what was asked about"),
            _groups(report["by_topic"], tr("Answers"), tr(_BY_TOPIC)),
        )
        + "</div>",
        "worst": _section(tr("Worst answers first"), _worst(report, link)),
        "feedback": _section(tr("What readers said"), _feedback(report, link)),
        "metrics": _all_metrics(report),
    }
    return "".join(f'<div data-key="{key}">{html}</div>' for key, html in parts.items())


_BY_OUTLET = msgid("Of the sentences that cite an outlet, how many their citations carry.")
_BY_TOPIC = msgid("Mean faithfulness of the answers to questions that name it.")


def _section(title: str, body: str) -> str:
    return f'<section><h3 class="byline-label">{esc(title)}</h3>{body}</section>'


# --- figures -------------------------------------------------------------------------------------


def _figures(report: Json) -> str:
    shown = "".join(
        f'<div><dt>{_name(name)}</dt><dd><span class="big">{percent(metric["value"])}</span> '
        f'<span class="byline-q-range">{range_html(metric)}</span>'
        f"<small>{_meaning(name)}</small></dd></div>"
        for name in _KEY
        if (metric := report["metrics"].get(name)) is not None
    )
    return f'<dl class="byline-figures">{shown}</dl><p class="byline-note">{_told(report)}</p>'


def _name(metric: str) -> str:
    return esc(tr(WORDS[metric][0]))


def _meaning(metric: str) -> str:
    return esc(tr(WORDS[metric][1]))


def _told(report: Json) -> str:
    told = [_counts(report)]
    failed = report["metrics"].get("faithfulness", {}).get("n_failed", 0)
    if failed:
        told.append(
            trn(
                "In {n} a judgement failed, which counts as a no.",
                "In {n} a judgement failed, which counts as a no.",
                failed,
            )
        )
    if n := report["n_unscored"]:
        told.append(trn("{n} answer still to be scored.", "{n} answers still to be scored.", n))
    if report["judges"]:
        told += [_judges(report), tr("Ranges are 95 % intervals over conversations.")]
    return esc(" ".join(told))


def _counts(report: Json) -> str:
    """How many answers there are, of which days."""
    first, last = (day_of(report[k]) for k in ("first", "last"))
    n = report["n_conversations"]
    given = {
        "answers": answers_text(report["n"]),
        "conversations": trn("{n} conversation", "{n} conversations", n),
        "first": first,
        "last": last,
        "n": f"{report['n_abstained']:,}",
    }
    if first == last:
        return tr(
            "{answers} in {conversations} on {first}; {n} without an answer, and so without "
            "sentences to judge.",
            **given,
        )
    return tr(
        "{answers} in {conversations} from {first} to {last}; {n} without an answer, and so "
        "without sentences to judge.",
        **given,
    )


def _judges(report: Json) -> str:
    judges = ", ".join(report["judges"])
    if report["judge_is_run_time_verifier"]:
        return tr(
            "Judged by {judges}, which also checks answers as they are written, with another "
            "threshold.",
            judges=judges,
        )
    return tr("Judged by {judges}.", judges=judges)


def _all_metrics(report: Json) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_name(name)}<small>{_meaning(name)}</small></th>'
        f"<td>{percent(m['value'])}</td><td>{range_html(m)}</td><td>{m['n']:,}</td>"
        f"<td>{m['n_failed']:,}</td><td>{m['n_abstained']:,}</td></tr>"
        for name, m in report["metrics"].items()
    )
    heads = (
        tr("Metric"),
        tr("Value"),
        tr("95 % interval"),
        tr("Answers"),
        tr("Failed"),
        tr("Nothing to judge"),
    )
    head, title = "".join(f'<th scope="col">{esc(h)}</th>' for h in heads), esc(tr("All metrics"))
    return (
        f'<details class="byline-q-more" data-key="all"><summary>{title}</summary>'
        f'<div class="byline-q-scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="byline-q-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _empty(why: str) -> str:
    return f'<p class="byline-empty">{esc(why)}</p>'


def _groups(groups: Sequence[Json], counted: str, told: str) -> str:
    """Shares by name; ``counted`` is the head of the column that tells of how many."""
    if not groups:
        return _empty(tr("Nothing to tell yet."))
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{esc(_said_by_us(g["name"]))}</th>'
        f'<td><span class="byline-bar-of" title="{range_html(g)}">'
        f'<i style="width:{100 * (g["value"] or 0):.1f}%"></i></span></td>'
        f"<td>{percent(g['value'])}<small>{range_html(g)}</small></td><td>{g['n']:,}"
        f"{_failed(g)}</td></tr>"
        for g in groups
    )
    name, share = esc(tr("Name")), esc(tr("Share"))
    return (
        f'<p class="byline-note">{esc(told)}</p><table class="byline-q-table byline-q-groups">'
        f'<thead><tr><th scope="col">{name}</th><td></td><th scope="col">{share}</th>'
        f'<th scope="col">{esc(counted)}</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _said_by_us(text: str) -> str:
    return tr(text) if text in _OURS else text


def _failed(group: Json) -> str:
    failed = esc(trn("{n} failed", "{n} failed", group["n_failed"]))
    return f"<small>{failed}</small>" if group["n_failed"] else ""


# --- answers -------------------------------------------------------------------------------------


def _worst(report: Json, link: Link) -> str:
    if not report["worst"]:
        return _empty(tr("No answer was found wanting."))
    shown, of = len(report["worst"]), report["n_with_faults"]
    told = tr("The {n} worst of {answers} with something wrong.", n=shown, answers=answers_text(of))
    note = f'<p class="byline-note">{esc(told)}</p>' if shown < of else ""
    return note + "".join(_answer(answer, link) for answer in report["worst"])


def _answer(answer: Json, link: Link) -> str:
    scores = " · ".join(
        tr(told, share=percent(answer["scores"][name]))
        for name, told in _SCORES.items()
        if answer["scores"].get(name) is not None
    )
    scores = esc(scores or tr("not answered"))
    meta = f"<span>{_moment(answer['asked_at'])}</span><span>{scores}</span>{_thumb(answer)}"
    n = len(answer["sentences"])
    body = "".join(_sentence(s, is_live=link is not None) for s in answer["sentences"])
    if body:
        head = esc(trn("{n} sentence to look at", "{n} sentences to look at", n))
        body = (
            f'<details class="byline-q-more" data-key="why"><summary>{head}</summary>'
            f"{body}</details>"
        )
    return (
        f'<article class="byline-q-answer" data-key="answer-{answer["exchange_id"]}">'
        f"<h4>{_opened(answer, link)}</h4>"
        f'<p class="byline-meta">{meta}</p>{body}</article>'
    )


def _opened(answer: Json, link: Link) -> str:
    """The question, as a link to its conversation where this reader may open it."""
    question, address = esc(answer["question"]), link(answer) if link else ""
    if not address:
        return f'<span dir="auto">{question}</span>'
    return f'<a href="{escape(address)}" dir="auto">{question}</a>'


def _moment(iso: str | None) -> str:
    if not iso:
        return ""
    at = datetime.fromisoformat(iso)
    return esc(tr("{day}, {time} UTC", day=day_text(at.date()), time=f"{at:%H:%M}"))


def _thumb(answer: Json) -> str:
    given = answer["feedback"]
    return f"<span>{_said(given)}</span>" if given else ""


def _said(given: Json) -> str:
    if given["rating"] == "up":
        return esc(tr("thumb up"))
    told = f": {_said_by_us(given['reason'])}" if given["reason"] else ""
    which = f" [{given['marker']}]" if given["marker"] is not None else ""
    down = tr("thumb down")
    return esc(f"{down}{told}{which}")


def _sentence(sentence: Json, *, is_live: bool) -> str:
    label = sentence["label"]
    verdict = (
        f'<span class="byline-verdict" data-label="{esc(label)}">'
        f"{icon_html(label)}{esc(verdict_word(label))}</span>"
    )
    support = sentence["support"]
    judged = (
        tr("not judged")
        if support is None
        else tr("the judge’s support: {score}", score=f"{support:.2f}")
    )
    why = "".join(f"<li>{esc(capitalized(w))}</li>" for w in sentence["why"])
    quotes = "".join(_quoted(q, is_live=is_live) for q in sentence["quotes"])
    return (
        f'<div class="byline-q-sentence" data-label="{esc(label)}">'
        f'<p class="byline-q-text" dir="auto">{esc(sentence["text"])}</p>'
        f'<p class="byline-meta">{verdict}<span>{esc(judged)}</span></p>'
        f'<ul class="byline-reasons">{why}</ul>{quotes}</div>'
    )


def _quoted(quote: Json, *, is_live: bool) -> str:
    """The cited words, marked among those around them; a button opens the article there."""
    origin = " · ".join(esc(v) for v in (quote["outlet"], day_of(quote["day"])) if v)
    title = esc(quote["title"] or tr("the article"))
    marker = quote["marker"]
    opens = (
        f'data-article="{esc(quote["article_id"])}" data-revision="{quote["revision"]}" '
        f'data-marks="{marker}-{quote["start"]}-{quote["end"]}" data-marker="{marker}"'
    )
    button = f'<button type="button" class="byline-open" dir="auto" {opens}>{title}</button>'
    opener = button if is_live else f'<cite dir="auto">{title}</cite>'
    return (
        f'<blockquote class="byline-q-quote" dir="auto"><p>{esc(quote["before"])}'
        f"<mark>{esc(quote['quote'])}</mark>{esc(quote['after'])}</p>"
        f'<p class="byline-meta"><span>[{marker}]</span>{opener}<span>{origin}</span></p>'
        "</blockquote>"
    )


def _feedback(report: Json, link: Link) -> str:
    told = report["feedback"]
    if not told["n"]:
        return _empty(tr("Nobody has rated an answer yet."))
    reasons = ", ".join(f"{_said_by_us(r)} {n:,}" for r, n in told["reasons"].items())
    downs = f" ({reasons})" if reasons else ""
    items = "".join(
        f'<li data-key="said-{row["exchange_id"]}">{_opened(row, link)}'
        f'<span class="byline-q-said">{_said(row)}{_note(row)}</span></li>'
        for row in told["latest"]
    )
    thumbs = trn(
        "{n} thumb up, {down} down",
        "{n} thumbs up, {down} down",
        told["up"],
        down=f"{told['down']:,}",
    )
    note = esc(f"{thumbs}{downs}. {_agreement(report['agreement'])}")
    return f'<p class="byline-note">{note}</p><ul class="byline-q-feedback">{items}</ul>'


def _note(row: Json) -> str:
    return f' · <q dir="auto">{esc(row["note"])}</q>' if row.get("note") else ""


def _agreement(told: Json) -> str:
    """Whether readers and the judge agree, in a sentence."""
    if told["auroc"]["value"] is None:
        return tr("With thumbs of both kinds, this tells whether readers and the judge agree.")
    low, high = told["auroc"]["ci95"]
    return tr(
        "Answers with a thumb up are {up} faithful, those with a thumb down {down}. An answer with "
        "a thumb up is the more faithful of two with a chance of {chance} ({low} to {high}; 0.50 "
        "is chance).",
        up=percent(told["faithfulness_up"]),
        down=percent(told["faithfulness_down"]),
        chance=f"{told['auroc']['value']:.2f}",
        low=f"{low:.2f}",
        high=f"{high:.2f}",
    )
