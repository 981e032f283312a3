"""Says how far a long look back has come, and nothing about a short one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from connector.clock import Clock

A_MOMENT = 2.0
"""Seconds that people wait without wondering."""


class Patience:
    """Counts cut-offs, silently for a moment.

    Args:
        clock: tells how long it has taken.
        say: what to tell people by.
        total: cut-offs in all.
    """

    def __init__(self, clock: Clock, say: Callable[[str], None], total: int) -> None:
        self._clock = clock
        self._say = say
        self._total = total
        self._begun = 0
        self._since = clock.monotonic()

    def begin(self, cut: int) -> None:
        """Another cut-off (a day number) is about to be judged."""
        self._begun += 1
        if self._clock.monotonic() - self._since > A_MOMENT:
            day = date(1970, 1, 1) + timedelta(days=cut)
            self._say(f"Judging {self._begun} of {self._total}: as of {day} …")
