"""Lets one formula be worked out in two places: in the table engine, and on arrays while learning.

What is learnt on arrays must be exactly what is later computed for every account. So a formula is
written once, over values that it can add, multiply and hand to one of the two below.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

Value = TypeVar("Value", nw.Expr, Vector)
"""A column: an expression over a table, or an array."""


class Maths(Protocol[Value]):
    """The operations that table expressions and arrays spell differently."""

    def log(self, value: Value) -> Value:
        """Natural logarithm; the value must be positive."""

    def exp(self, value: Value) -> Value:
        """The exponential function."""

    def within(self, value: Value, low: float, high: float) -> Value:
        """The value, moved to the nearer limit where it lies outside ``low`` to ``high``."""

    def where_positive(self, value: Value, then: Value, otherwise: float) -> Value:
        """``then`` in rows in which ``value`` is above 0, else the number."""


class TableMaths:
    """Operations on expressions, carried out by whichever engine holds the table."""

    def log(self, value: nw.Expr) -> nw.Expr:
        return value.log()

    def exp(self, value: nw.Expr) -> nw.Expr:
        return value.exp()

    def within(self, value: nw.Expr, low: float, high: float) -> nw.Expr:
        # Half the work of an engine's greatest of the least, which ask each row how many values there are.
        return nw.when(value < low).then(low).when(value > high).then(high).otherwise(value)

    def where_positive(self, value: nw.Expr, then: nw.Expr, otherwise: float) -> nw.Expr:
        return nw.when(value > 0).then(then).otherwise(otherwise)


def rounded(value: nw.Expr, digits: int) -> nw.Expr:
    """The value to so many places, halves away from zero.

    Told to round to a place, one engine works on the binary number and another on its decimal digits, so
    that halves fall differently. Rounding the multiplied value to a whole number is the same for both.
    What comes to nothing is 0, never -0, whose sign would depend on the order of adding up.
    """
    scale = float(10**digits)
    return (value * scale).round() / scale + 0.0


class ArrayMaths:
    """Operations on arrays. Rows that ``where_positive`` does not take may divide by zero unheard."""

    def log(self, value: Vector) -> Vector:
        return np.log(value)

    def exp(self, value: Vector) -> Vector:
        return np.exp(value)

    def within(self, value: Vector, low: float, high: float) -> Vector:
        return np.clip(value, low, high)

    def where_positive(self, value: Vector, then: Vector, otherwise: float) -> Vector:
        return np.where(value > 0, then, otherwise)


TABLE = TableMaths()
ARRAYS = ArrayMaths()
