"""Bytes become text, or are refused with a reason."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode import decode, line_decoder, said_charset, tidy
from rag.errors import InputRefused

TEXT = (
    "The “board” said — at last — that café prices of £5 would “stay”, and naïve über-fans agreed."
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_common_encodings_are_told_apart(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)).lstrip("\ufeff") == TEXT


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Правление порта заявило во вторник, что паром остановится в мае этого года.", "cp1251"),
        ("Rada portu powiedziała w środę, że prom przestanie pływać. Zażółć gęślą jaźń.", "cp1250"),
        ("港の委員会は火曜日、フェリーが五月に止まると発表した。", "shift_jis"),
    ],
)
def test_other_encodings_are_guessed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\r\n ", "empty"),
        ("\ufeff".encode("utf-16"), "empty"),
        ("\u200b\n\u200b".encode(), "empty"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"%PDF-1.7 text", "PDF"),
        (b"PK\x03\x04....", "zip"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x00" * 5_000, "empty|binary"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InputRefused, match=reason):
        decode(data)


def test_a_stray_nul_is_no_reason_to_refuse() -> None:
    assert "\x00" in decode(TEXT.encode() * 5 + b"\x00")  # taken out with what else is unseen


def test_a_nul_between_words_parts_them() -> None:
    assert decode(TEXT.encode() * 3 + b"one\x00two").endswith("one two")


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("Ночью", "cp1251", "windows-1251"),
        ("Ночью", "koi8-r", '"KOI8-R"'),
        ("caf\u00e9 \u201cAnker\u201d", "cp1252", "iso-8859-1"),  # as browsers take it
        ("caf\u00e9", "utf-8", "iso-8859-1"),  # what is said is wrong
        ("\u6e2f", "iso2022_jp", "iso-2022-jp"),
        ("caf\u00e9", "utf-8", "punycode"),
        ("caf\u00e9", "utf-8", "no-such-code"),
    ],
)
def test_what_is_said_of_an_encoding_helps(text: str, encoding: str, said: str) -> None:
    assert decode(text.encode(encoding), said) == text


def test_a_page_says_its_encoding() -> None:
    assert said_charset(b'<head><meta charset="koi8-r">') == "koi8-r"
    assert said_charset(b"<META http-equiv=x content='text/html; charset=utf-8'>") == "utf-8"
    assert said_charset(b"<p>") is None


def test_lines_of_mixed_encodings_are_read() -> None:
    decoded = line_decoder(b"plain\n")

    assert decoded("caf\u00e9".encode()) == decoded("caf\u00e9".encode("cp1252")) == "caf\u00e9"
    assert (
        line_decoder("Ночью паром не ходит.\n".encode("cp1251") * 9)("Ночью".encode("cp1251"))
        == "Ночью"
    )


def test_a_stray_byte_does_not_spoil_the_rest() -> None:
    assert decode(TEXT.encode() + b"\xff").startswith(TEXT)


@given(st.binary(max_size=400))
def test_any_bytes_end_as_text_or_refusal(data: bytes) -> None:
    with suppress(InputRefused):
        assert decode(data).strip()


def test_tidy_leaves_one_line_without_what_cannot_be_seen() -> None:
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "obey")

    assert tidy(f" Ferry\u202e to\u200b\n close{hidden}\x00 \ud800") == "Ferry to close"


@given(st.text())
def test_tidy_text_can_be_stored(text: str) -> None:
    clean = tidy(text)

    assert clean.encode("utf-8").decode() == clean
    assert tidy(clean) == clean
    assert not set(clean) & set("\x00\n\r\u202e\ufeff")
