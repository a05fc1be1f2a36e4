"""What a page says of itself is told from its news, and is never a sentence to answer with."""

import pytest

from rag.furniture import is_furniture, news_of
from rag.schema import Passage
from rag.text import sentence_spans


@pytest.mark.parametrize(
    "sentence",
    [
        "Hide Caption 9 of 16 Photos: The Skarn lifeboat The crew after the launch.",
        "MUST WATCH Storm drives the ferry Petrel onto the rocks 02:11",
        "JUST WATCHED The harbour master speaks Replay More Videos...",
        "Drone film of the wreck 01:40 - Source: SBC",
        "Video Ad Feedback The wreck from above",
        "Follow here for the latest updates and news from Wednesday, March 2.",
        "Editor's note: This page recaps the news from Skarn on Tuesday, March 1.",
        "This is a recap of updates from the strait for Friday, June 17.",
        "For the latest news on the wreck, follow the Courier's live updates.",
        "Read more here.",
        "Read more about the Petrel: Why she sailed in a gale",
        "(Story continues below the map.)",
        "► Sign up for our morning briefing newsletter.",
        "HARBOUR NEWS ON TELEGRAM: Join our new channel for updates.",
        "Click here to see the passenger list.",
        "You can read the full report here.",
        "Advertisement",
        "This story has been updated with additional information.",
        "Photo 3 of 12: The bow of the Petrel",
    ],
)
def test_furniture_is_known(sentence: str) -> None:
    assert is_furniture(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Nine of 16 crew members were rescued.",
        "Follow the storm's path and you end at Skarn, the mayor said.",
        '"Follow here for the latest," the sign on the quay said.',
        "“Click here,” the harbour master told the inquiry.",
        "Advertisements for the crossing were withdrawn on Monday.",
        "The story continues to trouble the island.",
        "Correction: This story has been updated to correct the number of passengers.",
        "This story has been updated to reflect that the captain died at 91.",
        "Read the book and then close the book, she told them.",
        "Sign up fees at the ferry club rose to $40.",
        "More than 40 people had signed up for the crossing.",
        "Photos show that the bow door stood open.",
        "The owners must watch the weather more closely.",
    ],
)
def test_news_is_no_furniture(sentence: str) -> None:
    assert not is_furniture(sentence)


def test_a_passage_keeps_its_text_and_loses_what_is_no_news() -> None:
    text = "The Petrel sank off Skarn. Follow here for the latest updates. Nine were saved."
    whole = Passage(
        article_id="a", start=0, end=len(text), text=text, passage_id="a:1:0",
        sentences=sentence_spans(text),
    )  # fmt: skip

    news = news_of(whole)

    assert news.text == whole.text and news.passage_id == whole.passage_id
    assert news.sentence_texts() == ("The Petrel sank off Skarn.", "Nine were saved.")
    assert news_of(news) is news
