"""Days as the classifiers count them, whole numbers since 1970-01-01, and as people read them."""

from __future__ import annotations

from datetime import date, timedelta

from classifiers.dealings import DEALINGS
from classifiers.profile import PROFILE

DAY_ZERO = date(1970, 1, 1)

DAY_COLUMNS = frozenset(
    {
        *("first_day", "last_day", "last_lost_day", "last_refund_day"),
        *(name for name in (*DEALINGS, *PROFILE) if name.endswith("_day")),
    }
)
"""The columns of verdicts that hold day numbers."""


def day_number(day: date) -> int:
    """The classifiers' word for a day."""
    return (day - DAY_ZERO).days


def day_of(number: float) -> date:
    """The day with that number."""
    return DAY_ZERO + timedelta(days=int(number))
