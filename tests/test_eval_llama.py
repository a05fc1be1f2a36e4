"""Our metrics as llama-index evaluators, driven by the real llama-index."""

import asyncio
from collections.abc import Sequence

import pytest
from llama_index.core.base.response.schema import Response
from llama_index.core.evaluation import BaseEvaluator, BatchEvalRunner
from llama_index.core.schema import NodeWithScore, TextNode

from eval.judges import Judge, Judged, embedded, one_by_one, repeated
from eval.llama import BylineCitationPrecision, BylineCitationRecall, BylineFaithfulness
from eval.pairs import Labelled
from rag.embed import Embedder
from rag.entail import LLMJudge

BRIDGE = (
    "The council of Orrin approved the new bridge on 14 April 2026. It will cost 48 million crowns."
)
FERRY = "The ferry Tamsin Gale capsized on Lake Verrin with 68 people aboard."
CONTEXTS = (BRIDGE, FERRY)
GOOD = "The council of Orrin approved the new bridge on 14 April 2026. [1]"
EVERY = (BylineFaithfulness, BylineCitationRecall, BylineCitationPrecision)


@pytest.fixture(scope="module")
def judge(embedder: Embedder) -> Judge:
    return embedded(embedder)


@pytest.fixture(params=EVERY, ids=lambda kind: kind.__name__)
def evaluator(request: pytest.FixtureRequest, judge: Judge) -> BaseEvaluator:
    return request.param(judge)


def ask(evaluator: BaseEvaluator, response: str) -> tuple[bool | None, float | None, bool]:
    found = evaluator.evaluate(query="What?", response=response, contexts=CONTEXTS)
    assert found.feedback
    return found.passing, found.score, found.invalid_result


def test_a_cited_true_answer_passes(evaluator: BaseEvaluator) -> None:
    assert ask(evaluator, GOOD) == (True, 1.0, False)


def test_a_no_with_yesterday_in_it_does_not_pass(evaluator: BaseEvaluator) -> None:
    """Its own evaluator looks for "yes" in what its model says."""
    assert ask(evaluator, "NO, the bridge was refused yesterday. [1]") == (False, 0.0, False)


@pytest.mark.parametrize("empty", ["", " ", "\n\t"])
def test_an_empty_answer_does_not_pass(evaluator: BaseEvaluator, empty: str) -> None:
    assert ask(evaluator, empty) == (False, 0.0, False)


@pytest.mark.parametrize("said", ["I don't know.", "idk", "The context does not say."])
def test_an_abstention_is_neither_perfect_nor_failed(evaluator: BaseEvaluator, said: str) -> None:
    assert ask(evaluator, said) == (None, None, False)


@pytest.mark.parametrize(
    ("response", "faithful", "recall", "precision"),
    [
        (GOOD.replace(" [1]", ""), 1.0, 0.0, 0.0),  # uncited
        (GOOD.replace("[1]", "[9]"), 1.0, 0.0, 0.0),  # phantom
        (GOOD.replace("[1]", "[2026]"), 1.0, 0.0, 0.0),  # a year cites nothing
        (GOOD.replace("[1]", "[1][9]"), 1.0, 1.0, 0.5),
        (GOOD.replace("14 April", "24 April"), 0.0, 0.0, 0.0),
        (f"{GOOD} The mayor wept. [2]", 0.5, 0.5, 0.5),
    ],
)
def test_each_fault_costs_what_it_should(
    judge: Judge, response: str, faithful: float, recall: float, precision: float
) -> None:
    scores = [kind(judge).evaluate(None, response, CONTEXTS).score for kind in EVERY]

    assert scores == [faithful, recall, precision]


def test_the_feedback_names_the_sentence(judge: Judge) -> None:
    found = BylineCitationRecall(judge).evaluate(None, f"{GOOD} The mayor wept. [2]", CONTEXTS)

    assert "The mayor wept." in found.feedback and "council" not in found.feedback
    assert found.feedback.startswith("1 of 2")
    assert not found.passing
    assert BylineCitationRecall(judge, passes_from=0.5).evaluate(
        None, f"{GOOD} The mayor wept. [2]", CONTEXTS
    ).passing  # fmt: skip


def failed(pairs: Sequence[Labelled]) -> Judged:
    return one_by_one(lambda claim, source: float("nan"))(pairs)


@pytest.mark.parametrize("kind", EVERY)
def test_a_failed_judgement_is_invalid_and_no_score(kind: type[BaseEvaluator]) -> None:
    broken = Judge(name="broken", score=failed, threshold=0.5)

    found = kind(broken).evaluate(None, GOOD, CONTEXTS)

    assert (found.passing, found.score, found.invalid_result) == (None, None, True)
    assert "failed" in found.invalid_reason


def test_a_model_that_says_no_and_yesterday_gives_no_verdict() -> None:
    class Model:
        name, context_tokens = "double", 4_096

        def stream(self, messages: object) -> list[str]:
            return ["NO. It was said yesterday."]

    asked = repeated(LLMJudge(Model()), 3)  # type: ignore[arg-type]  # a list is iterable enough
    found = BylineFaithfulness(asked).evaluate(None, GOOD, CONTEXTS)

    assert (found.passing, found.invalid_result) == (None, True)


@pytest.mark.parametrize(("response", "contexts"), [(None, [BRIDGE]), (GOOD, None)])
def test_what_is_missing_is_told(
    evaluator: BaseEvaluator, response: str | None, contexts: list[str] | None
) -> None:
    with pytest.raises(ValueError, match="None"):
        evaluator.evaluate(query="x", response=response, contexts=contexts)


def test_without_contexts_nothing_is_faithful(evaluator: BaseEvaluator) -> None:
    assert evaluator.evaluate(None, GOOD, []).score == 0.0


def nodes(*texts: str) -> list[NodeWithScore]:
    return [NodeWithScore(node=TextNode(text=text), score=1.0) for text in texts]


def test_a_response_of_ours_is_scored_by_its_quotes(evaluator: BaseEvaluator) -> None:
    quotes = [{"marker": 1, "article_id": "a", "start": 0, "end": 62, "quote": BRIDGE[:62]}]
    ours = Response(
        response=GOOD, source_nodes=nodes(FERRY, BRIDGE), metadata={"citations": quotes}
    )

    assert evaluator.evaluate_response("When?", ours).score == 1.0
    phantom = Response(
        response=GOOD.replace("[1]", "[2]"),
        source_nodes=ours.source_nodes,
        metadata=ours.metadata,
    )
    if not isinstance(evaluator, BylineFaithfulness):
        assert evaluator.evaluate_response("When?", phantom).score == 0.0


def test_a_refusal_of_ours_is_an_abstention(evaluator: BaseEvaluator) -> None:
    ours = Response(
        response="Nothing in the archive answers.",
        source_nodes=nodes(BRIDGE),
        metadata={"abstained": True, "citations": []},
    )

    found = evaluator.evaluate_response("When?", ours)

    assert (found.passing, found.score, found.invalid_result) == (None, None, False)


@pytest.mark.parametrize("odd", ["text", [1], [{"quote": "x"}], [{"marker": "one"}]])
def test_citations_of_others_are_not_read(judge: Judge, odd: object) -> None:
    theirs = Response(response=GOOD, source_nodes=nodes(*CONTEXTS), metadata={"citations": odd})

    assert BylineCitationRecall(judge).evaluate_response("When?", theirs).score == 1.0


def test_llama_index_runs_them_in_batches(judge: Judge) -> None:
    runner = BatchEvalRunner({k.__name__: k(judge) for k in EVERY}, workers=2)
    answers = [GOOD, "", GOOD.replace("14", "24")]

    found = asyncio.run(
        runner.aevaluate_response_strs(
            queries=["When?"] * 3, response_strs=answers, contexts_list=[list(CONTEXTS)] * 3
        )
    )

    for kind in EVERY:
        assert [r.passing for r in found[kind.__name__]] == [True, False, False]
