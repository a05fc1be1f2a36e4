// In the head, before anything is painted: light or dark, and the size of the text, as they were
// chosen in this browser, which alone keeps such choices. Gradio puts a class of its own on the body
// when it starts and whenever the system turns dark; what was chosen here is put back at once.
(() => {
  const SIZES = {small: '93.75%', large: '112.5%', larger: '125%'};
  const system = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const chosen = {};  // where the browser keeps nothing: it lasts as long as the page

  function kept(name) {
    try { return localStorage.getItem(name); } catch { return chosen[name] ?? null; }
  }

  function isDark() {
    const theme = new URLSearchParams(location.search).get('__theme') || kept('byline-theme');
    return theme === 'dark' || (theme !== 'light' && system.matches);
  }

  function dress() {
    root.style.colorScheme = isDark() ? 'dark' : 'light';
    root.style.fontSize = SIZES[kept('byline-size')] || '';
    const {body} = document;
    if (body && body.classList.contains('dark') !== isDark()) {
      body.classList.toggle('dark', isDark());
    }
  }

  function watch() {
    dress();
    new MutationObserver(dress).observe(document.body, {attributeFilter: ['class']});
  }

  // "" forgets the choice.
  function choose(name, value) {
    try {
      if (value) localStorage.setItem(`byline-${name}`, value);
      else localStorage.removeItem(`byline-${name}`);
    } catch { chosen[`byline-${name}`] = value; }
    const url = new URL(location.href);
    if (name === 'theme' && url.searchParams.has('__theme')) {
      url.searchParams.delete('__theme');
      history.replaceState(history.state, '', url);
    }
    dress();
  }

  window.bylineLook = {choose, kept: (name) => kept(`byline-${name}`) || ''};
  system.addEventListener('change', dress);
  addEventListener('storage', dress);  // chosen in another tab
  if (document.body) watch();
  else {
    dress();
    new MutationObserver((_, observer) => {
      if (!document.body) return;
      observer.disconnect();
      watch();
    }).observe(root, {childList: true});
  }
})();
