"""How good an answer given in a chat is, and what readers' feedback teaches about judges.

Nobody says what the right answer to a reader's question is, so only metrics without a gold answer
are taken: ``faithfulness``, ``citation_recall``, ``citation_precision``, ``quote_exactness``,
``overclaimed``, ``contested``, ``contested_told`` (all as in ``eval.score``) and ``abstained``
(1 if nothing was answered, else 0). Beside them ``sentence N`` tells of the N-th sentence how
firmly its own citations carry it: the judge's highest support, from 0 to 1, with the state
``carried``, ``not_carried`` or ``judge_failed``.

A failed judgement is a no and is counted, an abstention has no value and is counted, and what
could not be scored at all is ``invalid`` and counts as the worst.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from eval.citations import groups, joined
from eval.datasets import Case
from eval.judges import Judge
from eval.reply import Reply, Said, from_contract
from eval.run import Recorded
from eval.score import LESS_IS_BETTER, Score, score_reply
from rag.chats import ChatScore, Exchange
from rag.errors import InputRefused

Json = dict[str, Any]
METRICS = (
    "faithfulness", "citation_recall", "citation_precision", "quote_exactness", "overclaimed",
    "contested", "contested_told", "abstained",
)  # fmt: skip
SENTENCE = "sentence "


# --- one answer ----------------------------------------------------------------------------------


def score_answer(body: Mapping[str, Any], judge: Judge) -> list[ChatScore]:
    """Every metric that needs no gold answer, of an answer as contract JSON.

    Never raises for a bad body: its metrics are then ``invalid``, with the worst value.
    """
    try:
        reply = from_contract(body)
    except InputRefused:
        return [_invalid(name, judge) for name in METRICS[:4]]
    supports = Recorded(judge)
    case = Case(case_id="chat", question=str(body.get("question", "")))
    scores = [s for s in score_reply(case, reply, supports) if s.metric in METRICS]
    scores.append(Score(case_id="chat", metric="abstained", value=float(reply.abstained)))
    told = [_kept(s.metric, s.value, s.state, judge) for s in scores]
    heard = {(t["claim"], t["source"]): t["support"] for t in supports.told}
    return [*told, *_sentences(reply, heard, judge)]


def invalid_scores(judge: Judge) -> list[ChatScore]:
    """What is kept of an answer that could not be scored, so that it is counted and not retried."""
    return [_invalid(name, judge) for name in METRICS[:4]]


def _invalid(name: str, judge: Judge) -> ChatScore:
    return _kept(name, 1.0 if name in LESS_IS_BETTER else 0.0, "invalid", judge)


def _kept(metric: str, value: float, state: str, judge: Judge) -> ChatScore:
    number = round(value, 6) if math.isfinite(value) else None
    return ChatScore(metric=metric, value=number, state=state, judge=judge.name)


def _sentences(
    reply: Reply, heard: Mapping[tuple[str, str], float | None], judge: Judge
) -> Iterator[ChatScore]:
    for n, said in enumerate(reply.sentences, 1):
        supports = _supports(said, reply, heard)
        best = max((s for s in supports if s is not None), default=None)
        if best is not None and best >= judge.threshold:
            state = "carried"
        else:
            state = "judge_failed" if None in supports else "not_carried"
        value = float("nan") if state == "judge_failed" else best or 0.0
        yield _kept(f"{SENTENCE}{n}", value, state, judge)


def _supports(
    said: Said, reply: Reply, heard: Mapping[tuple[str, str], float | None]
) -> list[float | None]:
    """What the judge said of a sentence and its citations; None where it failed."""
    pairs = [(said.text, joined(group)) for group in groups(reply.sources(said.markers))]
    return [heard[pair] for pair in pairs if pair in heard]


# --- labels ---------------------------------------------------------------------------------------


def labels(exchanges: Iterable[Exchange]) -> list[Json]:
    """Readers' feedback as labelled pairs, in the format that ``byline eval meta`` reads.

    A thumb down for a "wrong source" with its marker labels each sentence that cites it, against
    the cited words, as unsupported. A thumb up labels each sentence that the answer did not
    itself mark as failing, against all that it cites, as supported.

    They are weak labels. A thumb up is given to a whole answer, often unchecked, and a source can
    be called wrong because it is old or beside the point, though it says just that. Whoever rates
    saw the verdicts, so a judge close to the verifier looks better than it is. So the split is
    ``feedback``: no threshold is chosen on them. A sentence that stands word for word in what it
    cites is left out, whatever was thought of it: it tells no judge from another. The pairs of one
    answer are resampled together, since one thumb labelled them all.
    """
    return list(chain.from_iterable(_labels(e) for e in exchanges))


def _labels(exchange: Exchange) -> Iterator[Json]:
    given = exchange.feedback
    if given is None:
        return
    is_up = given.rating == "up"
    if not is_up and (given.reason != "wrong source" or given.marker is None):
        return
    for n, sentence in enumerate(exchange.answer.sentences, 1):
        cited = {c.marker: c.evidence.text for c in sentence.citations}
        if is_up:
            kept = {} if sentence.verdict.label in ("refuted", "unsupported") else cited
        else:
            kept = {m: text for m, text in cited.items() if m == given.marker}
        source = "\n".join(dict.fromkeys(kept.values()))
        if source and sentence.text.strip() not in source:
            yield {
                "id": f"chat-{exchange.exchange_id}-{n}",
                "source_text": source,
                "claim": sentence.text,
                "label": int(is_up),
                "level": "sentence",
                "origin": f"thumb {given.rating}",
                "split": "feedback",
                "doc": f"exchange-{exchange.exchange_id}",
            }
