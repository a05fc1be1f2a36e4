"""Ground tool: the name of who says something, cut out of the words before "said", or nothing.

A speaker is a person, an organisation or a document. What was read between may be more than that
("the mayor in a statement", "economists still") or none ("cases reported in the UK"): the first is
cut down, the second dropped. Empty is better than wrong.
"""

import re

_DAY = r"(?:(?:on|late|early|late\son|early\son)\s)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MEANS = (
    r"statement|interview|e-?mail|post|tweet|video|speech|conference|release|letter|memo|briefing"
    r"|filing|message|call|essay|address|note|court|hearing|event|rally|meeting|podcast|blog|affidavit"
)
# Where and when it was said, beside the name; "the Sunday Times" keeps its day.
_BESIDE = re.compile(
    rf"\s(?:(?:in|at|during|on|via|through)\s(?:an?|his|her|its|their|the|one)\s(?:[\w-]+\s){{0,3}}?"
    rf"(?:{_MEANS})s?|(?<!\ba\s)(?<!\ban\s)(?<!\bthe\s)(?<!\bThe\s)(?<!s\s){_DAY}(?!['\u2019])|yesterday|today"
    r"|(?:last|this|earlier\sthis|late\slast)\s(?:week|month|year|night|morning|afternoon|evening|spring"
    r"|summer|fall|autumn|winter))\b.*$"
)
# The same in more words, which only a name behind the verb can have: "said Lee after the vote".
_BEHIND = re.compile(
    r"(?:\s(?:during|after|while|when|before|who\s\w|to\sreporters|with\san?|in\sresponse)\b|:\s).*$"
)
_FIRST = re.compile(
    r"(?:(?:Last|This|Earlier\sthis|Late\slast)\s(?:week|month|year|night|morning|\w+day)|Meanwhile|Earlier)"
    r"\s(?=(?:the\s)?[A-Z])"
)
_ADVERB = re.compile(
    r"\s(?:still|also|first|now|always|never|only|later|even|then|just|already|once|often|again|further|both"
    r"|all|long|earlier|previously|published|released|issued|posted|(?!(?:family|ally|assembly|supply"
    r"|tally|rally|reply|bully|monthly|weekly|daily|quarterly|elderly|friendly)\b)[a-z]{3,}ly)$"
)
_TIME = re.compile(
    r"(?:early|late|earlier|last|next|this|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:\w+\s)?(?:minute|hour|day|week"
    r"|month|year|decade)s?)",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:(?i:an?|the|of|for|in|at|on|to|by|from|with|and|or|but|as|his|her|its|their|my|our|that|than"
    r"|who|which)|[a-z]{4,}ern)$",
)
_STARTS = re.compile(
    r"(?:right|here|though|although|whereas|while|as|if|because|when|plus|until|unless|like|unlike|per|since"
    r"|across|around|called|citing|counts|that|than|how|what|why|where)\b",
    re.IGNORECASE,
)
# A verb, or who it is with its verb: then the words before "said" are a clause, no name.
_CLAUSE = re.compile(
    r"\b(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hat|[Tt]here|who|Who|[Ww]hat|[Tt]hey|[Ww]e|[Yy]ou|I)['\u2019](?:s|re|ve|ll|d|m)\b|n['\u2019]t\b"
    r"|\u201c[^\u201d]*$|^[^\"]*\"[^\"]*$|(?<![\w-])(?:rose|fell|grew|became|came|went|took|gave|wrote|chose|drove|flew|got"
    r"|knew|ran|saw|stole|threw|wore|tells|wants|includes?|remains|issued|gives|goes|comes|sees|will|might"
    r"|must|criticized|accounts\sfor)\b",
)
# "26 states have", "the case reported in Wales": the word is no verb of saying there.
_NOUN = re.compile(r"states|reports|claims|notes|estimates|forecasts?|rules|fears|suspects")
_AFTER_NOUN = re.compile(
    r"\s(?:do|have|has|are|were|will|in|of|with|across|where|for|to|on|from)\b"
)
_NUMBERED = re.compile(
    r"(?:\d|\b(?:US|half|(?i:an?|the|some|most|many|several|other|all|these|those|more|key)|two|three|four|five|six|seven|eight|nine|ten))$"
)
_PARTICIPLE = re.compile(r"reported|expected|suspected|estimated|feared|forecast")
_AFTER_PARTICIPLE = re.compile(
    rf"\s(?!{_DAY})(?:in|at|on|across|among|since|by|from|during|worldwide|so|nationwide)\b"
)
_ADDED = re.compile(r"adds|added")
_AFTER_ADDED = re.compile(
    r"\s(?:an?|some|to|up|more|new|its|his|her|another|several|two|three|four|five|\d+)\b"
)
_TO_WHOM = frozenset({"told", "tells"})
_WHAT = re.compile(r"(?:his|her|its|their|an?)\s")  # "announced his retirement"
_EDGES = " .,:\u201c\u201d'"
_NAMED = re.compile(r"(?<=\s)[A-Z]|^[A-Z]{2}")
_CAN_TELL = re.compile(
    r"\b(?:\w*people|\w+(?:ers|ors|ists|ials|ents|men|ies|nesses)|police|staff|he|she|they|i|we|sources?"
    r"|media|company|agency|team|court|government|family)\b",
    re.IGNORECASE,
)


def speaker(who: str, verb: str, after: str | None) -> str:
    """The speaker in the words beside ``verb``, the word of saying; "" if they hold none.

    ``after`` is what follows the verb; None where the speaker does.
    """
    if after is None and verb.lower() in _TO_WHOM:
        return ""  # "told reporters"
    if (
        after is None
        and verb.lower() in ("announced", "revealed", "confirmed")
        and _WHAT.match(who)
    ):
        return ""
    name = _BESIDE.sub("", _FIRST.sub("", who.strip(_EDGES)))
    if after is None and (cut := _BEHIND.sub("", name)) != name:
        name = cut if _NAMED.search(cut) or cut[:1].isupper() or _CAN_TELL.search(cut) else ""
    while (shorter := _ADVERB.sub("", name)) != name:
        name = shorter
    name = name.strip(_EDGES)
    no_name = not name or _TIME.fullmatch(name) or _STARTS.match(name) or _ENDS.search(name)
    if no_name or _CLAUSE.search(name) or (after and _is_no_saying(name, verb.lower(), after)):
        return ""
    return name


def _is_no_saying(name: str, verb: str, after: str) -> bool:
    if _NOUN.fullmatch(verb) and (_AFTER_NOUN.match(after) or _NUMBERED.search(name)):
        return True
    if _ADDED.fullmatch(verb) and _AFTER_ADDED.match(after):
        return True
    passive = _PARTICIPLE.fullmatch(verb) and _AFTER_PARTICIPLE.match(after)
    one_name = name[0].isupper() and " " not in name and not name.endswith("s")
    return bool(passive) and not one_name and not _NAMED.search(name) and not _CAN_TELL.search(name)
