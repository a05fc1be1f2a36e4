"""The words of the page's scripts: as the server's, in every number and every form."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.i18n import tr, trn, use
from web.locales import load_words

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
WORDS = Path(__file__).parents[1] / "web" / "words.js"
# Made up, but with the three forms of Polish.
CATALOG = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Language: pl\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : "
"n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgid "Found {what} in {where}"
msgstr "W {where}: {what}"

msgid "{n} passage"
msgid_plural "{n} passages"
msgstr[0] "jeden fragment"
msgstr[1] "{n} fragmenty"
msgstr[2] "{n} fragmentów"

msgid "Empty"
msgstr ""
"""


def _scripts(browser: "Browser", words: str, calls: str) -> Any:
    page = browser.new_page()
    try:
        return page.evaluate(f"() => {{ {words} ({WORDS.read_text('utf-8').strip()})(); {calls} }}")
    finally:
        page.close()


def test_errors_are_told_as_sentences(browser: "Browser") -> None:
    toasts = WORDS.with_name("toasts.js").read_text("utf-8").strip()
    errors = [
        {"message": "this conversation is not here", "hint": "start a new one"},
        {"message": "Nothing was changed.", "hint": ""},
        {"message": "news.example.org is away"},
    ]
    told = _scripts(
        browser, "", f"({toasts})(); return {json.dumps(errors)}.map(window.bylineToasts.told)"
    )

    assert told[0] == "This conversation is not here. Start a new one."
    assert told[1:] == ["Nothing was changed.", "news.example.org is away."]


@pytest.mark.parametrize("locale", ["", "pl"])
def test_scripts_and_server_say_the_same(browser: "Browser", tmp_path: Path, locale: str) -> None:
    path = tmp_path / "pl.po"
    path.write_text(CATALOG, "utf-8")
    words = load_words(str(path) if locale else "")
    numbers = [*range(30), 102, 112, 1_001, 1_234_567]
    told = _scripts(
        browser,
        words.page,
        f"""const {{tr, trn, msgid, locale}} = window.bylineText;
        return [locale, document.documentElement.lang,
          {numbers}.map((n) => trn('{{n}} passage', '{{n}} passages', n)),
          tr('Found {{what}} in {{where}}', {{what: '{{where}}', where: '$&'}}),
          tr('Empty'), tr('Unknown {{x}}'), tr(msgid('toString')),
          tr('{{n}} passage', {{n: 7}})];""",
    )
    use(words.server, words.separators)
    try:
        expected = [
            [trn("{n} passage", "{n} passages", n) for n in numbers],
            tr("Found {what} in {where}", what="{where}", where="$&"),
            tr("Empty"),
            tr("Unknown {x}"),
            tr("toString"),
            tr("{n} passage", n=7),
        ]
    finally:
        use(load_words("").server)
    assert told[2:] == expected
    assert told[:2] == (["pl", "pl"] if locale else ["en-GB", ""])


def test_a_translation_without_a_language_leaves_days_as_they_are(browser: "Browser") -> None:
    words = "window.bylineWords = {locale: '/home/me/my words.po', texts: {}};"
    assert _scripts(browser, words, "return window.bylineText.locale;") == "en-GB"
