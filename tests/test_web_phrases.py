"""Markup inside of translated sentences."""

from hypothesis import given
from hypothesis import strategies as st

from rag.render_html import esc
from web.phrases import filled_html


def test_a_translator_decides_where_the_markup_stands() -> None:
    shown = filled_html("{end} & {begin}", begin="<b>", end="</b>")

    assert shown == "</b> &amp; <b>"


def test_braces_in_the_markup_are_no_fields() -> None:
    assert filled_html("{a} {b}", a="{b}", b="two") == "{b} two"


@given(st.text())
def test_what_is_no_field_is_escaped(text: str) -> None:
    assert filled_html(text) == esc(text)
