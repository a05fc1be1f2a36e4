"""A conversation as a Markdown document with footnotes; every foreign string is escaped."""

from rag.render_markdown import escaped_md
from rag.render_story import Block, Note, Part, Run, Story

_LIST = ("position", "event", "near")


def story_markdown(story: Story) -> str:
    """The conversation with one footnote for each place that is cited."""
    blocks = [f"# {escaped_md(story.title)}"]
    for part in story.parts:
        blocks += _part(part)
    blocks += map(_footnote, story.notes)
    return "\n\n".join(blocks) + "\n"


def _part(part: Part) -> list[str]:
    return [f"## {escaped_md(part.question)}", f"*{part.asked}*", *map(_block, part.blocks)]


def _block(block: Block) -> str:
    text = _runs(block.runs)
    under = _runs(block.under)
    if block.kind in _LIST:
        return f"- {text} ({under})"
    if block.kind in ("remark", "searched"):
        return f"*{text}*"
    return f"{text} ({under})" if under else text


def _runs(runs: tuple[Run, ...]) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    if run.style == "note":
        return f"[^{run.note}]"
    # White space stays outside of the marks, which do not count as such beside it.
    text = run.text.strip()
    mark = {"strong": "**", "verdict": "*"}.get(run.style, "") if text else ""
    before = " " if run.text[:1] == " " else ""
    after = " " if run.text[-1:] == " " else ""
    return f"{before}{mark}{escaped_md(text)}{mark}{after}"


def _footnote(note: Note) -> str:
    # An address is only made a link by us when it is one; any other is left as escaped text.
    link = f" <{note.url}>" if note.url else ""
    return f"[^{note.number}]: “{escaped_md(note.quote)}” {escaped_md(note.origin)}.{link}"
