"""The page: hooks and wiring of the Gradio components.

A conversation is kept by the server (``rag.chats``); the browser says with each question which one
it has open. There is no session state: that would hold a connection open for every tab, of which
a browser has six. All markup comes from the ``rag.render_*`` modules, ``web.shelf``,
``web.intake``, ``web.stacks`` and ``web.record``, which escape every foreign string.

What changes the archive is an event of Gradio; the script fetches what is looked at.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.i18n import tr
from rag.pipeline import MAX_QUESTION_CHARS
from web.acting import act
from web.answering import OnKept, answer_question, nothing_html, proof_of
from web.asking import Asker
from web.frame import (
    article_panel_html,
    conversations_html,
    proof_bar_html,
    scope_html,
    talk_bar_html,
)
from web.intake import adding_html, formats_html, web_form_html
from web.shelf import hero_html, masthead_html
from web.uploading import MAX_FILES, keep_uploads
from web.visitors import editor_of, visitor_html, visitor_of

if TYPE_CHECKING:
    from web.desk import Desk

HERE = Path(__file__).parent
STYLES = tuple(
    HERE / f"{name}.css" for name in ("style", "talk", "views", "library", "quality", "settings")
)
SCRIPTS = tuple(
    HERE / f"{name}.js"
    for name in (
        "words",
        "toasts",
        "page",
        "chats",
        "turns",
        "lost",
        "scope",
        "library",
        "picking",
        "quality",
        "settings",
    )
)
SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "Consolas", "Liberation Mono", "monospace")

# The browser says which conversation is open, and what the articles are limited to.
SEND_TURN = "(asked) => [asked, window.byline.turn(asked)]"
# At once, in the browser: what a server sends later could take the place of the next question.
CLEARS = "() => {{ window.byline.clear(); return {values}; }}"
SHOWS = "window.bylineShow = (data) => trigger('click', data);"
# Gradio hands a component's element and a trigger to such code.
ACTS = "window.bylineAct = (data) => trigger('click', data);"
SHOWN = "window.byline?.stir();"
# Also when it is stopped: by then the server has kept what was shown.
ENDED = "() => window.byline.ended()"
DONE = "() => window.byline.acted()"
Update = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What stands around the tabs."""

    masthead: gr.HTML
    told: gr.HTML


def theme() -> gr.themes.Base:
    """Gradio's plain theme in system fonts: nothing is fetched from elsewhere."""
    return gr.themes.Base(
        font=SANS, font_mono=MONO, primary_hue="stone", neutral_hue="stone", radius_size="none"
    )


def style() -> str:
    """All styles of the page."""
    return "\n".join(path.read_text("utf-8") for path in STYLES)


def script(words: str = "") -> str:
    """The page's scripts as the one function that Gradio calls when it has drawn the page.

    ``words``: what gives them the words of another language.
    """
    calls = "\n".join(f"({path.read_text('utf-8').strip()})();" for path in SCRIPTS)
    return f"() => {{\n{words}{calls}\n}}"


def build_page(desk: "Desk", asker: Asker, on_kept: OnKept = int) -> gr.Blocks:
    """The page over one open archive; ``on_kept`` is told each answer that was stored."""
    with gr.Blocks(title="Byline", analytics_enabled=False, fill_width=True) as page:
        masthead = _html("masthead")
        with gr.Tabs(elem_id="tabs"):
            # The scripts find a tab by its id (data-tab-id): its words change with the language.
            with gr.Tab(tr("Chat"), id="chat"):
                chat = _chat_tab()
            with gr.Tab(tr("Library"), id="library-tab"):
                shelf = _library_tab(desk)
            with gr.Tab(tr("Quality"), id="quality-tab"):
                _html("quality", js_on_load="window.byline?.quality?.();")
            with gr.Tab(tr("Settings"), id="settings-tab"):
                _html("settings", js_on_load="window.byline?.settings?.();")
        _html("article", article_panel_html())
        about = About(masthead=masthead, told=_html("told", js_on_load=ACTS))
        _wire_chat(desk, asker, chat, on_kept)
        _wire_library(page, desk, chat, shelf, about)
    page.queue(default_concurrency_limit=None)
    return page


# --- components ----------------------------------------------------------------------------------


def _html(elem_id: str, value: str = "", **more: Any) -> gr.HTML:
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, **more)


def _chat_tab() -> dict[str, Any]:
    parts: dict[str, Any] = {
        "sent": gr.JSON({}, visible=False),
    }
    with gr.Row(elem_id="spread"):
        with gr.Column(elem_id="side", scale=0, min_width=220):
            _html("conversations", conversations_html())
        with gr.Column(elem_id="talk", scale=3, min_width=300):
            _html("talk-bar", talk_bar_html())
            with gr.Column(elem_id="transcript"):
                _html("past")
                parts["current"] = _html("current")
                parts["hero"] = _html("hero")
            with gr.Column(elem_id="composer"):
                parts |= _composer()
        with gr.Column(elem_id="evidence", scale=2, min_width=280):
            parts["shown"] = _html("proof-bar", proof_bar_html(), js_on_load=SHOWS)
            parts["conflicts"] = _html("conflicts")
            parts["sources"] = _html("sources", nothing_html())
            parts["story"] = _html("story")
    return parts


def _composer() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Row(elem_id="ask-row"):
        parts["question"] = gr.Textbox(
            elem_id="question",
            label=tr("Your question"),
            show_label=False,
            placeholder=tr("Ask about your articles"),
            lines=1,
            max_lines=6,
            max_length=MAX_QUESTION_CHARS,
            container=False,
            autofocus=True,
            scale=1,
        )
        parts["ask"] = gr.Button(tr("Ask"), elem_id="ask", variant="primary", min_width=88, scale=0)
        parts["stop"] = gr.Button(tr("Stop"), elem_id="stop", min_width=88, scale=0)
    with gr.Row(elem_id="under"):
        _html("scope", scope_html())
        parts["clear"] = gr.Button(tr("New conversation"), elem_id="clear", size="sm", scale=0)
    return parts


def _library_tab(desk: "Desk") -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Row(elem_id="stacks"):
        with gr.Column(elem_id="intake", scale=2, min_width=280):
            _html("adding", adding_html())
            parts["upload"] = gr.File(
                label=tr("Add articles"), file_count="multiple", elem_id="upload", height=150
            )
            _html("formats", formats_html(MAX_FILES, desk.settings.max_upload_mb))
            parts["report"] = _html("upload-report")
            _html("web", web_form_html())
            _html("queue", '<div class="byline-queue"></div>')
        with gr.Column(elem_id="shelves", scale=5, min_width=300):
            gr.Textbox(
                elem_id="library-search",
                label=tr("Find an article"),
                show_label=False,
                placeholder=tr("Find by title, outlet or file name"),
                container=False,
                max_length=200,
            )
            _html("library", '<div class="byline-shelf"></div>', js_on_load=SHOWN)
    return parts


# --- wiring --------------------------------------------------------------------------------------


def _wire_chat(desk: "Desk", asker: Asker, chat: dict[str, Any], on_kept: OnKept) -> None:
    beside = [chat[k] for k in ("sources", "conflicts", "story")]
    shown = [chat["question"], chat["current"], *beside]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

    async def answered(
        question: object, sent: object, request: gr.Request
    ) -> AsyncIterator[Update]:
        visitor = visitor_of(request.request)
        turn = answer_question(desk, asker, on_kept, question, sent, visitor)
        async with aclosing(turn) as updates:  # type: ignore[type-var]  # a generator
            async for update in updates:
                yield update

    # As it comes and as it is: text needs no preparing, which is a thread's work for each piece.
    asking = gr.on(
        [chat["ask"].click, chat["question"].submit],
        answered,
        [chat["question"], chat["sent"]],
        shown,
        js=SEND_TURN,
        preprocess=False,
        postprocess=False,
        **quiet,
    )
    asking.failure(None, None, None, js=ENDED, show_progress="hidden")
    chat["stop"].click(
        None, None, None, js="() => window.byline.stop()", cancels=[asking], show_progress="hidden"
    )
    chat["clear"].click(
        None,
        None,
        shown,
        js=CLEARS.format(values=json.dumps(["", "", nothing_html(), "", ""])),
        cancels=[asking],
        show_progress="hidden",
    )

    def proof(event: gr.EventData, request: gr.Request) -> Update:
        """What stands beside an answer that is looked at again."""
        told = proof_of(desk, visitor_of(request.request), event._data)
        return told["sources"], told["conflicts"], told["story"]

    chat["shown"].click(proof, None, beside, trigger_mode="always_last", **quiet)


def _wire_library(
    page: gr.Blocks, desk: "Desk", chat: dict[str, Any], shelf: dict[str, Any], about: "About"
) -> None:
    """What changes the archive; what shows it is fetched by the page's script."""
    fresh = [about.masthead, chat["hero"]]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

    def refresh(request: gr.Request) -> Update:
        """What shows the state of the archive; the greeting stands there while nothing is asked."""
        visitor = visitor_of(request.request)
        return masthead_html(desk, visitor_html(visitor)), hero_html(desk)

    def acted(event: gr.EventData, request: gr.Request) -> Update:
        said = act(desk, event._data, visitor_of(request.request)).html()
        # What says nothing leaves what was said, and an undo in it, alone. The same said twice is
        # told apart, or it would not be shown anew.
        told = said.replace("<p ", f'<p data-at="{time.monotonic_ns()}" ', 1) or gr.skip()
        return told, *refresh(request)

    page.load(refresh, None, fresh, **quiet)
    # Several at once: a click while another is under way would be lost otherwise.
    about.told.click(acted, None, [about.told, *fresh], trigger_mode="multiple", **quiet).then(
        None, None, None, js=DONE, show_progress="hidden"
    )

    def uploaded(paths: list[str] | None, request: gr.Request) -> Update:
        editor_of(request.request)
        return None, keep_uploads(desk, paths)

    shelf["upload"].upload(
        uploaded,
        shelf["upload"],
        [shelf["upload"], shelf["report"]],
        **quiet,
    ).then(None, None, None, js=DONE, show_progress="hidden")
