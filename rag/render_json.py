"""From an answer to contract JSON (schema 1): fields may be added, never renamed or removed."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime

from rag.render import Json, defused
from rag.schema import (
    Answer,
    Article,
    Citation,
    ClaimVerdict,
    Conflict,
    Credit,
    Evidence,
    Filters,
    Position,
    ScoredPassage,
    Search,
    Sentence,
    TimelineEvent,
)

SCHEMA = 1


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
        "refusal": answer.refusal if answer.abstained else None,
        "nearest": [
            _source_json(e, answer.articles[e.article_id])
            for e in (answer.nearest if answer.abstained else ())
        ],
        "kind": answer.kind,
        "short": None if answer.abstained else answer.short,
        "notice": answer.notice,
        "stopped": answer.stopped,
        "repairs": dict(answer.repairs),
        "suggestions": list(answer.suggestions),
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
        "searches": [_search_json(s) for s in answer.searches],
        "read": list(answer.question.read),
        "timings_ms": {name: round(float(ms), 3) for name, ms in answer.timings_ms.items()},
    }


def _search_json(search: Search) -> Json:
    """One element of ``searches``."""
    near = search.near
    return {
        "aim": search.aim,
        "text": search.text,
        "filters": scope_json(search.filters),
        "near": [near.first.isoformat(), near.last.isoformat()] if near else None,
        "n_words": search.n_words,
        "n_meaning": search.n_meaning,
        "n_considered": search.n_considered,
        "n_kept": search.n_kept,
    }


def scope_json(filters: Filters) -> Json:
    """Filters as the contract writes them."""
    return {
        "since": filters.since.isoformat() if filters.since else None,
        "until": filters.until.isoformat() if filters.until else None,
        "outlets": list(filters.outlets),
        "articles": list(filters.articles),
        "languages": list(filters.languages),
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
        "point": sentence.point,
        "citations": [c.marker for c in sentence.citations],
        "verdict": {
            "label": sentence.verdict.label,
            "score": round(sentence.verdict.score, 4),
            "reasons": list(sentence.verdict.reasons),
            "judge": sentence.verdict.judge,
            "claims": [_claim_json(c) for c in sentence.verdict.claims],
        },
    }


def _claim_json(claim: ClaimVerdict) -> Json:
    return {
        "text": claim.text,
        "label": claim.label,
        "reason": claim.reason,
        "against": claim.against,
        "said_by": claim.said_by,
        "firmness": claim.firmness,
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
        "authors": list(article.authors),
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
        "told": sentence_json(conflict.told) if conflict.told else None,
        "positions": [_position_json(p, answer.marker_of(p.evidence)) for p in conflict.positions],
    }


def _position_json(position: Position, marker: int) -> Json:
    return {
        "statement": position.statement,
        "marker": marker,
        "outlet": position.outlet or None,
        "published_at": iso(position.published_at),
        "updated_at": iso(position.updated_at),
        "credits": list(position.credits),
        "differs": position.differs,
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
        "title": article.title or None,
        "outlet": article.outlet or None,
        "published_at": iso(article.published_at),
        "updated_at": iso(article.updated_at),
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
