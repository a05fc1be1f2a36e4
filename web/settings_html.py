"""The Settings tab as HTML: how answers are written, what leaves the machine, how the page looks.

The script fills in nothing but which parts are shown; every foreign string is escaped here.
"""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from rag.i18n import msgid, number, tr, trn
from rag.preferences import Preferences
from rag.render_html import esc
from rag.settings import DEFAULT_LLM, EMBEDDED_VERIFIER, LANGUAGES, LLM_VERIFIER
from web.phrases import filled_html
from web.settings_form import current, endpoint_of, has_key
from web.visitors import Visitor

if TYPE_CHECKING:
    from web.desk import Desk

_THEMES = {"": msgid("As the system"), "light": msgid("Light"), "dark": msgid("Dark")}
_SIZES = {
    "small": msgid("Small"),
    "": msgid("Normal"),
    "large": msgid("Large"),
    "larger": msgid("Larger"),
}
_KEYS = {"": msgid("On"), "off": msgid("Off")}
_WARNS = ' class="byline-warning"'
_PACKAGES = {"Byline": "byline-news", "Gradio": "gradio", "Chroma": "chromadb", "PyTorch": "torch"}


def settings_html(desk: "Desk", visitor: Visitor) -> str:
    """The whole tab; of a reader's, only what is kept in their own browser."""
    if not visitor.may_edit:
        told = esc(tr("How answers are written is chosen by the editors."))
        return (
            f'<div class="byline-settings">{_appearance_html()}'
            f'<p class="byline-note">{told}</p></div>'
        )
    chosen = current(desk)
    return (
        '<div class="byline-settings">'
        f'<form class="byline-set" novalidate>{_standing_html(desk)}{_writing_html(desk, chosen)}'
        f"{_leaving_html()}{_checking_html(chosen)}{_language_html(chosen)}{_saving_html(desk)}"
        f"</form><div>{_appearance_html()}{_about_html(desk)}</div></div>"
    )


# --- pieces of a form ----------------------------------------------------------------------------


def _field(name: str, label: str, control: str, hint: str = "") -> str:
    """A control with its label above, and hint and error below, tied to it for those who hear.

    ``label`` is text; ``control`` and ``hint`` are markup.
    """
    about = f'<p class="byline-hint" id="set-{name}-hint">{hint}</p>' if hint else ""
    return (
        f'<div class="byline-field" data-field="{name}">'
        f'<label for="set-{name}">{esc(label)}</label>{control}{about}{_error(name)}</div>'
    )


def _error(name: str) -> str:
    return f'<p class="byline-form-error" id="set-{name}-error" role="alert"></p>'


def _input(name: str, value: str, *, hint: bool = False, more: str = "") -> str:
    told = f"{f'set-{name}-hint ' if hint else ''}set-{name}-error"
    return (
        f'<input id="set-{name}" name="{name}" value="{esc(value)}" dir="auto" autocomplete="off" '
        f'autocapitalize="off" spellcheck="false" aria-describedby="{told}" {more}>'
    )


def _radios(name: str, chosen: str, options: Mapping[str, tuple[str, str]]) -> str:
    """Choices of which one is taken: value, label, and what it means."""
    return "".join(
        f'<label class="byline-choice"><input type="radio" name="{name}" value="{value}"'
        f"{' checked' if value == chosen else ''}><span>{esc(label)}"
        f"{f'<small>{esc(meaning)}</small>' if meaning else ''}</span></label>"
        for value, (label, meaning) in options.items()
    )


def _group(title: str, body: str, kind: str) -> str:
    return (
        f'<fieldset class="byline-group" data-group="{kind}"><legend>{esc(title)}</legend>'
        f"{body}</fieldset>"
    )


# --- how answers are written ---------------------------------------------------------------------


def _standing_html(desk: "Desk") -> str:
    """Where what is in force comes from."""
    told = (
        tr("Chosen here. It wins over the environment and {file}.")
        if desk.chosen.read()
        else tr("From the environment and {file}. What you save here wins over them.")
    )
    shown = filled_html(told, file="<code>.env</code>")
    return f'<p class="byline-note byline-in-force">{shown}</p>'


def _writing_html(desk: "Desk", chosen: Preferences) -> str:
    modes = _radios(
        "mode",
        chosen.mode,
        {
            "extractive": (
                tr("Articles only"),
                tr("Answers are sentences of the articles, word for word. No language model."),
            ),
            "llm": (
                tr("Language model"),
                tr("A model words the answer. Each sentence is checked against the articles."),
            ),
        },
    )
    about = tr("Asks the endpoint one tiny question. Nothing is saved.")
    return _group(
        tr("How answers are written"),
        f'{modes}{_error("mode")}<div class="byline-model" data-when="llm">'
        f"{_endpoint_html(desk, chosen)}{_key_html(desk, chosen)}{_model_html(chosen)}"
        '<p class="byline-form-row"><button type="button" class="byline-quiet" data-do="test">'
        f'{esc(tr("Test"))}</button><span class="byline-hint">{esc(about)}</span></p>'
        '<div class="byline-outcome" data-outcome="test" role="status"></div>'
        "</div>",
        "writing",
    )


def _endpoint_html(desk: "Desk", chosen: Preferences) -> str:
    value = endpoint_of(chosen, desk.given)
    more = 'type="url" inputmode="url" maxlength="500" placeholder="https://api.openai.com/v1"'
    hint = tr(
        "Any OpenAI-compatible address, such as http://127.0.0.1:11434/v1 for Ollama. "
        "Empty: OpenAI."
    )
    control = _input("endpoint", value, hint=True, more=more)
    return _field("endpoint", tr("Endpoint"), control, esc(hint))


def _key_html(desk: "Desk", chosen: Preferences) -> str:
    is_set = has_key(chosen, desk.given)
    told = (
        tr("A key is set; leave this empty to keep it. What you type here is never shown again.")
        if is_set
        else tr("No key is set. What you type here is never shown again.")
    )
    # Not "current-password": the browser must neither fill in a login nor offer to keep this.
    more = 'type="password" maxlength="1000" data-lpignore="true"'
    control = _input("key", "", hint=True, more=more).replace(
        'autocomplete="off"', 'autocomplete="new-password"'
    )
    remove = (
        '<label class="byline-tick"><input type="checkbox" name="no_key" value="yes"> '
        f"{esc(tr('Remove the key'))}</label>"
    )
    return _field("key", tr("Key"), control, esc(told)) + (remove if is_set else "")


def _model_html(chosen: Preferences) -> str:
    more = f'maxlength="200" placeholder="{DEFAULT_LLM}"'
    control = (
        '<div class="byline-beside">'
        f"{_input('model', chosen.model, more=more)}"
        '<button type="button" class="byline-quiet" data-do="models">'
        f"{esc(tr('Fetch the list'))}</button></div>"
        f'<select class="byline-models" aria-label="{esc(tr("Models of this endpoint"))}" hidden>'
        '</select><div class="byline-outcome" data-outcome="models" role="status"></div>'
    )
    return _field("model", tr("Model"), control)


def _leaving_html() -> str:
    """What may leave this machine, said for each choice; the script shows what fits the form."""
    told = {
        "extractive": tr(
            "{strong}Nothing that you ask.{end} Questions, answers and articles stay here."
        ),
        "llm": tr(
            "{strong}With every question, {host} is sent{end} the question, the last few turns of "
            "the chat, and the passages found, with their titles, outlets and dates. Not the rest "
            "of the archive, and no name."
        ),
        "judge-llm": tr(
            "To check it, {host} is also sent each sentence of the answer with the passage that "
            "it cites."
        ),
        "local": tr("{host} is this machine."),
        "open": tr(
            "The address begins with http: on the way to {host} others can read all of it, and "
            "the key."
        ),
        "encoder": tr(
            "A cross-encoder that is named by id is fetched once from the model hub. It judges on "
            "this machine."
        ),
    }
    markup = {
        "host": '<bdi class="byline-host"></bdi>',
        "strong": "<strong>",
        "end": "</strong>",
    }
    parts = "".join(
        f'<p data-when="{when}"{_WARNS if when == "open" else ""}>{filled_html(text, **markup)}</p>'
        for when, text in told.items()
    )
    always = tr(
        "Pages and feeds that you add to the library are fetched from their sites. "
        "There are no usage reports."
    )
    return (
        '<section class="byline-leaving" aria-live="polite">'
        f"<h2>{esc(tr('What may leave this machine'))}</h2>{parts}<p>{esc(always)}</p></section>"
    )


# --- how answers are checked, and the rest -------------------------------------------------------


def _checking_html(chosen: Preferences) -> str:
    name = chosen.verifier.strip()
    kind = name.lower() or EMBEDDED_VERIFIER
    kind = kind if kind in (EMBEDDED_VERIFIER, LLM_VERIFIER) else "encoder"
    judges = _radios(
        "judge",
        kind,
        {
            "embedded": (
                tr("Built-in checks"),
                tr("Always on, on this machine. Their findings stand."),
            ),
            "llm": (
                tr("And the language model"),
                tr("It reads each sentence against its source: slower."),
            ),
            "encoder": (
                tr("And a cross-encoder"),
                tr("A model on this machine, by id or folder."),
            ),
        },
    )
    value = name if kind == "encoder" else ""
    more = 'maxlength="500" placeholder="cross-encoder/nli-deberta-v3-base"'
    encoder = _field(
        "encoder",
        tr("Cross-encoder"),
        _input("encoder", value, hint=True, more=more),
        esc(tr("It is loaded when you save; that can take a minute.")),
    )
    return _group(
        tr("Who checks the sentences"),
        f'{judges}{_error("judge")}<div data-when="encoder">{encoder}</div>'
        f"{_strict_html(is_on=chosen.strict)}",
        "checking",
    )


def _strict_html(*, is_on: bool) -> str:
    label = tr("Strict: leave out what the articles do not carry")
    meaning = tr("Otherwise it is shown and marked. Only a language model writes such sentences.")
    return (
        f'<label class="byline-tick"><input type="checkbox" name="strict" value="yes"'
        f"{' checked' if is_on else ''}> <span>{esc(label)}<small>{esc(meaning)}</small></span>"
        "</label>"
    )


def _language_html(chosen: Preferences) -> str:
    options = "".join(
        f'<option value="{code}"{" selected" if code == chosen.language else ""}>{esc(name)}'
        "</option>"
        for code, name in _languages().items()
    )
    control = (
        '<select id="set-language" name="language" aria-describedby="set-language-hint '
        f'set-language-error">{options}</select>'
    )
    of_model = tr(
        "Quotes stay in the language of the articles. Verdicts are made for English: in another "
        "language trust them less, and read the quotes."
    )
    of_quotes = tr("No effect here: articles are quoted in their own language.")
    hint = (
        f'<span data-when="llm">{esc(of_model)}</span>'
        f'<span data-when="extractive">{esc(of_quotes)}</span>'
    )
    field = _field("language", tr("Written in"), control, hint)
    return _group(tr("Language of answers"), field, "language")


def _languages() -> dict[str, str]:
    names = {code: tr(name) for code, name in LANGUAGES.items()}
    return {"": tr("That of the question"), **names}


def _saving_html(desk: "Desk") -> str:
    reset = (
        '<button type="button" class="byline-quiet" data-do="reset">'
        f"{esc(tr('Back to the environment'))}</button>"
        if desk.chosen.read()
        else ""
    )
    return (
        '<div class="byline-saving"><p class="byline-form-row"><button type="submit" '
        f'class="byline-do">{esc(tr("Save"))}</button>{reset}</p>'
        '<div class="byline-outcome" data-outcome="save" role="status"></div></div>'
    )


# --- the page, and the archive -------------------------------------------------------------------


def _appearance_html() -> str:
    themes, sizes, keys = (
        _radios(name, "", {value: (tr(label), "") for value, label in choices.items()})
        for name, choices in (("theme", _THEMES), ("size", _SIZES), ("keys", _KEYS))
    )
    return (
        f'<section class="byline-look-of"><h2>{esc(tr("Appearance"))}</h2>'
        f'<fieldset class="byline-row"><legend>{esc(tr("Colours"))}</legend>{themes}</fieldset>'
        f'<fieldset class="byline-row"><legend>{esc(tr("Size of the text"))}</legend>{sizes}'
        "</fieldset>"
        f'<fieldset class="byline-row"><legend>{esc(tr("Single keys in the chat"))}</legend>{keys}'
        f'<button type="button" class="byline-show-keys">{esc(tr("Show the keys"))}</button>'
        "</fieldset>"
        f'<p class="byline-hint">{esc(tr("Kept in this browser."))}</p></section>'
    )


def _about_html(desk: "Desk") -> str:
    n_articles, n_passages = desk.counts()
    passages = trn(
        "{articles}, in {n} passages",
        "{articles}, in {n} passages",
        n_passages,
        articles=number(n_articles),
    )
    packages = ((name, _version(package)) for name, package in _PACKAGES.items())
    facts = (
        (tr("Folder"), str(desk.home.absolute())),
        (tr("Articles"), passages),
        (tr("Embedder"), desk.settings.embedder),
        (tr("Settings"), desk.settings.settings_id),
        *packages,
        ("Python", platform.python_version()),
    )
    rows = "".join(
        f"<div><dt>{esc(label)}</dt><dd><bdi>{esc(value)}</bdi></dd></div>"
        for label, value in facts
    )
    return (
        f'<section class="byline-about"><h2>{esc(tr("About this archive"))}</h2>'
        f"<dl>{rows}</dl></section>"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return tr("not installed")
