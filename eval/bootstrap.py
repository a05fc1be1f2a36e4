"""How well scores agree with labels, and how sure that is: bootstrap intervals over articles.

Rows of one article are not independent, so articles are drawn with replacement and each brings
all its rows (Efron and Tibshirani 1993, section 8.5; cluster bootstrap: Field and Welsh 2007). A
resample is a weight for each row: how often its article was drawn. Percentile intervals. The
seed is fixed, so that the same rows give the same interval to the last digit.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Weights = NDArray[np.float64]  # [n_resamples, n_rows]
Statistic = Callable[[Weights], Values]  # of every resample, NaN where it does not exist

N_BINS = 10  # of a calibration curve
N_RESAMPLES = 1_000
SEED = 20_260
_CHUNK = 4_000_000  # weights held at a time: 32 MB


def interval(
    statistic: Statistic, clusters: Sequence[str], *, n_resamples: int = N_RESAMPLES
) -> tuple[float, float]:
    """The 95 % interval of a statistic of weighted rows; NaN where it exists in no resample.

    ``clusters`` names the article of each row.
    """
    if not clusters:
        return float("nan"), float("nan")
    names = {name: i for i, name in enumerate(dict.fromkeys(clusters))}
    members = np.array([names[c] for c in clusters])
    rng = np.random.default_rng(SEED)
    at_once = max(1, _CHUNK // len(clusters))
    found: list[Values] = []
    for begin in range(0, n_resamples, at_once):
        size = min(at_once, n_resamples - begin)
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=size)
        found.append(statistic(drawn[:, members].astype(np.float64)))
    values = np.concatenate(found)
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def value(statistic: Statistic, n_rows: int) -> float:
    """The statistic of the rows themselves, each drawn once; NaN where it does not exist."""
    return float(statistic(np.ones((1, n_rows)))[0])


def mean_interval(values: Sequence[float], clusters: Sequence[str]) -> tuple[float, float]:
    """The 95 % interval of a mean."""
    array = np.asarray(values, dtype=np.float64)
    return interval(lambda w: _ratio(w @ array, w.sum(1)), clusters)


def share_interval(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of ``n`` (1927); NaN of none.

    For shares that are 0 or 1, where every resample is the same and the bootstrap knows no doubt.
    """
    if not n:
        return float("nan"), float("nan")
    z = 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def auroc(scores: Values, supported: NDArray[np.bool_]) -> Statistic:
    """Chance that a supported row scores above another one, ties counting half.

    The area under the ROC curve as Mann and Whitney's U (Hanley and McNeil 1982), of weighted
    rows; from 0 to 1, NaN without both classes.
    """
    order = np.argsort(scores, kind="stable")
    good = supported[order].astype(np.float64)
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) > 0]) if len(scores) else None

    def of(weights: Weights) -> Values:
        assert starts is not None
        sorted_weights = weights[:, order]
        ups = np.add.reduceat(sorted_weights * good, starts, axis=1)
        downs = np.add.reduceat(sorted_weights * (1 - good), starts, axis=1)
        below = np.cumsum(downs, axis=1) - downs
        return _ratio((ups * (below + downs / 2)).sum(1), ups.sum(1) * downs.sum(1))

    return of


def balanced_accuracy(predicted: NDArray[np.bool_], supported: NDArray[np.bool_]) -> Statistic:
    """Mean of the shares of both classes that are told right; from 0 to 1, NaN without both."""
    right = (predicted == supported).astype(np.float64)
    good = supported.astype(np.float64)

    def of(weights: Weights) -> Values:
        ups = _ratio(weights @ (right * good), weights @ good)
        downs = _ratio(weights @ (right * (1 - good)), weights @ (1 - good))
        return (ups + downs) / 2

    return of


def kappa(predicted: NDArray[np.bool_], supported: NDArray[np.bool_]) -> Statistic:
    """Agreement beyond chance (Cohen 1960); from -1 to 1, NaN where nothing varies."""
    ours, theirs = predicted.astype(np.float64), supported.astype(np.float64)
    alike = (predicted == supported).astype(np.float64)

    def of(weights: Weights) -> Values:
        total = weights.sum(1)
        yes, gold = _ratio(weights @ ours, total), _ratio(weights @ theirs, total)
        by_chance = yes * gold + (1 - yes) * (1 - gold)
        return _ratio(_ratio(weights @ alike, total) - by_chance, 1 - by_chance)

    return of


def best_threshold(scores: Values, supported: NDArray[np.bool_]) -> float:
    """The score that parts the rows best by balanced accuracy: for use on other rows."""
    tried = np.unique(np.quantile(scores, np.linspace(0.01, 0.99, 99)))
    right = [value(balanced_accuracy(scores >= at, supported), len(scores)) for at in tried]
    return float(tried[int(np.argmax(right))])


def calibration_error(scores: Values, supported: NDArray[np.bool_]) -> Statistic:
    """How far scores from 0 to 1 are from shares: the expected calibration error over ten bins.

    From 0 to 1 (Naeini et al. 2015; Guo et al. 2017); rows without a score are left out; NaN
    when none is left.
    """
    there = np.isfinite(scores)
    gaps = np.zeros((len(scores), N_BINS))
    rows = np.flatnonzero(there)
    gaps[rows, bin_of(scores[there])] = scores[there] - supported[there]
    told = there.astype(np.float64)
    return lambda weights: _ratio(np.abs(weights @ gaps).sum(1), weights @ told)


def bin_of(scores: Values) -> NDArray[np.int64]:
    """The bin of each score, from 0; the last one holds 1."""
    return np.minimum((scores * N_BINS).astype(np.int64), N_BINS - 1)


def _ratio(above: Values, below: Values) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.nan))
