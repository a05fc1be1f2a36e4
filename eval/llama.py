"""Our metrics as evaluators of llama-index, for those who build with it.

    result = BylineCitationRecall().evaluate_response(query, engine.query(query))

Without a language model, the same twice, and without the traps of its own evaluators: no reply is
searched for "yes", an empty response fails, and what could not be judged is marked as invalid
instead of scored.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from llama_index.core.base.response.schema import Response
from llama_index.core.evaluation import BaseEvaluator, EvaluationResult

from eval.citations import (
    Ratio,
    Supports,
    citation_precision,
    citation_recall,
    faithfulness,
)
from eval.judges import Judge, embedded
from eval.reply import Reply, Said, Source, from_text
from eval.run import Recorded
from rag.embed import load_embedder
from rag.settings import EMBEDDED_MODEL, load_settings

_MAX_SHOWN = 3  # sentences named in the feedback


class _Evaluator(BaseEvaluator):  # type: ignore[misc]  # llama-index is not type-checked
    """A metric over the sentences of a response, whose markers count its contexts from 1.

    ``passing`` is true from the score ``passes_from`` on. Score and ``passing`` are None for an
    abstention ("I don't know"), which is neither perfect nor failed, and for a response with a
    judgement that failed, which is also marked as invalid. An empty response fails with 0.
    """

    def __init__(self, judge: Judge | None = None, passes_from: float = 1.0) -> None:
        self._judge = judge or _default_judge()
        self._passes_from = passes_from

    @abstractmethod
    def _measure(self, reply: Reply, supports: Supports) -> Ratio:
        """The share that counts."""

    def evaluate(
        self,
        query: str | None = None,
        response: str | None = None,
        contexts: Sequence[str] | None = None,
        **_: Any,
    ) -> EvaluationResult:
        """Score one response against its contexts.

        Raises:
            ValueError: the response or the contexts are missing.
        """
        if response is None or contexts is None:
            raise ValueError("a response and its contexts are needed, and one of them is None")
        told = {"query": query, "response": response, "contexts": list(contexts)}
        return EvaluationResult(
            **told, **self._judged(response, from_text(response, _as(contexts)))
        )

    async def aevaluate(
        self,
        query: str | None = None,
        response: str | None = None,
        contexts: Sequence[str] | None = None,
        **_: Any,
    ) -> EvaluationResult:
        """The same, off the event loop."""
        return await asyncio.to_thread(self.evaluate, query, response, contexts)

    def evaluate_response(
        self, query: str | None = None, response: Response | None = None, **_: Any
    ) -> EvaluationResult:
        """The same of a response object; in one by ``rag.llama`` the markers count its quotes."""
        if response is None or response.response is None:
            raise ValueError("a response is needed, and it is None")
        found = [node.get_content() for node in response.source_nodes]
        metadata = response.metadata or {}
        cited = _quoted(metadata.get("citations"))
        if not cited and not metadata.get("abstained"):
            return self.evaluate(query, response.response, found)
        reply = replace(from_text(response.response, _as(found)), cited=cited)
        if metadata.get("abstained"):
            reply = replace(reply, sentences=())
        told = {"query": query, "response": response.response, "contexts": found}
        return EvaluationResult(**told, **self._judged(response.response, reply))

    async def aevaluate_response(
        self, query: str | None = None, response: Response | None = None, **_: Any
    ) -> EvaluationResult:
        """The same, off the event loop."""
        return await asyncio.to_thread(self.evaluate_response, query, response)

    def _judged(self, response: str, reply: Reply) -> dict[str, Any]:
        if not response.strip():
            return {"passing": False, "score": 0.0, "feedback": "The response is empty."}
        if reply.abstained:
            return {"feedback": "An abstention: there is nothing to judge."}
        supports = Recorded(self._judge)
        ratio = self._measure(reply, supports)
        if ratio.n_failed:
            why = f"{ratio.n_failed} judgements failed; at least {ratio.value:.2f} holds"
            return {"invalid_result": True, "invalid_reason": why, "feedback": why}
        return {
            "score": ratio.value,
            "passing": ratio.value >= self._passes_from,
            "feedback": "All of it holds." if ratio.value == 1 else self._faults(reply, supports),
        }

    def _faults(self, reply: Reply, supports: Supports) -> str:
        """The sentences that fall short; what was judged before is not judged again."""
        alone = ((s, replace(reply, sentences=(s,))) for s in reply.sentences)
        bad = [s for s, one in alone if self._measure(one, supports).value < 1.0]
        shown = "; ".join(_told(s) for s in bad[:_MAX_SHOWN])
        more = f"; and {len(bad) - _MAX_SHOWN} more" if len(bad) > _MAX_SHOWN else ""
        return f"{len(bad)} of {len(reply.sentences)} sentences fall short: {shown}{more}"

    def _get_prompts(self) -> dict[str, Any]:
        """None: no model is asked in words."""
        return {}

    def _update_prompts(self, prompts: dict[str, Any]) -> None:
        """Nothing to update."""


class BylineFaithfulness(_Evaluator):
    """Share of the sentences that some context supports, cited or not (``eval.citations``)."""

    def _measure(self, reply: Reply, supports: Supports) -> Ratio:
        return faithfulness(reply, supports)


class BylineCitationRecall(_Evaluator):
    """Citation recall: share of the sentences that their own citations support."""

    def _measure(self, reply: Reply, supports: Supports) -> Ratio:
        return citation_recall(reply, supports)


class BylineCitationPrecision(_Evaluator):
    """Citation precision: share of the citations that help; phantom and malformed ones do not."""

    def _measure(self, reply: Reply, supports: Supports) -> Ratio:
        return citation_precision(reply, supports)


@lru_cache(maxsize=1)
def _default_judge() -> Judge:
    return embedded(load_embedder(EMBEDDED_MODEL, load_settings().cache))


def _as(contexts: Sequence[str]) -> list[Source]:
    return [Source(article_id=f"context {i}", text=text) for i, text in enumerate(contexts, 1)]


def _quoted(citations: object) -> dict[int, Source]:
    """The quotes of a response by ``rag.llama``, by marker; none of any other."""
    rows = citations if isinstance(citations, list) else []
    try:
        return {int(c["marker"]): Source(article_id=c["article_id"], text=c["quote"]) for c in rows}
    except (KeyError, TypeError, ValueError):
        return {}


def _told(said: Said) -> str:
    cites = "".join(f" [{m}]" for m in said.markers)
    return f"\u201c{said.text}\u201d{cites}"
