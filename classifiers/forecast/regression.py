"""Finds how much each trait counts, on the side of caution: without evidence it counts nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.maths import Vector

Matrix = NDArray[np.float64]

LOWEST, HIGHEST = -30.0, 4.0
"""Limits of the double log: beyond, the probability is 1 or 0 to more digits than are shown."""

MOST_STEPS = 25
ENOUGH = 1e-7
"""The search ends when a step gains less than this share of the log-likelihood."""

SHORTEST_STEP = 1e-3
BLOCK = 64
AT_ONCE = 32
"""Blocks multiplied at a time: few enough to stay in the processor's cache."""

FIRST_LOOK = 20_000
"""The search starts on about so many rows, evenly spaced, and ends on all of them."""


def fit_cloglog(offset: Vector, columns: Matrix, stayed: Vector, penalty: Vector) -> Vector:
    """Coefficients b of ``P(stayed away) = exp(-exp(offset + columns b))``.

    Proportional hazards in grouped time (Prentice and Gloeckler 1978, Biometrics 34(1), 57-67) by
    penalised maximum likelihood: ``penalty · b² / 2`` pulls every coefficient towards 0, where the
    offset alone speaks. Newton's method with the expected information, and half steps where a whole
    one would overshoot.

    Args:
        offset: the log of what is expected, a row.
        columns: one row an observation.
        stayed: 1 where nothing was bought, else 0.
        penalty: one a column, above 0.
    """
    step = max(1, len(stayed) // FIRST_LOOK)
    start = np.zeros(columns.shape[1])
    if step > 1:
        near = slice(None, None, step)
        few = _Rows.of(offset[near], columns[near], stayed[near])
        start = _search(few, penalty / step, start)
    return _search(_Rows.of(offset, columns, stayed), penalty, start)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Observations in blocks so small that no linear algebra library spreads them over threads.

    Sums then come out the same to the last digit on every machine, and threads do not wait for one
    another where a machine is busy. Rows that fill up the last block have no weight.
    """

    offset: Vector
    columns: Matrix
    stayed: Vector
    weight: Vector

    @classmethod
    def of(cls, offset: Vector, columns: Matrix, stayed: Vector) -> _Rows:
        rows, width = columns.shape
        missing = -rows % BLOCK

        def filled(values: Vector) -> Vector:
            return np.concatenate([values, np.zeros(missing)]).reshape(-1, BLOCK)

        blocks = np.vstack([columns, np.zeros((missing, width))]).reshape(-1, BLOCK, width)
        return cls(filled(offset), blocks, filled(stayed), filled(np.ones(rows)))

    def eta(self, found: Vector) -> Vector:
        return np.asarray(self.offset + self.columns @ found, dtype=np.float64)

    def gathered(self, values: Vector) -> Vector:
        """``columns' values``."""
        return np.asarray((values[:, None, :] @ self.columns).sum(axis=(0, 1)), dtype=np.float64)

    def crossed(self, values: Vector) -> Matrix:
        """``columns' diag(values) columns``."""
        width = self.columns.shape[2]
        total: Matrix = np.zeros((1, width, width))
        for start in range(0, len(self.columns), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            weighted = (self.columns[some] * values[some, :, None]).transpose(0, 2, 1)
            total = np.concatenate([total, weighted @ self.columns[some]]).sum(0, keepdims=True)
        return np.asarray(total[0], dtype=np.float64)


def _search(rows: _Rows, penalty: Vector, found: Vector) -> Vector:
    value = _gain(rows, found, penalty)
    for _ in range(MOST_STEPS):
        slope, information = _slope(rows.eta(found), rows.stayed)
        gradient = rows.gathered(rows.weight * slope) - penalty * found
        curvature = rows.crossed(rows.weight * information) + np.diag(penalty)
        move, size = np.linalg.solve(curvature, gradient), 1.0
        while (reached := _gain(rows, found + size * move, penalty)) < value:
            size /= 2
            if size < SHORTEST_STEP:
                return found
        found, gained, value = found + size * move, reached - value, reached
        if gained < ENOUGH * abs(value):
            break
    return found


def _gain(rows: _Rows, found: Vector, penalty: Vector) -> float:
    """The penalised log-likelihood."""
    expected = np.exp(np.clip(rows.eta(found), LOWEST, HIGHEST))
    each = np.where(rows.stayed > 0, -expected, np.log(-np.expm1(-expected)))
    return float((rows.weight * each).sum()) - float(penalty @ found**2) / 2


def _slope(eta: Vector, stayed: Vector) -> tuple[Vector, Vector]:
    expected = np.exp(np.clip(eta, LOWEST, HIGHEST))
    odds = expected * np.exp(-expected) / -np.expm1(-expected)
    return np.where(stayed > 0, -expected, odds), expected * odds
