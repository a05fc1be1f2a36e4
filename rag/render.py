"""From contract JSON to terminal text, and the words that all renderings share.

Pure text. What articles, models and users wrote is data: control characters are dropped, and a
bracketed number in it is never left looking like one of our markers.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.courtesy import REPLIES
from rag.day_words import day_text, event_when, is_timeline
from rag.i18n import msgid, tr, trn
from rag.schema import (
    Article,
    ConflictKind,
    Filters,
    Label,
)

Json = dict[str, Any]
# Each stands alone, and within a line: where a language has other words there, or other capitals.
VERDICT_WORDS: dict[Label, str] = {
    "supported": msgid("Supported"),
    "partial": msgid("Partly supported"),
    "contested": msgid("Contested"),
    "refuted": msgid("Contradicted"),
    "unsupported": msgid("Not supported"),
}
_VERDICT_WITHIN: dict[Label, str] = {
    "supported": msgid("supported"),
    "partial": msgid("partly supported"),
    "contested": msgid("contested"),
    "refuted": msgid("contradicted"),
    "unsupported": msgid("not supported"),
}
VERDICT_MARKS: dict[Label, str] = {
    "supported": "✓",
    "partial": "◐",
    "contested": "⇄",
    "refuted": "✗",
    "unsupported": "?",
}
CONFLICT_WORDS: dict[ConflictKind, str] = {
    "value": msgid("Different figures"),
    "status": msgid("Different status"),
    "time": msgid("Different times"),
    "scope": msgid("Different scope"),
}
_CONFLICT_WITHIN: dict[ConflictKind, str] = {
    "value": msgid("different figures"),
    "status": msgid("different status"),
    "time": msgid("different times"),
    "scope": msgid("different scope"),
}
NO_OUTLET = msgid("outlet unknown")
NO_DATE = msgid("date unknown")
STOPPED = msgid("Stopped before the answer was complete.")
NO_REASON = msgid("nothing in the articles answers this")
UNTITLED = msgid("Untitled")
SIDES = {"yes": msgid("Yes"), "no": msgid("No")}
N_NEAREST = 3
_MAX_DIFFERING = 60  # characters of a heading's words
_MARKER_LIKE = re.compile(r"[\[［【](\s*\d+(?:\s*[,;–-]\s*\d+)*\s*)[\]］】]")
# Control characters but line break and tab; direction marks, embeddings and overrides; surrogates.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_N_OUTLETS = re.compile(r"(\d{1,6}) outlets?")
_WEB_URL = re.compile(r"https?://[^\s/\\?#\x00-\x1f\"'<>`]+(?:[/?#][^\s\x00-\x1f\"<>\\`]*)?", re.I)


# --- words shared by all renderings ------------------------------------------------------------


def defused(text: str) -> str:
    """Foreign text in one of our texts: "[1]" becomes "(1)", control characters go."""
    return _MARKER_LIKE.sub(r"(\1)", printable(text))


def printable(text: str) -> str:
    """Foreign text without control characters, direction overrides and lone surrogates.

    A terminal obeys escape sequences, and a direction override can make a quotation read
    backwards. Line breaks and tabs stay.
    """
    return _UNPRINTABLE.sub(_substitute, text)


def _substitute(found: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= found[0] <= "\udfff" else ""


def verdict_word(label: Label) -> str:
    """A verdict as a word that stands alone: "Partly supported"."""
    return tr(VERDICT_WORDS[label])


def verdict_within(label: Label) -> str:
    """A verdict as a word within a line: "partly supported"."""
    return tr(_VERDICT_WITHIN[label])


def conflict_word(kind: ConflictKind) -> str:
    """In what positions differ, as words that stand alone: "Different figures"."""
    return tr(CONFLICT_WORDS[kind])


def conflict_within(kind: ConflictKind) -> str:
    """In what positions differ, as words within a line: "different figures"."""
    return tr(_CONFLICT_WITHIN[kind])


def conflict_heading(topic: str, differing: Sequence[str]) -> str:
    """What positions differ in, in their own words: “$5” or “$6.29”.

    The topic, which is words that the sources share, where it is unknown or the same in two of
    them: articles that count in one word.
    """
    words = [f"“{shortened(printable(word), _MAX_DIFFERING)}”" for word in differing]
    if not all(differing) or len({word.casefold() for word in words}) < len(words):
        return printable(topic)
    return tr("{names} or {last}", names=", ".join(words[:-1]), last=words[-1])


def point_text(point: str) -> str:
    """What a sentence stands for: "Yes", "No", or the item of a list as the articles name it."""
    return tr(SIDES[point]) if point in SIDES else point


def short_answer(short: str) -> str:
    """The answer in a word or two: "Yes", "3 outlets", or words of the articles as they are."""
    outlets = _N_OUTLETS.fullmatch(short)
    return trn("{n} outlet", "{n} outlets", int(outlets[1])) if outlets else tr(short)


def reason_text(reason: str | None) -> str:
    """Why there is no answer; in the words of the page where it is none of the archive's."""
    return tr(reason or NO_REASON)


def outlet_of(article: Article) -> str:
    """The outlet's name, or that it is unknown."""
    return printable(article.outlet or "") or tr(NO_OUTLET)


def when(article: Article) -> str:
    """The day an article is shown under; an update is named as one, unknown is said."""
    return when_text(article.published_at, article.updated_at)


def when_text(published_at: datetime | None, updated_at: datetime | None) -> str:
    """The day published, else the day updated, else that it is unknown."""
    if published_at:
        return day_text(published_at.astimezone(UTC).date())
    if updated_at:
        return tr("updated {day}", day=day_text(updated_at.astimezone(UTC).date()))
    return tr(NO_DATE)


def title_of(article: Article) -> str:
    """The title, else the file's name, else the address."""
    return printable(article.title or "") or place_of(article) or tr(UNTITLED)


def place_of(article: Article) -> str:
    """Where the article came from, short: its file's name or its address."""
    return printable(Path(article.path).name if article.path else article.url or "")


def is_web_url(url: str | None) -> bool:
    """True for an absolute http or https address without white space: all we ever link to."""
    return bool(url and _WEB_URL.fullmatch(url))


def scope_words(filters: Filters) -> tuple[str, ...]:
    """What filters let through, piece by piece: "since 3 January 2026", "The Harbour Ledger"."""
    told = [tr("since {day}", day=day_text(filters.since))] if filters.since else []
    told += [tr("until {day}", day=day_text(filters.until))] if filters.until else []
    if filters.outlets:
        told.append(", ".join(printable(outlet) for outlet in filters.outlets))
    n = len(filters.articles)
    told += [trn("{n} article", "{n} articles", n)] if n else []
    if filters.languages:
        told.append(tr("language {codes}", codes=printable(", ".join(filters.languages))))
    return tuple(told)


def mode_text(mode: str, model: str) -> str:
    """Which way of answering is on, in one sentence."""
    if mode == "llm":
        return tr(
            "Written by {model}, each sentence checked against your articles",
            model=printable(model),
        )
    return tr("Quotes from your articles; no language model")


# --- terminal ------------------------------------------------------------------------------------


def to_text(body: Json) -> str:
    """Contract JSON for a terminal: sentences with verdicts, disagreements, numbered sources."""
    blocks = [_abstention_text(body)] if body["abstained"] else _answer_blocks(body)
    if body["notice"]:
        blocks.append(f"Note: {flat(body['notice'])}")
    if not body["abstained"]:
        blocks.append(f"({mode_text(body['mode'], body['model'])})")
    return "\n\n".join(blocks)


def _answer_blocks(body: Json) -> list[str]:
    cited = {c["marker"]: c for c in body["citations"]}
    blocks = [flat(body["short"])] if body["short"] else []
    blocks += [_sentence_text(s, cited) for s in body["sentences"]]
    if body["conflicts"]:
        blocks.append("\n".join(["Sources disagree", *_conflict_lines(body["conflicts"])]))
    if is_timeline(body.get("timeline", ())):
        blocks.append("\n".join(["Timeline", *map(_event_text, body["timeline"])]))
    if cited:
        blocks.append("\n".join(["Sources", *map(_source_text, body["citations"])]))
    return blocks


def _sentence_text(sentence: Json, cited: Mapping[int, Json]) -> str:
    verdict = sentence["verdict"]
    label: Label = verdict["label"]
    markers = "".join(f"[{n}]" for n in sentence["citations"])
    origins = dict.fromkeys(origin_text(cited[n]) for n in sentence["citations"])
    below = " · ".join([f"{VERDICT_MARKS[label]} {verdict_within(label)}", *origins])
    reasons = [] if label == "supported" else [f"  {flat(r)}" for r in verdict["reasons"]]
    failing = _failing_text(verdict.get("claims", ())) if label != "supported" else []
    point = f"{capitalized(point_text(flat(sentence['point'])))}: " if sentence["point"] else ""
    head = f"{point}{flat(sentence['text'])} {markers}".rstrip()
    return "\n".join([head, f"  {below}", *reasons, *failing])


def _failing_text(claims: Sequence[Json]) -> list[str]:
    """The first of several claims that fails, and the words against it; empty for one alone."""
    wrong = next((c for c in claims if c["label"] != "supported"), None)
    if wrong is None or len(claims) < 2:
        return []
    against = f" (against it: “{shortened(flat(wrong['against']))}”)" if wrong["against"] else ""
    return [f"  of this: “{shortened(flat(wrong['text']))}”{against}"]


def origin_text(origin: Json) -> str:
    """Outlet and day of a citation, position or passage of the contract."""
    return f"{flat(origin['outlet'] or tr(NO_OUTLET))}, {_when_json(origin)}"


def _when_json(dated: Json) -> str:
    moments = (dated["published_at"], dated["updated_at"])
    return when_text(*(datetime.fromisoformat(m) if m else None for m in moments))


def _conflict_lines(conflicts: Sequence[Json]) -> list[str]:
    lines = []
    for conflict in conflicts:
        head = flat(heading_json(conflict))
        lines.append(f"  {head} ({conflict_within(conflict['kind'])})")
        lines += [
            f"  - {origin_text(p)}{_citing(p)}: {flat(p['statement'])} [{p['marker']}]"
            for p in conflict["positions"]
        ]
        told = conflict["told"]
        lines += [f"    {flat(told['text'])}"] if told else []
        lines += [f"    {flat(conflict['note'])}"] if conflict["note"] else []
    return lines


def heading_json(conflict: Json) -> str:
    """``conflict_heading`` for an element of ``conflicts``."""
    differing = [p.get("differs", "") for p in conflict["positions"]]
    return conflict_heading(conflict["topic"], differing)


def _citing(position: Json) -> str:
    """Whom a position leans on: ", citing Reuters"."""
    names = " and ".join(map(flat, position["credits"]))
    return f", citing {names}" if names else ""


def _event_text(event: Json) -> str:
    words, outlets = flat(event["sources"][0]["quote"]), event_outlets(event)
    return f"  - {event_when(event)}: “{words}” ({outlets})"


def event_outlets(event: Json) -> str:
    """Who tells of an element of ``timeline``, each outlet once."""
    return ", ".join(dict.fromkeys(flat(s["outlet"] or tr(NO_OUTLET)) for s in event["sources"]))


def _source_text(citation: Json) -> str:
    title = flat(citation["title"] or citation["path"] or citation["url"] or tr(UNTITLED))
    head = f"[{citation['marker']}] {title} · {origin_text(citation)}"
    if (citation["group_size"] or 1) > 1:
        head += f" · {reprints_text(citation['group_size'])}"
    place = flat(citation["url"] or citation["path"] or "")
    return "\n    ".join([head, f"“{flat(citation['quote'])}”", *([place] if place else [])])


def citing(leaned_on: Sequence[str]) -> str:
    """Whom a position leans on: "citing Reuters and the mayor's office"; "" for nobody."""
    *rest, last = [printable(name) for name in leaned_on] or [""]
    if not leaned_on:
        return ""
    names = tr("{names} and {last}", names=", ".join(rest), last=last) if rest else last
    return tr("citing {names}", names=names)


def reprints_text(group_size: int) -> str:
    """How many articles carry one text, in words: "1 original, 4 reprints"."""
    return trn("1 original, {n} reprint", "1 original, {n} reprints", group_size - 1)


def _abstention_text(body: Json) -> str:
    reason = flat(reason_text(body["reason"]))
    lines = [reason if body["reason"] in REPLIES else f"No answer: {reason}"]
    nearest = body["nearest"][:N_NEAREST]
    if nearest:
        lines += ["", "What comes near (it does not answer the question)"]
    for found in nearest:
        lines.append(f"  - {origin_text(found)}: “{shortened(flat(found['quote']))}”")
    return "\n".join(lines)


def flat(text: str) -> str:
    """Foreign text on one line, defused."""
    return " ".join(defused(text).split())


def capitalized(text: str) -> str:
    """The text beginning with a capital, the rest untouched; an address keeps its small letter."""
    first = text.partition(" ")[0].rstrip(".,;:")
    is_address = "." in first or "://" in first
    return text if is_address else text[:1].upper() + text[1:]


def shortened(text: str, max_chars: int = 200) -> str:
    """The beginning of a text, cut at a word."""
    if len(text) <= max_chars:
        return text
    return text[:max_chars].rsplit(" ", 1)[0].rstrip(" ,;:.") + " …"
