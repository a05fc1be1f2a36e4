"""Rules of extractive answers and of refusing, over two real articles and over hostile text."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.pipeline import ingest
from rag.asked import clean_question, read_question
from rag.embed import Embedder
from rag.index import Index
from rag.refuse import judge, signals
from rag.retrieve import retrieve
from rag.schema import Article, Question, ScoredPassage
from rag.select import WEIGHTS, Selection, select
from rag.signals import FEATURES, features, gather
from tests.passages import whole

Ask = Callable[[str], Selection]

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"

ANSWERED = [
    ("How many H200 chips will ByteDance, Alibaba and Tencent buy?", "400,000"),
    ("Did China approve the H200 sale?", "approved"),
    ("Who is Kush Desai?", "spokesman Kush Desai"),
    ("What did Samuel Bresnick say?", "Bresnick"),
    ("Where did Huang eat beef hot pot?", "Shenzhen"),
    ("What did Jensen Huang do in Shanghai?", "bike ride"),
    ("Who is Samuel Bresnick?", "research fellow"),
    ("How many H200 units do Alibaba and ByteDance want to order?", "200,000"),
    ("How much could AI chips generate for Nvidia?", "$50 billion"),
    ("Did Nvidia respond to requests for comment?", "did not immediately respond"),
    ("When does China plan to approve imports of H200 chips?", "this quarter"),
    ("Who may not use the imported H200 chips?", "military"),
    ("Who is the CEO of Nvidia?", "Jensen Huang"),
    ("What does the White House say about chip smuggling?", "smuggling"),
    ("Why do Chinese firms depend on CUDA?", "CUDA"),
]
REFUSED = [
    "Who won the 2022 World Cup?",
    "What is the capital of Brazil?",
    "How many employees does Nvidia have?",
    "When will Apple release a new phone?",
    "What did Elon Musk say about H200 chips?",
    "Where was Jensen Huang born?",
    "How old is Jensen Huang?",
    "When was Nvidia founded?",
    "Who is the wife of Jensen Huang?",
    "Did Intel get approval to sell chips to China?",
    "Did India approve the sale of H200 chips?",
    "How many people live in Shanghai?",
    "What is Nvidia's share price?",
    "How many chips did AMD sell in China?",
    "What is the recipe for beef hot pot?",
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Ask]:
    """Ask an archive of the two seed articles."""
    if not SEEDS.is_dir():
        pytest.skip(f"the seed articles are not at {SEEDS}")
    index = Index.open(
        tmp_path_factory.mktemp("seeds"),
        settings_id="test",
        embedder=embedder.name,
        dim=embedder.dim,
        create=True,
    )
    ingest([SEEDS], index, embedder)

    def answer(asked: str) -> Selection:
        question = Question(asked=asked)
        found = retrieve(question, index, embedder)
        articles = index.catalog.articles({s.passage.article_id for s in found.passages})
        selection = select(
            question,
            found.passages,
            articles,
            embedder=embedder,
            query_vector=found.query_vector,
        )
        for evidence in selection.sentences:
            article = articles[evidence.article_id]
            assert article.text[evidence.start : evidence.end] == evidence.text
        return selection

    yield answer
    index.close()


@pytest.mark.parametrize(("asked", "words"), ANSWERED)
def test_two_articles_answer_what_they_hold(asked: str, words: str, ask: Ask) -> None:
    selection = ask(asked)

    assert selection.reason is None, selection.reason
    assert any(words in s.text for s in selection.sentences)
    assert 0.5 <= selection.confidence <= 1


@pytest.mark.parametrize("asked", REFUSED)
def test_two_articles_refuse_what_they_do_not_hold(asked: str, ask: Ask) -> None:
    selection = ask(asked)

    assert selection.reason is not None
    assert selection.reason.endswith(".")
    assert 0 <= selection.confidence < 0.5


def test_the_reason_names_what_is_missing(ask: Ask) -> None:
    assert "speaks of Elon Musk" in str(ask("What did Elon Musk say about H200 chips?").reason)
    assert "none gives the figure" in str(ask("How many employees does Nvidia have?").reason)


def test_the_reason_writes_names_as_the_question_does() -> None:
    for question, named in (
        ("Did Zorn sell the H200 to Brazil?", "Zorn"),
        ("Is the Q77 any good?", "Q77"),
        ("Is the Zorn-19 any good?", "Zorn-19"),
    ):
        reason = judge(read_question(question), (), np.zeros((0, len(FEATURES))), ())[1]
        assert named in str(reason), reason


def story(*paragraphs: str, article_id: str = "a") -> tuple[Article, ScoredPassage]:
    text = "\n".join(paragraphs)
    article = Article(article_id=article_id, revision=1, title=None, text=text, outlet=None)
    passage = whole(text, article_id)
    return article, ScoredPassage(passage=passage, score=0.9, rank=1, ranker="test")


def chosen(asked: str, embedder: Embedder, *stories: tuple[Article, ScoredPassage]) -> Selection:
    return select(
        Question(asked=asked),
        [found for _, found in stories],
        {article.article_id: article for article, _ in stories},
        embedder=embedder,
        query_vector=embedder.encode([clean_question(asked)])[0],
    )


def test_a_sentence_that_answers_comes_before_the_heading_that_asks_the_same(
    embedder: Embedder,
) -> None:
    selection = chosen(
        "How many people died in the ferry accident?",
        embedder,
        story(
            "Ferry accident: how many people died",
            "The ferry accident killed 14 people on Tuesday, the coast guard said.",
            "The ferry had been in service since the spring, its owner told reporters.",
        ),
    )

    assert selection.reason is None
    assert selection.sentences[0].text.startswith("The ferry accident killed 14 people")


def test_the_same_sentence_of_two_outlets_is_quoted_once(embedder: Embedder) -> None:
    line = "The ferry accident killed 14 people on Tuesday, the coast guard said."

    selection = chosen(
        "How many people died in the ferry accident?",
        embedder,
        story(line, article_id="a"),
        story(line, "The mayor thanked the divers for their work.", article_id="b"),
    )

    assert sum(s.text == line for s in selection.sentences) == 1
    assert len({s.text for s in selection.sentences}) == len(selection.sentences) <= 3


def test_nothing_found_is_a_refusal(embedder: Embedder) -> None:
    selection = chosen("Who bought the chips?", embedder)

    assert selection.sentences == ()
    assert selection.confidence == 0
    assert selection.reason == "Nothing found in the archive speaks of bought or chips."


@pytest.mark.parametrize(
    "asked",
    ["", "\0", "\ud800", "the of and", "[" * 100_000, "\U0001f600" * 50, "谁？", "من؟", "?" * 5000],
)
def test_no_question_breaks_selection(asked: str, embedder: Embedder) -> None:
    selection = chosen(asked, embedder, story("Tencent buys chips.", "\0 \ufffd", "[" * 300))

    assert selection.reason
    assert 0 <= selection.confidence < 0.5


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_any_question_can_be_read(asked: str) -> None:
    read = read_question(asked)

    assert read.text == clean_question(asked)
    assert all(0 <= w <= 1 for w in read.weights.values())
    assert set(read.weights) == set(read.wording)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("How many chips did it buy?", "number"),
        ("How much did the bidder pay?", "money"),
        ("Who won?", "person"),
        ("The prime minister of which European nation stepped down?", "country"),
        ("In which state was the ticket purchased?", "state"),
        ("Where did the leak occur?", "place"),
        ("Why were the cars recalled?", "reason"),
        ("The bank raised its rate. What year was the last rise?", "time"),
        ("Did China approve the sale?", "yesno"),
        ("What is the new album called?", "name"),
    ],
)
def test_reads_what_kind_of_answer_is_asked_for(asked: str, kind: str) -> None:
    assert read_question(asked).kind == kind


def test_less_support_never_raises_the_confidence(embedder: Embedder) -> None:
    asked = read_question("How many people died in the ferry accident?")
    _, found = story("The ferry accident killed 14 people on Tuesday.", "It rained all day long.")
    vector = embedder.encode([asked.text])[0]
    ranked, rows = features(asked, gather(asked, [found], {}), embedder, vector)
    before, _ = judge(asked, ranked, rows, ranked)

    for name in ("around", "cosine", "recall", "typed"):
        weaker = rows.copy()
        weaker[:, FEATURES.index(name)] *= 0.5
        assert judge(asked, ranked, weaker, ranked)[0] <= before


def test_a_sentence_may_leave_the_name_to_its_neighbour(embedder: Embedder) -> None:
    """News names its subject once; what lacks the other words gains nothing from the name."""
    asked = read_question("How many sailors of the Petrel Star are still missing?")
    _, found = story(
        "The Petrel Star sank off the cape before dawn on Sunday.",
        "Seven sailors are still missing.",
        "Schools on the island stayed closed all day.",
    )
    vector = embedder.encode([asked.text])[0]
    ranked, rows = features(asked, gather(asked, [found], {}), embedder, vector)
    told = {
        c.evidence.text.split()[0]: dict(zip(FEATURES, row, strict=True))
        for c, row in zip(ranked, rows, strict=True)
    }

    assert told["Seven"]["recall"] < 0.5 < told["Seven"]["tells"]
    assert told["Seven"]["tells"] > told["The"]["tells"] == told["The"]["recall"]
    assert told["Schools"]["tells"] == told["Schools"]["recall"] == 0.0
    assert (rows[:, FEATURES.index("tells")] <= 1 + 1e-9).all()


def test_every_feature_has_a_weight_and_every_signal_too(embedder: Embedder) -> None:
    from rag.refuse import _WEIGHTS

    asked = read_question("Who bought chips?")
    _, found = story("Tencent bought chips.")
    ranked, rows = features(
        asked, gather(asked, [found], {}), embedder, embedder.encode(["Who bought chips?"])[0]
    )

    assert set(WEIGHTS) == set(FEATURES)
    assert rows.shape == (1, len(FEATURES))
    assert np.isfinite(rows).all()
    assert set(signals(asked, ranked, rows, ranked)) == set(_WEIGHTS)


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("Compare the ferries of Korin", "the ferries of Korin"),
        ("Please tell me who owns the ferry in Korin", "who owns the ferry in Korin"),
        ("Could you summarize what sank the ferry?", "what sank the ferry?"),
        (
            "Given what the archive says about it, why did the ferry sink?",
            "why did the ferry sink?",
        ),
        ("Hi there! Who owns the ferry in Korin?", "Who owns the ferry in Korin?"),
        ("Based on these articles, list the ferries", "the ferries"),
    ],
)
def test_an_order_to_answer_is_no_subject(asked: str, plain: str) -> None:
    assert read_question(asked).weights.keys() == read_question(plain).weights.keys()
    assert read_question(asked).names == read_question(plain).names


@pytest.mark.parametrize("asked", ["Explain", "Compare", "List", "Name?"])
def test_an_order_alone_is_its_own_subject(asked: str) -> None:
    assert read_question(asked).weights
