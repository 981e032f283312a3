"""Knows on which days people work, so that nothing falls due on a Sunday or a holiday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONDAY_TO_FRIDAY = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days of the week on which people work (Monday is 0), and the days on which they do not.

    Raises:
        ValueError: nobody works on any day of the week.
    """

    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays:
            raise ValueError("on some day of the week somebody has to work")

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays

    def starting(self, day: date) -> Iterator[date]:
        """The working days from this day on."""
        while True:
            if day in self:
                yield day
            day += timedelta(days=1)
