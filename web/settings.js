// The Settings tab's script: fetches the settings when the tab is opened, and sends what changed.
// How the page looks is kept in this browser alone, by the script in the head.
() => {
  const {byline} = window;
  if (!byline || byline.settings) return;
  const {tr, msgid} = window.bylineText;
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const OPENAI = 'https://api.openai.com/v1';
  const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;
  const DOING = {test: msgid('Asking…'), models: msgid('Fetching…'), save: msgid('Saving…'),
    reset: msgid('Going back…')};
  const KEPT = ['theme', 'size', 'keys'];  // in this browser, not by the server

  const form = () => $('#settings form.byline-set');
  const outcome = (name) => $(`#settings [data-outcome=${name}]`);
  const picked = (name) => $(`[name=${name}]:checked`, form())?.value;

  async function show(told) {
    const place = $('#settings');
    if (!place) return;
    try {
      const response = await fetch('page/settings');
      if (!response.ok) throw new Error((await response.json()).error.message);
      let holder = $('.byline-settings-place', place);
      if (!holder) {
        holder = document.createElement('div');
        holder.className = 'byline-settings-place';
        ($('.prose, .html-container', place) || place).replaceChildren(holder);
      }
      holder.innerHTML = await response.text();  // escaped by the server, piece by piece
      reflect();
      look();
      if (told) say('save', told, true);
    } catch (error) {
      place.textContent = tr('The settings cannot be shown: {reason}', {reason: error.message});
    }
  }

  // --- which parts fit what is chosen ---

  function host() {
    try {
      return new URL(form().elements.endpoint.value.trim() || OPENAI);
    } catch {
      return null;
    }
  }

  function reflect() {
    if (!form()) return;
    const isModel = picked('mode') === 'llm';
    const url = host();
    const isLocal = Boolean(url && LOCAL.test(url.hostname));
    const fits = {
      llm: isModel,
      extractive: !isModel,
      'judge-llm': isModel && picked('judge') === 'llm',
      local: isModel && isLocal,
      open: isModel && url?.protocol === 'http:' && !isLocal,
      encoder: picked('judge') === 'encoder',
    };
    for (const part of all('[data-when]', form())) part.hidden = !fits[part.dataset.when];
    for (const name of all('.byline-host', form())) name.textContent = url?.host || tr('the endpoint');
    const judge = $('[name=judge][value=llm]', form());
    judge.disabled = !isModel;
    if (!isModel && judge.checked) $('[name=judge][value=embedded]', form()).checked = true;
    const key = form().elements.key;
    key.disabled = Boolean(form().elements.no_key?.checked);
    if (key.disabled) key.value = '';
  }

  // --- what is told ---

  function say(name, text, isDone, reply = '') {
    const place = outcome(name);
    if (!place) return;
    place.textContent = text;
    place.dataset.done = isDone === undefined ? '' : isDone ? 'yes' : 'no';
    if (!reply) return;
    const words = document.createElement('q');
    words.dir = 'auto';
    words.textContent = reply;
    place.append(' ', words);
  }

  function blame(errors) {
    for (const place of all('.byline-form-error', form())) place.textContent = '';
    for (const field of all('[aria-invalid]', form())) field.removeAttribute('aria-invalid');
    let first = null;
    for (const [name, text] of Object.entries(errors)) {
      const place = $(`#set-${name}-error`);
      const field = form().elements[name];
      if (!place) { say('save', text, false); continue; }
      place.textContent = text;
      const control = field instanceof RadioNodeList ? field[0] : field;
      control?.setAttribute?.('aria-invalid', 'true');
      first ||= control;
    }
    if (!first) return;
    first.focus({preventScroll: true});
    first.scrollIntoView({block: 'center'});
  }

  // --- what is sent ---

  function filled() {
    const {endpoint, key, no_key, model, encoder, strict, language} = form().elements;
    return {
      mode: picked('mode'), endpoint: endpoint.value.trim(), key: key.value.trim(),
      no_key: Boolean(no_key?.checked), model: model.value.trim(), judge: picked('judge'),
      encoder: encoder.value.trim(), strict: strict.checked, language: language.value,
    };
  }

  async function send(name) {
    const path = {save: '', test: '/test', models: '/models', reset: '/reset'}[name];
    const told = name === 'reset' ? 'save' : name;
    const buttons = all('button', form());
    const pressed = document.activeElement;
    blame({});
    say(told, tr(DOING[name]));
    buttons.forEach((button) => { button.disabled = true; });
    try {
      const response = await fetch('page/settings' + path, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify(name === 'reset' ? {} : filled()),
      });
      const body = await response.json();
      if (body.error) throw new Error([body.error.message, body.error.hint].filter(Boolean).join('. '));
      buttons.forEach((button) => { button.disabled = false; });
      if (pressed?.isConnected) pressed.focus({preventScroll: true});
      if (body.errors) {
        say(told, '');
        blame(body.errors);
      } else {
        say(told, body.told, body.done, body.reply);
        if (name === 'models') list(body.models);
        if (body.done && (name === 'save' || name === 'reset')) await changed(body.told);
      }
    } catch (error) {
      say(told, error.message || tr('The server does not answer.'), false);
    }
    buttons.forEach((button) => { button.disabled = false; });
  }

  // The masthead names the way of answering; the form forgets a key that was typed.
  async function changed(told) {
    await show(told);
    $('#settings [type=submit]')?.focus({preventScroll: true});
    window.bylineAct?.({verb: 'look'});
  }

  function list(names) {
    const select = $('.byline-models', form());
    const asked = document.createElement('option');
    asked.value = '';
    asked.textContent = tr('Choose one…');
    select.replaceChildren(asked, ...names.map((name) => new Option(name, name)));
    select.hidden = !names.length;
    const {value} = form().elements.model;
    if (names.includes(value)) select.value = value;
    if (names.length) select.focus();
  }

  // --- how the page looks ---

  function look() {
    for (const name of KEPT) {
      const kept = window.bylineLook?.kept(name) || '';
      const radio = $(`#settings [name=${name}][value="${CSS.escape(kept)}"]`);
      if (radio) radio.checked = true;
    }
  }

  document.addEventListener('change', (event) => {
    const {target} = event;
    if (!target.closest?.('#settings')) return;
    if (KEPT.includes(target.name)) {
      window.bylineLook?.choose(target.name, target.value);
    } else if (target.matches('.byline-models')) {
      if (target.value) form().elements.model.value = target.value;
    } else if (form()) reflect();
  });
  document.addEventListener('input', (event) => {
    if (event.target.id === 'set-endpoint') reflect();
    if (['set-endpoint', 'set-key', 'set-model'].includes(event.target.id)) {
      say('test', '');  // it was told of what stood there before
      if (event.target.id !== 'set-model') say('models', '');
    }
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('#settings [data-do]');
    if (button) send(button.dataset.do);
  });
  document.addEventListener('submit', (event) => {
    if (event.target !== form()) return;
    event.preventDefault();
    send('save');
  });

  byline.settings = () => show();
}
