"""The page to log in, and its like: one form or a word, without a script and without Gradio."""

from pathlib import Path
from urllib.parse import quote, urlsplit

from rag.i18n import direction, language, tr
from rag.render_html import esc

HERE = Path(__file__).parent
MAX_NEXT = 2_000
_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">{more}
<title>{title}</title><style>{style}</style></head>
<body><main class="login">
<header><h1>Byline</h1><p>{motto}</p></header>
{content}
</main></body></html>
"""
_FORM = """<h2>{log_in}</h2>
{alert}<form method="post" action="/login">
<input type="hidden" name="next" value="{next}">
<label for="name">{name_label}</label>
<input id="name" name="name" value="{name}" autocomplete="username" autocapitalize="none"
  spellcheck="false" maxlength="100" required{focus_name}>
<label for="password">{password_label}</label>
<input id="password" name="password" type="password" autocomplete="current-password"
  maxlength="1000" required{focus_password}>
<button type="submit">{log_in}</button>
</form>
<p class="note">{no_account}</p>"""


def login_html(goal: str = "/", name: str = "", problem: str = "") -> str:
    """The form; ``goal`` is where to go on to, ``problem`` why it did not work before."""
    alert = f'<p class="alert" id="problem" role="alert">{esc(problem)}</p>\n' if problem else ""
    # The reader goes on where something is to be typed.
    focus, other = ("", " autofocus") if name else (" autofocus", "")
    form = _FORM.format(
        alert=alert,
        next=esc(goal),
        name=esc(name),
        focus_name=focus,
        focus_password=other,
        log_in=esc(tr("Log in")),
        name_label=esc(tr("Name")),
        password_label=esc(tr("Password")),
        no_account=esc(tr("No account yet? Whoever runs this server can make one.")),
    )
    return _page(form)


def onward_html(goal: str) -> str:
    """Goes on to ``goal`` by itself.

    A browser that follows a link of another site keeps the session's cookie back, and sends it
    when a page of ours goes on.
    """
    more = f'\n<meta http-equiv="refresh" content="0; url={esc(goal)}">'
    content = f'<p class="note"><a href="{esc(goal)}">{esc(tr("Go on"))}</a></p>'
    return _page(content, more)


def dead_end_html(what: str, hint: str) -> str:
    """A page for whoever followed a link that opens nothing."""
    content = f'<h2>{esc(what)}</h2>\n<p class="told">{esc(hint)}</p>'
    return _page(content, title=what)


def _page(content: str, more: str = "", title: str = "") -> str:
    return _PAGE.format(
        language=esc(language()),
        direction=direction(),
        title=esc(f"Byline: {title}" if title else tr("Byline: log in")),
        motto=esc(tr("Ask the news, see the proof")),
        style=_style(),
        more=more,
        content=content,
    )


def local_path(text: str) -> str:
    r"""The text if it is a path of this server and no other; else "/".

    Browsers read a backslash as a slash and leave out tabs and line breaks, so that "/\t/host"
    is an address elsewhere.
    """
    is_plain = text.startswith("/") and not any(c <= " " or c in "\\\x7f" for c in text)
    if not is_plain or text.startswith("//") or len(text) > MAX_NEXT:
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or parts.path.rstrip("/") in ("/login", "/logout"):
        return "/"
    return quote(text.encode("utf-8", "replace"), safe="/?&=%#+:;,@!$'()*~-._[]")


def _style() -> str:
    """Our own rules under the house's colours, dark where the reader's system is."""
    house = (HERE / "style.css").read_text("utf-8")
    light, dark = (_block(house, name) for name in (":root", ".dark"))
    own = (HERE / "login.css").read_text("utf-8")
    return f":root {{{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}\n{own}"


def _block(css: str, selector: str) -> str:
    """What stands between the first braces after a selector."""
    return css.partition(f"\n{selector} {{")[2].partition("}")[0]
