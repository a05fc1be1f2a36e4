"""In another language nothing of an answer's interface stays in English, and the contract does."""

import gettext
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime

import pytest

from rag import i18n
from rag.chats import Exchange
from rag.day_words import day_text, english_day, moment_text, short_text
from rag.draft import Draft
from rag.render import VERDICT_WORDS, scope_words
from rag.render_axis import timeline_svg_html
from rag.render_html import article_html, sources_html
from rag.render_json import to_json
from rag.render_map import source_map_html
from rag.render_markdown import to_markdown
from rag.render_references import references, to_bibtex, to_csl_json
from rag.render_sides import conflicts_html
from rag.render_story import Exchange as Told
from rag.render_story import story
from rag.render_story_html import story_html
from rag.render_story_markdown import story_markdown
from rag.render_timeline import timeline_html
from rag.render_turn import answer_html, draft_html, failure_html
from rag.schema import Answer, ClaimVerdict, Filters, Firmness, Label, TimelineEvent
from rag.settings import LANGUAGES
from tests.abroad import outside, pseudo, shown, words
from tests.canned import (
    ARTICLES,
    COST,
    FERRY,
    RIVAL,
    canned,
    follow_up,
    near,
    typed,
    with_articles,
)

ASKED_AT = datetime(2026, 2, 3, 14, 5, tzinfo=UTC)
NARROW = Filters(since=date(2026, 1, 1), outlets=("Northern Ledger",), articles=("a1", "a2"))
# What is told in words of ours, by a code of the contract.
CODES = frozenset("label kind refusal told precision firmness mode short point".split())


@pytest.fixture
def abroad() -> Iterator[None]:
    with pseudo():
        yield


def told(answer: Answer) -> Answer:
    """The answer with a timeline, limits and a repair, so that all of it is drawn."""
    events = (
        TimelineEvent(day=date(2026, 3, 1), precision="day", told="said", evidence=(COST,)),
        TimelineEvent(
            day=date(2026, 5, 1),
            precision="month",
            told="reckoned",
            planned=True,
            evidence=(RIVAL,),
        ),
        TimelineEvent(day=date(2028, 1, 1), precision="year", told="published", evidence=(FERRY,)),
    )
    question = replace(answer.question, filters=NARROW)
    repairs = {"rewritten": 2, "removed": 1}
    return replace(answer, question=question, timeline=events, repairs=repairs)


def foreign(value: object) -> Iterator[str]:
    """Every text in an answer: what articles, models and readers wrote."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            held = getattr(value, field.name)
            yield from () if field.name in CODES and isinstance(held, str) else foreign(held)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from foreign(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from foreign(item)


def plain() -> Answer:
    """An answer that nothing contradicts, of articles without a date."""
    answer = canned()
    shaky = [replace(s.verdict, label=n) for s, n in zip(answer.sentences, SHAKY, strict=True)]
    said = [
        ClaimVerdict(text=s.text, label="supported", said_by=name, firmness=firm)
        for s, name, firm in zip(answer.sentences, ("a1", None, None), FIRM, strict=True)
    ]
    sentences = tuple(
        replace(s, verdict=replace(v, claims=(c,)))
        for s, v, c in zip(answer.sentences, shaky, said, strict=True)
    )
    undated = with_articles(answer, published_at=None, updated_at=None)
    return replace(undated, sentences=sentences, conflicts=(), kind="list", short="2 outlets")


SHAKY: tuple[Label, ...] = ("partial", "contested", "supported")
FIRM: tuple[Firmness, ...] = ("denied", "denied", "possible")
ANSWERS = [
    canned(),
    plain(),
    typed("Will it really close?"),
    near("What colour is it?"),
    follow_up("And a ferry?"),
    replace(near("Who?"), refusal="period", reason=None),
]


def kept(answer: Answer) -> str:
    """A turn as a conversation keeps it, with all that can be done with it."""
    return answer_html(
        answer, Exchange(exchange_id=1, conversation_id="c", asked_at=ASKED_AT, answer=answer)
    )


PAGES: Mapping[str, Callable[[Answer], str]] = {
    "turn": kept,
    "sources": sources_html,
    "conflicts": conflicts_html,
    "map": source_map_html,
    "axis": timeline_svg_html,
    "timeline": timeline_html,
}


@pytest.mark.usefixtures("abroad")
@pytest.mark.parametrize("page", PAGES)
def test_nothing_that_is_shown_of_an_answer_stays_in_english(page: str) -> None:
    n_messages = 0
    for answer in map(told, ANSWERS):
        known = words(" ".join(foreign(answer)))
        for text in shown(PAGES[page](answer)):
            left = outside(text) - known
            assert not left, text
            n_messages += "⟦" in text
    assert n_messages > 5


@pytest.mark.usefixtures("abroad")
def test_nothing_of_a_turn_without_an_answer_stays_in_english() -> None:
    draft = Draft(asked="1?", standalone="2?")
    article = replace(ARTICLES["a1"], published_at=None, updated_at=None, outlet=None)
    pages = [draft_html(draft), failure_html(draft, "3", "4", "5"), article_html(article)]

    for text in (t for page in pages for t in shown(page)):
        assert outside(text) <= words(" ".join(foreign(article))), text


@pytest.mark.usefixtures("abroad")
def test_nothing_of_a_document_stays_in_english() -> None:
    bodies = [to_json(told(a)) for a in ANSWERS]
    known = words(" ".join(t for a in ANSWERS for t in foreign(told(a))))
    made = story("", [Told(asked_at=ASKED_AT, body=b) for b in bodies])
    page = re.sub(r"<head>.*</head>", "", story_html(made, ""), flags=re.DOTALL)

    for text in (*shown(page), story_markdown(made), *map(to_markdown, bodies)):
        assert outside(text) <= known, text
    cited = references(bodies)
    assert "⟦Updated ⟦29 January 2026⟧⟧" in to_csl_json(cited)
    assert "⟦Updated ⟦29 January 2026⟧⟧" in to_bibtex(cited)


@pytest.mark.usefixtures("abroad")
def test_the_contract_and_what_is_kept_stay_in_english() -> None:
    for answer in map(told, ANSWERS):
        assert "⟦" not in str(to_json(answer))
    assert english_day(date(2026, 1, 29)) == "29 January 2026"
    assert all(name.isalpha() for name in (*LANGUAGES.values(), *LANGUAGES))
    assert all("⟦" not in word for word in VERDICT_WORDS.values())


@pytest.mark.usefixtures("abroad")
def test_the_limits_of_a_search_are_told_piece_by_piece() -> None:
    limits = Filters(until=date(2026, 2, 1), articles=("a",), languages=("en", "de"))

    assert scope_words(limits) == ("⟦until ⟦1 February 2026⟧⟧", "⟦1 article⟧", "⟦language en, de⟧")


def test_days_in_english_are_those_of_the_calendar() -> None:
    for month in range(1, 13):
        day = date(2026, month, 9)
        assert day_text(day) == english_day(day) == f"9 {day:%B} 2026"
        assert moment_text(day, "month") == f"{day:%B} 2026"
        assert short_text(day) == f"9 {day:%b} 2026"
        assert short_text(day, "month") == f"{day:%b} 2026"
    assert short_text(day, "year") == moment_text(day, "year") == "2026"


def test_a_language_may_inflect_and_order_a_day_as_it_likes() -> None:
    class Czech(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            known = {
                "{day} May {year}": "{day}. května {year}",
                "May {year}": "květen {year}",
                "{when} (planned)": "plán: {when}",
            }
            return known.get(message, message)

    i18n.use(Czech())
    try:
        day = date(2026, 5, 4)
        assert day_text(day) == "4. května 2026"
        assert moment_text(day, "month", planned=True) == "plán: květen 2026"
    finally:
        i18n.use(gettext.NullTranslations())
