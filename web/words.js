// The words of the interface for the scripts that follow: English, or as a translator has put them.
// `tr` and `trn` are those of rag/i18n.py; what they are given is text, never markup.
() => {
  if (window.bylineText) return;
  const {texts = {}, plural = (n) => Number(n !== 1), locale = '', fromRight = false} = window.bylineWords || {};

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => Object.hasOwn(values, name) ? values[name] : whole);
  }

  const known = (text) => Object.hasOwn(texts, text) ? texts[text] : '';

  function tr(text, values) {
    const found = known(text);
    // What is counted elsewhere is kept with all its forms; gettext takes that for one.
    const shown = (Array.isArray(found) ? found[plural(1)] : found) || text;
    return values ? fill(shown, values) : shown;
  }

  function trn(one, many, n, values = {}) {
    const forms = known(one);
    const shown = Array.isArray(forms) ? forms[plural(n)] || many : n === 1 ? one : many;
    return fill(shown, {n: number(n), ...values});
  }

  // As the server writes them: always in these digits, their thousands parted as the language does.
  const number = (n) => n.toLocaleString(locale ? tag() : 'en', {numberingSystem: 'latn', useGrouping: 'always'});

  // For days and times that a script writes: a translation that names no language of its own
  // leaves them as they are in English here.
  function tag() {
    try {
      return Intl.getCanonicalLocales(locale.replaceAll('_', '-'))[0] || 'en-GB';
    } catch {
      return 'en-GB';
    }
  }

  const msgid = (text) => text;  // marks a text in a table for translators
  if (locale) document.documentElement.lang = tag();
  if (fromRight) document.documentElement.dir = 'rtl';
  window.bylineText = {tr, trn, msgid, locale: tag()};
}
