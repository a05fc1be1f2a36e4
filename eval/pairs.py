"""Pairs of a source and a claim that people have judged: what judges are measured on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.rows import Row, kind_of, kind_of_file, read_rows, set_name
from rag.errors import InputRefused

DEVELOPMENT = frozenset({"dev", "development", "train", "training", "valid", "validation", "val"})
_LABELS: dict[object, bool] = {
    1: True,
    0: False,
    "1": True,
    "0": False,
    "entailment": True,
    "neutral": False,
    "contradiction": False,
}
# Fields that name the article of a row; else its source text stands for it.
_ARTICLE = ("doc", "doc_id", "article_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A claim, the text that it is held against, and what people said."""

    pair_id: str
    source: str
    claim: str
    supported: bool
    level: str  # "sentence", "response", "pair"
    split: str
    article: str  # pairs of one article are resampled together

    @property
    def is_development(self) -> bool:
        """True if a threshold may be chosen on it."""
        return self.split.lower() in DEVELOPMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """The pairs of one file and level, and how many of its rows were no pairs."""

    name: str
    level: str
    pairs: tuple[Labelled, ...]
    faults: tuple[str, ...] = ()  # why rows are invalid, each with its line


def is_labelled(path: Path) -> bool:
    """True if the file holds judged pairs."""
    return kind_of_file(path) in ("labelled", "nli")


def load_labelled(path: Path, limit: int | None = None) -> tuple[LabelledSet, ...]:
    """The pairs of a file, one set to a level, in the order of the file.

    ``limit`` keeps so many pairs of each level, spread evenly over the file. Bad rows are told
    with the first level of the file, since they have none of their own.

    Raises:
        InputRefused: the file cannot be read.
    """
    by_level: dict[str, list[Labelled]] = {}
    faults: list[str] = []
    for row in read_rows(path):
        try:
            if isinstance(row, InputRefused):
                raise row
            pair = _pair(row)
        except InputRefused as fault:
            faults.append(str(fault))
            continue
        by_level.setdefault(pair.level, []).append(pair)
    return tuple(
        LabelledSet(
            name=set_name(path),
            level=level,
            pairs=spread(pairs, limit),
            faults=tuple(faults) if at == 0 else (),
        )
        for at, (level, pairs) in enumerate(by_level.items())
    )


def spread(pairs: Sequence[Labelled], limit: int | None) -> tuple[Labelled, ...]:
    """At most ``limit`` of them, evenly spaced; all without a limit."""
    if limit is None or len(pairs) <= limit:
        return tuple(pairs)
    return tuple(pairs[i * len(pairs) // limit] for i in range(limit))


def _pair(row: Row) -> Labelled:
    kind = kind_of(row.values)
    nli = kind == "nli"
    if kind not in ("labelled", "nli"):
        raise InputRefused(f"{row.where} is no judged pair", "it needs source_text, claim, label")
    source = row.text("premise" if nli else "source_text")
    article = next((str(row.values[k]) for k in _ARTICLE if row.values.get(k)), "")
    return Labelled(
        pair_id=row.optional("id") or f"{set_name(row.path)}:{row.line}",
        source=source,
        claim=row.text("hypothesis" if nli else "claim"),
        supported=_label(row),
        level=row.optional("level") or ("pair" if nli else "claim"),
        split=row.optional("split"),
        article=article or hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:16],
    )


def _label(row: Row) -> bool:
    value = row.values["label"]
    known = _LABELS.get(value) if isinstance(value, int | float | str) else None
    if known is None:
        raise InputRefused(
            f"{row.where}: 'label' is {value!r}",
            "write 1 (supported) or 0, or entailment, neutral, contradiction",
        )
    return known
