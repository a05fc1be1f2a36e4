"""A double that edits what it quotes and miscites it, through the whole pipeline over samples."""

from pathlib import Path

import pytest

from benchmarks.adversary import Tally, count
from benchmarks.liar import TRUE, Liar
from rag.llm import Message
from rag.pipeline import Pipeline
from rag.schema import RANKS, Answer
from rag.settings import Settings
from web.desk import Desk

ARTICLES = Path(__file__).resolve().parents[1] / "samples" / "articles"
QUESTIONS = (
    "How many people died in the Lake Verrin ferry accident?",
    "When will the Orrin battery plant in Westmere open?",
    "Has the Calder Ridge council approved the Mill Line tram?",
    "How full is the Arden reservoir in the Teal Valley?",
    "How many H200 chips may Chinese companies buy?",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tally, list[Answer]]:
    """What became of every sentence of the liar, over all questions."""
    home = tmp_path_factory.mktemp("liar") / "home"
    tally, answers = Tally(), []
    with Desk.open(Settings(home=home, llm_model="", llm_base_url=""), create=True) as desk:
        desk.ingest([ARTICLES])
        tools = desk.answering.pipeline()
        for seed, question in enumerate(QUESTIONS):
            model = Liar(seed=seed)
            pipeline = Pipeline(search=tools.search, embedder=tools.embedder, model=model)
            answers.append(pipeline.answer(question))
            count(model.said, answers[-1], tally)
    return tally, answers


def test_hardly_a_lie_is_shown_as_supported(told: tuple[Tally, list[Answer]]) -> None:
    tally, _ = told
    lies = sum(len(shown) for kind, shown in tally.shown.items() if kind != TRUE)

    assert lies >= 35, "the double must have had something to lie about"
    assert len(tally.lies) <= 0.1 * lies, [(s.kind, s.text) for s, _ in tally.lies]


def test_what_is_true_is_supported_whatever_its_marker(told: tuple[Tally, list[Answer]]) -> None:
    tally, _ = told
    true = tally.shown[TRUE]

    assert len(true) >= 12
    assert {s.verdict.label for s in true} <= {"supported", "contested"}
    assert tally.n_cited == tally.n_marked, "wrong, absent and phantom markers are put right"
    assert {"wrong", "absent", "phantom"} <= set(tally.n_marked)


def test_every_sentence_that_fails_names_a_claim(told: tuple[Tally, list[Answer]]) -> None:
    _, answers = told

    for sentence in (s for answer in answers for s in answer.sentences):
        verdict = sentence.verdict
        assert all(RANKS[verdict.label] <= RANKS[c.label] for c in verdict.claims)
        assert all(c.text in sentence.text for c in verdict.claims)
        if verdict.label in ("refuted", "partial", "unsupported"):
            assert verdict.claims


def test_the_liar_insists_on_its_sentence_when_asked_to_rewrite_it() -> None:
    asked = "Passages:\n\n[a1b2c3] x; y\n> Title\n> A body.\n\nSentence:\n> It sank in May."

    reply = "".join(Liar().stream([Message(role="user", content=asked)]))

    assert reply == "It sank in May. [a1b2c3]"
