"""Why contact is paused: how often for a reason of the customer's, and how often for one of our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from connector.model import Json
from sync.mirror.standing import Paused
from sync.words import PAUSE_REASONS


class Side(StrEnum):
    """Whose reason it is."""

    OURS = "ours"
    CUSTOMER = "customer"
    UNKNOWN = "unknown"
    """The reason ``other``, or one that an organisation's own field offers."""


def side_of(reason: str) -> Side:
    """Whose reason a code of :data:`sync.words.PAUSE_REASONS` is; unknown for whatever people typed else."""
    if reason not in PAUSE_REASONS or reason == "other":
        return Side.UNKNOWN
    return Side.OURS if reason.startswith("our_") else Side.CUSTOMER


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with the accounts that ever bought and those that never did.

    ``reason`` is a code of :data:`sync.words.PAUSE_REASONS`, or in lower case what people typed; empty where
    nobody gave any.
    """

    reason: str
    won: int
    not_won: int

    @property
    def side(self) -> Side:
        """Whose reason it is."""
        return side_of(self.reason)

    @property
    def accounts(self) -> int:
        """All accounts that are in pause for it."""
        return self.won + self.not_won

    @property
    def counted(self) -> dict[str, Json]:
        """The counts for machine-readable output."""
        return {"accounts": self.accounts, "won": self.won, "not_won": self.not_won}

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {"reason": self.reason, "side": str(self.side), **self.counted}


@dataclass(frozen=True, slots=True)
class Pauses:
    """All accounts in pause: the reasons, most frequent first, and what is missing.

    Args:
        without_resume_day: accounts of which nobody said until when.
    """

    reasons: tuple[Reason, ...] = ()
    without_reason: Reason = Reason("", 0, 0)
    without_resume_day: int = 0

    @property
    def accounts(self) -> int:
        """How many accounts are in pause."""
        return sum(reason.accounts for reason in (*self.reasons, self.without_reason))

    def of(self, side: Side) -> Reason:
        """The accounts that are in pause for a reason of this side, as one."""
        mine = [reason for reason in self.reasons if reason.side is side]
        return Reason(side, sum(r.won for r in mine), sum(r.not_won for r in mine))

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        sides: dict[str, Json] = {}
        for side in Side:
            sides[side] = self.of(side).counted
        return {
            "accounts": self.accounts,
            "sides": sides,
            "reasons": [reason.as_json() for reason in self.reasons],
            "without_reason": self.without_reason.counted,
            "without_resume_date": self.without_resume_day,
        }


def pauses(paused: Iterable[Paused]) -> Pauses:
    """Count the reasons of all accounts in pause."""
    found = list(paused)
    counted = Counter((one.reason, one.bought) for one in found)
    reasons = [
        Reason(name, counted[name, True], counted[name, False])
        for name in sorted({reason for reason, _ in counted})
    ]
    given = sorted((r for r in reasons if r.reason), key=lambda r: (-r.accounts, r.reason))
    return Pauses(
        reasons=tuple(given),
        without_reason=next((r for r in reasons if not r.reason), Reason("", 0, 0)),
        without_resume_day=sum(not account.has_resume_day for account in found),
    )
