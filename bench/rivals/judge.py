"""How good a forecast was, once it is known who stayed away.

Staying away is what is forecast, so it counts as the positive case throughout. Accounts with equal
scores are taken as being in no order: no measure here depends on how ties happen to be sorted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from rivals.records import Mask, Number

BINS = 10
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Marks:
    """The measures of one method on one case; None where it gives no such number.

    Args:
        auc: chance that an account that stayed away was scored above one that did not.
        average_precision: mean share of stayers-away among the accounts down to each of them.
        brier: mean squared error of the probability.
        calibration: mean distance of forecast and observed share over ten bins of as many accounts.
        lift: share of stayers-away in the tenth with the highest scores over that in all.
        spearman: rank correlation of the forecast value and what was spent.
        shortfall: AUC of ours less this one's; ``margin`` half its 95 % interval (DeLong, DeLong
            and Clarke-Pearson 1988).
    """

    auc: float
    average_precision: float
    brier: float | None
    calibration: float | None
    lift: float
    spearman: float | None
    ours_ahead: float | None = None
    margin: float | None = None

    @property
    def tie(self) -> bool:
        """Whether chance alone may explain the difference to ours."""
        return self.ours_ahead is not None and abs(self.ours_ahead) <= (self.margin or 0.0)


def auc(away: Mask, score: Number) -> float:
    """Area under the receiver operating characteristic; .5 for each tie."""
    positives = int(away.sum())
    ranks = stats.rankdata(score)[away].sum() - positives * (positives + 1) / 2
    return float(ranks / (positives * (len(away) - positives)))


def difference(away: Mask, one: Number, other: Number) -> tuple[float, float]:
    """AUC of one less that of the other on the same accounts, and half its 95 % interval.

    DeLong, DeLong and Clarke-Pearson (1988), by ranks as Sun and Xu (2014) do.
    """
    of_away, of_back = zip(*(_placements(away, score) for score in (one, other)), strict=True)
    gap_away, gap_back = of_away[0] - of_away[1], of_back[0] - of_back[1]
    variance = gap_away.var(ddof=1) / len(gap_away) + gap_back.var(ddof=1) / len(gap_back)
    return float(gap_away.mean()), float(Z95 * np.sqrt(variance))


def _placements(away: Mask, score: Number) -> tuple[Number, Number]:
    """For each account the share of the other kind that it is placed rightly against."""
    ranks = stats.rankdata(score)
    up, down = score[away], score[~away]
    of_away = (ranks[away] - stats.rankdata(up)) / len(down)
    return of_away, 1 - (ranks[~away] - stats.rankdata(down)) / len(up)


def average_precision(away: Mask, score: Number) -> float:
    """Precision at every distinct score, weighed by the stayers-away who have it."""
    _, place = np.unique(-score, return_inverse=True)
    found, seen = np.bincount(place, weights=away), np.bincount(place)
    return float((found / away.sum()) @ (found.cumsum() / seen.cumsum()))


def lift(away: Mask, score: Number, share: float = 0.1) -> float:
    """Stayers-away among the highest scores over their share in all."""
    expected, order = _highest_first(away, score)
    top = order[: max(1, round(share * len(score)))]
    return float(expected[top].mean() / away.mean())


def calibration(away: Mask, probability: Number) -> float:
    """Distance of mean forecast and observed share, over ten bins of as many accounts each."""
    expected, order = _highest_first(away, probability)
    bins = np.array_split(probability[order] - expected[order], BINS)
    return float(sum(abs(part.sum()) for part in bins) / len(away))


def _highest_first(away: Mask, score: Number) -> tuple[Number, NDArray[np.intp]]:
    """The share of stayers-away among those with an account's score, and the order of the scores."""
    _, place = np.unique(-score, return_inverse=True)
    expected = (np.bincount(place, weights=away) / np.bincount(place))[place]
    return expected, np.argsort(place, kind="stable")


def marks(
    away: Mask, spent: Number, score: Number, probability: Number | None, value: Number | None
) -> Marks:
    """Every measure that the forecast allows."""
    return Marks(
        auc=auc(away, score),
        average_precision=average_precision(away, score),
        brier=None if probability is None else float(np.mean((probability - away) ** 2)),
        calibration=None if probability is None else calibration(away, probability),
        lift=lift(away, score),
        spearman=None if value is None else float(stats.spearmanr(value, spent).statistic),
    )
