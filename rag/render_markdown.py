"""From contract JSON to a document: Markdown with footnotes.

Pure text. What articles, models and users wrote is escaped, so that it shows as just that text.
"""

import re
from collections.abc import Sequence

from rag.courtesy import REPLIES
from rag.day_words import event_when, is_timeline
from rag.i18n import tr
from rag.render import (
    UNTITLED,
    Json,
    capitalized,
    citing,
    event_outlets,
    flat,
    heading_json,
    is_web_url,
    origin_text,
    point_text,
    reason_text,
    short_answer,
    verdict_within,
)
from rag.schema import Label

_BLOCK = re.compile(r"^(\d{0,9})([+=.)-])")
_SPECIAL = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]<>#|!~&"})


def _refused_md(reason: str) -> str:
    told = escaped_md(reason_text(reason))
    return told if reason in REPLIES else tr("No answer: {reason}", reason=told)


def to_markdown(body: Json) -> str:
    """Contract JSON for a document: sentences with footnotes that hold the quoted words."""
    blocks = [f"## {escaped_md(body['question'])}"]
    if body["standalone"] != body["question"]:
        searched = tr("Searched for: {words}", words=escaped_md(body["standalone"]))
        blocks.append(f"*{searched}*")
    if body["abstained"]:
        blocks.append(f"*{_refused_md(body['reason'])}*")
        blocks += _nearest_md(body.get("nearest", ()))
    if body.get("short"):
        blocks.append(f"**{escaped_md(short_answer(body['short']))}**")
    blocks += [_sentence_md(s) for s in body["sentences"]]
    for conflict in body["conflicts"]:
        head = escaped_md(heading_json(conflict))
        blocks.append(tr("**Sources disagree** on {topic}:", topic=head))
        blocks.append("\n".join(map(_position_md, conflict["positions"])))
        if conflict.get("told"):
            blocks.append(_sentence_md(conflict["told"]))
    if is_timeline(body.get("timeline", ())):
        head = tr("Timeline")
        blocks += [f"**{head}**", "\n".join(map(_event_md, body["timeline"]))]
    if body["notice"]:
        blocks.append(f"*{escaped_md(body['notice'])}*")
    blocks += [_footnote(c) for c in body["citations"]]
    return "\n\n".join(blocks) + "\n"


def _sentence_md(sentence: Json) -> str:
    notes = "".join(f"[^{n}]" for n in sentence["citations"])
    label: Label = sentence["verdict"]["label"]
    verdict = "" if label == "supported" else f" *({verdict_within(label)})*"
    point = sentence.get("point")
    head = f"{escaped_md(capitalized(point_text(point)))}: " if point else ""
    return f"{head}{escaped_md(sentence['text'])}{notes}{verdict}"


def _nearest_md(nearest: Sequence[Json]) -> list[str]:
    """What came near, as a list that says that it does not answer."""
    lines = [f"- {escaped_md(origin_text(n))}: “{escaped_md(n['quote'])}”" for n in nearest]
    head = tr("Nearest passages, which do not answer this")
    return [f"**{head}**", "\n".join(lines)] if lines else []


def _position_md(position: Json) -> str:
    leans = citing(position.get("credits", ()))
    origin = escaped_md(f"{origin_text(position)}{f', {leans}' if leans else ''}")
    return f"- {origin}: {escaped_md(position['statement'])}[^{position['marker']}]"


def _event_md(event: Json) -> str:
    words = escaped_md(event["sources"][0]["quote"])
    return f"- **{event_when(event)}**: “{words}” ({escaped_md(event_outlets(event))})"


def _footnote(citation: Json) -> str:
    title = citation["title"] or citation["path"] or tr(UNTITLED)
    place = citation["url"] or ""
    # An address is only made a link by us when it is one; any other is left as escaped text.
    shown = f" <{place}>" if is_web_url(place) else f" {escaped_md(place)}" if place else ""
    origin = f"{escaped_md(title)}, {escaped_md(origin_text(citation))}.{shown}"
    return f"[^{citation['marker']}]: “{escaped_md(citation['quote'])}” {origin}"


def escaped_md(text: str) -> str:
    """Foreign text as Markdown that shows just that text."""
    return _BLOCK.sub(r"\1\\\2", flat(text).translate(_SPECIAL))
