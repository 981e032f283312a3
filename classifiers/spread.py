"""How a figure is spread over an organisation's customers, and what can be said of it in one round number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import narwhals as nw

from classifiers.engine import Engine, Frame


@dataclass(frozen=True, slots=True)
class Spread:
    """How many accounts have which value, by rising value."""

    values: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def accounts(self) -> int:
        """That have a value at all."""
        return sum(self.counts)

    def reached_by(self, share: float) -> float:
        """The smallest value that this share of the accounts does not exceed; 0 where there are none.

        >>> Spread((1, 2, 10), (5, 4, 1)).reached_by(0.9)
        2.0
        """
        needed, so_far = share * self.accounts - 1e-9, 0
        for value, count in zip(self.values, self.counts, strict=True):
            so_far += count
            if so_far >= needed:
                return float(value)
        return 0.0

    def up_to(self, value: float) -> int:
        """How many accounts have this value or less."""
        return sum(c for v, c in zip(self.values, self.counts, strict=True) if v <= value)


def spread(table: Frame, column: nw.Expr, engine: Engine) -> Spread:
    """Count the accounts by value; those without one (null) are left out.

    Args:
        table: any.
        column: whole numbers, or such as are rounded to few different ones.
        engine: where it is computed; only the counts come out of it.
    """
    told = table.select(value=column.cast(nw.Float64)).filter(~nw.col("value").is_null())
    found = engine.fetch(told.group_by("value").agg(accounts=nw.len()))
    pairs = sorted(zip(found["value"].tolist(), found["accounts"].tolist(), strict=True))
    return Spread(tuple(float(v) for v, _ in pairs), tuple(int(n) for _, n in pairs))


def two_digits(column: nw.Expr) -> nw.Expr:
    """A positive amount rounded down to two significant digits; null for anything else."""
    amount = nw.when(column > 0).then(column.cast(nw.Float64))
    unit = nw.lit(10.0) ** (amount.log(base=10).floor() - 1)
    return (amount / unit + 1e-9).floor() * unit


def rounded_up(value: float, step: float) -> float:
    """The next multiple of a step.

    >>> rounded_up(43, 7)
    49.0
    """
    return float(math.ceil(value / step - 1e-9) * step)
