"""Which earlier days the verdicts can be judged on: those before which and after which enough is known."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from classifiers.engine import Engine, Frame

MOST_CUTS = 6
"""Cut-offs that are walked: three horizons of the past, half a horizon apart."""

PAST_HORIZONS = 1.5
"""Horizons of purchases before a cut-off: one in which the simpler means see what followed, and half
a one to learn from."""

STRAY_SHARE = 0.01
"""Fewer purchases than this beyond a gap of a whole horizon have a wrong year, not a customer."""

SLACK = 20
"""The last twentieth of the horizon may lie after the last purchase: nobody sells something every day."""

MOST_SLACK = 4
"""Who sells rarely may leave more of it open, yet never more than a quarter."""


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day of which purchases are on record, as day numbers.

    ``pause`` is how many days without any purchase mean nothing: twice what 19 of 20 pauses last.
    """

    first: int
    last: int
    pause: int = 0

    @property
    def days(self) -> int:
        """Days from the first to the last purchase."""
        return self.last - self.first


def purchase_period(deals: Frame, *, until: int, horizon: int, engine: Engine) -> Period | None:
    """The days that won deals cover; None where there are none.

    A few deals that lie more than a horizon apart from all others are taken for misdated ones.

    Args:
        deals: as for :func:`classifiers.classify.classify`.
        until: day number of the present; won deals dated later did not happen yet.
        horizon: days looked ahead.
        engine: where the deals are counted.
    """
    bought = (
        (nw.col("category") == "won")
        & (nw.col("amount") > 0)
        & (nw.col("day") <= until)
        & ~nw.col("account_id").is_null()
    )
    counted = engine.fetch(deals.filter(bought).group_by("day").agg(count=nw.len()))
    order = np.argsort(counted["day"])
    days, count = (counted[name][order].astype(np.int64) for name in ("day", "count"))
    if not len(days):
        return None
    return _without_strays(days, count, horizon)


def _without_strays(days: NDArray[np.int64], count: NDArray[np.int64], horizon: int) -> Period:
    few = STRAY_SHARE * count.sum()
    before, after = np.cumsum(count), np.cumsum(count[::-1])[::-1]
    gaps = np.flatnonzero(np.diff(days) > horizon)
    early = [gap + 1 for gap in gaps if before[gap] < few]
    late = [gap for gap in gaps if after[gap + 1] < few]
    first, last = max(early, default=0), min(late, default=len(days) - 1)
    within = days[first : last + 1]
    pause = 2 * np.quantile(np.diff(within), 0.95) if len(within) > 1 else 0.0
    return Period(int(within[0]), int(within[-1]), int(pause))


def latest_cut(period: Period, horizon: int) -> int:
    """The last day whose ``horizon`` days ahead are over and on record, but for a pause at the end."""
    usual = min(period.pause, horizon // MOST_SLACK)
    return period.last - horizon + max(-(-horizon // SLACK), usual)


def needed_days(horizon: int) -> int:
    """Days of purchases that it takes to judge one cut-off."""
    return int(np.ceil((PAST_HORIZONS + 1) * horizon))


def cut_offs(period: Period, horizon: int) -> tuple[int, ...]:
    """The days to judge, oldest first: the last is one horizon back, the others half a horizon apart.

    Empty where there is too little past; see :func:`needed_days`.

    >>> cut_offs(Period(0, 700), 182)
    (336, 427, 518)
    """
    latest, earliest = period.last - horizon, period.first + PAST_HORIZONS * horizon
    back = (latest - number * horizon // 2 for number in range(MOST_CUTS))
    return tuple(sorted({cut for cut in back if cut >= earliest}))
