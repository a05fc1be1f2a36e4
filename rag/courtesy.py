"""What is said to whoever answers, and asks nothing of the news: "hello", "thanks", "help".

Only a message that is nothing else counts: "Thanks, and who paid?" is a question.
"""

import re

from rag.i18n import msgid

HELLO = msgid(
    "Hello. Ask about the news in these articles: who, what, when, where, why or how many, or "
    "whether something is so. Each sentence of the answer is cited to their words and checked."
)
WELCOME = msgid("You are welcome. Ask on whenever you like.")
ABLE = msgid(
    "Questions about the news in these articles are answered here, each sentence cited to exact "
    "words and checked. Ask who, what, when, where, why or how many; whether something is so; "
    "for a list; what one outlet reports; or what happened in a month or a week. "
    "A question may lean on the one before it."
)
REPLIES = frozenset({HELLO, WELCOME, ABLE})
_CALLED = r"(?: there| again| everyone| all| byline| friend)?"
_HOW = r"how (?:are you|is it going|do you do)(?: doing)?(?: today)?"
_GREETING = re.compile(
    rf"(?:hello|hi|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)){_CALLED}"
    rf"(?: {_HOW})?|{_HOW}|nice to meet you"
)
_THANKS = re.compile(
    r"(?:(?:ok|okay|great|cool|good|perfect|nice|no) )?"
    r"(?:thanks|thank you|thx|many thanks|cheers)"
    r"(?: a lot| so much| very much| again| a million| byline)?"
    r"(?: for (?:that|this|your help|the help|the answer|your answer|helping(?: me)?))?"
    r"|(?:goodbye|bye|bye bye|see you|see you later|good night)"
    r"|(?:ok|okay|great|cool|perfect|nice|awesome|got it|i see|understood)"
)
_ABILITY = re.compile(
    r"(?:so )?(?:what (?:else )?can (?:you|this|byline) do(?: for me)?|what do you do"
    r"|what (?:else )?can i ask(?: you)?(?: about)?(?: here)?"
    r"|what (?:kind |kinds |sort |sorts )?(?:of )?questions can (?:i ask|you answer)(?: you)?"
    r"|how can you help(?: me)?|can you help(?: me)?|help(?: me)?(?: please)?|please help(?: me)?"
    r"|how (?:does this|do you|does it) work|how do i use (?:this|it|you)"
    r"|(?:who|what) are you|what is your name|what do you know|who (?:made|built) you"
    r"|are you (?:an? )?(?:real |ai |chat ?)?(?:bot|robot|ai|human|person|machine|assistant)"
    r"|introduce yourself|tell me about yourself)"
)


def courtesy(said: str) -> str | None:
    """The plain reply to a message that asks nothing of the news; None if it may ask."""
    plain = " ".join(re.sub(r"[^\w\s']|_", " ", said.lower().replace("\u2019", "'")).split())
    plain = re.sub(r"\b(what|how|who)'s\b", r"\1 is", plain)
    if not plain or len(plain) > 80:
        return None
    for pattern, reply in ((_GREETING, HELLO), (_THANKS, WELCOME), (_ABILITY, ABLE)):
        if pattern.fullmatch(plain):
            return reply
    opened = re.match(rf"(?:hello|hi|hey){_CALLED} ", plain)
    return ABLE if opened and _ABILITY.fullmatch(plain[opened.end() :]) else None
