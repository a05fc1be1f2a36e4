// The Quality tab's script: fetches what is shown while somebody looks at it, and hands what is to
// be done to the server. Markup comes from the server, escaped; here it is only placed.
() => {
  const {byline} = window;
  if (!byline || byline.quality) return;
  const {tr, msgid} = window.bylineText;
  const $ = (selector, root = document) => root.querySelector(selector);
  const RUNNING_MS = 1000;
  const SCORING_MS = 4000;
  const SURE = {'remove-run': msgid('Really delete?'), 'remove-set': msgid('Really delete this set?'),
    drop: msgid('Really drop?')};

  // --- what is shown ---

  let view = {name: 'answers', query: {}};
  let timer = null;
  let n_asked = 0;

  const isShown = () => Boolean($('#quality')?.offsetParent);

  function root() {
    const found = $('#quality .byline-quality');
    if (found) return found;
    const made = document.createElement('div');
    made.className = 'byline-quality';
    ($('#quality .html-container') || $('#quality')).append(made);
    return made;
  }

  function parsed(html) {
    const template = document.createElement('template');
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  async function show() {
    clearTimeout(timer);
    if (document.hidden || !isShown()) return;
    const n = ++n_asked;
    if (view.name !== root().dataset.view) root().setAttribute('aria-busy', 'true');
    const where = view.name === 'answers' ? '' : '/' + view.name;
    try {
      const response = await fetch(`page/quality${where}?` + new URLSearchParams(view.query));
      const text = await response.text();
      if (n !== n_asked) return;
      if (response.ok) byline.place(root(), parsed(text));
      else tell(JSON.parse(text).error, true);
    } catch { /* the server is away: asked again with the next click */ }
    root().removeAttribute('aria-busy');
    clearTimeout(timer);
    if (root().dataset.busy === 'yes') {
      timer = setTimeout(show, view.name === 'runs' ? RUNNING_MS : SCORING_MS);
    }
  }

  async function go(name, query = {}) {
    view = {name, query};
    tell({message: ''});
    await show();
    const top = $('#quality');
    if (top && top.getBoundingClientRect().top < 0) top.scrollIntoView({block: 'start'});
  }

  function tell({message, hint = ''}, isBad = false) {
    const told = $('.byline-q-told', root());
    if (!told) {
      if (message) root().textContent = message;
      return;
    }
    told.textContent = [message, hint].filter(Boolean).join('; ');
    told.classList.toggle('is-bad', isBad);
  }

  // --- what is done ---

  async function act(verb, body = {}) {
    let failed = null;
    let told = '';
    try {
      const response = await fetch('page/quality/' + verb, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify(body),
      });
      const heard = await response.json();
      failed = heard.error || null;
      told = heard.told || '';
    } catch {
      failed = {message: tr('The server does not answer')};
    }
    await show();
    tell(failed || {message: told}, Boolean(failed));
    return !failed;
  }

  // Which question of a set a button or form belongs to.
  function caseOf(node) {
    const item = node.closest('[data-at]');
    if (!item) return {};
    const {name} = item.closest('[data-name]').dataset;
    return {name, at: Number(item.dataset.at), was: item.dataset.was};
  }

  async function press(button) {
    const {verb, name} = button.dataset;
    if (button.matches('.byline-q-drop') && !isSure(button)) return;
    const item = button.closest('li');
    const at = item ? [...item.parentElement.children].indexOf(item) : -1;
    const list = item?.parentElement;
    await act(verb, {...(name ? {name} : {}), ...caseOf(button)});
    if (verb === 'remove-set') await go('runs');
    // Who works by keyboard goes on with the next one.
    const next = list?.children[Math.min(at, list.children.length - 1)];
    if (next && !document.activeElement?.closest('#quality')) $('button', next)?.focus();
  }

  function isSure(button) {
    if (button.dataset.sure) {
      delete button.dataset.sure;
      return true;
    }
    const words = button.textContent;
    button.dataset.sure = 'yes';
    button.textContent = tr(SURE[button.dataset.verb]);
    button.addEventListener('blur', () => {
      delete button.dataset.sure;
      button.textContent = words;
    }, {once: true});
    return false;
  }

  async function submit(form) {
    const {verb, goto: where} = form.dataset;
    const fields = Object.fromEntries([...form.elements].filter((f) => f.name && f.type !== 'file')
      .map((f) => [f.name, f.type === 'number' ? Number(f.value)
        : f.type === 'checkbox' ? f.checked : f.value]));
    if (where) return go(where, fields);
    const button = $('[type=submit]', form);
    if (button) button.disabled = true;
    if (verb === 'draft') tell({message: tr('Drafting…')});
    const isDone = await act(verb, {...fields, ...caseOf(form)});
    if (button) button.disabled = verb === 'run' && isDone;
    if (isDone && verb === 'edit') form.hidden = true;
  }

  async function upload(input) {
    const file = input.files[0];
    if (!file) return;
    await act('upload', {name: file.name, text: await file.text()});
    input.value = '';
  }

  // A link to the conversation that is open already loads nothing: it is in another tab.
  function reveal(link) {
    const {search, hash} = new URL(link.href);
    if (search !== location.search) return;
    byline.tab('Chat');
    setTimeout(() => document.getElementById(hash.slice(1))?.scrollIntoView({block: 'start'}), 100);
  }

  const clicks = {
    'a[href^="?c="]': reveal,
    '.byline-q-view': (button) => go(button.dataset.view),
    '.byline-q-span': (button) => go('answers', {days: button.dataset.days}),
    'button[data-goto]': (button) => {
      const {goto: where, name} = button.dataset;
      if (where === 'set') return go('set', {name: button.form.elements.name.value});
      return go(where, where === 'report' ? {id: name} : {});
    },
    'button[data-offset]': (button) => go('set', {...view.query, offset: button.dataset.offset}),
    'button[data-open]': (button) => {
      const form = $('form', button.closest('li'));
      form.hidden = !form.hidden;
      if (!form.hidden) $('textarea', form).focus();
    },
    'button[data-verb]': press,
  };

  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest('[role=tab]')) setTimeout(show, 50);
    if (!event.target.closest('#quality')) return;
    for (const [selector, deed] of Object.entries(clicks)) {
      const button = event.target.closest(selector);
      if (button) return deed(button);
    }
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('.byline-q-form')) return;
    event.preventDefault();
    submit(event.target);
  });
  document.addEventListener('change', (event) => {
    if (event.target.matches('.byline-q-form [type=file]')) upload(event.target);
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) show(); });

  byline.quality = show;
}
