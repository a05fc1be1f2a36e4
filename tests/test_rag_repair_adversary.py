"""A model that changes one thing in each sentence over the samples: nothing false is shown as true.

Whole answers: a real archive, a real client, and a server on loopback that lies.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.prompts import _CARRIED_RULES
from rag.schema import Answer
from rag.settings import Settings
from tests import faulty
from tests.faulty import FaultyServer, State
from web.desk import Desk

ARTICLES = Path(__file__).resolve().parents[1] / "samples" / "articles"
FERRY = "How many people died in the Lake Verrin ferry accident?"
PLANT = "When will the Orrin battery plant in Westmere open?"
TRAM = "Has the Calder Ridge council approved the Mill Line tram?"
WATER = "How full is the Arden reservoir in the Teal Valley?"
CHIPS = "How many H200 chips may Chinese companies buy?"

# question, a sentence with a gap, what an article says there, and what the model says
_EDITS = [
    # figures
    (FERRY, "Rescuers pulled {} people out of the water.", "45", "54"),
    (FERRY, "The boat lies on its side at a depth of {} metres.", "31", "13"),
    (
        PLANT,
        "Orrin Cells, which is not listed, borrowed {} million crowns for the building.",
        "310",
        "130",
    ),
    (TRAM, "Seven members voted for it on Tuesday night and {} against.", "two", "four"),
    (WATER, "The four towns together must save {} million litres a week.", "40", "60"),
    (CHIPS, "The three first buyers may import more than {} chips in total.", "400,000", "900,000"),
    # dates
    (
        FERRY,
        "A service of remembrance will be held on {} in the church of Saint Oda.",
        "Thursday",
        "Sunday",
    ),
    (PLANT, "The old shipyard closed in {}", "2011.", "2014."),
    (TRAM, "The first trams should run in the spring of {}", "2029.", "2027."),
    (WATER, "The board will look at the figures again on June {}", "15.", "25."),
    # names
    (
        FERRY,
        "The search will go on until Friday, said {} the head of the service.",
        "Edda Lorne,",
        "Joss Hallam,",
    ),
    (
        PLANT,
        "The company's director, {} told the Gazette on Tuesday.",
        "Ulla Stenmark,",
        "Lorenz Aubry,",
    ),
    (TRAM, "Council member {} voted against.", "Rufus Tallow", "Orla Brandt"),
    (
        WATER,
        "Hospitals and bakeries are exempt, said the board's director, {}",
        "Colm Vesper.",
        "Gus Okafor.",
    ),
    (
        CHIPS,
        "Much of the software of Chinese companies is written for {} CUDA.",
        "Nvidia's",
        "Huawei's",
    ),
    # names that stand somewhere else in the archive
    (
        FERRY,
        "The operator, {}, said that the vessel had passed an inspection.",
        "Verrin Lines",
        "Orrin Cells",
    ),
    (
        WATER,
        "The four towns must save 40 million litres a week, said director {}.",
        "Colm Vesper",
        "Anselm Reith",
    ),
    # negation
    (FERRY, "The vessel had {} an inspection in November.", "passed", "not passed"),
    (FERRY, "Two of the ferry's six doors had {} shut.", "not been", "been"),
    (PLANT, "The company has {} for a permit.", "not applied", "applied"),
    (TRAM, "The mayor's office {} to comment on the report.", "did not want", "wanted"),
    (WATER, "{} worth the name has fallen since February.", "No rain", "Rain"),
    (CHIPS, "Nvidia and the three buyers {} questions at once.", "did not answer", "answered"),
]
EDITS = [(q, frame.format(was), frame.format(said)) for q, frame, was, said in _EDITS]
QUESTIONS = list(dict.fromkeys(question for question, _, _ in EDITS))
OPENING = {
    FERRY: "The ferry Tamsin Gale capsized in high winds on Lake Verrin.",
    PLANT: "Orrin Cells makes batteries for ferries and harbour cranes.",
    TRAM: "Opponents fear for the trees along Foundry Street.",
    WATER: "The Arden reservoir supplies the four towns of the Teal Valley.",
    CHIPS: "Samuel Bresnick studies the subject at Georgetown University.",
}
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("adversary") / "home"
    with Desk.open(Settings(home=path, llm_model="", llm_base_url=""), create=True) as desk:
        desk.ingest([ARTICLES])
    return path


@pytest.fixture
def ask(home: Path) -> Ask:
    def ask(state: State, question: str, **settings: Any) -> Answer:
        with FaultyServer(state) as server:
            given = Settings(home=home, llm_model="m", llm_base_url=server.url, **settings)
            with Desk.open(given) as desk:
                *_, last = desk.ask(question)
        answer: Answer = last.answer  # type: ignore[union-attr]
        for citation in answer.citations:
            quoted = citation.evidence
            assert answer.articles[quoted.article_id].text[quoted.start : quoted.end] == quoted.text
        shown = {p.passage.article_id for p in answer.passages}
        assert {c.evidence.article_id for c in answer.citations} <= shown
        assert [p.rank for p in answer.passages] == list(range(1, len(answer.passages) + 1))
        return answer

    return ask


def liar(question: str, corrects: bool = False) -> State:
    """A true opening, then each edited sentence under the wrong marker."""
    edited = {lie: truth for asked, truth, lie in EDITS if asked == question}

    def reply(body: dict[str, Any]) -> str:
        system, prompt = body["messages"][0]["content"], body["messages"][-1]["content"]
        ids = list(faulty.ids_in(prompt))
        if system == _CARRIED_RULES:
            asked = prompt.rsplit("Sentence:", 1)[1].strip().removeprefix("> ")
            return f"{edited[asked]} [{ids[0]}]" if corrects else f"{asked} [{ids[0]}]"
        return " ".join(f"{text[:-1]} [{ids[-1]}]." for text in (OPENING[question], *edited))

    return faulty.says(reply)


def is_true_to(question: str, text: str) -> bool:
    return text not in {lie for asked, _, lie in EDITS if asked == question}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_edited_sentence_is_shown_as_supported(ask: Ask, question: str) -> None:
    answer = ask(liar(question), question)

    assert answer.mode == "llm"
    carried = [s for s in answer.sentences if s.verdict.label in ("supported", "contested")]
    assert [s.text for s in carried if not is_true_to(question, s.text)] == []
    assert [s.text for s in carried] == [OPENING[question]], "wrong markers are put right"
    n_lies = sum(asked == question for asked, _, _ in EDITS)
    assert answer.repairs["marked"] == n_lies == sum(answer.repairs.values())


@pytest.mark.parametrize("question", QUESTIONS)
def test_strictly_no_edited_sentence_is_shown_at_all(ask: Ask, question: str) -> None:
    answer = ask(liar(question), question, strict=True)

    assert [s.text for s in answer.sentences] == [OPENING[question]]
    n_lies = sum(asked == question for asked, _, _ in EDITS)
    assert answer.repairs["removed"] == n_lies
    assert re.search(
        rf"{n_lies} sentences that the articles do not carry were", answer.notice or ""
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_model_that_corrects_itself_is_shown_as_corrected(ask: Ask, question: str) -> None:
    answer = ask(liar(question, corrects=True), question)

    truths = [truth for asked, truth, _ in EDITS if asked == question]
    corrected = [s for s in answer.sentences if s.text in truths]
    assert {s.verdict.label for s in corrected} <= {"supported", "contested"}
    assert len(corrected) == answer.repairs["rewritten"] == min(3, len(truths))
    assert "rewritten" in (answer.notice or "")
