"""From an answer to something to read: contract JSON and terminal text.

Pure text. What articles, models and users wrote is data: control characters are dropped, and a
bracketed number in it is never left looking like one of our markers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.day_words import day_text, event_when, is_timeline
from rag.schema import (
    Answer,
    Article,
    Citation,
    Conflict,
    Credit,
    Evidence,
    Label,
    ScoredPassage,
    Sentence,
    TimelineEvent,
)

Json = dict[str, Any]
SCHEMA = 1
VERDICT_WORDS: dict[Label, str] = {
    "supported": "Supported",
    "partial": "Partly supported",
    "contested": "Contested",
    "refuted": "Contradicted",
    "unsupported": "Not supported",
}
VERDICT_MARKS: dict[Label, str] = {
    "supported": "✓",
    "partial": "◐",
    "contested": "⇄",
    "refuted": "✗",
    "unsupported": "?",
}
CONFLICT_WORDS = {
    "value": "Different figures",
    "status": "Different status",
    "time": "Different times",
    "scope": "Different scope",
}
NO_OUTLET = "outlet unknown"
NO_DATE = "date unknown"
NO_REASON = "nothing in the articles answers this"
N_NEAREST = 3
_MARKER_LIKE = re.compile(r"[\[［【](\s*\d+(?:\s*[,;–-]\s*\d+)*\s*)[\]］】]")
# Control characters but line break and tab; direction marks, embeddings and overrides; surrogates.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_WEB_URL = re.compile(r"https?://[^\s/\\?#\x00-\x1f\"'<>`]+(?:[/?#][^\s\x00-\x1f\"<>\\`]*)?", re.I)


# --- JSON (schema 1) ---------------------------------------------------------------------------


def to_json(answer: Answer) -> Json:
    """The answer as the contract has it: every quote is the article's text at its offsets."""
    cited = () if answer.abstained else answer.citations
    conflicts = () if answer.abstained else answer.conflicts
    return {
        "schema": SCHEMA,
        "question": answer.question.asked,
        "standalone": answer.question.text,
        "answer": marked_text(answer.sentences) or answer.reason or "",
        "abstained": answer.abstained,
        "reason": answer.reason if answer.abstained else None,
        "notice": answer.notice,
        "repairs": dict(answer.repairs),
        "mode": answer.mode,
        "model": answer.model,
        "prompt_version": answer.prompt_version,
        "settings_id": answer.settings_id,
        "sentences": [sentence_json(s) for s in answer.sentences],
        "citations": [
            citation_json(
                c,
                answer.articles[c.evidence.article_id],
                answer.group_sizes.get(c.evidence.article_id, 1),
            )
            for c in cited
        ],
        "conflicts": [_conflict_json(c, answer) for c in conflicts],
        "timeline": [] if answer.abstained else [timeline_json(e, answer) for e in answer.timeline],
        "retrieved": [
            retrieved_json(p, answer.articles[p.passage.article_id]) for p in answer.passages
        ],
        "timings_ms": {name: round(float(ms), 3) for name, ms in answer.timings_ms.items()},
    }


def marked_text(sentences: Iterable[Sentence]) -> str:
    """The sentences in one line, each followed by its markers: ``It rose. [1][2]``."""
    return " ".join(
        f"{defused(s.text)} {''.join(f'[{c.marker}]' for c in s.citations)}".rstrip()
        for s in sentences
    )


def sentence_json(sentence: Sentence) -> Json:
    """One element of ``sentences``."""
    return {
        "text": sentence.text,
        "citations": [c.marker for c in sentence.citations],
        "verdict": {
            "label": sentence.verdict.label,
            "score": round(sentence.verdict.score, 4),
            "reasons": list(sentence.verdict.reasons),
            "judge": sentence.verdict.judge,
        },
    }


def citation_json(citation: Citation, article: Article, group_size: int | None = None) -> Json:
    """One element of ``citations``; ``group_size`` is None while it is not known yet."""
    evidence = citation.evidence
    return {
        "marker": citation.marker,
        **_origin_json(article),
        "url": article.url or None,
        "path": article.path or None,
        "start": evidence.start,
        "end": evidence.end,
        "quote": evidence.text,
        "group_size": group_size,
    }


def retrieved_json(found: ScoredPassage, article: Article) -> Json:
    """One element of ``retrieved``."""
    passage = found.passage
    return {
        "passage_id": passage.passage_id,
        **_origin_json(article),
        "rank": found.rank,
        "score": float(found.score),
        "start": passage.start,
        "end": passage.end,
        "quote": passage.text,
    }


def _origin_json(article: Article) -> Json:
    return {
        "article_id": article.article_id,
        "revision": article.revision,
        "title": article.title or None,
        "outlet": article.outlet or None,
        "published_at": iso(article.published_at),
        "updated_at": iso(article.updated_at),
    }


def _conflict_json(conflict: Conflict, answer: Answer) -> Json:
    return {
        "topic": conflict.topic,
        "kind": conflict.kind,
        "note": conflict.note,
        "positions": [
            {
                "statement": p.statement,
                "marker": answer.marker_of(p.evidence),
                "outlet": p.outlet or None,
                "published_at": iso(p.published_at),
                "updated_at": iso(p.updated_at),
            }
            for p in conflict.positions
        ],
    }


def timeline_json(event: TimelineEvent, answer: Answer) -> Json:
    """One element of ``timeline``; the date of a month or year is the first day it covers."""
    return {
        "date": event.day.isoformat(),
        "precision": event.precision,
        "told": event.told,
        "planned": event.planned,
        "sources": [_source_json(e, answer.articles[e.article_id]) for e in event.evidence],
    }


def _source_json(evidence: Evidence, article: Article) -> Json:
    return {
        "article_id": article.article_id,
        "revision": article.revision,
        "outlet": article.outlet or None,
        "published_at": iso(article.published_at),
        "start": evidence.start,
        "end": evidence.end,
        "quote": evidence.text,
    }


def article_json(article: Article, *, with_text: bool = False) -> Json:
    """Every field of an article but its text, which comes on request."""
    names = [f.name for f in fields(article) if with_text or f.name != "text"]
    return {name: _plain_value(getattr(article, name)) for name in names}


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Credit):
        place = {"start": value.start, "end": value.end, "quote": value.text}
        return {"name": value.name, "kind": value.kind, **place}
    return [_plain_value(v) for v in value] if isinstance(value, tuple) else value


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second, ending in Z; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


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


def outlet_of(article: Article) -> str:
    """The outlet's name, or that it is unknown."""
    return printable(article.outlet or "") or NO_OUTLET


def when(article: Article) -> str:
    """The day an article is shown under; an update is named as one, unknown is said."""
    return when_text(article.published_at, article.updated_at)


def when_text(published_at: datetime | None, updated_at: datetime | None) -> str:
    """The day published, else the day updated, else that it is unknown."""
    if published_at:
        return day_text(published_at.astimezone(UTC).date())
    if updated_at:
        return f"updated {day_text(updated_at.astimezone(UTC).date())}"
    return NO_DATE


def title_of(article: Article) -> str:
    """The title, else the file's name, else the address."""
    return printable(article.title or "") or place_of(article) or "Untitled"


def place_of(article: Article) -> str:
    """Where the article came from, short: its file's name or its address."""
    return printable(Path(article.path).name if article.path else article.url or "")


def is_web_url(url: str | None) -> bool:
    """True for an absolute http or https address without white space: all we ever link to."""
    return bool(url and _WEB_URL.fullmatch(url))


def mode_text(mode: str, model: str) -> str:
    """Which way of answering is on, in one sentence."""
    if mode == "llm":
        return f"Written by {printable(model)}, each sentence checked against your articles"
    return "Quotes from your articles; no language model"


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
    blocks = [_sentence_text(s, cited) for s in body["sentences"]]
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
    below = " · ".join([f"{VERDICT_MARKS[label]} {VERDICT_WORDS[label].lower()}", *origins])
    reasons = [] if label == "supported" else [f"  {flat(r)}" for r in verdict["reasons"]]
    return "\n".join([f"{flat(sentence['text'])} {markers}".rstrip(), f"  {below}", *reasons])


def origin_text(origin: Json) -> str:
    """Outlet and day of a citation, position or passage of the contract."""
    return f"{flat(origin['outlet'] or NO_OUTLET)}, {_when_json(origin)}"


def _when_json(dated: Json) -> str:
    moments = (dated["published_at"], dated["updated_at"])
    return when_text(*(datetime.fromisoformat(m) if m else None for m in moments))


def _conflict_lines(conflicts: Sequence[Json]) -> list[str]:
    lines = []
    for conflict in conflicts:
        lines.append(f"  {flat(conflict['topic'])} ({CONFLICT_WORDS[conflict['kind']].lower()})")
        lines += [
            f"  - {origin_text(p)}: {flat(p['statement'])} [{p['marker']}]"
            for p in conflict["positions"]
        ]
        lines += [f"    {flat(conflict['note'])}"] if conflict["note"] else []
    return lines


def _event_text(event: Json) -> str:
    words, outlets = flat(event["sources"][0]["quote"]), event_outlets(event)
    return f"  - {event_when(event)}: “{words}” ({outlets})"


def event_outlets(event: Json) -> str:
    """Who tells of an element of ``timeline``, each outlet once."""
    return ", ".join(dict.fromkeys(flat(s["outlet"] or NO_OUTLET) for s in event["sources"]))


def _source_text(citation: Json) -> str:
    title = flat(citation["title"] or citation["path"] or citation["url"] or "Untitled")
    head = f"[{citation['marker']}] {title} · {origin_text(citation)}"
    if (citation["group_size"] or 1) > 1:
        head += f" · {reprints_text(citation['group_size'])}"
    place = flat(citation["url"] or citation["path"] or "")
    return "\n    ".join([head, f"“{flat(citation['quote'])}”", *([place] if place else [])])


def reprints_text(group_size: int) -> str:
    """How many articles carry one text, in words: "1 original, 4 reprints"."""
    n_reprints = group_size - 1
    return f"1 original, {n_reprints} reprint{'' if n_reprints == 1 else 's'}"


def _abstention_text(body: Json) -> str:
    lines = [f"No answer: {flat(body['reason'] or NO_REASON)}"]
    nearest = body["retrieved"][:N_NEAREST]
    if nearest:
        lines += ["", "Nearest passages (they do not answer the question)"]
    for found in nearest:
        lines.append(f"  - {origin_text(found)}: {flat(found['title'] or 'Untitled')}")
        lines.append(f"    {shortened(flat(found['quote']))}")
    return "\n".join(lines)


def flat(text: str) -> str:
    """Foreign text on one line, defused."""
    return " ".join(defused(text).split())


def capitalized(text: str) -> str:
    """The text beginning with a capital, the rest untouched."""
    return text[:1].upper() + text[1:]


def shortened(text: str, max_chars: int = 200) -> str:
    """The beginning of a text, cut at a word."""
    if len(text) <= max_chars:
        return text
    return text[:max_chars].rsplit(" ", 1)[0].rstrip(" ,;:.") + " …"
