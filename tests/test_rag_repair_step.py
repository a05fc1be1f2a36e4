"""The step of repair by itself: what becomes of a sentence, one way after the other."""

from collections.abc import Sequence

import pytest

from rag.errors import LLMUnreachable
from rag.repair import Repair
from rag.schema import (
    Citation,
    Evidence,
    Label,
    Passage,
    Sentence,
    Verdict,
)
from tests.test_rag_repair import TEXTS, passage

# --- the step by itself -------------------------------------------------------------------------


def sentence(text: str, label: Label, at: int = 0) -> Sentence:
    start = TEXTS["council"].index("The bridge") if at else 0
    words = TEXTS["council"][start : start + 10]
    evidence = Evidence(article_id="council", start=start, end=start + 10, text=words)
    return Sentence(
        text=text,
        citations=(Citation(marker=0, evidence=evidence),),
        verdict=Verdict(label=label, score=0.5),
    )


def mended(first: Label, *then: Label, strict: bool = False) -> tuple[Sentence | None, Repair]:
    """What becomes of a sentence that is judged like this, one way after the other."""
    verdicts = iter(then)
    known = [passage("council")]

    def check(text: str, passages: Sequence[Passage]) -> Sentence:
        return sentence(text, next(verdicts), at=1)

    def search(text: str) -> None:
        known.append(passage("school"))

    repair = Repair(check=check, known=lambda: known, search=search, strict=strict)
    return repair.mend(sentence("x", first)), repair


@pytest.mark.parametrize("label", ["supported", "contested"])
def test_what_is_carried_is_not_touched(label: Label) -> None:
    assert mended(label)[0] == sentence("x", label)


def test_other_evidence_that_carries_it_is_taken() -> None:
    got, repair = mended("partial", "supported")

    assert got == sentence("x", "supported", at=1) and repair.counts["reattributed"] == 1
    assert repair.n_searches == 0


def test_better_evidence_is_taken_though_it_stays_marked() -> None:
    got, repair = mended("unsupported", "partial", "unsupported", "unsupported")

    assert got == sentence("x", "partial", at=1) and repair.counts["marked"] == 1


def test_what_is_refuted_is_not_made_harmless_by_other_evidence() -> None:
    got, repair = mended("refuted", "partial", "partial", "unsupported")

    assert got == sentence("x", "refuted") and repair.counts["marked"] == 1


def test_strictly_nothing_short_of_carried_is_kept() -> None:
    got, repair = mended("unsupported", "partial", "partial", "partial", strict=True)

    assert got is None and repair.counts["removed"] == 1


def test_a_rewrite_is_shown_the_whole_sentences_only() -> None:
    given: list[Passage] = []

    def rewrite(text: str, passages: Sequence[Passage]) -> str | None:
        given.extend(passages)
        raise LLMUnreachable("gone")

    repair = Repair(
        check=lambda text, passages: sentence(text, "refuted", at=1),
        known=lambda: [passage("council")],
        search=lambda text: None,
        rewrite=rewrite,
    )
    repair.mend(sentence("x", "refuted"))

    assert [p.text for p in given] == list(passage("council").sentence_texts()[:2])
    assert repair.rewrite is None
