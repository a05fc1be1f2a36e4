"""The Settings tab as HTML: how answers are written, what leaves the machine, how the page looks.

The script fills in nothing but which parts are shown; every foreign string is escaped here.
"""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from rag.i18n import msgid, tr
from rag.preferences import Preferences
from rag.render_html import esc
from rag.settings import DEFAULT_LLM, EMBEDDED_VERIFIER, LANGUAGES, LLM_VERIFIER
from web.settings_form import current, endpoint_of, has_key
from web.visitors import Visitor

if TYPE_CHECKING:
    from web.desk import Desk

_THEMES = {"": "As the system", "light": "Light", "dark": "Dark"}
_SIZES = {"small": "Small", "": "Normal", "large": "Large", "larger": "Larger"}
_KEYS = {"": msgid("On"), "off": msgid("Off")}
_PACKAGES = {"Byline": "byline-news", "Gradio": "gradio", "Chroma": "chromadb", "PyTorch": "torch"}


def settings_html(desk: "Desk", visitor: Visitor) -> str:
    """The whole tab; of a reader's, only what is kept in their own browser."""
    if not visitor.may_edit:
        return (
            f'<div class="byline-settings">{_appearance_html()}'
            '<p class="byline-note">How answers are written is chosen by the editors.</p></div>'
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
    """A control with its label above, and hint and error below, tied to it for those who hear."""
    about = f'<p class="byline-hint" id="set-{name}-hint">{hint}</p>' if hint else ""
    return (
        f'<div class="byline-field" data-field="{name}"><label for="set-{name}">{label}</label>'
        f"{control}{about}{_error(name)}</div>"
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
        f"{' checked' if value == chosen else ''}><span>{label}"
        f"{f'<small>{meaning}</small>' if meaning else ''}</span></label>"
        for value, (label, meaning) in options.items()
    )


def _group(title: str, body: str, kind: str) -> str:
    return (
        f'<fieldset class="byline-group" data-group="{kind}"><legend>{title}</legend>'
        f"{body}</fieldset>"
    )


# --- how answers are written ---------------------------------------------------------------------


def _standing_html(desk: "Desk") -> str:
    """Where what is in force comes from."""
    told = (
        "Chosen here. It wins over the environment and <code>.env</code>."
        if desk.chosen.read()
        else "From the environment and <code>.env</code>. What you save here wins over them."
    )
    return f'<p class="byline-note byline-in-force">{told}</p>'


def _writing_html(desk: "Desk", chosen: Preferences) -> str:
    modes = _radios(
        "mode",
        chosen.mode,
        {
            "extractive": (
                "Articles only",
                "Answers are sentences of the articles, word for word. No language model.",
            ),
            "llm": (
                "Language model",
                "A model words the answer. Each sentence is checked against the articles.",
            ),
        },
    )
    return _group(
        "How answers are written",
        f'{modes}{_error("mode")}<div class="byline-model" data-when="llm">'
        f"{_endpoint_html(desk, chosen)}{_key_html(desk, chosen)}{_model_html(chosen)}"
        '<p class="byline-form-row"><button type="button" class="byline-quiet" data-do="test">'
        'Test</button><span class="byline-hint">Asks the endpoint one tiny question. Nothing is '
        'saved.</span></p><div class="byline-outcome" data-outcome="test" role="status"></div>'
        "</div>",
        "writing",
    )


def _endpoint_html(desk: "Desk", chosen: Preferences) -> str:
    value = endpoint_of(chosen, desk.given)
    more = 'type="url" inputmode="url" maxlength="500" placeholder="https://api.openai.com/v1"'
    hint = (
        "Any OpenAI-compatible address, such as http://127.0.0.1:11434/v1 for Ollama. "
        "Empty: OpenAI."
    )
    return _field("endpoint", "Endpoint", _input("endpoint", value, hint=True, more=more), hint)


def _key_html(desk: "Desk", chosen: Preferences) -> str:
    is_set = has_key(chosen, desk.given)
    hint = "A key is set; leave this empty to keep it." if is_set else "No key is set."
    # Not "current-password": the browser must neither fill in a login nor offer to keep this.
    more = 'type="password" maxlength="1000" data-lpignore="true"'
    control = _input("key", "", hint=True, more=more).replace(
        'autocomplete="off"', 'autocomplete="new-password"'
    )
    remove = (
        '<label class="byline-tick"><input type="checkbox" name="no_key" value="yes"> '
        "Remove the key</label>"
    )
    told = f"{hint} What you type here is never shown again."
    return _field("key", "Key", control, told) + (remove if is_set else "")


def _model_html(chosen: Preferences) -> str:
    more = f'maxlength="200" placeholder="{DEFAULT_LLM}"'
    control = (
        '<div class="byline-beside">'
        f"{_input('model', chosen.model, more=more)}"
        '<button type="button" class="byline-quiet" data-do="models">Fetch the list</button></div>'
        '<select class="byline-models" aria-label="Models of this endpoint" hidden></select>'
        '<div class="byline-outcome" data-outcome="models" role="status"></div>'
    )
    return _field("model", "Model", control)


def _leaving_html() -> str:
    """What may leave this machine, said for each choice; the script shows what fits the form."""
    host = '<bdi class="byline-host"></bdi>'
    return (
        '<section class="byline-leaving" aria-live="polite">'
        "<h2>What may leave this machine</h2>"
        '<p data-when="extractive"><strong>Nothing that you ask.</strong> Questions, answers and '
        "articles stay here.</p>"
        f'<p data-when="llm"><strong>With every question, {host} is sent</strong> the question, '
        "the last few turns of the chat, and the passages found, with their titles, outlets and "
        "dates. Not the rest of the archive, and no name.</p>"
        f'<p data-when="judge-llm">To check it, {host} is also sent each sentence of the answer '
        "with the passage that it cites.</p>"
        f'<p data-when="local">{host} is this machine.</p>'
        f'<p data-when="open" class="byline-warning">The address begins with http: on the way to '
        f"{host} others can read all of it, and the key.</p>"
        '<p data-when="encoder">A cross-encoder that is named by id is fetched once from the '
        "model hub. It judges on this machine.</p>"
        "<p>Pages and feeds that you add to the library are fetched from their sites. "
        "There are no usage reports.</p></section>"
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
            "embedded": ("Built-in checks", "Always on, on this machine. Their findings stand."),
            "llm": ("And the language model", "It reads each sentence against its source: slower."),
            "encoder": ("And a cross-encoder", "A model on this machine, by id or folder."),
        },
    )
    value = name if kind == "encoder" else ""
    more = 'maxlength="500" placeholder="cross-encoder/nli-deberta-v3-base"'
    encoder = _field(
        "encoder",
        "Cross-encoder",
        _input("encoder", value, hint=True, more=more),
        "It is loaded when you save; that can take a minute.",
    )
    strict = (
        f'<label class="byline-tick"><input type="checkbox" name="strict" value="yes"'
        f"{' checked' if chosen.strict else ''}> <span>Strict: leave out what the articles do not "
        "carry<small>Otherwise it is shown and marked. Only a language model writes such "
        "sentences.</small></span></label>"
    )
    return _group(
        "Who checks the sentences",
        f'{judges}{_error("judge")}<div data-when="encoder">{encoder}</div>{strict}',
        "checking",
    )


def _language_html(chosen: Preferences) -> str:
    options = "".join(
        f'<option value="{code}"{" selected" if code == chosen.language else ""}>{name}</option>'
        for code, name in {"": "That of the question", **LANGUAGES}.items()
    )
    control = (
        '<select id="set-language" name="language" aria-describedby="set-language-hint '
        f'set-language-error">{options}</select>'
    )
    hint = (
        '<span data-when="llm">Quotes stay in the language of the articles. Verdicts are made for '
        "English: in another language trust them less, and read the quotes.</span>"
        '<span data-when="extractive">No effect here: articles are quoted in their own language.'
        "</span>"
    )
    return _group(
        "Language of answers", _field("language", "Written in", control, hint), "language"
    )


def _saving_html(desk: "Desk") -> str:
    reset = (
        '<button type="button" class="byline-quiet" data-do="reset">Back to the environment'
        "</button>"
        if desk.chosen.read()
        else ""
    )
    return (
        '<div class="byline-saving"><p class="byline-form-row"><button type="submit" '
        f'class="byline-do">Save</button>{reset}</p>'
        '<div class="byline-outcome" data-outcome="save" role="status"></div></div>'
    )


# --- the page, and the archive -------------------------------------------------------------------


def _appearance_html() -> str:
    themes = _radios("theme", "", {value: (label, "") for value, label in _THEMES.items()})
    sizes = _radios("size", "", {value: (label, "") for value, label in _SIZES.items()})
    keys = _radios("keys", "", {value: (esc(tr(label)), "") for value, label in _KEYS.items()})
    return (
        '<section class="byline-look-of"><h2>Appearance</h2>'
        f'<fieldset class="byline-row"><legend>Colours</legend>{themes}</fieldset>'
        f'<fieldset class="byline-row"><legend>Size of the text</legend>{sizes}</fieldset>'
        f'<fieldset class="byline-row"><legend>{esc(tr("Single keys in the chat"))}</legend>{keys}'
        f'<button type="button" class="byline-show-keys">{esc(tr("Show the keys"))}</button>'
        "</fieldset>"
        '<p class="byline-hint">Kept in this browser.</p></section>'
    )


def _about_html(desk: "Desk") -> str:
    n_articles, n_passages = desk.counts()
    facts = {
        "Folder": str(desk.home.absolute()),
        "Articles": f"{n_articles:,}, in {n_passages:,} passages",
        "Embedder": desk.settings.embedder,
        "Settings": desk.settings.settings_id,
        **{name: _version(package) for name, package in _PACKAGES.items()},
        "Python": platform.python_version(),
    }
    rows = "".join(
        f"<div><dt>{label}</dt><dd><bdi>{esc(value)}</bdi></dd></div>"
        for label, value in facts.items()
    )
    return f'<section class="byline-about"><h2>About this archive</h2><dl>{rows}</dl></section>'


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
