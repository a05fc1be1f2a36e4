"""The cleaner drops what the page put around an article, and nothing of the article."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import Cleaned, clean
from rag.text import sentence_spans

DATA = Path(__file__).parent / "data" / "ingest"
SHARED = Path(__file__).resolve().parents[2] / "shared"
PARAGRAPH = "The board said on Tuesday that the ferry would stop in May."

LINES = st.sampled_from(
    [
        "Share", "13 Sources", "Copy link", "Source: Reuters", "4", "[2]", ".", ". However, no",
        "Facebook", "X", "Email", "© 2026 Daily News", "Today's Top Stories", "Instagram logo",
        "Read more: Another story", "Hot spot:Another story of the day here", "", " ", PARAGRAPH,
        "By Jane Doe | Jan 5, 2026", "Updated Jan. 6, 2026, 9:33 a.m. ET", "(CNN) It rained.",
        "no full stop at the end", "Contributing: Jo Roe", "CNN —", "wait . . . what",
        "small letters go on", "A heading", "Related", "___",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(alphabet=" \n.,\u00a0\u200b\u200d\ud800\x00\r\u2028aB4:©—", max_size=120),
    st.lists(LINES, max_size=25).map("\n".join),
    st.lists(LINES, max_size=12).map("\n\n".join),
)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.booleans())
def test_every_kept_character_stands_in_the_raw_text_in_order(raw: str, markdown: bool) -> None:
    cleaned = clean(raw, markdown=markdown)

    assert len(cleaned.offsets) == len(cleaned.text)
    assert (np.diff(cleaned.offsets) > 0).all()
    for char, at in zip(cleaned.text, cleaned.offsets, strict=True):
        assert char == raw[at] or (char.isspace() and raw[at].isspace())


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_cleaning_what_is_clean_changes_nothing(raw: str) -> None:
    once = clean(raw).text

    assert clean(once).text == once


@settings(max_examples=80, deadline=None)
@given(TEXTS)
def test_no_blank_line_and_nothing_unseen_is_left(raw: str) -> None:
    text = clean(raw).text

    assert all(line.strip() == line and line for line in text.split("\n")) or not text
    assert not set(text) & set("\x00\u200b\u00a0\ud800\r")


def cleaned(*lines: str) -> list[str]:
    return clean("\n\n".join(lines)).text.split("\n")


def test_an_aggregated_page_is_left_with_its_article() -> None:
    assert clean((DATA / "aggregated.txt").read_text()).text.split("\n") == [
        "Port city weighs toll on container ships as harbour fills with silt",
        "The council of Osthamn is weighing a toll on container ships, with the harbour board "
        "asking for as much as 900 euros a call to pay for dredging. Shipping lines have warned "
        "that they would move to Nordby, an hour up the coast.",
        "Silt Gains on the Dredgers",
        "The channel has lost a metre of depth in ten years. Two dredgers work day and night, the "
        "board said, and the bill has doubled. A decision is expected in March.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Share", "13 Sources", "1 Source", "Copy link", "Advertisement", "Read More", "5 min read",
        "Story continues below advertisement", "Read more: The ferry that never came",
        "RELATED: Ports under strain", "More:Ports under strain", "Photo: Jane Doe/Getty Images",
        "Sign up for our morning newsletter and never miss a story.",
        "Follow Jane Doe on Twitter: @janedoe", "Contact Jane Doe at jane@example.com.",
        "Contributing: Jane Doe and The Associated Press", "CNN —", "New York CNN Business —",
        "© 2026 Example Media", "Copyright 2026 Example Media. All rights reserved.", "___",
        "Read previous newsletters here.", "Read more from our science desk.",
        "Share on social media", "Want more? Sign up for our weekly newsletter to get it.",
        "Jane Doe covers ports. She can be reached at jane@example.com.",
        "Closer look:Port strike enters its fourth week",
        "(You can get this in your inbox daily. Sign up here.)",
    ],
)  # fmt: skip
def test_clutter_goes_wherever_it_stands(line: str) -> None:
    assert cleaned(PARAGRAPH, line, PARAGRAPH, PARAGRAPH) == [PARAGRAPH] * 3


@pytest.mark.parametrize(
    "line",
    [
        "Beijing's Decision Could Unlock Billions", "Facebook", "The Associated Press contributed "
        "to this report.", "Like many ministers, she announced it on Twitter on Sunday.",
        "Try as they might, officials could not stop the leak at the briefing.",
        "More than 400,000 chips were sold.", "Share prices fell by 4 percent.", "What happened?",
        "Residents can sign up for the vaccine at the town hall.",
        "Photos of the wreck were shown.",
        "Copyright law experts said that the ruling would be appealed.", "Source: Reuters",
        "Following the vote on Facebook's board, she left.", "Q: Will it rain?", "It was 3 to 2 .",
        "Where:Town hall and the square in front of it", "This story has been updated.",
        "Related party deals were banned.", "Contact tracing began on Monday at 9 a.m.",
        "Email was down.", "Search for survivors goes on", "By Monday, Jane Doe had left for Rome",
        "Updated rules apply from Jan. 5, 2026, the ministry said.", "TODAY'S NUMBER",
        "January 5, 2026 was a cold day.", "Read on the train, the letter made him weep.",
    ],
)  # fmt: skip
def test_what_may_be_the_article_stays(line: str) -> None:
    assert cleaned(PARAGRAPH, line, PARAGRAPH, PARAGRAPH)[1] == line.replace(" .", ".")


def test_notes_on_lines_of_their_own_are_rejoined_with_their_sentence() -> None:
    text = clean("It met its staff\n\n4\n\n. However, the trip\n\n12\n\nwas short\n\n1\n\n.").text

    assert text == "It met its staff. However, the trip was short."


def test_a_number_that_is_no_note_stays() -> None:
    assert cleaned("TODAY'S NUMBER", "4", "That is how many came.")[1] == "4"
    assert cleaned("The ferries left:", "4", PARAGRAPH)[1] == "4"


@pytest.mark.parametrize("mark", ["4", "[2]", "12"])
def test_a_single_note_between_whole_sentences_goes(mark: str) -> None:
    assert cleaned(PARAGRAPH, mark, PARAGRAPH) == [PARAGRAPH] * 2
    assert cleaned(PARAGRAPH, PARAGRAPH, mark) == [PARAGRAPH] * 2


def test_numbers_of_a_list_stay() -> None:
    for marks in (("1", "2", "3"), ("3", "2", "1")):
        lines = [line for mark in marks for line in (mark, PARAGRAPH)]

        assert cleaned(PARAGRAPH, *lines) == [PARAGRAPH, *lines]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It rained. [1][4] It rained on.", "It rained. It rained on."),
        ("It rained.[1]", "It rained."),
        ("It rained[2], and it rained[3].", "It rained, and it rained."),
        ("“We saw [5] boats,” she said.", "“We saw [5] boats,” she said."),
        ("It rained [sic] for days.", "It rained [sic] for days."),
        ("In H2[1] it fell.", "In H2[1] it fell."),
    ],
)
def test_note_marks_within_a_line(text: str, kept: str) -> None:
    assert clean(text).text == kept


@pytest.mark.parametrize(
    "line",
    [
        "You have reached your limit of free articles this month.", "Already a subscriber? Log in",
        "Subscribe now to keep reading this story.", "Lesen Sie auch: Brücke eröffnet",
        "Veja também: Golfinhos voltam", "[ Print ] [ Email this story ]",
        "Based on 17 sources from 6 countries", "12 sources · 3 min read", "Anzeige",
    ],
)  # fmt: skip
def test_more_clutter_goes(line: str) -> None:
    assert cleaned(PARAGRAPH, line, PARAGRAPH) == [PARAGRAPH] * 2


def test_what_an_aggregator_offers_to_ask_next_goes() -> None:
    asked = ("Ask a follow-up", "Which ports charge a toll?", "Why does it silt up?")

    assert cleaned(PARAGRAPH, PARAGRAPH, *asked) == [PARAGRAPH] * 2
    assert cleaned(PARAGRAPH, PARAGRAPH, *asked[1:]) == [PARAGRAPH] * 2


def test_one_question_at_the_end_is_the_article_s() -> None:
    assert cleaned(PARAGRAPH, "Who will pay?") == [PARAGRAPH, "Who will pay?"]
    assert cleaned("Will it rain?", "Will it snow?") == ["Will it rain?", "Will it snow?"]


def test_the_footer_goes_with_its_plugs_but_a_heading_in_the_text_does_not() -> None:
    foot = ("Most Read", "Ten ports to see", "We sail so that you need not.", "© 2026 Courier")

    assert cleaned("Top Stories", PARAGRAPH, PARAGRAPH, *foot) == ["Top Stories", *[PARAGRAPH] * 2]


def test_a_footer_heading_above_sentences_is_a_heading() -> None:
    assert cleaned(PARAGRAPH, "Latest news", PARAGRAPH) == [PARAGRAPH, "Latest news", PARAGRAPH]


def test_the_sentence_on_an_updated_line_stays() -> None:
    line = "Updated: 1/29/2026, 11:03 am PST: This story has been updated with a comment."

    assert cleaned(PARAGRAPH, line) == [PARAGRAPH, line]


def test_byline_and_date_lines_are_metadata() -> None:
    head = ("Ferry to close", "By Jane Doe and Tom Roe", "Published Jan. 5, 2026")

    assert cleaned(*head, PARAGRAPH) == ["Ferry to close", PARAGRAPH]


def test_lines_broken_at_a_fixed_width_become_paragraphs() -> None:
    wrapped = (
        "The last ferry to Osthamn will sail at the end of May, the\n"
        "harbour board said on Tuesday, after the number of riders\n"
        "had fallen by a third.\n\n"
        "Unions said that they would fight the plan, which came as a\n"
        "surprise to the hundred people who work on the line and who\n"
        "had been promised new boats by the same board in the spring\n"
        "of last year.\n"
    )

    assert clean(wrapped).text.count("\n") == 1


def test_markdown_loses_its_marks() -> None:
    raw = (
        "# Ferry to close\n\nThe **board** said [on Tuesday](https://x.example/a) that it "
        "*would* stop.\n\n![A ferry](ferry.png)\n\n- One boat stays\n\n<!-- hidden\n\nwords -->\n"
    )

    assert clean(raw, markdown=True).text.split("\n") == [
        "Ferry to close",
        "The board said on Tuesday that it would stop.",
        "One boat stays",
    ]


@pytest.mark.parametrize(
    "piece",
    ["[", "*", " ", "\n", ". ", "4\n", "![](", "<!--", "By A", "Share\n", "(CNN) ", "a:B ", "_a",
     "contact a@", "\u200d", "Follow a on a ", "Source: A\n", "A.A"],
)  # fmt: skip
@pytest.mark.parametrize("shape", ["one line", "short lines"])
def test_hostile_texts_take_linear_time(piece: str, shape: str) -> None:
    raw = piece * (100_000 // len(piece))
    if shape == "short lines":
        raw = "\n".join(raw[i : i + 250] for i in range(0, len(raw), 250))
    started = time.process_time()

    clean(raw, markdown=True)

    assert time.process_time() - started < 3


def test_a_raw_span_covers_the_words_it_came_from() -> None:
    raw = "Share\n\nIt met staff\n\n4\n\n. Then it left."
    now: Cleaned = clean(raw)

    start, end = sentence_spans(now.text)[1]

    assert raw[slice(*now.raw_span(start, end))] == "Then it left."


@pytest.mark.skipif(not SHARED.exists(), reason="the development data is not on this machine")
def test_nothing_real_is_lost_from_the_seeds_and_no_clutter_stays() -> None:
    first, second = (clean(p.read_text()).text for p in sorted((SHARED / "seeds").iterdir()))

    assert len(first.split("\n")) == 12
    assert first.endswith("updated with comment from the White House.")
    assert len(second.split("\n")) == 12
    assert "China-based employees. However, this year's trip" in second
    assert second.endswith("across the region.")
    for clutter in ("Source", "Share", "Top Stories", "©", "logo", " .", "newsletter"):
        assert clutter not in second


def test_the_counters_of_a_gallery_go_and_its_captions_stay() -> None:
    captions = [
        "Lind greets the crew on the quay.",
        "The crew of the Petrel before the crossing.",
        "In 1998, the ferry is launched.",
        "Divers near the wreck.",
        "Her bow is raised.",
    ]
    head = "Photos: The life of a ferry "
    raw = f"She sank on Monday.\n{head}" + "".join(
        f"{words} Hide Caption {n} of 5 {head if n < 5 else ''}"
        for n, words in enumerate(captions, start=1)
    )

    cleaned = clean(raw)

    assert cleaned.text.split("\n") == ["She sank on Monday.", *captions]
    for words in captions:
        at = cleaned.text.index(words)
        start, end = cleaned.raw_span(at, at + len(words))
        assert raw[start:end] == words


def test_a_word_that_belongs_to_the_captions_stays_with_them() -> None:
    prizes = ["Best film", "Best director", "Best actress", "Best song", "Best score"]
    raw = "".join(
        f"{one}: a winner. Hide Caption {n} of 6 Photos: Winners of Skarn "
        for n, one in enumerate(["Opening", *prizes])
    )

    assert all(one in clean(raw).text for one in prizes[:-1])


@pytest.mark.parametrize(
    "line",
    [
        "JUST WATCHED Gale hits Skarn Replay More Videos ... MUST WATCH Gale hits Skarn 02:08",
        "Video Ad Feedback Gale hits Skarn 02:08 - Source: SBC Gale hits Skarn 02:08",
        "See how the gale hit Skarn 1:39 \u2022 Source: SBC",
        "7 of 18",
        "toggle caption",
    ],
)
def test_what_a_player_leaves_goes(line: str) -> None:
    assert clean(f"She sank on Monday.\n{line}\nNine were saved.").text == (
        "She sank on Monday.\nNine were saved."
    )
