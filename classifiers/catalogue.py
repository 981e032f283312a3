"""The questions that are asked of every account, in the order in which they are answered."""

from __future__ import annotations

from classifiers import churn, loyalty, tier, value
from classifiers.dimension import Dimension

CATALOGUE: tuple[Dimension, ...] = (
    tier.DIMENSION,
    loyalty.DIMENSION,
    churn.DIMENSION,
    value.DIMENSION,
)
"""A new dimension is one new module with a ``DIMENSION`` and one entry here."""


def dimension(name: str) -> Dimension:
    """The dimension of that name.

    Raises:
        KeyError: for a name that is not in the catalogue.
    """
    return {d.name: d for d in CATALOGUE}[name]
