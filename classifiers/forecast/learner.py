"""The rhythm model, corrected by what this organisation's own customers turned out to do.

What the rhythm model expects of an account is multiplied by a factor that its traits decide. The
factor is learnt in :mod:`classifiers.forecast.learning`; here it is only applied.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import narwhals as nw
import numpy as np

from classifiers.bgnbd import BgNbd
from classifiers.engine import Frame
from classifiers.forecast.purchases import Seen
from classifiers.forecast.regression import HIGHEST, LOWEST
from classifiers.forecast.traits import (
    Measures,
    Parts,
    facts_of,
    facts_of_table,
    measures,
    parts,
    traits,
)
from classifiers.maths import ARRAYS, TABLE, Maths, Value, Vector

LEVEL_REACH = 3.0
"""The level is sought this far on either side: a factor of 20 in the purchases expected."""

HALVINGS = 30


@dataclass(frozen=True, slots=True)
class Term:
    """One trait's part: ``weight`` × the trait, which is held within what was seen while learning."""

    trait: str
    weight: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Learner:
    """P(no purchase) = ``exp(-exp(log expected + constant + Σ weight × trait))``.

    Args:
        rhythm: the model whose expectation is corrected.
        horizon: days looked ahead.
        usual: a usual purchase's amount, which amounts are compared with.
        terms: what each trait counts.
        constant: what is added for everybody.
        landmarks: day numbers that it learnt from.
        rows: observations that it learnt from.
        own_level: from 0 to 1, how far the constant is its own and not set so that the mean
            probability stays that of the rhythm model. Where landmarks differ by season, it is not.
    """

    rhythm: BgNbd
    horizon: int
    usual: float
    terms: tuple[Term, ...]
    constant: float
    landmarks: tuple[int, ...]
    rows: int
    own_level: float

    def scored(self, table: Frame, today: int, trust: float, name: str) -> Frame:
        """The features table with the probability as a further column; null without a purchase.

        Args:
            table: see :func:`classifiers.features.account_features`.
            today: the day number that the table is as of.
            trust: how much of the correction to apply; at 0 the rhythm model speaks alone.
            name: of the column.
        """
        facts = facts_of_table(today)
        first, columns = _staged(parts(facts, self.rhythm, self.horizon, self.usual), name)
        second, more = _staged(measures(facts, Parts(**columns), self.horizon), name)
        known = Measures(**more)
        eta = f"{name}_eta"
        third = {eta: known.expected + self._correction(TABLE, known) * trust}
        staged = table.with_columns(**first).with_columns(**second).with_columns(**third)
        none = nw.when(nw.col("purchases") > 0).then(none_of(TABLE, nw.col(eta)))
        return staged.with_columns(none.alias(name)).drop(*first, *second, *third)

    def values(self, seen: Seen, trust: float = 1.0) -> Vector:
        """The same as an array, for accounts as seen on an earlier day."""
        expected, correction = self.parts(seen)
        return none_of(ARRAYS, expected + correction * trust)

    def parts(self, seen: Seen) -> tuple[Vector, Vector]:
        """The log of what the rhythm model expects, and what is added to it."""
        with np.errstate(divide="ignore", invalid="ignore"):
            facts = facts_of(seen)
            simple = parts(facts, self.rhythm, self.horizon, self.usual)
            known = measures(facts, simple, self.horizon)
            return known.expected, self._correction(ARRAYS, known)

    def _correction(self, maths: Maths[Value], known: Measures[Value]) -> Value:
        told = traits(maths, known)
        correction = known.expected * 0 + self.constant
        for term in self.terms:
            held = maths.within(told[term.trait], term.low, term.high)
            correction = correction + held * term.weight
        return correction

    def as_dict(self) -> dict[str, object]:
        """Everything that makes up the formula, and what it was learnt from."""
        return {
            "landmark_days": list(self.landmarks),
            "observations": self.rows,
            "usual_purchase": self.usual,
            "constant": self.constant,
            "own_level": self.own_level,
            "terms": {
                term.trait: {"weight": term.weight, "low": term.low, "high": term.high}
                for term in self.terms
            },
        }


def _staged(
    step: Parts[nw.Expr] | Measures[nw.Expr], name: str
) -> tuple[dict[str, nw.Expr], dict[str, nw.Expr]]:
    """A step's expressions by the columns that they go to, and the columns by the names of the step."""
    told = {field.name: getattr(step, field.name) for field in fields(step)}
    columns = {part: f"{name}_{part}" for part in told}
    return (
        {columns[part]: value for part, value in told.items()},
        {part: nw.col(column) for part, column in columns.items()},
    )


def none_of(maths: Maths[Value], eta: Value) -> Value:
    """P(no purchase) where ``exp(eta)`` purchases are expected."""
    return maths.exp(0 - maths.exp(maths.within(eta, LOWEST, HIGHEST)))


def level_for(expected: Vector, correction: Vector, away: float, near: float) -> float:
    """What to add to the correction so that the mean probability becomes ``away``, found by halving.

    Args:
        expected: see :meth:`Learner.parts`; ``correction`` likewise.
        away: the mean probability wanted, between 0 and 1.
        near: the answer is sought within ``LEVEL_REACH`` of this.
    """
    low, high = near - LEVEL_REACH, near + LEVEL_REACH
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if float(none_of(ARRAYS, expected + correction + middle).mean()) > away:
            low = middle
        else:
            high = middle
    return low
