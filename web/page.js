// The page's own script: one delegated listener for everything our markup offers, the article
// panel, and the turns that are done. Foreign text is never put together into markup here.
() => {
  if (window.byline) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const shell = document.documentElement;
  let opener = null;
  let latest = null;  // what was last asked of the panel; an answer that comes later is dropped

  // --- the conversation: Gradio holds the current turn, finished ones are kept here ---

  const KEPT = 'byline-conversation';
  const MAX_MESSAGES = 12;  // what a question leans on; the server refuses far more

  function finished() {
    return [...document.querySelectorAll(
      '#past .byline-turn, #current .byline-turn:not([hidden], [data-state=streaming])')];
  }

  function said() {
    return finished().filter((turn) => turn.dataset.said).flatMap((turn) => [
      {role: 'user', content: $('.byline-question', turn).textContent},
      {role: 'assistant', content: turn.dataset.said.slice(0, 4000)},
    ]).slice(-MAX_MESSAGES);
  }

  function archive(question) {
    const earlier = said();
    const turn = $('#current .byline-turn');
    if (turn && String(question || '').trim()) {
      $('#past').append(turn.cloneNode(true));
      turn.hidden = true;
      setTimeout(() => $('#current').scrollIntoView({behavior: gentle(), block: 'start'}), 150);
    }
    return earlier;
  }

  // A reload of this tab brings the conversation back; it is ours alone, and gone with the tab.
  function keep() {
    try {
      sessionStorage.setItem(KEPT, finished().map((turn) => turn.outerHTML).join(''));
    } catch { /* full or forbidden: then a reload starts anew */ }
  }

  function restore() {
    const kept = sessionStorage.getItem(KEPT);
    if (kept) $('#past').insertAdjacentHTML('beforeend', kept);
  }

  function clear() {
    document.querySelectorAll('#past .byline-turn').forEach((turn) => turn.remove());
    sessionStorage.removeItem(KEPT);
    close();
    $('#question textarea').focus();
  }

  function stop() {
    const turn = $('#current .byline-turn[data-state=streaming]');
    if (!turn) return;
    turn.dataset.state = 'stopped';
    turn.removeAttribute('aria-busy');
    const step = $('.byline-step', turn);
    if (step) step.textContent = 'Stopped before the answer was complete.';
  }

  function ask(question) {
    const box = $('#question textarea');
    box.value = question;
    box.dispatchEvent(new Event('input', {bubbles: true}));
    setTimeout(() => $('#ask').click(), 50);
  }

  // --- the panel: an article, and what can be done with it ---

  const VIEWS = {article: 'Article', edit: 'Edit', withdraw: 'Withdraw', history: 'History',
    changes: 'What changed'};

  async function open(button) {
    const sheet = $('#article .byline-sheet');
    const {article, revision, marks, marker, view = 'article'} = button.dataset;
    const query = new URLSearchParams({id: article});
    if (revision) query.set('revision', revision);
    if (marks) query.set('marks', marks);
    // What was opened inside the panel goes back to what opened the panel.
    if (!button.closest('#article')) opener = button;
    const asked = {};
    latest = asked;
    $('#article .byline-bar span').textContent = VIEWS[view];
    $('#article .byline-reader').setAttribute('aria-label', VIEWS[view]);
    document.querySelectorAll('.byline-cite.is-open').forEach((c) => c.classList.remove('is-open'));
    if (marker) button.classList.add('is-open');
    shell.classList.add('byline-reading');
    sheet.textContent = 'Opening…';
    try {
      const response = await fetch(`page/${view in VIEWS ? view : 'article'}?` + query);
      const isOurs = response.headers.get('content-type')?.startsWith('text/html');
      const told = isOurs ? await response.text() : await response.json();
      if (latest !== asked) return;
      if (!isOurs) throw new Error(told.error.message);
      sheet.innerHTML = told;  // escaped by the server, piece by piece
    } catch (error) {
      if (latest !== asked) return;
      sheet.textContent = 'This cannot be shown: ' + error.message;
    }
    const first = view === 'article' ? null : $('input, textarea', sheet);
    (first || $('#article .byline-reader')).focus({preventScroll: true});
    show(marker, sheet);
  }

  function show(marker, sheet) {
    const marks = marker ? sheet.querySelectorAll(`mark[data-marker="${Number(marker)}"]`) : [];
    marks.forEach((mark) => mark.classList.add('is-shown'));
    if (marks.length) marks[0].scrollIntoView({behavior: 'instant', block: 'center'});
    else $('#article .byline-reader').scrollTop = 0;
  }

  function close() {
    if (!shell.classList.contains('byline-reading')) return;
    shell.classList.remove('byline-reading');
    document.querySelectorAll('.byline-cite.is-open').forEach((c) => c.classList.remove('is-open'));
    if (opener && opener.isConnected) opener.focus();
    opener = latest = null;
  }

  // --- small things ---

  const gentle = () => matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';

  async function copy(button) {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'The browser does not allow copying';
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  }

  function tab(name) {
    const tabs = [...document.querySelectorAll('[role=tab]')];
    tabs.find((t) => t.textContent.trim() === name)?.click();
  }

  const actions = {
    '.byline-cite, .byline-open, .byline-look': open,
    '.byline-close': close,
    '.byline-copy': copy,
    '.byline-example': (button) => ask(button.textContent),
    '.byline-action': (button) => tab(button.dataset.tab),
    '.byline-jump': (button) =>
      $('#' + button.dataset.jump)?.scrollIntoView({behavior: gentle(), block: 'nearest'}),
  };

  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    for (const [selector, act] of Object.entries(actions)) {
      const button = event.target.closest(selector);
      if (button) return act(button);
    }
  });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });

  function name(selector, role, label) {
    const element = $(selector);
    element.setAttribute('role', role);
    element.setAttribute('aria-label', label);
  }
  name('#transcript', 'log', 'Conversation');
  name('#sources', 'region', 'Sources');
  name('#conflicts', 'region', 'Disagreements between sources');
  $('#question textarea').setAttribute('aria-label', 'Your question');

  window.byline = {archive, clear, close, said, stop};
  try { restore(); } catch { /* forbidden */ }
  new MutationObserver(() => { if (!$('#current [data-state=streaming]')) keep(); })
    .observe($('#current'), {childList: true, subtree: true, attributes: true});
}
