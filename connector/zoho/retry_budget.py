"""Bounds what trying again may cost in all, so that a bad day at Zoho is not made worse by us."""

from __future__ import annotations

import threading

from connector.errors import Unavailable

SHARE = 0.1
"""Of a run's calls, the part that may be second and further attempts (Google SRE book, chapter 21)."""

FLOOR = 10
"""Further attempts that even a run of a few calls may make."""

USED_UP = "retry_budget"
"""Our code for a call that was not tried again although its own policy would have allowed it."""


class RetryBudget:
    """Calls and further attempts of one run; several threads may count at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls = 0
        self._retries = 0

    def called(self) -> None:
        """Note a call, which earns a part of another attempt."""
        with self._lock:
            self._calls += 1

    def take(self) -> None:
        """Spend one further attempt.

        Raises:
            Unavailable: there is none left.
        """
        with self._lock:
            if self._retries >= max(FLOOR, SHARE * self._calls):
                raise Unavailable(
                    f"Zoho failed too often: {self._retries} of {self._calls} calls had to be "
                    "tried again.",
                    code=USED_UP,
                    hint="Look at Zoho's status page; nothing is lost, and the next scheduled run "
                    "carries on from here.",
                )
            self._retries += 1
