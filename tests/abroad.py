"""A made-up language, in which every message of the interface stands in brackets."""

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from lxml import html

from rag import i18n
from web.locales import FOLDER

OPEN, CLOSE = "⟦⟧"


def pseudo_po(folder: Path) -> Path:
    """That language as a translator's file: every message of ``byline.pot``."""
    catalog = Catalog(locale="de")
    for message in read_po((FOLDER / "byline.pot").open("rb")):
        if isinstance(message.id, str):
            catalog.add(message.id, _bracketed(message.id))
        else:
            catalog.add(tuple(message.id), tuple(map(_bracketed, message.id)))
    path, written = folder / "pseudo.po", BytesIO()
    write_po(written, catalog)
    path.write_bytes(written.getvalue())
    return path


def _bracketed(text: str) -> str:
    return f"{OPEN}{text}{CLOSE}" if text else ""


class Pseudo(gettext.NullTranslations):
    """Puts every message into brackets, with its fields in it."""

    def gettext(self, message: str) -> str:
        return _bracketed(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _bracketed(msgid1 if n == 1 else msgid2)


@contextmanager
def pseudo() -> Iterator[None]:
    """The interface in that language."""
    i18n.use(Pseudo())
    try:
        yield
    finally:
        i18n.use(gettext.NullTranslations())


def words(text: str) -> set[str]:
    """Those of two letters or more, in small letters."""
    return set(re.findall(r"[a-z]{2,}", text.lower()))


def outside(text: str) -> set[str]:
    """The words that stand in no message."""
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = less
    assert "⟦" not in text and "⟧" not in text, text
    return words(text)


def shown(markup: str) -> Iterator[str]:
    """What a reader of the page sees, hears or finds on hovering."""
    for element in html.fragment_fromstring(markup, create_parent=True).iter():
        if element.tag != "style":
            yield from (element.text or "", element.tail or "")
        for name in (
            "aria-label",
            "title",
            "alt",
            "placeholder",
            "data-origin",
            "data-copy",
            "data-citing",
        ):
            yield element.get(name, "")
