"""The words that all parts of the report on the chats share."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rag.day_words import day_text
from rag.i18n import msgid, tr, trn
from rag.render_html import esc

Json = Mapping[str, Any]

WORDS: Mapping[str, tuple[str, str]] = {
    "faithfulness": (msgid("Faithful"), msgid("sentences that something found supports")),
    "citation_recall": (
        msgid("Carried by citations"),
        msgid("sentences that their own citations carry"),
    ),
    "citation_precision": (msgid("Citations that help"), msgid("citations that carry a sentence")),
    "quote_exactness": (msgid("Exact quotes"), msgid("citations whose words stand where they say")),
    "overclaimed": (
        msgid("Overclaimed"),
        msgid("of those marked supported, sentences that are not"),
    ),
    "contested": (msgid("Contested"), msgid("sentences that another article contradicts")),
    "contested_told": (
        msgid("Contested and said so"),
        msgid("contested sentences that are shown as such"),
    ),
    "abstained": (msgid("Not answered"), msgid("questions that got no answer")),
}


def percent(value: float | None) -> str:
    """A share for people: "93 %"."""
    return "–" if value is None else f"{100 * value:.0f} %"


def range_html(metric: Json) -> str:
    """The 95 % interval; nothing where it has no width, which a few equal values always give."""
    low, high = metric["ci95"]
    if low is None or low == high:
        return ""
    return esc(tr("{low} to {high} %", low=f"{100 * low:.0f}", high=f"{100 * high:.0f}"))


def answers_text(n: int) -> str:
    """So many answers: "1 answer", "2 answers"."""
    return trn("{n} answer", "{n} answers", n)


def day_of(iso: str | None) -> str:
    """The day of a moment or date, in words; "" for none."""
    return day_text(date.fromisoformat(iso[:10])) if iso else ""
