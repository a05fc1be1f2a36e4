"""Which lines of a news page are not part of the article: share bars, links, plugs, footers.

A line counts only as a whole, and only when short: a sentence of the article is never cut, and
in doubt a line stays. Looked up on two years of CNN, USA TODAY and The Week, and on aggregators.
"""

import re
from itertools import takewhile

MAX_LINE = 260  # a longer line is text
_MAX_PLAYER = 450  # a player's line holds its headline twice
_I = re.IGNORECASE
_LETTER = re.compile(r"[^\W_]")

# Alone on a line, these are buttons and labels of the page.
_BUTTONS = re.compile(
    r"""share(?:\s(?:this|now|full))?(?:\s(?:article|story|post|page|via|on)(?:\s\w+){0,2})?
    |(?:based\son\s)?\d{1,3}\ssources?(?:\sfrom\s\d{1,3}\s\w{4,12}|\s[·•|]\s.{0,30})?|\d[\d,.]{0,6}k?\s(?:shares|comments|likes|views)
    |copy\slink|link\scopied!?|copied!?|copy\surl|tweet|retweet
    |(?:print|email|save|bookmark)\s(?:this\s)?(?:article|story|page)|save\sfor\slater
    |listen\sto\s(?:this\s)?(?:article|story)|(?:read|see|show|load|view)\s(?:more|less|all|full\sstory)
    |continue\sreading|keep\sreading|advertise?ment|advertising|sponsored(?:\scontent)?|promoted
    |skip\s(?:to\s(?:main\s)?content|ad(?:vertisement)?)|(?:story|article)\scontinues(?:\sbelow)?
    (?:\s(?:this\s)?ad(?:vertisement)?)?\.?|scroll\sto\scontinue|(?:back|return)\sto\stop
    |jump\sto\s(?:comments|content)|(?:toggle|hide|show)\scaption(?:\s\d{1,3}\sof\s\d{1,3})?|(?:(?:photo|image|slide|picture)\s)?\d{1,3}\sof\s\d{1,3}|enlarge\sthis\simage
    |(?:leave|post|add)\sa\scomment|comments?\s\(\d+\)|view\scomments|join\sthe\sconversation
    |\d{1,3}[\s-]min(?:ute)?s?(?:[\s-]read)?|add\s.{2,40}\son\sgoogle|get\sthe\sapp
    |related(?:\s(?:articles|stories|topics|content|coverage|links|reading))?:?
    |(?:read|see|watch|more)\s?(?:more|next|also|on\sthis)?:|up\snext:?
    |(?:\[\s?[^\[\]]{2,30}\s?\]\s?){2,8}|anzeige|werbung|publicidad|publicidade|publicité|pubblicità
    |teilen|compartir|compartilhar|partager|condividi|printed\sfrom\s\S{4,60}
    |unable\sto\sview\sour\sgraphics\?.*|(?:image|photo)\s(?:source|caption|credit)(?:[,:].{0,60})?""",
    _I | re.VERBOSE,
)
# Clutter only beside one another: "Facebook" alone may be a heading.
_NETWORKS = re.compile(
    r"""facebook|twitter|x|x\s\(twitter\)|linked-?in|whats-?app|reddit|e-?mail|print|save|comments?
    |pinterest|flipboard|telegram|bluesky|threads|instagram|youtube|tiktok|messenger|link|close
    |menu|pocket|tumblr|mastodon|rss|search|subscribe|sign\sin|log\sin|listen|bookmark|more|copy""",
    _I | re.VERBOSE,
)
# "Read more: another headline" and what asks the reader to do something.
_PLUGS = re.compile(
    r"""(?:►|▶|\W{0,3})(?:(?:(?:read|see|learn|hear|watch|find\sout)\s(?:also|more|next)|also\sread
    |more|related(?:\s\w{3,12})?|up\snext|(?:you\s(?:may|might)\s(?:also\s)?like)|don['’]t\smiss
    |recommended|must[\s-]read|for\smore|more\s(?:on|from|in)\s.{2,40}|read\sthe\sfull\sstory(?:\shere)?
    |for\ssubscribers|just\sfor\ssubscribers|required\sreading|fact[\s-]check\sroundup)\s?:\s?\S.*
    |(?:READ|WATCH|LISTEN|PHOTOS|VIDEO|LIVE\sUPDATES|GALLERY|OPINION|PODCAST)S?:\s?\S.*
    |(?:sign[\s-]up|subscribe)\b.*\b(?:newsletter|inbox|alerts?|digest|briefing|podcast)s?\b.*
    |(?:get|want|join|receive|stay|try|enjoying)\b.*\b(?:newsletter|inbox|whatsapp\schannel
    |text\s(?:messages?|alerts?))\b.*
    |(?:[^.!?]{0,80}[:?!]\s?)?(?:sign[\s-]up|subscribe|click|tap)\s(?:(?:here|now|today)\b
    |(?:for|to)\s.{2,60}\snewsletters?\b).*
    |[^.]{1,120}\.?\s[^.]{0,40}\bcan\sbe\sreached\s.{0,60}@.*
    |read\sprevious\snewsletters\shere\.?|read\smore\s(?:about|at|from|in|of|on|here)\b.{0,80}
    |this\sis\san\sedition\sof\s.{3,140}\snewsletter\.(?:\sread\sprevious\snewsletters\shere\.)?
    |\(?you\scan\s(?:also\s)?(?:get|subscribe\sto)\s.*(?:inbox|newsletter).*
    |the\s.{2,40}\snewsletter\sprovides\s.*|would\syou\slike\sto\sreceive\s.*newsletter\s?\?
    |(?:(?:follow|reach)\s\S.{0,80}|(?:like|join|find)\s(?:us|him|her|them|me))\son\s(?:twitter|x\b|facebook|instagram
    |threads|bluesky|linkedin|google\snews|whatsapp|youtube|tiktok|telegram).{0,120}
    |follow\s@?\w{2,30}
    |(?:\S.{1,120}[.:]\s)?(?:you\scan\s)?(?:contact|reach|e-?mail|follow)\b.{0,80}\s\S{1,64}@\S{2,64}.*
    |(?:veja\stambém|leia\s(?:também|mais)|lesen\ssie\sauch|mehr\szum\sthema|(?:à\s)?lire\saussi
    |lea\stambién|te\spuede\sinteresar|leggi\sanche|lees\sook|läs\sockså)\s?:\s?\S.*
    |you(?:['’]ve|\shave)\s(?:reached|read|used|hit)\s.{0,40}\b(?:free\s(?:articles?|stories)|limit)\b.*
    |you\s(?:get|got|are\sreceiving|received)\sthis\s(?:letter|e-?mail|newsletter)\b.*|unsubscribe\b.*
    |already\sa\s(?:subscriber|member)\?.*|to\s(?:keep|continue)\sreading,\s.*
    |subscribe\s(?:now\s|today\s)?to\s(?:keep|continue)\sreading.*|(?:keep|continue)\sreading\sfor\s.*
    |this\s(?:article|story|content|page)\sis\s(?:only\s)?(?:for|available\sto|reserved\sfor)\ssubscribers.*
    |[\w.+-]{1,64}@[\w.-]{3,64}
    |(?:need|looking\sfor|want|ready\sfor)\san?\s.{0,40}(?:break|puzzle|crossword)\??.*
    |support\s(?:local|independent|quality)\sjournalism\b.*|prefer\sto\slisten\?.*
    |(?:got|have)\sa\s(?:news\s)?tip\b.*@.*|if\syou\swish\sto\sobject\sto\sthe\suse\sof\syour\sdata.*)""",
    _I | re.VERBOSE,
)
_CREDITS = re.compile(
    r"""(?:photo(?:graph)?|image|picture|illustration|video|graphic)s?(?:\s(?:credit|courtesy)s?
    (?:\sof)?|\sby|\sillustration\sby)?\s?:\s?[^.!?]{2,90}
    |(?:photo|image|illustration)\s(?:by|via|courtesy(?:\sof)?)\s[^.!?]{2,80}
    |[^.!?:]{2,60}\s?/\s?(?:getty(?:\simages)?|afp|ap|ap\sphoto|reuters|shutterstock|bloomberg)
    (?:[\s/][^.!?]{2,40})?
    |(?:getty\simages|shutterstock|ap\sphoto|afp\svia\sgetty\simages|istock)(?:[\s/][^.!?]{2,40})?
    |contribut(?:ing|ors?)(?:\s(?:reporting|writers?))?:\s?.*""",
    _I | re.VERBOSE,
)
# A dateline or agency mark left without its sentence: "New York CNN Business —", "AP".
_MARKS = re.compile(
    r"(?:[A-Z][\w.,'’\- ]{1,50} )?(?:CNN(?: (?:Business|Style|Sports?|Travel|Opinion|Politics))?"
    r"|AP|Associated Press|The Associated Press|Reuters|REUTERS|AFP|USA ?TODAY(?: Sports)?"
    r"|\((?:CNN|AP|AFP|Reuters)\))\s?[—–-]{0,2}"
)
# "Hot spot:Another headline": a link whose label lost the space behind its colon.
_GLUED = re.compile(r"[^:.!?]{2,70}[!?]?:(?=[A-Z“\"'‘])[^\s:]\S*(?:\s\S+){3,40}")
_GLUED_FACT = re.compile(
    r"(?:what|where|when|who|why|how|cost|location|note|date|time|address|q|a|born|age|claim|status"
    r"|rating|he added|she added)\b.{0,20}:", _I)  # fmt: skip
_SOURCE = re.compile(r"(?:source|credit|image|photo|via)s?\s?:\s?[^.!?]{2,60}", _I)
_RIGHTS = re.compile(
    r"(?:©|\(c\)|copyright\s?(?:©|\(c\)|(?:19|20)\d\d)).{0,200}"
    r"|.{0,160}\ball rights reserved\b.{0,90}"
    r"|this material may not be published, broadcast.*", _I)  # fmt: skip
_FOOTER = re.compile(
    r"""\w[\w\s.&-]{0,30}\s(?:logo|icon)|privacy(?:\s(?:policy|notice|settings))?|cookie\s\w{3,12}
    |terms(?:\s(?:and\sconditions|of\s(?:use|service|sale)))?|about\sus|contact\sus|contact|about
    |advertise(?:\swith\sus)?|careers|help|accessibility|site\s?map|newsletters?|your\sprivacy\s.{0,30}
    |do\snot\ssell\s.{0,60}|(?:www\.)?[a-z0-9-]{2,40}(?:\.[a-z]{2,10}){1,2}|follow\sus|download\s.{0,20}app
    |(?:most|top)\s(?:read|popular|viewed|stories)|more\s(?:from|on)\s[^.!?]{2,40}""",
    _I | re.VERBOSE,
)
# What a video player leaves: its headline, often twice, between its buttons, and the running time.
_PLAYER = re.compile(
    r"(?:JUST WATCHED|NOW PLAYING)\b.*\b(?:MUST WATCH|Replay More Videos)\b.*|Video Ad Feedback\b.*"
    r"|(?:.{1,180} )?\d{1,2}:\d\d [-\u2013\u2022] Source: .{1,220}"
)
# "Hide Caption 7 of 18 Photos: TITLE": the counter of a gallery, between two captions.
_COUNTER = re.compile(
    r"\bHide Caption(?:\s\d{1,3} (?:of|/) (?P<of>\d{1,3}))?\b(?P<head>\s{1,3}(?:Photos?: ){1,2})?"
)
_MAX_TITLE = 120
_MIN_CAPTIONS = 4  # fewer may begin alike by chance
_PLUG_KEYS = (
    ":", "@", "/", "newsletter", "inbox", "sign up", "sign-up", "subscribe", "click", "follow",
    "getty", "break", "puzzle", "crossword", "journalism", "listen", "us on", "text", "data",
    "photo", "image", "read", "your limit", "free articles", "free stories",
    "shutterstock", "istock", "whatsapp", "tap ",
)  # fmt: skip
_FOOTER_HEAD = re.compile(
    r"""today['’]s\stop\s(?:stories|news)|top\s(?:stories|news)|most\s(?:read|popular|viewed|shared)
    |trending(?:\snow|\sstories)?|related\s?(?:articles|stories|news|content|topics|posts|coverage)?:?
    |recommended(?:\sfor\syou)?|you\s(?:may|might)\salso\slike:?|more\s(?:stories|news|from\s.{2,40})
    |editor['’]?s['’]?\s(?:picks?|choice)|latest(?:\s(?:news|stories))?|what\sto\sread\snext|read\snext
    |stay\s(?:informed|connected|up\sto\sdate).{0,40}|more\sto\s(?:read|explore)|popular(?:\snow)?
    |(?:sources|references|further\sreading|people\salso\sask|related\squestions|ask\s(?:a\sfollow-?up|anything.{0,30})
    |dive\sdeeper|explore\s(?:more|related).{0,20}|key\squestions|coverage|read\sthe\soriginals?)
    |sign\sup\sfor\s.{2,80}|subscribe\sto\s.{2,60}|about\s(?:us|the\s(?:author|writer)s?)""",
    _I | re.VERBOSE,
)


def is_clutter(line: str) -> bool:
    """True if the line, wherever it stands, is not part of the article."""
    if len(line) <= _MAX_PLAYER and _PLAYER.fullmatch(line):
        return True
    if len(line) > MAX_LINE:
        return False
    if len(line) <= 100 and (_BUTTONS.fullmatch(line) or _MARKS.fullmatch(line)):
        return True
    small = line.lower()
    # The plain search first: most lines are sentences, and the patterns are slow to say no.
    if any(key in small for key in _PLUG_KEYS) and (
        _PLUGS.fullmatch(line) or _CREDITS.fullmatch(line) or _is_glued_link(line)
    ):
        return True
    if line[0] in "©(cC" and len(line) < 160 and _RIGHTS.fullmatch(line):
        return True
    return _LETTER.search(line) is None


def counters(text: str) -> list[tuple[int, int]]:
    """Where the counters of picture galleries stand, [start, end), in order; no word of a caption.

    A counter repeats the title of its gallery: what the captions behind its counters begin with.
    """
    found = list(_COUNTER.finditer(text)) if "Hide Caption" in text else []
    titles = {
        of: _title(text, [m for m in found if m["of"] == of]) for of in {m["of"] for m in found}
    }
    spans = [
        (m.start(), m.end() + len(titles.get(m["of"], "") if m["head"] else "")) for m in found
    ]
    for title in filter(None, titles.values()):
        tops = re.finditer(rf"(?m)^(?:(?:Photos?: ){{1,2}}{re.escape(title)}){{1,2}}", text)
        spans += [m.span() for m in tops]
    spans.sort()
    return [one for i, one in enumerate(spans) if not i or spans[i - 1][1] <= one[0]]


def _title(text: str, counted: list[re.Match[str]]) -> str:
    """The whole words that begin every caption behind the counters; "" if these are too few."""
    heads = [text[m.end() : m.end() + _MAX_TITLE] for m in counted if m["head"]]
    if len(heads) < _MIN_CAPTIONS:
        return ""
    same = "".join(a for a, *_ in takewhile(lambda c: len(set(c)) == 1, zip(*heads, strict=False)))
    title = same[: same.rfind(" ") + 1] if "\n" not in same else ""
    n_small = sum(head[len(title) : len(title) + 1].islower() for head in heads)
    # "Oscars winners 2021 Best" actress, director, film: the last word is the captions' own.
    return title[: title[:-1].rfind(" ") + 1] if 2 * n_small > len(heads) else title


def _is_glued_link(line: str) -> bool:
    if line.endswith(".") or not _GLUED.fullmatch(line):
        return False
    return _GLUED_FACT.match(line) is None


def is_network(line: str) -> bool:
    """True for the name of a network or button, which is clutter beside another one."""
    return len(line) <= 12 and _NETWORKS.fullmatch(line) is not None


def is_caption(line: str) -> bool:
    """True for a "Source: X" line, which is a caption when it stands twice."""
    return len(line) <= 80 and _SOURCE.fullmatch(line) is not None


def is_footer(line: str) -> bool:
    """True if the line is clutter at the end of a page."""
    if len(line) > MAX_LINE:
        return False
    return any(p.fullmatch(line) for p in (_RIGHTS, _FOOTER, _NETWORKS))


def is_rights(line: str) -> bool:
    """True for a line that only stands at the foot of a page: a copyright or a logo."""
    return len(line) <= MAX_LINE and (
        _RIGHTS.fullmatch(line) is not None
        or re.fullmatch(r"\w[\w .&-]{0,30} logo", line) is not None
    )


def is_footer_head(line: str) -> bool:
    """True for a heading under which a page lists other things."""
    return len(line) <= 90 and _FOOTER_HEAD.fullmatch(line) is not None
