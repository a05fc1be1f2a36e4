// What is told for a moment at the foot of the page, and what is sent to the server.
() => {
  if (window.bylineToasts) return;
  const {tr} = window.bylineText;

  function element(tag, className, text = '', more = {}) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    for (const [name, value] of Object.entries(more)) made.setAttribute(name, value);
    return made;
  }

  function toast(text, action, deed) {
    document.getElementById('byline-toast')?.remove();
    const bar = element('div', 'byline-toast', '', {id: 'byline-toast', role: 'status'});
    bar.append(element('bdi', '', text));
    if (action) {
      const button = element('button', 'byline-toast-do', action, {type: 'button'});
      button.addEventListener('click', () => { bar.remove(); deed(); });
      bar.append(button);
    }
    document.body.append(bar);
    setTimeout(() => bar.remove(), action ? 12_000 : 5_000);
  }

  // What is only told belongs to the tab it was told in; what can be done yet stays.
  document.addEventListener('click', (event) => {
    const told = document.getElementById('byline-toast');
    if (event.target.closest?.('[role=tab]') && !told?.querySelector('button')) told?.remove();
  });

  // Errors of the server are small pieces of sentences: "no such thing is here", "make one".
  const sentence = (text) => {
    const [first] = text.split(' ', 1);
    const shown = /[./]\S/.test(first) ? text : text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?…]$/.test(shown) ? shown : `${shown}.`;
  };
  const told = ({message, hint}) => [message, hint].filter(Boolean).map(sentence).join(' ');

  // What the server says to it as JSON; what goes wrong is told here, then thrown.
  async function fetched(path, options) {
    const response = await fetch(path, options).catch((error) => {
      toast(tr('The server cannot be reached.'));
      throw error;
    });
    if (response.status === 401) {  // logged out meanwhile: to the login
      location.reload();
      return new Promise(() => {});
    }
    const given = await response.json().catch((error) => {
      toast(tr('The server cannot be reached.'));  // something else answers in its place
      throw error;
    });
    if (response.ok) return given;
    toast(told(given.error));
    throw Object.assign(new Error(given.error.message), {isRefused: true});
  }

  const post = (path, body) =>
    fetched(path, {method: 'POST', body: JSON.stringify(body), headers: {'content-type': 'application/json'}});

  window.bylineToasts = {element, fetched, post, told, toast};
}
