"""Every file ends as articles or as a reason, and none of them stops or blocks the run."""

import gzip
import json
import os
import re
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.load import Found, Loaded, Loader, Skipped
from ingest.page import PageReader
from rag.errors import InputRefused

DATA = Path(__file__).parent / "data" / "ingest"
BODY = "The last ferry to Osthamn will sail in May, the board said."


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    loader = Loader(max_mb=1)
    yield loader
    loader.close()


def load(loader: Loader, *sources: str | Path) -> list[Found]:
    return list(loader.load(sources))


def loaded(loader: Loader, *sources: str | Path) -> list[Loaded]:
    return [f for f in load(loader, *sources) if isinstance(f, Loaded)]


def reason(loader: Loader, source: str | Path) -> str:
    (found,) = load(loader, source)
    assert isinstance(found, Skipped)
    return found.reason


def test_a_folder_is_read_in_order_without_hidden_files(loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("z.txt", "a.md", "b/c.txt", ".hidden.txt", ".git/d.txt", "photo.jpg"):
        (tmp_path / name).write_text(BODY)

    names = [Path(f.source).name for f in load(loader, tmp_path)]

    assert names == ["a.md", "photo.jpg", "z.txt", "c.txt"]
    assert len(loaded(loader, tmp_path)) == 3


def test_pipes_devices_and_links_never_block(loader: Loader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "real.txt").write_text(BODY)
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    started = time.monotonic()

    found = load(loader, tmp_path)

    assert time.monotonic() - started < 5
    assert [Path(f.source).name for f in found if isinstance(f, Loaded)] == ["real.txt"]
    assert {Path(f.source).name for f in found if isinstance(f, Skipped)} == {
        "pipe.txt", "zero.txt", "self.txt", "link.txt", "loop",
    }  # fmt: skip
    assert len(loaded(loader, tmp_path / "link.txt")) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_skipped(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(BODY)
    path.chmod(0)

    assert "Permission" in reason(loader, path)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n ", "empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "PNG"),
        ("a.txt", b"a" * 1_100_000, "larger than 1 MB"),
        ("a.txt", b"word " * 205_000, "1,025,000 characters"),
        ("a.html", b"<html><body><script>1</script></body></html>", "no article text"),
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b"[" * 100_000, "not usable JSON|not valid JSON"),
        ("a.json", b"[]", "no articles"),
        ("a.json", b"3", "not a JSON object but a number"),
        ("a.json", b'{"title": "no text"}', "no text"),
        ("a.jsonl", b"\n\n", "empty"),
        ("a.jsonl.gz", b"no gzip", "damaged"),
        ("a.json.gz", gzip.compress(b"[" + b" " * 2_000_000), "larger than 1 MB"),
        ("a.jsonl.gz", gzip.compress(b"[" + b" " * 20_000_000), "more than 100 times"),
        ("a.pdf", b"%PDF-1.7", "the PDF is damaged"),
        ("a.pdf", b"Just text", "does not begin like a PDF"),
        ("a.docx", b"PK\x03\x04" + b"\x00" * 40, "damaged"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "save it as .docx"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc are not read"),
        ("a.epub", b"", "empty"),
        ("a.mbox", b"no mail", "not a mailbox"),
        ("a.warc", b"no archive", "does not begin like a web archive"),
    ],
)
def test_what_cannot_be_used_says_why(
    loader: Loader, tmp_path: Path, name: str, data: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(data)

    reasons = [f.reason for f in load(loader, tmp_path / name) if isinstance(f, Skipped)]

    assert any(re.search(why, r) for r in reasons), reasons
    assert not loaded(loader, tmp_path / name)


def test_what_is_not_there_is_said(loader: Loader, tmp_path: Path) -> None:
    assert "No such file" in reason(loader, tmp_path / "*.txt")
    assert "web addresses" in reason(loader, "https://news.example/a")
    assert "no files" in reason(loader, tmp_path)
    assert reason(loader, "a\x00b.txt")


def test_one_bad_line_is_named_and_the_others_go_in(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    good = json.dumps({"text": BODY})
    path.write_bytes(
        f'{good}\n{{"text": \n\n[1]\n{{"text": "{"a" * 1_100_000}"}}\n{good}'.encode() + b"\n\xff\n"
    )

    found = load(loader, path)

    assert [f.source.rpartition(":")[2] for f in found if isinstance(f, Loaded)] == ["1", "6"]
    assert [f.source.rpartition(":")[2] for f in found if isinstance(f, Skipped)] == list("2457")


def test_a_file_of_bad_lines_is_summed_up(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("no json\n" * 500 + json.dumps({"text": BODY}))

    found = load(loader, path)

    assert len(found) == 22
    assert isinstance(found[-1], Skipped)
    assert "480 more lines" in found[-1].reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_rows_may_come_in_any_encoding(loader: Loader, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "rows.jsonl"
    row = json.dumps({"text": "Café “Anker” closes."}, ensure_ascii=False)
    path.write_bytes(f"{row}\n{row}\n".encode(encoding))

    assert [f.page.text for f in loaded(loader, path)] == ["Café “Anker” closes."] * 2


@pytest.mark.parametrize("wrap", ["object", "list", "articles", "lines"])
def test_json_comes_in_four_shapes(loader: Loader, tmp_path: Path, wrap: str) -> None:
    row = {"body": BODY, "headline": "Ferry to close"}
    whole = {
        "object": json.dumps(row),
        "list": json.dumps([row, row]),
        "articles": json.dumps({"status": "ok", "articles": [row, row]}),
        "lines": f"{json.dumps(row)}\n{json.dumps(row)}\n",
    }[wrap]
    (tmp_path / "a.json").write_text(whole)

    found = loaded(loader, tmp_path / "a.json")

    assert len(found) == (1 if wrap == "object" else 2)
    assert {f.page.title for f in found} == {"Ferry to close"}


@pytest.mark.parametrize(
    "row",
    [
        {"doc_id": "7", "title": "T", "source": "Courier", "published_at": "2026-01-05",
         "url": "https://c.example/a", "text": BODY},
        {"id": 7, "headline": "T", "publisher": {"name": "Courier"}, "datePublished": "2026-01-05",
         "link": "https://c.example/a", "articleBody": BODY},
        {"guid": "7", "title": {"rendered": "T"}, "site": "Courier", "pub_date": "2026-01-05",
         "URL": "https://c.example/a", "content": {"rendered": f"<p>{BODY}</p>"}},
        {"uuid": "7", "Title": "T", "outlet": "Courier", "publishedAt": "2026-01-05",
         "web_url": "https://c.example/a", "body": BODY.split(", ")},
    ],
)  # fmt: skip
def test_fields_are_known_by_their_usual_names(
    loader: Loader, tmp_path: Path, row: dict[str, object]
) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({**row, "author": ["Jane Doe"]}))

    (found,) = loaded(loader, tmp_path / "a.jsonl")

    page = found.page
    assert (page.title, page.outlet, page.published) == ("T", "Courier", "2026-01-05")
    assert (page.url, page.authors, found.key) == ("https://c.example/a", ("Jane Doe",), "7")
    assert page.text.replace("\n", ", ") == BODY


def test_a_page_is_read_without_what_a_reader_would_not_see(loader: Loader) -> None:
    (found,) = loaded(loader, DATA / "ferry.html")

    page = found.page
    assert page.title == "Ferry line to close in May"
    assert page.outlet == "Harbour Courier"
    assert page.authors == ("Mara Lindqvist and Tom Okafor",)
    assert page.published == "2026-02-03T08:15:00+01:00"
    assert "said on Tuesday, after ridership" in page.text
    for hidden in ("Ignore", "secret", "sank", "unseen", "never built", "Sport", "margin"):
        assert hidden not in page.text


def test_hostile_pages_end_within_the_limits() -> None:
    reader = PageReader(max_seconds=3)
    started = time.monotonic()
    for html in ("<div>" * 100_000, "<b>" * 100_000 + "x", "<" * 2_000_000,
                 "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x"):  # fmt: skip
        with suppress(InputRefused):
            reader.read(f"<html><body>{html}</body></html>")

    assert time.monotonic() - started < 20
    assert reader.read(f"<html><body><p>{BODY}</p></body></html>").text == BODY
    reader.close()


def test_front_matter_and_header_lines_are_read(loader: Loader, tmp_path: Path) -> None:
    head = 'title: "Ferry to close"\nauthor: Jane Doe\ndate: 2026-01-05\n'
    (tmp_path / "a.md").write_text(f"---\n{head}---\n\n{BODY}\n")
    (tmp_path / "b.txt").write_text(f"{head.title()}\n{BODY}\n")
    (tmp_path / "c.txt").write_text(f"Note: one line is no header\n\n{BODY}\n")

    front, header, plain = (f.page for f in loaded(loader, tmp_path))

    assert (front.title, front.published, front.text.strip()) == (
        "Ferry to close",
        "2026-01-05",
        BODY,
    )
    assert (header.authors, header.text.strip()) == (("Jane Doe",), BODY)
    assert plain.title is None
    assert plain.text.startswith("Note:")


def test_reading_rows_takes_little_memory(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    with gzip.open(path, "wt") as rows:
        for i in range(700):
            rows.write(json.dumps({"text": f"{i} {BODY}" * 200, "id": i}) + "\n")
    tracemalloc.start()

    n = sum(isinstance(f, Loaded) for f in loader.load([path]))

    assert n == 700
    assert tracemalloc.get_traced_memory()[1] < 3_000_000  # of 9 MB of text
    tracemalloc.stop()
