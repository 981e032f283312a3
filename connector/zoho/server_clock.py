"""What time it is at Zoho, learned from the answers, because the clock of an office computer may be wrong."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from connector.clock import Clock
from connector.errors import Unintelligible
from connector.retry import parse_http_date

OLDEST = timedelta(minutes=5)
"""An answer stamped this much before another one was kept by a proxy and says nothing about now."""


class ServerClock:
    """Zoho's clock: the Date header of the newest answer, and our own stopwatch since."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._date: datetime | None = None
        self._at = 0.0

    def sent_at(self, headers: Mapping[str, str], asked: float, answered: float) -> datetime:
        """Take the stamp of an answer and return the server's time when its request was sent.

        The result is never too late: the stamp lies inside the call and is cut to whole seconds,
        so the stamp less the duration of the call is before the request.

        Raises:
            Unintelligible: the stamp is so old that the answer must come from a cache.
        """
        date = parse_http_date(headers.get("Date"))
        took = timedelta(seconds=answered - asked)
        if date is None:
            return self.now_or_local() - took - timedelta(seconds=1)
        with self._lock:
            if self._date is not None and date < self._date - OLDEST:
                raise Unintelligible("The answer is an old one, kept by a proxy.", code="stale")
            if self._date is None or date >= self._date:
                self._date, self._at = date, answered
        return date - took

    def now(self) -> datetime | None:
        """Return the time at Zoho, or None before the first answer."""
        with self._lock:
            if self._date is None:
                return None
            return self._date + timedelta(seconds=self._clock.monotonic() - self._at)

    def now_or_local(self) -> datetime:
        """Return the time at Zoho, or our own where no answer has told it yet."""
        return self.now() or self._clock.now()
