"""The words of the interface, in English or as a translator has put them.

Every string that a reader of the page sees passes through ``tr`` or ``trn`` where it is shown, and
is collected from these calls into ``web/locale/byline.pot`` (``make words``). The words of
articles, models and readers never do. Nothing is translated until ``use`` is called, which only
the server does: the command line, the logs and the JSON of the API stay in English.
"""

import gettext

_active: gettext.NullTranslations = gettext.NullTranslations()
_separators = (",", ".")  # between thousands, and before tenths
# Languages that are written from right to left.
_FROM_RIGHT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


def use(translations: gettext.NullTranslations, separators: tuple[str, str] = (",", ".")) -> None:
    """Show the interface in these words from now on, in the whole process.

    ``separators`` stand between thousands, and before tenths.
    """
    # As gettext.install does: one interface, one language.
    global _active, _separators
    _active, _separators = translations, separators


def tr(text: str, /, **values: object) -> str:
    """The text translated, its ``{name}`` fields filled; plain text, to be escaped like any.

    The text is a literal at the call, or one that was marked by ``msgid``: an f-string would never
    be found by a translator.
    """
    shown = _active.gettext(text) if text else ""  # "" would be the head of the catalog
    return shown.format_map(values) if values else shown


def trn(one: str, many: str, n: int, /, **values: object) -> str:
    """The form for ``n`` things; its ``{n}`` is the number with its thousands parted."""
    return _active.ngettext(one, many, n).format_map({"n": number(n), **values})


def language() -> str:
    """The language of these words as HTML names it: "de", "pt-BR"."""
    return _active.info().get("language", "").replace("_", "-") or "en"


def direction() -> str:
    """Which way this language is written, as HTML names it: "ltr" or "rtl"."""
    return "rtl" if language().partition("-")[0] in _FROM_RIGHT else "ltr"


def number(value: float, n_decimals: int = 0) -> str:
    """A number with its thousands parted as this language does: 12,661 or 12.661."""
    group, decimal = _separators
    return f"{value:,.{n_decimals}f}".translate({ord(","): group, ord("."): decimal})


def msgid(text: str) -> str:
    """The text as it is: marks one in a table for translators; ``tr`` it where it is shown."""
    return text
