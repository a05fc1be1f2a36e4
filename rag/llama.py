"""Byline inside llama-index: its retriever and its checked answers, for those who build with it.

engine = BylineQueryEngine(answerer=pipeline)
print(engine.query("Who approved the sale?"))
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.query_engine import CustomQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import ConfigDict

from rag.schema import Answer, Article, ScoredPassage, Sentence

Retrieve = Callable[[str], Sequence[ScoredPassage]]
FindArticle = Callable[[str], Article | None]


class Answerer(Protocol):
    """Whatever answers a question: the pipeline."""

    def answer(self, asked: str) -> Answer:
        """The checked answer, or an abstention."""


class BylineRetriever(BaseRetriever):  # type: ignore[misc]  # llama-index is not type-checked
    """Our passages as llama-index nodes, best first.

    Each node's metadata has ``passage_id``, ``article_id``, ``outlet``, ``title``, ``date`` (ISO
    day or None), ``url``, ``start``, ``end`` and ``rank``; ``article.text[start:end]`` is its text.
    """

    def __init__(
        self,
        retrieve: Retrieve,
        article: FindArticle,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        self._find = retrieve
        self._article = article
        super().__init__(callback_manager=callback_manager)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._find(query_bundle.query_str)
        return [_node(hit, self._article(hit.passage.article_id)) for hit in found]


class BylineQueryEngine(CustomQueryEngine):  # type: ignore[misc]  # llama-index is not type-checked
    """Our answers as llama-index responses: text with [n] markers, every sentence with a verdict.

    ``source_nodes`` are the retrieved passages. ``metadata`` has ``sentences`` (text, markers,
    verdict), ``citations`` (marker, passage of the article, quote), ``abstained``, ``reason``,
    ``notice``, ``mode`` and ``model``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    answerer: Any  # an Answerer; llama-index's own fields are loose as well

    def custom_query(self, query_str: str) -> Response:
        """Answer one question."""
        answer: Answer = self.answerer.answer(query_str)
        return Response(
            response=_text(answer),
            source_nodes=[
                _node(h, answer.articles.get(h.passage.article_id)) for h in answer.passages
            ],
            metadata=_metadata(answer),
        )


def _node(hit: ScoredPassage, article: Article | None) -> NodeWithScore:
    passage = hit.passage
    metadata = {
        "passage_id": passage.passage_id,
        "article_id": passage.article_id,
        "outlet": article.outlet if article else None,
        "title": article.title if article else None,
        "date": article.day.isoformat() if article and article.day else None,
        "url": article.url if article else None,
        "start": passage.start,
        "end": passage.end,
        "rank": hit.rank,
    }
    shown = {"outlet", "title", "date"}
    node = TextNode(
        id_=passage.passage_id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata,
        # Ids and offsets would only cost a model's tokens.
        excluded_llm_metadata_keys=[k for k in metadata if k not in shown],
        excluded_embed_metadata_keys=[k for k in metadata if k not in shown],
    )
    return NodeWithScore(node=node, score=hit.score)


def _text(answer: Answer) -> str:
    if answer.abstained:
        return answer.reason or "Nothing was found that answers."
    return " ".join(_marked(s) for s in answer.sentences)


def _marked(sentence: Sentence) -> str:
    return " ".join([sentence.text, "".join(f"[{c.marker}]" for c in sentence.citations)]).strip()


def _metadata(answer: Answer) -> dict[str, Any]:
    return {
        "abstained": answer.abstained,
        "reason": answer.reason,
        "notice": answer.notice,
        "mode": answer.mode,
        "model": answer.model,
        "sentences": [
            {
                "text": s.text,
                "markers": [c.marker for c in s.citations],
                "verdict": s.verdict.label,
                "score": s.verdict.score,
                "reasons": list(s.verdict.reasons),
            }
            for s in answer.sentences
        ],
        "citations": [
            {
                "marker": c.marker,
                "article_id": c.evidence.article_id,
                "start": c.evidence.start,
                "end": c.evidence.end,
                "quote": c.evidence.text,
            }
            for c in answer.citations
        ],
    }
