"""What an organisation may ask of Zoho: credits in any 24 hours, and how many calls at the same time.

Figures: Zoho, "API limits" (v8) and help.zoho.com, "Sub-concurrency for Complex APIs".
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from connector.clock import Clock
from connector.standin.answers import refusal
from connector.standin.people import EDITIONS
from connector.standin.throttling import CODE, CONCURRENCY, CREDITS

DAY = 86_400.0
MINUTE = 60.0
DOWNLOADS_A_MINUTE = 10
"""Results of bulk jobs that may be fetched within any minute (v8 docs, download-result)."""
COMPLEX_CALLS = 10
"""Heavy calls (COQL, sorted lists, writes of more than 10 rows) at once, in every edition."""


def credits_allowed(edition: str, licences: int) -> int:
    """Credits in 24 hours by edition and number of licences."""
    base, each, most, _ = EDITIONS[edition]
    return min(base + each * licences, most)


def cost_of_rows(rows: int, per_credit: int = 10) -> int:
    """Credits of a write: 1 for every 10 rows begun (tags: 50), at least 1 and at most 10."""
    return max(1, min(10, -(-rows // per_credit)))


class Limits:
    """The organisation's meter of credits and of calls under way."""

    def __init__(self, clock: Clock, *, allowed: int, at_once: int, strict: bool = True) -> None:
        self.allowed = allowed
        self.at_once = at_once
        self.spent_ever = 0
        self._clock = clock
        self.strict = strict
        self._spent: deque[tuple[float, int]] = deque()
        self._downloads: deque[float] = deque()
        self._in_window = 0
        self._running = 0
        self._complex = 0
        self._lock = threading.Lock()

    def spend(self, amount: int) -> None:
        """Book the credits of a call; they come back 24 hours later."""
        with self._lock:
            self._spent.append((self._clock.monotonic(), amount))
            self._in_window += amount
            self.spent_ever += amount

    def drain(self, left: int) -> None:
        """Let another integration use the credits up, all but some; they are not counted as ours."""
        used = self.remaining() - left
        if used > 0:
            with self._lock:
                self._spent.append((self._clock.monotonic(), used))
                self._in_window += used

    def remaining(self) -> int:
        """Credits left in the last 24 hours."""
        with self._lock:
            horizon = self._clock.monotonic() - DAY
            while self._spent and self._spent[0][0] <= horizon:
                self._in_window -= self._spent.popleft()[1]
            return max(0, self.allowed - self._in_window)

    def headers(self) -> dict[str, str]:
        """``X-API-CREDITS-REMAINING``, which Zoho sends only once half of the credits are used."""
        left = self.remaining()
        return {"X-API-CREDITS-REMAINING": str(left)} if left * 2 <= self.allowed else {}

    def download(self) -> None:
        """Let one result of a bulk job be fetched.

        Raises:
            Refusal: 429, too many of them within a minute.
        """
        now = self._clock.monotonic()
        with self._lock:
            while self._downloads and self._downloads[0] <= now - MINUTE:
                self._downloads.popleft()
            if len(self._downloads) >= DOWNLOADS_A_MINUTE:
                raise refusal(429, CODE, CONCURRENCY)
            self._downloads.append(now)

    @contextmanager
    def admitted(self, *, heavy: bool) -> Iterator[None]:
        """Let one call through the gate for as long as it runs.

        Raises:
            Refusal: 429, credits used up or too many calls at once; nothing was done.
        """
        if self.remaining() == 0:
            raise refusal(
                429,
                CODE,
                CREDITS,
                headers=self.headers(),
            )
        self._enter(heavy=heavy)
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                self._complex -= heavy

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Count a call that hangs among those under way, without asking at the gate again."""
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def _enter(self, *, heavy: bool) -> None:
        with self._lock:
            full = self._running >= self.at_once or (heavy and self._complex >= COMPLEX_CALLS)
            if full and self.strict:
                raise refusal(429, CODE, CONCURRENCY)
            self._running += 1
            self._complex += heavy
