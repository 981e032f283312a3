"""The simpler means that a verdict has to beat: silence alone, RFM points, a rule of thumb, and chance.

Each learns its probabilities from an earlier day on which the same question could be asked, and
whose answer was known by the day that is judged. Without such a day they only rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.backtest.facts import Facts
from classifiers.backtest.metrics import Mask, Vector, auc, midranks

QUINTILES = 5
TIMES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
"""How many times its own gap a customer may be silent; the rule takes what worked best before."""

USUAL_TIMES = 2.0
"""Where there is no earlier day to learn from."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a simple means says of each customer; higher means likelier to leave.

    ``probability`` is None where there was nothing to learn it from; ``note`` what was learnt.
    """

    score: Vector
    probability: Vector | None
    note: str = ""


def recency(now: Facts, before: Facts | None) -> Score:
    """Who has been silent longest leaves first; the probability by a logistic curve over log-days."""
    if before is None:
        return Score(now.silence, None)
    level, slope = _logistic(np.log1p(before.silence), before.churned)
    return Score(now.silence, _sigmoid(level + slope * np.log1p(now.silence)))


def rfm(now: Facts, before: Facts | None) -> Score:
    """Recency, frequency and money, one to five points each by quintile, added up.

    The usual marketing score (Hughes 1994, Strategic Database Marketing); each sum promises the
    share that left among those who had it earlier, one customer at the overall share added.
    """
    points = _points(now)
    if before is None:
        return Score(-points, None)
    most = 3 * QUINTILES + 1
    earlier = _points(before).astype(np.intp)
    customers = np.bincount(earlier, minlength=most)
    left = np.bincount(earlier, before.churned.astype(np.float64), most)
    rate = (left + before.churned.mean()) / (customers + 1)
    return Score(-points, rate[points.astype(np.intp)])


def rfm_value(now: Facts) -> Vector:
    """The same points as a ranking by value."""
    return _points(now)


def hiatus(now: Facts, before: Facts | None) -> Score:
    """The rule of thumb: lost once it is silent for k times its own gap.

    After a single purchase a customer has no gap; the median of those who have one stands in. k is
    the one of :data:`TIMES` that ranked best on the earlier day.
    """
    if before is None:
        return Score(_overdue(now, now, USUAL_TIMES).astype(np.float64), None, f"{USUAL_TIMES:g}")
    records = [auc(_overdue(before, before, k).astype(np.float64), before.churned) for k in TIMES]
    times = TIMES[int(np.argmax([record or 0.0 for record in records]))]
    earlier, overdue = (_overdue(facts, before, times) for facts in (before, now))
    base = before.churned.mean()
    rates = [_share(before.churned[earlier == called], base) for called in (False, True)]
    return Score(overdue.astype(np.float64), np.where(overdue, rates[1], rates[0]), f"{times:g}")


def chance(now: Facts, before: Facts | None) -> Score:
    """Everybody alike, at the share that left before."""
    alike = np.zeros(len(now.churned))
    return Score(alike, None if before is None else alike + before.churned.mean())


def _points(facts: Facts) -> Vector:
    columns = (-facts.silence, facts.purchases, facts.sales_total)
    return np.asarray(sum(_quintile(column) for column in columns), dtype=np.float64)


def _quintile(values: Vector) -> Vector:
    """1 to 5 by rank; customers who are alike get the same points, so that no row order matters."""
    return np.clip(np.ceil(QUINTILES * midranks(values) / len(values) - 1e-9), 1, QUINTILES)


def _overdue(facts: Facts, known: Facts, times: float) -> Mask:
    own = known.gap[~np.isnan(known.gap)]
    usual = float(np.median(own)) if len(own) else np.inf
    gap = np.where(np.isnan(facts.gap), usual, facts.gap)
    return np.asarray(facts.silence > times * np.maximum(gap, 1.0), dtype=np.bool_)


def _share(churned: Mask, otherwise: float) -> float:
    return float(churned.mean()) if len(churned) else otherwise


def _logistic(x: Vector, churned: Mask) -> tuple[float, float]:
    """Level and slope of a logistic regression by Newton's method (Cox 1958).

    A slight pull towards the overall share keeps it finite where one number separates all.
    """
    design = np.column_stack([np.ones_like(x), x - x.mean()])
    weights, pull = np.zeros(2), np.diag([1e-3, 1e-3])
    for _ in range(50):
        expected = _sigmoid(design @ weights)
        slope = design.T @ (churned - expected) - pull @ weights
        curve = (design * (expected * (1 - expected))[:, None]).T @ design + pull
        step = np.linalg.solve(curve, slope)
        weights = weights + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0] - weights[1] * x.mean()), float(weights[1])


def _sigmoid(value: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -500, 500))), dtype=np.float64)
