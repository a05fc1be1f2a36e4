"""A comparison gives both texts back and says what a reader would say was changed."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.compare import Change, compare
from rag.render_diff import UNCHANGED, diff_html, diff_text

WORDS = st.lists(st.sampled_from("Nine nine ten men. sailed, home.\n\n \n “Well”".split(" ")))
PROSE = WORDS.map(" ".join) | st.text(max_size=40)

BEFORE = (
    "At least nine people died and 14 were missing on Monday. The ferry had 68 people aboard. "
    "Schools stay closed."
)
AFTER = (
    "At least twelve people died and 11 were missing on Monday. Schools stay closed. "
    "Divers found three bodies."
)


@given(old=PROSE, new=PROSE)
def test_both_texts_come_back(old: str, new: str) -> None:
    changes = compare(old, new)

    assert "".join(c.text for c in changes if c.kind != "in") == old
    assert "".join(c.text for c in changes if c.kind != "out") == new
    assert all(c.text for c in changes)
    assert all(a.kind != b.kind for a, b in pairwise(changes))


@given(text=PROSE)
def test_nothing_was_changed(text: str) -> None:
    changes = compare(text, text)

    assert {c.kind for c in changes} <= {"same"}
    assert diff_text(changes) == UNCHANGED
    assert UNCHANGED in diff_html(changes)


def test_words_are_compared_within_a_sentence() -> None:
    changes = compare(BEFORE, AFTER)

    assert [(c.kind, c.text) for c in changes if c.kind != "same"] == [
        ("out", "nine"),
        ("in", "twelve"),
        ("out", "14"),
        ("in", "11"),
        ("out", " The ferry had 68 people aboard."),
        ("in", " Divers found three bodies."),
    ]
    assert diff_text(changes).startswith("At least [-nine-]{+twelve+} people died and [-14-]")


def test_another_sentence_is_replaced_whole() -> None:
    changes = compare("It rained. The mill burned down.", "It rained. Nobody saw a thing!")

    assert changes[1:] == (
        Change(kind="out", text="The mill burned down."),
        Change(kind="in", text="Nobody saw a thing!"),
    )


def test_the_page_escapes_and_folds() -> None:
    long = "Nothing much was said about it in the hall that evening. " * 20
    changes = compare(f"<b>One</b>. {long}", f"<b>Two</b>. {long}<script>x</script>")

    shown = diff_html(changes)

    assert "&lt;b&gt;<del>One</del><ins>Two</ins>&lt;/b&gt;" in shown
    assert "<ins>&lt;script&gt;x&lt;/script&gt;</ins>" in shown
    assert shown.count("…") == 1 and len(shown) < 500
    assert diff_text(changes, lambda kind, text: f"<{kind}>{text}").count("<in>{+") == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 500_000, "b " * 500_000),
        ("x\n" * 500_000, "y\nx\n" * 250_000),
        ("A b. C d. " * 3_000, "C d. A b. " * 3_000),
        ("a" * 1_000_000, "b" * 1_000_000),
        (
            "".join(f"N {n}. {'A. B. ' * 58}" for n in range(3_000)),
            "".join(f"N {n}. {'B. A. B. ' * 39}" for n in range(3_000)),
        ),
        (
            "".join(f"Line {n} was told. And so on. " for n in range(30_000)),
            "".join(
                f"Line {n} was {'not ' * (n % 9 == 0)}told. And so on. " for n in range(30_000)
            ),
        ),
    ],
    ids="words lines repeated letters anchors long".split(),
)
def test_hostile_and_long_texts_take_seconds_at_most(old: str, new: str) -> None:
    began = time.process_time()

    changes = compare(old, new)

    assert time.process_time() - began < 5
    assert "".join(c.text for c in changes if c.kind != "out") == new
