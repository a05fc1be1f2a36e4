"""Tables are read whatever parts their cells, and say which column was taken for what."""

import csv
import io
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import Loaded, Loader, Skipped

BODY = "The last ferry to Osthamn will sail in May, the board said; unions said they would fight."


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    loader = Loader(max_mb=1)
    yield loader
    loader.close()


def table(*rows: list[str], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def read(loader: Loader, data: str | bytes, name: str = "a.csv") -> list[Loaded]:
    data = data.encode() if isinstance(data, str) else data
    return [f for f in loader.read(name, data, path=f"/x/{name}") if isinstance(f, Loaded)]


def reason(loader: Loader, data: str | bytes, name: str = "a.csv") -> str:
    data = data.encode() if isinstance(data, str) else data
    return " ".join(f.reason for f in loader.read(name, data) if isinstance(f, Skipped))


ROWS = (
    ["id2", "headline", "body", "pub_date", "Web URL", "byline", "category"],
    ["9", "Ferry to close", BODY, "2026-01-05", "https://c.example/a", "Jane Doe", "Local"],
    ["9", "Ferry stays", f"{BODY}\n\nIt “did”, she said.", "2026-01-06", "", "", ""],
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_tables_come_in_many_forms(loader: Loader, delimiter: str, encoding: str) -> None:
    first, second = read(loader, table(*ROWS, delimiter=delimiter).encode(encoding))

    page = first.page
    assert (page.text, page.title, page.published) == (BODY, "Ferry to close", "2026-01-05")
    assert (page.url, page.authors, page.section) == ("https://c.example/a", ("Jane Doe",), "Local")
    assert first.note == (
        "columns: body -> text, headline -> title, byline -> authors, Web URL -> url,"
        " pub_date -> published, category -> section; not used: id2"
    )
    assert second.note is None
    assert second.page.text.endswith("\n\nIt “did”, she said.")
    assert (second.key, second.path) == ("#5", "/x/a.csv")


def test_a_table_without_a_header_is_known_by_what_it_holds(loader: Loader) -> None:
    rows = [[f"https://c.example/{i}", f"2026-01-{i:02}", f"Ferry line {i} to close", f"{BODY} {i}"]
            for i in range(1, 9)]  # fmt: skip

    found = read(loader, table(*rows))

    assert len(found) == 8
    assert found[0].page.title == "Ferry line 1 to close"
    assert (found[0].page.url, found[0].page.published) == ("https://c.example/1", "2026-01-01")
    assert found[0].note is not None
    assert found[0].note.startswith("no header; columns: column 4 -> text")


def test_an_unknown_name_may_hold_the_text(loader: Loader) -> None:
    (found,) = read(loader, table(["Überschrift", "Inhalt"], ["Fähre", BODY]))

    assert found.page.text == BODY
    assert found.note == "columns: Inhalt -> text; not used: Überschrift"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", 'name one "text"'),
        ("title,date\nFerry,2026-01-05\n", "no column holds"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        ("text,title\n" + "a" * 1_100_000 + ",b\nshort,c\n", "longer than 1 MB"),
        ("text,title\n,b\n", "no text"),
        (f"text,title\n{BODY},b\n", "no text"),  # a comma that nobody quoted
    ],
)
def test_what_cannot_be_used_says_why(loader: Loader, data: str | bytes, why: str) -> None:
    assert why in reason(loader, data)


def test_commas_that_nobody_quoted_belong_to_a_last_text(loader: Loader) -> None:
    (found,) = read(loader, f"title,text\nFerry,{BODY}\n")

    assert found.page.text == BODY


def test_an_open_quote_takes_no_more_than_its_file(loader: Loader) -> None:
    rest = f"{'x' * 1_000},{BODY}\n" * 1_500
    data = table(["title", "text"], ["Ferry", BODY]) + f'"open,\n{rest}'

    assert 500 < len(read(loader, data)) < 700  # 1 MB is lost, no more
    assert "the row cannot be read" in reason(loader, data)


def test_a_thousand_columns_and_a_long_line_are_no_trouble(loader: Loader) -> None:
    wide = table([*(f"c{i}" for i in range(999)), "text"], [*("x" for _ in range(999)), BODY])
    started = time.process_time()

    (found,) = read(loader, wide)
    long_line = reason(loader, b"text,title\n" + b"a," * 25_000_000)

    assert found.page.text == BODY
    assert found.note is not None
    assert len(found.note) <= 400
    assert "longer than 1 MB" in long_line
    assert time.process_time() - started < 5


def test_bad_rows_are_summed_up(loader: Loader) -> None:
    data = table(["text", "title"], *(["", f"t{i}"] for i in range(100)), [BODY, "t"])

    assert len(read(loader, data)) == 1
    assert "80 more lines" in reason(loader, data)


def test_a_nul_parts_two_words(loader: Loader) -> None:
    (in_json,) = read(loader, b'{"text": "one\\u0000two"}', "a.json")
    (in_text,) = read(loader, f"one\x00two {BODY * 3}".encode(), "a.txt")

    assert in_json.page.text == "one two"
    assert in_text.page.text.startswith("one two The")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80).filter(
            lambda t: t.strip() and t.strip() == t and "&" not in t and "<" not in t
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(",;\t|"),
)
def test_every_cell_comes_back(loader: Loader, texts: list[str], delimiter: str) -> None:
    data = table(["title", "text"], *(["t", text] for text in texts), delimiter=delimiter)

    assert [f.page.text for f in read(loader, data)] == texts
