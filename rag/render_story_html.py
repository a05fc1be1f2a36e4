"""A conversation as one web page that needs nothing else: no script, no outside request."""

from rag.i18n import direction, language, tr
from rag.icons import icon_html
from rag.render_html import esc
from rag.render_story import Block, Note, Part, Run, Story

# Whatever stands in it, the page may fetch and run nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def story_html(story: Story, css: str) -> str:
    """The page, with this style sheet in it. Notes and their references link both ways."""
    first: set[int] = set()
    parts = "".join(_part(p, first) for p in story.parts)
    return (
        f'<!doctype html>\n<html lang="{esc(language())}" dir="{direction()}">'
        '<head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" '
        f'content="light dark"><title>{esc(story.title)}</title><style>\n{css}\n</style></head>'
        f'<body><header><h1 dir="auto">{esc(story.title)}</h1></header><main>{parts}'
        f"{_notes(story.notes, first)}</main></body></html>\n"
    )


def _part(part: Part, first: set[int]) -> str:
    blocks = "".join(_block(b, first) for b in part.blocks)
    return (
        f'<article><h2 dir="auto">{esc(part.question)}</h2><p class="asked">{esc(part.asked)}</p>'
        f"{blocks}</article>"
    )


def _block(block: Block, first: set[int]) -> str:
    tag = "h3" if block.kind == "heading" else "p"
    label = f' data-label="{block.label}"' if block.label else ""
    sign = icon_html(block.label) if block.label else ""
    text = f'<{tag} dir="auto">{_runs(block.runs, first)}</{tag}>'
    under = f'<p class="under">{sign}{_runs(block.under, first)}</p>' if block.under else ""
    return f'<div class="{block.kind}"{label}>{text}{under}</div>'


def _runs(runs: tuple[Run, ...], first: set[int]) -> str:
    return "".join(_run(r, first) for r in runs)


def _run(run: Run, first: set[int]) -> str:
    if run.style == "note":
        # The note leads back to the first place that refers to it.
        place = "" if run.note in first else f' id="ref-{run.note}"'
        first.add(run.note)
        label = esc(tr("Note {n}", n=run.note))
        return (
            f'<sup><a class="ref"{place} href="#note-{run.note}" '
            f'aria-label="{label}">{run.note}</a></sup>'
        )
    text = esc(run.text)
    if run.style in ("strong", "verdict"):
        return f'<strong class="{run.style}">{text}</strong>'
    return f'<span class="quote">{text}</span>' if run.style == "quote" else text


def _notes(notes: tuple[Note, ...], first: set[int]) -> str:
    if not notes:
        return ""
    items = "".join(_note(n, has_ref=n.number in first) for n in notes)
    head = esc(tr("Notes"))
    return f'<section class="notes"><h2>{head}</h2><ol>{items}</ol></section>'


def _note(note: Note, *, has_ref: bool) -> str:
    href = esc(note.url or "")
    link = f' <a href="{href}" rel="noopener noreferrer nofollow">{href}</a>' if href else ""
    label = esc(tr("Back to where note {n} is cited", n=note.number))
    back = f' <a class="back" href="#ref-{note.number}" aria-label="{label}">↑</a>'
    return (
        f'<li id="note-{note.number}" value="{note.number}"><span dir="auto" class="quote">'
        f"“{esc(note.quote)}”</span> <span>{esc(note.origin)}.</span>{link}"
        f"{back if has_ref else ''}</li>"
    )
