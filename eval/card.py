"""The card beside the weights: what they were trained on, under which licence, how well they do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from eval.labelled import NON_COMMERCIAL, Labelled
from rag.weighing import Weighing

_LICENCES = {
    "cliff": "cliff_goyal21_dev: none stated",
    "xsumfaith": "xsumfaith_150docs: annotations CC BY 4.0",
    "xent": "xent_entities_dev: none stated",
    "wice": "wice_claim_oracle_dev: ODC-BY",
    "wice-tokens": "wice_unsupported_tokens_dev: ODC-BY",
    "expertqa": "expertqa_claims_dev: MIT",
    "summedits": "summedits_other: Apache-2.0",
    "edits": "edits made by `eval/edits.py` in sentences of rtqa_archive_corpus: none stated",
}
_CARD = """# The weights of the embedded verifier

`verifier.json` holds a weight for each of {n_aligned} features with the embedded encoder, and of
{n_lexical} without it (bounded logistic regression): numbers only, no text. Made by

    python -m eval.train_verifier DATA rag/weights --seed {seed}

## Trained on

| set and licence | rows | supported |
|---|---|---|
{sets}

Never on {excluded}, whose licences are non-commercial; the command refuses to read them.

## Figures

Each set is scored by weights that saw neither the set nor an article that it shares with another
(leave one set out). AUROC; brackets are 95 % bootstrap intervals over articles. Balanced accuracy
is at the threshold that is best on the other sets; the calibration error has ten bins.

{first}

## Thresholds

Of true rewordings whose articles were left out 95 % reach {enough} with the encoder, {bare}
without it. One edit in a sentence falls below it, with the encoder:

{second}

and without:

{third}

## What it is not

A band, not a probability: the calibration error of a single set moves with how many of its claims
are true. The sets were looked at while features and rules were made, and the few constants of
`eval/fitting.py` and `eval/train_verifier.py` were chosen on these very figures, so expect less on
unseen news. A processor without bf16 gives the encoder's features other last digits. English only.
"""


def write_card(
    rows: Sequence[Labelled],
    tables: Sequence[str],
    weighings: Mapping[str, Weighing],
    *,
    seed: int,
    out: Path,
) -> str:
    """Write OUT/CARD.md and return it; ``tables`` are the report and the edits both ways."""
    counts = Counter(row.origin for row in rows)
    good = Counter(row.origin for row in rows if row.label)
    sets = [f"| {_LICENCES[o]} | {n} | {good[o]} |" for o, n in counts.items()]
    first, second, third = tables
    card = _CARD.format(
        n_aligned=len(weighings["aligned"].names),
        n_lexical=len(weighings["lexical"].names),
        seed=seed,
        sets="\n".join(sets),
        excluded=" and ".join(NON_COMMERCIAL),
        first=first,
        enough=weighings["aligned"].enough,
        bare=weighings["lexical"].enough,
        second=second,
        third=third,
    )
    (out / "CARD.md").write_text(card, encoding="utf-8")
    return card
