"""Step: mends the sentences of a model's reply that their evidence does not carry.

In order: other sentences already found, a search with the sentence itself, one rewrite by the
model. What none of these brings to be carried is marked, or removed in strict mode. Each new
version is checked like any sentence, so mending never gives a label that the verifier would not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.errors import LLMError
from rag.schema import RANKS, Article, Evidence, Passage, ScoredPassage, Sentence

# Each search costs what the question's own did, each rewrite what a short answer does.
_MAX_SEARCHES = 3
_MAX_REWRITES = 3
_MAX_QUOTED = 6  # sentences of the articles that a rewrite is shown
# idle: a lead-in or a politeness, which claims nothing and is left out.
OUTCOMES = ("reattributed", "retrieved", "rewritten", "removed", "marked", "idle")


def is_carried(sentence: Sentence) -> bool:
    """True if the cited words say the sentence, whatever other articles say."""
    return RANKS[sentence.verdict.label] == RANKS["supported"]


@dataclass(slots=True, kw_only=True)
class Repair:
    """Mends one answer, sentence by sentence, and counts what became of those in doubt."""

    check: Callable[[str, Sequence[Passage]], Sentence]
    """Attribute a text to passages and verify it."""
    known: Callable[[], Sequence[Passage]]
    """All that was found so far."""
    search: Callable[[str], object]
    """Find more with a sentence as the query; ``known`` has it then."""
    rewrite: Callable[[str, Sequence[Passage]], str | None] | None = None
    """Word a sentence as the passages carry it; None when they do not, or without a model."""
    strict: bool = False
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    n_searches: int = 0
    n_rewrites: int = 0

    def mend(self, sentence: Sentence) -> Sentence | None:
        """The sentence as it is shown: as it was, better carried, or reworded; None: removed."""
        if is_carried(sentence):
            return sentence
        best, quoted = sentence, list(_evidence(sentence))
        for way, tried in self._ways(sentence):
            if is_carried(tried):
                return self._counted(way, tried)
            if _is_better(tried, best):
                best = tried
            quoted += _evidence(tried)
        reworded = self._reworded(sentence.text, quoted)
        if reworded:
            return self._counted("rewritten", reworded)
        return self._counted("removed", None) if self.strict else self._counted("marked", best)

    def _counted(self, outcome: str, sentence: Sentence | None) -> Sentence | None:
        self.counts[outcome] += 1
        return sentence

    def drop(self) -> None:
        """None of the sentences is shown in the end: all count as removed."""
        idle = self.counts["idle"]
        total = sum(self.counts.values()) - idle
        self.counts.update(dict.fromkeys(OUTCOMES, 0), removed=total, idle=idle)

    def _ways(self, sentence: Sentence) -> Iterator[tuple[str, Sentence]]:
        """The sentence on other evidence, each with the name of the way."""
        used = _evidence(sentence)
        if used:
            yield "reattributed", self.check(sentence.text, _without(self.known(), used))
        if self.n_searches == _MAX_SEARCHES:
            return
        self.n_searches += 1
        n_known = len(self.known())
        self.search(sentence.text)
        if len(self.known()) == n_known:
            return
        # Beside what refutes a sentence, a stray mention of its wrong name elsewhere carried it.
        if sentence.verdict.label != "refuted":
            yield "retrieved", self.check(sentence.text, self.known())
        if used:
            yield "retrieved", self.check(sentence.text, _without(self.known(), used))

    def _reworded(self, text: str, quoted: Sequence[Evidence]) -> Sentence | None:
        """The sentence as the model words it on this evidence, if that is carried."""
        passages = _sentences(quoted, self.known())[:_MAX_QUOTED]
        if self.rewrite is None or not passages or self.n_rewrites == _MAX_REWRITES:
            return None
        self.n_rewrites += 1
        try:
            new = self.rewrite(text, passages)
        except LLMError:
            self.rewrite = None  # a model that fails once is not waited for again
            return None
        sentence = self.check(new, self.known()) if new else None
        return sentence if sentence and is_carried(sentence) else None


def counted(counts: Mapping[str, int], **more: int) -> dict[str, int]:
    """The numbers of all outcomes, with some more of them."""
    return {name: counts.get(name, 0) + more.get(name, 0) for name in OUTCOMES}


def noted(counts: Mapping[str, int]) -> Iterator[str]:
    """What a reader should know of the repairs, in one sentence each."""
    n = counts["rewritten"]
    if n:
        verb = "1 sentence was" if n == 1 else f"{n} sentences were"
        yield f"{verb} rewritten to say only what the articles carry."
    n = counts["removed"]
    if n:
        noun, verb = ("1 sentence", "was") if n == 1 else (f"{n} sentences", "were")
        yield f"{noun} that the articles do not carry {verb} removed."


def _is_better(new: Sentence, old: Sentence) -> bool:
    """True for a better label; what is refuted is not made harmless by citing something else."""
    return old.verdict.label != "refuted" and RANKS[new.verdict.label] > RANKS[old.verdict.label]


def _evidence(sentence: Sentence) -> tuple[Evidence, ...]:
    return tuple(c.evidence for c in sentence.citations)


def _touches(span: tuple[int, int], article_id: str, evidence: Sequence[Evidence]) -> bool:
    return any(
        e.article_id == article_id and e.start < span[1] and span[0] < e.end for e in evidence
    )


def _without(passages: Sequence[Passage], used: Sequence[Evidence]) -> tuple[Passage, ...]:
    """The passages but for the sentences that were used already."""
    left = (
        replace(p, sentences=tuple(s for s in p.sentences if not _touches(s, p.article_id, used)))
        for p in passages
    )
    return tuple(p for p in left if p.sentences)


def _sentences(quoted: Sequence[Evidence], passages: Sequence[Passage]) -> list[Passage]:
    """The whole sentences around the evidence, in its order, each as a passage of its own."""
    found: dict[tuple[str, int], Passage] = {}
    for evidence in quoted:
        for passage in passages:
            for a, b in passage.sentences:
                if _touches((a, b), passage.article_id, (evidence,)):
                    text = passage.text[a - passage.start : b - passage.start]
                    whole = replace(passage, start=a, end=b, text=text, sentences=((a, b),))
                    found.setdefault((passage.article_id, a), whole)
    return list(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What further searches found, until a sentence cites it."""

    passages: dict[str, ScoredPassage] = field(default_factory=dict)  # by passage_id
    articles: dict[str, Article] = field(default_factory=dict)
    group_sizes: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        found: Sequence[ScoredPassage],
        articles: Mapping[str, Article],
        group_sizes: Mapping[str, int],
        known: Mapping[str, Article],
    ) -> None:
        """Keep what is new; an article that is known in another revision is left alone."""
        for hit in found:
            article = articles[hit.passage.article_id]
            held = known.get(article.article_id) or self.articles.get(article.article_id)
            if held is None or held.revision == article.revision:
                self.passages.setdefault(hit.passage.passage_id, hit)
                self.articles.setdefault(article.article_id, article)
                self.group_sizes.setdefault(
                    article.article_id, group_sizes.get(article.article_id, 1)
                )

    def holding(self, evidence: Evidence) -> ScoredPassage | None:
        """The passage that this evidence was taken from."""
        for hit in self.passages.values():
            passage = hit.passage
            if passage.article_id == evidence.article_id and (
                passage.start <= evidence.start and evidence.end <= passage.end
            ):
                return hit
        return None
