// The words of the interface for the scripts that follow: English, or as a translator has put them.
// `tr` and `trn` are those of rag/i18n.py; what they are given is text, never markup.
() => {
  if (window.bylineText) return;
  const {texts = {}, plural = (n) => Number(n !== 1), locale = ''} = window.bylineWords || {};

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => Object.hasOwn(values, name) ? values[name] : whole);
  }

  function tr(text, values) {
    const shown = texts[text] || text;
    return values ? fill(shown, values) : shown;
  }

  function trn(one, many, n, values = {}) {
    const forms = texts[one];
    const shown = Array.isArray(forms) ? forms[plural(n)] || many : n === 1 ? one : many;
    return fill(shown, {n: n.toLocaleString('en'), ...values});
  }

  const msgid = (text) => text;  // marks a text in a table for translators
  if (locale) document.documentElement.lang = locale.replace('_', '-');
  window.bylineText = {tr, trn, msgid};
}
