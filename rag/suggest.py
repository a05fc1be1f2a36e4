"""Proposes what to ask next: questions that the articles found can answer, and none besides.

Every question is made of a sentence that the answer did not use, asked of the archive like any
other, and kept only if that sentence, or one that says the same, is what answers it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.carry import noun_phrases
from rag.furniture import is_furniture
from rag.inquire import questions_to
from rag.people import people_of
from rag.schema import Answer, Evidence
from rag.text import sentence_spans, terms

MAX_SUGGESTIONS = 3
_N_BEST = 2  # passages; behind them the story is another
_N_ARTICLES = 3
_N_SENTENCES = 30  # of an article: what matters stands above
_MAX_CHARS = 6_000
_ENDS = frozenset(".!?\"'\u201d\u2019)")
_N_TRIED = 6  # a check costs about as much as retrieval and selection: 15 to 40 ms
_NEWER = 0.34  # of the words of a question must not be in one that was asked
_MAX_THING = 7  # words
_SAME = 0.7  # of the words of the shorter sentence: says the same

Check = Callable[[str], Sequence[Evidence]]
"""The sentences that would answer a question, best first; none if it would be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    question: str
    evidence: Evidence
    rank: int  # of its article
    shared: int  # words of the question that was asked in the sentence


def suggest(
    answer: Answer, check: Check, asked: Sequence[str] = (), budget_s: float = 0.08
) -> tuple[str, ...]:
    """Up to three next questions, the nearest to the answer first; fewer when time is up.

    ``asked`` are the questions of the conversation so far. The first check is always made; no
    further one is begun that would end after ``budget_s`` seconds if it took as long as those
    before.
    """
    began, longest_s = time.perf_counter(), 0.0
    told = [*asked, answer.question.asked, answer.question.text]
    cited = [c.evidence for c in answer.citations] if not answer.abstained else []
    kept: list[_Candidate] = []
    for candidate in _ranked(answer, told, cited)[:_N_TRIED]:
        spent_s = time.perf_counter() - began
        if len(kept) == MAX_SUGGESTIONS or (longest_s and spent_s + longest_s > budget_s):
            break
        if any(_is_like(candidate, other) for other in kept):
            continue
        if any(_says(e, candidate.evidence) for e in check(candidate.question)):
            kept.append(candidate)
        longest_s = max(longest_s, time.perf_counter() - began - spent_s)
    return tuple(c.question for c in kept)


def _ranked(answer: Answer, told: Sequence[str], cited: Sequence[Evidence]) -> list[_Candidate]:
    """Candidates that ask something new, best first: near the question, from good articles."""
    wanted = set(terms(answer.question.text))
    things = _things(answer)
    found: dict[str, _Candidate] = {}
    for rank, evidence in _sentences(answer, cited):
        asked = [*questions_to(evidence.text, things), *_of_people(evidence, answer, things)]
        new = [q for q in asked if q not in found and all(_is_new(q, other) for other in told)]
        if not new or any(_says(evidence, other) for other in cited):
            continue
        shared = len(wanted & set(terms(evidence.text)))
        for question in new:
            found[question] = _Candidate(
                question=question, evidence=evidence, rank=rank, shared=shared
            )
    return sorted(found.values(), key=lambda c: (-min(c.shared, 3) + c.rank / 4, c.question))


def _sentences(answer: Answer, cited: Sequence[Evidence]) -> Iterator[tuple[int, Evidence]]:
    """The whole sentences of the cited articles, or of the two best found if nothing is cited.

    With the rank of their article, the earliest first.
    """
    best = [p.passage.article_id for p in answer.passages[:_N_BEST]]
    near = dict.fromkeys(e.article_id for e in cited) or dict.fromkeys(best)
    for rank, article_id in enumerate(list(near)[:_N_ARTICLES], 1):
        text = answer.articles[article_id].text[:_MAX_CHARS]
        for start, end in sentence_spans(text)[:_N_SENTENCES]:
            words = text[start:end]
            if text[end - 1] in _ENDS and not is_furniture(words):
                yield rank, Evidence(article_id=article_id, start=start, end=end, text=words)


def _of_people(evidence: Evidence, answer: Answer, things: Sequence[str]) -> Iterator[str]:
    """What someone said who has not been asked about, and who someone is."""
    known = f"{answer.question.text} {' '.join(s.text for s in answer.sentences)}"
    for name, speaks in people_of(evidence.text):
        if name in known:
            continue
        topic = f" about {things[0]}" if len(things) == 1 else ""
        question = f"What did {name} say{topic}?"
        yield question if speaks else f"Who is {name}?"


def _things(answer: Answer) -> list[str]:
    """What the question names by an article and a name: "the ferry Tamsin Gale"."""
    return [
        phrase
        for phrase in noun_phrases(answer.question.text)
        if phrase.startswith("the ")
        and any(w[0].isupper() for w in phrase.split())
        and len(phrase.split()) <= _MAX_THING
    ]


def _is_new(question: str, other: str) -> bool:
    """True unless nearly all of its words were asked before."""
    mine = set(terms(question))
    return len(mine - set(terms(other))) > _NEWER * len(mine)


def _is_like(one: _Candidate, other: _Candidate) -> bool:
    return _says(one.evidence, other.evidence) or not _is_new(one.question, other.question)


def _says(one: Evidence, other: Evidence) -> bool:
    """True for the same place, or for nearly the same words elsewhere."""
    if one.article_id == other.article_id and one.start < other.end and other.start < one.end:
        return True
    mine, theirs = set(terms(one.text)), set(terms(other.text))
    return len(mine & theirs) >= _SAME * max(1, min(len(mine), len(theirs)))
