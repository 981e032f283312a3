"""What needs no model: silence, a rule on silence, classes of recency, frequency and money, past spend.

None of these gives a probability by itself. Each is turned into one by what the same score came to
at an earlier day whose outcome was known by the cut-off, as any of them would be used in practice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rivals.judge import auc
from rivals.records import Mask, Number, Records, Whole
from rivals.snapshot import Lesson, Snapshot, TooLittlePast, lessons, snapshot

MULTIPLES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""Silences, in own gaps, of which the rule takes the one that did best before."""

USUAL_MULTIPLE = 3.0
FIFTHS = 5
CAUTION = 10.0
"""Accounts of average behaviour that every class is thought to hold besides its own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One method's forecast, a row an account of the snapshot.

    Args:
        score: higher where the account is more likely to stay away.
        probability: of no purchase within the horizon, or None where the method has none.
        value: higher where more will be spent, or None; ``note`` tells what else must be known.
    """

    score: Number
    probability: Number | None = None
    value: Number | None = None
    note: str = ""


def recency(records: Records, cut: int, horizon: int) -> Answer:
    """Days of silence alone."""
    now = snapshot(records, cut)
    score = now.silence.astype(np.float64)
    lesson = _lesson(records, cut, horizon)
    if lesson is None:
        return Answer(score)
    slope, level = _line(np.log1p(lesson.then.silence), lesson.stayed_away)
    probability = 1 / (1 + np.exp(-(level + slope * np.log1p(score))))
    return Answer(score, probability)


def hiatus(records: Records, cut: int, horizon: int) -> Answer:
    """Silent for more than k times the own gap; k and both shares as they were one horizon ago."""
    now, lesson = snapshot(records, cut), _lesson(records, cut, horizon)
    if lesson is None:
        return Answer((now.silence > USUAL_MULTIPLE * now.gap).astype(np.float64))

    def of(multiple: float) -> float:
        return auc(lesson.stayed_away, 1.0 * (then.silence > multiple * then.gap))

    then = lesson.then
    best = max(MULTIPLES, key=of)
    shares = _mean_by(1 * (then.silence > best * then.gap), 1.0 * lesson.stayed_away, 2)
    silent = now.silence > best * now.gap
    return Answer(silent.astype(np.float64), shares[1 * silent], note=f"k = {best:g}")


def rfm(records: Records, cut: int, horizon: int) -> Answer:
    """Fifths of recency, frequency and money; each cell's share and spend one horizon ago."""
    now, lesson = snapshot(records, cut), _lesson(records, cut, horizon)
    if lesson is None:
        fifths = np.stack(_fifths(now))
        return Answer(-fifths.sum(0).astype(np.float64), value=now.spent)
    cells, before = FIFTHS**3, _cell(lesson.then)
    away = _mean_by(before, 1.0 * lesson.stayed_away, cells)[_cell(now)]
    return Answer(away, away, _mean_by(before, lesson.spent, cells)[_cell(now)])


def last_year(records: Records, cut: int, horizon: int) -> Answer:
    """Sales of the last 365 days: who bought for nothing stays away, who bought for much will again."""
    del horizon
    now = snapshot(records, cut)
    return Answer(-now.spent_year, value=now.spent_year)


def _lesson(records: Records, cut: int, horizon: int) -> Lesson | None:
    try:
        return lessons(records, cut, horizon, most=1)[0]
    except TooLittlePast:
        return None


def _fifths(now: Snapshot) -> tuple[Whole, Whole, Whole]:
    """From 0 (longest silent, fewest purchases, least money) to 4; equal values stay together."""

    def of(values: Number | Whole) -> Whole:
        edges = np.quantile(values, np.arange(1, FIFTHS) / FIFTHS)
        return np.searchsorted(edges, values)

    return of(-now.silence), of(now.purchases), of(now.spent)


def _cell(now: Snapshot) -> Whole:
    r, f, m = _fifths(now)
    return (r * FIFTHS + f) * FIFTHS + m


def _mean_by(place: Whole, what: Number, places: int) -> Number:
    """The mean of each class, drawn to the mean of all where the class is small."""
    count = np.bincount(place, minlength=places)
    total = np.bincount(place, weights=what, minlength=places)
    return np.asarray((total + CAUTION * what.mean()) / (count + CAUTION))


def _line(x: Number, away: Mask) -> tuple[float, float]:
    """Slope and level of a logistic curve in one variable, by Newton's method."""
    design, weights = np.stack((x, np.ones_like(x)), 1), np.zeros(2)
    for _ in range(25):
        p = 1 / (1 + np.exp(-(design @ weights)))
        curvature = design.T @ (design * (p * (1 - p))[:, None]) + 1e-9 * np.eye(2)
        weights += np.linalg.solve(curvature, design.T @ (away - p))
    return float(weights[0]), float(weights[1])
