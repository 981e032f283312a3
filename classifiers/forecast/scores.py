"""How good a set of probabilities was, once it is known who stayed away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifiers.maths import Vector

Happened = NDArray[np.bool_]


def area_under_curve(score: Vector, happened: Happened) -> float:
    """The chance that somebody who stayed away was ranked above somebody who did not; ties count half."""
    away = int(happened.sum())
    back = len(happened) - away
    above = float(_ranks(score)[happened].sum()) - away * (away + 1) / 2
    return above / (away * back)


def _ranks(score: Vector) -> Vector:
    """Places from 1 upwards by score; those with the same score share the mean of their places."""
    _, place, often = np.unique(score, return_inverse=True, return_counts=True)
    means: Vector = np.cumsum(often) - (often - 1) / 2
    return means[place]


def error_by_chance(happened: Happened) -> float:
    """Standard error of that area for scores that tell nothing (Mann and Whitney 1947)."""
    away = int(happened.sum())
    back = len(happened) - away
    return float(np.sqrt((away + back + 1) / (12 * away * back)))


def brier(probability: Vector, happened: Happened) -> float:
    """Mean squared distance between probability and outcome (Brier 1950)."""
    return float(np.mean((probability - happened) ** 2))
