"""Finds each task a day on which the rep still has room, the most urgent and valuable customers first.

What already stands in a calendar is never pushed out of it by something new; what is overdue is placed like
something new. A rep who falls behind gets the backlog spread over the days to come, not heaped on tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sync.followup.calendar import WorkingDays

LATEST = 730
"""Days; however full a calendar is, nothing is put off for longer than the longest interval."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that a rep should do.

    Args:
        key: tells it from all others; the last word where two are equal.
        rep: the user's id.
        not_before: the day on which it would fall due if there were room.
        urgency: the smaller, the more urgent.
        value: what the customer is worth; the larger, the earlier among equally urgent ones.
    """

    key: str
    rep: str
    not_before: date
    urgency: int = 0
    value: float = 0.0


@dataclass(slots=True)
class Workload:
    """How many tasks each rep has on each day.

    Args:
        per_day: tasks that a rep can do in a day; None where nobody set a limit.
        days: on which people work.
        taken: (rep, day) → tasks that stand there already.
    """

    per_day: int | None
    days: WorkingDays = field(default_factory=WorkingDays)
    taken: dict[tuple[str, date], int] = field(default_factory=dict)

    def place(self, wishes: Iterable[Wish], today: date) -> Mapping[str, date]:
        """Give each wish its day, and take the room for it.

        A rep is never given more than ``per_day`` on a day by this; days that are fuller already stay so.

        Returns:
            Wish's key → day, today or later.
        """
        in_order = sorted(wishes, key=lambda w: (w.urgency, -w.value, w.not_before, w.key))
        return {wish.key: self._first_free(wish, today) for wish in in_order}

    def _first_free(self, wish: Wish, today: date) -> date:
        for day in self.days.starting(max(wish.not_before, today)):
            there = self.taken.get((wish.rep, day), 0)
            if self.per_day is None or there < self.per_day or (day - today).days >= LATEST:
                self.taken[wish.rep, day] = there + 1
                return day
        raise AssertionError("working days never end")
