"""The nouns of a search: which articles may answer, which days come first, how much was found."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

# Why a search was made: for the question; for what it says of one outlet; for the time it names;
# again without that time; for a sentence of the model.
Aim = Literal["question", "outlet", "time", "any time", "sentence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which articles may answer. Days are inclusive UTC days; empty tuples do not filter."""

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()  # compared without regard to case
    articles: tuple[str, ...] = ()  # article ids
    languages: tuple[str, ...] = ()  # ISO 639-1: "en"
    alone: bool = False  # the reader wants no other limit: none is read from the question

    @property
    def dated(self) -> bool:
        """True if a date filter is set, which leaves undated articles out."""
        return self.since is not None or self.until is not None

    def __bool__(self) -> bool:
        return self.dated or bool(self.outlets) or bool(self.articles) or bool(self.languages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days from the first to the last, both inclusive."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"{self.first} is later than {self.last}")

    def away(self, day: date) -> int:
        """How many days lie between them and a day; 0 within them."""
        return max((self.first - day).days, (day - self.last).days, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search for an answer: what was looked for, why, and how much was found."""

    aim: Aim
    text: str  # what was looked for
    filters: Filters = Filters()  # under which
    near: Days | None = None  # news of these came first
    n_words: int = 0  # passages found by words
    n_meaning: int = 0  # passages found by meaning
    n_considered: int = 0  # of both, each once
    n_kept: int = 0  # of these, without copies of one text
