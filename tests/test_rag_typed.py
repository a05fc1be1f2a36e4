"""Rules of yes/no answers, lists and refusals, over the samples and a small archive of our own."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rag.embed import Embedder
from rag.llm import Message
from rag.pipeline import Pipeline
from rag.render import to_text
from rag.render_json import to_json
from rag.retrieve import Retrieved
from rag.schema import Answer, AnswerEvent, Article, Filters, Passage, Question, ScoredPassage
from rag.settings import Settings
from rag.text import sentence_spans
from web.desk import Desk

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "articles"
Ask = Callable[..., Answer]

# Title, outlet, day, text.
ROWS = (
    (
        "Harbour bridge to close for repairs",
        "Port Courier",
        "2026-02-03",
        "The port council has approved the repair of the harbour bridge for 12 million crowns. "
        "The bridge will close in April. Buses will go by way of the old lock.",
    ),
    (
        "Council votes for the bridge",
        "Evening Ledger",
        "2026-02-04",
        "The port council approved the repair of the harbour bridge on Tuesday. "
        "The work costs 14 million crowns, said the mayor, Alma Brandt.",
    ),
    (
        "Four yards bid for the new ferries",
        "Evening Ledger",
        "2026-03-10",
        "Norden Yards, Kessler and Blue Fjord have bid for the two new ferries of the port. "
        "The port wants to decide in May.",
    ),
    (
        "Kessler among the bidders for the ferries",
        "Port Courier",
        "2026-03-12",
        "Kessler and Tarn Marine have bid for the two new ferries, the port said on Thursday.",
    ),
    (
        "Orchard show opens",
        "Hill Gazette",
        "2026-03-20",
        "The orchard show has opened in Upper Hill with sixty kinds of apples. "
        "It was not visited by the mayor this year.",
    ),
    (
        "Norland and the pact",
        "Hill Gazette",
        "2026-05-02",
        "Norland did not join the northern pact for historic reasons. "
        "Norland announced its intention to join the northern pact in May. "
        "Ada Quill lost her seat in the Calder assembly on Sunday. "
        "Her speeches only served Bo Hale and his victory in the Calder assembly.",
    ),
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("typed")
    rows = (
        {"title": t, "source": o, "published_at": d, "text": text, "url": f"https://x.example/{i}"}
        for i, (t, o, d, text) in enumerate(ROWS)
    )
    (folder / "news.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    yield from asking(folder / "home", folder / "news.jsonl")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    yield from asking(tmp_path_factory.mktemp("typed_samples") / "home", SAMPLES)


def asking(home: Path, source: Path) -> Iterator[Ask]:
    with Desk.open(Settings(home=home, llm_model="", llm_base_url=""), create=True) as desk:
        desk.ingest([source])

        def ask(question: str, filters: Filters = Filters()) -> Answer:
            *_, last = desk.ask(question, filters=filters)
            assert isinstance(last, AnswerEvent)
            answer = last.answer
            for evidence in (*answer.nearest, *(c.evidence for c in answer.citations)):
                article = answer.articles[evidence.article_id]
                assert article.text[evidence.start : evidence.end] == evidence.text
            return answer

        yield ask


def points(answer: Answer) -> list[str | None]:
    return [s.point for s in answer.sentences]


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("Did the port council approve the repair of the harbour bridge?", "Yes"),
        ("Did the port council reject the repair of the harbour bridge?", "No"),
        ("Will the harbour bridge close in April?", "Yes"),
        ("Will the harbour bridge close in June?", "No"),
        ("Was the orchard show visited by the mayor?", "No"),
        ("Have more than 50 kinds of apples been shown at the orchard show?", "Yes"),
        ("Is Alma Brandt the mayor?", "Yes"),
    ],
)
def test_the_short_answer_follows_from_the_words_quoted(
    own: Ask, question: str, short: str
) -> None:
    answer = own(question)

    assert (answer.kind, answer.short) == ("yesno", short)
    assert {"Yes": "yes", "No": "no"}.get(short) in {points(answer)[0], None}
    assert all(s.citations for s in answer.sentences)


@pytest.mark.parametrize(
    "question",
    [
        "Did the hill council approve the repair of the harbour bridge?",
        "Did Kessler win the order for the two new ferries?",
        "Did Alma Brandt approve the orchard show?",
        "Has Tarn Marine repaired the harbour bridge?",
    ],
)
def test_another_actor_or_deed_settles_nothing(own: Ask, question: str) -> None:
    assert own(question).short in (None, "Not settled")


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("Has Norland joined the northern pact?", "Not settled"),
        ("Did Ada Quill lose her seat in the Calder assembly?", "Yes"),
        ("Did Bo Hale lose his seat in the Calder assembly?", "Not settled"),
    ],
)
def test_plans_and_the_deeds_of_others_settle_nothing(own: Ask, question: str, short: str) -> None:
    answer = own(question)

    assert answer.short == short
    assert {"Yes": {"yes"}, "Not settled": {None}}[short] == set(points(answer))


def test_where_articles_disagree_both_sides_are_quoted(samples: Ask) -> None:
    for question in (
        "Has the Calder Ridge council approved the Mill Line tram?",
        "Did China approve the sale of H200 chips?",
        "Were 86 people aboard the Tamsin Gale?",
    ):
        answer = samples(question)

        assert (answer.kind, answer.short) == ("yesno", "Sources differ")
        assert {"yes", "no"} <= set(points(answer))


def test_a_figure_that_counts_something_else_says_neither(samples: Ask) -> None:
    """At least nine people died and 14 were missing; later twelve had died."""
    assert samples("Did 14 people die in the ferry accident?").short != "Yes"
    assert samples("Did at least nine people die in the ferry accident?").short == "Yes"


def test_a_bound_is_reckoned_with(samples: Ask) -> None:
    assert samples("Did the Arden reservoir fall below 30 percent?").short == "Yes"
    assert samples("Did more than 100 people die in the ferry accident?").short == "No"


def test_each_outlet_that_the_question_names_is_quoted(own: Ask) -> None:
    answer = own(
        "Does the Port Courier say that the harbour bridge will close in April, while the "
        "Evening Ledger says that the port wants to decide on ferries in May?"
    )

    assert answer.short == "Yes"
    outlets = {answer.articles[c.evidence.article_id].outlet for c in answer.citations}
    assert outlets >= {"Port Courier", "Evening Ledger"}


def test_outlets_that_disagree_do_not_agree(samples: Ask) -> None:
    question = "Does the {} agree with the {} on when the Orrin plant will open?"
    asked = question.format("Westmere Gazette", "Coast Business Weekly")

    assert samples(asked).short == "No"
    assert samples(asked.replace("agree with", "contradict")).short == "Yes"


@pytest.mark.parametrize(("word", "short"), [("before", "Yes"), ("after", "No")])
def test_which_article_came_first_follows_from_their_days(own: Ask, word: str, short: str) -> None:
    answer = own(
        f"Did the Port Courier report that the bridge will close {word} "
        "the Hill Gazette reported on the orchard show?"
    )

    assert answer.short == short
    assert len({answer.articles[c.evidence.article_id].day for c in answer.citations}) == 2


def test_outlets_are_listed_once_each_with_a_citation(samples: Ask, own: Ask) -> None:
    answer = own("Which outlets say that the port council approved the repair of the bridge?")

    assert (answer.kind, answer.short) == ("list", "2 outlets")
    assert sorted(map(str, points(answer))) == ["Evening Ledger", "Port Courier"]
    for sentence in answer.sentences:
        (citation,) = sentence.citations
        assert answer.articles[citation.evidence.article_id].outlet == sentence.point
    assert "Hill Gazette" not in points(own("Which outlets report on the harbour bridge?"))


def test_items_are_merged_over_articles(own: Ask) -> None:
    answer = own("Which companies have bid for the two new ferries?")

    assert (answer.kind, answer.short) == ("list", "4 companies")
    named = " ".join(map(str, points(answer)))
    assert all(
        named.count(n) == 1 for n in ("Norden Yards", "Kessler", "Blue Fjord", "Tarn Marine")
    )


def test_who_and_when_is_told_with_the_day_reckoned(samples: Ask) -> None:
    answer = samples("Who leads the rescue service and when did the ferry capsize?")

    assert answer.short == "Edda Lorne, 2 March 2026"
    assert len(points(answer)) == 2


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        ("Who won the World Cup in football?", "nothing"),
        ("How many employees does Kessler have?", "near"),
        ("What happened at the harbour bridge in 2019?", "period"),
        ("How much did the repair of the harbour bridge cost in 1998?", "period"),
        ("What was reported on the harbour bridge since 1 May 2026?", "period"),
        ("Does a Bloomberg article agree with the Port Courier on the bridge?", "near"),
    ],
)
def test_a_refusal_says_of_which_kind_it_is(own: Ask, question: str, refusal: str) -> None:
    answer = own(question)

    assert (answer.abstained, answer.refusal) == (True, refusal)
    assert answer.reason and answer.reason.endswith(".") and answer.reason.count(". ") == 0
    assert bool(answer.nearest) == (refusal != "nothing") and len(answer.nearest) <= 3
    assert not answer.citations and not answer.conflicts and answer.short is None


def test_the_days_that_the_archive_has_are_named(own: Ask) -> None:
    reason = own("What was reported on the harbour bridge since 1 May 2026?").reason

    assert reason is not None
    assert "since 1 May 2026" in reason and "4 February 2026" in reason


def test_the_terminal_shows_the_short_answer_first_and_what_comes_near(own: Ask) -> None:
    told = to_text(to_json(own("Will the harbour bridge close in April?")))
    refused = to_text(to_json(own("How many employees does Kessler have?")))

    assert told.splitlines()[0] == "Yes"
    assert "\nYes: The bridge will close in April. [1]" in told
    assert refused.startswith("No answer: ")
    assert "What comes near (it does not answer the question)" in refused and "[1]" not in refused


class Scripted:
    """A model that says what it is told to: a real filling of the ChatModel seam."""

    name = "scripted"
    context_tokens = 16_384

    def __init__(self, reply: str) -> None:
        self._reply = reply

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        yield self._reply


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        ("The ferry sank on Monday. Paris is the capital of France.", ["supported", "unsupported"]),
        ("Water boils at 100 degrees. The ferry sank on Monday.", ["unsupported", "supported"]),
    ],
)
def test_what_no_article_says_is_unsupported_however_true(
    embedder: Embedder, reply: str, labels: list[str]
) -> None:
    answer = told_by(Scripted(reply), embedder)

    assert [s.verdict.label for s in answer.sentences] == labels
    assert [bool(s.citations) for s in answer.sentences] == [v == "supported" for v in labels]


def test_a_reply_from_memory_alone_is_not_shown(embedder: Embedder) -> None:
    answer = told_by(Scripted("Paris is the capital of France."), embedder)

    assert all("Paris" not in s.text for s in answer.sentences)


def told_by(model: Scripted, embedder: Embedder) -> Answer:
    text = "The ferry sank on Monday. Divers will look for it at dawn."
    article = Article(article_id="a", revision=1, title="Ferry", text=text, outlet="Post")
    passage = Passage(
        article_id="a",
        start=0,
        end=len(text),
        text=text,
        passage_id="a:1:0",
        sentences=sentence_spans(text),
    )

    def search(question: Question) -> tuple[Retrieved, dict[str, Article]]:
        hit = ScoredPassage(passage=passage, score=0.9, rank=1, ranker="test")
        return Retrieved((hit,), embedder.encode([question.text])[0], 0), {"a": article}

    return Pipeline(search=search, embedder=embedder, model=model).answer(
        "When did the ferry sink?"
    )


def test_according_to_one_outlet_asks_that_outlet_alone(samples: Ask) -> None:
    told = samples("According to The Harbour Ledger, how many chips may be imported?")
    other = samples("According to Valley Public Radio, how many chips may be imported?")

    assert told.sentences
    assert {told.articles[c.evidence.article_id].outlet for c in told.citations} == {
        "The Harbour Ledger"
    }
    assert "The Harbour Ledger alone" in (told.notice or "")
    assert other.abstained and "under these limits" in (other.reason or "")
