"""The language is what the article declares, unless its words say otherwise beyond doubt."""

import subprocess
import sys

import pytest

from ingest.about import section_of
from ingest.language import language_of

ENGLISH = "The board said on Tuesday that the ferry would stop in May, after riders left. " * 4
GERMAN = "Die letzte Fähre soll Ende Mai fahren, teilte die Hafenverwaltung am Dienstag mit. " * 4
DANISH = "Den sidste færge til Osthamn sejler i maj, sagde havnens bestyrelse tirsdag aften. " * 4


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        (None, ENGLISH, "en"),
        ("en-US", ENGLISH, "en"),
        ("de", ENGLISH, "en"),
        (None, GERMAN, "de"),
        ("en", GERMAN, "de"),
        ("de_AT", GERMAN, "de"),
        ("German", GERMAN, "de"),
        ("deu", GERMAN, "de"),
        ("no", DANISH, "no"),  # too alike to overrule
        ("fr", "Fähre", "fr"),  # too short to overrule
        (None, "Fähre", None),
        ("x-default", "Fähre", None),
        (None, "", None),
        (None, "ВМС " * 40, None),
        (None, "12 34 " * 100, None),
    ],
)
def test_language(declared: str | None, text: str, language: str | None) -> None:
    assert language_of(declared, text) == language


def test_english_is_told_without_loading_a_model() -> None:
    code = (
        "import sys; from ingest.language import language_of;"
        f"assert language_of(None, {ENGLISH!r}) == 'en'; assert 'py3langid' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("given", "url", "section"),
    [
        (" World\n news ", None, "World news"),
        (None, "https://x.example/business/ferry", "Business"),
        (None, "https://x.example/2026/01/29/world/ferry", "World"),
        (None, "https://x.example/story/sports/ferry", "Sports"),
        (None, "https://x.example/ferry/business", None),
        (None, "https://x.example/", None),
        (None, None, None),
    ],
)
def test_section(given: str | None, url: str | None, section: str | None) -> None:
    assert section_of(given, url) == section
