"""A turn of the chat: typed answers, failing claims, refusals, repairs, next questions, markers."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from rag.chats import Exchange, Feedback
from rag.day_words import day_text
from rag.draft import Draft, numbered, renumbered
from rag.render import citing
from rag.render_html import esc, sources_html
from rag.render_json import to_json
from rag.render_markdown import to_markdown
from rag.render_repairs import repairs_text
from rag.render_sides import conflicts_html
from rag.render_timeline import timeline_html
from rag.render_turn import answer_html, draft_html
from rag.render_verdict import text_html
from rag.schema import (
    Answer,
    Citation,
    ClaimVerdict,
    Evidence,
    Filters,
    Numbering,
    Place,
    Question,
    Refusal,
    Sentence,
    TimelineEvent,
    Verdict,
)
from tests.canned import COST, FERRY, RIVAL, SUGGESTED, abstention, canned, follow_up, near, typed


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def _place(evidence: Evidence) -> Place:
    return Place(article_id=evidence.article_id, start=evidence.start, end=evidence.end)


def test_a_typed_answer_begins_with_its_word_and_labels_its_sides() -> None:
    shown = answer_html(typed("Will it really close?"))

    assert shown.index("Sources differ") < shown.index("byline-sentence")
    assert re.findall(r'byline-point" data-point="(\w+)"', shown) == ["yes", "no"]
    assert "<svg" in shown.partition("Sources differ")[0].rpartition("byline-short")[2]
    assert "byline-short" not in answer_html(canned())


def test_the_failing_claim_is_marked_with_what_contradicts_it_and_who_says_it() -> None:
    shown = answer_html(typed("Will it really close?"))

    marked = re.search(r'class="byline-fails" data-label="refuted">([^<]+)<', shown)
    assert marked and marked.group(1) == "will cost more than 900 million euros"
    assert "The source says: <q" in shown and "Repairs will cost 38 million euros</q>" in shown
    assert "Said by the mayor, as an allegation" in shown
    assert "Said by Radio North" not in shown  # it holds, and the sentence does not
    assert _plain(shown).count("900 million euros is not in the source") == 1


def test_a_sentence_that_holds_says_who_says_it_and_how_firmly() -> None:
    claim = ClaimVerdict(
        text="It closes", label="supported", said_by="the mayor", firmness="possible"
    )
    verdict = Verdict(label="supported", score=1.0, claims=(claim,))
    sentence = replace(canned().sentences[0], verdict=verdict)
    shown = answer_html(replace(canned(), sentences=(sentence,), conflicts=()))

    assert "Said by the mayor, as a possibility" in shown and "byline-fails" not in shown
    vague = replace(sentence, verdict=replace(verdict, claims=(replace(claim, said_by="He"),)))
    shown = answer_html(replace(canned(), sentences=(vague,), conflicts=()))
    assert "Told as a possibility" in shown and "Said by" not in shown
    own = replace(claim, said_by="Harbour Courier", firmness="stated")  # whose article it is
    named = replace(sentence, verdict=replace(verdict, claims=(own,)))
    shown = answer_html(replace(canned(), sentences=(named,), conflicts=()))
    assert "Said by" not in shown and "The Harbour Courier" in shown


@given(st.text(alphabet="ab <&", min_size=1, max_size=30), st.data())
def test_marking_claims_never_changes_the_words(text: str, data: st.DataObject) -> None:
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    cut = data.draw(st.lists(places, min_size=2, max_size=4))
    claims = tuple(
        ClaimVerdict(text=text[min(c) : max(c)], label="refuted") for c in cut if c[0] != c[1]
    )
    sentence = Sentence(
        text=text, citations=(), verdict=Verdict(label="refuted", score=0.0, claims=claims)
    )
    shown = re.sub(r'<span class="byline-hidden">[^<]*</span>', "", text_html(sentence))

    assert html.unescape(re.sub(r"<[^>]+>", "", shown)) == text


def test_a_refusal_names_its_kind_and_what_is_near_without_citing_it() -> None:
    kinds: dict[Refusal, str] = {
        "nothing": "Nothing on this in your articles",
        "near": "Near, but not answered",
        "period": "Only at other times",
    }
    for kind, words in kinds.items():
        shown = answer_html(replace(near("What colour is it?"), refusal=kind))
        assert words in shown and "which do not answer this" in shown
        assert "byline-cite" not in shown and shown.count('class="byline-near"') == 2
    assert "asked for a ferry" in shown and "data-cited" not in shown
    assert "<mark" not in sources_html(near("What colour is it?"))


def test_where_nothing_is_near_nothing_is_shown_as_near() -> None:
    shown = answer_html(abstention("Who?"))
    assert abstention("Who?").passages and "which do not answer this" not in shown


def test_repairs_are_told_in_a_line() -> None:
    assert repairs_text({"rewritten": 1, "reattributed": 2, "removed": 0}) == (
        "2 sentences re-attributed to words already found, 1 rewritten"
    )
    assert repairs_text({"removed": 1}) == "1 sentence removed"
    assert repairs_text({}) == ""
    assert "2 sentences re-attributed" in answer_html(typed("Will it really close?"))


def test_positions_say_whom_they_cite_and_the_models_note_its_verdict() -> None:
    shown = conflicts_html(typed("Will it really close?"))

    assert "citing Reuters and the builders" in shown
    assert "The council speaks of 38 million euros" in shown and "Supported" in shown
    assert citing(()) == "" and citing(("A", "B", "C")) == "citing A, B and C"


def test_the_copied_document_says_the_same() -> None:
    document = to_markdown(to_json(typed("Will it really close?")))
    assert "**Sources differ**" in document and "\nYes: Repairs will cost" in document
    assert "citing Reuters and the builders" in document
    assert "The council speaks of 38 million euros" in document

    refused = to_markdown(to_json(near("What colour is it?")))
    assert "Nearest passages, which do not answer this" in refused and "[^" not in refused
    asked = to_markdown(to_json(follow_up("And the ferry?")))
    assert "*Searched for: Is there a ferry while the bridge is closed?*" in asked


def test_what_was_searched_for_is_shown_above_only_where_it_differs() -> None:
    shown = answer_html(follow_up("And the ferry?"))
    above = shown.partition("byline-sentence")[0]
    assert "Searched for" in above and "Is there a ferry while the bridge is closed?" in above
    assert shown.count("byline-reword") == 1

    alone = answer_html(canned())
    assert "byline-reword" not in alone.partition("byline-sentence")[0]
    assert alone.count("byline-reword") == 1


def test_next_questions_stand_below_also_where_nothing_was_answered() -> None:
    assert [q in answer_html(typed("really?")) for q in SUGGESTED] == [True, True]
    assert SUGGESTED[0] in answer_html(near("What colour is it?"))
    assert "byline-next" not in answer_html(canned())


# --- markers through a conversation --------------------------------------------------------------


def test_the_same_words_keep_their_number_and_new_ones_go_on_from_the_last() -> None:
    taken = {_place(COST): 1, _place(RIVAL): 7}
    answer = renumbered(follow_up("And the ferry?"), taken)

    assert [[c.marker for c in s.citations] for s in answer.sentences] == [[8], [1]]
    assert [c.marker for c in answer.citations] == [1, 7, 8]
    assert answer.marker_of(RIVAL) == 7
    shown = answer_html(answer) + conflicts_html(answer) + sources_html(answer)
    assert set(re.findall(r'byline-cite" data-marker="(\d+)"', shown)) == {"1", "7", "8"}


def test_a_streamed_sentence_has_the_number_that_it_keeps() -> None:
    taken = {_place(COST): 3}
    answer = follow_up("And the ferry?")
    numbering = Numbering(taken=taken)
    draft = Draft(asked="And the ferry?", articles=dict(answer.articles))
    draft.sentences = [numbered(s, numbering) for s in answer.sentences]

    numbers = r'byline-cite" data-marker="(\d+)"'
    final = answer_html(renumbered(answer, taken)).split("byline-banner")[0]
    assert re.findall(numbers, draft_html(draft)) == re.findall(numbers, final) == ["4", "3"]


def test_without_a_conversation_nothing_is_renumbered() -> None:
    answer = canned()

    assert renumbered(answer, {}).citations == answer.citations


@st.composite
def _conversation(draw: st.DrawFn) -> list[list[tuple[int, int]]]:
    spans = st.tuples(st.integers(0, 9), st.integers(10, 14))
    return draw(st.lists(st.lists(spans, min_size=1, max_size=4), min_size=1, max_size=5))


@given(_conversation())
def test_numbers_are_stable_and_never_shared_through_any_conversation(
    turns: list[list[tuple[int, int]]],
) -> None:
    taken: dict[Place, int] = {}
    for spans in turns:
        own = Numbering()
        cited = tuple(own.cite(_evidence(a, b)) for a, b in spans)
        sentence = Sentence(
            text="x", citations=cited, verdict=Verdict(label="supported", score=1.0)
        )
        answer = renumbered(Answer(question=Question(asked="?"), sentences=(sentence,)), taken)
        now: list[Citation] = list(answer.citations)
        for c in now:
            assert taken.setdefault(_place(c.evidence), c.marker) == c.marker
    assert sorted(taken.values()) == list(range(1, len(taken) + 1))


def _evidence(start: int, end: int) -> Evidence:
    return Evidence(article_id="a", start=start, end=end, text="." * (end - start))


def test_the_timeline_goes_on_from_the_numbers_taken() -> None:
    events = tuple(
        TimelineEvent(day=date(2026, 1, day), precision="day", told="said", evidence=(evidence,))
        for day, evidence in ((27, COST), (29, FERRY))
    )
    answer = replace(canned(), timeline=events)  # cites COST and two more
    shown = timeline_html(renumbered(answer, {_place(COST): 5, _place(RIVAL): 2}))

    assert re.findall(r'data-marker="(\d+)"', shown) == ["5", "7"]  # SPRING took 6


def test_the_banner_shows_both_sides_in_their_words_with_outlet_date_and_kind() -> None:
    answer = canned()
    shown = answer_html(answer).split('<section class="byline-banner"')[1]

    for position in answer.conflicts[0].positions:
        assert esc(position.statement) in shown and esc(position.outlet or "") in shown
    assert "Different figures" in shown
    assert "byline-banner" not in answer_html(replace(answer, conflicts=()))


def test_a_contested_sentence_leads_to_the_banner_instead_of_quoting_it_again() -> None:
    reason = f"Northern Ledger says otherwise: “{RIVAL.text}”"
    other = "Radio North says otherwise: “It will not close.”"
    verdict = Verdict(label="contested", score=1.0, reasons=(reason, other))
    sentence = replace(canned().sentences[0], verdict=verdict)
    answer = replace(canned(), sentences=(sentence,))
    said, banner = answer_html(answer).split('<section class="byline-banner"')

    reasons = said.split('<ul class="byline-reasons"')[1]
    assert "Northern Ledger says otherwise.</bdi>" in reasons and "byline-both" in reasons
    assert esc(RIVAL.text) not in reasons and esc(RIVAL.text) in banner
    assert esc(other) in reasons  # the banner does not tell it
    alone = answer_html(replace(answer, conflicts=()))
    assert esc(reason) in alone and "byline-both" not in alone


def test_the_newest_source_says_as_of_when_and_unknown_dates_are_counted() -> None:
    answer = canned()
    days = [answer.articles[c.evidence.article_id].day for c in answer.citations]
    assert f"As of {day_text(max(day for day in days if day))}" in answer_html(answer)
    undated = {
        key: replace(a, published_at=None, updated_at=None) for key, a in answer.articles.items()
    }
    assert "None of the sources has a date" in answer_html(replace(answer, articles=undated))


def test_a_kept_answer_can_be_rated_and_one_that_is_only_read_cannot() -> None:
    kept = Exchange(
        exchange_id=7,
        conversation_id="c",
        asked_at=datetime.now(UTC),
        answer=canned(),
        feedback=Feedback(rating="down", reason="outdated"),
    )
    shown = answer_html(kept.answer, kept, ("“It” was withdrawn since.",))

    assert 'id="e-7" data-exchange="7" data-conversation="c"' in shown
    assert 'data-rating="down" aria-pressed="true"' in shown
    assert 'data-rating="up" aria-pressed="false"' in shown
    assert "was withdrawn since" in shown
    assert "byline-rate" not in answer_html(kept.answer)
    assert "byline-tools" not in answer_html(kept.answer, kept, own=False)


def test_what_the_articles_were_limited_to_can_be_changed() -> None:
    limits = Filters(since=date(2026, 1, 2), outlets=("A & B",), languages=("en",))
    asked = replace(canned().question, filters=limits)
    shown = answer_html(replace(canned(), question=asked))

    assert "since 2 January 2026; A &amp; B; language en" in shown
    told = json.loads(html.unescape(re.findall(r'data-scope="([^"]*)"', shown)[0]))
    assert told["outlets"] == ["A & B"] and told["since"] == "2026-01-02"
