"""Words of a model's reply that say something of the reply, and nothing about the world.

"Here is what the sources say:", "Great question!", "Let me know if you need more.", a heading. No
article can carry them, so they would be shown as claims that failed. By closed lists of words: a
sentence with one word more than these, such as a figure, a name, a "not" or any verb of the news,
may be wrong and is left to the verifier. A subject may be named after "about" or "on", in words of
the question alone.
"""

import re

from rag.statement import statement_of
from rag.text import STOP_WORDS, stem, tokens

_MAX_WORDS = 30
_MAX_LABEL_WORDS = 6
_WHOLE_WORDS = 4  # a sentence of as many stands without the heading above it

_LINKS = frozenset("a an the of in on at and or to for from by with about this that".split())
# What a reply is made of, and what it is made from. Not "report" or "state": news has those, too.
_FRAME = _LINKS | frozenset(
    """
    answer answers response reply summary summaries overview breakdown outline explanation
    conclusion information info detail details point points facts takeaway takeaways findings list
    key main brief briefly short quick concise simple direct detailed relevant final
    context question questions query request topic subject passage passages article articles
    source sources text texts excerpt excerpts snippet snippets documents news material
    provided given available supplied retrieved above below following follows based according per
    using from as it is are be been these those some more here here's what how who which when
    where why whether say says tell tells show shows mention mentions indicate indicates provide
    provides summarize summarized summarise summarised i i've i'll i'd i'm we we've me my us our
    you your you're can will would could let have has found find regarding concerning respect
    in order note please so well okay ok now overall tl dr
    """.split()
)
_POLITE = frozenset(
    """
    sure certainly absolutely course great good excellent interesting thank thanks welcome hello
    hi glad happy hope helps help helpful assist assistance feel free hesitate any anything else
    like want need wish know ask asking further additional other specific clarification clarify
    elaborate interested deeper if just do there there's reading reach out you'd you'll
    that's let's looking
    """.split()
)
_ADDRESSES = frozenset("i i've i'll i'd i'm me my you your you're you'd you'll let's".split())
# To a question that wants a yes or a no, these are one.
_ASSENTS = frozenset("sure certainly absolutely course okay ok good great".split())
_GREETS = frozenset("question thank thanks welcome hello hi".split())
_COUNTS = frozenset("two three four five six seven eight nine ten few several".split())
_COUNTED = re.compile(
    r"\b(?:{counts}|\d{{1,2}})\s(?=(?:(?:key|main|short|relevant|brief)\s)*"
    r"(?:points?|facts|details|takeaways|findings)\b)".format(counts="|".join(sorted(_COUNTS)))
)
_ABOUT = re.compile(r"\b(?:about|on|regarding|concerning|of|for|to|with)\b")
# "The cost of the repair is:" has a subject and leaves open what is said of it.
_OPEN = re.compile(r"\s(?:is|are|was|were|includes?)(?:\sas\sfollows)?:\Z")
# What is given to a model says; whoever else states or reports something is in the news.
_SAYING = re.compile(
    r"\b((?:passage|article|text|excerpt)s?) (?:also )?"
    r"(?:states?|reports?|reads?|adds?|notes?|explains?|continues?|describes?|reveals?)\b"
)
_UNNAMED = re.compile(r"\b(?:to|from|by) (?:sources|documents)\b")
_HESITATE = re.compile(r"\b(?:don't|do not)\s(?=hesitate\b)")
_QUOTES = re.compile(r"[\"\u201c\u201d\u00ab\u00bb]")
# How a lead-in inside a sentence ends, and what it must name: "according to sources" is news.
_CLAUSE = re.compile(r"[^,:]{3,120}[,:]\s+(?=\S)")
_GIVEN = re.compile(
    r"\b(?:answer|articles?|passages?|texts?|excerpts?|context|provided|given)\b", re.I
)
_ENDS = re.compile(r"[.!?\u2026][\"'\u201d\u2019)]*\Z")


def claims_nothing(text: str, question: str) -> bool:
    """True for a lead-in, a politeness or an offer: nothing in it can be right or wrong.

    False wherever that is not sure.
    """
    plain = _HESITATE.sub("", text.strip().lower().replace("\u2019", "'"))
    plain = _SAYING.sub(r"\1", plain)
    if _UNNAMED.search(plain):
        return False
    if plain.startswith(("here", "below")):
        plain = _COUNTED.sub("", plain)
    words = _words(plain)
    if not _says_something(words) or len(words) > _MAX_WORDS or _QUOTES.search(plain):
        return False
    if plain.endswith(":"):
        return _is_lead_in(plain, words, question) or _is_left_open(plain, question)
    return _is_aside(plain, words, question)


def without_lead_in(text: str, question: str) -> str:
    """The sentence without "Based on the provided articles," or "The answer is:" in front."""
    clause = _CLAUSE.match(text)
    if clause is None or not _GIVEN.search(clause.group()):
        return text
    if not claims_nothing(f"{clause.group().rstrip()[:-1]}:", question):
        return text
    rest = text[clause.end() :]
    return rest[:1].upper() + rest[1:]


def is_label(text: str, question: str) -> bool:
    """True for a heading that names a thing and tells nothing of it: "Costs", "Cause of the fire".

    Whoever asks knows from the markup that it is a heading.
    """
    plain = text.strip().rstrip(":").lower().replace("\u2019", "'")
    words = _words(plain)
    if not 0 < len(words) <= _MAX_LABEL_WORDS or _QUOTES.search(plain):
        return False
    if _ENDS.search(plain) or set(words) <= _FRAME:
        return set(words) <= _FRAME
    # One word at a time: of two side by side one may be the verb, as in "Mayor resigns".
    runs = re.split(r"\b(?:{})\b".format("|".join(sorted(_LINKS))), plain)
    things = [run for run in map(_words, runs) if run]
    is_wh = statement_of(question) is None
    known = _stems(question) if is_wh else frozenset()
    return all(
        all(stem(w) in known for w in run) or (len(run) == 1 and _is_thing(run[0]))
        for run in things
    )


def stands_alone(text: str) -> bool:
    """True for a whole sentence; an item of a list may mean nothing without its heading."""
    return bool(_ENDS.search(text)) and len(_words(text)) >= _WHOLE_WORDS


def _says_something(words: list[str]) -> bool:
    """False for "A." and "I do.", which may be the answer."""
    return any(w not in STOP_WORDS and len(w) > 1 for w in words)


def _words(text: str) -> list[str]:
    return [t.text.lower().replace("\u2019", "'") for t in tokens(text)]


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, _words(text)))


def _is_thing(word: str) -> bool:
    """False for a figure, a participle ("Resigned") and words that deny, limit or affirm."""
    return word.isalpha() and word not in STOP_WORDS | {"yes"} and not word.endswith("ed")


def _is_lead_in(plain: str, words: list[str], question: str) -> bool:
    return bool(_FRAME & set(words)) and _is_framed(plain, _FRAME | _POLITE, question)


def _is_framed(plain: str, frame: frozenset[str], question: str) -> bool:
    """True if all its words are of the frame, but for a subject in words of the question."""
    if set(_words(plain)) <= frame:
        return True
    known = _stems(question)
    for about in _ABOUT.finditer(plain):
        head, subject = _words(plain[: about.end()]), _words(plain[about.end() :])
        if set(head) <= frame and all(w in _LINKS or stem(w) in known for w in subject):
            return True
    return False


def _is_left_open(plain: str, question: str) -> bool:
    subject = _OPEN.search(plain)
    if subject is None or statement_of(question) is not None:
        return False
    known = _stems(question)
    return all(w in _FRAME or stem(w) in known for w in _words(plain[: subject.start()]))


def _is_aside(plain: str, words: list[str], question: str) -> bool:
    if not _is_framed(plain, _FRAME | _POLITE, question):
        return False
    if set(words) <= _POLITE | _LINKS | {"question"}:
        is_assent = _ASSENTS & set(words) and not _GREETS & set(words)
        return not (is_assent and statement_of(question) is not None)
    return bool(_ADDRESSES & set(words)) or words[0] in ("here", "here's", "below")
