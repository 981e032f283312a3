"""Keeps the tool within its share of the organisation's API credits of the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.model import Organisation, Usage
from sync.ledger import Ledger

_PER_DAY = {
    "free": (5_000, 0, 5_000),
    "standard": (50_000, 250, 100_000),
    "professional": (50_000, 500, 3_000_000),
    "enterprise": (50_000, 1_000, 5_000_000),
    "ultimate": (50_000, 2_000, None),
}
"""Edition → (base, per user licence, cap) of credits in 24 hours. Zoho v8 docs, API limits."""


def daily_credits(organisation: Organisation) -> int:
    """The credits that the organisation's edition allows in any 24 hours; the free figure if unknown."""
    base, per_user, cap = _PER_DAY.get(organisation.edition.lower(), _PER_DAY["free"])
    total = base + per_user * organisation.licences
    return min(total, cap) if cap is not None else total


_COME_BACK = timedelta(hours=24)


def _spent(ledger: Ledger, now: datetime) -> list[tuple[datetime, int]]:
    """When runs of the last 24 hours began that spent credits, newest first, and how many."""
    found = []
    for run in ledger.runs.latest(limit=500):
        if run.started_at < now - _COME_BACK:
            break
        if credits := int(str(run.summary.get("credits") or 0)):
            found.append((run.started_at, credits))
    return found


def spent_today(ledger: Ledger, now: datetime) -> int:
    """Credits that earlier runs spent in the last 24 hours."""
    return sum(credits for _, credits in _spent(ledger, now))


def used_up(ledger: Ledger, now: datetime) -> str:
    """What to say where Zoho itself takes no more calls: when credits come back, and what to do."""
    runs = _spent(ledger, now)
    first = (runs[-1][0] if runs else now) + _COME_BACK
    return (
        "Zoho says that the organisation's API credits of the last 24 hours are used up. Each comes back a "
        f"day after it was spent, the first of ours from {first.astimezone(UTC):%Y-%m-%d %H:%M} UTC on. If "
        "other programs leave too few, Zoho lists what each has used in its setup, where it tells of APIs. "
        "The next scheduled run carries on from here."
    )


@dataclass(frozen=True, slots=True)
class Budget:
    """How many credits this run may spend.

    Args:
        allowed: credits in 24 hours that the policy leaves us.
        spent_before: by earlier runs in the last 24 hours.
        usage: what this process has spent so far.
    """

    allowed: int
    daily: int
    spent_before: int
    usage: Callable[[], Usage]

    @property
    def left(self) -> int:
        """Credits that may still be spent, by the policy and by what the organisation has left."""
        usage = self.usage()
        left = self.allowed - self.spent_before - usage.credits
        if usage.remaining is not None:
            left = min(left, usage.remaining - (self.daily - self.allowed))
        return max(0, left)

    def stop(self) -> str:
        """Why to stop now, or the empty string."""
        usage = self.usage()
        spent = self.spent_before + usage.credits
        if spent >= self.allowed:
            return (
                f"The policy's share of the day's API credits is used up ({spent:,} of {self.allowed:,}). "
                "The next scheduled run carries on from here."
            )
        if usage.remaining is not None and usage.remaining <= self.daily - self.allowed:
            return (
                f"The organisation has {usage.remaining:,} API credits left today, the rest the policy keeps "
                "for others. The next scheduled run carries on from here."
            )
        return ""
