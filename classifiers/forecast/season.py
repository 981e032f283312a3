"""Sets the learner's level by the same season of earlier years, where the past reaches back so far.

A shop that lives from Christmas should not be judged in January by what December brought. Its
customers of a year ago, looked at on the same day of the year, tell how many stay away from here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classifiers.features import YEAR
from classifiers.forecast.learner import Learner, level_for
from classifiers.forecast.purchases import Purchases

MOST_YEARS = 3
FEWEST_DAYS = 90
"""Days of history before the day a year ago: without them nobody was known well enough."""


def in_season(learner: Learner, past: Purchases, today: int) -> Learner | None:
    """The learner, with the constant that would have been right on this day of earlier years.

    None where not even last year can be looked at. What happened then is known: a horizon is a year
    at most, or the learner stays as it is.
    """
    start = int(np.quantile(past.firsts, 0.02)) + FEWEST_DAYS
    days = [today - YEAR * years for years in range(1, MOST_YEARS + 1)]
    found = [_level(learner, past, day) for day in days if day >= start]
    levels = [level for level in found if level is not None]
    if not levels or learner.horizon > YEAR:
        return None
    return replace(learner, constant=learner.constant + sum(levels) / len(levels), own_level=1.0)


def _level(learner: Learner, past: Purchases, day: int) -> float | None:
    seen = past.seen(day)
    away = float(past.stayed_away(seen, day + learner.horizon).mean())
    return level_for(*learner.parts(seen), away, 0.0) if 0 < away < 1 else None
