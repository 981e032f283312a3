"""How many calls go out at once: half as many when Zoho asks for fewer, one more each quiet minute."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from connector.clock import Clock
from connector.retry import LONGEST_OBEYED_WAIT, asked_to_wait

QUIET = 60.0
"""Seconds without a complaint after which one call more may be under way."""


class Pace:
    """The turns of many threads; "additive increase, multiplicative decrease" (Chiu and Jain 1989).

    Args:
        most: calls under way at once, which the organisation's edition bounds.
        clock: for growing again, and for resting.
    """

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._free = threading.Condition()
        self._under_way = 0
        self._cuts = 0
        self._cut_to = most
        self._cut_at = clock.monotonic()
        self._closed_until = clock.monotonic()

    @property
    def at_once(self) -> int:
        """Calls that may be under way now."""
        quiet = self._clock.monotonic() - self._cut_at
        return min(self._most, self._cut_to + int(quiet // QUIET))

    @contextmanager
    def turn(self) -> Iterator[int]:
        """Wait for a turn and hold it; yields what :meth:`slow_down` wants to know.

        Raises:
            Throttled: Zoho asked for a longer rest than we wait for; nothing was sent.
        """
        self._sleep_over_rest()
        with self._free:
            self._free.wait_for(lambda: self._under_way < self.at_once)
            self._under_way += 1
            began = self._cuts
        try:
            yield began
        finally:
            with self._free:
                self._under_way -= 1
                self._free.notify_all()

    def slow_down(self, began: int) -> None:
        """Halve the calls at once: of those under way or, where that is only one, of those allowed.

        Of several calls that were turned away together only the first one counts: the others
        (``began`` before that) were under way at the old pace.
        """
        with self._free:
            if began == self._cuts:
                many = self._under_way if self._under_way > 1 else self._most
                self._cut_to = max(1, min(many, self.at_once) // 2)
                self._cut_at = self._clock.monotonic()
                self._cuts += 1

    def rest(self, seconds: float | None) -> None:
        """Let nobody send for so long, because Zoho said so to one of us."""
        with self._free:
            until = self._clock.monotonic() + (seconds or 0.0)
            self._closed_until = max(self._closed_until, until)

    def _sleep_over_rest(self) -> None:
        left = self._closed_until - self._clock.monotonic()
        if left > LONGEST_OBEYED_WAIT:
            raise asked_to_wait("Zoho takes no calls for now.", left, self._clock.now())
        self._clock.sleep(left)
