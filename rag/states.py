"""Ground tool: on which side of a yes-or-no matter a sentence stands: open or closed.

Each matter has words for yes and words for no; "not" turns them round, "may" and "is to decide"
leave them open. Lists of everyday news English, so a miss says nothing. Pure functions, linear
in the text.
"""

import re
from dataclasses import dataclass
from typing import Literal

Side = Literal["yes", "no", "open"]

# Yes words : no words; a line that is not indented begins a matter. A word may stand in several.
_MATTERS = r"""
approv\w+|pass(?:ed|es)|pass(?=\s(?:the|an?|its?)\s)|adopt\w*|ratif\w+|back(?:ed|s)|green.?light\w*|go-?ahead|
  clear(?:ed|s)?|authori[sz]\w+|allow\w*|permit\w*|grant\w*|endors\w+|wav\w+\sthrough|
  sign\w*\soff
  : reject\w*|block\w*|veto\w*|turn\w*\sdown|den(?:y|ied|ies)|refus\w+|ban(?:s|ned)?|
    vot\w+\sdown|thr[eo]w\w*\sout|str[iu]\w+k\w*\sdown|prohibit\w*|stop\w*|fail(?:ed|s)?|
    dismiss\w*|forb\w+
accept\w*|agree[sd]?|said\syes|back(?:ed|s)
  : reject\w*|turn\w*\sdown|refus\w+|vot\w+\s(?:down|against)|rebuff\w*|spurn\w*|said\sno|
    no\sdeal
agree[sd]?|agreement|deal|accord|struck|sealed
  : broke\w*\s(?:down|off|up)|break\s(?:down|off)|fail(?:ed|s)?|collaps\w+|
    no\s(?:deal|agreement|accord)|without\s(?:a|an|any)\s(?:deal|agreement|accord|result)|
    deadlock\w*|empty-handed
re-?open\w*|open(?:s|ed)?|in\suse
  : clos\w+|shut\w*|sealed
alive|surviv\w+|unharmed|safe\sand\swell
  : dead|died|dies|death|body|bodies|killed|perished|remains\sof
guilty|convict\w+
  : acquit\w+|not\sguilty|cleared|walk\w*\sfree|innocent|free\s(?:man|woman)|exonerat\w+
resign\w*|quit\w*|step\w*\s(?:down|aside)|stand\w*\sdown|stood\sdown
  : stay\w*\s(?:on|in)|remain\w*\sin\soffice|cling\w*|clung|carr\w+\son|serve\sout
cancel\w*|scrap\w*|call\w*\soff|abandon\w*|axed?|scrubbed|drop(?:s|ped)
  : go(?:es)?\sahead|went\sahead|lift\w*\soff|took\splace|take\splace|go(?:es)?\son|went\son|
    as\splanned|in\sorbit|reach\w*|is\son|still\son|launched|held
free(?:d|s)?|releas\w+|liberat\w+|let\sgo|at\sliberty
  : held|holding|hold|captive\w*|detain\w*|in\s(?:jail|prison|custody)|behind\sbars|jailed
rais\w+|increas\w+|hik\w+|rose|put\w*\sup|lift\w*
  : cut\w*|lower\w*|reduc\w+|unchanged|held|holds|steady|kept|keeps|left|on\shold
cut\w*|lower\w*|reduc\w+|slash\w*|trim\w*
  : rais\w+|increas\w+|hik\w+|unchanged|held|holds|steady|kept|keeps|on\shold
complet\w+|finish\w+|built|done|ready
  : unfinish\w+|incomplete|half|stopp\w+|halted|stalled|missing|abandon\w*|behind\sschedule
uphe\w+|uphold\w*|confirm\w+|affirm\w+
  : overturn\w*|reject\w*|dismiss\w*|quash\w*|struck\sdown|thrown\sout|revers\w+
reject\w*|dismiss\w*|thr[eo]w\w*\sout
  : uphe\w+|uphold\w*|accept\w*|admitted|allow\w*|open\w*\san?\sinquiry
block\w*|ban(?:s|ned)?|stop\w*|forb\w+|halt\w*
  : clear\w*|allow\w*|approv\w+|permit\w*|go(?:es)?\sahead|wav\w+\sthrough|lift\w*
den(?:y|ied|ies)|disput\w+
  : admit\w*|confess\w*|acknowledg\w+|conced\w+|confirm\w+|own\w*\sup
sold|sell\w*|sale
  : keep\w*|kept|retain\w*|not\sfor\ssale|holds?\son\sto
lift\w*|eas\w+|end(?:s|ed)?
  : extend\w*|remain\w*|stay\w*\sin|in\sforce|in\splace|kept|prolong\w*
extend\w*|prolong\w*|renew\w*
  : expire\w*|end(?:s|ed)?|lapse\w*|ran\sout
start\w*|beg[aiu]n\w*|resum\w+|launch\w*|under\s?way
  : halt\w*|delay\w*|postpon\w+|suspend\w*|put\soff|push\w*\sback|on\shold
w[io]ns?|beat|beats|defeat(?:s|ed)|victor\w+|triumph\w*
  : los[et]\w*|beaten|defeated\sby|crash\w*\sout
true|confirm\w+|genuine|real
  : false|hoax|untrue|fake\w*|debunk\w*
safe|harmless
  : unsafe|dangerous|harmful|risk\w*|toxic
legal|lawful|constitutional
  : illegal|unlawful|unconstitutional|against\sthe\slaw
support\w*|back(?:s|ed)?|favou?r\w*
  : oppos\w+|against|reject\w*|object\w*
join\w*|enter\w*|sign\w*\sup
  : leav\w+|left|quit\w*|withdr\w+|pull\w*\sout|stay\w*\sout
arriv\w+|land(?:s|ed)|reach\w*
  : turned\sback|never\sarrived|diverted|missing
arrest\w*|caught|in\scustody|detain\w*
  : at\slarge|on\sthe\srun|fugitive|escap\w+|fled
recall\w*
  : no\srecall|keep\w*\sselling|on\ssale
clos\w+|shut\w*
  : stay\w*\sopen|remain\w*\sopen|open|sav(?:ed|es)|reprieve\w*|re-?open\w*
contain\w*|under\scontrol|extinguish\w*|put\sout
  : out\sof\scontrol|spread\w*|still\sburning|rag(?:es|ing)
recover\w*|stable|improv\w+
  : critical|worse\w*|deteriorat\w+
"""


def _read_matters() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    found = []
    for line in re.sub(r"\n\s+", "", _MATTERS.strip()).splitlines():
        yes, no = (
            re.compile(rf"\b(?:{words.strip()})\b", re.IGNORECASE) for words in line.split(": ")
        )
        found.append((yes, no))
    return tuple(found)


_READ = _read_matters()
_NOT = re.compile(
    r"(?:\b(?:not|never|no|without|cannot|neither|nor|deny|denied|denies|refus\w+\sto|declin\w+\sto|"
    r"fail\w*\sto|yet\sto|unable\sto)|n['\u2019]t)\s(?:[\w-]+\s){0,3}$",
    re.IGNORECASE,
)
_NOT_ONLY = re.compile(r"\bnot\s(?:only|just)\b", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:may|might|could|would|should|whether|if|consider\w*|review\w*|weigh\w*|decid(?:e|es|ing)|"
    r"seek\w*|plan\w*|want\w*|hop(?:es|ed|ing)|ask\w*|urg\w+|call\w*\s(?:on|for)|propos\w+|"
    r"recommend\w*|expect\w*|await\w*|before|until|unless|due\sto|set\sto|likely\sto)\b(?:\s[\w'\u2019-]+){0,5}\s?$",
    re.IGNORECASE,
)
_WILL = re.compile(
    r"\b(?:will|shall|is\sto|are\sto|going\sto)\b(?:\s[\w-]+){0,3}\s?$", re.IGNORECASE
)
_PENDING = re.compile(
    r"\b(?:postpon\w+|put\soff|undecided|pending|no\sdecision|still\s(?:review\w*|consider\w*|weigh\w*)|"
    r"(?:is|are|was|were)\s(?:reviewing|considering|weighing|deciding|examining)|not\syet|has\syet\sto|"
    r"decision\sis\s(?:expected|due))\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had)\s(?:\w+ly\s|now\s|not\s|all\s)?$", re.IGNORECASE
)
_MAX_BACK = 60  # characters before a word that may turn it round


@dataclass(frozen=True, slots=True)
class Stand:
    """The side of a sentence on a matter, by the words at ``[start, end)``."""

    side: Side
    start: int
    end: int


def matters_of(question: str) -> tuple[tuple[int, bool], ...]:
    """The matters that a question is about, and whether it asks for their yes words."""
    found = []
    for i, (yes, no) in enumerate(_READ):
        if yes.search(question):
            found.append((i, True))
        elif no.search(question):
            found.append((i, False))
    return tuple(found)


def words_of(question: str, matter: int) -> tuple[str, ...]:
    """The words by which a question names a matter."""
    return tuple(m.group() for words in _READ[matter] for m in words.finditer(question))


def stand(text: str, matter: int, *, ahead: bool) -> Stand | None:
    """Where a sentence stands on a matter; None if it does not touch it or says both.

    ``ahead``: the question is about what will be, so "will" is as good as done.
    """
    yes, no = _READ[matter]
    found = [_read(text, m, side="no", ahead=ahead) for m in no.finditer(text)]
    taken = [(s.start, s.end) for s in found]
    found += [
        _read(text, m, side="yes", ahead=ahead)
        for m in yes.finditer(text)
        if not any(a <= m.start() < b for a, b in taken)
    ]
    pending = _PENDING.search(text)
    if pending and all(s.side != "no" for s in found):
        return Stand("open", pending.start(), pending.end())
    if len({s.side for s in found} - {"open"}) > 1:  # "the hostages held there were freed"
        found = [s for s in found if _FINITE.search(text[max(0, s.start - 14) : s.start])]
    decided = {s.side for s in found} - {"open"}
    if not found or len(decided) > 1:
        return None
    side = decided.pop() if decided else "open"
    return next(s for s in found if s.side == side)


def _read(text: str, match: re.Match[str], *, side: Side, ahead: bool) -> Stand:
    before = text[max(0, match.start() - _MAX_BACK) : match.start()]
    if _NOT.search(before) and not _NOT_ONLY.search(before):
        side = "no" if side == "yes" else "yes"
    elif _OPEN.search(before) or (not ahead and _WILL.search(before)):
        side = "open"
    return Stand(side, match.start(), match.end())
