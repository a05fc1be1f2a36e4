"""The marker parser and the sentences that come out of a streamed reply."""

import random
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.errors import ContextTooLong, LLMError, LLMIncomplete
from rag.generate import DraftSentence, _Assembler, generate
from rag.llm import Message
from rag.schema import Article, Passage, Question, ScoredPassage
from tests.faulty import ids_in

IDS = {"a1b2c3": "one", "b7d2e0": "two", "c41f9a": "three"}


def read(*pieces: str) -> list[DraftSentence]:
    assembler = _Assembler(IDS)
    out = [s for piece in pieces for s in assembler.push(piece)]
    return out + assembler.finish()


def shown(*pieces: str) -> list[tuple[str, tuple[str, ...], int]]:
    return [(s.text, s.passage_ids, s.n_dropped) for s in read(*pieces)]


@pytest.mark.parametrize(
    "marker",
    ["[a1b2c3]", "[[a1b2c3]]", "\u3010a1b2c3\u3011", "(a1b2c3)", "[A1B2C3]", "[passage a1b2c3]",
     "[^a1b2c3]", "\u3010a1b2c3\u2020source\u3011", "[a1b2c3](http://evil.example/x)", "<a1b2c3>",
     "**[a1b2c3]**", "\\[a1b2c3\\]", "[a1b2c3: Reuters, 28 January]", "[`a1b2c3`]"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["It rose 3.5% {}.", "It rose 3.5%. {}", "It rose 3.5%.{}"])
def test_every_way_of_writing_a_marker(marker: str, form: str) -> None:
    text = form.format(marker) + " The U.S. objected [b7d2e0]."

    assert shown(text) == [("It rose 3.5%.", ("one",), 0), ("The U.S. objected.", ("two",), 0)]


def test_several_ids_in_one_marker_or_in_several() -> None:
    assert shown("Both say so [a1b2c3, b7d2e0; a1b2c3]. Or [a1b2c3] so [c41f9a]. [b7d2e0]") == [
        ("Both say so.", ("one", "two"), 0),
        ("Or so.", ("one", "three", "two"), 0),
    ]


@pytest.mark.parametrize(
    ("text", "words", "n_dropped"),
    [
        ("China agreed [1].", "China agreed.", 1),
        ("China agreed [2][3].", "China agreed.", 2),
        ("China agreed [1, a1b2c3].", "China agreed.", 1),
        ("China agreed [d0ffee].", "China agreed.", 1),
        ("China agreed (d0ffee).", "China agreed.", 1),
        ("China agreed [a1b2c].", "China agreed.", 1),
        ("China agreed in [2026].", "China agreed in (2026).", 0),
        ("China [sic] agreed.", "China (sic) agreed.", 0),
        ("China agreed (AP).", "China agreed (AP).", 0),
        ("China agreed to `[a1b2c3]`.", "China agreed to.", 0),
        ("China agreed [].", "China agreed.", 0),
        ("China agreed [a1b2", "China agreed", 0),
        ("China agreed (a1b2", "China agreed", 0),
        ("China agreed, says {a1b2c3}.", "China agreed, says.", 0),
    ],
)
def test_what_is_no_citation_of_ours(text: str, words: str, n_dropped: int) -> None:
    (sentence,) = read(text)

    assert (sentence.text, sentence.n_dropped) == (words, n_dropped)


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("## Answer\nIt **rose** _today_.", ["Answer", "It rose today."]),
        ("- One rose.\n- Two fell.\n* Three", ["One rose.", "Two fell.", "Three"]),
        ("1. One rose.\n2) Two fell.", ["One rose.", "Two fell."]),
        ("> *Quoted.* Not.", ["Quoted.", "Not."]),
        ("See [the paper](http://evil.example/?q=1) now.", ["See the paper now."]),
        ("See ![pixel](http://evil.example/p.png)now.", ["See now."]),
        ("See <img src=http://evil.example/p.png>now.<br>Then.", ["See now.", "Then."]),
        ("See http://evil.example/p.png now.", ["See now."]),
        ("So:\n```python\nprint('[a1b2c3]')\n```\nDone.", ["So:", "Done."]),
        ("<think>Hm, [b7d2e0]. Well.</think>\nIt rose.", ["It rose."]),
        ("It is 5 * 3, ~~no~~ ~4 and snake_case.", ["It is 5 * 3, no ~4 and snake_case."]),
        ("**It rose.** It fell.", ["It rose.", "It fell."]),
        ("One.\n---\n***\nTwo.", ["One.", "Two."]),
        ("It rose [a1b2c3].\n\nSources: [a1b2c3], [b7d2e0]", ["It rose."]),
        ("It rose!![a1b2c3] Yes.", ["It rose!!", "Yes."]),
        ("It<|im_end|> rose.</s>", ["It rose."]),
        ("x < 5 and y > 3.", ["x < 5 and y > 3."]),
    ],
)
def test_markdown_becomes_plain_words(markdown: str, words: list[str]) -> None:
    assert [s.text for s in read(markdown)] == words


def test_a_marker_on_the_next_line_belongs_to_the_sentence_before() -> None:
    assert shown("It rose.\n[a1b2c3]\nIt fell.\n\n[b7d2e0]") == [
        ("It rose.", ("one",), 0),
        ("It fell.", ("two",), 0),
    ]


def test_a_sentence_comes_as_soon_as_the_next_one_has_begun() -> None:
    assembler = _Assembler(IDS)

    assert assembler.push("It rose 3. [a1b2c3] T") == []
    assert [s.text for s in assembler.push("he rest ")] == ["It rose 3."]


PARTS = st.sampled_from(
    ["It rose 3.5% in May. ", "Mr. Li of the U.S. said so", ". ", " [a1b2c3]", "[b7d2e0, c41f9a]",
     "[[a1b2c3]]", "\u3010b7d2e0\u3011", "(c41f9a)", "[1]", "[zz", "[", "]", "(", ")", "\n", "\n\n",
     "- ", "## ", "**", "*", "_", "`", "```\n", "~~", "![x](http://e/x)", "[words](http://e/x)",
     "http://e/[x] ", "<br>", "<", "<think>", "</think>", "\\", "!", "?\u201d ",
     "\u201cYes.\u201d ", "\u4e2d\u56fd\u540c\u610f\u3002", "NOTHING_FOUND", "U.S. ", "Inc. The ",
     "a1b2c3", " ", "\u200b", "\u2028", "Sources: ", "1. ", "d0ffee", "  ", "|", "{", "}",
     "\U0001f600"]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(PARTS, max_size=30).map("".join),
    st.text(alphabet="a1b2c3[](). \n*_`!<>\\[]", max_size=200),
)


@settings(max_examples=400, deadline=None)
@example(text="It rose 3.5% in May. Inc. The  [a1b2c3]!It rose. ", seed=random.Random(1))
@example(text="It rose 3.5% in May.  [a1b2c3] ?\u201d ", seed=random.Random(1))
@given(text=TEXTS, seed=st.randoms(use_true_random=False))
def test_cutting_the_stream_anywhere_changes_nothing(text: str, seed: random.Random) -> None:
    whole = read(text)
    cuts = sorted(seed.randrange(len(text) + 1) for _ in range(seed.randrange(12)))

    assert read(*(text[a:b] for a, b in pairwise([0, *cuts, len(text)]))) == whole
    assert read(*text) == whole


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_no_part_of_a_marker_is_ever_shown(text: str) -> None:
    for sentence in read(*text):
        assert not any(c in sentence.text for c in "[]\u3010\u3011")
        assert not any(tag in sentence.text for tag in IDS)
        assert "http" not in sentence.text
        assert sentence.text == sentence.text.strip() != ""


@pytest.mark.parametrize(
    "unit",
    ["[", "]", "(", "*", "_", "`", "<", "!", "![", "[a](b", "[a1b2c3]", "\\", " ", "\n", "a. ", ".",
     "{", "|", ",:", "\u201c", "(a", "[a1", "<a", "` ", "~", "- ", "http://", "a"],
)  # fmt: skip
def test_time_is_linear_in_the_reply(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    begun = time.process_time()

    read(text)
    read(*(text[at : at + 40] for at in range(0, len(text), 40)))

    assert time.process_time() - begun < 10


# ---- generate


class Scripted:
    """A chat model that answers with a given text; "{0}" is the first passage's id."""

    name = "scripted"
    context_tokens = 16_384

    def __init__(self, *replies: str | Exception) -> None:
        self.replies = list(replies)
        self.prompts: list[Sequence[Message]] = []
        self.n_pieces = 0
        self.is_closed = False

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        self.prompts.append(messages)
        ids = list(ids_in(messages[-1].content))
        try:
            while self.replies:
                reply = self.replies.pop(0)
                if isinstance(reply, Exception):
                    raise reply
                for piece in reply.format(*ids).split(" "):
                    self.n_pieces += 1
                    yield piece + " "
        finally:
            self.is_closed = True


def hit(n: int, text: str) -> ScoredPassage:
    passage = Passage(
        article_id=f"art{n}", start=0, end=len(text), text=text, passage_id=f"art{n}:1:0",
        sentences=((0, len(text)),),
    )  # fmt: skip
    return ScoredPassage(passage=passage, score=1 / (n + 1), rank=n + 1, ranker="fused")


FOUND = [hit(n, f"Fact number {n} [1] happened.") for n in range(4)]
ARTICLES = {
    f"art{n}": Article(
        article_id=f"art{n}", revision=1, title="T", text=f"Fact number {n} [1] happened.",
        outlet="Reuters",
    )
    for n in range(4)
}  # fmt: skip
QUESTION = Question(asked="What happened?")


def ask(model: Scripted) -> list[tuple[str, tuple[str, ...]]]:
    return [(s.text, s.passage_ids) for s in generate(QUESTION, FOUND, ARTICLES, model)]


def test_sentences_cite_the_passages_that_the_ids_stand_for() -> None:
    model = Scripted("Fact 0 happened [{0}]. So did fact 2 [{2}] [1].")

    assert ask(model) == [
        ("Fact 0 happened.", ("art0:1:0",)),
        ("So did fact 2.", ("art2:1:0",)),
    ]


@pytest.mark.parametrize(
    "reply",
    ["NOTHING_FOUND", "**NOTHING_FOUND**.", "Nothing found.",
     "NOTHING_FOUND. The passages are old.", "I don't know.",
     "I'm sorry, but I cannot answer that.", "`NOTHING_FOUND`",
     "The passages do not contain information about it.", "There is no mention of it."],
)  # fmt: skip
def test_no_sentences_when_the_model_finds_nothing(reply: str) -> None:
    assert ask(Scripted(reply)) == []


def test_stops_reading_after_nothing_found() -> None:
    model = Scripted("NOTHING_FOUND. " + "And on it goes. " * 50)

    assert ask(model) == []
    assert model.is_closed
    assert model.n_pieces < 20


def test_an_answer_may_say_what_is_not_known() -> None:
    reply = "The passages do not say when. Fact 1 happened [{1}]."

    assert len(ask(Scripted(reply))) == 2


@pytest.mark.parametrize(
    "reply", ["The article says that China agreed.", "No deal was signed.", "It did not happen."]
)
def test_an_uncited_statement_is_no_refusal(reply: str) -> None:
    assert ask(Scripted(reply)) == [(reply, ())]


def test_a_cut_reply_gives_its_whole_sentences_first() -> None:
    reply = "Fact 0 happened [{0}]. Fact 1 happened. [{1}] Fact 2 was"
    got = []
    with pytest.raises(LLMIncomplete) as caught:  # noqa: PT012 - what came before is the point
        model = Scripted(reply, LLMIncomplete("cut", partial="raw [a1b2c3]"))
        for sentence in generate(QUESTION, FOUND, ARTICLES, model):
            got += [sentence.text]

    assert got == ["Fact 0 happened.", "Fact 1 happened."]
    assert caught.value.partial == "Fact 2 was"


@pytest.mark.parametrize(
    ("reply", "n_whole"), [("It rose 3.", 0), ("It rose [{0}]. [{1", 1), ("It rose. [{0}]", 1)]
)
def test_the_last_sentence_of_a_cut_reply_needs_its_marker(reply: str, n_whole: int) -> None:
    got = []
    with pytest.raises(LLMIncomplete):  # noqa: PT012
        for sentence in generate(
            QUESTION, FOUND, ARTICLES, Scripted(reply.replace("{1", "{{1"), LLMIncomplete("cut"))
        ):
            got += [sentence]

    assert len(got) == n_whole


def test_drops_the_lowest_passages_when_the_context_is_too_long() -> None:
    model = Scripted(ContextTooLong("too long"), "Fact 1 happened [{1}].")

    def stream(messages: Sequence[Message]) -> Iterator[str]:
        reply = model.replies.pop(0)
        model.prompts.append(messages)
        if isinstance(reply, Exception):
            raise reply
        yield reply.format(*ids_in(messages[-1].content))

    model.stream = stream  # type: ignore[method-assign]  # one reply to a request

    assert ask(model) == [("Fact 1 happened.", ("art1:1:0",))]
    assert [len(list(ids_in(p[-1].content))) for p in model.prompts] == [4, 2]


def test_a_small_model_is_given_fewer_passages() -> None:
    model = Scripted("NOTHING_FOUND")
    model.context_tokens = 2_048
    found = [hit(n, "Fact happened. " * 60) for n in range(4)]

    assert list(generate(QUESTION, found, ARTICLES, model)) == []
    assert 1 <= len(list(ids_in(model.prompts[0][-1].content))) < 4


def test_gives_up_when_even_one_passage_is_too_long() -> None:
    with pytest.raises(ContextTooLong):
        list(generate(QUESTION, FOUND[:1], ARTICLES, Scripted(ContextTooLong("too long"))))


def test_a_model_that_recites_its_rules_is_not_heard() -> None:
    rules = "Use only what the passages say. Add nothing from memory and do not guess."

    assert ask(Scripted(f"{rules} Fact 0 happened [{{0}}].")) == [
        ("Fact 0 happened.", ("art0:1:0",))
    ]


def test_a_reply_without_words_is_an_error() -> None:
    with pytest.raises(LLMError, match="nothing that can be shown"):
        ask(Scripted("```\ncode\n```"))


def test_closing_the_answer_closes_the_stream() -> None:
    model = Scripted("Fact 0 happened [{0}]. Fact 1 happened [{1}]. Fact 2 happened [{2}].")
    answer = generate(QUESTION, FOUND, ARTICLES, model)
    next(answer)

    answer.close()  # type: ignore[attr-defined]  # it is a generator

    assert model.is_closed
