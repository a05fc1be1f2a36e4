"""What was changed between two texts, for the terminal and for the page."""

from collections.abc import Callable, Sequence

from rag.compare import Change
from rag.i18n import msgid, tr
from rag.render import defused
from rag.render_html import esc

_CONTEXT = 60  # characters of what stayed, left standing beside a change
UNCHANGED = msgid("Nothing was changed.")


def diff_html(changes: Sequence[Change]) -> str:
    """One paragraph with ``<ins>`` and ``<del>``; long stretches that stayed become "…".

    Everything is escaped; line breaks are kept by the style of ``.byline-diff``.
    """
    if all(change.kind == "same" for change in changes):
        return f'<p class="byline-diff">{esc(tr(UNCHANGED))}</p>'
    marks = {"same": "{}", "out": "<del>{}</del>", "in": "<ins>{}</ins>"}
    shown = (marks[c.kind].format(esc(defused(c.text))) for c in _folded(changes))
    return f'<p class="byline-diff" dir="auto">{"".join(shown)}</p>'


def diff_text(changes: Sequence[Change], paint: Callable[[str, str], str] | None = None) -> str:
    """For the terminal: ``[-went out-]`` and ``{+came in+}``, as wdiff writes them.

    ``paint`` is given the kind ("out" or "in") and the marked words, and may colour them.
    """
    if all(change.kind == "same" for change in changes):
        return tr(UNCHANGED)
    marks = {"same": "{}", "out": "[-{}-]", "in": "{{+{}+}}"}
    shown = []
    for change in _folded(changes):
        text = marks[change.kind].format(defused(change.text))
        shown.append(paint(change.kind, text) if paint and change.kind != "same" else text)
    return "".join(shown)


def _folded(changes: Sequence[Change]) -> list[Change]:
    """The changes, with what stayed cut down to the words beside a change."""
    last = len(changes) - 1
    return [
        Change(kind="same", text=_fold(c.text, head=at > 0, tail=at < last))
        if c.kind == "same"
        else c
        for at, c in enumerate(changes)
    ]


def _fold(text: str, *, head: bool, tail: bool) -> str:
    kept = _CONTEXT * (head + tail)
    if len(text) <= kept + _CONTEXT:
        return text
    begin = text[:_CONTEXT].rsplit(None, 1)[0] + " " if head else ""
    end = " " + text[-_CONTEXT:].split(None, 1)[-1] if tail else ""
    return f"{begin}…{end}"
