"""The month or quarter that a manager looks at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sync.sentences import CannotGoOn

_DAY = timedelta(days=1)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.IGNORECASE)


class OutsidePeriod(CannotGoOn):
    """The day that is asked for does not belong to the period, or the period has not begun."""


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a quarter, both of its days included; ``name`` is ``2026-09`` or ``2026-Q3``."""

    name: str
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that ``YYYY-MM`` or ``YYYY-Qn`` means.

        Raises:
            ValueError: for anything else.

        >>> Period.parse("2026-Q3").last
        datetime.date(2026, 9, 30)
        """
        if quarter := _QUARTER.fullmatch(text.strip()):
            return cls._of(text, int(quarter[1]), 3 * int(quarter[2]) - 2, 3)
        if month := _MONTH.fullmatch(text.strip()):
            return cls._of(text, int(month[1]), int(month[2]), 1)
        raise ValueError(f"{text!r} is no month such as 2026-09 and no quarter such as 2026-Q3.")

    @classmethod
    def _of(cls, text: str, year: int, month: int, months: int) -> Period:
        try:
            first = date(year, month, 1)
            over = first.replace(
                year=year + (month + months > _MONTHS), month=(month + months - 1) % _MONTHS + 1
            )
        except ValueError as exc:
            raise ValueError(f"{text!r} is not in any calendar.") from exc
        return cls(text.strip().upper(), first, over - _DAY)

    @classmethod
    def containing(cls, day: date) -> Period:
        """The month of a day."""
        return cls.parse(f"{day:%Y-%m}")

    @property
    def day_before(self) -> date:
        """The last day before the period, on which its changes are measured from."""
        return self.first - _DAY

    def day_to_look_at(self, last_known: date, as_of: date | None) -> date:
        """The day as of which the figures are: the one asked for, else the newest of the period.

        Args:
            last_known: the day of the last run; nothing is known of later days.
            as_of: the day that somebody asked for.

        Raises:
            OutsidePeriod: the day is not in the period, or the period begins after the last run.
        """
        if as_of is not None and not self.first <= as_of <= self.last:
            raise OutsidePeriod(
                f"{as_of} is not in {self.name}. Leave out --as-of, or choose a day of that period."
            )
        if self.first > last_known:
            raise OutsidePeriod(
                f"{self.name} begins after the last run ({last_known}). "
                "Choose an earlier period, or run 'fenlei sync' first."
            )
        return min(as_of or self.last, last_known)


_MONTHS = 12
