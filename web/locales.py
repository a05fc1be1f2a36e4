"""Translations of the page: ``.po`` files made from ``web/locale/byline.pot``.

They are read with Babel and used through the standard library's gettext, in the page's scripts too.
"""

import gettext
import io
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from rag.errors import SettingsError

if TYPE_CHECKING:
    from babel.messages import Catalog, Message

log = logging.getLogger("byline.web")

FOLDER = Path(__file__).parent / "locale"
ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A translation of the interface."""

    server: gettext.NullTranslations
    page: str  # a line of JavaScript that gives the page's scripts the same words; "" for English
    separators: tuple[str, str] = (",", ".")  # between thousands, and before tenths


def load_words(locale: str) -> Words:
    """Read a translation: a code with a file here, or the path of a ``.po`` file.

    A message whose fields are not those of the English one stays in English, and is logged.

    Raises:
        SettingsError: there is no such translation, or it cannot be read.
    """
    if locale in ("", ENGLISH):
        return Words(server=gettext.NullTranslations(), page="")
    # Only those who need them wait for these.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    path = _path_of(locale)
    compiled = io.BytesIO()
    try:
        catalog = read_po(io.BytesIO(path.read_bytes()), abort_invalid=True)
        catalog.locale = catalog.locale or ENGLISH  # without one its plural form is not written
        for message in [m for m in catalog if m.id and not _fits(m)]:
            log.warning("%s: left in English, its fields differ: %r", path, message.id)
            catalog.delete(message.id, message.context)
        write_mo(compiled, catalog)
        compiled.seek(0)
        return Words(
            server=gettext.GNUTranslations(compiled),
            page=_page_words(catalog, locale),
            separators=_separators_of(catalog),
        )
    except (PoFileError, OSError, ValueError, SyntaxError, RecursionError) as error:
        raise SettingsError(f"{path} cannot be read: {error}", "correct the translation") from None


def _separators_of(catalog: "Catalog") -> tuple[str, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    locale = catalog.locale or ENGLISH
    return get_group_symbol(locale), get_decimal_symbol(locale)


def _path_of(locale: str) -> Path:
    path = Path(locale) if locale.endswith(".po") else FOLDER / f"{Path(locale).name}.po"
    if not path.is_file():
        known = ", ".join([ENGLISH, *sorted(p.stem for p in FOLDER.glob("*.po"))])
        raise SettingsError(
            f"there is no translation {locale}", f"name one of {known}, or the path of a .po file"
        )
    return path


def _page_words(catalog: "Catalog", locale: str) -> str:
    gettext.c2py(catalog.plural_expr)  # raises ValueError unless it is arithmetic in n alone
    texts = {}
    for message in catalog:
        if message.id and all(_texts(message.string)) and not message.fuzzy:
            texts[_texts(message.id)[0]] = message.string
    named = str(catalog.locale_identifier or locale)
    from_right = bool(catalog.locale and catalog.locale.text_direction == "rtl")
    told = json.dumps({"locale": named, "texts": texts, "fromRight": from_right})
    # In a page a script ends at "</script", wherever that stands.
    told = told.replace("<", "\\u003c")
    return f"window.bylineWords = {{...{told}, plural: (n) => Number({catalog.plural_expr})}};\n"


def _fits(message: "Message") -> bool:
    """False for a translation that would fail where it is filled in, or leave out what is told."""
    wanted = _fields(message.id)
    # A form for one thing may do without its number.
    return all(
        _fields(text) <= wanted and wanted - _fields(text) <= {"n"}
        for text in _texts(message.string)
        if text
    )


def _texts(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())


def _fields(given: str | Sequence[str]) -> set[str | None]:
    """The names between braces; None where they are no fields."""
    try:
        parsed = [part for text in _texts(given) for part in Formatter().parse(text)]
    except ValueError:
        return {None}
    return {name for _, name, _, _ in parsed if name is not None}
