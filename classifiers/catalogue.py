"""The questions that are asked of every account, in the order in which they are answered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from classifiers import (
    behaviour,
    churn,
    city_tier,
    follow_status,
    frequency,
    growth,
    industry,
    lifecycle,
    loyalty,
    need,
    potential,
    region,
    satisfaction,
    segment,
    tier,
    value,
    won_tier,
)
from classifiers.dealings import DEALINGS
from classifiers.dimension import Dimension
from classifiers.profile import PROFILE

CATALOGUE: tuple[Dimension, ...] = (
    tier.DIMENSION,
    loyalty.DIMENSION,
    churn.DIMENSION,
    value.DIMENSION,
    frequency.DIMENSION,
    industry.DIMENSION,
    region.DIMENSION,
    city_tier.DIMENSION,
    segment.DIMENSION,
    need.DIMENSION,
    satisfaction.DIMENSION,
    lifecycle.DIMENSION,
    behaviour.DIMENSION,
    follow_status.DIMENSION,
    growth.DIMENSION,
    potential.DIMENSION,
    won_tier.DIMENSION,
)
"""A new dimension is one new module with a ``DIMENSION`` and one entry here."""


def dimension(name: str) -> Dimension:
    """The dimension of that name.

    Raises:
        KeyError: for a name that is not in the catalogue.
    """
    return {d.name: d for d in CATALOGUE}[name]


def stages(dimensions: Sequence[Dimension]) -> Iterator[tuple[Dimension, ...]]:
    """The dimensions in rounds: each comes after those whose answers it reads.

    Raises:
        ValueError: some wait for one another, or for a dimension that is not among them.
    """
    waiting, answered = list(dimensions), set[str]()
    while waiting:
        ready = [dimension for dimension in waiting if answered.issuperset(dimension.after)]
        if not ready:
            names = ", ".join(dimension.name for dimension in waiting)
            raise ValueError(
                f"these dimensions wait for one another or for one that is not there: {names}"
            )
        yield tuple(ready)
        answered.update(dimension.column for dimension in ready)
        waiting = [dimension for dimension in waiting if dimension not in ready]


def with_what_they_read(columns: Collection[str]) -> tuple[Dimension, ...]:
    """The dimensions of these columns and those whose answers they need, in the catalogue's order.

    Raises:
        KeyError: for a column that no dimension has.
    """
    by_column = {dimension.column: dimension for dimension in CATALOGUE}
    wanted, waiting = set[str](), list(columns)
    while waiting:
        column = waiting.pop()
        if column not in wanted:
            wanted.add(column)
            waiting.extend(by_column[column].after)
    return tuple(dimension for dimension in CATALOGUE if dimension.column in wanted)


def answered_by_deals() -> tuple[str, ...]:
    """The columns of those dimensions that deals alone answer, in the catalogue's order.

    Deals carry their dates; fields and contacts are known only as they are today. So of an earlier day
    no other answers can be given as they would have been then.
    """
    found = set[str]()
    for dimension in chain.from_iterable(stages(CATALOGUE)):
        known_today_only = {*PROFILE, *DEALINGS}.intersection(dimension.reads)
        if not (known_today_only or dimension.needs) and found.issuperset(dimension.after):
            found.add(dimension.column)
    return tuple(dimension.column for dimension in CATALOGUE if dimension.column in found)
