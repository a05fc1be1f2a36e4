"""Sentences are mended before they are shown, and what cannot be mended is never made to look good.

Real steps and real HTTP; the archive behind the search is a few articles made here.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from rag.embed import Embedder
from rag.entail import LLMJudge
from rag.errors import IndexUnavailable
from rag.llm import OpenAIChat
from rag.pipeline import Pipeline
from rag.prompts import _CARRIED_RULES, _JUDGE_RULES
from rag.render_json import to_json
from rag.render_repairs import repairs_text
from rag.repair import OUTCOMES, Reserve
from rag.retrieve import Retrieved
from rag.run import JUDGE_GONE, SILENT
from rag.schema import (
    Answer,
    Article,
    Filters,
    Label,
    Passage,
    PassagesEvent,
    Question,
    ScoredPassage,
    SentenceEvent,
    Verdict,
)
from rag.settings import Settings
from tests import faulty
from tests.faulty import FaultyServer, State
from tests.passages import whole

TEXTS = {
    "council": (
        "The Marlow council approved the new bridge on Tuesday. "
        "The bridge will cost 40 million crowns, mayor Ada Finch said. "
        "Work is to begin in May."
    ),
    "school": "The school on Tanner Lane will close for good in July, the district said on Friday.",
}
ASKED = "How much will the Marlow bridge cost?"
OPENING = "The Marlow council approved the new bridge on Tuesday."
TRUE = "The bridge will cost 40 million crowns, Ada Finch said."
FALSE = "The bridge will cost 90 million crowns, Ada Finch said."
ELSEWHERE = "The school on Tanner Lane will close in July."
NOWHERE = "Penguins breed on the southern ice."


def article(key: str, revision: int = 1) -> Article:
    return Article(
        article_id=key, revision=revision, title=key, text=TEXTS[key], outlet="Marlow Post"
    )


def passage(key: str) -> Passage:
    return whole(TEXTS[key], key)


class Shelf:
    """A search that finds the school only when the school is what it looks for."""

    def __init__(self, embedder: Embedder, *, breaks: bool = False, revision: int = 1) -> None:
        self.asked: list[Question] = []
        self._embedder = embedder
        self._breaks = breaks
        self._revision = revision

    def __call__(self, question: Question) -> tuple[Retrieved, Mapping[str, Article]]:
        self.asked.append(question)
        first = len(self.asked) == 1
        if self._breaks and not first:
            raise IndexUnavailable("the index is being rebuilt")
        keys = ["school", "council"] if "school" in question.text else ["council"]
        hits = [
            ScoredPassage(passage=passage(key), score=1.0, rank=rank, ranker="test")
            for rank, key in enumerate(keys, 1)
        ]
        vector = np.asarray(self._embedder.encode([question.text])[0])
        found = Retrieved(tuple(hits), vector, 0, dict.fromkeys(keys, 3))
        return found, {key: article(key, 1 if first else self._revision) for key in keys}


Ask = Callable[..., Answer]


@pytest.fixture
def shelf(embedder: Embedder) -> Shelf:
    return Shelf(embedder)


@pytest.fixture
def ask(embedder: Embedder, shelf: Shelf) -> Ask:
    def ask(url: str, judged: bool = False, search: Shelf = shelf, **given: Any) -> Answer:
        return pipeline(url, judged, search, embedder, **given).answer(
            ASKED, filters=Filters(outlets=("Marlow Post",))
        )

    return ask


def pipeline(url: str, judged: bool, search: Shelf, embedder: Embedder, **given: Any) -> Pipeline:
    model = OpenAIChat(
        Settings(
            llm_model="m",
            llm_base_url=url,
            llm_first_token_s=3,
            llm_between_tokens_s=1,
            llm_total_s=20,
        )
    )
    judge = LLMJudge(model) if judged else None
    quiet = {"suggest_s": 0.0, **given}  # what is searched for here are sentences alone
    return Pipeline(search=search, embedder=embedder, model=model, judge=judge, **quiet)


def model(
    *sentences: str, rewrites: str | State = "NOTHING", judges: str | State = "supported"
) -> State:
    """Answers with these sentences; a rewrite and a judgement as told ("{0}": the first id)."""

    def state(exchange: faulty.Exchange) -> None:
        system = exchange.body["messages"][0]["content"]
        told: str | State = " ".join(f"{s[:-1]} [{{0}}]." for s in sentences)
        told = {_CARRIED_RULES: rewrites, _JUDGE_RULES: judges}.get(system, told)
        if isinstance(told, str):
            ids = list(faulty.ids_in(exchange.body["messages"][-1]["content"])) or ["x"]
            told = faulty.says(told.format(*ids))
        told(exchange)

    return state


def kinds(server: FaultyServer) -> list[str]:
    names = {_CARRIED_RULES: "rewrite", _JUDGE_RULES: "judge"}
    return [names.get(r["messages"][0]["content"], "answer") for r in server.requests]


def labels(answer: Answer) -> dict[str, str]:
    return {s.text: s.verdict.label for s in answer.sentences}


def counted(answer: Answer) -> dict[str, int]:
    assert set(answer.repairs) == set(OUTCOMES)
    return {name: n for name, n in answer.repairs.items() if n}


def test_a_carried_answer_is_left_alone(ask: Ask, shelf: Shelf) -> None:
    with FaultyServer(model(OPENING, TRUE)) as server:
        answer = ask(server.url)
        assert kinds(server) == ["answer"]

    assert len(shelf.asked) == 1 and counted(answer) == {} and answer.notice is None


def test_what_claims_nothing_is_neither_shown_nor_mended(ask: Ask, shelf: Shelf) -> None:
    lead, polite = "Here is what the articles say about the Marlow bridge:", "I hope this helps!"
    told = faulty.says(f"Sure!\n{lead}\n{OPENING}\n\nBased on the articles, {TRUE}\n{polite}")
    with FaultyServer(told) as server:
        answer = ask(server.url)
        assert kinds(server) == ["answer"]

    assert labels(answer) == {OPENING: "supported", TRUE: "supported"}
    assert counted(answer) == {"idle": 3} and len(shelf.asked) == 1
    assert "claim nothing" in repairs_text(answer.repairs)


def test_a_reply_that_claims_nothing_is_no_answer(ask: Ask) -> None:
    with FaultyServer(faulty.says("Great question! Let me know if you need more.")) as server:
        answer = ask(server.url)

    assert answer.reason == SILENT and not answer.sentences


def test_a_second_search_finds_what_carries_it_under_the_same_filters(
    ask: Ask, shelf: Shelf
) -> None:
    with FaultyServer(model(OPENING, ELSEWHERE)) as server:
        answer = ask(server.url)
        assert kinds(server) == ["answer"]

    assert labels(answer)[ELSEWHERE] == "supported"
    assert (
        counted(answer)
        == {"retrieved": 1}
        == {k: n for k, n in to_json(answer)["repairs"].items() if n}
    )
    assert [q.text for q in shelf.asked] == [ASKED, ELSEWHERE]
    assert {q.filters for q in shelf.asked} == {Filters(outlets=("Marlow Post",))}
    assert [(p.passage.article_id, p.rank) for p in answer.passages] == [
        ("council", 1),
        ("school", 2),
    ]
    assert set(answer.articles) == {"council", "school"} and answer.group_sizes["school"] == 3


def test_an_unused_find_does_not_join_the_answer(ask: Ask) -> None:
    with FaultyServer(model(OPENING, "The school was painted by penguins from the ice.")) as server:
        answer = ask(server.url)

    assert set(answer.articles) == {"council"} and len(answer.passages) == 1


def test_a_find_of_another_revision_is_left_alone(ask: Ask, embedder: Embedder) -> None:
    reserve = Reserve()
    hit = ScoredPassage(passage=passage("council"), score=1.0, rank=1, ranker="test")
    reserve.add([hit], {"council": article("council", 2)}, {}, {"council": article("council", 1)})

    assert not reserve.passages and not reserve.articles


def test_at_most_three_searches_and_three_rewrites(ask: Ask, shelf: Shelf) -> None:
    lies = [FALSE.replace("90", str(n)) for n in (91, 92, 93, 94, 95)]
    with FaultyServer(model(OPENING, *lies)) as server:
        answer = ask(server.url)
        assert kinds(server) == ["answer", *["rewrite"] * 3]

    assert len(shelf.asked) == 4 and counted(answer) == {"marked": 5}


def test_what_a_rewrite_makes_true_is_shown_as_rewritten(ask: Ask) -> None:
    with FaultyServer(model(OPENING, FALSE, rewrites=TRUE[:-1] + " [{0}].")) as server:
        answer = ask(server.url)
        prompt = server.prompt(1)

    assert labels(answer) == {OPENING: "supported", TRUE: "supported"}
    assert counted(answer) == {"rewritten": 1}
    assert answer.notice == "1 sentence was rewritten to say only what the articles carry."
    assert "> " + FALSE in prompt and "40 million" in prompt and "Work is to begin" not in prompt


@pytest.mark.parametrize(
    "rewrites",
    [
        "NOTHING",
        "NOTHING.",
        FALSE,
        NOWHERE,
        "The bridge will cost 70 million crowns [{0}].",
        OPENING,  # stands there already
        faulty.says("```\ncode\n```"),
        faulty.says("The bridge will cost 40 million crowns.", finish="length"),
        faulty.status(500),
        faulty.hangs,
        faulty.rambles(),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_a_rewrite_that_is_not_carried_leaves_the_sentence_marked_or_removed(
    ask: Ask, rewrites: str | State, strict: bool
) -> None:
    with FaultyServer(model(OPENING, FALSE, TRUE, rewrites=rewrites)) as server:
        answer = ask(server.url, strict=strict)

    shown = {OPENING: "supported", FALSE: "refuted", TRUE: "supported"}
    if strict:
        del shown[FALSE]
    assert labels(answer) == shown
    assert counted(answer) == {"removed" if strict else "marked": 1}
    removed = "1 sentence that the articles do not carry was removed."
    assert answer.notice == (removed if strict else None)


def test_a_model_that_fails_once_is_not_asked_to_rewrite_again(ask: Ask) -> None:
    lies = [FALSE, FALSE.replace("90", "91")]
    with FaultyServer(model(OPENING, *lies, rewrites=faulty.hangs)) as server:
        answer = ask(server.url)
        assert kinds(server) == ["answer", "rewrite"]

    assert counted(answer) == {"marked": 2}


def test_nothing_is_rewritten_without_evidence_or_time(ask: Ask) -> None:
    for told, given in ((NOWHERE, {}), (FALSE, {"max_s": 0.0})):
        with FaultyServer(model(OPENING, told)) as server:
            answer = ask(server.url, **given)
            assert kinds(server) == ["answer"] and counted(answer) == {"marked": 1}


def test_a_search_that_fails_leaves_the_answer_as_it_is(ask: Ask, embedder: Embedder) -> None:
    with FaultyServer(model(OPENING, ELSEWHERE)) as server:
        answer = ask(server.url, search=Shelf(embedder, breaks=True))

    assert labels(answer)[OPENING] == "supported" and counted(answer) == {"marked": 1}


@pytest.mark.parametrize("strict", [False, True])
def test_a_reply_that_nothing_carries_gives_way_to_quotes(ask: Ask, strict: bool) -> None:
    with FaultyServer(model(NOWHERE, "Their eggs weigh little.")) as server:
        answer = ask(server.url, strict=strict)

    assert answer.mode == "extractive" and counted(answer) == {"removed": 2}
    assert answer.notice == "No article carries the model's reply; quoting them instead."
    assert {s.verdict.label for s in answer.sentences} == {"supported"}


def test_sentences_come_in_order_each_final_with_its_article(
    shelf: Shelf, embedder: Embedder
) -> None:
    told = model(NOWHERE, OPENING, ELSEWHERE, FALSE, rewrites=TRUE[:-1] + " [{0}].")
    with FaultyServer(told) as server:
        events = list(pipeline(server.url, False, shelf, embedder).stream(ASKED))

    shown = [e for e in events if isinstance(e, SentenceEvent)]
    assert [e.sentence.text for e in shown] == [NOWHERE, OPENING, ELSEWHERE, TRUE]
    for event in shown:
        assert {c.evidence.article_id for c in event.sentence.citations} <= set(event.articles)
    found = next(e for e in events if isinstance(e, PassagesEvent))
    assert set(found.articles) == {"council"}, "what was handed out before does not change"
    last: Any = events[-1]
    assert last.answer.sentences == tuple(e.sentence for e in shown)
    assert [c.marker for c in last.answer.citations] == [1, 2, 3]


def test_the_judge_is_asked_about_what_the_model_wrote_not_about_quotes(ask: Ask) -> None:
    doubts = faulty.says('{"verdict": "partial", "reason": "who said it?"}')
    with FaultyServer(model(OPENING, TRUE, judges=doubts)) as server:
        answer = ask(server.url, judged=True, strict=True)
        assert kinds(server).count("judge") >= 1

    assert labels(answer) == {OPENING: "supported"} and counted(answer) == {"removed": 1}


@pytest.mark.parametrize("judges", [faulty.status(500), faulty.hangs, "perhaps"])
def test_a_judge_that_fails_is_told_once_and_asked_once(ask: Ask, judges: str | State) -> None:
    begin = "Work will begin in May."
    with FaultyServer(model(TRUE, begin, OPENING, judges=judges)) as server:
        answer = ask(server.url, judged=True)
        assert kinds(server).count("judge") <= 3  # a busy endpoint is asked again

    assert labels(answer) == dict.fromkeys((TRUE, begin, OPENING), "supported")
    assert answer.notice == JUDGE_GONE
    assert answer.sentences[0].verdict.reasons[-1].startswith("judge failed")


class Doubter:
    """A judge of quotes too, who believes only what is about Tuesday."""

    reads_quotes = True

    def judge(self, text: str, source: str) -> Verdict:
        label: Label = "supported" if "Tuesday" in text else "unsupported"
        return Verdict(label=label, score=0.5, judge="doubter")


@pytest.mark.parametrize("strict", [False, True])
def test_quotes_that_a_judge_of_quotes_doubts_are_marked_or_left_out(
    shelf: Shelf, embedder: Embedder, strict: bool
) -> None:
    answer = Pipeline(search=shelf, embedder=embedder, judge=Doubter(), strict=strict).answer(ASKED)

    shown = {s.verdict.label for s in answer.sentences}
    assert ("unsupported" in shown) is not strict
    assert bool(answer.repairs) is strict
    assert ("removed" in f"{answer.notice}") is strict
