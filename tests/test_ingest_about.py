"""Title, authors, outlet and address are taken from what the article says."""

import time

import pytest

from ingest.about import authors_of, outlet_of, title_of

PARAGRAPH = "The board said on Tuesday that the ferry would stop in May, after riders stayed away."


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("Ferry line to Osthamn will close in May", "Ferry line to Osthamn will close in May"),
        ("Will the ferry close in May?", "Will the ferry close in May?"),
        ("The ferry will close in May.", None),
        ('He said: "The ferry will close."', None),
        ("Ferry closes", None),
        ("By Jane Doe and Tom Roe", None),
        ("Jane Doe and Tom Roe", None),
        ("January 5, 2026, Osthamn", "January 5, 2026, Osthamn"),
        ("Updated Jan. 5, 2026", None),
        ("the ferry closes in May", None),
    ],
)
def test_a_first_line_is_a_title_only_if_it_stands_as_one(first: str, title: str | None) -> None:
    assert title_of(None, f"Share\n\n{first}\n\n{PARAGRAPH}") == title


def test_a_title_that_is_given_or_marked_wins() -> None:
    assert title_of(" Ferry\u200b to\nclose ", PARAGRAPH) == "Ferry to close"
    assert title_of(None, f"# Ferry *closes*\n\n{PARAGRAPH}", markdown=True) == "Ferry closes"
    assert title_of(None, PARAGRAPH) is None
    assert title_of(None, "") is None


@pytest.mark.parametrize(
    ("given", "line", "authors"),
    [
        (["Jane Doe"], "", ("Jane Doe",)),
        (["By Jane Doe and Tom Roe"], "", ("Jane Doe", "Tom Roe")),
        (["Jane Doe, Tom Roe & Ann Poe"], "", ("Jane Doe", "Tom Roe", "Ann Poe")),
        (["Jane Doe", "https://x.example/jane"], "", ("Jane Doe",)),
        (["Courier Staff"], "", ()),
        ([], "By Jane Doe", ("Jane Doe",)),
        ([], "**By Jane Doe**", ("Jane Doe",)),
        ([], "By Jane van Doe and Tom O’Roe | Jan 5, 2026", ("Jane van Doe", "Tom O’Roe")),
        ([], "By Jane Doe, Harbour Courier", ("Jane Doe",)),
        ([], "By the end of May the ferry will stop", ()),
        ([], "By Monday the ferry had stopped", ()),
    ],
)
def test_authors(given: list[str], line: str, authors: tuple[str, ...]) -> None:
    assert authors_of(given, f"Ferry to close\n{line}\n{PARAGRAPH}")[: len(authors) or 1] == authors


def test_authors_of_a_newsletter() -> None:
    line = "This is an edition of Jane Doe and Tom Roe’s Made in Osthamn newsletter."

    assert authors_of((), f"{PARAGRAPH}\n{line}") == ("Jane Doe", "Tom Roe")


def test_outlet() -> None:
    signed = f"{PARAGRAPH}\nDigest.example\nPort news\n© 2026 Digest Holdings"

    assert outlet_of("Harbour Courier", "https://c.example/a", signed) == "Harbour Courier"
    assert outlet_of(None, "https://www.courier.example/a", signed) == "courier.example"
    assert outlet_of(None, None, signed) == "Digest.example"
    assert outlet_of(None, None, f"{PARAGRAPH}\nDigest.example") is None
    assert outlet_of(None, None, PARAGRAPH) is None


@pytest.mark.parametrize(
    "piece", ["A", "A.", "The ", "Ab ", "By A", " reported", "Ab-", "told the "]
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.process_time()

    title_of(None, text)
    authors_of((text,), text)
    outlet_of(None, None, text)

    assert time.process_time() - started < 3
