"""Step: searches once more for each outlet whose reporting a question speaks of.

One search for "the Courier says A while the Mercury says B" finds mostly what stands nearest to
the whole of it. So each outlet is searched for its own part, under the same filters, and the
finds are dealt out in turn: the best of all, the best of each part, the second best of all ...
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from rag.forms import Form, Part
from rag.retrieve import Retrieved
from rag.schema import Article, Filters, Question, ScoredPassage

Search = Callable[[Question], tuple[Retrieved, Mapping[str, Article]]]
Found = tuple[Retrieved, Mapping[str, Article]]
MAX_PARTS = 3  # further searches; each costs about 15 ms
_PER_PART = 4  # passages of each


def spread(search: Search, question: Question, form: Form, found: Found) -> Found:
    """What was found, joined by the best of each outlet that the question names."""
    parts = _wanted(form, question.filters)
    if not parts:
        return found
    retrieved, articles = found
    runs: list[Sequence[ScoredPassage]] = [retrieved.passages]
    sizes, known = dict(retrieved.group_sizes), dict(articles)
    searches = list(retrieved.searches)
    for part in parts:
        more, more_articles = search(_asked(question, form, part))
        runs.append(more.passages[:_PER_PART])
        sizes.update(more.group_sizes)
        known.update(more_articles)
        searches += (replace(one, aim="outlet") for one in more.searches)
    passages = _dealt(runs)
    shown = {p.passage.article_id for p in passages}
    return (
        replace(
            retrieved,
            passages=passages,
            group_sizes={i: n for i, n in sizes.items() if i in shown},
            searches=tuple(searches),
        ),
        {i: a for i, a in known.items() if i in shown},
    )


def _wanted(form: Form, filters: Filters) -> list[Part]:
    """The parts that are searched for, each outlet and claim once; none under an outlet filter."""
    if filters.outlets or filters.articles:
        return []
    unique = {(p.outlet, p.claim if form.kind == "yesno" else ""): p for p in form.parts}
    return list(unique.values())[:MAX_PARTS]


def _asked(question: Question, form: Form, part: Part) -> Question:
    text = part.claim if form.kind == "yesno" else question.text
    filters = replace(question.filters, outlets=(part.outlet,))
    return Question(asked=text, filters=filters)


def _dealt(runs: Sequence[Sequence[ScoredPassage]]) -> tuple[ScoredPassage, ...]:
    """The passages of all runs in turn, each once, ranked anew."""
    unique: dict[str, ScoredPassage] = {}
    for row in zip_longest(*runs):
        for hit in row:
            if hit is not None:
                unique.setdefault(hit.passage.passage_id, hit)
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(unique.values(), start=1))
