// Beside the library's script: articles that are selected, and files that are dropped on the page.
() => {
  const {byline} = window;
  if (!byline || byline.picks) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const {tr, trn} = window.bylineText;
  const shell = document.documentElement;
  const MAX_ASKED = 100;  // articles that the server lets a question be limited to

  // --- what is selected: kept over searching, sorting and turning pages ---

  const picked = new Map();  // article id -> title

  function pick(box) {
    const {article, title} = box.dataset;
    if (box.checked) picked.set(article, title);
    else picked.delete(article);
    sync();
  }

  function pickAll(box) {
    for (const one of document.querySelectorAll('#library .byline-pick')) {
      one.checked = box.checked;
      if (box.checked) picked.set(one.dataset.article, one.dataset.title);
      else picked.delete(one.dataset.article);
    }
    sync();
  }

  function sync() {
    const boxes = [...document.querySelectorAll('#library .byline-pick')];
    for (const box of boxes) {
      box.checked = picked.has(box.dataset.article);
      box.closest('tr').classList.toggle('is-picked', box.checked);
    }
    const n_shown = boxes.filter((box) => box.checked).length;
    const every = $('#library .byline-pick-all');
    if (every) {
      every.checked = boxes.length > 0 && n_shown === boxes.length;
      every.indeterminate = n_shown > 0 && n_shown < boxes.length;
    }
    const bar = $('#library .byline-selected');
    if (!bar) return;
    bar.hidden = !picked.size;
    const away = picked.size - n_shown;
    const isMany = picked.size > MAX_ASKED;
    const shown = [trn('{n} selected', '{n} selected', picked.size)];
    if (away) shown.push(trn('{n} not shown', '{n} not shown', away));
    const most = isMany ? [tr('at most {most} can be asked', {most: MAX_ASKED})] : [];
    const told = [shown.join(', '), ...most].join('; ');
    $('[data-bulk=ask]', bar).disabled = isMany;
    if ($('output', bar).textContent !== told) $('output', bar).textContent = told;
    if (bar.hidden) $('.byline-why', bar)?.setAttribute('hidden', '');
  }

  function drop() {
    picked.clear();
    sync();
  }

  const bulk = {
    ask: () => {
      byline.limitTo?.([...picked].map(([article_id, title]) => ({article_id, title})));
      drop();
    },
    remove: () => {
      byline.act({verb: 'remove', articles: [...picked.keys()]});
      drop();
    },
    withdraw: () => {
      const why = $('#library .byline-why');
      why.hidden = !why.hidden;
      if (!why.hidden) $('input', why).focus();
    },
    none: () => {
      drop();
      $('#library .byline-pick-all')?.focus();
    },
  };

  function withdrawPicked(form) {
    byline.act({verb: 'withdraw', articles: [...picked.keys()], reason: form.elements.reason.value});
    form.reset();
    drop();
  }

  // --- what is dropped anywhere on the page is added ---

  let n_over = 0;  // elements that the pointer with the files is over: leaving one enters another

  const mayEdit = () => shell.dataset.mayEdit !== 'no';
  const isFiles = (event) => mayEdit() && [...event.dataTransfer?.types || []].includes('Files');

  function over(isOver) {
    n_over = isOver ? n_over : 0;
    document.body.dataset.drop = tr('Drop to add to the library');  // shown by the style
    document.body.classList.toggle('byline-dropping', isOver);
  }

  async function dropped(files) {
    byline.tab('Library');
    for (let n = 0; n < 100 && !$('#upload input[type=file]'); n += 1) {
      await new Promise((done) => { setTimeout(done, 50); });
    }
    const input = $('#upload input[type=file]');
    if (!input || !files.length) return;
    const carrier = new DataTransfer();
    for (const file of files) carrier.items.add(file);
    input.files = carrier.files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
  }

  document.addEventListener('dragenter', (event) => {
    if (!isFiles(event)) return;
    n_over += 1;
    over(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (!isFiles(event)) return;
    n_over -= 1;
    if (n_over <= 0) over(false);
  });
  document.addEventListener('dragover', (event) => { if (isFiles(event)) event.preventDefault(); });
  // Before Gradio's own zone sees it, which would take the files a second time.
  document.addEventListener('drop', (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    over(false);
    dropped([...event.dataTransfer.files]);
  }, true);

  const clicks = {
    '.byline-bulk': (button) => bulk[button.dataset.bulk](),
    '.byline-pick': pick,
    '.byline-pick-all': pickAll,
  };
  document.addEventListener('click', (event) => {
    for (const [selector, deed] of Object.entries(clicks)) {
      const found = event.target.closest?.(selector);
      if (found) return deed(found);
    }
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('.byline-why')) return;
    event.preventDefault();
    withdrawPicked(event.target);
  });

  byline.picks = {sync, leave: (article) => { picked.delete(article); sync(); }};
}
