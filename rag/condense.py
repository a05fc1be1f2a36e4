"""Makes a follow-up question stand on its own, so that it can be searched for.

The rules only decide whether a question leans on what was asked before; if so, the last question
that stood alone is carried along. A model, where there is one, words it better.
"""

import re
from collections.abc import Iterator, Sequence

from rag.errors import LLMError
from rag.llm import ChatModel
from rag.prompts import write_rewrite_prompt
from rag.schema import Filters, Question, Turn
from rag.text import STOP_WORDS, stem, terms, tokens

_MAX_BACK = 4  # how many questions back the topic may lie
_MAX_CARRIED_CHARS = 300
_MAX_REWRITTEN_CHARS = 400

_WHAT_ABOUT = re.compile(
    r"(?:(?:and|but|so|ok|okay)[,\s]+)?(?:(?:what|how) about|and|same for)\s+(.{2,80}?)[?.!\s]*",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:and|but|so|then|also|or|what else|who else|anything else|really|tell me more|more on)\b",
    re.IGNORECASE,
)
_PERSON = frozenset("he him his she her hers himself herself".split())
_PRONOUNS = _PERSON | frozenset("it its they them their theirs these those this".split())
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
_ASKING = frozenset(
    """
    who what when where why which how whose whom many much long often far old new did do does is
    are was were will would can could should has have had may might happen happened happens mean
    tell say says said give show explain please exactly ago come came
""".split()
)
_CAPITAL = re.compile(r"[A-Z\u00c0-\u00dd]|\d")


def condense(
    asked: str, history: Sequence[Turn], filters: Filters, model: ChatModel | None = None
) -> Question:
    """The question with what it leans on in the last turns; unchanged if it stands alone.

    A model that fails or answers something else is passed over in silence: the rules do.
    """
    asked = asked.strip()
    questions = [t.content.strip() for t in history if t.role == "user" and t.content.strip()]
    if not questions or not _leans(asked):
        return Question(asked=asked, filters=filters)
    standalone = _rewritten(asked, history, model) if model else None
    if standalone is None:
        answers = [t.content for t in history if t.role == "assistant"]
        standalone = _carried(asked, questions[-_MAX_BACK:], answers[-1] if answers else "")
    return Question(asked=asked, standalone=standalone, filters=filters)


def _leans(asked: str) -> bool:
    """True if the question cannot be understood without those before it."""
    if _OPENER.match(asked) or _WHAT_ABOUT.fullmatch(asked) or _THAT.search(asked):
        return True
    words = tokens(_THIS_WEEK.sub(" ", asked))
    content = [_is_content(t.text.lower()) for t in words]
    named = [_is_name(t.text, t.start) for t in words]
    if sum(content) >= _SAYS_ALL:
        return False
    for at, token in enumerate(words):
        word = token.text.lower()
        if word in _PRONOUNS and not any(named[:at]):
            has_owner = word in _POSSESSIVES and any(content[:at])  # "which firm cut its prices"
            return not has_owner and not _is_empty_it(asked, word)
    return not any(named) and sum(content) <= 1


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


def _carried(asked: str, questions: Sequence[str], answer: str) -> str:
    """The question followed by the last one that stood alone, and new names since then."""
    root, since = questions[0], []
    for question in reversed(questions):
        if not _leans(question):
            root = question
            break
        since.append(question)
    root = root[:_MAX_CARRIED_CHARS]
    about = _WHAT_ABOUT.fullmatch(asked)
    if about and _is_topic(about.group(1)):
        return _swapped(root, about.group(1).strip())
    have = {stem(t.text) for t in tokens(f"{asked} {root}")}
    names = [n for q in since for n in _names(q) if not _stems(n) <= have]
    if not names and {t.text.lower() for t in tokens(asked)} & _PERSON:
        names = [n for n in _names(answer) if " " in n and not _stems(n) <= have][:1]
    return " ".join([asked, f"({'; '.join([root, *dict.fromkeys(names)])})"])


def _is_topic(words: str) -> bool:
    """True for "what about Tencent?", False for "and how many?"."""
    return any(_is_content(t.text.lower()) for t in tokens(words)) and not any(
        t.text.lower() in _ASKING for t in tokens(words)[:1]
    )


def _swapped(root: str, topic: str) -> str:
    """The former question, asked about something else."""
    names = _names(root)
    if len(names) == 1:
        return root.replace(names[0], topic)
    return f"{topic}: {root}"


def _names(text: str) -> list[str]:
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


def _rewritten(asked: str, history: Sequence[Turn], model: ChatModel) -> str | None:
    """The model's wording; None if it fails or says what nobody had said."""
    try:
        line = _first_line(model.stream(write_rewrite_prompt(asked, history)))
    except LLMError:
        return None
    line = line.strip().strip("\"'`*> ").removeprefix("Question:").strip()
    said = set(terms(" ".join([asked, *(t.content for t in history)])))
    new = [t for t in terms(line) if t not in said]
    is_sane = 8 <= len(line) <= _MAX_REWRITTEN_CHARS and not re.search(r"[\[\]<>{}]|://", line)
    shares = bool(set(terms(asked)) & set(terms(line))) or not terms(asked)
    # A word or two of its own ("company", "total") are fair; names and numbers are not.
    known = said | {stem(t.text) for t in tokens(line)[:1]}
    invented = any(t[0].isdigit() for t in new) or any(not _stems(n) & known for n in _names(line))
    return line if is_sane and shares and len(new) <= 2 and not invented else None


def _first_line(pieces: Iterator[str]) -> str:
    text = ""
    for piece in pieces:
        text += piece
        if "\n" in text.strip() or len(text) > _MAX_REWRITTEN_CHARS:
            break
    return text.strip().partition("\n")[0]
