"""How far a figure could be off by chance alone, so that nobody takes luck for skill.

All intervals are of 95 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.backtest.metrics import Mask, Vector, midranks

Z = 1.959963984540054
"""The normal distribution's 97.5 % point."""


def wilson(share: float, count: float) -> tuple[float, float]:
    """The interval of a share that was seen in ``count`` cases; all of 0 to 1 where there are none.

    The score interval of Wilson 1927 (Journal of the American Statistical Association 22, 209-212).
    Unlike the usual one it stays within 0 and 1, and does not shrink to a point at either end.
    """
    if count <= 0:
        return 0.0, 1.0
    square = Z**2 / count
    middle = (share + square / 2) / (1 + square)
    half = Z / (1 + square) * float(np.sqrt(share * (1 - share) / count + square / (4 * count)))
    low = 0.0 if share == 0 else max(middle - half, 0.0)
    return low, 1.0 if share == 1 else min(middle + half, 1.0)


@dataclass(frozen=True, slots=True)
class Ranking:
    """An AUC by its parts: for every leaver the share of stayers it stood above, and the reverse.

    DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44(3), 837-845), by ranks as in Sun and Xu
    2014 (IEEE Signal Processing Letters 21(11), 1389-1393).

    Args:
        left: a number from 0 to 1 a customer who left.
        stayed: likewise of those who stayed.
    """

    left: Vector
    stayed: Vector

    @property
    def auc(self) -> float:
        """The area itself, as :func:`classifiers.backtest.metrics.auc`."""
        return float(self.left.mean())

    @property
    def error(self) -> float:
        """Its standard error."""
        return _error(self.left, self.stayed)

    @property
    def interval(self) -> tuple[float, float]:
        """Between 0 and 1."""
        return max(self.auc - Z * self.error, 0.0), min(self.auc + Z * self.error, 1.0)

    def lead(self, other: Ranking) -> tuple[float, float]:
        """How much larger this AUC is than another on the same customers, with the standard error."""
        return self.auc - other.auc, _error(self.left - other.left, self.stayed - other.stayed)


def ranking(score: Vector, churned: Mask) -> Ranking | None:
    """The parts of the AUC of a score; None where all left, or nobody did."""
    left, stayed = score[churned], score[~churned]
    if not len(left) or not len(stayed):
        return None
    overall = midranks(score)
    above = (overall[churned] - midranks(left)) / len(stayed)
    below = 1 - (overall[~churned] - midranks(stayed)) / len(left)
    return Ranking(above, below)


def _error(left: Vector, stayed: Vector) -> float:
    variances = (part.var(ddof=1) / len(part) for part in (left, stayed) if len(part) > 1)
    return float(np.sqrt(sum(variances)))
