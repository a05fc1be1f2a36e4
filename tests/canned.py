"""Three articles about a bridge, and canned answers over them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rag.schema import (
    Answer,
    Article,
    Citation,
    ClaimVerdict,
    Conflict,
    Evidence,
    Passage,
    Position,
    Question,
    ScoredPassage,
    Sentence,
    Verdict,
)

HARBOUR = (
    "The city council voted on Tuesday to close the old harbour bridge to cars from 1 March.\n\n"
    "Engineers had found cracks in four of the twelve piers, according to a report seen by the "
    "Courier. Repairs will cost 38 million euros and take about two years, the report said.\n\n"
    "Trams and bicycles may keep crossing. “We had no choice,” said the mayor, Ines Halvorsen. "
    "Shop owners on the north bank fear that they will lose a third of their customers [1].\n\n"
    "A second vote, on the money, is due in April. The opposition has asked for a ferry in the "
    "meantime; the council has not decided on it. Traffic will be led over the ring road, where "
    "queues of an hour are expected in the first weeks."
)
LEDGER = (
    "Repairing the harbour bridge will cost 52 million euros, the builders’ federation said on "
    "Thursday, well above the figure that the council gave.\n\n"
    "The federation’s estimate includes a temporary ferry. Work could begin in May."
)
RADIO = "The bridge closes to cars in spring. Details were not given."


def _article(article_id: str, text: str, **known: Any) -> Article:
    return Article(article_id=article_id, revision=1, text=text, content_hash=article_id, **known)


ARTICLES = {
    a.article_id: a
    for a in (
        _article(
            "a1",
            HARBOUR,
            title="Council closes harbour bridge to cars",
            outlet="The Harbour Courier",
            authors=("Mara Lindqvist",),
            url="https://courier.example/bridge",
            published_at=datetime(2026, 1, 27, 9, 30, tzinfo=UTC),
            date_source="meta",
        ),
        _article(
            "a2",
            LEDGER,
            title="Builders put bridge repair at 52 million",
            outlet="Northern Ledger",
            path="samples/articles/ledger.txt",
            updated_at=datetime(2026, 1, 29, 19, 3, tzinfo=UTC),
            date_source="updated line",
        ),
        _article("a3", RADIO, title=None, outlet=None, path="/tmp/radio-note.txt"),
    )
}


def evidence(article_id: str, words: str) -> Evidence:
    """The first place of these words in an article."""
    start = ARTICLES[article_id].text.index(words)
    return Evidence(article_id=article_id, start=start, end=start + len(words), text=words)


def passage(article_id: str, rank: int, end: int | None = None) -> ScoredPassage:
    """The beginning of an article as a found passage."""
    text = ARTICLES[article_id].text[:end]
    found = Passage(
        article_id=article_id,
        start=0,
        end=len(text),
        text=text,
        passage_id=f"{article_id}:1:0",
        sentences=((0, len(text)),),
    )
    return ScoredPassage(passage=found, score=1 / rank, rank=rank, ranker="fake")


COST = evidence(
    "a1", "Repairs will cost 38 million euros and take about two years, the report said."
)
RIVAL = evidence("a2", "Repairing the harbour bridge will cost 52 million euros")
SPRING = evidence("a3", "The bridge closes to cars in spring.")
PASSAGES = (passage("a1", 1), passage("a2", 2), passage("a3", 3, 36))


def canned(asked: str = "What will the bridge repair cost?") -> Answer:
    """An answer with every verdict but contested, two citations and a conflict."""
    sentences = (
        Sentence(
            text=COST.text,
            citations=(Citation(marker=1, evidence=COST),),
            verdict=Verdict(label="supported", score=1.0, judge="verbatim"),
        ),
        Sentence(
            text="The bridge closes in spring and will cost more than 900 million euros.",
            citations=(Citation(marker=2, evidence=SPRING), Citation(marker=1, evidence=COST)),
            verdict=Verdict(
                label="refuted",
                score=0.1,
                reasons=("900 million euros is not in the source: 38 million euros",),
                judge="rules 1",
            ),
        ),
        Sentence(
            text="A ferry has been promised.",
            citations=(),
            verdict=Verdict(label="unsupported", score=0.0, reasons=("no source says this",)),
        ),
    )
    positions = (
        Position(
            statement=COST.text,
            evidence=COST,
            outlet="The Harbour Courier",
            published_at=ARTICLES["a1"].published_at,
        ),
        Position(
            statement=RIVAL.text,
            evidence=RIVAL,
            outlet="Northern Ledger",
            published_at=None,
            updated_at=ARTICLES["a2"].updated_at,
        ),
    )
    return Answer(
        question=Question(asked=asked),
        sentences=sentences,
        conflicts=(Conflict(topic="cost of the repair", kind="value", positions=positions),),
        passages=PASSAGES,
        articles=ARTICLES,
        group_sizes={"a1": 3},
        settings_id="fake",
        timings_ms={"retrieve": 1.23456},
    )


def abstention(asked: str) -> Answer:
    """No answer, with conflicts and passages that must not be shown as its sources."""
    return replace(canned(asked), sentences=(), reason="No passage says who painted the bridge.")


FERRY = evidence(
    "a1",
    "The opposition has asked for a ferry in the meantime; the council has not decided on it.",
)
SUGGESTED = ("When is a second vote due?", "How much will the harbour bridge cost?")


def follow_up(asked: str) -> Answer:
    """An answer to a question that leaned on another, citing what that cited, and more."""
    answer = canned(asked)
    sentences = (
        Sentence(
            text=FERRY.text,
            citations=(Citation(marker=1, evidence=FERRY),),
            verdict=Verdict(label="supported", score=1.0, judge="verbatim"),
        ),
        replace(answer.sentences[0], citations=(Citation(marker=2, evidence=COST),)),
    )
    question = Question(asked=asked, standalone="Is there a ferry while the bridge is closed?")
    return replace(answer, question=question, sentences=sentences, suggestions=SUGGESTED)


def typed(asked: str) -> Answer:
    """A yes-or-no answer on which the sources differ, with all that its check found."""
    answer = canned(asked)
    claims = (
        ClaimVerdict(text="The bridge closes in spring", label="supported", said_by="Radio North"),
        ClaimVerdict(
            text="will cost more than 900 million euros",
            label="refuted",
            reason="900 million euros is not in the source: 38 million euros",
            against="Repairs will cost 38 million euros",
            said_by="the mayor",
            firmness="alleged",
        ),
    )
    first, second, _ = answer.sentences
    verdict = replace(second.verdict, claims=claims)
    conflict = answer.conflicts[0]
    one, other = conflict.positions
    told = Sentence(
        text="The council speaks of 38 million euros, the builders of 52 million.",
        citations=(),
        verdict=Verdict(label="supported", score=0.9),
    )
    return replace(
        answer,
        sentences=(replace(first, point="yes"), replace(second, verdict=verdict, point="no")),
        conflicts=(
            replace(
                conflict,
                positions=(one, replace(other, credits=("Reuters", "the builders"))),
                note="52 million is 1.4 times 38 million",
                told=told,
            ),
        ),
        kind="yesno",
        short="Sources differ",
        repairs={"rewritten": 1, "reattributed": 2, "removed": 0},
        mode="llm",
        model="test-model",
        suggestions=SUGGESTED,
    )


def near(asked: str) -> Answer:
    """No answer, though something near was found."""
    return replace(
        abstention(asked),
        refusal="near",
        nearest=(FERRY, SPRING),
        suggestions=SUGGESTED[:1],
    )


# By the first of these words in a question.
CANNED: dict[str, Callable[[str], Answer]] = {
    "who": abstention,
    "ferry": follow_up,
    "really": typed,
    "colour": near,
}


def with_articles(answer: Answer, **changed: object) -> Answer:
    """The answer with the same thing changed in each of its articles."""
    articles = {k: replace(a, **changed) for k, a in answer.articles.items()}  # type: ignore[arg-type]
    return replace(answer, articles=articles)


def hostile(words: str) -> Answer:
    """The canned answer with these words wherever someone else's words can stand."""
    answer = with_articles(
        typed(words), title=words, outlet=words, authors=(words,), url=words, path=words
    )
    first, second = answer.sentences
    claim = ClaimVerdict(text=words, label="refuted", reason=words, against=words, said_by=words)
    verdict = replace(second.verdict, reasons=(words,), judge=words, claims=(claim, claim))
    other = replace(second, text=words, verdict=verdict, point=words)
    conflict = answer.conflicts[0]
    positions = tuple(
        replace(p, statement=words, outlet=words, credits=(words,)) for p in conflict.positions
    )
    return replace(
        answer,
        question=Question(asked=words, standalone=f"{words} again"),
        sentences=(replace(first, point=words), other),
        conflicts=(replace(conflict, topic=words, note=words, positions=positions, told=other),),
        reason=words,
        nearest=(COST,),
        refusal="near",
        short=words,
        suggestions=(words,),
        notice=words,
        model=words,
    )
