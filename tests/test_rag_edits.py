"""What was changed in a near copy is read off, in both voices; fair changes are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.checks import check_wedged_names
from rag.edits import check_borrowed_names, check_edits, is_opposite, is_synonym
from rag.gaps import gaps
from rag.pair import Finding, Pair
from rag.roles import check_acts, check_roles, check_turns
from rag.thesaurus import load_thesaurus


def found(claim: str, source: str) -> list[Finding]:
    return list(check_edits(Pair(claim, source).near))


def roles(claim: str, source: str) -> list[Finding]:
    pair = Pair(claim, source).near
    return [*check_acts(pair), *check_roles(pair), *check_turns(pair)]


LEDGER = (
    "Lorenz Aubry of Halden Freight said last week that the yard in Westmere could hire about "
    "1,200 welders in May. Verrin Lines was not asked. Joss Hallam spoke in Oslo."
)


@pytest.mark.parametrize(
    ("was", "put", "kind"),
    [
        ("Lorenz Aubry", "Joss Hallam", "name"),
        ("Halden Freight", "Verrin Lines", "name"),
        ("Westmere", "Oslo", "name"),
        ("last week", "next week", "date"),
        ("May", "June", "date"),
        ("about 1,200", "about 1,700", "number"),
        ("could hire", "will hire", "certainty"),
        ("could hire", "could not hire", "negation"),
        ("hire", "fire", "opposite"),
        ("said last week", "denied last week", "negation"),
    ],
)
def test_one_change_of_a_near_copy_is_named(was: str, put: str, kind: str) -> None:
    first = LEDGER[: LEDGER.index(". ") + 1]

    findings = found(first.replace(was, put), LEDGER)

    assert kind in {f.kind for f in findings}, findings
    assert all(f.against in LEDGER for f in findings)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Yards in Ulsan, Busan and Mokpo build ferries.", "Yards in Busan, Ulsan build ferries."),
        ("The boat sank, Hallam said.", "Hallam said the boat sank."),
        (
            "In May 2018 the yard hired Joss Hallam.",
            "The yard hired Joss Hallam in May 2018.",
        ),
        (
            "The WHO sent 40 doctors to Oslo.",
            "The World Health Organization sent 40 doctors to Oslo.",
        ),
        ("It denied that the old boat sank.", "It said that the old boat did not sink."),
        ("Officials discovered the old boat in Oslo.", "Officials found the old boat in Oslo."),
        ("The boat sank on March 3.", "The boat sank on Tuesday."),
    ],
)
def test_a_fair_change_is_not(claim: str, source: str) -> None:
    assert [f for f in found(claim, source) if f.gravity != "soft"] == []


@pytest.mark.parametrize(
    ("claim", "source", "turned"),
    [
        ("Hanjin sued Samho in May.", "Samho sued Hanjin in May.", True),
        ("Samho was sued by Hanjin in May.", "Samho sued Hanjin in May.", True),
        ("Samho sued Hanjin in May.", "Samho was sued by Hanjin in May.", True),
        ("Hanjin was sued by Samho in May.", "Samho sued Hanjin in May.", False),
        ("Samho sued Hanjin in May.", "Hanjin was sued by Samho in May.", False),
        ("The city sued the yard over the spill.", "The yard sued the city over the spill.", True),
        ("The train runs from Oslo to Lima.", "The train runs from Lima to Oslo.", True),
        ("Hallam said that the boat left Oslo.", "The boat left Oslo, Hallam said.", False),
    ],
)
def test_who_did_it_to_whom_is_read_in_both_voices(claim: str, source: str, turned: bool) -> None:
    assert bool(roles(claim, source)) == turned


def test_a_name_out_of_another_sentence_does_not_vouch_for_itself() -> None:
    source = (
        "An estimated 19,500 boats sank in 2018, according to the Harbour Safety Board. "
        "The Westmere Boat Club warned that the rules vary from place to place."
    )
    said = "An estimated 19,500 boats sank in 2018, according to the {}."

    wrong = check_borrowed_names(Pair(said.format("Westmere Boat Club"), source))

    assert [f.kind for f in wrong] == ["name"]
    assert not list(check_borrowed_names(Pair(said.format("Harbour Safety Board"), source)))


def test_a_name_wedged_between_two_words_of_the_source_is_seen_however_free_the_rest() -> None:
    source = (
        "Its yards grew fast, and much of their steel is cut for Verrin hulls.\nHalden came first."
    )
    said = "Much of the steel of Lorenz Aubry's yards is cut for {} hulls."

    assert [f.reason for f in check_wedged_names(Pair(said.format("Halden"), source))] == [
        "the source says Verrin, not Halden"
    ]
    assert not list(check_wedged_names(Pair(said.format("Verrin"), source)))


def test_the_who_is_a_name() -> None:
    assert "name" in {
        f.kind
        for f in found("The WHO counted 244 cases in Oslo.", "The CDC counted 244 cases in Oslo.")
    }


def test_a_copy_from_another_text_has_no_gaps() -> None:
    assert gaps(Pair("Pandas eat bamboo in Chengdu.", LEDGER)) == ()
    assert gaps(Pair(LEDGER, LEDGER)) == ()


@pytest.mark.parametrize(
    ("one", "other", "opposed", "same"),
    [
        ("rose", "fell", True, False),
        ("higher", "lower", True, False),
        ("likely", "unlikely", True, False),
        ("found", "discovered", False, True),
        ("many", "numerous", False, True),
        ("husband", "wife", True, False),
        ("ferry", "violin", False, False),
    ],
)
def test_words_are_known_as_opposite_or_alike(
    one: str, other: str, opposed: bool, same: bool
) -> None:
    assert (is_opposite(one, other), is_synonym(one, other)) == (opposed, same)
    assert is_opposite(other, one) == opposed


def test_the_table_of_words_is_there() -> None:
    table = load_thesaurus()

    assert len(table.same) > 5_000 and len(table.opposed) > 1_500
    assert all(table.opposites(o) for term in ("increas", "legal") for o in table.opposites(term))


WORDS = st.lists(
    st.sampled_from(
        "Lorenz sued not the yard , may 40 boats in Oslo . said rose fell by was".split()
    ),
    max_size=30,
).map(" ".join)


@given(claim=WORDS, source=WORDS)
def test_any_pair_can_be_read(claim: str, source: str) -> None:
    pair = Pair(claim, source)

    for finding in (*found(claim, source), *roles(claim, source)):
        assert finding.against in source and -1 <= finding.at < max(1, len(claim))
    for gap in gaps(pair):
        assert gap.mine.stop <= len(pair.words) and gap.theirs.stop <= len(pair.source_words)
