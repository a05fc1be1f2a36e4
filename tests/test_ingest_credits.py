"""An article's credits: outlets, agencies and unnamed people, with the words that name them."""

import time

import pytest

from ingest.credits import credits_of

OWN = "harbourcourier.example"
# Sentence, and what it credits as "kind: name".
LABELLED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("According to Reuters, the toll will rise in May.", ("report: Reuters",)),
    ("Reuters reported on Monday that the toll would rise.", ("report: Reuters",)),
    ("The plan was first reported by the Wall Street Journal.",
     ("report: Wall Street Journal",)),
    ("Bloomberg first reported the plan.", ("report: Bloomberg",)),
    ("The dredger has been sold, according to a report by Nikkei Asia.", ("report: Nikkei Asia",)),
    ("The Guardian revealed last week that no one had checked the pumps.",
     ("report: The Guardian",)),
    ("It leaked, according to Reuters and the Guardian.",
     ("report: Reuters", "report: The Guardian")),
    ("Citing Der Spiegel, the minister said the bill had doubled.", ("report: Der Spiegel",)),
    ("The New York Times has previously reported that the hull leaked.",
     ("report: New York Times",)),
    ("The list was published by ProPublica in March.", ("report: ProPublica",)),
    ("On Monday Axios reported that the talks had failed.", ("report: Axios",)),
    ("The crane fell at noon, WKRT reported.", ("report: WKRT",)),
    ("According to the Osthamn Gazette, the bridge stays shut.", ("report: Osthamn Gazette",)),
    ("As reported in Le Monde, the yard is empty.", ("report: Le Monde",)),
    ("The AP and CNN reported it, and the AP reported it again.", ("report: CNN",
     "report: Associated Press")),
    ("She told the Financial Times that it would.", ("interview: Financial Times",)),
    ("He said in an interview with Der Spiegel that he would stay.", ("interview: Der Spiegel",)),
    ("In a statement to CNBC, the yard denied it.", ("interview: CNBC",)),
    ("Speaking to Sky News, the captain wept.", ("interview: Sky News",)),
    ("“We are done,” she told NBC affiliate WQED.", ("interview: WQED",)),
    ("The mayor told The Times of India that rain was late.", ("interview: The Times of India",)),
    ("OSTHAMN (Reuters) - It rained for nine days.", ("agency: Reuters",)),
    ("OSTHAMN, Jan 29 (AFP) — It rained for nine days.", ("agency: AFP",)),
    ("It rained for nine days. — AP", ("agency: Associated Press",)),
    ("With files from AFP", ("agency: AFP",)),
    ("With files from Jane Doe and The Canadian Press", ("agency: The Canadian Press",)),
    ("The Associated Press contributed to this report.", ("agency: Associated Press",)),
    ("Jane Doe of Reuters contributed reporting.", ("agency: Reuters",)),
    ("Additional reporting by Reuters.", ("agency: Reuters",)),
    ("13 Sources", ("sources: 13 Sources",)),
    ("The sale is close, three people familiar with the matter said.",
     ("sources: three people familiar with the matter",)),
    ("A person briefed on the plan said that the yard would close.",
     ("sources: A person briefed on the plan",)),
    ("It would cost 9 million, according to two people with knowledge of the talks.",
     ("sources: two people with knowledge of the talks",)),
    ("Two sources told Reuters that the yard would close.",
     ("sources: Two sources", "interview: Reuters")),
    ("Sources close to the board said no.", ("sources: Sources close to the board",)),
    ("Five current and former employees said the pumps were old.", ()),
    ("A senior official who asked not to be named said so.",
     ("sources: A senior official who asked not to be named",)),
    ("He spoke on condition of anonymity.", ("sources: anonymous source",)),
    ("Documents seen by Reuters show two dates.", ("sources: Documents", "report: Reuters")),
    ("The cuts stand in an internal memo obtained by The Verge.",
     ("sources: an internal memo", "report: The Verge")),
    ("Emails reviewed by the Washington Post tell another story.",
     ("sources: Emails", "report: Washington Post")),
    ("A draft seen by this newspaper names no sum.", ("sources: A draft",)),
    ("Documents obtained by the Harbour Courier show two dates.", ("sources: Documents",)),
    ("The strike will go on, a source said.", ("sources: a source",)),
    ("The strike will go on, according to government sources.", ("sources: government sources",)),
    ("Several U.S. officials familiar with the intelligence disagreed.",
     ("sources: Several U.S. officials familiar with the intelligence",)),
    # What only looks like one.
    ("According to the board, it will close.", ()),
    ("According to Information on the site, the Times reported to work.", ()),
    ("Reuters Street was closed. The Hill was bare.", ()),
    ("The Harbour Courier reported it first.", ()),
    ("He reads the Guardian every day and once wrote for Reuters.", ()),
    ("She told the Post Office that the parcel was lost.", ()),
    ("The town has two sources of water and one of heat.", ()),
    ("Renewable sources provided half of the power.", ()),
    ("The energy source said to be cheapest is wind.", ()),
    ("The Sun was out, and it was hot.", ()),
    ("She told Herald to sit down.", ()),
    ("People familiar with his novels will smile.", ("sources: People familiar with his novels",)),
    ("The company owns CNN, HBO and a studio.", ()),
    ("He was seen by doctors on Friday.", ()),
    ("The documents were seen by nobody.", ()),
    ("Officials said the road would open at noon.", ()),
    ("A person was briefed on Friday.", ()),
    ("The bill was sent to WADA and the WNBA.", ()),
    ("Everyone close to the fire was led away.", ()),
    ("In an interview with the board, she lied.", ()),
    ("The agency contributed to this year's budget.", ()),
    ("Reporters from Reuters waited outside.", ()),
    ("The Associated Press Stylebook was first published in 1953.", ()),
    ("He told the Times Square crowd to go home.", ()),
    ("The source of the leak was found.", ()),
    ("Shares of News Corp rose.", ()),
    ("The trial was reported in the American Journal of Medicine.", ()),
    ("She is sued for an essay published in the Washington Post.", ()),
)  # fmt: skip


def found_in(sentence: str, outlet: str | None = "Harbour Courier") -> set[str]:
    return {f"{c.kind}: {c.name}" for c in credits_of("a", sentence, outlet)}


def test_labelled_sentences() -> None:
    pairs = [(found_in(sentence), set(wanted)) for sentence, wanted in LABELLED]
    n_right = sum(len(found & wanted) for found, wanted in pairs)
    precision = n_right / sum(len(found) for found, _ in pairs)
    recall = n_right / sum(len(wanted) for _, wanted in pairs)

    assert len(LABELLED) >= 60
    misses = [
        (s, f ^ set(w)) for (f, _), (s, w) in zip(pairs, LABELLED, strict=True) if f != set(w)
    ]
    assert precision >= 0.97, misses
    assert recall >= 0.97, misses


@pytest.mark.parametrize("sentence", [sentence for sentence, _ in LABELLED])
def test_credits_hold_the_words_at_their_place(sentence: str) -> None:
    text = f"It rained.\n{sentence}\nIt rained again.\n{sentence}"

    credited = credits_of("a", text, None)

    assert all(credit.text == text[credit.start : credit.end] for credit in credited)
    assert [c.start for c in credited] == sorted(c.start for c in credited)
    assert len({(c.name.lower(), c.kind) for c in credited}) == len(credited)


@pytest.mark.parametrize(
    ("outlet", "sentence"),
    [
        ("edition.cnn.com", "CNN reported it."),
        ("cnn.com", "She told CNN Business that it would."),
        ("ft.com", "She told the Financial Times so."),
        ("usatoday.com", "He told USA TODAY Sports that he would."),
        ("bbc.co.uk", "He told BBC News that he would."),
        ("The Guardian", "The Guardian revealed it."),
    ],
)
def test_an_outlet_does_not_credit_itself(outlet: str, sentence: str) -> None:
    assert found_in(sentence, outlet) == set()


@pytest.mark.parametrize(
    "piece",
    ["A", "A.", "The ", "Ab ", "By A", " reported", "Ab-", "told the ", "two people ", "sources ",
     "an internal ", "according to ", "former ", "documents ", "— ", "(AP", "- A"],
)  # fmt: skip
def test_hostile_texts_take_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.process_time()

    credits_of("a", text, None)
    credits_of("a", text.replace(" ", "\n"), None)

    assert time.process_time() - started < 3
