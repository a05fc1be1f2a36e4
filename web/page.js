// The page's own script: one delegated listener for everything our markup offers, the article
// panel, and the turns that are done. Foreign text is never put together into markup here.
() => {
  if (window.byline) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const shell = document.documentElement;
  let opener = null;
  let worded = null;  // what the next question is searched with instead, and the turn it was of
  let latest = null;  // what was last asked of the panel; an answer that comes later is dropped

  // --- the conversation: Gradio holds the current turn, finished ones are kept here ---

  const KEPT = 'byline-conversation';
  const MAX_CITED = 400;  // places that the server takes with one answer
  const MAX_MESSAGES = 12;  // what a question leans on; the server refuses far more

  function finished() {
    return [...document.querySelectorAll(
      '#past .byline-turn, #current .byline-turn:not([hidden], [data-state=streaming])')];
  }

  // What the page showed under which number goes along, also of turns that are left out: the same
  // words keep their number through the whole conversation.
  function said() {
    const messages = [];
    let cited = [];
    for (const turn of finished()) {
      cited = cited.concat(JSON.parse(turn.dataset.cited || '[]'));
      if (!turn.dataset.said) continue;
      messages.push({role: 'user', content: $('.byline-question', turn).textContent.slice(0, 4000)});
      messages.push({role: 'assistant', content: turn.dataset.said.slice(0, 4000), cited});
      cited = [];
    }
    const kept = messages.slice(-MAX_MESSAGES);
    const left = messages.slice(0, -MAX_MESSAGES).flatMap((message) => message.cited || []);
    const answers = kept.filter((message) => message.cited);
    if (answers.length) {
      answers[0].cited = left.concat(answers[0].cited);
      answers.at(-1).cited = answers.at(-1).cited.concat(cited);
      for (const answer of answers) answer.cited = once(answer.cited).slice(-MAX_CITED);
    }
    return kept;
  }

  function once(places) {
    return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
  }

  // The turn that is asked again under another wording gives way; any other is kept above.
  function archive(question) {
    const turn = $('#current .byline-turn');
    const wording = worded?.text || '';
    const isAgain = Boolean(worded && turn && turn === worded.turn);
    worded = null;
    if (!String(question || '').trim()) return {history: said(), wording};
    if (isAgain) turn.hidden = true;
    const history = said();
    if (turn && !isAgain) {
      $('#past').append(turn.cloneNode(true));
      turn.hidden = true;
      setTimeout(() => $('#current').scrollIntoView({behavior: gentle(), block: 'start'}), 150);
    }
    return {history, wording};
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

  const isAsking = () => Boolean($('#current [data-state=streaming]'));

  function ask(question) {
    if (isAsking()) return;
    const box = $('#question textarea');
    box.value = question;
    box.dispatchEvent(new Event('input', {bubbles: true}));
    setTimeout(() => $('#ask').click(), 50);
  }

  // --- what is searched for: seen, changed, asked again ---

  function reword(button) {
    const line = button.parentElement;
    const turn = button.closest('.byline-turn');
    const form = document.createElement('form');
    form.className = 'byline-rewording';
    const box = document.createElement('textarea');
    box.setAttribute('aria-label', 'Search for');
    box.maxLength = 4000;
    box.rows = 1;
    box.value = $('.byline-standalone', line).textContent;
    const again = document.createElement('button');
    again.type = 'submit';
    again.className = 'byline-action';
    again.textContent = 'Search again';
    const cancel = document.createElement('button');
    cancel.type = 'button';
    cancel.className = 'byline-cancel';
    cancel.textContent = 'Cancel';
    form.append(box, again, cancel);
    const leave = () => { form.remove(); line.classList.remove('is-rewording'); button.focus(); };
    const fit = () => { box.style.height = 'auto'; box.style.height = `${box.scrollHeight}px`; };
    cancel.addEventListener('click', leave);
    box.addEventListener('input', fit);
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') { event.stopPropagation(); leave(); }
      if (event.key === 'Enter' && event.target === box && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = box.value.trim();
      if (!text || isAsking()) return;
      worded = {text, turn};
      leave();
      ask($('.byline-question', turn).textContent);
    });
    line.classList.add('is-rewording');
    line.append(form);
    fit();
    box.focus();
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
    '.byline-example, .byline-suggestion': (button) => ask(button.textContent),
    '.byline-reword': reword,
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
