"""Translations of the page: the template holds every string, no translation breaks a page."""

import gettext
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from rag.errors import SettingsError
from rag.i18n import number, tr, trn, use
from tests.abroad import pseudo_po
from web.locales import FOLDER, load_words
from web.login_page import login_html

ROOT = Path(__file__).resolve().parents[1]
HEAD = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use(gettext.NullTranslations())


def _load(tmp_path: Path, body: str, head: str = HEAD) -> str:
    path = tmp_path / "xx.po"
    path.write_text(head + body, "utf-8")
    words = load_words(str(path))
    use(words.server)
    return words.page


def _told(page: str) -> dict[str, object]:
    found = re.search(r"\{\.\.\.(\{.*\}), plural", page)
    assert found
    told: dict[str, object] = json.loads(found[1])
    return told


def test_the_template_holds_every_string_of_the_code() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    methods = [(m["pattern"], m["method"]) for m in config["tool"]["babel"]["mappings"]]
    keywords = {"tr": None, "trn": (1, 2), "msgid": None}
    found = {
        message
        for folder in ("rag", "eval", "web")
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, methods, keywords=keywords)
    }
    kept = {
        tuple(m.id) if not isinstance(m.id, str) else m.id
        for m in read_po((FOLDER / "byline.pot").open("rb"))
        if m.id
    }
    assert found == kept, "run `make words`"
    assert len(kept) > 300


def test_every_string_can_be_filled_when_translated(tmp_path: Path) -> None:
    use(load_words(str(pseudo_po(tmp_path))).server)
    assert tr("Ask again") == "⟦Ask again⟧"
    assert trn("{n} passage", "{n} passages", 1) == "⟦1 passage⟧"
    assert trn("{n} passage", "{n} passages", 1234) == "⟦1,234 passages⟧"


def test_what_is_not_translated_stays_english(tmp_path: Path) -> None:
    page = _load(tmp_path, 'msgid "Ask"\nmsgstr "Fragen"\n\nmsgid "Stop"\nmsgstr ""\n')
    assert (tr("Ask"), tr("Stop"), tr("New")) == ("Fragen", "Stop", "New")
    assert trn("{n} thing", "{n} things", 2) == "2 things"
    assert tr("") == ""
    assert _told(page)["texts"] == {"Ask": "Fragen"}


def test_the_plural_is_that_of_the_language(tmp_path: Path) -> None:
    head = HEAD.replace("nplurals=2; plural=(n != 1)", "nplurals=2; plural=(n > 1)")
    body = 'msgid "{n} day"\nmsgid_plural "{n} days"\nmsgstr[0] "{n} jour"\nmsgstr[1] "{n} jours"\n'
    page = _load(tmp_path, body, head)
    assert [trn("{n} day", "{n} days", n) for n in (0, 1, 2)] == ["0 jour", "1 jour", "2 jours"]
    assert "plural: (n) => Number((n > 1))" in page
    assert _told(page)["texts"] == {"{n} day": ["{n} jour", "{n} jours"]}


@pytest.mark.parametrize(
    "wrong", ["Von {nane}", "Von", "Von {name} {more}", "Von {name", "Von {name.__class__}"]
)
def test_a_translation_with_other_fields_is_left_out(tmp_path: Path, wrong: str) -> None:
    body = f'msgid "Said by {{name}}"\nmsgstr "{wrong}"\n\nmsgid "Ask"\nmsgstr "Fragen"\n'
    assert _told(_load(tmp_path, body))["texts"] == {"Ask": "Fragen"}
    assert tr("Said by {name}", name="X") == "Said by X"
    assert tr("Ask") == "Fragen"


def test_an_unsure_translation_is_not_shown(tmp_path: Path) -> None:
    page = _load(tmp_path, '#, fuzzy\nmsgid "Ask"\nmsgstr "Frisch"\n')
    assert tr("Ask") == "Ask"
    assert _told(page)["texts"] == {}


def test_a_translation_cannot_end_the_script(tmp_path: Path) -> None:
    page = _load(tmp_path, 'msgid "Ask"\nmsgstr "</script><script>alert(1)//"\n')
    assert "<" not in page
    assert _told(page)["texts"] == {"Ask": "</script><script>alert(1)//"}


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (HEAD.replace("(n != 1)", "alert(1)"), ""),
        (HEAD.replace("(n != 1)", "(" * 200 + "n" + ")" * 200), ""),
        (HEAD, "nonsense\n"),
        (HEAD, "\x00\x01"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, head: str, body: str) -> None:
    with pytest.raises(SettingsError, match=r"xx\.po"):
        _load(tmp_path, body, head)


def test_a_missing_translation_names_those_there_are() -> None:
    with pytest.raises(SettingsError, match="no translation tlh") as told:
        load_words("tlh")
    assert "en" in told.value.hint
    with pytest.raises(SettingsError):
        load_words("../../etc/passwd")


@pytest.mark.parametrize("locale", ["", "en"])
def test_english_needs_no_file(locale: str) -> None:
    words = load_words(locale)
    assert words.page == ""
    use(words.server)
    assert tr("Ask {name}", name="{x}") == "Ask {x}"


@pytest.mark.parametrize(
    ("code", "direction", "told"),
    [("de", "ltr", "12.661 Zeilen, 1.234,5"), ("ar", "rtl", "12,661 Zeilen, 1,234.5")],
)
def test_a_language_parts_thousands_and_runs_as_it_is_written(
    tmp_path: Path, code: str, direction: str, told: str
) -> None:
    ids = 'msgid "{n} line"\nmsgid_plural "{n} lines"\n'
    body = ids + 'msgstr[0] "{n} Zeile"\nmsgstr[1] "{n} Zeilen"\n'
    path = tmp_path / "xx.po"
    path.write_text(HEAD.replace('"Plural', f'"Language: {code}\\n"\n"Plural') + body, "utf-8")
    words = load_words(str(path))
    use(words.server, words.separators)

    assert f"{trn('{n} line', '{n} lines', 12_661)}, {number(1_234.5, 1)}" == told
    assert f'dir="{direction}"' in login_html()
    assert _told(words.page)["fromRight"] is (direction == "rtl")
