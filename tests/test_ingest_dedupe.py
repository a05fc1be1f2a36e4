"""What is a copy of a text and what only shares words with it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.dedupe import copies, group, sketch
from ingest.pipeline import ingest
from rag.embed import Embedder
from rag.groups import Piece, likeness
from rag.index import Index
from rag.pipeline import Pipeline
from rag.render import to_text
from rag.render_json import to_json
from rag.retrieve import Retrieved, retrieve
from rag.schema import Article, Question

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "articles"

STORY = """
The harbour board of Port Ansley voted on Tuesday evening to close the old grain terminal by the
end of next year and to sell the site to a company that builds apartments. Four members were in
favour, two were against, and the chair, Ottoline Marsh, did not vote. The terminal was built in
1931 and once loaded a ship a day. Last year it loaded nineteen.
"Nobody is happy about it, and nobody could show us a buyer who would keep it running," Marsh said
after the meeting, which lasted almost five hours. The union of the dock workers had asked the
board to wait until the summer. Its secretary, Bram Kestle, said that 64 jobs would be lost and
that the promise of work on the building site was worth little to people of fifty.
Farmers in the valley send most of their wheat by rail to the coast since the line was repaired
in 2019. Some of the smaller ones still use the terminal, because the railway takes no load under
two hundred tonnes. Their association has not decided whether to go to court.
The company, Lantern Homes, wants to keep the two towers of the silo and put flats into them. It
offered 8.4 million for the land, a tenth more than the board had asked for. The council has to
agree before the sale is final, and a first reading is planned for the ninth of May.
"""
FOLLOW_UP = """
Lantern Homes withdrew on Friday from the purchase of the grain terminal in Port Ansley, three
weeks after engineers found asbestos in both towers. The company said in a letter to the harbour
board that it could not carry the costs of cleaning, which it put at five million or more.
Ottoline Marsh, who chairs the board, called the letter a bad surprise and said that she would
speak with the lender next week. She did not rule out that the terminal might stay open for
another harvest. Bram Kestle of the dock workers' union said that his members had been told
nothing, again, and read of it on a screen in the canteen.
The terminal was built in 1931 and once loaded a ship a day. Last year it loaded nineteen.
Farmers in the valley send most of their wheat by rail to the coast since the line was repaired
in 2019. Some of the smaller ones still use the terminal, because the railway takes no load under
two hundred tonnes. Their association has not decided whether to go to court.
A spokeswoman for the council said that the reading planned for May was off. The mayor is away on
a visit to a partner town and could not be reached. Lenders had valued the site at six million in
a report of last autumn that was never made public but was seen by this newspaper.
"""
NOTICE = """
You have read all the free articles of this month. Subscribers read without limit, get the
printed paper on Saturdays and can pass on ten articles a month to friends. A subscription costs
less than a cup of coffee a week and ends whenever you like. Already a subscriber? Log in with the
address that you gave when you signed up, and this page will show the whole of the text.
"""
FORM = """
Here are the numbers of the {day} drawing of the Valley Lottery, held in the town hall at 8 p.m.
The winning numbers were {a}, {b}, {c}, {d} and {e}, and the extra number was {f}. The jackpot had
grown to {g},000 before the drawing. Tickets cost 2 each and can be bought in {shop} and in every
post office until an hour before the drawing. The next drawing will be held on {next}. Nobody may
take part who is younger than eighteen. A prize must be claimed within 180 days at the office in
{town} Street. The chance of winning the jackpot is one in {h}. Numbers are drawn by {who}.
"""
LISTING = """
Channel One: 6:00 News; 6:30 {0}; 7:00 {1}; 8:00 {2}; 9:30 {3}; 11:00 News and weather.
Channel Two: 6:00 {4}; 7:00 Regional news; 7:30 {5}; 9:00 {6}; 10:30 {7}; 11:30 The late film.
Channel Three: 6:00 {8}; 6:45 Sports news; 7:15 {9}; 8:45 {10}; 10:15 {11}; 11:45 Close down.
"""


def piece(text: str, title: str | None = "Harbour board votes to close the terminal") -> Piece:
    return Piece(ordinal=0, content_hash="", title=title, text=text.strip())


def related(one: Piece, other: Piece) -> bool:
    """As ``Groups`` has it: found by the sketches, confirmed by the texts."""
    found = likeness(sketch(one.text), sketch(other.text)[None])[0] > 0
    assert copies(one, other) == copies(other, one)
    return bool(found and copies(one, other))


def edited(text: str, share: float, seed: int = 1) -> str:
    rng = random.Random(seed)
    pool = FOLLOW_UP.split()
    return " ".join(rng.choice(pool) if rng.random() < share else w for w in text.split())


def filled(seed: int) -> str:
    rng = random.Random(seed)
    number = {k: str(rng.randint(10, 999)) for k in "abcdefgh"}
    names = "Elm Ash Birch Cedar Maple Linden Rowan Hazel Alder Poplar".split()
    words = {k: rng.choice(names) + "s" for k in ("day", "next", "shop", "town", "who")}
    return FORM.format(**number, **words)


def listing(seed: int) -> str:
    rng = random.Random(seed)
    shows = [
        f"The {rng.choice('Blue Red Long Lost Good Last'.split())} {n}"
        for n in rng.sample(
            "Garden Doctor Harbour Kitchen Judge Village Sister Farm Bridge Hotel"
            " Ladder Orchard Captain Window Mirror Soldier".split(),
            12,
        )
    ]
    return LISTING.format(*shows)


WORDS = STORY.split()


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        " ".join(WORDS[: int(0.4 * len(WORDS))]),
        "PORT ANSLEY (Northwater) - " + " ".join(WORDS[: int(0.4 * len(WORDS))]) + " Read more.",
        edited(STORY, 0.1),
        f"This story comes from our partners at the coast.\n{STORY}\n{NOTICE}",
        f"{NOTICE}\n{STORY}",
        f"Readers have asked us what the vote means for them. Here is the report.\n{STORY}",
        STORY.upper(),
    ],
    ids="same cut cut-framed edited framed notice intro capitals".split(),
)
def test_a_copy_is_known(text: str) -> None:
    assert related(piece(STORY), piece(text))
    assert related(piece(STORY), piece(text, "An altogether new headline"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (STORY, FOLLOW_UP),
        (f"{STORY}{NOTICE}", f"{FOLLOW_UP}{NOTICE}"),
        (filled(1), filled(2)),
        (listing(1), listing(2)),
        (" ".join(WORDS[:60]), f"{STORY}\n{FOLLOW_UP}\n{NOTICE}\n{filled(3)}"),
        ("", ""),
        ("Nine people died.", "Twelve people died."),
        (
            "The central bank of Norland raised its main rate to 3 percent on Tuesday, it said.",
            "The central bank of Norland raised its main rate to 4 percent on Tuesday, it said.",
        ),
    ],
    ids="follow-up same-frame lottery listing item-of-newsletter empty brief figure".split(),
)
def test_what_only_shares_words_is_no_copy(one: str, other: str) -> None:
    assert not related(piece(one), piece(other))


def test_a_notice_under_two_headlines_is_no_copy_but_a_new_headline_is() -> None:
    assert not related(piece(NOTICE, "Ferry capsizes on Lake Verrin"), piece(NOTICE, "Rain ahead"))
    assert related(piece(STORY), piece(STORY, "Silos to become flats in quarrel of neighbours"))


@given(text=st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_has_a_sketch_and_is_its_own_copy(text: str) -> None:
    assert sketch(text).shape == (96,)
    assert copies(piece(text), piece(text)) == any(c.isalnum() for c in text)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Index]:
    index = Index.open(
        tmp_path_factory.mktemp("samples"),
        settings_id="test",
        embedder=embedder.name,
        dim=embedder.dim,
        create=True,
    )
    ingest([SAMPLES], index, embedder)
    group(index.catalog)
    yield index
    index.close()


def test_of_the_samples_the_reprint_goes_with_the_wire_and_nothing_else(samples: Index) -> None:
    grouped = {Path(a.path or "").name: a.group_id for a in samples.catalog.listing() if a.group_id}

    assert set(grouped) == {"ferry-wire.txt", "ferry-reprint.html"}
    assert len(set(grouped.values())) == 1


def test_an_answer_cites_the_wire_and_counts_its_reprint(
    samples: Index, embedder: Embedder
) -> None:
    def search(question: Question) -> tuple[Retrieved, dict[str, Article]]:
        found = retrieve(question, samples, embedder)
        ids = {p.passage.article_id for p in found.passages}
        return found, samples.catalog.articles(ids)

    asked = "How many people were pulled out of the water of Lake Verrin?"
    body = to_json(Pipeline(search=search, embedder=embedder).answer(asked))

    sizes = {Path(c["path"]).name: c["group_size"] for c in body["citations"]}
    assert sizes["ferry-wire.txt"] == 2
    assert set(sizes.values()) <= {1, 2} and "ferry-reprint.html" not in sizes
    assert "1 original, 1 reprint" in to_text(body)
