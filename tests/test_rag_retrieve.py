"""Rules of retrieval: fusion, recency, copies, and questions that mean harm."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dedupe import group
from rag.embed import Embedder
from rag.index import Index
from rag.retrieve import fuse, recency, retrieve
from rag.schema import Article, Days, Filters, Passage, Question
from rag.text import sentence_spans

IDS = st.text("abc", min_size=1, max_size=2)
SCORES = st.dictionaries(IDS, st.sampled_from([0.0, 0.25, 0.5, 1.0, 7.0]), max_size=9)
CLAIM = "Nvidia will sell 400,000 H200 chips to ByteDance, Alibaba and Tencent."


@given(dense=SCORES, lexical=SCORES, data=st.data())
def test_fusion_does_not_depend_on_the_order_of_its_input(
    dense: dict[str, float], lexical: dict[str, float], data: st.DataObject
) -> None:
    shuffled_dense = dict(data.draw(st.permutations(list(dense.items()))))
    shuffled_lexical = dict(data.draw(st.permutations(list(lexical.items()))))

    fused = fuse(dense, lexical)

    assert fused == fuse(shuffled_dense, shuffled_lexical)
    assert {i for i, _ in fused} == dense.keys() | lexical.keys()
    assert all(a[1] > b[1] or (a[1] == b[1] and a[0] < b[0]) for a, b in pairwise(fused))


@given(dense=SCORES, lexical=SCORES, factor=st.sampled_from([0.5, 2.0, 64.0]))
def test_the_scale_of_bm25_does_not_matter(
    dense: dict[str, float], lexical: dict[str, float], factor: float
) -> None:
    scaled = {i: v * factor for i, v in lexical.items()}

    assert fuse(dense, scaled) == fuse(dense, lexical)


def test_best_in_both_comes_first() -> None:
    fused = fuse({"a": 0.9, "b": 0.8, "c": 0.1}, {"b": 12.0, "c": 3.0})

    assert [i for i, _ in fused] == ["b", "a", "c"]
    assert fused[0][1] == pytest.approx(0.5 * 0.8 + 0.5)


def test_recency_falls_with_distance_and_is_nothing_without_a_date() -> None:
    day = date(2026, 1, 31)
    days, month = Days(first=day, last=day), Days(first=date(2026, 1, 1), last=day)

    assert recency(day, days) == recency(date(2026, 1, 10), month) == pytest.approx(0.2)
    assert 0 < recency(date(2025, 12, 1), days) < recency(date(2026, 1, 30), days)
    assert recency(date(2026, 3, 2), days) == pytest.approx(recency(date(2026, 1, 1), days))
    assert recency(None, days) == 0.0


def article(n: int, text: str, day: int | None = None) -> tuple[Article, list[Passage]]:
    made = Article(
        article_id=f"art{n:04}",
        revision=1,
        title=None,
        text=text,
        outlet="Outlet",
        published_at=datetime(2026, 1, day, tzinfo=UTC) if day else None,
        content_hash=str(n),
    )
    passage = Passage(
        article_id=made.article_id,
        start=0,
        end=len(text),
        text=text,
        passage_id=f"{made.article_id}:1:0",
        sentences=sentence_spans(text),
    )
    return made, [passage]


def filled(home: Path, embedder: Embedder, made: list[tuple[Article, list[Passage]]]) -> Index:
    index = Index.open(
        home, settings_id="test", embedder=embedder.name, dim=embedder.dim, create=True
    )
    index.add([(a, p, embedder.encode([q.text for q in p])) for a, p in made])
    return index


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Index]:
    """Two hundred near copies of one claim among six other articles."""
    copies = [article(n, f"Read here, part {'x' * (n % 7)}: {CLAIM} Share it.") for n in range(200)]
    others = [
        article(900, "Nvidia will sell 900,000 H200 chips to ByteDance, Alibaba and Tencent."),
        article(906, "Nvidia will not sell 400,000 H200 chips to ByteDance, Alibaba and Tencent."),
        article(901, "Nvidia makes chips in Taiwan, and H200 is one of them."),
        article(902, "Alibaba and Tencent run large data centres."),
        article(903, "ByteDance owns a video app."),
        article(904, "A storm hit the coast of Portugal."),
        article(905, "Tencent sells games."),
    ]
    index = filled(tmp_path_factory.mktemp("flooded"), embedder, copies + others)
    yield index
    index.close()


def test_copies_of_one_claim_take_one_place(flooded: Index, embedder: Embedder) -> None:
    question = Question(asked="How many H200 chips will Nvidia sell to ByteDance and Tencent?")

    found = retrieve(question, flooded, embedder, k=6).passages

    texts = [s.passage.text for s in found]
    assert sum("will sell 400,000" in t for t in texts) == 1
    assert len(found) == 6
    assert [s.rank for s in found] == [1, 2, 3, 4, 5, 6]


def test_a_copy_with_another_figure_or_a_not_is_no_copy(flooded: Index, embedder: Embedder) -> None:
    question = Question(asked="How many H200 chips will Nvidia sell to ByteDance and Tencent?")

    found = retrieve(question, flooded, embedder, k=5).passages

    assert any("900,000" in s.passage.text for s in found)
    assert any("will not sell" in s.passage.text for s in found)


def test_of_two_alike_the_one_nearer_to_the_day_asked_about_wins(
    tmp_path: Path, embedder: Embedder
) -> None:
    made = [
        article(1, "The central bank raised its rate to 3 percent.", day=2),
        article(2, "The central bank raised its rate to 4 percent.", day=30),
    ]
    index = filled(tmp_path, embedder, made)
    question = Question(
        asked="What is the rate of the central bank?", filters=Filters(until=date(2026, 1, 31))
    )

    found = retrieve(question, index, embedder).passages

    assert [s.passage.article_id for s in found] == ["art0002", "art0001"]
    index.close()


REPORT = """The night ferry to Sorrel Bay will stop running in October, Verrin Lines said on
Monday. It carried 212 passengers a night ten years ago and carries 31 today. The company will keep
the boat in the harbour of Port Ansley until a buyer is found. The mayor of Sorrel Bay, Hester
Quill, said that the town would talk with two other lines before the summer ends. Twenty-six people
work on the boat and on the pier, and half of them were offered places on the day ferry. Lorries
will have to take the road around the lake, which is closed for repairs at night.""".replace(
    "\n", " "
)
ELSEWHERE = [
    article(920 + n, text)
    for n, text in enumerate(
        (
            "A day ferry runs to Sorrel Bay every hour.",
            "Verrin Lines owns three boats.",
            "The harbour of Port Ansley was dredged.",
            "Passengers of the night train sleep badly.",
            "Hester Quill was elected mayor two years ago.",
            "A buyer was found for the old mill.",
        )
    )
]
FERRY = Question(asked="How many passengers does the night ferry to Sorrel Bay carry?")


def test_the_original_stands_for_its_copies(tmp_path: Path, embedder: Embedder) -> None:
    copies = [article(n, REPORT, day=20 - n) for n in range(1, 9)]
    index = filled(tmp_path, embedder, [*copies, *ELSEWHERE])
    group(index.catalog)

    found = retrieve(FERRY, index, embedder)

    assert found.passages[0].passage.article_id == "art0008"
    assert sum(s.passage.text == REPORT for s in found.passages) == 1
    assert found.group_sizes["art0008"] == 8
    assert found.group_sizes["art0920"] == 1
    index.close()


def test_other_figures_in_a_copy_are_seen_but_not_among_the_first_five(
    tmp_path: Path, embedder: Embedder
) -> None:
    doctored = [article(n, REPORT.replace("31 today", f"{n} today"), day=n) for n in range(2, 25)]
    index = filled(tmp_path, embedder, [article(1, REPORT, day=1), *doctored, *ELSEWHERE])
    group(index.catalog)
    assert index.catalog.group_sizes(["art0001"]) == {"art0001": 24}

    found = retrieve(FERRY, index, embedder).passages

    voices = ["today" in s.passage.text for s in found]
    assert sum(voices[:5]) == 1
    assert 1 <= sum(voices[5:]) <= 3
    assert [s.rank for s in found] == list(range(1, len(found) + 1))
    index.close()


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "   ",
        "\0\0",
        "\ud800 lone \udfff",
        "[" * 100_000,
        "chips " * 20_000,
        "\U0001f600" * 300,
        "من اشترى الرقائق؟",
        "谁买了芯片？",
        "Wie viele Chips kauft Tencent?",
        "\u202etxet ltr",
        '{} %s {{ 7*7 }} AND OR NOT (a:b^2)~"',
    ],
)
def test_no_question_breaks_retrieval(asked: str, flooded: Index, embedder: Embedder) -> None:
    found = retrieve(Question(asked=asked), flooded, embedder)

    assert len(found.passages) <= 12
    assert found.query_vector.shape == (embedder.dim,)
