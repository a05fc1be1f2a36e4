// What the articles are limited to: chosen beside the box, shown as chips, kept with a conversation.
() => {
  const {byline} = window;
  if (!byline || byline.scope) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const {element, post} = byline;
  const {tr, msgid} = window.bylineText;
  const form = $('.byline-scope-form');
  const {since, until, outlet, language} = form.elements;
  let outlets = [];
  let articles = [];  // {article_id, title}

  const DAY = new Intl.DateTimeFormat(window.bylineText.locale,
    {day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC'});

  // A day as answers write it: "3 January 2026".
  function worded(day) {
    const moment = new Date(`${day}T00:00Z`);
    return Number.isNaN(moment.getTime()) ? day : DAY.format(moment);
  }

  const value = () => ({
    since: since.value || null,
    until: until.value || null,
    outlets,
    articles: articles.map((a) => a.article_id),
    languages: language.value ? [language.value] : [],
  });

  function chip(text, label, take) {
    const button = element('button', 'byline-scope-chip', text, {type: 'button', 'aria-label': label, dir: 'auto'});
    button.addEventListener('click', () => { take(); moved(); });
    return button;
  }

  function draw() {
    const chips = [];
    const day = (box, shown, label) => {
      const told = {day: worded(box.value)};
      if (box.value) chips.push(chip(tr(shown, told), tr(label, told), () => { box.value = ''; }));
    };
    day(since, msgid('From {day}'), msgid('From {day}: remove'));
    day(until, msgid('To {day}'), msgid('To {day}: remove'));
    for (const name of outlets) {
      chips.push(chip(name, tr('Only {name}: remove', {name}), () => { outlets = outlets.filter((o) => o !== name); }));
    }
    for (const article of articles) {
      const title = article.title || tr('one article');
      chips.push(chip(title, tr('Only {name}: remove', {name: title}), () => {
        articles = articles.filter((a) => a !== article);
      }));
    }
    if (language.value) {
      const shown = tr('Language: {name}', {name: language.selectedOptions[0].text});
      chips.push(chip(shown, tr('Any language'), () => { language.value = ''; }));
    }
    $('.byline-scope-chips').replaceChildren(...chips);
    $('.byline-scope').classList.toggle('is-limited', chips.length > 0);
  }

  function moved() {
    draw();
    if (!byline.conversation) return;
    const told = {verb: 'limit', conversation: byline.conversation, scope: value()};
    post('page/chat', told).catch(() => {});
  }

  function set(scope) {
    since.value = scope.since || '';
    until.value = scope.until || '';
    outlets = [...scope.outlets || []];
    articles = (scope.articles || []).map((id) => known.get(id) || {article_id: id});
    const code = scope.languages?.[0] || '';
    if (code && ![...language.options].some((o) => o.value === code)) {
      language.append(element('option', '', code, {value: code}));
    }
    language.value = code;
    draw();
  }

  const known = new Map();  // titles of articles that were chosen in the library

  byline.limitTo = (chosen) => {
    for (const article of chosen) known.set(article.article_id, article);
    articles = [...chosen];
    moved();
    byline.tab('Chat');
    setTimeout(() => $('#question textarea').focus(), 50);
  };

  function add() {
    const name = outlet.value.trim();
    if (!name) return;
    if (!outlets.some((o) => o.toLowerCase() === name.toLowerCase())) outlets = [...outlets, name];
    outlet.value = '';
    moved();
  }

  async function choices() {
    try {
      const response = await fetch('page/scope');
      if (!response.ok) return;
      $('.byline-choices').innerHTML = await response.text();  // escaped by the server
      const chosen = language.value;
      language.replaceChildren(element('option', '', tr('Any'), {value: ''}),
        ...$('#byline-languages').content.cloneNode(true).children);
      language.value = chosen;
    } catch { /* the server is away */ }
  }

  form.addEventListener('submit', (event) => { event.preventDefault(); add(); });
  form.addEventListener('change', (event) => {
    if (event.target === outlet) add();
    else moved();
  });
  // A choice from the list comes as an input without a key.
  outlet.addEventListener('input', (event) => {
    if (!(event instanceof InputEvent) || event.inputType === 'insertReplacementText') add();
  });
  $('.byline-scope-panel').addEventListener('toggle', (event) => { if (event.target.open) choices(); });
  choices();

  byline.scope = {
    set, value,
    show: () => { $('.byline-scope-panel').open = true; since.focus(); },
  };
}
