"""How good a forecast was: whether those it warned of really left, and as many as it said.

``churned`` tells of every customer whether it bought nothing in the days ahead; ``score`` is higher for
those who are likelier to leave; ``probability`` is what was promised, from 0 to 1. Nothing here
depends on the order of the customers, and customers with the same score count as one step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

BINS = 10
"""Calibration compares promise and outcome in tenths of the probability."""

SURE = 1e-6
"""Log loss takes nobody's word that something is impossible; beyond this it would be infinite."""


def midranks(values: Vector) -> Vector:
    """Ranks from 1 on; equal values share the mean of their ranks.

    >>> midranks(np.array([10.0, 30.0, 30.0, 20.0])).tolist()
    [1.0, 3.5, 3.5, 2.0]
    """
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place], dtype=np.float64)


def auc(score: Vector, churned: Mask) -> float | None:
    """The chance that a customer who left had a higher score than one who stayed; equal ones count half.

    By rank sums (Mann and Whitney 1947; Hanley and McNeil 1982, Radiology 143(1), 29-36). None
    where all left, or nobody did.
    """
    left = int(churned.sum())
    stayed = len(churned) - left
    if not left or not stayed:
        return None
    above = midranks(score)[churned].sum() - left * (left + 1) / 2
    return float(above / (left * stayed))


def average_precision(score: Vector, churned: Mask) -> float | None:
    """Precision at every score, weighted by the share of leavers that it adds; None if nobody left.

    ``sum (R_n - R_(n-1)) P_n`` over the distinct scores from the highest down, without interpolation
    (Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, section 8.4).
    """
    called, found = _from_the_top(score, churned)
    if not len(called) or not found[-1]:
        return None
    return float(np.sum(np.diff(found, prepend=0.0) * found / called) / found[-1])


def brier(probability: Vector, churned: Mask) -> float:
    """Mean squared distance between promise and outcome (Brier 1950, Monthly Weather Review 78(1), 1-3)."""
    return float(np.mean((probability - churned) ** 2))


def log_loss(probability: Vector, churned: Mask) -> float:
    """Mean surprise in nats: ``-log`` of the probability given to what happened (Good 1952)."""
    safe = np.clip(probability, SURE, 1 - SURE)
    return float(-np.mean(np.where(churned, np.log(safe), np.log1p(-safe))))


def calibration_error(probability: Vector, churned: Mask) -> float:
    """Mean distance between promised and observed share in ten equally wide bins, weighted by customers.

    The expected calibration error (Naeini, Cooper and Hauskrecht 2015, AAAI 29, 2901-2907).
    """
    bins = tenth(probability)
    promised = np.bincount(bins, probability, BINS)
    observed = np.bincount(bins, churned.astype(np.float64), BINS)
    return float(np.abs(promised - observed).sum() / len(probability))


def tenth(probability: Vector) -> NDArray[np.intp]:
    """The calibration bin of each probability, 0 to 9; 1 belongs to the last."""
    return np.minimum((probability * BINS).astype(np.intp), BINS - 1)


def gains(score: Vector, churned: Mask, shares: Vector) -> Vector | None:
    """Which share of all leavers is among the given shares of customers, called from the highest score down.

    Customers with equal scores are called in no order, so the curve is straight between distinct scores
    (the cumulative gains curve, Ling and Li 1998, KDD-98, 73-79). None if nobody left.
    """
    called, found = _from_the_top(score, churned)
    if not len(called) or not found[-1]:
        return None
    share, gain = np.append(0.0, called / called[-1]), np.append(0.0, found / found[-1])
    return np.asarray(np.interp(shares, share, gain), dtype=np.float64)


def lift(score: Vector, churned: Mask, share: float = 0.1) -> float | None:
    """How many times more leavers there are among the top tenth by score than among all customers."""
    gain = gains(score, churned, np.array([share]))
    return None if gain is None else float(gain[0] / share)


def spearman(ours: Vector, theirs: Vector) -> float | None:
    """Rank correlation from -1 to 1 (Spearman 1904), equal values sharing ranks; None if one is constant."""
    one, other = (ranks - ranks.mean() for ranks in (midranks(values) for values in (ours, theirs)))
    spread = float(np.sqrt((one @ one) * (other @ other))) if len(one) else 0.0
    return float(one @ other) / spread if spread else None


def _from_the_top(score: Vector, churned: Mask) -> tuple[Vector, Vector]:
    """Customers and leavers so far, at each distinct score from the highest down."""
    _, place, count = np.unique(-score, return_inverse=True, return_counts=True)
    left = np.bincount(place, churned.astype(np.float64), len(count))
    return np.cumsum(count).astype(np.float64), np.cumsum(left)
