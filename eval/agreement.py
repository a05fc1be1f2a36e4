"""How well a score agrees with human labels, with intervals over articles, not over rows.

Two claims about one article err together, so the bootstrap draws articles (Field and Welsh 2007).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Labels = NDArray[np.int64]
Measure = Callable[[Scores, Labels], float]
_BINS = 10


def auroc(scores: Scores, labels: Labels) -> float:
    """Chance that a supported claim scores above another one, ties counting half.

    NaN when all labels are the same.
    """
    n_good = int(labels.sum())
    n_bad = len(labels) - n_good
    if not n_good or not n_bad:
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[labels == 1].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad))


def balanced_accuracy(scores: Scores, labels: Labels, threshold: float) -> float:
    """Mean of the shares of each label that fall on its side of the threshold; NaN as above."""
    if len(set(labels.tolist())) < 2:
        return float("nan")
    passed = scores >= threshold
    return float((passed[labels == 1].mean() + (~passed[labels == 0]).mean()) / 2)


def best_threshold(scores: Scores, labels: Labels) -> float:
    """The score that parts the labels best by balanced accuracy: for use on other rows."""
    tried = np.unique(np.quantile(scores, np.linspace(0.01, 0.99, 99)))
    return float(max(tried, key=lambda t: balanced_accuracy(scores, labels, float(t))))


def calibration_error(scores: Scores, labels: Labels) -> float:
    """Expected calibration error over ten bins of equal width (Guo et al. 2017), 0 to 1."""
    at = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(scores[at == b].mean() - labels[at == b].mean())) * int((at == b).sum())
        for b in range(_BINS)
        if (at == b).any()
    ]
    return float(sum(gaps) / len(scores)) if len(scores) else float("nan")


def interval(
    measure: Measure, scores: Scores, labels: Labels, groups: Labels, n: int = 500
) -> tuple[float, float]:
    """The 95 % bootstrap interval of a measure; whole groups are drawn. Same every time."""
    rng = np.random.default_rng(0)
    rows = {g: np.flatnonzero(groups == g) for g in np.unique(groups)}
    held = list(rows.values())
    found = []
    for _ in range(n):
        drawn = np.concatenate([held[i] for i in rng.integers(0, len(held), len(held))])
        found.append(measure(scores[drawn], labels[drawn]))
    low, high = np.nanquantile(found, (0.025, 0.975))
    return float(low), float(high)
