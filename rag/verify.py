"""Step: is a sentence true to the words that it cites? A verdict with reasons in plain words.

Without a trained model: how well the source carries the sentence's words (``rag.align``), and
checks of facts and wording (``rag.checks``, ``rag.wording``) that name what differs. The sentence
is held against the whole sentences around its evidence, so that a cut quotation cannot hide the
"not" beside it. Deterministic; a few milliseconds per verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from rag.align import MAX_TERMS, Carried, carried, coverage, read, weight_of
from rag.checks import (
    check_dates,
    check_figures,
    check_names,
    check_quotes,
    check_speaker,
    check_status,
)
from rag.pair import Finding, Pair
from rag.schema import Article, Evidence, Label, Passage, Verdict
from rag.text import sentence_spans
from rag.wording import (
    check_certainty,
    check_limits,
    check_negation,
    check_opposites,
    check_quantifiers,
    check_roles,
    check_swaps,
)

JUDGE = "byline-rules/1"

# How far each finding pulls the score down: a contradiction below anything that is merely
# unsaid, an overstatement below half of that.
_FACTOR = {"hard": 0.3, "firm": 0.7, "soft": 0.9}
_LEAST = 0.35  # share of the sentence's weight in the source under which nothing is supported
_MOST = 0.7  # and from which its unmatched words count as another way of saying it
_TOGETHER = 0.65  # score under which its words stand scattered in the source
_RIVAL = 0.45  # share of the sentence that another article must speak of to contest it
_CONTESTS = frozenset({"status", "certainty", "negation", "opposite", "number"})
_MAX_KNOWN = 20_000  # characters of the cited article that are searched for names


def verify(
    text: str,
    evidence: Sequence[Evidence],
    *,
    context: Mapping[str, Article],
    rivals: Sequence[Passage] = (),
) -> Verdict:
    """Hold a sentence against its evidence.

    ``context`` has the cited articles by id, ``rivals`` passages of other articles on the same
    question. A sentence that stands in its source word for word is supported with score 1; one
    without evidence is unsupported with score 0.
    """
    if not evidence or not text.strip():
        return Verdict(label="unsupported", score=0.0, reasons=("no source",), judge=JUDGE)
    source = "\n".join(dict.fromkeys(_widened(e, context.get(e.article_id)) for e in evidence))
    article = context.get(evidence[0].article_id)
    cited = dict.fromkeys(e.article_id for e in evidence)
    known = "\n".join(_known(context[i]) for i in cited if i in context)
    label, score, reasons = _judge(text, source, known, article.day if article else None)
    if label in ("supported", "partial"):
        against = _contested(text, [p for p in rivals if p.article_id not in cited])
        if against:
            label, reasons = "contested", (*reasons, against)
    return Verdict(label=label, score=score, reasons=reasons, judge=JUDGE)


def support(text: str, evidence_text: str) -> float:
    """How firmly a source carries a sentence, from 0 to 1; 1 when it holds it word for word."""
    pair = Pair(text, evidence_text)
    if _verbatim(pair):
        return 1.0
    return _score(carried(pair.words, evidence_text), differences(pair, None))


def differences(pair: Pair, today: date | None) -> tuple[Finding, ...]:
    """What the claim says otherwise than its source, gravest first, each reason once."""
    found: Iterable[Finding] = (
        *check_figures(pair),
        *check_status(pair.near),
        *check_negation(pair.near),
        *check_opposites(pair.near),
        *check_names(pair),
        *check_speaker(pair.nearest),
        *check_roles(pair.near),
        *check_dates(pair, today),
        *check_quotes(pair),
        *check_quantifiers(pair.near),
        *check_certainty(pair.near),
        *check_limits(pair.near),
        *check_swaps(pair.near),
    )
    grave = ("hard", "firm", "soft")
    unique = {f.reason: f for f in found}.values()
    return tuple(sorted(unique, key=lambda f: grave.index(f.gravity)))


def _score(fit: Carried, found: Sequence[Finding]) -> float:
    score = (
        2 * fit.near + 2 * fit.anywhere + fit.pairs + fit.triples + fit.copied + 2 * fit.names
        + fit.skips
    ) / 10  # fmt: skip
    for finding in found[:6]:
        score *= _FACTOR[finding.gravity]
    return min(score, 0.99)


def _judge(
    text: str, source: str, known: str, today: date | None
) -> tuple[Label, float, tuple[str, ...]]:
    pair = Pair(text, source, known)
    if _verbatim(pair):
        return "supported", 1.0, ()
    found = differences(pair, today)
    fit = carried(pair.words, source)
    score = _score(fit, found)
    reasons = tuple(f.reason for f in found)
    if fit.anywhere < _LEAST:
        return "unsupported", min(score, 0.3), ("the source says too little of this", *reasons)[:4]
    if found and found[0].gravity == "hard":
        return "refuted", score, reasons[:4]
    missing = _missing(pair)
    if len(read(text)) > MAX_TERMS:
        reasons = (*reasons, f"only its first {MAX_TERMS} words were checked")
    if score < _TOGETHER and not reasons:
        reasons = ("the source has these words, but does not put them together",)
    share = coverage(pair.words, pair.source_roots | pair.known_roots)
    if share < _MOST and missing:
        words = ", ".join(f"\u201c{w}\u201d" for w in missing[:4])
        reasons = (*reasons, f"not in the source: {words}")
    return ("partial" if reasons else "supported"), score, reasons[:4]


def _missing(pair: Pair) -> list[str]:
    """The claim's words that its source does not have, the rarest first."""
    absent = [t for t in pair.words if t.weight and t.root not in pair.source_roots]
    return list(dict.fromkeys(t.text for t in sorted(absent, key=lambda t: -t.weight)))


def _verbatim(pair: Pair) -> bool:
    """True if the claim is whole sentences of the source, white space and marks apart."""
    wanted = _same(pair.claim)
    return bool(wanted) and (
        wanted == _same(pair.source)
        or any(wanted == _same(pair.source[a:b]) for a, b in sentence_spans(pair.source))
    )


def _same(text: str) -> str:
    marks = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})
    return " ".join(text.translate(marks).split())


def _widened(evidence: Evidence, article: Article | None) -> str:
    """The whole sentences that the evidence touches."""
    if article is None or article.text[evidence.start : evidence.end] != evidence.text:
        return evidence.text
    start = article.text.rfind("\n", 0, evidence.start) + 1
    end = article.text.find("\n", evidence.end)
    paragraph = article.text[start : end if end >= 0 else None]
    touched = [
        (a, b)
        for a, b in sentence_spans(paragraph)
        if a + start < evidence.end and b + start > evidence.start
    ]
    return paragraph[touched[0][0] : touched[-1][1]] if touched else evidence.text


def _known(article: Article) -> str:
    parts = (article.title, article.outlet, *article.authors, *article.credits)
    return "\n".join([*(p for p in parts if p), article.text[:_MAX_KNOWN]])


def _contested(text: str, rivals: Sequence[Passage]) -> str | None:
    """What a sentence of another article says against the claim; None when nothing does."""
    claim = read(text)[:MAX_TERMS]
    if not weight_of(claim):
        return None
    for passage in rivals:
        for sentence in passage.sentence_texts():
            roots = frozenset(t.root for t in read(sentence))
            if coverage(claim, roots) < _RIVAL or not _share_name(text, roots):
                continue
            for finding in differences(Pair(text, sentence), None):
                if finding.gravity == "hard" and finding.kind in _CONTESTS:
                    return "another article disagrees: " + finding.reason.replace(
                        "the source", "it"
                    )
    return None


def _share_name(text: str, roots: frozenset[str]) -> bool:
    capitals = [t for t in read(text)[1:] if t.text[0].isupper() and t.weight]
    return any(t.root in roots for t in capitals)
