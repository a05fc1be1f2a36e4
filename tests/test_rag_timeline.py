"""The timeline: which day a sentence means, what is one event, and how it is shown."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.datings import Dating, datings, tells_news
from rag.day_words import moment_text
from rag.period import counted_from_newest, narrowed, period_of, period_text
from rag.render import to_text
from rag.render_json import to_json
from rag.render_markdown import to_markdown
from rag.render_timeline import timeline_html
from rag.schema import (
    Answer,
    AnswerEvent,
    Article,
    Filters,
    Passage,
    Question,
    TimelineEvent,
)
from rag.settings import Settings
from rag.text import sentence_spans
from rag.timeline import timeline
from tests.fake_desk import abstention, canned
from web.desk import Desk

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
WEDNESDAY = date(2026, 3, 4)


def only(text: str, today: date | None = WEDNESDAY) -> Dating:
    (dating,) = datings(text, today)
    return dating


def day_of(text: str, today: date | None = WEDNESDAY) -> str:
    """The day as told, with "+" where it is planned; "" where none is."""
    found = datings(text, today)
    if not found:
        return ""
    (dating,) = found
    shown = dating.day.isoformat()[: {"day": 10, "month": 7, "year": 4}[dating.precision]]
    return shown + ("+" if dating.planned else "")


# --- which day -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The bridge was closed on Monday.", "2026-03-02"),
        ("The bridge was closed on Wednesday.", "2026-03-04"),
        ("The bridge closed Tuesday after the flood.", "2026-03-03"),
        ("On Friday, the board sacked its director.", "2026-02-27"),
        ("The council will vote on Wednesday.", "2026-03-04+"),
        ("The council will vote on Monday.", "2026-03-09+"),
        ("A service will be held on Thursday.", "2026-03-05+"),
        ("The council is expected to vote next Monday.", "2026-03-09+"),
        ("The council was dissolved last Wednesday.", "2026-02-25"),
        ("The council was dissolved last Friday.", "2026-02-27"),
        # Tomorrow's weekday; this week's Monday to some; in two days to some, in nine to others.
        ("The bridge was closed on Thursday.", ""),
        ("The council was dissolved last Monday.", ""),
        ("The council will vote next Friday.", ""),
        ("The council meeting on Friday.", ""),
        ("The market opened on Mondays.", ""),
        ("Nobody has crossed it since Monday.", ""),
        ("The Monday vote was close.", ""),
        ("The council voted at Monday's meeting.", "2026-03-02"),
        ("Black Friday was quiet.", ""),
        ("He told CBS Sunday Morning about it.", ""),
        ("Asked on Monday why he won't go, he smiled.", "2026-03-02"),
    ],
)
def test_a_weekday_needs_a_tense(text: str, day: str) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Two men were arrested yesterday.", "2026-03-03"),
        ("The bridge was closed today.", "2026-03-04"),
        ("From today hoses stay off.", "2026-03-04"),
        ("The ban will begin tomorrow.", "2026-03-05+"),
        ("The storm hit the coast three days ago.", "2026-03-01"),
        ("The storm hit the coast ten days ago.", ""),
        ("The shop opened last month.", "2026-02"),
        ("The shop opened last year.", "2025"),
        ("The shop opened last week.", ""),  # 23 February to 1 March: two months
        ("The shop opened two years ago.", ""),  # in March: 2023 or 2024
        ("The ferry passed an inspection in November.", "2025-11"),
        ("The plant will open in November.", "2026-11+"),
        ("Hiring starts in July.", "2026-07+"),
        ("The plant would open in November.", ""),
        ("The plant could open in November.", ""),
        ("The plant was to open in February.", ""),
        ("The storm broke the dam on 28 December.", "2025-12-28"),
        ("The council approved it on February 27.", "2026-02-27"),
        ("The trial will begin on June 15.", "2026-06-15+"),
        ("The police asked who stormed the hall on January 6.", ""),
        ("Readers of USA TODAY asked what it cost.", ""),
        ("He drew thousands of dollars today.", ""),
        ("The dam held from 2 March to 5 March.", ""),
        ("Snow fell on March 2-5 in the hills.", ""),
        ("Prices rose by a tenth against the same time last year.", ""),
        ("Snow fell a day earlier in the hills.", ""),
        ("The dam broke two years after it was mended in May 2024.", ""),
    ],
)
def test_what_is_relative_is_counted_from_the_day_of_the_article(text: str, day: str) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize("text", ["It rained on Monday.", "He came yesterday.", "It shut in May."])
def test_nothing_is_counted_without_a_day_to_count_from(text: str) -> None:
    assert datings(text, None) == ()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The yard closed in 2011.", "2011"),
        ("The dam broke on 3 February 2026.", "2026-02-03"),
        ("The plant will open in September 2026.", "2026-09+"),
        ("The court sat on 3/4/2026 in secret.", ""),
        ("The court sat on 2026-03-02 in secret.", "2026-03-02"),
    ],
)
def test_a_whole_date_needs_no_article(text: str, day: str) -> None:
    assert day_of(text, None) == day
    assert not day or only(text, None).told == "said"


def test_a_date_that_lies_ahead_is_planned_whatever_the_verb() -> None:
    assert (
        day_of("The law takes force on 1 July 2026 and was passed without debate.") == "2026-07-01+"
    )
    assert day_of("The law was given force from the morning of 1 July 2026.") == "2026-07-01+"
    assert day_of("Lawmakers set the date of the vote in July 2026.") == "2026-07+"


def test_year_boundaries() -> None:
    new_year = date(2026, 1, 1)  # a Thursday

    assert day_of("The roof fell in on Tuesday.", new_year) == "2025-12-30"
    assert day_of("The roof fell in yesterday.", new_year) == "2025-12-31"
    assert day_of("The roof fell in last month.", new_year) == "2025-12"
    assert day_of("The roof will be mended in February.", new_year) == "2026-02+"
    assert day_of("The ball will be held on Saturday.", date(2026, 2, 27)) == "2026-02-28+"
    assert day_of("The ball will be held on Sunday.", date(2026, 2, 27)) == "2026-03-01+"


def test_what_was_said_on_a_day_counts_only_if_nothing_else_does() -> None:
    text = "The plant will open in September 2026, the director said on Tuesday."

    assert day_of(text) == "2026-09+"
    assert day_of("Twelve people have died, the police said on Tuesday.") == "2026-03-03"
    assert day_of("The bridge fell two days earlier, the police said on Tuesday.") == ""
    assert day_of("PORT ANSLEY, March 3 (Wire) \u2014 A ferry sank.") == "2026-03-03"


def test_words_of_others_date_nothing() -> None:
    assert day_of("\u201cWe lost him yesterday,\u201d said the baker.") == ""


def test_clauses_of_different_days_are_told_apart() -> None:
    text = "Work is to begin in September, and the first trams should run in the spring of 2029."

    first, second = datings(text, date(2026, 4, 14))

    assert (first.day, first.precision) == (date(2026, 9, 1), "month")
    assert text[first.start : first.end] == "Work is to begin in September"
    assert (second.day, second.precision) == (date(2029, 1, 1), "year")
    assert text[second.start : second.end] == "the first trams should run in the spring of 2029."


@given(
    today=st.dates(date(2000, 1, 9), date(2090, 1, 1)),
    name=st.sampled_from("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
)
def test_every_weekday_is_that_weekday(today: date, name: str) -> None:
    past = datings(f"The dam broke on {name}.", today)
    planned = only(f"The board will vote on {name}.", today)

    assert f"{planned.day:%A}" == name and 0 <= (planned.day - today).days <= 6
    for dating in past:
        assert f"{dating.day:%A}" == name and 0 <= (today - dating.day).days <= 5
    assert bool(past) or f"{today + timedelta(days=1):%A}" == name


WORDS = (
    "on Monday|yesterday|tomorrow|last week|this week|next month|in May|in 2031|by June 3|the|"
    "ferry|council|will|was|voted|said|sank|told|would|is to|, and|;|on 3 March 2026|on March 9|"
    "today|this weekend|two days ago|\u201cno\u201d|until Friday|in 2025|on February 29|.|"
    "29 February"
).split("|")


@given(
    words=st.lists(st.sampled_from(WORDS), max_size=25),
    today=st.none() | st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
def test_what_has_happened_is_not_after_its_article(words: list[str], today: date | None) -> None:
    text = " ".join(words)
    for dating in datings(text, today):
        assert 0 <= dating.start < dating.end <= len(text)
        assert today is not None or dating.told == "said"
        if today is not None and not dating.planned:
            assert dating.day <= today + timedelta(days=1)


def test_what_tells_the_news_of_its_day() -> None:
    assert tells_news("The council has approved the tram.")
    assert tells_news("The reservoir is now 29 percent full.")
    assert not tells_news("The council has not yet approved the tram.")
    assert not tells_news("The chip is the second most powerful, and it has become a yardstick.")
    assert not tells_news("\u201cI have called him forty times,\u201d said the baker.")
    assert not tells_news("The mine closed decades ago.")


def test_a_long_sentence_is_read_in_linear_time() -> None:
    text = "The dam, which broke on Monday, will be mended in May; " * 200

    began = time.process_time()
    datings(text, WEDNESDAY)

    assert time.process_time() - began < 2


# --- which events --------------------------------------------------------------------------------


def article(
    key: str, text: str, day: str | None, *, outlet: str = "", group_id: str | None = None
) -> Article:
    moment = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC) if day else None
    return Article(
        article_id=key,
        revision=1,
        title=None,
        text=text,
        outlet=outlet or key.title(),
        published_at=moment,
        group_id=group_id,
    )


def passage(of: Article) -> Passage:
    return Passage(
        article_id=of.article_id,
        start=0,
        end=len(of.text),
        text=of.text,
        passage_id=f"{of.article_id}:1:0",
        sentences=sentence_spans(of.text),
    )


def events(question: str, *articles: Article) -> tuple[TimelineEvent, ...]:
    by_id = {a.article_id: a for a in articles}
    found = timeline(question, [passage(a) for a in articles], by_id)
    for event in found:
        for evidence in event.evidence:
            assert by_id[evidence.article_id].text[evidence.start : evidence.end] == evidence.text
    assert [e.day for e in found] == sorted(e.day for e in found)
    return found


ASKED = "What happened at the Quarrel dam?"


def test_one_event_of_two_outlets_has_two_sources() -> None:
    found = events(
        ASKED,
        article("post", "The Quarrel dam broke on Monday and flooded six farms.", "2026-03-03"),
        article(
            "echo", "Six farms were flooded when the Quarrel dam broke on Monday.", "2026-03-04"
        ),
    )

    (event,) = found
    assert event.day == date(2026, 3, 2)
    assert {e.article_id for e in event.evidence} == {"post", "echo"}


def test_a_reprint_counts_once() -> None:
    text = "The Quarrel dam broke on Monday and flooded six farms."

    (event,) = events(
        ASKED,
        article("post", text, "2026-03-03", group_id="g"),
        article("echo", text, "2026-03-04", group_id="g"),
    )

    assert [e.article_id for e in event.evidence] == ["post"]


def test_other_figures_of_one_day_are_kept_apart() -> None:
    found = events(
        ASKED,
        article("post", "The Quarrel dam broke on Monday and flooded six farms.", "2026-03-03"),
        article("echo", "The Quarrel dam broke on Monday and flooded nine farms.", "2026-03-03"),
    )

    assert [len(e.evidence) for e in found] == [1, 1]


def test_an_event_of_another_day_is_another() -> None:
    found = events(
        ASKED,
        article("post", "The Quarrel dam broke on Monday and flooded six farms.", "2026-03-03"),
        article("echo", "The Quarrel dam broke on Sunday and flooded six farms.", "2026-03-03"),
    )

    assert [e.day.day for e in found] == [1, 2]


def test_the_news_of_the_next_day_is_the_event_of_the_day_told() -> None:
    (event,) = events(
        ASKED,
        article(
            "echo", "The Quarrel dam has broken and flooded six farms in the valley.", "2026-03-03"
        ),
        article("post", "The Quarrel dam broke on Monday and flooded six farms.", "2026-03-04"),
    )

    assert (event.day, event.told) == (date(2026, 3, 2), "reckoned")
    assert [e.article_id for e in event.evidence] == ["post", "echo"]


def test_a_plan_that_came_true_is_no_event_of_its_own() -> None:
    (event,) = events(
        "When did the Quarrel council vote?",
        article("post", "The Quarrel council will vote on the dam on Tuesday.", "2026-03-01"),
        article("echo", "The Quarrel council voted on the dam on Tuesday.", "2026-03-04"),
    )

    assert not event.planned and event.day == date(2026, 3, 3)


def test_other_stories_stay_out() -> None:
    assert not events(
        ASKED, article("post", "The Marlow bakery burned down on Monday.", "2026-03-03")
    )


def test_an_undated_article_gives_only_whole_dates() -> None:
    text = "The Quarrel dam broke on Monday. The Quarrel dam was built in May 1931."

    (event,) = events(ASKED, article("post", text, None))

    assert (event.day, event.precision, event.told) == (date(1931, 5, 1), "month", "said")


def test_an_article_that_was_updated_later_is_counted_from_both_days() -> None:
    text = "The Quarrel dam broke on Monday. The Quarrel dam was blown up on Thursday in 1931."
    one = article("post", text + " The Quarrel dam was emptied on 2 May 2025.", "2026-03-03")
    later = replace(one, updated_at=datetime(2026, 3, 9, tzinfo=UTC))
    soon = replace(one, updated_at=datetime(2026, 3, 4, tzinfo=UTC))

    assert [e.day for e in events(ASKED, later)] == [date(2025, 5, 2)]
    assert [e.day for e in events(ASKED, soon)] == [date(2025, 5, 2), date(2026, 3, 2)]


def test_a_pronoun_brings_its_sentence_along() -> None:
    text = "The Quarrel dam held back a lake. It was blown up on Monday."

    (event,) = events(ASKED, article("post", text, "2026-03-04"))

    assert event.evidence[0].text == text


def test_a_correction_is_no_event() -> None:
    text = (
        "Correction: An earlier version of this article said on Monday that the Quarrel dam broke."
    )

    assert not events(ASKED, article("post", text, "2026-03-04"))


def test_at_most_twelve_events() -> None:
    text = " ".join(
        f"The Quarrel dam lost gate number {n} on {n} January 2026." for n in range(1, 21)
    )

    assert len(events(ASKED, article("post", text, "2026-03-04"))) == 12


def test_nothing_found_is_no_timeline() -> None:
    assert timeline(ASKED, [], {}) == ()


def test_an_event_that_nobody_tells_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing tells"):
        TimelineEvent(day=WEDNESDAY, precision="day", told="said", evidence=())


@given(
    sentences=st.lists(
        st.lists(
            st.sampled_from([*WORDS, "Quarrel dam", "It", "broke", "\n"]), min_size=3, max_size=14
        ),
        max_size=8,
    ),
    day=st.none() | st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
def test_every_event_quotes_its_article(sentences: list[list[str]], day: date | None) -> None:
    text = " ".join(" ".join(["The", *words]) + "." for words in sentences)
    one = article("post", text, day.isoformat() if day else None)

    for event in events(ASKED, one):
        assert event.planned or day is None or event.day <= day + timedelta(days=1)


# --- the time that a question names ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What changed since 3 March?", date(2026, 3, 3), None),
        ("What has happened at the dam after 3 March 2026?", date(2026, 3, 4), None),
        ("What has happened at the dam since March 2026?", date(2026, 3, 1), None),
        ("What was reported on the dam before 3 March 2026?", None, date(2026, 3, 2)),
        ("What do articles of 3 March 2026 say?", date(2026, 3, 3), date(2026, 3, 3)),
        ("What was reported in January 2026?", date(2026, 1, 1), date(2026, 1, 31)),
        # What happened in a time is told until some days after it.
        ("What happened on 3 March 2026?", date(2026, 3, 3), date(2026, 3, 4)),
        (
            "What changed between 1 February 2026 and 3 February 2026?",
            date(2026, 2, 1),
            date(2026, 2, 10),
        ),
    ],
)
def test_a_question_may_name_its_time(
    question: str, since: date | None, until: date | None
) -> None:
    period = period_of(question, WEDNESDAY)

    assert period is not None and (period.since, period.until) == (since, until)
    assert period.text in question


@pytest.mark.parametrize(
    "question",
    [
        "How many farms were flooded since 3 March 2026?",
        "What happened at the dam before 3 March 2026?",  # later articles tell it too
        "What happened since Monday?",
        "Who was the mayor in 2026?",
        "What happened to May after the vote?",
    ],
)
def test_other_questions_are_not_narrowed(question: str) -> None:
    assert period_of(question, WEDNESDAY) is None


def test_days_that_the_user_gave_stay() -> None:
    question = Question(
        asked="What changed since 3 March 2026?", filters=Filters(until=date(2026, 5, 1))
    )

    assert narrowed(question, None) is None


def test_a_narrowed_question_keeps_the_rest() -> None:
    filters = Filters(outlets=("Post",))
    question = narrowed(Question(asked="What changed since 3 March 2026?", filters=filters), None)

    assert question is not None
    assert question.filters == Filters(since=date(2026, 3, 3), outlets=("Post",))
    assert (question.asked, question.text) == ("What changed since 3 March 2026?", "What changed?")


def test_the_latest_is_counted_from_the_newest() -> None:
    dated = article("post", "The dam broke.", "2026-03-04")
    latest = Question(asked="What is the latest on the dam?")
    plain = Question(asked="Who built the dam?")

    assert counted_from_newest(latest, (dated,)).filters.until == WEDNESDAY
    assert counted_from_newest(plain, (dated,)) is plain


def test_periods_in_words() -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 31)

    assert period_text(Filters(since=first)) == "since 1 January 2026"
    assert period_text(Filters(until=last)) == "until 31 January 2026"
    assert period_text(Filters(since=first, until=first)) == "of 1 January 2026"
    assert period_text(Filters(since=first, until=last)) == (
        "from 1 January 2026 to 31 January 2026"
    )


# --- over the samples ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("timeline") / "home"
    with Desk.open(Settings(home=home, llm_model="", llm_base_url=""), create=True) as desk:
        desk.ingest([SAMPLES / "articles"])
        yield desk


def ask(desk: Desk, question: str, filters: Filters = Filters()) -> Answer:
    *_, last = desk.ask(question, filters=filters)
    assert isinstance(last, AnswerEvent)
    return last.answer


def told(answer: Answer, day: str) -> str:
    """What the timeline has on a day."""
    return " | ".join(
        e.evidence[0].text
        for e in answer.timeline
        if moment_text(e.day, e.precision, planned=e.planned) == day
    )


FERRY = "How many people died in the Lake Verrin ferry accident?"


def test_the_ferry_story_in_its_days(samples: Desk) -> None:
    answer = ask(samples, FERRY)

    assert "passed an inspection" in told(answer, "November 2025")
    assert "nine people died" in told(answer, "2 March 2026")
    assert "Schools" in told(answer, "3 March 2026 (planned)")
    assert "Twelve people died" in told(answer, "4 March 2026")
    assert "until Friday" in told(answer, "6 March 2026 (planned)")
    assert [e.day for e in answer.timeline] == sorted(e.day for e in answer.timeline)
    assert answer.timings_ms["timeline"] > 0


def test_two_openings_of_one_plant(samples: Desk) -> None:
    answer = ask(samples, "When will the Orrin battery plant in Westmere open?")

    assert "Gazette" in told(answer, "September 2026 (planned)")
    assert "notice to investors" in told(answer, "November 2026 (planned)")


def test_a_reservoir_sinks(samples: Desk) -> None:
    answer = ask(samples, "How full is the Arden reservoir in the Teal Valley?")

    assert "34 percent" in told(answer, "10 May 2026")
    assert "29 percent" in told(answer, "24 May 2026")


def test_the_json_quotes_the_article(samples: Desk) -> None:
    body = to_json(ask(samples, FERRY))

    assert json.loads(json.dumps(body)) == body
    (twelve,) = [e for e in body["timeline"] if e["date"] == "2026-03-04"]
    assert (twelve["precision"], twelve["told"], twelve["planned"]) == ("day", "reckoned", False)
    for event in body["timeline"]:
        for source in event["sources"]:
            text = samples.article(source["article_id"]).text
            assert text[source["start"] : source["end"]] == source["quote"]
            assert source["published_at"].endswith("Z") and source["outlet"]


def test_text_and_markdown_have_the_timeline(samples: Desk) -> None:
    body = to_json(ask(samples, FERRY))

    assert "\nTimeline\n  - November 2025: \u201cThe operator" in to_text(body)
    assert "**Timeline**\n\n- **November 2025**: \u201cThe operator" in to_markdown(body)


def test_one_day_is_no_timeline_to_show(samples: Desk) -> None:
    answer = ask(samples, FERRY)
    single = replace(answer, timeline=answer.timeline[:1])

    assert "Timeline" not in to_text(to_json(single))
    assert "Timeline" not in to_markdown(to_json(single))
    assert timeline_html(single) == ""


def test_an_abstention_has_no_timeline(samples: Desk) -> None:
    answer = ask(samples, "Who won the chess tournament in Reykjavik?")

    assert answer.abstained and answer.timeline == ()
    assert timeline_html(abstention("Who?")) == ""
    assert to_json(abstention("Who?"))["timeline"] == []


def test_the_html_opens_each_article_at_the_words(samples: Desk) -> None:
    answer = ask(samples, FERRY)
    html = timeline_html(answer)

    buttons = re.findall(r"<button[^>]*>", html)
    assert len(buttons) == sum(len(e.evidence) for e in answer.timeline)
    for button, evidence in zip(
        buttons, [v for e in answer.timeline for v in e.evidence], strict=True
    ):
        assert f'data-article="{evidence.article_id}" data-revision="1"' in button
        marker = re.search(r'data-marker="(\d+)"', button)
        assert marker and f"{marker[1]}-{evidence.start}-{evidence.end}" in button
    assert '<time datetime="2025-11"' in html and '<time datetime="2026-03-02"' in html


def test_the_html_escapes_what_is_foreign() -> None:
    text = "The <b>Quarrel</b> dam broke on 3 February 2026. The Quarrel dam was built in 1931."
    one = article("post", text, "2026-03-04", outlet='"><script>')
    found = events(ASKED, one)
    html = timeline_html(
        Answer(
            question=Question(asked=ASKED),
            sentences=canned().sentences,
            timeline=found,
            articles={"post": one, **canned().articles},
        )
    )

    assert len(found) == 2
    assert "<script" not in html and "<b>" not in html and "&lt;b&gt;" in html


def test_a_question_keeps_to_the_time_it_names(samples: Desk) -> None:
    answer = ask(samples, "What happened on Lake Verrin after 3 March 2026?")

    assert answer.question.filters == Filters(since=date(2026, 3, 4))
    assert answer.notice is not None
    assert answer.notice.startswith("Looked at articles since 4 March 2026.")
    assert {answer.articles[c.evidence.article_id].day for c in answer.citations} == {WEDNESDAY}


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (
            "What has happened on Lake Verrin since 1 January 2030?",
            "No article since 1 January 2030 tells of this; "
            "what the archive has on it is from 2 March 2026 to 4 March 2026.",
        ),
        (
            "What happened to the Nvidia H200 chips since 1 June 2026?",
            "No article since 1 June 2026 tells of this; "
            "what the archive has on it is from 29 January 2026 to 30 January 2026.",
        ),
    ],
)
def test_news_of_another_time_is_shown_as_near_and_no_answer(
    samples: Desk, question: str, reason: str
) -> None:
    answer = ask(samples, question)

    assert (answer.abstained, answer.refusal, answer.reason) == (True, "period", reason)
    assert 0 < len(answer.nearest) <= 3
    assert all(
        answer.articles[e.article_id].text[e.start : e.end] == e.text for e in answer.nearest
    )
    assert not answer.citations and not answer.conflicts and answer.notice is None
    assert not answer.question.filters.dated


def test_the_latest_comes_first(samples: Desk) -> None:
    answer = ask(samples, "What is the latest on the ferry accident on Lake Verrin?")

    first = answer.sentences[0].citations[0].evidence
    assert answer.articles[first.article_id].day == WEDNESDAY
    assert not answer.question.filters.dated
