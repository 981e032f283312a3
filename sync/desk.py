"""What every run has in front of it, and how it is allowed to write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from connector.clock import Clock
from connector.port import Crm
from sync.bindings import recall
from sync.budget import Budget, daily_credits, spent_today
from sync.facts import Facts, last_known
from sync.home import Home
from sync.ledger import Ledger
from sync.mirror import Mirror
from sync.policy import Policy
from sync.sending.send import Sender


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a run works with.

    ``locked`` tells that whoever opened it holds the run lock already.
    """

    home: Home
    crm: Crm
    ledger: Ledger
    mirror: Mirror
    policy: Policy
    clock: Clock
    locked: bool = False

    def __post_init__(self) -> None:
        recall(self.crm, self.ledger, last_known(self.ledger))

    @property
    def quarantine(self) -> timedelta:
        """How long a write in doubt waits before it is read back."""
        return timedelta(minutes=self.policy.limits.quarantine_minutes)


def budget_for(desk: Desk, facts: Facts) -> Budget:
    """The credits that the policy leaves to this run."""
    daily = daily_credits(facts.organisation)
    return Budget(
        allowed=int(daily * desk.policy.limits.max_credits_percent / 100),
        daily=daily,
        spent_before=spent_today(desk.ledger, desk.clock.now()),
        usage=desk.crm.usage,
    )


def sender_for(
    desk: Desk, facts: Facts, *, interrupted: Callable[[], bool], progress: Callable[[int], None]
) -> Sender:
    """A sender that stops between two calls when the budget is used up or somebody asks it to."""
    budget = budget_for(desk, facts)

    def stop() -> str:
        if interrupted():
            return "Stopped as asked; the next run carries on from here."
        return budget.stop()

    return Sender(
        crm=desk.crm,
        ledger=desk.ledger,
        clock=desk.clock,
        quarantine=desk.quarantine,
        run_workflows=desk.policy.run_workflows,
        may_go_on=stop,
        progress=progress,
    )
