"""Translated sentences that hold markup: a translator decides where in them it stands."""

import re

from rag.render_html import esc

_FIELD = re.compile(r"\{(\w+)\}")


def filled_html(text: str, **markup: str) -> str:
    """A text of ``tr`` (called without values), escaped, its ``{name}`` fields filled with markup.

    In one pass, so that braces in the markup stay what they are.
    """
    return _FIELD.sub(lambda found: markup.get(found[1], found[0]), esc(text))
