"""Lets the candidates forecast from earlier days and sees how they would have done.

Each trial knows nothing after its day: all candidates are fitted anew on the past up to it, and
judged by the days after it, which end today at the latest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.bgnbd import Fit, fit
from classifiers.forecast.learning import learn
from classifiers.forecast.purchases import Purchases, Seen
from classifiers.forecast.scores import area_under_curve, brier, error_by_chance
from classifiers.forecast.season import in_season
from classifiers.maths import ARRAYS, Vector

MOST_ACCOUNTS = 6_000
"""Accounts that a trial is held on; more would not decide otherwise."""

MOST_ROWS = 40_000
"""Observations that the learner of a trial learns from, for the same reason."""

MOST_TRIALS = 4
FEWEST_EITHER = 20
"""Accounts that stayed away, and that came back, below which a trial would be chance."""

MONTH = 30
SHORTEST_PAST = 60
"""Days of history before a trial's day."""

HALF = 0.5
"""How much of the learner's correction the blend applies."""


@dataclass(frozen=True, slots=True)
class Score:
    """Area under the curve (1 is perfect, ½ is chance) and Brier score (0 is perfect)."""

    auc: float
    brier: float


@dataclass(frozen=True, slots=True)
class Trial:
    """How the candidates did when they forecast from one earlier day.

    Args:
        day: the day number that they stood on.
        horizon: days that they looked ahead.
        accounts: those judged; ``stayed_away`` is the share of them that bought nothing.
        error: standard error of the area under the curve, were there nothing to tell.
        recency: area under the curve of the days since the last purchase, alone.
        bgnbd: the rhythm model.
        blend: half of the learner's correction.
        learner: the learner.
        seasonal: the learner with the level of this season a year before; None without such a year.
        past: days of history that the candidates knew; a longer one is more like today's.
    """

    day: int
    horizon: int
    accounts: int
    stayed_away: float
    error: float
    past: int
    recency: float
    bgnbd: Score
    blend: Score
    learner: Score
    seasonal: Score | None = None

    def as_dict(self) -> dict[str, object]:
        """The trial as a report shows it."""
        candidates = {"bgnbd": self.bgnbd, "blend": self.blend, "learner": self.learner}
        if self.seasonal is not None:
            candidates["seasonal"] = self.seasonal
        return {
            "day": self.day,
            "horizon_days": self.horizon,
            "past_days": self.past,
            "accounts": self.accounts,
            "stayed_away": self.stayed_away,
            "auc_error": self.error,
            "auc": {"recency": self.recency} | {k: v.auc for k, v in candidates.items()},
            "brier": {k: v.brier for k, v in candidates.items()},
        }


def rhythm_of(seen: Seen) -> Fit:
    """The rhythm model fitted on accounts as seen on a day."""
    x, t_x, age = seen.purchases - 1, seen.last - seen.first, seen.day - seen.first
    distinct, count = np.unique(np.stack([x, t_x, age]), axis=1, return_counts=True)
    return fit(distinct[0], distinct[1], distinct[2], count.astype(np.float64))


def walk_forward(past: Purchases, today: int, horizon: int, fewest_repeaters: int) -> list[Trial]:
    """The trials that the past has room for, latest first; none where it is too short.

    Their days lie on a fixed grid of the calendar, so that tomorrow's run mostly holds the same
    trials as today's and comes to the same choice.
    """
    some = past.every(1 + len(past.firsts) // MOST_ACCOUNTS)
    if not len(some.firsts):
        return []
    start = int(np.quantile(some.firsts, 0.02))
    ahead = _horizon(today - start, horizon)
    if ahead is None:
        return []
    trials = (_trial(some, day, ahead, fewest_repeaters) for day in _days(start, today, ahead))
    return [trial for trial in trials if trial is not None]


def _horizon(span: int, horizon: int) -> int | None:
    """Days that trials look ahead: the horizon, or in whole months a third of a past too short for it."""
    if span >= 3 * horizon:
        return horizon
    third = span // 3 // MONTH * MONTH
    return min(third, horizon) if third else None


def _days(start: int, today: int, ahead: int) -> list[int]:
    """Up to four days, as far apart as the past allows: half a horizon, a quarter, or an eighth."""
    earliest, latest = start + max(SHORTEST_PAST, ahead // 3), today - ahead
    for part in (2, 4, 8):
        step = max(ahead // part, 1)
        days = [latest // step * step - place * step for place in range(MOST_TRIALS)]
        days = [day for day in days if day >= earliest]
        if len(days) == MOST_TRIALS:
            break
    return days


def _trial(past: Purchases, day: int, ahead: int, fewest_repeaters: int) -> Trial | None:
    known = past.until(day)
    seen = known.seen(day)
    away = past.stayed_away(seen, day + ahead)
    if min(away.sum(), (~away).sum()) < FEWEST_EITHER or seen.repeaters < fewest_repeaters:
        return None
    found = rhythm_of(seen)
    if not found.converged:
        return None
    plain = _by_rhythm(found, seen, ahead)
    learner = learn(known, found.model, day, ahead, most_rows=MOST_ROWS)
    if learner is None:
        return None

    seasonal = in_season(learner, known, day)

    def judged(probability: Vector) -> Score:
        return Score(area_under_curve(probability, away), brier(probability, away))

    return Trial(
        *(day, ahead, len(away), float(away.mean()), error_by_chance(away)),
        past=int(day - seen.first.min()),
        recency=area_under_curve(-seen.last, away),
        bgnbd=judged(plain),
        blend=judged(learner.values(seen, HALF)),
        learner=judged(learner.values(seen)),
        seasonal=judged(seasonal.values(seen)) if seasonal else None,
    )


def _by_rhythm(found: Fit, seen: Seen, ahead: int) -> Vector:
    x, t_x, age = seen.purchases - 1, seen.last - seen.first, seen.day - seen.first
    with np.errstate(divide="ignore", invalid="ignore"):
        return found.model.none_within(ARRAYS, x, t_x, age, ahead)
