"""What time it is at Zoho, learned from the answers, because the clock of an office computer may be wrong."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from connector.clock import Clock
from connector.errors import Unintelligible
from connector.retry import parse_http_date

OLDEST = timedelta(minutes=5)
"""An answer stamped this much before the present, as earlier ones tell it, was kept by a proxy."""


BACK_AGAIN = timedelta(seconds=2)
"""How exactly two answers from a clock that was set back have to agree with our stopwatch."""

logger = logging.getLogger(__name__)


class ServerClock:
    """Zoho's clock: the Date header of the newest answer, and our own stopwatch since."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._date: datetime | None = None
        self._at = 0.0
        self._doubted: tuple[datetime, float] | None = None

    def sent_at(self, headers: Mapping[str, str], asked: float, answered: float) -> datetime:
        """Take the stamp of an answer and return the server's time when its request was sent.

        The result is never too late: the stamp lies inside the call and is cut to whole seconds,
        so the stamp less the duration of the call is before the request.

        Raises:
            Unintelligible: the answer is so old that it must come from a cache.
        """
        if _age(headers) > OLDEST:
            raise _stale()
        date = parse_http_date(headers.get("Date"))
        took = timedelta(seconds=answered - asked)
        if date is None:
            return self.now_or_local() - took - timedelta(seconds=1)
        with self._lock:
            # Held against the present, as our stopwatch has it: a clock that was set back soon overtakes
            # the newest stamp, and would then be taken for one that never was.
            is_old = self._date is not None and date < self._since(self._date, answered) - OLDEST
            if is_old and not self._goes_on(date, answered):
                raise _stale()
            self._doubted = None
            if self._date is None or is_old or date >= self._date:
                self._date, self._at = date, answered
        return date - took

    def _since(self, date: datetime, moment: float) -> datetime:
        """Return the server's time at a moment of our stopwatch."""
        return date + timedelta(seconds=moment - self._at)

    def _goes_on(self, date: datetime, answered: float) -> bool:
        """Tell a clock that was set back, which goes on from there, from a cache, which repeats itself.

        Otherwise a server whose clock was once an hour ahead would never be believed again.
        """
        if self._doubted is None:
            self._doubted = (date, answered)
            return False
        first, at = self._doubted
        passed = timedelta(seconds=answered - at)
        if passed <= BACK_AGAIN or abs(date - first - passed) > BACK_AGAIN:
            return False
        logger.warning("the CRM's clock went back; its new time is taken from now on")
        return True

    def now(self) -> datetime | None:
        """Return the time at Zoho, or None before the first answer."""
        with self._lock:
            if self._date is None:
                return None
            return self._since(self._date, self._clock.monotonic())

    def now_or_local(self) -> datetime:
        """Return the time at Zoho, or our own where no answer has told it yet."""
        return self.now() or self._clock.now()


def _age(headers: Mapping[str, str]) -> timedelta:
    """How long a cache has kept the answer, by its own word (RFC 9111, section 5.1)."""
    told = headers.get("Age", "")
    return timedelta(seconds=int(told)) if re.fullmatch(r"\d{1,9}", told, re.ASCII) else timedelta()


def _stale() -> Unintelligible:
    return Unintelligible("The answer is an old one, kept by a proxy.", code="stale")
