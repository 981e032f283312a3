"""Who bought on which day, for some accounts of the organisation: what the learner looks back at.

The past can be seen as of any day: what was known of an account then, and whether it bought
afterwards. Nothing here knows a day later than the one that it was cut at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.features import YEAR
from classifiers.maths import Vector

Whole = NDArray[np.int64]

SHIFT = 1 << 24
"""More than any day number, so that account and day sort as one whole number."""

OFFSET = 1 << 23
"""Added to day numbers so that days before 1970 stay positive in that number."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Accounts with a purchase as they looked at the end of one day; columns of equal length.

    Args:
        day: the day number.
        account: numbers of the accounts, rising.
        purchases: days with a purchase so far; ``purchases_12m`` those of the last 365 days.
        first: day number of the first purchase; ``last`` of the last; ``mean`` the mean of all.
        spend: won sales so far, refunds subtracted.
    """

    day: int
    account: Whole
    purchases: Vector
    purchases_12m: Vector
    first: Vector
    last: Vector
    mean: Vector
    spend: Vector

    @property
    def repeaters(self) -> int:
        """Accounts that had bought on two days or more."""
        return int((self.purchases > 1).sum())


@dataclass(frozen=True, slots=True)
class Purchases:
    """Purchases and sales of numbered accounts, sorted by account and day.

    Args:
        bought: account and day of every purchase as one number (account × ``SHIFT`` + day).
        paid: the same for every day with won sales, refunds included; ``sales`` are its amounts.
    """

    bought: Whole
    paid: Whole
    sales: Vector

    @classmethod
    def of(
        cls, account: Whole, day: Whole, sales: Vector, positive: NDArray[np.bool_]
    ) -> Purchases:
        """From one row an account, day and sign of amount, in any order."""
        key = account * SHIFT + day + OFFSET
        paid, place = np.unique(key, return_inverse=True)
        bought = np.zeros(len(paid), dtype=np.bool_)
        bought[place[positive]] = True
        return cls(paid[bought], paid, np.bincount(place, sales, len(paid)).astype(np.float64))

    @property
    def firsts(self) -> Whole:
        """The day of the first purchase of every account that has one."""
        return self._days(self.bought[self._starts()])

    def until(self, day: int) -> Purchases:
        """The same past as it was known at the end of an earlier day."""
        early, paid_early = self._days(self.bought) <= day, self._days(self.paid) <= day
        return Purchases(self.bought[early], self.paid[paid_early], self.sales[paid_early])

    def every(self, step: int) -> Purchases:
        """Only every ``step``-th account."""
        mine, paid_mine = self.bought // SHIFT % step == 0, self.paid // SHIFT % step == 0
        return Purchases(self.bought[mine], self.paid[paid_mine], self.sales[paid_mine])

    def seen(self, day: int) -> Seen:
        """What was known at the end of a day, of every account that had bought by then."""
        start = self._starts()
        start = start[self._days(self.bought[start]) <= day]
        account = self.bought[start] // SHIFT
        base = account * SHIFT + OFFSET
        end = np.searchsorted(self.bought, base + day, "right")
        a_year_ago = np.searchsorted(self.bought, base + (day - YEAR), "right")
        days = self._days(self.bought).astype(np.float64)
        purchases = (end - start).astype(np.float64)
        return Seen(
            day=day,
            account=account,
            purchases=purchases,
            purchases_12m=(end - a_year_ago).astype(np.float64),
            first=days[start],
            last=days[end - 1],
            mean=_between(days, start, end) / purchases,
            spend=self._spend(base, day),
        )

    def stayed_away(self, seen: Seen, until: int) -> NDArray[np.bool_]:
        """Which of the accounts seen on a day bought nothing after it, up to and including a later one."""
        base = seen.account * SHIFT + OFFSET
        by_then = np.searchsorted(self.bought, base + until, "right")
        now = np.searchsorted(self.bought, base + seen.day, "right")
        return np.asarray(by_then == now, dtype=np.bool_)

    def _starts(self) -> NDArray[np.intp]:
        """Where the purchases of each account begin; they stand sorted, so nothing has to be searched."""
        return np.flatnonzero(np.diff(self.bought // SHIFT, prepend=-1))

    def _spend(self, base: Whole, day: int) -> Vector:
        start = np.searchsorted(self.paid, base - OFFSET)
        return _between(self.sales, start, np.searchsorted(self.paid, base + day, "right"))

    @staticmethod
    def _days(key: Whole) -> Whole:
        return key % SHIFT - OFFSET


def _between(values: Vector, start: NDArray[np.intp], end: NDArray[np.intp]) -> Vector:
    """Sums of ``values[start:end]``, one a pair."""
    running = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(running[end] - running[start], dtype=np.float64)
