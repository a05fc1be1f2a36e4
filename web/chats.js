// The conversations: the list beside the chat, opening one, and what can be done with it.
() => {
  const {byline} = window;
  if (!byline || byline.fresh) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const {actions, element, fetched, post, present, toast} = byline;
  const {tr, msgid} = window.bylineText;
  const FORMATS = {md: msgid('Markdown'), html: msgid('Web page'), docx: msgid('Word'),
    pdf: msgid('PDF'), bib: msgid('BibTeX'), json: msgid('CSL-JSON')};
  let n_asked = 0;

  // --- the list ---

  async function list() {
    const n = ++n_asked;
    const search = $('.byline-find').value;
    try {
      const response = await fetch('page/conversations?' + new URLSearchParams({search}));
      if (!response.ok || n !== n_asked) return;
      const template = document.createElement('template');
      template.innerHTML = await response.text();  // escaped by the server
      $('.byline-side .byline-list').replaceWith(template.content.firstElementChild);
      mark();
    } catch { /* the server is away */ }
  }

  function mark() {
    document.querySelectorAll('.byline-side .byline-talk').forEach((button) => {
      const is = button.dataset.conversation === byline.conversation;
      if (is) {
        button.setAttribute('aria-current', 'page');
        $('.byline-talk-bar .byline-menu').hidden = false;
      } else button.removeAttribute('aria-current');
    });
    reveal();
  }

  // Once for each that is opened: whoever scrolls the list then is left alone. The list alone moves.
  function reveal() {
    const side = $('#side');
    const button = $('.byline-side .byline-talk[aria-current]');
    if (!button?.offsetParent || reveal.last === byline.conversation) return;
    reveal.last = byline.conversation;
    const [at, frame, head] = [button, side, $('.byline-side-head')].map((e) => e.getBoundingClientRect());
    const isSeen = at.top >= head.bottom && at.bottom <= Math.min(frame.bottom, innerHeight);
    if (!isSeen) side.scrollBy({top: at.top - frame.top - side.clientHeight / 2, behavior: 'instant'});
  }
  byline.reveal = reveal;

  // --- which one is open: the address says so, and survives a reload ---

  function turnTo(conversation, title = '', how = 'pushState') {
    if (byline.conversation && byline.conversation !== conversation) byline.left.add(byline.conversation);
    byline.conversation = conversation;
    byline.left.delete(conversation);
    const bar = $('.byline-talk-title');
    bar.textContent = title;
    $('.byline-talk-bar .byline-menu').hidden = !conversation;
    const address = new URL(location.href);
    if (conversation) address.searchParams.set('c', conversation);
    else address.searchParams.delete('c');
    if (how && address.href !== location.href) history[how](null, '', address);
    mark();
  }

  async function open(conversation, how = 'pushState') {
    let told;
    try {
      told = await fetched('page/conversation?' + new URLSearchParams({id: conversation}));
    } catch (error) {  // told already
      if (error.isRefused) turnTo(null, '', 'replaceState');
      return;
    }
    turnTo(conversation, told.title, how);
    byline.close();
    byline.lower();
    $('#past').innerHTML = told.turns;  // escaped by the server
    const current = $('#current .byline-turn:not([hidden])');
    const isElsewhere = current?.dataset.conversation !== conversation;
    if (current?.dataset.state === 'streaming') current.classList.toggle('is-elsewhere', isElsewhere);
    // What was answered while this was under way is not among those above.
    else if (current) current.hidden = isElsewhere || isPast(current);
    byline.scope.set(told.scope);
    const last = $('#past .byline-turn:last-child');
    if (last) byline.prove(last);
    const wanted = location.hash && document.getElementById(location.hash.slice(1));
    (wanted || last)?.scrollIntoView({block: 'start'});
  }

  const isPast = ({dataset: {exchange}}) => !exchange
    || Boolean($(`#past .byline-turn[data-exchange="${CSS.escape(exchange)}"]`));

  byline.fresh = () => {
    turnTo(null);
    byline.scope.set({});
    byline.lower();
  };

  // The server names a new conversation with its first step; there is something to share or to
  // export when it is in the list.
  byline.began = (conversation) => {
    turnTo(conversation, $('#current .byline-question').textContent);
    $('.byline-talk-bar .byline-menu').hidden = true;
  };

  byline.answered = (turn, isElsewhere) => {
    list();
    if (!isElsewhere) return void ($('.byline-talk-bar .byline-menu').hidden = false);
    toast(tr('The answer is in its conversation'), tr('Open'), () => open(turn.dataset.conversation));
  };

  // --- what can be done ---

  const titleOf = (conversation) =>
    $(`.byline-talk[data-conversation="${CSS.escape(conversation)}"]`)?.textContent
      || $('.byline-talk-title').textContent;

  async function rename(conversation) {
    const dialog = element('dialog', 'byline-dialog', '', {'aria-label': tr('Rename')});
    const form = element('form', '', '', {method: 'dialog'});
    const label = element('label', '', tr('Title'));
    const box = element('input', '', '', {maxlength: '120', dir: 'auto'});
    box.value = titleOf(conversation);
    label.append(box);
    form.append(label, element('button', 'byline-action', tr('Rename'), {type: 'submit'}));
    form.addEventListener('submit', async () => {
      const {title} = await post('page/chat', {verb: 'rename', conversation, title: box.value});
      if (conversation === byline.conversation) $('.byline-talk-title').textContent = title;
      list();
    });
    dialog.append(form);
    present(dialog);
    box.select();
  }

  async function remove(conversation) {
    const {title} = await post('page/chat', {verb: 'delete', conversation});
    if (conversation === byline.conversation) $('#clear').click();
    list();
    toast(tr('Deleted: {title}', {title}), tr('Undo'), async () => {
      await post('page/chat', {verb: 'undelete', conversation});
      list();
    });
  }

  async function share(conversation) {
    const {share: token} = await post('page/chat', {verb: 'share', conversation});
    const dialog = element('dialog', 'byline-dialog', '', {'aria-label': tr('Share')});
    const link = element('input', '', '', {readonly: '', 'aria-label': tr('Link')});
    link.value = new URL(`s/${token}`, location.origin + location.pathname).href;
    const copy = element('button', 'byline-action byline-copy', tr('Copy the link'), {type: 'button'});
    copy.dataset.copy = link.value;
    const end = element('button', 'byline-cancel', tr('Stop sharing'), {type: 'button'});
    end.addEventListener('click', async () => {
      await post('page/chat', {verb: 'unshare', conversation});
      dialog.close();
      toast(tr('The link opens nothing any more'));
      list();
    });
    dialog.append(element('h2', '', tr('Share')), element('p', '',
      tr('Whoever has this link and reaches this server can read the conversation, and nothing else.')),
    link, copy, end);
    present(dialog);
    link.select();
    list();
  }

  function download(conversation, format) {
    const query = new URLSearchParams({id: conversation, format});
    const link = element('a', '', '', {href: 'page/export?' + query, download: ''});
    link.click();
  }

  function menu(button) {
    const conversation = button.dataset.conversation || byline.conversation;
    const listed = button.closest('li');  // only the list tells what is pinned
    const isPinned = listed?.dataset.pinned === 'yes';
    const pin = [isPinned ? tr('Unpin') : tr('Pin'), async () => {
      await post('page/chat', {verb: 'pin', conversation, pinned: !isPinned});
      list();
    }];
    drop(button, [
      [tr('Rename'), () => rename(conversation)],
      ...listed ? [pin] : [],
      [tr('Share by link'), () => share(conversation)],
      ...Object.entries(FORMATS).map(([format, word]) =>
        [tr('Export: {format}', {format: tr(word)}), () => download(conversation, format)]),
      [tr('Delete'), () => remove(conversation), 'byline-apart'],
    ]);
  }

  function drop(button, deeds) {
    $('.byline-drop')?.remove();
    const made = element('div', 'byline-drop', '', {role: 'menu'});
    for (const [word, deed, kind = ''] of deeds) {
      const item = element('button', kind, word, {type: 'button', role: 'menuitem', tabindex: '-1'});
      item.addEventListener('click', () => { leave(); Promise.resolve(deed()).catch(() => {}); });
      made.append(item);
    }
    const items = [...made.children];
    function leave() {
      made.remove();
      button.setAttribute('aria-expanded', 'false');
      document.removeEventListener('pointerdown', outside, true);
      button.focus();
    }
    function outside(event) { if (!made.contains(event.target)) leave(); }
    made.addEventListener('keydown', (event) => {
      const by = {ArrowDown: 1, ArrowUp: -1}[event.key];
      const at = items.indexOf(document.activeElement);
      if (by) items.at((at + by) % items.length).focus();
      else if (event.key === 'Escape' || event.key === 'Tab') leave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    button.setAttribute('aria-expanded', 'true');
    document.body.append(made);
    const at = button.getBoundingClientRect();
    made.style.left = `${Math.max(8, Math.min(at.left, innerWidth - made.offsetWidth - 8))}px`;
    made.style.top = `${Math.max(8, Math.min(at.bottom + 4, innerHeight - made.offsetHeight - 8))}px`;
    document.addEventListener('pointerdown', outside, true);
    items[0].focus();
  }

  Object.assign(actions, {
    '.byline-talk': (button) => open(button.dataset.conversation),
    '.byline-menu': menu,
    '.byline-new': () => $('#clear').click(),
  });
  $('.byline-find').addEventListener('input', () => {
    clearTimeout(list.timer);
    list.timer = setTimeout(list, 200);
  });
  window.addEventListener('popstate', () => {
    const wanted = new URL(location.href).searchParams.get('c');
    if (wanted && wanted !== byline.conversation) open(wanted, '');
    else if (!wanted && byline.conversation) $('#clear').click();
  });

  byline.list = list;
  list();
  const wanted = new URL(location.href).searchParams.get('c');
  if (wanted) {
    byline.conversation = wanted;  // what is asked before it is there belongs to it
    setTimeout(() => open(wanted, 'replaceState'));
  }
}
