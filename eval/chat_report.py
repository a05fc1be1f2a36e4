"""All the answers given in chats, told together: over time, by outlet, by topic, the worst first.

What is told was scored before, answer by answer, by ``eval.chats``.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from eval.bootstrap import Values, Weights, auroc, interval
from eval.chats import METRICS, SENTENCE
from eval.score import Score
from eval.summary import metric_json
from rag.chats import ChatScore, Exchange
from rag.facts import names
from rag.schema import Article
from rag.verify import JUDGE as RUN_TIME

Json = dict[str, Any]
SCHEMA = 1
NO_OUTLET, NO_NAME = "outlet unknown", "no name in the question"
N_GROUPS = 12  # outlets and topics told, those with the most behind them
_AROUND = 160  # characters shown on each side of a quote
_WORD_ON, _WORD_OFF = re.compile(r"^\S*\s+"), re.compile(r"\s+\S*$")
_DAYS = 31  # a longer time is told by weeks
_WEEKS = 53  # and one longer than that by months


def chat_report(exchanges: Sequence[Exchange], n_worst: int = 20) -> Json:
    """All scored answers together; every mean with its 95 % interval, clustered by conversation.

    ``over_time`` is by days, weeks (from Monday) or months, as the span needs, in UTC.
    ``by_outlet`` is over sentences: of those that cite an outlet, the share that their citations
    carry. ``by_topic`` is over answers: the mean faithfulness of those whose question names
    something, by that name; names in other spellings, and questions that lean on an earlier name
    without saying it, fall apart. ``agreement`` is about the readers' thumbs: ``auroc`` is the
    chance that an answer with a thumb up was found more faithful than one with a thumb down.
    """
    scored = [e for e in exchanges if e.scores]
    days = [e.asked_at.astimezone(UTC).date() for e in exchanges]
    judges = sorted({s.judge for e in scored for s in e.scores.values()})
    wrong = worst_first(scored)
    return {
        "schema": SCHEMA,
        "n": len(exchanges),
        "n_conversations": len({e.conversation_id for e in exchanges}),
        "n_unscored": len(exchanges) - len(scored),
        "n_abstained": sum(e.answer.abstained for e in exchanges),
        "first": min(days).isoformat() if days else None,
        "last": max(days).isoformat() if days else None,
        "judges": judges,
        "judge_is_run_time_verifier": RUN_TIME in judges,
        "metrics": {n: m for n in METRICS if (m := _metric(scored, n)) is not None},
        "over_time": _over_time(scored),
        "by_outlet": _by_outlet(scored),
        "by_topic": _by_topic(scored),
        "worst": [_worst_json(e) for e in wrong[:n_worst]],
        "n_with_faults": len(wrong),
        "feedback": _feedback(exchanges),
        "agreement": agreement(scored),
    }


def _metric(scored: Iterable[Exchange], name: str) -> Json | None:
    found = [_as_score(e, e.scores[name]) for e in scored if name in e.scores]
    return metric_json(found) if found else None


def _as_score(exchange: Exchange, score: ChatScore, metric: str = "") -> Score:
    """A kept score for ``eval.summary``, whose clusters are its cases: the conversation is one."""
    kept: Any = score.state
    return Score(
        case_id=exchange.conversation_id,
        metric=metric or score.metric,
        value=float("nan") if score.value is None else score.value,
        state=kept,
    )


def _over_time(scored: Sequence[Exchange]) -> Json:
    days = [e.asked_at.astimezone(UTC).date() for e in scored]
    span = (max(days) - min(days)).days + 1 if days else 0
    unit = "day" if span <= _DAYS else "week" if span <= 7 * _WEEKS else "month"
    by_start: dict[date, list[Exchange]] = {}
    for exchange, day in zip(scored, days, strict=True):
        by_start.setdefault(_start(day, unit), []).append(exchange)
    points = [
        {"from": start.isoformat(), **metric}
        for start, some in sorted(by_start.items())
        if (metric := _metric(some, "faithfulness")) is not None
    ]
    return {"unit": unit, "points": points}


def _start(day: date, unit: str) -> date:
    if unit == "month":
        return day.replace(day=1)
    return day if unit == "day" else day - timedelta(days=day.weekday())


def _by_outlet(scored: Sequence[Exchange]) -> list[Json]:
    found: dict[str, list[Score]] = {}
    for exchange in scored:
        for n, sentence in enumerate(exchange.answer.sentences, 1):
            score = exchange.scores.get(f"{SENTENCE}{n}")
            ids = dict.fromkeys(c.evidence.article_id for c in sentence.citations)
            for outlet in dict.fromkeys(_outlet(exchange.answer.articles.get(i)) for i in ids):
                if score is not None:
                    found.setdefault(outlet, []).append(_carried(exchange, score))
    return _groups(found)


def _outlet(article: Article | None) -> str:
    return (article.outlet if article else "") or NO_OUTLET


def _carried(exchange: Exchange, score: ChatScore) -> Score:
    kept: Any = "judge_failed" if score.state == "judge_failed" else "scored"
    value = float(score.state == "carried")
    return Score(case_id=exchange.conversation_id, metric="carried", value=value, state=kept)


def _by_topic(scored: Sequence[Exchange]) -> list[Json]:
    found: dict[str, list[Score]] = {}
    shown: dict[str, Counter[str]] = {}
    for exchange in scored:
        score = exchange.scores.get("faithfulness")
        told = [n.text for n in names(exchange.answer.question.text) if n.sure] or [NO_NAME]
        for name in dict.fromkeys(told) if score is not None else ():
            shown.setdefault(name.casefold(), Counter())[name] += 1
        for key in dict.fromkeys(name.casefold() for name in told):
            if score is not None:
                found.setdefault(key, []).append(_as_score(exchange, score))
    return _groups({shown[key].most_common(1)[0][0]: scores for key, scores in found.items()})


def _groups(found: Mapping[str, Sequence[Score]]) -> list[Json]:
    """The groups with the most behind them, each as a metric under its name."""
    told = [{"name": name, **metric_json(scores)} for name, scores in found.items()]
    return sorted(told, key=lambda g: (-g["n"], g["name"]))[:N_GROUPS]


# --- the worst -----------------------------------------------------------------------------------


def worst_first(scored: Iterable[Exchange]) -> list[Exchange]:
    """The answers with something wrong, the worst first; the later one of two that are as bad.

    Something is wrong if a sentence is not carried by its citations, is said to be supported and
    is not, or could not be judged, or if a reader put a thumb down.
    """
    found = [(_badness(e), e) for e in scored]
    wrong = [(bad, e) for bad, e in found if bad > 0]
    return [e for _, e in sorted(wrong, key=lambda pair: (-pair[0], -pair[1].exchange_id))]


def _badness(exchange: Exchange) -> float:
    """What is missing from 1 in faithfulness and citation recall, what was overclaimed, a thumb."""

    def value(metric: str, otherwise: float) -> float:
        score = exchange.scores.get(metric)
        return otherwise if score is None or score.value is None else score.value

    given = exchange.feedback
    return (
        2 * (1 - value("faithfulness", 1.0))
        + (1 - value("citation_recall", 1.0))
        + value("overclaimed", 0.0)
        + (0.5 if given is not None and given.rating == "down" else 0.0)
        + 0.1 * any(s.state in ("judge_failed", "invalid") for s in exchange.scores.values())
    )


def _worst_json(exchange: Exchange) -> Json:
    scores = {name: exchange.scores[name].value for name in METRICS[:5] if name in exchange.scores}
    return {
        "exchange_id": exchange.exchange_id,
        "conversation_id": exchange.conversation_id,
        "owner": exchange.owner,
        "question": exchange.answer.question.asked,
        "asked_at": exchange.asked_at.astimezone(UTC).isoformat(timespec="seconds"),
        "scores": scores,
        "feedback": _feedback_json(exchange),
        "sentences": list(_failing(exchange)),
    }


def _failing(exchange: Exchange) -> Iterator[Json]:
    """The sentences that failed, and why, with the words that they cite."""
    for n, sentence in enumerate(exchange.answer.sentences, 1):
        score = exchange.scores.get(f"{SENTENCE}{n}")
        why = list(_why(exchange, n, score))
        if why:
            yield {
                "n": n,
                "text": sentence.text,
                "label": sentence.verdict.label,
                "support": score.value if score else None,
                "state": score.state if score else "invalid",
                "why": why,
                "quotes": [_quote(exchange, c.marker) for c in sentence.citations],
            }


def _why(exchange: Exchange, n: int, score: ChatScore | None) -> Iterator[str]:
    sentence = exchange.answer.sentences[n - 1]
    label, given = sentence.verdict.label, exchange.feedback
    if score is None:
        yield "it could not be scored"
    elif score.state == "judge_failed":
        yield "the judge failed, which counts as a no"
    elif score.state == "not_carried":
        if not sentence.citations:
            yield "it cites nothing"
        elif label == "supported":
            yield "marked supported, but the judge finds its citations do not carry it"
        yield from sentence.verdict.reasons
    markers = {c.marker for c in sentence.citations}
    if given is not None and given.reason == "wrong source" and given.marker in markers:
        yield f"a reader says that source {given.marker} is wrong"


def _quote(exchange: Exchange, marker: int) -> Json:
    """The cited words with some of what stands around them in the passage that was found."""
    answer = exchange.answer
    cited = next(c.evidence for s in answer.sentences for c in s.citations if c.marker == marker)
    article = answer.articles.get(cited.article_id)
    before, after = "", ""
    for found in answer.passages:
        at = cited.start - found.passage.start
        inside = found.passage.text[at : at + len(cited.text)] if at >= 0 else ""
        if found.passage.article_id == cited.article_id and inside == cited.text:
            before = _tail(found.passage.text[:at])
            after = _head(found.passage.text[at + len(cited.text) :])
            break
    return {
        "marker": marker,
        "article_id": cited.article_id,
        "revision": article.revision if article else 1,
        "start": cited.start,
        "end": cited.end,
        "quote": cited.text,
        "before": before,
        "after": after,
        "title": article.title if article else None,
        "outlet": article.outlet if article else None,
        "day": article.day.isoformat() if article and article.day else None,
    }


def _tail(text: str) -> str:
    """The end of what stands before, from a whole word on."""
    return text if len(text) <= _AROUND else "\u2026" + _WORD_ON.sub("", text[-_AROUND:], count=1)


def _head(text: str) -> str:
    """The beginning of what stands behind, to a whole word."""
    return text if len(text) <= _AROUND else _WORD_OFF.sub("", text[:_AROUND], count=1) + "\u2026"


# --- what readers think --------------------------------------------------------------------------


def _feedback_json(exchange: Exchange) -> Json | None:
    given = exchange.feedback
    if given is None:
        return None
    at = given.at.astimezone(UTC).isoformat(timespec="seconds") if given.at else None
    told = {"rating": given.rating, "reason": given.reason, "marker": given.marker}
    return {**told, "note": given.note, "at": at}


def _feedback(exchanges: Sequence[Exchange], n_latest: int = 20) -> Json:
    rated = [e for e in exchanges if e.feedback is not None]
    given = [e.feedback for e in rated if e.feedback is not None]
    by_rating = Counter(f.rating for f in given)
    reasons = Counter(f.reason or "no reason" for f in given if f.rating == "down")
    latest = sorted(rated, key=_when, reverse=True)[:n_latest]
    return {
        "n": len(rated),
        "up": by_rating["up"],
        "down": by_rating["down"],
        "reasons": dict(reasons.most_common()),
        "latest": [
            {
                "exchange_id": e.exchange_id,
                "conversation_id": e.conversation_id,
                "owner": e.owner,
                "question": e.answer.question.asked,
                **(_feedback_json(e) or {}),
            }
            for e in latest
        ],
    }


def _is_down(exchange: Exchange) -> bool:
    return exchange.feedback is not None and exchange.feedback.rating == "down"


def _when(exchange: Exchange) -> datetime:
    given = exchange.feedback
    return given.at if given is not None and given.at is not None else exchange.asked_at


def agreement(scored: Sequence[Exchange]) -> Json:
    """Do readers and the judge agree? Over answers with a thumb and a value of faithfulness.

    ``difference`` is the mean faithfulness of thumbs up less that of thumbs down; ``auroc`` ranks
    the two, from 0 to 1, .5 being chance. None where one of the sides is missing.
    """
    rows = [
        (e, float(e.scores["faithfulness"].value or 0.0))
        for e in scored
        if e.feedback and "faithfulness" in e.scores and e.scores["faithfulness"].value is not None
    ]
    clusters = [e.conversation_id for e, _ in rows]
    values = np.array([value for _, value in rows], dtype=np.float64)
    liked = np.array([not _is_down(e) for e, _ in rows], dtype=np.bool_)

    def difference(weights: Weights) -> Values:
        with np.errstate(divide="ignore", invalid="ignore"):
            up = weights @ (values * liked) / (weights @ liked.astype(np.float64))
            down = weights @ (values * ~liked) / (weights @ (~liked).astype(np.float64))
        return np.asarray(up - down)

    all_once = np.ones((1, len(rows)))
    out: Json = {"n_up": int(liked.sum()), "n_down": int((~liked).sum())}
    for name, statistic in (("difference", difference), ("auroc", auroc(values, liked))):
        has_both = out["n_up"] > 0 and out["n_down"] > 0
        value = float(statistic(all_once)[0]) if has_both else float("nan")
        ci95 = interval(statistic, clusters) if has_both else (float("nan"),) * 2
        out[name] = {"value": _number(value), "ci95": [_number(v) for v in ci95]}
    for name, side in (("up", liked), ("down", ~liked)):
        out[f"faithfulness_{name}"] = _number(float(values[side].mean())) if side.any() else None
    return out


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
