"""Claims with a human label, beside their sources, from the data folder; and who shares an article.

Rows of the training data are grouped by article over all sets: two sets that summarise one story
must never stand on both sides of a split.
"""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.text import sentence_spans

HUMAN = {
    "cliff": "cliff_goyal21_dev",
    "xsumfaith": "xsumfaith_150docs",
    "xent": "xent_entities_dev",
    "wice": "wice_claim_oracle_dev",
    "expertqa": "expertqa_claims_dev",
    "summedits": "summedits_other",
}
TOKENS = {"wice-tokens": "wice_unsupported_tokens_dev"}
# Their licences do not allow commercial use: nothing that ships may have seen them.
NON_COMMERCIAL = ("nli_averitec", "rgb_en_fact")
_LONG = 50  # letters of a sentence that two articles share only if they are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A claim, its source, and whether the source supports it."""

    origin: str  # the set that it comes from
    claim: str
    source: str
    label: int  # 1 supported, 0 not
    kind: str = ""  # of a set, or of an edit


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a compressed file, one a line.

    Raises:
        ValueError: the licence of the file forbids training on it.
    """
    if path.name.startswith(NON_COMMERCIAL):
        raise ValueError(f"{path.name} has a non-commercial licence: it may not be trained on")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_human(folder: Path) -> list[Labelled]:
    """The human labels, set by set, with the unsupported claims of ``TOKENS`` behind them."""
    return [
        Labelled(
            origin=origin,
            claim=row["claim"],
            source=row["source_text"],
            label=int(row["label"]),
            kind=row["origin"],
        )
        for origin, name in (HUMAN | TOKENS).items()
        for row in read_rows(folder / f"{name}.jsonl.gz")
    ]


def group_by_article(rows: Sequence[Labelled]) -> list[int]:
    """For each row a number that it shares with all rows whose sources share a long sentence."""
    parent = list(range(len(rows)))

    def find(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first: dict[str, int] = {}
    for at, row in enumerate(rows):
        for key in _keys(row.source):
            parent[find(at)] = find(first.setdefault(key, at))
    return [find(at) for at in range(len(rows))]


def _keys(source: str) -> Iterator[str]:
    yield source
    for start, end in sentence_spans(source):
        letters = re.sub(r"[\W_]+", "", source[start:end].lower())
        if len(letters) >= _LONG:
            yield letters
