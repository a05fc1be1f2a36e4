// The library's script: fetches the queue and the shelves while somebody looks at them, and hands
// what is to be done to the server. Markup comes from the server, escaped; here it is only placed.
() => {
  const {byline} = window;
  if (!byline || byline.stir) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const BUSY_MS = 1000;
  const IDLE_MS = 5000;
  const TOLD_MS = 6000;
  const UNDO_MS = 15_000;
  const shell = document.documentElement;
  const FRESH_MS = 10_000;  // masthead and outlets while articles keep coming

  // --- placing: only what differs is touched, so that focus and open lists stay ---

  const keyOf = (node) => node.dataset?.key;

  function parsed(html) {
    const template = document.createElement('template');
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  function place(was, now) {
    if (was.isEqualNode(now)) return was;
    if (was.nodeName !== now.nodeName || keyOf(was) !== keyOf(now)) {
      was.replaceWith(now);
      return now;
    }
    if (was.nodeType !== Node.ELEMENT_NODE) {
      was.nodeValue = now.nodeValue;
      return was;
    }
    if ('still' in was.dataset) return was;  // the script's own
    for (const {name} of [...was.attributes]) {
      if (!now.hasAttribute(name) && name !== 'open') was.removeAttribute(name);
    }
    for (const {name, value} of now.attributes) was.setAttribute(name, value);
    if (!('kept' in was.dataset)) placeChildren(was, now);
    return was;
  }

  function placeChildren(was, now) {
    // What is gone goes first: a button that is moved under a finger is not pressed.
    const stays = new Set([...now.children].map(keyOf));
    [...was.children].forEach((child) => { if (keyOf(child) && !stays.has(keyOf(child))) child.remove(); });
    const keyed = new Map([...was.children].filter(keyOf).map((child) => [keyOf(child), child]));
    let at = was.firstChild;
    for (const child of [...now.childNodes]) {
      const old = keyOf(child) ? keyed.get(keyOf(child)) : at;
      if (!old || (!keyOf(child) && keyOf(old))) {
        was.insertBefore(child, at);
        continue;
      }
      if (old !== at) was.insertBefore(old, at);
      at = place(old, child).nextSibling;
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  // --- the queue: asked for while it is looked at, or works; never by a hidden tab ---

  const wanted = new Set();
  let timer = null;
  let isBusy = false;
  let ended = null;
  let freshAt = 0;

  const isShown = () => Boolean($('#queue')?.offsetParent);

  function stir() {
    clearTimeout(timer);
    timer = setTimeout(look, 0);
    shelve();
  }

  async function look() {
    clearTimeout(timer);
    if (document.hidden || !(isShown() || isBusy)) return;
    try {
      const response = await fetch('page/queue?all=' + [...wanted].join(','));
      if (response.ok) show(parsed(await response.text()));
    } catch { /* the server is away: asked again */ }
    clearTimeout(timer);
    timer = setTimeout(look, isBusy ? BUSY_MS : IDLE_MS);
  }

  function show(now) {
    const was = $('#queue .byline-queue');
    if (!was || !now) return;
    const {busy, ended: n = '0'} = now.dataset;
    const hasEnded = isBusy && busy !== 'yes';
    const hasMoved = ended !== null && ended !== n;
    isBusy = busy === 'yes';
    ended = n;
    place(was, now);
    document.querySelectorAll('#queue .byline-items[open]').forEach(open);
    if (hasMoved) shelve();
    if (hasEnded || (hasMoved && Date.now() - freshAt > FRESH_MS)) {
      freshAt = Date.now();
      act({verb: 'look'});
    }
  }

  async function open(details) {
    const body = $('[data-kept]', details);
    const {job, done} = details.dataset;
    if (!details.open || body.dataset.kept === done) return;
    body.dataset.kept = done;
    try {
      const response = await fetch('page/job?id=' + Number(job));
      if (response.ok) body.innerHTML = await response.text();
      else body.textContent = (await response.json()).error.message;
    } catch { body.dataset.kept = ''; }
  }

  // --- the shelves ---

  const view = {search: '', sort: 'added', only: 'all', group: '', offset: 0};
  let n_asked = 0;
  let fallen = null;  // where the focus went before there was anything to undo

  async function shelve() {
    const shelf = $('#library .byline-shelf');
    if (!shelf) return;
    const n = ++n_asked;
    try {
      const response = await fetch('page/library?' + new URLSearchParams(view));
      const text = await response.text();
      if (n === n_asked && response.ok && shelf.isConnected) {
        const hadFocus = shelf.contains(document.activeElement);
        place(shelf, parsed(text));
        byline.picks?.sync();
        // Who works by keyboard goes on from here when the row that they were in is gone.
        if (hadFocus && document.activeElement === document.body) {
          const undo = $('#told .byline-undo');
          fallen = undo ? null : $('#library .byline-chip[aria-pressed=true]');
          (undo || fallen)?.focus({preventScroll: true});
        }
        shell.dataset.mayEdit = shelf.dataset.mayEdit || 'yes';
        const sort = $('#library select[data-sort]');
        if (sort) sort.value = view.sort;
        for (const at of $$('#library .byline-page-at')) at.value = at.defaultValue;
      }
    } catch { /* the server is away */ }
  }

  function turn(changes) {
    Object.assign(view, {offset: 0}, changes);
    shelve();
  }

  function page(button) {
    turn({offset: Number(button.dataset.offset)});
    if (button.closest('[data-key=pages-below]')) $('#shelves').scrollIntoView({block: 'start'});
  }

  function pageAt({value, max, dataset}) {
    const n = Math.min(Math.max(1, Math.round(value) || 1), Number(max));
    turn({offset: (n - 1) * Number(dataset.limit)});
  }

  // On a phone the articles come first; the boxes for adding are behind their button.
  function fold(isFolded) {
    shell.dataset.adding = isFolded ? 'no' : 'yes';
    $('.byline-adding')?.setAttribute('aria-expanded', String(!isFolded));
  }

  // --- what is done ---

  let pending = null;

  function act(data) {
    window.bylineAct?.(data);
  }

  // The error stands under the field that it is about, and is read with it.
  function blame(field, error) {
    error.id = 'byline-form-error';
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-errormessage', error.id);
    const hints = (field.getAttribute('aria-describedby') || '').split(' ').filter((id) => id && id !== error.id);
    field.setAttribute('aria-describedby', [error.id, ...hints].join(' '));
    field.after(error);
    field.focus();
  }

  function unmark(field) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-errormessage');
  }

  function skip(button) {
    const after = $('.byline-skipped', button.parentElement);
    after.focus();
    after.scrollIntoView({block: 'center'});
  }

  const sentence = (text) => /[.?!…]$/.test(text) ? text : text + '.';

  function acted() {
    const told = $('#told .byline-told');
    const isDone = told?.dataset.done !== 'no';
    if (pending?.isConnected) {
      const error = $('.byline-form-error', pending);
      $$('[aria-invalid]', pending).forEach(unmark);
      if (error) error.textContent = isDone ? '' : $$('bdi, span', told).map((c) => sentence(c.textContent)).join(' ');
      if (error && !isDone) {
        told.remove();  // said beside what is to be mended
        const field = pending.elements[told.dataset.field];
        if (field) blame(field, error);
        error.scrollIntoView({block: 'nearest'});
      }
      $('[type=submit]', pending)?.removeAttribute('disabled');
      if (isDone && pending.closest('#article')) byline.close();
      else if (isDone) pending.reset();
    }
    pending = null;
    clearTimeout(acted.timer);
    const undo = told && $('.byline-undo', told);
    // Whoever pressed a button that went with its row goes on from here.
    const {activeElement} = document;
    if (undo && (activeElement === document.body || activeElement === fallen)) {
      undo.focus({preventScroll: true});
    }
    fallen = null;
    if (told && isDone) fade(told, undo ? UNDO_MS : TOLD_MS);
    stir();
  }

  // What can be undone stays for long enough to be read and reached, and while somebody is at it.
  function fade(told, after) {
    acted.timer = setTimeout(() => {
      if (told.matches(':hover') || told.matches(':has(:focus-visible)')) return fade(told, 1000);
      const hadFocus = told.contains(document.activeElement);
      told.remove();
      if (hadFocus) $('#library .byline-chip[aria-pressed=true]')?.focus({preventScroll: true});
    }, after);
  }

  function submit(form) {
    const {verb, article} = form.dataset;
    const fields = [...form.elements].filter((field) => field.name);
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const changed = fields.filter((f) => f.value !== f.defaultValue).map((f) => [f.name, f.value]);
    pending = form;
    const button = $('[type=submit]', form);
    button.disabled = true;
    setTimeout(() => { button.disabled = false; }, 10_000);  // should no answer come
    act(verb === 'correct'
      ? {verb, article, values: Object.fromEntries(changed)} : {verb, article, ...values});
  }

  // Asked nothing before, since it can be undone after.
  function remove(button) {
    byline.picks?.leave(button.dataset.article);
    act({verb: 'remove', article: button.dataset.article});
  }

  function only(button) {
    byline.close?.();
    byline.limitTo?.([{article_id: button.dataset.article, title: button.dataset.title}]);
  }

  // The panel puts the focus on its first field when it is open; here another one is meant.
  async function focusOn(id) {
    for (let n = 0; n < 60 && !document.getElementById(id); n += 1) {
      await new Promise((done) => { setTimeout(done, 50); });
    }
    const field = document.getElementById(id);
    field?.focus();
    field?.select();
  }

  function showAll() {
    const box = $('#library-search :is(input, textarea)');
    box.value = '';
    box.dispatchEvent(new Event('input', {bubbles: true}));
    turn({search: '', only: 'all', group: ''});
    box.focus();
  }

  function guess(form) {
    const kind = $('select', form);
    const urls = $('textarea', form).value.split(/\s+/).filter(Boolean);
    if (kind.dataset.chosen) return;
    const looks = new Set(urls.map((url) =>
      new RegExp(form.dataset.sitemap, 'i').test(url) ? 'sitemap'
        : new RegExp(form.dataset.feed, 'i').test(url) ? 'feed' : 'page'));
    kind.value = looks.size === 1 ? [...looks][0] : 'guess';
  }

  const clicks = {
    '.byline-adding': () => fold(shell.dataset.adding === 'yes'),
    '[data-tab=Library]': () => fold(false),
    '.byline-act': (button) => {
      if (button.closest('form')) pending = button.closest('form');
      const {verb, job, article, token} = button.dataset;
      if (token) button.disabled = true;
      act({verb, job, article, token});
    },
    '.byline-remove': remove,
    '.byline-skip': skip,
    '.byline-only': only,
    '.byline-all-again': showAll,
    '[data-focus]': (button) => focusOn(button.dataset.focus),
    '.byline-all': (button) => { wanted.add(button.dataset.heap); look(); },
    '.byline-chip': (button) => turn({only: button.dataset.only, group: ''}),
    '.byline-by': (button) => turn({sort: button.dataset.sort}),
    '.byline-same': (button) => turn({only: 'all', group: button.dataset.article}),
    '.byline-turn-page': page,
    '[role=tab]': () => setTimeout(stir, 50),
  };

  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    for (const [selector, deed] of Object.entries(clicks)) {
      const button = event.target.closest(selector);
      if (button) return deed(button);
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    if (event.target.matches?.('input:not([type=checkbox]), textarea, select')) return;
    const undo = $('#told .byline-undo:not(:disabled)');
    if (!undo) return;
    event.preventDefault();
    undo.click();
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('.byline-form')) return;
    event.preventDefault();
    submit(event.target);
  });
  document.addEventListener('input', (event) => {
    const {target} = event;
    if (target.closest('#library-search')) {
      clearTimeout(turn.timer);
      turn.timer = setTimeout(() => turn({search: target.value}), 200);
    } else if (target.matches('.byline-web textarea')) guess(target.form);
  });
  document.addEventListener('change', (event) => {
    const {target} = event;
    if (target.matches('#library select[data-sort]')) turn({sort: target.value});
    else if (target.matches('.byline-page-at')) pageAt(target);
    else if (target.matches('.byline-web select')) target.dataset.chosen = 'yes';
    else if (target.matches('#upload [type=file]')) fold(false);  // what becomes of it is seen
  });
  document.addEventListener('reset', (event) => {
    const kind = $('select', event.target);
    if (kind) delete kind.dataset.chosen;
  });
  document.addEventListener('toggle', (event) => {
    if (event.target.matches?.('.byline-items')) open(event.target);
  }, true);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) stir(); });

  $('#told').setAttribute('role', 'status');
  Object.assign(byline, {act, acted, place, stir});
}
