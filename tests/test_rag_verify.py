"""A verdict names what the source does not say; word for word is always supported."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.attribute import attribute
from rag.schema import Article, Evidence, Passage, Verdict
from rag.text import sentence_spans
from rag.verify import support, verify
from tests.passages import whole as passage

STORY = (
    "Shipyards in Busan and Ulsan will build more than 40 ferries in total under a conditional "
    "contract, according to Yonhap. "
    "The ministry in Seoul may approve some of the loans this quarter. "
    "Each yard could earn at least $2 billion by 2031, said Park Jin, an analyst at Daewon. "
    "\u201cThe order book has never been so full,\u201d Park said on March 3, 2026. "
    "Samho sued Hanjin over the design in 2024. "
    "The union did not sign the agreement, and exports rose 12 percent last year. "
    "All three yards were inspected before the keel was laid. "
    "Regulators granted preliminary approval to the second-largest yard."
)
ARTICLE = Article(
    article_id="a",
    revision=1,
    title="South Korea's yards win ferry order",
    text=STORY,
    outlet="The Quay",
    published_at=datetime(2026, 3, 5, tzinfo=UTC),
)

SENTENCES = [STORY[a:b] for a, b in sentence_spans(STORY)]


def judged(text: str, *rivals: Passage) -> Verdict:
    evidence = attribute(text, (passage(STORY, "a"),))
    return verify(text, evidence, context={"a": ARTICLE}, rivals=rivals)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_word_for_word_is_supported(sentence: str) -> None:
    verdict = judged(sentence)

    assert (verdict.label, verdict.score, verdict.reasons) == ("supported", 1.0, ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Shipyards in Busan and Ulsan will build more than 90 ferries in total.", "90 is not"),
        ("Shipyards in Busan and Ulsan will build more than 40 ferries each.", "in total, not"),
        ("Shipyards in Busan and Ulsan will build up to 40 ferries in total.", "more than 40"),
        ("Shipyards in Busan and Incheon will build more than 40 ferries.", "Ulsan"),
        ("Each yard could earn at least $2 million by 2031.", "$2 million is not"),
        ("Each yard could earn at least $2 billion by 2035.", "2035 is not"),
        ("The ministry in Seoul has rejected some of the loans.", "rejected"),
        ("The ministry in Seoul has approved some of the loans.", "may be approved"),
        ("The ministry in Seoul may approve all of the loans this quarter.", "some"),
        ("The ministry in Seoul may approve some of the loans next year.", "this quarter"),
        ("Each yard could earn at least $2 billion, said Kim Min, an analyst at Daewon.", "Park"),
        (
            "Park said the order book \u201cis emptier than anyone feared\u201d.",
            "not in the source",
        ),
        ("Hanjin sued Samho over the design in 2024.", "other way round"),
        ("The union signed the agreement.", "not"),
        ("Exports fell 12 percent last year.", "rose"),
        ("All three yards were inspected after the keel was laid.", "before"),
        ("Regulators granted final approval to the second-largest yard.", "preliminary"),
        ("Regulators granted preliminary approval to the largest yard.", "second"),
        ("Park said on March 9, 2026 the order book has never been so full.", "March 9"),
    ],
)
def test_an_edit_is_refuted_with_the_reason(text: str, reason: str) -> None:
    verdict = judged(text)

    assert verdict.label == "refuted"
    assert any(reason in r for r in verdict.reasons), verdict.reasons
    assert verdict.score < 0.5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Regulators granted approval to the second-largest yard.", "preliminary"),
        ("Busan and Ulsan will build more than 40 ferries under a contract.", "conditional"),
        ("Each yard will earn at least $2 billion by 2031.", "could"),
        ("Shipyards in Busan and Ulsan will build 40 ferries in total.", "more than 40"),
        ("Shipyards in Busan, Ulsan and Mokpo will build more than 40 ferries.", "Mokpo"),
    ],
)
def test_saying_more_than_the_source_is_partial(text: str, reason: str) -> None:
    verdict = judged(text)

    assert verdict.label == "partial"
    assert any(reason in r for r in verdict.reasons), verdict.reasons


@pytest.mark.parametrize(
    "text",
    [
        "More than 40 ferries in total will be built by yards in Busan and Ulsan, Yonhap reported.",
        "At least $2bn could be earned by each yard by 2031.",
        "Samho filed a suit against Hanjin in 2024 over the design.",
        "Hanjin was sued by Samho over the design in 2024.",
        "The union has not signed the agreement.",
        "Exports increased by 12% in 2025.",
        "The order book has never been so full, Park said.",
        "Seoul's ministry may approve some loans this quarter.",
        "The second-largest yard got preliminary approval from regulators.",
    ],
)
def test_a_fair_paraphrase_is_not_refuted(text: str) -> None:
    verdict = judged(text)

    assert verdict.label in ("supported", "partial"), verdict


@pytest.mark.parametrize("text", ["", " ", "Pandas eat bamboo in Chengdu."])
def test_without_evidence_nothing_is_supported(text: str) -> None:
    verdict = judged(text)

    assert (verdict.label, verdict.score) == ("unsupported", 0.0)


def test_evidence_that_says_too_little_does_not_support() -> None:
    text = "Floods closed the airport in Seoul and stranded thousands of travellers."
    whole = Evidence(article_id="a", start=0, end=len(STORY), text=STORY)

    assert verify(text, (whole,), context={"a": ARTICLE}).label == "unsupported"


def test_a_cut_quotation_cannot_hide_the_not() -> None:
    at = STORY.index("sign the agreement")
    cut = Evidence(article_id="a", start=at, end=at + 18, text="sign the agreement")

    assert verify("The union did sign the agreement.", (cut,), context={"a": ARTICLE}).label == (
        "refuted"
    )


def test_a_name_from_the_title_is_known() -> None:
    verdict = judged("Exports from South Korea rose 12 percent last year.")

    assert verdict.label in ("supported", "partial")
    assert not any("Korea" in r for r in verdict.reasons)


def test_another_article_that_says_otherwise_contests() -> None:
    text = "Regulators in Seoul granted approval to the Samho yard."
    source = passage(text, "a")
    evidence = attribute(text, (source,))
    rival = passage("Regulators in Seoul rejected approval of the Samho yard on Friday.", "b")
    other = passage("Regulators in Oslo rejected a tunnel on Friday.", "c")

    assert verify(text, evidence, context={}, rivals=(rival,)).label == "contested"
    assert verify(text, evidence, context={}, rivals=(other,)).label == "supported"
    assert verify(text, evidence, context={}, rivals=(source,)).label == "supported"


def test_each_and_in_total_do_not_contest_each_other() -> None:
    text = "Busan and Ulsan ordered more than 40 ferries in total."
    rival = passage("Busan and Ulsan ordered more than 20 ferries each.", "b")

    verdict = verify(text, attribute(text, (passage(text, "a"),)), context={}, rivals=(rival,))

    assert verdict.label == "supported"


EDITS = (
    (r"\b\d+\b", "77"),
    (r"\bBusan\b|\bSeoul\b|\bPark\b|\bSamho\b|\bDaewon\b", "Zurich"),
    (r"\bMarch\b", "August"),
    (r"\b(will|may|could|did|were)\b", r"\1 not"),
    (r"\bnot\b ?|\bnever\b ?", ""),
    (r"\bmay\b|\bcould\b", "will"),
    (r"\bconditional\b ?|\bpreliminary\b ?|\bsome of\b ?", ""),
    (r"\bmore than\b|\bat least\b", "up to"),
    (r"\brose\b", "fell"),
    (r"\bAll\b|\bEach\b", "No"),
)


@given(sentence=st.sampled_from(SENTENCES), edit=st.sampled_from(EDITS))
def test_a_verbatim_sentence_never_scores_below_an_edit_of_it(
    sentence: str, edit: tuple[str, str]
) -> None:
    edited = re.sub(*edit, sentence, count=1)
    assume(edited != sentence and "not not" not in edited)

    assert support(sentence, STORY) == 1.0 > support(edited, STORY)
    assert judged(edited).label != "supported"


WORDS = st.lists(st.sampled_from(STORY.split()), max_size=30).map(" ".join)


@given(text=WORDS, source=WORDS)
def test_a_score_is_a_share_and_repeats(text: str, source: str) -> None:
    first = support(text, source)

    assert 0.0 <= first <= 1.0
    assert first == support(text, source)


@given(text=st.text(max_size=200), source=st.text(max_size=200))
def test_any_text_gets_a_verdict(text: str, source: str) -> None:
    evidence = Evidence(article_id="a", start=0, end=len(source), text=source)

    verdict = verify(text, (evidence,), context={}, rivals=(passage(source, "b"),))

    assert 0.0 <= verdict.score <= 1.0
    assert len(verdict.reasons) <= 5


@pytest.mark.parametrize(
    "junk", ["[", "1,", "A.", "not ", "approved ", "Nvidia ", "\u201c", "said "]
)
def test_hostile_text_takes_little_time(junk: str) -> None:
    text = (junk * 100_000)[:100_000]
    whole = Evidence(article_id="a", start=0, end=len(text), text=text)
    started = time.process_time()

    verify(text, (whole,), context={})
    verify(SENTENCES[0], (whole,), context={"a": ARTICLE}, rivals=(passage(text, "b"),))
    verify(text + ".", (whole,), context={}, rivals=(passage(STORY, "b"),))

    assert time.process_time() - started < 10


SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed articles are not on this machine")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "According to Reuters, ByteDance, Alibaba and Tencent will buy more than 900,000 of "
            "the chips.",
            ("900,000", "400,000"),
        ),
        ("Beijing has rejected the sale of H200 chips.", ("approved", "rejected")),
    ],
)
def test_the_known_attacks_are_refuted(text: str, words: tuple[str, str]) -> None:
    found = [
        (passage(t := p.read_text(encoding="utf-8"), p.stem), Article(
            article_id=p.stem, revision=1, title=None, text=t, outlet=None
        ))
        for p in sorted(SEEDS.glob("*.txt"))
    ]  # fmt: skip
    evidence = attribute(text, [p for p, _ in found])

    verdict = verify(text, evidence, context={a.article_id: a for _, a in found})

    assert verdict.label == "refuted"
    assert all(word in verdict.reasons[0] for word in words)


def test_a_stray_mention_elsewhere_does_not_vouch_for_a_wrong_name() -> None:
    told = "The operator, Verrin Lines, said that the vessel had passed an inspection in November."
    stray = "My brother works for Halden Freight, said Anselm Reith."
    evidence = tuple(
        Evidence(article_id=i, start=0, end=len(t), text=t) for i, t in (("b", stray), ("a", told))
    )
    wrong = told.replace("Verrin Lines", "Halden Freight")

    assert verify(told, evidence, context={}).label == "supported"
    assert verify(wrong, evidence, context={}).label == "refuted"


def test_two_reports_of_one_event_may_carry_a_sentence_together() -> None:
    first = "Nine people died when the ferry Tamsin Gale, with 68 people aboard, capsized."
    later = "Twelve people died when the ferry Tamsin Gale capsized, the rescue service said."
    evidence = tuple(
        Evidence(article_id=i, start=0, end=len(t), text=t) for i, t in (("a", first), ("b", later))
    )

    verdict = verify(
        "Twelve people died when the ferry Tamsin Gale, with 68 people aboard, capsized.",
        evidence,
        context={},
    )

    assert verdict.label == "supported"
