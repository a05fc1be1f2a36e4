"""Sentences that one source supports and another refutes: found, and told to the reader or not.

By the run-time verifier (``rag.verify``), with whatever was found of other articles as rivals. An
article from before the cited one contradicts nothing: the cited one is the newer word.
"""

from eval.citations import Ratio
from eval.reply import Reply, Said, Source
from rag.schema import Evidence, Passage
from rag.text import sentence_spans
from rag.verify import verify


def contested(reply: Reply) -> Ratio:
    """Share of the sentences that are contested; NaN without sentences."""
    return Ratio(hits=sum(is_contested(s, reply) for s in reply.sentences), of=len(reply.sentences))


def contested_told(reply: Reply) -> Ratio:
    """Share of the contested sentences that the answer marks, or shows as a disagreement.

    From 0 to 1; NaN when none is contested.
    """
    found = [s for s in reply.sentences if is_contested(s, reply)]
    return Ratio(hits=sum(_is_told(s, reply) for s in found), of=len(found))


def is_contested(said: Said, reply: Reply) -> bool:
    """True if what it cites supports it and an article that is not older refutes it."""
    cited = reply.sources(said.markers)
    if not cited:
        return False
    ids = {source.article_id for source in cited}
    newest = max((source.day for source in cited if source.day), default="")
    rivals = [
        _passage(source)
        for source in reply.retrieved
        if source.article_id not in ids and not (source.day and source.day < newest)
    ]
    verdict = verify(said.text, [_evidence(s) for s in cited], context={}, rivals=rivals)
    return verdict.label == "contested"


def _is_told(said: Said, reply: Reply) -> bool:
    ids = {source.article_id for source in reply.sources(said.markers)}
    sides = [{p.article_id for p in c.positions} for c in reply.conflicts if c.kind != "scope"]
    return said.label == "contested" or any(ids & side and side - ids for side in sides)


def _evidence(source: Source) -> Evidence:
    start = max(0, source.start)
    return Evidence(
        article_id=source.article_id, start=start, end=start + len(source.text), text=source.text
    )


def _passage(source: Source) -> Passage:
    start = max(0, source.start)
    return Passage(
        passage_id=f"{source.article_id}:{start}",
        article_id=source.article_id,
        start=start,
        end=start + len(source.text),
        text=source.text,
        sentences=tuple((a + start, b + start) for a, b in sentence_spans(source.text)),
    )
