"""The chat page: hooks and wiring of the Gradio components.

The server keeps nothing about a conversation: the browser does, also over a reload. What was said
comes with each question and is checked like any other input; a session state would also hold a
connection open for every tab, of which a browser has six. All markup comes from
``rag.render_html``, ``rag.render_turn``, ``web.shelf``, ``web.intake``, ``web.stacks`` and
``web.record``, which escape every foreign string.

What changes the archive is an event of Gradio; the script fetches what is looked at.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.pipeline import MAX_QUESTION_CHARS
from rag.render_html import conflicts_html, found_html, sources_html
from rag.render_timeline import timeline_html
from rag.render_turn import (
    Draft,
    answer_html,
    draft_html,
    failure_html,
    numbered,
    renumbered,
)
from rag.schema import (
    Answer,
    AnswerEvent,
    Event,
    Numbering,
    PassagesEvent,
    SentenceEvent,
    StatusEvent,
)
from web.acting import act
from web.asking import Ask, Asker
from web.faults import fault_of
from web.intake import formats_html, web_form_html
from web.shelf import hero_html, masthead_html
from web.uploading import MAX_FILES, keep_uploads
from web.visitors import editor_of, visitor_of

if TYPE_CHECKING:
    from web.desk import Desk

HERE = Path(__file__).parent
STYLES = tuple(
    HERE / f"{name}.css" for name in ("style", "views", "library", "quality", "settings")
)
SCRIPTS = tuple(HERE / f"{name}.js" for name in ("page", "library", "quality", "settings"))
SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "Consolas", "Liberation Mono", "monospace")
NOTHING_YET = "Ask something: what is cited appears here, with the quoted words marked."

# The browser puts the conversation so far where the history is expected.
ARCHIVE_TURN = """(asked, history, since, until, outlets, wording) => {
  const turn = window.byline.archive(asked);
  return [asked, turn.history, since, until, outlets, turn.wording];
}"""
KNOW_CONVERSATION = "(...given) => [...given.slice(0, -1), window.byline?.said() ?? []]"
# Gradio hands a component's element and a trigger to such code.
ACTS = "window.bylineAct = (data) => trigger('click', data);"
SHOWN = "window.byline?.stir();"
DONE = "() => window.byline.acted()"
ARTICLE_PANEL = """
<div class="byline-reader" role="dialog" aria-label="Article" tabindex="-1">
  <div class="byline-bar"><span>Article</span>
    <button type="button" class="byline-close" aria-label="Close the panel">Close</button></div>
  <div class="byline-sheet" aria-live="polite"></div>
</div>
"""

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


def script() -> str:
    """The page's scripts as the one function that Gradio calls when it has drawn the page."""
    calls = "\n".join(f"({path.read_text('utf-8').strip()})();" for path in SCRIPTS)
    return f"() => {{\n{calls}\n}}"


def build_page(desk: "Desk", asker: Asker) -> gr.Blocks:
    """The page over one open archive."""
    with gr.Blocks(title="Byline", analytics_enabled=False, fill_width=True) as page:
        masthead = gr.HTML(elem_id="masthead")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Chat", id="chat"):
                chat = _chat_tab()
            with gr.Tab("Library", id="library-tab"):
                shelf = _library_tab(desk)
            with gr.Tab("Quality", id="quality-tab"):
                _html("quality", js_on_load="window.byline?.quality?.();")
            with gr.Tab("Settings", id="settings-tab"):
                _html("settings", js_on_load="window.byline?.settings?.();")
        _html("article", ARTICLE_PANEL)
        about = About(masthead=masthead, told=_html("told", js_on_load=ACTS))
        _wire_chat(desk, asker, chat)
        _wire_library(page, desk, chat, shelf, about)
    page.queue(default_concurrency_limit=None)
    return page


# --- components ----------------------------------------------------------------------------------


def _html(elem_id: str, value: str = "", **more: Any) -> gr.HTML:
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, **more)


def _chat_tab() -> dict[str, Any]:
    parts: dict[str, Any] = {
        "history": gr.JSON([], visible=False),
        "wording": gr.Textbox("", visible=False, max_length=MAX_QUESTION_CHARS),
    }
    with gr.Row(elem_id="spread"):
        with gr.Column(elem_id="talk", scale=3, min_width=300):
            with gr.Column(elem_id="transcript"):
                _html("past")
                parts["current"] = _html("current")
            with gr.Column(elem_id="composer"):
                parts |= _composer()
        with gr.Column(elem_id="evidence", scale=2, min_width=280):
            parts["conflicts"] = _html("conflicts")
            parts["sources"] = _html("sources", found_html((), {}, NOTHING_YET))
    return parts


def _composer() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Row(elem_id="ask-row"):
        parts["question"] = gr.Textbox(
            elem_id="question",
            label="Your question",
            show_label=False,
            placeholder="Ask about your articles",
            lines=1,
            max_lines=6,
            max_length=MAX_QUESTION_CHARS,
            container=False,
            autofocus=True,
            scale=1,
        )
        parts["ask"] = gr.Button("Ask", elem_id="ask", variant="primary", min_width=88, scale=0)
        parts["stop"] = gr.Button("Stop", elem_id="stop", min_width=88, scale=0)
    with gr.Row(elem_id="under"):
        with gr.Accordion("Dates and outlets", open=False, elem_id="filters"), gr.Row():
            parts["since"] = gr.Textbox(
                label="Since", placeholder="2026-01-31", elem_id="since", max_length=10
            )
            parts["until"] = gr.Textbox(
                label="Until", placeholder="2026-01-31", elem_id="until", max_length=10
            )
            parts["outlets"] = gr.Dropdown(
                [], label="Outlets", multiselect=True, allow_custom_value=True, elem_id="outlets"
            )
        parts["clear"] = gr.Button("New conversation", elem_id="clear", size="sm", scale=0)
    return parts


def _library_tab(desk: "Desk") -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Row(elem_id="stacks"):
        with gr.Column(elem_id="intake", scale=2, min_width=280):
            parts["upload"] = gr.File(
                label="Add articles", file_count="multiple", elem_id="upload", height=150
            )
            _html("formats", formats_html(MAX_FILES, desk.settings.max_upload_mb))
            parts["report"] = _html("upload-report")
            _html("web", web_form_html())
            _html("queue", '<div class="byline-queue"></div>')
        with gr.Column(elem_id="shelves", scale=5, min_width=300):
            gr.Textbox(
                elem_id="library-search",
                label="Find an article",
                show_label=False,
                placeholder="Find by title, outlet or file name",
                container=False,
                max_length=200,
            )
            _html("library", '<div class="byline-shelf"></div>', js_on_load=SHOWN)
    return parts


# --- wiring --------------------------------------------------------------------------------------


def _wire_chat(desk: "Desk", asker: Asker, chat: dict[str, Any]) -> None:
    shown = [chat[k] for k in ("question", "current", "sources", "conflicts")]
    asking = gr.on(
        [chat["ask"].click, chat["question"].submit],
        partial(answer_question, asker),
        [chat[k] for k in ("question", "history", "since", "until", "outlets", "wording")],
        shown,
        js=ARCHIVE_TURN,
        show_progress="hidden",
        api_visibility="private",
    )
    chat["stop"].click(
        None, None, None, js="() => window.byline.stop()", cancels=[asking], show_progress="hidden"
    )
    chat["clear"].click(
        lambda: ("", hero_html(desk), found_html((), {}, NOTHING_YET), ""),
        None,
        shown,
        js="() => window.byline.clear()",
        cancels=[asking],
        show_progress="hidden",
        api_visibility="private",
    )


def _wire_library(
    page: gr.Blocks, desk: "Desk", chat: dict[str, Any], shelf: dict[str, Any], about: "About"
) -> None:
    """What changes the archive; what shows it is fetched by the page's script."""
    fresh = [about.masthead, chat["outlets"], chat["current"]]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    # Several at once: a click while another is under way would be lost otherwise.
    knowing: dict[str, Any] = {"js": KNOW_CONVERSATION, "trigger_mode": "multiple", **quiet}

    def refresh(history: object) -> Update:
        """What shows the state of the archive; the greeting only while nothing was asked."""
        greeting = gr.skip() if history else hero_html(desk)
        return masthead_html(desk), gr.update(choices=list(desk.outlets())), greeting

    def acted(history: object, event: gr.EventData, request: gr.Request) -> Update:
        return act(desk, event._data, visitor_of(request.request)).html(), *refresh(history)

    page.load(refresh, chat["history"], fresh, **knowing)
    about.told.click(acted, chat["history"], [about.told, *fresh], **knowing).then(
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


# --- answering -----------------------------------------------------------------------------------


async def answer_question(
    asker: Asker, question: object, history: object, *filters: object
) -> AsyncIterator[Update]:
    """One turn: question box, current turn, sources and conflicts, as they change.

    ``filters`` are the first and the last day, the outlets, and the question as the reader worded
    it for the search, if so.
    """
    if not str(question or "").strip():
        yield tuple(gr.skip() for _ in range(4))
        return
    draft = Draft(asked=str(question)[:MAX_QUESTION_CHARS])
    try:
        ask = _ask_of(question, history, *filters)
        draft.numbering = Numbering(taken=ask.taken())
        yield "", draft_html(draft), found_html((), {}), ""
        async with aclosing(asker.stream(ask)) as events:  # type: ignore[type-var]  # a generator
            async for event in events:
                yield _shown(event, draft, ask)
    except Exception as error:  # noqa: BLE001  # the edge: logged, and told on the page
        fault = fault_of(error)
        failed = failure_html(draft, fault.message, fault.hint, fault.request_id)
        yield gr.skip(), failed, gr.skip(), gr.skip()


def _ask_of(
    question: object,
    history: object,
    since: object,
    until: object,
    outlets: object,
    wording: object = None,
) -> Ask:
    limits = {"since": since or None, "until": until or None, "outlets": outlets or []}
    asked = {"question": question, "history": history or [], "filters": limits}
    return Ask.model_validate({**asked, "standalone": wording or None})


def _shown(event: Event, draft: Draft, ask: Ask) -> Update:
    sources: Any = gr.skip()
    match event:
        case StatusEvent():
            draft.steps.append(event.message)
        case PassagesEvent():
            n = len(event.passages)
            draft.steps.append(f"Found {n} passage{'' if n == 1 else 's'}")
            draft.standalone = event.question.standalone
            sources = found_html(event.passages, event.articles)
        case SentenceEvent():
            draft.sentences.append(numbered(event.sentence, draft.numbering))
            draft.articles |= event.articles
        case AnswerEvent():
            return _finished(renumbered(event.answer, ask.taken()))
    return gr.skip(), draft_html(draft), sources, gr.skip()


def _finished(answer: Answer) -> Update:
    beside = sources_html(answer) + timeline_html(answer)
    return gr.skip(), answer_html(answer), beside, conflicts_html(answer)
