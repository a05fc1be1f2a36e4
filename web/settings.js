// The Settings tab's script: fetches the settings when the tab is opened, and sends what changed.
() => {
  const {byline} = window;
  if (!byline || byline.settings) return;
  byline.settings = () => {};
}
