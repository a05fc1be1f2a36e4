"""What a follow-up leans on, and how rules alone carry it along.

A question that cannot be understood by itself is worded anew where one reading is sure ("and in
Spain?", "when was that?", one thing that "it" can be); elsewhere it keeps its words, and what was
asked before follows in brackets, without its question word, so that the follow-up still is what
is asked. Pure functions; no list here is of any one archive.
"""

import re
from collections.abc import Sequence

from rag.facts import dates
from rag.text import STOP_WORDS, stem, tokens
from rag.whom import is_person, is_someone, whom

MAX_BACK = 4  # how many questions back the topic may lie
_MAX_CARRIED_CHARS = 300

_LEAD = r"(?:(?:and|but|so|ok|okay|then|also|or)\b[,\s]*)*"
_WHAT_ABOUT = re.compile(
    r"(?:(?:and|but|so|ok|okay)[,\s]+)?(?:(?:what|how) about|and|same for)\s+(.{2,80}?)[?.!\s]*",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:and|but|so|then|also|or|what else|who else|anything else|really|tell me more|more on)\b",
    re.IGNORECASE,
)
_ONE_OF = re.compile(
    r"\bthe (first|second|third|fourth|last|former|latter|other)(?: (?:one|of them|of these|two))?"
    r"(?=[?.!,]|$| (?:is|was|did|do|does|has|have|had|will|would|say|get|cost|open|order|want)\b)",
    re.IGNORECASE,
)
_ORDER = {"first": 0, "former": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "latter": -1}
_BARE = re.compile(
    rf"{_LEAD}(why|when|where|how)(?:(?: exactly)?\W*"
    r"|(?: exactly)? (?:was|is|did|were|does) (?:that|this|it)(?: (?:happen|happened|be|so))?\W*)",
    re.IGNORECASE,
)
_PLACED = re.compile(r"(in|at|on|during|since|before|after|from|for|by) (.+)", re.IGNORECASE)
_BEFORE_DATE = re.compile(r"\b(?:in|on|during|since|before|after|from|for|by) $", re.IGNORECASE)
_LAND = (
    r"(?:hills?|valley|region|city|town|island|sea|bay|district|province|county|state|area|"
    r"mountains?|river|lake|coast|desert|peninsula|strait)\b"
)
_AN_ADVERB = re.compile(r"^(?:why|when|where|how) (?=[a-z])", re.IGNORECASE)
_WHO_DID = re.compile(
    r"who ([a-z]+ed|shot|hit|won|sold|bought|found|held|led|sued|met|beat|built|cut|lost|paid|made"
    r"|sent|taught|fought|caught|brought) ([^?(]+)\?",
    re.IGNORECASE,
)
_PERSON = frozenset("he him his she her hers himself herself".split())
_SOMEONE = frozenset("anyone anybody someone somebody".split())
_THINGS = frozenset("it its".split())
_MANY = frozenset("they them their theirs".split())
PRONOUNS = _PERSON | _MANY | frozenset("it its these those this".split())
_POSSESSIVES = frozenset("its their his her".split())
_THIS_WEEK = re.compile(
    r"\b(?:this|these)(?= (?:past )?(?:week|month|year|season|summer|winter|spring|autumn|fall"
    r"|morning|evening|weekend|quarter|day)s?\b)",
    re.IGNORECASE,
)
# Content words in a question that no pronoun makes unclear. With these rules none of 701 news
# questions that were asked on their own is taken for a follow-up; without them 33 were.
_SAYS_ALL = 7
# "that" is mostly a conjunction; only here does it point back.
_THAT = re.compile(
    r"^that\b|\b(?:about|of|after|before|for|by|with|on|to|is|was|did|does|do|why|how) that\b"
    r"(?=[?.!]?$|[?.!,]|\s+(?:deal|happen\w*|mean\w*|one|day|time|year|case|decision|figure))"
    r"|\bthat[?.!]*$",
    re.IGNORECASE,
)
_OF_THAT = re.compile(r"\b(?:of|in|at|by|for|from) that [a-z]+[?.!]*$")
_AUXILIARIES = frozenset(
    "do does did is are was were will can could would should has have had may might must".split()
)
_ASKING = _AUXILIARIES | frozenset(
    """
    who what when where why which how whose whom many much long often far old new happen happened
    happens mean tell say says said give show explain please exactly ago come came since until
""".split()
)
# What a question's verb may be; right behind an article the same word is taken for a noun.
VERBS = frozenset(
    """
    accept acquire add agree aim allow announce approve arrest arrive ask attack attend avoid ban
    become begin believe block bring build buy call cancel cause change charge claim close collapse
    come confirm continue cost create cut damage decide decline defeat delay deny die disappear
    earn employ end enter escape evacuate expect expire explain face fail fall fight find fine fire
    fix flood follow get give go grow hear help hire hit hold hope hurt increase injure invest
    involve join keep kill know last launch lay lead leave lie live lose lower make mean meet merge
    miss move need object offer open oppose order own pass pay plan play postpone produce promise
    propose protest publish quit raise reach receive recover reduce refuse reject release remain
    remove repair replace report require rescue resign respond resume return reveal rise run save
    say seek sell send serve settle ship show shrink sign sink slow spend stand start stay stop
    strike sue suffer suggest supply support suspend take tell think travel treat try turn use
    visit vote want warn win withdraw work write died won said sold paid held found left lost made
    took sank fell rose began grew hit cost shot born built bought stolen chosen elected sworn
""".split()
)
_ARTICLES = frozenset("the a an".split())
_ANYBODY = frozenset("people men women persons things times days years".split())
_GROUPS = frozenset(
    """council government company firm board court union party team club police agency ministry
    committee parliament senate bank army church commission group authority operator airline
    maker department crew jury""".split()
)
_JOINS = frozenset("of in at on for near between".split())
_CAPITAL = re.compile(r"[A-Z\u00c0-\u00dd]|\d")
_NAMES_IN_A_ROW = re.compile(
    r"(?:[A-Z][\w&.'\u2019-]*(?: [A-Z][\w&.'\u2019-]*)*(?:, | and |, and )){1,5}"
    r"[A-Z][\w&.'\u2019-]*(?: [A-Z][\w&.'\u2019-]*)*"
)


def leans(asked: str) -> bool:
    """True if the question cannot be understood without those before it."""
    if _OPENER.match(asked) or _WHAT_ABOUT.fullmatch(asked) or _THAT.search(asked):
        return True
    if _ONE_OF.search(asked) and not any(_is_name(t.text, t.start) for t in tokens(asked)):
        return True
    words = tokens(_THIS_WEEK.sub(" ", asked))
    content = [_is_content(t.text.lower()) for t in words]
    named = [_is_name(t.text, t.start) for t in words]
    if sum(content) >= _SAYS_ALL:
        return False
    if _OF_THAT.search(asked):
        return True
    for at, token in enumerate(words):
        word = token.text.lower()
        if word in PRONOUNS and not any(named[:at]):
            owns = word in _POSSESSIVES and _is_before_word(asked, token.end)
            has_owner = owns and any(content[:at])  # "which firm cut its prices"
            return not has_owner and not _is_empty_it(asked, word)
    anyone = any(t.text.lower() in _SOMEONE for t in words)
    return not any(named) and sum(content) <= 1 + anyone


def _is_empty_it(asked: str, word: str) -> bool:
    """Whether "it" points at nothing: "Is it true that ...", "How long does it take to ..."."""
    pattern = r"\b(?:is|was|does|will|did) it (?:true|legal|likely|possible|take|cost|rain)\b.{12,}"
    return word == "it" and re.search(pattern, asked, re.IGNORECASE) is not None


def _is_name(word: str, start: int) -> bool:
    if not _CAPITAL.match(word):
        return False
    return start > 0 or (word.lower() not in STOP_WORDS and word.lower() not in _ASKING)


def _is_content(word: str) -> bool:
    return word not in STOP_WORDS and word not in _ASKING


def carried(asked: str, earlier: Sequence[tuple[str, str]]) -> str:
    """The question as it stands on its own, as far as rules go.

    ``earlier`` holds what was asked before and answered, oldest first. Each follow-up among it is
    read in the same way, so "where?" leans on what the last question came to mean.
    """
    root, answer = "", ""
    for question, told in earlier[-MAX_BACK:]:
        root = _read(question, root, answer) if root and leans(question) else question
        root, answer = root[:_MAX_CARRIED_CHARS], told
    return _read(asked, root, answer)


def _read(asked: str, root: str, answer: str) -> str:
    """A follow-up to one question that stands alone, the last of its words perhaps in brackets."""
    about = _WHAT_ABOUT.fullmatch(asked)
    if about and _is_topic(about.group(1)):
        return _swapped(root, about.group(1).strip())
    for reading in (
        _of_the_same(asked, root),
        _one_of(asked, root, answer),
        _pointed_at(asked, root, answer),
    ):
        if reading is not None:
            return reading
    said, topic = _split(root)
    have = {stem(t.text) for t in tokens(f"{asked} {topic}")}
    names = [n for n in names_of(said) if not _stems(n) <= have] if topic else []
    return f"{asked} ({'; '.join([topic or _topic_of(said), *names])})"


def _split(root: str) -> tuple[str, str]:
    """A question that was worded anew: what was asked, and what follows in brackets."""
    said, bracket, topic = root.partition("? (")
    return (f"{said}?", topic.removesuffix(")")) if bracket else (root, "")


def _topic_of(root: str) -> str:
    """A question without what makes it one: "China approve the sale of chips"."""
    words = root.rstrip("?!. ").split(" ")
    while len(words) > 1 and words[0].lower().strip(",") in _ASKING:
        words.pop(0)
    return " ".join(words)


# --- one sure reading ----------------------------------------------------------------------------


def _of_the_same(asked: str, root: str) -> str | None:
    """The reading of "why?" and "when was that?": of what the question before asked about."""
    bare = _BARE.fullmatch(asked)
    if bare is None:
        return None
    first, _, rest = _AN_ADVERB.sub("", root).partition(" ")
    if first.lower() in _AUXILIARIES and rest:
        return f"{bare.group(1).capitalize()} {first.lower()} {rest}"
    did = _WHO_DID.fullmatch(root)  # "Who shot Ada Finch?": why was she?
    if did is None or did.group(2) not in noun_phrases(root):
        return None
    be = "were" if _is_plural(did.group(2)) else "was"
    return f"{bare.group(1).capitalize()} {be} {did.group(2)} {did.group(1)}?"


def _one_of(asked: str, root: str, answer: str) -> str | None:
    """With the name for "the second one", of those in a row in the answer or the question."""
    found = _ONE_OF.search(asked)
    if found is None:
        return None
    word = found.group(1).lower()
    for text in (answer, root):
        row = _NAMES_IN_A_ROW.search(text)
        named = re.split(r", and |, | and ", row.group()) if row else []
        at = _ORDER.get(word, 1 if len(named) == 2 else len(named))
        if len(named) > 1 and at < len(named):
            chosen = asked[: found.start()] + named[at] + asked[found.end() :]
            return chosen if named[at] in root else f"{chosen} ({_topic_of(root)})"
    return None


def _pointed_at(asked: str, root: str, answer: str) -> str | None:
    """The question with the one thing or person in the place of its pronoun; None if unsure."""
    pointing = [t for t in tokens(asked) if t.text.lower() in PRONOUNS]
    kinds = {_kind_of(t.text.lower()) for t in pointing}
    if len(kinds) != 1 or _THAT.search(asked) or "" in kinds:
        return None
    candidates = _candidates(kinds.pop(), root, answer)
    if len(candidates) > 1 and {t.text.lower() for t in pointing} == {"it"}:
        candidates = [c for c in candidates if not _is_actor(c)]  # who acts is seldom "it"
    if len(candidates) != 1:
        return None
    out, end = "", 0
    for at, token in enumerate(pointing):
        owns = token.text.lower() in _POSSESSIVES and _is_before_word(asked, token.end)
        shown = candidates[0] if at == 0 else token.text
        out += asked[end : token.start] + (_owner(shown) if owns and at == 0 else shown)
        end = token.end
    plain = re.sub(rf"^{_LEAD}", "", out + asked[end:], flags=re.IGNORECASE)
    return plain[:1].upper() + plain[1:]


def _kind_of(pronoun: str) -> str:
    for name, words in (("person", _PERSON), ("thing", _THINGS), ("many", _MANY)):
        if pronoun in words:
            return name
    return ""


def _is_before_word(text: str, end: int) -> bool:
    after = tokens(text[end : end + 40])
    return bool(after) and after[0].start == 1 and _is_content(after[0].text.lower())


def _owner(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _candidates(kind: str, root: str, answer: str) -> list[str]:
    """What a pronoun of this kind may stand for; more than one is none that is sure."""
    phrases = [p for p in noun_phrases(root) if p.split()[0].lower() in _ARTICLES or names_of(p)]
    if kind == "person":
        someone = whom(root, answer)
        return [someone] if someone else []
    if kind == "many":
        named = [p for p in noun_phrases(root) if p.lower() not in _ANYBODY]
        return [p for p in named if _is_plural(p)] or [p for p in phrases if _is_group(p)]
    things = (p for p in phrases if not _is_plural(p) and not is_person(p))
    return [p for p in things if " " in p or not is_someone(p, answer)]


def _is_plural(phrase: str) -> bool:
    head = re.split(r" (?:of|in|at|on|for|near|between) ", phrase)[0].lower()
    return head.endswith(("s", "people", "children", "police")) and not head.endswith(("ss", "us"))


def _is_group(phrase: str) -> bool:
    """True for a body of people in the singular: "the city council"."""
    words = phrase.lower().split()
    return words[-1] in _GROUPS


def _is_actor(phrase: str) -> bool:
    return _is_group(phrase) or (
        phrase.split(maxsplit=1)[0].lower() not in _ARTICLES and _is_one_name(phrase)
    )


def _is_one_name(phrase: str) -> bool:
    return all(word[0].isupper() for word in phrase.split())


def noun_phrases(question: str) -> list[str]:
    """Runs of words that name something: "the ferry accident on Lake Verrin", in order, each once.

    Of a question, by articles, capitals and a list of verbs; no tagger.
    """
    words = tokens(question)
    out: dict[str, None] = {}
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _goes_on(question, at, end):
            end += 1
        while end > at and words[end - 1].text.lower() in _JOINS | _ARTICLES:
            end -= 1
        if end > at:
            out[question[words[at].start : words[end - 1].end]] = None
        at = max(end, at + 1)
    return list(out)


def _goes_on(question: str, begin: int, at: int) -> bool:
    """Whether a word belongs to the phrase that begins at ``begin``; both count words."""
    words = tokens(question)
    token, word = words[at], words[at].text.lower()
    if at > begin and question[words[at - 1].end : token.start] not in (" ", "-"):
        return False
    before = words[at - 1].text.lower() if at else ""
    if word in _ARTICLES:
        return at == begin or before in _JOINS
    if word in _JOINS:
        return at > begin and before not in _JOINS | _ARTICLES
    if _is_name(token.text, token.start):
        return True
    is_verb = {word, word.removesuffix("s")} & VERBS or word.endswith(("ed", "ing"))
    return _is_content(word) and word != "aboard" and (not is_verb or before in _ARTICLES)


# --- another instead -----------------------------------------------------------------------------


def _is_topic(words: str) -> bool:
    """True for "what about Tencent?", False for "and how many?" and "and the second one?"."""
    return (
        not _ONE_OF.search(words)
        and any(_is_content(t.text.lower()) for t in tokens(words))
        and not any(t.text.lower() in _ASKING for t in tokens(words)[:1])
    )


def _swapped(root: str, topic: str) -> str:
    """The former question, asked about something else."""
    placed = _PLACED.fullmatch(topic)
    if placed:
        return _placed(root, placed.group(1), placed.group(2))
    names = names_of(root)
    if len(names) == 1 and topic.split(maxsplit=1)[0].lower() not in _ARTICLES:
        alone = re.search(rf"\bthe {re.escape(names[0])}(?= (?:[a-z]+)?[?]?$)", root)
        return root.replace(alone.group() if alone else names[0], topic)
    named = [p for p in noun_phrases(root) if names_of(p)]
    return root.replace(named[0], topic) if len(named) == 1 else f"{topic}: {root}"


def _placed(root: str, word: str, where: str) -> str:
    """The former question with its time or its place put elsewhere, or one added."""
    bare = root.rstrip("?!. ")
    if dates(where):
        mentions = [m for m in dates(bare) if not m.relative]
        if len(mentions) == 1:
            start = _BEFORE_DATE.search(bare[: mentions[0].start])
            begin = start.start() if start else mentions[0].start
            return f"{bare[:begin]}{word.lower()} {where}{bare[mentions[0].end :]}?"
        return f"{bare} {word.lower()} {where}?"
    for name in names_of(bare):
        place = rf"\b{re.escape(word)} (?:the )?{re.escape(name)}(?: {_LAND})?"
        at = re.search(place, bare, re.IGNORECASE)
        after = tokens(bare[at.end() : at.end() + 40])[:1] if at else ()
        if at and not any(_is_content(t.text.lower()) for t in after):
            return f"{bare[: at.start()]}{word.lower()} {where}{bare[at.end() :]}?"
    return f"{bare} {word.lower()} {where}?"


def names_of(text: str) -> list[str]:
    """Runs of capitalised words, in order, each once."""
    runs: list[list[str]] = []
    end = -2
    for token in tokens(text[:2_000]):
        if _is_name(token.text, token.start) and token.text.lower() not in STOP_WORDS:
            if token.start == end + 1 and text[end] == " ":
                runs[-1].append(token.text)
            else:
                runs.append([token.text])
            end = token.end
    return list(dict.fromkeys(" ".join(run) for run in runs if not run[0].isdigit()))


def _stems(text: str) -> set[str]:
    return {stem(t.text) for t in tokens(text)}
