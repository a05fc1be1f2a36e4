"""Where days stand on an axis that has breaks where nothing happens for long. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from statistics import median_high

# How many times the typical gap one may be wide before the axis is broken there: more, and a story
# of a week with a plan for three years later is a smudge and a dot.
_MAX_GAPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Days on an axis from 0 to 1, and the stretches of it that are cut short."""

    places: Mapping[date, float]
    breaks: tuple[tuple[float, float], ...]


def spaced(days: Iterable[date]) -> Spacing:
    """The days in proportion to the time between them, but for breaks; one day alone is at 0."""
    knots = sorted(set(days))
    gaps = [(b - a).days for a, b in pairwise(knots)]
    longest = _MAX_GAPS * median_high(gaps) if gaps else 1
    ends = [0, *accumulate(min(g, longest) for g in gaps)]
    places = [end / (ends[-1] or 1) for end in ends]
    return Spacing(
        places=dict(zip(knots, places, strict=False)),
        breaks=tuple(
            ends for ends, gap in zip(pairwise(places), gaps, strict=True) if gap > longest
        ),
    )


def lanes(stretches: Sequence[tuple[float, float]]) -> list[int]:
    """For each stretch the first lane from 0 in which it meets none before it."""
    taken: list[list[tuple[float, float]]] = []
    found = []
    for start, end in stretches:
        free = (n for n, lane in enumerate(taken) if all(end <= a or b <= start for a, b in lane))
        n = next(free, len(taken))
        if n == len(taken):
            taken.append([])
        taken[n].append((start, end))
        found.append(n)
    return found


def legible(stretches: Sequence[tuple[float, float]], kept: Iterable[int] = ()) -> list[int]:
    """Which of the labels, that take these stretches, stand free of each other; ends first."""
    chosen = list(kept)
    last = len(stretches) - 1
    for n in dict.fromkeys((0, last, *range(1, last))):
        start, end = stretches[n]
        if n not in chosen and all(
            end <= stretches[c][0] or stretches[c][1] <= start for c in chosen
        ):
            chosen.append(n)
    return chosen
