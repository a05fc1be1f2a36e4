// What can be done with an answer: ask again, edit, change the search, look at its proof, rate it.
() => {
  const {byline} = window;
  if (!byline || byline.prove) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const {actions, ask, element, gentle, isAsking, post, toast} = byline;
  const {tr, msgid} = window.bylineText;
  const REASONS = {'wrong source': msgid('A wrong source'), missing: msgid('Something is missing'),
    outdated: msgid('It is outdated'), other: msgid('Something else')};

  const textOf = (turn) => $('.byline-question', turn).textContent;

  // Only the last answer gives way to a new one; an older one is asked again below.
  function instead(turn, wording = '') {
    const all = [...document.querySelectorAll('#transcript .byline-turn:not([hidden])')];
    return turn === all.at(-1) ? {turn, wording} : {turn: null, wording};
  }

  // --- what stands beside ---

  byline.prove = (turn) => {
    document.querySelectorAll('.byline-turn.is-proven').forEach((t) => t.classList.remove('is-proven'));
    turn.classList.add('is-proven');
    if (turn.dataset.exchange) window.bylineShow?.({exchange: Number(turn.dataset.exchange)});
  };

  // --- a box in place of words ---

  function box({host, label, value, send, done, className}) {
    const form = element('form', `byline-rewording ${className}`);
    const area = element('textarea', '', '', {'aria-label': label, maxlength: '4000', rows: '1', dir: 'auto'});
    area.value = value;
    const again = element('button', 'byline-action', send, {type: 'submit'});
    const cancel = element('button', 'byline-cancel', tr('Cancel'), {type: 'button'});
    form.append(area, again, cancel);
    const fit = () => { area.style.height = 'auto'; area.style.height = `${area.scrollHeight}px`; };
    const leave = () => { form.remove(); host.classList.remove('is-rewording'); };
    cancel.addEventListener('click', () => { leave(); done(''); });
    area.addEventListener('input', fit);
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') { event.stopPropagation(); leave(); done(''); }
      if (event.key === 'Enter' && event.target === area && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = area.value.trim();
      if (!text || isAsking()) return;
      leave();
      done(text);
    });
    host.classList.add('is-rewording');
    host.append(form);
    fit();
    area.focus();
  }

  function reword(button) {
    const host = button.parentElement;
    const turn = button.closest('.byline-turn');
    box({
      host, label: tr('Search for'), send: tr('Search again'), className: '',
      value: $('.byline-standalone', host).textContent,
      done: (text) => text ? ask(textOf(turn), instead(turn, text)) : button.focus(),
    });
  }

  function edit(button) {
    const turn = button.closest('.byline-turn');
    const heading = $('.byline-question', turn);
    heading.hidden = true;
    const host = element('div', 'byline-editing');
    heading.after(host);
    box({
      host, label: tr('Your question'), send: tr('Ask'), value: textOf(turn), className: 'is-question',
      done: (text) => {
        host.remove();
        heading.hidden = false;
        if (text) ask(text, instead(turn));
        else button.focus();
      },
    });
  }

  function limits(button) {
    byline.scope.set(JSON.parse(button.dataset.scope));
    byline.scope.show();
    toast(tr('Change what it is limited to, then ask again'), tr('Ask again'), () => {
      const turn = button.closest('.byline-turn');
      ask(textOf(turn), {...instead(turn), alone: true});
    });
  }

  // --- what a reader thinks of it ---

  async function rate(button) {
    const turn = button.closest('.byline-turn');
    const {rating} = button.dataset;
    $('.byline-why', turn)?.remove();
    const isBack = button.getAttribute('aria-pressed') === 'true';
    await send(turn, isBack ? {rating: null} : {rating});
    if (!isBack && rating === 'down') why(turn);
    else toast(isBack ? tr('Taken back') : tr('Thank you'));
  }

  async function send(turn, given) {
    await post('page/chat', {verb: 'rate', exchange: Number(turn.dataset.exchange), ...given});
    turn.querySelectorAll('.byline-rate').forEach((b) =>
      b.setAttribute('aria-pressed', String(b.dataset.rating === given.rating)));
  }

  function why(turn) {
    const form = element('form', 'byline-why');
    const set = element('fieldset');
    set.append(element('legend', '', tr('What is wrong with it?')));
    for (const [reason, word] of Object.entries(REASONS)) {
      const label = element('label', '', tr(word));
      label.prepend(element('input', '', '', {type: 'radio', name: 'reason', value: reason, required: ''}));
      set.append(label);
    }
    const which = element('label', 'byline-which', tr('Which source?'));
    const marker = element('select', '', '', {name: 'marker'});
    const numbers = [...turn.querySelectorAll('.byline-cite')].map((c) => c.dataset.marker);
    marker.append(element('option', '', tr('any'), {value: ''}),
      ...[...new Set(numbers)].map((n) => element('option', '', n, {value: n})));
    which.append(' ', marker);
    const note = element('input', '', '', {name: 'note', maxlength: '2000', dir: 'auto',
      placeholder: tr('Anything to add?'), 'aria-label': tr('Anything to add?')});
    const cancel = element('button', 'byline-cancel', tr('Not now'), {type: 'button'});
    cancel.addEventListener('click', () => { form.remove(); });
    form.append(set, which, note, element('button', 'byline-action', tr('Send'), {type: 'submit'}), cancel);
    form.addEventListener('change', () => {
      which.hidden = form.elements.reason.value !== 'wrong source';
    });
    which.hidden = true;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const {reason, marker: chosen, note: said} = Object.fromEntries(new FormData(form));
      const wrong = reason === 'wrong source' && chosen ? {marker: Number(chosen)} : {};
      await send(turn, {rating: 'down', reason, note: said, ...wrong}).catch(() => {});
      form.remove();
      toast(tr('Thank you: this is counted in Quality'));
    });
    $('.byline-foot', turn).after(form);
    $('input', form).focus({preventScroll: true});
    form.scrollIntoView({block: 'center', behavior: gentle()});
  }

  // --- small things ---

  async function copy(button) {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = tr('Copied');
    } catch {
      button.textContent = tr('The browser does not allow copying');
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  }

  Object.assign(actions, {
    '.byline-copy': copy,
    '.byline-again': (button) => {
      const turn = button.closest('.byline-turn');
      ask(textOf(turn), instead(turn));
    },
    '.byline-edit': edit,
    '.byline-reword': reword,
    '.byline-limits': limits,
    '.byline-alone': (button) => {
      const turn = button.closest('.byline-turn');
      ask(textOf(turn), {...instead(turn), alone: true});
    },
    '.byline-both': (button) => {
      const banner = $('.byline-banner', button.closest('.byline-turn'));
      banner.scrollIntoView({behavior: gentle(), block: 'center'});
      banner.focus({preventScroll: true});
    },
    '.byline-proof': (button) => { byline.prove(button.closest('.byline-turn')); byline.unfold('proof'); },
    '.byline-rate': (button) => rate(button).catch(() => {}),
  });
}
