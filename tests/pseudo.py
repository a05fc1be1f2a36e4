"""A made-up translation that puts every string of the interface in brackets.

What a reader then sees without brackets was never given to translators.
"""

from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from web.locales import FOLDER

OPEN, CLOSE = "⟦⟧"


def pseudo_po(folder: Path) -> Path:
    """Write the translation of all that ``byline.pot`` holds."""
    template = read_po((FOLDER / "byline.pot").open("rb"))
    catalog = Catalog(locale="de")
    for message in template:
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
