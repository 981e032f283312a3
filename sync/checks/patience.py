"""Keeps whoever asks the doctor from waiting in silence for ten minutes, as a run rightly would."""

from __future__ import annotations

from datetime import datetime

from connector.clock import Clock
from connector.errors import Unavailable

LONGEST = 20.0
"""Seconds that a person waits for an answer without a word."""


class Impatient:
    """A clock that gives up in place of a long wait.

    Args:
        clock: tells the time, and waits where it is not for long.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            Unavailable: it would be for longer than a person waits.
        """
        if seconds > LONGEST:
            raise Unavailable(
                f"Zoho wants us to wait for {seconds:,.0f} seconds before it answers.",
                code="wait",
                hint="Start nothing in between and run 'fenlei doctor' again then; a run waits by itself. "
                "If it comes again, another program uses up the calls or the client's access tokens: "
                "give it a client of its own in Zoho's API console.",
            )
        self._clock.sleep(seconds)
