"""What was known about every customer at the end of one day, and what came after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rivals.records import Mask, Number, Records, Whole

RECENT = (90, 182, 365)
"""Days over which purchases are counted for the learners."""

STEP = 30
"""Days between one snapshot that learners are trained on and the one before it."""

SNAPSHOTS = 3
"""Snapshots to learn from. Chosen after seeing results: of 1, 2, 3 and 6, tried with logistic
regression, 3 served it well on two sets of records. LightGBM had no part in that choice."""

FEWEST = 100
"""Accounts, and at least a tenth of them of either kind, below which nothing can be learnt."""


class TooLittlePast(Exception):
    """The records do not reach back far enough to learn from."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Columns of equal length, one row an account that had bought by the end of ``day``.

    Args:
        day: the day, as days since 1970-01-01.
        who: places of the accounts in ``records.ids``.
        purchases: distinct days with a purchase, at least 1.
        first: day of the first purchase; ``last`` of the last one.
        paid: the sum of what was paid for purchases; ``paid_later`` without the first one's.
        spent: sales so far, refunds subtracted; ``spent_year`` those of the last 365 days.
        recent: purchase days in each of the spans of :data:`RECENT`, one column each.
    """

    day: int
    who: Whole
    purchases: Whole
    first: Whole
    last: Whole
    paid: Number
    paid_later: Number
    spent: Number
    spent_year: Number
    recent: Whole

    @property
    def silence(self) -> Whole:
        """Days since the last purchase."""
        return self.day - self.last

    @property
    def age(self) -> Whole:
        """Days since the first purchase."""
        return self.day - self.first

    @property
    def gap(self) -> Number:
        """Mean days between purchases; where there was only one, the mean of all others."""
        repeats = self.purchases > 1
        own = (self.last - self.first) / np.maximum(self.purchases - 1, 1)
        usual = own[repeats].mean() if repeats.any() else float(RECENT[0])
        return np.where(repeats, own, usual)


def snapshot(records: Records, day: int) -> Snapshot:
    """What the records say at the end of ``day``; nothing later is looked at."""
    known = records.until(day)
    buys = known.amount > 0
    pairs, place = np.unique(
        np.stack((known.account[buys], known.day[buys])), axis=1, return_inverse=True
    )
    account, when = pairs
    paid = np.asarray(np.bincount(place.ravel(), weights=known.amount[buys]), np.float64)
    who, start, purchases = np.unique(account, return_index=True, return_counts=True)
    if not len(who):
        raise TooLittlePast("nobody had bought by then")

    def total(values: Number | Mask) -> Number:
        return np.add.reduceat(values.astype(np.float64), start)

    return Snapshot(
        day,
        who,
        purchases,
        first=when[start],
        last=when[start + purchases - 1],
        paid=total(paid),
        paid_later=total(paid) - paid[start],
        spent=records.spent(-(10**9), day)[who],
        spent_year=records.spent(day - 365, day)[who],
        recent=np.stack([total(when > day - span) for span in RECENT], 1).astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class Lesson:
    """A snapshot of the past whose outcome was known by the cut-off.

    Args:
        then: what was known.
        stayed_away: no purchase within the horizon.
        spent: sales within the horizon, refunds subtracted, not below 0.
        until_next: days to the next purchase, or the horizon where there was none within it.
    """

    then: Snapshot
    stayed_away: Mask
    spent: Number
    until_next: Whole


def lessons(records: Records, cut: int, horizon: int, most: int = SNAPSHOTS) -> list[Lesson]:
    """Snapshots to learn from, the latest first; each one's outcome ends by the cut-off.

    Raises:
        TooLittlePast: there is not even one with enough accounts of either kind.
    """
    found: list[Lesson] = []
    for n in range(most):
        try:
            lesson = _lesson(records, cut - horizon - n * STEP, horizon)
        except TooLittlePast:
            break
        if len(lesson.stayed_away) < FEWEST or not 0.1 < lesson.stayed_away.mean() < 0.9:
            break
        found.append(lesson)
    if not found:
        raise TooLittlePast("the past is too short to learn from for this horizon")
    return found


def _lesson(records: Records, day: int, horizon: int) -> Lesson:
    then = snapshot(records, day)
    buys = (records.day > day) & (records.day <= day + horizon) & (records.amount > 0)
    following = np.full(len(records.ids), day + horizon + 1)
    np.minimum.at(following, records.account[buys], records.day[buys])
    spent = np.maximum(records.spent(day, day + horizon), 0)
    next_day = following[then.who]
    return Lesson(
        then, next_day > day + horizon, spent[then.who], np.minimum(next_day - day, horizon)
    )
