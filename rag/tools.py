"""What an answer is made with: a search, an embedder, and perhaps a model and a second judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rag.embed import Embedder
from rag.entail import Judge
from rag.llm import ChatModel
from rag.retrieve import Retrieved
from rag.schema import Article, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What an answer is made with."""

    search: Callable[[Question], tuple[Retrieved, Mapping[str, Article]]]
    """Passages and their articles, of one and the same moment of the archive."""
    embedder: Embedder
    model: ChatModel | None = None  # None: extractive
    judge: Judge | None = None  # beside the built-in checks
    language: str = ""  # that the model writes in, by code; "": that of the question
    strict: bool = False  # what the articles do not carry is left out, not marked
    outlets: Callable[[], Sequence[str]] = tuple
    """The outlets of the archive, to know one that a question names."""
    newest: Callable[[], date | None] = lambda: None
    """The day of the newest article of the archive, to know which January is meant."""
    today: Callable[[], date | None] = lambda: None
    """The day of asking, to know which week is "this week"; unknown: no such words are read."""
    max_s: float = 180.0  # after so long no judge and no rewrite is begun
    settings_id: str = ""
