"""Citations are counted without loopholes."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.citations import (
    citation_precision,
    citation_recall,
    quote_exactness,
)
from eval.contests import contested, contested_told
from eval.datasets import Case
from eval.judges import LLM, judged, load_eval_judge, repeated
from eval.markers import read_markers
from eval.pairs import Labelled
from eval.reply import Conflict, Position, Reply, Said, Source, from_text
from eval.run import labelled
from eval.score import LESS_IS_BETTER, score_reply
from rag.entail import LLMJudge
from rag.errors import LLMUnreachable, SettingsError
from rag.llm import Message
from tests.replies import BRIDGE, OTHER, SOURCES, TRUE, really, reply


def failing(claim: str, source: str) -> None:
    """A judge that never comes to a verdict."""


@pytest.mark.parametrize(
    ("text", "markers", "malformed"),
    [
        ("It rose [1].", (1,), 0),
        ("It rose [1][2].", (1, 2), 0),
        ("It rose [1, 3] again [[2]] \u30105\u3011.", (1, 3, 2, 5), 0),
        ("It rose [2-4].", (2, 3, 4), 0),
        ("It rose [1] and [1].", (1, 1), 0),
        ("The law of [2026] was changed.", (), 0),
        ("He said it was \u201ca wrong nubmer [sic]\u201d.", (), 0),
        ("Write `a[1]` to read it.", (), 0),
        ("The page said \u201cIt rose [3]\u201d yesterday.", (), 0),
        ("It rose [doc 3].", (), 1),
        ("It rose [?].", (), 1),
        ("It rose [9-2].", (), 1),
        ("It rose [the editor adds].", (), 0),
    ],
)
def test_markers_are_what_cites_and_nothing_else(
    text: str, markers: tuple[int, ...], malformed: int
) -> None:
    found = read_markers(text)
    assert (found.markers, found.n_malformed) == (markers, malformed)


@settings(deadline=None)
@given(st.text(alphabet='[]【】0123456789,-;& abcdoc`"“”\n.?', max_size=120))
def test_any_text_is_read(text: str) -> None:
    found = from_text(text, SOURCES)
    assert all(0 <= m <= 999 for s in found.sentences for m in s.markers)
    assert all(re.search(r"\w", s.text) for s in found.sentences)


def test_markers_belong_to_the_sentence_before_them() -> None:
    found = from_text("It rose. [1] It fell [2]. It stayed.[3]", SOURCES)
    assert [(s.text, s.markers) for s in found.sentences] == [
        ("It rose.", (1,)),
        ("It fell.", (2,)),
        ("It stayed.", (3,)),
    ]


# What other kits get wrong


@pytest.mark.parametrize("said", ["NO. It was said yesterday.", "yesterday", "", "Eyes on it."])
def test_a_no_with_yesterday_in_it_is_no_yes(said: str) -> None:
    """llama-index takes any reply with "yes" in it for support."""

    class Model:
        name, context_tokens = "double", 4_096

        def stream(self, messages: object) -> list[str]:
            return [said]

    judge = repeated(LLMJudge(Model()), 3)  # type: ignore[arg-type]  # a list is iterable enough
    heard = judged(judge, [labelled("The bridge was approved.", BRIDGE.text)])
    assert heard.n_failed == 1
    assert not judge.says(heard.scores).any()


def test_an_empty_answer_never_scores_above_0() -> None:
    """llama-index passes an empty answer, deepeval gives one without claims 1.0."""
    case = Case(
        case_id="1",
        question="Who?",
        answers=(("Edda Lorne",),),
        wrong=("Orla Brandt",),
        nuggets=("Edda Lorne leads.",),
        conflict=True,
    )
    for empty in (from_text("", SOURCES), from_text(" \n ", SOURCES), from_text("[1]", SOURCES)):
        scores = score_reply(case, empty, really)
        assert scores
        for score in scores:
            assert not score.value > 0 or score.metric in ("wrong_refusal",), score


@pytest.mark.parametrize(
    "said", ["idk", "I don't know.", "The documents do not say.", "No answer."]
)
def test_not_knowing_is_neither_faithful_nor_wrong(said: str) -> None:
    """deepeval finds "idk" faithful, ragas gives an abstention 0."""
    answerable = Case(case_id="1", question="Who?", answers=(("Edda Lorne",),))
    other = Case(case_id="2", question="Who?", answerable=False)
    told = {s.metric: s for s in score_reply(answerable, from_text(said, SOURCES), really)}
    assert told["faithfulness"].state == "abstained"
    assert told["wrong_refusal"].value == 1.0
    assert told["wrong_answer"].value == 0.0
    told = {s.metric: s for s in score_reply(other, from_text(said, SOURCES), really)}
    assert told["right_refusal"].value == 1.0


def test_what_cites_nothing_there_is_not_dropped() -> None:
    """open-rag-eval leaves sentences out that cite what does not exist."""
    found = from_text(f"{TRUE[0]} [1] {TRUE[4]} [99]", SOURCES)
    assert citation_recall(found, really).value == 0.5
    assert citation_precision(found, really).value == 0.5
    assert quote_exactness(found).value == 0.5


def test_a_year_is_no_citation_and_99_is_not_precise() -> None:
    """ALCE reads "[2026]" as a citation, and gives "[99]" precision 100."""
    year = from_text("The council approved the bridge [2026].", SOURCES)
    assert year.sentences[0].markers == ()
    assert citation_recall(year, really).value == 0.0
    phantom = from_text(f"{TRUE[0]} [99]", SOURCES)
    assert citation_precision(phantom, really).value == 0.0


def test_duplicates_and_malformed_markers_cost_precision() -> None:
    assert citation_precision(from_text(f"{TRUE[0]} [1]", SOURCES), really).value == 1.0
    assert citation_precision(from_text(f"{TRUE[0]} [1][1]", SOURCES), really).value == 0.5
    assert citation_precision(from_text(f"{TRUE[0]} [1][source x]", SOURCES), really).value == 0.5


def test_an_answer_that_cites_nothing_has_precision_0() -> None:
    assert citation_precision(reply((TRUE[0], ())), really).value == 0.0


def test_a_judge_that_fails_is_counted_in_every_score() -> None:
    """ragas turns exceptions into NaN, and leaves them out of the mean."""
    case = Case(case_id="1", question="Who?", nuggets=("Edda Lorne leads.",))
    scores = {s.metric: s for s in score_reply(case, reply((TRUE[0], (1,))), failing)}
    for metric in ("faithfulness", "citation_recall", "citation_precision", "nugget_recall"):
        assert scores[metric].state == "judge_failed"
        assert scores[metric].value == 0.0


def test_a_case_without_an_answer_is_invalid_and_gains_nothing() -> None:
    case = Case(case_id="1", question="Who?", answers=(("Edda Lorne",),))
    scores = score_reply(case, None, really, "the model is gone")
    assert {s.state for s in scores} == {"invalid"}
    assert all(s.value == (s.metric in LESS_IS_BETTER) for s in scores)


@pytest.mark.parametrize(
    ("short", "wrong", "unsettled"),
    [("Yes", 0.0, 0.0), ("No", 1.0, 0.0), ("Not settled", 1.0, 1.0), ("Sources differ", 1.0, 1.0)],
)
def test_not_settled_is_told_apart_from_the_wrong_word(
    short: str, wrong: float, unsettled: float
) -> None:
    case = Case(case_id="1", question="Was it approved?", answers=(("Yes",),))
    answer = replace(reply((TRUE[0], (1,))), short=short)
    told = {s.metric: s.value for s in score_reply(case, answer, really)}
    assert (told["wrong_answer"], told["unsettled"]) == (wrong, unsettled)
    other = Case(case_id="2", question="Who?", answers=(("Edda Lorne",),))
    assert "unsettled" not in {s.metric for s in score_reply(other, answer, really)}


def test_a_needless_citation_is_not_precise() -> None:
    assert citation_precision(reply((TRUE[0], (1, 3))), really).value == 0.5


def test_support_by_one_source_stays_when_another_denies_it() -> None:
    denial = Source(article_id="d", text="The council of Orrin did not approve the new bridge.")
    cited = {1: BRIDGE, 2: denial}
    both = reply((TRUE[0], (1, 2)), cited=cited)
    assert citation_recall(both, really).value == 1.0


def test_supported_here_and_refuted_there_is_contested() -> None:
    denial = Source(article_id="d", text="The council of Orrin did not approve the new bridge.")
    sides = Conflict(
        kind="status",
        positions=(
            Position(statement="approved", article_id="a"),
            Position(statement="not approved", article_id="d"),
        ),
    )
    approved = "The council of Orrin approved the new bridge."
    bridge = Source(article_id="a", text=approved)

    def asked(rival: Source, label: str = "supported", *conflicts: Conflict) -> Reply:
        said = Said(text=approved, markers=(1,), label=label)
        return Reply(
            sentences=(said,),
            cited={1: replace(bridge, day="2026-04-14")},
            retrieved=(bridge, rival),
            conflicts=conflicts,
        )

    assert contested(asked(denial)).value == 1.0
    assert contested_told(asked(denial)).value == 0.0
    assert contested_told(asked(denial, "contested")).value == 1.0
    assert contested_told(asked(denial, "supported", sides)).value == 1.0
    assert contested(asked(OTHER)).value == 0.0
    assert contested(asked(replace(denial, day="2026-04-01"))).value == 0.0  # an older word
    assert contested(asked(replace(denial, day="2026-04-20"))).value == 1.0
    assert math.isnan(contested_told(asked(OTHER)).value)


def test_a_language_model_as_judge_must_be_there() -> None:
    with pytest.raises(SettingsError, match="no language model"):
        load_eval_judge(LLM, nearness=None)  # type: ignore[arg-type]  # not used for this one


def test_repeats_average_and_bear_a_few_failures() -> None:
    class Model:
        name, context_tokens = "double", 4_096

        def __init__(self, *replies: str) -> None:
            self._replies = list(replies)

        def stream(self, messages: list[Message]) -> list[str]:
            told = self._replies.pop(0)
            if not told:
                raise LLMUnreachable("nobody is there")
            return [told]

    def heard(*replies: str) -> tuple[float, int]:
        judge = repeated(LLMJudge(Model(*replies)), len(replies))  # type: ignore[arg-type]  # as above
        told = judged(judge, [labelled("The bridge was approved.", BRIDGE.text)])
        return float(told.scores[0]), told.n_failed

    assert heard("supported", "unsupported", "supported")[0] == pytest.approx(0.6)
    assert heard("supported", "", "supported")[0] == pytest.approx(0.8)
    assert heard("supported", "", "")[1] == 1


def test_a_pair_is_what_a_judge_reads() -> None:
    assert isinstance(labelled("a", "b"), Labelled)
