// The page's own script: one delegated listener for everything our markup offers, the turn that
// is being answered, and the article panel. Foreign text is never put together into markup here.
() => {
  if (window.byline) return;
  const {tr, msgid} = window.bylineText;
  const {element, fetched, post, toast} = window.bylineToasts;
  const $ = (selector, root = document) => root.querySelector(selector);
  const shell = document.documentElement;
  let opener = null;
  let sending = null;  // a question on its way to the server
  let again = null;  // what the next question replaces: {turn, wording}; alone: no limit is read from it
  let replacing = '';  // the exchange that gives way to what is being answered
  let scrolling = 0;  // a timer
  let latest = null;  // what was last asked of the panel; an answer that comes later is dropped

  const gentle = () => matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';

  // --- the turn that is being answered; those that are done stand above it ---

  const isAsking = () => Boolean($('#current [data-state=streaming]'));

  // What goes along with a question. The turn that is asked again gives way; any other stays.
  function turn(question) {
    const {turn: old, wording = '', alone = false} = again || {};
    again = null;
    const sent = {conversation: byline.conversation || '', scope: {...byline.scope?.value(), ...alone && {alone}}, wording};
    if (!String(question || '').trim()) return sent;
    sending = question;
    const current = $('#current .byline-turn:not([hidden])');
    const replaced = old?.isConnected ? old : null;
    // What one that was stopped or failed was to replace is still there.
    replacing = replaced?.dataset.replaces || replaced?.dataset.exchange || '';
    if (replacing) sent.again = Number(replacing);
    if (current && current !== replaced) {
      const kept = current.cloneNode(true);
      if (kept.dataset.conversation === byline.conversation) $('#past').append(kept);
      scrolling = setTimeout(() => $('#current').scrollIntoView({behavior: gentle(), block: 'start'}), 150);
    }
    if (replaced && replaced !== current) replaced.remove();
    if (current) {
      current.hidden = true;
      current.classList.add('is-leaving');  // until the next one is there
    }
    return sent;
  }

  // The question leaves its box when it stands above; what was typed in the meantime stays.
  function heard() {
    if (sending !== null && $('#question textarea').value === sending) write('');
    sending = null;
  }

  // A question that the server has not heard, for whoever says so; the box is free for another.
  function unheard() {
    const question = sending;
    clearTimeout(scrolling);
    heard();
    return question === null ? null : {question, replaces: replacing};
  }

  // A turn of a conversation that is no longer open goes on being answered, out of sight.
  function changed() {
    const shown = $('#current .byline-turn:not([hidden])');
    if (!shown) return;
    heard();
    const {conversation, state} = shown.dataset;
    if (conversation && !byline.conversation && !byline.left.has(conversation)) byline.began(conversation);
    const isElsewhere = Boolean(conversation && conversation !== byline.conversation);
    shown.classList.toggle('is-elsewhere', isElsewhere);
    if (state === 'stopped' || state === 'failed') shown.dataset.replaces = replacing;
    if (state === 'done' && shown.dataset.exchange && shown !== changed.last) {
      changed.last = shown;
      byline.answered(shown, isElsewhere);
    }
  }

  function clear() {
    sending = null;
    $('#past').textContent = '';
    close();
    byline.fresh?.();
    $('#question textarea').focus();
  }

  function stop() {
    const turn = $('#current .byline-turn[data-state=streaming]');
    if (!turn) return;
    turn.dataset.state = 'stopped';
    turn.removeAttribute('aria-busy');
    $('.byline-step', turn)?.remove();
    $('.byline-stopped', turn).hidden = false;
    // Whoever pressed the button, which is gone now, goes on from here.
    if (document.activeElement === $('#stop')) $('.byline-again', turn).focus({preventScroll: true});
  }

  function ask(question, instead = null) {
    if (isAsking()) return;
    if (byline.isCut?.()) return;
    again = instead;
    write(question);
    setTimeout(() => $('#ask').click(), 50);
  }

  function write(question) {
    const box = $('#question textarea');
    box.value = question;
    box.dispatchEvent(new Event('input', {bubbles: true}));
  }

  // --- the panel: an article, and what can be done with it ---

  const VIEWS = {article: msgid('Article'), edit: msgid('Edit'), withdraw: msgid('Withdraw'),
    history: msgid('History'), changes: msgid('What changed')};

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
    $('#article .byline-bar span').textContent = tr(VIEWS[view]);
    $('#article .byline-marks').hidden = true;
    $('#article .byline-reader').setAttribute('aria-label', tr(VIEWS[view]));
    document.querySelectorAll('.byline-cite.is-open').forEach((c) => c.classList.remove('is-open'));
    if (marker) button.classList.add('is-open');
    shell.classList.add('byline-reading');
    sheet.textContent = tr('Opening…');
    try {
      const response = await fetch(`page/${view in VIEWS ? view : 'article'}?` + query);
      const isOurs = response.headers.get('content-type')?.startsWith('text/html');
      const told = isOurs ? await response.text() : await response.json();
      if (latest !== asked) return;
      if (!isOurs) throw new Error(told.error.message);
      sheet.innerHTML = told;  // escaped by the server, piece by piece
    } catch (error) {
      if (latest !== asked) return;
      const reason = error instanceof TypeError ? tr('The server cannot be reached.') : error.message;
      sheet.textContent = tr('This cannot be shown: {reason}', {reason});
    }
    const first = view === 'article' ? null : $('input, textarea', sheet);
    (first || $('#article .byline-reader')).focus({preventScroll: true});
    show(marker, sheet);
  }

  const marked = () => [...document.querySelectorAll('#article .byline-sheet mark[data-marker]')]
    .filter((mark, n, all) => !n || mark.dataset.marker !== all[n - 1].dataset.marker);

  function show(marker, sheet) {
    const all = marked();
    const at = all.findIndex((mark) => mark.dataset.marker === marker);
    if (all.length) light(Math.max(at, 0), 'instant', at >= 0);
    if (at < 0) $('#article .byline-reader').scrollTop = 0;
  }

  function light(at, behavior, isMoving = true) {
    const all = marked();
    const mark = all[at];
    document.querySelectorAll('#article mark.is-shown').forEach((m) => m.classList.remove('is-shown'));
    document.querySelectorAll(`#article mark[data-marker="${Number(mark.dataset.marker)}"]`)
      .forEach((m) => m.classList.add('is-shown'));
    if (isMoving) mark.scrollIntoView({behavior, block: 'center'});
    const bar = $('#article .byline-marks');
    bar.hidden = all.length < 2;
    bar.dataset.at = at;
    $('output', bar).textContent = tr('{number} of {total}', {number: at + 1, total: all.length});
  }

  function step(by) {
    const n = marked().length;
    if (n > 1) light((Number($('#article .byline-marks').dataset.at) + by + n) % n, gentle());
  }

  function close() {
    if (!shell.classList.contains('byline-reading')) return;
    shell.classList.remove('byline-reading');
    document.querySelectorAll('.byline-cite.is-open').forEach((c) => c.classList.remove('is-open'));
    if (opener && opener.isConnected) opener.focus();
    opener = latest = null;
  }

  // --- what a chip stands for, before it is opened ---

  const peek = element('div', 'byline-peek', '', {id: 'byline-peek', role: 'tooltip', hidden: ''});
  document.body.append(peek);

  function peekAt(chip) {
    const {quote, origin} = chip.dataset;
    if (!quote) return;
    peek.replaceChildren(element('q', '', quote, {dir: 'auto'}), element('span', '', origin));
    peek.hidden = false;
    chip.setAttribute('aria-describedby', 'byline-peek');
    const at = chip.getBoundingClientRect();
    const {offsetWidth: width, offsetHeight: height} = peek;
    const left = Math.min(Math.max(8, at.left - 24), innerWidth - width - 8);
    const above = at.top - height - 8;
    peek.style.left = `${left}px`;
    peek.style.top = `${above > 8 ? above : at.bottom + 8}px`;
  }

  function unpeek(chip) {
    peek.hidden = true;
    chip?.removeAttribute('aria-describedby');
  }

  for (const [type, deed] of [['pointerover', peekAt], ['focusin', peekAt], ['pointerout', unpeek],
    ['focusout', unpeek]]) {
    document.addEventListener(type, (event) => {
      const chip = event.pointerType === 'touch' ? null : event.target.closest?.('.byline-cite');
      if (chip) deed(chip);
    });
  }
  document.addEventListener('scroll', () => unpeek(), {capture: true, passive: true});

  // --- panes that fold; on a narrow page they lie over the chat ---

  const isNarrow = () => matchMedia('(max-width: 1100px)').matches;

  function fold(button) {
    const pane = button.dataset.pane;
    const mark = isNarrow() ? `byline-over-${pane}` : `byline-no-${pane}`;
    const is = shell.classList.toggle(mark);
    document.querySelectorAll(`.byline-fold[data-pane="${pane}"]`).forEach((b) =>
      b.setAttribute('aria-expanded', String(isNarrow() ? is : !is)));
    try { if (!isNarrow()) localStorage.setItem(mark, is ? 'yes' : ''); } catch { /* forbidden */ }
    if (pane === 'side') byline.reveal();
    if (is && isNarrow()) $(pane === 'side' ? '.byline-new' : '.byline-proof-bar button').focus();
  }

  function unfold(pane) {
    if (isNarrow()) shell.classList.add(`byline-over-${pane}`);
    else shell.classList.remove(`byline-no-${pane}`);
  }

  function lower() {
    shell.classList.remove('byline-over-side', 'byline-over-proof');
  }

  // --- small things ---

  const TABS = {Chat: 'chat', Library: 'library-tab'};  // as web/page.py calls them

  function tab(name) {
    $(`[role=tab][data-tab-id="${TABS[name]}"]`)?.click();
  }

  const actions = {
    '.byline-cite, .byline-open, .byline-look': open,
    '.byline-close': close,
    '.byline-step-mark': (button) => step(Number(button.dataset.by)),
    '.byline-example, .byline-suggestion': (button) => ask(button.textContent),
    '.byline-fold': fold,
    '.byline-show-keys': help,
    '.byline-action': (button) => tab(button.dataset.tab),
    '.byline-source .byline-same': () => { lower(); tab('Library'); },
    '.byline-jump': (button) => {
      unfold('proof');
      // The pane alone: the answer that is being read stays where it is.
      const [wanted, bar] = [button.dataset.jump, 'proof-bar'].map((id) => $('#' + id).getBoundingClientRect());
      $('#evidence').scrollBy({top: wanted.top - bar.bottom - 16, behavior: gentle()});
    },
  };

  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    for (const [selector, act] of Object.entries(actions)) {
      const button = event.target.closest(selector);
      if (button) return act(button);
    }
  });

  // --- the keyboard ---

  const isTyping = (target) => target.closest?.('input, textarea, select, [contenteditable]');

  function hop(by) {
    const chips = [...document.querySelectorAll('#transcript .byline-cite')].filter((c) => c.offsetParent);
    if (!chips.length) return;
    const at = chips.indexOf(document.activeElement);
    const seen = chips.findIndex((c) => c.getBoundingClientRect().top > 60);  // from nowhere: what is read
    chips.at(at < 0 ? (by > 0 ? seen : seen - 1) : (at + by) % chips.length).focus();
  }

  const KEYS = {
    '/': [msgid('Write a question'), () => $('#question textarea').focus()],
    n: [msgid('Next source chip, or next marked words of an open article'),
      () => shell.classList.contains('byline-reading') ? step(1) : hop(1)],
    p: [msgid('The one before'), () => shell.classList.contains('byline-reading') ? step(-1) : hop(-1)],
    c: [msgid('Search the conversations'), () => { unfold('side'); $('.byline-find').focus(); }],
    o: [msgid('New conversation'), () => $('#clear').click()],
    '?': [msgid('These keys'), () => help()],
  };

  const isOff = () => window.bylineLook?.kept('keys') === 'off';

  function help() {
    const dialog = element('dialog', 'byline-dialog', '', {'aria-label': tr('Keys')});
    const list = element('dl', 'byline-keys');
    const told = [[tr('Enter'), tr('Ask')], [tr('Shift Enter'), tr('New line')],
      ...Object.entries(KEYS).map(([key, [what]]) => [key, tr(what)]),
      [tr('Esc'), tr('Close what is open')]];
    for (const [key, what] of told) {
      const term = element('dt');
      term.append(element('kbd', '', key));
      list.append(term, element('dd', '', what));
    }
    dialog.append(element('h2', '', tr('Keys')), list, element('p', '', isOff()
      ? tr('Single keys are switched off in the settings.')
      : tr('Single keys can be switched off in the settings.')));
    present(dialog);
  }

  function present(dialog) {
    const done = element('button', 'byline-dialog-close', tr('Close'), {type: 'button'});
    done.addEventListener('click', () => dialog.close());
    dialog.append(done);
    dialog.addEventListener('close', () => dialog.remove());
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) {
      if (!peek.hidden) unpeek();
      if (shell.classList.contains('byline-reading')) close();
      else lower();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.target.closest?.('dialog, [role=menu], [role=tablist]')) return;
    const deed = KEYS[event.key]?.[1];
    if (!deed || isOff() || !$('#talk')?.offsetParent) return;
    event.preventDefault();
    deed();
  });

  function name(selector, role, label) {
    for (const [key, value] of [['role', role], ['aria-label', label]]) $(selector).setAttribute(key, value);
  }
  name('#transcript', 'log', tr('Conversation'));
  name('#sources', 'region', tr('Sources'));
  name('#conflicts', 'region', tr('Disagreements between sources'));
  name('#story', 'region', tr('The story in time, and who says what'));
  $('#question textarea').setAttribute('aria-label', tr('Your question'));
  for (const pane of ['side', 'proof']) {
    try {
      if (localStorage.getItem(`byline-no-${pane}`)) shell.classList.add(`byline-no-${pane}`);
    } catch { /* forbidden */ }
  }

  const byline = window.byline = {
    actions, ask, clear, close, element, fetched, gentle, isAsking, lower, post, present, stop, tab, toast, turn, unfold, unheard,
    write, conversation: null,
    left: new Set(),
    began: () => {},
    reveal: () => {},
    answered: () => {},
  };
  new MutationObserver(changed)
    .observe($('#current'), {childList: true, subtree: true, attributes: true,
      attributeFilter: ['data-state', 'data-exchange', 'hidden']});
}
