"""Groups: whatever came, changed and went in whatever order, they are what the texts say."""

import hashlib
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingest.dedupe import SCHEME, copies, group, sketch
from rag.catalog import Catalog
from rag.groups import Groups, Piece, likeness
from rag.schema import Article

META = {"format": "1"}
IDS = st.sampled_from([f"a{n}" for n in range(9)])


def prose(seed: int, n: int = 120) -> str:
    """Made-up sentences that share nothing with those of another seed."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("bdfgklmnprst"), 2)) + "a" + str(seed) for _ in range(n)]
    return " ".join(words)


def variants(seed: int) -> list[str]:
    """One text; cut twice so that the cuts share too little with each other; edited; joined."""
    words = prose(seed).split()
    return [
        " ".join(words),
        " ".join(words[: len(words) // 2]),
        " ".join(words[len(words) // 2 :]),
        " ".join("edited" if n % 12 == 5 else word for n, word in enumerate(words)),
        " ".join(words[len(words) // 4 :]) + " " + prose(seed + 50, 20),
    ]


TEXTS = [text for seed in range(3) for text in variants(seed)] + ["", "One word.", prose(99)]


def article(name: str, text: str, title: str | None = None, **given: Any) -> Article:
    return Article(
        article_id=name,
        revision=1,
        title=title,
        text=text,
        outlet=None,
        content_hash=hashlib.sha256(f"{title}\n{text}".encode()).hexdigest(),
        **given,
    )


def put(catalog: Catalog, *articles: Article) -> None:
    catalog.flip([(a, [], np.zeros((0, 4), np.float16)) for a in articles])


def partition(catalog: Catalog) -> dict[str, str | None]:
    return {a.article_id: a.group_id for a in catalog.listing()}


def expected(texts: dict[str, str]) -> dict[str, str | None]:
    """By comparing every two texts."""
    pieces = {
        name: Piece(ordinal=0, content_hash="", title=None, text=t) for name, t in texts.items()
    }
    sketches = {name: sketch(text) for name, text in texts.items()}
    leader = {name: name for name in texts}
    for a in sorted(texts):
        for b in sorted(texts):
            alike = likeness(sketches[a], sketches[b][None])[0] > 0
            if a < b and alike and copies(pieces[a], pieces[b]):
                first, second = sorted((leader[a], leader[b]))
                leader = {n: first if at == second else at for n, at in leader.items()}
    sizes = [*leader.values()]
    return {n: at if sizes.count(at) > 1 else None for n, at in leader.items()}


@pytest.fixture
def catalog(tmp_path: Path) -> Any:
    made = Catalog(tmp_path / "catalog.db")
    made.create(META)
    group(made)
    yield made
    made.close()


class Archive(RuleBasedStateMachine):
    """Articles come, change, are stored again and go; now and then they are grouped."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.catalog = Catalog(Path(self.folder.name) / "catalog.db")
        self.catalog.create(META)
        self.texts: dict[str, str] = {}

    @rule(batch=st.dictionaries(IDS, st.sampled_from(TEXTS), min_size=1, max_size=4))
    def store(self, batch: dict[str, str]) -> None:
        put(self.catalog, *(article(name, text) for name, text in batch.items()))
        self.texts |= batch

    @rule(name=IDS)
    def store_again(self, name: str) -> None:
        if name in self.texts:
            put(self.catalog, article(name, self.texts[name]))

    @rule(name=IDS)
    def remove(self, name: str) -> None:
        assert self.catalog.drop(name) == (self.texts.pop(name, None) is not None)

    @rule()
    def reckon(self) -> None:
        group(self.catalog)

    @invariant()
    def agrees(self) -> None:
        groups = Groups(self.catalog)
        if groups._scheme() and not groups.waiting():
            assert partition(self.catalog) == expected(self.texts)

    def teardown(self) -> None:
        group(self.catalog)
        assert partition(self.catalog) == expected(self.texts)
        kept = self.catalog.rows("SELECT COUNT(*) FROM sketches")[0][0]
        assert kept == len(self.texts)
        left = "SELECT COUNT(*) FROM bands WHERE n < 1 OR component NOT IN"
        assert self.catalog.rows(f"{left} (SELECT component FROM sketches)") == [(0,)]
        self.catalog.close()
        self.folder.cleanup()


TestArchive = Archive.TestCase
TestArchive.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_a_member_that_held_two_together_leaves_them_apart(catalog: Catalog) -> None:
    whole, first, second, *_ = variants(1)
    put(catalog, article("a", first), article("b", whole), article("c", second))
    group(catalog)
    assert partition(catalog) == {"a": "a", "b": "a", "c": "a"}

    catalog.drop("b")
    group(catalog)

    assert partition(catalog) == {"a": None, "c": None}


def test_stored_again_unchanged_it_keeps_its_group_at_once(catalog: Catalog) -> None:
    put(catalog, article("a", TEXTS[0]), article("b", TEXTS[0]))
    group(catalog)

    put(catalog, article("b", TEXTS[0]))

    assert partition(catalog) == {"a": "a", "b": "a"}
    assert group(catalog) == 0


def test_a_changed_text_leaves_its_group_before_it_is_looked_at(catalog: Catalog) -> None:
    put(catalog, article("a", TEXTS[0]), article("b", TEXTS[0]))
    group(catalog)

    put(catalog, article("b", prose(7)))

    assert partition(catalog)["b"] is None
    assert group(catalog) == 1
    assert partition(catalog) == {"a": None, "b": None}


def test_the_original_is_the_earliest(catalog: Catalog) -> None:
    put(
        catalog,
        article("a", TEXTS[0]),
        article("b", TEXTS[0], published_at=datetime(2026, 3, 2, 12, tzinfo=UTC)),
        article("c", TEXTS[0], published_at=datetime(2026, 3, 2, 9, tzinfo=UTC)),
        article("d", TEXTS[0], published_at=datetime(2026, 3, 3, 9, tzinfo=UTC)),
    )
    group(catalog)
    groups = Groups(catalog)

    assert groups.members("a") == ("c", "b", "d", "a")
    assert groups.original("a") == "c"
    assert groups.original("nothing") is None
    assert catalog.group_sizes(["a", "d"]) == {"a": 4, "d": 4}


def test_an_archive_from_before_and_another_scheme_are_reckoned_anew(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.create(META)
    put(catalog, article("a", TEXTS[0], group_id="old"), article("b", TEXTS[0]))

    assert group(catalog) == 2
    assert group(catalog) == 0
    Groups(catalog).create("another")
    assert partition(catalog) == {"a": None, "b": None}
    assert group(catalog) == 2
    assert partition(catalog) == {"a": "a", "b": "a"}
    catalog.close()


def test_stopped_in_the_middle_nothing_is_lost(catalog: Catalog) -> None:
    put(catalog, article("a", TEXTS[0]), article("b", TEXTS[0]))
    groups = Groups(catalog)
    pieces = groups.pending(9)

    def dies(one: Piece, other: Piece) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        groups.place([(p, sketch(p.text)) for p in pieces], dies)

    assert groups.waiting()
    assert group(catalog) == 2
    assert partition(catalog) == {"a": "a", "b": "a"}


def test_what_changes_while_it_is_sketched_goes_on_waiting(catalog: Catalog) -> None:
    put(catalog, article("a", TEXTS[0]), article("b", TEXTS[0]))
    groups = Groups(catalog)
    pieces = groups.pending(9)
    put(catalog, article("b", prose(7)))

    groups.place([(p, sketch(p.text)) for p in pieces], copies)

    assert [p.text for p in groups.pending(9)] == [prose(7)]


def test_many_copies_cost_little_more_than_as_many_strangers(catalog: Catalog) -> None:
    claim = prose(5, 300).split()

    def spent(texts: list[str], prefix: str) -> float:
        put(catalog, *(article(f"{prefix}{n:04}", t) for n, t in enumerate(texts)))
        began = time.process_time()
        group(catalog)
        return time.process_time() - began

    strangers = spent([prose(1_000 + n, 300) for n in range(500)], "s")
    flood = [" ".join([*claim[: n % 290], f"word{n}", *claim[n % 290 :]]) for n in range(500)]
    copied = spent(flood, "c")

    assert catalog.group_sizes(["c0000"]) == {"c0000": 500}
    assert copied < 4 * strangers + 1


def test_the_tables_are_of_the_scheme(catalog: Catalog) -> None:
    assert Groups(catalog)._scheme() == SCHEME
    with sqlite3.connect(catalog.path) as connection:
        assert connection.execute("SELECT COUNT(*) FROM waiting").fetchone() == (0,)
