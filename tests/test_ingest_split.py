"""Passages are runs of whole sentences that cover an article in order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.split import MAX_TOKENS, TokenCounter, context, embedded_texts, split
from rag.embed import Embedder
from rag.schema import Article
from rag.text import sentence_spans


def article(text: str, title: str | None = None, at: datetime | None = None) -> Article:
    return Article(
        article_id="a1", revision=3, title=title, text=text, outlet=None, published_at=at
    )


SENTENCE = st.text(alphabet="ab cdé日", min_size=1, max_size=300).map(lambda s: f"A{s}.")
TEXTS = st.one_of(
    st.lists(st.lists(SENTENCE, max_size=8).map(" ".join), max_size=6).map("\n".join),
    st.text(max_size=500),
    st.text(alphabet="ab ", min_size=1_400, max_size=2_600),
)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_every_sentence_stands_in_exactly_one_passage_in_order(raw: str) -> None:
    text = clean(raw).text
    passages = split(article(text))
    pieces = [s for p in passages for s in p.sentences]

    assert all(a[1] <= b[0] for a, b in pairwise(pieces))
    covered = "".join(text[a:b] for a, b in pieces)
    assert "".join(covered.split()) == "".join(text.split())
    assert {a for a, _ in sentence_spans(text)} <= {a for a, _ in pieces}
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert (passage.start, passage.end) == (passage.sentences[0][0], passage.sentences[-1][1])
        assert passage.passage_id == f"a1:3:{passage.start}"
        assert max(b - a for a, b in passage.sentences) <= 1_500


def test_passages_are_as_large_as_the_embedder_reads(embedder: Embedder) -> None:
    text = " ".join(f"The ferry number {i} will sail in May, the board said." for i in range(200))
    passages = split(article(text), embedder)

    assert isinstance(embedder, TokenCounter)
    sizes = [n - 2 for n in embedder.count_tokens([p.text for p in passages])]

    assert max(sizes) <= MAX_TOKENS + 25
    assert min(sizes[:-1]) > MAX_TOKENS - 20


def test_a_short_last_passage_joins_the_one_before() -> None:
    class Words:
        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            return [len(t.split()) + 2 for t in texts]

    long = " ".join(["word"] * 175) + "."

    assert len(split(article(f"{long}\nA short end."), Words())) == 1
    assert len(split(article(f"{long}\n{long}"), Words())) == 2


def test_the_embedder_sees_title_and_day() -> None:
    dated = article("It rained.", "Ferry to close", datetime(2026, 1, 5, 23, tzinfo=UTC))

    assert context(dated) == "Ferry to close. 5 January 2026"
    assert embedded_texts(dated, split(dated)) == ["Ferry to close. 5 January 2026\nIt rained."]
    assert embedded_texts(article("It rained."), split(article("It rained."))) == ["It rained."]


def test_an_empty_article_has_no_passages() -> None:
    assert split(article("")) == ()
