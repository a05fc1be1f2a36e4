"""Turns the bytes of a file into text, or says why they are not text.

Also takes out what a reader cannot see but a model can: NUL, lone surrogates, zero-width and
tag characters, controls that turn the direction of writing.
"""

import codecs
import re
from collections.abc import Callable

from rag.errors import InputRefused

_BOMS = (  # the longer first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
)
_HEAD = 2_048  # bytes of a page in which its encoding must stand
_META = re.compile(rb"<meta[^>]{0,200}?charset=[\"']?([\w:.-]{2,40})", re.IGNORECASE)
_CHARSET = re.compile(  # what Python calls text encodings includes slow and odd ones
    r"(?:cp|windows|iso|koi8|mac|utf|big5|gb|euc|shift|sjis|latin|us-ascii|ks_c|tis|johab|hz)[\w.:-]*"
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_CONTROLS = 0.01  # a stray NUL is mended; more than one in a hundred is no text
_SAMPLE = 65_536  # as much as is looked at to guess an encoding
_CP1252_MAX_HIGH = 0.25  # western text has few letters beyond ASCII; Cyrillic has over half
_CP1252_ODD = re.compile("[¤¦¨¯´¸¹²³¼¿¾ÐðÞþÿ×÷¬]")  # rare in news, common when the guess is wrong

# Nothing here is ever visible by itself. Joiners stay between letters of scripts that need them.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff"
)
INVISIBLE = re.compile(f"[{_INVISIBLE}]+")
JOINERS = re.compile("(?<![^\x00-\u036f])[\u200c\u200d]+")
_NUL = re.compile("(?<=\\w)\x00+(?=\\w)")  # stands between words in what databases export
BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
BLANKS = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def decode(data: bytes, charset: str | None = None) -> str:
    """The text in ``data``, whatever its encoding; ``charset`` is what is said about it.

    Raises:
        InputRefused: it is empty, or not text.
    """
    if not data.strip():
        raise InputRefused("it is empty")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _checked(data.decode(encoding, "replace"))
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise InputRefused(f"it is {kind}, not text")
    said = _as_said(data, charset) if charset else None
    return _checked(_without_bom(data) if said is None else said)


def said_charset(html: bytes) -> str | None:
    """The encoding that a page names in its head, which need not be true."""
    found = _META.search(html[:_HEAD])
    return found[1].decode() if found else None


def line_decoder(sample: bytes) -> Callable[[bytes], str]:
    """How to decode the lines of a file that begins so: each as UTF-8, else as the others."""
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    try:
        codec = "cp1252" if _is_utf8(whole) else _legacy(whole)
    except UnicodeDecodeError:
        codec = "cp1252"

    def decoded(line: bytes) -> str:
        return line.decode("utf-8" if _is_utf8(line) else codec, "replace")

    return decoded


def is_wide(head: bytes) -> bool:
    """True if a file that begins so is marked as UTF-16 or UTF-32, whose lines need decoding."""
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))


def part_words(text: str) -> str:
    """``text`` with a space for each NUL between letters, as some databases export white space."""
    return _NUL.sub(" ", text) if "\x00" in text else text


def tidy(text: str) -> str:
    """``text`` on one line, without what cannot be seen: for titles, names and addresses."""
    return " ".join(INVISIBLE.sub("", BREAKS.sub(" ", text)).split())


def _checked(text: str) -> str:
    if not INVISIBLE.sub("", text).strip():
        raise InputRefused("it is empty")
    return part_words(text)


def _without_bom(data: bytes) -> str:
    wide = _wide(data[:_SAMPLE])
    if wide:
        return data.decode(wide, "replace")
    sample = data[:_SAMPLE]
    if len(_CONTROLS.findall(sample)) > _MAX_CONTROLS * len(sample):
        raise InputRefused("it is binary, not text")
    text = data.decode("utf-8", "replace")
    n_bad = text.count("\ufffd")
    n_good = sum(c > "\x7f" for c in text) - n_bad if n_bad else 0
    # A stray byte in UTF-8 is not worth the rest; in other encodings hardly any letter fits.
    return text if not n_bad or n_good > 3 * n_bad else data.decode(_legacy(data), "replace")


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: ASCII letters leave every other byte zero."""
    half = len(sample) // 2
    if half < 4:
        return None
    if sample[1::2].count(0) > 0.4 * half and sample[::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if sample[::2].count(0) > 0.4 * half and sample[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return None


def _as_said(data: bytes, charset: str) -> str | None:
    """``data`` in the encoding that it is said to have; None if that cannot be."""
    name = charset.strip("\"' ").lower()
    if not _CHARSET.fullmatch(name):
        return None
    if name in ("iso-8859-1", "latin1", "us-ascii"):
        name = "cp1252"  # as browsers take it
    try:
        # Much that is UTF-8 is said to be something else; the other way round it would not decode.
        return data.decode("utf-8" if _is_utf8(data) and "2022" not in name else name)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _legacy(data: bytes) -> str:
    """The name of the encoding, given that it is not UTF-8."""
    sample = data[:_SAMPLE]
    western = sample.decode("cp1252", "replace")
    n_high = sum(c > "\x7f" for c in western)
    # charset-normalizer alone calls half of the short cp1252 texts Central European.
    few = n_high <= _CP1252_MAX_HIGH * len(western) and "\ufffd" not in western
    if few and not _CP1252_ODD.search(western):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"
