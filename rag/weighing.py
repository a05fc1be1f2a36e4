"""Ground tool: named features weighed into a score from 0 to 1, each pulling one way only."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighing:
    """What each feature adds to the logit for a standard deviation; none changes its sign."""

    names: tuple[str, ...]
    means: Values
    spreads: Values
    weights: Values  # positive where more of the feature means more support
    offset: float
    enough: float = 0.5  # the score that nineteen of twenty true rewordings reach

    def score(self, values: Values) -> float:
        """The score of one row of values, in the order of ``names``.

        Raises:
            ValueError: the number of values is not that of the features.
        """
        if values.shape != self.means.shape:
            raise ValueError(f"{len(values)} values for {len(self.names)} features")
        return 1 / (1 + math.exp(-self.logits(values)))

    def logits(self, values: Values) -> Any:
        """The logit of one row, or of each row of a table."""
        return self.standard(values) @ self.weights + self.offset

    def standard(self, values: Values) -> Values:
        """The values in deviations from their means."""
        found: Values = (values - self.means) / self.spreads
        return found

    def passing(self, enough: float) -> "Weighing":
        """The same with another threshold."""
        return replace(self, enough=enough)


def write_weighings(found: Mapping[str, Weighing], path: Path) -> None:
    """Write weighings as JSON, so that the same ones make the same bytes."""
    told = {
        name: {
            "offset": one.offset,
            "enough": one.enough,
            "features": {
                feature: [float(f"{v:.6g}") for v in values]
                for feature, *values in zip(
                    one.names, one.means, one.spreads, one.weights, strict=True
                )
            },
        }
        for name, one in found.items()
    }
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def read_weighings(path: Path) -> dict[str, Weighing]:
    """The weighings in a file that ``write_weighings`` wrote."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {name: _read(one) for name, one in told.items()}


def _read(told: Mapping[str, Any]) -> Weighing:
    held = np.array(list(told["features"].values()), dtype=np.float64)
    return Weighing(
        names=tuple(told["features"]),
        means=held[:, 0],
        spreads=held[:, 1],
        weights=held[:, 2],
        offset=float(told["offset"]),
        enough=float(told["enough"]),
    )
