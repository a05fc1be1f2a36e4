"""Reads text off the web in the charset that its server or its first lines name, if it fits."""

import codecs
import re

from ingest.decode import decode

_HEAD = 2_048  # bytes, as far as browsers look
_DECLARED = re.compile(
    rb"""<meta[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
# Python's other codecs are no charsets, or turn harmless bytes into markup (UTF-7).
_KNOWN = re.compile(
    r"utf-?8(?:-sig)?|utf-?(?:16|32)(?:-?[bl]e)?|(?:iso|latin|windows|cp|koi8|mac|gb|big5|euc|ms|ks)"
    r"[\w-]*|shift[-_]jis|x?-?sjis|tis-620|us-ascii|ascii",
    re.IGNORECASE,
)


def read_text(data: bytes, charset: str | None) -> str:
    """The text in ``data``: by its byte order mark, the server's word, its own, or its looks.

    Raises:
        InputRefused: it is empty, or not text.
    """
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not marked:
        for name in (charset, _declared(data)):
            text = _decoded(data, name) if name else None
            if text is not None:
                data = text.encode("utf-8", "replace")
                break
    return decode(data)


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:_HEAD])
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


def _decoded(data: bytes, name: str) -> str | None:
    """The text if every byte fits; Latin 1 is what servers say that were never told."""
    if not _KNOWN.fullmatch(name):
        return None
    try:
        usual = codecs.lookup(name).name
        if usual in ("iso8859-1", "ascii", "cp1252"):
            return _western(data)
        return data.decode(usual)
    except (LookupError, UnicodeError):
        return None


def _western(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252")
