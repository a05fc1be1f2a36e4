"""The report on the chats as one file that needs nothing else."""

from collections.abc import Mapping
from typing import Any

from eval.chat_html import chat_html
from eval.report_html import page

_CSS = """
.byline-trend{position:relative;height:12rem;margin:1rem 0 1.6rem 2.6rem;border-bottom:1px solid}
.byline-trend *{position:absolute}.byline-trend .grid{left:0;right:0;border-top:1px dashed #8886}
.byline-trend .y{right:100%;margin:-.7em .5em 0 0;font-size:.8em;white-space:nowrap}
.byline-trend .x{top:100%;font-size:.8em;translate:-50% .2em;white-space:nowrap}
.byline-trend .x.right{translate:-90% .2em}
.byline-trend svg{inset:0;width:100%;height:100%;overflow:visible}
.byline-trend .range{width:2px;translate:-1px 0;background:#4477aa66}
.byline-trend .dot{width:.6rem;height:.6rem;border-radius:50%;translate:-50% 50%;background:#4477aa}
.byline-bar-of{display:block;height:.5rem;min-width:6rem;background:#8883}
.byline-bar-of i{display:block;height:100%;background:#4477aa}
.byline-figures{display:flex;flex-wrap:wrap;gap:1rem 2rem;padding:0}
.byline-figures dd{margin:0}.byline-figures .big{font-size:1.6rem}
.byline-figures>div{flex:1 1 13rem}small{display:block}.byline-meta span+*:before,
.byline-meta cite+span:before{content:" · "}
.byline-q-said{display:block;font-size:.85em;opacity:.75}
.byline-q-quote p{margin:.2rem 0;white-space:pre-line}.byline-q-sentence{margin:0 0 1rem 1rem}
svg.byline-icon{width:1em;height:1em;fill:none;stroke:currentColor}
"""


def chat_page(report: Mapping[str, Any]) -> str:
    """The report as one file that needs nothing else."""
    head = f"<style>{_CSS}</style><h1>Answers given in chats</h1>"
    return page("Answers given in chats", [head, chat_html(report, None)])
