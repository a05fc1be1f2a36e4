"""The fixed markup of the page, which its script brings to life; nothing foreign is in it."""

ARTICLE_PANEL = """
<div class="byline-reader" role="dialog" aria-label="Article" tabindex="-1">
  <div class="byline-bar"><span>Article</span>
    <span class="byline-marks" hidden><button type="button" class="byline-step-mark" data-by="-1"
      aria-label="Previous marked words">‹</button><output></output><button type="button"
      class="byline-step-mark" data-by="1" aria-label="Next marked words">›</button></span>
    <button type="button" class="byline-close" aria-label="Close the panel">Close</button></div>
  <div class="byline-sheet" aria-live="polite"></div>
</div>
"""
CONVERSATIONS = """
<nav class="byline-side" aria-label="Conversations">
  <div class="byline-side-head"><button type="button" class="byline-new">New conversation</button>
    <button type="button" class="byline-fold" data-pane="side"
      aria-label="Hide the conversations">‹</button></div>
  <input type="search" class="byline-find" placeholder="Search conversations" maxlength="200"
    aria-label="Search conversations">
  <div class="byline-list"></div>
</nav>
"""
TALK_BAR = """
<div class="byline-talk-bar">
  <button type="button" class="byline-fold" data-pane="side">Conversations</button>
  <strong class="byline-talk-title" dir="auto"></strong>
  <button type="button" class="byline-menu" aria-haspopup="menu" hidden>Share, export</button>
  <button type="button" class="byline-fold" data-pane="proof">Sources</button>
</div>
"""
PROOF_BAR = """
<div class="byline-proof-bar" role="group" aria-label="Proof">
  <button type="button" class="byline-jump" data-jump="conflicts">Disagreements</button>
  <button type="button" class="byline-jump" data-jump="sources">Sources</button>
  <button type="button" class="byline-jump" data-jump="story">Story</button>
  <button type="button" class="byline-fold" data-pane="proof"
    aria-label="Hide the proof">Hide</button>
</div>
"""
SCOPE = """
<div class="byline-scope">
  <div class="byline-scope-chips" role="group" aria-label="What the articles are limited to"></div>
  <details class="byline-scope-panel"><summary>Limit to dates, outlets, language</summary>
    <form class="byline-scope-form">
      <label>From <input type="date" name="since" id="since"></label>
      <label>To <input type="date" name="until" id="until"></label>
      <label>Outlet <input type="text" name="outlet" id="outlets" list="byline-outlets"
        maxlength="500" placeholder="Add an outlet" autocomplete="off"></label>
      <label>Language <select name="language"><option value="">Any</option></select></label>
    </form></details>
  <div class="byline-choices"></div>
</div>
"""
