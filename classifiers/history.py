"""How many accounts share the same purchase history: all that a forecast has to learn from.

The order of rows never matters here: histories are sorted before anything is added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from classifiers.engine import Engine, Frame
from classifiers.features import Span

Days = NDArray[np.int64]

MOST_HISTORIES = 20_000
"""More distinct histories than this no longer move the parameters visibly; every k-th is kept."""

_BITS = 62
"""What fits into a whole number without its sign."""

_KEYS = ("purchases", "first_day", "last_day", "last_day_at_cut", "last_day_at_earlier_cut")


@dataclass(frozen=True, slots=True)
class Histories:
    """Columns of equal length, one row a distinct history; ``count`` is the accounts that have it.

    Args:
        purchases: purchase days so far, at least 1.
        first: day number of the first purchase; ``last`` of the last one.
        alone_at_cut: the account had bought exactly once by ``span.cut``.
        alone_earlier: likewise by ``span.earlier_cut``.
        back_by_cut: it bought again between the two.
        span: the days that count.
    """

    purchases: Days
    first: Days
    last: Days
    alone_at_cut: NDArray[np.bool_]
    alone_earlier: NDArray[np.bool_]
    back_by_cut: NDArray[np.bool_]
    count: Days
    span: Span

    @property
    def accounts(self) -> int:
        """Accounts that have bought at least once."""
        return int(self.count.sum())

    @property
    def repeaters(self) -> int:
        """Accounts that have bought on two days or more."""
        return int(self.count[self.purchases > 1].sum())


def purchase_histories(features: Frame, span: Span, engine: Engine) -> Histories:
    """Count the distinct purchase histories inside the engine and fetch the counts.

    Args:
        features: the table of :func:`classifiers.features.account_features`.
        span: the span that the table was made with.
        engine: where the counting happens.
    """
    counted = features.filter(nw.col("purchases") > 0).group_by(*_KEYS).agg(count=nw.len())
    columns = engine.fetch(counted)
    order = _in_order([columns[name].astype(np.int64) for name in _KEYS])
    purchases, first, last, at_cut, earlier, count = (
        columns[name][order].astype(np.int64) for name in (*_KEYS, "count")
    )
    return Histories(
        purchases,
        first,
        last,
        alone_at_cut=at_cut == first,
        alone_earlier=earlier == first,
        back_by_cut=(earlier == first) & (at_cut > first),
        count=count,
        span=span,
    )


def _in_order(keys: list[Days]) -> NDArray[np.intp]:
    """The order of rows that all differ, by the last key first, as one number, which sorts faster."""
    low = int(keys[1].min(initial=0)) - 1  # no purchase by a cut-off comes before all days
    parts = [keys[0], *(np.maximum(key, low) - low for key in keys[1:])]
    widths = [int(part.max(initial=0)).bit_length() for part in parts]
    if sum(widths) > _BITS:
        return np.lexsort(keys)
    packed = np.zeros(len(keys[0]), dtype=np.int64)
    for part, width in zip(reversed(parts), reversed(widths), strict=True):
        packed = (packed << width) | part
    return np.argsort(packed)


def thinned(histories: Histories) -> NDArray[np.intp]:
    """Rows to learn from: all, or evenly spaced ones of the sorted histories where there are very many."""
    rows = len(histories.count)
    step = -(-rows // MOST_HISTORIES)
    return np.arange(0, rows, max(step, 1))
