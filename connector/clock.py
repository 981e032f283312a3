"""The clock that everything here asks for the time, so that a test can live through a month in a second."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Time as an argument: wall clock for dates, monotonic clock for waiting, and the waiting itself."""

    def now(self) -> datetime:
        """The wall clock, as an aware datetime in UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean anything."""

    def sleep(self, seconds: float) -> None:
        """Wait; negative or zero returns at once."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


class VirtualClock:
    """A clock that starts at a chosen instant, moves only when told to, and sleeps in no time.

    With ``ticking=True`` real seconds pass as well, which is what a stand-in server that people
    talk to needs; ``sleep`` then really waits.
    """

    def __init__(self, start: datetime, *, ticking: bool = False) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware datetime")
        self._now = start.astimezone(UTC)
        self._elapsed = 0.0
        self._ticking = ticking
        self._born = time.monotonic()
        self._lock = threading.Lock()

    def _ticked(self) -> float:
        return time.monotonic() - self._born if self._ticking else 0.0

    def now(self) -> datetime:
        with self._lock:
            return self._now + timedelta(seconds=self._elapsed + self._ticked())

    def monotonic(self) -> float:
        with self._lock:
            return self._elapsed + self._ticked()

    def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if self._ticking:
            time.sleep(seconds)
        else:
            self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move time forward.

        Raises:
            ValueError: for a negative step; this clock does not run backwards.
        """
        if seconds < 0:
            raise ValueError("this clock does not run backwards")
        with self._lock:
            self._elapsed += seconds
