"""When to try again, how long to wait before, and when to give up: the one place that decides it."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying

from connector.clock import Clock
from connector.errors import CrmError, OutOfCredits, Throttled, Unavailable, Unintelligible

T = TypeVar("T")
logger = logging.getLogger(__name__)

LONGEST_OBEYED_WAIT = 15 * 60.0
"""Seconds; who is asked to wait longer gives up now and leaves the work to the next run."""

TOO_LARGE = "too_large"
"""Our code for an answer above every limit; asking again would only bring it again."""

_LONGEST_TOLD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how long one kind of call is tried.

    Args:
        name: for the log.
        attempts: calls in all, the first one included.
        seconds: the most that attempts and waits may take together; no wait begins that would
            end later.
        retried: the errors after which another attempt makes sense.
        first_wait: seconds; the upper end of the first wait, doubled each time.
        longest_wait: seconds; where doubling stops.
    """

    name: str
    attempts: int
    seconds: float
    retried: tuple[type[CrmError], ...]
    first_wait: float = 1.0
    longest_wait: float = 60.0

    def tries_again_after(self, error: BaseException) -> bool:
        """Tell whether another attempt may help, and may be made at all."""
        if isinstance(error, OutOfCredits) or getattr(error, "code", "") == TOO_LARGE:
            return False
        if isinstance(error, Throttled) and (error.retry_after or 0.0) > LONGEST_OBEYED_WAIT:
            return False
        return isinstance(error, self.retried)

    def wait_after(self, error: BaseException | None, attempt: int, rng: random.Random) -> float:
        """Return the seconds to wait after this attempt (1 = the first).

        A random part of a doubling limit ("full jitter", AWS Architecture Blog, 2015), but never
        less than the server asked for.
        """
        limit = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        asked = error.retry_after if isinstance(error, Throttled) else None
        return max(asked or 0.0, rng.uniform(0.0, limit))


READ = Policy("read", attempts=6, seconds=1200.0, retried=(Unavailable, Unintelligible))
"""Reading changes nothing, so every passing fault is tried again."""

WRITE = Policy("write", attempts=3, seconds=1200.0, retried=(Unavailable,))
"""A writer raises Unavailable only where nothing was applied; doubt is ``Uncertain``, never retried."""

TOKEN = Policy("token", attempts=3, seconds=180.0, retried=(Unavailable, Unintelligible))
"""Few, because every attempt may use up one of the ten access tokens in ten minutes."""


def retrying(
    policy: Policy,
    clock: Clock,
    rng: random.Random,
    *,
    before_again: Callable[[], None] = lambda: None,
) -> Callable[[Callable[[], T]], T]:
    """Return a function that calls its argument until it succeeds or the policy gives up.

    What comes out in the end is the last attempt's own result or error, or what ``before_again``
    raises, which is asked before each further attempt.
    """

    def give_up(state: RetryCallState) -> bool:
        spent = clock.monotonic() - started
        return (
            state.attempt_number >= policy.attempts or spent + state.upcoming_sleep > policy.seconds
        )

    def failed_for_now(state: RetryCallState) -> bool:
        error = _error(state)
        return error is not None and policy.tries_again_after(error)

    def wait(state: RetryCallState) -> float:
        return policy.wait_after(_error(state), state.attempt_number, rng)

    def tell(state: RetryCallState) -> None:
        before_again()
        logger.info(
            "%s attempt %d of %d failed (%s); trying again in %.1f s",
            policy.name,
            state.attempt_number,
            policy.attempts,
            type(_error(state)).__name__,
            state.upcoming_sleep,
        )

    started = clock.monotonic()
    return Retrying(
        stop=give_up,
        wait=wait,
        retry=failed_for_now,
        sleep=clock.sleep,
        before_sleep=tell,
        reraise=True,
    )


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def asked_to_wait(
    sentence: str, seconds: float | None, now: datetime, *, code: str = ""
) -> Throttled:
    """Return the error for a server that asks for fewer calls.

    Where it asks for a longer rest than we wait for here, the error tells until when.
    """
    if seconds is None or seconds <= LONGEST_OBEYED_WAIT:
        return Throttled(sentence, retry_after=seconds, code=code)
    until = now + min(timedelta(seconds=seconds), _LONGEST_TOLD)
    return Throttled(
        f"{sentence} It asks us to stay away until {until:%Y-%m-%d %H:%M} UTC.",
        retry_after=seconds,
        code=code,
        hint="Nothing is lost: the first scheduled run after that carries on from here.",
    )


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date (RFC 9110, section 10.2.3).

    Returns:
        Seconds to wait, 0 for a date that has passed, None for anything unreadable.

    >>> parse_retry_after("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    """
    text = (value or "").strip()
    if re.fullmatch(r"\d{1,10}(\.\d{1,6})?", text, re.ASCII):
        return float(text)
    date = parse_http_date(text)
    return None if date is None else max(0.0, (date - now).total_seconds())


def parse_http_date(value: str | None) -> datetime | None:
    """Read an HTTP date (RFC 9110, section 5.6.7) as UTC; None for anything unreadable."""
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
