"""An answer while it is being made, under the markers of its conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rag.render import STOPPED
from rag.schema import Answer, Article, Numbering, Place, Question, ScoredPassage, Sentence


@dataclass(slots=True)
class Draft:
    """An answer while it is being made: what has been asked, done and found so far."""

    asked: str
    steps: list[str] = field(default_factory=list)
    passages: tuple[ScoredPassage, ...] = ()
    sentences: list[Sentence] = field(default_factory=list)
    articles: dict[str, Article] = field(default_factory=dict)
    standalone: str = ""  # as it is searched, if that differs
    numbering: Numbering = field(default_factory=Numbering)  # of the whole conversation
    conversation: str = ""  # its id
    exchange_id: int | None = None  # under which it will be kept
    searched: Question | None = None
    model: str = ""  # the one that writes it, if one does

    def stopped(self) -> Answer:
        """What there is of an answer that goes no further."""
        return Answer(
            question=self.searched or Question(asked=self.asked),
            sentences=tuple(self.sentences),
            passages=self.passages,
            articles=self.articles,
            mode="llm" if self.model else "extractive",
            model=self.model,
            reason=None if self.sentences else STOPPED,
            stopped=True,
        )


def numbered(sentence: Sentence, numbering: Numbering) -> Sentence:
    """The sentence under the markers of its conversation."""
    cited = tuple(numbering.cite(c.evidence) for c in sentence.citations)
    return replace(sentence, citations=cited)


def renumbered(answer: Answer, taken: Mapping[Place, int]) -> Answer:
    """The answer under the markers of its conversation: the same words keep their number."""
    numbering = Numbering(taken=taken)
    sentences = tuple(numbered(s, numbering) for s in answer.sentences)
    return replace(answer, sentences=sentences, taken=dict(taken))
