"""The charset that a page names counts when it fits."""

import time

import pytest

from ingest.charset import read_text
from rag.errors import InputRefused

_GERMAN = "Die Fähre fährt über den Fluß – „täglich“ für 3 € hin und zurück."
_RUSSIAN = "Паром снова ходит каждый день, сообщила администрация порта."
_JAPANESE = "渡し船は毎日運航していると港の当局が発表した。"


@pytest.mark.parametrize(
    ("text", "encoding", "charset"),
    [
        (_GERMAN, "utf-8", None),
        (_GERMAN, "utf-8", "utf-8"),
        (_GERMAN, "utf-8", "iso-8859-1"),  # a server that was never told
        (_GERMAN, "cp1252", "ISO-8859-1"),
        (_GERMAN, "cp1252", "us-ascii"),
        (_GERMAN, "utf-8", "no-such-charset"),
        (_GERMAN, "utf-8", "utf-7"),
        (_GERMAN, "utf-8", "unicode_escape"),
        (_GERMAN, "utf-16", "utf-16"),
        (_RUSSIAN, "cp1251", "windows-1251"),
        (_RUSSIAN, "koi8-r", "KOI8-R"),
        (_JAPANESE, "shift_jis", "Shift_JIS"),
        (_JAPANESE, "euc_jp", "EUC-JP"),
    ],
)
def test_the_server_says_it(text: str, encoding: str, charset: str | None) -> None:
    assert read_text(text.encode(encoding), charset) == text


@pytest.mark.parametrize(
    "head",
    [
        '<html><head><meta charset="windows-1251">',
        "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>",
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_the_page_says_it(head: str) -> None:
    page = head + _RUSSIAN

    assert read_text(page.encode("cp1251"), None) == page
    assert read_text(page.encode("cp1251"), "utf-8") == page  # the server's word does not fit


def test_a_mark_outweighs_both() -> None:
    assert _RUSSIAN in read_text(_RUSSIAN.encode("utf-8-sig"), "windows-1251")
    assert _RUSSIAN in read_text(b"\xff\xfe" + _RUSSIAN.encode("utf-16-le"), "windows-1251")


def test_a_stray_byte_is_no_other_charset() -> None:
    assert read_text(_GERMAN.encode() + b"\xff", "utf-8").startswith(_GERMAN)


@pytest.mark.parametrize("data", [b"", b" \n", b"%PDF-1.7", bytes(range(32)) * 9])
def test_what_is_no_text(data: bytes) -> None:
    with pytest.raises(InputRefused):
        read_text(data, "utf-8")


def test_hostile_heads_take_linear_time() -> None:
    started = time.process_time()
    for piece in (b"<meta ", b"<?xml ", b"charset=", b"<meta charset"):
        read_text(piece * 100_000, None)
    assert time.process_time() - started < 3
