"""Step: is a sentence true to the words that it cites? A verdict with reasons in plain words.

How well the source carries the sentence (``rag.support``, a small trained model), and checks of
facts and wording (``rag.checks``, ``rag.wording``) that name what differs and decide alone what
counts as refuted. The sentence is held against the whole sentences around its evidence, so that a
cut quotation cannot hide the "not" beside it. Deterministic; a few milliseconds per verdict, some
thirty more with the encoder.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from rag.align import MAX_CHARACTERS, carried, coverage, read
from rag.by_claim import contested_at, one_subject, plain_claims, with_claims
from rag.checks import check_dates, check_figures, check_names, check_wedged_names
from rag.edits import check_borrowed_names, check_edits
from rag.entail import Judge
from rag.errors import BylineError
from rag.facts import actors, quantities, statuses
from rag.likeness import TokenReader
from rag.pair import Finding, Pair
from rag.referents import Named, Referent, in_its_words, lowered, referents, resolve
from rag.roles import check_acts, check_roles, check_turns
from rag.schema import RANKS, Article, Evidence, Label, Passage, Verdict
from rag.support import Part, enough, score
from rag.text import sentence_spans
from rag.told import check_firmness, check_quotes, check_speaker, check_status
from rag.wording import (
    check_certainty,
    check_limits,
    check_negation,
    check_opposites,
    check_quantifiers,
    check_shares,
)

JUDGE = "byline-rules/2"
JUDGE_FAILED = "judge failed"
NO_SOURCE = "no source"

_LEAST = 0.35  # share of the sentence's weight in the source under which nothing is supported
_MOST = 0.7  # and from which its unmatched words count as another way of saying it
_REFUTED = 0.3  # score that no contradicted sentence exceeds, however alike the words
_ALL_TOGETHER = 0.9  # share of word pairs from which a part of a sentence was copied as it stands
_RIVAL = 0.45  # share of the sentence that another article must speak of to contest it
_SAME_MATTER = 0.6  # share from which two sentences tell of one thing, figures and "not" apart
# Share of what one article says of a sentence from which another one speaks of the matter too:
# stray mentions of a name have at most .04 over the samples, second reports of one event .3.
_ALSO = 0.15
_NEARLY_ALL = 0.65  # share of the words; two articles' news in one sentence have about half each
_MAX_SOURCE = 40_000  # characters of evidence that are looked at: a long article
_MAX_KNOWN = 20_000  # characters of the cited article that are searched for names


def verify(
    text: str,
    evidence: Sequence[Evidence],
    *,
    context: Mapping[str, Article],
    rivals: Sequence[Passage] = (),
    judge: Judge | None = None,
    reader: TokenReader | None = None,
) -> Verdict:
    """Hold a sentence against its evidence.

    ``context`` has the cited articles by id, ``rivals`` passages of other articles on the same
    question; the score leans on ``reader`` where there is one. A sentence that stands in its
    source word for word is supported with score 1; one without evidence is unsupported with
    score 0, whatever ``judge`` would say.
    """
    if not evidence or not text.strip():
        claims = plain_claims(text[:MAX_CHARACTERS], "unsupported", NO_SOURCE)
        return Verdict(
            label="unsupported", score=0.0, reasons=(NO_SOURCE,), judge=JUDGE, claims=claims
        )
    source = "\n".join(dict.fromkeys(_widened(e, context.get(e.article_id)) for e in evidence))
    article = context.get(evidence[0].article_id)
    cited = dict.fromkeys(e.article_id for e in evidence)
    known = "\n".join(_known(context[i]) for i in cited if i in context)
    day = article.day if article else None
    verdict, may_lift = _judge(text, source, known, day, reader)
    named = _with_names(text, evidence, context) if _names_more(text, source) else None
    if named and verdict.score < 1.0:
        whole = "\n".join(dict.fromkeys(named.told))
        again, lift = _judge(text, whole, known, day, reader)
        verdict, may_lift = _better((verdict, may_lift), (again, lift), named, source)
    if len(cited) > 1 and verdict.label != "refuted":
        denied = _against_one(text, evidence, context)
        verdict, may_lift = (denied, False) if denied else (verdict, may_lift)
    if judge is not None and (verdict.score < 1.0 or judge.reads_quotes):
        verdict = _second(verdict, text, source, judge, may_lift=may_lift)
    if verdict.label == "supported":
        others = [p for p in rivals if p.article_id not in cited]
        against = _contested(text[:MAX_CHARACTERS], others)
        if against is not None:
            claims = contested_at(text[:MAX_CHARACTERS], verdict.claims, against)
            reasons = (*verdict.reasons, against.reason)
            return replace(verdict, label="contested", reasons=reasons, claims=claims)
    return verdict


def _against_one(
    text: str, evidence: Sequence[Evidence], context: Mapping[str, Article]
) -> Verdict | None:
    """The verdict of a cited article that contradicts a sentence and that no other answers.

    A stray mention in another article must not vouch for a wrong name or figure: it counts only
    where that article speaks of the same matter itself.
    """
    sources: dict[str, str] = {}
    for one in evidence:
        widened = _widened(one, context.get(one.article_id))
        sources[one.article_id] = f"{sources.get(one.article_id, '')}\n{widened}".strip()
    claim = read(text[:MAX_CHARACTERS])
    roots = {i: frozenset(t.root for t in read(s[:_MAX_SOURCE])) for i, s in sources.items()}
    for article_id, source in sources.items():
        matter = [t for t in claim if t.root in roots[article_id]]
        if sum(t.weight > 0 for t in matter) < _NEARLY_ALL * sum(t.weight > 0 for t in claim):
            continue
        if any(coverage(matter, roots[i]) >= _ALSO for i in roots if i != article_id):
            continue
        article = context.get(article_id)
        known, day = (_known(article), article.day) if article else ("", None)
        verdict, _ = _judge(text, source, known, day)
        if verdict.label == "refuted":
            return verdict
    return None


def _second(ours: Verdict, text: str, source: str, judge: Judge, *, may_lift: bool) -> Verdict:
    """Our verdict as a second reader leaves it; as it was, with a reason, when that one fails."""
    if ours.label == "refuted":
        return ours
    try:
        theirs = judge.judge(text, source[:_MAX_SOURCE])
    except BylineError as error:
        return replace(ours, reasons=(*ours.reasons, f"{JUDGE_FAILED}: {error.message}"))
    both = f"{JUDGE} + {theirs.judge}"
    if RANKS[theirs.label] < RANKS[ours.label]:
        reasons = (*theirs.reasons, *ours.reasons)[:4]
        score = min(ours.score, theirs.score)
        return Verdict(
            label=theirs.label, score=score, reasons=reasons, judge=both, claims=ours.claims
        )
    if theirs.label == "supported" != ours.label and may_lift:
        claims = plain_claims(text[:MAX_CHARACTERS], "supported")
        return replace(theirs, score=max(ours.score, theirs.score), judge=both, claims=claims)
    return replace(ours, judge=both)


def support(text: str, evidence_text: str, reader: TokenReader | None = None) -> float:
    """How firmly a source carries a sentence, from 0 to 1; 1 when it holds it word for word.

    With a ``reader`` of word pieces their likeness in context counts too. Several sentences are
    scored together.
    """
    if _verbatim(text, evidence_text):
        return 1.0
    return score(parts(text, evidence_text), reader)


def parts(text: str, evidence_text: str, known: str = "", today: date | None = None) -> list[Part]:
    """The sentences of a text, each beside the source, with what it says otherwise."""
    text, source = text[:MAX_CHARACTERS], evidence_text[:_MAX_SOURCE]
    spans = sentence_spans(text) or ((0, len(text)),)
    pairs = [Pair(text[a:b], source, known) for a, b in spans]
    return [(pair, differences(pair, today)) for pair in pairs]


def differences(pair: Pair, today: date | None) -> tuple[Finding, ...]:
    """What the claim says otherwise than its source, gravest first, each reason once."""
    found: Iterable[Finding] = (
        *check_figures(pair),
        *check_status(pair.near),
        *check_negation(pair.near),
        *check_opposites(pair.near),
        *check_names(pair),
        *check_wedged_names(pair),
        *check_speaker(pair.near),
        *check_roles(pair.near),
        *check_dates(pair, today),
        *check_quotes(pair),
        *check_quantifiers(pair.near),
        *check_shares(pair.near),
        *check_certainty(pair.near),
        *check_limits(pair.near),
        *check_edits(pair.near),
        *check_borrowed_names(pair),
        *check_turns(pair.near),
        *check_acts(pair.near),
        *check_firmness(pair.near),
    )
    grave = ("hard", "firm", "soft")
    unique: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda f: grave.index(f.gravity)):
        unique.setdefault(finding.reason, finding)
    return tuple(unique.values())


def _judge(
    text: str, source: str, known: str, today: date | None, reader: TokenReader | None = None
) -> tuple[Verdict, bool]:
    """The verdict of the checks, and whether another judge may lift it."""
    if _verbatim(text, source):
        claims = plain_claims(text[:MAX_CHARACTERS], "supported")
        return Verdict(label="supported", score=1.0, judge=JUDGE, claims=claims), True
    sentences = parts(text, source, known, today)
    held = score(sentences, reader)
    pair, found = sentences[0]
    if len(sentences) > 1:
        pair = Pair(text[:MAX_CHARACTERS], source[:_MAX_SOURCE], known)
        found = differences(pair, today)
    reasons = tuple(f.reason for f in found)
    invented = any(f.kind == "quote" and f.gravity == "hard" for f in found)
    hard = bool(found) and found[0].gravity == "hard"
    # What was not read whole, by either, is not lifted.
    may_lift = not hard and len(text) <= MAX_CHARACTERS and len(source) <= _MAX_SOURCE
    if coverage(pair.words, _roots(pair.source)) < _LEAST and not invented:
        reasons = ("the source says too little of this", *reasons)[:4]
        told = Verdict(label="unsupported", score=min(held, 0.3), reasons=reasons, judge=JUDGE)
        return with_claims(told, pair, found), may_lift
    if hard:
        told = Verdict(label="refuted", score=min(held, _REFUTED), reasons=reasons[:4], judge=JUDGE)
        return with_claims(told, pair, found), False
    scattered = held < enough(reader) and carried(pair.words, pair.source).pairs < _ALL_TOGETHER
    reasons = _doubts(text, pair, reasons, scattered=scattered)
    label: Label = "partial" if reasons else "supported"
    told = Verdict(label=label, score=held, reasons=reasons[:4], judge=JUDGE)
    return with_claims(told, pair, found), may_lift


def _doubts(text: str, pair: Pair, reasons: tuple[str, ...], *, scattered: bool) -> tuple[str, ...]:
    """What speaks against full support, though nothing contradicts."""
    missing = _missing(pair)
    if len(text) > MAX_CHARACTERS:
        reasons = (f"only its first {MAX_CHARACTERS} characters were checked", *reasons)
    if scattered and not reasons:
        reasons = ("the source has these words, but does not put them together",)
    share = coverage(pair.words, pair.source_roots | pair.known_roots)
    if share < _MOST and missing:
        words = ", ".join(f"\u201c{w}\u201d" for w in missing[:4])
        reasons = (*reasons, f"not in the source: {words}")
    return reasons


def _roots(text: str) -> frozenset[str]:
    return frozenset(t.root for t in read(text))


def _missing(pair: Pair) -> list[str]:
    """The claim's words that its source does not have, the rarest first."""
    absent = [t for t in pair.words if t.weight and t.root not in pair.source_roots]
    return list(dict.fromkeys(t.text for t in sorted(absent, key=lambda t: -t.weight)))


def _verbatim(text: str, source: str) -> bool:
    """True if the text is whole sentences of the source, white space and marks apart."""
    wanted = _same(text)
    return bool(wanted) and (
        wanted == _same(source)
        or any(wanted == _same(source[a:b]) for a, b in sentence_spans(source))
    )


def _same(text: str) -> str:
    marks = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})
    return " ".join(text.translate(marks).split())


def _widened(evidence: Evidence, article: Article | None) -> str:
    """The whole sentences that the evidence touches."""
    span = _touched(evidence, article)
    return article.text[slice(*span)] if article and span else evidence.text


def _touched(evidence: Evidence, article: Article | None) -> tuple[int, int] | None:
    """Where they stand in the article; None when the evidence is not of it."""
    if article is None or article.text[evidence.start : evidence.end] != evidence.text:
        return None
    start = article.text.rfind("\n", 0, evidence.start) + 1
    end = article.text.find("\n", evidence.end)
    paragraph = article.text[start : end if end >= 0 else None]
    touched = [
        (a + start, b + start)
        for a, b in sentence_spans(paragraph)
        if a + start < evidence.end and b + start > evidence.start
    ]
    return (touched[0][0], touched[-1][1]) if touched else None


def _names_more(text: str, source: str) -> bool:
    """True if the sentence names someone whom the quoted sentences do not."""
    roots = {t.root for t in read(source[:_MAX_SOURCE])}
    claim = read(text[:MAX_CHARACTERS])
    return any(t.text[0].isupper() and t.weight and t.root not in roots for t in claim)


def _with_names(
    text: str, evidence: Sequence[Evidence], context: Mapping[str, Article]
) -> Named | None:
    """The sources with names put for "he" and "the company"; None when none is known."""
    told: list[str] = []
    found: list[Referent] = []
    for one in evidence:
        article = context.get(one.article_id)
        span = _touched(one, article)
        if article is None or span is None or span[1] - span[0] > _MAX_SOURCE:
            told.append(one.text)
            continue
        told_as = text.lower()
        who = [r for r in referents(article.text, *span) if r.text.lower() not in told_as]
        found.extend(who)
        told.append(resolve(article.text[slice(*span)], who, span[0]))
    return Named(tuple(told), tuple(found)) if found else None


def _better(
    plain: tuple[Verdict, bool], named: tuple[Verdict, bool], by: Named, source: str
) -> tuple[Verdict, bool]:
    """The verdict with the names put in where it is better, or speaks of the wrong one."""
    ours, theirs = plain[0], named[0]
    if RANKS[theirs.label] > RANKS[ours.label]:
        return in_its_words(theirs, by, source), named[1]
    wrong = by.mistaken(theirs) if theirs.label == "refuted" != ours.label else None
    if wrong is None:
        return plain
    if not wrong.others:
        return in_its_words(theirs, by, source), False
    doubt = f"\u201c{wrong.text}\u201d in the source is more likely {wrong.name}"
    return replace(lowered(ours, doubt), reasons=(doubt, *ours.reasons)[:4]), False


def _known(article: Article) -> str:
    parts = (article.title, article.outlet, *article.authors, *(c.name for c in article.credits))
    return "\n".join([*(p for p in parts if p), article.text[:_MAX_KNOWN]])


def _contested(text: str, rivals: Sequence[Passage]) -> Finding | None:
    """What a sentence of another article says against the claim; None when nothing does."""
    claim = read(text)
    key = frozenset(t.root for t in claim[1:] if t.text[0].isupper() and t.weight)
    for passage in rivals:
        for sentence in passage.sentence_texts():
            roots = frozenset(t.root for t in read(sentence))
            if coverage(claim, roots) < _RIVAL or not key & roots:
                continue
            pair = Pair(text, sentence)
            for finding in differences(pair, None):
                if finding.gravity == "hard" and _contests(pair, finding):
                    return replace(finding, reason=_rival_reason(finding.reason))
    return None


def _rival_reason(reason: str) -> str:
    """A difference from the source, told of another article: "another article says 12, not 9"."""
    ours, found, theirs = reason.partition(" is not in the source: ")
    if found:
        return f"another article says {theirs}, not {ours}"
    return f"another article disagrees: {reason.replace('the source', 'it')}"


def _contests(pair: Pair, finding: Finding) -> bool:
    """True if the finding is a disagreement on one matter, not two things told alike."""
    if finding.kind in ("status", "certainty"):
        ours, theirs = (actors(statuses(t), t) for t in (pair.claim, pair.source))
        return bool(ours & theirs)
    if finding.kind == "number":
        scopes = ({q.scope for q in quantities(t)} for t in (pair.claim, pair.source))
        return not {"each", "total"} <= set().union(*scopes) and _close(pair, finding)
    if finding.kind == "opposite" and statuses(pair.claim):
        return False  # the status says it better
    return finding.kind in ("negation", "opposite") and _close(pair, finding)


def _close(pair: Pair, finding: Finding) -> bool:
    return coverage(pair.words, pair.source_roots) >= _SAME_MATTER and one_subject(pair, finding)
