"""Lets a language model write the answer, and hands it on sentence by sentence as it comes."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

from rag.errors import ContextTooLong, LLMError, LLMIncomplete
from rag.framing import claims_nothing, is_label, stands_alone, without_lead_in
from rag.llm import ChatModel
from rag.markers import Heading, Item, MarkerReader, Marks
from rag.prompts import (
    INVISIBLE,
    NOTHING,
    NOTHING_FOUND,
    Prompt,
    write_carried_prompt,
    write_conflict_prompt,
    write_prompt,
)
from rag.schema import Article, Conflict, Passage, Question, ScoredPassage, Turn
from rag.text import sentence_spans, word_texts

_MAX_SENTENCE = 2_000  # a reply without any full stop is cut here, at a space
# rag.text looks at the next word, at most 40 characters on, to tell an abbreviation.
_LOOKAHEAD = 48
_MAX_TOLD = 3  # sentences on how articles differ
_RECITED = 6  # words; the example sentence in the rules has five, and may well be news
# With what follows it: a space after it goes when a mark and a full stop come next.
_NEXT_WORD = re.compile(r"[\s\"'\u201c\u2018(\[]*[^\s\"'\u201c\u2018(\[]\S*(?:\n|\s\S)")
_WHOLE = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)]*\Z")

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_EMPTY = re.compile(r"[({] ?[)}]")
_LOOSE = re.compile(r" ([,;:.!?])")
_DOUBLED = re.compile(r"([,;:])(?:[,;:]\s*)+")
_SOURCES_LINE = re.compile(r"(?:sources?|references?|citations?|passages?)\W*", re.IGNORECASE)
_REFUSAL = re.compile(
    r"(?:i'm |i am )?(?:sorry|unfortunately|afraid)\b"
    r"|i (?:do not|don't|cannot|can't|could not|couldn't|am unable|was unable)\b"
    r"|(?:the|these)(?: \w+){0,2} (?:passages?|articles?|sources?|texts?|context|information)"
    r" (?:do|does|did|is|are|has|have|can|could)(?:n't| not)\b"
    r"|(?:no|none of the)(?: \w+)? (?:passages?|articles?|sources?|information|answer)\b"
    r"|(?:there is|there's) no (?:information|mention|answer)\b"
    r"|(?:it is |this is )?not (?:mentioned|stated|specified|known|clear)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSentence:
    """One sentence as the model wrote it, without its markers, and what these pointed to."""

    text: str
    passage_ids: tuple[str, ...]  # of the passages that it cites, each once, in order
    n_dropped: int = 0  # citations of things that were never offered
    is_heading: bool = False  # by its markup
    is_idle: bool = False  # it claims nothing: a lead-in, a politeness, a heading; not to be shown


def generate(
    question: Question,
    found: Sequence[ScoredPassage],
    articles: Mapping[str, Article],
    model: ChatModel,
    history: Sequence[Turn] = (),
    language: str = "",
) -> Iterator[DraftSentence]:
    """The answer, each sentence as soon as it is whole; none if the passages do not answer.

    What claims nothing comes along as ``is_idle``, so that it can be counted.

    Closing the iterator closes the model's stream. If the prompt does not fit after all, it is
    tried once more with the better half of its passages.

    Raises:
        LLMIncomplete: the reply stopped early; its whole sentences were given before, and
            ``partial`` is the unfinished one.
        LLMError: no usable reply; nothing was given.
    """
    limit, text = model.context_tokens, question.text
    prompt = write_prompt(text, found, articles, history, context_tokens=limit, language=language)
    try:
        yield from _without_refusal(_told_apart(_sentences(prompt, model), text))
    except ContextTooLong:
        if len(prompt.ids) < 2:
            raise
        best = found[: len(prompt.ids) // 2]
        shorter = write_prompt(text, best, articles, context_tokens=limit, language=language)
        yield from _without_refusal(_told_apart(_sentences(shorter, model), text))


def rewrite(
    text: str,
    passages: Sequence[Passage],
    articles: Mapping[str, Article],
    model: ChatModel,
    language: str = "",
) -> DraftSentence | None:
    """A sentence worded anew so that it says what these passages say; None if they do not.

    Raises:
        LLMError: no usable reply.
    """
    limit = model.context_tokens
    prompt = write_carried_prompt(text, passages, articles, context_tokens=limit, language=language)
    with closing(_sentences(prompt, model)) as sentences:
        first = next((s for s in _told_apart(sentences) if not s.is_idle), None)
    if first is None or _says_nothing_found(first.text):
        return None
    return first


def tell(
    question: str, conflict: Conflict, model: ChatModel, language: str = ""
) -> tuple[DraftSentence, ...]:
    """How the positions of a conflict differ; ``passage_ids`` are their places: "0" is the first.

    Raises:
        LLMError: no usable reply.
    """
    prompt = write_conflict_prompt(
        question, conflict, context_tokens=model.context_tokens, language=language
    )
    with closing(_sentences(prompt, model)) as sentences:
        claiming = (s for s in _told_apart(sentences) if not s.is_idle)
        return tuple(islice(claiming, _MAX_TOLD))


def _sentences(prompt: Prompt, model: ChatModel) -> Generator[DraftSentence, None, None]:
    assembler = _Assembler(prompt.ids)
    rules = _words(prompt.messages[0].content)
    pieces = model.stream(prompt.messages)
    n_given = 0
    try:
        for piece in pieces:
            for sentence in assembler.push(piece):
                if not _recites(sentence.text, rules):
                    n_given += 1
                    yield sentence
    except LLMIncomplete as error:
        whole, tail = assembler.broken_off()
        yield from (s for s in whole if not _recites(s.text, rules))
        raise LLMIncomplete(error.message, error.hint, partial=tail) from None
    finally:
        if isinstance(pieces, Generator):
            pieces.close()
    rest = [s for s in assembler.finish() if not _recites(s.text, rules)]
    yield from rest
    if not n_given and not rest:
        raise LLMError(f"{model.name} wrote nothing that can be shown", "ask in other words")


def _words(text: str) -> str:
    return " ".join(word.lower() for word in word_texts(text))


def _recites(text: str, rules: str) -> bool:
    """True if a sentence repeats six words of our rules in a row: news does not say such things."""
    words = _words(text).split()
    runs = range(len(words) - _RECITED + 1)
    return any(" ".join(words[at : at + _RECITED]) in rules for at in runs)


def _told_apart(sentences: Iterator[DraftSentence], question: str = "") -> Iterator[DraftSentence]:
    """The sentences without their lead-ins, those that claim nothing about the world marked.

    A heading waits for what comes below it: above an item of a list it may be needed.
    """
    heading: DraftSentence | None = None
    for sentence in sentences:
        if heading:
            yield replace(heading, is_idle=stands_alone(sentence.text))
            heading = None
        if claims_nothing(sentence.text, question):
            yield replace(sentence, is_idle=True)
        elif sentence.is_heading and is_label(sentence.text, question):
            heading = sentence
        else:
            yield replace(sentence, text=without_lead_in(sentence.text, question))
    if heading:
        yield heading


def _without_refusal(sentences: Iterator[DraftSentence]) -> Iterator[DraftSentence]:
    """The sentences, unless all that the model says is that it does not know."""
    held: list[DraftSentence] = []
    is_answer = False
    for sentence in sentences:
        if _says_nothing_found(sentence.text):
            if is_answer:
                continue
            return
        is_refusal = not sentence.passage_ids and _REFUSAL.match(sentence.text)
        if not is_answer and (sentence.is_idle or is_refusal):
            held.append(sentence)
            continue
        is_answer = True
        yield from held
        held.clear()
        yield sentence


def _says_nothing_found(text: str) -> bool:
    plain = re.sub(r"\W|_", "", text).lower()
    return NOTHING_FOUND in text or plain in ("nothingfound", NOTHING.lower())


class _Assembler:
    """Puts plain text and marks together into sentences.

    A mark belongs to the sentence that it stands in, or that ended just before it.
    """

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._ids = ids
        self._bare_id = re.compile("|".join(ids) or r"(?!)", re.IGNORECASE)
        self._reader = MarkerReader(ids)
        self._text = ""
        self._marks: list[tuple[int, Marks]] = []  # where in _text each one stood
        self._headings: list[int] = []  # where in _text each one began
        self._after_mark = False

    def push(self, piece: str) -> list[DraftSentence]:
        """Take a piece of the reply; the sentences that are certain by now."""
        for item in self._reader.push(piece):
            self._add(item)
        return self._given(final=False)

    def finish(self) -> list[DraftSentence]:
        """The sentences that were held back, when the reply ended as it should."""
        for item in self._reader.finish():
            self._add(item)
        return self._given(final=True)

    def broken_off(self) -> tuple[list[DraftSentence], str]:
        """The whole sentences that were held back when the reply broke off, and the rest."""
        for item in self._reader.finish():
            self._add(item)
        out: list[DraftSentence] = []
        while bounds := self._first(final=True):
            end, following = bounds
            if following == len(self._text) and not self._is_whole(end):
                break
            out.extend(self._cut(end, following))
        return out, self._clean(self._text)

    def _is_whole(self, end: int) -> bool:
        """True if a mark stands at the full stop: "It rose 3." alone may go on with a 5."""
        stop = _WHOLE.search(self._text[:end])
        return stop is not None and any(at >= stop.start() for at, _ in self._marks)

    def _add(self, item: Item) -> None:
        if isinstance(item, Heading):
            self._headings.append(len(self._text))
            return
        if isinstance(item, Marks):
            if _WHOLE.search(self._text[-8:]):
                self._text += " "  # "Fact.[id]Next"
            self._marks.append((len(self._text), item))
            self._after_mark = True
            return
        if item == "\n" and self._text.endswith("\n\n"):
            return
        text = re.sub(r"[^\S\n]+", " ", INVISIBLE.sub("", item))
        if text[:1] == " " and self._text[-1:].isspace():
            text = text[1:]
        if self._after_mark and re.match(r"[.,;:!?]", text) and self._text.endswith(" "):
            self._text = self._text[:-1]  # "fact [id]."
        self._after_mark = self._after_mark and not text
        self._text += text

    def _given(self, *, final: bool) -> list[DraftSentence]:
        out: list[DraftSentence] = []
        while bounds := self._first(final=final):
            out.extend(self._cut(*bounds))
        return out

    def _first(self, *, final: bool) -> tuple[int, int] | None:
        """Where the first sentence ends and the next one starts; None if more may change it."""
        for n_chars in (256, _MAX_SENTENCE + _LOOKAHEAD):
            head = self._text[:n_chars]
            spans = sentence_spans(head)
            if not spans:
                return None
            end = spans[0][1]
            if end + _LOOKAHEAD <= n_chars or len(self._text) < n_chars:
                break
        else:  # no end in sight
            end = max(head.rfind(" ", 1, _MAX_SENTENCE), 0) or _MAX_SENTENCE
        is_settled = len(self._text) - end >= _LOOKAHEAD or _NEXT_WORD.match(self._text, end)
        if not final and not is_settled:
            return None
        gap = len(self._text) - end - len(self._text[end:].lstrip())
        return end, end + gap

    def _cut(self, end: int, following: int) -> Iterator[DraftSentence]:
        text = self._text[:end]
        marks = [m for at, m in self._marks if at <= following]
        self._marks = [(at - end, m) for at, m in self._marks if at > following]
        is_heading = any(not text[:at].strip() for at in self._headings if at < end)
        self._headings = [at - end for at in self._headings if at >= end]
        self._text = self._text[end:]
        known = dict.fromkeys(i for m in marks for i in m.ids)
        known |= dict.fromkeys(found.lower() for found in self._bare_id.findall(text))
        text = self._clean(text)
        if any(map(str.isalnum, text)) and not _SOURCES_LINE.fullmatch(text):
            yield DraftSentence(
                text=text,
                passage_ids=tuple(dict.fromkeys(self._ids[i] for i in known)),
                n_dropped=sum(m.n_unknown for m in marks),
                is_heading=is_heading,
            )

    def _clean(self, text: str) -> str:
        """Plain words: no address, no id, no table bars, no punctuation left hanging."""
        text = _EMPTY.sub(" ", self._bare_id.sub(" ", _URL.sub(" ", text)))
        text = " ".join(text.replace("|", " ").split())
        return _DOUBLED.sub(r"\1 ", _LOOSE.sub(r"\1", text)).lstrip(" ,;:.").rstrip()
