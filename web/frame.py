"""The fixed markup of the page, which its script brings to life; nothing foreign is in it."""

from rag.i18n import tr
from rag.render_html import esc


def article_panel_html() -> str:
    """The panel that an article is read in."""
    article = esc(tr("Article"))
    return f"""
<div class="byline-reader" role="dialog" aria-label="{article}" tabindex="-1">
  <div class="byline-bar"><span>{article}</span>
    <span class="byline-marks" hidden><button type="button" class="byline-step-mark" data-by="-1"
      aria-label="{esc(tr("Previous marked words"))}">‹</button><output></output><button
      type="button" class="byline-step-mark" data-by="1"
      aria-label="{esc(tr("Next marked words"))}">›</button></span>
    <button type="button" class="byline-close"
      aria-label="{esc(tr("Close the panel"))}">{esc(tr("Close"))}</button></div>
  <div class="byline-sheet" aria-live="polite"></div>
</div>
"""


def conversations_html() -> str:
    """The side where conversations are listed and searched."""
    search = esc(tr("Search conversations"))
    return f"""
<nav class="byline-side" aria-label="{esc(tr("Conversations"))}">
  <div class="byline-side-head"><button type="button"
    class="byline-new">{esc(tr("New conversation"))}</button>
    <button type="button" class="byline-fold" data-pane="side"
      aria-label="{esc(tr("Hide the conversations"))}">‹</button></div>
  <input type="search" class="byline-find" placeholder="{search}" maxlength="200"
    aria-label="{search}">
  <div class="byline-list"></div>
</nav>
"""


def talk_bar_html() -> str:
    """What stands over a conversation."""
    return f"""
<div class="byline-talk-bar">
  <button type="button" class="byline-fold" data-pane="side">{esc(tr("Conversations"))}</button>
  <strong class="byline-talk-title" dir="auto"></strong>
  <button type="button" class="byline-menu" aria-haspopup="menu"
    hidden>{esc(tr("Share, export"))}</button>
  <button type="button" class="byline-fold" data-pane="proof">{esc(tr("Sources"))}</button>
</div>
"""


def proof_bar_html() -> str:
    """What stands over the proof of an answer."""
    return f"""
<div class="byline-proof-bar" role="group" aria-label="{esc(tr("Proof"))}">
  <button type="button" class="byline-jump"
    data-jump="conflicts">{esc(tr("Disagreements"))}</button>
  <button type="button" class="byline-jump" data-jump="sources">{esc(tr("Sources"))}</button>
  <button type="button" class="byline-jump" data-jump="story">{esc(tr("Story"))}</button>
  <button type="button" class="byline-fold" data-pane="proof"
    aria-label="{esc(tr("Hide the proof"))}">{esc(tr("Hide"))}</button>
</div>
"""


def scope_html() -> str:
    """What the articles can be limited to."""
    return f"""
<div class="byline-scope">
  <div class="byline-scope-chips" role="group"
    aria-label="{esc(tr("What the articles are limited to"))}"></div>
  <details class="byline-scope-panel"><summary>{esc(tr("Limit to dates, outlets, language"))}\
</summary>
    <form class="byline-scope-form">
      <label>{esc(tr("From"))} <input type="date" name="since" id="since"></label>
      <label>{esc(tr("To"))} <input type="date" name="until" id="until"></label>
      <label>{esc(tr("Outlet"))} <input type="text" name="outlet" id="outlets"
        list="byline-outlets" maxlength="500" placeholder="{esc(tr("Add an outlet"))}"
        autocomplete="off"></label>
      <label>{esc(tr("Language"))} <select name="language"><option value="">{esc(tr("Any"))}\
</option></select></label>
    </form></details>
  <div class="byline-choices"></div>
</div>
"""
