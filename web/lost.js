// Questions that do not reach the server: seen to fail, and not lost.
() => {
  const {byline} = window;
  if (!byline || byline.ended) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const {element, gentle, toast, unheard, write} = byline;
  const {tr} = window.bylineText;
  const KEPT = 'byline-lost';
  let isCut = false;  // Gradio asks nothing any more, and loads the page anew when it can

  // Gradio calls this when an event ends otherwise than it should: the reader stopped the answer,
  // which is kept by now, or the question was not taken.
  byline.ended = () => {
    if (!lost()) byline.listed();
  };

  byline.isCut = () => {
    if (isCut) toast(tr('The server still cannot be reached.'));
    return isCut;
  };

  // It stands as a turn of its own, below those before it, to be asked again.
  function lost() {
    const it = unheard();
    if (!it) return false;
    const turn = element('article', 'byline-turn', '', {'data-state': 'failed', 'data-replaces': it.replaces});
    const answer = element('div', 'byline-answer');
    const told = element('div', 'byline-error', '', {role: 'alert'});
    const reason = element('p');
    reason.append(element('strong', '', tr('The server could not be reached.')), ' ',
      tr('Your question is kept here: ask it again when the server is back.'));
    told.append(reason);
    const foot = element('footer', 'byline-foot');
    const tools = element('span', 'byline-tools');
    tools.append(element('button', 'byline-again', tr('Ask again'), {type: 'button'}),
      element('button', 'byline-edit', tr('Edit question'), {type: 'button'}));
    foot.append(tools);
    answer.append(told, foot);
    turn.append(element('h2', 'byline-question', it.question, {dir: 'auto'}), answer);
    $('#past').append(turn);
    turn.scrollIntoView({behavior: gentle(), block: 'center'});
    if (isCut) keep(it.question);
    return true;
  }

  function keep(question) {
    try { sessionStorage.setItem(KEPT, question); } catch { /* forbidden */ }
  }

  function recall() {
    let question = null;
    try {
      question = sessionStorage.getItem(KEPT);
      sessionStorage.removeItem(KEPT);
    } catch { /* forbidden */ }
    if (!question) return;
    write(question);
    toast(tr('Your question was not sent; it is in the box again.'));
  }

  // No event of Gradio tells that it was cut off: its own request is the sign.
  const fetched = window.fetch;
  window.fetch = async (...asked) => {
    try {
      return await fetched(...asked);
    } catch (error) {
      if (/\/queue\/join\b/.test(String(asked[0]?.url ?? asked[0]))) {
        isCut = true;
        lost();
      }
      throw error;
    }
  };

  recall();
}
