"""What a translator is given: every text of a call, wherever it stands."""

import io

from web.extracting import extract_python

KEYWORDS = ("tr", "trn", "msgid")


def found(code: str) -> list[tuple[str, tuple[str | None, ...]]]:
    calls = extract_python(io.BytesIO(code.encode()), KEYWORDS, (), {})
    return [(name, texts) for _, name, texts, _ in calls]


def test_texts_in_formatted_strings_are_found() -> None:
    code = '''shown = f"<b>{esc(tr('Close'))}</b>{trn('{n} day', '{n} days', n)}"'''

    assert found(code) == [("tr", ("Close",)), ("trn", ("{n} day", "{n} days", None))]


def test_a_text_in_several_pieces_is_one() -> None:
    assert found('tr(\n    "One, "\n    "two"\n)') == [("tr", ("One, two",))]


def test_a_call_without_a_literal_gives_no_text() -> None:
    assert found("tr(TABLE[key]); tr(f'{n} days'); other('no')") == [
        ("tr", (None,)),
        ("tr", (None,)),
    ]
