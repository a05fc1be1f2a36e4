"""A speaker is a name, cut out of what stands beside "said"; or there is none."""

import pytest

from rag.claimed import claims_of


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("Economists at Hale Bank still expect the rate to rise.", "Economists at Hale Bank"),
        ("The mayor on Tuesday said the quay would close.", "The mayor"),
        ("“We lost her,” said Lind in a statement.", "Lind"),
        ("“We lost her,” said Ana Lind, who owns the yard.", "Ana Lind"),
        ("“We lost her,” Ana Lind, the owner, told the Skarn Courier.", "Ana Lind"),
        ("The bow door was open, Ana Lind, the owner, said Friday.", "Ana Lind"),
        ("The bow door was open, according to a report released Monday.", "a report"),
        ("The bow door was open, reported The Sunday Courier.", "The Sunday Courier"),
        ("Police reported on Monday that the door was open.", "Police"),
        ("Last week the Skarn Courier said the door was open.", "the Skarn Courier"),
        ("The port now says the door was open.", "The port"),
        ("Manning said the door was open.", "Manning"),
    ],
)
def test_the_name_alone_is_the_speaker(sentence: str, speaker: str) -> None:
    assert claims_of(sentence)[0].said_by == speaker


@pytest.mark.parametrize(
    "sentence",
    [
        "Several cases of the fever reported in Skarn have no known source.",
        "Twenty-six states have passed such a law.",
        "Nearly half of US states do not count them.",
        "Although the port said it was safe, the ferry sank.",
        "The mayor fired the harbour master and accused her of sleeping.",
        "The yard accounts for an estimated 90% of the fleet.",
        "An estimated 400 people were on board.",
        "They don’t believe anybody will help them.",
        "The owners added a second ferry to the route.",
        "The list of people who believed in the Petrel was long.",
    ],
)
def test_nobody_is_named_where_nobody_speaks(sentence: str) -> None:
    assert {claim.said_by for claim in claims_of(sentence)} == {None}


def test_the_real_speaker_is_found_behind_what_was_reported() -> None:
    sentence = "Several cases of the fever reported in Skarn were mild, Dr. Ana Lind said Thursday."

    assert claims_of(sentence)[0].said_by == "Dr. Ana Lind"
