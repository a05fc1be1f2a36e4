"""Scores one answer by every metric that applies to its case.

Each score ends in one state. ``scored`` has a value from 0 to 1. ``abstained``: there are no
sentences to judge, and abstaining is measured by its own metrics. ``judge_failed``: some judgement
failed and counts as a no, so the value is a lower bound. ``invalid``: there is no answer to score;
the value is 0, so that nobody gains by breaking.

| metric | of which cases | what, and after whom |
|---|---|---|
| faithfulness, citation_recall, citation_precision, quote_exactness | answered | see citations |
| draft_faithfulness | written by a model | faithfulness of its first reply, unchecked |
| overclaimed | answered | sentences marked supported that the judge says are not; less is better |
| contested | answered | sentences that one source supports and another refutes (``contests``) |
| contested_told | answered, some contested | those of them that the answer says are disputed |
| correct | answerable, gold | every gold answer is said; ALCE's EM recall = 1 |
| answer_recall, exact, token_f1 | answerable, gold | ``eval.correct`` |
| strict | with wrong answers | correct, and no wrong answer said (RAMDocs, Wang et al. 2025) |
| nugget_recall | with nuggets | nuggets that the answer carries (Pradeep et al. 2024) |
| right_refusal | unanswerable | abstained |
| wrong_refusal | answerable | abstained; less is better |
| wrong_answer | answerable, gold | answered, and nothing gold is in it; less is better |
| unsettled | answerable, gold is yes or no | answered, with neither yes nor no; less is better |
| conflict_recall | sources disagree | a disagreement is shown (kind scope is none) |
| conflict_precision | one is shown, truth known | sources do disagree |
| conflict_sides | sources disagree | share of the sides that sentences or positions tell |
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from eval.citations import (
    Ratio,
    Supports,
    citation_precision,
    citation_recall,
    faithfulness,
    quote_exactness,
)
from eval.contests import contested, contested_told
from eval.correct import answer_recall, exact, is_yes_or_no, says, token_f1
from eval.datasets import Case
from eval.reply import Reply, from_text

State = Literal["scored", "abstained", "judge_failed", "invalid"]
# Neither more nor less of it is better: it says something about the sources.
NEUTRAL = frozenset({"contested"})
DRAFT = "draft_faithfulness"
LESS_IS_BETTER = frozenset({"overclaimed", "wrong_refusal", "wrong_answer", "unsettled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One metric of one case."""

    case_id: str
    metric: str
    value: float  # NaN when abstained
    state: State = "scored"
    reason: str = ""


def score_reply(case: Case, reply: Reply | None, supports: Supports, why: str = "") -> list[Score]:
    """Every metric that applies; ``reply`` is None when there is none, ``why`` says why."""
    if reply is None:
        return [
            Score(
                case_id=case.case_id, metric=name, value=_worst(name), state="invalid", reason=why
            )
            for name in _expected(case)
        ]
    return [*_judged(case, reply, supports), *_answered(case, reply), *_disagreeing(case, reply)]


def score_draft(case: Case, draft: str, reply: Reply, supports: Supports) -> list[Score]:
    """Faithfulness of what the model wrote, before any sentence was checked, mended or dropped."""
    if not draft:
        return []
    written = replace(from_text(draft, reply.retrieved), cited={}, retrieved=reply.retrieved)
    if written.abstained:
        state: State = "abstained"
        return [Score(case_id=case.case_id, metric=DRAFT, value=float("nan"), state=state)]
    return [_of_ratio(case, DRAFT, faithfulness(written, supports))]


def _worst(metric: str) -> float:
    return 1.0 if metric in LESS_IS_BETTER else 0.0


def _expected(case: Case) -> Iterator[str]:
    """The metrics that an answer to this case could not have escaped."""
    yield from ("faithfulness", "citation_recall", "citation_precision", "quote_exactness")
    if not case.answerable:
        yield "right_refusal"
    elif case.answers:
        yield from ("correct", "answer_recall", "exact", "token_f1", "wrong_answer")
    if case.answerable and case.wrong:
        yield "strict"
    if case.answerable and case.nuggets:
        yield "nugget_recall"
    if case.conflict:
        yield from ("conflict_recall", "conflict_sides")


def _judged(case: Case, reply: Reply, supports: Supports) -> Iterator[Score]:
    for name, measure in _OF_SENTENCES.items():
        if reply.abstained:
            yield Score(case_id=case.case_id, metric=name, value=float("nan"), state="abstained")
            continue
        ratio = measure(reply, supports)
        if ratio.of:
            yield _of_ratio(case, name, ratio)
    if case.nuggets and case.answerable:
        yield _of_ratio(case, "nugget_recall", nugget_recall(case.nuggets, reply, supports))


def _of_ratio(case: Case, name: str, ratio: Ratio) -> Score:
    return Score(
        case_id=case.case_id,
        metric=name,
        value=ratio.value,
        state="judge_failed" if ratio.n_failed else "scored",
        reason=f"{ratio.n_failed} judgements failed" if ratio.n_failed else "",
    )


def nugget_recall(nuggets: Sequence[str], reply: Reply, supports: Supports) -> Ratio:
    """Share of the nuggets that the answer's own words carry; 0 for an abstention."""
    told = [supports(nugget, reply.text) if reply.sentences else False for nugget in nuggets]
    return Ratio(
        hits=sum(bool(t) for t in told), of=len(told), n_failed=sum(t is None for t in told)
    )


def _overclaimed(reply: Reply, supports: Supports) -> Ratio:
    """Share of the sentences marked supported that their citations do not carry.

    A failed judgement counts as overclaimed.
    """
    sure = [s for s in reply.sentences if s.label == "supported"]
    alone = [Reply(sentences=(s,), cited=reply.cited) for s in sure]
    carried = [citation_recall(one, supports) for one in alone]
    return Ratio(
        hits=len(sure) - sum(c.hits for c in carried),
        of=len(sure),
        n_failed=sum(c.n_failed for c in carried),
    )


def _answered(case: Case, reply: Reply) -> Iterator[Score]:
    def score(metric: str, value: float) -> Score:
        return Score(case_id=case.case_id, metric=metric, value=float(value))

    if not case.answerable:
        yield score("right_refusal", reply.abstained)
        return
    yield score("wrong_refusal", reply.abstained)
    if not case.answers:
        return
    text = "" if reply.abstained else reply.text
    recall = answer_recall(text, case.answers)
    yield score("correct", recall == 1.0)
    yield score("answer_recall", recall)
    yield score("exact", exact(reply.short or text, case.answers))
    yield score("token_f1", max(token_f1(t, case.answers) for t in (text, reply.short)))
    yield score("wrong_answer", not reply.abstained and recall == 0.0)
    if is_yes_or_no(case.answers) and not reply.abstained:
        yield score("unsettled", not is_yes_or_no(((text.split(maxsplit=1)[0],),)))
    if case.wrong:
        misled = any(says(text, wrong) for wrong in case.wrong)
        yield score("strict", recall == 1.0 and not misled)


def _disagreeing(case: Case, reply: Reply) -> Iterator[Score]:
    def score(metric: str, value: float) -> Score:
        return Score(case_id=case.case_id, metric=metric, value=float(value))

    shown = any(c.kind != "scope" for c in reply.conflicts)
    if case.conflict:
        yield score("conflict_recall", shown)
        statements = [p.statement for c in reply.conflicts for p in c.positions]
        told = "\n".join([reply.text, *statements])
        yield score("conflict_sides", answer_recall(told, case.sides))
    if case.conflict is not None and shown:
        yield score("conflict_precision", case.conflict)


_OF_SENTENCES: dict[str, Callable[[Reply, Supports], Ratio]] = {
    "faithfulness": faithfulness,
    "citation_recall": citation_recall,
    "citation_precision": citation_precision,
    "quote_exactness": lambda reply, _: quote_exactness(reply),
    "overclaimed": _overclaimed,
    "contested": lambda reply, _: contested(reply),
    "contested_told": lambda reply, _: contested_told(reply),
}
